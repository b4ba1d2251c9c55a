#include "ui/report/diagram.h"

#include <algorithm>

#include "ui/report/diagram_builder.h"

namespace linger::report {

using scenarios::AppTrace;
using scenarios::HostKind;
using scenarios::trace_kind;
using sim::EventNumber;
using sim::HostId;
using sim::SimTime;

DiagramBuilder::DiagramBuilder(const scenarios::Run& run, const Subset& subset)
    : run_(run), trace_(run.trace), setup_(*run.setup), subset_(subset), traffic_(read_messages(run.trace)) {
  out_.from = subset.from.value_or(SimTime{});
  out_.until = subset.until.value_or(end_of_main_phase(run).at);
  std::int64_t partitions = 0;
  for (const scenarios::TopicSpec& topic : setup_.scenario.cluster.topics) partitions += topic.partitions;
  out_.several_partitions = partitions > 1;
}

Diagram DiagramBuilder::build() {
  make_lanes();
  begin_leading();
  const std::uint64_t end = subset_.until ? trace_.stored() : end_of_main_phase(run_).record;
  for (index_ = 0; index_ < end; ++index_) read(trace_.at(index_));
  last_record_ = end;
  close_bars();
  for (std::size_t i = 0; i < traffic_.messages.size(); ++i) draw_message(i);
  finish();
  return std::move(out_);
}

void DiagramBuilder::make_lanes() {
  if (!setup_.scenario.faults.empty()) add_lane(LaneKind::faults, sim::no_host, "faults", "");
  const auto wanted = [this](HostId host) { return !subset_.hosts || subset_.hosts->contains(host); };
  const auto each = [&](HostKind kind, const auto& make) {
    for (std::uint32_t i = 0; i < setup_.hosts.size(); ++i) {
      if (setup_.roles[i].kind == kind && wanted(HostId{i})) make(HostId{i}, setup_.hosts[i]);
    }
  };
  each(HostKind::producer, [this](HostId host, const std::string& name) {
    add_lane(LaneKind::application, host, "application", name);
    add_lane(LaneKind::accumulator, host, "accumulator", name);
    add_lane(LaneKind::requests, host, "requests", name);
  });
  each(HostKind::broker,
       [this](HostId host, const std::string& name) { add_lane(LaneKind::broker, host, "broker " + name, ""); });
  each(HostKind::controller, [this](HostId host, const std::string& name) {
    add_lane(LaneKind::controller, host, "controller " + name, "");
  });
  each(HostKind::consumer,
       [this](HostId host, const std::string& name) { add_lane(LaneKind::consumer, host, "consumer " + name, ""); });
  each(HostKind::admin, [this](HostId host, const std::string& name) { add_lane(LaneKind::consumer, host, name, ""); });
}

void DiagramBuilder::add_lane(LaneKind kind, HostId host, std::string name, std::string note) {
  lanes_[{host, kind}] = out_.lanes.size();
  // Where arrows of this host begin and end.
  if (kind != LaneKind::application && kind != LaneKind::accumulator) main_lane_[host] = out_.lanes.size();
  out_.lanes.push_back({kind, host, std::move(name), std::move(note)});
}

std::optional<std::size_t> DiagramBuilder::lane(HostId host, LaneKind kind) const {
  const auto found = lanes_.find({host, kind});
  return found == lanes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> DiagramBuilder::lane(HostId host) const {
  const auto found = main_lane_.find(host);
  return found == main_lane_.end() ? std::nullopt : std::optional(found->second);
}

bool DiagramBuilder::in_subset(SimTime at, EventNumber event) const {
  return at >= out_.from && at <= out_.until && (!subset_.events || subset_.events->contains(event));
}

void DiagramBuilder::finish() {
  std::stable_sort(out_.marks.begin(), out_.marks.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
  std::stable_sort(out_.bars.begin(), out_.bars.end(), [](const Bar& a, const Bar& b) { return a.from < b.from; });
  std::erase_if(out_.idle, [this](const Idle& one) { return one.at < out_.from || one.at > out_.until; });
  std::stable_sort(out_.idle.begin(), out_.idle.end(), [](const Idle& a, const Idle& b) { return a.at < b.at; });
  drop_empty_lanes();
  const SimTime end = end_of_main_phase(run_).at;
  if (out_.until >= end && setup_.scenario.final_phase && !subset_.events)
    out_.left_out.push_back("the final phase from " + milliseconds(end.ns()) +
                            " ms on, in which every in-sync replica leads once and a witness reads");
  if (out_.from > SimTime{}) out_.left_out.push_back("what happened before " + milliseconds(out_.from.ns()) + " ms");
  if (out_.until < end) out_.left_out.push_back("what happened after " + milliseconds(out_.until.ns()) + " ms");
}

void DiagramBuilder::drop_empty_lanes() {
  std::vector<bool> used(out_.lanes.size(), false);
  for (const Arrow& arrow : out_.arrows) used[arrow.from] = used[arrow.to] = true;
  for (const Mark& mark : out_.marks) used[mark.lane] = true;
  for (const Bar& bar : out_.bars) used[bar.lane] = true;
  std::vector<std::size_t> moved(out_.lanes.size(), 0);
  std::vector<Lane> kept;
  for (std::size_t i = 0; i < out_.lanes.size(); ++i) {
    moved[i] = kept.size();
    const LaneKind kind = out_.lanes[i].kind;
    if (used[i] || kind == LaneKind::broker || kind == LaneKind::application) kept.push_back(out_.lanes[i]);
  }
  out_.lanes = std::move(kept);
  for (Arrow& arrow : out_.arrows) {
    arrow.from = moved[arrow.from];
    arrow.to = moved[arrow.to];
  }
  for (Mark& mark : out_.marks) mark.lane = moved[mark.lane];
  for (Bar& bar : out_.bars) bar.lane = moved[bar.lane];
}

PhaseEnd end_of_main_phase(const scenarios::Run& run) {
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    if (run.trace.at(i).kind == trace_kind(AppTrace::phase)) return {run.trace.at(i).at, i};
  }
  return {run.trace.stored() == 0 ? SimTime{} : run.trace.at(run.trace.stored() - 1).at, run.trace.stored()};
}

Diagram build_diagram(const scenarios::Run& run, const Subset& subset) {
  return DiagramBuilder{run, subset}.build();
}

}  // namespace linger::report
