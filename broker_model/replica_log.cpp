#include "broker_model/replica_log.h"

#include <algorithm>
#include <cassert>

#include "protocol/messages/control_records.h"

namespace linger::broker {
namespace {

/// The one record of a marker. A control batch that says something else, or nothing, counts as no marker: whoever wrote
/// it judged it.
void read_marker(LogEntry& entry) {
  std::vector<std::byte> bytes;
  entry.append_to(bytes);
  const RecordBatchView batch{BytesView{bytes}};
  Bytes scratch;
  RecordCursor records{batch, scratch};
  RecordView record;
  if (!records.next(record) || !record.key || !record.value) return;
  const auto kind = parse_control_record_key(record.key);
  if (kind != ControlRecordType::abort && kind != ControlRecordType::commit) return;
  Reader reader{*record.value};
  const std::int16_t version = reader.read<std::int16_t>();
  const auto marker = decode_message<EndTxnMarker>(reader, std::min(version, EndTxnMarker::spec.valid.max));
  if (!marker) return;
  entry.marker = kind == ControlRecordType::commit ? MarkerKind::commit : MarkerKind::abort;
  entry.coordinator_epoch = marker.value.coordinator_epoch;
}

}  // namespace

BatchIdentity LogEntry::identity() const {
  const std::int32_t last_sequence = base_sequence == no_sequence
                                         ? no_sequence
                                         : increment_sequence(base_sequence, static_cast<std::int32_t>(last - base));
  return {producer, epoch, base_sequence, last_sequence, transactional};
}

void LogEntry::append_to(std::vector<std::byte>& out) const {
  out.insert(out.end(), prefix.begin(), prefix.end());
  const auto bytes = tail.span();
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::size_t ReplicaLog::find(std::int64_t offset) const {
  if (entries_.empty() || offset > entries_.back().last) return entries_.size();
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), offset,
                                   [](const LogEntry& entry, std::int64_t wanted) { return entry.last < wanted; });
  return static_cast<std::size_t>(at - entries_.begin());
}

void ReplicaLog::append(const RecordBatchHeader& header, const BatchPrefix& prefix, sim::Bytes tail,
                        const BrokerBehaviour& behaviour, std::int64_t segment_bytes, sim::SimTime now) {
  const std::int64_t base = header.base_offset.value();
  const auto size = static_cast<std::int32_t>(header.size_in_bytes());
  assert(base >= log_end());
  epochs_.assign(header.partition_leader_epoch.value(), base);
  const std::int64_t position = byte_end();
  if (position > segment_position_ && position - segment_position_ + size > segment_bytes) {
    // A roll flushes what is behind it and keeps the producers' state beside the new segment.
    producers_.take_snapshot(base);
    segment_starts_.push_back(base);
    segment_position_ = position;
    flushed_end_ = log_end();
  }
  LogEntry entry;
  entry.base = base;
  entry.last = header.last_offset().value();
  entry.position = position;
  entry.size = size;
  entry.leader_epoch = header.partition_leader_epoch.value();
  entry.producer = header.producer.id;
  entry.epoch = header.producer.epoch;
  entry.control = header.control;
  entry.transactional = header.transactional;
  entry.base_sequence = header.base_sequence;
  entry.record_count = header.record_count;
  entry.max_timestamp = header.max_timestamp;
  entry.appended_at = now;
  entry.prefix = prefix;
  entry.tail = std::move(tail);
  if (entry.control) read_marker(entry);
  take_in(entry, behaviour, true);
  entries_.push_back(std::move(entry));
}

void ReplicaLog::take_in(const LogEntry& entry, const BrokerBehaviour& behaviour, bool note_aborted) {
  if (entry.producer == no_producer_id) return;
  if (!entry.control) {
    producers_.append(entry.identity(), entry.base, entry.last, entry.max_timestamp, behaviour);
    return;
  }
  if (entry.marker == MarkerKind::none) return;
  const auto ended = producers_.append_marker(
      {entry.producer, entry.epoch, entry.coordinator_epoch, entry.marker == MarkerKind::commit}, entry.base,
      entry.max_timestamp);
  if (note_aborted && ended && ended->aborted) transaction_index_.append(*ended);
}

std::int64_t ReplicaLog::last_stable_offset() const {
  const auto unstable = producers_.first_unstable();
  return unstable ? std::min(std::max(*unstable, log_start_), high_watermark_) : high_watermark_;
}

LogSlice ReplicaLog::read(std::int64_t offset, std::int64_t limit, std::int64_t max_bytes, bool min_one) const {
  LogSlice slice;
  slice.first = slice.last = find(offset);
  while (slice.last < entries_.size()) {
    const LogEntry& entry = entries_[slice.last];
    if (entry.base >= limit) break;
    if (slice.bytes + entry.size > max_bytes && !(min_one && slice.empty())) break;
    slice.bytes += entry.size;
    ++slice.last;
  }
  return slice;
}

std::int64_t ReplicaLog::bytes_between(std::int64_t offset, std::int64_t limit) const {
  if (offset >= limit) return 0;
  const std::size_t first = find(offset);
  if (first == entries_.size()) return 0;
  const std::size_t end = find(limit);
  const std::int64_t to = end == entries_.size() ? byte_end() : entries_[end].position;
  return to - entries_[first].position;
}

bool ReplicaLog::set_high_watermark(std::int64_t offset) {
  const std::int64_t held = std::clamp(offset, log_start_, log_end());
  if (held == high_watermark_) return false;
  high_watermark_ = held;
  producers_.on_stable_below(held);
  return true;
}

bool ReplicaLog::maybe_increment_high_watermark(std::int64_t offset) {
  return offset > high_watermark_ && set_high_watermark(offset);
}

std::int64_t ReplicaLog::rebuild_producers(const BrokerBehaviour& behaviour, std::int64_t wall_ms,
                                           std::int64_t expiration_ms) {
  const std::int64_t from = producers_.reload(log_start_, log_end(), wall_ms, expiration_ms);
  for (std::size_t i = find(from); i < entries_.size(); ++i) {
    // What it held of aborted transactions is still in the index.
    take_in(entries_[i], behaviour, false);
  }
  producers_.on_stable_below(high_watermark_);
  return from;
}

bool ReplicaLog::truncate_to(std::int64_t offset, const BrokerBehaviour& behaviour, std::int64_t wall_ms,
                             std::int64_t expiration_ms) {
  assert(offset >= 0);
  if (offset >= log_end()) {
    epochs_.truncate_from_end(log_end());
    return false;
  }
  if (offset < log_start_) {
    truncate_fully_and_start_at(offset);
    return true;
  }
  const std::size_t keep = find(offset);
  if (keep < entries_.size()) {
    empty_end_ = entries_[keep].base;
    empty_position_ = entries_[keep].position;
  }
  entries_.resize(keep);
  while (segment_starts_.size() > 1 && segment_starts_.back() > log_end()) segment_starts_.pop_back();
  segment_position_ = std::min(segment_position_, byte_end());
  epochs_.truncate_from_end(log_end());
  transaction_index_.truncate_from_end(log_end());
  flushed_end_ = std::min(flushed_end_, log_end());
  high_watermark_ = std::min(high_watermark_, log_end());
  checkpointed_high_watermark_ = std::min(checkpointed_high_watermark_, log_end());
  rebuild_producers(behaviour, wall_ms, expiration_ms);
  return true;
}

void ReplicaLog::truncate_fully_and_start_at(std::int64_t offset) {
  empty_position_ = 0;
  segment_position_ = 0;
  entries_.clear();
  segment_starts_.assign(1, offset);
  log_start_ = empty_end_ = high_watermark_ = flushed_end_ = checkpointed_high_watermark_ = offset;
  epochs_.clear();
  producers_.clear();
  transaction_index_.clear();
}

bool ReplicaLog::maybe_increment_log_start(std::int64_t offset) {
  if (offset <= log_start_) return false;
  assert(offset <= log_end());
  log_start_ = offset;
  high_watermark_ = std::max(high_watermark_, log_start_);
  epochs_.truncate_from_start(log_start_);
  const std::size_t gone = find(offset);
  if (gone == entries_.size() && !entries_.empty()) {
    empty_end_ = log_end();
    empty_position_ = byte_end();
  }
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
  while (segment_starts_.size() > 1 && segment_starts_[1] <= log_start_) segment_starts_.erase(segment_starts_.begin());
  producers_.drop_snapshots_before(segment_starts_.front());
  producers_.on_stable_below(log_start_);
  transaction_index_.truncate_from_start(segment_starts_.front());
  return true;
}

std::int64_t ReplicaLog::retention_start(std::int64_t wall_ms, std::int64_t retention_ms,
                                         std::int64_t retention_bytes) const {
  std::int64_t start = log_start_;
  for (std::size_t s = 0; s + 1 < segment_starts_.size(); ++s) {
    const std::int64_t end = segment_starts_[s + 1];
    if (end > high_watermark_) break;
    std::int64_t newest = -1;
    for (std::size_t i = find(std::max(segment_starts_[s], log_start_)); i < entries_.size() && entries_[i].base < end;
         ++i) {
      newest = std::max(newest, entries_[i].max_timestamp);
    }
    const bool too_old = retention_ms >= 0 && wall_ms - newest > retention_ms;
    const bool too_big = retention_bytes >= 0 && bytes_between(end, log_end()) >= retention_bytes;
    if (!too_old && !too_big) break;
    start = end;
  }
  return start;
}

void ReplicaLog::write_back(sim::SimTime now, sim::Duration age) {
  for (std::size_t i = find(flushed_end_); i < entries_.size(); ++i) {
    if (entries_[i].appended_at + age > now) return;
    flushed_end_ = entries_[i].last + 1;
  }
}

void ReplicaLog::close_cleanly() {
  flush();
  producers_.take_snapshot(log_end());
  checkpoint_high_watermark();
}

std::int64_t ReplicaLog::recover(bool keep_flushed_only, const BrokerBehaviour& behaviour, std::int64_t wall_ms,
                                 std::int64_t expiration_ms) {
  if (keep_flushed_only && flushed_end_ < log_end()) {
    truncate_to(std::max(flushed_end_, log_start_), behaviour, wall_ms, expiration_ms);
  }
  epochs_.truncate_from_end(log_end());
  high_watermark_ = std::clamp(checkpointed_high_watermark_, log_start_, log_end());
  return rebuild_producers(behaviour, wall_ms, expiration_ms);
}

}  // namespace linger::broker
