#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"
#include "support/transfer_plan.h"

namespace linger::scenarios {
namespace {

using namespace test;

Run run_traced(Scenario plan) {
  RunOptions options;
  options.keep_trace = true;
  return run_scenario(std::move(plan), options);
}

/// The records of this kind, in order.
std::vector<sim::TraceRecord> of_kind(const Run& run, AppTrace kind) {
  std::vector<sim::TraceRecord> found;
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    if (run.trace.at(i).kind == trace_kind(kind)) found.push_back(run.trace.at(i));
  }
  return found;
}

WorkloadStep step(decltype(WorkloadStep::what) what, std::optional<Duration> at = std::nullopt) {
  return {at, std::move(what)};
}

/// A producer with a transaction of its own that holds the group's offset of payments-0 from 300 ms to 3 s.
ProducerSpec holder_of_offsets(bool commits) {
  ProducerSpec other;
  other.name = "other";
  other.config = {{"transactional.id", "other"}};
  SendStep send;
  send.topic = "bookings";
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = 20;
  WorkloadStep end = commits ? step(CommitStep{}, Duration::s(3)) : step(AbortStep{}, Duration::s(3));
  other.threads.push_back({{step(BeginStep{}, Duration::ms(300)), step(send),
                            step(SendOffsetsStep{"bank", "payments", 0, 2}), std::move(end)}});
  return other;
}

const Run& plain_run() {
  static const Run run = run_traced(transfer_plan(1));
  return run;
}

}  // namespace

TEST_CASE("a transfer that nothing disturbs moves every record, says so, and ends") {
  const Run& run = plain_run();
  CHECK(run.result.violations.empty());
  REQUIRE(run.result.transfers.size() == 1);
  CHECK(run.result.transfers[0].producer == "bank");
  CHECK(run.result.transfers[0].from == "payments");
  CHECK(run.result.transfers[0].to == "bookings");
  CHECK(run.result.transfers[0].group == "bank");
  CHECK(run.result.transfers[0].once == 12);
  CHECK(of_kind(run, AppTrace::app_transfer_done).size() == 1);
  for (const sim::TraceRecord& polled : of_kind(run, AppTrace::app_polled)) CHECK(polled.args[2] - polled.args[1] < 2);
  CHECK(run.ledger.transactions.size() >= 6);
}

TEST_CASE("an output is its input with a header that names it") {
  const Run& run = plain_run();
  REQUIRE(!run.ledger.transfers.empty());
  const LedgerTransfer& transfer = run.ledger.transfers.front();
  const LedgerRecord& output = run.ledger.records[transfer.record];
  const LedgerRecord* input = nullptr;
  for (const LedgerRecord& record : run.ledger.records) {
    if (record.identity == transfer.identity) input = &record;
  }
  REQUIRE(input != nullptr);
  CHECK(input->producer == 0);
  CHECK(input->offset == transfer.offset);
  SendStep expected = std::get<SendStep>(run.setup->scenario.producers[0].threads[0].steps[0].what);
  expected.headers.emplace_back(
      "transferred-from", "payments-" + std::to_string(transfer.partition) + "@" + std::to_string(transfer.offset));
  const Payload payload = make_payload(expected, run.setup->producers[0].config, 0, input->number,
                                       static_cast<std::int64_t>(input->number));
  CHECK(output.identity == identity_of(payload, 1));
}

TEST_CASE("a group's offset that an open transaction holds is waited for before anything is read") {
  const bool commits = GENERATE(true, false);
  INFO("commits " << commits);
  Scenario plan = transfer_plan(1);
  plan.producers.push_back(holder_of_offsets(commits));
  plan.producers[1].threads[0].steps[0].at = Duration::ms(1500);
  const Run run = run_traced(std::move(plan));
  const auto offsets = of_kind(run, AppTrace::app_group_offset);
  REQUIRE(offsets.size() >= 2);
  CHECK(offsets[0].at >= sim::SimTime::at(Duration::s(3)));
  CHECK(offsets[0].args[1] == (commits ? 2 : -1));
  CHECK(offsets[1].args[1] == -1);
  // Somebody else moves the group's offsets: what the application skips is not its fault.
  CHECK_FALSE(run.result.transfers[0].exactly_once);
  CHECK(run.result.violations.empty());
  CHECK(run.result.transfers[0].missing == (commits ? 2 : 0));
}

TEST_CASE("a refused record aborts the transaction, and the application goes back to the committed offsets") {
  Scenario plan = transfer_plan(1);
  Fault refused;
  refused.id = "refused";
  refused.on = Matcher{};
  refused.on->api = "PRODUCE";
  refused.on->producer = "bank";
  refused.on->after = Duration::s(1);
  refused.action = Answer{"INVALID_RECORD", false};
  refused.must_hit = true;
  plan.faults.push_back(refused);
  SECTION("and transfers everything in the end") {
    const Run run = run_traced(std::move(plan));
    CHECK_FALSE(run.result.faults_missed());
    CHECK(of_kind(run, AppTrace::app_aborted).size() == 1);
    CHECK(of_kind(run, AppTrace::app_asks_offsets).size() == 2);
    CHECK(run.result.violations.empty());
    CHECK(run.result.transfers[0].once == 12);
  }
  SECTION("or stops there, with on_error: abort, and what it has done is whole") {
    plan.producers[1].on_error.kind = OnError::Kind::abort;
    const Run run = run_traced(std::move(plan));
    CHECK(of_kind(run, AppTrace::app_asks_offsets).size() == 1);
    CHECK(run.result.violations.empty());
    CHECK(run.result.transfers[0].missing > 0);
    CHECK(run.result.transfers[0].twice == 0);
  }
}

TEST_CASE("a processor that stays dead has transferred a part, each record of it once") {
  Scenario plan = transfer_plan(1);
  Fault dies = processor_dies(Duration::ms(1200));
  std::get<Crash>(dies.action).restart_after.reset();
  plan.faults.push_back(dies);
  const RunResult result = run_scenario(std::move(plan)).result;
  CHECK(result.violations.empty());
  CHECK(result.transfers[0].once > 0);
  CHECK(result.transfers[0].missing > 0);
  CHECK(result.transfers[0].twice == 0);
}

TEST_CASE("an old processor that wakes up beside its successor is fenced, and each input has one output") {
  int fenced = 0;
  for (std::int64_t moment = 0; moment < 30; ++moment) {
    Scenario plan = transfer_plan(static_cast<std::uint64_t>(moment));
    ProducerSpec successor = plan.producers[1];
    successor.name = "successor";
    successor.threads[0].steps[0].at = Duration::ms(1500);
    plan.producers.push_back(successor);
    Fault stands_still;
    stands_still.id = "garbage-collection";
    stands_still.at = Duration::us(600'000 + moment * 20'011);
    stands_still.lasts = Duration::ms(2500);
    stands_still.action = Pause{"bank"};
    plan.faults.push_back(stands_still);
    INFO("stands still at " << stands_still.at->us() << " us");
    const Run run = run_traced(std::move(plan));
    for (const Violation& violation : run.result.violations) FAIL_CHECK(violation.name + ": " + violation.detail);
    REQUIRE(run.result.transfers.size() == 1);
    CHECK(run.result.transfers[0].exactly_once);
    CHECK(run.result.transfers[0].once == 12);
    for (const sim::TraceRecord& error : of_kind(run, AppTrace::app_transaction_error))
      fenced += error.args[2] != 0 ? 1 : 0;
  }
  CHECK(fenced > 20);
}

TEST_CASE("two processors of one group with different transactional ids are promised nothing") {
  Scenario plan = transfer_plan(1);
  ProducerSpec second = plan.producers[1];
  second.name = "second";
  second.config["transactional.id"] = "bank-2";
  plan.producers.push_back(second);
  const RunResult result = run_scenario(std::move(plan)).result;
  CHECK(result.violations.empty());
  REQUIRE(result.transfers.size() == 1);
  CHECK_FALSE(result.transfers[0].exactly_once);
}

TEST_CASE("two processors that share the partitions of one group transfer each record once between them") {
  Scenario plan = transfer_plan(1);
  ProducerSpec second = plan.producers[1];
  second.name = "second";
  second.config["transactional.id"] = "bank-2";
  std::get<TransferStep>(plan.producers[1].threads[0].steps[0].what).partitions = {0};
  std::get<TransferStep>(second.threads[0].steps[0].what).partitions = {1};
  plan.producers.push_back(second);
  plan.faults.push_back(processor_dies(Duration::ms(1100)));
  const RunResult result = run_scenario(std::move(plan)).result;
  CHECK(result.violations.empty());
  REQUIRE(result.transfers.size() == 2);
  std::int64_t once = 0;
  for (const TransferResult& transfer : result.transfers) {
    CHECK(transfer.exactly_once);
    CHECK(transfer.once == transfer.input);
    once += transfer.once;
  }
  CHECK(once == 12);
}

TEST_CASE(
    "a death after the outputs are acknowledged and before the offsets are: twice without transactions, once with "
    "them") {
  const bool transactions = GENERATE(true, false);
  INFO("transactions " << transactions);
  for (std::int64_t moment = 0; moment < 20; ++moment) {
    Scenario plan = transfer_plan(static_cast<std::uint64_t>(moment));
    if (!transactions) plan.producers[1].config.erase("transactional.id");
    Fault dies = processor_dies(Duration{});
    dies.at.reset();
    dies.on = Matcher{};
    dies.on->api = "PRODUCE";
    dies.on->response = true;
    dies.on->to = "bank";
    dies.on->after = Duration::ms(700 + moment * 50);
    plan.faults.push_back(dies);
    INFO("dies after " << dies.on->after->ms() << " ms");
    const RunResult result = run_scenario(std::move(plan)).result;
    CHECK(result.violations.empty());
    CHECK(result.faults.front().hits == 1);
    CHECK(result.transfers[0].exactly_once == transactions);
    CHECK(result.transfers[0].missing == 0);
    CHECK((result.transfers[0].twice > 0) == !transactions);
  }
}

TEST_CASE("when every broker loses its power, nothing is promised about offsets that were in no disk's care") {
  Scenario plan = transfer_plan(1, 24);
  for (const char* broker : {"b1", "b2", "b3"}) {
    Fault dark = broker_dies(broker, Duration::ms(1900));
    std::get<Crash>(dark.action).power = true;
    plan.faults.push_back(dark);
  }
  const RunResult result = run_scenario(std::move(plan)).result;
  CHECK(result.violations.empty());
  CHECK_FALSE(result.transfers[0].exactly_once);
}

TEST_CASE("a transfer of a transfer ends as well") {
  Scenario plan = transfer_plan(1);
  TopicSpec archive = plan.cluster.topics[1];
  archive.name = "archive";
  plan.cluster.topics.push_back(archive);
  ProducerSpec copier = plan.producers[1];
  copier.name = "copier";
  copier.config["transactional.id"] = "copier-1";
  TransferStep& copies = std::get<TransferStep>(copier.threads[0].steps[0].what);
  copies.from = "bookings";
  copies.to = "archive";
  copies.group = "copier";
  plan.producers.push_back(copier);
  const RunResult result = run_scenario(std::move(plan)).result;
  CHECK(result.violations.empty());
  REQUIRE(result.transfers.size() == 2);
  CHECK(result.transfers[1].once == 12);
}

}  // namespace linger::scenarios
