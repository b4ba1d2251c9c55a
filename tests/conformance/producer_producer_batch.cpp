// The cases of Kafka's ProducerBatchTest (kafka-clients 4.3.1). A future or callback is a RecordCompletion here; a
// batch is split by its accumulator, so the cases about splitting have one whose batch.size is the size to split to.

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "producer/producer_batch.h"
#include "support/accumulator_stage.h"

using namespace linger;
using namespace linger::testing;

namespace {

constexpr std::int64_t now_ms = 1488748346917;

/// Partition topic-1, a buffer of 512 bytes, and what the application is told.
struct BatchOfTest {
  BatchOfTest() {
    ProducerBatch::Origin origin;
    origin.capacity = 512;
    origin.created_ms = now_ms;
    batch.start(origin, TopicPartition{"topic", 1});
    buffer.resize(512);
  }
  bool try_append(std::int64_t at_ms = now_ms) {
    const std::string value(10, '\0');
    return batch.try_append(buffer, next_record++, at_ms, std::nullopt, bytes_of(value), {}, at_ms);
  }
  std::size_t invocations() const { return completions.records.size(); }
  const KafkaError& error_of(std::size_t record) const {
    REQUIRE_FALSE(completions.records.at(record).ok());
    return completions.errors.at(completions.records.at(record).error);
  }

  ProducerBatch batch;
  Bytes buffer;
  RecordCompletions completions;
  std::uint64_t next_record = 0;
};

std::string thrown_by(const std::function<void()>& action) {
  try {
    action();
  } catch (const JavaThrow& thrown) {
    return thrown.error().exception;
  }
  return "nothing";
}

}  // namespace

TEST_CASE("ProducerBatchTest.testBatchAbort") {
  BatchOfTest test;
  REQUIRE(test.try_append());
  const KafkaError exception = kafka_exception("the first");
  test.batch.abort(exception, test.completions);
  CHECK(test.batch.future_is_done());
  CHECK(test.invocations() == 1);
  CHECK(test.error_of(0) == exception);
  CHECK(test.completions.records[0].offset == -1);

  const BatchFailure another{kafka_exception("another"), {}, {}};
  CHECK_FALSE(test.batch.complete(500, 2342342341, test.completions));
  CHECK_FALSE(test.batch.complete_exceptionally(another, test.completions));
  CHECK(test.invocations() == 1);
  CHECK(test.batch.future_is_done());
  CHECK(test.error_of(0) == exception);
}

TEST_CASE("ProducerBatchTest.testBatchCannotAbortTwice") {
  BatchOfTest test;
  REQUIRE(test.try_append());
  const KafkaError exception = kafka_exception("the first");
  test.batch.abort(exception, test.completions);
  CHECK(test.invocations() == 1);
  CHECK(test.error_of(0) == exception);
  CHECK(test.completions.records[0].offset == -1);
  CHECK(thrown_by([&] { test.batch.abort(kafka_exception("another"), test.completions); }) == "IllegalStateException");
  CHECK(test.invocations() == 1);
  CHECK(test.batch.future_is_done());
  CHECK(test.error_of(0) == exception);
}

TEST_CASE("ProducerBatchTest.testBatchCannotCompleteTwice") {
  BatchOfTest test;
  REQUIRE(test.try_append());
  CHECK(test.batch.complete(500, 10, test.completions));
  CHECK(test.invocations() == 1);
  CHECK(test.completions.records[0].ok());
  CHECK(test.completions.errors.empty());
  CHECK(thrown_by([&] { test.batch.complete(1000, 20, test.completions); }) == "IllegalStateException");
  CHECK(test.invocations() == 1);
  CHECK(test.completions.records[0].offset == 500);
  CHECK(test.completions.records[0].timestamp == 10);
}

TEST_CASE("ProducerBatchTest.testSplitPreservesHeaders") {
  for (int codec = 0; codec < compression_types; ++codec) {
    const auto type = static_cast<CompressionType>(codec);
    INFO(compression_name(type));
    AccumulatorStage stage(AccumulatorStage::config(200, 10 * 1024, type, 0));
    const BatchId big = stage.foreign_batch(1024, type, false);
    const std::vector<RecordHeader> headers = {{"header-key", bytes_of("header-value")}};
    while (stage.append_to(big, "hi", "there", headers)) {
    }
    CHECK(stage.accum.split_and_reenqueue(big, nullptr) >= 2);
    std::size_t seen = 0;
    for (const BatchId child : stage.deque(AccumulatorStage::tp1)) {
      for (const OwnedRecord& record : stage.records(child)) {
        REQUIRE(record.headers.size() == 1);
        CHECK(record.headers[0].first == "header-key");
        CHECK(record.headers[0].second == "header-value");
        ++seen;
      }
    }
    CHECK(seen == static_cast<std::size_t>(stage.batch(big).record_count()));
  }
}

// Formats 0 and 1 do not exist here: no broker from 4.0 on takes them.
TEST_CASE("ProducerBatchTest.testSplitPreservesMagicAndCompressionType") {
  for (int codec = 0; codec < compression_types; ++codec) {
    const auto type = static_cast<CompressionType>(codec);
    INFO(compression_name(type));
    AccumulatorStage stage(AccumulatorStage::config(512, 10 * 1024, CompressionType::none, 0));
    const BatchId big = stage.foreign_batch(1024, type, false);
    while (stage.append_to(big, "hi", "there")) {
    }
    CHECK(stage.accum.split_and_reenqueue(big, nullptr) >= 2);
    const std::vector<BatchId> children = stage.deque(AccumulatorStage::tp1);
    CHECK(children.size() >= 2);
    for (const BatchId child : children) {
      CHECK(stage.batch(child).is_split_batch());
      CHECK(stage.batch(child).compression().type == type);
      const RecordBatchHeader header = stage.bytes(child).header();
      CHECK(header.magic == record_batch_magic);
      CHECK(header.base_offset == Offset{0});
      CHECK(header.compression == type);
    }
  }
}

TEST_CASE("ProducerBatchTest.testBatchExpiration") {
  BatchOfTest test;
  constexpr std::int64_t delivery_timeout_ms = 10240;
  CHECK_FALSE(test.batch.has_reached_delivery_timeout(delivery_timeout_ms, now_ms - 2));
  CHECK(test.batch.has_reached_delivery_timeout(delivery_timeout_ms, now_ms + delivery_timeout_ms));
}

TEST_CASE("ProducerBatchTest.testBatchExpirationAfterReenqueue") {
  BatchOfTest test;
  test.batch.reenqueued(now_ms);
  CHECK_FALSE(test.batch.has_reached_delivery_timeout(10240, now_ms - 2));
}

// The builder lies inside the batch: whether it has room is asked of a copy, by appending to it.
TEST_CASE("ProducerBatchTest.testShouldNotAttemptAppendOnceRecordsBuilderIsClosedForAppends") {
  BatchOfTest test;
  CHECK(test.try_append());
  const auto has_room = [&] {
    BatchOfTest copy = test;
    return copy.try_append();
  };
  CHECK(has_room());
  test.batch.close_for_record_appends(test.buffer);
  CHECK_FALSE(has_room());
  CHECK_FALSE(test.try_append(now_ms + 1));
  CHECK(test.batch.record_count() == 1);
}

TEST_CASE("ProducerBatchTest.testCompleteExceptionallyWithRecordErrors") {
  BatchOfTest test;
  constexpr int record_count = 5;
  for (int i = 0; i < record_count; ++i) {
    REQUIRE(test.try_append());
  }
  CHECK(test.batch.record_count() == record_count);
  const KafkaError top_level = kafka_exception("of the rest");
  const KafkaError of_0 = kafka_exception("of record 0");
  const KafkaError of_3 = kafka_exception("of record 3");
  CHECK(test.batch.complete_exceptionally({top_level, {{0, of_0}, {3, of_3}}, top_level}, test.completions));
  CHECK(test.batch.is_done());
  REQUIRE(test.invocations() == record_count);
  for (std::size_t i = 0; i < record_count; ++i) {
    INFO("record " << i);
    CHECK(test.error_of(i) == (i == 0 ? of_0 : i == 3 ? of_3 : top_level));
  }
}

TEST_CASE("ProducerBatchTest.testWithLeaderChangesAcrossRetries") {
  BatchOfTest test;
  ProducerBatch& batch = test.batch;
  const auto epoch = [&] { return batch.current_leader_epoch(); };
  CHECK(epoch() == std::nullopt);
  CHECK(batch.attempts_when_leader_last_changed() == 0);
  batch.maybe_update_leader_epoch(std::nullopt);
  CHECK_FALSE(batch.has_leader_changed_for_the_ongoing_retry());

  // The first attempt is no retry: no leader counts as new.
  batch.maybe_update_leader_epoch(LeaderEpoch{100});
  CHECK_FALSE(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{100});
  CHECK(batch.attempts_when_leader_last_changed() == 0);

  // The second goes to a new leader.
  batch.reenqueued(0);
  batch.maybe_update_leader_epoch(LeaderEpoch{101});
  CHECK(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{101});
  CHECK(batch.attempts_when_leader_last_changed() == 1);

  // The same epoch again before the attempt is made: the leader is still new.
  batch.maybe_update_leader_epoch(LeaderEpoch{101});
  CHECK(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{101});
  CHECK(batch.attempts_when_leader_last_changed() == 1);

  // The third attempt goes to the same leader.
  batch.reenqueued(0);
  batch.maybe_update_leader_epoch(LeaderEpoch{101});
  CHECK_FALSE(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{101});
  CHECK(batch.attempts_when_leader_last_changed() == 1);

  // An older epoch is not believed.
  batch.maybe_update_leader_epoch(LeaderEpoch{100});
  CHECK_FALSE(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{101});
  CHECK(batch.attempts_when_leader_last_changed() == 1);

  // Nor is an unknown one.
  batch.maybe_update_leader_epoch(std::nullopt);
  CHECK_FALSE(batch.has_leader_changed_for_the_ongoing_retry());
  CHECK(epoch() == LeaderEpoch{101});
  CHECK(batch.attempts_when_leader_last_changed() == 1);
}
