#include "scenarios/shrink.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/simpler.h"

namespace linger::scenarios {
namespace {

/// Leaves out the faults that name what is no longer there. False: something else is wrong as well.
bool drop_faults_without_object(Scenario& plan) {
  constexpr std::string_view faults = "/faults/";
  for (;;) {
    const std::vector<Mistake> mistakes = check_scenario(plan);
    if (mistakes.empty()) return true;
    std::set<std::size_t> wrong;
    for (const Mistake& mistake : mistakes) {
      if (!mistake.pointer.starts_with(faults)) return false;
      wrong.insert(static_cast<std::size_t>(std::stoul(mistake.pointer.substr(faults.size()))));
    }
    for (auto i = wrong.rbegin(); i != wrong.rend(); ++i) plan.faults.erase(plan.faults.begin() + static_cast<std::ptrdiff_t>(*i));
  }
}

class Shrinker {
 public:
  Shrinker(Scenario plan, const Finding& finding, const ShrinkOptions& options) : finding_(finding), options_(options) {
    out_.plan = std::move(plan);
    out_.plan.expect = Expectation{};
    for (Fault& fault : out_.plan.faults) fault.must_hit = false;
  }

  Shrunk search() {
    [[maybe_unused]] const bool shown = still_shows(out_.plan);
    assert(shown);
    for (std::int64_t before = -1; before != out_.smaller && !over_;) {
      before = out_.smaller;
      for (const Part& part : parts_of_plan()) {
        if (!(options_.keep_settings && part.settings)) leave_out(part);
      }
      for (const Simplification& simplify : simplifications()) make_simpler(simplify);
    }
    out_.at_fixed_point = !over_;
    for (std::size_t i = 0; i < out_.plan.faults.size(); ++i) out_.plan.faults[i].must_hit = out_.result.faults[i].hits > 0;
    return std::move(out_);
  }

 private:
  bool still_shows(const Scenario& plan) {
    ++out_.runs;
    // A violation is a finding only when no known defect explains it.
    RunResult result = run_scenario(plan).result;
    const bool shown = shows(result, finding_);
    if (shown) out_.result = std::move(result);
    if (options_.progress) options_.progress({out_.runs, plan_steps(shown ? plan : out_.plan)});
    over_ = out_.runs >= options_.most_runs || (options_.interrupted != nullptr && options_.interrupted());
    return shown;
  }

  bool attempt(Scenario candidate) {
    if (options_.keep_settings && !has_settings_of(candidate)) return false;
    if (over_ || !drop_faults_without_object(candidate) || candidate == out_.plan || !still_shows(candidate)) return false;
    out_.plan = std::move(candidate);
    ++out_.smaller;
    return true;
  }

  /// The same cluster, replicas and producers as far as they are still there, with the same settings.
  bool has_settings_of(const Scenario& candidate) const {
    const auto same = [](const auto& now, const auto& before) {
      return std::all_of(now.begin(), now.end(), [&](const auto& one) {
        return std::any_of(before.begin(), before.end(), [&](const auto& other) { return other.name == one.name && other.config == one.config; });
      });
    };
    const auto replicated = [&](const TopicSpec& topic) {
      const auto& before = out_.plan.cluster.topics;
      return std::any_of(before.begin(), before.end(), [&](const TopicSpec& t) { return t.name == topic.name && t.replication_factor == topic.replication_factor; });
    };
    return std::all_of(candidate.cluster.topics.begin(), candidate.cluster.topics.end(), replicated) && candidate.cluster.brokers == out_.plan.cluster.brokers && candidate.cluster.config == out_.plan.cluster.config &&
           same(candidate.cluster.topics, out_.plan.cluster.topics) && same(candidate.producers, out_.plan.producers);
  }

  void leave_out(const Part& part) {
    for (std::size_t chunk = part.count(out_.plan); chunk > 0; chunk /= 2) {
      for (std::size_t first = 0; first < part.count(out_.plan) && !over_;) {
        Scenario candidate = out_.plan;
        part.erase(candidate, first, std::min(chunk, part.count(candidate) - first));
        if (!attempt(std::move(candidate))) first += chunk;
      }
    }
  }

  void make_simpler(const Simplification& simplify) {
    for (std::size_t place = 0; !over_; ++place) {
      const std::vector<Scenario> candidates = simplify(out_.plan, place);
      if (candidates.empty()) return;
      for (const Scenario& candidate : candidates) {
        if (attempt(candidate)) break;
      }
    }
  }

  const Finding& finding_;
  const ShrinkOptions& options_;
  Shrunk out_;
  bool over_ = false;
};

}  // namespace

std::int64_t plan_steps(const Scenario& plan) {
  std::int64_t steps = static_cast<std::int64_t>(plan.faults.size());
  for (const ProducerSpec& producer : plan.producers) {
    for (const ApplicationThread& thread : producer.threads) steps += static_cast<std::int64_t>(thread.steps.size());
  }
  return steps;
}

Shrunk shrink(Scenario plan, const Finding& finding, const ShrinkOptions& options) {
  return Shrinker{std::move(plan), finding, options}.search();
}

}  // namespace linger::scenarios
