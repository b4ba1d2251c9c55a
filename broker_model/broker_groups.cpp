#include "broker_model/broker.h"
#include "broker_model/group_log.h"
#include "broker_model/transaction_log.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::size_t max_metadata = 4096;  // offset.metadata.max.bytes

/// How a failed write is told to a client that commits (Kafka: CoordinatorOperationExceptionHelper).
ErrorCode told_to_committer(ErrorCode error) {
  switch (error) {
    case ErrorCode::network_exception:
      // The transaction could not be verified: the client shall try again without looking for another coordinator.
      return ErrorCode::coordinator_load_in_progress;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::request_timed_out:
      return ErrorCode::coordinator_not_available;
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::kafka_storage_error:
      return ErrorCode::not_coordinator;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::invalid_fetch_size:
      return ErrorCode::unknown_server_error;
    default:
      return error;
  }
}

ErrorCode told_to_reader(ErrorCode error) {
  const ErrorCode told = told_to_committer(error);
  return told == ErrorCode::coordinator_not_available ? ErrorCode::not_coordinator : told;
}

void set_all(TxnOffsetCommitResponse& response, ErrorCode error) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == wire_code(ErrorCode::none)) partition.error_code = wire_code(error);
    }
  }
}

}  // namespace

std::int32_t Broker::offsets_partition(const std::string& group) const {
  const TopicImage* topic = image_->topic(offsets_topic);
  return coordinator_partition(group, topic == nullptr ? static_cast<std::int32_t>(config_.offsets_topic_partitions)
                                                       : static_cast<std::int32_t>(topic->partitions.size()));
}

TopicIdPartition Broker::offsets_partition_id(const std::string& group) const {
  const TopicImage* topic = image_->topic(offsets_topic);
  return {topic == nullptr ? Uuid{} : topic->id, offsets_partition(group)};
}

/// The coordinator's part for a group, brought up to date with its log.
GroupCoordinator::Part* Broker::group_part(std::int32_t partition, ErrorCode& error) {
  GroupCoordinator::Part* part = groups_.find(partition, error);
  if (part == nullptr) return nullptr;
  const TopicImage* topic = image_->topic(offsets_topic);
  const Partition* log = topic == nullptr ? nullptr : find({topic->id, partition});
  if (log == nullptr || !log->is_leader() || log->leader_epoch != part->epoch) {
    error = ErrorCode::not_coordinator;
    return nullptr;
  }
  part->newest.advance(log->log, log->log.log_end());
  part->replicated.advance(log->log, log->log.high_watermark());
  return part;
}

// ---------------------------------------------------------------- OffsetCommit

void Broker::handle_offset_commit(Request request, Reader& reader) {
  auto asked = body<OffsetCommitRequest>(reader, request);
  if (!asked) return;
  OffsetsToCommit commit;
  commit.request = request;
  commit.transactional = false;
  if (asked->retention_time_ms >= 0) commit.expires_at_ms = wall_ms() + asked->retention_time_ms;
  commit.asked.group_id = asked->group_id;
  commit.asked.producer_id = no_producer_id.value();
  commit.asked.producer_epoch = no_producer_epoch.value();
  commit.asked.generation_id = asked->generation_id_or_member_epoch;
  commit.asked.member_id = asked->member_id;
  commit.asked.group_instance_id = asked->group_instance_id;
  const bool by_id = request.version >= 10;
  bool any = false;
  for (const auto& topic : asked->topics) {
    const TopicImage* image = by_id ? image_->topic(topic.topic_id) : image_->topic(topic.name);
    auto& wanted = commit.asked.topics.emplace_back();
    auto& answered = commit.response.topics.emplace_back();
    wanted.name = answered.name = image != nullptr ? image->name : topic.name;
    commit.topic_ids.push_back(topic.topic_id);
    const ErrorCode unknown =
        by_id && image == nullptr ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
    for (const auto& one : topic.partitions) {
      const bool exists = image != nullptr && image_->partition({image->id, one.partition_index}) != nullptr;
      wanted.partitions.push_back(
          {one.partition_index, one.committed_offset, one.committed_leader_epoch, one.committed_metadata});
      answered.partitions.push_back({one.partition_index, wire_code(exists ? ErrorCode::none : unknown)});
      any = any || exists;
    }
  }
  if (asked->group_id.empty()) set_all(commit.response, ErrorCode::invalid_group_id);
  if (!any || asked->group_id.empty()) {
    answer_commit(commit, commit.response);
  } else {
    commit_offsets(commit, no_guard);
  }
}

/// The answer in the words of what was asked.
void Broker::answer_commit(const OffsetsToCommit& commit, const TxnOffsetCommitResponse& response) {
  if (commit.transactional) {
    answer(commit.request, response);
    return;
  }
  OffsetCommitResponse plain;
  for (std::size_t t = 0; t < response.topics.size(); ++t) {
    auto& topic = plain.topics.emplace_back();
    topic.name = response.topics[t].name;
    topic.topic_id = commit.topic_ids[t];
    for (const auto& one : response.topics[t].partitions)
      topic.partitions.push_back({one.partition_index, one.error_code});
  }
  answer(commit.request, plain);
}

// ---------------------------------------------------------------- TxnOffsetCommit

void Broker::handle_txn_offset_commit(Request request, Reader& reader) {
  auto asked = body<TxnOffsetCommitRequest>(reader, request);
  if (!asked) return;
  TxnOffsetCommitResponse response;
  bool any = false;
  for (const auto& topic : asked->topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    const TopicImage* image = image_->topic(topic.name);
    for (const auto& wanted : topic.partitions) {
      const bool exists = image != nullptr && image_->partition({image->id, wanted.partition_index}) != nullptr;
      answered.partitions.push_back(
          {wanted.partition_index, wire_code(exists ? ErrorCode::none : ErrorCode::unknown_topic_or_partition)});
      any = any || exists;
    }
  }
  if (asked->group_id.empty()) set_all(response, ErrorCode::invalid_group_id);
  if (!any || asked->group_id.empty()) {
    answer(request, response);
    return;
  }
  verify_offsets(OffsetsToCommit{request, std::move(*asked), std::move(response)});
}

/// Before the first offsets of a transaction are written here, its coordinator is asked, as for a produce request.
void Broker::verify_offsets(OffsetsToCommit commit) {
  const TxnOffsetCommitRequest& asked = commit.asked;
  const TransactionSupport support = support_of_txn_offset_commit(commit.request.version);
  if (!adds_partition(support) && !verifies_transactions()) {
    commit_offsets(commit, no_guard);
    return;
  }
  Partition* partition = find(offsets_partition_id(asked.group_id));
  if (partition == nullptr || !partition->is_leader()) {
    offsets_committed(commit, ErrorCode::not_leader_or_follower);
    return;
  }
  const ProducerIdAndEpoch producer{ProducerId{asked.producer_id}, ProducerEpoch{asked.producer_epoch}};
  const auto start = partition->log.producers().maybe_start_verification(producer.id, no_sequence, producer.epoch,
                                                                         adds_partition(support), wall_ms());
  if (start.error != ErrorCode::none) {
    offsets_committed(commit, start.error);
  } else if (start.guard == no_guard) {
    commit_offsets(commit, no_guard);
  } else {
    const PartitionSet partitions{{std::string{offsets_topic}, partition->id.partition}};
    VerificationQuestion question{++waiters_, asked.transactional_id, producer, partitions, support};
    verifying_offsets_.push_back({waiters_, start.guard, std::move(commit)});
    ask_coordinator(std::move(question));
  }
}

/// The coordinator's answer to that; false when somebody else asked.
bool Broker::offsets_verified(const VerificationResult& result) {
  const auto at = std::find_if(verifying_offsets_.begin(), verifying_offsets_.end(),
                               [&](const VerifyingOffsets& v) { return v.number == result.waiter; });
  if (at == verifying_offsets_.end()) return false;
  const VerifyingOffsets waiting = std::move(*at);
  verifying_offsets_.erase(at);
  if (result.errors.empty()) {
    commit_offsets(waiting.commit, waiting.guard);
  } else {
    offsets_committed(waiting.commit, result.errors.front().second);
  }
  return true;
}

void Broker::commit_offsets(const OffsetsToCommit& commit, VerificationGuard guard) {
  const TxnOffsetCommitRequest& asked = commit.asked;
  ErrorCode error = ErrorCode::none;
  GroupCoordinator::Part* part = group_part(offsets_partition(asked.group_id), error);
  if (part != nullptr) error = GroupCoordinator::validate_commit(part->newest, asked.group_id, asked.generation_id);
  // KIP-848: who commits outside of transactions hears since version 9 that the group does not exist.
  if (error == ErrorCode::illegal_generation && !commit.transactional && commit.request.version >= 9)
    error = ErrorCode::group_id_not_found;
  if (error != ErrorCode::none) {
    offsets_committed(commit, error);
    return;
  }
  OffsetsToCommit written = commit;
  BatchOptions options;
  if (commit.transactional) {
    options.producer = {ProducerId{asked.producer_id}, ProducerEpoch{asked.producer_epoch}};
    options.base_sequence = 0;
    options.transactional = true;
  }
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  bool any = false;
  for (std::size_t t = 0; t < asked.topics.size(); ++t) {
    for (std::size_t p = 0; p < asked.topics[t].partitions.size(); ++p) {
      const auto& wanted = asked.topics[t].partitions[p];
      auto& data = written.response.topics[t].partitions[p];
      if (data.error_code != wire_code(ErrorCode::none)) continue;
      const std::string metadata = wanted.committed_metadata.value_or("");
      if (metadata.size() > max_metadata) {
        data.error_code = wire_code(ErrorCode::offset_metadata_too_large);
        continue;
      }
      any = true;
      const Bytes key = offset_commit_key({asked.group_id, asked.topics[t].name, wanted.partition_index});
      const Bytes value = offset_commit_value(
          {wanted.committed_offset, wanted.committed_leader_epoch, metadata, wall_ms(), commit.expires_at_ms, Uuid{}});
      builder.append(buffer, wall_ms(), BytesView{key}, BytesView{value});
    }
  }
  if (!any) {
    answer_commit(commit, written.response);
    return;
  }
  builder.close(buffer);
  AppendOrigin origin;
  origin.coordinator = true;
  origin.guard = guard;
  append_own(offsets_partition_id(asked.group_id), sim::Bytes::copy_of(builder.records(buffer)), origin,
             Duration::ms(config_.offsets_commit_timeout_ms), GroupWrite{std::move(written)});
}

void Broker::offsets_committed(const OffsetsToCommit& commit, ErrorCode error) {
  TxnOffsetCommitResponse response = commit.response;
  ErrorCode told = told_to_committer(error);
  // Producers before 2.0 may crash when a coordinator is loading (KAFKA-7296).
  if (commit.transactional && commit.request.version < 2 && told == ErrorCode::coordinator_load_in_progress)
    told = ErrorCode::coordinator_not_available;
  if (told != ErrorCode::none) set_all(response, told);
  answer_commit(commit, response);
}

void Broker::finished(const GroupWrite& write, ErrorCode error) {
  offsets_committed(write.commit, error);
}

// ---------------------------------------------------------------- OffsetFetch

void Broker::handle_offset_fetch(Request request, Reader& reader) {
  auto asked = body<OffsetFetchRequest>(reader, request);
  if (!asked) return;
  if (request.version < 8) {
    auto& group = asked->groups.emplace_back();
    group.group_id = asked->group_id;
    group.topics.reset();
    if (asked->topics) {
      group.topics.emplace();
      for (const auto& topic : *asked->topics) group.topics->push_back({topic.name, {}, topic.partition_indexes});
    }
  }
  OffsetsToRead read{request, std::move(*asked), {}, 0};
  read.left = read.asked.groups.size();
  read.answers.resize(read.asked.groups.size());
  const std::uint64_t number = ++waiters_;
  const std::size_t groups = read.asked.groups.size();
  offset_fetches_.emplace_back(number, std::move(read));
  if (groups == 0) answer_offset_fetch(number);
  for (std::size_t i = 0; i < groups; ++i) begin_offset_fetch(number, i);
}

/// With require_stable everything that was written so far must be replicated before it is answered; otherwise what is
/// replicated is answered at once.
void Broker::begin_offset_fetch(std::uint64_t number, std::size_t group) {
  const auto at =
      std::find_if(offset_fetches_.begin(), offset_fetches_.end(), [&](const auto& f) { return f.first == number; });
  const std::string& id = at->second.asked.groups[group].group_id;
  ErrorCode error = ErrorCode::none;
  const GroupCoordinator::Part* part = group_part(offsets_partition(id), error);
  if (part != nullptr && at->second.asked.require_stable) {
    const TopicIdPartition log = offsets_partition_id(id);
    delayed_appends_.push_back({now_ + Duration::ms(config_.offsets_commit_timeout_ms), log, part->newest.end(), cause_,
                                now_, GroupRead{number, group}});
    progress_made(log);
    return;
  }
  finish_offset_fetch(number, group, error);
}

void Broker::finished(const GroupRead& read, ErrorCode error) {
  finish_offset_fetch(read.number, read.group, error);
}

void Broker::finish_offset_fetch(std::uint64_t number, std::size_t group, ErrorCode error) {
  const auto at =
      std::find_if(offset_fetches_.begin(), offset_fetches_.end(), [&](const auto& f) { return f.first == number; });
  OffsetsToRead& read = at->second;
  const bool stable = read.asked.require_stable;
  auto& wanted = read.asked.groups[group];
  auto& answered = read.answers[group];
  answered.group_id = wanted.group_id;
  const GroupCoordinator::Part* part =
      error == ErrorCode::none ? group_part(offsets_partition(wanted.group_id), error) : nullptr;
  const ErrorCode told = told_to_reader(error);
  if (told != ErrorCode::none) answered.error_code = wire_code(told);
  const auto entry = [&](const TopicPartition& partition, const GroupOffset* offset) {
    OffsetFetchResponse::OffsetFetchResponsePartitions data;
    data.partition_index = partition.partition;
    data.committed_offset = -1;
    const bool unstable = stable && part->newest.unstable(wanted.group_id, partition);
    if (unstable) data.error_code = wire_code(ErrorCode::unstable_offset_commit);
    if (offset == nullptr || unstable) return data;
    data.committed_offset = offset->offset;
    data.committed_leader_epoch = offset->leader_epoch;
    data.metadata = offset->metadata;
    return data;
  };
  const auto name_of = [&](const OffsetFetchRequest::OffsetFetchRequestTopics& topic) {
    const TopicImage* image = topic.topic_id.is_zero() ? nullptr : image_->topic(topic.topic_id);
    return image == nullptr ? topic.name : image->name;
  };
  if (part != nullptr) {
    const GroupOffsets& offsets = stable ? part->newest : part->replicated;
    if (wanted.topics) {
      for (const auto& topic : *wanted.topics) {
        const std::string name = name_of(topic);
        auto& topic_answer = answered.topics.emplace_back();
        topic_answer.name = name;
        topic_answer.topic_id = topic.topic_id;
        for (const std::int32_t index : topic.partition_indexes) {
          const TopicPartition partition{name, index};
          topic_answer.partitions.push_back(entry(partition, offsets.find(wanted.group_id, partition)));
          if (read.request.version >= 10 && name.empty())
            topic_answer.partitions.back().error_code = wire_code(ErrorCode::unknown_topic_id);
        }
      }
    } else {
      for (const auto& [partition, offset] : offsets.all_of(wanted.group_id)) {
        const TopicImage* image = image_->topic(partition.topic);
        if (read.request.version >= 10 && image == nullptr) continue;
        if (answered.topics.empty() || answered.topics.back().name != partition.topic) {
          auto& topic_answer = answered.topics.emplace_back();
          topic_answer.name = partition.topic;
          if (image != nullptr) topic_answer.topic_id = image->id;
        }
        answered.topics.back().partitions.push_back(entry(partition, &offset));
      }
    }
  } else if (read.request.version < 2 && wanted.topics) {
    // The answer has no place for an error of the whole group.
    for (const auto& topic : *wanted.topics) {
      auto& topic_answer = answered.topics.emplace_back();
      topic_answer.name = topic.name;
      for (const std::int32_t index : topic.partition_indexes)
        topic_answer.partitions.push_back({index, -1, -1, "", wire_code(told)});
    }
  }
  if (--read.left == 0) answer_offset_fetch(number);
}

void Broker::answer_offset_fetch(std::uint64_t number) {
  const auto at =
      std::find_if(offset_fetches_.begin(), offset_fetches_.end(), [&](const auto& f) { return f.first == number; });
  OffsetsToRead& read = at->second;
  OffsetFetchResponse response;
  if (read.request.version >= 8) {
    response.groups = std::move(read.answers);
  } else {
    response.error_code = read.answers[0].error_code;
    for (auto& topic : read.answers[0].topics) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic.name;
      for (auto& data : topic.partitions) {
        answered.partitions.push_back({data.partition_index, data.committed_offset, data.committed_leader_epoch,
                                       std::move(data.metadata), data.error_code});
      }
    }
  }
  answer(read.request, response);
  offset_fetches_.erase(at);
}

}  // namespace linger::broker
