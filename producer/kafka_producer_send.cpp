#include <algorithm>
#include <string>
#include <utility>

#include "producer/failure.h"
#include "producer/kafka_producer.h"
#include "producer/murmur2.h"

namespace linger {

namespace {

KafkaError timeout_error(std::string message) {
  return api_error(ErrorCode::request_timed_out, std::move(message));
}

const RoundRobinPartitioner round_robin;

}  // namespace

SendResult KafkaProducer::send(const RecordToSend& record, Instant now, Entropy& entropy,
                               const ProducerPlugins& plugins, Caller caller) {
  // ProducerRecord's constructor.
  if (record.timestamp && *record.timestamp < 0) {
    return Thrown{illegal_argument("Invalid timestamp: " + std::to_string(*record.timestamp) +
                                   ". Timestamp should always be non-negative or null.")};
  }
  if (record.partition && *record.partition < 0) {
    return Thrown{illegal_argument("Invalid partition: " + std::to_string(*record.partition) +
                                   ". Partition number should always be non-negative or null.")};
  }
  // A callback runs on the sender thread, where a wrong call poisons the transaction manager.
  const OnSenderThread in_callback(transactions_ ? &*transactions_ : nullptr, caller == Caller::callback);
  if (plugins.interceptors.empty()) return do_send(record, now, entropy, plugins, caller);
  interceptor_states_.resize(std::max(interceptor_states_.size(), plugins.interceptors.size()));
  ProducerRecord own = ProducerRecord::copy_of(record);
  for (std::size_t i = 0; i < plugins.interceptors.size(); ++i) {
    plugins.interceptors[i]->on_send(interceptor_states_[i], own);
  }
  std::vector<RecordHeader> headers;
  return do_send(own.view(headers), now, entropy, plugins, caller);
}

SendResult KafkaProducer::do_send(const RecordToSend& record, Instant now, Entropy& entropy,
                                  const ProducerPlugins& plugins, Caller caller) {
  if (!sender_.is_running()) {
    return send_failed(record, unknown_partition,
                       illegal_state("Cannot perform operation after producer has been closed"), now, plugins);
  }
  // The usual case, without a suspended call in mind: the topic is known.
  ProducerMetadata& metadata = client_.metadata();
  const Cluster& cluster = metadata.fetch();
  const std::optional<std::size_t> count = cluster.partition_count_for_topic(record.topic);
  if (count && cluster.invalid_topics().empty() &&
      (!record.partition || static_cast<std::size_t>(*record.partition) < *count)) {
    metadata.add(record.topic, now.wall_ms);
    return send_with_metadata(record, 0, now, entropy, plugins, caller, nullptr);
  }

  SendInMetadata call;
  call.wait.topic = record.topic;
  call.wait.partition = record.partition;
  call.wait.max_wait_ms = config_->max_block_ms;
  const WaitResult waited = begin_wait_on_metadata(call.wait, now);
  if (const auto* error = std::get_if<KafkaError>(&waited)) {
    return send_failed(record, unknown_partition, closed_while_sending(*error), now, plugins);
  }
  if (const auto* known = std::get_if<HaveMetadata>(&waited)) {
    return send_with_metadata(record, known->waited_ms, now, entropy, plugins, caller, nullptr);
  }
  call.record = ProducerRecord::copy_of(record);
  return suspend(caller, std::move(call));
}

SendResult KafkaProducer::send_with_metadata(const RecordToSend& record, std::int64_t waited_ms, Instant now,
                                             Entropy& entropy, const ProducerPlugins& plugins, Caller caller,
                                             SuspendedCall* resumed) {
  if (record.serialization_error != nullptr) {
    return send_failed(record, unknown_partition, *record.serialization_error, now, plugins);
  }
  const Cluster& cluster = client_.metadata().fetch();
  const auto partition = choose_partition(record, cluster, entropy, plugins);
  if (const auto* error = std::get_if<KafkaError>(&partition)) {
    return send_failed(record, unknown_partition, *error, now, plugins);
  }
  if (auto error = ensure_valid_record_size(record)) {
    return send_failed(record, unknown_partition, std::move(*error), now, plugins);
  }
  RecordToAppend to_append;
  to_append.record = record.record;
  to_append.topic = record.topic;
  to_append.partition = std::get<std::int32_t>(partition);
  to_append.timestamp = record.timestamp.value_or(now.wall_ms);
  to_append.key = record.key;
  to_append.value = record.value;
  to_append.headers = record.headers;
  const std::int64_t remaining_ms = std::max<std::int64_t>(0, config_->max_block_ms - waited_ms);
  const AppendResult result = accumulator_.append(to_append, remaining_ms, now, cluster, entropy);
  if (result.status != AppendResult::Status::would_block) return appended(record, result, now, plugins);

  SendInMemory call;
  call.record = ProducerRecord::copy_of(record);
  call.record.partition = to_append.partition == unknown_partition ? std::nullopt : std::optional(to_append.partition);
  call.timestamp = to_append.timestamp;
  call.blocked = result;
  call.snapshot = client_.metadata().share_metadata_snapshot();
  if (resumed == nullptr) return suspend(caller, std::move(call));
  resumed->state = std::move(call);
  return resumed->ticket;
}

SendResult KafkaProducer::appended(const RecordToSend& record, const AppendResult& result, Instant now,
                                   const ProducerPlugins& plugins) {
  if (result.status == AppendResult::Status::failed)
    return send_failed(record, result.partition, *result.error, now, plugins);
  if (transactions_ && (transactions_->is_transactional() || transactions_->has_error())) {
    try {
      transactions_->maybe_add_partition(TopicPartition{std::string(record.topic), result.partition});
    } catch (const JavaThrow& thrown) {
      return send_failed(record, result.partition, thrown.error(), now, plugins);
    }
  }
  if (result.batch_is_full || result.new_batch_created) wake_up();
  return SendResult(std::in_place_type<Sent>, record.record, result.partition);
}

SendResult KafkaProducer::send_failed(const RecordToSend& record, std::int32_t partition, KafkaError error, Instant now,
                                      const ProducerPlugins& plugins) {
  // Java counts Kafka's own exceptions only.
  if (SenderMetrics* metrics = sender_.metrics(); metrics != nullptr && error.family != ErrorFamily::java) {
    metrics->record_send_error(now.wall_ms);
  }
  if (partition == unknown_partition) partition = record.partition.value_or(unknown_partition);
  interceptor_states_.resize(std::max(interceptor_states_.size(), plugins.interceptors.size()));
  for (std::size_t i = 0; i < plugins.interceptors.size(); ++i) {
    RecordCompletion report;
    report.record = record.record;
    report.partition = partition;
    report.error = 0;
    plugins.interceptors[i]->on_acknowledgement(interceptor_states_[i], {report, record.topic, &error});
  }
  if (error.family != ErrorFamily::api) return Thrown{std::move(error)};
  if (transactions_) {
    try {
      transactions_->maybe_transition_to_error_state(error);
    } catch (const JavaThrow& thrown) {
      return Thrown{thrown.error()};
    }
  }
  return Sent{record.record, partition, std::move(error)};
}

std::variant<std::int32_t, KafkaError> KafkaProducer::choose_partition(const RecordToSend& record,
                                                                       const Cluster& cluster, Entropy& entropy,
                                                                       const ProducerPlugins& plugins) {
  if (record.partition) return *record.partition;
  const Partitioner* partitioner = config_->partitioner == PartitionerKind::round_robin ? &round_robin
                                   : config_->partitioner == PartitionerKind::custom    ? plugins.partitioner
                                                                                        : nullptr;
  if (partitioner != nullptr) {
    const std::int32_t partition =
        partitioner->partition(partitioner_state_, record.topic, record.key, record.value, cluster, entropy);
    if (partition >= 0) return partition;
    return illegal_argument("The partitioner generated an invalid partition number: " + std::to_string(partition) +
                            ". Partition number should always be non-negative.");
  }
  if (!record.key || config_->partitioner_ignore_keys) return unknown_partition;
  return partition_for_key(*record.key, static_cast<std::int32_t>(cluster.partitions_for_topic(record.topic).size()));
}

std::optional<KafkaError> KafkaProducer::ensure_valid_record_size(const RecordToSend& record) const {
  const std::int32_t size = estimate_size_in_bytes_upper_bound(record.key, record.value, record.headers);
  if (size > config_->max_request_size) {
    return api_error(ErrorCode::message_too_large, "The message is " + std::to_string(size) +
                                                       " bytes when serialized which is larger than " +
                                                       std::to_string(config_->max_request_size) +
                                                       ", which is the value of the max.request.size configuration.");
  }
  if (size > config_->buffer_memory) {
    return api_error(ErrorCode::message_too_large,
                     "The message is " + std::to_string(size) +
                         " bytes when serialized which is larger than the total memory buffer you have configured with "
                         "the buffer.memory configuration.");
  }
  return std::nullopt;
}

KafkaError KafkaProducer::closed_while_sending(KafkaError error) const {
  return client_.metadata().is_closed() ? kafka_exception("Producer closed while send in progress") : error;
}

KafkaProducer::WaitResult KafkaProducer::begin_wait_on_metadata(MetadataWait& wait, Instant now) {
  ProducerMetadata& metadata = client_.metadata();
  const Cluster& cluster = metadata.fetch();
  if (cluster.invalid_topics().contains(wait.topic)) return api_error(ErrorCode::invalid_topic_exception, wait.topic);
  metadata.add(wait.topic, now.wall_ms);
  wait.start_ms = now.wall_ms;
  wait.partition_count = cluster.partition_count_for_topic(wait.topic);
  if (wait.partition_count && (!wait.partition || static_cast<std::size_t>(*wait.partition) < *wait.partition_count)) {
    return HaveMetadata{};
  }
  wait.began_waiting_ns = now.mono_ns;
  request_metadata(wait, 0);
  return continue_wait_on_metadata(wait, now);
}

void KafkaProducer::request_metadata(MetadataWait& wait, std::int64_t elapsed_ms) {
  ProducerMetadata& metadata = client_.metadata();
  const std::int64_t now_ms = wait.start_ms + elapsed_ms;
  metadata.add(wait.topic, now_ms);
  wait.version = metadata.request_update_for_topic(wait.topic);
  wait.deadline_ms = saturating_add(wait.max_wait_ms - elapsed_ms, now_ms);
  wake_up();
}

KafkaProducer::WaitResult KafkaProducer::continue_wait_on_metadata(MetadataWait& wait, Instant now) {
  ProducerMetadata& metadata = client_.metadata();
  if (auto fatal = metadata.maybe_throw_fatal_exception()) return std::move(*fatal);
  if (metadata.update_version() <= wait.version && !metadata.is_closed()) {
    if (now.wall_ms >= wait.deadline_ms) return metadata_timeout(wait);
    return StillWaiting{};
  }
  if (metadata.is_closed()) return kafka_exception("Requested metadata update after close");

  // Java looks at the time once more here; poll has done so before it let the update in.
  const std::int64_t elapsed_ms = now.wall_ms - wait.start_ms;
  if (auto error = metadata.maybe_throw_exception_for_topic(wait.topic)) return std::move(*error);
  wait.partition_count = metadata.fetch().partition_count_for_topic(wait.topic);
  if (wait.partition_count && (!wait.partition || static_cast<std::size_t>(*wait.partition) < *wait.partition_count)) {
    metrics_.metadata_wait_ns += static_cast<double>(now.mono_ns - wait.began_waiting_ns);
    return HaveMetadata{elapsed_ms};
  }
  request_metadata(wait, elapsed_ms);
  return StillWaiting{};
}

KafkaError KafkaProducer::metadata_timeout(const MetadataWait& wait) const {
  const std::string limit = std::to_string(wait.max_wait_ms);
  if (!wait.partition_count) {
    return timeout_error("Topic " + wait.topic + " not present in metadata after " + limit + " ms.");
  }
  const std::string partition = wait.partition ? std::to_string(*wait.partition) : "null";
  return timeout_error("Partition " + partition + " of topic " + wait.topic + " with partition count " +
                       std::to_string(*wait.partition_count) + " is not present in metadata after " + limit + " ms.");
}

}  // namespace linger
