#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "ui/gui/model/lab_theory.h"

namespace linger::scenarios {
class Runner;
struct Setup;
}  // namespace linger::scenarios

namespace linger::gui {

/// The setting that a sweep changes.
enum class LabSetting : std::uint8_t { retries, loss_rate, batch_size, linger_ms, max_in_flight, acks };
inline constexpr std::size_t lab_setting_count = 6;

/// What is plotted against it.
enum class LabOutcome : std::uint8_t { shares, throughput, records_per_request };
LabOutcome outcome_of(LabSetting setting);

/// The values that a setting can take in the lab, in order. acks=all is -1.
std::span<const double> lab_values(LabSetting setting);
/// "retries", "batch.size", …: as Kafka writes it; "loss rate" is the network's.
std::string_view lab_name(LabSetting setting);
/// "16 384", "20 %", "all".
std::string lab_value_words(LabSetting setting, double value);

/// What the viewer chose: a setting, and a range of its values by their indices, both included.
struct LabChoice {
  LabSetting setting = LabSetting::retries;
  std::size_t first = 0, last = 0;
  friend bool operator==(const LabChoice&, const LabChoice&) = default;
};
/// The whole range.
LabChoice whole_range(LabSetting setting);

/// "batch.size", or of a part of its range "batch.size=1024..65536": a word of a command.
std::string lab_choice_words(const LabChoice& choice);
/// The other way round; nothing where no setting is called so, or it has no such values, or they are not in order.
std::optional<LabChoice> parse_lab_choice(const std::string& words);

/// What all runs of a lab share, apart from the setting that is swept.
inline constexpr double lab_loss = 0.2;
inline constexpr int lab_retries = 2;
inline constexpr double lab_linger_records = 16;  ///< that fit into a batch where linger.ms is swept
inline constexpr double lab_linger_rate = 1;      ///< records a millisecond there

/// The plan of one run: `run` counts from 0 and gives other draws. It passes check_scenario.
scenarios::Scenario lab_scenario(LabSetting setting, double value, int run);
/// Runs for each value.
int lab_runs(LabSetting setting);
/// What the lab's runs have for these values, to ask the theory.
Pipe lab_pipe(LabSetting setting, double value);

/// What the runs with one value gave.
struct LabPoint {
  double value = 0;
  int runs = 0;
  std::int64_t records = 0, failed_absent = 0, failed_present = 0, duplicated = 0;
  std::int64_t acked = 0, requests = 0;
  double seconds = 0;        ///< from the first answer of a run to its last, added up
  std::int64_t in_time = 0;  ///< records that were answered in that time

  double share(std::int64_t count) const;
  double throughput() const;
  double records_per_request() const;
};

/// A sweep that whoever has time carries on bit by bit: what comes out does not depend on how it is cut.
class LabSweep {
 public:
  explicit LabSweep(const LabChoice& choice);
  ~LabSweep();
  LabSweep(const LabSweep&) = delete;
  LabSweep& operator=(const LabSweep&) = delete;

  const LabChoice& choice() const { return choice_; }
  /// Carries on by so many events of the simulation.
  void advance(std::uint64_t events);
  void finish() {
    while (!done()) advance(1'000'000);
  }
  bool done() const { return next_ == total(); }
  /// Runs that are over, and all of them.
  std::size_t finished() const { return next_; }
  std::size_t total() const { return points_.size() * static_cast<std::size_t>(lab_runs(choice_.setting)); }
  /// One for each value of the range; those that have no run yet have runs = 0.
  const std::vector<LabPoint>& points() const { return points_; }

 private:
  LabPoint& point() { return points_[next_ / static_cast<std::size_t>(lab_runs(choice_.setting))]; }
  void begin_run();
  void end_run();

  LabChoice choice_;
  std::vector<LabPoint> points_;
  std::size_t next_ = 0;  ///< the run that is under way, or comes next
  std::unique_ptr<scenarios::Runner> runner_;
};

}  // namespace linger::gui
