#include "ui/cli/audit_words.h"

#include <string_view>
#include <vector>

#include "scenarios/fates.h"
#include "scenarios/random_plan.h"
#include "ui/cli/story_words.h"

namespace linger::cli {

using namespace scenarios;

namespace {

std::string list_of(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) (out += out.empty() ? "" : ", ").append(name);
  return out;
}

/// `acks=all and enable.idempotence=true`
std::string settings_in_words(const std::vector<SettingChange>& changes) {
  std::string out;
  for (const SettingChange& change : changes) out += (out.empty() ? "" : " and ") + change.setting + "=" + change.to;
  return out;
}

}  // namespace

std::string configuration_in_words(const AuditQuestion& question) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  for (const auto& [key, value] : question.producer) add(key + "=" + value);
  if (out.empty()) out = "every producer setting at its default";
  out += " · " + counted(question.brokers, "broker") + ", replication factor " + std::to_string(question.replication_factor);
  for (const auto& [key, value] : question.topic) add(key + "=" + value);
  for (const auto& [key, value] : question.cluster) add(key + "=" + value);
  return out;
}

std::string cell_in_words(const AuditCell& cell) {
  switch (cell.state) {
    case AuditCell::State::impossible: return "impossible";
    case AuditCell::State::not_met: return "not met";
    case AuditCell::State::allowed: return cell.found->sampled ? "allowed, sampled" : "allowed, found";
    case AuditCell::State::broken: break;
  }
  return "! broken guarantee";
}

std::string searched_in_words(const AuditQuestion& question, const AuditPart& all) {
  std::string enumerated;
  std::string sampled;
  for (std::int32_t f = 0; f <= question.faults; ++f) {
    enumerated += (f == 0 ? "" : ", ") + counted(all.enumerated[f], "run") + " with " + (f == 0 ? "no fault" : counted(f, "fault"));
    if (f > 0) sampled += (f == 1 ? "" : ", ") + counted(all.sampled[f], "run") + " with " + counted(f, "fault");
  }
  std::string out = "Enumerated: after a first record that arrives, two in requests of their own, one close behind the other" +
                    std::string(question.producer.contains("transactional.id") ? ", in one transaction" : "") + ", to one partition: " + enumerated + ". Fates of a request: " +
                    list_of(request_fates()) + "; of an answer: " + list_of(answer_fates()) +
                    ". A leader change in good order counts as a fault. ";
  out += all.complete ? "All of them were followed: impossible means impossible among these."
                      : "The search was stopped before its end: nothing is called impossible.";
  if (question.faults > 0) {
    out += "\nSampled: up to 40 records to two partitions and random faults of every kind (" + list_of(fault_kinds()) + "): " + sampled +
           ". What no sample met is not thereby impossible.";
  }
  return out;
}

std::string story_in_words(const AuditStory& story) {
  const AuditFound& found = *story.found;
  const AuditRemedy& remedy = story.remedy;
  std::string out = std::string(anomaly_title(found.anomaly)) + ", after " + (found.faults == 0 ? "no fault" : counted(found.faults, "fault"));
  switch (found.standing) {
    case Standing::broken: out += ": a broken guarantee (" + found.source + ")"; break;
    case Standing::known_defect: out += ": known defect " + found.source; break;
    case Standing::allowed: out += ": allowed"; break;
  }
  if (!remedy.of_plan.empty()) out += " by " + remedy.of_plan.front().setting + "=" + remedy.of_plan.front().from;
  if (!remedy.of_all.empty()) return out + "; " + settings_in_words(remedy.of_all) + (remedy.of_all.size() == 1 ? " removes it" : " remove it");
  if (remedy.of_plan.empty()) return out + "; no single setting removes it";
  return out + "; " + settings_in_words(remedy.of_plan) + " removes it here, and no single setting everywhere";
}

}  // namespace linger::cli
