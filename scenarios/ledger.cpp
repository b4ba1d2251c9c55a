#include "scenarios/ledger.h"

// Every record is hashed at least three times, mostly a few bytes: a call into the library costs more than the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cassert>
#include <utility>

namespace linger::scenarios {

RecordIndex Ledger::sent(LedgerRecord&& record) {
  records.push_back(std::move(record));
  ++untold;
  return static_cast<RecordIndex>(records.size() - 1);
}

LedgerRecord& Ledger::to_answer(RecordIndex index) {
  LedgerRecord& record = records[index];
  assert(record.told == Told::nothing || record.told == Told::refused);
  if (record.told == Told::nothing) --untold;
  return record;
}

void Ledger::acked(RecordIndex index, std::int32_t partition, std::int64_t offset, std::int64_t timestamp,
                   sim::SimTime now, sim::EventNumber event, std::uint64_t holders) {
  LedgerRecord& record = to_answer(index);
  record.told = Told::acked;
  record.partition = partition;
  record.offset = offset;
  record.timestamp = timestamp;
  record.told_at = now;
  record.told_by = event;
  record.holders = holders;
}

void Ledger::failed(RecordIndex index, std::string error, bool definite, sim::SimTime now, sim::EventNumber event) {
  LedgerRecord& record = to_answer(index);
  record.told = Told::failed;
  record.error = std::move(error);
  record.definite = definite;
  record.told_at = now;
  record.told_by = event;
}

void Ledger::refused(RecordIndex index, std::string error, sim::SimTime now, sim::EventNumber event) {
  LedgerRecord& record = records[index];
  if (record.told != Told::nothing) return;
  record.told = Told::refused;
  record.error = std::move(error);
  record.told_at = now;
  record.told_by = event;
  --untold;
}

IdentityHash::IdentityHash(std::uint32_t topic) : state_(XXH3_64bits_withSeed(nullptr, 0, topic)) {}

void IdentityHash::add(const std::byte* data, std::int64_t size) {
  // The length goes in as well, so that ("ab", "c") and ("a", "bc") differ, and null differs from empty.
  state_ = XXH3_64bits_withSeed(data, size > 0 ? static_cast<std::size_t>(size) : 0, state_ + static_cast<std::uint64_t>(size));
}

}  // namespace linger::scenarios
