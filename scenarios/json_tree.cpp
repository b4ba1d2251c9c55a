#include "scenarios/json_tree.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace linger::scenarios {

JsonNode JsonNode::boolean(bool value) {
  JsonNode node;
  node.kind = Kind::boolean;
  node.text = value ? "true" : "false";
  return node;
}

JsonNode JsonNode::integer(std::int64_t value) {
  JsonNode node;
  node.kind = Kind::integer;
  node.text = std::to_string(value);
  return node;
}

JsonNode JsonNode::of(std::string text) {
  JsonNode node;
  node.kind = Kind::text;
  node.text = std::move(text);
  return node;
}

JsonNode JsonNode::list(std::vector<JsonNode> items) {
  JsonNode node;
  node.kind = Kind::list;
  node.items = std::move(items);
  return node;
}

JsonNode JsonNode::list_of(const std::vector<std::string>& texts) {
  JsonNode node = list();
  for (const std::string& text : texts) node.items.push_back(of(text));
  return node;
}

JsonNode JsonNode::object(std::vector<std::pair<std::string, JsonNode>> members) {
  JsonNode node;
  node.kind = Kind::object;
  node.members = std::move(members);
  return node;
}

const JsonNode* JsonNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

JsonNode* JsonNode::find(std::string_view key) {
  for (auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += "0123456789abcdef"[byte >> 4];
          out += "0123456789abcdef"[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool is_scalar(const JsonNode& node) {
  return !node.is_list() && !node.is_object();
}

constexpr std::int64_t line_width = 110;

/// `budget` less the characters that the node takes on one line, about; negative as soon as it does not fit.
std::int64_t room_after(const JsonNode& node, std::int64_t budget) {
  budget -= static_cast<std::int64_t>(node.text.size()) + 4;
  for (auto item = node.items.begin(); item != node.items.end() && budget >= 0; ++item)
    budget = room_after(*item, budget);
  for (auto member = node.members.begin(); member != node.members.end() && budget >= 0; ++member) {
    budget = room_after(member->second, budget - static_cast<std::int64_t>(member->first.size()) - 4);
  }
  return budget;
}

/// `indent` is the depth, or -1 for everything on one line; `blank` stands behind commas and colons.
void append(std::string& out, const JsonNode& node, int indent, std::string_view blank) {
  if (is_scalar(node)) {
    if (node.is_text()) {
      append_quoted(out, node.text);
    } else {
      out += node.is(JsonNode::Kind::null) ? "null" : node.text;
    }
    return;
  }
  const bool one_line = indent < 0 || (indent > 0 && room_after(node, line_width - 2 * indent) >= 0);
  const int inner = one_line ? -1 : indent + 1;
  const auto new_line = [&out](int depth) { out += '\n' + std::string(static_cast<std::size_t>(depth) * 2, ' '); };
  const std::size_t count = node.is_list() ? node.items.size() : node.members.size();
  out += node.is_list() ? '[' : '{';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    if (i > 0 && one_line) out += blank;
    if (!one_line) new_line(indent + 1);
    if (node.is_object()) {
      append_quoted(out, node.members[i].first);
      out += ':';
      out += blank;
    }
    append(out, node.is_list() ? node.items[i] : node.members[i].second, inner, blank);
  }
  if (!one_line && count > 0) new_line(indent);
  out += node.is_list() ? ']' : '}';
}

std::optional<std::size_t> list_index(const std::string& token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool plain =
      error == std::errc{} && end == token.data() + token.size() && (token.size() == 1 || token[0] != '0');
  return plain ? std::optional(index) : std::nullopt;
}

/// Fills in the order of every node whose pointer is among the keys.
void note_places(const JsonNode& node, const std::string& pointer,
                 std::unordered_map<std::string, std::optional<std::uint32_t>>& places) {
  const auto visit = [&](const JsonNode& child, const std::string& token) {
    const std::string below = pointer + "/" + token;
    const auto found = places.find(below);
    if (found == places.end()) return;
    found->second = child.order;
    note_places(child, below, places);
  };
  for (std::size_t i = 0; i < node.items.size(); ++i) visit(node.items[i], std::to_string(i));
  for (const auto& [key, value] : node.members) visit(value, pointer_token(key));
}

/// A new object that stands, for the order of mistakes, where the node is under which it is put.
JsonNode made_below(const JsonNode& parent) {
  JsonNode node = JsonNode::object();
  node.order = parent.order;
  return node;
}

}  // namespace

std::string JsonNode::shown() const {
  if (is_list()) return items.empty() ? "an empty list" : "a list";
  if (is_object()) return "an object";
  if (is(Kind::null)) return "null";
  if (!is_text()) return text;
  constexpr std::size_t longest = 60;
  std::size_t length = std::min(longest, text.size());
  while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
  std::string out;
  append_quoted(out, text.substr(0, length) + (length < text.size() ? "…" : ""));
  return out;
}

std::string dump_indented(const JsonNode& node) {
  std::string out;
  append(out, node, 0, " ");
  return out + '\n';
}

std::string dump_compact(const JsonNode& node) {
  std::string out;
  append(out, node, -1, "");
  return out;
}

std::string pointer_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back() += c;
    } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return tokens;
}

std::optional<std::string> set_at(JsonNode& root, std::string_view pointer, JsonNode value) {
  const auto tokens = split_pointer(pointer);
  if (!tokens) return "is not a JSON Pointer; expected something like /producers/0/config/acks";
  JsonNode* node = &root;
  for (const std::string& token : *tokens) {
    if (node->is_list()) {
      const auto index = token == "-" ? std::optional(node->items.size()) : list_index(token);
      if (!index || *index > node->items.size()) {
        return "the list has " + std::to_string(node->items.size()) + " elements, there is no place " + token;
      }
      if (*index == node->items.size()) node->items.push_back(made_below(*node));
      node = &node->items[*index];
    } else if (node->is_object()) {
      JsonNode* member = node->find(token);
      if (member == nullptr) {
        node->add(token, made_below(*node));
        member = &node->members.back().second;
      }
      node = member;
    } else {
      return node->shown() + " has no members, so there is no place for " + token;
    }
  }
  value.order = node->order;
  *node = std::move(value);
  return std::nullopt;
}

std::vector<std::uint32_t> places_of(const JsonNode& root, const std::vector<std::string>& pointers) {
  std::unordered_map<std::string, std::optional<std::uint32_t>> places;  // of every pointer and all that stand above it
  for (const std::string& pointer : pointers) {
    for (std::size_t end = pointer.size(); end != 0 && end != std::string::npos; end = pointer.rfind('/', end - 1)) {
      if (!places.emplace(pointer.substr(0, end), std::nullopt).second) break;
    }
  }
  note_places(root, "", places);
  std::vector<std::uint32_t> result;
  for (const std::string& pointer : pointers) {
    std::uint32_t place = root.order;
    for (std::size_t end = pointer.size(); end != 0 && end != std::string::npos; end = pointer.rfind('/', end - 1)) {
      const auto found = places.find(pointer.substr(0, end));
      if (found == places.end() || !found->second) continue;
      place = *found->second;
      break;
    }
    result.push_back(place);
  }
  return result;
}

}  // namespace linger::scenarios
