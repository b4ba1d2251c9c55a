#include "broker_model/epoch_cache.h"

#include <algorithm>
#include <cassert>

namespace linger::broker {

void EpochCache::assign(std::int32_t epoch, std::int64_t start) {
  assert(epoch >= 0 && start >= 0);
  if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start) return;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)) entries_.pop_back();
  entries_.push_back({epoch, start});
}

EpochEnd EpochCache::end_offset_for(std::int32_t epoch, std::int64_t log_end) const {
  if (epoch < 0 || entries_.empty()) return {};
  if (entries_.back().epoch == epoch) return {epoch, log_end};
  const auto higher =
      std::find_if(entries_.begin(), entries_.end(), [&](const EpochEntry& e) { return e.epoch > epoch; });
  if (higher == entries_.end()) return {};
  if (higher == entries_.begin()) return {epoch, higher->start};
  return {(higher - 1)->epoch, higher->start};
}

std::optional<std::int32_t> EpochCache::epoch_for(std::int64_t offset) const {
  std::optional<std::int32_t> found;
  for (const EpochEntry& entry : entries_) {
    if (entry.start > offset) break;
    found = entry.epoch;
  }
  return found;
}

std::optional<std::int32_t> EpochCache::latest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.back().epoch;
}

void EpochCache::truncate_from_end(std::int64_t log_end) {
  while (!entries_.empty() && entries_.back().start >= log_end) entries_.pop_back();
}

void EpochCache::truncate_from_start(std::int64_t log_start) {
  const auto first_kept =
      std::find_if(entries_.begin(), entries_.end(), [&](const EpochEntry& e) { return e.start > log_start; });
  if (first_kept == entries_.begin()) return;
  const auto containing = first_kept - 1;
  containing->start = log_start;
  entries_.erase(entries_.begin(), containing);
}

}  // namespace linger::broker
