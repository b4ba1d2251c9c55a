#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "support/fake_cluster.h"

using namespace linger;
using test::Fate;
using test::ProducerStage;

namespace {

/// A cluster that answers, loses, refuses and hangs up as the seed says.
ProducerStage troubled(std::uint64_t seed, test::CountedEntropy& chance) {
  const auto below = [&chance](std::uint64_t limit) { return chance.draw(DrawUse::round_robin) % limit; };
  ProducerConfig config;
  config.request_timeout_ms = 300;
  config.delivery_timeout_ms = 60'000;
  config.linger_ms = static_cast<std::int32_t>(below(8));
  config.batch_size = static_cast<std::int32_t>(50 + below(400));
  config.buffer_memory = 2000 + static_cast<std::int64_t>(below(20'000));
  config.max_in_flight_requests_per_connection = 1 + static_cast<std::int32_t>(below(5));
  const int nodes = 1 + static_cast<int>(below(3));
  const int partitions = 1 + static_cast<int>(below(4));
  ProducerStage stage(config, test::one_topic(nodes, partitions), seed);
  stage.latency_ms = 1 + static_cast<std::int64_t>(below(20));
  stage.socket_buffer = below(2) == 0 ? 1 << 20 : 100;
  for (int i = 0; i < 30; ++i) {
    const auto kind = static_cast<Fate::Kind>(below(5));
    stage.cluster.fates.push_back(
        {kind, kind == Fate::Kind::refuse ? ErrorCode::not_enough_replicas : ErrorCode::none});
  }
  return stage;
}

}  // namespace

TEST_CASE("whatever the network does, each record is reported once, and acknowledged ones stand in the log once") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    test::CountedEntropy chance(seed);
    ProducerStage stage = troubled(seed, chance);
    const std::uint64_t count = 1 + chance.draw(DrawUse::round_robin) % 60;
    for (std::uint64_t record = 0; record < count; ++record) {
      const SendResult result = stage.send(record, "value-" + std::to_string(record));
      // An application thread does nothing while it waits.
      for (int waits = 0; std::holds_alternative<Ticket>(result) && stage.settled.empty() && waits < 100'000; ++waits) {
        stage.run(1);
      }
      stage.settled.clear();
      stage.run(static_cast<std::int64_t>(chance.draw(DrawUse::round_robin) % 6));
    }
    stage.run_until_reports(count);

    std::map<std::string, std::size_t> times_in_log;
    for (const auto& [partition, log] : stage.cluster.logs) {
      for (const std::string& value : log.values) ++times_in_log[value];
    }
    std::set<std::string> reported;
    REQUIRE(stage.reports.size() == count);
    for (const std::string& report : stage.reports) {
      const std::string record = report.substr(0, report.find(' '));
      REQUIRE(reported.insert(record).second);
      REQUIRE(report.find('@') != std::string::npos);
      REQUIRE(times_in_log["value-" + record] == 1);
    }
    REQUIRE(stage.producer.take_uncaught().empty());
    stage.run(1000);
    REQUIRE_FALSE(stage.producer.accumulator().has_incomplete());
    REQUIRE(stage.producer.accumulator().pool().available_memory() == stage.producer.config().buffer_memory);
  }
}
