#include "broker_model/broker.h"
#include "broker_model/transaction_log.h"
#include "protocol/frame.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int16_t add_partitions_version = 5;

/// What a batch says of its transaction, when it is part of one.
struct TransactionalBatch {
  ProducerIdAndEpoch producer;
  std::int32_t base_sequence = no_sequence;
};

std::optional<TransactionalBatch> transactional_batch(BytesView records) {
  if (records.size() < batch_layout::records) return std::nullopt;
  const RecordBatchHeader header = load_batch_header(records);
  if (!header.transactional || header.producer.id == no_producer_id) return std::nullopt;
  return TransactionalBatch{header.producer, header.base_sequence};
}

/// How a producer is told that its partition could not be verified. What older clients would not try again becomes
/// NOT_ENOUGH_REPLICAS: they do, and do not ask for metadata (Kafka: ReplicaManager.handleProduceAppend).
ErrorCode told_to_producer(ErrorCode error, TransactionSupport support) {
  switch (error) {
    case ErrorCode::network_exception:
    case ErrorCode::coordinator_load_in_progress:
    case ErrorCode::coordinator_not_available:
    case ErrorCode::not_coordinator:
      return ErrorCode::not_enough_replicas;
    case ErrorCode::concurrent_transactions:
      return adds_partition(support) ? error : ErrorCode::not_enough_replicas;
    default:
      return error;
  }
}

}  // namespace

bool Broker::verifies_transactions() const {
  return spec_.behaviour.verify_txn_ongoing && config_.transaction_partition_verification != 0;
}

/// The part of a produce request before anything is appended: each partition whose transaction is not open here yet
/// gets a guard, and the coordinator is asked about all of them at once. `started`: when the request was taken up
/// first.
void Broker::verify(Request request, const ProduceRequest& asked, const sim::Bytes& frame, SimTime started) {
  const TransactionSupport support = support_of_produce(request.version);
  struct Wanted {
    TopicIdPartition id;
    TopicPartition name;
    std::int32_t base_sequence = no_sequence;
  };
  std::vector<Wanted> partitions;
  std::optional<ProducerIdAndEpoch> producer;
  for (const auto& topic : asked.topic_data) {
    const TopicImage* image = request.version >= 13 ? image_->topic(topic.topic_id) : image_->topic(topic.name);
    if (image == nullptr) continue;
    for (const auto& data : topic.partition_data) {
      const TopicIdPartition id{image->id, data.index};
      const auto batch = transactional_batch(data.records.bytes());
      if (!batch || image_->partition(id) == nullptr) continue;
      if (producer && *producer != batch->producer) {
        refuse_produce(request, asked, ErrorCode::invalid_producer_id_mapping);
        return;
      }
      producer = batch->producer;
      partitions.push_back({id, {image->name, data.index}, batch->base_sequence});
    }
  }
  VerifyingProduce waiting;
  PartitionSet to_ask;
  const bool asks = adds_partition(support) || verifies_transactions();
  for (const Wanted& wanted : partitions) {
    if (!asks) break;
    Partition* partition = find(wanted.id);
    ErrorCode error = partition == nullptr     ? ErrorCode::not_leader_or_follower
                      : partition->offline     ? ErrorCode::kafka_storage_error
                      : partition->is_leader() ? ErrorCode::none
                                               : ErrorCode::not_leader_or_follower;
    if (error == ErrorCode::none) {
      const auto start = partition->log.producers().maybe_start_verification(
          producer->id, wanted.base_sequence, producer->epoch, adds_partition(support), wall_ms());
      error = start.error;
      if (start.guard != no_guard) {
        waiting.guards.emplace_back(wanted.id, start.guard);
        insert(to_ask, wanted.name);
      }
    }
    if (error != ErrorCode::none) waiting.errors.emplace_back(wanted.id, told_to_producer(error, support));
  }
  if (waiting.guards.empty()) {
    produce(request, asked, frame, {{}, std::move(waiting.errors)});
    return;
  }
  waiting.number = ++waiters_;
  waiting.request = request;
  waiting.frame = frame;
  waiting.started = started;
  verifying_.push_back(std::move(waiting));
  ask_coordinator({waiters_, *asked.transactional_id, *producer, std::move(to_ask), support});
}

void Broker::ask_coordinator(VerificationQuestion question) {
  const std::int32_t part = coordinator_partition(question.transactional_id, transaction_log_partitions());
  const TopicImage* topic = image_->topic(transaction_state_topic);
  const PartitionRegistration* registration = topic == nullptr ? nullptr : image_->partition({topic->id, part});
  const NodeId leader{registration == nullptr ? no_leader : registration->leader};
  if (!image_->alive(leader)) {
    verified(refuse_all(question, ErrorCode::coordinator_not_available));
    return;
  }
  for (const VerificationResult& replaced : verifications_.ask(leader, std::move(question))) verified(replaced);
}

/// The coordinator's answer: append, or try again for a moment while the transaction before is being completed.
void Broker::verified(const VerificationResult& result) {
  if (offsets_verified(result)) return;
  const auto at = std::find_if(verifying_.begin(), verifying_.end(),
                               [&](const VerifyingProduce& v) { return v.number == result.waiter; });
  if (at == verifying_.end()) return;
  const TransactionSupport support = support_of_produce(at->request.version);
  const bool concurrent = std::any_of(result.errors.begin(), result.errors.end(),
                                      [](const auto& e) { return e.second == ErrorCode::concurrent_transactions; });
  const Duration patience =
      Duration::ms(std::min(config_.add_partitions_retry_backoff_max_ms, config_.request_timeout_ms));
  if (concurrent && adds_partition(support) && now_ - at->started < patience) {
    at->retry_at = now_ + Duration::ms(config_.add_partitions_retry_backoff_ms);
    return;
  }
  VerifyingProduce waiting = std::move(*at);
  verifying_.erase(at);
  for (const auto& [name, error] : result.errors) {
    if (const TopicImage* topic = image_->topic(name.topic))
      waiting.errors.emplace_back(TopicIdPartition{topic->id, name.partition}, told_to_producer(error, support));
  }
  Reader reader{waiting.frame.span()};
  decode_request_header(reader);
  const auto asked = decode_whole<ProduceRequest>(reader, waiting.request.version);
  if (!asked) return;
  // Back in the hands of a handler.
  const EventNumber cause_before = cause_;
  const bool handling_before = handling_;
  cause_ = waiting.request.cause;
  if (!handling_before) handler_done_ = now_;
  handling_ = true;
  produce(waiting.request, asked.value, waiting.frame, {std::move(waiting.guards), std::move(waiting.errors)});
  handling_ = handling_before;
  cause_ = cause_before;
}

VerificationChannel* Broker::verification_channel(const Channel& channel) {
  for (VerificationChannel& known : verifications_.channels()) {
    if (&known.channel == &channel) return &known;
  }
  return nullptr;
}

void Broker::pump_verifications() {
  for (std::size_t i = 0; i < verifying_.size();) {
    if (verifying_[i].retry_at > now_) {
      ++i;
      continue;
    }
    const VerifyingProduce waiting = std::move(verifying_[i]);
    verifying_.erase(verifying_.begin() + static_cast<std::ptrdiff_t>(i));
    Reader reader{waiting.frame.span()};
    decode_request_header(reader);
    const auto asked = decode_whole<ProduceRequest>(reader, waiting.request.version);
    if (asked) verify(waiting.request, asked.value, waiting.frame, waiting.started);
    if (life_ == BrokerLife::stopped) return;
  }
  for (VerificationChannel& to : verifications_.channels()) {
    if (to.queue.empty()) continue;
    Channel& channel = to.channel;
    const Duration timeout = Duration::ms(config_.request_timeout_ms);
    if (channel.client_id.empty())
      channel.client_id = "broker-" + std::to_string(spec_.id.value()) + "-add-partitions-to-txn";
    if (channel.state == Channel::State::closed && channel.retry_at <= now_)
      connect(channel, channel.to, connect_timeout);
    if (!channel.idle()) continue;
    channel.send(verifications_.next_request(to), add_partitions_version, now_ + timeout, cause_, out_);
  }
}

}  // namespace linger::broker
