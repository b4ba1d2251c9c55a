#include <algorithm>
#include <cassert>

#include "broker_model/cluster.h"
#include "broker_model/controller.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

std::optional<std::string> message(std::string text) {
  return std::optional<std::string>{std::move(text)};
}

}  // namespace

void Controller::handle_elect_leaders(Request request, Reader& reader) {
  const auto asked = body<ElectLeadersRequest>(reader, request);
  if (!asked) return;
  ElectLeadersResponse response;
  Records records;
  const auto try_one = [&](ElectLeadersResponse::ReplicaElectionResult& results, const TopicImage* topic,
                           std::int32_t partition, bool name_all) {
    const ErrorCode error = topic == nullptr ? ErrorCode::unknown_topic_or_partition
                                             : elect(*topic, partition, asked->election_type, records);
    if (error == ErrorCode::election_not_needed && !name_all) return;
    results.partition_result.push_back(
        {partition, wire_code(error),
         error == ErrorCode::none ? std::nullopt : message(std::string{error_message(error)})});
  };
  if (asked->topic_partitions) {
    for (const auto& wanted : *asked->topic_partitions) {
      auto& results = response.replica_election_results.emplace_back();
      results.topic = wanted.topic;
      for (const std::int32_t partition : wanted.partitions)
        try_one(results, latest_->topic(wanted.topic), partition, true);
    }
  } else {
    for (const TopicImage& topic : latest_->topics()) {
      auto& results = response.replica_election_results.emplace_back();
      results.topic = topic.name;
      for (std::size_t i = 0; i < topic.partitions.size(); ++i)
        try_one(results, &topic, static_cast<std::int32_t>(i), false);
    }
  }
  write(records);
  answer_when_committed(request, response);
}

/// Partition i has its replicas on the (i mod n)-th broker and the following, as in a scenario file: Kafka draws the
/// first one. Fenced brokers come after all others, and none is first (Kafka: StripedReplicaPlacer).
std::optional<std::vector<Replicas>> Controller::place(std::int32_t first, std::int32_t count,
                                                       std::int32_t replication_factor) const {
  std::vector<std::int32_t> unfenced;
  std::vector<std::int32_t> fenced;
  for (const BrokerRegistration& broker : latest_->brokers())
    (broker.fenced ? fenced : unfenced).push_back(broker.id.value());
  const auto wanted = static_cast<std::size_t>(std::max(replication_factor, 0));
  if (wanted == 0 || unfenced.empty() || wanted > unfenced.size() + fenced.size()) return std::nullopt;
  std::vector<Replicas> placed;
  for (std::int32_t i = first; i < first + count; ++i) {
    const auto turn = static_cast<std::size_t>(i);
    Replicas replicas;
    for (std::size_t k = 0; k < wanted; ++k) {
      const bool some_left = k < unfenced.size();
      replicas.push_back(some_left ? unfenced[(turn + k) % unfenced.size()] : fenced[(turn + k) % fenced.size()]);
    }
    placed.push_back(std::move(replicas));
  }
  return placed;
}

/// Whether each partition would have somebody to lead it: Kafka creates none that has not.
bool Controller::can_be_led(const std::vector<Replicas>& placed) const {
  return std::all_of(placed.begin(), placed.end(), [&](const Replicas& replicas) {
    return std::any_of(replicas.begin(), replicas.end(),
                       [&](std::int32_t node) { return latest_->active(NodeId{node}); });
  });
}

PartitionRecord Controller::new_partition(const Uuid& topic, std::int32_t index, const Replicas& replicas) const {
  PartitionRecord record;
  record.topic_id = topic;
  record.partition_id = index;
  record.replicas = replicas;
  for (const std::int32_t node : replicas) {
    if (latest_->active(NodeId{node})) record.isr.push_back(node);
  }
  assert(!record.isr.empty());
  record.leader = record.isr[0];
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  return record;
}

ErrorCode Controller::create_topic(const CreateTopicsRequest::CreatableTopic& wanted,
                                   CreateTopicsResponse::CreatableTopicResult& result, Records& records) const {
  if (latest_->topic(wanted.name) != nullptr) return ErrorCode::topic_already_exists;
  if (wanted.name.empty() || wanted.name.size() > 249 || wanted.name == "." || wanted.name == "..")
    return ErrorCode::invalid_topic_exception;
  std::vector<Replicas> placed;
  if (!wanted.assignments.empty()) {
    placed.resize(wanted.assignments.size());
    for (const auto& assignment : wanted.assignments) {
      if (assignment.partition_index < 0 || static_cast<std::size_t>(assignment.partition_index) >= placed.size())
        return ErrorCode::invalid_replica_assignment;
      if (assignment.broker_ids.empty()) return ErrorCode::invalid_replica_assignment;
      for (const std::int32_t node : assignment.broker_ids) {
        if (latest_->broker(NodeId{node}) == nullptr) return ErrorCode::invalid_replica_assignment;
      }
      placed[static_cast<std::size_t>(assignment.partition_index)] = assignment.broker_ids;
    }
    for (const Replicas& replicas : placed) {
      if (replicas.empty()) return ErrorCode::invalid_replica_assignment;
    }
    if (!can_be_led(placed)) return ErrorCode::invalid_replica_assignment;
  } else {
    const auto count =
        wanted.num_partitions == -1 ? static_cast<std::int32_t>(spec_.config.num_partitions) : wanted.num_partitions;
    const auto factor = wanted.replication_factor == -1
                            ? static_cast<std::int32_t>(spec_.config.default_replication_factor)
                            : wanted.replication_factor;
    if (count <= 0) return ErrorCode::invalid_partitions;
    auto chosen = place(0, count, factor);
    if (!chosen || !can_be_led(*chosen)) return ErrorCode::invalid_replication_factor;
    placed = std::move(*chosen);
  }
  TopicConfig checked = spec_.config.topic;
  for (const auto& setting : wanted.configs) {
    if (setting.value && set_topic_config(checked, setting.name, *setting.value)) return ErrorCode::invalid_config;
  }
  TopicRecord topic;
  topic.name = wanted.name;
  topic.topic_id = topic_id_for(spec_.seed, wanted.name, log_end() + static_cast<std::int64_t>(records.size()));
  records.emplace_back(topic);
  for (const auto& setting : wanted.configs) {
    ConfigRecord record;
    record.resource_type = 2;
    record.resource_name = wanted.name;
    record.name = setting.name;
    record.value = setting.value;
    records.emplace_back(record);
  }
  for (std::size_t i = 0; i < placed.size(); ++i)
    records.emplace_back(new_partition(topic.topic_id, static_cast<std::int32_t>(i), placed[i]));
  result.topic_id = topic.topic_id;
  result.num_partitions = static_cast<std::int32_t>(placed.size());
  result.replication_factor = static_cast<std::int16_t>(placed[0].size());
  return ErrorCode::none;
}

void Controller::handle_create_topics(Request request, Reader& reader) {
  const auto asked = body<CreateTopicsRequest>(reader, request);
  if (!asked) return;
  CreateTopicsResponse response;
  Records records;
  for (const auto& wanted : asked->topics) {
    auto& result = response.topics.emplace_back();
    result.name = wanted.name;
    result.configs = std::vector<CreateTopicsResponse::CreatableTopicConfigs>{};
    const ErrorCode error = create_topic(wanted, result, records);
    result.error_code = wire_code(error);
    result.error_message = error == ErrorCode::none ? std::nullopt : message(std::string{error_message(error)});
  }
  if (!asked->validate_only) write(records);
  answer_when_committed(request, response);
}

void Controller::handle_delete_topics(Request request, Reader& reader) {
  const auto asked = body<DeleteTopicsRequest>(reader, request);
  if (!asked) return;
  DeleteTopicsResponse response;
  Records records;
  const auto remove = [&](const TopicImage* topic, const std::optional<std::string>& name, const Uuid& id) {
    auto& result = response.responses.emplace_back();
    result.name = topic != nullptr ? std::optional<std::string>{topic->name} : name;
    result.topic_id = topic != nullptr ? topic->id : id;
    if (topic == nullptr) {
      result.error_code = wire_code(name ? ErrorCode::unknown_topic_or_partition : ErrorCode::unknown_topic_id);
      return;
    }
    RemoveTopicRecord record;
    record.topic_id = topic->id;
    records.emplace_back(record);
  };
  for (const auto& wanted : asked->topics) {
    remove(wanted.name ? latest_->topic(*wanted.name) : latest_->topic(wanted.topic_id), wanted.name, wanted.topic_id);
  }
  for (const std::string& name : asked->topic_names) remove(latest_->topic(name), name, Uuid{});
  write(records);
  answer_when_committed(request, response);
}

void Controller::handle_create_partitions(Request request, Reader& reader) {
  const auto asked = body<CreatePartitionsRequest>(reader, request);
  if (!asked) return;
  CreatePartitionsResponse response;
  Records records;
  for (const auto& wanted : asked->topics) {
    auto& result = response.results.emplace_back();
    result.name = wanted.name;
    const TopicImage* topic = latest_->topic(wanted.name);
    ErrorCode error = topic == nullptr ? ErrorCode::unknown_topic_or_partition : ErrorCode::none;
    const auto present = topic == nullptr ? 0 : static_cast<std::int32_t>(topic->partitions.size());
    if (error == ErrorCode::none && wanted.count <= present) error = ErrorCode::invalid_partitions;
    if (error == ErrorCode::none) {
      std::optional<std::vector<Replicas>> placed =
          place(present, wanted.count - present, static_cast<std::int32_t>(topic->partitions[0].replicas.size()));
      if (!wanted.assignments && (!placed || !can_be_led(*placed))) error = ErrorCode::invalid_replication_factor;
      if (wanted.assignments) {
        placed.emplace();
        for (const auto& assignment : *wanted.assignments) placed->push_back(assignment.broker_ids);
        if (static_cast<std::int32_t>(placed->size()) != wanted.count - present || !can_be_led(*placed))
          error = ErrorCode::invalid_replica_assignment;
      }
      if (error == ErrorCode::none) {
        for (std::int32_t i = present; i < wanted.count; ++i)
          records.emplace_back(new_partition(topic->id, i, (*placed)[static_cast<std::size_t>(i - present)]));
      }
    }
    result.error_code = wire_code(error);
    if (error != ErrorCode::none) result.error_message = std::string{error_message(error)};
  }
  if (!asked->validate_only) write(records);
  answer_when_committed(request, response);
}

}  // namespace linger::broker
