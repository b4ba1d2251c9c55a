#include "ui/gui/views/ledger_view.h"

#include <algorithm>
#include <cmath>

#include "scenarios/runner.h"
#include "ui/gui/model/ledger_rows.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/verdict_sign.h"

namespace linger::gui {
namespace {

const report::VerdictSign& sign(char letter) {
  return report::sign_of(letter);
}

void paint_sign(Canvas& canvas, char letter, Point at, bool grey, const Box& clip) {
  std::vector<report::Shape> shapes;
  report::draw_sign(letter, {0, 0}, 12, shapes);
  for (report::Shape& shape : shapes) {
    if (grey) {
      if (shape.fill != Paint::none && shape.fill != Paint::ground) shape.fill = Paint::mid;
      shape.stroke = Paint::mid;
    }
    canvas.paint(shape, at, clip);
  }
}

/// The tally: a button for each verdict. Those of which there is none stay in place, so that a zero is read.
void draw_tally(Frame& frame, const Box& box, double x) {
  Canvas& canvas = frame.canvas;
  const auto& counts = frame.session.tally();
  for (std::size_t i = 0; i < report::verdict_signs.size(); ++i) {
    const char letter = report::verdict_signs[i].letter;
    if ((letter == 'C' || letter == 'W') && counts[i] == 0) continue;
    const std::string words = std::string(1, letter) + " " + std::to_string(counts[i]);
    const double wide = canvas.width(words, 13, Face::mono_bold) + 36;
    if (x + wide > box.x + box.width - 8) break;
    const Box at{x, box.y + 5, wide, 24};
    const std::string id = std::string("##tally") + letter;
    const Touch state = touch(id.c_str(), at);
    const bool filter = frame.state.verdict_filter == letter;
    const bool some = counts[i] > 0;
    canvas.fill(at, some ? canvas.colour(sign(letter).paint, filter ? 0.4 : 0.16) : canvas.colour(Paint::ground), 4);
    canvas.frame(at, canvas.colour(filter ? Paint::ink : some ? sign(letter).paint : Paint::rule), 4, filter ? 2 : 1);
    paint_sign(canvas, letter, {at.x + 14, at.y + 12}, !some, box);
    canvas.text({at.x + 27, at.y + 17}, words, some ? Paint::ink : Paint::dim, 13, some ? Face::mono_bold : Face::mono);
    if (state.hovered) tooltip(canvas, {std::string(frame.say(verdict_word(letter))), std::to_string(counts[i])});
    if (state.clicked) {
      frame.state.verdict_filter = filter ? std::nullopt : std::optional(letter);
      frame.state.ledger_top = 0;
    }
    x += wide + 6;
  }
}

struct Columns {
  double name, sent, partition, told, truth, verdict, end;
};

Columns columns_of(const Box& box) {
  const double x = box.x + 16;
  const double wide = std::max(400.0, box.width - 32);
  return {
      x, x + wide * 0.08, x + wide * 0.20, x + wide * 0.295, x + wide * 0.555, x + wide * 0.715, box.x + box.width - 8};
}

void draw_row(Frame& frame, const LedgerRow& row, const Box& box, const Columns& columns) {
  Canvas& canvas = frame.canvas;
  const std::string id = "##record" + std::to_string(row.record);
  const Touch state = touch(id.c_str(), box);
  if (frame.state.selection.record == row.record)
    canvas.fill(box, canvas.colour(Extra::highlight, 0.3));
  else if (state.hovered)
    canvas.fill(box, canvas.colour(Paint::lane));
  if (state.clicked) {
    const scenarios::LedgerRecord& record = frame.session.run().ledger.records[row.record];
    frame.state.selection = {row.record, std::nullopt, std::nullopt};
    frame.state.playing = false;
    move_to(frame.session.at(std::clamp(record.sent_at, sim::SimTime{}, frame.session.end())), frame.session,
            frame.state, frame.axis_width);
  }
  const double y = box.y + box.height / 2 + 5;
  const auto cell = [&](double from, double to, const std::string& words, Face face = Face::regular,
                        Paint paint = Paint::ink) {
    canvas.text_within({from, y}, words, to - from - 12, paint, 13, face);
  };
  cell(columns.name, columns.sent, row.name, Face::semibold);
  cell(columns.sent, columns.partition, row.sent_at, Face::mono);
  cell(columns.partition, columns.told, row.partition);
  cell(columns.told, columns.truth, row.told);
  cell(columns.truth, columns.verdict, row.truth);
  draw_verdict(frame, row, {columns.verdict, box.y, columns.end - columns.verdict, box.height});
}

}  // namespace

void draw_verdict(Frame& frame, const LedgerRow& row, const Box& box) {
  Canvas& canvas = frame.canvas;
  double x = box.x;
  const double y = box.y + box.height / 2 + 5;
  const auto badge = [&](char letter) {
    const std::string words = std::string(1, letter) + "  " + std::string(frame.say(verdict_word(letter)));
    const double wide = std::min(canvas.width(words, 13, Face::semibold) + 36, box.x + box.width - x);
    if (wide < 40) return;
    const Box at{x, box.y + 2, wide, box.height - 4};
    canvas.fill(at, canvas.colour(sign(letter).paint, 0.16), 4);
    canvas.frame(at, canvas.colour(sign(letter).paint), 4);
    paint_sign(canvas, letter, {x + 14, box.y + box.height / 2}, false, box);
    canvas.text_within({x + 27, y}, words, wide - 32, sign(letter).text, 13, Face::semibold);
    x += wide + 6;
  };
  badge(row.verdict);
  for (const char flag : row.flags) badge(flag);
}

void draw_counts(Frame& frame, const scenarios::RunResult& result, Point right) {
  Canvas& canvas = frame.canvas;
  const auto counts = report::tally(result);
  double x = right.x;
  for (std::size_t i = report::verdict_signs.size(); i-- > 0;) {
    if (counts[i] == 0) continue;
    const char letter = report::verdict_signs[i].letter;
    const std::string words = std::string(1, letter) + " " + std::to_string(counts[i]);
    const double wide = canvas.width(words, 13, Face::mono_bold) + 34;
    x -= wide + 6;
    const Box at{x, right.y, wide, 20};
    canvas.fill(at, canvas.colour(sign(letter).paint, 0.16), 4);
    canvas.frame(at, canvas.colour(sign(letter).paint), 4);
    paint_sign(canvas, letter, {at.x + 13, at.y + 10}, false, at);
    canvas.text({at.x + 25, at.y + 15}, words, Paint::ink, 13, Face::mono_bold);
  }
}

void draw_ledger(Frame& frame, const Box& box) {
  if (box.height <= 0) return;
  Canvas& canvas = frame.canvas;
  canvas.push_clip(box);
  canvas.line({box.x, box.y + 0.5}, {box.x + box.width, box.y + 0.5}, canvas.colour(Paint::rule));
  canvas.text({box.x + 16, box.y + 22}, frame.say(Str::ledger_title), Paint::ink, 15, Face::semibold);
  double x = box.x + 16 + canvas.width(frame.say(Str::ledger_title), 15, Face::semibold) + 16;
  canvas.text({x, box.y + 22}, frame.say(Str::ledger_at_end), Paint::dim);
  x += canvas.width(frame.say(Str::ledger_at_end)) + 20;
  draw_tally(frame, box, x);

  const Columns columns = columns_of(box);
  const double row = frame.screen.diagram.height > 560 ? 30 : 27;
  const double head = box.y + row + 22;
  const auto title = [&](double from, double to, Str name) {
    canvas.text_within({from, head}, frame.say(name), to - from - 8, Paint::dim);
  };
  title(columns.name, columns.sent, Str::ledger_record);
  title(columns.sent, columns.partition, Str::ledger_sent_at);
  title(columns.partition, columns.told, Str::ledger_partition);
  title(columns.told, columns.truth, Str::ledger_told);
  title(columns.truth, columns.verdict, Str::ledger_truth);
  title(columns.verdict, columns.end, Str::ledger_verdict);

  const double top = box.y + 2 * row + 2;
  const auto visible = static_cast<std::size_t>(std::max(1.0, std::floor((box.y + box.height - top) / row)));
  const auto listed = frame.session.records_with(frame.state.verdict_filter);
  const std::vector<scenarios::RecordIndex>& records = *listed;
  const ImGuiIO& io = ImGui::GetIO();
  const double most = records.size() > visible ? static_cast<double>(records.size() - visible) : 0;
  if (contains(box, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
    frame.state.ledger_top -= static_cast<double>(io.MouseWheel);
  frame.state.ledger_top = std::clamp(frame.state.ledger_top, 0.0, most);
  const auto first = static_cast<std::size_t>(frame.state.ledger_top);
  double y = top;
  for (const LedgerRow& one : ledger_rows(frame.session.run(), records, first, visible, frame.state.language)) {
    draw_row(frame, one, {box.x + 4, y, box.width - 12, row - 1}, columns);
    y += row;
  }
  if (most > 0) {
    const double track = box.y + box.height - top;
    const double part = static_cast<double>(visible) / static_cast<double>(records.size());
    const double length = std::max(12.0, track * part);
    canvas.fill({box.x + box.width - 6, top + (track - length) * (frame.state.ledger_top / most), 4, length},
                canvas.colour(Paint::mid), 2);
  }
  if (records.empty())
    canvas.text({box.x + 16, top + 18},
                frame.say(frame.state.verdict_filter ? Str::ledger_none_of_kind : Str::ledger_empty), Paint::dim);
  canvas.pop_clip();
}

}  // namespace linger::gui
