#include "ui/gui/model/session.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/event_graph.h"
#include "scenarios/explanation.h"
#include "scenarios/record_journey.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/trace_kinds.h"
#include "ui/gui/model/first_scenario.h"
#include "ui/gui/model/focus.h"
#include "ui/gui/model/ledger_rows.h"
#include "ui/gui/model/series.h"
#include "ui/gui/model/traffic.h"
#include "ui/report/verdict_sign.h"

namespace linger::gui {

using sim::SimTime;

namespace {

/// More copies cost memory, fewer cost time when the cursor jumps.
constexpr std::size_t most_snapshots = 64;
constexpr std::uint64_t first_distance = 64;

scenarios::Run run_for_window(scenarios::Scenario scenario) {
  scenarios::RunOptions options;
  options.keep_frames = true;
  options.keep_events = true;
  options.metrics = true;
  return scenarios::run_scenario(std::move(scenario), options);
}

/// The one place that copies worlds: each place costs the compiler much.
std::unique_ptr<scenarios::Runner> copy_of(const scenarios::Runner& runner) {
  return std::make_unique<scenarios::Runner>(runner);
}

}  // namespace

Session::Session(scenarios::Scenario scenario, std::string file, std::vector<std::string> words)
    : file_(std::move(file)),
      words_(std::move(words)),
      run_(std::make_unique<const scenarios::Run>(run_for_window(std::move(scenario)))),
      diagram_(report::build_diagram(*run_)),
      reach_(report::reach_of(diagram_)),
      axis_plan_(report::plan_axis(diagram_)),
      graph_(std::make_unique<scenarios::EventGraph>(*run_)),
      journeys_(std::make_unique<scenarios::JourneyReader>(*run_)) {
  std::uint64_t events = 0;
  events_until_.push_back(0);
  for (std::size_t i = 0; i < run_->events.size(); ++i) {
    if (run_->events[i].number != sim::no_event) {
      ++events;
      step_of_event_.emplace_back(run_->events[i].number.value(), i);
    }
    events_until_.push_back(events);
  }
  std::sort(step_of_event_.begin(), step_of_event_.end());
  end_ = at(report::end_of_main_phase(*run_).at);
  cuts_ = std::make_unique<const Cuts>(*run_);
  busiest_ = std::make_unique<const std::optional<Focus>>(busiest_of(*run_));
  tally_ = report::tally(run_->result);
  find_landmarks();
  take_snapshots();
}

Session::~Session() = default;

std::shared_ptr<const report::Axis> Session::axis(const report::AxisWindow& window) const {
  if (axis_ == nullptr || !(axis_window_ == window)) {
    axis_ = std::make_shared<const report::Axis>(report::window_axis(axis_plan_, window));
    axis_window_ = window;
    stacking_ = nullptr;
  }
  return axis_;
}

std::shared_ptr<const report::Scene> Session::scene(const report::AxisWindow& window,
                                                    const report::WindowFrame& frame) const {
  if (scene_ == nullptr || !(scene_axis_ == window) || !(scene_frame_ == frame)) {
    const auto on = axis(window);
    if (stacking_ == nullptr) stacking_ = report::stack_bars(diagram_, reach_, *on);
    scene_ =
        std::make_shared<const report::Scene>(report::lay_out_window(diagram_, reach_, *on, frame, stacking_.get()));
    scene_axis_ = window;
    scene_frame_ = frame;
  }
  return scene_;
}

const std::optional<Focus>& Session::busiest() const {
  return *busiest_;
}

std::shared_ptr<const std::vector<scenarios::RecordIndex>> Session::records_with(std::optional<char> sign) const {
  if (listed_ == nullptr || listed_sign_ != sign) {
    listed_ = std::make_shared<const std::vector<scenarios::RecordIndex>>(gui::records_with(*run_, sign));
    listed_sign_ = sign;
  }
  return listed_;
}

std::shared_ptr<const scenarios::Explanation> Session::explanation(scenarios::RecordIndex record) const {
  if (explanation_ == nullptr || explanation_->record != record) {
    scenarios::ExplainOptions options;
    options.faults = false;
    options.preventions = false;
    explanation_ = std::make_shared<const scenarios::Explanation>(scenarios::explain_record(*run_, record, options));
  }
  return explanation_;
}

Cursor Session::at(SimTime time) const {
  const auto next = std::upper_bound(run_->events.begin(), run_->events.end(), time,
                                     [](SimTime t, const scenarios::RunEvent& event) { return t < event.at; });
  return {time, static_cast<std::size_t>(next - run_->events.begin())};
}

std::optional<std::size_t> Session::step_of(sim::EventNumber event) const {
  const auto found =
      std::lower_bound(step_of_event_.begin(), step_of_event_.end(), std::pair{event.value(), std::size_t{0}});
  if (found == step_of_event_.end() || found->first != event.value()) return std::nullopt;
  return found->second;
}

bool Session::is_drawn(sim::EventNumber event) const {
  return std::binary_search(drawn_.begin(), drawn_.end(), event.value());
}

std::optional<sim::EventNumber> Session::last_event(const Cursor& cursor) const {
  for (std::size_t i = std::min(cursor.steps, run_->events.size()); i > 0; --i) {
    if (run_->events[i - 1].number != sim::no_event) return run_->events[i - 1].number;
  }
  return std::nullopt;
}

std::optional<scenarios::RecordIndex> Session::record_of(const report::Mark& mark) const {
  if (mark.number < 0) return std::nullopt;
  return static_cast<scenarios::RecordIndex>(run_->trace.at(mark.record).args[0]);
}

Cursor Session::behind(sim::EventNumber event) const {
  const auto step = step_of(event);
  return step ? Cursor{run_->events[*step].at, *step + 1} : first();
}

Cursor Session::step(const Cursor& from, int direction) const {
  if (direction > 0) {
    if (from.steps >= end_.steps || from.steps >= run_->events.size()) return end_;
    return {run_->events[from.steps].at, from.steps + 1};
  }
  // Of two steps at one time the cursor stands behind the earlier one.
  if (from.steps <= 1) return {SimTime{}, std::min<std::size_t>(1, run_->events.size())};
  if (run_->events[from.steps - 1].at < from.at) return {run_->events[from.steps - 1].at, from.steps};
  return {run_->events[from.steps - 2].at, from.steps - 1};
}

std::optional<Cursor> Session::seek(const Cursor& from, Landmark what, int direction) const {
  const std::vector<SimTime>& times = landmarks_[static_cast<std::size_t>(what)];
  if (direction > 0) {
    const auto next = std::upper_bound(times.begin(), times.end(), from.at);
    if (next == times.end()) return std::nullopt;
    return at(*next);
  }
  const auto previous = std::lower_bound(times.begin(), times.end(), from.at);
  if (previous == times.begin()) return std::nullopt;
  return at(*std::prev(previous));
}

std::uint64_t Session::records_until(const Cursor& cursor) const {
  return cursor.steps < run_->events.size() ? run_->events[cursor.steps].first_record : run_->trace.stored();
}

void Session::find_landmarks() {
  landmarks_.resize(landmark_count);
  const auto note = [this](Landmark what, SimTime at) { landmarks_[static_cast<std::size_t>(what)].push_back(at); };
  const std::uint16_t isr = scenarios::trace_kind(broker::Observation::Kind::isr_committed);
  for (const report::Bar& bar : diagram_.bars) {
    if (bar.kind == report::BarKind::queued_again) note(Landmark::retry, bar.from);
  }
  for (const report::Arrow& arrow : diagram_.arrows) {
    if (arrow.tone == report::Tone::lost) note(Landmark::error, arrow.ended_at);
  }
  for (const report::Mark& mark : diagram_.marks) {
    if (mark.kind == report::MarkKind::elected)
      note(run_->trace.at(mark.record).kind == isr ? Landmark::isr_change : Landmark::election, mark.at);
    if (mark.tone == report::Tone::lost) note(Landmark::error, mark.at);
    if (mark.kind == report::MarkKind::acked || mark.kind == report::MarkKind::failed ||
        mark.kind == report::MarkKind::refused)
      note(Landmark::verdict, mark.at);
  }
  for (const report::Bar& bar : diagram_.bars) drawn_.push_back(bar.event.value());
  for (const report::Arrow& arrow : diagram_.arrows) drawn_.push_back(arrow.event.value());
  for (const report::Mark& mark : diagram_.marks) drawn_.push_back(mark.event.value());
  std::sort(drawn_.begin(), drawn_.end());
  for (std::vector<SimTime>& times : landmarks_) {
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
  }
}

void Session::take_snapshots() {
  // The trace of the first run is there: this one needs none, and a copy without it is small.
  scenarios::Runner runner{run_->setup, sim::Trace::Mode::off};
  std::uint64_t distance = first_distance;
  snapshots_.push_back({0, copy_of(runner)});
  while (runner.step()) {
    const std::uint64_t events = runner.world().counters().events;
    if (events < snapshots_.back().events + distance) continue;
    if (snapshots_.size() == most_snapshots) {
      // Every second one goes; the first stays.
      for (std::size_t i = 1; 2 * i < snapshots_.size(); ++i) snapshots_[i] = std::move(snapshots_[2 * i]);
      snapshots_.erase(snapshots_.begin() + most_snapshots / 2, snapshots_.end());
      distance *= 2;
      if (events < snapshots_.back().events + distance) continue;
    }
    snapshots_.push_back({events, copy_of(runner)});
  }
}

const scenarios::World& Session::world_at(const Cursor& cursor) {
  const std::uint64_t wanted = events_until_[std::min(cursor.steps, events_until_.size() - 1)];
  const auto behind = std::upper_bound(snapshots_.begin(), snapshots_.end(), wanted,
                                       [](std::uint64_t n, const Snapshot& one) { return n < one.events; });
  const Snapshot& nearest = *std::prev(behind);
  const auto events_of = [](const scenarios::Runner& runner) { return runner.world().counters().events; };
  if (here_ == nullptr || events_of(*here_) > wanted || events_of(*here_) < nearest.events)
    here_ = copy_of(*nearest.runner);
  while (events_of(*here_) < wanted && here_->step()) {
  }
  return here_->world();
}

const RunSeries& Session::series() {
  if (series_ == nullptr) series_ = std::make_unique<const RunSeries>(*this);
  return *series_;
}

const Traffic& Session::traffic() {
  if (traffic_ == nullptr) traffic_ = std::make_unique<const Traffic>(*run_);
  return *traffic_;
}

Opened open_session(const std::string& file, const scenarios::Overrides& overrides, std::vector<std::string> words) {
  scenarios::ReadResult read = file.empty() ? scenarios::read_scenario(first_scenario, overrides)
                                            : scenarios::read_scenario_file(file, overrides);
  if (!read.ok()) return scenarios::describe_mistakes(file.empty() ? "lost-ack.json" : file, read.mistakes);
  return std::make_unique<Session>(std::move(*read.scenario), file, std::move(words));
}

}  // namespace linger::gui
