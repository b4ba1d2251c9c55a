#include "sim/disk.h"

#include <algorithm>
#include <cassert>

namespace linger::sim {

const char* describe(DiskError error) {
  switch (error) {
    case DiskError::none:
      return "none";
    case DiskError::full:
      return "disk full";
    case DiskError::io:
      return "input/output error";
  }
  assert(false);
  return "";
}

Duration Disk::scaled(Duration time) const {
  return slowness_percent_ == 100 ? time : time * slowness_percent_ / 100;
}

// The device does one thing after the other.
SimTime Disk::occupy(Duration time, SimTime now) {
  busy_until_ = std::max(busy_until_, now) + time;
  return busy_until_;
}

DiskResult Disk::append(FileId file, std::int64_t length, SimTime now) {
  assert(length >= 0);
  const SimTime done = now + scaled(speed_.append);
  const bool hit = fail_append_in_ != 0 && --fail_append_in_ == 0;
  if (hit || now < fail_until_) return {DiskError::io, done};
  if (capacity_.has_value() && length > *capacity_ - used_) return {DiskError::full, done};
  if (files_.size() <= file.value()) files_.resize(std::size_t{file.value()} + 1);
  files_[file.value()].appended_end += length;
  used_ += length;
  return {DiskError::none, done};
}

DiskResult Disk::flush(FileId file, SimTime now) {
  const std::int64_t dirty = appended_end(file) - flushed_end(file);
  const Duration transfer = time_for(dirty, speed_.bytes_per_second);
  const SimTime done = occupy(scaled(speed_.flush + transfer), now);
  if (now < fail_until_ || now < fail_flushes_until_) return {DiskError::io, done};
  if (dirty > 0) files_[file.value()].flushed_end = files_[file.value()].appended_end;
  return {DiskError::none, done};
}

void Disk::truncate(FileId file, std::int64_t length) {
  assert(length >= 0);
  if (appended_end(file) <= length) return;
  File& cut = files_[file.value()];
  used_ -= cut.appended_end - length;
  cut.appended_end = length;
  cut.flushed_end = std::min(cut.flushed_end, length);
}

void Disk::wipe() {
  files_.clear();
  used_ = 0;
}

void Disk::lose_power() {
  for (File& file : files_) {
    used_ -= file.appended_end - file.flushed_end;
    file.appended_end = file.flushed_end;
  }
}

std::int64_t Disk::appended_end(FileId file) const {
  return file.value() < files_.size() ? files_[file.value()].appended_end : 0;
}

std::int64_t Disk::flushed_end(FileId file) const {
  return file.value() < files_.size() ? files_[file.value()].flushed_end : 0;
}

void Disk::set_slowness(std::int64_t percent) {
  assert(percent > 0);
  slowness_percent_ = percent;
}

}  // namespace linger::sim
