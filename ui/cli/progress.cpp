#include "ui/cli/progress.h"

#include <algorithm>
#include <ostream>

namespace linger::cli {

Progress::Progress(std::ostream& err, bool shown, std::int64_t runs)
    : err_(err), shown_(shown), runs_(static_cast<std::uint64_t>(std::max<std::int64_t>(runs, 1))), begin_(Clock::now()), last_(begin_) {}

void Progress::show(std::uint64_t done, const std::string& remark) {
  if (!shown_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  constexpr std::uint64_t width = 24;
  const std::uint64_t filled = std::min(width, done * width / runs_);
  const std::string rate = std::to_string(static_cast<std::uint64_t>(static_cast<double>(done) / seconds(now)));
  err_ << "\r  [" << std::string(filled, '#') << std::string(width - filled, ' ') << "] " << done << " of " << runs_ << " runs, " << rate
       << " a second, " << remark << " \x1b[K" << std::flush;
  written_ = true;
}

void Progress::clear() {
  if (written_) err_ << "\r\x1b[K" << std::flush;
  written_ = false;
}

void Progress::finish(std::uint64_t done) {
  if (!shown_) return;
  clear();
  const double time = seconds(Clock::now());
  err_ << done << " runs in " << static_cast<std::int64_t>(time) << " s, " << static_cast<std::int64_t>(static_cast<double>(done) / time)
       << " a second\n";
}

double Progress::seconds(Clock::time_point now) const { return std::max(1e-3, std::chrono::duration<double>(now - begin_).count()); }

}  // namespace linger::cli
