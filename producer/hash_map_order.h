#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "producer/clients/cluster.h"

namespace linger {

/// java.lang.String.hashCode of ASCII text.
inline std::uint32_t java_string_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) {
    hash = 31 * hash + static_cast<unsigned char>(c);
  }
  return hash;
}

/// org.apache.kafka.common.Node.hashCode of a node that is not fenced.
inline std::uint32_t java_node_hash(const Node& node) {
  constexpr std::uint32_t hash_of_false = 1237;
  std::uint32_t hash = 31 + java_string_hash(node.host);
  hash = 31 * hash + static_cast<std::uint32_t>(node.id.value());
  hash = 31 * hash + static_cast<std::uint32_t>(node.port);
  hash = 31 * hash + (node.rack ? java_string_hash(*node.rack) : 0);
  return 31 * hash + hash_of_false;
}

/// Puts nodes that were added one after the other into the order in which a java.util.HashSet<Node> is walked. Kafka
/// drains ready nodes in this order, and the draws of backoff jitter follow it.
inline void order_as_hash_set(std::vector<NodeId>& nodes, const Cluster& cluster) {
  if (nodes.size() < 2) {
    return;
  }
  std::size_t table = 16;
  while (4 * nodes.size() > 3 * table) {
    table *= 2;
  }
  const auto bucket = [&cluster, table](NodeId id) {
    const Node* node = cluster.node_by_id(id);
    const std::uint32_t hash = node == nullptr ? 0 : java_node_hash(*node);
    return (hash ^ (hash >> 16)) & (table - 1);
  };
  std::stable_sort(nodes.begin(), nodes.end(), [&bucket](NodeId a, NodeId b) { return bucket(a) < bucket(b); });
}

/// The order in which Java 17 walks a CopyOnWriteMap<Integer, …>: each new key copies a java.util.HashMap, whose table
/// is then just large enough. With partitions 0, 1 and 4 that is 0, 4, 1. Kafka walks the queues of a topic in this
/// order, and the draws of backoff jitter and the weights of adaptive partitioning follow it.
class HashMapOrder {
 public:
  struct Entry {
    std::int32_t key = 0;
    std::uint32_t value = 0;
  };

  /// Requires: a key that was not added before.
  void add(std::int32_t key, std::uint32_t value) {
    entries_.push_back(Entry{key, value});
    const std::size_t mask = table_size(entries_.size()) - 1;
    std::stable_sort(entries_.begin(), entries_.end(),
                     [mask](const Entry& a, const Entry& b) { return (hash(a.key) & mask) < (hash(b.key) & mask); });
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  static std::size_t hash(std::int32_t key) {
    const auto bits = static_cast<std::uint32_t>(key);
    return bits ^ (bits >> 16);
  }

  /// Size of the table after the last of `count` keys went into a copy of the map with the others.
  static std::size_t table_size(std::size_t count) {
    if (count == 1) {
      return 16;
    }
    const auto wanted = static_cast<std::size_t>(static_cast<float>(count - 1) / 0.75F + 1.0F);
    std::size_t size = 1;
    while (size < wanted) {
      size *= 2;
    }
    return 4 * count > 3 * size ? 2 * size : size;
  }

  std::vector<Entry> entries_;
};

}  // namespace linger
