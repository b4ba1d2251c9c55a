#include <type_traits>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/producer_behaviour.h"
#include "scenarios/application_behaviour.h"
#include "scenarios/scenario_checks.h"
#include "scenarios/scenario_fields.h"
#include "scenarios/scenario_schema.h"

namespace linger::scenarios {
namespace {

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : "`" + cell(text) + "`";
}

std::string sentence(std::string_view about) {
  std::string out(about);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return cell(out) + ".";
}

/// Prints the tables. The type of a field in words comes from its C++ type and its meaning.
class Tables {
 public:
  std::string out;

  void heading(std::string_view text) { out += "\n## " + std::string(text) + "\n\n"; }
  void text(std::string_view words) { out += std::string(words) + "\n"; }

  template <class S>
  void table() {
    out += "| Key | Value | Needed | Meaning |\n|---|---|---|---|\n";
    if constexpr (std::is_same_v<S, Scenario>) row("linger", "1", true, "the version of the format");
    if constexpr (std::is_same_v<S, Matcher>) {
      row("request", "an API's name, as PRODUCE, or CONNECT", false,
          "a request; one of request and response is needed");
      row("response", "an API's name", false, "an answer");
    }
    rows(FieldList<S>::fields);
  }

  template <class Forms>
  void forms(const Forms& all, std::string_view column) {
    out += "| " + std::string(column) + " | With | Meaning |\n|---|---|---|\n";
    std::apply([&](const auto&... one) { (form_row(one), ...); }, all);
  }

 private:
  void row(std::string_view name, const std::string& value, bool required, std::string_view about) {
    out += "| " + code(name) + " | " + cell(value) + " | " + (required ? "yes" : "") + " | " + sentence(about) + " |\n";
  }
  template <class Fields>
  void rows(const Fields& fields) {
    std::apply([&](const auto&... one) { (field_row(one), ...); }, fields);
  }
  template <class S, class M>
  void field_row(const Field<S, M>& one) {
    row(one.note.name, type_of(static_cast<const M*>(nullptr), one.note), one.note.required, one.note.about);
  }

  template <class F>
  void form_row(const F& one) {
    std::string with;
    bool first = one.style == FormStyle::flat;
    std::string main;
    const auto describe = [&](const auto& field) {
      if (first) {
        first = false;
        main = field_type(field);
        return;
      }
      with += (with.empty() ? "" : "; ") + code(field.note.name) + " " + cell(field_type(field)) +
              (field.note.required ? ", needed" : "") + ": " + cell(field.note.about);
    };
    std::apply([&](const auto&... field) { (describe(field), ...); }, one.fields);
    std::string key =
        one.style == FormStyle::word ? "\"do\": \"" + std::string(one.key) + "\"" : "\"" + std::string(one.key) + "\"";
    if (!main.empty()) key += ": " + main;
    if (one.style == FormStyle::nested) key += ": {…}";
    if constexpr (Listed<typename F::Alternative>) with = "see below";
    out += "| " + code(key) + " | " + with + " | " + sentence(one.about) + " |\n";
  }
  template <class S, class M>
  static std::string field_type(const Field<S, M>& one) {
    return type_of(static_cast<const M*>(nullptr), one.note);
  }

  static std::string type_of(const bool*, const FieldNote& note) {
    return note.true_word.empty() ? "true or false"
                                  : std::string(note.false_word) + " or " + std::string(note.true_word);
  }
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) static std::string
      type_of(const Integer*, const FieldNote& note) {
    const bool below = note.min != std::numeric_limits<std::int64_t>::min();
    const bool above = note.max != std::numeric_limits<std::int64_t>::max();
    if (below && above) return "a number from " + std::to_string(note.min) + " to " + std::to_string(note.max);
    return "a number";
  }
  static std::string type_of(const std::string*, const FieldNote& note) {
    switch (note.meaning) {
      case Meaning::host:
        return "a host";
      case Meaning::server:
        return "a broker or controller";
      case Meaning::broker:
        return "a broker";
      case Meaning::producer:
        return "a producer's name";
      case Meaning::topic:
        return "a topic's name";
      case Meaning::partition:
        return "a partition";
      case Meaning::fault:
        return "a fault's id";
      case Meaning::api:
        return "an API's name";
      case Meaning::error:
        return "an error's name";
      default:
        return "text";
    }
  }
  static std::string type_of(const Duration*, const FieldNote&) { return "a time"; }
  static std::string type_of(const Settings*, const FieldNote&) { return "settings"; }
  static std::string type_of(const LatencySpec*, const FieldNote&) { return "a latency"; }
  static std::string type_of(const DataSpec*, const FieldNote&) { return "data"; }
  static std::string type_of(const std::vector<std::pair<std::string, std::string>>*, const FieldNote&) {
    return "an object, or a list of pairs";
  }
  static std::string type_of(const std::vector<ApplicationThread>*, const FieldNote&) {
    return "a list of steps, or of such lists";
  }
  static std::string type_of(const OnError*, const FieldNote&) { return "see the meaning"; }
  static std::string type_of(const Ties*, const FieldNote&) { return "see below"; }
  static std::string type_of(const Matcher*, const FieldNote&) { return "a matcher"; }
  static std::string type_of(const Expectation*, const FieldNote&) { return "see below"; }
  static std::string type_of(const TopicSpec*, const FieldNote&) { return "a topic"; }
  static std::string type_of(const ProducerSpec*, const FieldNote&) { return "a producer"; }
  static std::string type_of(const ConsumerSpec*, const FieldNote&) { return "a consumer"; }
  static std::string type_of(const Fault*, const FieldNote&) { return "a fault"; }
  static std::string type_of(const LinkSpec*, const FieldNote&) { return "a link"; }
  static std::string type_of(const InitialPartition*, const FieldNote&) { return "an initial partition"; }
  static std::string type_of(const InitialProducerState*, const FieldNote&) { return "an initial producer"; }
  static std::string type_of(const ClusterSpec*, const FieldNote&) { return "see below"; }
  static std::string type_of(const NetworkSpec*, const FieldNote&) { return "see below"; }
  template <class E>
  requires Worded<E>
  static std::string type_of(const E*, const FieldNote&) {
    std::string list;
    for (const auto& one : Words<E>::words) list += (list.empty() ? "" : ", ") + std::string(one.first);
    return "one of " + list;
  }
  template <class T>
  static std::string type_of(const std::optional<T>*, const FieldNote& note) {
    return type_of(static_cast<const T*>(nullptr), note);
  }
  template <class T>
  static std::string type_of(const std::vector<T>*, const FieldNote& note) {
    std::string element = type_of(static_cast<const T*>(nullptr), note);
    const bool article = element.starts_with("a ") || element.starts_with("an ");
    if (article) element = element.substr(element.find(' ') + 1);
    return (note.max == note.min ? "[" + element + ", " + element + "]" : "a list of: " + element);
  }
};

void print_behaviours(Tables& reference) {
  reference.heading("Behaviours");
  reference.text(
      "Each switch changes one rule in one place. The profile kafka-4.3 does what Kafka 4.3.1 does; `--behaviour "
      "corrected` sets every\n"
      "switch to the corrected value. Those that begin with `broker.`, `repl.` and `controller.` stand in "
      "`cluster.behaviour`, those that\n"
      "begin with `producer.` in a producer's `behaviour`.\n");
  std::string& out = reference.out;
  out += "| Switch | Values | In 4.3.1 | Corrected | About |\n|---|---|---|---|---|\n";
  for (const broker::BehaviourField& field : broker::behaviour_fields()) {
    out += "| " + code(field.name) + " | " + code(field.values) + " | " + code(field.in_4_3_1) + " | " +
           code(field.corrected) + " | " + cell(field.about) + " |\n";
  }
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    const std::string values = std::string(field.historical) + "|" + std::string(field.corrected);
    out += "| " + code(field.name) + " | " + code(values) + " | " +
           code(field.in_4_3_1 ? field.corrected : field.historical) + " | " + code(field.corrected) + " | " +
           cell(field.issue) + " |\n";
  }
  reference.text(
      "\nWhat an application may get wrong, in a producer's `behaviour`; the first value is the mistake, the second "
      "what Kafka's documentation "
      "prescribes and\nwhat is done unless given. `--behaviour corrected` leaves them alone.\n");
  out += "| Switch | Values | About |\n|---|---|---|\n";
  for (const ApplicationBehaviourField& field : application_behaviours()) {
    out += "| " + code(field.name) + " | " + code(std::string(field.wrong) + "|" + std::string(field.right)) + " | " +
           cell(field.about) + " |\n";
  }
}

template <class Keys>
void print_settings(Tables& reference, const Keys& keys) {
  std::string& out = reference.out;
  out += "| Setting | Default | Meaning |\n|---|---|---|\n";
  for (const broker::ConfigKey& key : keys) {
    out += "| " + code(key.key) + " | " + code(key.default_text) + " | " + cell(key.about) + " |\n";
  }
}

}  // namespace

std::string scenario_reference() {
  Tables r;
  r.text(
      "# Scenario files\n\n"
      "This page is printed from the lists that also read and write the files; `linger schema` prints a JSON Schema "
      "for\n"
      "editors. A scenario is one JSON object. Unknown keys, keys that stand twice, names that do not exist and\n"
      "values out of range are mistakes; all of them are named at once, each with its place as a JSON Pointer.\n\n"
      "- A *time* is text: a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`, as `\"5ms\"`. `at`, `after`, `until`, "
      "`created` and `start` are\n"
      "  instants since the beginning of the run; all others are spans.\n"
      "- *Hosts* are `b1`, `b2`, … (brokers), `c1`, … (controllers), and producers and consumers by their names. A "
      "*partition* is written\n"
      "  `orders-0`.\n"
      "- A *latency* is a time, `{\"uniform\": [least, largest]}` or `{\"exponential\": [least, mean of what comes on "
      "top]}`.\n"
      "- *Settings* are an object of Kafka's own keys; values are text, numbers, true or false, or lists of text.\n"
      "- *Data* is text, null, `{\"bytes\": n}` (begins with producer and record number if there is room for 8), "
      "`{\"lines\": [...]}` or\n"
      "  `{\"file\": \"records.txt\"}` (one line a record, from the beginning again after the last), or `{\"json\": "
      "…}`; in text and JSON `${n}` is\n"
      "  the record's number.\n");
  r.text("Limits: 32 brokers, 5 controllers, 1,024 partitions, 10,000,000 records, 10,000 faults, 64 MB.");
  r.heading("The file");
  r.table<Scenario>();
  r.heading("Cluster");
  r.table<ClusterSpec>();
  r.heading("Topic");
  r.table<TopicSpec>();
  r.heading("Initial partition");
  r.table<InitialPartition>();
  r.text("\nWhat is known about a producer there:\n");
  r.table<InitialProducerState>();
  r.heading("Network");
  r.table<NetworkSpec>();
  r.text("\nA link:\n");
  r.table<LinkSpec>();
  r.heading("Producer");
  r.table<ProducerSpec>();
  r.heading("Workload");
  r.text(
      "A step is an object with one of these keys and, if it shall not begin before an instant, `at`. `flush`, "
      "`close`, `await_all` and\n"
      "`restart` may also stand alone, as text.\n");
  r.forms(step_forms, "Step");
  r.text("\n`send`:\n");
  r.table<SendStep>();
  r.heading("Consumer");
  r.table<ConsumerSpec>();
  r.heading("Fault");
  r.text("A fault strikes at an instant (`at`) or on a message (`on`), and does exactly one thing.\n");
  r.table<Fault>();
  r.text("\nA matcher; everything that is given must agree:\n");
  r.table<Matcher>();
  r.text("\nWhat it does. The actions behind `do` strike a message and need `on`:\n");
  r.forms(action_forms, "Action");
  r.heading("Expect");
  r.text(
      "Counts of the result (`sent`, `acked`, `failed`, `refused`, `stuck`, `untold`, `lost`, `deleted`, "
      "`unavailable`, `failed_present`,\n"
      "`duplicated`, `duplicated_payloads`, `reordered`) or any JSON Pointer into the result, each with a number or "
      "`{\"min\": n, \"max\": n}`, a\n"
      "pointer also with text, true, false or null; `violations`, the names of the guarantees that are broken; "
      "`acked_within`, a time.\n");
  r.heading("Ties");
  r.text(
      "Events of the same instant happen in the order in which they were planned (`\"fifo\"`), in an order drawn from "
      "a seed\n"
      "(`{\"seeded\": n}`), with random priorities that change a few times (`{\"pct\": {\"seed\": n, \"depth\": n}}`), "
      "or as a run has recorded it\n"
      "(`{\"recorded\": [...]}`).\n");
  print_behaviours(r);
  r.heading("Broker settings");
  print_settings(r, broker::broker_config_keys());
  r.heading("Topic settings");
  print_settings(r, broker::topic_config_keys());
  return r.out;
}

}  // namespace linger::scenarios
