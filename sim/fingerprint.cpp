#include "sim/fingerprint.h"

#include <bit>
#include <cstring>

namespace linger::sim {

namespace {

static_assert(std::endian::native == std::endian::little, "words are read from memory as they are");

constexpr std::uint64_t k0 = 0x9e37'79b9'7f4a'7c15ULL;
constexpr std::uint64_t k1 = 0xa076'1d64'78bd'642fULL;
constexpr std::uint64_t k2 = 0xe703'7ed1'a0b4'28dbULL;
constexpr std::uint64_t k3 = 0x8ebc'6af0'9c88'c6e3ULL;
constexpr std::uint64_t k4 = 0x5899'65cc'7537'4cc3ULL;

using detail::fold;

std::uint64_t word_at(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint64_t half_at(const std::byte* from) {
  std::uint32_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Up to 16 bytes as two words; the size goes in elsewhere.
struct Pair {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
Pair last_words(const std::byte* from, std::size_t size) {
  if (size >= 8) return {word_at(from), word_at(from + size - 8)};
  if (size >= 4) return {half_at(from), half_at(from + size - 4)};
  if (size == 0) return {};
  const auto byte = [from](std::size_t i) { return static_cast<std::uint64_t>(from[i]); };
  return {(byte(0) << 16) | (byte(size / 2) << 8) | byte(size - 1), 0};
}

// Two words that hold all of an event's own fields.
struct Body {
  std::uint64_t a;
  std::uint64_t b;
};
constexpr std::uint64_t join(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32) | low;
}
struct Pack {
  Body operator()(const Wake& wake) const { return {join(wake.host.value(), wake.timer), wake.arg}; }
  Body operator()(const Handshake& step) const {
    const std::uint32_t low =
        (static_cast<std::uint32_t>(step.step) << 24) | (std::uint32_t{step.accepted} << 16) | step.attempt;
    return {join(step.connection.index, step.connection.generation), join(step.host.value(), low)};
  }
  Body operator()(const Deliver& deliver) const {
    const std::uint32_t low = (deliver.ticket << 1) | static_cast<std::uint32_t>(deliver.direction);
    return {join(deliver.connection.index, deliver.connection.generation), join(deliver.host.value(), low)};
  }
  Body operator()(const Strike& strike) const { return {join(strike.fault, strike.phase), 0}; }
};

}  // namespace

std::uint64_t hash_bytes(std::span<const std::byte> bytes) {
  const std::byte* from = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = k0 ^ bytes.size();
  if (left > 16) {
    if (left > 64) {
      // Four independent lanes keep the multiplier busy.
      std::uint64_t lanes[4] = {hash, hash ^ k1, hash ^ k2, hash ^ k3};
      for (; left > 64; left -= 64, from += 64) {
        lanes[0] = fold(word_at(from) ^ k1, word_at(from + 8) ^ lanes[0]);
        lanes[1] = fold(word_at(from + 16) ^ k2, word_at(from + 24) ^ lanes[1]);
        lanes[2] = fold(word_at(from + 32) ^ k3, word_at(from + 40) ^ lanes[2]);
        lanes[3] = fold(word_at(from + 48) ^ k4, word_at(from + 56) ^ lanes[3]);
      }
      hash = fold(lanes[0] ^ k4, lanes[1]) ^ fold(lanes[2] ^ k0, lanes[3]);
    }
    for (; left > 16; left -= 16, from += 16) hash = fold(word_at(from) ^ k1, word_at(from + 8) ^ hash);
  }
  const Pair last = last_words(from, left);
  return fold(k2 ^ bytes.size(), fold(last.a ^ k1, last.b ^ hash));
}

void Fingerprint::add(const Event& event) {
  const Body body = std::visit(Pack{}, event.what);
  const std::uint64_t when = fold(static_cast<std::uint64_t>(event.at.ns()) ^ k1, event.number.value() ^ k2);
  const std::uint64_t why = fold(event.cause.value() ^ k3, event.tie_break ^ k4 ^ event.what.index());
  const std::uint64_t what = fold(body.a ^ k0, body.b ^ k1 ^ event.what.index());
  add(when ^ std::rotl(why, 21) ^ std::rotl(what, 42));
}

void Fingerprint::add(std::span<const std::byte> bytes) {
  add(hash_bytes(bytes));
}

std::string Fingerprint::describe() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  std::uint64_t rest = value();
  for (std::size_t i = 16; i-- > 0; rest >>= 4) text[i] = digits[rest & 15];
  return text;
}

}  // namespace linger::sim
