#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "producer/clients/metadata.h"
#include "producer/clients/network_client.h"
#include "producer/entropy.h"
#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"

namespace linger::test {

/// Chance that can be counted and repeated: splitmix64 per use.
class CountedEntropy final : public Entropy {
 public:
  explicit CountedEntropy(std::uint64_t seed = 1) : seed_(seed) {}
  std::uint64_t draw(DrawUse use) override {
    std::uint64_t x = seed_ * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(use) * 0x2545f4914f6cdd1d + ++draws_[use];
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }
  std::uint64_t draws(DrawUse use) { return draws_[use]; }

 private:
  std::uint64_t seed_;
  std::map<DrawUse, std::uint64_t> draws_;
};

/// Always the same draw: all ones gives the top of each jitter's range, 0 its bottom.
class ConstantEntropy final : public Entropy {
 public:
  explicit ConstantEntropy(std::uint64_t value) : value_(value) {}
  std::uint64_t draw(DrawUse) override { return value_; }

 private:
  std::uint64_t value_;
};

/// Slots as plain vectors.
class TestSlots final : public SlotReader {
 public:
  BytesView read(const BatchBytes& range) override { return std::as_bytes(std::span(slots[range.slot])); }
  std::map<std::uint32_t, std::vector<std::uint8_t>> slots;
};

/// A metadata answer: nodes 0 … node_count-1, topics with so many partitions, partition p led by node p % node_count.
struct ClusterAnswer {
  int node_count = 1;
  std::map<std::string, int> partitions;
  std::map<std::string, Uuid> ids;
  std::map<std::string, ErrorCode> errors;
  std::int32_t epoch = -1;

  MetadataResponse build() const {
    MetadataResponse response;
    response.cluster_id = "cluster";
    response.controller_id = 0;
    for (int node = 0; node < node_count; ++node) {
      response.brokers.push_back({node, "host" + std::to_string(node), 9092 + node, std::nullopt});
    }
    for (const auto& [name, count] : partitions) {
      auto& topic = response.topics.emplace_back();
      topic.name = name;
      if (ids.contains(name)) topic.topic_id = ids.at(name);
      for (int partition = 0; partition < count; ++partition) {
        auto& entry = topic.partitions.emplace_back();
        entry.partition_index = partition;
        entry.leader_id = partition % node_count;
        entry.leader_epoch = epoch;
        entry.replica_nodes = {entry.leader_id};
        entry.isr_nodes = {entry.leader_id};
      }
    }
    for (const auto& [name, error] : errors) {
      auto& topic = response.topics.emplace_back();
      topic.name = name;
      topic.error_code = wire_code(error);
    }
    return response;
  }
};

inline constexpr std::int16_t newest_metadata_version = 13;

}  // namespace linger::test
