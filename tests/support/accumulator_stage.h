#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/record_accumulator.h"
#include "protocol/record_batch.h"
#include "support/hex.h"

namespace linger::testing {

inline constexpr std::int32_t max_int = std::numeric_limits<std::int32_t>::max();

/// SplitMix64, whatever it is asked for.
class RandomEntropy : public Entropy {
 public:
  explicit RandomEntropy(std::uint64_t seed) : state_(seed) {}
  std::uint64_t draw(DrawUse) override {
    std::uint64_t z = state_ += 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

/// Sticky partitions are drawn as 0, 1, 2, … (SequentialPartitioner in Kafka's tests); all else is random.
class SequentialEntropy final : public RandomEntropy {
 public:
  SequentialEntropy() : RandomEntropy(1) {}
  std::uint64_t draw(DrawUse use) override {
    return use == DrawUse::sticky_partition ? draws_++ << 33 : RandomEntropy::draw(use);
  }
  std::uint64_t draws() const { return draws_; }

 private:
  std::uint64_t draws_ = 0;
};

inline PartitionInfo led_by(std::string topic, std::int32_t partition, std::optional<NodeId> leader,
                            std::optional<LeaderEpoch> epoch = std::nullopt) {
  PartitionInfo info;
  info.partition = TopicPartition{std::move(topic), partition};
  info.leader = leader;
  info.leader_epoch = epoch;
  return info;
}

/// A record with bytes of its own.
struct OwnedRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

inline std::vector<OwnedRecord> records_in(const RecordBatchView& batch) {
  Bytes scratch;
  RecordCursor cursor(batch, scratch);
  std::vector<OwnedRecord> all;
  const auto owned = [](const OptionalBytes& bytes) { return bytes ? std::optional(text_of(*bytes)) : std::nullopt; };
  for (RecordView view; cursor.next(view);) {
    OwnedRecord record;
    record.offset = view.offset;
    record.timestamp = view.timestamp;
    record.key = owned(view.key);
    record.value = owned(view.value);
    for (const RecordHeader& header : view.headers()) {
      record.headers.emplace_back(header.key, owned(header.value).value_or("null"));
    }
    all.push_back(std::move(record));
  }
  REQUIRE_FALSE(cursor.error());
  return all;
}

/// What RecordAccumulatorTest sets up for each case: topic "test", partitions 0 and 1 on node 0 and partition 2 on
/// node 1.
class AccumulatorStage {
 public:
  using Accumulator = RecordAccumulator;
  static constexpr NodeId node1{0};
  static constexpr NodeId node2{1};
  static constexpr std::int64_t max_block_ms = 1000;
  inline static const std::string topic = "test";
  inline static const std::string key = "key";
  inline static const std::string value = "value";
  inline static const std::vector<Node> nodes = {{node1, "localhost", 1111, {}}, {node2, "localhost", 1112, {}}};
  inline static const TopicPartition tp1{topic, 0};
  inline static const TopicPartition tp2{topic, 1};
  inline static const TopicPartition tp3{topic, 2};

  static Accumulator::Config config(std::int32_t batch_size, std::int64_t total, CompressionType codec,
                                    std::int32_t linger_ms, std::int32_t delivery_timeout_ms = 3200) {
    Accumulator::Config made;
    made.batch_size = batch_size;
    made.buffer_memory = total;
    made.compression = Compression::of(codec);
    made.linger_ms = linger_ms;
    made.delivery_timeout_ms = delivery_timeout_ms;
    made.retry_backoff_ms = 100;
    made.retry_backoff_max_ms = 1000;
    made.adaptive_partitioning = false;
    return made;
  }

  explicit AccumulatorStage(const Accumulator::Config& made)
      : cluster("", nodes, {led_by(topic, 0, node1), led_by(topic, 1, node1), led_by(topic, 2, node2)}, {}),
        accum(made) {}

  static Cluster with_one_partition(NodeId leader, std::optional<LeaderEpoch> epoch) {
    return Cluster("", nodes, {led_by(topic, 0, leader, epoch)}, {});
  }

  std::int64_t now_ms() const { return now.wall_ms; }
  void sleep(std::int64_t milliseconds) {
    now.wall_ms += milliseconds;
    now.mono_ns += milliseconds * 1'000'000;
  }

  /// Appends and requires that it went in at once. The record's number counts from 0.
  AppendResult append(std::int32_t partition, const std::optional<std::string>& record_key,
                      const std::string& record_value, std::int64_t block_ms = max_block_ms) {
    RecordToAppend record;
    record.record = next_record++;
    record.topic = topic;
    record.partition = partition;
    record.key = record_key ? OptionalBytes(bytes_of(*record_key)) : std::nullopt;
    record.value = bytes_of(record_value);
    const AppendResult result = accum.append(record, block_ms, now, cluster, *entropy);
    REQUIRE(result.status == AppendResult::Status::appended);
    return result;
  }
  AppendResult append(std::int32_t partition) { return append(partition, key, value); }

  Accumulator::ReadyCheckResult ready(std::int64_t at_ms) { return accum.ready(cluster, at_ms, nullptr, *entropy); }
  Accumulator::ReadyCheckResult ready() { return ready(now_ms()); }
  std::vector<NodeId> ready_nodes() { return ready().ready_nodes; }
  Accumulator::DrainedBatches drain(const std::vector<NodeId>& from, std::int32_t max_size, std::int64_t at_ms) {
    return accum.drain(cluster, from, max_size, at_ms, nullptr, *entropy);
  }
  Accumulator::DrainedBatches drain(const std::vector<NodeId>& from) { return drain(from, max_int, now_ms()); }
  std::size_t expired() { return accum.expired_batches(now_ms()).size(); }

  ProducerBatch& batch(BatchId id) { return accum.batches()[id]; }
  /// Empty when nothing was ever sent to the partition.
  std::vector<BatchId> deque(const TopicPartition& partition) const {
    const auto* queue = accum.deque(partition);
    return queue == nullptr ? std::vector<BatchId>() : std::vector<BatchId>(queue->begin(), queue->end());
  }

  /// A batch that the accumulator did not make, in memory that is not the pool's.
  BatchId foreign_batch(std::int32_t capacity, CompressionType codec, bool is_split) {
    ProducerBatch::Origin origin;
    origin.number = 1'000'000;
    origin.topic = accum.topic_number(topic);
    origin.buffer = accum.pool().allocate_outside(capacity);
    origin.capacity = capacity;
    origin.created_ms = now_ms();
    origin.is_split = is_split;
    origin.compression = Compression::of(codec);
    const BatchId id = accum.batches().create();
    batch(id).start(origin, tp1);
    return id;
  }
  bool append_to(BatchId id, const std::optional<std::string>& record_key, const std::string& record_value,
                 const std::vector<RecordHeader>& headers = {}) {
    const OptionalBytes key_bytes = record_key ? OptionalBytes(bytes_of(*record_key)) : std::nullopt;
    Bytes& buffer = accum.pool().bytes(batch(id).buffer());
    return batch(id).try_append(buffer, next_record++, now_ms(), key_bytes, bytes_of(record_value), headers, now_ms());
  }
  void close(BatchId id) { batch(id).close(accum.pool().bytes(batch(id).buffer())); }

  /// The bytes of a batch, which is built first (Java: ProducerBatch.records). Good until the pool is used again.
  RecordBatchView bytes(BatchId id) {
    batch(id).build(accum.pool().bytes(batch(id).buffer()));
    return RecordBatchView(BytesView(accum.pool().bytes(batch(id).buffer())).first(batch(id).records().size));
  }
  std::vector<OwnedRecord> records(BatchId id) { return records_in(bytes(id)); }

  /// The report of one record, if there is one.
  const RecordCompletion* report(std::uint64_t record) {
    for (const RecordCompletion& completion : accum.completions().records) {
      if (completion.record == record) return &completion;
    }
    return nullptr;
  }

  Instant now{1'700'000'000'000, 0};
  Cluster cluster;
  RandomEntropy random{1};
  SequentialEntropy sequential;
  Entropy* entropy = &random;
  Accumulator accum;
  std::uint64_t next_record = 0;
};

/// The batches of one node. Requires: the node was asked for.
inline const std::vector<BatchId>& of_node(const RecordAccumulator::DrainedBatches& drained, NodeId node) {
  for (const auto& [id, batches] : drained) {
    if (id == node) return batches;
  }
  FAIL("nothing was drained for the node");
  static const std::vector<BatchId> none;
  return none;
}

}  // namespace linger::testing
