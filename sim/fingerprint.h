#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "sim/draw.h"
#include "sim/event.h"

namespace linger::sim {

/// The rolling hash over everything that happened: equal for equal runs on every compiler and machine. Words go in as
/// fixed-width values (never a struct with padding, never size_t or a pointer). Values are compared between builds of
/// one commit, never kept across commits.
class Fingerprint {
 public:
  constexpr std::uint64_t value() const { return detail::mix(state_ ^ count_); }
  /// Events and messages mixed in so far.
  constexpr std::uint64_t count() const { return count_; }
  /// 16 hexadecimal digits.
  std::string describe() const;

  constexpr void add(std::uint64_t word) {
    state_ = detail::mix_word(state_, word);
    ++count_;
  }
  /// One popped event, its cause and all its fields.
  void add(const Event& event);
  /// The content of a message.
  void add(std::span<const std::byte> bytes);

  friend constexpr bool operator==(const Fingerprint&, const Fingerprint&) = default;

 private:
  std::uint64_t state_ = 0x243f'6a88'85a3'08d3ULL;
  std::uint64_t count_ = 0;
};

/// A fast 64-bit hash of bytes that is the same on every machine.
std::uint64_t hash_bytes(std::span<const std::byte> bytes);

}  // namespace linger::sim
