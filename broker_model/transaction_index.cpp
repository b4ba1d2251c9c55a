#include "broker_model/transaction_index.h"

#include <cassert>

namespace linger::broker {

void TransactionIndex::append(const CompletedTransaction& aborted) {
  assert(aborted.aborted && (aborted_.empty() || aborted_.back().last < aborted.last));
  aborted_.push_back({aborted.producer, aborted.first, aborted.last, aborted.last_stable_offset});
}

std::vector<AbortedTransaction> TransactionIndex::collect(std::int64_t from, std::int64_t to) const {
  std::vector<AbortedTransaction> found;
  for (const AbortedTransaction& txn : aborted_) {
    if (txn.last >= from && txn.first < to) found.push_back(txn);
    // Everything below was decided by then: later entries begin behind `to`.
    if (txn.last_stable_offset >= to) break;
  }
  return found;
}

void TransactionIndex::truncate_from_end(std::int64_t offset) {
  while (!aborted_.empty() && aborted_.back().last >= offset) aborted_.pop_back();
}

void TransactionIndex::truncate_from_start(std::int64_t offset) {
  std::erase_if(aborted_, [&](const AbortedTransaction& txn) { return txn.last < offset; });
}

}  // namespace linger::broker
