#include "ui/gui/model/comparison.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "ui/gui/model/tree_differences.h"

namespace linger::gui {
namespace {

using scenarios::JsonNode;

/// Producers, and the brokers that believe in one of the runs that they lead.
std::set<std::string> hosts_that_act(const Session& session) {
  std::set<std::string> names;
  const scenarios::Setup& setup = *session.run().setup;
  for (std::size_t h = 0; h < setup.hosts.size(); ++h) {
    if (setup.roles[h].kind == scenarios::HostKind::producer) names.insert(setup.hosts[h]);
  }
  for (const report::Bar& bar : session.diagram().bars) {
    if (bar.kind != report::BarKind::leads) continue;
    const sim::HostId host = session.diagram().lanes[bar.lane].host;
    if (host != sim::no_host) names.insert(setup.hosts[host.value()]);
  }
  return names;
}

report::Diagram diagram_of(const Session& session, const std::set<std::string>& names) {
  const scenarios::Setup& setup = *session.run().setup;
  report::Subset subset;
  subset.hosts.emplace();
  for (std::uint32_t h = 0; h < setup.hosts.size(); ++h) {
    if (names.contains(setup.hosts[h])) subset.hosts->insert(sim::HostId{h});
  }
  return report::build_diagram(session.run(), subset);
}

/// What happens in one of them happens on an axis for both.
report::AxisPlan merged(const report::AxisPlan& one, const report::AxisPlan& other) {
  report::AxisPlan out;
  std::set_union(one.moments.begin(), one.moments.end(), other.moments.begin(), other.moments.end(),
                 std::back_inserter(out.moments));
  std::vector<report::AxisPlan::Burst> bursts = one.bursts;
  bursts.insert(bursts.end(), other.bursts.begin(), other.bursts.end());
  std::sort(bursts.begin(), bursts.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  for (const report::AxisPlan::Burst& burst : bursts) {
    if (!out.bursts.empty() && burst.from <= out.bursts.back().until)
      out.bursts.back().until = std::max(out.bursts.back().until, burst.until);
    else
      out.bursts.push_back(burst);
  }
  return out;
}

/// The diagram's words for what happened in this trace record, or the trace's own.
Comparison::Words words_for(const Session& session, const report::Parting& parting) {
  if (!parting.there) return {};
  for (const report::Mark& mark : session.diagram().marks) {
    if (mark.record != parting.record) continue;
    const sim::HostId host = session.diagram().lanes[mark.lane].host;
    return {host == sim::no_host ? "" : session.run().setup->hosts[host.value()], mark.text};
  }
  return {"", parting.what};
}

}  // namespace

std::vector<PlanDifference> plan_differences(const scenarios::Scenario& one, const scenarios::Scenario& other) {
  scenarios::Scenario a = one;
  scenarios::Scenario b = other;
  a.expect = b.expect = {};
  const JsonNode left = scenarios::scenario_to_json(a);
  const JsonNode right = scenarios::scenario_to_json(b);
  const auto words = [](const JsonNode* node) {
    return node == nullptr ? std::string() : scenarios::dump_compact(*node);
  };
  std::vector<PlanDifference> out;
  for (const Difference& one_place : differences(left, right, Lists::elements))
    out.push_back({one_place.pointer, words(one_place.before), words(one_place.after)});
  return out;
}

scenarios::Scenario with_setting(scenarios::Scenario plan, const std::string& key, const std::string& value) {
  for (scenarios::ProducerSpec& producer : plan.producers) producer.config[key] = value;
  return plan;
}

std::vector<std::pair<std::string, std::string>> settings_to_try(const Session& session) {
  std::vector<std::pair<std::string, std::string>> out;
  if (session.run().setup->producers.empty()) return out;
  const ProducerConfig& now = session.run().setup->producers.front().config;
  const auto add = [&](const char* key, const char* value) {
    // Some settings need others: idempotence all acknowledgements, for one.
    if (scenarios::check_scenario(with_setting(session.run().setup->scenario, key, value)).empty())
      out.emplace_back(key, value);
  };
  add("enable.idempotence", now.enable_idempotence ? "false" : "true");
  add("acks", now.acks == -1 ? "1" : "all");
  add("max.in.flight.requests.per.connection", now.max_in_flight_requests_per_connection == 1 ? "5" : "1");
  if (now.retries != 0) add("retries", "0");
  add("linger.ms", now.linger_ms == 0 ? "5" : "0");
  return out;
}

Comparison::Comparison(const Session& one, const Session& other) {
  std::set<std::string> names = hosts_that_act(one);
  names.merge(hosts_that_act(other));
  const std::array<const Session*, 2> sessions{&one, &other};
  for (std::size_t side = 0; side < 2; ++side) {
    sides_[side].session = sessions[side];
    sides_[side].diagram = diagram_of(*sessions[side], names);
    sides_[side].reach = report::reach_of(sides_[side].diagram);
  }
  plan_ = merged(report::plan_axis(sides_[0].diagram), report::plan_axis(sides_[1].diagram));
  differences_ = plan_differences(one.run().setup->scenario, other.run().setup->scenario);
  outcome_ = report::first_different_outcome(one.run(), other.run());
  message_ = report::first_different_message(one.run(), other.run());
  const std::size_t count = std::max(one.run().result.fates.size(), other.run().result.fates.size());
  records_.resize(count);
  std::iota(records_.begin(), records_.end(), scenarios::RecordIndex{0});
  const auto same = std::stable_partition(records_.begin(), records_.end(),
                                          [this](scenarios::RecordIndex record) { return fares_otherwise(record); });
  differing_ = static_cast<std::size_t>(same - records_.begin());
  if (outcome_) {
    sides_[0].outcome = words_for(one, outcome_->one);
    sides_[1].outcome = words_for(other, outcome_->other);
  }
}

bool Comparison::fares_otherwise(scenarios::RecordIndex record) const {
  const auto& one = sides_[0].session->run().result.fates;
  const auto& other = sides_[1].session->run().result.fates;
  if (record >= one.size() || record >= other.size()) return true;
  const scenarios::RecordFate& a = one[record];
  const scenarios::RecordFate& b = other[record];
  return a.verdict != b.verdict || a.extra_copies != b.extra_copies || a.reordered != b.reordered;
}

std::shared_ptr<const report::Axis> Comparison::axis(const report::AxisWindow& window) const {
  if (axis_ == nullptr || !(axis_window_ == window)) {
    axis_ = std::make_shared<const report::Axis>(report::window_axis(plan_, window));
    axis_window_ = window;
  }
  return axis_;
}

std::shared_ptr<const report::Scene> Comparison::scene(std::size_t side, const report::AxisWindow& window,
                                                       const report::WindowFrame& frame) const {
  const Side& of = sides_[side];
  if (of.scene == nullptr || !(of.scene_axis == window) || !(of.scene_frame == frame)) {
    const auto on = axis(window);
    of.scene = std::make_shared<const report::Scene>(report::lay_out_window(of.diagram, of.reach, *on, frame));
    of.scene_axis = window;
    of.scene_frame = frame;
  }
  return of.scene;
}

}  // namespace linger::gui
