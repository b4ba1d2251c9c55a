#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "producer/nearest_word.h"
#include "scenarios/field_list.h"
#include "scenarios/json_tree.h"
#include "scenarios/scenario_fields.h"
#include "scenarios/scenario_reader.h"

/// Turns a JSON tree into the structs of scenario.h by their field lists. Only scenario_reader.cpp includes this.
namespace linger::scenarios {

/// A name that was read and must exist: looked up when everything has been read.
struct Reference {
  std::string pointer;
  Meaning meaning;
  std::string name;
};

class Reading {
 public:
  std::vector<Mistake> mistakes;
  std::vector<Reference> references;

  explicit Reading(std::string folder) : folder_(std::move(folder)) {}

  void read_root(const JsonNode& root, Scenario& out);

 private:
  /// A file of nothing but mistakes shall not cost more than a good one.
  bool enough() const { return mistakes.size() > 1000; }
  void mistake(const std::string& pointer, std::string message) {
    if (!enough()) mistakes.push_back({pointer, std::move(message)});
  }
  void expected(const std::string& pointer, const JsonNode& node, const std::string& what) {
    mistake(pointer, node.shown() + "; expected " + what);
  }
  static std::string below(const std::string& pointer, std::string_view key) {
    return pointer + "/" + pointer_token(key);
  }
  static std::string below(const std::string& pointer, std::size_t index) {
    return pointer + "/" + std::to_string(index);
  }

  // ---- Scalars
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, bool& out);
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool> &&
           !std::is_same_v<Integer, std::uint64_t>) void read(const JsonNode& node, const std::string& pointer,
                                                              const FieldNote& note, Integer& out) {
    std::int64_t value = 0;
    if (read_integer(node, pointer, note, value)) out = static_cast<Integer>(value);
  }
  bool read_integer(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::int64_t& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::uint64_t& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::string& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Duration& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Settings& out);

  // ---- What has a form of its own
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, LatencySpec& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, DataSpec& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note,
            std::vector<std::pair<std::string, std::string>>& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, WorkloadStep& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note,
            std::vector<ApplicationThread>& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, OnError& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Ties& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Matcher& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Fault& out);
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Expectation& out);

  bool read_times(const JsonNode& node, const std::string& pointer, Duration& first, Duration& second,
                  const std::string& what);
  void read_lines_file(const JsonNode& node, const std::string& pointer, DataSpec& out);
  template <class A>
  void check_action(const std::string& pointer, const Fault& fault, const A& action);

  template <class E>
  requires Worded<E>
  void read(const JsonNode& node, const std::string& pointer, const FieldNote&, E& out) {
    std::string known;
    for (const auto& [word, value] : Words<E>::words) {
      if (node.is_text() && node.text == word) {
        out = value;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string(word);
    }
    expected(pointer, node, "one of " + known);
  }

  template <class T>
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::optional<T>& out) {
    T value{};
    const std::size_t before = mistakes.size();
    read(node, pointer, note, value);
    if (mistakes.size() == before) out = std::move(value);
  }

  template <class T>
  void read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::vector<T>& out) {
    if (!node.is_list()) {
      expected(pointer, node, "a list");
      return;
    }
    if (!note.limit_of.empty() && node.items.size() > static_cast<std::size_t>(note.max)) {
      mistake(pointer, "has " + std::to_string(node.items.size()) + " elements; the limit is " +
                           std::to_string(note.max) + " " + std::string(note.limit_of));
      return;
    }
    if constexpr (!Listed<T>) {
      const auto size = static_cast<std::int64_t>(node.items.size());
      if (size < note.min || (note.max == note.min && size != note.max)) {
        expected(pointer, node,
                 "a list of " + std::string(note.max == note.min ? "" : "at least ") + std::to_string(note.min) +
                     " elements");
        return;
      }
    }
    out.clear();
    FieldNote element = note;
    if constexpr (std::is_same_v<T, std::int32_t>) {
      element.min = 1;  // numbers of brokers
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      element.min = 1;
      element.max = std::numeric_limits<std::int64_t>::max();
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      T value{};
      read(node.items[i], below(pointer, i), element, value);
      out.push_back(std::move(value));
    }
  }

  // ---- Structs by their field lists
  template <class S>
  requires Listed<S>
  void read(const JsonNode& node, const std::string& pointer, const FieldNote&, S& out) {
    if (!node.is_object()) {
      expected(pointer, node, "an object");
      return;
    }
    std::vector<std::string> names = extra_names(out);
    collect_names(FieldList<S>::fields, names);
    note_unknown(node, pointer, names);
    read_fields(node, pointer, FieldList<S>::fields, out);
  }

  /// Keys of an object beyond its field list.
  template <class S>
  static std::vector<std::string> extra_names(const S&) {
    if constexpr (std::is_same_v<S, Scenario>) return {"linger", "$schema"};
    return {};
  }

  template <class Fields>
  static void collect_names(const Fields& fields, std::vector<std::string>& names) {
    std::apply([&names](const auto&... one) { (names.emplace_back(one.note.name), ...); }, fields);
  }

  template <class S, class Fields>
  void read_fields(const JsonNode& node, const std::string& pointer, const Fields& fields, S& out) {
    std::apply([&](const auto&... one) { (read_field(node, pointer, one, out), ...); }, fields);
  }

  template <class S, class M>
  void read_field(const JsonNode& node, const std::string& pointer, const Field<S, M>& one, S& out) {
    const JsonNode* member = node.find(one.note.name);
    if (member != nullptr) {
      read(*member, below(pointer, one.note.name), one.note, out.*one.member);
    } else if (one.note.required) {
      mistake(pointer, "has no " + std::string(one.note.name) + ", which is needed: " + std::string(one.note.about));
    }
  }

  /// `fitting`: those of the names that would fit here, for the sentence.
  void note_unknown(const JsonNode& node, const std::string& pointer, const std::vector<std::string>& names,
                    const std::vector<std::string>& fitting);
  void note_unknown(const JsonNode& node, const std::string& pointer, const std::vector<std::string>& names) {
    note_unknown(node, pointer, names, names);
  }

  // ---- Variants by their forms
  /// Calls `use(form)` for the form that the object's keys name. `words`: forms of the style `word` stand behind "do".
  template <class Forms, class Use>
  static void with_form(const Forms& forms, std::string_view key, FormStyle style, Use use) {
    const auto try_one = [&](const auto& one) {
      const bool word = one.style == FormStyle::word;
      if (one.key == key && word == (style == FormStyle::word)) use(one);
    };
    std::apply([&](const auto&... one) { (try_one(one), ...); }, forms);
  }
  template <class Forms>
  static std::vector<std::string> form_keys(const Forms& forms, bool words) {
    std::vector<std::string> keys;
    const auto collect = [&](const auto& one) {
      if ((one.style == FormStyle::word) == words) keys.emplace_back(one.key);
    };
    std::apply([&](const auto&... one) { (collect(one), ...); }, forms);
    return keys;
  }

  /// Reads the fields of one form: beside the key for words and flat forms, inside its value for nested ones.
  template <class F>
  typename F::Alternative read_form(const JsonNode& node, const std::string& pointer, const F& one) {
    auto value = one.make();
    if (one.style != FormStyle::nested) {
      read_fields(node, pointer, one.fields, value);
      return value;
    }
    const JsonNode* inner = node.find(one.key);
    const std::string place = below(pointer, one.key);
    const bool nothing_inside = inner->is(JsonNode::Kind::boolean) && inner->text == "true";
    if constexpr (Listed<typename F::Alternative>) {
      read(*inner, place, FieldNote{}, value);
    } else if (!inner->is_object() && !nothing_inside) {
      expected(place, *inner, "an object");
    } else {
      const JsonNode empty = JsonNode::object();
      const JsonNode& fields = nothing_inside ? empty : *inner;
      std::vector<std::string> names;
      collect_names(one.fields, names);
      note_unknown(fields, place, names);
      read_fields(fields, place, one.fields, value);
    }
    return value;
  }

  std::string folder_;
};

std::string join(const std::vector<std::string>& words, std::string_view between);

}  // namespace linger::scenarios
