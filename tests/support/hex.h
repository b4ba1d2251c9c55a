#pragma once

#include <cassert>
#include <string>
#include <string_view>

#include "protocol/wire.h"

namespace linger::testing {

inline std::string to_hex(BytesView bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += digits[static_cast<unsigned>(b) >> 4];
    text += digits[static_cast<unsigned>(b) & 15];
  }
  return text;
}

/// Blanks may stand between bytes.
inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    assert(digit >= 0 && digit < 16);
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::byte>(16 * high + digit));
      high = -1;
    }
  }
  return bytes;
}

inline BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string text_of(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace linger::testing
