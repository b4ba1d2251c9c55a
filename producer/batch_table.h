#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "producer/batch_id.h"
#include "producer/producer_batch.h"

namespace linger {

/// All batches that somebody still knows. Who keeps a batch's id (a queue, the set of incomplete batches, a request
/// under way, the transaction manager) holds the batch; one that nobody holds lives until the next sweep, so that an id
/// stays good within a turn. A reference to a batch is good until the next create.
class BatchTable {
 public:
  BatchId create() {
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Entry& entry = entries_[slot];
    ++entry.generation;
    entry.holds = 0;
    entry.alive = true;
    const BatchId id{slot, entry.generation};
    unheld_.push_back(id);
    return id;
  }

  bool contains(BatchId id) const {
    return id.slot < entries_.size() && entries_[id.slot].alive && entries_[id.slot].generation == id.generation;
  }
  ProducerBatch& operator[](BatchId id) {
    assert(contains(id));
    return entries_[id.slot].batch;
  }
  const ProducerBatch& operator[](BatchId id) const {
    assert(contains(id));
    return entries_[id.slot].batch;
  }

  void hold(BatchId id) {
    assert(contains(id));
    ++entries_[id.slot].holds;
  }
  void release(BatchId id) {
    assert(contains(id) && entries_[id.slot].holds > 0);
    if (--entries_[id.slot].holds == 0) {
      unheld_.push_back(id);
    }
  }

  /// Ends the batches that nobody holds; `end` is called with each before.
  template <class End>
  void sweep(End end) {
    for (const BatchId id : unheld_) {
      Entry& entry = entries_[id.slot];
      if (!entry.alive || entry.generation != id.generation || entry.holds > 0) {
        continue;
      }
      end(entry.batch);
      entry.alive = false;
      free_.push_back(id.slot);
    }
    unheld_.clear();
  }

 private:
  struct Entry {
    ProducerBatch batch;
    std::uint32_t generation = 0;
    std::uint32_t holds = 0;
    bool alive = false;
  };

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::vector<BatchId> unheld_;
};

}  // namespace linger
