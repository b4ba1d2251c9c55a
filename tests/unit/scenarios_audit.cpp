#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "scenarios/audit.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

AuditQuestion question_of(Settings producer, Settings topic, std::int32_t faults) {
  AuditQuestion question;
  question.producer = std::move(producer);
  question.topic = std::move(topic);
  question.faults = faults;
  return question;
}

AuditPart enumerated(const AuditQuestion& question) { return enumerate(question, 0, 1, nullptr); }

AuditCell::State state_of(const AuditPart& all, Anomaly anomaly, std::int32_t faults) { return cell_of(all, anomaly, faults).state; }

using State = AuditCell::State;

/// What stands in the square, and what would help against it.
AuditRemedy remedy_for(const AuditQuestion& question, const AuditPart& all, Anomaly anomaly, std::int32_t faults, const std::function<bool()>& stop = {}) {
  const AuditFound& found = *cell_of(all, anomaly, faults).found;
  return remedy_of(question, found, found.plan, stop);
}

/// Kafka's own shipped producer.properties.
const Settings shipped{{"compression.type", "none"}};

}  // namespace

TEST_CASE("four configurations differ as Kafka's documentation says: two in-sync replicas, one, acks=1, unclean election") {
  // min.insync.replicas=2: nothing acknowledged is lost to two faults.
  const AuditPart two = enumerated(question_of(shipped, {{"min.insync.replicas", "2"}}, 2));
  REQUIRE(two.complete);
  for (std::int32_t faults = 0; faults <= 2; ++faults) {
    CHECK(state_of(two, Anomaly::lost, faults) == State::impossible);
    CHECK(state_of(two, Anomaly::duplicated, faults) == State::impossible);
    CHECK(state_of(two, Anomaly::reordered, faults) == State::impossible);
  }
  // A final error beside a lost answer: the real client writes the first batch again.
  REQUIRE(cell_of(two, Anomaly::duplicated, 2).known_defect != nullptr);
  CHECK(cell_of(two, Anomaly::duplicated, 2).known_defect->source == "KAFKA-14034");
  CHECK(cell_of(two, Anomaly::duplicated, 1).known_defect == nullptr);

  // min.insync.replicas=1: a leader that stands alone acknowledges, and loses its memory.
  const AuditQuestion one_alone = question_of(shipped, {{"min.insync.replicas", "1"}}, 2);
  const AuditPart one = enumerated(one_alone);
  CHECK(state_of(one, Anomaly::lost, 1) == State::impossible);
  REQUIRE(state_of(one, Anomaly::lost, 2) == State::allowed);
  const AuditRemedy two_in_sync = remedy_for(one_alone, one, Anomaly::lost, 2);
  REQUIRE(two_in_sync.of_all.size() == 1);
  CHECK(two_in_sync.of_all.front().setting == "min.insync.replicas");
  CHECK(two_in_sync.of_all.front().from == "1");
  CHECK(two_in_sync.of_all.front().to == "2");

  // acks=1: one fault loses, duplicates, and is allowed to.
  Settings acks1 = shipped;
  acks1["acks"] = "1";
  const AuditQuestion leader_alone = question_of(acks1, {{"min.insync.replicas", "2"}}, 1);
  const AuditPart leader_only = enumerated(leader_alone);
  CHECK(state_of(leader_only, Anomaly::lost, 0) == State::impossible);
  REQUIRE(state_of(leader_only, Anomaly::lost, 1) == State::allowed);
  CHECK(state_of(leader_only, Anomaly::duplicated, 1) == State::allowed);
  const AuditRemedy all_acks = remedy_for(leader_alone, leader_only, Anomaly::lost, 1);
  REQUIRE(all_acks.of_all.size() == 1);
  CHECK(all_acks.of_all.front().setting == "acks");

  // Unclean election: a leader that stands alone dies, and one that lacks its records follows it.
  const AuditQuestion anybody = question_of(shipped, {{"min.insync.replicas", "1"}, {"unclean.leader.election.enable", "true"}}, 2);
  const AuditPart unclean = enumerated(anybody);
  REQUIRE(state_of(unclean, Anomaly::lost, 2) == State::allowed);
  const AuditRemedy clean = remedy_for(anybody, unclean, Anomaly::lost, 2, [] { return true; });
  REQUIRE(clean.of_plan.size() == 1);
  CHECK(clean.of_plan.front().setting == "unclean.leader.election.enable");
}

TEST_CASE("a rule of the cluster made wrong is a broken guarantee in the table") {
  AuditQuestion question = question_of(shipped, {{"min.insync.replicas", "2"}}, 1);
  Scenario plan = audited_plan(question);
  CHECK(check_scenario(plan).empty());
  // What an enumeration under the rule would give; the question itself has no rules to break.
  AuditPart all;
  all.found.push_back({Anomaly::lost, Standing::broken, "O1", 1, false, plan});
  all.found.push_back({Anomaly::lost, Standing::allowed, "", 1, false, plan});
  CHECK(state_of(all, Anomaly::lost, 0) == State::impossible);
  CHECK(state_of(all, Anomaly::lost, 1) == State::broken);
}

TEST_CASE("what an enumeration found, its plan shows: also where the leader dies while records are on their way to followers") {
  Settings acks1 = shipped;
  acks1["acks"] = "1";
  const AuditQuestion question = question_of(acks1, {{"min.insync.replicas", "2"}}, 2);
  // Second of sixteen parts: a crash behind the answer meets a state that a reset and a crash have led to.
  for (const AuditFound& found : enumerate(question, 1, 16, nullptr).found) {
    INFO(anomaly_title(found.anomaly) << " after " << found.faults << ", the last fault " << found.plan.faults.back().id);
    CHECK(shows(run_scenario(found.plan).result, found.anomaly, found.standing, found.source, question.latency_bound));
  }
}

TEST_CASE("parts of an enumeration together are the whole, and what is stopped calls nothing impossible") {
  const AuditQuestion question = question_of(shipped, {{"min.insync.replicas", "1"}}, 1);
  const AuditPart whole = enumerated(question);
  AuditPart sum;
  for (std::uint32_t part = 0; part < 3; ++part) add(sum, enumerate(question, part, 3, nullptr));
  CHECK(sum.complete);
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    for (std::int32_t faults = 0; faults <= 1; ++faults) {
      CHECK(state_of(sum, static_cast<Anomaly>(a), faults) == state_of(whole, static_cast<Anomaly>(a), faults));
    }
  }
  const AuditPart stopped = enumerate(question, 0, 1, [] { return true; });
  CHECK_FALSE(stopped.complete);
  CHECK(state_of(stopped, Anomaly::lost, 0) == State::not_met);
}

TEST_CASE("samples draw as many faults as they are asked for, and no answers that a fault only pretends") {
  const AuditQuestion question = question_of(shipped, {}, 2);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Scenario plan = sampled_plan(question, 2, seed);
    CHECK(plan.faults.size() == 2);
    CHECK(check_scenario(plan).empty());
    for (const Fault& fault : plan.faults) CHECK_FALSE(std::holds_alternative<Answer>(fault.action));
  }
  CHECK(sample(question, 1, 1, 10, nullptr).sampled[1] == 10);
}

TEST_CASE("transactions: what was not committed is not lost, and commits are in the enumeration") {
  Settings transactional = shipped;
  transactional["transactional.id"] = "t";
  const AuditQuestion question = question_of(transactional, {{"min.insync.replicas", "2"}}, 1);
  const AuditPart all = enumerated(question);
  CHECK(all.complete);
  CHECK(state_of(all, Anomaly::lost, 1) == State::impossible);
  CHECK(state_of(all, Anomaly::duplicated, 1) == State::impossible);
}
