#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "producer/buffer_pool.h"
#include "producer/exponential_backoff.h"
#include "producer/hash_map_order.h"
#include "producer/java_math.h"
#include "producer/java_priority_queue.h"
#include "producer/murmur2.h"
#include "producer/producer_behaviour.h"
#include "support/client_stage.h"
#include "unit/producer_core_stage.h"

namespace linger {
namespace {

Instant at_ms(std::int64_t ms) {
  return Instant{ms, ms * 1'000'000};
}

BufferRef taken(const std::variant<BufferRef, WaiterId, KafkaError>& result) {
  REQUIRE(std::holds_alternative<BufferRef>(result));
  return std::get<BufferRef>(result);
}

WaiterId waiting(const std::variant<BufferRef, WaiterId, KafkaError>& result) {
  REQUIRE(std::holds_alternative<WaiterId>(result));
  return std::get<WaiterId>(result);
}

std::string exception(const std::variant<BufferRef, WaiterId, KafkaError>& result) {
  REQUIRE(std::holds_alternative<KafkaError>(result));
  return std::get<KafkaError>(result).exception;
}

struct Item {
  int priority = 0;
  int id = 0;
};
struct LowerFirst {
  bool operator()(const Item& a, const Item& b) const { return a.priority < b.priority; }
};

std::vector<std::int32_t> walked(const std::vector<std::int32_t>& keys) {
  HashMapOrder order;
  for (const std::int32_t key : keys) {
    order.add(key, 0);
  }
  std::vector<std::int32_t> result;
  for (const HashMapOrder::Entry& entry : order.entries()) {
    result.push_back(entry.key);
  }
  return result;
}

}  // namespace

TEST_CASE("Waiters for memory are served in order of arrival and gather it piece by piece") {
  BufferPool pool(100, 10);
  const BufferRef small = taken(pool.allocate(10, 0, at_ms(0)));
  const BufferRef large = taken(pool.allocate(90, 0, at_ms(0)));
  const WaiterId first = waiting(pool.allocate(50, 1000, at_ms(0)));
  const WaiterId second = waiting(pool.allocate(10, 1000, at_ms(0)));
  CHECK(pool.queued() == 2);
  CHECK_FALSE(pool.should_resume(first, at_ms(0)));

  pool.deallocate(small);
  CHECK(pool.should_resume(first, at_ms(1)));
  CHECK_FALSE(pool.should_resume(second, at_ms(1)));
  CHECK(waiting(pool.resume(first, at_ms(1))) == first);
  CHECK(pool.available_memory() == 0);

  pool.deallocate(large);
  taken(pool.resume(first, at_ms(2)));
  CHECK(pool.should_resume(second, at_ms(2)));
  taken(pool.resume(second, at_ms(2)));
  CHECK(pool.queued() == 0);
  CHECK(pool.available_memory() == 40);
}

TEST_CASE("A waiter whose time is over gives back what it gathered and wakes the next") {
  BufferPool pool(100, 10);
  pool.take_metrics(MetricConfig{});
  const BufferRef a = taken(pool.allocate(30, 0, at_ms(0)));
  taken(pool.allocate(70, 0, at_ms(0)));
  const WaiterId first = waiting(pool.allocate(50, 10, at_ms(0)));
  const WaiterId second = waiting(pool.allocate(30, 100, at_ms(0)));
  CHECK(pool.deadline_ns(first) == 10'000'000);
  pool.deallocate(a);
  waiting(pool.resume(first, at_ms(4)));
  CHECK(pool.available_memory() == 0);
  CHECK(pool.should_resume(first, at_ms(10)));
  CHECK(exception(pool.resume(first, at_ms(10))) == "BufferExhaustedException");
  CHECK(pool.metrics()->exhausted.total() == 1);
  CHECK(pool.metrics()->wait_time.total() == 10'000'000);
  CHECK(pool.should_resume(second, at_ms(10)));
  taken(pool.resume(second, at_ms(10)));
}

TEST_CASE("Memory that can never be had, a closed pool and no time to wait are refused at once") {
  BufferPool pool(100, 10);
  CHECK(exception(pool.allocate(101, 1000, at_ms(0))) == "IllegalArgumentException");
  taken(pool.allocate(100, 0, at_ms(0)));
  CHECK(exception(pool.allocate(1, 0, at_ms(0))) == "BufferExhaustedException");
  CHECK(pool.queued() == 0);
  const WaiterId waiter = waiting(pool.allocate(1, forever_ms, at_ms(0)));
  CHECK(pool.deadline_ns(waiter) == std::nullopt);
  pool.close();
  CHECK(exception(pool.resume(waiter, at_ms(1))) == "KafkaException");
  CHECK(exception(pool.allocate(1, 1000, at_ms(1))) == "KafkaException");
}

TEST_CASE("A newcomer may take memory while a signalled waiter has not come back yet") {
  BufferPool pool(20, 10);
  const BufferRef a = taken(pool.allocate(10, 0, at_ms(0)));
  taken(pool.allocate(10, 0, at_ms(0)));
  const WaiterId waiter = waiting(pool.allocate(10, 1000, at_ms(0)));
  pool.deallocate(a);
  taken(pool.allocate(10, 0, at_ms(1)));
  CHECK(waiting(pool.resume(waiter, at_ms(1))) == waiter);
}

TEST_CASE("Only buffers of the pooled size are kept, and a grown one is not") {
  BufferPool pool(100, 10);
  const BufferRef pooled = taken(pool.allocate(10, 0, at_ms(0)));
  const BufferRef grown = taken(pool.allocate(10, 0, at_ms(0)));
  const BufferRef odd = taken(pool.allocate(20, 0, at_ms(0)));
  pool.bytes(grown).resize(11);
  pool.deallocate(pooled);
  pool.deallocate(grown);
  pool.deallocate(odd);
  CHECK(pool.free_size() == 1);
  CHECK(pool.available_memory() == 100);
  CHECK(pool.unallocated_memory() == 90);
}

TEST_CASE("The backoff ends where Java's doubles end, not where integers would") {
  test::NoEntropy entropy;
  const auto last = [&entropy](std::int64_t first, std::int64_t longest) {
    return ExponentialBackoff(first, 2, longest, 0).backoff(60, entropy, DrawUse::retry_backoff);
  };
  CHECK(last(20, 1000) == 999);
  CHECK(last(100, 5000) == 4999);
  CHECK(last(100, 1000) == 1000);
  CHECK(last(1000, 100) == 100);
  CHECK(ExponentialBackoff(100, 2, 1000, 0).backoff(3, entropy, DrawUse::retry_backoff) == 800);
  CHECK(entropy.draws == 0);
  CHECK(ExponentialBackoff(100, 2, 1000, 0.2).backoff(1, entropy, DrawUse::retry_backoff) == 160);
  CHECK(entropy.draws == 1);
}

TEST_CASE(
    "A backoff that is only compared gives the answer of one that is asked, and leaves the same draws for later") {
  for (const double jitter : {0.0, 0.2, 1.0}) {
    for (const auto& [first, longest] : {std::pair{100, 1000}, {20, 1000}, {0, 400}, {50, 50}, {400, 100}}) {
      const ExponentialBackoff backoff(first, 2, longest, jitter);
      test::CountedEntropy asked;
      test::CountedEntropy compared;
      for (std::int64_t waited = -1; waited <= 1300; ++waited) {
        const std::int64_t attempts = (waited + 1) % 7;
        const std::int64_t answer = backoff.backoff(attempts, asked, DrawUse::retry_backoff);
        CHECK(backoff.shortest(attempts) <= answer);
        CHECK(answer <= backoff.longest(attempts));
        CHECK(backoff.is_longer_than(waited, attempts, compared, DrawUse::retry_backoff) == (waited < answer));
        REQUIRE(compared.draws(DrawUse::retry_backoff) == asked.draws(DrawUse::retry_backoff));
      }
    }
  }
}

TEST_CASE("Powers and logarithms are the same however many others were asked for in between") {
  std::vector<double> first;
  for (int round = 0; round < 2; ++round) {
    double last_log = 0;
    double last_power = 1;
    for (int i = 1; i <= 2000; ++i) {
      const double log = java_log(1 + i / 8.0);
      const double power = java_pow(2, log);
      CHECK(log > std::exchange(last_log, log));
      CHECK(power > std::exchange(last_power, power));
      if (round == 0) {
        first.push_back(log);
        first.push_back(power);
        continue;
      }
      CHECK(first[static_cast<std::size_t>(2 * i - 2)] == log);
      CHECK(first[static_cast<std::size_t>(2 * i - 1)] == power);
    }
  }
}

TEST_CASE("Ties in the queue of pending requests follow Java's heap") {
  JavaPriorityQueue<Item, LowerFirst> queue;
  const std::vector<int> priorities{2, 1, 2, 3, 1, 0, 2, 1, 3, 0, 2, 2};
  for (int id = 0; id < 12; ++id) {
    queue.add(Item{priorities[static_cast<std::size_t>(id)], id});
  }
  std::vector<int> order;
  for (const Item& item : queue.array()) {
    order.push_back(item.id);
  }
  CHECK(order == std::vector<int>{5, 9, 1, 7, 4, 2, 6, 3, 8, 0, 10, 11});
  CHECK(queue.remove_first([](const Item& item) { return item.id == 2; }));
  CHECK(queue.remove_first([](const Item& item) { return item.id == 5; }));
  CHECK_FALSE(queue.remove_first([](const Item& item) { return item.id == 5; }));
  order.clear();
  while (!queue.empty()) {
    order.push_back(queue.poll().id);
  }
  CHECK(order == std::vector<int>{9, 7, 4, 1, 6, 10, 0, 11, 8, 3});
}

TEST_CASE("Partitions are walked as Java walks its copied hash map") {
  CHECK(walked({0, 1, 4}) == std::vector<std::int32_t>{0, 4, 1});
  CHECK(walked({4, 1, 0}) == std::vector<std::int32_t>{4, 0, 1});
  CHECK(walked({5, 3, 1, 9, 0}) == std::vector<std::int32_t>{0, 1, 9, 3, 5});
  CHECK(walked({16, 0, 1, 17, 33}) == std::vector<std::int32_t>{16, 0, 1, 17, 33});
  CHECK(walked({70000, 1, 2, 4464}) == std::vector<std::int32_t>{4464, 70000, 1, 2});
  CHECK(walked({19, 3, 11, 27, 35, 43, 51, 59, 2, 10, 18, 26, 34}) ==
        std::vector<std::int32_t>{2, 34, 3, 35, 10, 11, 43, 18, 19, 51, 26, 27, 59});
}

TEST_CASE("The list of producer behaviours says what the struct does") {
  const ProducerBehaviour preset;
  std::set<std::string_view> names;
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    CHECK(preset.*field.member == field.in_4_3_1);
    CHECK(corrected_producer_behaviour().*field.member);
    CHECK(field.historical != field.corrected);
    CHECK(names.insert(field.name).second);
  }
  CHECK(names.size() * sizeof(bool) == sizeof(ProducerBehaviour));
  CHECK_FALSE(preset == corrected_producer_behaviour());
}

}  // namespace linger
