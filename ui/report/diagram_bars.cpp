// Bars: who leads, what is down, faults that last.
#include "ui/report/diagram_builder.h"

namespace linger::report {

using scenarios::AppTrace;
using scenarios::HostKind;
using scenarios::trace_kind;
using sim::HostId;
using sim::SimTime;
using sim::TraceRecord;

void DiagramBuilder::host_down(const TraceRecord& record, const std::string& word) {
  if (down_.contains(record.host)) return;
  down_[record.host] = {record.at, word, record.event};
  const LaneKind kind = kind_of(record.host) == HostKind::producer ? LaneKind::application : LaneKind::broker;
  add(record, kind, MarkKind::host, Tone::lost, word);
  for (auto& [where, since] : leading_) {
    if (where.first == record.host) stop_leading(where.first, where.second, record.at);
  }
  std::erase_if(leading_, [&](const auto& one) { return one.first.first == record.host; });
}

void DiagramBuilder::host_up(const TraceRecord& record, const std::string& word) {
  const auto since = down_.find(record.host);
  if (since == down_.end()) return;
  bar(since->first, since->second, record.at);
  down_.erase(since);
  const LaneKind kind = kind_of(record.host) == HostKind::producer ? LaneKind::application : LaneKind::broker;
  add(record, kind, MarkKind::host, Tone::quiet, word);
}

void DiagramBuilder::bar(HostId host, const Down& down, SimTime until) {
  const auto where = lane(host);
  if (where) add_bar({*where, BarKind::down, Tone::lost, down.at, until, name(host.value()) + " down", down.event});
}

void DiagramBuilder::fault(const TraceRecord& record) {
  const auto number = static_cast<std::size_t>(record.args[0]);
  const scenarios::Fault& planned = setup_.scenario.faults[number];
  const auto where = lane(sim::no_host, LaneKind::faults);
  if (!where) return;
  const bool begins = record.kind == trace_kind(AppTrace::fault_strikes);
  if (record.kind == trace_kind(AppTrace::fault_misses) || (begins && !lasts(planned))) {
    TraceRecord here = record;
    here.host = sim::no_host;
    add(here, LaneKind::faults, MarkKind::note, begins ? Tone::lost : Tone::quiet,
        (begins ? "" : "finds nothing: ") + action_in_words(planned), "");
  } else if (begins) {
    faults_[number] = {*where,    BarKind::fault,           Tone::lost,   record.at,
                       record.at, action_in_words(planned), record.event, record.args[0]};
  } else if (const auto open = faults_.find(number); open != faults_.end()) {
    open->second.until = record.at;
    add_bar(open->second);
    faults_.erase(open);
  }
}

void DiagramBuilder::begin_leading() {
  for (const scenarios::TopicSpec& topic : setup_.scenario.cluster.topics) {
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
      const std::vector<std::int32_t> replicas = scenarios::replicas_of(topic, number, setup_.scenario.cluster.brokers);
      broker::NodeMask isr = 0;
      for (const std::int32_t replica : replicas) isr |= broker::mask_of(NodeId{replica});
      const std::string name = topic.name + "-" + std::to_string(number);
      in_sync_[name] = static_cast<std::int64_t>(isr);
      if (!replicas.empty())
        leading_[{setup_.broker_host(static_cast<std::uint32_t>(replicas.front() - 1)), name}] = SimTime{};
    }
  }
}

void DiagramBuilder::stop_leading(HostId host, const std::string& partition, SimTime until) {
  const auto since = leading_.find({host, partition});
  const auto where = lane(host);
  if (since == leading_.end() || !where || partition.starts_with("__")) return;
  add_bar({*where, BarKind::leads, Tone::leadership, since->second, until, "leads " + partition, {}});
}

void DiagramBuilder::add_bar(Bar bar) {
  if (bar.until < out_.from || bar.from > out_.until) return;
  const bool always = bar.kind == BarKind::leads || bar.kind == BarKind::down || bar.kind == BarKind::fault;
  if (subset_.events && !always && !subset_.events->contains(bar.event)) return;
  bar.from = std::max(bar.from, out_.from);
  bar.until = std::min(bar.until, out_.until);
  out_.bars.push_back(std::move(bar));
}

void DiagramBuilder::close_bars() {
  for (const auto& [host, down] : down_) bar(host, down, out_.until);
  for (const auto& [where, since] : leading_) stop_leading(where.first, where.second, out_.until);
  for (auto& [number, open] : faults_) {
    open.until = out_.until;
    add_bar(open);
  }
  for (auto& [key, open] : batches_) {
    open.until = out_.until;
    add_bar(open);
  }
}

}  // namespace linger::report
