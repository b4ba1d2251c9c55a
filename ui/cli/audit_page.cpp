#include "ui/cli/audit_page.h"

#include "scenarios/runner.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/audit_words.h"
#include "ui/cli/story_words.h"
#include "ui/report/diagram.h"
#include "ui/report/html.h"
#include "ui/report/layout.h"
#include "ui/report/svg.h"

namespace linger::cli {

using namespace scenarios;
using report::escaped;

namespace {

std::string state_class(const AuditCell& cell) {
  if (cell.state == AuditCell::State::broken) return "bad";
  return cell.state == AuditCell::State::impossible ? "good" : "";
}

}  // namespace

std::string audit_page(const AuditQuestion& question, const AuditPart& all, const std::vector<AuditStory>& stories) {
  std::string out = report::begin_page("Audit") + "<h1>What this configuration can lose, duplicate or reorder</h1>\n<p>" + escaped(configuration_in_words(question)) + "</p>\n";
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
  out += "</table></div>\n";
  for (const AuditStory& story : stories) {
    RunOptions options;
    options.keep_trace = true;
    const Run run = run_scenario(story.plan, options);
    out += "<section>\n<h2>" + escaped(story_in_words(story)) + "</h2>\n<div class=\"wide\">\n" +
           report::svg_of(report::lay_out(report::build_diagram(run, {}), run), true) + "</div>\n<pre>" + escaped(story.told + "\nlinger run --brief " + story.file) + "</pre>\n<pre>" +
           escaped(write_scenario(story.plan)) + "</pre>\n</section>\n";
  }
  out += "<h2>What was searched</h2>\n<p class=\"dim\">" + escaped(searched_in_words(question, all)) + "</p>\n";
  return out + report::end_page();
}

}  // namespace linger::cli
