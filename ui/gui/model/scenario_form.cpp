#include "ui/gui/model/scenario_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "ui/gui/model/scenario_rows.h"

namespace linger::gui {
namespace {

using scenarios::JsonNode;
using Kind = FormSection::Kind;

constexpr std::array rest_keys{std::string_view("title"), std::string_view("teaches"), std::string_view("seed"),
                               std::string_view("until"), std::string_view("final"),   std::string_view("ties")};

std::string producer_pointer(std::size_t producer) {
  return "/producers/" + std::to_string(producer);
}

std::optional<std::size_t> number_in(const std::string& token) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return number;
}

/// The section that a place belongs to; nothing for the file as a whole and what no form shows.
std::optional<FormSection> section_of(const std::string& pointer) {
  const auto tokens = scenarios::split_pointer(pointer);
  if (!tokens || tokens->empty()) return std::nullopt;
  const std::string& first = tokens->front();
  const std::string second = tokens->size() > 1 ? (*tokens)[1] : std::string();
  if (first == "cluster") return FormSection{second == "topics" ? Kind::topics : Kind::cluster};
  if (first == "network") return FormSection{Kind::network};
  if (first == "consumers") return FormSection{Kind::consumers};
  if (first == "faults") return FormSection{Kind::faults};
  if (first == "producers") {
    if (second.empty()) return FormSection{Kind::producers};
    const auto producer = number_in(second);
    if (!producer) return std::nullopt;
    const bool steps = tokens->size() > 2 && (*tokens)[2] == "workload";
    return FormSection{steps ? Kind::workload : Kind::settings, *producer};
  }
  if (std::find(rest_keys.begin(), rest_keys.end(), first) != rest_keys.end()) return FormSection{Kind::rest};
  return std::nullopt;
}

std::string name_of_producer(const ScenarioDraft& draft, std::size_t producer) {
  const JsonNode* name = draft.at(producer_pointer(producer) + "/name");
  return name != nullptr && name->is_text() && !name->text.empty() ? name->text : "p" + std::to_string(producer + 1);
}

using RowByPointer = std::unordered_map<std::string, std::size_t>;

RowByPointer by_pointer(const std::vector<FormRow>& rows) {
  RowByPointer found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool of_buttons = rows[i].kind == FormRow::Kind::add || rows[i].kind == FormRow::Kind::form;
    if (!of_buttons) found.emplace(rows[i].pointer, i);
  }
  return found;
}

/// The row for a place: its own, or that of the value around it.
std::optional<std::size_t> row_for(std::string pointer, const RowByPointer& rows) {
  while (!pointer.empty()) {
    if (const auto found = rows.find(pointer); found != rows.end()) return found->second;
    pointer.resize(pointer.rfind('/'));
  }
  return std::nullopt;
}

}  // namespace

std::vector<FormSection> sections_of(const ScenarioDraft& draft) {
  std::vector<FormSection> out{{Kind::cluster}, {Kind::network}, {Kind::topics}, {Kind::producers}};
  const JsonNode* producers = draft.at("/producers");
  const std::size_t count = producers == nullptr ? 0 : producers->items.size();
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({Kind::settings, i});
    out.push_back({Kind::workload, i});
  }
  for (const Kind kind : {Kind::consumers, Kind::faults, Kind::rest}) out.push_back({kind});
  return out;
}

std::string title_of(const FormSection& section, const ScenarioDraft& draft, Language language) {
  const auto say = [&](Str words) { return std::string(text(language, words)); };
  switch (section.kind) {
    case Kind::cluster:
      return say(Str::scenario_cluster);
    case Kind::network:
      return say(Str::scenario_network);
    case Kind::topics:
      return say(Str::scenario_topics);
    case Kind::producers:
      return say(Str::scenario_producers);
    case Kind::settings:
      return text(language, Str::scenario_settings, {name_of_producer(draft, section.producer)});
    case Kind::workload:
      return text(language, Str::scenario_workload, {name_of_producer(draft, section.producer)});
    case Kind::consumers:
      return say(Str::scenario_consumers);
    case Kind::faults:
      return say(Str::scenario_faults);
    case Kind::rest:
      break;
  }
  return say(Str::scenario_rest);
}

std::vector<std::size_t> mistakes_by_section(const std::vector<FormSection>& sections, const ScenarioDraft& draft) {
  std::vector<std::size_t> counts(sections.size());
  for (const scenarios::Mistake& one : draft.mistakes()) {
    const auto its = section_of(one.pointer);
    const auto found = its ? std::find(sections.begin(), sections.end(), *its) : sections.end();
    if (found != sections.end()) ++counts[static_cast<std::size_t>(found - sections.begin())];
  }
  return counts;
}

std::vector<FormRow> rows_of(const FormSection& section, const ScenarioDraft& draft,
                             const std::set<std::string>& open) {
  RowMaker maker(draft, open);
  switch (section.kind) {
    case Kind::cluster:
      maker.cluster();
      break;
    case Kind::network:
      maker.network();
      break;
    case Kind::topics:
      maker.topics();
      break;
    case Kind::producers:
      maker.producers();
      break;
    case Kind::settings:
      maker.settings(producer_pointer(section.producer));
      break;
    case Kind::workload:
      maker.workload(producer_pointer(section.producer) + "/workload");
      break;
    case Kind::consumers:
      maker.consumers();
      break;
    case Kind::faults:
      maker.faults();
      break;
    case Kind::rest:
      maker.rest(rest_keys);
      break;
  }
  std::vector<FormRow> rows = std::move(maker.rows);
  const RowByPointer places = by_pointer(rows);
  for (const scenarios::Mistake& one : draft.mistakes()) {
    if (section_of(one.pointer) != section) continue;
    if (const auto row = row_for(one.pointer, places)) rows[*row].mistakes.push_back(one.message);
  }
  return rows;
}

std::vector<scenarios::Mistake> mistakes_without_row(const FormSection& section, const ScenarioDraft& draft,
                                                     const std::vector<FormRow>& rows) {
  const RowByPointer places = by_pointer(rows);
  std::vector<scenarios::Mistake> out;
  const std::vector<FormSection> sections = sections_of(draft);
  for (const scenarios::Mistake& one : draft.mistakes()) {
    const auto its = section_of(one.pointer);
    const bool elsewhere =
        its && *its != section && std::find(sections.begin(), sections.end(), *its) != sections.end();
    if (!elsewhere && !(its == section && row_for(one.pointer, places))) out.push_back(one);
  }
  return out;
}

}  // namespace linger::gui
