#include "ui/gui/model/requests.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/runner.h"
#include "ui/gui/model/comparison.h"

namespace linger::gui {
namespace {

bool find_record(const std::string& words, const Session& session, State& state) {
  const std::string_view digits = std::string_view(words).substr(words.starts_with('r') ? 1 : 0);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const std::size_t records = session.run().result.fates.size();
  if (error != std::errc{} || end != digits.data() + digits.size() || number >= records) {
    state.notice = records == 0 ? std::string(text(state.language, Str::ledger_empty))
                                : text(state.language, Str::find_not_there, {words, std::to_string(records - 1)});
    return false;
  }
  const auto record = static_cast<scenarios::RecordIndex>(number);
  state.selection = {record, std::nullopt, std::nullopt};
  state.cursor = session.at(session.run().ledger.records.at(record).sent_at);
  state.verdict_filter.reset();
  state.ledger_top = static_cast<double>(number);
  return true;
}

}  // namespace

void enter(const Session& session, State& state) {
  state.cursor = session.at(std::min(state.cursor.at, session.end()));
  state.selection.message.reset();
  state.selection.event.reset();
  const std::size_t records = session.run().result.fates.size();
  if (state.selection.record && *state.selection.record >= records) state.selection.record.reset();
  if (state.selection.empty() && records > 0) state.selection.record = 0;
  state.menu.reset();
  state.playing = false;
}

bool carry_out(Request request, Branches& branches, State& state) {
  if (auto* wanted = std::get_if<NewBranch>(&request)) {
    const Change change = wanted->change;
    if (std::string why = branches.add(std::move(wanted->plan), change, wanted->from); !why.empty()) {
      state.notice = std::move(why);
      return false;
    }
    enter(branches.session(), state);
    state.notice =
        text(state.language, Str::branch_added, {branches[branches.shown()].name, change.say(state.language)});
    return true;
  }
  if (const auto* show = std::get_if<ShowBranch>(&request)) {
    if (show->index >= branches.size()) return false;
    branches.show(show->index);
    enter(branches.session(), state);
    state.notice.clear();
    return true;
  }
  if (const auto* rename = std::get_if<RenameBranch>(&request)) {
    if (branches.rename(rename->index, rename->name)) return true;
    state.notice = text(state.language, Str::branch_name_taken);
    return false;
  }
  if (const auto* save = std::get_if<SaveBranch>(&request)) {
    const std::string why = branches.save(save->index, save->file);
    state.notice = why.empty() ? text(state.language, Str::branch_saved, {save->file}) : why;
    return why.empty();
  }
  if (const auto* find = std::get_if<FindRecord>(&request)) return find_record(find->words, branches.session(), state);
  return false;
}

void ask_to_compare(std::size_t base, const std::string& key, const std::string& value, const Branches& branches,
                    State& state, std::vector<Request>& requests) {
  requests.emplace_back(ShowBranch{base});
  requests.emplace_back(NewBranch{with_setting(branches[base].session->run().setup->scenario, key, value),
                                  {Str::compare_change_word, {key + "=" + value}},
                                  sim::SimTime{}});
  state.compare_with = base;
  state.page = "compare";
}

Request request_of(const Prompt& prompt) {
  switch (prompt.kind) {
    case Prompt::Kind::rename:
      return RenameBranch{prompt.branch, prompt.words};
    case Prompt::Kind::save:
      return SaveBranch{prompt.branch, prompt.words};
    case Prompt::Kind::find:
      return FindRecord{prompt.words};
    case Prompt::Kind::open:
      break;
  }
  return OpenFile{prompt.words};
}

Prompt prompt_for(Prompt::Kind kind, const Branches& branches) {
  const Branch& branch = branches[branches.shown()];
  switch (kind) {
    case Prompt::Kind::rename:
      return {kind, branch.name, branches.shown()};
    case Prompt::Kind::save:
      return {kind, branch.ours ? branch.saved_as : branches.file_name(branches.shown()), branches.shown()};
    case Prompt::Kind::find:
      return {kind, "r", branches.shown()};
    case Prompt::Kind::open:
      break;
  }
  return {kind, {}, branches.shown()};
}

std::optional<Prompt::Kind> prompt_of(Command command) {
  switch (command) {
    case Command::rename_branch:
      return Prompt::Kind::rename;
    case Command::save_branch:
      return Prompt::Kind::save;
    case Command::find_record:
      return Prompt::Kind::find;
    case Command::open_file:
      return Prompt::Kind::open;
    default:
      return std::nullopt;
  }
}

}  // namespace linger::gui
