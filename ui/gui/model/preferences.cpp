#include "ui/gui/model/preferences.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "scenarios/json_tree.h"
#include "ui/report/output_file.h"

namespace linger::gui {
namespace {

using scenarios::JsonNode;

constexpr std::size_t most_files = 10;
constexpr std::array<std::pair<const char*, report::AxisKind>, 3> axes{
    {{"linear", report::AxisKind::linear}, {"event", report::AxisKind::events}, {"folded", report::AxisKind::folded}}};

/// Reads members of one object, and remembers the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const JsonNode& root) : root_(root) {}

  void size(const char* key, int& value) { number(key, 16, 16384, "a whole number from 16 to 16384", value); }
  void scale(const char* key, double& value) { number(key, 0.5, 4.0, "a number from 0.5 to 4", value); }
  void flag(const char* key, bool& value) {
    const JsonNode* node = take(key);
    if (node == nullptr) return;
    if (!node->is(JsonNode::Kind::boolean)) return wrong(key, *node, "true or false");
    value = node->text == "true";
  }
  template <class Value, std::size_t n>
  void choice(const char* key, const std::array<std::pair<const char*, Value>, n>& choices, Value& value) {
    const JsonNode* node = take(key);
    if (node == nullptr) return;
    std::string expected;
    for (const auto& [word, meaning] : choices) {
      if (node->is_text() && node->text == word) {
        value = meaning;
        return;
      }
      expected += (expected.empty() ? "" : ", ") + std::string(word);
    }
    wrong(key, *node, "one of " + expected);
  }
  void words(const char* key, std::string& value) {
    const JsonNode* node = take(key);
    if (node == nullptr) return;
    if (!node->is_text()) return wrong(key, *node, "a text");
    value = node->text;
  }
  void files(const char* key, std::vector<std::string>& value) {
    const JsonNode* node = take(key);
    if (node == nullptr) return;
    const auto is_text = [](const JsonNode& item) { return item.is_text(); };
    if (!node->is_list() || !std::all_of(node->items.begin(), node->items.end(), is_text))
      return wrong(key, *node, "a list of files");
    for (const JsonNode& item : node->items) {
      if (value.size() < most_files) value.push_back(item.text);
    }
  }
  /// The sentence that says what is wrong, or nothing.
  std::string finish() {
    for (const auto& [key, value] : root_.members) {
      const bool known = std::find(taken_.begin(), taken_.end(), key) != taken_.end();
      if (!known && mistake_.empty()) mistake_ = "/" + scenarios::pointer_token(key) + ": there is no such setting";
    }
    return mistake_;
  }

 private:
  const JsonNode* take(const char* key) {
    taken_.emplace_back(key);
    return root_.find(key);
  }
  void wrong(const char* key, const JsonNode& node, const std::string& expected) {
    if (mistake_.empty()) mistake_ = "/" + std::string(key) + ": " + node.shown() + "; expected " + expected;
  }
  template <class Number>
  void number(const char* key, Number least, Number most, const char* expected, Number& value) {
    const JsonNode* node = take(key);
    if (node == nullptr) return;
    const std::string& digits = node->text;
    Number read{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size();
    if (node->is_text() || !whole || !(read >= least && read <= most)) return wrong(key, *node, expected);
    value = read;
  }

  const JsonNode& root_;
  std::vector<std::string> taken_;
  std::string mistake_;
};

constexpr std::array<std::pair<const char*, Language>, 2> languages{{{"en", Language::en}, {"zh", Language::zh}}};
constexpr std::array<std::pair<const char*, Theme>, 2> themes{{{"light", Theme::light}, {"dark", Theme::dark}}};

template <class Value, std::size_t n>
JsonNode word_of(const std::array<std::pair<const char*, Value>, n>& choices, Value value) {
  const auto is_it = [&](const auto& choice) { return choice.second == value; };
  return JsonNode::of(std::find_if(choices.begin(), choices.end(), is_it)->first);
}

JsonNode fraction(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  JsonNode node;
  node.kind = JsonNode::Kind::fraction;
  node.text.assign(digits.data(), end);
  return node;
}

}  // namespace

std::variant<Preferences, std::string> read_preferences(std::string_view text) {
  const scenarios::JsonResult json = scenarios::parse_json(text);
  if (!json.mistakes.empty()) {
    const scenarios::Mistake& first = json.mistakes.front();
    return first.pointer.empty() ? first.message : first.pointer + ": " + first.message;
  }
  if (!json.root || !json.root->is_object()) return std::string("expected an object");
  Preferences out;
  Reader reader{*json.root};
  reader.size("width", out.width);
  reader.size("height", out.height);
  reader.flag("maximized", out.maximized);
  reader.scale("scale", out.scale);
  reader.choice("language", languages, out.language);
  reader.choice("theme", themes, out.theme);
  reader.choice("axis", axes, out.axis);
  reader.flag("side_column", out.side_column);
  reader.flag("callouts", out.callouts);
  reader.words("page", out.page);
  reader.files("recent_files", out.recent_files);
  if (std::string mistake = reader.finish(); !mistake.empty()) return mistake;
  return out;
}

std::string write_preferences(const Preferences& preferences) {
  JsonNode root = JsonNode::object();
  root.add("width", JsonNode::integer(preferences.width));
  root.add("height", JsonNode::integer(preferences.height));
  root.add("maximized", JsonNode::boolean(preferences.maximized));
  root.add("scale", fraction(preferences.scale));
  root.add("language", word_of(languages, preferences.language));
  root.add("theme", word_of(themes, preferences.theme));
  root.add("axis", word_of(axes, preferences.axis));
  root.add("side_column", JsonNode::boolean(preferences.side_column));
  root.add("callouts", JsonNode::boolean(preferences.callouts));
  root.add("page", JsonNode::of(preferences.page));
  JsonNode files = JsonNode::list();
  for (const std::string& file : preferences.recent_files) {
    JsonNode name = JsonNode::of(file);
    // A name need not be UTF-8, and JSON has no other texts.
    if (scenarios::parse_json(scenarios::dump_compact(name)).mistakes.empty()) files.items.push_back(std::move(name));
  }
  root.add("recent_files", std::move(files));
  return scenarios::dump_indented(root);
}

LoadedPreferences load_preferences(const std::string& file) {
  LoadedPreferences out;
  std::error_code ignored;
  if (file.empty() || !std::filesystem::exists(file, ignored)) return out;
  const std::string broken = "The window's layout cannot be read from " + file + ": ";
  if (!std::filesystem::is_regular_file(file, ignored)) {
    out.complaint = broken + "it is no file";
    return out;
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    out.complaint = broken + "it is not readable";
    return out;
  }
  auto read = read_preferences(text);
  if (const auto* sentence = std::get_if<std::string>(&read))
    out.complaint = broken + *sentence;
  else
    out.values = std::move(std::get<Preferences>(read));
  return out;
}

std::string save_preferences(const std::string& file, const Preferences& preferences, bool was_broken) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  if (was_broken) std::filesystem::rename(file, file + ".broken", error);
  return report::write_file(file, write_preferences(preferences)).value_or("");
}

std::string preferences_file(const char* config_home, const char* home) {
  // A relative path there is to be ignored, says the XDG base directory specification.
  if (config_home != nullptr && config_home[0] == '/') return std::string(config_home) + "/linger/window.json";
  return home != nullptr && home[0] == '/' ? std::string(home) + "/.config/linger/window.json" : std::string();
}

void keep(const State& state, Preferences& preferences) {
  preferences.scale = std::clamp(state.scale, 0.5, 4.0);
  preferences.language = state.language;
  preferences.theme = state.theme;
  preferences.axis = state.axis.kind;
  preferences.side_column = state.side_column;
  preferences.callouts = state.callouts;
  preferences.page = state.page;
  preferences.recent_files = state.recent_files;
}

void restore(const Preferences& preferences, State& state) {
  state.scale = preferences.scale;
  state.language = preferences.language;
  state.theme = preferences.theme;
  state.axis.kind = preferences.axis;
  state.side_column = preferences.side_column;
  state.callouts = preferences.callouts;
  state.page = preferences.page;
  state.recent_files = preferences.recent_files;
}

void remember_file(const std::string& file, std::vector<std::string>& recent) {
  std::error_code error;
  std::string whole = std::filesystem::absolute(file, error).lexically_normal().string();
  if (error || whole.empty()) return;
  std::erase(recent, whole);
  recent.insert(recent.begin(), std::move(whole));
  if (recent.size() > most_files) recent.resize(most_files);
}

}  // namespace linger::gui
