// The cases of Kafka's RecordAccumulatorTest (kafka-clients 4.3.1) about appending, readiness, draining, flushing and
// aborting.

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "protocol/memory_records_builder.h"
#include "support/accumulator_stage.h"
#include "support/random_message.h"

using namespace linger;
using namespace linger::testing;

namespace {

using Stage = AccumulatorStage;
using Nodes = std::vector<NodeId>;
constexpr NodeId node1 = Stage::node1;
constexpr NodeId node2 = Stage::node2;
constexpr std::int32_t overhead = record_batch_overhead;

/// How many records of the test's key and value fit into so many bytes.
int expected_num_appends(std::int32_t batch_size) {
  std::int32_t size = 0;
  for (int delta = 0;; ++delta) {
    size += size_of_record(delta, 0, bytes_of(Stage::key), bytes_of(Stage::value), {});
    if (size > batch_size) return delta;
  }
}

void verify_topic_partitions_in_batches(Stage& stage, const RecordAccumulator::DrainedBatches& drained,
                                        const std::vector<TopicPartition>& expected) {
  std::vector<TopicPartition> found;
  for (const auto& [node, batches] : drained) {
    for (const BatchId id : batches) found.push_back(stage.batch(id).topic_partition());
  }
  CHECK(found.size() == expected.size());
  CHECK(found == expected);
}

void check_one_large_record(Stage& stage, const std::string& value) {
  stage.append(0, Stage::key, value);
  CHECK(stage.ready_nodes() == Nodes{node1});
  const std::vector<BatchId> batches = stage.deque(Stage::tp1);
  REQUIRE(batches.size() == 1);
  const RecordBatchView bytes = stage.bytes(batches[0]);
  CHECK(bytes.size_in_bytes() == bytes.header().size_in_bytes());
  CHECK(bytes.base_offset() == Offset{0});
  const std::vector<OwnedRecord> records = records_in(bytes);
  REQUIRE(records.size() == 1);
  CHECK(records[0].offset == 0);
  CHECK(records[0].key == Stage::key);
  CHECK(records[0].value == value);
  CHECK(records[0].timestamp == 0);
}

void test_append_large(CompressionType codec) {
  constexpr std::int32_t batch_size = 512;
  Stage stage(Stage::config(batch_size + overhead, 10 * 1024, codec, 0));
  check_one_large_record(stage, std::string(2 * batch_size, '\0'));
}

struct Aborting {
  static constexpr int num_records = 100;
  Aborting() : stage(Stage::config(128 + overhead, 64 * 1024, CompressionType::none, max_int)) {
    for (int i = 0; i < num_records; ++i) stage.append(i % 3);
    const Nodes nodes = stage.ready_nodes();
    CHECK_FALSE(nodes.empty());
    drained = stage.drain(nodes);
    CHECK(stage.accum.has_undrained());
    CHECK(stage.accum.has_incomplete());
  }
  /// Checks that the drained batches are closed and not settled, and counts their records.
  int drained_records() {
    int count = 0;
    for (const auto& [node, batches] : drained) {
      for (const BatchId id : batches) {
        CHECK(stage.batch(id).is_closed());
        CHECK_FALSE(stage.batch(id).future_is_done());
        count += stage.batch(id).record_count();
      }
    }
    return count;
  }
  /// Checks that all reports name this error, and counts them.
  int reports_of(const KafkaError& cause) {
    for (const RecordCompletion& completion : stage.accum.completions().records) {
      REQUIRE_FALSE(completion.ok());
      CHECK(stage.accum.completions().errors[completion.error] == cause);
    }
    return static_cast<int>(stage.accum.completions().records.size());
  }

  Stage stage;
  RecordAccumulator::DrainedBatches drained;
};

}  // namespace

TEST_CASE("RecordAccumulatorTest.testDrainBatches") {
  const auto batch_size = static_cast<std::int32_t>(Stage::value.size()) + overhead;
  Stage stage(Stage::config(batch_size, max_int, CompressionType::none, 10));
  const std::string& topic = Stage::topic;
  stage.cluster =
      Cluster("", Stage::nodes,
              {led_by(topic, 0, node1), led_by(topic, 1, node1), led_by(topic, 2, node2), led_by(topic, 3, node2)}, {});
  const TopicPartition tp4{topic, 3};
  const Nodes both = {node1, node2};
  const auto append = [&](std::initializer_list<std::int32_t> partitions) {
    for (const std::int32_t partition : partitions) stage.append(partition);
  };

  append({0, 1, 2, 3});
  // A request is full after the first batch.
  verify_topic_partitions_in_batches(stage, stage.drain(both, batch_size, 0), {Stage::tp1, Stage::tp3});
  append({0, 2});
  // The next drain goes on behind the partition that was last drained.
  verify_topic_partitions_in_batches(stage, stage.drain(both, batch_size, 0), {Stage::tp2, tp4});
  verify_topic_partitions_in_batches(stage, stage.drain(both, batch_size, 0), {Stage::tp1, Stage::tp3});
  append({1, 2, 3});
  stage.accum.mute_partition(tp4);
  verify_topic_partitions_in_batches(stage, stage.drain(both, batch_size, 0), {Stage::tp2, Stage::tp3});
  append({0, 1, 2});
  stage.accum.unmute_partition(tp4);
  verify_topic_partitions_in_batches(stage, stage.drain(both, max_int, 0), {Stage::tp1, Stage::tp2, Stage::tp3, tp4});
}

TEST_CASE("RecordAccumulatorTest.testFull") {
  constexpr std::int32_t batch_size = 1025;
  Stage stage(Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, 10));
  const int appends = expected_num_appends(batch_size);
  for (int i = 0; i < appends; ++i) {
    stage.append(0);
    REQUIRE(stage.deque(Stage::tp1).size() == 1);
    CHECK(stage.batch(stage.deque(Stage::tp1)[0]).is_writable());
    CHECK(stage.ready_nodes().empty());
  }
  stage.append(0);
  REQUIRE(stage.deque(Stage::tp1).size() == 2);
  CHECK(stage.batch(stage.deque(Stage::tp1)[0]).is_writable());
  CHECK(stage.ready_nodes() == Nodes{node1});

  const std::vector<BatchId> batches = of_node(stage.drain({node1}, max_int, 0), node1);
  REQUIRE(batches.size() == 1);
  const std::vector<OwnedRecord> records = stage.records(batches[0]);
  CHECK(records.size() == static_cast<std::size_t>(appends));
  for (const OwnedRecord& record : records) {
    CHECK(record.key == Stage::key);
    CHECK(record.value == Stage::value);
  }
}

TEST_CASE("RecordAccumulatorTest.testAppendLargeCompressed") {
  test_append_large(CompressionType::gzip);
}

TEST_CASE("RecordAccumulatorTest.testAppendLargeNonCompressed") {
  test_append_large(CompressionType::none);
}

// Java's two old-format cases tell the client that the broker knows Produce 0 to 2 only; the accumulator has not looked
// at that since 4.0 and makes the same batch.
TEST_CASE("RecordAccumulatorTest.testAppendLargeOldMessageFormatCompressed") {
  test_append_large(CompressionType::gzip);
}

TEST_CASE("RecordAccumulatorTest.testAppendLargeOldMessageFormatNonCompressed") {
  test_append_large(CompressionType::none);
}

TEST_CASE("RecordAccumulatorTest.testLinger") {
  Stage stage(Stage::config(1024 + overhead, 10 * 1024, CompressionType::none, 10));
  stage.append(0);
  CHECK(stage.ready_nodes().empty());
  stage.sleep(10);
  CHECK(stage.ready_nodes() == Nodes{node1});
  const std::vector<BatchId> batches = of_node(stage.drain({node1}, max_int, 0), node1);
  REQUIRE(batches.size() == 1);
  const std::vector<OwnedRecord> records = stage.records(batches[0]);
  REQUIRE(records.size() == 1);
  CHECK(records[0].key == Stage::key);
  CHECK(records[0].value == Stage::value);
}

TEST_CASE("RecordAccumulatorTest.testPartialDrain") {
  Stage stage(Stage::config(1024 + overhead, 10 * 1024, CompressionType::none, 10));
  const int appends = 1024 / size_of_record(0, 0, bytes_of(Stage::key), bytes_of(Stage::value), {}) + 1;
  for (const std::int32_t partition : {0, 1}) {
    for (int i = 0; i < appends; ++i) stage.append(partition);
  }
  CHECK(stage.ready_nodes() == Nodes{node1});
  CHECK(of_node(stage.drain({node1}, 1024, 0), node1).size() == 1);
}

// Java's threads are five callers whose turns, and the sender's, are drawn.
TEST_CASE("RecordAccumulatorTest.testStressfulSituation") {
  struct Caller {
    int sent = 0;
    std::optional<AppendResult> blocked;
  };
  constexpr int messages = 10'000;
  constexpr int partitions = 2;
  Stage stage(Stage::config(1024 + overhead, 10 * 1024, CompressionType::none, 0));
  std::vector<Caller> callers(5);
  linger::testing::Random random(11);
  int failed = 0;
  int blocked = 0;
  const auto turn_of = [&](Caller& caller) {
    RecordToAppend record;
    record.topic = Stage::topic;
    record.partition = caller.sent % partitions;
    record.key = bytes_of(Stage::key);
    record.value = bytes_of(Stage::value);
    AppendResult result;
    if (!caller.blocked) {
      result = stage.accum.append(record, Stage::max_block_ms, stage.now, stage.cluster, *stage.entropy);
    } else if (stage.accum.pool().should_resume(caller.blocked->waiter, stage.now)) {
      result = stage.accum.resume_append(*caller.blocked, record, stage.now, stage.cluster, *stage.entropy);
    } else {
      return;
    }
    caller.blocked.reset();
    if (result.status == AppendResult::Status::would_block) {
      caller.blocked = result;
      ++blocked;
      return;
    }
    failed += result.status == AppendResult::Status::failed ? 1 : 0;
    ++caller.sent;
  };
  std::size_t read = 0;
  for (int turn = 0; turn < 10'000'000 && read < callers.size() * messages; ++turn) {
    const std::size_t whose = random.below(300);
    if (whose > 0) {
      Caller& caller = callers[whose % callers.size()];
      if (caller.sent < messages) turn_of(caller);
      continue;
    }
    for (const auto& [node, batches] : stage.drain(stage.ready_nodes(), 5 * 1024, 0)) {
      for (const BatchId id : batches) {
        read += stage.records(id).size();
        stage.accum.complete_and_deallocate_batch(id);
      }
    }
    stage.accum.sweep_batches();
  }
  CHECK(read == callers.size() * messages);
  CHECK(blocked > 100);
  CHECK(failed == 0);
  CHECK(std::all_of(callers.begin(), callers.end(), [](const Caller& caller) { return caller.sent == messages; }));
  CHECK_FALSE(stage.accum.has_undrained());
  CHECK(stage.accum.pool().available_memory() == 10 * 1024);
}

TEST_CASE("RecordAccumulatorTest.testNextReadyCheckDelay") {
  constexpr std::int32_t linger_ms = 10;
  constexpr std::int32_t batch_size = 1025;
  Stage stage(Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, linger_ms));
  const int appends = expected_num_appends(batch_size);
  for (int i = 0; i < appends; ++i) stage.append(0);
  auto result = stage.ready();
  CHECK(result.ready_nodes.empty());
  CHECK(result.next_ready_check_delay_ms == linger_ms);

  stage.sleep(linger_ms / 2);
  for (int i = 0; i < appends; ++i) stage.append(2);
  result = stage.ready();
  CHECK(result.ready_nodes.empty());
  CHECK(result.next_ready_check_delay_ms == linger_ms / 2);

  for (int i = 0; i < appends + 1; ++i) stage.append(1);
  result = stage.ready();
  CHECK(result.ready_nodes == Nodes{node1});
  CHECK(result.next_ready_check_delay_ms <= linger_ms);
}

TEST_CASE("RecordAccumulatorTest.testFlush") {
  Stage stage(Stage::config(4 * 1024 + overhead, 64 * 1024, CompressionType::none, max_int));
  for (int i = 0; i < 100; ++i) {
    stage.append(i % 3);
    CHECK(stage.accum.has_incomplete());
  }
  CHECK(stage.ready_nodes().empty());

  stage.accum.begin_flush();
  const auto drained = stage.drain(stage.ready_nodes());
  CHECK(stage.accum.has_incomplete());
  for (const auto& [node, batches] : drained) {
    for (const BatchId id : batches) stage.accum.complete_and_deallocate_batch(id);
  }
  const auto flush = stage.accum.await_flush_completion();
  CHECK(stage.accum.is_flush_complete(flush));
  stage.accum.end_flush(flush);
  CHECK_FALSE(stage.accum.has_undrained());
  CHECK_FALSE(stage.accum.has_incomplete());
}

// Java interrupts the thread that waits; here the caller gives its ticket back before the flush is complete.
TEST_CASE("RecordAccumulatorTest.testAwaitFlushComplete") {
  Stage stage(Stage::config(4 * 1024 + overhead, 64 * 1024, CompressionType::none, max_int));
  stage.append(0);
  stage.accum.begin_flush();
  CHECK(stage.accum.flush_in_progress());
  const auto flush = stage.accum.await_flush_completion();
  CHECK_FALSE(stage.accum.is_flush_complete(flush));
  stage.accum.end_flush(flush);
  CHECK_FALSE(stage.accum.flush_in_progress());
}

TEST_CASE("RecordAccumulatorTest.testAbortIncompleteBatches") {
  Aborting test;
  const int drained = test.drained_records();
  CHECK(drained > 0);
  CHECK(drained < Aborting::num_records);
  test.stage.accum.abort_incomplete_batches();
  CHECK(test.reports_of(kafka_exception("The producer was closed forcefully")) == Aborting::num_records);
  CHECK_FALSE(test.stage.accum.has_undrained());
  CHECK_FALSE(test.stage.accum.has_incomplete());
}

TEST_CASE("RecordAccumulatorTest.testAbortUnsentBatches") {
  Aborting test;
  const KafkaError cause = kafka_exception("the cause");
  test.stage.accum.abort_undrained_batches(cause, nullptr);
  const int drained = test.drained_records();
  const int reported = test.reports_of(cause);
  CHECK(drained > 0);
  CHECK(reported > 0);
  CHECK(reported + drained == Aborting::num_records);
  CHECK_FALSE(test.stage.accum.has_undrained());
  CHECK(test.stage.accum.has_incomplete());
}

TEST_CASE("RecordAccumulatorTest.testMutedPartitions") {
  constexpr std::int32_t batch_size = 1025;
  Stage stage(Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, 10));
  const int appends = expected_num_appends(batch_size);
  for (int i = 0; i < appends; ++i) {
    stage.append(0);
    CHECK(stage.ready_nodes().empty());
  }
  stage.sleep(2000);

  stage.accum.mute_partition(Stage::tp1);
  CHECK(stage.ready_nodes().empty());
  stage.accum.unmute_partition(Stage::tp1);
  const Nodes nodes = stage.ready_nodes();
  CHECK_FALSE(nodes.empty());

  stage.accum.mute_partition(Stage::tp1);
  CHECK(of_node(stage.drain(nodes), node1).empty());
  stage.accum.unmute_partition(Stage::tp1);
  CHECK_FALSE(of_node(stage.drain(nodes), node1).empty());
}

TEST_CASE("RecordAccumulatorTest.testDrainWithANodeThatDoesntHostAnyPartitions") {
  Stage stage(Stage::config(10, 10 * 1024, CompressionType::none, 10));
  stage.cluster = Stage::with_one_partition(node1, std::nullopt);
  CHECK(of_node(stage.drain({node2}, 999'999, stage.now_ms()), node2).empty());
}

TEST_CASE("RecordAccumulatorTest.testHasRoomForAllowsOversizedFirstRecordButRejectsSubsequentRecords") {
  constexpr std::int64_t now_ms = 1'700'000'000'000;
  const std::string large(4 * 1024, '\0');
  const std::string small(100, '\0');
  BatchOptions options;
  options.write_limit = 1024;
  Bytes buffer(1024);
  MemoryRecordsBuilder builder(options);
  CHECK(builder.has_room_for(now_ms, bytes_of(Stage::key), bytes_of(large)));
  builder.append(buffer, now_ms, bytes_of(Stage::key), bytes_of(large));
  CHECK(builder.num_records() == 1);
  CHECK_FALSE(builder.has_room_for(now_ms, bytes_of(Stage::key), bytes_of(large)));
  CHECK_FALSE(builder.has_room_for(now_ms, bytes_of(Stage::key), bytes_of(small)));
}
