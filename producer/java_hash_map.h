#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/hash_map_order.h"
#include "protocol/ids.h"

namespace linger {

/// org.apache.kafka.common.TopicPartition.hashCode.
inline std::uint32_t java_hash(const TopicPartition& partition) {
  return 31 * (31 + static_cast<std::uint32_t>(partition.partition)) + java_string_hash(partition.topic);
}
inline std::uint32_t java_hash(const std::string& text) {
  return java_string_hash(text);
}
/// Of the id as text (org.apache.kafka.common.Node.idString), under which the network client keeps its nodes.
inline std::uint32_t java_hash(NodeId node) {
  std::array<char, 12> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), node.value()).ptr;
  return java_string_hash(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

/// A java.util.HashMap that began with its default size and is walked in its order: by bucket, and in a bucket by age.
/// The table grows as Java's does and never shrinks. Kafka puts partitions into requests in such an order, and judges
/// the errors of an answer in it. Buckets that Java would turn into trees (eight or more entries in a table of at least
/// 64) keep their list order here.
template <class Key, class Value>
class JavaHashMap {
 public:
  struct Entry {
    Key key;
    Value value;
    std::uint32_t hash = 0;  ///< as HashMap spreads it
  };

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// Null when there is no such key.
  const Value* find(const Key& key) const {
    if (entries_.empty()) return nullptr;
    const auto at = position_of(key, spread(key));
    return at == entries_.end() ? nullptr : &at->value;
  }
  Value* find(const Key& key) {
    if (entries_.empty()) return nullptr;
    const auto at = position_of(key, spread(key));
    return at == entries_.end() ? nullptr : &entries_[static_cast<std::size_t>(at - entries_.begin())].value;
  }
  /// A key that is there keeps its place.
  void put(const Key& key, Value value) {
    const std::uint32_t hash = spread(key);
    const auto at = position_of(key, hash);
    if (at != entries_.end()) {
      entries_[static_cast<std::size_t>(at - entries_.begin())].value = std::move(value);
      return;
    }
    const auto behind = std::upper_bound(entries_.begin(), entries_.end(), bucket(hash),
                                         [this](std::size_t b, const Entry& e) { return b < bucket(e.hash); });
    entries_.insert(behind, Entry{key, std::move(value), hash});
    if (is_crowded()) grow();
  }
  /// HashMap.computeIfAbsent: the value of the key, made if there is none. Java puts a new key before the others of its
  /// bucket, and enlarges a crowded table at the next such call.
  Value& compute_if_absent(const Key& key) {
    if (is_crowded()) grow();
    const std::uint32_t hash = spread(key);
    auto at = position_of(key, hash);
    if (at == entries_.end()) {
      const auto front = std::lower_bound(entries_.begin(), entries_.end(), bucket(hash),
                                          [this](const Entry& e, std::size_t b) { return bucket(e.hash) < b; });
      at = entries_.insert(front, Entry{key, Value{}, hash});
    }
    return entries_[static_cast<std::size_t>(at - entries_.begin())].value;
  }
  void erase(const Key& key) {
    const auto at = position_of(key, spread(key));
    if (at != entries_.end()) entries_.erase(at);
  }
  void clear() { entries_.clear(); }
  /// In the order in which Java walks it.
  const std::vector<Entry>& entries() const { return entries_; }
  /// The keys alone, in that order.
  std::vector<Key> keys() const {
    std::vector<Key> keys;
    keys.reserve(entries_.size());
    for (const Entry& entry : entries_) keys.push_back(entry.key);
    return keys;
  }

 private:
  static std::uint32_t spread(const Key& key) {
    const std::uint32_t hash = java_hash(key);
    return hash ^ (hash >> 16);
  }
  bool is_crowded() const { return 4 * entries_.size() > 3 * table_; }
  void grow() {
    table_ *= 2;
    std::stable_sort(entries_.begin(), entries_.end(),
                     [this](const Entry& a, const Entry& b) { return bucket(a.hash) < bucket(b.hash); });
  }
  std::size_t bucket(std::uint32_t hash) const { return hash & (table_ - 1); }
  typename std::vector<Entry>::const_iterator position_of(const Key& key, std::uint32_t hash) const {
    auto at = std::lower_bound(entries_.begin(), entries_.end(), bucket(hash),
                               [this](const Entry& e, std::size_t b) { return bucket(e.hash) < b; });
    for (; at != entries_.end() && bucket(at->hash) == bucket(hash); ++at) {
      if (at->key == key) return at;
    }
    return entries_.end();
  }

  std::vector<Entry> entries_;
  std::size_t table_ = 16;
};

/// A java.util.HashSet.
template <class Key>
class JavaHashSet {
 public:
  bool empty() const { return map_.empty(); }
  std::size_t size() const { return map_.size(); }
  bool contains(const Key& key) const { return map_.contains(key); }
  void add(const Key& key) { map_.put(key, Nothing{}); }
  void erase(const Key& key) { map_.erase(key); }
  void clear() { map_.clear(); }
  /// In the order in which Java walks it.
  std::vector<Key> keys() const { return map_.keys(); }

 private:
  struct Nothing {};
  JavaHashMap<Key, Nothing> map_;
};

}  // namespace linger
