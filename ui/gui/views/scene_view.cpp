#include "ui/gui/views/scene_view.h"

#include <algorithm>

#include "ui/gui/model/translate.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

using report::Hit;
using report::Scene;

bool selected(const SceneView& view, const Hit& hit) {
  const report::Diagram& diagram = view.diagram;
  const Selection& selection = view.state.selection;
  switch (hit.kind) {
    case Hit::Kind::arrow:
      return (selection.message && diagram.arrows[hit.index].message == *selection.message) ||
             (selection.event && diagram.arrows[hit.index].event == *selection.event);
    case Hit::Kind::mark: {
      const auto is = [&](std::size_t index) {
        const report::Mark& mark = diagram.marks[index];
        if (selection.record) return view.session.record_of(mark) == selection.record;
        return selection.event && mark.event == *selection.event;
      };
      return hit.members.empty() ? is(hit.index) : std::any_of(hit.members.begin(), hit.members.end(), is);
    }
    case Hit::Kind::bar:
      return selection.event && !selection.record && diagram.bars[hit.index].event == *selection.event;
    case Hit::Kind::fold:
      return false;
  }
  return false;
}

/// What is selected, by its place in the diagram: a crowd knows the places of its first and its last.
class Chosen {
 public:
  explicit Chosen(const SceneView& view) : diagram_(view.diagram) {
    const Selection& selection = view.state.selection;
    const auto find = [](const auto& list, auto is_it) -> std::optional<std::size_t> {
      const auto found = std::find_if(list.begin(), list.end(), is_it);
      return found == list.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - list.begin()));
    };
    if (selection.message)
      arrow_ = find(diagram_.arrows, [&](const report::Arrow& one) { return one.message == *selection.message; });
    if (!selection.event || selection.record) return;
    const auto is_it = [&](const auto& one) { return one.event == *selection.event; };
    if (!arrow_) arrow_ = find(diagram_.arrows, is_it);
    mark_ = find(diagram_.marks, is_it);
    bar_ = find(diagram_.bars, is_it);
  }

  bool within(const Hit& crowd) const {
    const auto between = [&](std::optional<std::size_t> place) {
      return place && crowd.index <= *place && *place <= crowd.last;
    };
    switch (crowd.kind) {
      case Hit::Kind::arrow: {
        if (!between(arrow_)) return false;
        const report::Arrow& first = diagram_.arrows[crowd.index];
        const report::Arrow& one = diagram_.arrows[*arrow_];
        return one.kind == first.kind && one.answer == first.answer && one.from == first.from && one.to == first.to;
      }
      case Hit::Kind::mark:
        return between(mark_) && diagram_.marks[*mark_].kind == diagram_.marks[crowd.index].kind &&
               diagram_.marks[*mark_].lane == diagram_.marks[crowd.index].lane;
      case Hit::Kind::bar:
        return between(bar_) && diagram_.bars[*bar_].kind == diagram_.bars[crowd.index].kind &&
               diagram_.bars[*bar_].lane == diagram_.bars[crowd.index].lane;
      case Hit::Kind::fold:
        break;
    }
    return false;
  }

 private:
  const report::Diagram& diagram_;
  std::optional<std::size_t> arrow_, mark_, bar_;
};

void halo(Canvas& canvas, const Hit& hit, Point at) {
  if (hit.kind == Hit::Kind::arrow) {
    canvas.line({hit.from.x + at.x, hit.from.y + at.y}, {hit.to.x + at.x, hit.to.y + at.y},
                canvas.colour(Extra::highlight, 0.6), 9);
    return;
  }
  const Box box{hit.from.x + at.x - 3, hit.from.y + at.y - 3, hit.to.x - hit.from.x + 6, hit.to.y - hit.from.y + 6};
  canvas.fill(box, canvas.colour(Extra::highlight, 0.45), 3);
}

void outline(Canvas& canvas, const Hit& hit, Point at) {
  if (hit.kind == Hit::Kind::fold) return;
  if (hit.kind == Hit::Kind::arrow) {
    canvas.line({hit.from.x + at.x, hit.from.y + at.y}, {hit.to.x + at.x, hit.to.y + at.y}, canvas.colour(Paint::ink),
                1);
    return;
  }
  canvas.frame({hit.from.x + at.x - 2, hit.from.y + at.y - 2, hit.to.x - hit.from.x + 4, hit.to.y - hit.from.y + 4},
               canvas.colour(Paint::ink), 2);
}

/// A planned fault: hollow while it is still to come.
void draw_flag(Canvas& canvas, const Scene::Flag& flag, const State& state, Point at) {
  const Point foot{flag.foot.x + at.x, flag.foot.y + at.y};
  const double top = foot.y - report::flag_height;
  const Point tip{foot.x + report::flag_width, top + 4};
  const Point end{foot.x, top + 8};
  const ImU32 colour = canvas.colour(Paint::vermillion);
  canvas.line({foot.x, top}, {foot.x, foot.y + 5}, colour, 1.5);
  canvas.polygon({{foot.x, top}, tip, end}, flag.hollow_at(state.cursor.at) ? canvas.colour(Paint::ground) : colour);
  canvas.line({foot.x, top}, tip, colour, 1.2);
  canvas.line(tip, end, colour, 1.2);
}

std::string in_chinese(const std::string& english) {
  return translate(Language::zh, english);
}

}  // namespace

std::pair<sim::SimTime, sim::SimTime> stretch_of(const report::Diagram& diagram, const Hit& crowd) {
  switch (crowd.kind) {
    case Hit::Kind::arrow:
      return {diagram.arrows[crowd.index].sent_at, diagram.arrows[crowd.last].sent_at};
    case Hit::Kind::mark:
      return {diagram.marks[crowd.index].at, diagram.marks[crowd.last].at};
    case Hit::Kind::bar:
      return {diagram.bars[crowd.index].from, diagram.bars[crowd.last].from};
    case Hit::Kind::fold:
      break;
  }
  return {};
}

std::vector<std::string> words_of(const SceneView& view, const Hit& hit) {
  const report::Diagram& diagram = view.diagram;
  const auto moment = [](sim::SimTime at) { return report::milliseconds(at.ns()) + " ms"; };
  std::vector<std::string> lines;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) lines.push_back(translate(view.state.language, line));
  };
  if (hit.count > 1) {
    add(report::crowd_in_words(diagram, hit));
    const auto [from, until] = stretch_of(diagram, hit);
    add(moment(from) + " – " + moment(until));
    if (until > from) lines.emplace_back(text(view.state.language, Str::crowd_closer));
    return lines;
  }
  switch (hit.kind) {
    case Hit::Kind::arrow: {
      const report::Arrow& arrow = diagram.arrows[hit.index];
      add(arrow.text);
      add(arrow.more);
      add(arrow.why);
      add(diagram.lanes[arrow.from].name + " → " + diagram.lanes[arrow.to].name);
      add(moment(arrow.sent_at) + " – " + moment(arrow.ended_at));
      break;
    }
    case Hit::Kind::mark: {
      const report::Mark& mark = diagram.marks[hit.index];
      if (mark.number >= 0) {
        std::vector<std::int64_t> numbers;
        for (const std::size_t member : hit.members) numbers.push_back(diagram.marks[member].number);
        add(report::records_named(numbers));
      }
      add(mark.text);
      add(mark.more);
      add(moment(mark.at));
      break;
    }
    case Hit::Kind::bar: {
      const report::Bar& bar = diagram.bars[hit.index];
      add(bar.text);
      add(moment(bar.from) + " – " + moment(bar.until));
      break;
    }
    case Hit::Kind::fold: {
      const report::Piece& piece = view.axis.pieces[hit.index];
      add(report::length_of_time(piece.until - piece.from));
      for (const std::string& words : report::hidden_in(diagram, piece.from, piece.until)) add(words);
      lines.emplace_back(text(view.state.language, piece.folded ? Str::fold_open : Str::fold_close));
      break;
    }
  }
  return lines;
}

Selection selection_of(const SceneView& view, const Hit& hit) {
  const report::Diagram& diagram = view.diagram;
  Selection selection;
  switch (hit.kind) {
    case Hit::Kind::arrow:
      selection = {std::nullopt, diagram.arrows[hit.index].message, diagram.arrows[hit.index].event};
      break;
    case Hit::Kind::mark: {
      const report::Mark& mark = diagram.marks[hit.index];
      selection = {std::nullopt, std::nullopt, mark.event};
      selection.record = view.session.record_of(mark);
      break;
    }
    case Hit::Kind::bar:
      selection = {std::nullopt, std::nullopt, diagram.bars[hit.index].event};
      break;
    case Hit::Kind::fold:
      break;
  }
  return selection;
}

void paint_scene(Canvas& canvas, const SceneView& view, const Scene& scene, const Box& box, const Hit* under,
                 const std::optional<Box>& tag) {
  const Point at{box.x, box.y};
  canvas.push_clip(box);
  // Lanes run under their names; everything else ends where the axis begins.
  const Box lanes{box.x + scene.gutter - 20, box.y, box.width - scene.gutter + 20, box.height};
  const auto is_ground = [](const report::Shape& shape) { return shape.fill == Paint::lane; };
  const auto is_fold = [](const report::Shape& shape) { return shape.fill == Paint::well; };
  const auto is_name = [&](const report::Text& text) {
    return text.at.x < scene.gutter - 20 && text.at.y >= scene.lanes_top;
  };
  const auto is_cut = [&](const report::Text& text) {
    if (!tag || text.at.y >= scene.lanes_top) return false;
    const Box own = text.box();
    return tag->overlaps({own.x + at.x, own.y + at.y, own.width, own.height});
  };
  for (const report::Shape& shape : scene.drawing.shapes) {
    if (is_ground(shape)) canvas.paint(shape, at, box);
  }
  for (const report::Text& text : scene.drawing.texts) {
    if (is_name(text)) canvas.paint(text, at);
  }
  canvas.push_clip(lanes);
  for (const report::Shape& shape : scene.drawing.shapes) {
    if (is_fold(shape)) canvas.paint(shape, at, lanes);
  }
  const Chosen chosen{view};
  for (const Hit& hit : scene.hits) {
    if (hit.count > 1 ? chosen.within(hit) : selected(view, hit)) halo(canvas, hit, at);
  }
  for (const report::Shape& shape : scene.drawing.shapes) {
    if (!is_ground(shape) && !is_fold(shape)) canvas.paint(shape, at, lanes);
  }
  for (const Scene::Flag& flag : scene.flags) draw_flag(canvas, flag, view.state, at);
  for (const report::Text& text : scene.drawing.texts) {
    if (!is_name(text) && !is_cut(text)) canvas.paint(text, at);
  }
  if (under != nullptr) outline(canvas, *under, at);
  canvas.pop_clip();
  canvas.pop_clip();
}

std::string (*translator(Language language))(const std::string&) {
  return language == Language::zh ? in_chinese : nullptr;
}

}  // namespace linger::gui
