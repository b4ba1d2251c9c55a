#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace linger {

/// How the text of a setting is parsed (Kafka: ConfigDef.Type).
enum class ConfigType : std::uint8_t { boolean, string, int16, int32, int64, float64, list, class_name, password };

enum class Importance : std::uint8_t { high, medium, low };

/// What Linger does with a setting.
enum class ConfigUse : std::uint8_t {
  used,       ///< it changes the run as it changes the Java producer
  no_effect,  ///< parsed and validated, then left aside: what it governs is not simulated
};

/// What a parsed value must satisfy (Kafka: ConfigDef.Validator).
struct ConfigRule {
  enum class Kind : std::uint8_t {
    any,
    at_least,
    between,
    one_of,
    one_of_any_case,
    non_empty,
    list,            ///< no empty element; duplicates are dropped
    non_empty_list,  ///< the same, and at least one element
    gzip_level,      ///< 1 to 9, or -1 for zlib's own default
  };
  Kind kind = Kind::any;
  double min = 0;
  double max = 0;
  std::string_view words = {};  ///< one_of: the legal words with ", " between them
};

/// One setting of the Java producer, as kafka-clients 4.3.1 defines it.
struct ConfigKey {
  std::string_view name;
  ConfigType type = ConfigType::string;
  const char* default_text = nullptr;  ///< null: no default value (Java's null), or none allowed if `required`
  Importance importance = Importance::low;
  ConfigRule rule;
  ConfigUse use = ConfigUse::used;
  std::string_view meaning;  ///< one sentence
  bool required = false;     ///< a real producer cannot be made without it; a scenario supplies it
};

/// All settings, ordered by name.
const std::vector<ConfigKey>& producer_config_keys();

/// The setting of that name, or null.
const ConfigKey* find_config_key(std::string_view name);

/// "INT", "LONG", … as Kafka's documentation writes the type.
std::string_view describe(ConfigType type);
std::string_view describe(Importance importance);
/// "[0,...]", "[all, -1, 0, 1]", … as Kafka's documentation writes it; empty if any value will do.
std::string describe(const ConfigRule& rule, ConfigType type);

/// A parsed setting.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// What parsing made of a text: a value, or what was expected instead ("expected an integer of at least 0").
struct ParsedSetting {
  std::optional<ConfigValue> value;
  std::string expected;
  std::string adjusted;  ///< not empty: the value was changed on the way, and how
};

/// Trims the text as java.lang.String.trim does, parses it by the key's type and checks the key's rule. Class names are
/// not looked up here.
ParsedSetting parse_setting(const ConfigKey& key, std::string_view text);

/// The reference that `linger config` prints: every setting with type, default, valid values and meaning.
std::string config_reference_text();
/// The same as docs/config.md.
std::string config_reference_markdown();

}  // namespace linger
