#include "ui/gui/model/traffic.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::gui {
namespace {

using MessageName = std::array<std::int64_t, 4>;

MessageName name_of(const report::Messages& all, const report::Message& message) {
  const std::int64_t answer = message.answer ? 1 : 0;
  return {all.wires[message.wire].serial, answer, 2 * static_cast<std::int64_t>(message.api) + answer, message.ordinal};
}

}  // namespace

Traffic::Traffic(const scenarios::Run& run)
    : all_(report::read_messages(run.trace)), numbers_(all_.messages.size(), std::nullopt) {
  // Of those that a fault strikes the trace says when; the others are judged as they arrive.
  std::map<MessageName, std::uint64_t> struck;
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    if (record.kind == scenarios::trace_kind(scenarios::AppTrace::fault_hits))
      struck.try_emplace({record.args[1], record.args[2], record.args[3], record.args[4]}, i);
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> judged;  // where in the trace, which message
  for (std::size_t i = 0; i < all_.messages.size(); ++i) {
    const report::Message& message = all_.messages[i];
    const auto hit = struck.find(name_of(all_, message));
    if (hit != struck.end())
      judged.emplace_back(hit->second, i);
    else if (message.arrived_record)
      judged.emplace_back(*message.arrived_record, i);
  }
  std::sort(judged.begin(), judged.end());
  std::map<std::tuple<ApiKey, bool, sim::HostId, sim::HostId>, std::int64_t> so_far;
  for (const auto& [record, i] : judged) {
    const report::Message& message = all_.messages[i];
    numbers_[i] = ++so_far[{message.api, message.answer, message.from, message.to}];
  }
}

Cuts::Cuts(const scenarios::Run& run) {
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    const bool cut = record.kind == sim::trace_kind(sim::SimTrace::cut);
    if (cut || record.kind == sim::trace_kind(sim::SimTrace::healed))
      changes_.push_back({i, {record.args[0], record.args[1]}, cut ? 1 : -1});
  }
}

std::map<std::pair<std::int64_t, std::int64_t>, int> Cuts::at(std::uint64_t records) const {
  std::map<std::pair<std::int64_t, std::int64_t>, int> cuts;
  for (const Change& change : changes_) {
    if (change.record >= records) break;
    cuts[change.direction] += change.by;
  }
  return cuts;
}

}  // namespace linger::gui
