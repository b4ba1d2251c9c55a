// What a printed picture has around its lanes: heading, tally, legend, what was left out.
#include "scenarios/runner.h"
#include "ui/report/layout_parts.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

std::vector<std::string> wrapped(const std::string& words, double width) {
  std::vector<std::string> rows{""};
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    const std::string word = words.substr(at, end - at);
    if (!rows.back().empty() && text_width(rows.back() + " " + word, 11, false) > width) rows.emplace_back();
    rows.back() += (rows.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return rows;
}

/// How many records fared how. Returns the base line of its last row.
double draw_tally(Board& board, const scenarios::Run& run, double y) {
  const std::array<std::int64_t, 10> counts = tally(run.result);
  double at = 14;
  for (std::size_t i = 0; i < verdict_signs.size(); ++i) {
    const VerdictSign& sign = verdict_signs[i];
    // Corrupted and wrong offset join only when there are any.
    if ((sign.letter == 'C' || sign.letter == 'W') && counts[i] == 0) continue;
    const std::string words =
        std::string(1, sign.letter) + " " + std::to_string(counts[i]) + "  " + std::string(sign.word);
    const bool some = counts[i] > 0;
    const double width = 24 + text_width(words, 12, some) + 18;
    if (at + width > board.out.width) {
      at = 14;
      y += 22;
    }
    std::vector<Shape>& shapes = board.out.shapes;
    const std::size_t first = shapes.size();
    draw_sign(sign.letter, {at + 8, y - 4}, 13, shapes);
    if (!some) {
      for (std::size_t s = first; s < shapes.size(); ++s) {
        if (shapes[s].fill != Paint::none && shapes[s].fill != Paint::ground) shapes[s].fill = Paint::rule;
        shapes[s].stroke = Paint::rule;
      }
    }
    board.text({at + 22, y}, words, some ? sign.text : Paint::dim, 12, some);
    at += width;
  }
  return y;
}

double draw_legend(Board& board, double y) {
  double at = 14;
  const auto entry = [&](const std::string& words, const auto& draw) {
    const double width = 40 + text_width(words, 11, false) + 20;
    if (at + width > board.out.width) {
      at = 14;
      y += 18;
    }
    draw(Point{at, y - 4}, Point{at + 34, y - 4});
    board.text({at + 41, y}, words, Paint::dim, 11);
    at += width;
  };
  const auto arrow = [&](Paint paint, double width, double dash, double head, bool full) {
    return [&board, paint, width, dash, head, full](Point a, Point b) {
      board.line(a, b, paint, width, dash);
      board.head(a, b, paint, head, full, width);
    };
  };
  entry("PRODUCE", arrow(Paint::blue, 2, 0, 8, true));
  entry("its answer", arrow(Paint::green, 2, 0, 8, false));
  entry("lost on the way", [&](Point a, Point b) {
    const Point stop = between(a, b, 0.5);
    board.line(a, stop, Paint::vermillion, 2);
    board.line(stop, b, Paint::vermillion, 2, 3);
    board.cross_out(stop, 4, Paint::vermillion, 2);
  });
  entry("replication, consumers, transactions", arrow(Paint::mid, 1, 0, 6, true));
  entry("set-up, metadata", arrow(Paint::mid, 1, 2, 6, true));
  entry("attempt", [&](Point a, Point b) { board.badge(between(a, b, 0.6), 2); });
  entry("leads", [&](Point a, Point b) { board.box(a.x, a.y - 2.5, b.x - a.x, 5, Paint::purple); });
  entry("already there: nothing appended", [&](Point, Point b) {
    board.polygon({{b.x - 10, b.y - 7}, {b.x - 3, b.y}, {b.x - 10, b.y + 7}, {b.x - 17, b.y}}, Paint::green,
                  Paint::ink);
  });
  board.out.texts.insert(board.out.texts.end(), board.on_top.begin(), board.on_top.end());
  return y + 24;
}

}  // namespace

void draw_heading(Board& board, const scenarios::Run& run) {
  const scenarios::Scenario& plan = run.setup->scenario;
  board.out.title = plan.title.empty() ? run.result.scenario : plan.title;
  board.out.description = plan.cluster.profile + ", " + counted(plan.cluster.brokers, "broker") + ", seed " +
                          std::to_string(run.result.seed) + ", fingerprint " +
                          fingerprint_in_words(run.result.fingerprint);
  board.text({14, 28}, board.out.title, Paint::ink, 18, true);
  board.text({14, 47}, board.out.description, Paint::dim, 12);
}

double draw_footer(Board& board, const scenarios::Run& run, double top) {
  board.line({14, top}, {board.out.width - 14, top}, Paint::rule);
  double y = draw_legend(board, draw_tally(board, run, top + 24) + 26);
  std::vector<std::string> left_out = board.diagram.left_out;
  if (board.labels.left_out() > 0)
    left_out.push_back(counted(static_cast<std::int64_t>(board.labels.left_out()), "label") +
                       " for want of room: shown where the pointer rests on the mark");
  for (const std::string& sentence : left_out) {
    for (const std::string& row : wrapped("Not shown: " + sentence, board.out.width - 28)) {
      board.text({14, y}, row, Paint::dim, 11);
      y += 16;
    }
  }
  return y + 4;
}

}  // namespace linger::report
