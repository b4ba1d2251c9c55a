#include "ui/gui/model/scenario_page.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "scenarios/runner.h"

namespace linger::gui {

using scenarios::JsonNode;

namespace {

const scenarios::Scenario& plan_of(const Branch& branch) {
  return branch.session->run().setup->scenario;
}

/// Equal but for what its author expects of it, which a branch drops.
bool same_run(scenarios::Scenario one, scenarios::Scenario other) {
  one.expect = {};
  other.expect = {};
  return one == other;
}

/// The first section of the producer that an element of the list of producers is.
std::optional<FormSection> section_of_producer(const std::string& pointer) {
  constexpr std::string_view list = "/producers/";
  if (!pointer.starts_with(list) || pointer.find('/', list.size()) != std::string::npos) return std::nullopt;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(pointer.data() + list.size(), pointer.data() + pointer.size(), number);
  if (error != std::errc{} || end != pointer.data() + pointer.size()) return std::nullopt;
  return FormSection{FormSection::Kind::settings, number};
}

}  // namespace

void ScenarioPage::show(const FormSection& section) {
  if (section == section_) return;
  section_ = section;
  top = 0;
  filter.clear();
  stale_ = true;
}

void ScenarioPage::begin(const Branches& branches) {
  draft_ = ScenarioDraft(branches.shown(), plan_of(branches[branches.shown()]));
  stale_ = true;
}

void ScenarioPage::follow(const Branches& branches) {
  if (draft_.branch() == branches.shown()) return;
  const bool was_run = draft_.plan() && same_run(*draft_.plan(), plan_of(branches[branches.shown()]));
  if (!draft_.touched() || was_run) begin(branches);
}

void ScenarioPage::reset(const Branches& branches) {
  typing.reset();
  begin(branches);
}

void ScenarioPage::refresh() {
  if (!stale_ && revision_ == draft_.revision()) return;
  sections_ = sections_of(draft_);
  by_section_ = gui::mistakes_by_section(sections_, draft_);
  // The plan of another branch may have fewer producers.
  if (std::find(sections_.begin(), sections_.end(), section_) == sections_.end()) section_ = sections_.front();
  rows_ = rows_of(section_, draft_, open_);
  without_row_ = gui::mistakes_without_row(section_, draft_, rows_);
  laid_out_.reset();
  stale_ = false;
  revision_ = draft_.revision();
}

const std::vector<FormSection>& ScenarioPage::sections() {
  refresh();
  return sections_;
}

const std::vector<std::size_t>& ScenarioPage::mistakes_by_section() {
  refresh();
  return by_section_;
}

const std::vector<FormRow>& ScenarioPage::rows() {
  refresh();
  return rows_;
}

const std::vector<scenarios::Mistake>& ScenarioPage::mistakes_without_row() {
  refresh();
  return without_row_;
}

const FormLayout& ScenarioPage::layout(double width, Language language) {
  refresh();
  const LaidOut wanted{filter, width, language};
  if (laid_out_ == wanted) return layout_;
  layout_ = lay_out_form(rows_, filter, width, language);
  laid_out_ = wanted;
  return layout_;
}

void ScenarioPage::set(const FormRow& row, const std::string& words) {
  if (words != row.value) draft_.set(row.pointer, words, row.needed);
}

void ScenarioPage::fold(const std::string& pointer) {
  // A producer is not unfolded: it has sections of its own.
  if (const auto section = section_of_producer(pointer)) return show(*section);
  if (open_.erase(pointer) == 0) open_.insert(pointer);
  stale_ = true;
}

void ScenarioPage::add(const std::string& list, const std::string& word) {
  if (!draft_.append(list, new_element(draft_, list, word))) return;
  // What is new is to be filled in.
  const std::string place = list + "/" + std::to_string(draft_.at(list)->items.size() - 1);
  if (const auto section = section_of_producer(place)) return show(*section);
  open_.insert(place);
}

void ScenarioPage::remove(const std::string& pointer) {
  if (!draft_.remove(pointer)) return;
  // Those behind it have moved up: which of them were open would be a guess.
  const std::string list = pointer.substr(0, pointer.rfind('/') + 1);
  std::erase_if(open_, [&](const std::string& one) { return one.starts_with(list); });
  typing.reset();
}

void ScenarioPage::turn(const std::string& pointer, const std::string& word) {
  if (draft_.at(pointer) == nullptr) return;
  typing.reset();
  const JsonNode* length = draft_.at(pointer + "/for");
  const std::string lasts = length == nullptr ? std::string() : words_of(*length);
  if (!draft_.replace(pointer, as_another_kind(draft_, pointer, word)) || lasts.empty()) return;
  // Not everything can last: what had a length keeps it where that is no mistake.
  if (draft_.at(pointer + "/for") != nullptr) return;
  const std::size_t mistakes = draft_.mistakes().size();
  draft_.set(pointer + "/for", lasts);
  if (draft_.mistakes().size() > mistakes) draft_.set(pointer + "/for", {});
}

bool ScenarioPage::can_save(const Branches& branches) const {
  return !draft_.touched() && draft_.branch() == branches.shown();
}

void ScenarioPage::run(const Branches& branches, std::vector<Request>& requests) const {
  assert(can_run());
  // What is run hangs under the branch that was changed, whichever is shown.
  if (draft_.branch() != branches.shown()) requests.emplace_back(ShowBranch{draft_.branch()});
  requests.emplace_back(NewBranch{*draft_.plan(), draft_.change(), sim::SimTime{}});
}

ScenarioPage& scenario_page_of(State& state, const Branches& branches) {
  if (!state.scenario) {
    const std::size_t shown = branches.shown();
    state.scenario = std::make_shared<ScenarioPage>(ScenarioDraft(shown, plan_of(branches[shown])));
  }
  state.scenario->follow(branches);
  return *state.scenario;
}

std::string state_of(ScenarioPage& page, const Branches& branches, Language language) {
  const ScenarioDraft& draft = page.draft();
  const std::string& name = branches[draft.branch()].name;
  const std::size_t count = draft.mistakes().size();
  if (count > 0) {
    std::string where;
    std::size_t found = 0;
    const char* between = language == Language::zh ? "、" : ", ";
    const auto add = [&](const std::string& place) { where += (where.empty() ? "" : between) + place; };
    for (std::size_t i = 0; i < page.sections().size(); ++i) {
      const std::size_t here = page.mistakes_by_section()[i];
      found += here;
      if (here > 0) add(title_of(page.sections()[i], draft, language));
    }
    if (found < count) add(std::string(text(language, Str::scenario_the_file)));
    if (count == 1) return text(language, Str::scenario_mistake, {where});
    return text(language, Str::scenario_mistakes, {std::to_string(count), where});
  }
  if (draft.branch() != branches.shown())
    return text(language, Str::scenario_of_other, {name, branches[branches.shown()].name});
  const std::string of = text(language, Str::scenario_of, {name});
  if (!draft.touched()) return of + " · " + std::string(text(language, Str::scenario_same));
  return of + " · " + draft.change().say(language);
}

}  // namespace linger::gui
