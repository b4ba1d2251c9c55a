// The timing of random plans' faults: crash styles, swizzled cuts, quiet periods.
#include "scenarios/random_timing.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace linger::scenarios {

namespace {

std::string text(std::int64_t value) {
  return std::to_string(value);
}

std::string broker_name(std::int32_t number) {
  return "b" + text(number);
}

/// A random order: whoever draws the smallest number comes first.
std::vector<std::string> shuffled(std::vector<std::string> hosts, const Dice& dice) {
  std::vector<std::pair<std::int64_t, std::string>> keyed;
  for (std::size_t n = 0; n < hosts.size(); ++n) {
    keyed.emplace_back(dice.of("place", n).between(0, 1'000'000'000), std::move(hosts[n]));
  }
  std::sort(keyed.begin(), keyed.end());
  for (std::size_t n = 0; n < hosts.size(); ++n) hosts[n] = std::move(keyed[n].second);
  return hosts;
}

/// Instants in [from, from + width), ascending.
std::vector<Duration> instants(std::size_t count, Duration from, Duration width, const Dice& dice) {
  std::vector<Duration> drawn;
  for (std::size_t n = 0; n < count; ++n)
    drawn.push_back(from + Duration::us(dice.of("moment", n).between(0, width.us())));
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

/// When the fault is over; nothing: only the end of the run ends it, or it happens and is over.
Duration end_of(const Fault& fault) {
  Duration end = fault.at.value_or(Duration{}) + fault.lasts.value_or(Duration{});
  if (const auto* crash = std::get_if<Crash>(&fault.action)) end += crash->restart_after.value_or(Duration{});
  if (const auto* shutdown = std::get_if<Shutdown>(&fault.action)) end += shutdown->restart_after.value_or(Duration{});
  return end;
}

/// What time alone does not undo: lost page caches, clocks that stay wrong, disks that have failed. It waits for the
/// second act, since nobody promises that a cluster settles after it.
bool leaves_damage(const Fault& fault) {
  const auto* crash = std::get_if<Crash>(&fault.action);
  const auto* stop = std::get_if<Shutdown>(&fault.action);
  const bool for_good = (crash != nullptr && !crash->restart_after) || (stop != nullptr && !stop->restart_after);
  return for_good || (crash != nullptr && crash->power) || std::holds_alternative<DiskFault>(fault.action) ||
         std::holds_alternative<ClockChange>(fault.action);
}

/// A transaction that its thread leaves open cannot be followed by another.
bool can_go_on(const ApplicationThread& thread) {
  const bool open = std::any_of(thread.steps.begin(), thread.steps.end(),
                                [](const WorkloadStep& step) { return std::holds_alternative<BeginStep>(step.what); });
  if (thread.steps.empty()) return false;
  const auto& last = thread.steps.back().what;
  return !open || std::holds_alternative<CommitStep>(last) || std::holds_alternative<AbortStep>(last);
}

void add_prober(Scenario& plan, Duration begins, Duration patience) {
  TopicSpec topic;
  topic.name = "probes";
  topic.replication_factor = std::min(plan.cluster.brokers, 3);
  topic.config["min.insync.replicas"] = "1";
  plan.cluster.topics.push_back(topic);
  ProducerSpec producer;
  producer.name = "prober";
  producer.config = {{"acks", "all"},
                     {"linger.ms", "0"},
                     {"request.timeout.ms", "1000"},
                     {"max.block.ms", text(patience.ms())},
                     {"delivery.timeout.ms", text(patience.ms())}};
  SendStep send;
  send.topic = topic.name;
  send.partition = 0;
  send.count = 1;
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = 100;
  ApplicationThread thread;
  thread.steps.push_back(WorkloadStep{begins, send});
  producer.threads.push_back(std::move(thread));
  // -1: nothing was acknowledged.
  plan.expect.counts["/producers/prober/ack_latency_us/max"] = Range{0, patience.us()};
  plan.producers.push_back(std::move(producer));
}

}  // namespace

void add_crashes(Scenario& plan, const Dice& dice, Duration span) {
  const bool many = dice.of("many").chance(50);
  const auto down = [&](const Dice& own) {
    return many ? Duration::ms(own.of("down").between(5, 250)) : Duration::ms(own.of("down").between(4000, 10'000));
  };
  for (std::size_t f = 0; f < plan.faults.size(); ++f) {
    const Dice own = dice.of("restyled", f);
    if (auto* crash = std::get_if<Crash>(&plan.faults[f].action)) crash->restart_after = down(own);
    if (auto* stop = std::get_if<Shutdown>(&plan.faults[f].action)) stop->restart_after = down(own);
  }
  const std::int64_t count = many ? dice.of("count").between(5, 14) : dice.of("count").between(1, 2);
  // One host that does not come to rest, or everybody in turn.
  const bool same = dice.of("same host").chance(30);
  for (std::int64_t n = 0; n < count; ++n) {
    const Dice own = dice.of("crash", static_cast<std::uint64_t>(n));
    const std::string host = (same ? dice : own).of("host").broker(plan.cluster.brokers);
    Fault fault;
    fault.id = std::string(many ? "short-crash-" : "long-crash-") + text(n + 1);
    fault.at = Duration::us(own.of("at").between(0, span.us()));
    if (own.of("orderly").chance(20)) {
      fault.action = Shutdown{host, down(own)};
    } else {
      fault.action = Crash{host, own.of("power").chance(10), down(own)};
    }
    plan.faults.push_back(std::move(fault));
  }
}

void add_swizzle(Scenario& plan, const Dice& dice, Duration span) {
  std::vector<std::string> brokers, others;
  for (std::int32_t b = 1; b <= plan.cluster.brokers; ++b) brokers.push_back(broker_name(b));
  if (dice.of("controllers too").chance(50)) {
    for (std::int32_t c = 1; c <= plan.cluster.controllers; ++c) others.push_back("c" + text(c));
  }
  if (dice.of("producers too").chance(40)) {
    for (const ProducerSpec& producer : plan.producers) others.push_back(producer.name);
  }
  std::vector<std::string> all = brokers;
  all.insert(all.end(), others.begin(), others.end());
  const auto count = static_cast<std::size_t>(dice.of("count").between(2, static_cast<std::int64_t>(brokers.size())));
  std::vector<std::string> chosen = shuffled(brokers, dice.of("chosen"));
  chosen.resize(count);
  const Duration begin = Duration::us(dice.of("begin").between(0, span.us()));
  const Duration cutting = Duration::ms(dice.of("cutting").pick<std::int64_t>({50, 300, 1000}));
  const Duration between = Duration::ms(dice.of("between").pick<std::int64_t>({0, 300, 1500, 4000}));
  const Duration healing = Duration::ms(dice.of("healing").pick<std::int64_t>({50, 300, 2000}));
  const std::vector<Duration> cuts = instants(count, begin, cutting, dice.of("cuts"));
  const std::vector<Duration> heals = instants(count, begin + cutting + between, healing, dice.of("heals"));
  const std::vector<std::string> healed = shuffled(chosen, dice.of("healed"));
  for (std::size_t n = 0; n < count; ++n) {
    const std::string& host = chosen[n];
    std::vector<std::string> rest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rest),
                 [&](const std::string& other) { return other != host; });
    const auto place = static_cast<std::size_t>(std::find(healed.begin(), healed.end(), host) - healed.begin());
    Fault fault;
    fault.id = "swizzle-" + host;
    fault.at = cuts[n];
    fault.lasts = std::max(Duration::ms(1), heals[place] - cuts[n]);
    fault.action = Cut{{{host}, std::move(rest)}, false};
    plan.faults.push_back(std::move(fault));
  }
}

namespace {

Duration session_of(const ClusterSpec& cluster) {
  constexpr std::int64_t usual_ms = 9000;
  const auto drawn = cluster.config.find("broker.session.timeout.ms");
  return Duration::ms(drawn == cluster.config.end() ? usual_ms : std::stoll(drawn->second));
}

}  // namespace

void add_quiet_period(Scenario& plan, const Dice& dice, Duration span) {
  Duration first_act = span;
  std::vector<bool> in_first_act;
  for (std::size_t f = 0; f < plan.faults.size(); ++f) {
    const Fault& fault = plan.faults[f];
    // What waits for a message would wait through the quiet period as well.
    in_first_act.push_back(fault.at && !leaves_damage(fault) && dice.of("act", f).chance(60));
    if (in_first_act.back()) first_act = std::max(first_act, end_of(fault));
  }
  // A broker's session and some backoffs, then time for the prober.
  const Duration settling = session_of(plan.cluster) + Duration::s(4);
  const Duration patience = Duration::s(dice.of("patience").pick<std::int64_t>({3, 3, 3, 10}));
  const Duration second_act = first_act + settling + patience;
  for (std::size_t f = 0; f < plan.faults.size(); ++f) {
    Fault& fault = plan.faults[f];
    if (in_first_act[f]) continue;
    if (fault.at) *fault.at += second_act;
    if (!fault.on) continue;
    // The first messages of the run have passed by then.
    fault.on->nth.reset();
    fault.on->after = second_act + fault.on->after.value_or(Duration{});
  }
  for (ProducerSpec& producer : plan.producers) {
    const bool all = std::all_of(producer.threads.begin(), producer.threads.end(), can_go_on);
    if (!all) continue;
    for (ApplicationThread& thread : producer.threads) {
      const std::size_t steps = thread.steps.size();
      for (std::size_t s = 0; s < steps; ++s) {
        WorkloadStep again = thread.steps[s];
        again.at = second_act + again.at.value_or(Duration{});
        thread.steps.push_back(std::move(again));
      }
    }
  }
  add_prober(plan, first_act + settling, patience);
}

void add_repairs(Scenario& plan, const Dice& dice) {
  const std::size_t faults = plan.faults.size();
  for (std::size_t f = 0; f < faults; ++f) {
    const Fault& failing = plan.faults[f];
    const auto* disk = std::get_if<DiskFault>(&failing.action);
    const Dice own = dice.of("repair", f);
    if (disk == nullptr || disk->kind != DiskFault::Kind::append_error || !failing.at || own.chance(10)) continue;
    Fault repair;
    repair.id = failing.id + "-repaired";
    repair.at = *failing.at + Duration::ms(own.of("after").pick<std::int64_t>({1000, 2500, 5000}));
    repair.action = Restart{disk->host};
    plan.faults.push_back(std::move(repair));
  }
}

}  // namespace linger::scenarios
