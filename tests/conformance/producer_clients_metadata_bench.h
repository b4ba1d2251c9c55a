#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "producer/clients/metadata.h"
#include "support/client_stage.h"

namespace linger::test {

using TopicNames = std::set<std::string>;

/// The surroundings of Kafka's MetadataTest: metadata that is given answers. Java's test keeps every topic; here a
/// topic is kept that was added, so that each test says first which there are.
struct MetadataBench {
  static constexpr std::int64_t backoff_ms = 100;
  static constexpr std::int64_t expire_ms = 1000;
  static constexpr std::int64_t idle_ms = 60'000;

  CountedEntropy entropy;
  ProducerMetadata metadata{ProducerMetadata::Config{backoff_ms, 1000, expire_ms, idle_ms}};

  void add(const TopicNames& topics, std::int64_t now_ms = 0) {
    for (const std::string& topic : topics) metadata.add(topic, now_ms);
  }
  void update(const MetadataResponse& response, std::int64_t now_ms, bool partial = false,
              std::int16_t version = newest_metadata_version) {
    metadata.update_with_current_request_version(response, version, partial, now_ms, entropy);
  }
  void update(const ClusterAnswer& answer, std::int64_t now_ms, bool partial = false) {
    update(answer.build(), now_ms, partial);
  }
  /// An answer without brokers and topics.
  void update_with_nothing(std::int64_t now_ms) { update(MetadataResponse{}, now_ms); }
  /// One node leads one topic's partitions, with this epoch; without an id if none is given.
  static ClusterAnswer topic_answer(const std::string& topic, std::int32_t epoch, std::optional<Uuid> id = std::nullopt,
                                    int partitions = 1) {
    ClusterAnswer answer;
    answer.partitions[topic] = partitions;
    answer.epoch = epoch;
    if (id) answer.ids[topic] = *id;
    return answer;
  }
  /// -1: none was seen.
  std::int32_t seen_epoch(const TopicPartition& partition) const {
    return metadata.last_seen_leader_epoch(partition).value_or(LeaderEpoch{-1}).value();
  }
  bool update_if_newer(const TopicPartition& partition, std::int32_t epoch) {
    return metadata.update_last_seen_epoch_if_newer(partition, LeaderEpoch{epoch});
  }
  const PartitionMetadata* current(const TopicPartition& partition) const {
    return metadata.partition_metadata_if_current(partition);
  }
  std::int64_t next_update_ms(std::int64_t now_ms) { return metadata.time_to_next_update(now_ms, entropy); }
  TopicNames known_topics() const {
    const auto topics = metadata.fetch().topics();
    return {topics.begin(), topics.end()};
  }
};

}  // namespace linger::test
