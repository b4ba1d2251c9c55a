// The cases of Kafka's BufferPoolTest (kafka-clients 4.3.1). A thread that blocks in Java is a waiter here, and
// somebody asks for it again when its memory or the end of its time has come.

#include <catch2/catch.hpp>
#include <optional>
#include <variant>
#include <vector>

#include "producer/buffer_pool.h"
#include "support/random_message.h"

using namespace linger;

namespace {

constexpr std::int64_t max_block_ms = 10;

Instant at_ms(std::int64_t milliseconds) {
  return Instant{milliseconds, milliseconds * 1'000'000};
}

using Outcome = std::variant<BufferRef, WaiterId, KafkaError>;

bool has_memory(const Outcome& outcome) {
  return std::holds_alternative<BufferRef>(outcome);
}

BufferRef memory(const Outcome& outcome) {
  REQUIRE(has_memory(outcome));
  return std::get<BufferRef>(outcome);
}

WaiterId waiter(const Outcome& outcome) {
  REQUIRE(std::holds_alternative<WaiterId>(outcome));
  return std::get<WaiterId>(outcome);
}

std::string exception(const Outcome& outcome) {
  return std::holds_alternative<KafkaError>(outcome) ? std::get<KafkaError>(outcome).exception : "none";
}

}  // namespace

TEST_CASE("BufferPoolTest.testSimple") {
  const std::int64_t total = 64 * 1024;
  const std::int32_t size = 1024;
  BufferPool pool(total, size);
  BufferRef buffer = memory(pool.allocate(size, max_block_ms, at_ms(0)));
  CHECK(pool.bytes(buffer).size() == std::size_t{size});
  CHECK(pool.unallocated_memory() == total - size);
  CHECK(pool.available_memory() == total - size);
  pool.bytes(buffer)[3] = std::byte{1};
  pool.deallocate(buffer);
  CHECK(pool.available_memory() == total);
  CHECK(pool.unallocated_memory() == total - size);
  const BufferRef first = buffer;
  buffer = memory(pool.allocate(size, max_block_ms, at_ms(0)));
  CHECK(buffer.slot == first.slot);
  CHECK(buffer.generation != first.generation);
  CHECK(pool.bytes(buffer).size() == static_cast<std::size_t>(pool.capacity(buffer)));
  pool.deallocate(buffer);
  CHECK(pool.available_memory() == total);
  CHECK(pool.unallocated_memory() == total - size);
  buffer = memory(pool.allocate(2 * size, max_block_ms, at_ms(0)));
  pool.deallocate(buffer);
  CHECK(pool.available_memory() == total);
  CHECK(pool.unallocated_memory() == total - size);
}

TEST_CASE("BufferPoolTest.testCantAllocateMoreMemoryThanWeHave") {
  BufferPool pool(1024, 512);
  const BufferRef buffer = memory(pool.allocate(1024, max_block_ms, at_ms(0)));
  CHECK(pool.bytes(buffer).size() == 1024);
  pool.deallocate(buffer);
  CHECK(exception(pool.allocate(1025, max_block_ms, at_ms(0))) == "IllegalArgumentException");
}

TEST_CASE("BufferPoolTest.testDelayedAllocation") {
  BufferPool pool(5 * 1024, 1024);
  const BufferRef buffer = memory(pool.allocate(1024, max_block_ms, at_ms(0)));
  const WaiterId allocation = waiter(pool.allocate(5 * 1024, max_block_ms, at_ms(0)));
  CHECK_FALSE(pool.should_resume(allocation, at_ms(0)));
  pool.deallocate(buffer);
  CHECK(pool.should_resume(allocation, at_ms(0)));
  CHECK(has_memory(pool.resume(allocation, at_ms(0))));
}

TEST_CASE("BufferPoolTest.testBufferExhaustedExceptionIsThrown") {
  BufferPool pool(2, 1);
  memory(pool.allocate(1, max_block_ms, at_ms(0)));
  const WaiterId allocation = waiter(pool.allocate(2, max_block_ms, at_ms(0)));
  CHECK(exception(pool.resume(allocation, at_ms(max_block_ms))) == "BufferExhaustedException");
}

TEST_CASE("BufferPoolTest.testBlockTimeout") {
  BufferPool pool(2, 1);
  memory(pool.allocate(1, max_block_ms, at_ms(0)));
  const WaiterId allocation = waiter(pool.allocate(2, max_block_ms, at_ms(0)));
  CHECK(pool.deadline_ns(allocation) == max_block_ms * 1'000'000);
  const Instant before{max_block_ms, max_block_ms * 1'000'000 - 1};
  CHECK_FALSE(pool.should_resume(allocation, before));
  CHECK(waiter(pool.resume(allocation, before)) == allocation);
  CHECK(pool.should_resume(allocation, at_ms(max_block_ms)));
  CHECK(exception(pool.resume(allocation, at_ms(max_block_ms))) == "BufferExhaustedException");
}

TEST_CASE("BufferPoolTest.testCleanupMemoryAvailabilityWaiterOnBlockTimeout") {
  BufferPool pool(2, 1);
  memory(pool.allocate(1, max_block_ms, at_ms(0)));
  const WaiterId allocation = waiter(pool.allocate(2, max_block_ms, at_ms(0)));
  CHECK(exception(pool.resume(allocation, at_ms(max_block_ms))) == "BufferExhaustedException");
  CHECK(pool.queued() == 0);
  CHECK(pool.available_memory() == 1);
}

// Nothing interrupts a call here: the two waiters end because their time is over.
TEST_CASE("BufferPoolTest.testCleanupMemoryAvailabilityWaiterOnInterruption") {
  BufferPool pool(2, 1);
  memory(pool.allocate(1, max_block_ms, at_ms(0)));
  const WaiterId first = waiter(pool.allocate(2, 5000, at_ms(0)));
  const WaiterId second = waiter(pool.allocate(2, 5000, at_ms(500)));
  CHECK(pool.waiters() == std::vector{first, second});
  CHECK(first != second);
  CHECK(exception(pool.resume(first, at_ms(5000))) == "BufferExhaustedException");
  CHECK(exception(pool.resume(second, at_ms(5500))) == "BufferExhaustedException");
  CHECK(pool.queued() == 0);
}

TEST_CASE("BufferPoolTest.testStressfulSituation") {
  struct Worker {
    int left = 50'000;
    std::optional<BufferRef> buffer;
    std::optional<WaiterId> waiting;
  };
  constexpr std::size_t workers = 10;
  constexpr std::int32_t poolable = 1024;
  constexpr std::int64_t total = std::int64_t{workers} / 2 * poolable;
  BufferPool pool(total, poolable);
  std::vector<Worker> all(workers);
  linger::testing::Random random(7);
  std::size_t waited = 0;
  bool wrong = false;
  const auto step = [&](Worker& worker) {
    Outcome outcome{WaiterId{}};
    if (worker.buffer) {
      pool.deallocate(*worker.buffer);
      worker.buffer.reset();
      --worker.left;
      return;
    }
    if (worker.waiting) {
      outcome = pool.resume(*worker.waiting, at_ms(0));
      worker.waiting.reset();
    } else {
      const bool usual = random.one_in(2);
      const std::int32_t size = usual ? poolable : static_cast<std::int32_t>(random.below(std::size_t{total}));
      outcome = pool.allocate(size, 20'000, at_ms(0));
    }
    if (const auto* buffer = std::get_if<BufferRef>(&outcome)) {
      worker.buffer = *buffer;
    } else if (const auto* waiter = std::get_if<WaiterId>(&outcome)) {
      worker.waiting = *waiter;
      ++waited;
    } else {
      wrong = true;
    }
  };
  std::size_t idle = 0;
  for (std::size_t next = 0; idle < workers && !wrong; next = (next + 1 + random.below(workers)) % workers) {
    idle = 0;
    for (std::size_t tried = 0; tried < workers; ++tried) {
      Worker& worker = all[(next + tried) % workers];
      if (worker.left > 0 && (!worker.waiting || pool.should_resume(*worker.waiting, at_ms(0)))) {
        step(worker);
        break;
      }
      ++idle;
    }
  }
  CHECK_FALSE(wrong);
  CHECK(waited > 1000);
  for (const Worker& worker : all) {
    CHECK(worker.left == 0);
  }
  CHECK(pool.available_memory() == total);
}

TEST_CASE("BufferPoolTest.testCloseAllocations") {
  BufferPool pool(10, 1);
  const BufferRef buffer = memory(pool.allocate(1, max_block_ms, at_ms(0)));
  pool.close();
  CHECK(exception(pool.allocate(1, max_block_ms, at_ms(0))) == "KafkaException");
  pool.deallocate(buffer);
  CHECK(pool.available_memory() == 10);
}

TEST_CASE("BufferPoolTest.testCloseNotifyWaiters") {
  BufferPool pool(1, 1);
  const BufferRef buffer = memory(pool.allocate(1, forever_ms, at_ms(0)));
  const WaiterId first = waiter(pool.allocate(1, forever_ms, at_ms(0)));
  const WaiterId second = waiter(pool.allocate(1, forever_ms, at_ms(0)));
  CHECK(pool.queued() == 2);
  CHECK_FALSE(pool.should_resume(first, at_ms(forever_ms / 1'000'000)));
  pool.close();
  for (const WaiterId allocation : {first, second}) {
    CHECK(pool.should_resume(allocation, at_ms(0)));
    CHECK(exception(pool.resume(allocation, at_ms(0))) == "KafkaException");
  }
  CHECK(pool.queued() == 0);
  pool.deallocate(buffer);
  CHECK(pool.available_memory() == 1);
}
