#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace linger::scenarios {

/// A sentence about one place of a user's file.
struct Mistake {
  std::string pointer;  ///< JSON Pointer (RFC 6901); empty: the file as a whole
  std::string message;  ///< what is there, what was expected, the nearest right word
  friend bool operator==(const Mistake&, const Mistake&) = default;
};

/// JSON as it was written: members keep their order, numbers their digits. A value.
struct JsonNode {
  enum class Kind : std::uint8_t { null, boolean, integer, fraction, text, list, object };
  Kind kind = Kind::null;
  std::uint32_t order = 0;  ///< the how many-th value of the text it is; not part of what it says
  std::string text;         ///< text: the characters; boolean: true or false; numbers: their digits
  std::vector<JsonNode> items;
  std::vector<std::pair<std::string, JsonNode>> members;

  static JsonNode boolean(bool value);
  static JsonNode integer(std::int64_t value);
  static JsonNode of(std::string text);
  static JsonNode list(std::vector<JsonNode> items = {});
  static JsonNode list_of(const std::vector<std::string>& texts);
  static JsonNode object(std::vector<std::pair<std::string, JsonNode>> members = {});

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_object() const { return kind == Kind::object; }
  bool is_list() const { return kind == Kind::list; }
  bool is_text() const { return kind == Kind::text; }
  /// The member of that name, or null. Requires nothing of the kind.
  const JsonNode* find(std::string_view key) const;
  JsonNode* find(std::string_view key);
  void add(std::string key, JsonNode value) { members.emplace_back(std::move(key), std::move(value)); }
  /// A few words for what stands here: `"abc"`, `12`, `a list`, `an object`.
  std::string shown() const;
  friend bool operator==(const JsonNode& a, const JsonNode& b) {
    return a.kind == b.kind && a.text == b.text && a.items == b.items && a.members == b.members;
  }
};

/// How deep lists and objects may stand inside each other.
inline constexpr std::size_t deepest_nesting = 64;
/// How many values one text may hold: each takes about 100 bytes of memory.
inline constexpr std::uint32_t most_values = 2'000'000;

struct JsonResult {
  std::optional<JsonNode> root;   ///< absent if the text is no JSON
  std::vector<Mistake> mistakes;  ///< a syntax error with line and column, or members that stand twice
};

/// Reads RFC 8259 JSON in time and memory that grow with the text and no faster. Never throws and never recurses into
/// the text: what goes beyond deepest_nesting or most_values is a mistake.
JsonResult parse_json(std::string_view text);

/// The text of a tree; indented by two spaces a level with lists of scalars on one line, or all on one line without
/// blanks.
std::string dump_indented(const JsonNode& node);
std::string dump_compact(const JsonNode& node);

/// `key` as one reference token of a JSON Pointer.
std::string pointer_token(std::string_view key);
/// The reference tokens of a pointer, unescaped; nothing if it is malformed.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer);

/// Replaces what stands at the pointer, or adds it: a new member of an object that is there, or the element behind the
/// last of a list (`-` or its index); missing objects on the way are made. Returns the sentence that says why not.
std::optional<std::string> set_at(JsonNode& root, std::string_view pointer, JsonNode value);

/// For each pointer the order of the deepest existing node on the way to it: to sort mistakes by place. One walk
/// through the tree for all of them.
std::vector<std::uint32_t> places_of(const JsonNode& root, const std::vector<std::string>& pointers);

}  // namespace linger::scenarios
