#include "producer/serializers.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace linger {
namespace {

struct KnownSerializer {
  Serializer serializer;
  std::string_view class_name;
  std::string_view type;  ///< the Java type it takes
};

constexpr std::array<KnownSerializer, 13> known_serializers{{
    {Serializer::byte_array, "org.apache.kafka.common.serialization.ByteArraySerializer", "byte[]"},
    {Serializer::byte_buffer, "org.apache.kafka.common.serialization.ByteBufferSerializer", "ByteBuffer"},
    {Serializer::bytes, "org.apache.kafka.common.serialization.BytesSerializer", "Bytes"},
    {Serializer::string, "org.apache.kafka.common.serialization.StringSerializer", "String"},
    {Serializer::integer, "org.apache.kafka.common.serialization.IntegerSerializer", "Integer"},
    {Serializer::long_integer, "org.apache.kafka.common.serialization.LongSerializer", "Long"},
    {Serializer::short_integer, "org.apache.kafka.common.serialization.ShortSerializer", "Short"},
    {Serializer::float_number, "org.apache.kafka.common.serialization.FloatSerializer", "Float"},
    {Serializer::double_number, "org.apache.kafka.common.serialization.DoubleSerializer", "Double"},
    {Serializer::uuid, "org.apache.kafka.common.serialization.UUIDSerializer", "UUID"},
    {Serializer::nothing, "org.apache.kafka.common.serialization.VoidSerializer", "Void"},
    {Serializer::boolean, "org.apache.kafka.common.serialization.BooleanSerializer", "Boolean"},
    {Serializer::list, "org.apache.kafka.common.serialization.ListSerializer", "List"},
}};

std::string_view type_of(Serializer serializer) {
  for (const KnownSerializer& known : known_serializers) {
    if (known.serializer == serializer) return known.type;
  }
  return {};
}

Serialized failed(const std::string& text, Serializer serializer) {
  return {std::nullopt, "\"" + text.substr(0, 60) + "\" is not a valid " + std::string(type_of(serializer))};
}

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xff));
  return out;
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Integer>
Serialized serialize_integer(const std::string& text, Serializer serializer) {
  const auto value = parsed<Integer>(text);
  if (!value) return failed(text, serializer);
  return {big_endian(static_cast<std::uint64_t>(*value), sizeof(Integer)), {}};
}

Serialized serialize_double(const std::string& text) {
  const auto value = parsed<double>(text);
  if (!value) return failed(text, Serializer::double_number);
  constexpr std::uint64_t not_a_number = 0x7ff8'0000'0000'0000;  // Double.doubleToLongBits knows one NaN only
  return {big_endian(std::isnan(*value) ? not_a_number : std::bit_cast<std::uint64_t>(*value), 8), {}};
}

Serialized serialize_float(const std::string& text) {
  const auto value = parsed<float>(text);
  if (!value) return failed(text, Serializer::float_number);
  constexpr std::uint32_t not_a_number = 0x7fc0'0000;
  return {big_endian(std::isnan(*value) ? not_a_number : std::bit_cast<std::uint32_t>(*value), 4), {}};
}

Serialized serialize_boolean(const std::string& text) {
  if (text == "true") return {std::string(1, '\1'), {}};
  if (text == "false") return {std::string(1, '\0'), {}};
  return failed(text, Serializer::boolean);
}

/// The code points of UTF-8 text; a byte that fits nowhere counts as U+FFFD, as in Java's decoder.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    char32_t point = length <= 1 ? first : first & (0x7fu >> length);
    bool good = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; good && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      good = next >> 6 == 2;
      point = point << 6 | (next & 0x3f);
    }
    out.push_back(good ? point : 0xfffd);
    i += good ? length : 1;
  }
  return out;
}

std::string encode_one_byte(const std::string& text, char32_t limit) {
  std::string out;
  for (const char32_t point : code_points(text)) out.push_back(point < limit ? static_cast<char>(point) : '?');
  return out;
}

std::string encode_utf_16(const std::string& text, bool big, bool mark) {
  std::string out;
  const auto unit = [&](std::uint32_t value) {
    const char high = static_cast<char>(value >> 8 & 0xff);
    const char low = static_cast<char>(value & 0xff);
    out.push_back(big ? high : low);
    out.push_back(big ? low : high);
  };
  if (mark && !text.empty()) unit(0xfeff);
  for (const char32_t point : code_points(text)) {
    if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xd800 + ((point - 0x10000) >> 10));
      unit(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

/// String.getBytes(charset); bytes that are UTF-8 already stay as they are.
std::string encode_text(const std::string& text, TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf_8:
      return text;
    case TextEncoding::iso_8859_1:
      return encode_one_byte(text, 0x100);
    case TextEncoding::us_ascii:
      return encode_one_byte(text, 0x80);
    case TextEncoding::utf_16:
      return encode_utf_16(text, true, true);
    case TextEncoding::utf_16be:
      return encode_utf_16(text, true, false);
    case TextEncoding::utf_16le:
      return encode_utf_16(text, false, false);
  }
  return text;
}

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// UUID.fromString and toString: five groups of hexadecimal digits, each cut to its width.
std::optional<std::string> canonical_uuid(std::string_view text) {
  constexpr std::array<int, 5> widths{8, 4, 4, 4, 12};
  if (text.size() > 36) return std::nullopt;
  std::string out;
  for (std::size_t group = 0; group < widths.size(); ++group) {
    const std::size_t dash = text.find('-');
    const bool last = group + 1 == widths.size();
    if (last != (dash == std::string_view::npos)) return std::nullopt;
    const auto value = hexadecimal(text.substr(0, dash));
    if (!value) return std::nullopt;
    for (int digit = widths[group] - 1; digit >= 0; --digit)
      out.push_back("0123456789abcdef"[*value >> 4 * digit & 15]);
    if (!last) {
      out.push_back('-');
      text.remove_prefix(dash + 1);
    }
  }
  return out;
}

bool has_fixed_length(Serializer serializer) {
  switch (serializer) {
    case Serializer::short_integer:
    case Serializer::integer:
    case Serializer::float_number:
    case Serializer::long_integer:
    case Serializer::double_number:
    case Serializer::uuid:
      return true;
    default:
      return false;
  }
}

/// Kafka: ListSerializer. A strategy byte (0: elements of constant size, with a list of the null elements' indexes in
/// front; 1: each element behind its length, -1 for null), the number of elements, the elements.
Serialized serialize_list(const SerializerConfig& serializer, const std::string& text) {
  const auto array = nlohmann::json::parse(text, nullptr, false);
  if (!array.is_array()) return failed(text, Serializer::list);
  const bool fixed = has_fixed_length(serializer.inner);
  SerializerConfig inner = serializer;
  inner.kind = serializer.inner;
  std::string nulls;
  std::string elements;
  std::uint32_t null_count = 0;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const auto& element = array[i];
    if (element.is_null()) {
      ++null_count;
      if (fixed) nulls += big_endian(i, 4);
      if (!fixed) elements += big_endian(0xffff'ffff, 4);
      continue;
    }
    const Serialized one = serialize(inner, element.is_string() ? element.get<std::string>() : element.dump());
    if (one.error) return one;
    if (!one.bytes) return {std::nullopt, "VoidSerializer cannot write the elements of a list"};
    if (!fixed) elements += big_endian(one.bytes->size(), 4);
    elements += *one.bytes;
  }
  std::string out(1, fixed ? '\0' : '\1');
  if (fixed) out += big_endian(null_count, 4) + nulls;
  return {out + big_endian(array.size(), 4) + elements, {}};
}

}  // namespace

Serialized serialize(const SerializerConfig& serializer, const std::optional<std::string>& text) {
  if (!text) return {};
  switch (serializer.kind) {
    case Serializer::byte_array:
    case Serializer::byte_buffer:
    case Serializer::bytes:
      return {*text, {}};
    case Serializer::string:
      return {encode_text(*text, serializer.encoding), {}};
    case Serializer::integer:
      return serialize_integer<std::int32_t>(*text, Serializer::integer);
    case Serializer::long_integer:
      return serialize_integer<std::int64_t>(*text, Serializer::long_integer);
    case Serializer::short_integer:
      return serialize_integer<std::int16_t>(*text, Serializer::short_integer);
    case Serializer::float_number:
      return serialize_float(*text);
    case Serializer::double_number:
      return serialize_double(*text);
    case Serializer::uuid: {
      const auto canonical = canonical_uuid(*text);
      if (!canonical) return failed(*text, Serializer::uuid);
      return {encode_text(*canonical, serializer.encoding), {}};
    }
    case Serializer::nothing:
      return {};
    case Serializer::boolean:
      return serialize_boolean(*text);
    case Serializer::list:
      return serialize_list(serializer, *text);
  }
  return {};
}

std::string_view class_name(Serializer serializer) {
  for (const KnownSerializer& known : known_serializers) {
    if (known.serializer == serializer) return known.class_name;
  }
  return {};
}

std::optional<Serializer> serializer_of_class(std::string_view class_name) {
  for (const KnownSerializer& known : known_serializers) {
    if (known.class_name == class_name) return known.serializer;
  }
  return std::nullopt;
}

const std::vector<Serializer>& all_serializers() {
  static const std::vector<Serializer> all = [] {
    std::vector<Serializer> list;
    for (const KnownSerializer& known : known_serializers) list.push_back(known.serializer);
    return list;
  }();
  return all;
}

std::optional<TextEncoding> text_encoding(std::string_view charset) {
  std::string name;
  for (const char c : charset) name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  if (name == "UTF-8" || name == "UTF8") return TextEncoding::utf_8;
  if (name == "ISO-8859-1" || name == "ISO8859-1" || name == "ISO8859_1" || name == "LATIN1")
    return TextEncoding::iso_8859_1;
  if (name == "US-ASCII" || name == "ASCII") return TextEncoding::us_ascii;
  if (name == "UTF-16" || name == "UTF16") return TextEncoding::utf_16;
  if (name == "UTF-16BE") return TextEncoding::utf_16be;
  if (name == "UTF-16LE") return TextEncoding::utf_16le;
  return std::nullopt;
}

}  // namespace linger
