#include "protocol/ids.h"

namespace linger {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int characters = 22;

/// The k-th group of six bits of the 16 bytes; the last group holds two bits and four zeros behind them.
constexpr unsigned sextet(const Uuid& id, int k) {
  unsigned value = 0;
  for (int bit = 6 * k; bit < 6 * k + 6; ++bit) {
    unsigned set = 0;
    if (bit < 64) set = static_cast<unsigned>(id.most >> (63 - bit)) & 1U;
    if (bit >= 64 && bit < 128) set = static_cast<unsigned>(id.least >> (127 - bit)) & 1U;
    value = value << 1 | set;
  }
  return value;
}

}  // namespace

std::string Uuid::describe() const {
  std::string text;
  for (int k = 0; k < characters; ++k) text += alphabet[sextet(*this, k)];
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != characters) return std::nullopt;
  Uuid id;
  for (int k = 0; k < characters; ++k) {
    const std::size_t value = alphabet.find(text[static_cast<std::size_t>(k)]);
    if (value == std::string_view::npos) return std::nullopt;
    const int bits = k == characters - 1 ? 2 : 6;
    for (int i = 5; i >= 6 - bits; --i) {
      id.most = id.most << 1 | id.least >> 63;
      id.least = id.least << 1 | (value >> i & 1U);
    }
  }
  return id.describe() == text ? std::optional{id} : std::nullopt;
}

}  // namespace linger
