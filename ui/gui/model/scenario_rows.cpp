#include "ui/gui/model/scenario_rows.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <type_traits>

#include "scenarios/scenario_fields.h"

namespace linger::gui {
namespace {

using namespace scenarios;
using Kind = FormRow::Kind;

/// The beginning of a text, at most so many bytes and no half sign.
std::string shortened(std::string words, std::size_t most) {
  if (words.size() <= most) return words;
  while (most > 0 && (static_cast<unsigned char>(words[most]) & 0xc0U) == 0x80U) --most;
  words.resize(most);
  return words + "…";
}

std::string below(const std::string& pointer, std::string_view key) {
  return pointer + "/" + pointer_token(key);
}

/// The name that the reader gives to what has none; nothing for other texts.
std::string given_name(const std::string& pointer, const FieldNote& note) {
  const auto tokens = split_pointer(pointer);
  if ((note.meaning != Meaning::new_name && note.meaning != Meaning::new_fault) || !tokens || tokens->size() < 3)
    return {};
  const std::string& list = (*tokens)[0];
  const std::string stem = list == "producers" ? "p" : list == "consumers" ? "reader" : "f";
  return stem + std::to_string(std::stoul("0" + (*tokens)[1]) + 1);
}

/// A fault's action or a step's: the forms say which keys it may have.
template <class Forms>
std::string form_of(const JsonNode& node, const Forms& forms) {
  std::string found;
  const JsonNode* word = node.find("do");
  const auto look = [&](const auto& one) {
    const bool here = one.style == FormStyle::word ? word != nullptr && word->is_text() && word->text == one.key
                                                   : word == nullptr && node.find(one.key) != nullptr;
    if (here && found.empty()) found = one.key;
  };
  std::apply([&](const auto&... one) { (look(one), ...); }, forms);
  return found;
}

template <class Forms>
std::vector<std::string> keys_of(const Forms& forms) {
  std::vector<std::string> keys;
  std::apply([&](const auto&... one) { (keys.emplace_back(one.key), ...); }, forms);
  return keys;
}

class FieldRows {
 public:
  FieldRows(RowMaker& out, std::size_t depth) : out_(out), depth_(depth) {}

  template <class S, class Wanted>
  void fields(const std::string& pointer, Wanted wanted) {
    [[maybe_unused]] static const S fresh{};
    fields_in(pointer, FieldList<S>::fields, fresh, wanted);
  }
  template <class S>
  void fields(const std::string& pointer) {
    fields<S>(pointer, [](std::string_view) { return true; });
  }

  /// The list at this place with its elements folded or open, and what can be put behind them.
  template <class T>
  void list(const std::string& pointer, const FieldNote& note) {
    std::vector<std::string> choices{std::string(note.name)};
    // A list's name in the singular is what it is a list of.
    if (choices[0].ends_with('s')) choices[0].pop_back();
    if (std::is_same_v<T, Fault>) choices = keys_of(action_forms);
    elements(pointer, note, std::move(choices), [this](const std::string& place) { deeper().element<T>(place); });
  }

  void threads(const std::string& pointer) {
    const FieldNote note{.name = "workload", .about = about_threads()};
    const auto step = [this](const std::string& place) { deeper().step(place); };
    const JsonNode* there = out_.draft.at(pointer);
    const bool several = there != nullptr && there->is_list() && !there->items.empty() && there->items[0].is_list();
    if (!several) return elements(pointer, note, keys_of(step_forms), step);
    for (std::size_t i = 0; i < there->items.size(); ++i)
      elements(pointer + "/" + std::to_string(i), note, keys_of(step_forms), step, " " + std::to_string(i + 1));
  }

 private:
  FieldRows deeper() const { return {out_, depth_ + 1}; }

  static std::string_view about_threads() {
    std::string_view about;
    const auto look = [&](const auto& one) {
      if (one.note.name == "workload") about = one.note.about;
    };
    std::apply([&](const auto&... one) { (look(one), ...); }, FieldList<ProducerSpec>::fields);
    return about;
  }

  template <class S, class Fields, class Wanted>
  void fields_in(const std::string& pointer, const Fields& fields, const S& fresh, Wanted wanted) {
    const auto one_field = [&](const auto& one) {
      if (wanted(one.note.name)) make(below(pointer, one.note.name), one.note, fresh.*one.member);
    };
    std::apply([&](const auto&... one) { (one_field(one), ...); }, fields);
  }

  template <class Element>
  void elements(const std::string& pointer, const FieldNote& note, std::vector<std::string> choices, Element element,
                const std::string& which = {}) {
    group(pointer, std::string(note.name) + which, note.about);
    const JsonNode* there = out_.draft.at(pointer);
    const std::size_t count = there == nullptr ? 0 : there->items.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string place = pointer + "/" + std::to_string(i);
      FormRow row;
      row.kind = Kind::element;
      row.pointer = place;
      row.label = std::to_string(i + 1);
      row.value = shortened(dump_compact(there->items[i]), 160);
      row.open = out_.open.contains(place);
      row.depth = depth_;
      const bool open = row.open;
      out_.rows.push_back(std::move(row));
      if (open) element(place);
    }
    FormRow add;
    add.kind = Kind::add;
    add.pointer = pointer;
    add.choices = std::move(choices);
    add.depth = depth_;
    out_.rows.push_back(std::move(add));
  }

  template <class T>
  void element(const std::string& pointer) {
    if constexpr (std::is_same_v<T, Fault>)
      fault(pointer);
    else if constexpr (!std::is_same_v<T, ProducerSpec>)  // has sections of its own
      fields<T>(pointer);
  }

  void step(const std::string& pointer) {
    add(pointer + "/at", Kind::text, "at", "not before this instant; as soon as the step before it is done", {});
    form_rows(pointer, step_forms);
  }

  void fault(const std::string& pointer) {
    const JsonNode* node = out_.draft.at(pointer);
    const JsonNode* word = node == nullptr ? nullptr : node->find("do");
    // Hold, delay and late say with `for` what they do, not how long the fault lasts.
    const bool own_time = word != nullptr && (word->text == "hold" || word->text == "delay" || word->text == "late");
    fields<Fault>(pointer, [&](std::string_view name) { return name == "id" || name == "at" || name == "on"; });
    form_rows(pointer, action_forms);
    fields<Fault>(pointer, [&](std::string_view name) { return (name == "for" && !own_time) || name == "must_hit"; });
  }

  template <class Forms>
  void form_rows(const std::string& pointer, const Forms& forms) {
    const JsonNode* node = out_.draft.at(pointer);
    const std::string key = node == nullptr ? std::string() : form_of(*node, forms);
    const auto use = [&](const auto& one) {
      if (one.key != key) return;
      choose_kind(pointer, key, keys_of(forms));
      group(pointer + "/" + (one.style == FormStyle::word ? "do" : key), key, one.about);
      const auto all = [](std::string_view) { return true; };
      using A = typename std::decay_t<decltype(one)>::Alternative;
      if constexpr (Listed<A>) {
        deeper().fields<A>(below(pointer, key));
      } else {
        const std::string place = one.style == FormStyle::nested ? below(pointer, key) : pointer;
        [[maybe_unused]] const A fresh = one.make();
        deeper().fields_in(place, one.fields, fresh, all);
      }
    };
    std::apply([&](const auto&... one) { (use(one), ...); }, forms);
  }

  // ---- Rows
  void group(const std::string& pointer, std::string label, std::string_view about) {
    FormRow row;
    row.kind = Kind::group;
    row.pointer = pointer;
    row.label = std::move(label);
    row.help = about;
    row.depth = depth_;
    out_.rows.push_back(std::move(row));
  }

  void choose_kind(const std::string& pointer, const std::string& now, std::vector<std::string> choices) {
    FormRow& row = out_.rows.emplace_back();
    row.kind = Kind::form;
    row.pointer = pointer;
    row.value = now;
    row.choices = std::move(choices);
    row.depth = depth_;
  }

  FormRow& add(const std::string& pointer, Kind kind, std::string_view label, std::string_view help,
               std::string fallback) {
    FormRow row;
    row.kind = kind;
    row.pointer = pointer;
    row.label = label;
    row.help = help;
    row.fallback = std::move(fallback);
    row.depth = depth_;
    if (const JsonNode* node = out_.draft.at(pointer)) row.value = words_of(*node);
    return out_.rows.emplace_back(std::move(row));
  }
  FormRow& add(const std::string& pointer, Kind kind, const FieldNote& note, std::string fallback) {
    FormRow& row = add(pointer, kind, note.name, note.about, std::move(fallback));
    row.needed = note.required;
    if (note.required) row.fallback.clear();
    return row;
  }
  void add_choice(const std::string& pointer, const FieldNote& note, std::string fallback,
                  std::vector<std::string> choices) {
    add(pointer, Kind::choice, note, std::move(fallback)).choices = std::move(choices);
  }

  // ---- One field each, by its type. `fresh`: what a plan has that does not say.
  void make(const std::string& pointer, const FieldNote& note, bool fresh) {
    if (note.true_word.empty()) {
      add(pointer, Kind::flag, note, fresh ? "true" : "false");
      return;
    }
    add_choice(pointer, note, std::string(fresh ? note.true_word : note.false_word),
               {std::string(note.false_word), std::string(note.true_word)});
  }
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) void make(const std::string& pointer,
                                                                                    const FieldNote& note,
                                                                                    const Integer& fresh) {
    std::string fallback = std::to_string(fresh);
    if (note.name == "replication.factor") fallback = std::to_string(most_replicas(out_.draft));
    add_number(pointer, note, std::move(fallback));
  }
  void add_number(const std::string& pointer, const FieldNote& note, std::string fallback) {
    FormRow& row = add(pointer, Kind::number, note, std::move(fallback));
    const bool below = note.min != std::numeric_limits<std::int64_t>::min();
    const bool above = note.max != std::numeric_limits<std::int64_t>::max();
    if (below)
      row.valid = "[" + std::to_string(note.min) + ",..." + (above ? "," + std::to_string(note.max) : "") + "]";
  }
  void make(const std::string& pointer, const FieldNote& note, const std::string& fresh) {
    add(pointer, Kind::text, note, fresh.empty() ? given_name(pointer, note) : fresh);
  }
  void make(const std::string& pointer, const FieldNote& note, Duration fresh) {
    add(pointer, Kind::text, note, time_text(fresh));
  }
  void make(const std::string& pointer, const FieldNote& note, const LatencySpec& fresh) {
    const JsonNode uniform = JsonNode::list_of({time_text(fresh.low), time_text(fresh.high)});
    add(pointer, Kind::text, note, dump_compact(JsonNode::object({{"uniform", uniform}})));
  }
  void make(const std::string& pointer, const FieldNote& note, const OnError&) {
    add(pointer, Kind::text, note, "ignore");
  }
  void make(const std::string& pointer, const FieldNote& note, const Ties&) { add(pointer, Kind::text, note, "fifo"); }
  template <class T>
  void make(const std::string& pointer, const FieldNote& note, const std::optional<T>&) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      add_number(pointer, note, {});
    else if constexpr (std::is_same_v<T, LatencySpec>)
      add(pointer, Kind::text, note, {});
    else {
      const std::size_t first = out_.rows.size();
      make(pointer, note, T{});
      if (first < out_.rows.size()) out_.rows[first].fallback.clear();
    }
  }
  template <class E>
  requires Worded<E>
  void make(const std::string& pointer, const FieldNote& note, const E& fresh) {
    std::string fallback;
    std::vector<std::string> choices;
    for (const auto& [word, value] : Words<E>::words) {
      choices.emplace_back(word);
      if (value == fresh) fallback = word;
    }
    add_choice(pointer, note, std::move(fallback), std::move(choices));
  }
  void make(const std::string& pointer, const FieldNote& note, const Matcher&) {
    group(pointer, std::string(note.name), note.about);
    FieldRows inner = deeper();
    // A matcher's message is named by a key of its own for each direction (docs/scenario.md).
    for (const std::string_view direction : {"request", "response"})
      inner.add(below(pointer, direction), Kind::text, direction, "an API's name, as PRODUCE; one of both", {});
    inner.fields<Matcher>(pointer);
  }
  void make(const std::string& pointer, const FieldNote& note, const Settings&) {
    group(pointer, std::string(note.name), note.about);
    for (FormRow& row : setting_rows(table_of(pointer, note), pointer, out_.draft, depth_ + 1))
      out_.rows.push_back(std::move(row));
  }
  void make(const std::string& pointer, const FieldNote&, const std::vector<ApplicationThread>&) { threads(pointer); }
  template <class T>
  void make(const std::string& pointer, const FieldNote& note, const std::vector<T>&) {
    if constexpr (Listed<T>)
      list<T>(pointer, note);
    else
      add(pointer, Kind::text, note, {});
  }
  template <class S>
  void make(const std::string& pointer, const FieldNote& note, const S&) {
    if constexpr (Listed<S>) {
      group(pointer, std::string(note.name), note.about);
      deeper().fields<S>(pointer);
    } else {
      add(pointer, Kind::text, note, {});
    }
  }

  SettingTable table_of(const std::string& pointer, const FieldNote& note) const {
    switch (note.meaning) {
      case Meaning::producer_settings:
        return SettingTable::producer;
      case Meaning::topic_settings:
        return SettingTable::topic;
      case Meaning::cluster_behaviour:
        return SettingTable::cluster_behaviour;
      case Meaning::producer_behaviour:
        return SettingTable::producer_behaviour;
      case Meaning::changed_settings: {
        const std::string change = pointer.substr(0, pointer.rfind('/'));
        return out_.draft.at(change + "/topic") != nullptr ? SettingTable::topic : SettingTable::broker;
      }
      default:
        return SettingTable::broker;
    }
  }

  RowMaker& out_;
  std::size_t depth_;
};

}  // namespace

std::int64_t brokers_of(const ScenarioDraft& draft) {
  std::int64_t brokers = ClusterSpec{}.brokers;
  if (const JsonNode* node = draft.at("/cluster/brokers"))
    std::from_chars(node->text.data(), node->text.data() + node->text.size(), brokers);
  return std::clamp<std::int64_t>(brokers, 1, ScenarioLimits::brokers);
}

std::int64_t most_replicas(const ScenarioDraft& draft) {
  return std::min<std::int64_t>(TopicSpec{}.replication_factor, brokers_of(draft));
}

void RowMaker::cluster() {
  FieldRows(*this, 0).fields<ClusterSpec>("/cluster", [](std::string_view name) { return name != "topics"; });
}

void RowMaker::network() {
  FieldRows(*this, 0).fields<NetworkSpec>("/network");
}

void RowMaker::topics() {
  FieldRows(*this, 0).fields<ClusterSpec>("/cluster", [](std::string_view name) { return name == "topics"; });
}

void RowMaker::producers() {
  FieldRows(*this, 0).fields<Scenario>("", [](std::string_view name) { return name == "producers"; });
}

void RowMaker::settings(const std::string& producer) {
  // What is short comes first; the settings go on for pages.
  for (const std::string_view wanted : {"name", "on_error", "config", "behaviour"})
    FieldRows(*this, 0).fields<ProducerSpec>(producer, [&](std::string_view name) { return name == wanted; });
}

void RowMaker::workload(const std::string& list) {
  FieldRows(*this, 0).threads(list);
}

void RowMaker::consumers() {
  FieldRows(*this, 0).fields<Scenario>("", [](std::string_view name) { return name == "consumers"; });
}

void RowMaker::faults() {
  FieldRows(*this, 0).fields<Scenario>("", [](std::string_view name) { return name == "faults"; });
}

void RowMaker::rest(std::span<const std::string_view> keys) {
  FieldRows(*this, 0).fields<Scenario>(
      "", [&](std::string_view name) { return std::find(keys.begin(), keys.end(), name) != keys.end(); });
}

}  // namespace linger::gui
