#include "sim/bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

namespace linger::sim {

namespace {

// Size classes are powers of two from 64 B to 16 MiB, head included; what is larger is not kept.
constexpr std::uint32_t smallest_bits = 6;
constexpr std::uint32_t class_count = 19;
constexpr std::uint32_t not_kept = class_count;

struct FreeLists {
  std::array<detail::BytesBlock*, class_count> first{};
  std::uint64_t allocated = 0;
};
// Blocks stay with their thread for good. The lists decide where bytes lie, never what happens.
thread_local constinit FreeLists free_lists{};

std::uint32_t class_of(std::size_t total) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(total - 1));
  return bits <= smallest_bits ? 0 : std::min(bits - smallest_bits, not_kept);
}

}  // namespace

namespace detail {

BytesBlock* take_bytes_block(std::size_t size) {
  const std::size_t total = size + sizeof(BytesBlock);
  const std::uint32_t size_class = class_of(total);
  if (size_class != not_kept && free_lists.first[size_class] != nullptr) {
    BytesBlock* block = free_lists.first[size_class];
    free_lists.first[size_class] = block->next_free;
    block->count = 1;
    return block;
  }
  ++free_lists.allocated;
  const std::size_t capacity = size_class == not_kept ? total : std::size_t{1} << (smallest_bits + size_class);
  return new (::operator new(capacity)) BytesBlock{1, size_class, nullptr};
}

void give_back_bytes_block(BytesBlock* block) {
  if (block->size_class == not_kept) {
    ::operator delete(block);
    return;
  }
  block->next_free = free_lists.first[block->size_class];
  free_lists.first[block->size_class] = block;
}

}  // namespace detail

Bytes Bytes::copy_of(std::span<const std::byte> bytes) {
  assert(bytes.size() < UINT32_MAX);
  Bytes result;
  if (bytes.empty()) return result;
  result.block_ = detail::take_bytes_block(bytes.size());
  result.size_ = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(result.block_->data(), bytes.data(), bytes.size());
  return result;
}

Bytes Bytes::adopt(std::vector<std::byte>&& bytes) {
  const std::vector<std::byte> taken = std::move(bytes);
  return copy_of(taken);
}

Bytes Bytes::slice(std::size_t offset, std::size_t length) const {
  assert(offset <= size_ && length <= size_ - offset);
  Bytes result;
  if (length == 0) return result;
  result = *this;
  result.offset_ += static_cast<std::uint32_t>(offset);
  result.size_ = static_cast<std::uint32_t>(length);
  return result;
}

bool operator==(const Bytes& a, const Bytes& b) {
  return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.data(), b.data(), a.size_) == 0);
}

std::uint64_t bytes_blocks_allocated() {
  return free_lists.allocated;
}

}  // namespace linger::sim
