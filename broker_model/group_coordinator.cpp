#include "broker_model/group_coordinator.h"

#include <algorithm>

namespace linger::broker {

void GroupOffsets::advance(const ReplicaLog& log, std::int64_t limit) {
  std::vector<std::byte> bytes;
  Bytes scratch;
  const LogSlice slice = log.read(end_, limit, std::numeric_limits<std::int64_t>::max(), true);
  for (std::size_t i = slice.first; i < slice.last; ++i) {
    const LogEntry& entry = log.entries()[i];
    if (entry.last >= limit) return;
    end_ = entry.last + 1;
    if (entry.control) {
      if (entry.marker != MarkerKind::none) replay_marker(entry.producer, entry.marker == MarkerKind::commit);
      continue;
    }
    bytes.clear();
    entry.append_to(bytes);
    const RecordBatchView batch{BytesView{bytes}};
    RecordCursor records{batch, scratch};
    RecordView record;
    while (records.next(record)) {
      if (const auto read = read_offset_commit(record.key, record.value)) replay(*read, record.offset, entry.producer);
    }
  }
}

void GroupOffsets::replay(const OffsetCommitRecord& record, std::int64_t at, ProducerId producer) {
  const Key key{record.key.group, {record.key.topic, record.key.partition}};
  if (!record.value) {
    offsets_.erase(key);
    for (auto& [id, pending] : pending_) pending.erase(key);
    return;
  }
  groups_.insert(record.key.group);
  const GroupOffset offset{record.value->offset, record.value->leader_epoch, record.value->metadata, at};
  if (producer == no_producer_id) {
    offsets_[key] = offset;
  } else {
    pending_[producer][key] = offset;
  }
}

void GroupOffsets::replay_marker(ProducerId producer, bool commit) {
  const auto at = pending_.find(producer);
  if (at == pending_.end()) return;
  if (commit) {
    for (const auto& [key, offset] : at->second) {
      const auto known = offsets_.find(key);
      // What was committed later counts, whichever was decided later.
      if (known == offsets_.end() || offset.record_offset > known->second.record_offset) offsets_[key] = offset;
    }
  }
  pending_.erase(at);
}

const GroupOffset* GroupOffsets::find(const std::string& group, const TopicPartition& partition) const {
  const auto at = offsets_.find({group, partition});
  return at == offsets_.end() ? nullptr : &at->second;
}

bool GroupOffsets::unstable(const std::string& group, const TopicPartition& partition) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const auto& entry) {
    return entry.second.contains({group, partition});
  });
}

std::vector<std::pair<TopicPartition, GroupOffset>> GroupOffsets::all_of(const std::string& group) const {
  std::vector<std::pair<TopicPartition, GroupOffset>> all;
  for (const auto& [key, offset] : offsets_) {
    if (key.first == group) all.emplace_back(key.second, offset);
  }
  return all;
}

void GroupCoordinator::begin_loading(std::int32_t partition, std::int32_t epoch) {
  resign(partition);
  loading_.emplace_back(partition, epoch);
}

void GroupCoordinator::loaded(std::int32_t partition, std::int32_t epoch) {
  if (std::erase(loading_, std::pair{partition, epoch}) == 0) return;
  const auto at = std::lower_bound(parts_.begin(), parts_.end(), partition,
                                   [](const Part& p, std::int32_t wanted) { return p.partition < wanted; });
  parts_.insert(at, Part{partition, epoch, {}, {}});
}

void GroupCoordinator::resign(std::int32_t partition) {
  std::erase_if(loading_, [&](const auto& l) { return l.first == partition; });
  std::erase_if(parts_, [&](const Part& p) { return p.partition == partition; });
}

void GroupCoordinator::forget_all() {
  parts_.clear();
  loading_.clear();
}

GroupCoordinator::Part* GroupCoordinator::find(std::int32_t partition, ErrorCode& error) {
  const bool loading =
      std::any_of(loading_.begin(), loading_.end(), [&](const auto& l) { return l.first == partition; });
  const auto at = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.partition == partition; });
  const bool found = at != parts_.end();
  error = loading ? ErrorCode::coordinator_load_in_progress : !found ? ErrorCode::not_coordinator : ErrorCode::none;
  return found && !loading ? &*at : nullptr;
}

ErrorCode GroupCoordinator::validate_commit(const GroupOffsets& newest, const std::string& group,
                                            std::int32_t generation) {
  if (generation < 0) return ErrorCode::none;
  return newest.knows(group) ? ErrorCode::unknown_member_id : ErrorCode::illegal_generation;
}

}  // namespace linger::broker
