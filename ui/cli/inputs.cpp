#include "ui/cli/inputs.h"

#include <algorithm>
#include <ostream>

#include "producer/properties.h"
#include "scenarios/scenario_reader.h"

namespace linger::cli {
namespace {

using scenarios::Overrides;

bool needs_quotes(const std::string& word) {
  static constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  return word.empty() || word.find_first_not_of(plain) != std::string::npos;
}

std::optional<std::string> read_producer_config_file(const std::string& path, Overrides& overrides, std::ostream& err) {
  scenarios::FileText file = scenarios::read_file(path);
  if (!file.bytes) return path + " " + file.error;
  const Properties properties = read_properties(*file.bytes);
  for (const PropertiesRemark& remark : properties.warnings)
    err << "linger: " << path << ": line " << remark.line << ": " << remark.message << "\n";
  if (!properties.mistakes.empty()) {
    std::string all = path;
    for (const PropertiesRemark& remark : properties.mistakes)
      all += ": line " + std::to_string(remark.line) + ": " + remark.message;
    return all;
  }
  overrides.producer_config = properties.settings();
  return std::nullopt;
}

std::optional<std::string> read_input(const Arguments& arguments, Overrides& overrides) {
  const std::string* path = arguments.value("--input");
  if (path == nullptr) {
    for (const char* option : {"--topic", "--key-separator", "--rate"}) {
      if (arguments.has(option)) return std::string(option) + " goes with --input FILE, which is missing";
    }
    return std::nullopt;
  }
  scenarios::FileText file = scenarios::read_file(*path);
  if (!file.bytes) return *path + " " + file.error;
  scenarios::InputRecords input;
  input.file = *path;
  input.lines = scenarios::split_lines(*file.bytes);
  if (const std::string* topic = arguments.value("--topic")) input.topic = *topic;
  if (const std::string* separator = arguments.value("--key-separator")) input.key_separator = *separator;
  if (const std::string* rate = arguments.value("--rate")) {
    std::string_view number = *rate;
    if (number.ends_with("/s")) number.remove_suffix(2);
    const auto value = parse_count(number, 1);
    if (!value) return "--rate \"" + *rate + "\"; expected a whole number of records a second, as 500/s";
    input.per_second = static_cast<std::int64_t>(*value);
  }
  overrides.input = std::move(input);
  return std::nullopt;
}

std::optional<std::string> read_all(const Arguments& arguments, Overrides& overrides, std::ostream& err) {
  overrides.strict = arguments.has("--strict");
  for (const std::string& text : arguments.all("--set")) {
    auto assignment = scenarios::split_assignment(text);
    if (!assignment || !assignment->first.starts_with('/')) {
      return "--set \"" + text + "\"; expected a JSON Pointer and a value, as /producers/0/config/acks=1";
    }
    overrides.set.push_back(std::move(*assignment));
  }
  for (const std::string& text : arguments.all("--producer-property")) {
    auto assignment = scenarios::split_assignment(text);
    if (!assignment || assignment->first.empty())
      return "--producer-property \"" + text + "\"; expected a setting and its value, as acks=all";
    overrides.producer_properties[assignment->first] = assignment->second;
  }
  overrides.behaviours = arguments.all("--behaviour");
  if (const std::string* seed = arguments.value("--seed")) {
    overrides.seed = parse_count(*seed, 0);
    if (!overrides.seed) return "--seed \"" + *seed + "\"; expected a whole number from 0 to 9007199254740991";
  }
  if (const std::string* path = arguments.value("--producer-config")) {
    if (auto sentence = read_producer_config_file(*path, overrides, err)) return sentence;
  }
  return read_input(arguments, overrides);
}

}  // namespace

std::optional<Overrides> read_overrides(const Arguments& arguments, std::ostream& err) {
  Overrides overrides;
  if (const auto sentence = read_all(arguments, overrides, err)) {
    err << "linger: " << *sentence << "\n";
    return std::nullopt;
  }
  return overrides;
}

std::optional<scenarios::Scenario> load_scenario(const std::string& file, const Overrides& overrides,
                                                 std::ostream& err) {
  scenarios::ReadResult read = scenarios::read_scenario_file(file, overrides);
  err << scenarios::describe_mistakes(file, read.mistakes);
  if (read.ok()) err << scenarios::describe_mistakes(file, read.warnings, "warning");
  return std::move(read.scenario);
}

std::string command_line(const std::vector<std::string>& words) {
  std::string out = "linger";
  for (const std::string& word : words) {
    out += ' ';
    if (!needs_quotes(word)) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) {
      if (c == '\'') out += "'\\'";
      out += c;
    }
    out += '\'';
  }
  return out;
}

std::string changes_in_words(const Overrides& overrides) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  for (const auto& [key, value] : overrides.producer_properties) add(key + "=" + value);
  for (const auto& [pointer, value] : overrides.set) {
    const std::size_t config = pointer.find("/config/");
    add((config == std::string::npos ? pointer : pointer.substr(config + 8)) + "=" + value);
  }
  for (const std::string& behaviour : overrides.behaviours)
    add(behaviour == "corrected" ? "every behaviour corrected" : behaviour);
  return out;
}

}  // namespace linger::cli
