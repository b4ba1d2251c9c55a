#include <cassert>

#include "broker_model/broker.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

bool from_follower(const FetchRequest& fetch) {
  return fetch.replica_id >= 0 || fetch.replica_state.replica_id >= 0;
}

NodeId follower_of(const FetchRequest& fetch) {
  return NodeId{fetch.replica_state.replica_id >= 0 ? fetch.replica_state.replica_id : fetch.replica_id};
}

constexpr std::int8_t read_committed = 1;

/// How far a fetch may see: a follower to the log's end, a consumer to the high watermark, a consumer of committed
/// records only as far as everything is decided (Kafka: FetchIsolation).
std::int64_t limit_of(const FetchRequest& fetch, const ReplicaLog& log) {
  if (from_follower(fetch)) return log.log_end();
  return fetch.isolation_level == read_committed ? log.last_stable_offset() : log.high_watermark();
}

}  // namespace

TopicIdPartition Broker::id_of(const FetchRequest::FetchTopic& topic, std::int32_t partition) const {
  if (!topic.topic_id.is_zero()) return {topic.topic_id, partition};
  const TopicImage* image = image_->topic(topic.topic);
  return {image == nullptr ? Uuid{} : image->id, partition};
}

/// Reads one partition for a fetch (Kafka: Partition.fetchRecords, readRecords). A follower's position is noted unless
/// the answer is that it diverges.
Broker::LogReadResult Broker::read_partition(const FetchRequest& fetch, const TopicIdPartition& id,
                                             const FetchRequest::FetchPartition& wanted, std::int64_t max_bytes,
                                             bool min_one, bool count_progress) {
  LogReadResult result;
  if (image_->partition(id) == nullptr) {
    result.error = id.topic.is_zero() ? ErrorCode::unknown_topic_or_partition : ErrorCode::unknown_topic_id;
    return result;
  }
  Partition* partition = find(id);
  result.error = check_leader(partition, wanted.current_leader_epoch);
  if (result.error != ErrorCode::none) return result;
  const bool follower = from_follower(fetch);
  if (follower && partition->remote(follower_of(fetch)) == nullptr) {
    result.error =
        wanted.current_leader_epoch >= 0 ? ErrorCode::unknown_leader_epoch : ErrorCode::not_leader_or_follower;
    return result;
  }
  const ReplicaLog& log = partition->log;
  const std::int64_t end_before = log.log_end();
  result.log = &log;
  result.log_start = log.log_start();
  result.high_watermark = log.high_watermark();
  result.last_stable_offset = log.last_stable_offset();
  const auto note_progress = [&] {
    if (!follower || !count_progress) return;
    result.error = partition->update_follower(
        follower_of(fetch), wanted.fetch_offset, wanted.log_start_offset, end_before,
        fetch.replica_state.replica_id >= 0 ? fetch.replica_state.replica_epoch : -1, context());
    if (result.error != ErrorCode::none) return;
    if (auto proposal = partition->maybe_expand_isr(follower_of(fetch), context())) {
      Observation proposed = about(*partition, Observation::Kind::isr_proposed);
      proposed.nodes = mask_of(partition->pending.isr);
      observe(proposed);
      proposals_.push_back(std::move(*proposal));
    }
    high_watermark_may_rise(*partition);
  };
  if (wanted.last_fetched_epoch >= 0) {
    const EpochEnd end = partition->end_of_epoch(wanted.last_fetched_epoch, spec_.behaviour);
    if (!end.known() || wanted.fetch_offset < log.log_start()) {
      result.error = ErrorCode::offset_out_of_range;
      return result;
    }
    if (end.epoch < wanted.last_fetched_epoch || end.end < wanted.fetch_offset) {
      result.diverging = end;
      if (spec_.behaviour.count_diverging_fetch_for_hw) note_progress();
      return result;
    }
  }
  const std::int64_t limit = limit_of(fetch, log);
  if (wanted.fetch_offset < log.log_start() || wanted.fetch_offset > (follower ? end_before : log.log_end())) {
    result.error = ErrorCode::offset_out_of_range;
    return result;
  }
  result.slice =
      log.read(wanted.fetch_offset, limit, std::min<std::int64_t>(max_bytes, wanted.partition_max_bytes), min_one);
  note_progress();
  return result;
}

std::vector<Broker::LogReadResult> Broker::read_all(const FetchRequest& fetch, bool count_progress) {
  std::vector<LogReadResult> results;
  std::int64_t left = std::min<std::int64_t>(
      fetch.max_bytes, from_follower(fetch) ? config_.replica_fetch_response_max_bytes : config_.fetch_max_bytes);
  bool any = false;
  for (const auto& topic : fetch.topics) {
    for (const auto& wanted : topic.partitions) {
      results.push_back(read_partition(fetch, id_of(topic, wanted.partition), wanted, left, !any, count_progress));
      left -= std::min(left, results.back().slice.bytes);
      any = any || results.back().slice.bytes > 0;
    }
  }
  return results;
}

void Broker::handle_fetch(Request request, Reader& reader) {
  auto asked = body<FetchRequest>(reader, request);
  if (!asked) return;
  const std::vector<LogReadResult> results = read_all(*asked, true);
  std::int64_t bytes = 0;
  bool at_once = asked->max_wait_ms <= 0 || results.empty();
  for (const LogReadResult& result : results) {
    bytes += result.slice.bytes;
    at_once = at_once || result.error != ErrorCode::none || result.diverging.known();
  }
  const bool follower = from_follower(*asked);
  std::vector<TopicIdPartition> moved;
  if (follower) {
    for (const auto& topic : asked->topics) {
      for (const auto& wanted : topic.partitions) moved.push_back(id_of(topic, wanted.partition));
    }
  }
  if (at_once || bytes >= asked->min_bytes) {
    send_fetch_answer(request, *asked, results);
  } else {
    DelayedFetch delayed;
    delayed.request = request;
    delayed.deadline = now_ + Duration::ms(asked->max_wait_ms);
    delayed.fetch = std::move(*asked);
    delayed_fetches_.push_back(std::move(delayed));
  }
  // What this fetch confirmed may be what others wait for.
  for (const TopicIdPartition& id : moved) progress_made(id);
}

bool Broker::try_complete(const DelayedFetch& delayed) {
  const bool follower = from_follower(delayed.fetch);
  std::int64_t bytes = 0;
  for (const auto& topic : delayed.fetch.topics) {
    for (const auto& wanted : topic.partitions) {
      const Partition* partition = find(id_of(topic, wanted.partition));
      if (check_leader(partition, wanted.current_leader_epoch) != ErrorCode::none) return true;
      const std::int64_t limit = limit_of(delayed.fetch, partition->log);
      if (wanted.fetch_offset > limit && follower) return true;
      bytes +=
          std::min<std::int64_t>(partition->log.bytes_between(wanted.fetch_offset, limit), wanted.partition_max_bytes);
      if (wanted.last_fetched_epoch < 0) continue;
      const EpochEnd end = partition->end_of_epoch(wanted.last_fetched_epoch, spec_.behaviour);
      if (!end.known() || end.epoch < wanted.last_fetched_epoch || end.end < wanted.fetch_offset) return true;
    }
  }
  return bytes >= delayed.fetch.min_bytes;
}

void Broker::answer_fetch(const Request& request, const FetchRequest& fetch, bool count_progress) {
  send_fetch_answer(request, fetch, read_all(fetch, count_progress));
}

void Broker::send_fetch_answer(const Request& request, const FetchRequest& fetch,
                               const std::vector<LogReadResult>& results) {
  thread_local Bytes records;
  std::size_t total = 0;
  for (const LogReadResult& result : results) total += static_cast<std::size_t>(result.slice.bytes);
  records.clear();
  records.reserve(total);
  FetchResponse response;
  response.responses.reserve(fetch.topics.size());
  std::size_t next = 0;
  for (const auto& topic : fetch.topics) {
    auto& answered = response.responses.emplace_back();
    answered.topic = topic.topic;
    answered.topic_id = topic.topic_id;
    answered.partitions.reserve(topic.partitions.size());
    for (const auto& wanted : topic.partitions) {
      const LogReadResult& result = results[next++];
      auto& data = answered.partitions.emplace_back();
      data.partition_index = wanted.partition;
      data.error_code = wire_code(result.error);
      data.high_watermark = result.high_watermark;
      data.last_stable_offset = result.last_stable_offset;
      data.log_start_offset = result.log_start;
      data.aborted_transactions = std::nullopt;
      const bool read = result.error == ErrorCode::none && !result.diverging.known();
      if (read && !from_follower(fetch) && fetch.isolation_level == read_committed) {
        auto& aborted = data.aborted_transactions.emplace();
        // Kafka looks the upper bound up in its sparse offset index and may list some that lie behind the answer too.
        if (!result.slice.empty()) {
          const std::int64_t until = result.log->entries()[result.slice.last - 1].last + 1;
          for (const AbortedTransaction& txn : result.log->transaction_index().collect(wanted.fetch_offset, until))
            aborted.push_back({txn.producer.value(), txn.first});
        }
      }
      data.records = RecordsView{BytesView{}};
      if (result.diverging.known()) data.diverging_epoch = {result.diverging.epoch, result.diverging.end};
      if (result.error == ErrorCode::not_leader_or_follower || result.error == ErrorCode::fenced_leader_epoch) {
        add_leader_hint(id_of(topic, wanted.partition), request.version, data, response);
      }
      if (result.slice.empty()) continue;
      const std::size_t start = records.size();
      for (std::size_t i = result.slice.first; i < result.slice.last; ++i) result.log->entries()[i].append_to(records);
      data.records = RecordsView{BytesView{records.data() + start, records.size() - start}};
    }
  }
  answer(request, response);
}

void Broker::add_leader_hint(const TopicIdPartition& id, std::int16_t version, FetchResponse::PartitionData& data,
                             FetchResponse& response) const {
  const PartitionRegistration* registration = image_->partition(id);
  if (version < 16 || registration == nullptr || registration->leader == no_leader) return;
  data.current_leader = {registration->leader, registration->leader_epoch};
  const BrokerRegistration* broker = image_->broker(NodeId{registration->leader});
  const bool listed = std::any_of(response.node_endpoints.begin(), response.node_endpoints.end(),
                                  [&](const auto& e) { return e.node_id == registration->leader; });
  if (broker == nullptr || broker->fenced || listed) return;
  response.node_endpoints.push_back({broker->id.value(), broker->host, broker->port, std::nullopt});
}

}  // namespace linger::broker
