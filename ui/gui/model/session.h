#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/ledger.h"
#include "scenarios/overrides.h"
#include "scenarios/scenario.h"
#include "sim/ids.h"
#include "sim/time.h"
#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/layout.h"

namespace linger::gui {
class Cuts;
struct Focus;
class RunSeries;
class Traffic;
}  // namespace linger::gui

// Views that look into these include their headers; those that only draw need not wait for them.
namespace linger::scenarios {
struct Explanation;
class EventGraph;
class JourneyReader;
class Runner;
class World;
struct Run;
}  // namespace linger::scenarios

namespace linger::gui {

/// A moment of a run: so many of its steps (Run::events) are over. `at` lies between the last of them and the next.
struct Cursor {
  sim::SimTime at;
  std::size_t steps = 0;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// What "next …" looks for.
enum class Landmark : std::uint8_t { retry, election, isr_change, error, verdict };
inline constexpr std::size_t landmark_count = 5;

/// A scenario that was run to its end, and every moment of it. Nothing of it changes: what views draw comes from the
/// trace (run(), diagram()) and from copies of the world (world_at).
class Session {
 public:
  /// Runs the plan twice: once with its trace, once for copies of the world. Requires a plan without mistakes. `file`
  /// is its name for the command that repeats it, with `words`, the options that changed it.
  Session(scenarios::Scenario scenario, std::string file, std::vector<std::string> words = {});
  // Readers of the run hold on to it.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  const scenarios::Run& run() const { return *run_; }
  const std::string& file() const { return file_; }
  const std::vector<std::string>& words() const { return words_; }

  /// What the time-space diagram shows: the main phase.
  const report::Diagram& diagram() const { return diagram_; }
  const report::Reach& reach() const { return reach_; }
  /// The axis of a window; the last one is kept.
  std::shared_ptr<const report::Axis> axis(const report::AxisWindow& window) const;
  /// What a window shows of the diagram on this axis; the last one is kept.
  std::shared_ptr<const report::Scene> scene(const report::AxisWindow& window, const report::WindowFrame& frame) const;
  const scenarios::EventGraph& graph() const { return *graph_; }
  const scenarios::JourneyReader& journeys() const { return *journeys_; }
  /// Why a record fared as it did, without runs that look for other ways; the last one is kept.
  std::shared_ptr<const scenarios::Explanation> explanation(scenarios::RecordIndex record) const;

  /// Where the diagram ends, and with it what the cursor can reach.
  sim::SimTime end() const { return end_.at; }
  Cursor first() const { return at(sim::SimTime{}); }
  Cursor last() const { return end_; }
  /// The moment at which everything up to and including `time` is over.
  Cursor at(sim::SimTime time) const;
  /// The moment right behind the step in which this event happened.
  Cursor behind(sim::EventNumber event) const;
  /// The index of the step in which this event happened; nothing for an event that never came.
  std::optional<std::size_t> step_of(sim::EventNumber event) const;
  /// Whether the diagram has an arrow, a mark or a bar that begins in this event.
  bool is_drawn(sim::EventNumber event) const;
  /// The event of the queue that happened last before the cursor.
  std::optional<sim::EventNumber> last_event(const Cursor& cursor) const;
  /// The record that a mark of the application stands for; nothing for other marks.
  std::optional<scenarios::RecordIndex> record_of(const report::Mark& mark) const;
  /// One step on or back; the same at the ends.
  Cursor step(const Cursor& from, int direction) const;
  /// The next or, with -1, previous landmark; nothing if there is none.
  std::optional<Cursor> seek(const Cursor& from, Landmark what, int direction) const;
  /// Trace records up to the cursor: [0, n).
  std::uint64_t records_until(const Cursor& cursor) const;

  /// The world as it was at this moment. The reference holds until the next call. What the run itself does (the phases)
  /// shows with the event that follows.
  const scenarios::World& world_at(const Cursor& cursor);

  /// What is plotted over time; made when it is first asked for.
  const RunSeries& series();
  /// The run's messages and the numbers that a plan gives them; read when first asked for.
  const Traffic& traffic();
  const Cuts& cuts() const { return *cuts_; }

  /// The partition with the most records, which is shown where nothing is selected.
  const std::optional<Focus>& busiest() const;
  /// How many records each sign has, in the order of report::verdict_signs.
  const std::array<std::int64_t, 10>& tally() const { return tally_; }
  /// The records with a sign; without one all. The last list is kept.
  std::shared_ptr<const std::vector<scenarios::RecordIndex>> records_with(std::optional<char> sign) const;

 private:
  struct Snapshot {
    std::uint64_t events = 0;
    std::unique_ptr<const scenarios::Runner> runner;
  };
  void take_snapshots();
  void find_landmarks();

  std::string file_;
  std::vector<std::string> words_;
  std::unique_ptr<const scenarios::Run> run_;
  report::Diagram diagram_;
  report::Reach reach_;
  report::AxisPlan axis_plan_;
  mutable std::shared_ptr<const report::Axis> axis_;
  mutable report::AxisWindow axis_window_;
  mutable std::shared_ptr<const report::Stacking> stacking_;  ///< on axis_
  mutable std::shared_ptr<const report::Scene> scene_;
  mutable report::AxisWindow scene_axis_;
  mutable report::WindowFrame scene_frame_;
  std::unique_ptr<scenarios::EventGraph> graph_;
  std::unique_ptr<scenarios::JourneyReader> journeys_;
  Cursor end_;
  std::vector<std::uint64_t> events_until_;  ///< by number of steps: how many of them were events of the queue
  std::vector<std::pair<std::uint64_t, std::size_t>> step_of_event_;  ///< event number and its step, sorted
  std::vector<std::uint64_t> drawn_;                                  ///< events in the diagram, sorted
  std::vector<std::vector<sim::SimTime>> landmarks_;                  ///< by Landmark, in order
  std::vector<Snapshot> snapshots_;                                   ///< by number of events; the first is the start
  std::unique_ptr<const RunSeries> series_;
  std::unique_ptr<const Traffic> traffic_;
  std::unique_ptr<const Cuts> cuts_;
  std::unique_ptr<const std::optional<Focus>> busiest_;
  std::array<std::int64_t, 10> tally_{};
  mutable std::optional<char> listed_sign_;
  mutable std::shared_ptr<const std::vector<scenarios::RecordIndex>> listed_;
  std::unique_ptr<scenarios::Runner> here_;  ///< what world_at gave last
  mutable std::shared_ptr<const scenarios::Explanation> explanation_;
};

/// A session, or the sentences that say what is wrong with the file. Without a file's name: one lost acknowledgement,
/// which a first start shows.
using Opened = std::variant<std::unique_ptr<Session>, std::string>;
Opened open_session(const std::string& file, const scenarios::Overrides& overrides = {},
                    std::vector<std::string> words = {});

}  // namespace linger::gui
