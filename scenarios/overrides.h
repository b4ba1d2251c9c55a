#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/json_tree.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// `--input records.txt`: the lines of a file take the place of the first producer's workload.
struct InputRecords {
  std::string file;  ///< its name, for sentences and saved plans
  std::vector<std::string> lines;
  std::string topic;  ///< empty: the scenario's only topic
  std::optional<std::string>
      key_separator;  ///< what stands before its first occurrence is the key, as kafka-console-producer's parse.key
  std::optional<std::int64_t> per_second;  ///< absent: all at once
};

/// What the command line changes in a plan before it is read. Later kinds win: producer_config, then
/// producer_properties, then set.
struct Overrides {
  Settings producer_config;                              ///< `--producer-config FILE`: for every producer
  Settings producer_properties;                          ///< `--producer-property k=v`: for every producer
  std::vector<std::pair<std::string, std::string>> set;  ///< `--set POINTER=VALUE`
  std::vector<std::string> behaviours;  ///< `--behaviour corrected`, `--behaviour broker.deduplication=false`
  std::optional<std::uint64_t> seed;    ///< `--seed N`
  std::optional<InputRecords> input;
  bool strict = false;  ///< unknown keys and classes in producer settings are mistakes
};

/// `/producers/0/config/acks=1` → pointer and value, split at the first `=` behind the pointer; nothing if there is
/// none.
std::optional<std::pair<std::string, std::string>> split_assignment(std::string_view text);

/// The value of an override: JSON if it reads as JSON, else the text itself (`acks=all` needs no quotes).
JsonNode override_value(const std::string& text);

/// Applies `set` and `seed` to a tree and merges the producer settings into every producer's `config`. Settings whose
/// key no producer has are left out and named in `warnings` (or `mistakes`, if strict).
void apply_overrides(JsonNode& root, const Overrides& overrides, std::vector<Mistake>& mistakes,
                     std::vector<Mistake>& warnings);

/// Sets one behaviour by `name=value`, for the cluster or for every producer, or all of them to the corrected value
/// with `corrected`. Returns the sentence that says why not.
std::optional<std::string> apply_behaviour(Scenario& scenario, std::string_view text);

/// Puts the records of a file in place of the first producer's workload. Returns the sentence that says why not.
std::optional<std::string> apply_input(Scenario& scenario, const InputRecords& input);

/// The lines of a file's bytes; a last line without an end counts, \r before \n is dropped.
std::vector<std::string> split_lines(std::string_view bytes);

}  // namespace linger::scenarios
