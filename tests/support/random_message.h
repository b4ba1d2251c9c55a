#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "protocol/message.h"

namespace linger::testing {

/// Numbers from a seed, the same on every machine (SplitMix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }
  /// 0 to below - 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// Bytes that random records fields view.
inline BytesView records_pool() {
  static const Bytes pool = [] {
    Bytes bytes(64);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
    return bytes;
  }();
  return pool;
}

/// Fills a value as a field of this version may have it.
template <class T>
void randomize(T& value, Random& random, std::int16_t version, bool nullable);

/// Fills the fields that the version has and leaves the others at their defaults, so that encoding never refuses the
/// message.
template <WireStruct T>
void randomize_struct(T& value, Random& random, std::int16_t version) {
  const auto fill = [&](const auto& f) {
    if (!f.versions.contains(version)) return;
    if (f.tagged_versions.contains(version) && random.one_in(3)) return;
    randomize(value.*f.member, random, version, f.nullable_versions.contains(version));
  };
  codec::fields_of<T>.each(fill);
}

template <class T>
void randomize(T& value, Random& random, std::int16_t version, bool nullable) {
  if constexpr (std::same_as<T, bool>) {
    value = random.one_in(2);
  } else if constexpr (std::integral<T>) {
    const std::array<T, 4> special{T{0}, static_cast<T>(-1), std::numeric_limits<T>::min(),
                                   std::numeric_limits<T>::max()};
    const std::uint64_t number = random.next();
    value = random.one_in(4) ? special[number % special.size()] : static_cast<T>(number);
  } else if constexpr (std::same_as<T, double>) {
    value = static_cast<double>(random.below(1000)) / 8;
  } else if constexpr (std::same_as<T, Uuid>) {
    value.most = random.next();
    value.least = random.next();
  } else if constexpr (codec::Optional<T>) {
    value.reset();
    if (!nullable || !random.one_in(4)) randomize(value.emplace(), random, version, false);
  } else if constexpr (std::same_as<T, std::string>) {
    const std::size_t size = random.one_in(20) ? 200 : random.below(12);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) value += static_cast<char>('a' + random.below(26));
  } else if constexpr (std::same_as<T, Bytes>) {
    const BytesView bytes = records_pool().first(random.below(20));
    value.assign(bytes.begin(), bytes.end());
  } else if constexpr (std::same_as<T, RecordsView>) {
    value = nullable && random.one_in(4) ? RecordsView{} : RecordsView{records_pool().first(random.below(64))};
  } else if constexpr (codec::Array<T>) {
    value.clear();
    value.resize(random.below(4));
    for (std::size_t i = 0; i < value.size(); ++i) {
      typename T::value_type item{};
      randomize(item, random, version, false);
      value[i] = std::move(item);
    }
  } else {
    randomize_struct(value, random, version);
  }
}

template <Message M>
M random_message(Random& random, std::int16_t version) {
  M message;
  randomize_struct(message, random, version);
  return message;
}

/// Memory enough for any message: for tests in which many short strings would meet the reader's budget.
inline constexpr std::uint64_t ample_budget = 1ULL << 40;

}  // namespace linger::testing
