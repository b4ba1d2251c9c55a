#include "scenarios/simpler.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace linger::scenarios {
namespace {

template <class List>
void erase_range(List& list, std::size_t first, std::size_t n) {
  const auto begin = list.begin() + static_cast<std::ptrdiff_t>(first);
  list.erase(begin, begin + static_cast<std::ptrdiff_t>(n));
}

/// The settings of a plan, wherever they stand.
template <class Plan>
auto settings_of(Plan& plan) {
  std::vector<decltype(&plan.cluster.config)> all{&plan.cluster.config};
  for (auto& topic : plan.cluster.topics) all.push_back(&topic.config);
  for (auto& producer : plan.producers) all.push_back(&producer.config);
  return all;
}
template <class Plan>
auto behaviours_of(Plan& plan) {
  std::vector<decltype(&plan.cluster.behaviour)> all{&plan.cluster.behaviour};
  for (auto& producer : plan.producers) all.push_back(&producer.behaviour);
  return all;
}
template <class Plan>
auto steps_of(Plan& plan) {
  std::vector<decltype(&plan.producers[0].threads[0].steps[0])> all;
  for (auto& producer : plan.producers) {
    for (auto& thread : producer.threads) {
      for (auto& step : thread.steps) all.push_back(&step);
    }
  }
  return all;
}

/// One request in flight is simpler than the five that stand there without a word.
constexpr const char* in_flight = "max.in.flight.requests.per.connection";
bool is_simplest(const std::pair<const std::string, std::string>& setting) { return setting.first == in_flight && setting.second == "1"; }

template <class Maps>
std::size_t entries(const Maps& maps) {
  std::ptrdiff_t count = 0;
  for (const auto* map : maps) count += std::count_if(map->begin(), map->end(), std::not_fn(is_simplest));
  return static_cast<std::size_t>(count);
}
template <class Maps>
void erase_entries(const Maps& maps, std::size_t first, std::size_t n) {
  std::size_t number = 0;
  for (auto* map : maps) {
    std::erase_if(*map, [&](const auto& entry) {
      if (is_simplest(entry)) return false;
      const std::size_t mine = number++;
      return mine >= first && mine < first + n;
    });
  }
}

/// A send, a transfer or a sendOffsets that concerns this topic.
bool concerns(const WorkloadStep& step, const std::string& topic) {
  if (const auto* send = std::get_if<SendStep>(&step.what)) return send->topic == topic;
  if (const auto* transfer = std::get_if<TransferStep>(&step.what)) return transfer->from == topic || transfer->to == topic;
  if (const auto* offsets = std::get_if<SendOffsetsStep>(&step.what)) return offsets->topic == topic;
  return false;
}

void erase_topic(Scenario& plan, std::size_t number) {
  const std::string name = plan.cluster.topics[number].name;
  erase_range(plan.cluster.topics, number, 1);
  for (ProducerSpec& producer : plan.producers) {
    for (ApplicationThread& thread : producer.threads) {
      std::erase_if(thread.steps, [&](const WorkloadStep& step) { return concerns(step, name); });
    }
  }
  for (ConsumerSpec& consumer : plan.consumers) std::erase(consumer.topics, name);
  std::erase_if(plan.consumers, [](const ConsumerSpec& consumer) { return consumer.topics.empty(); });
  std::erase_if(plan.cluster.initial, [&](const InitialPartition& initial) { return initial.topic == name; });
}

/// Calls `change(candidate, value)` for each value on a copy of the plan.
template <class Values, class Change>
std::vector<Scenario> candidates(const Scenario& plan, const Values& values, Change change) {
  std::vector<Scenario> all;
  for (const auto& value : values) {
    all.push_back(plan);
    change(all.back(), value);
  }
  if (all.empty()) all.push_back(plan);
  return all;
}
template <class Change>
std::vector<Scenario> changed(const Scenario& plan, Change change) {
  std::vector<Scenario> one{plan};
  change(one.front());
  return one;
}

// ---- the network and the cluster ---------------------------------------------------------------------------------------------------

constexpr LatencySpec one_millisecond{LatencySpec::Kind::constant, Duration::ms(1), Duration::ms(1)};

std::vector<Scenario> simpler_cluster(const Scenario& plan, std::size_t place) {
  switch (place) {
    case 0: return changed(plan, [](Scenario& p) { p.ties = Ties{}; });
    case 1:
      return changed(plan, [](Scenario& p) {
        if (p.network.latency != one_millisecond) p.network = NetworkSpec{};
      });
    case 2: return changed(plan, [](Scenario& p) { p.network.loss_ppm = 0; p.network.bandwidth.reset(); });
    case 3: return changed(plan, [](Scenario& p) { p.seed = 1; });
    case 4: return changed(plan, [](Scenario& p) { p.cluster.cold_start = false; });
    case 5: return changed(plan, [](Scenario& p) { p.until.reset(); });
    case 6: return changed(plan, [](Scenario& p) { p.cluster.controllers = 1; });
    case 7:
      return candidates(plan, simpler_counts(plan.cluster.brokers, 1), [](Scenario& p, std::int64_t brokers) {
        p.cluster.brokers = static_cast<std::int32_t>(brokers);
        for (TopicSpec& topic : p.cluster.topics) {
          topic.replication_factor = std::min(topic.replication_factor, p.cluster.brokers);
          const auto least = topic.config.find("min.insync.replicas");
          if (least != topic.config.end() && std::stoll(least->second) > topic.replication_factor) least->second = std::to_string(topic.replication_factor);
        }
      });
    case 8:
      return changed(plan, [](Scenario& p) {
        p.network.latency = one_millisecond;
        p.network.links.clear();
      });
    default: return {};
  }
}

std::vector<Scenario> simpler_topic(const Scenario& plan, std::size_t place) {
  if (place >= plan.cluster.topics.size() * 3) return {};
  const std::size_t number = place / 3;
  const TopicSpec& topic = plan.cluster.topics[number];
  switch (place % 3) {
    case 0:
      return candidates(plan, simpler_counts(topic.partitions, 1), [&](Scenario& p, std::int64_t partitions) {
        TopicSpec& fewer = p.cluster.topics[number];
        fewer.partitions = static_cast<std::int32_t>(partitions);
        if (fewer.replicas.size() > static_cast<std::size_t>(partitions)) fewer.replicas.resize(static_cast<std::size_t>(partitions));
      });
    case 1: return changed(plan, [&](Scenario& p) { p.cluster.topics[number].created.reset(); });
    default:
      return candidates(plan, simpler_counts(topic.replication_factor, 1), [&](Scenario& p, std::int64_t replicas) {
        p.cluster.topics[number].replication_factor = static_cast<std::int32_t>(replicas);
      });
  }
}

// ---- the workload ------------------------------------------------------------------------------------------------------------------

std::vector<Scenario> simpler_producer(const Scenario& plan, std::size_t place) {
  if (place >= plan.producers.size() * 2) return {};
  const std::size_t number = place / 2;
  if (place % 2 == 0) return changed(plan, [&](Scenario& p) { p.producers[number].on_error = OnError{}; });
  return changed(plan, [&](Scenario& p) { p.producers[number].config[in_flight] = "1"; });
}

std::vector<Scenario> simpler_send(const Scenario& plan, std::size_t place) {
  constexpr std::size_t ways = 6;
  const auto steps = steps_of(plan);
  if (place >= steps.size() * ways) return {};
  const std::size_t number = place / ways;
  const auto* send = std::get_if<SendStep>(&steps[number]->what);
  if (send == nullptr) return {plan};
  const auto with = [&](auto change) {
    return changed(plan, [&](Scenario& p) { change(std::get<SendStep>(steps_of(p)[number]->what)); });
  };
  switch (place % ways) {
    case 0:
      return candidates(plan, simpler_counts(send->count, 1),
                        [&](Scenario& p, std::int64_t count) { std::get<SendStep>(steps_of(p)[number]->what).count = count; });
    case 1: return with([](SendStep& s) { s.headers.clear(); s.timestamp.reset(); });
    case 2: return with([](SendStep& s) { s.key = DataSpec{}; });
    case 3: return with([](SendStep& s) { s.value = DataSpec{}; });
    case 4: return with([](SendStep& s) { s.sync = false; });
    default: return with([](SendStep& s) { s.partition.reset(); });
  }
}

// ---- faults ------------------------------------------------------------------------------------------------------------------------

std::vector<Scenario> simpler_matcher(const Scenario& plan, std::size_t place) {
  constexpr std::size_t ways = 9;
  if (place >= plan.faults.size() * ways) return {};
  const std::size_t number = place / ways;
  if (!plan.faults[number].on) return {plan};
  const auto with = [&](auto change) {
    return changed(plan, [&](Scenario& p) { change(*p.faults[number].on); });
  };
  switch (place % ways) {
    case 0: return with([](Matcher& m) { m.every = false; });
    case 1: return with([](Matcher& m) { m.after.reset(); });
    case 2: return with([](Matcher& m) { m.after_fault.reset(); });
    case 3: return with([](Matcher& m) { m.connection.reset(); });
    case 4: return with([](Matcher& m) { m.nth.reset(); });
    case 5: return with([](Matcher& m) { m.attempt.reset(); });
    case 6: return with([](Matcher& m) { m.record.reset(); });
    case 7: return with([](Matcher& m) { m.partition.reset(); });
    default: return with([](Matcher& m) { m.from.reset(); m.to.reset(); });
  }
}

/// Every time of a plan, in one order.
std::vector<Duration*> times_of(Scenario& plan) {
  std::vector<Duration*> all;
  const auto add = [&](std::optional<Duration>& time) {
    if (time) all.push_back(&*time);
  };
  for (Fault& fault : plan.faults) {
    add(fault.at);
    if (fault.on) add(fault.on->after);
    add(fault.lasts);
    if (auto* crash = std::get_if<Crash>(&fault.action)) add(crash->restart_after);
    if (auto* shutdown = std::get_if<Shutdown>(&fault.action)) add(shutdown->restart_after);
    if (auto* late = std::get_if<Late>(&fault.action)) all.push_back(&late->time);
    if (auto* hold = std::get_if<Hold>(&fault.action)) all.push_back(&hold->time);
    if (auto* delay = std::get_if<Delay>(&fault.action)) all.push_back(&delay->time);
    if (auto* throttle = std::get_if<Throttle>(&fault.action)) all.push_back(&throttle->time);
    if (auto* clock = std::get_if<ClockChange>(&fault.action)) all.push_back(&clock->offset);
  }
  for (WorkloadStep* step : steps_of(plan)) {
    add(step->at);
    if (auto* send = std::get_if<SendStep>(&step->what)) all.push_back(&send->every);
    if (auto* sleep = std::get_if<SleepStep>(&step->what)) all.push_back(&sleep->time);
  }
  for (ConsumerSpec& consumer : plan.consumers) all.push_back(&consumer.start);
  return all;
}

std::vector<Scenario> simpler_time(const Scenario& plan, std::size_t place) {
  Scenario copy = plan;
  const std::vector<Duration*> times = times_of(copy);
  if (place >= times.size()) return {};
  return candidates(plan, simpler_times(*times[place]), [&](Scenario& p, Duration time) { *times_of(p)[place] = time; });
}

}  // namespace

std::vector<Duration> simpler_times(Duration time) {
  std::vector<Duration> simpler;
  const std::int64_t ns = time.ns();
  if (ns <= 0) return simpler;
  simpler.push_back(Duration{});
  std::int64_t power = 1'000'000;
  for (; power < ns && power <= 100'000'000'000; power *= 10) simpler.push_back(Duration::ns(power));
  // Fewer digits: rounded down and up to one digit, then to two.
  power = 1;
  while (power <= ns / 10) power *= 10;
  for (int digits = 0; digits < 2 && power > 0; ++digits, power /= 10) {
    if (ns % power == 0) break;
    simpler.push_back(Duration::ns(ns / power * power));
    simpler.push_back(Duration::ns((ns / power + 1) * power));
  }
  return simpler;
}

std::vector<std::int64_t> simpler_counts(std::int64_t count, std::int64_t least) {
  std::vector<std::int64_t> simpler;
  for (std::int64_t distance = count - least; distance > 0; distance /= 2) simpler.push_back(count - distance);
  return simpler;
}

const std::vector<Part>& parts_of_plan() {
  static const std::vector<Part> parts{
      // Producers, with their workload.
      {[](const Scenario& p) { return p.producers.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_range(p.producers, first, n); }},
      {[](const Scenario& p) { return p.faults.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_range(p.faults, first, n); }},
      {[](const Scenario& p) { return p.consumers.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_range(p.consumers, first, n); }},
      {[](const Scenario& p) { return p.cluster.topics.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) {
         for (std::size_t i = first + n; i-- > first;) erase_topic(p, i);
       }},
      // Threads, of all producers; then their steps.
      {[](const Scenario& p) {
         std::size_t threads = 0;
         for (const ProducerSpec& producer : p.producers) threads += producer.threads.size();
         return threads;
       },
       [](Scenario& p, std::size_t first, std::size_t n) {
         std::size_t number = 0;
         for (ProducerSpec& producer : p.producers) {
           std::erase_if(producer.threads, [&](const ApplicationThread&) {
             const std::size_t mine = number++;
             return mine >= first && mine < first + n;
           });
         }
       }},
      {[](const Scenario& p) { return steps_of(p).size(); },
       [](Scenario& p, std::size_t first, std::size_t n) {
         std::size_t number = 0;
         for (ProducerSpec& producer : p.producers) {
           for (ApplicationThread& thread : producer.threads) {
             std::erase_if(thread.steps, [&](const WorkloadStep&) {
               const std::size_t mine = number++;
               return mine >= first && mine < first + n;
             });
           }
           std::erase_if(producer.threads, [](const ApplicationThread& thread) { return thread.steps.empty(); });
         }
       }},
      {[](const Scenario& p) { return p.network.links.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_range(p.network.links, first, n); }},
      {[](const Scenario& p) { return p.cluster.initial.size(); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_range(p.cluster.initial, first, n); }},
      {[](const Scenario& p) { return entries(settings_of(p)); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_entries(settings_of(p), first, n); }, true},
      {[](const Scenario& p) { return entries(behaviours_of(p)); },
       [](Scenario& p, std::size_t first, std::size_t n) { erase_entries(behaviours_of(p), first, n); }, true},
  };
  return parts;
}

const std::vector<Simplification>& simplifications() {
  static const std::vector<Simplification> all{simpler_cluster, simpler_topic,   simpler_send,
                                               simpler_producer, simpler_matcher, simpler_time};
  return all;
}

}  // namespace linger::scenarios
