#include "ui/gui/model/scenario_draft.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/overrides.h"
#include "scenarios/scenario_writer.h"

namespace linger::gui {
namespace {

using scenarios::JsonNode;

std::optional<std::size_t> index_of(const std::string& token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return index;
}

const JsonNode* child(const JsonNode& node, const std::string& token) {
  if (!node.is_list()) return node.find(token);
  const auto index = index_of(token);
  return index && *index < node.items.size() ? &node.items[*index] : nullptr;
}

/// Whether a value may be put there: all list elements on the way exist, and nothing but objects may still be missing.
bool has_place(const JsonNode& root, const std::vector<std::string>& tokens) {
  const JsonNode* node = &root;
  for (const std::string& token : tokens) {
    const JsonNode* next = child(*node, token);
    if (next == nullptr) return node->is_object();
    node = next;
  }
  return true;
}

std::string parent_of(const std::string& pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == std::string::npos ? std::string() : pointer.substr(0, slash);
}

std::string last_token(const std::string& pointer) {
  const auto tokens = scenarios::split_pointer(pointer);
  return tokens && !tokens->empty() ? tokens->back() : std::string();
}

Change change_of(const Difference& one) {
  const std::string name = last_token(one.pointer);
  const bool lists = (one.before == nullptr || one.before->is_list()) && (one.after == nullptr || one.after->is_list());
  if (lists) {
    const std::size_t now = one.after == nullptr ? 0 : one.after->items.size();
    const std::size_t then = one.before == nullptr ? 0 : one.before->items.size();
    if (now != then) return {Str::scenario_change_list, {name, std::to_string(now), std::to_string(then)}};
  }
  if (one.after == nullptr) return {Str::scenario_change_default, {name}};
  // A title or a list of lines may be long, and a branch's name for it is one line.
  constexpr std::size_t most = 60;
  const std::string words = words_of(*one.after);
  if (words.size() > most) return {Str::scenario_change_other, {name}};
  return {Str::scenario_change_value, {name, words}};
}

}  // namespace

std::string words_of(const JsonNode& node) {
  // A field has one line: what breaks it stands there as JSON writes it.
  const bool one_line = std::none_of(node.text.begin(), node.text.end(), [](char c) { return c >= 0 && c < ' '; });
  if (node.is_text() && !node.text.empty() && one_line && scenarios::override_value(node.text) == node)
    return node.text;
  return scenarios::dump_compact(node);
}

ScenarioDraft::ScenarioDraft(std::size_t branch, const scenarios::Scenario& plan)
    : branch_(branch), begin_(scenarios::scenario_to_json(plan)), tree_(begin_) {
  read();
  base_ = read_.scenario;
  judge();
}

void ScenarioDraft::read() {
  const std::string text = scenarios::dump_indented(tree_);
  read_ = scenarios::read_scenario(text);
  signs_.clear();
  std::copy_if(text.begin(), text.end(), std::back_inserter(signs_),
               [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  ++revision_;
  judge();
}

const JsonNode* ScenarioDraft::at(std::string_view pointer) const {
  const auto tokens = scenarios::split_pointer(pointer);
  if (!tokens) return nullptr;
  const JsonNode* node = &tree_;
  for (const std::string& token : *tokens) {
    node = child(*node, token);
    if (node == nullptr) return nullptr;
  }
  return node;
}

JsonNode* ScenarioDraft::node(std::string_view pointer) {
  return const_cast<JsonNode*>(std::as_const(*this).at(pointer));
}

bool ScenarioDraft::set(const std::string& pointer, const std::string& words, bool needed) {
  const auto tokens = scenarios::split_pointer(pointer);
  if (!tokens || tokens->empty() || !has_place(tree_, *tokens)) return false;
  if (words.empty() && !needed) return erase(pointer);
  JsonNode value = words.empty() ? JsonNode::of({}) : scenarios::override_value(words);
  if (scenarios::set_at(tree_, pointer, std::move(value))) return false;
  read();
  return true;
}

bool ScenarioDraft::erase(const std::string& pointer) {
  const std::string above = parent_of(pointer);
  JsonNode* parent = node(above);
  const auto is_it = [key = last_token(pointer)](const auto& member) { return member.first == key; };
  if (parent == nullptr || std::erase_if(parent->members, is_it) == 0) return false;
  // A matcher comes with the first thing it is told and goes with the last: an empty one is a mistake.
  if (parent->members.empty() && last_token(above) == "on") return erase(above);
  read();
  return true;
}

bool ScenarioDraft::append(const std::string& list, JsonNode element) {
  const auto tokens = scenarios::split_pointer(list);
  if (!tokens || tokens->empty() || !has_place(tree_, *tokens)) return false;
  if (node(list) == nullptr && scenarios::set_at(tree_, list, JsonNode::list())) return false;
  JsonNode* there = node(list);
  if (there == nullptr || !there->is_list()) return false;
  there->items.push_back(std::move(element));
  read();
  return true;
}

bool ScenarioDraft::replace(const std::string& pointer, JsonNode element) {
  const JsonNode* list = at(parent_of(pointer));
  JsonNode* there = node(pointer);
  if (list == nullptr || !list->is_list() || there == nullptr) return false;
  *there = std::move(element);
  read();
  return true;
}

bool ScenarioDraft::remove(const std::string& pointer) {
  JsonNode* list = node(parent_of(pointer));
  const auto index = index_of(last_token(pointer));
  if (list == nullptr || !list->is_list() || !index || *index >= list->items.size()) return false;
  list->items.erase(list->items.begin() + static_cast<std::ptrdiff_t>(*index));
  read();
  return true;
}

void ScenarioDraft::judge() {
  // Both as a file has them, so that a value that is written although it is the default is no difference.
  const bool whole = plan() && base_;
  const JsonNode before = whole ? scenarios::scenario_to_json(*base_) : begin_;
  const JsonNode after = whole ? scenarios::scenario_to_json(*plan()) : tree_;
  const std::vector<Difference> all = differences(before, after, Lists::whole);
  touched_ = !all.empty();
  change_ = all.size() == 1 ? change_of(all.front()) : Change{Str::scenario_changes, {std::to_string(all.size())}};
}

}  // namespace linger::gui
