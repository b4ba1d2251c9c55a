#include "ui/report/mermaid.h"

#include <algorithm>
#include <vector>

#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/layout.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::SimTime;

/// A line of the diagram and where in time it stands.
struct Entry {
  SimTime at;
  std::string line;
};

class Sequence {
 public:
  Sequence(const scenarios::Run& run, const Wanted& wanted)
      : run_(run), d_(build_diagram(run, {wanted.from, wanted.until, {}, wanted.events})) {
    AxisLimits limits;
    limits.most = 20'000;
    axis_ = make_axis(d_, limits);
  }

  std::string write() {
    std::string out = "%% " + one_line(run_.setup->scenario.title) + ", seed " + std::to_string(run_.result.seed) +
                      ", fingerprint " + fingerprint_in_words(run_.result.fingerprint) + "\n";
    for (const std::string& sentence : d_.left_out) out += "%% not shown: " + one_line(sentence) + "\n";
    out += "sequenceDiagram\n";
    participants(out);
    for (const Arrow& arrow : d_.arrows) add_arrow(arrow);
    add_marks();
    for (const Piece& piece : axis_.pieces) {
      if (piece.folded) add_fold(piece);
    }
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
    for (const Entry& entry : entries_) out += "  " + entry.line + "\n";
    return out;
  }

 private:
  /// Lanes of one host are one participant, but for its application.
  std::size_t participant(std::size_t lane) const {
    for (std::size_t i = 0; i < lane; ++i) {
      if (same(i, lane)) return i;
    }
    return lane;
  }
  bool same(std::size_t a, std::size_t b) const {
    const auto core = [](LaneKind kind) { return kind == LaneKind::accumulator || kind == LaneKind::requests; };
    return d_.lanes[a].host == d_.lanes[b].host && core(d_.lanes[a].kind) && core(d_.lanes[b].kind);
  }
  std::string id(std::size_t lane) const { return "n" + std::to_string(participant(lane)); }

  void participants(std::string& out) {
    for (std::size_t i = 0; i < d_.lanes.size(); ++i) {
      if (participant(i) != i) continue;
      const Lane& lane = d_.lanes[i];
      std::string name = lane.host == sim::no_host ? "faults" : run_.setup->hosts[lane.host.value()];
      if (lane.kind == LaneKind::application) name = "application of " + name;
      out += "  participant " + id(i) + " as " + mermaid_text(name) + "\n";
      last_ = id(i);
      if (first_.empty()) first_ = id(i);
    }
  }

  static std::string stamp(SimTime at) { return milliseconds(at.ns()) + " ms "; }
  static std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
  }
  static std::string joined(const std::string& text, const std::string& more) {
    return text + (more.empty() ? "" : (text.empty() ? "" : ", ") + more);
  }

  void add_arrow(const Arrow& arrow) {
    const bool broken = arrow.fate == Fate::lost || arrow.fate == Fate::cut_off;
    std::string words = joined(arrow.text, arrow.more);
    if (words.empty())
      words = arrow.kind == ArrowKind::replication
                  ? (arrow.answer ? "FETCH answer with records" : "FETCH, acknowledges")
              : arrow.answer ? "answer"
                             : "request";
    if (arrow.attempt > 1 && !arrow.answer) words += ", attempt " + std::to_string(arrow.attempt);
    if (!arrow.why.empty()) words += " (" + arrow.why + ")";
    const char* line = broken ? (arrow.answer ? "--x" : "-x") : (arrow.answer ? "-->>" : "->>");
    entries_.push_back(
        {arrow.sent_at, id(arrow.from) + line + id(arrow.to) + ": " + mermaid_text(stamp(arrow.sent_at) + words)});
  }

  void note(SimTime at, std::size_t lane, const std::string& words) {
    entries_.push_back({at, "Note over " + id(lane) + ": " + mermaid_text(stamp(at) + words)});
  }

  void add_marks() {
    for (std::size_t i = 0; i < d_.marks.size(); ++i) {
      const Mark& mark = d_.marks[i];
      if (mark.number < 0) {
        if (mark.kind != MarkKind::high_watermark) note(mark.at, mark.lane, joined(mark.text, mark.more));
        continue;
      }
      std::vector<std::int64_t> numbers{mark.number};
      while (i + 1 < d_.marks.size() && d_.marks[i + 1].at == mark.at && d_.marks[i + 1].kind == mark.kind &&
             d_.marks[i + 1].lane == mark.lane && d_.marks[i + 1].verdict == mark.verdict)
        numbers.push_back(d_.marks[++i].number);
      const std::string names = records_named(numbers);
      switch (mark.kind) {
        case MarkKind::sent:
          note(mark.at, mark.lane, "sends " + names);
          break;
        case MarkKind::acked:
          note(mark.at, mark.lane,
               "hears " + names + " acked" + (mark.verdict ? ": " + std::string(sign_of(*mark.verdict).word) : ""));
          break;
        default:
          note(mark.at, mark.lane,
               names + " " + mark.more + (mark.verdict ? ": " + std::string(sign_of(*mark.verdict).word) : ""));
          break;
      }
    }
  }

  void add_fold(const Piece& piece) {
    std::string words = "… " + length_of_time(piece.until - piece.from) +
                        (piece.words.empty() ? "" : ": " + listed(piece.words)) + " …";
    entries_.push_back({piece.from + sim::Duration::ns(1),
                        "Note over " + first_ + (first_ == last_ ? "" : "," + last_) + ": " + mermaid_text(words)});
  }

  const scenarios::Run& run_;
  Diagram d_;
  Axis axis_;
  std::string first_, last_;
  std::vector<Entry> entries_;
};

}  // namespace

std::string mermaid_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '#':
        out += "#35;";
        break;
      case ';':
        out += "#59;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      case '\n':
      case '\r':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string export_mermaid(const scenarios::Run& run, const Wanted& wanted) {
  return Sequence{run, wanted}.write();
}

}  // namespace linger::report
