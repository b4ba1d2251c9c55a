#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace linger {

/// The order in which Java 17 walks a CopyOnWriteMap<Integer, …>: each new key copies a java.util.HashMap, whose table is then just large
/// enough. With partitions 0, 1 and 4 that is 0, 4, 1. Kafka walks the queues of a topic in this order, and the draws of backoff jitter
/// and the weights of adaptive partitioning follow it.
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
    std::stable_sort(entries_.begin(), entries_.end(), [mask](const Entry& a, const Entry& b) {
      return (hash(a.key) & mask) < (hash(b.key) & mask);
    });
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
