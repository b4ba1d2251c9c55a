#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "scenarios/json_tree.h"

namespace linger::scenarios {
namespace {

using Json = nlohmann::json;

/// Builds a JsonNode from nlohmann's events. The path to where the next value goes is a stack of indexes, so that no
/// pointer into a growing tree is kept.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  JsonNode root;
  std::vector<Mistake> mistakes;
  std::size_t error_position = 0;
  std::string error_reason;
  bool too_deep = false;
  bool too_many = false;

  bool null() override { return put(JsonNode{}); }
  bool boolean(bool value) override { return put(JsonNode::boolean(value)); }
  bool number_integer(number_integer_t value) override { return put(JsonNode::integer(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(number(std::to_string(value))); }
  bool number_float(number_float_t, const string_t& digits) override {
    const bool whole = digits.find_first_of(".eE") == std::string::npos;
    return put(whole ? number(digits) : fraction(digits));
  }
  bool string(string_t& value) override { return put(JsonNode::of(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonNode::object()); }
  bool start_array(std::size_t) override { return open(JsonNode::list()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    skip_value_ = !keys_.back().insert(name).second;
    if (skip_value_)
      mistakes.push_back({pointer_to_top() + "/" + pointer_token(name), "stands twice; only the first is read"});
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    error_position = position;
    error_reason = error.what();
    return false;
  }

 private:
  static JsonNode number(std::string digits) {
    JsonNode node;
    node.kind = JsonNode::Kind::integer;
    node.text = std::move(digits);
    return node;
  }
  static JsonNode fraction(std::string digits) {
    JsonNode node = number(std::move(digits));
    node.kind = JsonNode::Kind::fraction;
    return node;
  }

  /// Where a value that begins now belongs: the root, the end of a list, a new member. A member that stands twice goes
  /// to a place of its own.
  JsonNode* place(JsonNode value) {
    value.order = values_++;
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    JsonNode& top = *stack_.back();
    if (top.is_list()) {
      top.items.push_back(std::move(value));
      return &top.items.back();
    }
    if (skip_value_) {
      skip_value_ = false;
      dropped_.push_back(std::make_unique<JsonNode>(std::move(value)));
      return dropped_.back().get();
    }
    top.add(key_, std::move(value));
    return &top.members.back().second;
  }
  bool put(JsonNode value) {
    too_many = values_ >= most_values;
    if (too_many) return false;
    place(std::move(value));
    return true;
  }
  bool open(JsonNode value) {
    too_deep = stack_.size() >= deepest_nesting;
    too_many = values_ >= most_values;
    if (too_deep || too_many) return false;
    const std::string token = stack_.empty()             ? std::string()
                              : stack_.back()->is_list() ? "/" + std::to_string(stack_.back()->items.size())
                                                         : "/" + pointer_token(key_);
    tokens_.push_back(token);
    // An ancestor's vector does not grow while one of its elements is open, so the pointer stays good until close().
    stack_.push_back(place(std::move(value)));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    stack_.pop_back();
    keys_.pop_back();
    tokens_.pop_back();
    return true;
  }
  std::string pointer_to_top() const {
    std::string pointer;
    for (const std::string& token : tokens_) pointer += token;
    return pointer;
  }

  std::vector<JsonNode*> stack_;
  std::vector<std::string> tokens_;
  std::vector<std::unordered_set<std::string>> keys_;  // of each open object; asked, never walked through
  std::uint32_t values_ = 0;
  std::vector<std::unique_ptr<JsonNode>> dropped_;
  std::string key_;
  bool skip_value_ = false;
};

std::string line_and_column(std::string_view text, std::size_t position) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (std::size_t i = 0; i + 1 < position && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// nlohmann's words without its own prefix: "unexpected '}'; expected string literal".
std::string reason_of(const std::string& what) {
  const std::size_t begin = what.find("syntax error");
  std::string reason = begin == std::string::npos ? what : what.substr(begin);
  const std::size_t dash = reason.find(" - ");
  if (dash != std::string::npos) reason = reason.substr(dash + 3);
  for (char& c : reason) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  constexpr std::size_t longest = 200;
  return reason.size() > longest ? reason.substr(0, longest) : reason;
}

}  // namespace

JsonResult parse_json(std::string_view text) {
  JsonResult result;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    result.mistakes.push_back({"", "is empty; expected a JSON object"});
    return result;
  }
  if (text.find('\0') != std::string_view::npos) {
    result.mistakes.push_back({"", "is a binary file; expected JSON text"});
    return result;
  }
  TreeBuilder builder;
  const bool good =
      Json::sax_parse(text.begin(), text.end(), &builder, nlohmann::detail::input_format_t::json, true, false);
  if (builder.too_deep) {
    result.mistakes.push_back(
        {"", "nests lists and objects more than " + std::to_string(deepest_nesting) + " deep, which is the limit"});
  } else if (builder.too_many) {
    result.mistakes.push_back({"", "holds more than " + std::to_string(most_values) + " values, which is the limit"});
  } else if (!good) {
    result.mistakes.push_back(
        {"", "is not JSON: " + line_and_column(text, builder.error_position) + ": " + reason_of(builder.error_reason)});
  } else {
    result.root = std::move(builder.root);
    result.mistakes = std::move(builder.mistakes);
  }
  return result;
}

}  // namespace linger::scenarios
