#include "scenarios/scenario_writer.h"

#include <charconv>
#include <set>
#include <type_traits>

#include "scenarios/scenario_fields.h"
#include "scenarios/scenario_reader.h"

namespace linger::scenarios {
namespace {

/// Turns the structs of scenario.h into a JSON tree by their field lists.
class Writing {
 public:
  template <class S>
  requires Listed<S>
  static JsonNode write(const S& value, const FieldNote& = {}) {
    JsonNode node = JsonNode::object();
    if constexpr (std::is_same_v<S, Scenario>) node.add("linger", JsonNode::integer(1));
    write_fields(node, FieldList<S>::fields, value);
    return node;
  }

  static JsonNode write(const Fault& fault, const FieldNote& = {}) {
    JsonNode node = JsonNode::object();
    node.add("id", JsonNode::of(fault.id));
    if (fault.at) node.add("at", write(*fault.at));
    if (fault.on) node.add("on", write(*fault.on));
    const auto try_form = [&](const auto& one) {
      using A = typename std::decay_t<decltype(one)>::Alternative;
      const A* action = std::get_if<A>(&fault.action);
      if (action != nullptr && one.is(*action)) write_form(node, one, *action);
    };
    std::apply([&](const auto&... one) { (try_form(one), ...); }, action_forms);
    if (fault.lasts && node.find("for") == nullptr) node.add("for", write(*fault.lasts));
    if (fault.must_hit) node.add("must_hit", JsonNode::boolean(true));
    return node;
  }

 private:
  static JsonNode write(bool value, const FieldNote& note) {
    if (note.true_word.empty()) return JsonNode::boolean(value);
    return JsonNode::of(std::string(value ? note.true_word : note.false_word));
  }
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) static JsonNode
      write(Integer value, const FieldNote& = {}) {
    JsonNode node = JsonNode::integer(0);
    node.text = std::to_string(value);
    return node;
  }
  static JsonNode write(const std::string& value, const FieldNote& = {}) { return JsonNode::of(value); }
  static JsonNode write(Duration value, const FieldNote& = {}) { return JsonNode::of(time_text(value)); }

  /// Numbers and booleans without quotes where they read back as the same text.
  static JsonNode write(const Settings& settings, const FieldNote& = {}) {
    JsonNode node = JsonNode::object();
    for (const auto& [key, value] : settings) node.add(key, setting(value));
    return node;
  }
  static JsonNode setting(const std::string& text) {
    if (text == "true" || text == "false") return JsonNode::boolean(text == "true");
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size() && std::to_string(number) == text;
    return whole ? JsonNode::integer(number) : JsonNode::of(text);
  }

  template <class T>
  static JsonNode write(const std::optional<T>& value, const FieldNote& note) {
    return write(*value, note);
  }
  template <class T>
  static JsonNode write(const std::vector<T>& values, const FieldNote& note) {
    JsonNode node = JsonNode::list();
    for (const T& value : values) node.items.push_back(write(value, note));
    return node;
  }
  template <class E>
  requires Worded<E>
  static JsonNode write(E value, const FieldNote&) {
    for (const auto& [word, of] : Words<E>::words) {
      if (of == value) return JsonNode::of(std::string(word));
    }
    return JsonNode{};
  }

  static JsonNode single(std::string key, JsonNode value) {
    return JsonNode::object({{std::move(key), std::move(value)}});
  }

  static JsonNode write(const LatencySpec& latency, const FieldNote&) {
    if (latency.kind == LatencySpec::Kind::constant) return write(latency.low);
    const bool uniform = latency.kind == LatencySpec::Kind::uniform;
    const Duration second = uniform ? latency.high : latency.high - latency.low;
    return single(uniform ? "uniform" : "exponential", JsonNode::list({write(latency.low), write(second)}));
  }

  static JsonNode write(const DataSpec& data, const FieldNote&) {
    switch (data.kind) {
      case DataSpec::Kind::none:
        return JsonNode{};
      case DataSpec::Kind::bytes:
        return single("bytes", write(data.bytes));
      case DataSpec::Kind::text:
        return JsonNode::of(data.text);
      case DataSpec::Kind::lines: {
        JsonNode node = single("lines", JsonNode::list_of(data.lines));
        if (!data.file.empty()) node.add("file", JsonNode::of(data.file));
        return node;
      }
      case DataSpec::Kind::json: {
        const JsonResult parsed = parse_json(data.text);
        const bool same = parsed.root && !parsed.root->is_text() && parsed.mistakes.empty() &&
                          dump_compact(*parsed.root) == data.text;
        return single("json", same ? *parsed.root : JsonNode::of(data.text));
      }
    }
    return JsonNode{};
  }

  static JsonNode write(const std::vector<std::pair<std::string, std::string>>& headers, const FieldNote&) {
    std::set<std::string> names;
    JsonNode object = JsonNode::object();
    JsonNode pairs = JsonNode::list();
    for (const auto& [name, value] : headers) {
      names.insert(name);
      object.add(name, JsonNode::of(value));
      pairs.items.push_back(JsonNode::list_of({name, value}));
    }
    return names.size() == headers.size() ? object : pairs;
  }

  static JsonNode write(const WorkloadStep& step, const FieldNote&) {
    JsonNode node = JsonNode::object();
    if (step.at) node.add("at", write(*step.at));
    const auto try_form = [&](const auto& one) {
      using A = typename std::decay_t<decltype(one)>::Alternative;
      if (const A* what = std::get_if<A>(&step.what)) write_form(node, one, *what);
    };
    std::apply([&](const auto&... one) { (try_form(one), ...); }, step_forms);
    return node;
  }

  static JsonNode write(const std::vector<ApplicationThread>& threads, const FieldNote& note) {
    if (threads.size() == 1 && !threads[0].steps.empty()) return write(threads[0].steps, note);
    JsonNode node = JsonNode::list();
    for (const ApplicationThread& thread : threads) node.items.push_back(write(thread.steps, note));
    return node;
  }

  static JsonNode write(const OnError& on_error, const FieldNote&) {
    if (on_error.kind == OnError::Kind::resend) return single("resend", write(on_error.times));
    return JsonNode::of(on_error.kind == OnError::Kind::abort ? "abort" : "ignore");
  }

  static JsonNode write(const Ties& ties, const FieldNote&) {
    switch (ties.kind) {
      case Ties::Kind::fifo:
        return JsonNode::of("fifo");
      case Ties::Kind::seeded:
        return single("seeded", write(ties.seed));
      case Ties::Kind::pct:
        return single("pct", JsonNode::object({{"seed", write(ties.seed)}, {"depth", write(ties.depth)}}));
      case Ties::Kind::recorded:
        return single("recorded", write(ties.recorded, FieldNote{}));
    }
    return JsonNode{};
  }

  static JsonNode write(const Matcher& on) {
    JsonNode node = JsonNode::object();
    node.add(on.response ? "response" : "request", JsonNode::of(on.api));
    write_fields(node, FieldList<Matcher>::fields, on);
    return node;
  }
  static JsonNode write(const Matcher& on, const FieldNote&) { return write(on); }

  static JsonNode write(const Range& range) {
    if (range.min && range.max && *range.min == *range.max) return write(*range.min);
    JsonNode node = JsonNode::object();
    write_fields(node, FieldList<Range>::fields, range);
    return node;
  }

  static JsonNode write(const Expectation& expect, const FieldNote&) {
    JsonNode node = JsonNode::object();
    for (const auto& [key, range] : expect.counts) node.add(key, write(range));
    for (const auto& [key, text] : expect.values) node.add(key, parse_json(text).root.value_or(JsonNode{}));
    if (expect.violations) node.add("violations", JsonNode::list_of(*expect.violations));
    if (expect.acked_within) node.add("acked_within", write(*expect.acked_within));
    return node;
  }

  /// Fields that are as a fresh struct has them are left out, unless they are required.
  template <class S, class Fields>
  static void write_fields(JsonNode& node, const Fields& fields, const S& value) {
    [[maybe_unused]] static const S fresh{};
    const auto write_one = [&](const auto& one) {
      if (one.note.required || one.note.always_written || !(value.*one.member == fresh.*one.member)) {
        node.add(std::string(one.note.name), write(value.*one.member, one.note));
      }
    };
    std::apply([&](const auto&... one) { (write_one(one), ...); }, fields);
  }

  template <class F, class A>
  static void write_form(JsonNode& node, const F& one, const A& value) {
    if (one.style == FormStyle::word) node.add("do", JsonNode::of(std::string(one.key)));
    if (one.style != FormStyle::nested) {
      write_fields(node, one.fields, value);
      return;
    }
    if constexpr (Listed<A>) {
      node.add(std::string(one.key), write(value, FieldNote{}));
    } else {
      JsonNode inner = JsonNode::object();
      write_fields(inner, one.fields, value);
      node.add(std::string(one.key), std::move(inner));
    }
  }
};

}  // namespace

JsonNode scenario_to_json(const Scenario& scenario) {
  return Writing::write(scenario);
}

std::string write_scenario(const Scenario& scenario) {
  return dump_indented(scenario_to_json(scenario));
}

JsonNode fault_to_json(const Fault& fault) {
  return Writing::write(fault);
}

}  // namespace linger::scenarios
