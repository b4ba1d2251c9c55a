#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"

namespace linger::gui {

/// The partition, and the producer that writes to it, that panels with room for one of each tell about.
struct Focus {
  std::uint32_t producer = 0;
  std::uint32_t topic = 0;  ///< index into Setup::topics
  std::int32_t partition = 0;
  std::string name;  ///< "orders-0"
  friend bool operator==(const Focus&, const Focus&) = default;
};

/// The partition with the most records; nothing where no topic has a partition.
std::optional<Focus> busiest_of(const scenarios::Run& run);

/// What the selection is about; without one, or where it names no partition, the partition with the most records.
/// Nothing where no topic has a partition or there is no producer.
std::optional<Focus> focus_of(const Session& session, const Selection& selection);

/// The event that is meant: the selected one, else the last that happened to the selected record.
std::optional<sim::EventNumber> selected_event(const Session& session, const Selection& selection);

}  // namespace linger::gui
