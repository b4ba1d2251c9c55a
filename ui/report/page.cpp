#include "ui/report/page.h"

#include <vector>

#include "scenarios/trace_kinds.h"
#include "ui/report/diagram.h"
#include "ui/report/html.h"
#include "ui/report/layout.h"
#include "ui/report/svg.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

constexpr std::size_t most_rows = 2000;
constexpr std::uint64_t most_trace_lines = 20'000;

/// A verdict's sign within a line of text.
std::string sign_svg(char letter) {
  Drawing drawing;
  draw_sign(letter, {9, 9}, 13, drawing.shapes);
  drawing.width = drawing.height = 18;
  drawing.title = std::string(sign_of(letter).word);
  return svg_of(drawing, true);
}

class Page {
 public:
  Page(const scenarios::Run& run, const Wanted& wanted) : run_(run), wanted_(wanted), plan_(run.setup->scenario) {}

  std::string write() {
    const std::string title = plan_.title.empty() ? run_.result.scenario : plan_.title;
    out_ = begin_page(title);
    out_ += "<h1>" + escaped(title) + "</h1>\n<p class=\"dim\">" + escaped(plan_.cluster.profile) + ", " +
            counted(plan_.cluster.brokers, "broker") + ", seed " + std::to_string(run_.result.seed) + ", fingerprint " +
            fingerprint_in_words(run_.result.fingerprint) + "</p>\n";
    if (!plan_.teaches.empty()) out_ += "<p>" + escaped(plan_.teaches) + "</p>\n";
    verdict();
    picture();
    if (!wanted_.story.empty()) out_ += "<h2>Story</h2>\n<pre>" + escaped(wanted_.story) + "</pre>\n";
    ledger();
    faults();
    settings();
    trace();
    return out_ + end_page();
  }

 private:
  void verdict() {
    const scenarios::RunResult& result = run_.result;
    for (const scenarios::Violation& violation : result.violations)
      out_ += "<p class=\"bad\">Broken: " + escaped(violation.name + ": " + violation.detail) + "</p>\n";
    for (const scenarios::KnownDefect& defect : result.known_defects)
      out_ += "<p>Known defect " + escaped(defect.issue + ": " + defect.violation.detail) + "</p>\n";
    for (const std::string& unmet : result.unmet)
      out_ += "<p class=\"bad\">Not as expected: " + escaped(unmet) + "</p>\n";
    if (result.violations.empty())
      out_ += "<p class=\"good\">Allowed: no guarantee of this configuration is broken.</p>\n";
  }

  void picture() {
    out_ += "<h2>Picture</h2>\n<div class=\"wide\">\n" +
            svg_of(lay_out(build_diagram(run_, {wanted_.from, wanted_.until, {}, {}}), run_), true) + "</div>\n";
  }

  std::string told(const scenarios::LedgerRecord& record) const {
    const std::string after =
        record.told == scenarios::Told::nothing ? "" : ", after " + length_of_time(record.told_at - record.sent_at);
    const std::string forged = record.forged ? ", forged" : "";
    switch (record.told) {
      case scenarios::Told::nothing:
        return "nothing";
      case scenarios::Told::acked:
        return (record.offset < 0 ? std::string("ok") : "ok, offset " + std::to_string(record.offset)) + after + forged;
      case scenarios::Told::failed:
        return record.error.substr(record.error.rfind('.') + 1) + after + forged;
      case scenarios::Told::refused:
        return "refused: " + record.error.substr(record.error.rfind('.') + 1);
    }
    return {};
  }
  static std::string truth(const scenarios::RecordFate& fate) {
    if (fate.offset < 0) return "in no log";
    std::string words = "offset " + std::to_string(fate.offset);
    if (fate.extra_copies > 0)
      words += ", " + std::to_string(fate.extra_copies + 1) + " times";
    else
      words += ", once";
    if (fate.reordered) words += ", before an earlier record";
    return words;
  }

  void ledger() {
    out_ += "<h2>Ledger</h2>\n<p>";
    const std::array<std::int64_t, 10> counts = tally(run_.result);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) continue;
      out_ += sign_svg(verdict_signs[i].letter) + std::string(1, verdict_signs[i].letter) + " " +
              std::to_string(counts[i]) + " " + std::string(verdict_signs[i].word) + " &nbsp; ";
    }
    out_ +=
        "</p>\n<div class=\"wide\"><table>\n<tr><th>record</th><th class=\"n\">sent at</th><th>topic</th><th "
        "class=\"n\">partition</th><th>told to the application</th><th>truth in the logs</th><th>verdict</th></tr>\n";
    const std::size_t size = std::min(run_.ledger.records.size(), run_.result.fates.size());
    for (std::size_t i = 0; i < size && i < most_rows; ++i) row(run_.ledger.records[i], run_.result.fates[i]);
    out_ += "</table></div>\n";
    if (size > most_rows)
      out_ += "<p class=\"dim\">and " + std::to_string(size - most_rows) +
              " more records, in the trace file of <code>--to jsonl</code></p>\n";
  }
  void row(const scenarios::LedgerRecord& record, const scenarios::RecordFate& fate) {
    const VerdictSign& sign = sign_of(fate.verdict);
    const bool several = plan_.producers.size() > 1;
    std::string flags;
    for (const auto& [set, letter] : {std::pair{fate.extra_copies > 0, 'D'}, std::pair{fate.reordered, 'O'},
                                      std::pair{fate.corrupted, 'C'}, std::pair{fate.wrong_offset, 'W'}}) {
      if (set) flags += " " + sign_svg(letter) + std::string(1, letter) + " " + std::string(sign_of(letter).word);
    }
    out_ +=
        "<tr><td>" +
        escaped((several ? plan_.producers[record.producer].name + " " : "") + "r" + std::to_string(record.number)) +
        "</td><td class=\"n\">" + milliseconds(record.sent_at.ns()) + " ms</td><td>" +
        escaped(run_.setup->topics[record.topic]) + "</td><td class=\"n\">" +
        (record.partition < 0 ? "" : std::to_string(record.partition)) + "</td><td>" + escaped(told(record)) +
        "</td><td>" + truth(fate) + "</td><td>" + sign_svg(sign.letter) + std::string(1, sign.letter) + " " +
        scenarios::verdict_name(fate.verdict) + flags + "</td></tr>\n";
  }

  void faults() {
    if (plan_.faults.empty()) return;
    out_ +=
        "<h2>Faults</h2>\n<div class=\"wide\"><table>\n<tr><th>fault</th><th>what it does</th><th "
        "class=\"n\">hits</th></tr>\n";
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) {
      const std::int64_t hits = i < run_.result.faults.size() ? run_.result.faults[i].hits : 0;
      out_ += "<tr><td>" + escaped(plan_.faults[i].id) + "</td><td>" + escaped(action_in_words(plan_.faults[i])) +
              "</td><td class=\"n\">" + std::to_string(hits) + "</td></tr>\n";
    }
    out_ += "</table></div>\n";
  }

  void settings() {
    out_ += "<h2>Settings</h2>\n<div class=\"wide\"><table>\n<tr><th>of</th><th>setting</th><th>value</th></tr>\n";
    const auto rows = [this](const std::string& whose, const scenarios::Settings& settings) {
      for (const auto& [key, value] : settings)
        out_ +=
            "<tr><td>" + escaped(whose) + "</td><td>" + escaped(key) + "</td><td>" + escaped(value) + "</td></tr>\n";
    };
    rows("brokers", plan_.cluster.config);
    for (const scenarios::TopicSpec& topic : plan_.cluster.topics) rows("topic " + topic.name, topic.config);
    for (const scenarios::ProducerSpec& producer : plan_.producers) rows(producer.name, producer.config);
    out_ += "</table></div>\n";
  }

  void trace() {
    const std::uint64_t all = run_.trace.stored();
    out_ += "<h2>Trace</h2>\n<details class=\"trace\"><summary>" + std::to_string(all) + " records</summary>\n<pre>";
    const sim::TraceKinds& kinds = scenarios::trace_kinds();
    for (std::uint64_t i = 0; i < all && i < most_trace_lines; ++i)
      out_ += escaped(kinds.describe(run_.trace.at(i), run_.trace, run_.setup->hosts)) + "\n";
    out_ += "</pre></details>\n";
    if (all > most_trace_lines)
      out_ += "<p class=\"dim\">the first " + std::to_string(most_trace_lines) +
              "; all of them with <code>--to jsonl</code></p>\n";
  }

  const scenarios::Run& run_;
  const Wanted& wanted_;
  const scenarios::Scenario& plan_;
  std::string out_;
};

}  // namespace

std::string export_html(const scenarios::Run& run, const Wanted& wanted) {
  return Page{run, wanted}.write();
}

}  // namespace linger::report
