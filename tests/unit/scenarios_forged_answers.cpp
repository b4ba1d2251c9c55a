#include <catch2/catch.hpp>
#include <string>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::scenarios {
namespace {

/// One transaction of two records and a group's offset, and an answer to `api` that is forged once.
RunResult forged(const std::string& api, const std::string& error, const std::string& append, int version) {
  const std::string plan = R"({"linger": 1, "title": "forged", "seed": 7,
    "cluster": {"brokers": 3, "config": {"transaction.state.log.num.partitions": 1, "offsets.topic.num.partitions": 1,
                                         "transaction.version": )" +
                           std::to_string(version) + R"(},
                "topics": [{"name": "orders", "partitions": 1, "replication.factor": 3, "config": {"min.insync.replicas": 2}}]},
    "producers": [{"name": "p1", "config": {"transactional.id": "orders-1", "transaction.timeout.ms": 5000, "max.block.ms": 5000},
                   "workload": [{"begin": {}}, {"send": {"topic": "orders", "count": 2, "value": {"bytes": 100}}},
                                {"send_offsets": {"group": "readers", "topic": "orders", "partition": 0, "offset": 1}}, {"commit": {}}]}],
    "faults": [{"id": "forged", "on": {"request": ")" +
                           api + R"(", "producer": "p1"}, "do": "answer", "error": ")" + error + R"(", "append": ")" +
                           append + R"(", "must_hit": true}]})";
  const ReadResult read = read_scenario(plan);
  INFO(describe_mistakes("plan", read.mistakes));
  REQUIRE(read.ok());
  RunResult result = run_scenario(*read.scenario).result;
  CHECK(result.violations.empty());
  REQUIRE(result.faults.at(0).hits == 1);
  return result;
}

}  // namespace

TEST_CASE("a commit that is refused did not take place, and one whose answer is replaced did") {
  const int version = GENERATE(1, 2);
  const RunResult before = forged("END_TXN", "PRODUCER_FENCED", "before", version);
  CHECK(before.counts.aborted == 2);
  CHECK(before.counts.acked == 0);
  const RunResult after = forged("END_TXN", "UNKNOWN_SERVER_ERROR", "after", version);
  CHECK(after.counts.acked == 2);
  CHECK(after.counts.aborted == 0);
}

TEST_CASE("what passes is asked again, and the transaction is committed") {
  const int version = GENERATE(1, 2);
  const std::string append = GENERATE("before", "after");
  INFO("version " << version << ", " << append);
  for (const char* api : {"FIND_COORDINATOR", "INIT_PRODUCER_ID", "END_TXN", "TXN_OFFSET_COMMIT"}) {
    INFO(api);
    CHECK(forged(api, api[0] == 'F' ? "COORDINATOR_NOT_AVAILABLE" : "NOT_COORDINATOR", append, version).counts.acked ==
          2);
  }
  if (version == 2) return;
  for (const char* api : {"ADD_PARTITIONS_TO_TXN", "ADD_OFFSETS_TO_TXN"}) {
    INFO(api);
    CHECK(forged(api, "COORDINATOR_NOT_AVAILABLE", append, version).counts.acked == 2);
  }
}

TEST_CASE("what the transaction cannot go on with is aborted, whoever says it") {
  CHECK(forged("TXN_OFFSET_COMMIT", "ILLEGAL_GENERATION", "before", 2).counts.aborted == 2);
  CHECK(forged("ADD_PARTITIONS_TO_TXN", "TOPIC_AUTHORIZATION_FAILED", "before", 1).counts.acked == 0);
  CHECK(forged("ADD_OFFSETS_TO_TXN", "GROUP_AUTHORIZATION_FAILED", "before", 1).counts.aborted == 2);
}

TEST_CASE("answers between brokers are not forged by a plan") {
  const ReadResult read = read_scenario(
      R"({"linger": 1, "title": "t", "cluster": {"brokers": 1, "topics": [{"name": "orders", "replication.factor": 1}]},
          "producers": [{"name": "p1", "workload": []}],
          "faults": [{"id": "f", "on": {"request": "WRITE_TXN_MARKERS"}, "do": "answer", "error": "NOT_COORDINATOR"}]})");
  REQUIRE_FALSE(read.ok());
  CHECK(describe_mistakes("plan", read.mistakes).find("answers to WRITE_TXN_MARKERS are not forged") !=
        std::string::npos);
}

}  // namespace linger::scenarios
