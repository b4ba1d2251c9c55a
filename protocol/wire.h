#pragma once

#include <bit>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/ids.h"

namespace linger {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

/// Why bytes could not be read, or a message could not be written.
enum class WireFault : std::uint8_t {
  none,
  past_end,              ///< the input ends inside a value
  bad_length,            ///< a length that cannot be: negative, above the type's limit, or more than the input holds
  bad_varint,            ///< a varint that does not end after its largest number of bytes
  null_not_allowed,      ///< null where this version allows none
  over_budget,           ///< decoding would take more memory than the reader's budget
  bad_tag_size,          ///< a tagged field does not fill the size that stands before it
  trailing_bytes,        ///< bytes are left after the message
  unsupported_version,   ///< the message has no such version
  field_not_in_version,  ///< a field has a value that this version cannot carry, and it may not be dropped
  bad_batch,             ///< a record batch whose parts contradict each other
  bad_crc,               ///< a record batch whose checksum does not fit
  bad_compression,       ///< compressed data that its codec refuses, or that grows past the stated limit
};

std::string_view describe(WireFault fault);

/// What went wrong and in which field (a name of static storage, empty where none applies). True when something did.
struct WireError {
  WireFault fault = WireFault::none;
  std::string_view field;
  explicit operator bool() const { return fault != WireFault::none; }
  std::string describe() const;
  friend bool operator==(const WireError&, const WireError&) = default;
};

/// Records as a message carries them: on decoding a view into the frame, on encoding a view of the caller's bytes;
/// nothing is copied or owned. Null and empty are different values.
class RecordsView {
 public:
  RecordsView() = default;
  RecordsView(BytesView bytes) : bytes_(bytes), present_(true) {}  // NOLINT(google-explicit-constructor)
  bool is_null() const { return !present_; }
  BytesView bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  friend bool operator==(const RecordsView& a, const RecordsView& b) {
    return a.present_ == b.present_ && a.size() == b.size() &&
           (a.bytes_.empty() || std::memcmp(a.bytes_.data(), b.bytes_.data(), a.size()) == 0);
  }

 private:
  BytesView bytes_;
  bool present_ = false;
};

namespace wire {

template <class Int>
requires std::unsigned_integral<Int>
constexpr Int swap_if_little(Int value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(Int) == 1) return value;
  if constexpr (sizeof(Int) == 2) return static_cast<Int>(__builtin_bswap16(value));
  if constexpr (sizeof(Int) == 4) return static_cast<Int>(__builtin_bswap32(value));
  if constexpr (sizeof(Int) == 8) return static_cast<Int>(__builtin_bswap64(value));
}

/// Reads a big-endian number. Requires: sizeof(Int) readable bytes.
template <std::integral Int>
Int load(const std::byte* from) {
  std::make_unsigned_t<Int> value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<Int>(swap_if_little(value));
}

/// Writes a big-endian number. Requires: sizeof(Int) writable bytes.
template <std::integral Int>
void store(std::byte* to, Int number) {
  const auto value = swap_if_little(static_cast<std::make_unsigned_t<Int>>(number));
  std::memcpy(to, &value, sizeof value);
}

constexpr std::uint32_t zigzag(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int32_t unzigzag(std::uint32_t value) {
  return static_cast<std::int32_t>((value >> 1) ^ (0U - (value & 1U)));
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0ULL - (value & 1ULL)));
}

/// Bytes of an unsigned varint: 1 to 5, or 1 to 10.
constexpr std::size_t uvarint_size(std::uint64_t value) {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  // The number of sevens in the bit width, rounded up, without a division.
  return (9 * static_cast<std::size_t>(std::bit_width(value | 1)) + 64) >> 6;
}
constexpr std::size_t varint_size(std::int32_t value) {
  return uvarint_size(zigzag(value));
}
constexpr std::size_t varlong_size(std::int64_t value) {
  return uvarint_size(zigzag(value));
}

/// Writes 7 bits a byte, lowest first; returns the place behind. Requires: uvarint_size(value) writable bytes.
inline std::byte* store_uvarint(std::byte* to, std::uint64_t value) {
  if (value < 0x80) {
    *to = static_cast<std::byte>(value);
    return to + 1;
  }
  if (value < 0x4000) {
    to[0] = static_cast<std::byte>(value | 0x80);
    to[1] = static_cast<std::byte>(value >> 7);
    return to + 2;
  }
  while (value >= 0x80) {
    *to++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<std::byte>(value);
  return to;
}

inline constexpr std::size_t max_string_length = 0x7fff;

}  // namespace wire

/// Takes values off a byte range. It never reads past the end and never throws: the first fault stays in `error()`, and
/// from then on every read gives zero or an empty value. `budget` bounds what decoding may allocate, so that a short
/// hostile frame cannot claim gigabytes: it is 16 times the input unless the caller says otherwise.
class Reader {
 public:
  explicit Reader(BytesView input) : Reader(input, 16 * static_cast<std::uint64_t>(input.size())) {}
  Reader(BytesView input, std::uint64_t budget)
      : position_(input.data()), end_(input.data() + input.size()), budget_(budget) {}

  bool ok() const { return error_.fault == WireFault::none; }
  const WireError& error() const { return error_; }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - position_); }
  std::uint64_t budget() const { return budget_; }
  /// What has not been read yet.
  BytesView rest() const { return {position_, remaining()}; }

  /// Keeps the first fault.
  void fail(WireFault fault, std::string_view field = {}) {
    if (ok()) error_ = {fault, field};
    position_ = end_;
  }

  /// Books memory that the caller is about to allocate; false (and a fault) when the budget does not allow it.
  bool charge(std::uint64_t bytes) {
    if (bytes > budget_) {
      fail(WireFault::over_budget);
      return false;
    }
    budget_ -= bytes;
    return true;
  }

  template <std::integral Int>
  Int read() {
    if (remaining() < sizeof(Int)) {
      fail(WireFault::past_end);
      return 0;
    }
    const Int value = wire::load<Int>(position_);
    position_ += sizeof(Int);
    return value;
  }
  bool read_bool() { return read<std::uint8_t>() != 0; }
  double read_float64() { return std::bit_cast<double>(read<std::uint64_t>()); }
  Uuid read_uuid() {
    const auto most = read<std::uint64_t>();
    const auto least = read<std::uint64_t>();
    return ok() ? Uuid{most, least} : Uuid{};
  }

  /// Unsigned varint of at most 5 bytes; bits above the 32nd are dropped, as in Kafka's ByteUtils.
  std::uint32_t read_uvarint() { return static_cast<std::uint32_t>(read_varint_bytes(5)); }
  /// Signed, zigzag.
  std::int32_t read_varint() { return wire::unzigzag(read_uvarint()); }
  /// Signed, zigzag, at most 10 bytes.
  std::int64_t read_varlong() { return wire::unzigzag(read_varint_bytes(10)); }

  /// The next `size` bytes as a view into the input.
  BytesView take(std::size_t size) {
    if (remaining() < size) {
      fail(WireFault::past_end);
      return {};
    }
    const BytesView view{position_, size};
    position_ += size;
    return view;
  }

 private:
  std::uint64_t read_varint_bytes(int most) {
    std::uint64_t value = 0;
    for (int i = 0; i < most; ++i) {
      if (position_ == end_) {
        fail(WireFault::past_end);
        return 0;
      }
      const auto byte = static_cast<std::uint64_t>(*position_++);
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    fail(WireFault::bad_varint);
    return 0;
  }

  const std::byte* position_;
  const std::byte* end_;
  std::uint64_t budget_;
  WireError error_;
};

/// A place in a written frame where a message's records belong but were left out: `at` counts from the start of the
/// writer's buffer and `records` is what the message held.
struct RecordsGap {
  std::size_t at = 0;
  RecordsView records;
};

/// Appends values to a byte vector that the caller owns and may reuse. What cannot be written (a string above 32,767
/// bytes, say) is a fault that stays in `error()`; the bytes written are then of no use.
class Writer {
 public:
  enum class Records { copied, left_out };

  /// left_out: records fields are counted but not copied; `gaps()` says where they belong. So a frame can be sent as
  /// pieces.
  explicit Writer(Bytes& out, Records records = Records::copied) : out_(out), records_(records) {}

  bool ok() const { return error_.fault == WireFault::none; }
  const WireError& error() const { return error_; }
  void fail(WireFault fault, std::string_view field = {}) {
    if (ok()) error_ = {fault, field};
  }
  /// Bytes in the buffer, what stood there before included.
  std::size_t size() const { return open_ ? static_cast<std::size_t>(at_ - out_.data()) : out_.size(); }
  const std::vector<RecordsGap>& gaps() const { return gaps_; }
  /// Bytes that were left out.
  std::size_t left_out() const { return left_out_; }

  /// Between open() and close() the vector is longer than what was written, so that small values cost no growth each;
  /// close() cuts it. encode_message does both. Gives false when the writer is open already.
  bool open() {
    if (open_) return false;
    open_ = true;
    extend(out_.size(), 0);
    return true;
  }
  void close() {
    out_.resize(size());
    open_ = false;
    end_ = at_;
  }

  void append(const std::byte* from, std::size_t size) {
    if (size == 0) return;
    if (size < slack) {
      std::memcpy(claim(size), from, size);
      return;
    }
    const bool opened = open_;
    if (opened) close();
    out_.insert(out_.end(), from, from + size);
    if (opened) open();
  }
  void append(BytesView bytes) { append(bytes.data(), bytes.size()); }
  void append(std::string_view text) { append(reinterpret_cast<const std::byte*>(text.data()), text.size()); }

  template <std::integral Int>
  void write(Int number) {
    wire::store(claim(sizeof(Int)), number);
  }
  void write_bool(bool value) { write<std::uint8_t>(value ? 1 : 0); }
  void write_float64(double value) { write(std::bit_cast<std::uint64_t>(value)); }
  void write_uuid(Uuid id) {
    write(id.most);
    write(id.least);
  }
  void write_uvarint(std::uint64_t value) { wire::store_uvarint(claim(wire::uvarint_size(value)), value); }
  void write_varint(std::int32_t value) { write_uvarint(wire::zigzag(value)); }
  void write_varlong(std::int64_t value) { write_uvarint(wire::zigzag(value)); }

  /// Copies the records or leaves a gap.
  void write_records(const RecordsView& records) {
    if (records_ == Records::copied) {
      append(records.bytes());
      return;
    }
    gaps_.push_back(RecordsGap{size(), records});
    left_out_ += records.size();
  }

  /// Overwrites a number written before. Requires: at + sizeof(Int) <= size().
  template <std::integral Int>
  void patch(std::size_t at, Int number) {
    assert(at + sizeof(Int) <= size());
    wire::store(out_.data() + at, number);
  }

 private:
  static constexpr std::size_t slack = 256;

  [[gnu::noinline]] void extend(std::size_t used, std::size_t size) {
    out_.resize(used + size + slack);
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }
  [[gnu::noinline]] std::byte* claim_more(std::size_t size) {
    if (!open_) {
      out_.resize(out_.size() + size);
      return out_.data() + out_.size() - size;
    }
    extend(this->size(), size);
    at_ += size;
    return at_ - size;
  }
  /// Room for so many bytes. A closed writer has at_ == end_.
  [[gnu::always_inline]] std::byte* claim(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) return claim_more(size);
    at_ += size;
    return at_ - size;
  }

  Bytes& out_;
  std::byte* at_ = nullptr;
  std::byte* end_ = nullptr;
  bool open_ = false;
  Records records_;
  std::vector<RecordsGap> gaps_;
  std::size_t left_out_ = 0;
  WireError error_;
};

}  // namespace linger
