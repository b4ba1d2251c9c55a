#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

RunResult result_of(std::string_view text) {
  ReadResult read = read_scenario(text);
  INFO(describe_mistakes("scenario", read.mistakes));
  REQUIRE(read.ok());
  return run_scenario(*std::move(read.scenario)).result;
}

}  // namespace

TEST_CASE("a record fails while its thread is blocked in send: it is sent again when the call has returned") {
  const RunResult result = result_of(R"({
    "linger": 1,
    "cluster": {"brokers": 1, "topics": [{"name": "orders"}]},
    "producers": [{"on_error": {"resend": 1},
      "config": {"buffer.memory": 4000, "batch.size": 1000, "linger.ms": 0, "max.block.ms": 10000, "request.timeout.ms": 1000,
                 "delivery.timeout.ms": 2000},
      "workload": [{"send": {"topic": "orders", "count": 1, "value": "first"}}, {"at": "1s", "send": {"topic": "orders", "count": 6, "value": {"bytes": 900}}}]}],
    "faults": [{"at": "500ms", "cut": [["b1"], ["p1"]], "for": "3s"}]})");
  // Four fill the memory, the fifth blocks; the four expire and let it in, and are sent once more.
  CHECK(result.counts.sent == 11);
  CHECK(result.counts.acked == 7);
  CHECK(result.counts.failed == 4);
  CHECK(result.violations.empty());
}

TEST_CASE("an operator's request is the last thing that happens: the run waits for its answer, and it counts as a hit") {
  const RunResult result = result_of(R"({
    "linger": 1,
    "cluster": {"topics": [{"name": "orders"}]},
    "producers": [{"workload": [{"send": {"topic": "orders", "count": 1, "value": "a"}}]}],
    "faults": [{"at": "5s", "delete_topic": "orders", "must_hit": true}]})");
  CHECK(result.faults.at(0).hits == 1);
  CHECK(result.counts.deleted == 1);
}

TEST_CASE("an application that restarts within a transaction goes on with the steps that follow, and the transaction is aborted") {
  const RunResult result = result_of(R"({
    "linger": 1,
    "cluster": {"topics": [{"name": "orders"}]},
    "producers": [{"config": {"transactional.id": "t1"},
      "workload": [{"begin": {}}, {"send": {"topic": "orders", "count": 3, "value": "a"}}, "flush", "restart",
                   {"begin": {}}, {"send": {"topic": "orders", "count": 2, "value": "b"}}, {"commit": {}}]}]})");
  CHECK(result.counts.sent == 5);
  CHECK(result.counts.aborted == 3);
  CHECK(result.counts.acked == 2);
  CHECK(result.violations.empty());
}

TEST_CASE("a process that dies within a transaction: the new one carries it out from its beginning") {
  const RunResult result = result_of(R"({
    "linger": 1,
    "cluster": {"config": {"transaction.state.log.num.partitions": 1}, "topics": [{"name": "orders"}]},
    "producers": [{"name": "p1", "config": {"transactional.id": "orders-1", "transaction.timeout.ms": 5000},
      "workload": [{"begin": {}}, {"send": {"topic": "orders", "count": 2, "value": {"bytes": 100}}}, {"commit": {}},
                   {"at": "1s", "begin": {}}, {"send": {"topic": "orders", "count": 4, "every": "500ms", "value": {"bytes": 100}}}, {"commit": {}}]}],
    "faults": [{"at": "1800ms", "crash": "p1", "restart_after": "100ms", "must_hit": true}]})");
  // The first transaction is not touched. Of the second, two records were sent before the crash and four after it.
  CHECK(result.counts.sent == 8);
  CHECK(result.counts.acked == 6);
  CHECK(result.counts.aborted == 2);
  CHECK(result.violations.empty());
}
