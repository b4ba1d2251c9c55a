#include "ui/cli/audit.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "broker_model/config.h"
#include "producer/properties.h"
#include "scenarios/audit.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "scenarios/shrink.h"
#include "ui/cli/audit_page.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/output_file.h"
#include "ui/cli/story_words.h"
#include "ui/cli/worker_pool.h"

namespace linger::cli {
namespace {

using namespace scenarios;
using Json = nlohmann::ordered_json;

constexpr std::int64_t samples_a_piece = 50;
constexpr std::int64_t most_shrinking_runs = 600;

struct AuditTask {
  AuditQuestion question;
  std::string file;  ///< the producer's
  std::string folder = "linger-audit";
  std::optional<std::string> report;
  std::int64_t seconds = 50;
  std::int64_t processes = 1;
};

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

std::optional<std::string> read_task(const Arguments& arguments, AuditTask& task, std::ostream& err) {
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

// ---- the search, in pieces ---------------------------------------------------------------------------------------------------------

Json to_json(const AuditPart& part) {
  Json json;
  json["enumerated"] = part.enumerated;
  json["sampled"] = part.sampled;
  json["complete"] = part.complete;
  json["covered"] = part.covered;
  json["found"] = Json::array();
  for (const AuditFound& found : part.found) {
    json["found"].push_back(Json{{"anomaly", static_cast<int>(found.anomaly)}, {"standing", static_cast<int>(found.standing)}, {"source", found.source},
                                 {"faults", found.faults}, {"sampled", found.sampled}, {"plan", write_scenario(found.plan)}});
  }
  return json;
}

AuditPart part_from_json(const Json& json) {
  AuditPart part;
  for (std::size_t i = 0; i < std::size(part.enumerated); ++i) {
    part.enumerated[i] = json.at("enumerated").at(i).get<std::int64_t>();
    part.sampled[i] = json.at("sampled").at(i).get<std::int64_t>();
  }
  part.complete = json.at("complete").get<bool>();
  part.covered = json.at("covered").get<double>();
  for (const Json& found : json.at("found")) {
    ReadResult plan = read_scenario(found.at("plan").get<std::string>());
    part.found.push_back({static_cast<Anomaly>(found.at("anomaly").get<int>()), static_cast<Standing>(found.at("standing").get<int>()),
                          found.at("source").get<std::string>(), found.at("faults").get<std::int32_t>(), found.at("sampled").get<bool>(), *std::move(plan.scenario)});
  }
  return part;
}

std::optional<std::string> search(const AuditTask& task, AuditPart& all) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(task.seconds);
  const auto stop = [end, asked = std::int64_t{0}]() mutable { return interrupted() || (++asked % 64 == 0 && Clock::now() > end); };
  const AuditQuestion& question = task.question;
  const std::uint64_t samples = static_cast<std::uint64_t>((question.samples + samples_a_piece - 1) / samples_a_piece);
  // The enumeration in more pieces than processes, so that none waits long for another; their number is fixed, since it decides what is merged.
  constexpr std::uint64_t enumerations = 16;
  PooledWork work;
  work.pieces = enumerations + samples * static_cast<std::uint64_t>(question.faults);
  work.work = [&](std::uint64_t piece) -> std::optional<std::string> {
    if (piece < enumerations) return to_json(enumerate(question, static_cast<std::uint32_t>(piece), enumerations, stop)).dump();
    const std::uint64_t number = piece - enumerations;
    const auto faults = static_cast<std::int32_t>(number % static_cast<std::uint64_t>(question.faults)) + 1;
    const std::uint64_t first = number / static_cast<std::uint64_t>(question.faults) * samples_a_piece;
    const std::int64_t runs = std::min(samples_a_piece, question.samples - static_cast<std::int64_t>(first));
    return to_json(sample(question, faults, first + 1, runs, stop)).dump();
  };
  // Parts are put together in their own order, whatever the order in which they are finished.
  std::vector<std::string> parts(work.pieces);
  work.take = [&](std::uint64_t piece, const std::string& text) {
    parts[piece] = text;
    return !interrupted();
  };
  if (auto sentence = work_in_processes(task.processes, work)) return sentence;
  for (const std::string& text : parts) {
    if (text.empty()) {
      all.complete = false;
    } else {
      add(all, part_from_json(Json::parse(text)));
    }
  }
  return std::nullopt;
}

// ---- what was found ----------------------------------------------------------------------------------------------------------------

std::string file_name(const AuditFound& found) {
  std::string name(found.anomaly == Anomaly::slow ? "late" : anomaly_finding(found.anomaly));
  if (found.standing == Standing::known_defect) name += "-" + found.source;
  return name + "-" + std::to_string(found.faults) + ".json";
}

/// Shrinks what stands in the table, writes it beside the report, and asks what would have helped.
std::optional<std::string> tell_stories(const AuditTask& task, const AuditPart& all, std::vector<AuditStory>& stories) {
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    for (std::int32_t faults = 0; faults <= task.question.faults; ++faults) {
      const AuditCell cell = cell_of(all, static_cast<Anomaly>(a), faults);
      for (const AuditFound* found : {cell.found, cell.known_defect}) {
        if (found == nullptr || std::any_of(stories.begin(), stories.end(), [&](const AuditStory& s) { return s.found == found; })) continue;
        AuditStory story;
        story.found = found;
        story.plan = found->plan;
        if (found->anomaly != Anomaly::slow) {
          const std::vector<Finding> shown = findings_of(run_scenario(found->plan).result);
          const auto kept = std::find_if(shown.begin(), shown.end(), [&](const Finding& f) {
            return f.standing == found->standing && f.source == found->source && f.name == anomaly_finding(found->anomaly);
          });
          if (kept != shown.end()) {
            ShrinkOptions options;
            options.most_runs = most_shrinking_runs;
            options.keep_settings = true;
            options.interrupted = interrupted;
            story.plan = shrink(found->plan, *kept, options).plan;
          }
        }
        story.plan.title = std::string(anomaly_title(found->anomaly)) + ", after " + counted(found->faults, "fault");
        story.remedy = remedy_of(story.plan, found->anomaly, task.question.latency_bound);
        story.file = (std::filesystem::path(task.folder) / file_name(*found)).string();
        std::error_code error;
        std::filesystem::create_directories(task.folder, error);
        if (error) return task.folder + " cannot be made: " + error.message();
        if (auto sentence = write_file(story.file, write_scenario(story.plan))) return sentence;
        stories.push_back(std::move(story));
      }
    }
  }
  return std::nullopt;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t used = columns(text);
  return text + std::string(width > used ? width - used : 1, ' ');
}

std::string in_words(const AuditTask& task, const AuditPart& all, const std::vector<AuditStory>& stories, const Look& look) {
  constexpr std::size_t first = 36;
  constexpr std::size_t column = 24;
  std::string out = configuration_in_words(task.question) + "\n\n" + padded("", first);
  for (std::int32_t f = 0; f <= task.question.faults; ++f) out += padded(f == 0 ? "no fault" : counted(f, "fault"), column);
  out += "known defects\n";
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    const auto anomaly = static_cast<Anomaly>(a);
    out += "  " + padded(std::string(anomaly_title(anomaly)), first - 2);
    for (std::int32_t f = 0; f <= task.question.faults; ++f) {
      const AuditCell cell = cell_of(all, anomaly, f);
      const std::string words = spelled(cell_in_words(cell), look);
      out += painted(words, cell.state == AuditCell::State::broken ? Tone::failed : cell.state == AuditCell::State::impossible ? Tone::fine : Tone::plain, look) +
             std::string(column > columns(words) ? column - columns(words) : 1, ' ');
    }
    const AuditCell cell = cell_of(all, anomaly, task.question.faults);
    out += cell.known_defect == nullptr ? "-" : cell.known_defect->source + ", " + counted(cell.known_defect->faults, "fault");
    out += "\n";
  }
  out += "\n" + searched_in_words(task.question, all) + "\n";
  for (const AuditStory& story : stories) {
    out += "\n  " + story_in_words(story) + "\n      linger run " + story.file + "\n";
  }
  return out;
}

Json as_json(const AuditTask& task, const AuditPart& all, const std::vector<AuditStory>& stories) {
  Json json;
  json["schema"] = 1;
  json["verb"] = "audit";
  json["configuration"] = Json{{"producer", task.question.producer}, {"topic", task.question.topic}, {"cluster", task.question.cluster},
                               {"brokers", task.question.brokers}, {"replication_factor", task.question.replication_factor}};
  json["complete"] = all.complete;
  json["enumerated"] = Json::array();
  json["sampled"] = Json::array();
  for (std::int32_t f = 0; f <= task.question.faults; ++f) {
    json["enumerated"].push_back(all.enumerated[f]);
    json["sampled"].push_back(all.sampled[f]);
  }
  json["table"] = Json::array();
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    const auto anomaly = static_cast<Anomaly>(a);
    Json row{{"anomaly", anomaly_title(anomaly)}};
    row["cells"] = Json::array();
    for (std::int32_t f = 0; f <= task.question.faults; ++f) {
      const AuditCell cell = cell_of(all, anomaly, f);
      constexpr std::array<const char*, 4> states{"impossible", "not met", "allowed", "broken"};
      Json one{{"faults", f}, {"state", states[static_cast<std::size_t>(cell.state)]}};
      if (cell.found != nullptr) one["sampled"] = cell.found->sampled;
      if (cell.known_defect != nullptr) one["known_defect"] = cell.known_defect->source;
      row["cells"].push_back(std::move(one));
    }
    json["table"].push_back(std::move(row));
  }
  json["stories"] = Json::array();
  for (const AuditStory& story : stories) {
    Json one{{"anomaly", anomaly_title(story.found->anomaly)}, {"standing", standing_name(story.found->standing)}, {"source", story.found->source},
             {"faults", story.found->faults}, {"sampled", story.found->sampled}, {"file", story.file}};
    if (story.remedy) one["remedy"] = Json{{"setting", story.remedy->setting}, {"from", story.remedy->from}, {"to", story.remedy->to}};
    json["stories"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

ExitStatus audit_configuration(const Arguments& arguments, const Streams& streams) {
  AuditTask task;
  if (const auto sentence = read_task(arguments, task, streams.err)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::bad_input;
  }
  // A configuration that Java refuses is refused here, in Java's words.
  const std::vector<Mistake> mistakes = check_scenario(audited_plan(task.question));
  if (!mistakes.empty()) {
    streams.err << describe_mistakes(task.file, mistakes);
    return ExitStatus::bad_input;
  }
  note_interrupts();
  AuditPart all;
  if (const auto sentence = search(task, all)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::own_defect;
  }
  std::vector<AuditStory> stories;
  std::optional<std::string> sentence = tell_stories(task, all, stories);
  if (!sentence && task.report) sentence = write_file(*task.report, audit_page(task.question, all, stories));
  if (sentence) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::bad_input;
  }
  if (arguments.has("--json")) {
    streams.out << as_json(task, all, stories).dump(2) << "\n";
  } else {
    streams.out << in_words(task, all, stories, look_of(arguments, streams));
  }
  if (interrupted()) return ExitStatus::interrupted;
  const bool broken = std::any_of(all.found.begin(), all.found.end(), [&](const AuditFound& f) {
    return f.standing == Standing::broken || (f.standing == Standing::known_defect && arguments.has("--strict"));
  });
  return broken ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

}  // namespace linger::cli
