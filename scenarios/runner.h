#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/result.h"
#include "scenarios/scenario.h"
#include "scenarios/setup.h"
#include "scenarios/world.h"
#include "sim/trace.h"

namespace linger::scenarios {

struct RunOptions {
  /// Keep the trace: for stories and exports. Without it a run is several times as fast; its fingerprint is the same.
  bool keep_trace = false;
  /// Keep the bytes of messages beside the trace, for captures. Implies keep_trace.
  bool keep_frames = false;
  /// Keep what every event was and what led to it, beside the trace: for chains of causes. Implies keep_trace.
  bool keep_events = false;
  /// Look for known defects behind violations by running counterfactuals (see explain_violations).
  bool counterfactuals = true;
  /// Put the producers' metrics into the result. They are there in any case where the plan expects something of them.
  bool metrics = false;
  /// Asked now and then; true ends the run early with what there is.
  bool (*interrupted)() = nullptr;
};

/// One step of a run and what it wrote into the trace: the records from `first_record` up to the next step's.
struct RunEvent {
  sim::SimTime at;
  sim::EventNumber number;  ///< no_event: the run itself acts, at its start and in its final phase
  sim::EventNumber cause;   ///< the event that scheduled it, or that sent what it brings
  sim::HostId host = sim::no_host;
  std::uint64_t first_record = 0;
};

/// Everything that came of one run.
struct Run {
  RunResult result;
  sim::Trace trace{sim::Trace::Mode::off};
  std::shared_ptr<const Setup> setup;
  Ledger ledger;
  RunCounters counters;
  std::int64_t elections = 0;  ///< before the final phase
  std::vector<RunEvent> events;  ///< in their order; empty unless asked for
  std::vector<sim::TieChoice> ties;  ///< how simultaneous events were ordered, if not by number
  bool interrupted = false;
};

/// Runs a scenario to its end: the main phase (until the workload is done, its records are answered and the planned faults are over), then the final
/// phase (faults end, hosts restart, everything settles, each ISR member leads once, a witness reads everything), then the judgement.
/// Requires a scenario in which the reader found no mistake.
Run run_scenario(Scenario scenario, const RunOptions& options = {});
Run run_scenario(std::shared_ptr<const Setup> setup, const RunOptions& options = {});

/// The main phase's and the final phase's steps, one call each, for those who want to stop in between (copies of the world, windows).
class Runner {
 public:
  explicit Runner(std::shared_ptr<const Setup> setup, sim::Trace::Mode mode = sim::Trace::Mode::off);

  World& world() { return world_; }
  const World& world() const { return world_; }
  /// Keeps the producers' metrics as they are when the workload is over. Requires: before the first step.
  void keep_metrics() { wants_metrics_ = true; }
  sim::Trace& trace() { return trace_; }
  /// World::add_faults, during the main phase.
  void add_faults(std::shared_ptr<const Setup> with, std::int64_t counted);

  /// One event or one step of the final phase. False when everything is over.
  bool step();
  void run_to_end() {
    while (step()) {
    }
  }
  bool in_final_phase() const { return phase_ != Phase::workload; }
  /// Elections of partition leaders before the final phase began.
  std::int64_t elections() const { return in_final_phase() ? main_elections_ : world_.ghost().elections(); }
  /// Collects evidence and judges. Requires: step() gave false, or a run that is broken off.
  RunResult judge() const;

 private:
  enum class Phase : std::uint8_t { workload, settle, full_isr, elect, replicate, preferred, replicate_last, witness, over };
  struct Place {
    std::int32_t topic;
    std::int32_t partition;
  };

  bool main_phase_over() const;
  std::vector<std::vector<Metric>> metrics_now() const;
  void enter(Phase phase, sim::Duration at_most);
  bool advance_phase();
  bool isr_is_full() const;
  bool replicated() const;
  bool elect_next();
  bool transactions_decided() const;
  const broker::Partition* leader_of(const broker::TopicImage& topic, std::size_t number) const;
  bool witness_done() const;
  sim::SimTime last_plan() const;
  sim::SimTime horizon() const;

  World world_;
  sim::Trace trace_;
  Phase phase_ = Phase::workload;
  sim::SimTime phase_began_;
  sim::SimTime phase_ends_;
  sim::SimTime horizon_;
  std::vector<std::pair<Place, std::int32_t>> elections_;  ///< still to hold: partition and broker
  bool healed_ = false;
  std::int64_t main_elections_ = 0;
  bool wants_metrics_ = false;
  std::vector<std::vector<Metric>> metrics_;  ///< by producer, once the workload is over
};

/// Whether known defects explain the violations: with the fewest rules corrected that make the same plan clean, those rules do. Moves what is explained
/// from `violations` to `known_defects`. `counters`: of the same run.
void explain_violations(const Setup& setup, const RunCounters& counters, RunResult& result);

}  // namespace linger::scenarios
