#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "producer/batch_bytes.h"
#include "producer/failure.h"
#include "producer/metrics/metric.h"
#include "protocol/time.h"
#include "protocol/wire.h"

namespace linger {

/// A piece of the producer's memory: a slot, and which of the slot's lives is meant.
struct BufferRef {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend auto operator<=>(const BufferRef&, const BufferRef&) = default;
};

/// A call that waits for memory.
struct WaiterId {
  std::uint64_t number = 0;
  friend auto operator<=>(const WaiterId&, const WaiterId&) = default;
};

/// The sensors of BufferPool.
struct BufferPoolMetrics {
  MetricConfig config;
  Meter exhausted = Meter{};                         ///< allocations that found nothing in time
  Meter wait_time = Meter{Rate::Unit::nanoseconds};  ///< nanoseconds that calls waited

  void list(MetricList& out);
};

/// buffer.memory, handed out fairly (Kafka: BufferPool). Only buffers of exactly batch.size are kept for reuse; waiters
/// are served in order of arrival and gather memory piece by piece. Nothing blocks here: an allocation that must wait
/// becomes a waiter, and whoever suspended the call asks again by resume. As in Java a newcomer may take memory while a
/// waiter has been signalled but not yet resumed.
///
/// The pool also holds the bytes. A slot that is given back and taken again has a new generation and keeps its old
/// bytes until they are written over: stale readers then see the new owner's (KAFKA-19012).
class BufferPool {
 public:
  BufferPool() : BufferPool(0, 1) {}
  /// Bytes in all, and the size that is kept for reuse.
  BufferPool(std::int64_t memory, std::int32_t poolable_size);

  /// Memory, a place in the queue, or what Java throws: IllegalArgumentException when the size exceeds the whole pool,
  /// KafkaException when closed, BufferExhaustedException when nothing is free and max_block_ms is 0.
  std::variant<BufferRef, WaiterId, KafkaError> allocate(std::int32_t size, std::int64_t max_block_ms, Instant now);
  /// What the waiting thread does when it wakes: gathers what is there, gives up when its time is over or the pool is
  /// closed, else waits on. The waiter is gone unless its id comes back. Requires: a waiter of this pool.
  std::variant<BufferRef, WaiterId, KafkaError> resume(WaiterId waiter, Instant now);
  /// Whether resume would do anything but wait on.
  bool should_resume(WaiterId waiter, Instant now) const;
  /// The monotonic time in nanoseconds at which the waiter gives up; nothing when it waits for ever.
  std::optional<std::int64_t> deadline_ns(WaiterId waiter) const;
  /// Waiters in the order in which they came.
  std::vector<WaiterId> waiters() const;

  /// Gives back memory of which `size` bytes count. Requires: the buffer is out.
  void deallocate(BufferRef buffer, std::int32_t size);
  void deallocate(BufferRef buffer) { deallocate(buffer, capacity(buffer)); }
  /// Gives back the count but not the bytes, which someone may still read: a fresh buffer takes their place in the
  /// pool, as in Java when a batch is deallocated in flight. The old slot is never used again.
  void deallocate_count_only(std::int32_t size) { deallocate(take_slot(size), size); }

  /// A buffer that counts for nothing (Java: ByteBuffer.allocate when a batch is split).
  BufferRef allocate_outside(std::int32_t size);
  /// The end of a buffer from allocate_outside.
  void free_outside(BufferRef buffer);

  /// The memory itself. Requires: the buffer is out, with this generation.
  Bytes& bytes(BufferRef buffer);
  const Bytes& bytes(BufferRef buffer) const;
  std::int32_t capacity(BufferRef buffer) const { return slots_[buffer.slot].capacity; }
  /// What a late reader finds in the slot: the owner's bytes while the generation is the same, and whatever stands
  /// there afterwards. The view holds until the pool is used again.
  BytesView read(const BatchBytes& range) const;
  /// For a producer that releases buffers under their readers (KAFKA-19012): what is not pooled is never used again, as
  /// under Java's garbage collector, so that a late reader can only meet the next owner of a pooled buffer.
  void never_reuse_unpooled(bool never) { never_reuse_unpooled_ = never; }

  std::int64_t available_memory() const;
  std::int64_t unallocated_memory() const { return non_pooled_available_; }
  std::int64_t total_memory() const { return total_memory_; }
  std::int32_t poolable_size() const { return poolable_size_; }
  std::size_t free_size() const { return free_.size(); }
  /// How many calls wait.
  std::size_t queued() const { return waiters_.size(); }
  /// From now on waiting and exhaustion are recorded.
  void take_metrics(const MetricConfig& config) { metrics_.emplace(BufferPoolMetrics{config}); }
  /// Null when none are taken.
  BufferPoolMetrics* metrics() { return metrics_ ? &*metrics_ : nullptr; }

  /// No more memory; every waiter is woken to fail.
  void close();
  bool closed() const { return closed_; }

 private:
  struct Slot {
    Bytes bytes;  ///< as large as the capacity, or larger when a batch grew
    std::int32_t capacity = 0;
    std::uint32_t generation = 0;
    bool out = false;
  };
  struct Waiter {
    WaiterId id;
    std::int32_t size = 0;
    std::int32_t accumulated = 0;
    std::int64_t remaining_ns = 0;
    std::int64_t wait_began_ns = 0;
    std::int64_t max_block_ms = 0;
    bool signalled = false;
  };

  std::size_t find(WaiterId id) const;
  BufferRef take_slot(std::int32_t size);
  BufferRef take_pooled();
  BufferRef begin_life(std::uint32_t slot);
  void recycle(std::uint32_t slot);
  void free_up(std::int64_t size);
  void signal_first();
  void signal_if_memory_is_left();

  std::int64_t total_memory_;
  std::int32_t poolable_size_;
  std::int64_t non_pooled_available_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;    ///< slots that hold a pooled buffer, oldest first
  std::vector<std::uint32_t> unused_;  ///< slots without memory
  std::vector<Waiter> waiters_;
  std::uint64_t next_waiter_ = 1;
  std::optional<BufferPoolMetrics> metrics_;
  bool never_reuse_unpooled_ = false;
  bool closed_ = false;
};

}  // namespace linger
