// The situations of random plans: several mishaps that belong together.
#include "scenarios/random_situations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/random_faults.h"
#include "scenarios/random_plan.h"

namespace linger::scenarios {

namespace {

std::string text(std::int64_t value) {
  return std::to_string(value);
}

TopicSpec topic_of_its_own(std::string name, std::int32_t partitions, std::int32_t replicas, const Scenario& plan) {
  TopicSpec topic;
  topic.name = std::move(name);
  topic.partitions = partitions;
  topic.replication_factor = std::min(plan.cluster.brokers, replicas);
  return topic;
}

SendStep records(const std::string& topic, std::int32_t partition, std::int64_t count, Duration every) {
  SendStep send;
  send.topic = topic;
  send.partition = partition;
  send.count = count;
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = 100;
  send.every = every;
  return send;
}

void add_step(ApplicationThread& thread, Duration at, SendStep send) {
  WorkloadStep& step = thread.steps.emplace_back();
  step.at = at;
  step.what = std::move(send);
}

void add_fault(Scenario& plan, std::string id, Matcher on, Action action) {
  Fault fault;
  fault.id = std::move(id);
  fault.on = std::move(on);
  fault.action = std::move(action);
  plan.faults.push_back(std::move(fault));
}

}  // namespace

void add_stuck_writer(Scenario& plan, const Dice& dice) {
  TopicSpec topic;
  topic.name = "tickets";
  topic.partitions = 2;
  topic.replication_factor = std::min(plan.cluster.brokers, dice.of("replication").pick<std::int32_t>({1, 2, 3}));
  plan.cluster.topics.push_back(topic);
  ProducerSpec producer;
  producer.name = "stuck";
  const std::int64_t request_timeout = dice.of("request timeout").pick<std::int64_t>({300, 500});
  const std::int64_t patience =
      dice.of("patience").pick<std::int64_t>({100, request_timeout * 3 / 4, request_timeout - 50});
  producer.config = {{"enable.idempotence", "false"},
                     {"acks", dice.of("acks").pick<std::string>({"1", "all"})},
                     {"batch.size", "200"},
                     {"linger.ms", "0"},
                     {"send.buffer.bytes", text(dice.of("send buffer").pick<std::int64_t>({40, 100, 150}))},
                     {"request.timeout.ms", text(request_timeout)},
                     {"delivery.timeout.ms", text(request_timeout + patience)},
                     {"retry.backoff.ms", "50"},
                     {"retry.backoff.max.ms", "50"}};
  for (std::int32_t p = 0; p < 2; ++p) {
    SendStep send;
    send.topic = topic.name;
    send.partition = p;
    send.count = 70;
    send.value.kind = DataSpec::Kind::bytes;
    send.value.bytes = 100;
    send.every = Duration::ms(dice.of("every", static_cast<std::uint64_t>(p)).between(15, 25));
    ApplicationThread thread;
    add_step(thread, Duration{}, std::move(send));
    producer.threads.push_back(std::move(thread));
  }
  plan.producers.push_back(std::move(producer));

  const auto on_first_partition = [&](std::string_view id, Action action, std::int32_t attempt,
                                      std::optional<Duration> after) {
    Fault fault;
    fault.id = "stuck-" + std::string(id);
    Matcher on;
    on.api = "PRODUCE";
    on.response = false;
    on.producer = "stuck";
    on.partition = topic.name + "-0";
    on.attempt = attempt;
    on.after = after;
    fault.on = std::move(on);
    fault.action = std::move(action);
    plan.faults.push_back(std::move(fault));
  };
  on_first_partition("lose", Lose{}, 1, Duration::ms(dice.of("after").between(20, 700)));
  on_first_partition("hold", Hold{Duration::ms(request_timeout * dice.of("hold").between(50, 98) / 100)}, 2,
                     std::nullopt);
}

void add_given_up_batch(Scenario& plan, const Dice& dice) {
  const TopicSpec topic = topic_of_its_own("claims", 1, dice.of("replication").pick<std::int32_t>({1, 2, 3}), plan);
  plan.cluster.topics.push_back(topic);
  ProducerSpec producer;
  producer.name = "hasty";
  const std::int64_t request_timeout = dice.of("request timeout").pick<std::int64_t>({400, 800});
  const std::int64_t patience = request_timeout * dice.of("patience").between(15, 50) / 100;
  const std::int64_t delivery_timeout = request_timeout + patience;
  producer.config = {
      {"enable.idempotence", "true"},
      {"batch.size", dice.of("batch").pick<std::string>({"0", "0", "300", "16384"})},
      {"linger.ms", "0"},
      {"max.in.flight.requests.per.connection", dice.of("in flight").pick<std::string>({"1", "5", "5", "5"})},
      {"request.timeout.ms", text(request_timeout)},
      {"delivery.timeout.ms", text(delivery_timeout)},
      {"retry.backoff.ms", dice.of("backoff").pick<std::string>({"20", "50"})},
      {"retry.backoff.max.ms", "50"}};
  const std::int64_t begins = dice.of("begins").between(300, 800);
  const std::int64_t first = dice.of("first").pick<std::int64_t>({1, 1, 1, 2});
  const std::int64_t goes_on = begins + delivery_timeout + dice.of("goes on").between(-50, request_timeout / 3);
  ApplicationThread thread;
  add_step(thread, Duration::ms(begins), records(topic.name, 0, first, Duration{}));
  add_step(thread, Duration::ms(goes_on),
           records(topic.name, 0, dice.of("count").between(1, 5),
                   Duration::ms(dice.of("every").pick<std::int64_t>({0, 0, 5, 50}))));
  producer.threads.push_back(std::move(thread));
  plan.producers.push_back(std::move(producer));

  const auto on_record = [](std::int64_t record, std::int32_t attempt, bool response) {
    Matcher on;
    on.api = "PRODUCE";
    on.response = response;
    on.producer = "hasty";
    on.record = record;
    on.attempt = attempt;
    return on;
  };
  add_fault(plan, "given-up-lose", on_record(0, 1, dice.of("written").chance(60)), Lose{});
  const std::int64_t late = patience + request_timeout * dice.of("late").between(20, 60) / 100;
  add_fault(plan, "given-up-hold", on_record(0, 2, dice.of("answer stalls").chance(80)), Hold{Duration::ms(late)});
  // Refusals after which the batch is sent again.
  const std::int64_t refusals = dice.of("refusals").between(0, 3);
  for (std::int64_t r = 0; r < refusals; ++r) {
    const Dice one = dice.of("refusal", static_cast<std::uint64_t>(r));
    std::vector<const ForgedPair*> pairs;
    for (const ForgedPair& pair : forging_table()) {
      if (pair.api == "PRODUCE" && pair.to == ForgedPair::To::anybody && is_retriable(pair.error))
        pairs.push_back(&pair);
    }
    const ForgedPair& pair = *one.of("pair").one_of(pairs);
    const auto attempt = static_cast<std::int32_t>(one.of("attempt").between(1, 2));
    add_fault(plan, "given-up-answer-" + text(r + 1),
              on_record(first + one.of("record").pick<std::int64_t>({0, 0, 0, 1}), attempt, false),
              Answer{std::string(error_name(pair.error)), pair.after_append});
  }
}

void add_handover(Scenario& plan, const Dice& dice) {
  if (plan.cluster.brokers < 2) return;
  TopicSpec topic = topic_of_its_own("seats", 1, dice.of("replication").pick<std::int32_t>({2, 3}), plan);
  topic.config["min.insync.replicas"] =
      text(std::min<std::int64_t>(topic.replication_factor, dice.of("min isr").pick<std::int64_t>({1, 2})));
  plan.cluster.topics.push_back(topic);
  const std::string partition = topic.name + "-0";
  const std::int64_t every = dice.of("every").pick<std::int64_t>({5, 30, 300, 1500});
  const std::int64_t writers = dice.of("writers").pick<std::int64_t>({1, 1, 2});
  for (std::int64_t w = 0; w < writers; ++w) {
    const Dice own = dice.of("writer", static_cast<std::uint64_t>(w));
    const bool idempotent = own.of("idempotent").chance(70);
    ProducerSpec producer;
    producer.name = "relay" + text(w + 1);
    producer.config = {{"enable.idempotence", idempotent ? "true" : "false"},
                       {"acks", "all"},
                       {"batch.size", own.of("batch").pick<std::string>({"0", "1000", "16384"})},
                       {"linger.ms", own.of("linger").pick<std::string>({"0", "5"})},
                       {"max.in.flight.requests.per.connection", idempotent ? "5" : "1"},
                       {"metadata.max.age.ms", own.of("metadata age").pick<std::string>({"100", "300"})},
                       {"request.timeout.ms", own.of("request timeout").pick<std::string>({"500", "3000"})},
                       {"delivery.timeout.ms", "8000"},
                       {"retry.backoff.ms", "50"}};
    // A few records at once, so that one acknowledgement stands for several.
    const std::int64_t together = own.of("together").pick<std::int64_t>({1, 3, 5});
    ApplicationThread thread;
    const std::int64_t times = std::clamp<std::int64_t>(4000 / every, 3, 40);
    for (std::int64_t n = 0; n < times; ++n) {
      const Duration at = Duration::ms(300 + own.of("phase").between(0, every) + n * every);
      add_step(thread, at, records(topic.name, 0, together, Duration{}));
    }
    producer.threads.push_back(std::move(thread));
    plan.producers.push_back(std::move(producer));
  }

  // The leader, its successor, and who comes after: the third, or the first again.
  const std::string first = "b1";
  const bool swapped = topic.replication_factor > 2 && dice.of("swapped").chance(50);
  const std::string second = swapped ? "b3" : "b2";
  const std::string third = topic.replication_factor > 2 ? (swapped ? "b2" : "b3") : first;
  std::optional<std::string> before;
  const auto add = [&](std::string id, Matcher on, Action action) {
    if (before) {
      on.after_fault = before;
    } else {
      on.after = Duration::ms(dice.of("after").between(500, 2000));
    }
    before = id;
    add_fault(plan, std::move(id), std::move(on), std::move(action));
  };
  const auto stall = [&](const Dice& own, std::string id, const std::string& leader, const std::string& one,
                         const std::string& other) {
    if (own.of("missing").chance(10)) return;
    Matcher on;
    if (own.of("replication").chance(80)) {
      on.api = "FETCH";
      on.response = true;
      on.from = leader;
      on.to = own.of("whom").chance(60) ? one : other;
    } else {
      on.api = "PRODUCE";
      on.response = own.of("answer").chance(50);
      on.partition = partition;
    }
    const Duration time = Duration::ms(own.of("time").between(100, 2500));
    add(std::move(id), std::move(on), own.of("for good").chance(60) ? Action{Lose{}} : Action{Hold{time}});
  };
  const auto move = [&](const Dice& own, std::string id, const std::string& leader, const std::string& next) {
    if (own.of("missing").chance(10)) return;
    Matcher on;
    const std::int64_t kind = own.of("on").between(0, 2);
    on.api = kind == 2 ? "FETCH" : "PRODUCE";
    on.response = kind == 0;
    if (kind == 2) {
      // Of a broker, so that no consumer's is meant.
      on.to = leader;
      on.from = next;
    } else {
      on.partition = partition;
    }
    const Duration back = Duration::ms(own.of("back").between(100, 4000));
    add(std::move(id), std::move(on),
        own.of("dies").chance(25) ? Action{Crash{leader, false, back}} : Action{Elect{partition, next, false}});
  };
  const std::string last = dice.of("back again").chance(40) ? first : third;
  stall(dice.of("stall", 0), "handover-stall-1", first, third == first ? second : third, second);
  move(dice.of("move", 0), "handover-move-1", first, second);
  stall(dice.of("stall", 1), "handover-stall-2", second, last, third);
  move(dice.of("move", 1), "handover-move-2", second, last);
}

void add_comeback(Scenario& plan, const Dice& dice) {
  if (plan.cluster.brokers < 3) return;
  TopicSpec topic = topic_of_its_own("rooms", 1, 3, plan);
  topic.config["min.insync.replicas"] = text(dice.of("min isr").pick<std::int64_t>({1, 2}));
  plan.cluster.topics.push_back(topic);
  const std::string partition = topic.name + "-0";
  ProducerSpec producer;
  producer.name = "porter";
  producer.config = {{"enable.idempotence", dice.of("idempotent").chance(80) ? "true" : "false"},
                     {"acks", "all"},
                     {"linger.ms", "5"},
                     {"max.in.flight.requests.per.connection", "1"},
                     {"metadata.max.age.ms", "300"},
                     {"request.timeout.ms", dice.of("request timeout").pick<std::string>({"500", "3000", "10000"})},
                     {"delivery.timeout.ms", "20000"},
                     {"retry.backoff.ms", "50"}};
  const std::int64_t gap = dice.of("gap").pick<std::int64_t>({300, 700, 1500});
  const std::int64_t together = dice.of("together").pick<std::int64_t>({1, 5});
  ApplicationThread thread;
  for (std::int64_t n = 0; n < 6; ++n) {
    add_step(thread, Duration::ms(500 + n * gap), records(topic.name, 0, together, Duration{}));
  }
  producer.threads.push_back(std::move(thread));
  plan.producers.push_back(std::move(producer));

  const std::string leader = "b1";
  const bool swapped = dice.of("swapped").chance(50);
  const std::string next = swapped ? "b3" : "b2";
  const std::string late = swapped ? "b2" : "b3";
  std::string before;
  const auto message = [&](std::string api, bool response) {
    Matcher on;
    on.api = std::move(api);
    on.response = response;
    if (!before.empty()) on.after_fault = before;
    return on;
  };
  const auto of_partition = [&](bool response) {
    Matcher on = message("PRODUCE", response);
    on.partition = partition;
    return on;
  };
  const auto between = [&](const std::string& from, const std::string& to, bool response) {
    Matcher on = message("FETCH", response);
    on.from = from;
    on.to = to;
    return on;
  };
  const auto add = [&](std::string id, Matcher on, Action action, std::optional<Duration> lasts = std::nullopt) {
    id = "comeback-" + id;
    add_fault(plan, id, std::move(on), std::move(action));
    plan.faults.back().lasts = lasts;
    return id;
  };

  // It falls behind in the middle of a write, alone: the others go on without it.
  Matcher first = of_partition(false);
  first.after = Duration::ms(dice.of("after").between(400, 600 + 4 * gap));
  before = add("cut", std::move(first), Cut{{{leader}, {late}}, false},
               Duration::ms(dice.of("cut for").pick<std::int64_t>({1500, 8000, 20'000})));
  if (dice.of("by itself").chance(15)) {
    plan.cluster.config["replica.lag.time.max.ms"] = "1000";
  } else {
    before = add("leaves", between(next, leader, false), ChangeIsr{partition, {leader, next}});
  }
  // The leadership moves as soon as something is acknowledged, or in the middle of it.
  const std::int64_t kind = dice.of("moves on").between(0, 9);
  Matcher moves = kind < 8 ? of_partition(true) : kind < 9 ? between(leader, next, true) : of_partition(false);
  if (dice.of("stands still").chance(50)) {
    before = add("still", moves, Pause{leader}, Duration::ms(dice.of("still").between(2000, 8000)));
    // Nobody hears from the old leader now; brokers go on telling the controller that they live.
    moves = message("BROKER_HEARTBEAT", false);
  }
  const Duration down = Duration::ms(dice.of("down").between(300, 10'000));
  before = add("move", moves,
               dice.of("dies").chance(15) ? Action{Crash{leader, false, down}} : Action{Elect{partition, next, false}});
  // Who comes back is told that it is welcome, and not yet what it has missed.
  if (const std::int64_t stall = dice.of("stall").between(0, 9); stall < 9) {
    before = add("stall", between(next, late, true),
                 stall < 6 ? Action{Lose{}} : Action{Hold{Duration::ms(dice.of("hold").between(200, 4000))}});
  }
  Matcher takes_over = dice.of("takes over on").chance(50) ? of_partition(false) : message("BROKER_HEARTBEAT", false);
  add("takes-over", std::move(takes_over),
      dice.of("next dies").chance(25) ? Action{Crash{next, false, down}} : Action{Elect{partition, late, false}});
}

}  // namespace linger::scenarios
