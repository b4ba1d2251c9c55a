#include "ui/gui/views/scenario_view.h"

#include <algorithm>
#include <functional>

#include "ui/gui/model/scenario_page.h"
#include "ui/gui/model/scenario_words.h"
#include "ui/gui/views/widgets.h"

namespace linger::gui {
namespace {

constexpr double list_width = 200;
constexpr double bar_height = 46;
constexpr double head_height = 40;
constexpr double section_height = 28;

/// What is drawn between its making and its end is clipped, for the eye and for the pointer.
class Clip {
 public:
  explicit Clip(const Box& box) {
    ImGui::PushClipRect({static_cast<float>(box.x), static_cast<float>(box.y)},
                        {static_cast<float>(box.x + box.width), static_cast<float>(box.y + box.height)}, true);
  }
  ~Clip() { ImGui::PopClipRect(); }
  Clip(const Clip&) = delete;
  Clip& operator=(const Clip&) = delete;
};

/// What changes the draft happens when nobody looks at its rows any more.
using Action = std::function<void()>;

class Form {
 public:
  Form(Frame& frame, ScenarioPage& page) : frame_(frame), canvas_(frame.canvas), page_(page) {}

  void draw(const Box& box) {
    take_what_was_typed();
    draw_bar({box.x, box.y, box.width, bar_height});
    const double top = box.y + bar_height;
    draw_sections({box.x, top, list_width, box.y + box.height - top});
    const double x = box.x + list_width;
    const double wide = box.width - list_width;
    const double bottom = draw_without_row({x, top, wide, box.y + box.height - top});
    draw_head({x, top, wide, head_height});
    draw_rows({x, top + head_height, wide, bottom - top - head_height});
    if (!hint_.empty()) tooltip(canvas_, {hint_});
    if (action_) action_();
  }

 private:
  /// A field that is left without Enter keeps what was typed: it is no longer seen as active, and its words are set.
  void take_what_was_typed() {
    if (!page_.typing) return;
    if (page_.typing->seen) {
      page_.typing->seen = false;
      return;
    }
    const ScenarioPage::Typing typed = *page_.typing;
    page_.typing.reset();
    const auto& rows = page_.rows();
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const FormRow& one) { return one.pointer == typed.pointer; });
    if (row != rows.end()) page_.set(FormRow(*row), typed.words);
  }

  void draw_bar(const Box& box) {
    canvas_.line({box.x, box.y + box.height - 0.5}, {box.x + box.width, box.y + box.height - 0.5},
                 canvas_.colour(Paint::rule));
    double right = box.x + box.width - 16;
    const auto from_right = [&](Str words) {
      const double wide = canvas_.width(frame_.say(words)) + 24;
      right -= wide;
      const Box at{right, box.y + 8, wide, 30};
      right -= 8;
      return at;
    };
    const bool run = page_.can_run();
    const bool save = page_.can_save(frame_.branches);
    const bool reset = page_.draft().touched();
    if (button(canvas_, "##scenario reset", from_right(Str::scenario_reset), frame_.say(Str::scenario_reset),
               reset ? Look::plain : Look::grey))
      action_ = [this] { page_.reset(frame_.branches); };
    const Box save_box = from_right(Str::scenario_save);
    if (button(canvas_, "##scenario save", save_box, frame_.say(Str::scenario_save), save ? Look::plain : Look::grey))
      frame_.asked.push_back(Command::save_branch);
    if (!save && pointed_at(save_box)) hint_ = frame_.say(Str::scenario_save_after);
    if (button(canvas_, "##scenario run", from_right(Str::scenario_run), frame_.say(Str::scenario_run),
               run ? Look::on : Look::grey))
      page_.run(frame_.branches, frame_.requests);
    const bool wrong = !page_.draft().mistakes().empty();
    canvas_.text_within({box.x + 16, box.y + 28}, state_of(page_, frame_.branches, frame_.state.language),
                        right - box.x - 24, wrong ? Paint::vermillion_text : Paint::ink, 13,
                        wrong ? Face::semibold : Face::regular);
  }

  static bool pointed_at(const Box& box) {
    const ImGuiIO& io = ImGui::GetIO();
    return contains(box, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)});
  }

  void draw_sections(const Box& box) {
    canvas_.fill(box, canvas_.colour(Extra::panel));
    canvas_.line({box.x + box.width - 0.5, box.y}, {box.x + box.width - 0.5, box.y + box.height},
                 canvas_.colour(Paint::rule));
    const std::vector<FormSection>& sections = page_.sections();
    scroll(canvas_, box, section_height * static_cast<double>(sections.size()) + 16, page_.list_top);
    const Clip clip(box);
    for (std::size_t i = 0; i < sections.size(); ++i) {
      const double y = box.y + 8 + section_height * static_cast<double>(i) - page_.list_top;
      if (y + section_height < box.y || y > box.y + box.height) continue;
      draw_section(sections[i], page_.mistakes_by_section()[i], i, {box.x, y, box.width - 1, section_height});
    }
  }

  void draw_section(const FormSection& section, std::size_t mistakes, std::size_t index, const Box& box) {
    const bool shown = section == page_.section();
    const Touch state = touch(("##scenario section " + std::to_string(index)).c_str(), box);
    if (shown) {
      canvas_.fill(box, canvas_.colour(Paint::ground));
      canvas_.fill({box.x, box.y, 3, box.height}, canvas_.colour(Paint::ink));
    } else if (state.hovered) {
      canvas_.fill(box, canvas_.colour(Paint::well));
    }
    double room = box.width - 32;
    if (mistakes > 0) {
      const std::string count = std::to_string(mistakes);
      canvas_.text_right({box.x + box.width - 14, box.y + 19}, count, Paint::vermillion_text, 13, Face::semibold);
      room -= canvas_.width(count, 13, Face::semibold) + 8;
    }
    canvas_.text_within({box.x + 16, box.y + 19}, title_of(section, page_.draft(), frame_.state.language), room,
                        Paint::ink, 13, shown ? Face::semibold : Face::regular);
    if (state.clicked) action_ = [this, section] { page_.show(section); };
  }

  void draw_head(const Box& box) {
    const std::string_view words = frame_.say(Str::scenario_filter);
    const double field = std::min(200.0, box.width * 0.3);
    const double x = box.x + box.width - 16 - field;
    text_field(canvas_, "##scenario filter", {x, box.y + 8, field, 26}, page_.filter);
    const double label = canvas_.width(words);
    canvas_.text({x - 10 - label, box.y + 26}, words, Paint::dim);
    canvas_.text_within({box.x + 14, box.y + 27}, title_of(page_.section(), page_.draft(), frame_.state.language),
                        x - label - 30 - box.x, Paint::ink, 15, Face::semibold);
  }

  /// At the bottom. Returns where it begins.
  double draw_without_row(const Box& box) {
    const std::vector<scenarios::Mistake>& mistakes = page_.mistakes_without_row();
    if (mistakes.empty()) return box.y + box.height;
    constexpr std::size_t most = 4;
    const std::size_t shown = std::min(mistakes.size(), most);
    const double height = 34 + 17 * static_cast<double>(shown);
    const double top = box.y + box.height - height;
    canvas_.fill({box.x, top, box.width, height}, canvas_.colour(Extra::panel));
    canvas_.line({box.x, top + 0.5}, {box.x + box.width, top + 0.5}, canvas_.colour(Paint::rule));
    std::string title(frame_.say(Str::scenario_elsewhere));
    if (mistakes.size() > 1) title += " · " + std::to_string(mistakes.size());
    canvas_.text({box.x + 14, top + 20}, title, Paint::vermillion_text, 13, Face::semibold);
    for (std::size_t i = 0; i < shown; ++i) {
      const std::string words = mistakes[i].pointer + (mistakes[i].pointer.empty() ? "" : "  ") +
                                mistake_in(frame_.state.language, mistakes[i].message);
      canvas_.text_within({box.x + 14, top + 38 + 17 * static_cast<double>(i)}, words, box.width - 28,
                          Paint::vermillion_text, 12);
    }
    return top;
  }

  void draw_rows(const Box& box) {
    const FormLayout& layout = page_.layout(box.width - 8, frame_.state.language);
    scroll(canvas_, box, layout.height + 16, page_.top);
    const Clip clip(box);
    if (layout.places.empty())
      canvas_.text({box.x + 14, box.y + 24}, frame_.say(Str::scenario_nothing_found), Paint::dim);
    const Point at{box.x, box.y - page_.top};
    const auto first = std::partition_point(layout.places.begin(), layout.places.end(), [&](const FormPlace& place) {
      return at.y + place.box.y + place.box.height < box.y;
    });
    for (auto place = first; place != layout.places.end() && at.y + place->box.y < box.y + box.height; ++place)
      draw_row(page_.rows()[place->row], *place, at);
  }

  static Box moved(const Box& box, Point at) { return {box.x + at.x, box.y + at.y, box.width, box.height}; }

  void draw_row(const FormRow& row, const FormPlace& place, Point at) {
    const std::string id = "##scenario row " + row.pointer;
    if (row.differs() && row.is_field())
      canvas_.fill({at.x + place.label.x - 9, at.y + place.label.y, 3, place.box.height - 12},
                   canvas_.colour(Paint::blue));
    draw_label(row, place, at, id);
    for (const PictureText& text : place.texts)
      canvas_.text_within({at.x + text.at.x, at.y + text.at.y}, text.words, text.room, text.paint, text.size);
    for (const FormButton& one : place.buttons) draw_button(row, one, at, id);
    if (place.editor.width > 0) draw_editor(row, moved(place.editor, at), id);
    if (place.remove.width > 0 &&
        button(canvas_, (id + " remove").c_str(), moved(place.remove, at), frame_.say(Str::scenario_remove)))
      action_ = [this, pointer = row.pointer] { page_.remove(pointer); };
    if (place.fallback.width > 0) draw_fallback(row, place, at, id);
  }

  void draw_label(const FormRow& row, const FormPlace& place, Point at, const std::string& id) {
    const Box box = moved(place.label, at);
    const double base = box.y + box.height / 2 + 5;
    if (row.kind == FormRow::Kind::add || row.kind == FormRow::Kind::form) {
      const Str words = row.kind == FormRow::Kind::add ? Str::scenario_add : Str::scenario_kind;
      canvas_.text({box.x, base}, frame_.say(words), Paint::dim);
    } else if (row.kind == FormRow::Kind::group) {
      canvas_.text_within({box.x, base}, row.label, box.width, Paint::ink, 13, Face::mono_bold);
    } else if (row.kind == FormRow::Kind::element) {
      draw_element(row, box, base, id);
    } else {
      canvas_.text_within({box.x, base}, row.label, box.width, Paint::ink, 13,
                          row.differs() ? Face::mono_bold : Face::mono);
    }
  }

  void draw_element(const FormRow& row, const Box& box, double base, const std::string& id) {
    const Touch state = touch((id + " fold").c_str(), box);
    canvas_.fill(box, canvas_.colour(state.hovered ? Paint::well : Paint::ground), 3);
    canvas_.frame(box, canvas_.colour(Paint::rule), 3);
    const double x = box.x + 8, y = box.y + box.height / 2;
    if (row.open)
      canvas_.polygon({{x, y - 3}, {x + 9, y - 3}, {x + 4.5, y + 4}}, canvas_.colour(Paint::ink));
    else
      canvas_.polygon({{x + 1, y - 5}, {x + 8, y}, {x + 1, y + 5}}, canvas_.colour(Paint::ink));
    canvas_.text({x + 16, base}, row.label, Paint::ink, 13, Face::mono_bold);
    const double words = x + 24 + canvas_.width(row.label, 13, Face::mono_bold);
    canvas_.text_within({words, base}, row.value, box.x + box.width - 8 - words, Paint::dim, 12, Face::mono);
    if (state.clicked) action_ = [this, pointer = row.pointer] { page_.fold(pointer); };
  }

  void draw_button(const FormRow& row, const FormButton& one, Point at, const std::string& id) {
    const bool adds = row.kind == FormRow::Kind::add;
    const bool turns = row.kind == FormRow::Kind::form;
    const std::string name = id + (adds ? " add " : turns ? " kind " : " value ") + one.words;
    // The default is a choice that nobody has made yet.
    const bool on = one.on && row.written();
    if (!button(canvas_, name.c_str(), moved(one.box, at), one.shown, on ? Look::on : Look::plain)) {
      if (one.on && !on) canvas_.frame(moved(one.box, at), canvas_.colour(Paint::ink), 4, 1.5);
      return;
    }
    if (adds)
      action_ = [this, list = row.pointer, word = one.words] { page_.add(list, word); };
    else if (turns)
      action_ = [this, pointer = row.pointer, word = one.words] { page_.turn(pointer, word); };
    else
      action_ = [this, copy = row, word = one.words] { page_.set(copy, word); };
  }

  void draw_editor(const FormRow& row, const Box& box, const std::string& id) {
    // The field holds 4095 bytes, and would cut off the rest of a longer value.
    constexpr std::size_t most = 4000;
    if (row.value.size() > most) {
      canvas_.frame(box, canvas_.colour(Paint::rule), 3);
      canvas_.text_within({box.x + 8, box.y + 18}, frame_.say(Str::scenario_too_long), box.width - 16, Paint::dim);
      return;
    }
    const bool typing = page_.typing && page_.typing->pointer == row.pointer;
    std::string words = typing ? page_.typing->words : row.value;
    const bool entered = text_field(canvas_, (id + " words").c_str(), box, words);
    const bool active = ImGui::IsItemActive();
    if (!row.mistakes.empty()) canvas_.frame(box, canvas_.colour(Paint::vermillion), 3, 1.5);
    if (entered) {
      action_ = [this, copy = row, words] {
        page_.typing.reset();
        page_.set(copy, words);
      };
    } else if (active) {
      page_.typing = ScenarioPage::Typing{row.pointer, words, true};
    } else if (typing) {
      page_.typing->words = words;
    }
  }

  void draw_fallback(const FormRow& row, const FormPlace& place, Point at, const std::string& id) {
    const Box box = moved(place.fallback, at);
    if (place.goes_back) {
      const Touch state = touch((id + " default").c_str(), box);
      canvas_.fill(box, canvas_.colour(state.hovered ? Paint::well : Paint::ground), 4);
      canvas_.frame(box, canvas_.colour(Paint::rule), 4);
      if (state.clicked) action_ = [this, copy = row] { page_.set(copy, {}); };
    }
    canvas_.text_within({box.x + 9, box.y + 18}, place.fallback_words, box.width - 12, Paint::dim);
  }

  Frame& frame_;
  Canvas& canvas_;
  ScenarioPage& page_;
  Action action_;
  std::string hint_;
};

void draw_page(Frame& frame) {
  const double top = frame.screen.transport.y + frame.screen.transport.height;
  ScenarioPage& page = scenario_page_of(frame.state, frame.branches);
  Form(frame, page).draw({0, top, frame.screen.status.width, frame.screen.status.y - top});
}

}  // namespace

Page scenario_page() {
  return {"scenario", Str::tab_scenario, draw_page};
}

}  // namespace linger::gui
