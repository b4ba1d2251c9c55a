#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace linger::cli {

/// One line on the terminal that is written over and over: how far many runs are. Without a terminal it says nothing. The clock decides only how often the
/// line changes.
class Progress {
 public:
  Progress(std::ostream& err, bool shown, std::int64_t runs);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `remark` stands behind the rate: "2 failing".
  void show(std::uint64_t done, const std::string& remark);
  /// Takes the line away.
  void clear();
  /// Takes the line away and says how many runs it were and how long they took.
  void finish(std::uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  double seconds(Clock::time_point now) const;

  std::ostream& err_;
  bool shown_;
  std::uint64_t runs_;
  Clock::time_point begin_;
  Clock::time_point last_;
  bool written_ = false;
};

}  // namespace linger::cli
