#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "sim/draw.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

/// The library's file with changes, as `--set` makes them.
ReadResult read_lost_ack(const std::vector<std::string>& changes) {
  Overrides overrides;
  for (const std::string& change : changes) overrides.set.push_back(split_assignment(change).value());
  return read_scenario_file(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json", overrides);
}

Scenario lost_ack(const std::vector<std::string>& changes) {
  ReadResult read = read_lost_ack(changes);
  INFO(describe_mistakes("lost-ack.json", read.mistakes));
  REQUIRE(read.ok());
  return *std::move(read.scenario);
}

const std::string without_idempotence = "/producers/0/config/enable.idempotence=false";

struct Expected {
  std::int64_t duplicated;
  std::int64_t log_end;
  std::int64_t requests;
};

RunResult check(const Scenario& scenario, const Expected& expected) {
  RunResult result = run_scenario(scenario).result;
  CHECK(result.counts.sent == 2);
  CHECK(result.counts.acked == 2);
  CHECK(result.counts.lost == 0);
  CHECK(result.counts.failed == 0);
  CHECK(result.counts.duplicated == expected.duplicated);
  CHECK(result.partitions.at(0).log_end == expected.log_end);
  CHECK(result.producers.at(0).produce_requests == expected.requests);
  CHECK(result.violations.empty());
  CHECK(result.known_defects.empty());
  return result;
}

/// Five producers, three partitions, and answers of drawn connections lost. Each answer that is lost takes with it all those behind it on its connection.
Scenario crowd(std::uint64_t seed, bool idempotent) {
  Scenario scenario;
  scenario.seed = seed;
  TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 3;
  topic.config["min.insync.replicas"] = "2";
  scenario.cluster.topics.push_back(topic);
  for (int p = 1; p <= 5; ++p) {
    ProducerSpec producer;
    producer.name = "p" + std::to_string(p);
    producer.config = {{"enable.idempotence", idempotent ? "true" : "false"}, {"acks", "all"}, {"linger.ms", "0"}, {"request.timeout.ms", "1000"}};
    for (std::int32_t partition = 0; partition < 3; ++partition) {
      SendStep send;
      send.topic = "orders";
      send.partition = partition;
      send.count = 8;
      send.every = Duration::ms(7);
      send.value.kind = DataSpec::Kind::bytes;
      send.value.bytes = 100;
      producer.threads.push_back(ApplicationThread{{WorkloadStep{Duration::ms(500), send}}});
    }
    scenario.producers.push_back(producer);
  }
  for (std::uint64_t f = 0; f < 6; ++f) {
    const auto drawn = [&](std::string_view what, std::int64_t low, std::int64_t high) {
      return sim::uniform(sim::draw(sim::Seed{seed}, sim::Stream::of(what), sim::Name::of(f), 0), low, high);
    };
    Matcher matcher;
    matcher.api = "PRODUCE";
    matcher.response = true;
    matcher.from = "b" + std::to_string(drawn("broker", 1, 3));
    matcher.to = "p" + std::to_string(drawn("producer", 1, 5));
    matcher.nth = drawn("nth", 1, 6);
    Fault fault;
    fault.id = "lost-" + std::to_string(f);
    fault.on = matcher;
    fault.action = Lose{};
    scenario.faults.push_back(fault);
  }
  return scenario;
}

std::int64_t log_ends(const RunResult& result) {
  std::int64_t sum = 0;
  for (const PartitionResult& partition : result.partitions) sum += partition.log_end;
  return sum;
}

}  // namespace

TEST_CASE("the first answer is lost: the second attempt is a duplicate, or written again") {
  SECTION("with idempotence") {
    const RunResult result = check(lost_ack({}), {0, 2, 2});
    CHECK(result.unmet.empty());
  }
  SECTION("without: allowed, but not what the file expects") {
    const RunResult result = check(lost_ack({without_idempotence}), {2, 4, 2});
    CHECK(result.unmet.size() == 2);
  }
}

TEST_CASE("linger.ms 0: the first answer is lost") {
  const std::string at_once = "/producers/0/config/linger.ms=0";
  check(lost_ack({at_once}), {0, 2, 2});
  check(lost_ack({at_once, without_idempotence}), {2, 4, 2});
}

TEST_CASE("linger.ms 0 and a batch for each record: the lost answer takes the second one with it") {
  const std::vector<std::string> each{"/producers/0/config/linger.ms=0", "/producers/0/config/batch.size=0"};
  check(lost_ack(each), {0, 2, 4});
  check(lost_ack({each[0], each[1], without_idempotence}), {2, 4, 4});
}

TEST_CASE("acks=0: there is no answer that could be lost") {
  const RunResult result = check(lost_ack({"/producers/0/config/acks=0", without_idempotence}), {0, 2, 1});
  CHECK(result.faults_missed());
  CHECK(!read_lost_ack({"/producers/0/config/acks=0"}).ok());
}

TEST_CASE("acks=1: the leader's answer is lost") {
  const RunResult result = check(lost_ack({"/producers/0/config/acks=1", without_idempotence}), {2, 4, 2});
  CHECK(!result.faults_missed());
  CHECK(!read_lost_ack({"/producers/0/config/acks=1"}).ok());
}

TEST_CASE("the second attempt's answer is lost too") {
  const auto twice = [](Scenario scenario) {
    Fault again = scenario.faults.at(0);
    again.id = "lost-again";
    again.on->nth.reset();
    again.on->attempt = 2;
    scenario.faults.push_back(again);
    return scenario;
  };
  CHECK(!check(twice(lost_ack({})), {0, 2, 3}).faults_missed());
  CHECK(!check(twice(lost_ack({without_idempotence})), {4, 6, 3}).faults_missed());
}

TEST_CASE("the request is lost instead: nothing was written, so nothing can be written twice") {
  const std::string request = R"(/faults/0/on={"request": "PRODUCE", "to": "b1", "nth": 1})";
  CHECK(!check(lost_ack({request}), {0, 2, 2}).faults_missed());
  CHECK(!check(lost_ack({request, without_idempotence}), {0, 2, 2}).faults_missed());
}

TEST_CASE("five producers on three partitions, answers lost at random") {
  std::int64_t duplicates = 0;
  std::int64_t hits = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const RunResult safe = run_scenario(crowd(seed, true)).result;
    CHECK(safe.counts.acked == 120);
    CHECK(safe.counts.duplicated == 0);
    CHECK(safe.counts.reordered == 0);
    CHECK(safe.counts.lost == 0);
    CHECK(log_ends(safe) == 120);
    CHECK(safe.violations.empty());
    CHECK(safe.known_defects.empty());
    for (const FaultResult& fault : safe.faults) hits += fault.hits;

    const RunResult plain = run_scenario(crowd(seed, false)).result;
    CHECK(plain.counts.acked == 120);
    CHECK(plain.counts.lost == 0);
    CHECK(log_ends(plain) == 120 + plain.counts.duplicated);
    CHECK(plain.violations.empty());
    bool hit = false;
    for (const FaultResult& fault : plain.faults) hit = hit || fault.hits > 0;
    CHECK((plain.counts.duplicated > 0) == hit);
    duplicates += plain.counts.duplicated;
  }
  CHECK(hits > 40);
  CHECK(duplicates > 40);
}

TEST_CASE("reading the metrics changes nothing of a run") {
  RunOptions with_metrics;
  with_metrics.metrics = true;
  const RunResult read = run_scenario(lost_ack({}), with_metrics).result;
  const RunResult plain = run_scenario(lost_ack({})).result;
  CHECK(read.fingerprint == plain.fingerprint);
  CHECK(plain.producers.at(0).metrics.empty());
  const auto value = [&](const std::string& name) {
    for (const Metric& metric : read.producers.at(0).metrics) {
      if (metric.full_name() == name) return describe(metric.value);
    }
    return std::string();
  };
  CHECK(value("producer-metrics:record-send-total:client-id=p1") == "4.0");
  CHECK(value("producer-metrics:record-retry-total:client-id=p1") == "2.0");

  // Nor of the world: a copy of it goes on as if nobody had looked.
  Runner runner(prepare(lost_ack({})));
  for (int events = 0; events < 40; ++events) REQUIRE(runner.step());
  const World before = runner.world();
  const auto shown = [](const World& world) {
    std::string text;
    for (const Metric& metric : world.producer_metrics(0)) text += metric.full_name() + " " + describe(metric.value) + "\n";
    return text;
  };
  const std::string first = shown(runner.world());
  CHECK(shown(before) == first);
  runner.run_to_end();
  CHECK(shown(before) == first);
  CHECK(shown(runner.world()) != first);
  CHECK(runner.judge().fingerprint == plain.fingerprint);
}
