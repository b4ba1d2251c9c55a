#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ui/gui/model/session.h"
#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/divergence.h"
#include "ui/report/layout.h"

namespace linger::gui {

/// A place of two plans that is not the same in both.
struct PlanDifference {
  std::string pointer;     ///< JSON Pointer into the scenario file
  std::string one, other;  ///< what stands there as JSON; empty: nothing
  friend bool operator==(const PlanDifference&, const PlanDifference&) = default;
};

/// Two runs on one time axis, and where they part. Holds on to both sessions.
class Comparison {
 public:
  Comparison(const Session& one, const Session& other);

  const Session& session(std::size_t side) const { return *sides_[side].session; }
  /// Without the hosts that only stand by: producers, and every broker that leads in one of the runs.
  const report::Diagram& diagram(std::size_t side) const { return sides_[side].diagram; }

  /// What the plans say otherwise, apart from what their authors expect.
  const std::vector<PlanDifference>& differences() const { return differences_; }
  const std::optional<report::Divergence>& outcome() const { return outcome_; }
  const std::optional<report::Divergence>& message() const { return message_; }
  /// What a side did there: which host, and what in the diagram's words; both empty where nothing more came.
  struct Words {
    std::string who, what;
  };
  const Words& outcome_words(std::size_t side) const { return sides_[side].outcome; }
  /// Whether this record (by its number in both runs) fares otherwise.
  bool fares_otherwise(scenarios::RecordIndex record) const;
  /// The records of both runs by their numbers: first those that fare otherwise, as they are what is looked for.
  const std::vector<scenarios::RecordIndex>& records() const { return records_; }
  std::size_t differing() const { return differing_; }

  /// The axis that both share; the last one is kept.
  std::shared_ptr<const report::Axis> axis(const report::AxisWindow& window) const;
  std::shared_ptr<const report::Scene> scene(std::size_t side, const report::AxisWindow& window,
                                             const report::WindowFrame& frame) const;

 private:
  struct Side {
    const Session* session = nullptr;
    report::Diagram diagram;
    report::Reach reach;
    Words outcome;
    mutable std::shared_ptr<const report::Scene> scene;
    mutable report::AxisWindow scene_axis;
    mutable report::WindowFrame scene_frame;
  };
  std::array<Side, 2> sides_;
  report::AxisPlan plan_;
  std::vector<PlanDifference> differences_;
  std::optional<report::Divergence> outcome_, message_;
  std::vector<scenarios::RecordIndex> records_;
  std::size_t differing_ = 0;
  mutable std::shared_ptr<const report::Axis> axis_;
  mutable report::AxisWindow axis_window_;
};

/// The places in which two plans differ: a value, or the largest part that only one of them has.
std::vector<PlanDifference> plan_differences(const scenarios::Scenario& one, const scenarios::Scenario& other);

/// The plan with one producer setting changed, for every producer.
scenarios::Scenario with_setting(scenarios::Scenario plan, const std::string& key, const std::string& value);

/// Settings whose other value teaches something about this plan: the other value of idempotence, of acks, …
std::vector<std::pair<std::string, std::string>> settings_to_try(const Session& session);

}  // namespace linger::gui
