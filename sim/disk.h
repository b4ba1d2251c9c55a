#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/ids.h"
#include "sim/time.h"

namespace linger::sim {

/// A file on one disk: a small number that its owner chooses, from 0 and dense.
using FileId = Id<struct FileIdTag, std::uint32_t>;

enum class DiskError : std::uint8_t { none, full, io };
const char* describe(DiskError error);

/// How an operation ended and when: the caller sees the result at `done`.
struct DiskResult {
  DiskError error = DiskError::none;
  SimTime done;
  friend constexpr bool operator==(const DiskResult&, const DiskResult&) = default;
};

/// How long things take. An append goes to the page cache and costs the processor's copy; a flush waits for the device.
struct DiskSpeed {
  Duration append = Duration::us(5);
  Duration flush = Duration::ms(2);
  std::int64_t bytes_per_second = 500'000'000;  ///< of the device, for what a flush writes; 0: no limit
  friend constexpr bool operator==(const DiskSpeed&, const DiskSpeed&) = default;
};

/// A disk with its page cache in front: what was appended and what of it was flushed are apart, so that a power loss
/// (everything unflushed is gone) differs from a process crash (nothing is). Lengths are bytes, or whatever unit the
/// owner counts in. A value.
///
/// Nothing is written back behind the owner's back: Linux would do so after about 30 s (vm.dirty_expire_centisecs),
/// Kafka does not rely on it.
class Disk {
 public:
  explicit Disk(const DiskSpeed& speed = DiskSpeed{}) : speed_(speed) {}

  /// Adds `length` at the end. On an error nothing was added.
  DiskResult append(FileId file, std::int64_t length, SimTime now);
  /// Everything appended so far becomes durable at `done`. It counts as durable at once: who needs the difference
  /// schedules the flush's end and calls then. On an error it stays in the page cache only.
  DiskResult flush(FileId file, SimTime now);
  /// Cuts the file to `length` if it is longer, durable or not. Truncation is durable at once.
  void truncate(FileId file, std::int64_t length);
  /// An empty disk: every file is gone.
  void wipe();
  /// Everything that was not flushed is gone. What remains: appended_end() of each file.
  void lose_power();

  /// End of what a reader sees; 0 for a file that was never written.
  std::int64_t appended_end(FileId file) const;
  /// End of what a power loss leaves. flushed_end <= appended_end.
  std::int64_t flushed_end(FileId file) const;
  std::int64_t used() const { return used_; }

  // Faults.
  /// Everything takes this many hundredths of its time: 100 is normal, 1000 ten times as long. Requires percent > 0.
  void set_slowness(std::int64_t percent);
  /// Appends that would go beyond this many bytes in all fail with `full`; nothing: no limit.
  void set_capacity(std::optional<std::int64_t> capacity) { capacity_ = capacity; }
  /// The n-th append from now on (1 = the next) fails with `io`; 0: none.
  void fail_append(std::uint64_t n) { fail_append_in_ = n; }
  /// Appends and flushes fail with `io` before this moment.
  void fail_until(SimTime end) { fail_until_ = end; }
  /// Flushes fail with `io` before this moment; appends do not.
  void fail_flushes_until(SimTime end) { fail_flushes_until_ = end; }

  friend bool operator==(const Disk&, const Disk&) = default;

 private:
  struct File {
    std::int64_t appended_end = 0;
    std::int64_t flushed_end = 0;
    friend bool operator==(const File&, const File&) = default;
  };
  Duration scaled(Duration time) const;
  SimTime occupy(Duration time, SimTime now);

  DiskSpeed speed_;
  std::vector<File> files_;
  std::int64_t used_ = 0;
  std::int64_t slowness_percent_ = 100;
  std::optional<std::int64_t> capacity_;
  std::uint64_t fail_append_in_ = 0;
  SimTime fail_until_;
  SimTime fail_flushes_until_;
  SimTime busy_until_;
};

}  // namespace linger::sim
