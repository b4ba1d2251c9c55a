#include "broker_model/transaction_verification.h"

#include <algorithm>
#include <cassert>

namespace linger::broker {
namespace {

/// How the coordinator's error is told to a producer.
ErrorCode translated(ErrorCode error, TransactionSupport support) {
  if (error == ErrorCode::producer_fenced) return ErrorCode::invalid_producer_epoch;
  if (error == ErrorCode::transaction_abortable && support == TransactionSupport::default_error)
    return ErrorCode::invalid_txn_state;
  return error;
}

}  // namespace

VerificationResult refuse_all(const VerificationQuestion& question, ErrorCode error) {
  VerificationResult result;
  result.waiter = question.waiter;
  for (const TopicPartition& partition : question.partitions) result.errors.emplace_back(partition, error);
  return result;
}

TransactionVerifications::Results TransactionVerifications::ask(NodeId coordinator, VerificationQuestion question) {
  auto at = std::lower_bound(channels_.begin(), channels_.end(), coordinator,
                             [](const VerificationChannel& c, NodeId node) { return c.channel.to < node; });
  if (at == channels_.end() || at->channel.to != coordinator) {
    VerificationChannel fresh;
    fresh.channel.to = coordinator;
    at = channels_.insert(at, std::move(fresh));
  }
  Results results;
  const auto same = std::find_if(at->queue.begin(), at->queue.end(), [&](const VerificationQuestion& queued) {
    return queued.transactional_id == question.transactional_id;
  });
  if (same != at->queue.end()) {
    const ProducerEpoch queued = same->producer.epoch;
    if (queued > question.producer.epoch) {
      results.push_back(refuse_all(question, ErrorCode::invalid_producer_epoch));
      return results;
    }
    // The same epoch again: the client tries once more, and the older attempt is told to do so too.
    results.push_back(refuse_all(
        *same, queued < question.producer.epoch ? ErrorCode::invalid_producer_epoch : ErrorCode::network_exception));
    at->queue.erase(same);
  }
  at->queue.push_back(std::move(question));
  return results;
}

AddPartitionsToTxnRequest TransactionVerifications::next_request(VerificationChannel& to) {
  assert(!to.queue.empty() && to.in_flight.empty());
  to.in_flight.swap(to.queue);
  AddPartitionsToTxnRequest request;
  for (const VerificationQuestion& question : to.in_flight) {
    auto& transaction = request.transactions.emplace_back();
    transaction.transactional_id = question.transactional_id;
    transaction.producer_id = question.producer.id.value();
    transaction.producer_epoch = question.producer.epoch.value();
    transaction.verify_only = !adds_partition(question.support);
    for (const TopicPartition& partition : question.partitions) {
      if (transaction.topics.empty() || transaction.topics.back().name != partition.topic)
        transaction.topics.push_back({partition.topic, {}});
      transaction.topics.back().partitions.push_back(partition.partition);
    }
  }
  return request;
}

TransactionVerifications::Results TransactionVerifications::answered(VerificationChannel& from,
                                                                     const AddPartitionsToTxnResponse& response) {
  Results results;
  std::vector<VerificationQuestion> asked;
  asked.swap(from.in_flight);
  if (response.error_code != wire_code(ErrorCode::none)) {
    for (const VerificationQuestion& question : asked)
      results.push_back(refuse_all(question, error_from_wire(response.error_code)));
    return results;
  }
  // The first question of a request decides how errors are told to all of them, as in Kafka.
  const TransactionSupport support = asked.empty() ? TransactionSupport::default_error : asked.front().support;
  for (const auto& transaction : response.results_by_transaction) {
    const auto question = std::find_if(asked.begin(), asked.end(), [&](const VerificationQuestion& q) {
      return q.transactional_id == transaction.transactional_id;
    });
    if (question == asked.end()) continue;
    VerificationResult result;
    result.waiter = question->waiter;
    for (const auto& topic : transaction.topic_results) {
      for (const auto& partition : topic.results_by_partition) {
        const ErrorCode error = translated(error_from_wire(partition.partition_error_code), support);
        if (error != ErrorCode::none)
          result.errors.emplace_back(TopicPartition{topic.name, partition.partition_index}, error);
      }
    }
    results.push_back(std::move(result));
  }
  return results;
}

TransactionVerifications::Results TransactionVerifications::failed(VerificationChannel& from) {
  Results results;
  for (const VerificationQuestion& question : from.in_flight)
    results.push_back(refuse_all(question, ErrorCode::network_exception));
  for (const VerificationQuestion& question : from.queue)
    results.push_back(refuse_all(question, ErrorCode::network_exception));
  from.in_flight.clear();
  from.queue.clear();
  return results;
}

}  // namespace linger::broker
