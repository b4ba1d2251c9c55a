#include <cassert>
#include <cstring>

#include "broker_model/broker.h"
#include "broker_model/group_log.h"
#include "broker_model/produce_records.h"
#include "protocol/messages/all.h"
#include "protocol/time.h"
#include "sim/draw.h"

namespace linger::broker {
namespace {

constexpr std::int16_t acks_all = -1;
constexpr std::int16_t transactional_attribute = 0x10;

/// Kafka: RequestUtils.hasTransactionalRecords.
bool has_transactional_records(const ProduceRequest& request) {
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const BytesView bytes = partition.records.bytes();
      if (bytes.size() < batch_layout::records) continue;
      if ((wire::load<std::int16_t>(bytes.data() + batch_layout::attributes) & transactional_attribute) != 0)
        return true;
    }
  }
  return false;
}

template <class Value>
Value find_in(const std::vector<std::pair<TopicIdPartition, Value>>& list, const TopicIdPartition& id, Value none) {
  for (const auto& [known, value] : list) {
    if (known == id) return value;
  }
  return none;
}

/// KIP-951: from this version of Produce on an answer names the leader.
constexpr std::int16_t first_with_leader_hint = 10;

/// What a leader asks of a batch from a client (Kafka: UnifiedLog.analyzeAndValidateRecords, LogValidator).
ErrorCode validate_batch(const RecordBatchHeader& header, BytesView batch, const TopicConfig& config,
                         std::int64_t wall_ms, bool from_client) {
  if (header.base_offset.value() != 0) return ErrorCode::invalid_record;
  if (static_cast<std::int64_t>(batch.size()) > config.max_message_bytes) return ErrorCode::message_too_large;
  if (check_batch(batch)) return ErrorCode::corrupt_message;
  if (header.record_count <= 0 || header.last_offset_delta + 1 != header.record_count) return ErrorCode::invalid_record;
  if (from_client && header.control) return ErrorCode::invalid_record;
  if (from_client && header.producer.id != no_producer_id && header.base_sequence < 0) return ErrorCode::invalid_record;
  if (config.log_append_time != 0) return ErrorCode::none;
  const bool too_new = header.max_timestamp != no_timestamp &&
                       header.max_timestamp > saturating_add(wall_ms, config.timestamp_after_max_ms);
  const bool too_old =
      header.base_timestamp != no_timestamp && wall_ms - header.base_timestamp > config.timestamp_before_max_ms;
  return too_new || too_old ? ErrorCode::invalid_timestamp : ErrorCode::none;
}

}  // namespace

Broker::Append Broker::append_as_leader(Partition& partition, BytesView records, const sim::Bytes& frame,
                                        std::int16_t acks, const AppendOrigin& origin) {
  Append result;
  RecordBatchHeader header = load_batch_header(records);
  const auto refuse = [&](ErrorCode error, std::int32_t expected) {
    Observation refused = about(partition, Observation::Kind::refused);
    refused.error = error;
    refused.expected_seq = expected;
    refused.producer = header.producer.id;
    refused.producer_epoch = header.producer.epoch;
    refused.first_seq = header.base_sequence;
    refused.last_seq = header.last_sequence();
    observe(refused);
    result.error = error;
    return result;
  };
  if (!partition.is_leader()) return refuse(ErrorCode::not_leader_or_follower, no_sequence);
  if (acks == acks_all && partition.isr.size() < partition.effective_min_isr())
    return refuse(ErrorCode::not_enough_replicas, no_sequence);
  const ErrorCode invalid = validate_batch(header, records, partition.config, wall_ms(), !origin.coordinator);
  if (invalid != ErrorCode::none && spec_.behaviour.check_before_append) return refuse(invalid, no_sequence);
  if (static_cast<std::int64_t>(records.size()) > partition.config.segment_bytes)
    return refuse(ErrorCode::record_list_too_large, no_sequence);

  ReplicaLog& log = partition.log;
  const BatchIdentity identity{header.producer.id, header.producer.epoch, header.base_sequence, header.last_sequence(),
                               header.transactional};
  const VerificationCheck verification{origin.guard, verifies_transactions()};
  ProducerVerdict verdict;
  if (origin.coordinator) {
    verdict.error = origin.marker ? log.producers().check_marker(*origin.marker, spec_.behaviour)
                                  : log.producers().check_from_coordinator(identity, verification);
    if (verdict.error != ErrorCode::none) verdict.kind = ProducerVerdict::Kind::refused;
  } else {
    verdict = log.producers().check(identity, spec_.behaviour, log.never_written(), verification);
  }
  if (verdict.kind == ProducerVerdict::Kind::refused) return refuse(verdict.error, verdict.expected_sequence);
  if (verdict.kind == ProducerVerdict::Kind::duplicate) {
    result.base = verdict.original.first_offset();
    result.last = verdict.original.last_offset;
    // 4.3.1 gives the original batch's timestamp here, whatever the topic's timestamp type is.
    result.append_time = verdict.original.timestamp;
    Observation known = about(partition, Observation::Kind::duplicate);
    known.from = result.base;
    known.to = result.last;
    known.producer = identity.id;
    known.producer_epoch = identity.epoch;
    known.first_seq = identity.first_seq;
    known.last_seq = identity.last_seq;
    observe(known);
    return result;
  }
  if (!origin.coordinator && canary_sings()) return result;
  const sim::DiskResult written = disk_.append(partition.file, static_cast<std::int64_t>(records.size()), now_);
  if (written.error != sim::DiskError::none) {
    partition.offline = true;
    result.error = ErrorCode::kafka_storage_error;
    return result;
  }
  handler_busy_until(written.done);

  // The producer's bytes are shared from behind the prefix on; only log append time needs a batch of its own.
  sim::Bytes tail;
  BatchPrefix prefix{};
  if (partition.config.log_append_time != 0) {
    thread_local Bytes own;
    own.assign(records.begin(), records.end());
    set_max_timestamp(own, TimestampType::log_append_time, wall_ms());
    header = load_batch_header(own);
    std::memcpy(prefix.data(), own.data(), prefix.size());
    tail = sim::Bytes::copy_of(BytesView{own}.subspan(batch_prefix));
    result.append_time = header.max_timestamp;
  } else {
    std::memcpy(prefix.data(), records.data(), prefix.size());
    tail = frame.slice(static_cast<std::size_t>(records.data() - frame.data()) + batch_prefix,
                       records.size() - batch_prefix);
  }
  header.base_offset = Offset{log.log_end()};
  header.partition_leader_epoch = LeaderEpoch{partition.leader_epoch};
  wire::store(prefix.data() + batch_layout::base_offset, header.base_offset.value());
  wire::store(prefix.data() + batch_layout::partition_leader_epoch, partition.leader_epoch);
  log.append(header, prefix, std::move(tail), spec_.behaviour, partition.config.segment_bytes, now_);
  result.base = header.base_offset.value();
  result.last = header.last_offset().value();
  Observation appended = about(partition, Observation::Kind::appended);
  appended.from = result.base;
  appended.to = result.last;
  appended.producer = identity.id;
  appended.producer_epoch = identity.epoch;
  appended.first_seq = identity.first_seq;
  appended.last_seq = identity.last_seq;
  appended.leader_epoch = partition.leader_epoch;
  appended.other = spec_.id;
  appended.bytes = static_cast<std::int32_t>(records.size());
  observe(appended);
  if (header.control) observe_marker(partition);
  flush_if_due(partition);
  if (invalid != ErrorCode::none) return refuse(invalid, no_sequence);
  return result;
}

bool Broker::canary_sings() const {
  if (spec_.behaviour.canary == Canary::off) return false;
  return sim::draw(sim::Seed{spec_.seed}, sim::Stream::of("canary"), sim::Name::of("run"), 0) % 100 == 0;
}

void Broker::observe_marker(const Partition& partition) {
  const LogEntry& entry = partition.log.entries().back();
  if (entry.marker == MarkerKind::none) return;
  Observation written = about(partition, Observation::Kind::marker_written);
  written.from = entry.base;
  written.to = entry.last;
  written.producer = entry.producer;
  written.producer_epoch = entry.epoch;
  written.leader_epoch = entry.leader_epoch;
  written.coordinator_epoch = entry.coordinator_epoch;
  written.bytes = entry.marker == MarkerKind::commit ? 1 : 0;
  observe(written);
}

/// Appends what a coordinator of this broker writes, as acks=all does; `then` goes on when it is replicated, or
/// refused.
void Broker::append_own(const TopicIdPartition& id, const sim::Bytes& batch, const AppendOrigin& origin,
                        Duration timeout, OwnAppend then) {
  Partition* partition = find(id);
  Append result;
  if (partition == nullptr) {
    result.error =
        image_->partition(id) == nullptr ? ErrorCode::unknown_topic_or_partition : ErrorCode::not_leader_or_follower;
  } else if (partition->offline) {
    result.error = ErrorCode::kafka_storage_error;
  } else {
    result = append_as_leader(*partition, batch.span(), batch, acks_all, origin);
    if (partition->offline) {
      halt(ErrorCode::kafka_storage_error);
      return;
    }
  }
  if (result.error != ErrorCode::none) {
    finished_.push_back({std::move(then), result.error, cause_, now_});
    return;
  }
  high_watermark_may_rise(*partition);
  delayed_appends_.push_back(
      {now_ + timeout, id, result.last + 1, cause_, handling_ ? handler_done_ : now_, std::move(then)});
  progress_made(id);
}

void Broker::flush_if_due(Partition& partition) {
  if (partition.log.log_end() - partition.log.flushed_end() < partition.config.flush_messages) return;
  const sim::DiskResult flushed = disk_.flush(partition.file, now_);
  if (flushed.error != sim::DiskError::none) {
    partition.offline = true;
    return;
  }
  handler_busy_until(flushed.done);
  partition.log.flush();
  Observation seen = about(partition, Observation::Kind::flushed);
  seen.to = partition.log.flushed_end();
  observe(seen);
}

void Broker::handle_produce(Request request, Reader& reader, const sim::Bytes& frame) {
  const auto asked = body<ProduceRequest>(reader, request);
  if (!asked) return;
  if (!has_transactional_records(*asked)) {
    produce(request, *asked, frame, {});
  } else if (!asked->transactional_id) {
    refuse_produce(request, *asked, ErrorCode::transactional_id_authorization_failed);
  } else {
    verify(request, *asked, frame, now_);
  }
}

/// The same error for every partition.
void Broker::refuse_produce(const Request& request, const ProduceRequest& asked, ErrorCode error) {
  if (asked.acks == 0) {
    server_.close(request.conn, out_);
    return;
  }
  ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    ProduceResponse::TopicProduceResponse& answered = response.responses.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& wanted : topic.partition_data) {
      auto& data = answered.partition_responses.emplace_back();
      data.index = wanted.index;
      data.error_code = wire_code(error);
      data.base_offset = -1;
    }
  }
  answer(request, response);
}

void Broker::produce(Request request, const ProduceRequest& asked, const sim::Bytes& frame, const Verified& verified) {
  DelayedProduce delayed;
  ProduceResponse& response = delayed.response;
  response.responses.reserve(asked.topic_data.size());
  bool storage_failed = false;
  bool failed = false;
  const bool acks_valid = asked.acks >= -1 && asked.acks <= 1;
  for (const auto& topic : asked.topic_data) {
    ProduceResponse::TopicProduceResponse& answered = response.responses.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    answered.partition_responses.reserve(topic.partition_data.size());
    const bool by_id = request.version >= 13;
    const TopicImage* image = by_id ? image_->topic(topic.topic_id) : image_->topic(topic.name);
    for (const auto& wanted : topic.partition_data) {
      ProduceResponse::PartitionProduceResponse& data = answered.partition_responses.emplace_back();
      data.index = wanted.index;
      data.base_offset = -1;
      const TopicIdPartition id{image == nullptr ? Uuid{} : image->id, wanted.index};
      const bool exists =
          image != nullptr && wanted.index >= 0 && static_cast<std::size_t>(wanted.index) < image->partitions.size();
      Partition* partition = exists ? find(id) : nullptr;
      Append result;
      if (!acks_valid) {
        result.error = ErrorCode::invalid_required_acks;
      } else if (!exists) {
        result.error = by_id && image == nullptr ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
      } else if (is_internal_topic(image->name)) {
        result.error = ErrorCode::invalid_topic_exception;
      } else if (const ErrorCode error = validate_records(wanted.records, request.version); error != ErrorCode::none) {
        result.error = error;
      } else if (partition == nullptr) {
        result.error = ErrorCode::not_leader_or_follower;
      } else if (partition->offline) {
        result.error = ErrorCode::kafka_storage_error;
      } else if (const ErrorCode error = find_in(verified.errors, id, ErrorCode::none); error != ErrorCode::none) {
        result.error = error;
      } else {
        AppendOrigin origin;
        origin.guard = find_in(verified.guards, id, no_guard);
        result = append_as_leader(*partition, wanted.records.bytes(), frame, asked.acks, origin);
        storage_failed = storage_failed || partition->offline;
        if (result.error == ErrorCode::none) high_watermark_may_rise(*partition);
      }
      data.error_code = wire_code(result.error);
      if (result.error != ErrorCode::none) {
        failed = true;
        if (result.error == ErrorCode::not_leader_or_follower && request.version >= first_with_leader_hint)
          add_leader_hint(id, data, response);
        continue;
      }
      data.base_offset = result.base;
      data.log_append_time_ms = result.append_time;
      data.log_start_offset = partition->log.log_start();
      delayed.status.push_back(
          {response.responses.size() - 1, answered.partition_responses.size() - 1, id, result.last + 1, true});
    }
  }
  if (storage_failed) {
    halt(ErrorCode::kafka_storage_error);
    return;
  }
  request.done = handler_done_;
  delayed.request = request;
  delayed.deadline = now_ + Duration::ms(asked.timeout_ms);
  if (asked.acks == 0) {
    // Nobody is told; where something failed, the connection is closed so that the client looks for metadata.
    if (failed) {
      server_.close(request.conn, out_);
    } else {
      server_.answer(request.conn, {}, {}, request.cause, request.done);
    }
  } else if (asked.acks != acks_all || delayed.status.empty()) {
    answer(request, response);
  }
  const std::vector<ProduceStatus> appended = delayed.status;
  const bool waits = asked.acks == acks_all && !delayed.status.empty();
  if (waits) {
    for (const ProduceStatus& status : delayed.status) {
      auto& data = response.responses[status.topic].partition_responses[status.partition];
      data.error_code = wire_code(ErrorCode::request_timed_out);
    }
    Observation enters;
    enters.kind = Observation::Kind::purgatory_enter;
    enters.conn = request.conn;
    enters.topic = delayed.status[0].id.topic;
    enters.partition = delayed.status[0].id.partition;
    enters.to = delayed.status[0].required;
    if (!try_complete(delayed)) {
      observe(enters);
      delayed_produces_.push_back(std::move(delayed));
    }
  }
  for (const ProduceStatus& status : appended) progress_made(status.id);
}

void Broker::add_leader_hint(const TopicIdPartition& id, ProduceResponse::PartitionProduceResponse& data,
                             ProduceResponse& response) const {
  const PartitionRegistration* registration = image_->partition(id);
  if (registration == nullptr || registration->leader == no_leader) return;
  data.current_leader = {registration->leader, registration->leader_epoch};
  const BrokerRegistration* broker = image_->broker(NodeId{registration->leader});
  const bool listed = std::any_of(response.node_endpoints.begin(), response.node_endpoints.end(),
                                  [&](const auto& e) { return e.node_id == registration->leader; });
  if (broker == nullptr || broker->fenced || listed) return;
  response.node_endpoints.push_back({broker->id.value(), broker->host, broker->port, std::nullopt});
}

// ---------------------------------------------------------------- purgatory (Kafka: DelayedProduce)

bool Broker::try_complete(DelayedProduce& delayed) {
  bool pending = false;
  for (ProduceStatus& status : delayed.status) {
    if (!status.pending) continue;
    const Partition* partition = find(status.id);
    const auto progress = partition == nullptr ? Partition::Progress{true, ErrorCode::unknown_topic_or_partition}
                                               : partition->enough_replicas_reached(status.required, context());
    if (!progress.done) {
      pending = true;
      continue;
    }
    status.pending = false;
    auto& data = delayed.response.responses[status.topic].partition_responses[status.partition];
    data.error_code = wire_code(progress.error);
    if (progress.error == ErrorCode::not_leader_or_follower && delayed.request.version >= first_with_leader_hint)
      add_leader_hint(status.id, data, delayed.response);
  }
  if (pending) return false;
  complete(delayed);
  return true;
}

void Broker::complete(DelayedProduce& delayed) {
  Observation completed;
  completed.kind = Observation::Kind::purgatory_complete;
  completed.conn = delayed.request.conn;
  completed.cause = delayed.request.cause;
  if (!delayed.status.empty()) {
    const ProduceStatus& first = delayed.status[0];
    completed.topic = first.id.topic;
    completed.partition = first.id.partition;
    completed.to = first.required;
    completed.error =
        error_from_wire(delayed.response.responses[first.topic].partition_responses[first.partition].error_code);
  }
  observe(completed);
  answer(delayed.request, delayed.response);
}

void Broker::high_watermark_may_rise(Partition& partition) {
  const std::int64_t before = partition.log.high_watermark();
  const std::int64_t stable_before = partition.log.last_stable_offset();
  if (!partition.maybe_increment_high_watermark(context())) return;
  observe_watermarks(partition, before, stable_before);
}

/// The high watermark moved, and with it perhaps the last stable offset.
void Broker::observe_watermarks(const Partition& partition, std::int64_t before, std::int64_t stable_before) {
  Observation moved = about(partition, Observation::Kind::high_watermark);
  moved.from = before;
  moved.to = partition.log.high_watermark();
  if (partition.is_leader()) moved.other = spec_.id;
  observe(moved);
  const std::int64_t stable = partition.log.last_stable_offset();
  const bool with_the_other = stable_before == before && stable == moved.to;
  if (with_the_other || stable == stable_before) return;
  Observation decided = about(partition, Observation::Kind::last_stable_offset);
  decided.from = stable_before;
  decided.to = stable;
  observe(decided);
}

void Broker::progress_made(const TopicIdPartition& id) {
  const auto concerns = [&](const std::vector<ProduceStatus>& statuses) {
    return std::any_of(statuses.begin(), statuses.end(), [&](const ProduceStatus& s) { return s.id == id; });
  };
  for (std::size_t i = 0; i < delayed_fetches_.size();) {
    const bool mentions = std::any_of(
        delayed_fetches_[i].fetch.topics.begin(), delayed_fetches_[i].fetch.topics.end(), [&](const auto& topic) {
          const TopicImage* image = topic.topic_id.is_zero() ? image_->topic(topic.topic) : nullptr;
          return topic.topic_id == id.topic || (image != nullptr && image->id == id.topic);
        });
    if (!mentions || !try_complete(delayed_fetches_[i])) {
      ++i;
      continue;
    }
    const DelayedFetch delayed = std::move(delayed_fetches_[i]);
    delayed_fetches_.erase(delayed_fetches_.begin() + static_cast<std::ptrdiff_t>(i));
    answer_fetch(delayed.request, delayed.fetch, false);
  }
  std::erase_if(delayed_produces_,
                [&](DelayedProduce& delayed) { return concerns(delayed.status) && try_complete(delayed); });
  std::erase_if(delayed_appends_, [&](DelayedAppend& delayed) {
    if (delayed.id != id) return false;
    const Partition* partition = find(id);
    const auto progress = partition == nullptr ? Partition::Progress{true, ErrorCode::unknown_topic_or_partition}
                                               : partition->enough_replicas_reached(delayed.required, context());
    if (progress.done) finished_.push_back({std::move(delayed.then), progress.error, delayed.cause, delayed.done});
    return progress.done;
  });
  std::erase_if(delayed_deletes_, [&](DelayedDelete& delayed) {
    if (!concerns(delayed.status)) return false;
    bool waits = false;
    for (const ProduceStatus& status : delayed.status) {
      const Partition* partition = find(status.id);
      auto& data = delayed.response.topics[status.topic].partitions[status.partition];
      if (partition == nullptr || !partition->is_leader()) {
        data.error_code = wire_code(ErrorCode::not_leader_or_follower);
        continue;
      }
      data.low_watermark = partition->low_watermark(*image_);
      data.error_code =
          wire_code(data.low_watermark >= status.required ? ErrorCode::none : ErrorCode::request_timed_out);
      waits = waits || data.low_watermark < status.required;
    }
    if (waits) return false;
    answer(delayed.request, delayed.response);
    return true;
  });
}

}  // namespace linger::broker
