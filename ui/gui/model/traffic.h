#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "scenarios/runner.h"
#include "ui/report/messages.h"

namespace linger::gui {

/// The messages of a run, read once, with the numbers by which a plan names them.
class Traffic {
 public:
  explicit Traffic(const scenarios::Run& run);

  const std::vector<report::Message>& messages() const { return all_.messages; }
  /// A message's number among those of its API, direction, sender and receiver that faults are held against, in the
  /// order in which that happens; nothing if it never comes to that.
  std::optional<std::int64_t> number_of(std::size_t message) const { return numbers_[message]; }

 private:
  report::Messages all_;
  std::vector<std::optional<std::int64_t>> numbers_;
};

/// Which directions between hosts are cut, at any moment.
class Cuts {
 public:
  explicit Cuts(const scenarios::Run& run);

  /// How many cuts hold from one host to another, after so many records of the trace: each needs its own healing.
  std::map<std::pair<std::int64_t, std::int64_t>, int> at(std::uint64_t records) const;

 private:
  struct Change {
    std::uint64_t record = 0;
    std::pair<std::int64_t, std::int64_t> direction;
    int by = 0;
  };
  std::vector<Change> changes_;
};

}  // namespace linger::gui
