#include "protocol/schema.h"

#include <ostream>
#include <string>

#include "protocol/messages/all.h"

namespace linger {
namespace {

template <class T>
std::string type_name() {
  if constexpr (std::same_as<T, bool>) return "bool";
  if constexpr (std::same_as<T, std::int8_t>) return "int8";
  if constexpr (std::same_as<T, std::int16_t>) return "int16";
  if constexpr (std::same_as<T, std::int32_t>) return "int32";
  if constexpr (std::same_as<T, std::int64_t>) return "int64";
  if constexpr (std::same_as<T, std::uint16_t>) return "uint16";
  if constexpr (std::same_as<T, std::uint32_t>) return "uint32";
  if constexpr (std::same_as<T, double>) return "float64";
  if constexpr (std::same_as<T, Uuid>) return "uuid";
  if constexpr (std::same_as<T, std::string>) return "string";
  if constexpr (std::same_as<T, Bytes>) return "bytes";
  if constexpr (std::same_as<T, RecordsView>) return "records";
  if constexpr (codec::Optional<T>) return type_name<typename T::value_type>();
  if constexpr (codec::Array<T>) return "[]" + type_name<typename T::value_type>();
  return "struct";
}

template <class T>
struct innermost {
  using type = T;
};
template <class T>
struct innermost<std::optional<T>> : innermost<T> {};
template <class T>
requires codec::Array<std::vector<T>>
struct innermost<std::vector<T>> : innermost<T> {
};

template <class T>
void describe_fields(std::ostream& out, const std::string& indent) {
  const auto describe_one = [&](const auto& f) {
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*f.member)>;
    out << indent << f.name << ": " << type_name<Member>() << ", versions " << f.versions.describe();
    if (!f.nullable_versions.none()) out << ", nullable " << f.nullable_versions.describe();
    if (f.tag >= 0) out << ", tag " << f.tag << " in " << f.tagged_versions.describe();
    if (f.is_ignorable) out << ", ignorable";
    using Inner = typename innermost<Member>::type;
    if constexpr (WireStruct<Inner>) {
      out << '\n';
      describe_fields<Inner>(out, indent + "  ");
    } else {
      std::string value;
      codec::dump_value(value, codec::default_of<T>().*f.member, 0);
      out << ", default " << value << '\n';
    }
  };
  std::apply([&](const auto&... f) { (describe_one(f), ...); }, codec::fields_of<T>);
}

struct DescribeMessage {
  std::ostream& out;

  template <Message M>
  void operator()() const {
    out << M::spec.name << ": ";
    if (M::spec.key >= 0) out << "key " << M::spec.key << ", ";
    out << "versions " << M::spec.valid.describe() << ", flexible " << M::spec.flexible.describe() << '\n';
    describe_fields<M>(out, "  ");
  }
};

}  // namespace

void describe_schema(std::ostream& out) {
  for_each_message(DescribeMessage{out});
}

}  // namespace linger
