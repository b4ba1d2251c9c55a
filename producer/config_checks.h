#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "producer/config_def.h"
#include "producer/producer_config.h"

/// The parts of read_producer_config that look at more than one setting. Only producer_config.cpp and config_checks.cpp
/// include this.
namespace linger {

/// The settings after each was parsed by itself.
struct ParsedSettings {
  std::set<std::string> given;                   ///< keys that the user wrote down (Java: originals())
  std::set<std::string> invalid;                 ///< keys whose value could not be used
  std::map<std::string, ConfigValue> values;     ///< parsed, defaults included
  std::map<std::string, std::string> auxiliary;  ///< keys that serializers read: encodings, element classes of lists
  std::vector<ConfigNote> notes;

  /// Copies a value into a field of a fitting type; does nothing if the setting has no value. Requires: integers fit
  /// the field.
  template <class Field>
  void copy(std::string_view key, Field& field) const {
    const auto at = values.find(std::string(key));
    if (at == values.end()) return;
    if constexpr (std::is_integral_v<Field> && !std::is_same_v<Field, bool>) {
      field = static_cast<Field>(std::get<std::int64_t>(at->second));
    } else {
      field = std::get<Field>(at->second);
    }
  }
  bool all_valid(std::initializer_list<std::string_view> keys) const {
    return std::none_of(keys.begin(), keys.end(),
                        [this](std::string_view key) { return invalid.contains(std::string(key)); });
  }
};

/// A value between quotation marks, fit to be printed: control characters replaced, long text cut.
std::string quoted(std::string_view text);

/// Whether two words differ in case only (ASCII).
bool same_word(std::string_view a, std::string_view b);

/// Kafka: ProducerConfig.postProcessParsedConfig and KafkaProducer.configureDeliveryTimeout.
void check_combinations(ProducerConfig& config, ParsedSettings& parsed);
/// Serializers, partitioner, interceptors: Java's own classes, those that options name, and stand-ins for all others.
void choose_classes(ProducerConfig& config, ParsedSettings& parsed, const ProducerConfigOptions& options);
/// Kafka: ClientUtils.parseAndValidateAddresses, without looking names up.
void read_bootstrap_servers(ProducerConfig& config, ParsedSettings& parsed);

}  // namespace linger
