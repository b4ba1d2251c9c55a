#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::scenarios {
namespace {

Scenario with_bug(Scenario plan, const std::string& name, const std::string& value) {
  if (name.starts_with("producer.") || name.starts_with("txn.")) {
    for (ProducerSpec& producer : plan.producers) producer.behaviour[name] = value;
  } else {
    plan.cluster.behaviour[name] = value;
  }
  return plan;
}

bool reports(const RunResult& result, const std::string& oracle) {
  return std::any_of(result.violations.begin(), result.violations.end(),
                     [&](const Violation& v) { return v.oracle == oracle; });
}

}  // namespace

TEST_CASE("a rule that is made wrong on purpose is reported by the oracle that watches over it, and not without it") {
  struct Planted {
    const char* name;
    const char* value;
    const char* oracle;
    std::uint64_t first = 0;  ///< where to begin looking: rare ones show late
  };
  const Planted planted = GENERATE(
      Planted{"broker.deduplication", "false", "O2"}, Planted{"broker.dedup_cache_batches", "1", "O2"},
      Planted{"repl.truncate_rule", "high_watermark", "O1"}, Planted{"repl.ack_before_replication", "true", "O1"},
      Planted{"repl.epoch_answer", "offset_only", "O5", 400}, Planted{"broker.lose_unflushed", "on_every_crash", "O1"},
      Planted{"producer.on_delivery_timeout", "renumber", "O1"},
      Planted{"producer.release_buffer_on_expiry", "immediate", "O4", 500},
      Planted{"producer.renumber_order", "container", "O3", 700},
      Planted{"producer.keep_seq_when_topic_vanishes", "false", "O1", 500},
      Planted{"producer.epoch_bump_drains_inflight", "false", "O2", 200},
      Planted{"txn.local_expiry_fails_txn", "false", "O8"}, Planted{"txn.on_oooseq", "init_producer_id", "O7"},
      Planted{"tc.bump_epoch_on_timeout_abort", "false", "O7"}, Planted{"tc.epoch_bump_per_txn", "false", "O7"},
      Planted{"broker.marker_again", "refused", "O9"},
      Planted{"broker.verify_txn_ongoing", "false", "O9", 5000});
  INFO(planted.name << "=" << planted.value);
  bool found = false;
  for (std::uint64_t seed = planted.first; seed < planted.first + 1000 && !found; ++seed) {
    found = reports(run_scenario(with_bug(random_plan(seed), planted.name, planted.value)).result, planted.oracle);
    if (found) CHECK_FALSE(reports(run_scenario(random_plan(seed)).result, planted.oracle));
  }
  CHECK(found);
}

TEST_CASE("where nobody verifies transactions and a partition takes any first sequence, a committed record is taken for an aborted one") {
  // The first of two batches under way is refused for good, and the second is the first that the leader hears of.
  const ReadResult read = read_scenario(R"({
    "linger": 1,
    "cluster": {
      "config": {"transaction.version": 1},
      "topics": [{"name": "orders", "partitions": 1, "replication.factor": 1}]
    },
    "network": {"latency": "1ms"},
    "producers": [{
      "name": "p1",
      "config": {"batch.size": 120, "transactional.id": "p1"},
      "workload": [
        {"begin": {}}, {"send": {"topic": "orders", "value": {"bytes": 100}, "count": 2}}, {"commit": {}},
        {"begin": {}}, {"send": {"topic": "orders"}}, {"commit": {}}
      ]
    }],
    "faults": [{"id": "refused", "on": {"request": "PRODUCE", "producer": "p1"}, "do": "answer", "error": "INVALID_RECORD", "must_hit": true}]
  })");
  REQUIRE(read.ok());
  const Scenario usual = *read.scenario;
  CHECK(run_scenario(usual).result.violations.empty());
  const Scenario unverified = with_bug(usual, "broker.verify_txn_ongoing", "false");
  CHECK(reports(run_scenario(unverified).result, "O1"));
  CHECK(run_scenario(with_bug(unverified, "broker.first_seq_without_state", "zero")).result.violations.empty());
}

}  // namespace linger::scenarios
