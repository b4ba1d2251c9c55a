#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/wire.h"

/// Messages from field lists. A message is a plain struct with a static `fields()`: one line a field with its JSON
/// name, member and versions. Encoding, decoding, size, dump and schema all walk that list. A member's initializer is
/// the field's default; its C++ type is the wire type: bool, std::int8_t … std::int64_t, std::uint16_t, std::uint32_t,
/// double, Uuid, std::string, Bytes, RecordsView, another such struct, std::vector of these, and std::optional around
/// what some version may carry as null. The rules are those of Kafka's message generator (KIP-482).
namespace linger {

/// "3+", "0-12", "7" or "none", as in Kafka's message definitions.
struct Versions {
  std::int16_t min = 0;
  std::int16_t max = -1;

  constexpr Versions() = default;
  constexpr Versions(const char* text) {  // NOLINT(google-explicit-constructor)
    if (*text == 'n') return;
    min = number(text);
    max = min;
    if (*text == '+') max = std::numeric_limits<std::int16_t>::max();
    if (*text == '-') max = number(++text);
  }
  constexpr bool contains(std::int16_t version) const { return min <= version && version <= max; }
  constexpr bool none() const { return max < min; }
  constexpr VersionRange range() const { return {min, max}; }
  friend constexpr bool operator==(Versions, Versions) = default;
  std::string describe() const;

 private:
  static constexpr std::int16_t number(const char*& text) {
    int value = 0;
    while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
    return static_cast<std::int16_t>(value);
  }
};

enum class MessageType : std::uint8_t { request, response, header, record };

/// What stands at the top of a message definition. `key` is the API key of a request or response, the record type of a
/// metadata record and -1 for a header.
struct MessageSpec {
  std::string_view name;
  MessageType type;
  std::int16_t key;
  Versions valid;
  Versions flexible;
};

/// One field: where it is and in which versions, how it may be null, whether it is tagged, and whether a value that a
/// version cannot carry is dropped (ignorable) or refused.
template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
  Versions versions;
  Versions nullable_versions{};
  Versions tagged_versions{};
  std::int32_t tag = -1;
  bool is_ignorable = false;
  bool always_long = false;

  constexpr Field nullable(Versions in) const {
    Field copy = *this;
    copy.nullable_versions = in;
    return copy;
  }
  constexpr Field tagged(std::int32_t number, Versions in) const {
    Field copy = *this;
    copy.tag = number;
    copy.tagged_versions = in;
    return copy;
  }
  constexpr Field ignorable() const {
    Field copy = *this;
    copy.is_ignorable = true;
    return copy;
  }
  /// Keeps the two-byte length in flexible versions too (the request header's client id).
  constexpr Field never_compact() const {
    Field copy = *this;
    copy.always_long = true;
    return copy;
  }
};

template <class Struct, class Member>
constexpr Field<Struct, Member> field(std::string_view name, Member Struct::*member, Versions versions) {
  return Field<Struct, Member>{name, member, versions};
}

/// The fields of a struct in the order of the wire. Not a std::tuple, whose constructors every message's header would
/// pay for when it is compiled.
template <class Places, class... Fields>
struct FieldList;
template <std::size_t place, class Of>
struct FieldAt {
  Of field;
};
template <std::size_t... places, class... Fields>
struct FieldList<std::index_sequence<places...>, Fields...> : FieldAt<places, Fields>... {
  /// Inline, as the visitors below are: what a field's line says is then a constant where it is asked, and most of the
  /// questions are gone.
  template <class Visit>
  [[gnu::always_inline]] constexpr void each([[maybe_unused]] Visit visit) const {
    (visit(FieldAt<places, Fields>::field), ...);
  }
};

template <class... Fields>
constexpr FieldList<std::index_sequence_for<Fields...>, Fields...> field_list(Fields... fields) {
  return {{fields}...};
}

template <class T>
concept WireStruct = requires {
  T::fields();
};

/// A struct that is a whole message.
template <class T>
concept Message = WireStruct<T> && requires {
  { T::spec } -> std::convertible_to<MessageSpec>;
};

/// What decoding gave: a value, or the reason why there is none.
template <class T>
struct Decoded {
  T value{};
  WireError error;
  explicit operator bool() const { return !error; }
};

}  // namespace linger

#include "protocol/message_codec.h"

namespace linger {

/// Appends the message's body. Gives a fault when the message has no such version or holds a value that the version
/// cannot carry.
template <Message M>
WireError encode_message(const M& message, std::int16_t version, Writer& writer) {
  if (!M::spec.valid.contains(version)) return {WireFault::unsupported_version, M::spec.name};
  const bool opened = writer.open();
  codec::write_struct(writer, message, version, M::spec.flexible.contains(version));
  if (opened) writer.close();
  return writer.error();
}

/// Reads one message body and leaves the reader behind it.
template <Message M>
Decoded<M> decode_message(Reader& reader, std::int16_t version) {
  Decoded<M> decoded;
  if (!M::spec.valid.contains(version)) {
    reader.fail(WireFault::unsupported_version, M::spec.name);
  } else {
    codec::read_struct(reader, decoded.value, version, M::spec.flexible.contains(version));
  }
  decoded.error = reader.error();
  return decoded;
}

/// Bytes that encode_message would append. Requires: encoding the message in this version gives no fault.
template <Message M>
std::size_t encoded_size(const M& message, std::int16_t version) {
  return codec::size_of_struct(message, version, M::spec.flexible.contains(version));
}

/// The message as JSON text, all fields that the version has; records as their size.
template <Message M>
std::string dump_message(const M& message, std::int16_t version) {
  std::string text;
  codec::dump_struct(text, message, version);
  return text;
}

}  // namespace linger

/// In a message's header: its code is made once, in the source file that says LINGER_DEFINE_MESSAGE.
#define LINGER_DECLARE_MESSAGE(M)                                                                     \
  extern template void linger::codec::write_struct<M>(linger::Writer&, const M&, std::int16_t, bool); \
  extern template void linger::codec::read_struct<M>(linger::Reader&, M&, std::int16_t, bool);        \
  extern template std::size_t linger::codec::size_of_struct<M>(const M&, std::int16_t, bool);         \
  extern template void linger::codec::dump_struct<M>(std::string&, const M&, std::int16_t)
#define LINGER_DEFINE_MESSAGE(M)                                                               \
  template void linger::codec::write_struct<M>(linger::Writer&, const M&, std::int16_t, bool); \
  template void linger::codec::read_struct<M>(linger::Reader&, M&, std::int16_t, bool);        \
  template std::size_t linger::codec::size_of_struct<M>(const M&, std::int16_t, bool);         \
  template void linger::codec::dump_struct<M>(std::string&, const M&, std::int16_t)
