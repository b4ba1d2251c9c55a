#include "producer/producer_batch.h"

#include <algorithm>
#include <string>
#include <utility>

namespace linger {
namespace {

std::int32_t length_of(const OptionalBytes& bytes) {
  return bytes ? static_cast<std::int32_t>(bytes->size()) : -1;
}

}  // namespace

void ProducerBatch::start(const Origin& origin, const TopicPartition& partition) {
  origin_ = origin;
  partition_ = partition;
  BatchOptions options;
  options.compression = origin.compression;
  options.write_limit = origin.capacity;
  builder_ = MemoryRecordsBuilder(options);
  builder_.set_estimated_compression_ratio(origin.estimated_compression_ratio);
  thunks_.clear();
  created_ms_ = origin.created_ms;
  last_attempt_ms_ = origin.created_ms;
  last_append_ms_ = origin.created_ms;
  drained_ms_ = 0;
  attempts_ = 0;
  max_record_size_ = 0;
  attempts_when_leader_last_changed_ = 0;
  current_leader_epoch_.reset();
  final_state_ = FinalState::none;
  future_done_ = false;
  retry_ = false;
  reopened_ = false;
  buffer_deallocated_ = false;
  inflight_ = false;
  may_be_in_log_ = false;
}

bool ProducerBatch::try_append(Bytes& buffer, std::uint64_t record, std::int64_t timestamp, const OptionalBytes& key,
                               const OptionalBytes& value, std::span<const RecordHeader> headers, std::int64_t now_ms) {
  if (!builder_.try_append(buffer, timestamp, key, value, headers)) {
    return false;
  }
  max_record_size_ = std::max(max_record_size_, estimate_size_in_bytes_upper_bound(key, value, headers));
  last_append_ms_ = now_ms;
  thunks_.push_back(Thunk{record, timestamp, length_of(key), length_of(value)});
  return true;
}

bool ProducerBatch::try_append_for_split(Bytes& buffer, const RecordView& record, const Thunk& thunk) {
  const std::vector<RecordHeader> headers = record.headers();
  if (!builder_.try_append(buffer, record.timestamp, record.key, record.value, headers)) {
    return false;
  }
  max_record_size_ = std::max(max_record_size_, estimate_size_in_bytes_upper_bound(record.key, record.value, headers));
  thunks_.push_back(thunk);
  return true;
}

bool ProducerBatch::settle(FinalState state) {
  if (final_state_ == FinalState::none) {
    final_state_ = state;
    return true;
  }
  if (final_state_ == FinalState::succeeded) {
    throw JavaThrow(illegal_state("A batch of " + partition_.describe() + " that succeeded was settled again"));
  }
  return false;
}

bool ProducerBatch::complete(std::int64_t base_offset, std::int64_t log_append_time, RecordCompletions& completions) {
  if (!settle(FinalState::succeeded)) {
    return false;
  }
  report(base_offset, log_append_time, nullptr, completions);
  return true;
}

bool ProducerBatch::complete_exceptionally(const BatchFailure& failure, RecordCompletions& completions) {
  if (!settle(FinalState::failed)) {
    return false;
  }
  report(-1, no_timestamp, &failure, completions);
  return true;
}

void ProducerBatch::abort(const KafkaError& error, RecordCompletions& completions) {
  if (final_state_ != FinalState::none) {
    throw JavaThrow(illegal_state("A batch of " + partition_.describe() + " was aborted after it had been settled"));
  }
  final_state_ = FinalState::aborted;
  const BatchFailure failure{error, {}, {}};
  report(-1, no_timestamp, &failure, completions);
}

void ProducerBatch::report(std::int64_t base_offset, std::int64_t log_append_time, const BatchFailure* failure,
                           RecordCompletions& completions) {
  const auto first_error = static_cast<std::uint32_t>(completions.errors.size());
  if (failure != nullptr) {
    completions.errors.push_back(failure->of_records.empty() ? failure->error : failure->of_others);
    for (const BatchFailure::OfRecord& of_record : failure->of_records) {
      completions.errors.push_back(of_record.error);
    }
  }
  std::int32_t index = 0;
  for (const Thunk& thunk : thunks_) {
    RecordCompletion completion;
    completion.record = thunk.record;
    completion.topic = origin_.topic;
    completion.partition = partition_.partition;
    completion.timestamp = log_append_time != no_timestamp ? log_append_time : thunk.timestamp;
    completion.serialized_key_size = thunk.key_size;
    completion.serialized_value_size = thunk.value_size;
    if (failure == nullptr) {
      completion.offset = base_offset == -1 ? -1 : base_offset + index;
    } else {
      completion.error = first_error;
      for (std::size_t at = failure->of_records.size(); at > 0; --at) {
        if (failure->of_records[at - 1].index == index) {
          completion.error = first_error + static_cast<std::uint32_t>(at);
          break;
        }
      }
    }
    completions.records.push_back(completion);
    ++index;
  }
  future_done_ = true;
}

void ProducerBatch::maybe_update_leader_epoch(std::optional<LeaderEpoch> latest) {
  if (latest && (!current_leader_epoch_ || *current_leader_epoch_ < *latest)) {
    attempts_when_leader_last_changed_ = attempts_;
    current_leader_epoch_ = latest;
  }
}

void ProducerBatch::reenqueued(std::int64_t now_ms) {
  ++attempts_;
  last_append_ms_ = std::max(last_append_ms_, now_ms);
  last_attempt_ms_ = last_append_ms_;
  retry_ = true;
}

void ProducerBatch::set_producer_state(const ProducerIdAndEpoch& identity, std::int32_t base_sequence,
                                       bool transactional) {
  if (builder_.is_closed()) {
    throw JavaThrow(illegal_state("A closed batch of " + partition_.describe() + " was to get another identity"));
  }
  builder_.set_producer_state(identity, base_sequence, transactional);
}

void ProducerBatch::reset_producer_state(const ProducerIdAndEpoch& identity, std::int32_t base_sequence) {
  reopened_ = true;
  if (builder_.is_aborted()) {
    throw JavaThrow(illegal_state("An aborted batch of " + partition_.describe() + " was to be opened again"));
  }
  builder_.reopen_and_rewrite_producer_state(identity, base_sequence, builder_.is_transactional());
}

void ProducerBatch::close(Bytes& buffer) {
  build(buffer);
  reopened_ = false;
}

void ProducerBatch::build(Bytes& buffer) {
  if (builder_.is_aborted()) {
    throw JavaThrow(illegal_state("An aborted batch of " + partition_.describe() + " was to be closed"));
  }
  builder_.close(buffer);
}

BatchBytes ProducerBatch::records() const {
  return BatchBytes{origin_.buffer.slot, origin_.buffer.generation, static_cast<std::uint32_t>(builder_.size())};
}

std::int32_t ProducerBatch::last_sequence() const {
  const std::uint32_t last =
      static_cast<std::uint32_t>(base_sequence()) + static_cast<std::uint32_t>(record_count()) - 1U;
  return static_cast<std::int32_t>(last);
}

void ProducerBatch::note_answer(ErrorCode error) {
  switch (error) {
    case ErrorCode::request_timed_out:
    case ErrorCode::network_exception:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::kafka_storage_error:
    case ErrorCode::unknown_server_error:
      may_be_in_log_ = true;
      break;
    // Only an answer about the sequence itself says that no earlier attempt is in the log: other refusals come before
    // the broker looks.
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::unknown_producer_id:
      may_be_in_log_ = false;
      break;
    default:
      break;
  }
}

ProducerObservation ProducerBatch::observe(ProducerEvent event) const {
  ProducerObservation seen;
  seen.event = event;
  seen.topic = origin_.topic;
  seen.partition = partition_.partition;
  seen.batch = origin_.number;
  seen.producer_id = builder_.producer_id().value();
  seen.epoch = builder_.producer_epoch().value();
  seen.sequence = builder_.base_sequence();
  seen.attempt = attempts_;
  seen.records = record_count();
  return seen;
}

}  // namespace linger
