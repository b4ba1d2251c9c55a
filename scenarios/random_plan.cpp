#include "scenarios/random_plan.h"

#include <algorithm>

#include "scenarios/random_aim.h"
#include "scenarios/random_dice.h"
#include "scenarios/random_faults.h"
#include "scenarios/random_situations.h"
#include "scenarios/random_timing.h"
#include "scenarios/random_transactions.h"

namespace linger::scenarios {

namespace {

std::string text(std::int64_t value) {
  return std::to_string(value);
}

ClusterSpec draw_cluster(const Dice& dice) {
  ClusterSpec cluster;
  cluster.brokers = dice.of("brokers").pick<std::int32_t>({2, 3, 3, 3, 3, 4, 5});
  cluster.controllers = dice.of("controllers").pick<std::int32_t>({1, 1, 3});
  if (dice.of("lag").chance(60)) cluster.config["replica.lag.time.max.ms"] = text(dice.of("lag ms").pick<std::int64_t>({1000, 3000, 10000}));
  if (dice.of("session").chance(90)) cluster.config["broker.session.timeout.ms"] = text(dice.of("session ms").pick<std::int64_t>({1000, 1000, 3000}));
  if (cluster.config.contains("broker.session.timeout.ms")) cluster.config["broker.heartbeat.interval.ms"] = "300";
  const std::int64_t topics = dice.of("topics").pick<std::int64_t>({1, 1, 1, 2});
  for (std::int64_t t = 0; t < topics; ++t) {
    const Dice topic_dice = dice.of("topic", static_cast<std::uint64_t>(t));
    TopicSpec topic;
    topic.name = t == 0 ? "orders" : "payments";
    topic.partitions = topic_dice.of("partitions").pick<std::int32_t>({1, 1, 2, 3});
    topic.replication_factor = std::min(cluster.brokers, topic_dice.of("replication").pick<std::int32_t>({1, 2, 3, 3, 3, 3}));
    const std::int64_t least = std::min<std::int64_t>(topic.replication_factor, topic_dice.of("min isr").pick<std::int64_t>({1, 2, 2, 2}));
    topic.config["min.insync.replicas"] = text(least);
    if (topic_dice.of("unclean").chance(10)) topic.config["unclean.leader.election.enable"] = "true";
    cluster.topics.push_back(topic);
  }
  return cluster;
}

NetworkSpec draw_network(const Dice& dice) {
  NetworkSpec network;
  network.latency.kind = dice.of("shape").chance(70) ? LatencySpec::Kind::uniform : LatencySpec::Kind::exponential;
  network.latency.low = Duration::us(dice.of("low").pick<std::int64_t>({100, 300, 500, 1000}));
  network.latency.high = network.latency.low + Duration::us(dice.of("spread").pick<std::int64_t>({100, 500, 1000, 4000}));
  if (dice.of("loss").chance(10)) network.loss_ppm = dice.of("ppm").pick<std::int64_t>({1000, 10'000});
  return network;
}

/// Seldom 0: such a producer asks again and again while nothing has changed, and its runs cost many times what others do.
std::int64_t draw_backoff(const Dice& dice) {
  if (dice.of("no backoff").between(0, 255) == 0) return 0;
  return dice.of("backoff").pick<std::int64_t>({10, 50, 100, 10, 50, 100, 100, 10});
}

/// How long a record may still wait beyond one request. Mostly a little longer than the cluster needs to replace a broker; a run takes as long as its most patient record.
std::int64_t draw_patience(const Dice& dice) {
  if (dice.of("patient").between(0, 15) == 0) return 20'000;
  return dice.of("delivery").pick<std::int64_t>({200, 1000, 2500, 5000, 5000});
}

Settings draw_producer_settings(const Dice& dice) {
  Settings config;
  const bool idempotent = dice.of("idempotent").chance(80);
  config["enable.idempotence"] = idempotent ? "true" : "false";
  config["acks"] = idempotent ? "all" : dice.of("acks").pick<std::string>({"all", "all", "1", "0"});
  // Without sequence numbers only one request in flight keeps the order.
  const Dice in_flight = dice.of("in flight");
  config["max.in.flight.requests.per.connection"] =
      text(idempotent ? in_flight.pick<std::int64_t>({1, 2, 5, 5, 5}) : in_flight.pick<std::int64_t>({1, 1, 2, 5, 5}));
  if (dice.of("metadata age").chance(15)) config["metadata.max.age.ms"] = text(dice.of("metadata age ms").pick<std::int64_t>({100, 300, 1000}));
  config["linger.ms"] = text(dice.of("linger").pick<std::int64_t>({0, 1, 5, 20}));
  config["batch.size"] = text(dice.of("batch").pick<std::int64_t>({120, 300, 1000, 16384}));
  const std::int64_t request_timeout = dice.of("request timeout").pick<std::int64_t>({300, 300, 500, 1000});
  config["request.timeout.ms"] = text(request_timeout);
  const std::int64_t patience = draw_patience(dice);
  config["delivery.timeout.ms"] = text(request_timeout + 20 + patience);
  config["retry.backoff.ms"] = text(draw_backoff(dice));
  config["retry.backoff.max.ms"] = text(dice.of("backoff max").pick<std::int64_t>({100, 400, 1000}));
  config["max.block.ms"] = text(dice.of("block").pick<std::int64_t>({500, 3000, 5000}));
  if (dice.of("retries").chance(10)) config["retries"] = text(dice.of("retries n").pick<std::int64_t>({1, 3}));
  if (dice.of("memory").chance(10)) config["buffer.memory"] = text(dice.of("memory n").pick<std::int64_t>({20'000, 60'000}));
  if (dice.of("compression").chance(15)) config["compression.type"] = dice.of("codec").pick<std::string>({"gzip", "snappy", "lz4", "zstd"});
  return config;
}

ApplicationThread draw_thread(const Dice& dice, const ClusterSpec& cluster, Duration span) {
  ApplicationThread thread;
  const std::int64_t bursts = dice.of("bursts").between(1, 4);
  for (std::int64_t b = 0; b < bursts; ++b) {
    const Dice burst = dice.of("burst", static_cast<std::uint64_t>(b));
    const SendStep send = draw_send(burst, cluster, Duration::ns(span.ns() / bursts));
    thread.steps.push_back(WorkloadStep{b == 0 ? std::optional{Duration{}} : std::nullopt, send});
    if (burst.of("flush").chance(20)) thread.steps.push_back(WorkloadStep{std::nullopt, FlushStep{}});
  }
  return thread;
}

/// Events of one instant: in their own order, in any order, or by priorities of their hosts that change `depth` - 1 times.
Ties draw_ties(const Dice& dice, std::uint64_t seed) {
  const std::int64_t which = dice.between(0, 99);
  if (which < 30) return Ties{Ties::Kind::seeded, seed, Ties{}.depth, {}};
  if (which < 50) return Ties{Ties::Kind::pct, seed, dice.of("depth").pick<std::int32_t>({1, 2, 3, 5, 10, 30}), {}};
  return Ties{};
}

/// Aims drawn for one that is taken.
constexpr std::int64_t candidates_for_an_aim = 12;

Scenario draw_plan(std::uint64_t seed, std::int64_t candidates) {
  const Dice dice{seed, sim::Name::of("plan")};
  Scenario plan;
  plan.title = "Random plan " + std::to_string(seed);
  plan.seed = seed;
  plan.cluster = draw_cluster(dice.of("cluster"));
  plan.network = draw_network(dice.of("network"));
  const Duration span = Duration::ms(dice.of("span").pick<std::int64_t>({300, 800, 1500, 3000}));
  const std::int64_t producers = dice.of("producers").pick<std::int64_t>({1, 1, 2, 3});
  for (std::int64_t p = 0; p < producers; ++p) {
    const Dice producer_dice = dice.of("producer", static_cast<std::uint64_t>(p));
    ProducerSpec producer;
    producer.name = "p" + std::to_string(p + 1);
    producer.config = draw_producer_settings(producer_dice);
    const std::int64_t threads = producer_dice.of("threads").pick<std::int64_t>({1, 1, 1, 2});
    for (std::int64_t t = 0; t < threads; ++t) {
      producer.threads.push_back(draw_thread(producer_dice.of("thread", static_cast<std::uint64_t>(t)), plan.cluster, span));
    }
    plan.producers.push_back(std::move(producer));
  }
  // Not where several write: a partition that another producer has written takes any first sequence number of one that
  // it does not know, in every version, and refused batches are overtaken then.
  if (producers == 1 && dice.of("small batches").chance(15)) {
    for (TopicSpec& topic : plan.cluster.topics)
      topic.config["max.message.bytes"] = text(dice.of("largest").pick<std::int64_t>({250, 400, 700}));
  }
  const bool transactional = dice.of("transactional").chance(33);
  if (transactional) add_transactions(plan, dice.of("transactions"), span);
  if (dice.of("consumer").chance(50)) {
    ConsumerSpec consumer;
    consumer.name = "reader";
    consumer.read_committed = transactional && dice.of("read committed").chance(70);
    for (const TopicSpec& topic : plan.cluster.topics) consumer.topics.push_back(topic.name);
    plan.consumers.push_back(consumer);
  }
  plan.ties = draw_ties(dice.of("ties"), seed);

  // Swarm: each kind of fault is in this plan's repertoire or not.
  std::vector<const KindOfFault*> repertoire;
  for (const KindOfFault& kind : kinds_of_fault()) {
    if (dice.of("feature").of(kind.name).chance(30)) repertoire.push_back(&kind);
  }
  const std::int64_t wanted = repertoire.empty() ? 0 : dice.of("faults").pick<std::int64_t>({1, 2, 3, 4, 6});
  for (std::int64_t f = 0; f < wanted; ++f) {
    const Dice fault_dice = dice.of("fault", static_cast<std::uint64_t>(f));
    const auto which = static_cast<std::size_t>(fault_dice.of("kind").between(0, static_cast<std::int64_t>(repertoire.size()) - 1));
    Fault fault = repertoire[which]->make(Draft{fault_dice, plan, span});
    fault.id = "f" + std::to_string(f + 1) + "-" + std::string(repertoire[which]->name);
    plan.faults.push_back(std::move(fault));
  }
  // Most plans also hold a change of leader and a message that does not get through, since that is what everything else is about.
  const auto also = [&](std::string_view kind, std::int64_t percent, std::uint64_t n = 0) {
    const Dice fault_dice = dice.of("also", n).of(kind);
    if (!fault_dice.of("wanted").chance(percent)) return;
    const auto all = kinds_of_fault();
    const auto found = std::find_if(all.begin(), all.end(), [&](const KindOfFault& k) { return k.name == kind; });
    Fault fault = found->make(Draft{fault_dice, plan, span});
    fault.id = "also-" + std::string(kind) + (n == 0 ? "" : "-" + text(static_cast<std::int64_t>(n) + 1));
    plan.faults.push_back(std::move(fault));
  };
  also("elect", 55);
  also("close-connections", 45);
  also("reset", 35);
  also("lose", 25);
  also("answer", 25);
  if (transactional && dice.of("forged").chance(60)) {
    also("answer", 60, 1);
    also("answer", 60, 2);
  }
  if (dice.of("stuck writer").chance(4)) add_stuck_writer(plan, dice.of("stuck writer"));
  if (dice.of("given up").chance(4)) add_given_up_batch(plan, dice.of("given up"));
  if (dice.of("handover").chance(15)) add_handover(plan, dice.of("handover"));
  if (dice.of("comeback").chance(8)) add_comeback(plan, dice.of("comeback"));
  if (dice.of("crashes").chance(15)) add_crashes(plan, dice.of("crashes"), span);
  if (dice.of("swizzle").chance(12)) add_swizzle(plan, dice.of("swizzle"), span);
  const std::int64_t aimed = dice.of("aimed").chance(50) ? dice.of("aims").pick<std::int64_t>({1, 1, 2, 3}) : 0;
  for (std::int64_t n = 0; n < aimed; ++n) {
    const Dice own = dice.of("aim", static_cast<std::uint64_t>(n));
    add_aimed_fault(plan, draw_aim(plan, own, candidates), own, span);
  }
  if (dice.of("quiet").chance(6)) add_quiet_period(plan, dice.of("quiet"), span);
  add_repairs(plan, dice.of("repairs"));
  return plan;
}

}  // namespace

Scenario random_plan(std::uint64_t seed) {
  return draw_plan(seed, candidates_for_an_aim);
}

Scenario unsteered_plan(std::uint64_t seed) {
  return draw_plan(seed, 1);
}

Scenario vary(const Scenario& scenario, std::uint64_t seed) {
  const Dice dice{seed, sim::Name::of("variation")};
  Scenario plan = scenario;
  plan.seed = seed;
  plan.expect = Expectation{};
  Duration span = Duration::s(1);
  for (const ProducerSpec& producer : plan.producers) {
    for (const ApplicationThread& thread : producer.threads) {
      for (const WorkloadStep& step : thread.steps) {
        if (step.at) span = std::max(span, *step.at);
        if (const auto* send = std::get_if<SendStep>(&step.what)) span = std::max(span, send->every * send->count);
      }
    }
  }
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    Fault& fault = plan.faults[i];
    fault.must_hit = false;
    if (fault.at) fault.at = std::max(Duration{}, *fault.at + Duration::us(dice.of("shift", i).between(-50'000, 50'000)));
  }
  const std::int64_t more = dice.of("more").between(0, 2);
  for (std::int64_t f = 0; f < more && !plan.producers.empty(); ++f) {
    const Dice fault_dice = dice.of("fault", static_cast<std::uint64_t>(f));
    Fault fault = kinds_of_fault()[static_cast<std::size_t>(fault_dice.of("kind").between(0, 4))].make(Draft{fault_dice, plan, span});
    fault.id = "fate-" + std::to_string(f + 1);
    while (std::any_of(plan.faults.begin(), plan.faults.end(), [&](const Fault& other) { return other.id == fault.id; })) fault.id += "'";
    plan.faults.push_back(std::move(fault));
  }
  return plan;
}

}  // namespace linger::scenarios
