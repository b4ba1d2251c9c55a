#include "ui/cli/audit_task.h"

#include <algorithm>
#include <ostream>
#include <type_traits>
#include <utility>

#include "broker_model/config.h"
#include "producer/properties.h"
#include "scenarios/scenario_reader.h"
#include "ui/cli/inputs.h"
#include "ui/cli/worker_pool.h"

namespace linger::cli {

using namespace scenarios;

namespace {

std::optional<std::string> read_properties_file(const std::string& path, Settings& into, std::ostream& err) {
  const FileText file = read_file(path);
  if (!file.bytes) return path + " " + file.error;
  const Properties properties = read_properties(*file.bytes);
  for (const PropertiesRemark& remark : properties.warnings) err << "linger: " << path << ": line " << remark.line << ": " << remark.message << "\n";
  if (!properties.mistakes.empty()) {
    const PropertiesRemark& first = properties.mistakes.front();
    return path + ": line " + std::to_string(first.line) + ": " + first.message;
  }
  into = properties.settings();
  return std::nullopt;
}

/// Settings of topics that a broker's file gives as their default.
void take_topic_defaults(AuditQuestion& question, bool replication_given, std::ostream& err, const std::string& path) {
  Settings kept;
  const broker::TopicConfig topic_defaults;
  for (const auto& [key, value] : question.cluster) {
    broker::BrokerConfig probe;
    broker::TopicConfig topic = topic_defaults;
    if (key == "default.replication.factor") {
      if (const auto factor = parse_count(value, 1); factor && !replication_given) question.replication_factor = static_cast<std::int32_t>(*factor);
    } else if (!broker::set_broker_config(probe, key, value)) {
      kept[key] = value;
    } else if (!broker::set_topic_config(topic, key, value)) {
      question.topic.try_emplace(key, value);
    } else {
      err << "linger: " << path << ": warning: " << key << " has no effect here\n";
    }
  }
  question.cluster = std::move(kept);
}

}  // namespace

std::optional<std::string> read_audit_task(const Arguments& arguments, AuditTask& task, std::ostream& err) {
  const auto number = [&](const char* name, std::uint64_t least, std::uint64_t most, auto& into) -> std::optional<std::string> {
    const std::string* given = arguments.value(name);
    if (given == nullptr) return std::nullopt;
    const auto count = parse_count(*given, least);
    if (!count || *count > most) {
      return std::string(name) + " \"" + *given + "\"; expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    into = static_cast<std::remove_reference_t<decltype(into)>>(*count);
    return std::nullopt;
  };
  AuditQuestion& question = task.question;
  task.file = *arguments.operand;
  task.processes = usable_processors();
  if (auto sentence = number("--brokers", 1, 32, question.brokers)) return sentence;
  question.replication_factor = std::min(3, question.brokers);
  if (auto sentence = number("--replication-factor", 1, 32, question.replication_factor)) return sentence;
  if (auto sentence = number("--faults", 0, 3, question.faults)) return sentence;
  if (auto sentence = number("--samples", 0, 1'000'000, question.samples)) return sentence;
  if (auto sentence = number("--seconds", 1, 1'000'000, task.seconds)) return sentence;
  if (auto sentence = number("--processes", 1, 1024, task.processes)) return sentence;
  if (const std::string* bound = arguments.value("--latency")) {
    const auto time = parse_time(*bound);
    if (!time) return "--latency \"" + *bound + "\"; expected a time, as 500ms or 30s";
    question.latency_bound = *time;
  }
  if (const std::string* folder = arguments.value("--output")) task.folder = *folder;
  if (const std::string* report = arguments.value("--report")) task.report = *report;
  if (auto sentence = read_properties_file(task.file, question.producer, err)) return sentence;
  for (const std::string& text : arguments.all("--producer-property")) {
    auto assignment = split_assignment(text);
    if (!assignment || assignment->first.empty()) return "--producer-property \"" + text + "\"; expected a setting and its value, as acks=all";
    question.producer[assignment->first] = assignment->second;
  }
  if (const std::string* path = arguments.value("--broker-config")) {
    if (auto sentence = read_properties_file(*path, question.cluster, err)) return sentence;
  }
  if (const std::string* path = arguments.value("--topic-config")) {
    if (auto sentence = read_properties_file(*path, question.topic, err)) return sentence;
  }
  if (const std::string* path = arguments.value("--broker-config")) take_topic_defaults(question, arguments.has("--replication-factor"), err, *path);
  // The cluster is a simulated one, and values are bytes.
  for (const char* key : {"bootstrap.servers", "key.serializer", "value.serializer"}) question.producer.erase(key);
  return std::nullopt;
}

}  // namespace linger::cli
