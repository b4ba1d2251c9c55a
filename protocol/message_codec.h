#pragma once

#include <algorithm>
#include <concepts>

#include "protocol/message.h"

/// Part of protocol/message.h: how values of each wire type are written, read, measured and printed.

/// A lambda has no other place for it.
#define LINGER_INLINE __attribute__((always_inline))

namespace linger::codec {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
concept Optional = is_optional<T>::value;

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
concept Array = is_vector<T>::value && !std::same_as<T, Bytes>;

/// Whether null and a length share one place on the wire; other nullable values (structs) have a byte of their own.
template <class T>
concept HasLength = std::same_as<T, std::string> || std::same_as<T, Bytes> || std::same_as<T, RecordsView> || Array<T>;

template <WireStruct T>
inline constexpr auto fields_of = T::fields();

/// A struct with every field at its default.
template <WireStruct T>
const T& default_of() {
  static const T value{};
  return value;
}

template <class F, class T>
bool is_default(const F& f, const T& value) {
  return value.*f.member == default_of<T>().*f.member;
}

/// How one value is laid out: all that a field's line says about it for one version.
struct Layout {
  std::int16_t version;
  bool flexible;
  bool compact;
  bool nullable;
};

template <class F>
[[gnu::always_inline]] inline Layout layout_of(const F& f, std::int16_t version, bool flexible) {
  return {version, flexible, flexible && !f.always_long, f.nullable_versions.contains(version)};
}

// The members of this namespace call each other for nested types, so all are declared before the first is defined.
template <WireStruct T>
void write_struct(Writer& writer, const T& value, std::int16_t version, bool flexible);
template <WireStruct T>
void read_struct(Reader& reader, T& value, std::int16_t version, bool flexible);
template <WireStruct T>
std::size_t size_of_struct(const T& value, std::int16_t version, bool flexible);
template <WireStruct T>
std::size_t least_size_of_struct(std::int16_t version, bool flexible);
template <WireStruct T>
void dump_struct(std::string& out, const T& value, std::int16_t version);

/// Fewest bytes a value of the type can take.
template <class T>
std::size_t least_size(const Layout& layout) {
  if constexpr (std::integral<T> || std::floating_point<T>) {
    return sizeof(T);
  } else if constexpr (std::same_as<T, Uuid>) {
    return 16;
  } else if constexpr (Optional<T>) {
    if constexpr (HasLength<typename T::value_type>) {
      return least_size<typename T::value_type>(layout);
    } else {
      return 1;
    }
  } else if constexpr (std::same_as<T, std::string>) {
    return layout.compact ? 1 : 2;
  } else if constexpr (HasLength<T>) {
    return layout.compact ? 1 : 4;
  } else {
    return least_size_of_struct<T>(layout.version, layout.flexible);
  }
}

template <WireStruct T>
std::size_t least_size_of_struct(std::int16_t version, bool flexible) {
  std::size_t size = flexible ? 1 : 0;
  const auto add = [&](const auto& f) LINGER_INLINE {
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*f.member)>;
    if (f.versions.contains(version) && !f.tagged_versions.contains(version)) {
      size += least_size<Member>(layout_of(f, version, flexible));
    }
  };
  fields_of<T>.each(add);
  return size;
}

// ---- lengths
// -------------------------------------------------------------------------------------------------------------------

template <class T>
std::size_t size_of_length(std::size_t length, const Layout& layout) {
  if (layout.compact) return wire::uvarint_size(length + 1);
  return std::same_as<T, std::string> ? 2 : 4;
}

template <class T>
void write_length(Writer& writer, std::size_t length, const Layout& layout, std::string_view name) {
  constexpr std::size_t limit = std::same_as<T, std::string> ? wire::max_string_length : 0x7fff'ffff - 1;
  if (length > limit) return writer.fail(WireFault::bad_length, name);
  if (layout.compact) {
    writer.write_uvarint(length + 1);
  } else if constexpr (std::same_as<T, std::string>) {
    writer.write(static_cast<std::int16_t>(length));
  } else {
    writer.write(static_cast<std::int32_t>(length));
  }
}

template <class T>
void write_null(Writer& writer, const Layout& layout, std::string_view name) {
  if (!layout.nullable) return writer.fail(WireFault::null_not_allowed, name);
  if (layout.compact) {
    writer.write_uvarint(0);
  } else if constexpr (std::same_as<T, std::string>) {
    writer.write(std::int16_t{-1});
  } else {
    writer.write(std::int32_t{-1});
  }
}

/// The length, or -1 for null. A null that is not allowed, or more than the input holds, is a fault and gives -1.
template <class T>
std::int64_t read_length(Reader& reader, const Layout& layout, std::string_view name) {
  std::int64_t length = 0;
  if (layout.compact) {
    length = std::int64_t{reader.read_uvarint()} - 1;
  } else if constexpr (std::same_as<T, std::string>) {
    length = reader.read<std::int16_t>();
  } else {
    length = reader.read<std::int32_t>();
  }
  if (!reader.ok()) return -1;
  if (length < 0) {
    if (!layout.nullable) reader.fail(WireFault::null_not_allowed, name);
    return -1;
  }
  constexpr std::int64_t limit = std::same_as<T, std::string> ? std::int64_t{wire::max_string_length} : 0x7fff'ffff;
  if (length > limit || static_cast<std::size_t>(length) > reader.remaining()) {
    reader.fail(WireFault::bad_length, name);
    return -1;
  }
  return length;
}

// ---- writing
// -------------------------------------------------------------------------------------------------------------------

template <class T>
void write_value(Writer& writer, const T& value, const Layout& layout, std::string_view name) {
  if constexpr (std::same_as<T, bool>) {
    writer.write_bool(value);
  } else if constexpr (std::integral<T>) {
    writer.write(value);
  } else if constexpr (std::same_as<T, double>) {
    writer.write_float64(value);
  } else if constexpr (std::same_as<T, Uuid>) {
    writer.write_uuid(value);
  } else if constexpr (Optional<T>) {
    using Inner = typename T::value_type;
    if constexpr (HasLength<Inner>) {
      if (!value) return write_null<Inner>(writer, layout, name);
    } else if (layout.nullable) {
      writer.write<std::int8_t>(value ? 1 : -1);
      if (!value) return;
    }
    if (!value) return writer.fail(WireFault::null_not_allowed, name);
    write_value(writer, *value, layout, name);
  } else if constexpr (std::same_as<T, RecordsView>) {
    if (value.is_null()) return write_null<T>(writer, layout, name);
    write_length<T>(writer, value.size(), layout, name);
    writer.write_records(value);
  } else if constexpr (HasLength<T>) {
    write_length<T>(writer, value.size(), layout, name);
    if constexpr (std::same_as<T, std::string>) {
      writer.append(std::string_view{value});
    } else if constexpr (std::same_as<T, Bytes>) {
      writer.append(BytesView{value});
    } else {
      Layout element = layout;
      element.nullable = false;
      for (const auto& item : value) write_value(writer, item, element, name);
    }
  } else {
    write_struct(writer, value, layout.version, layout.flexible);
  }
}

template <class T>
std::size_t size_of_value(const T& value, const Layout& layout) {
  if constexpr (std::integral<T> || std::floating_point<T> || std::same_as<T, Uuid>) {
    return least_size<T>(layout);
  } else if constexpr (Optional<T>) {
    using Inner = typename T::value_type;
    if constexpr (HasLength<Inner>) {
      return value ? size_of_value(*value, layout) : least_size<Inner>(layout);
    } else {
      return (layout.nullable ? 1 : 0) + (value ? size_of_value(*value, layout) : 0);
    }
  } else if constexpr (std::same_as<T, RecordsView>) {
    return value.is_null() ? least_size<T>(layout) : size_of_length<T>(value.size(), layout) + value.size();
  } else if constexpr (HasLength<T>) {
    std::size_t size = size_of_length<T>(value.size(), layout);
    if constexpr (Array<T>) {
      for (const auto& item : value) size += size_of_value(item, layout);
      return size;
    } else {
      return size + value.size();
    }
  } else {
    return size_of_struct(value, layout.version, layout.flexible);
  }
}

/// Calls visit(field) for each tagged field that must be written: present in the version and not at its default.
template <class T, class Visit>
[[gnu::always_inline]] inline void for_each_tag_to_write(const T& value, std::int16_t version, Visit visit) {
  const auto consider = [&](const auto& f) LINGER_INLINE {
    if (f.tagged_versions.contains(version) && !is_default(f, value)) visit(f);
  };
  fields_of<T>.each(consider);
}

template <WireStruct T>
void write_tags(Writer& writer, const T& value, std::int16_t version) {
  std::int32_t highest = -1;
  std::uint32_t count = 0;
  for_each_tag_to_write(value, version, [&](const auto& f) LINGER_INLINE {
    ++count;
    highest = std::max(highest, f.tag);
  });
  writer.write_uvarint(count);
  // A list may name its tags in any order; on the wire they ascend.
  for (std::int32_t tag = 0; tag <= highest; ++tag) {
    for_each_tag_to_write(value, version, [&](const auto& f) LINGER_INLINE {
      if (f.tag != tag) return;
      const Layout layout = layout_of(f, version, true);
      writer.write_uvarint(static_cast<std::uint32_t>(tag));
      writer.write_uvarint(size_of_value(value.*f.member, layout));
      write_value(writer, value.*f.member, layout, f.name);
    });
  }
}

template <WireStruct T>
void write_struct(Writer& writer, const T& value, std::int16_t version, bool flexible) {
  const auto write_one = [&](const auto& f) LINGER_INLINE {
    if (f.tagged_versions.contains(version)) return;
    if (f.versions.contains(version)) {
      write_value(writer, value.*f.member, layout_of(f, version, flexible), f.name);
    } else if (!f.is_ignorable && !is_default(f, value)) {
      writer.fail(WireFault::field_not_in_version, f.name);
    }
  };
  fields_of<T>.each(write_one);
  if (flexible) write_tags(writer, value, version);
}

template <WireStruct T>
std::size_t size_of_struct(const T& value, std::int16_t version, bool flexible) {
  std::size_t size = 0;
  const auto add = [&](const auto& f) LINGER_INLINE {
    if (f.versions.contains(version) && !f.tagged_versions.contains(version)) {
      size += size_of_value(value.*f.member, layout_of(f, version, flexible));
    }
  };
  fields_of<T>.each(add);
  if (!flexible) return size;
  std::size_t count = 0;
  for_each_tag_to_write(value, version, [&](const auto& f) LINGER_INLINE {
    ++count;
    const std::size_t body = size_of_value(value.*f.member, layout_of(f, version, true));
    size += wire::uvarint_size(static_cast<std::uint32_t>(f.tag)) + wire::uvarint_size(body) + body;
  });
  return size + wire::uvarint_size(count);
}

// ---- reading
// -------------------------------------------------------------------------------------------------------------------

template <class T>
void read_value(Reader& reader, T& value, const Layout& layout, std::string_view name);
template <HasLength T>
void read_sized(Reader& reader, T& value, const Layout& layout, std::int64_t length, std::string_view name);

template <Array T>
void read_array(Reader& reader, T& value, const Layout& layout, std::int64_t length, std::string_view name) {
  using Item = typename T::value_type;
  Layout element = layout;
  element.nullable = false;
  const auto count = static_cast<std::uint64_t>(length);
  const std::uint64_t least = std::max<std::uint64_t>(1, least_size<Item>(element));
  if (count > reader.remaining() / least) return reader.fail(WireFault::bad_length, name);
  if (!reader.charge(count * sizeof(Item))) return;
  value.clear();
  value.resize(count);
  if constexpr (std::same_as<Item, bool> || !std::integral<Item>) {
    for (auto&& item : value) {
      read_value(reader, item, element, name);
      if (!reader.ok()) return;
    }
  } else {
    const BytesView bytes = reader.take(count * sizeof(Item));
    for (std::size_t i = 0; i < count; ++i) value[i] = wire::load<Item>(bytes.data() + i * sizeof(Item));
  }
}

template <class T>
void read_value(Reader& reader, T& value, const Layout& layout, std::string_view name) {
  if constexpr (std::same_as<T, bool>) {
    value = reader.read_bool();
  } else if constexpr (std::integral<T>) {
    value = reader.read<T>();
  } else if constexpr (std::same_as<T, double>) {
    value = reader.read_float64();
  } else if constexpr (std::same_as<T, Uuid>) {
    value = reader.read_uuid();
  } else if constexpr (Optional<T>) {
    using Inner = typename T::value_type;
    value.reset();
    if constexpr (HasLength<Inner>) {
      const std::int64_t length = read_length<Inner>(reader, layout, name);
      if (length >= 0) read_sized(reader, value.emplace(), layout, length, name);
    } else if (!layout.nullable || reader.read<std::int8_t>() >= 0) {
      read_value(reader, value.emplace(), layout, name);
    }
  } else if constexpr (HasLength<T>) {
    const std::int64_t length = read_length<T>(reader, layout, name);
    if (length >= 0) {
      read_sized(reader, value, layout, length, name);
    } else {
      value = T{};
    }
  } else {
    read_struct(reader, value, layout.version, layout.flexible);
  }
}

template <HasLength T>
void read_sized(Reader& reader, T& value, const Layout& layout, std::int64_t length, std::string_view name) {
  if constexpr (Array<T>) {
    read_array(reader, value, layout, length, name);
  } else {
    const BytesView bytes = reader.take(static_cast<std::size_t>(length));
    if constexpr (std::same_as<T, RecordsView>) {
      value = RecordsView{bytes};
    } else if (reader.charge(bytes.size())) {
      if constexpr (std::same_as<T, Bytes>) {
        value.assign(bytes.begin(), bytes.end());
      } else {
        value = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      }
    }
  }
}

template <WireStruct T>
void read_tags(Reader& reader, T& value, std::int16_t version) {
  const std::uint32_t count = reader.read_uvarint();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint32_t tag = reader.read_uvarint();
    const std::uint32_t size = reader.read_uvarint();
    if (size > reader.remaining()) return reader.fail(WireFault::bad_length);
    Reader body{reader.take(size), reader.budget()};
    bool known = false;
    const auto read_one = [&](const auto& f) LINGER_INLINE {
      if (!f.tagged_versions.contains(version) || static_cast<std::uint32_t>(f.tag) != tag) return;
      known = true;
      read_value(body, value.*f.member, layout_of(f, version, true), f.name);
      if (body.ok() && body.remaining() != 0) body.fail(WireFault::bad_tag_size, f.name);
    };
    fields_of<T>.each(read_one);
    // A tag of a later version is passed over (KIP-482).
    if (!known) continue;
    if (!body.ok()) return reader.fail(body.error().fault, body.error().field);
    reader.charge(reader.budget() - body.budget());
  }
}

template <WireStruct T>
void read_struct(Reader& reader, T& value, std::int16_t version, bool flexible) {
  const auto read_one = [&](const auto& f) LINGER_INLINE {
    if (f.versions.contains(version) && !f.tagged_versions.contains(version)) {
      read_value(reader, value.*f.member, layout_of(f, version, flexible), f.name);
    }
  };
  fields_of<T>.each(read_one);
  if (flexible) read_tags(reader, value, version);
}

// ---- printing
// ------------------------------------------------------------------------------------------------------------------

void dump_text(std::string& out, std::string_view text);
/// A quote and the name with a small first letter, as Kafka's own JSON has it; the closing quote is the caller's.
void dump_name(std::string& out, std::string_view name);
void dump_bytes(std::string& out, BytesView bytes);
void dump_number(std::string& out, std::int64_t number);
void dump_double(std::string& out, double number);
void dump_uuid(std::string& out, Uuid id);

template <class T>
void dump_value(std::string& out, const T& value, std::int16_t version) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::integral<T>) {
    dump_number(out, static_cast<std::int64_t>(value));
  } else if constexpr (std::same_as<T, double>) {
    dump_double(out, value);
  } else if constexpr (std::same_as<T, Uuid>) {
    dump_uuid(out, value);
  } else if constexpr (Optional<T>) {
    if (value) {
      dump_value(out, *value, version);
    } else {
      out += "null";
    }
  } else if constexpr (std::same_as<T, std::string>) {
    dump_text(out, value);
  } else if constexpr (std::same_as<T, Bytes>) {
    dump_bytes(out, value);
  } else if constexpr (std::same_as<T, RecordsView>) {
    if (value.is_null()) {
      out += "null";
    } else {
      dump_number(out, static_cast<std::int64_t>(value.size()));
    }
  } else if constexpr (Array<T>) {
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += ',';
      first = false;
      dump_value(out, item, version);
    }
    out += ']';
  } else {
    dump_struct(out, value, version);
  }
}

template <WireStruct T>
void dump_struct(std::string& out, const T& value, std::int16_t version) {
  out += '{';
  bool first = true;
  const auto dump_one = [&](const auto& f) {
    if (!f.versions.contains(version) || (f.tagged_versions.contains(version) && is_default(f, value))) return;
    if (!first) out += ',';
    first = false;
    dump_name(out, f.name);
    if constexpr (std::same_as<std::remove_cvref_t<decltype(value.*f.member)>, RecordsView>) {
      if (!(value.*f.member).is_null()) out += "SizeInBytes";
    }
    out += "\":";
    dump_value(out, value.*f.member, version);
  };
  fields_of<T>.each(dump_one);
  out += '}';
}

}  // namespace linger::codec

#undef LINGER_INLINE
