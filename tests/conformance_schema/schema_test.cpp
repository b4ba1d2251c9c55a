// Compares the field lists of protocol/messages/ with the message definitions inside Kafka's own jars, field by field
// and version by version, in both directions. Exit code 77 when the kafka-clients jar is not there.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "conformance_schema/jar.h"
#include "protocol/schema.h"

namespace linger {
namespace {

using nlohmann::json;

constexpr int left_out = 77;
constexpr const char* kafka_version = "4.3.1";

/// The artifact's jar, or its sources' jar, which holds the definitions too: in LINGER_KAFKA_JAR_DIR, then in the local
/// Maven repository.
std::string find_jar(const std::string& artifact) {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("LINGER_KAFKA_JAR_DIR")) folders.emplace_back(folder);
  if (const char* home = std::getenv("HOME")) {
    folders.push_back(std::filesystem::path{home} / ".m2/repository/org/apache/kafka" / artifact / kafka_version);
  }
  for (const auto& folder : folders) {
    for (const char* suffix : {".jar", "-sources.jar"}) {
      const auto place = folder / (artifact + "-" + kafka_version + suffix);
      if (std::filesystem::exists(place)) return place.string();
    }
  }
  return {};
}

/// What our lists cannot say by themselves: the struct types that a definition shares between fields.
struct Definition {
  json root;

  const json& fields_of(const json& field) const {
    if (field.contains("fields")) return field["fields"];
    std::string type = field["type"];
    if (type.starts_with("[]")) type.erase(0, 2);
    if (root.contains("commonStructs")) {
      for (const json& shared : root["commonStructs"]) {
        if (shared["name"] == type) return shared["fields"];
      }
    }
    // Later uses of a struct type may leave its fields out.
    static const json none = json::array();
    const json* found = find_inline(root["fields"], type);
    return found != nullptr ? *found : none;
  }

 private:
  static const json* find_inline(const json& fields, const std::string& type) {
    for (const json& field : fields) {
      if (!field.contains("fields")) continue;
      const std::string name = field["type"];
      if (name == type || name == "[]" + type) return &field["fields"];
      if (const json* deeper = find_inline(field["fields"], type)) return deeper;
    }
    return nullptr;
  }
};

class Comparison {
 public:
  int differences() const { return differences_; }
  long fields() const { return fields_; }

  void compare_message(const MessageDescription& ours, const Definition& theirs) {
    const std::string name{ours.spec.name};
    const json& root = theirs.root;
    check(name, "name", name, root["name"].get<std::string>());
    check(name, "valid versions", ours.spec.valid.describe(), Versions{text(root, "validVersions").c_str()}.describe());
    check(name, "flexible versions", ours.spec.flexible.describe(),
          Versions{text(root, "flexibleVersions", "none").c_str()}.describe());
    if (root.contains("apiKey")) check(name, "key", std::to_string(ours.spec.key), root["apiKey"].dump());
    for (std::int16_t v = ours.spec.valid.min; v <= ours.spec.valid.max; ++v) {
      compare_fields(name + " v" + std::to_string(v), ours.fields, root["fields"], theirs, v);
    }
  }

  void missing(const std::string& name) { report(name, "definition", "present", "missing"); }

 private:
  static std::string text(const json& object, const char* key, const std::string& otherwise = {}) {
    if (!object.contains(key)) return otherwise;
    const json& value = object[key];
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  static bool in(const json& field, const char* key, std::int16_t version) {
    const std::string versions = text(field, key, "none");
    return Versions{versions.c_str()}.contains(version);
  }

  /// Our way of writing a field's default, from Kafka's.
  static std::string default_of(const json& field, const std::string& type) {
    const std::string given = text(field, "default");
    if (given == "null" || type == "records") return "null";
    if (type.starts_with("[]")) return "[]";
    if (type == "string" || type == "bytes") return '"' + given + '"';
    if (type == "uuid") return '"' + Uuid{}.describe() + '"';
    if (type == "bool") return given.empty() ? "false" : given;
    if (type == "struct") return "";
    if (type == "float64") return given.empty() ? "0" : given;
    return given.empty() ? "0" : std::to_string(std::stoll(given, nullptr, 0));
  }

  static std::string type_of(const json& field) {
    std::string type = field["type"];
    const bool array = type.starts_with("[]");
    if (array) type.erase(0, 2);
    if (std::isupper(static_cast<unsigned char>(type[0])) != 0) type = "struct";
    return (array ? "[]" : "") + type;
  }

  void compare_fields(const std::string& where, const std::vector<FieldDescription>& ours, const json& theirs,
                      const Definition& definition, std::int16_t version) {
    std::vector<const FieldDescription*> our_fields;
    std::vector<const json*> their_fields;
    for (const FieldDescription& field : ours) {
      if (field.versions.contains(version)) our_fields.push_back(&field);
    }
    for (const json& field : theirs) {
      if (in(field, "versions", version)) their_fields.push_back(&field);
    }
    check(where, "number of fields", std::to_string(our_fields.size()), std::to_string(their_fields.size()));
    for (std::size_t i = 0; i < std::min(our_fields.size(), their_fields.size()); ++i) {
      compare_field(where, *our_fields[i], *their_fields[i], definition, version);
    }
  }

  void compare_field(const std::string& where, const FieldDescription& ours, const json& theirs,
                     const Definition& definition, std::int16_t version) {
    ++fields_;
    const std::string path = where + "." + std::string{ours.name};
    const std::string type = type_of(theirs);
    const bool tagged = in(theirs, "taggedVersions", version);
    check(path, "name", std::string{ours.name}, theirs["name"].get<std::string>());
    check(path, "type", ours.type, type);
    check(path, "nullable", ours.nullable_versions.contains(version), in(theirs, "nullableVersions", version));
    check(path, "tagged", ours.tagged_versions.contains(version), tagged);
    if (tagged) check(path, "tag", std::to_string(ours.tag), text(theirs, "tag"));
    check(path, "ignorable", ours.ignorable, text(theirs, "ignorable", "false") == "true");
    check(path, "never compact", ours.never_compact, text(theirs, "flexibleVersions") == "none");
    check(path, "default", ours.default_value, default_of(theirs, type));
    if (type == "struct" || type == "[]struct") {
      compare_fields(path, ours.fields, definition.fields_of(theirs), definition, version);
    }
  }

  void check(const std::string& where, const std::string& what, bool ours, bool theirs) {
    check(where, what, std::string{ours ? "yes" : "no"}, std::string{theirs ? "yes" : "no"});
  }
  void check(const std::string& where, const std::string& what, const std::string& ours, const std::string& theirs) {
    if (ours != theirs) report(where, what, ours, theirs);
  }
  void report(const std::string& where, const std::string& what, const std::string& ours, const std::string& theirs) {
    ++differences_;
    std::cout << where << ": " << what << " is " << ours << " here, " << theirs << " in Kafka " << kafka_version
              << '\n';
  }

  int differences_ = 0;
  long fields_ = 0;
};

Definition parse(const std::string& text) {
  return {json::parse(text, nullptr, true, true)};
}

int run() {
  const std::string clients = find_jar("kafka-clients");
  if (clients.empty()) {
    std::cout << "left out: no kafka-clients-" << kafka_version
              << ".jar in LINGER_KAFKA_JAR_DIR or the local Maven repository\n";
    return left_out;
  }
  const auto definitions = read_jar(clients, "common/message/", ".json");
  const std::string metadata = find_jar("kafka-metadata");
  const auto records =
      metadata.empty() ? std::map<std::string, std::string>{} : read_jar(metadata, "common/metadata/", ".json");
  Comparison comparison;
  int compared = 0;
  int without_jar = 0;
  for (const MessageDescription& ours : describe_messages()) {
    const std::string file = std::string{ours.spec.name} + ".json";
    const auto in_clients = definitions.find("common/message/" + file);
    const auto in_metadata = records.find("common/metadata/" + file);
    if (in_clients != definitions.end()) {
      comparison.compare_message(ours, parse(in_clients->second));
    } else if (in_metadata != records.end()) {
      comparison.compare_message(ours, parse(in_metadata->second));
    } else if (ours.spec.type == MessageType::record && metadata.empty()) {
      ++without_jar;
      continue;
    } else {
      comparison.missing(std::string{ours.spec.name});
    }
    ++compared;
  }
  std::cout << compared << " messages, " << comparison.fields() << " fields over all versions, "
            << comparison.differences() << " differences\n";
  if (without_jar != 0) {
    std::cout << without_jar << " metadata records left out: no kafka-metadata-" << kafka_version << ".jar\n";
  }
  return comparison.differences() == 0 && compared > 0 ? 0 : 1;
}

}  // namespace
}  // namespace linger

int main() {
  return linger::run();
}
