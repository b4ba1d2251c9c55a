#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace linger {

/// The serializers that come with the Java client (org.apache.kafka.common.serialization).
enum class Serializer : std::uint8_t {
  byte_array,
  byte_buffer,
  bytes,
  string,
  integer,
  long_integer,
  short_integer,
  float_number,
  double_number,
  uuid,
  nothing,  ///< VoidSerializer: everything becomes null
  boolean,
  list,
};

/// Character sets that StringSerializer and UUIDSerializer can be told to use here (`value.serializer.encoding`).
enum class TextEncoding : std::uint8_t { utf_8, iso_8859_1, us_ascii, utf_16, utf_16be, utf_16le };

/// A serializer with what its configure() takes from the settings.
struct SerializerConfig {
  Serializer kind = Serializer::byte_array;
  TextEncoding encoding = TextEncoding::utf_8;  ///< String and UUID only
  Serializer inner = Serializer::byte_array;    ///< List only: how one element is written
  friend bool operator==(const SerializerConfig&, const SerializerConfig&) = default;
};

/// What became of one value: its bytes, null (a tombstone), or the sentence of Kafka's SerializationException.
struct Serialized {
  std::optional<std::string> bytes;  ///< absent: null
  std::optional<std::string>
      error;  ///< present: Java throws SerializationException (or ClassCastException) out of send
  friend bool operator==(const Serialized&, const Serialized&) = default;
};

/// Writes a value given as text the way Java's serializer writes the object that the text stands for: "42" with
/// IntegerSerializer is 00 00 00 2a. `text` is UTF-8 where the serializer is about text, raw bytes for byte_array,
/// byte_buffer and bytes; absent means null. A list is a JSON array of texts, numbers, booleans and nulls.
Serialized serialize(const SerializerConfig& serializer, const std::optional<std::string>& text);

/// The class name by which producer.properties knows it, e.g. org.apache.kafka.common.serialization.StringSerializer.
std::string_view class_name(Serializer serializer);
std::optional<Serializer> serializer_of_class(std::string_view class_name);
const std::vector<Serializer>& all_serializers();

/// "UTF-8", "ISO-8859-1" and so on, as java.nio.charset.Charset.forName knows them (any case, common aliases).
std::optional<TextEncoding> text_encoding(std::string_view charset);

}  // namespace linger
