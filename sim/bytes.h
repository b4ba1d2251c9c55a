#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace linger::sim {

namespace detail {

/// The head of a shared block; the bytes follow it. The count is not atomic: a world, its copies and their bytes stay
/// in one thread.
struct BytesBlock {
  std::uint32_t count;
  std::uint32_t size_class;
  BytesBlock* next_free;
  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};

BytesBlock* take_bytes_block(std::size_t size);
void give_back_bytes_block(BytesBlock* block);

}  // namespace detail

/// Immutable bytes, shared: a copy or a slice bumps a count and copies nothing. Blocks come from free lists by size
/// class, so that a run in its steady state allocates nothing a message. At most 4 GiB - 1 each. Not for use from two
/// threads.
class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes& from) : block_(from.block_), offset_(from.offset_), size_(from.size_) {
    if (block_ != nullptr) ++block_->count;
  }
  Bytes(Bytes&& from) noexcept
      : block_(std::exchange(from.block_, nullptr)), offset_(from.offset_), size_(std::exchange(from.size_, 0)) {}
  Bytes& operator=(const Bytes& from) {
    Bytes copy{from};
    swap(copy);
    return *this;
  }
  Bytes& operator=(Bytes&& from) noexcept {
    Bytes moved{std::move(from)};
    swap(moved);
    return *this;
  }
  ~Bytes() {
    if (block_ != nullptr && --block_->count == 0) detail::give_back_bytes_block(block_);
  }

  /// A block of its own with these bytes in it.
  static Bytes copy_of(std::span<const std::byte> bytes);
  /// As copy_of for a vector that is not needed any more. The bytes move into a recycled block, which is cheaper than
  /// carrying a foreign allocation through every copy.
  static Bytes adopt(std::vector<std::byte>&& bytes);

  std::span<const std::byte> span() const { return {data(), size_}; }
  const std::byte* data() const { return block_ == nullptr ? nullptr : block_->data() + offset_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// The bytes from `offset` on, `length` of them. Requires offset + length <= size().
  Bytes slice(std::size_t offset, std::size_t length) const;

  /// Equal content, wherever it is stored.
  friend bool operator==(const Bytes& a, const Bytes& b);

 private:
  void swap(Bytes& with) noexcept {
    std::swap(block_, with.block_);
    std::swap(offset_, with.offset_);
    std::swap(size_, with.size_);
  }

  detail::BytesBlock* block_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

/// Blocks that were asked from the system so far in this thread: a test of "no allocation in steady state" reads it
/// twice.
std::uint64_t bytes_blocks_allocated();

}  // namespace linger::sim
