#include "scenarios/zoo.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "broker_model/broker_behaviour.h"
#include "producer/producer_behaviour.h"
#include "scenarios/overrides.h"
#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::scenarios {
namespace {

const std::vector<ZooBug>& bugs() {
  static const std::vector<ZooBug> all{
      {"P01",
       "KAFKA-3197",
       "one request in flight, but for each connection",
       "producer.inflight_scope",
       "connection",
       "partition",
       "O3",
       "reordered",
       "P01-one-in-flight-per-connection.json",
       {{"acked", 2}, {"reordered", 0}, {"lost", 0}}},
      {"P02",
       "KAFKA-5494",
       "the broker remembers one batch only",
       "broker.dedup_cache_batches",
       "1",
       "5",
       "O2",
       "duplicated",
       "P02-one-batch-remembered.json",
       {{"acked", 2}, {"duplicated", 0}, {"/partitions/orders-0/log_end", 2}}},
      {"P06",
       "KAFKA-8483",
       "new sequence numbers in the order of a heap",
       "producer.renumber_order",
       "container",
       "sequence",
       "O3",
       "reordered",
       "P06-renumbered-in-heap-order.json",
       {{"acked", 6}, {"failed", 1}, {"reordered", 0}}},
      {"P08",
       "KAFKA-13794",
       "batches known by their sequence number alone",
       "producer.inflight_key",
       "base_seq",
       "batch",
       "O3",
       "overtaken",
       "P08-tracked-by-sequence-alone.json",
       {{"acked", 2}, {"failed", 1}, {"failed_present", 1}, {"lost", 0}}},
      {"P09",
       "KAFKA-14397",
       "the number of an expired batch is given to the next",
       "producer.on_delivery_timeout",
       "renumber",
       "mark_unresolved",
       "O1",
       "acked-lost",
       "P09-number-of-an-expired-batch.json",
       {{"acked", 1}, {"failed", 1}, {"lost", 0}, {"/partitions/orders-0/log_end", 2}}},
      {"P11",
       "KAFKA-15591",
       "any sequence number is good enough to begin with",
       "broker.first_seq_without_state",
       "any",
       "zero_if_never_written",
       "O3",
       "overtaken",
       "P11-any-first-sequence.json",
       {{"acked", 22}, {"failed", 0}, {"reordered", 0}}},
      {"P12",
       "KAFKA-19012",
       "memory given away while a request is being sent",
       "producer.release_buffer_on_expiry",
       "immediate",
       "on_completion",
       "O4",
       "phantom",
       "P12-buffer-freed-in-flight.json",
       {{"acked", 2}, {"failed", 1}, {"failed_present", 1}}},
      {"P13",
       "KAFKA-19479",
       "flush returns before what was split is sent",
       "producer.flush_tracks_split_children",
       "false",
       "true",
       "O8",
       "flush-returned-early",
       "P13-flush-forgets-split-batches.json",
       {{"acked", 2}, {"untold", 0}}},
      {"T01",
       "KAFKA-5385",
       "a record runs out of time, its transaction does not notice",
       "txn.local_expiry_fails_txn",
       "false",
       "true",
       "O8",
       "incomplete-commit",
       "T01-expiry-unnoticed-by-transaction.json",
       {{"acked", 0}, {"aborted", 3}}},
      {"T02",
       "KAFKA-6119",
       "a transaction given up, and its producer not fenced",
       "tc.bump_epoch_on_timeout_abort",
       "false",
       "true",
       "O7",
       "commit-undone",
       "T02-timeout-abort-keeps-epoch.json",
       {{"acked", 0}, {"failed", 5}, {"aborted", 5}}},
      {"T06",
       "KAFKA-12671",
       "a write that comes after the end of its transaction",
       "broker.verify_txn_ongoing",
       "false",
       "true",
       "O9",
       "hanging-transaction",
       "T06-late-write-not-verified.json",
       {{"acked", 3},
        {"aborted", 1},
        {"/partitions/orders-0/log_end", 4},
        {"/partitions/orders-0/last_stable_offset", 4}}},
      {"T07",
       "KAFKA-17754",
       "an old commit ends the next transaction",
       "tc.epoch_bump_per_txn",
       "false",
       "true",
       "O7",
       "aborted-visible",
       "T07-end-of-the-next-transaction.json",
       {{"acked", 1}, {"aborted", 2}}},
      {"R01",
       "KIP-101",
       "a follower cuts its log at its own high watermark",
       "repl.truncate_rule",
       "high_watermark",
       "leader_epoch",
       "O1",
       "acked-lost",
       "R01-truncate-to-high-watermark.json",
       {{"acked", 2}, {"lost", 0}}},
      {"R03",
       "KIP-279",
       "the end of an epoch is answered without the epoch",
       "repl.epoch_answer",
       "offset_only",
       "epoch_and_offset",
       "O5",
       "replicas-differ",
       "R03-offset-without-epoch.json",
       {{"acked", 40}, {"lost", 10}}},
      {"R04",
       "KAFKA-7128",
       "into the ISR at a stale high watermark",
       "repl.isr_join_rule",
       "hw",
       "hw_and_epoch_start",
       "O1",
       "acked-lost",
       "R04-joins-at-a-stale-high-watermark.json",
       {{"acked", 10}, {"lost", 0}}},
      {"R10",
       "KAFKA-13141",
       "a fetch that diverges counts as progress",
       "repl.count_diverging_fetch_for_hw",
       "true",
       "false",
       "O1",
       "acked-lost",
       "R10-diverging-fetch-counts.json",
       {{"acked", 15}, {"lost", 0}}},
      {"R15",
       "KIP-966",
       "the last replica standing has lost its page cache",
       "controller.elr",
       "off",
       "on",
       "O1",
       "acked-lost",
       "R15-last-replica-standing.json",
       {{"acked", 10}, {"lost", 0}}},
      {"L01",
       "librdkafka 1.9.0",
       "sequence numbers vanish with a topic",
       "producer.keep_seq_when_topic_vanishes",
       "false",
       "true",
       "O1",
       "acked-lost",
       "L01-sequences-vanish-with-the-topic.json",
       {{"acked", 7}, {"lost", 0}, {"/partitions/orders-0/log_end", 7}}},
      {"L02",
       "librdkafka #3575",
       "a new epoch in the middle of a transaction",
       "txn.on_oooseq",
       "init_producer_id",
       "abortable_error",
       "O7",
       "commit-undone",
       "L02-new-epoch-within-a-transaction.json",
       {{"acked", 0}, {"aborted", 4}}},
      {"L05",
       "librdkafka #4953",
       "one partition's trouble doubles another's record",
       "producer.epoch_bump_drains_inflight",
       "false",
       "true",
       "O2",
       "duplicated",
       "L05-one-epoch-for-all-partitions.json",
       {{"acked", 1}, {"failed", 1}, {"duplicated", 0}}},
  };
  return all;
}

Scenario with_value(Scenario plan, const ZooBug& bug, std::string_view value) {
  [[maybe_unused]] const auto sentence = apply_behaviour(plan, std::string(bug.behaviour) + "=" + std::string(value));
  assert(!sentence);
  return plan;
}

void add_missed(const RunResult& result, std::string_view side, std::vector<std::string>& mistakes) {
  for (const FaultResult& fault : result.faults) {
    if (fault.hits == 0) mistakes.push_back(std::string(side) + ", fault " + fault.id + " changes nothing");
  }
}

}  // namespace

std::span<const ZooBug> zoo() {
  return bugs();
}

const ZooBug* find_zoo_bug(std::string_view id) {
  const auto found = std::find_if(bugs().begin(), bugs().end(), [&](const ZooBug& bug) { return bug.id == id; });
  return found == bugs().end() ? nullptr : &*found;
}

Scenario zoo_scenario(const ZooBug& bug) {
  ReadResult read = read_scenario(zoo_file(bug.file));
  assert(read.ok());
  return *std::move(read.scenario);
}

Scenario with_bug(Scenario plan, const ZooBug& bug) {
  return with_value(std::move(plan), bug, bug.historical);
}

Scenario without_bug(Scenario plan, const ZooBug& bug) {
  return with_value(std::move(plan), bug, bug.corrected);
}

bool in_4_3_1(const ZooBug& bug) {
  for (const broker::BehaviourField& field : broker::behaviour_fields()) {
    if (field.name == bug.behaviour) return field.in_4_3_1 == bug.historical;
  }
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    if (field.name == bug.behaviour) return !field.in_4_3_1;
  }
  return false;
}

std::optional<Finding> reported(const RunResult& result, const ZooBug& bug) {
  for (const Violation& violation : result.violations) {
    if (violation.oracle == bug.oracle) return Finding{Standing::broken, violation.name, violation.oracle};
  }
  for (const KnownDefect& defect : result.known_defects) {
    if (defect.behaviour == bug.behaviour && defect.violation.oracle == bug.oracle)
      return Finding{Standing::known_defect, defect.violation.name, defect.issue};
  }
  return std::nullopt;
}

std::vector<std::string> own_scenario_mistakes(const ZooBug& bug) {
  std::vector<std::string> mistakes;
  const Scenario plan = zoo_scenario(bug);
  const RunResult with = run_scenario(plan).result;
  for (const std::string& sentence : with.unmet) mistakes.push_back("with the bug, " + sentence);
  const auto finding = reported(with, bug);
  if (!finding || finding->name != bug.violation)
    mistakes.push_back("with the bug, " + std::string(bug.oracle) + " does not report " + std::string(bug.violation));
  for (const Finding& other : findings_of(with)) {
    if (other.standing == Standing::allowed || other == finding) continue;
    mistakes.push_back("with the bug, " + describe(other) + " is reported as well");
  }
  add_missed(with, "with the bug", mistakes);

  Scenario corrected = without_bug(plan, bug);
  corrected.expect = Expectation{};
  for (const auto& [key, value] : bug.without) corrected.expect.counts[std::string(key)] = Range{value, value};
  const RunResult without = run_scenario(std::move(corrected)).result;
  for (const std::string& sentence : without.unmet) mistakes.push_back("without the bug, " + sentence);
  for (const Finding& other : findings_of(without)) {
    if (other.standing != Standing::allowed) mistakes.push_back("without the bug, " + describe(other) + " is reported");
  }
  add_missed(without, "without the bug", mistakes);
  return mistakes;
}

bool found_in_random_plan(const ZooBug& bug, std::uint64_t seed) {
  const Scenario plan = random_plan(seed);
  if (!reported(run_scenario(with_bug(plan, bug)).result, bug)) return false;
  return !reported(run_scenario(without_bug(plan, bug)).result, bug);
}

bool reports_without_bug(const ZooBug& bug, std::uint64_t seed) {
  return !run_scenario(without_bug(random_plan(seed), bug)).result.violations.empty();
}

}  // namespace linger::scenarios
