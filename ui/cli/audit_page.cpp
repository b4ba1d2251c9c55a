#include "ui/cli/audit_page.h"

#include "scenarios/fates.h"
#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/story.h"
#include "ui/cli/story_words.h"
#include "ui/report/diagram.h"
#include "ui/report/layout.h"
#include "ui/report/svg.h"

namespace linger::cli {

using namespace scenarios;
using report::escaped;

namespace {

constexpr const char* style = R"(
:root{--ground:#fff;--box:#f5f7f9;--rule:#cbd2da;--dim:#505b68;--ink:#161d26;--bad:#a63f00;--good:#006b4e}
@media (prefers-color-scheme: dark){:root{--ground:#12171d;--box:#1a2129;--rule:#3a4552;--dim:#a9b4c1;--ink:#eef2f6;--bad:#ff9a5c;--good:#4fd3ac}}
@media print{:root{--ground:#fff;--box:#fff;--rule:#888;--dim:#333;--ink:#000;--bad:#a63f00;--good:#006b4e} .wide{overflow:visible!important} .wide svg{width:100%;height:auto} body{max-width:none;padding:0} section{break-inside:avoid}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1200px;padding:1rem;background:var(--ground);color:var(--ink);font:15px/1.45 Inter,Helvetica,Arial,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.05rem;margin:1.8rem 0 .5rem}
p{max-width:75ch}.dim{color:var(--dim)}.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
.wide{overflow-x:auto;border:1px solid var(--rule)}.wide svg{display:block}
pre{margin:.5rem 0;padding:.7rem;background:var(--box);overflow-x:auto;font:12.5px/1.5 'JetBrains Mono',Menlo,Consolas,monospace}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .7rem .3rem .4rem;border-bottom:1px solid var(--rule);vertical-align:top}
th{color:var(--dim);font-weight:400}
)";

std::string list_of(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) (out += out.empty() ? "" : ", ").append(name);
  return out;
}

std::string state_class(const AuditCell& cell) {
  if (cell.state == AuditCell::State::broken) return "bad";
  return cell.state == AuditCell::State::impossible ? "good" : "";
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
  std::string out = std::string(anomaly_title(found.anomaly)) + ", after " + (found.faults == 0 ? "no fault" : counted(found.faults, "fault"));
  switch (found.standing) {
    case Standing::broken: out += ": a broken guarantee (" + found.source + ")"; break;
    case Standing::known_defect: out += ": known defect " + found.source; break;
    case Standing::allowed: out += story.remedy ? ": allowed by " + story.remedy->setting + "=" + story.remedy->from : std::string(": allowed"); break;
  }
  if (story.remedy) return out + "; " + story.remedy->setting + "=" + story.remedy->to + " removes it";
  return out + "; no single setting removes it";
}

std::string audit_page(const AuditQuestion& question, const AuditPart& all, const std::vector<AuditStory>& stories) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Audit</title>\n<style>";
  out += style;
  out += "</style>\n</head>\n<body>\n<h1>What this configuration can lose, duplicate or reorder</h1>\n<p>" + escaped(configuration_in_words(question)) + "</p>\n";
  out += "<div class=\"wide\"><table>\n<tr><th></th>";
  for (std::int32_t f = 0; f <= question.faults; ++f) out += "<th>" + (f == 0 ? std::string("no fault") : counted(f, "fault")) + "</th>";
  out += "<th>known defects</th></tr>\n";
  for (std::size_t a = 0; a < anomaly_count; ++a) {
    const auto anomaly = static_cast<Anomaly>(a);
    out += "<tr><td>" + escaped(anomaly_title(anomaly)) + "</td>";
    for (std::int32_t f = 0; f <= question.faults; ++f) {
      const AuditCell cell = cell_of(all, anomaly, f);
      out += "<td class=\"" + state_class(cell) + "\">" + escaped(cell_in_words(cell)) + "</td>";
    }
    const AuditCell cell = cell_of(all, anomaly, question.faults);
    out += "<td>" + (cell.known_defect == nullptr ? std::string("-") : escaped(cell.known_defect->source)) + "</td></tr>\n";
  }
  out += "</table></div>\n<p class=\"dim\">" + escaped(searched_in_words(question, all)) + "</p>\n";
  for (const AuditStory& story : stories) {
    RunOptions options;
    options.keep_trace = true;
    const Run run = run_scenario(story.plan, options);
    out += "<section>\n<h2>" + escaped(story_in_words(story)) + "</h2>\n<div class=\"wide\">\n" +
           report::svg_of(report::lay_out(report::build_diagram(run, {}), run), true) + "</div>\n<pre>" + escaped(story_body(run, Look{})) + "</pre>\n<pre>" +
           escaped(write_scenario(story.plan)) + "</pre>\n</section>\n";
  }
  return out + "</body>\n</html>\n";
}

}  // namespace linger::cli
