#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace linger::broker {

/// One leader's time: the first offset that was written in it.
struct EpochEntry {
  std::int32_t epoch = 0;
  std::int64_t start = 0;
  friend bool operator==(const EpochEntry&, const EpochEntry&) = default;
};

/// Answer to "where did this epoch end?"; both -1 when nothing is known.
struct EpochEnd {
  std::int32_t epoch = -1;
  std::int64_t end = -1;
  bool known() const { return end >= 0; }
  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

/// Which offsets of a log were written under which leader epoch (Kafka: LeaderEpochFileCache, KIP-101 and KIP-279).
/// Epochs and start offsets grow strictly together. An epoch stays even when nothing was written in it: a follower may
/// ask for it.
class EpochCache {
 public:
  /// Notes that `epoch` begins at `start`. Entries that contradict it are dropped; an epoch that is known already is
  /// left alone.
  void assign(std::int32_t epoch, std::int64_t start);

  /// The largest epoch that is at most `epoch`, and where it ended: the start of the next one, or `log_end` for the
  /// newest. An epoch below all known ones answers itself with the first known start, as Kafka does.
  EpochEnd end_offset_for(std::int32_t epoch, std::int64_t log_end) const;

  /// The epoch under which `offset` was written.
  std::optional<std::int32_t> epoch_for(std::int64_t offset) const;
  std::optional<std::int32_t> latest() const;

  /// Drops what begins at or after `log_end`.
  void truncate_from_end(std::int64_t log_end);
  /// Drops what ended before `log_start`; the epoch in which `log_start` lies begins there.
  void truncate_from_start(std::int64_t log_start);
  void clear() { entries_.clear(); }

  const std::vector<EpochEntry>& entries() const { return entries_; }
  friend bool operator==(const EpochCache&, const EpochCache&) = default;

 private:
  std::vector<EpochEntry> entries_;
};

}  // namespace linger::broker
