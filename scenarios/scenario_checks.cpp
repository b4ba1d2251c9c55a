#include "scenarios/scenario_checks.h"

#include <algorithm>
#include <map>
#include <set>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/nearest_word.h"
#include "producer/producer_behaviour.h"
#include "producer/producer_config.h"
#include "protocol/api_key.h"
#include "protocol/error_code.h"

namespace linger::scenarios {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Names that a plan declares, by what they are.
struct Names {
  std::vector<std::string> brokers, controllers, producers, consumers, topics, faults;
  std::map<std::string, std::int32_t> partitions;  ///< of each topic, as many as it ever has

  explicit Names(const Scenario& plan) {
    for (std::int32_t i = 1; i <= plan.cluster.brokers; ++i) brokers.push_back("b" + std::to_string(i));
    for (std::int32_t i = 1; i <= plan.cluster.controllers; ++i) controllers.push_back("c" + std::to_string(i));
    for (const ProducerSpec& producer : plan.producers) producers.push_back(producer.name);
    for (const ConsumerSpec& consumer : plan.consumers) consumers.push_back(consumer.name);
    for (const TopicSpec& topic : plan.cluster.topics) add_topic(topic);
    for (const Fault& fault : plan.faults) {
      faults.push_back(fault.id);
      if (const auto* create = std::get_if<CreateTopic>(&fault.action)) add_topic(create->topic);
    }
    for (const Fault& fault : plan.faults) {
      if (const auto* add = std::get_if<AddPartitions>(&fault.action)) {
        if (partitions.contains(add->topic)) partitions[add->topic] = std::max(partitions[add->topic], add->partitions);
      }
    }
  }
  void add_topic(const TopicSpec& topic) {
    if (topic.name.empty()) return;
    if (!partitions.contains(topic.name)) topics.push_back(topic.name);
    partitions[topic.name] = std::max(partitions[topic.name], topic.partitions);
  }
  std::vector<std::string> servers() const { return joined({&brokers, &controllers}); }
  std::vector<std::string> hosts() const { return joined({&brokers, &controllers, &producers, &consumers}); }

 private:
  static std::vector<std::string> joined(std::initializer_list<const std::vector<std::string>*> lists) {
    std::vector<std::string> all;
    for (const auto* list : lists) all.insert(all.end(), list->begin(), list->end());
    return all;
  }
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string quoted(const std::string& text) {
  return JsonNode::of(text).shown();
}

/// `no host "b9"; hosts are b1 b2 b3 c1 p1`
std::string no_such(const std::string& kind, const std::string& name, const std::vector<std::string>& known) {
  constexpr std::size_t longest_list = 40;
  const std::string nearest = nearest_word(name, known);
  std::string sentence = "no " + kind + " " + quoted(name);
  if (known.empty()) return sentence + "; there are no " + kind + "s";
  if (known.size() <= longest_list) sentence += "; " + kind + "s are " + join(known, " ");
  if (!nearest.empty()) sentence += "; did you mean " + nearest + "?";
  return sentence;
}

std::optional<std::string> check_partition(const Names& names, const std::string& text) {
  const std::size_t dash = text.rfind('-');
  const std::string number = dash == std::string::npos ? std::string() : text.substr(dash + 1);
  if (!is_digits(number) || number.size() > 9 || (number.size() > 1 && number[0] == '0')) {
    return quoted(text) + "; expected a topic and the partition's number, as \"orders-0\"";
  }
  const std::string topic = text.substr(0, dash);
  const auto found = names.partitions.find(topic);
  if (found == names.partitions.end()) return no_such("topic", topic, names.topics);
  if (std::stoi(number) < found->second) return std::nullopt;
  return "no partition " + quoted(text) + "; " + topic + " has " + std::to_string(found->second) +
         (found->second == 1 ? " partition" : " partitions") + ", counted from 0";
}

std::optional<std::string> check_new_name(const std::string& name) {
  constexpr std::size_t longest = 100;
  const bool good = !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
  if (!good) return quoted(name) + "; expected at most 100 letters, digits, -, _ and .";
  if ((name[0] == 'b' || name[0] == 'c') && is_digits(std::string_view(name).substr(1))) {
    return quoted(name) + " is the name of a " + (name[0] == 'b' ? "broker" : "controller") + "; expected another one";
  }
  return std::nullopt;
}

/// Kafka: Topic.validate.
std::optional<std::string> check_new_topic(const std::string& name) {
  constexpr std::size_t longest = 249;
  const bool good = !name.empty() && name != "." && name != ".." && name.size() <= longest &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '_' || c == '-';
                    });
  if (good) return std::nullopt;
  return quoted(name) + " is no legal topic name; expected 1 to 249 letters, digits, ., _ and -";
}

std::optional<std::string> check_new_fault(const std::string& id) {
  if (id.empty()) return "empty; expected a name";
  if (parse_time(id, true)) return quoted(id) + " reads as a time; expected a name";
  return std::nullopt;
}

std::optional<std::string> check_api(const std::string& name) {
  if (name == "CONNECT" || api_key_from_name(name)) return std::nullopt;
  std::vector<std::string> known{"CONNECT"};
  for (const ApiInfo& api : all_apis()) known.emplace_back(api.constant);
  const std::string nearest = nearest_word(name, known);
  return "no API " + quoted(name) +
         (nearest.empty() ? "; expected Kafka's name of a request, as PRODUCE" : "; did you mean " + nearest + "?");
}

std::optional<std::string> check_error(const std::string& name) {
  const auto error = error_from_name(name);
  if (error && *error != ErrorCode::none) return std::nullopt;
  std::vector<std::string> known;
  for (const ErrorCode code : all_error_codes()) {
    if (code != ErrorCode::none) known.emplace_back(error_name(code));
  }
  const std::string nearest = nearest_word(name, known);
  return "no error " + quoted(name) +
         (nearest.empty() ? "; expected Kafka's name of an error, as NOT_ENOUGH_REPLICAS"
                          : "; did you mean " + nearest + "?");
}

std::optional<std::string> check_one_of(const std::string& kind, const std::string& name,
                                        const std::vector<std::string>& known) {
  return contains(known, name) ? std::nullopt : std::optional(no_such(kind, name, known));
}

std::optional<std::string> check_reference(const Names& names, const Reference& reference) {
  switch (reference.meaning) {
    case Meaning::new_name:
      return check_new_name(reference.name);
    case Meaning::new_topic:
      return check_new_topic(reference.name);
    case Meaning::new_fault:
      return check_new_fault(reference.name);
    case Meaning::host:
      return check_one_of("host", reference.name, names.hosts());
    case Meaning::server:
      return check_one_of("host", reference.name, names.servers());
    case Meaning::broker:
      return check_one_of("broker", reference.name, names.brokers);
    case Meaning::producer:
      return check_one_of("producer", reference.name, names.producers);
    case Meaning::topic:
      return check_one_of("topic", reference.name, names.topics);
    case Meaning::fault:
      return check_one_of("fault", reference.name, names.faults);
    case Meaning::partition:
      return check_partition(names, reference.name);
    case Meaning::api:
      return check_api(reference.name);
    case Meaning::error:
      return check_error(reference.name);
    case Meaning::profile:
      if (reference.name == "kafka-4.3") return std::nullopt;
      return "no profile " + quoted(reference.name) + "; there is kafka-4.3";
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> count_names() {
  return {"sent",     "acked",   "failed",      "refused",        "stuck",      "untold",
          "lost",     "deleted", "unavailable", "aborted", "failed_present", "duplicated", "duplicated_payloads",
          "reordered"};
}

void check_references(const Scenario& scenario, const std::vector<Reference>& references,
                      std::vector<Mistake>& mistakes) {
  const Names names(scenario);
  std::map<std::pair<bool, std::string>, std::string>
      first_of;  // names of hosts and of faults must differ among themselves
  for (const Reference& reference : references) {
    if (auto sentence = check_reference(names, reference)) {
      mistakes.push_back({reference.pointer, std::move(*sentence)});
      continue;
    }
    const bool fault = reference.meaning == Meaning::new_fault;
    if (!fault && reference.meaning != Meaning::new_name) continue;
    const auto [earlier, fresh] = first_of.emplace(std::pair{fault, reference.name}, reference.pointer);
    if (!fresh)
      mistakes.push_back({reference.pointer, quoted(reference.name) + " is already the name at " + earlier->second});
  }
}

}  // namespace linger::scenarios
