#include "ui/cli/audit_story.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "scenarios/explanation.h"
#include "scenarios/finding.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_writer.h"
#include "scenarios/shrink.h"
#include "ui/cli/explanation_words.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/story_words.h"

namespace linger::cli {

using namespace scenarios;

namespace {

constexpr std::int64_t most_shrinking_runs = 600;

std::string file_name(const AuditFound& found) {
  std::string name(found.anomaly == Anomaly::slow ? "late" : anomaly_finding(found.anomaly));
  if (found.standing == Standing::known_defect) name += "-" + found.source;
  return name + "-" + std::to_string(found.faults) + ".json";
}

Scenario smallest_plan(const AuditFound& found) {
  if (found.anomaly == Anomaly::slow) return found.plan;
  const std::vector<Finding> shown = findings_of(run_scenario(found.plan).result);
  const auto kept = std::find_if(shown.begin(), shown.end(), [&](const Finding& f) {
    return f.standing == found.standing && f.source == found.source && f.name == anomaly_finding(found.anomaly);
  });
  if (kept == shown.end()) return found.plan;
  ShrinkOptions options;
  options.most_runs = most_shrinking_runs;
  options.keep_settings = true;
  options.interrupted = interrupted;
  return shrink(found.plan, *kept, options).plan;
}

bool fared_so(const RecordFate& fate, Question question) {
  switch (question) {
    case Question::lost: return fate.verdict == Verdict::acked_lost;
    case Question::duplicated: return fate.extra_copies > 0;
    case Question::reordered: return fate.reordered;
    case Question::failed_present: return fate.verdict == Verdict::failed_present;
    case Question::stuck: return fate.verdict == Verdict::stuck;
    case Question::refused: return fate.verdict == Verdict::refused;
    default: return false;
  }
}

/// The first record that fared so; of those that were late the slowest.
RecordIndex concerned_record(const Run& run, Question question) {
  RecordIndex slowest = no_record;
  for (RecordIndex i = 0; i < run.ledger.records.size(); ++i) {
    if (question != Question::late) {
      if (fared_so(run.result.fates[i], question)) return i;
      continue;
    }
    const LedgerRecord& record = run.ledger.records[i];
    const auto waited = [](const LedgerRecord& one) { return one.told_at - one.sent_at; };
    if (record.told == Told::acked && (slowest == no_record || waited(record) > waited(run.ledger.records[slowest]))) slowest = i;
  }
  return slowest;
}

std::string told_in_lines(const Scenario& plan, Anomaly anomaly) {
  const Run run = run_scenario(plan, options_to_explain());
  ExplainOptions options;
  options.question = question_of(anomaly);
  options.preventions = false;
  options.interrupted = interrupted;
  const RecordIndex record = concerned_record(run, *options.question);
  if (record == no_record) return {};
  const Explanation explanation = explain_record(run, record, options);
  return explanation.question == Question::nothing ? std::string() : chain_in_columns(links_in_words(run, explanation), Look{});
}

}  // namespace

std::optional<std::string> tell_stories(const AuditTask& task, const AuditPart& all, std::vector<AuditStory>& stories) {
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    for (std::int32_t faults = 0; faults <= task.question.faults; ++faults) {
      const AuditCell cell = cell_of(all, static_cast<Anomaly>(a), faults);
      for (const AuditFound* found : {cell.found, cell.known_defect}) {
        if (found == nullptr || std::any_of(stories.begin(), stories.end(), [&](const AuditStory& s) { return s.found == found; })) continue;
        AuditStory story;
        story.found = found;
        story.plan = smallest_plan(*found);
        story.plan.title = std::string(anomaly_title(found->anomaly)) + ", after " + counted(found->faults, "fault");
        story.remedy = remedy_of(task.question, *found, story.plan, interrupted);
        story.told = told_in_lines(story.plan, found->anomaly);
        story.file = (std::filesystem::path(task.folder) / file_name(*found)).string();
        std::error_code error;
        std::filesystem::create_directories(task.folder, error);
        if (error) return task.folder + " cannot be made: " + error.message();
        if (auto sentence = report::write_file(story.file, write_scenario(story.plan))) return sentence;
        stories.push_back(std::move(story));
      }
    }
  }
  return std::nullopt;
}

}  // namespace linger::cli
