// Random plans with transactions: who has them, what is in them, and how they end.
#include "scenarios/random_transactions.h"

#include <algorithm>
#include <string>
#include <utility>

namespace linger::scenarios {

namespace {

constexpr const char* group = "readers";

/// Coordinators for few brokers, and few parts of their logs: what is replicated and never asked for costs time alone.
void draw_coordinators(ClusterSpec& cluster, const Dice& dice) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  cluster.config["transaction.version"] = dice.of("version").pick<std::string>({"2", "2", "2", "1", "1"});
  for (const std::string topic : {"transaction.state.log", "offsets.topic"}) {
    const Dice log = dice.of(topic);
    const std::int64_t replicas =
        std::min<std::int64_t>(cluster.brokers, log.of("replication").pick({1, 2, 3, 3, 3, 3}));
    cluster.config[topic + ".num.partitions"] = text(log.of("partitions").pick({1, 1, 2}));
    cluster.config[topic + ".replication.factor"] = text(replicas);
    if (topic == "offsets.topic") continue;
    cluster.config[topic + ".min.isr"] = text(std::min<std::int64_t>(replicas, log.of("min isr").pick({1, 2, 2, 2})));
  }
  cluster.config["transaction.abort.timed.out.transaction.cleanup.interval.ms"] =
      text(dice.of("cleanup").pick({100, 500, 1000, 1000, 5000}));
}

void draw_settings(Settings& config, const Dice& dice) {
  config["enable.idempotence"] = "true";
  config["acks"] = "all";
  config["transaction.timeout.ms"] =
      std::to_string(dice.of("timeout").pick({300, 1000, 3000, 5000, 10'000, 10'000, 60'000}));
}

ApplicationThread draw_transactions(const Dice& dice, const ClusterSpec& cluster, Duration span, bool waits) {
  ApplicationThread thread;
  const auto add = [&](auto step) { thread.steps.push_back(WorkloadStep{std::nullopt, std::move(step)}); };
  const std::int64_t transactions = dice.of("transactions").pick({1, 2, 3, 4, 6});
  const bool offsets = dice.of("offsets").chance(50);
  for (std::int64_t n = 0; n < transactions; ++n) {
    const Dice one = dice.of("transaction", static_cast<std::uint64_t>(n));
    add(BeginStep{});
    const std::int64_t sends = one.of("sends").pick({0, 1, 1, 1, 2, 2, 3});
    for (std::int64_t s = 0; s < sends; ++s) {
      const Dice part = one.of("part", static_cast<std::uint64_t>(s));
      add(draw_send(part, cluster, Duration::ns(span.ns() / transactions / sends)));
      if (part.of("flush").chance(10)) add(FlushStep{});
      if (part.of("sleep").chance(10)) add(SleepStep{Duration::ms(part.of("sleep ms").pick({20, 300, 1500}))});
    }
    if (offsets && one.of("offsets").chance(70)) {
      const TopicSpec& topic = one.of("of topic").one_of(cluster.topics);
      const auto partition = static_cast<std::int32_t>(one.of("of partition").between(0, topic.partitions - 1));
      add(SendOffsetsStep{group, topic.name, partition, n + 1});
    }
    // The last one may stay open: its process ends, and only the coordinator can still decide it.
    if (n + 1 == transactions && one.of("open").chance(10)) break;
    if (one.of("commits").chance(75)) {
      add(CommitStep{});
    } else {
      add(AbortStep{});
    }
  }
  thread.steps.front().at = waits ? Duration::us(dice.of("starts").between(0, span.us())) : Duration{};
  return thread;
}

}  // namespace

SendStep draw_send(const Dice& dice, const ClusterSpec& cluster, Duration share) {
  SendStep send;
  const TopicSpec& topic = dice.of("topic").one_of(cluster.topics);
  send.topic = topic.name;
  if (dice.of("placed").chance(60)) {
    send.partition = static_cast<std::int32_t>(dice.of("partition").between(0, topic.partitions - 1));
  } else if (dice.of("keyed").chance(50)) {
    send.key.kind = DataSpec::Kind::text;
    send.key.text = "k${n}";
  }
  send.count = dice.of("count").pick<std::int64_t>({1, 2, 5, 10, 20});
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = dice.of("bytes").pick<std::int64_t>({10, 50, 100, 100});
  // Spread over the span, so that faults by time meet traffic.
  send.every = dice.of("spread").chance(80) ? Duration::ns(share.ns() / send.count) : Duration{};
  send.sync = dice.of("sync").chance(10);
  return send;
}

void add_transactions(Scenario& plan, const Dice& dice, Duration span) {
  draw_coordinators(plan.cluster, dice.of("coordinators"));
  // Producers that share an id fence each other: all but one of them are zombies.
  const bool shared = plan.producers.size() > 1 && dice.of("shared").chance(40);
  for (std::size_t p = 0; p < plan.producers.size(); ++p) {
    ProducerSpec& producer = plan.producers[p];
    const Dice own = dice.of("producer", p);
    if (p > 0 && own.of("plain").chance(25)) continue;
    draw_settings(producer.config, own);
    producer.config["transactional.id"] = shared ? "shared" : producer.name;
    producer.threads.assign(1, draw_transactions(own, plan.cluster, span, p > 0));
    if (own.of("tries again").chance(40)) {
      producer.on_error = OnError{OnError::Kind::resend, own.of("times").pick({1, 1, 3})};
    } else if (own.of("gives up").chance(10)) {
      producer.on_error = OnError{OnError::Kind::abort, 0};
    }
  }
}

}  // namespace linger::scenarios
