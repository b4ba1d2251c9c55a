#include "producer/buffer_pool.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace linger {
namespace {

std::int64_t to_nanoseconds(std::int64_t milliseconds) {
  constexpr std::int64_t scale = 1'000'000;
  if (milliseconds > std::numeric_limits<std::int64_t>::max() / scale) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return milliseconds * scale;
}

}  // namespace

void BufferPoolMetrics::list(MetricList& out) {
  out.meter(producer_metrics_group, "buffer-exhausted", exhausted);
  out.meter(producer_metrics_group, "bufferpool-wait-ratio", "bufferpool-wait-time-ns-total", wait_time);
}

BufferPool::BufferPool(std::int64_t memory, std::int32_t poolable_size)
    : total_memory_(memory), poolable_size_(poolable_size), non_pooled_available_(memory) {}

std::size_t BufferPool::find(WaiterId id) const {
  const auto found = std::find_if(waiters_.begin(), waiters_.end(), [id](const Waiter& w) { return w.id == id; });
  assert(found != waiters_.end());
  return static_cast<std::size_t>(found - waiters_.begin());
}

BufferRef BufferPool::take_slot(std::int32_t size) {
  std::uint32_t number = 0;
  if (unused_.empty()) {
    number = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    number = unused_.back();
    unused_.pop_back();
  }
  slots_[number].capacity = size;
  return begin_life(number);
}

BufferRef BufferPool::begin_life(std::uint32_t number) {
  Slot& slot = slots_[number];
  slot.bytes.resize(static_cast<std::size_t>(slot.capacity));
  slot.out = true;
  ++slot.generation;
  return BufferRef{number, slot.generation};
}

BufferRef BufferPool::take_pooled() {
  const std::uint32_t number = free_.front();
  free_.erase(free_.begin());
  return begin_life(number);
}

void BufferPool::recycle(std::uint32_t number) {
  slots_[number].out = false;
  if (!never_reuse_unpooled_) {
    slots_[number].bytes.clear();
    unused_.push_back(number);
  }
}

void BufferPool::free_up(std::int64_t size) {
  while (!free_.empty() && non_pooled_available_ < size) {
    const std::uint32_t number = free_.back();
    free_.pop_back();
    non_pooled_available_ += slots_[number].capacity;
    recycle(number);
  }
}

void BufferPool::signal_first() {
  if (!waiters_.empty()) {
    waiters_.front().signalled = true;
  }
}

void BufferPool::signal_if_memory_is_left() {
  if (non_pooled_available_ != 0 || !free_.empty()) {
    signal_first();
  }
}

std::variant<BufferRef, WaiterId, KafkaError> BufferPool::allocate(std::int32_t size, std::int64_t max_block_ms,
                                                                   Instant now) {
  if (size > total_memory_) {
    return illegal_argument("A record needs " + std::to_string(size) + " bytes, but buffer.memory is only " +
                            std::to_string(total_memory_) + " bytes");
  }
  if (closed_) {
    return kafka_exception("The producer was closed while memory was allocated");
  }
  if (size == poolable_size_ && !free_.empty()) {
    const BufferRef buffer = take_pooled();
    signal_if_memory_is_left();
    return buffer;
  }
  if (non_pooled_available_ + static_cast<std::int64_t>(free_.size()) * poolable_size_ >= size) {
    free_up(size);
    non_pooled_available_ -= size;
    signal_if_memory_is_left();
    return take_slot(size);
  }
  Waiter waiter;
  waiter.id = WaiterId{next_waiter_++};
  waiter.size = size;
  waiter.remaining_ns = to_nanoseconds(max_block_ms);
  waiter.wait_began_ns = now.mono_ns;
  waiter.max_block_ms = max_block_ms;
  waiters_.push_back(waiter);
  if (max_block_ms <= 0) {
    return resume(waiter.id, now);
  }
  return waiter.id;
}

std::variant<BufferRef, WaiterId, KafkaError> BufferPool::resume(WaiterId id, Instant now) {
  Waiter& waiter = waiters_[find(id)];
  const std::int64_t waited_ns = std::max<std::int64_t>(0, now.mono_ns - waiter.wait_began_ns);
  const bool time_is_over = !waiter.signalled && waited_ns >= waiter.remaining_ns;
  if (!closed_ && !time_is_over && !waiter.signalled) {
    return id;
  }
  if (metrics_) metrics_->wait_time.record(metrics_->config, static_cast<double>(waited_ns), now.wall_ms);
  waiter.signalled = false;
  std::optional<KafkaError> error;
  if (closed_) {
    error = kafka_exception("The producer was closed while memory was allocated");
  } else if (time_is_over) {
    if (metrics_) metrics_->exhausted.record(metrics_->config, 1, now.wall_ms);
    error = buffer_exhausted("Could not allocate " + std::to_string(waiter.size) + " bytes within max.block.ms (" +
                             std::to_string(waiter.max_block_ms) + " ms left). buffer.memory is " +
                             std::to_string(total_memory_) + " bytes, of which " + std::to_string(available_memory()) +
                             " are free");
  }
  if (error) {
    non_pooled_available_ += waiter.accumulated;
    waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(find(id)));
    signal_if_memory_is_left();
    return std::move(*error);
  }
  waiter.remaining_ns -= waited_ns;
  waiter.wait_began_ns = now.mono_ns;
  std::optional<BufferRef> buffer;
  if (waiter.accumulated == 0 && waiter.size == poolable_size_ && !free_.empty()) {
    buffer = take_pooled();
  } else {
    const std::int32_t missing = waiter.size - waiter.accumulated;
    free_up(missing);
    const auto got = static_cast<std::int32_t>(std::min<std::int64_t>(missing, non_pooled_available_));
    non_pooled_available_ -= got;
    waiter.accumulated += got;
    if (waiter.accumulated == waiter.size) {
      buffer = take_slot(waiter.size);
    }
  }
  if (!buffer) {
    return waiter.remaining_ns <= 0 ? resume(id, now) : std::variant<BufferRef, WaiterId, KafkaError>(id);
  }
  waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(find(id)));
  signal_if_memory_is_left();
  return *buffer;
}

bool BufferPool::should_resume(WaiterId id, Instant now) const {
  const Waiter& waiter = waiters_[find(id)];
  return closed_ || waiter.signalled || now.mono_ns - waiter.wait_began_ns >= waiter.remaining_ns;
}

std::optional<std::int64_t> BufferPool::deadline_ns(WaiterId id) const {
  const Waiter& waiter = waiters_[find(id)];
  if (waiter.remaining_ns >=
      std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(0, waiter.wait_began_ns)) {
    return std::nullopt;
  }
  return waiter.wait_began_ns + waiter.remaining_ns;
}

std::vector<WaiterId> BufferPool::waiters() const {
  std::vector<WaiterId> ids;
  ids.reserve(waiters_.size());
  for (const Waiter& waiter : waiters_) {
    ids.push_back(waiter.id);
  }
  return ids;
}

void BufferPool::deallocate(BufferRef buffer, std::int32_t size) {
  Slot& slot = slots_[buffer.slot];
  assert(slot.out && slot.generation == buffer.generation);
  // A buffer that compression made grow is no longer of the pooled size.
  const bool grown = slot.bytes.size() > static_cast<std::size_t>(slot.capacity);
  if (size == poolable_size_ && size == slot.capacity && !grown) {
    slot.out = false;
    free_.push_back(buffer.slot);
  } else {
    non_pooled_available_ += size;
    recycle(buffer.slot);
  }
  signal_first();
}

BufferRef BufferPool::allocate_outside(std::int32_t size) {
  return take_slot(size);
}

void BufferPool::free_outside(BufferRef buffer) {
  assert(slots_[buffer.slot].out && slots_[buffer.slot].generation == buffer.generation);
  recycle(buffer.slot);
}

Bytes& BufferPool::bytes(BufferRef buffer) {
  Slot& slot = slots_[buffer.slot];
  assert(slot.out && slot.generation == buffer.generation);
  return slot.bytes;
}

const Bytes& BufferPool::bytes(BufferRef buffer) const {
  const Slot& slot = slots_[buffer.slot];
  assert(slot.out && slot.generation == buffer.generation);
  return slot.bytes;
}

BytesView BufferPool::read(const BatchBytes& range) const {
  const Bytes& bytes = slots_[range.slot].bytes;
  return BytesView{bytes}.first(std::min<std::size_t>(range.size, bytes.size()));
}

std::int64_t BufferPool::available_memory() const {
  return non_pooled_available_ + static_cast<std::int64_t>(free_.size()) * poolable_size_;
}

void BufferPool::close() {
  closed_ = true;
  for (Waiter& waiter : waiters_) {
    waiter.signalled = true;
  }
}

}  // namespace linger
