#include "ui/gui/model/focus.h"

#include <charconv>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"

namespace linger::gui {
namespace {

using scenarios::HostKind;
using scenarios::Run;

struct Place {
  std::uint32_t topic = 0;
  std::int32_t partition = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

/// "orders-0" taken apart, if there is such a topic.
std::optional<Place> place_of(const Run& run, std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(dash + 1);
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const auto& topics = run.setup->topics;
  for (std::uint32_t i = 0; i < topics.size(); ++i) {
    if (topics[i] == text.substr(0, dash)) return Place{i, number};
  }
  return std::nullopt;
}

Focus focus_on(const Run& run, std::uint32_t producer, Place place) {
  return {producer, place.topic, place.partition,
          run.setup->topics[place.topic] + "-" + std::to_string(place.partition)};
}

std::optional<Place> place_of_record(const Run& run, scenarios::RecordIndex record) {
  const scenarios::LedgerRecord& entry = run.ledger.records[record];
  const std::int32_t fate = record < run.result.fates.size() ? run.result.fates[record].partition : -1;
  const std::int32_t partition = fate >= 0 ? fate : entry.partition;
  if (partition < 0) return std::nullopt;
  return Place{entry.topic, partition};
}

}  // namespace

std::optional<Focus> busiest_of(const Run& run) {
  struct Count {
    Place place;
    std::uint32_t producer = 0;
    std::size_t records = 0;
  };
  std::vector<Count> counts;
  std::size_t last = 0;
  for (scenarios::RecordIndex i = 0; i < run.ledger.records.size(); ++i) {
    const auto place = place_of_record(run, i);
    if (!place) continue;
    if (last >= counts.size() || !(counts[last].place == *place)) {
      for (last = 0; last < counts.size() && !(counts[last].place == *place); ++last) {
      }
      if (last == counts.size()) counts.push_back({*place, run.ledger.records[i].producer, 0});
    }
    ++counts[last].records;
  }
  const Count* most = nullptr;
  for (const Count& one : counts) {
    if (most == nullptr || one.records > most->records) most = &one;
  }
  if (most != nullptr) return focus_on(run, most->producer, most->place);
  if (run.setup->topics.empty()) return std::nullopt;
  return focus_on(run, 0, {0, 0});
}

namespace {

/// What the trace records of an event name.
std::optional<Focus> focus_of_event(const Session& session, sim::EventNumber event, const Focus& otherwise) {
  const Run& run = session.run();
  const auto step = session.step_of(event);
  if (!step) return std::nullopt;
  const std::uint64_t end = *step + 1 < run.events.size() ? run.events[*step + 1].first_record : run.trace.stored();
  std::optional<Place> place;
  std::optional<std::uint32_t> producer;
  for (std::uint64_t i = run.events[*step].first_record; i < end; ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    if (!place) place = place_of(run, run.trace.text(record.text));
    if (!producer && record.host != sim::no_host) {
      const scenarios::HostRole role = run.setup->roles[record.host.value()];
      if (role.kind == HostKind::producer) producer = role.index;
    }
  }
  if (!place && !producer) return std::nullopt;
  return focus_on(run, producer.value_or(otherwise.producer),
                  place.value_or(Place{otherwise.topic, otherwise.partition}));
}

}  // namespace

std::optional<Focus> focus_of(const Session& session, const Selection& selection) {
  const Run& run = session.run();
  if (run.setup->producers.empty()) return std::nullopt;
  const std::optional<Focus>& most = session.busiest();
  if (!most) return std::nullopt;
  if (selection.record && *selection.record < run.ledger.records.size()) {
    const std::uint32_t producer = run.ledger.records[*selection.record].producer;
    const auto place = place_of_record(run, *selection.record);
    return focus_on(run, producer, place.value_or(Place{most->topic, most->partition}));
  }
  if (selection.event) {
    if (const auto found = focus_of_event(session, *selection.event, *most)) return found;
  }
  return most;
}

std::optional<sim::EventNumber> selected_event(const Session& session, const Selection& selection) {
  if (selection.event) return selection.event;
  if (!selection.record || *selection.record >= session.run().ledger.records.size()) return std::nullopt;
  const scenarios::LedgerRecord& entry = session.run().ledger.records[*selection.record];
  if (entry.told == scenarios::Told::nothing) return std::nullopt;
  return entry.told_by;
}

}  // namespace linger::gui
