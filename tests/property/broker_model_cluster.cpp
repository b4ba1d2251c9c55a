#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include "support/toy_cluster.h"

using namespace linger;
using namespace linger::broker;
using namespace linger::broker::test;

namespace {

/// What was acknowledged to the client: where, and which value.
struct Acked {
  std::int64_t offset = 0;
  std::int32_t sequence = 0;
};

struct Finding {
  bool acked_lost = false;
  bool diverged = false;
  bool high_watermark_fell = false;
  bool copies = false;
  std::size_t acked = 0;
  std::size_t elections = 0;
};

/// One random run: a client writes with acks=all and one request at a time while brokers' processes die and come back
/// and leaders are moved. Then all is healed, every replica leads once, and the logs are compared with each other and
/// with what was acknowledged.
Finding random_run(const BrokerBehaviour& behaviour, std::uint64_t seed) {
  ClusterLayout layout = small_cluster();
  layout.behaviour = behaviour;
  layout.seed = seed;
  layout.config.replica_lag_time_max_ms = 4'000;
  layout.config.session_timeout_ms = 3'000;
  layout.config.heartbeat_interval_ms = 500;
  ToyCluster world{layout, seed};
  const TopicIdPartition orders = world.id("orders", 0);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t below) { return mix(seed * 31 + 7, ++draws) % below; };
  const auto leader_now = [&] { return world.registration("orders", 0).leader; };
  std::vector<Acked> acked;
  std::int32_t sequence = 0;
  std::int32_t dead = 0;
  Finding finding;
  for (int turn = 0; turn < 40; ++turn) {
    const std::uint64_t what = draw(10);
    if (what < 6) {
      const std::int32_t leader = leader_now();
      if (leader == no_leader || leader == dead) {
        world.run_for(Duration::ms(300));
        continue;
      }
      const std::int32_t correlation = world.send_produce(
          broker_node(leader), orders,
          ToyCluster::batch(1, {ProducerId{1}, ProducerEpoch{0}}, sequence, std::to_string(sequence)), -1, 2'000);
      world.run_for(Duration::us(static_cast<std::int64_t>(draw(6'000))));
      // The answer may still be on its way when the next thing happens; what was not answered is asked again below.
      if (draw(3) != 0) {
        for (int wait = 0; wait < 40 && world.answer_to(correlation) == nullptr; ++wait)
          world.run_for(Duration::ms(20));
      }
      const auto answer = world.response<ProduceResponse>(correlation, 13);
      if (!answer || answer->responses[0].partition_responses[0].error_code != 0) continue;
      acked.push_back({answer->responses[0].partition_responses[0].base_offset, sequence});
      ++sequence;
    } else if (what < 8) {
      const auto target = static_cast<std::int32_t>(1 + draw(3));
      world.move_leader(orders, target);
      world.run_for(Duration::us(static_cast<std::int64_t>(draw(3'000))));
    } else if (dead == 0) {
      dead = static_cast<std::int32_t>(1 + draw(3));
      world.crash(dead, CrashKind::process);
      world.run_for(Duration::ms(static_cast<std::int64_t>(draw(8'000))));
    } else {
      world.restart(dead);
      dead = 0;
      world.run_for(Duration::ms(static_cast<std::int64_t>(draw(8'000))));
    }
  }
  if (dead != 0) world.restart(dead);
  world.run_for(Duration::s(30));
  for (std::int32_t b = 1; b <= 3; ++b) {
    world.move_leader(orders, b);
    world.run_for(Duration::s(3));
  }
  const std::int32_t leader = leader_now();
  if (leader == no_leader) return finding;
  const auto& truth = world.broker(leader).partition("orders", 0)->log;
  for (const Acked& record : acked) {
    std::size_t copies = 0;
    for (const LogEntry& entry : truth.entries()) copies += entry.base_sequence == record.sequence ? 1 : 0;
    finding.acked_lost = finding.acked_lost || copies == 0 || truth.log_end() <= record.offset;
    finding.copies = finding.copies || copies > 1;
  }
  for (const Broker& broker : world.brokers()) {
    const auto& log = broker.partition("orders", 0)->log;
    const std::int64_t common = std::min(log.high_watermark(), truth.high_watermark());
    for (std::size_t i = 0; i < std::min(log.entries().size(), truth.entries().size()); ++i) {
      const LogEntry& a = log.entries()[i];
      const LogEntry& b = truth.entries()[i];
      if (a.base >= common) break;
      finding.diverged = finding.diverged || a.base != b.base || a.leader_epoch != b.leader_epoch ||
                         a.base_sequence != b.base_sequence || !(a.tail == b.tail);
    }
  }
  // Within one leader's time its high watermark only rises.
  std::int32_t epoch = -1;
  NodeId node = no_node;
  std::int64_t reached = -1;
  for (const Observation& seen : world.observations()) {
    if (seen.kind == Observation::Kind::became_leader) {
      ++finding.elections;
      epoch = seen.leader_epoch;
      node = seen.node;
      reached = -1;
    } else if (seen.kind == Observation::Kind::high_watermark && seen.node == node && epoch >= 0) {
      finding.high_watermark_fell = finding.high_watermark_fell || seen.to < reached;
      reached = std::max(reached, seen.to);
    } else if (seen.kind == Observation::Kind::became_follower && seen.node == node) {
      node = no_node;
    }
  }
  finding.acked = acked.size();
  return finding;
}

constexpr std::uint64_t runs = 60;

}  // namespace

TEST_CASE("whatever dies and whoever leads: acknowledged records stay, in one copy, and replicas agree") {
  std::size_t acked = 0;
  std::size_t elections = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    INFO("seed " << seed);
    const Finding finding = random_run(BrokerBehaviour{}, seed);
    CHECK_FALSE(finding.acked_lost);
    CHECK_FALSE(finding.diverged);
    CHECK_FALSE(finding.high_watermark_fell);
    CHECK_FALSE(finding.copies);
    acked += finding.acked;
    elections += finding.elections;
  }
  // The runs must have done something.
  CHECK(acked > runs * 5);
  CHECK(elections > runs);
}

TEST_CASE("with the rule of before KIP-101 some run loses an acknowledged record or lets replicas differ") {
  BrokerBehaviour behaviour;
  behaviour.truncate_rule = TruncateRule::high_watermark;
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 4 * runs && !found; ++seed) {
    const Finding finding = random_run(behaviour, seed);
    found = finding.acked_lost || finding.diverged;
  }
  CHECK(found);
}

TEST_CASE("when acks=all is answered before replication some run loses an acknowledged record") {
  BrokerBehaviour behaviour;
  behaviour.ack_before_replication = true;
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 4 * runs && !found; ++seed) found = random_run(behaviour, seed).acked_lost;
  CHECK(found);
}

TEST_CASE("hostile frames: a broker never does more than close the connection") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  Bytes good;
  const Bytes records = ToyCluster::batch(2, {ProducerId{1}, ProducerEpoch{0}}, 0);
  const WireError error = encode_request(good, ToyCluster::produce_request(orders, records, 1, 1000), 13,
                                         CorrelationId{1}, std::string{"toy"});
  REQUIRE(!error);
  rc::check("mutated produce requests", [&] {
    ToyCluster copy = world;
    Bytes frame = good;
    const auto changes = *rc::gen::inRange<int>(1, 6);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(4, frame.size());
      frame[at] = static_cast<std::byte>(*rc::gen::inRange<int>(0, 256));
    }
    copy.broker(1).on_accepted(5, no_node, copy.now());
    copy.broker(1).on_frame(5, sim::Bytes::copy_of(frame), sim::no_event, copy.now());
    copy.drain(broker_node(1));
    const auto& log = copy.broker(1).partition("orders", 0)->log;
    RC_ASSERT(log.log_end() <= 2);
  });
}
