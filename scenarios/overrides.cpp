#include "scenarios/overrides.h"
#include "scenarios/application_behaviour.h"

#include <algorithm>

#include "broker_model/broker_behaviour.h"
#include "producer/config_def.h"
#include "producer/nearest_word.h"
#include "producer/producer_behaviour.h"
#include "producer/producer_config.h"

namespace linger::scenarios {
namespace {

/// The settings for every producer, without keys that no producer has.
Settings known_settings(const Overrides& overrides, std::vector<Mistake>& mistakes, std::vector<Mistake>& warnings) {
  Settings merged = overrides.producer_config;
  for (const auto& [key, value] : overrides.producer_properties) merged[key] = value;
  if (merged.empty()) return merged;
  // Only the keys are judged here; values are judged together with what the file says.
  for (const ConfigNote& note : read_producer_config(merged).warnings) {
    if (note.kind != ConfigNoteKind::unknown_key) continue;
    merged.erase(note.key);
    (overrides.strict ? mistakes : warnings).push_back({"", note.key + "  " + note.message});
  }
  return merged;
}

/// Into every producer's config, except for what `--set` has written there by name.
void merge_producer_settings(JsonNode& root, const Settings& settings, const Overrides& overrides) {
  JsonNode* producers = root.find("producers");
  if (settings.empty() || producers == nullptr || !producers->is_list()) return;
  for (std::size_t i = 0; i < producers->items.size(); ++i) {
    JsonNode& producer = producers->items[i];
    if (!producer.is_object()) continue;
    if (producer.find("config") == nullptr) producer.add("config", JsonNode::object());
    JsonNode& config = *producer.find("config");
    if (!config.is_object()) continue;
    for (const auto& [key, value] : settings) {
      const std::string pointer = "/producers/" + std::to_string(i) + "/config/" + pointer_token(key);
      const bool by_name = std::any_of(overrides.set.begin(), overrides.set.end(),
                                       [&pointer](const auto& set) { return set.first == pointer; });
      if (by_name) continue;
      if (JsonNode* there = config.find(key)) {
        *there = JsonNode::of(value);
      } else {
        config.add(key, JsonNode::of(value));
      }
    }
  }
}

bool is_cluster_behaviour(std::string_view name) {
  for (const std::string_view prefix : {"broker.", "repl.", "controller.", "tc."}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

void correct_all(Scenario& scenario) {
  for (const broker::BehaviourField& field : broker::behaviour_fields()) {
    scenario.cluster.behaviour[std::string(field.name)] = std::string(field.corrected);
  }
  for (ProducerSpec& producer : scenario.producers) {
    for (const ProducerBehaviourField& field : producer_behaviours())
      producer.behaviour[std::string(field.name)] = std::string(field.corrected);
  }
}

}  // namespace

std::optional<std::pair<std::string, std::string>> split_assignment(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return std::pair{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

JsonNode override_value(const std::string& text) {
  JsonResult json = parse_json(text);
  if (json.root && json.mistakes.empty()) return std::move(*json.root);
  return JsonNode::of(text);
}

void apply_overrides(JsonNode& root, const Overrides& overrides, std::vector<Mistake>& mistakes,
                     std::vector<Mistake>& warnings) {
  if (overrides.seed && root.is_object()) set_at(root, "/seed", override_value(std::to_string(*overrides.seed)));
  for (const auto& [pointer, value] : overrides.set) {
    if (auto sentence = set_at(root, pointer, override_value(value)))
      mistakes.push_back({"", "--set " + pointer + ": " + *sentence});
  }
  merge_producer_settings(root, known_settings(overrides, mistakes, warnings), overrides);
}

std::optional<std::string> apply_behaviour(Scenario& scenario, std::string_view text) {
  if (text == "corrected") {
    correct_all(scenario);
    return std::nullopt;
  }
  const auto assignment = split_assignment(text);
  if (!assignment) return "expected corrected, or a behaviour and its value, as broker.deduplication=false";
  const auto& [name, value] = *assignment;
  std::vector<std::string> names;
  for (const broker::BehaviourField& field : broker::behaviour_fields()) names.emplace_back(field.name);
  for (const ProducerBehaviourField& field : producer_behaviours()) names.emplace_back(field.name);
  for (const ApplicationBehaviourField& field : application_behaviours()) names.emplace_back(field.name);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string nearest = nearest_word(name, names);
    std::string known;
    for (const std::string& one : names) known += (known.empty() ? "" : ", ") + one;
    return "no such behaviour; " + (nearest.empty() ? "known are " + known : "did you mean " + nearest + "?");
  }
  if (is_cluster_behaviour(name)) {
    broker::BrokerBehaviour scratch;
    if (auto sentence = broker::set_behaviour(scratch, name, value)) return sentence;
    scenario.cluster.behaviour[name] = value;
    return std::nullopt;
  }
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    if (field.name != name) continue;
    if (value != field.historical && value != field.corrected) {
      return "\"" + value + "\"; expected one of " + std::string(field.historical) + ", " +
             std::string(field.corrected);
    }
  }
  for (const ApplicationBehaviourField& field : application_behaviours()) {
    if (field.name != name || value == field.wrong || value == field.right) continue;
    return "\"" + value + "\"; expected one of " + std::string(field.wrong) + ", " + std::string(field.right);
  }
  for (ProducerSpec& producer : scenario.producers) producer.behaviour[name] = value;
  return std::nullopt;
}

std::optional<std::string> apply_input(Scenario& scenario, const InputRecords& input) {
  if (scenario.producers.empty()) return "the scenario has no producer";
  std::string topic = input.topic;
  if (topic.empty() && scenario.cluster.topics.size() == 1) topic = scenario.cluster.topics[0].name;
  if (topic.empty())
    return "the scenario has " + std::to_string(scenario.cluster.topics.size()) + " topics; say which one with --topic";
  const auto is_topic = [&topic](const TopicSpec& one) { return one.name == topic; };
  if (std::none_of(scenario.cluster.topics.begin(), scenario.cluster.topics.end(), is_topic))
    return "no topic \"" + topic + "\" in the scenario";
  if (input.lines.empty()) return "the file has no lines";
  if (input.per_second && *input.per_second < 1) return "the rate must be at least 1 record a second";
  if (input.key_separator && input.key_separator->empty()) return "the key separator is empty";

  SendStep send;
  send.topic = topic;
  send.count = static_cast<std::int64_t>(input.lines.size());
  if (input.per_second) send.every = Duration::ns(std::max<std::int64_t>(1, 1'000'000'000 / *input.per_second));
  send.value.kind = DataSpec::Kind::lines;
  send.value.file = input.file;
  if (!input.key_separator) {
    send.value.lines = input.lines;
  } else {
    send.key.kind = DataSpec::Kind::lines;
    for (std::size_t i = 0; i < input.lines.size(); ++i) {
      const std::string& line = input.lines[i];
      const std::size_t at = line.find(*input.key_separator);
      if (at == std::string::npos) return "line " + std::to_string(i + 1) + " has no key separator";
      send.key.lines.push_back(line.substr(0, at));
      send.value.lines.push_back(line.substr(at + input.key_separator->size()));
    }
  }
  scenario.producers[0].threads = {ApplicationThread{{WorkloadStep{std::nullopt, std::move(send)}}}};
  return std::nullopt;
}

std::vector<std::string> split_lines(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.emplace_back(line);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

}  // namespace linger::scenarios
