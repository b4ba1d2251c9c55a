#include "ui/cli/audit.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/audit.h"
#include "scenarios/scenario_reader.h"
#include "ui/cli/audit_page.h"
#include "ui/cli/audit_search.h"
#include "ui/cli/audit_story.h"
#include "ui/cli/audit_task.h"
#include "ui/cli/audit_words.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using namespace scenarios;
using Json = nlohmann::ordered_json;

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
    out += "\n" + painted(story_in_words(story), Tone::leadership, look) + "\n" + spelled(story.told, look) + "  linger run --brief " + story.file + "\n";
  }
  return out;
}

Json to_json(const std::vector<SettingChange>& changes) {
  Json list = Json::array();
  for (const SettingChange& change : changes) list.push_back(Json{{"setting", change.setting}, {"from", change.from}, {"to", change.to}});
  return list;
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
    one["remedy"] = Json{{"of_plan", to_json(story.remedy.of_plan)}, {"of_all", to_json(story.remedy.of_all)}};
    json["stories"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

ExitStatus audit_configuration(const Arguments& arguments, const Streams& streams) {
  AuditTask task;
  if (const auto sentence = read_audit_task(arguments, task, streams.err)) {
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
  if (const auto sentence = search_audit(task, all)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::own_defect;
  }
  std::vector<AuditStory> stories;
  std::optional<std::string> sentence = tell_stories(task, all, stories);
  if (!sentence && task.report) sentence = report::write_file(*task.report, audit_page(task.question, all, stories));
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
