#include "protocol/message.h"

#include <charconv>

namespace linger {

std::string Versions::describe() const {
  if (none()) return "none";
  std::string text = std::to_string(min);
  if (max == std::numeric_limits<std::int16_t>::max()) return text + "+";
  if (max != min) text.append("-").append(std::to_string(max));
  return text;
}

namespace codec {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

}  // namespace

void dump_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out += "\\u00";
      out += hex_digits[code >> 4];
      out += hex_digits[code & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void dump_name(std::string& out, std::string_view name) {
  out += '"';
  out += name[0] >= 'A' && name[0] <= 'Z' ? static_cast<char>(name[0] - 'A' + 'a') : name[0];
  out += name.substr(1);
}

// Base64, which is how JSON libraries write binary values.
void dump_bytes(std::string& out, BytesView bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out += '"';
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) out += at + i > bytes.size() ? '=' : digits[group >> (18 - 6 * i) & 63];
  }
  out += '"';
}

void dump_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void dump_double(std::string& out, double number) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void dump_uuid(std::string& out, Uuid id) {
  out += '"';
  out += id.describe();
  out += '"';
}

}  // namespace codec
}  // namespace linger
