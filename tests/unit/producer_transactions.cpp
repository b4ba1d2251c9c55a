#include <catch2/catch.hpp>

#include "support/fake_cluster.h"

using namespace linger;
using test::FakeCluster;
using test::ProducerStage;

namespace {

using State = TransactionManager::State;

ProducerConfig transactional() {
  ProducerConfig config;
  config.transactional_id = "tx";
  config.linger_ms = 0;
  config.max_block_ms = 1000;
  return config;
}

/// A stage with one partition, before initTransactions.
ProducerStage stage_with(std::int16_t transaction_version, ProducerConfig config = transactional()) {
  FakeCluster cluster = test::one_topic(1, 1);
  cluster.transaction_version = transaction_version;
  ProducerStage stage(config, cluster);
  stage.run(1);
  return stage;
}

/// How the call ended that gave this result, after so much time at most: "ok", or the class of the exception.
std::string outcome(ProducerStage& stage, const CallResult& result, std::int64_t most_ms = 500) {
  if (const auto* thrown = std::get_if<Thrown>(&result)) return thrown->error.exception;
  if (std::holds_alternative<Finished>(result)) return "ok";
  const Ticket ticket = std::get<Ticket>(result);
  for (std::int64_t spent = 0; spent <= most_ms; ++spent) {
    for (const Settlement& settlement : stage.settled) {
      if (settlement.ticket != ticket) continue;
      const auto* thrown = std::get_if<Thrown>(&settlement.result);
      return thrown == nullptr ? "ok" : thrown->error.exception;
    }
    stage.run(1);
  }
  return "still waiting";
}

State state_of(const ProducerStage& stage) {
  return stage.producer.transaction_manager()->current_state();
}

/// After initTransactions, and topic t is known.
ProducerStage ready_stage(std::int16_t transaction_version) {
  ProducerStage stage = stage_with(transaction_version);
  REQUIRE(outcome(stage, stage.producer.init_transactions(stage.now)) == "ok");
  REQUIRE(state_of(stage) == State::ready);
  stage.producer.partitions_for("t", stage.now);
  stage.run(20);
  stage.cluster.coordinated.clear();
  return stage;
}

}  // namespace

TEST_CASE("with transaction.version 1 the client adds partitions, and the epoch stays") {
  ProducerStage stage = ready_stage(1);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  stage.send(1, "a", 0);
  CHECK(outcome(stage, stage.producer.commit_transaction(stage.now)) == "ok");
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@0"});
  CHECK(stage.cluster.coordinated == std::vector<std::string>{"ADD_PARTITIONS_TO_TXN v3 t-0", "END_TXN v4 commit"});
  CHECK(stage.cluster.last_produce_version == 11);
  CHECK(stage.producer.transaction_manager()->producer_id_and_epoch().epoch == ProducerEpoch{0});
  CHECK(state_of(stage) == State::ready);
}

TEST_CASE("with transaction.version 2 the brokers add partitions, and each transaction has its own epoch") {
  ProducerStage stage = ready_stage(2);
  for (std::int16_t transaction = 0; transaction < 3; ++transaction) {
    CHECK(stage.producer.transaction_manager()->producer_id_and_epoch().epoch == ProducerEpoch{transaction});
    REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
    stage.send(1, "a", 0);
    const bool commit = transaction != 1;
    CHECK(outcome(stage, commit ? stage.producer.commit_transaction(stage.now)
                                : stage.producer.abort_transaction(stage.now)) == "ok");
  }
  CHECK(stage.cluster.last_produce_version == 13);
  CHECK(stage.cluster.coordinated ==
        std::vector<std::string>{"END_TXN v5 commit", "END_TXN v5 abort", "END_TXN v5 commit"});
}

TEST_CASE("an empty transaction ends without a request") {
  ProducerStage stage = ready_stage(GENERATE(std::int16_t{1}, std::int16_t{2}));
  const bool commit = GENERATE(true, false);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  CHECK(outcome(stage, commit ? stage.producer.commit_transaction(stage.now)
                              : stage.producer.abort_transaction(stage.now)) == "ok");
  CHECK(stage.cluster.coordinated.empty());
  CHECK(state_of(stage) == State::ready);
}

TEST_CASE("offsets of a group become part of the transaction") {
  const std::int16_t version = GENERATE(std::int16_t{1}, std::int16_t{2});
  ProducerStage stage = ready_stage(version);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  const OffsetsToCommit offsets{{{"in", 3}, {41, std::nullopt, ""}}};
  CHECK(outcome(stage, stage.producer.send_offsets_to_transaction(offsets, {"g", -1, "", std::nullopt}, stage.now)) ==
        "ok");
  CHECK(outcome(stage, stage.producer.commit_transaction(stage.now)) == "ok");
  if (version == 1) {
    CHECK(stage.cluster.coordinated == std::vector<std::string>{"ADD_OFFSETS_TO_TXN v4 g", "FIND_COORDINATOR v6 g",
                                                                "TXN_OFFSET_COMMIT v4 in-3=41", "END_TXN v4 commit"});
  } else {
    CHECK(stage.cluster.coordinated ==
          std::vector<std::string>{"FIND_COORDINATOR v6 g", "TXN_OFFSET_COMMIT v5 in-3=41", "END_TXN v5 commit"});
  }
}

TEST_CASE("no offsets are sent without a request, and a generation needs a member") {
  ProducerStage stage = ready_stage(2);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  CHECK(outcome(stage, stage.producer.send_offsets_to_transaction({}, {"g", -1, "", std::nullopt}, stage.now)) == "ok");
  CHECK(stage.cluster.coordinated.empty());
  CHECK(outcome(stage, stage.producer.send_offsets_to_transaction({}, {"g", 4, "", std::nullopt}, stage.now)) ==
        "IllegalArgumentException");
}

TEST_CASE("max.block.ms ends a call, and only the same call may follow; it gets the late answer") {
  ProducerStage stage = stage_with(2);
  stage.cluster.coordinator_silent = true;
  const std::int64_t began_ms = stage.elapsed_ms();
  CHECK(outcome(stage, stage.producer.init_transactions(stage.now), 2000) == "TimeoutException");
  CHECK(stage.elapsed_ms() - began_ms >= 1000);
  CHECK(stage.elapsed_ms() - began_ms <= 1002);
  CHECK(outcome(stage, stage.producer.begin_transaction()) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.commit_transaction(stage.now)) == "IllegalStateException");

  stage.cluster.coordinator_silent = false;
  const CallResult again = stage.producer.init_transactions(stage.now);
  CHECK(outcome(stage, again, 40'000) == "TimeoutException");
  stage.run(40'000);
  CHECK(outcome(stage, stage.producer.init_transactions(stage.now)) == "ok");
  CHECK(outcome(stage, stage.producer.begin_transaction()) == "ok");
}

TEST_CASE("a wrong call throws and changes nothing, but in a callback it ends the producer") {
  ProducerStage stage = ready_stage(2);
  CHECK(outcome(stage, stage.producer.commit_transaction(stage.now)) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.abort_transaction(stage.now)) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.init_transactions(stage.now)) == "IllegalStateException");
  CHECK(state_of(stage) == State::ready);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  CHECK(outcome(stage, stage.producer.begin_transaction()) == "IllegalStateException");
  CHECK(state_of(stage) == State::in_transaction);
  CHECK(outcome(stage, stage.producer.begin_transaction(Caller::callback)) == "IllegalStateException");
  CHECK(state_of(stage) == State::fatal_error);
}

TEST_CASE("a record outside of a transaction is refused") {
  ProducerStage stage = ready_stage(2);
  const SendResult result = stage.send(1, "a", 0);
  REQUIRE(std::holds_alternative<Thrown>(result));
  CHECK(std::get<Thrown>(result).error.exception == "IllegalStateException");
}

TEST_CASE("close sends what is there and aborts the open transaction") {
  ProducerStage stage = ready_stage(GENERATE(std::int16_t{1}, std::int16_t{2}));
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  stage.send(1, "a", 0);
  stage.run(50);
  REQUIRE(stage.reports.size() == 1);
  CHECK(outcome(stage, stage.producer.close(60'000, stage.now)) == "ok");
  CHECK(stage.cluster.coordinated.back().ends_with(" abort"));
  CHECK_FALSE(stage.producer.is_alive());
  CHECK(outcome(stage, stage.producer.begin_transaction()) == "IllegalStateException");
}

TEST_CASE("close without patience leaves the transaction to its timeout") {
  ProducerStage stage = ready_stage(2);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  stage.send(1, "a", 0);
  stage.run(50);
  CHECK(outcome(stage, stage.producer.close(0, stage.now)) == "ok");
  CHECK(stage.cluster.coordinated.empty());
}

TEST_CASE("without idempotence or without transactional.id there are no transactions") {
  ProducerConfig config;
  config.enable_idempotence = GENERATE(true, false);
  ProducerStage stage(config, test::one_topic(1, 1));
  CHECK(outcome(stage, stage.producer.init_transactions(stage.now)) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.begin_transaction()) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.commit_transaction(stage.now)) == "IllegalStateException");
  CHECK(outcome(stage, stage.producer.abort_transaction(stage.now)) == "IllegalStateException");
}

TEST_CASE("a call about a transaction is measured when it succeeds") {
  ProducerStage stage = stage_with(2);
  const auto spent_ns = [&stage](const std::string& call) {
    for (const Metric& metric : stage.producer.metrics(stage.now)) {
      if (metric.name == "txn-" + call + "-time-ns-total") return std::get<double>(metric.value);
    }
    return -1.0;
  };
  SECTION("not one that timed out") {
    stage.cluster.coordinator_silent = true;
    REQUIRE(outcome(stage, stage.producer.init_transactions(stage.now), 2000) == "TimeoutException");
    CHECK(spent_ns("init") == 0);
    return;
  }
  REQUIRE(outcome(stage, stage.producer.init_transactions(stage.now)) == "ok");
  CHECK(spent_ns("init") >= 2e6);
  CHECK(spent_ns("init") <= static_cast<double>(stage.elapsed_ms()) * 1e6);

  const OffsetsToCommit offsets{{{"in", 3}, {41, std::nullopt, ""}}};
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  REQUIRE(outcome(stage, stage.producer.send_offsets_to_transaction({}, {"g", -1, "", std::nullopt}, stage.now)) ==
          "ok");
  CHECK(spent_ns("send-offsets") == 0);
  REQUIRE(outcome(stage, stage.producer.send_offsets_to_transaction(offsets, {"g", -1, "", std::nullopt}, stage.now)) ==
          "ok");
  CHECK(spent_ns("send-offsets") >= 4e6);  // FindCoordinator and TxnOffsetCommit, 2 ms there and back each
  REQUIRE(outcome(stage, stage.producer.commit_transaction(stage.now)) == "ok");
  CHECK(spent_ns("commit") == 2e6);
  CHECK(spent_ns("abort") == 0);
  REQUIRE(outcome(stage, stage.producer.begin_transaction()) == "ok");
  REQUIRE(outcome(stage, stage.producer.send_offsets_to_transaction(offsets, {"g", -1, "", std::nullopt}, stage.now)) ==
          "ok");
  REQUIRE(outcome(stage, stage.producer.abort_transaction(stage.now)) == "ok");
  CHECK(spent_ns("abort") == 2e6);
  CHECK(spent_ns("commit") == 2e6);
  CHECK(spent_ns("begin") == 0);
}
