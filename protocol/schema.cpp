#include "protocol/schema.h"

#include <ostream>
#include <string>

#include "protocol/messages/all.h"

namespace linger {
namespace {

template <class T>
std::string type_name() {
  if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::integral<T>) {
    return std::string{std::unsigned_integral<T> ? "uint" : "int"}.append(std::to_string(8 * sizeof(T)));
  } else if constexpr (std::same_as<T, double>) {
    return "float64";
  } else if constexpr (std::same_as<T, Uuid>) {
    return "uuid";
  } else if constexpr (std::same_as<T, std::string>) {
    return "string";
  } else if constexpr (std::same_as<T, Bytes>) {
    return "bytes";
  } else if constexpr (std::same_as<T, RecordsView>) {
    return "records";
  } else if constexpr (codec::Optional<T>) {
    return type_name<typename T::value_type>();
  } else if constexpr (codec::Array<T>) {
    return std::string{"[]"}.append(type_name<typename T::value_type>());
  } else {
    return "struct";
  }
}

// What is left of a type without std::optional and std::vector around it.
template <class T>
struct innermost {
  using type = T;
};
template <codec::Optional T>
struct innermost<T> : innermost<typename T::value_type> {};
template <codec::Array T>
struct innermost<T> : innermost<typename T::value_type> {};

template <WireStruct T>
std::vector<FieldDescription> describe_fields() {
  std::vector<FieldDescription> result;
  const auto describe_one = [&](const auto& f) {
    using Member = std::remove_cvref_t<decltype(std::declval<T>().*f.member)>;
    using Inner = typename innermost<Member>::type;
    FieldDescription description;
    description.name = f.name;
    description.type = type_name<Member>();
    description.versions = f.versions;
    description.nullable_versions = f.nullable_versions;
    description.tagged_versions = f.tagged_versions;
    description.tag = f.tag;
    description.ignorable = f.is_ignorable;
    description.never_compact = f.always_long;
    if constexpr (!std::same_as<Member, Inner> || !WireStruct<Inner>) {
      codec::dump_value(description.default_value, codec::default_of<T>().*f.member, 0);
    }
    if constexpr (WireStruct<Inner>) description.fields = describe_fields<Inner>();
    result.push_back(std::move(description));
  };
  codec::fields_of<T>.each(describe_one);
  return result;
}

struct Describe {
  std::vector<MessageDescription>& out;

  template <Message M>
  void operator()() const {
    out.push_back({M::spec, describe_fields<M>()});
  }
};

void print_fields(std::ostream& out, const std::vector<FieldDescription>& fields, const std::string& indent) {
  for (const FieldDescription& f : fields) {
    out << indent << f.name << ": " << f.type << ", versions " << f.versions.describe();
    if (!f.nullable_versions.none()) out << ", nullable " << f.nullable_versions.describe();
    if (f.tag >= 0) out << ", tag " << f.tag << " in " << f.tagged_versions.describe();
    if (f.ignorable) out << ", ignorable";
    if (!f.default_value.empty()) out << ", default " << f.default_value;
    out << '\n';
    print_fields(out, f.fields, indent + "  ");
  }
}

}  // namespace

std::vector<MessageDescription> describe_messages() {
  std::vector<MessageDescription> result;
  for_each_message(Describe{result});
  return result;
}

void describe_schema(std::ostream& out) {
  for (const MessageDescription& message : describe_messages()) {
    const MessageSpec& spec = message.spec;
    out << spec.name << ": ";
    if (spec.key >= 0) out << "key " << spec.key << ", ";
    out << "versions " << spec.valid.describe() << ", flexible " << spec.flexible.describe() << '\n';
    print_fields(out, message.fields, "  ");
  }
}

}  // namespace linger
