#include "ui/gui/model/scenario_layout.h"

#include <algorithm>
#include <cctype>

#include "ui/gui/model/say.h"
#include "ui/gui/model/scenario_words.h"
#include "ui/gui/model/sheet.h"

namespace linger::gui {
namespace {

using Kind = FormRow::Kind;

constexpr double margin = 14;
constexpr double editor_height = 26;
constexpr double line_height = 16;

std::string lower(std::string_view words) {
  std::string out(words);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

double button_width(const std::string& words) {
  return std::max(36.0, words_width(words) + 18);
}

class FormLayer {
 public:
  FormLayer(double width, Language language)
      : width_(width),
        editor_x_(std::clamp(width * 0.36, 150.0, 360.0)),
        editor_width_(std::clamp(width * 0.3, 150.0, 320.0)),
        say_{language} {}

  void add(const FormRow& row, std::size_t index) {
    FormPlace place;
    place.row = index;
    left_ = margin + 18 * static_cast<double>(row.depth);
    const double top = y_;
    if (row.kind == Kind::group)
      group(row, place);
    else if (row.kind == Kind::element)
      element(place);
    else if (row.kind == Kind::add)
      words(row, say_(Str::scenario_add), place);
    else if (row.kind == Kind::form)
      words(row, say_(Str::scenario_kind), place);
    else
      field(row, place);
    for (const std::string& mistake : row.mistakes)
      lines(place, mistake_in(say_.language, mistake), Paint::vermillion_text, text_left_);
    y_ += 8;
    place.box = {0, top, width_, y_ - top};
    out_.places.push_back(std::move(place));
  }

  FormLayout done() && {
    out_.height = y_;
    return std::move(out_);
  }

 private:
  double right() const { return width_ - margin; }

  void lines(FormPlace& place, const std::string& words, Paint paint, double x) {
    if (words.empty()) return;
    const double room = right() - x;
    for (std::string& line : wrapped_words(words, room, 12)) {
      place.texts.push_back({{x, y_ + 12}, room, std::move(line), paint, Face::regular, 12});
      y_ += line_height;
    }
  }

  void group(const FormRow& row, FormPlace& place) {
    y_ += 10;
    place.label = {left_, y_, right() - left_, 22};
    y_ += 22;
    text_left_ = left_;
    lines(place, help_in(say_.language, row.help), Paint::dim, left_);
  }

  void element(FormPlace& place) {
    const double wide = button_width(say_(Str::scenario_remove));
    place.remove = {right() - wide, y_, wide, editor_height};
    place.label = {left_, y_, place.remove.x - 8 - left_, editor_height};
    y_ += editor_height + 2;
    text_left_ = left_ + 18;
  }

  /// A button for each choice, in as many lines as they take.
  void words(const FormRow& row, const std::string& title, FormPlace& place) {
    place.label = {left_, y_, words_width(title), editor_height};
    const double first = left_ + place.label.width + 10;
    double x = first;
    // A single choice is what the list is a list of; of several each is a key of the file.
    const bool thing = row.choices.size() == 1;
    for (const std::string& choice : row.choices) {
      const std::string shown = thing ? help_in(say_.language, choice) : choice;
      const double wide = button_width(shown);
      if (x > first && x + wide > right()) {
        x = first;
        y_ += editor_height + 4;
      }
      place.buttons.push_back({{x, y_, wide, editor_height}, choice, shown, choice == row.value});
      x += wide + 6;
    }
    y_ += editor_height + 2;
  }

  void field(const FormRow& row, FormPlace& place) {
    y_ += 4;
    // A name that is longer than its column has a line of its own.
    const double room = editor_x_ - left_ - 10;
    const bool above = words_width(row.label, 13, Face::mono_bold) > room;
    place.label = {left_, y_, above ? right() - left_ : room, above ? 20 : editor_height};
    if (above) y_ += 20;
    text_left_ = editor_x_;
    const double end = values(row, place);
    fallback(row, place, end + 12);
    y_ += editor_height + 4;
    std::string help = help_in(say_.language, row.help);
    const auto append = [&](const std::string& words) {
      help += (help.empty() || help.ends_with("。") ? "" : " · ") + words;
    };
    if (!row.valid.empty() && place.buttons.empty()) append(say_(Str::scenario_valid, {values_of(row)}));
    if (row.no_effect) append(say_(Str::scenario_no_effect));
    lines(place, help, Paint::dim, text_left_);
  }

  /// Intervals are the same in all languages.
  std::string values_of(const FormRow& row) const {
    return row.valid.front() == '[' && row.valid.back() == ']' ? row.valid : mistake_in(say_.language, row.valid);
  }

  /// Buttons where they fit, else a line of text. Returns where they end.
  double values(const FormRow& row, FormPlace& place) {
    std::vector<std::string> words = row.choices;
    if (row.kind == Kind::flag) words = {"true", "false"};
    double x = editor_x_;
    const std::string& now = row.written() ? row.value : row.fallback;
    for (const std::string& word : words) {
      const double wide = button_width(word);
      place.buttons.push_back({{x, y_, wide, editor_height}, word, word, word == now});
      x += wide + 4;
    }
    // What is written and is none of the words can only be seen in a line of text.
    const bool odd = row.written() && std::find(words.begin(), words.end(), row.value) == words.end();
    constexpr double least_fallback = 90;
    if (!place.buttons.empty() && !odd && x + least_fallback <= right()) return x - 4;
    place.buttons.clear();
    place.editor = {editor_x_, y_, editor_width_, editor_height};
    return editor_x_ + editor_width_;
  }

  void fallback(const FormRow& row, FormPlace& place, double x) {
    place.goes_back = row.written() && !row.needed && row.value != row.fallback;
    if (row.needed)
      place.fallback_words = say_(Str::scenario_needed);
    else if (row.fallback.empty())
      place.fallback_words = say_(place.goes_back ? Str::scenario_leave_out : Str::scenario_as_default);
    else
      place.fallback_words = say_(Str::scenario_default, {row.fallback});
    const double wide = words_width(place.fallback_words) + 18;
    place.fallback = {x, y_, std::min(wide, right() - x), editor_height};
  }

  double width_, editor_x_, editor_width_;
  Say say_;
  double y_ = 4, left_ = 0, text_left_ = 0;
  FormLayout out_;
};

std::vector<bool> rows_seen(const std::vector<FormRow>& rows, const std::string& wanted) {
  std::vector<bool> seen(rows.size(), wanted.empty());
  if (wanted.empty()) return seen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].is_field() || lower(rows[i].label).find(wanted) == std::string::npos) continue;
    seen[i] = true;
    std::size_t depth = rows[i].depth;
    for (std::size_t above = i; depth > 0 && above-- > 0;) {
      if (rows[above].is_field() || rows[above].depth >= depth) continue;
      depth = rows[above].depth;
      seen[above] = true;
    }
  }
  return seen;
}

}  // namespace

FormLayout lay_out_form(const std::vector<FormRow>& rows, std::string_view filter, double width, Language language) {
  FormLayer layer(width, language);
  const std::vector<bool> seen = rows_seen(rows, lower(filter));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (seen[i]) layer.add(rows[i], i);
  }
  return std::move(layer).done();
}

}  // namespace linger::gui
