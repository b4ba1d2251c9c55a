#pragma once

#include <cstdint>
#include <string>

#include "scenarios/scenario.h"
#include "sim/draw.h"

namespace linger::scenarios::test {

/// A shop that writes payments, and a bank that transfers them to bookings in transactions of two. One coordinator
/// partition of each kind, so that a fault finds it.
inline Scenario transfer_plan(std::uint64_t seed, std::int64_t payments = 12) {
  Scenario plan;
  plan.title = "transfer";
  plan.seed = seed;
  plan.cluster.config = {{"transaction.state.log.num.partitions", "1"},
                         {"offsets.topic.num.partitions", "1"},
                         {"broker.session.timeout.ms", "3000"}};
  for (const char* name : {"payments", "bookings"}) {
    TopicSpec topic;
    topic.name = name;
    topic.partitions = 2;
    topic.config = {{"min.insync.replicas", "2"}};
    plan.cluster.topics.push_back(topic);
  }
  SendStep send;
  send.topic = "payments";
  send.key.kind = DataSpec::Kind::text;
  send.key.text = "account-${n}";
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = 40;
  send.count = payments;
  send.every = Duration::ms(150);
  ProducerSpec shop;
  shop.name = "shop";
  shop.threads.push_back({{WorkloadStep{std::nullopt, send}}});
  plan.producers.push_back(shop);
  TransferStep transfer;
  transfer.from = "payments";
  transfer.to = "bookings";
  transfer.group = "bank";
  transfer.max_poll_records = 2;
  ProducerSpec bank;
  bank.name = "bank";
  bank.config = {{"transactional.id", "bank-1"}, {"request.timeout.ms", "3000"}, {"delivery.timeout.ms", "30000"}};
  bank.threads.push_back({{WorkloadStep{std::nullopt, transfer}}});
  plan.producers.push_back(bank);
  return plan;
}

/// The bank's process dies at this moment and comes back.
inline Fault processor_dies(Duration at) {
  Fault fault;
  fault.id = "processor-dies-" + std::to_string(at.us());
  fault.at = at;
  fault.action = Crash{"bank", false, Duration::ms(300)};
  return fault;
}

inline Fault broker_dies(const std::string& broker, Duration at) {
  Fault fault;
  fault.id = broker + "-dies";
  fault.at = at;
  fault.action = Crash{broker, false, Duration::s(4)};
  return fault;
}

/// The same with what a seed draws: up to three deaths of the processor, a broker that dies, leaders that move.
inline Scenario troubled_transfer_plan(std::uint64_t seed) {
  Scenario plan = transfer_plan(seed);
  const auto draw = [&](std::uint64_t n, std::int64_t below) {
    return static_cast<std::int64_t>(
        sim::draw(sim::Seed{seed}, sim::Stream::of("troubled-transfer"), sim::Name::of("plan"), n) %
        static_cast<std::uint64_t>(below));
  };
  const std::int64_t deaths = 1 + draw(0, 3);
  for (std::int64_t i = 0; i < deaths; ++i) {
    plan.faults.push_back(processor_dies(Duration::ms(200 + i * 2000) +
                                         Duration::us(draw(static_cast<std::uint64_t>(10 + i), 1'800'000))));
  }
  if (draw(1, 2) == 0)
    plan.faults.push_back(
        broker_dies("b" + std::to_string(1 + draw(2, 3)), Duration::us(300'000 + draw(3, 3'000'000))));
  if (draw(4, 2) == 0) {
    Fault moves;
    moves.id = "leader-moves";
    moves.at = Duration::us(500'000 + draw(5, 2'500'000));
    moves.action = Elect{draw(6, 2) == 0 ? "payments-0" : "bookings-1", std::nullopt, false};
    plan.faults.push_back(moves);
  }
  if (draw(7, 3) == 0) {
    Fault refused;
    refused.id = "refused";
    refused.on = Matcher{};
    refused.on->api = "PRODUCE";
    refused.on->producer = "bank";
    refused.on->after = Duration::ms(400);
    refused.action = Answer{"INVALID_RECORD", false};
    plan.faults.push_back(refused);
  }
  return plan;
}

}  // namespace linger::scenarios::test
