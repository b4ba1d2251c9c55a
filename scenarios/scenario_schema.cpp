#include "scenarios/scenario_schema.h"
#include "scenarios/application_behaviour.h"

#include <type_traits>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/config_def.h"
#include "producer/producer_behaviour.h"
#include "protocol/api_key.h"
#include "protocol/error_code.h"
#include "scenarios/scenario_checks.h"
#include "scenarios/scenario_fields.h"

namespace linger::scenarios {
namespace {

using Member = std::pair<std::string, JsonNode>;

JsonNode text_node(std::string_view text) {
  return JsonNode::of(std::string(text));
}
JsonNode object(std::vector<Member> members) {
  return JsonNode::object(std::move(members));
}
JsonNode of_type(std::string_view type) {
  return object({{"type", text_node(type)}});
}
JsonNode any_of(std::vector<JsonNode> schemas) {
  return object({{"anyOf", JsonNode::list(std::move(schemas))}});
}
JsonNode words(const std::vector<std::string>& list) {
  return object({{"enum", JsonNode::list_of(list)}});
}
JsonNode matching(std::string_view pattern) {
  return object({{"type", text_node("string")}, {"pattern", text_node(pattern)}});
}

JsonNode closed_object(JsonNode properties, const std::vector<std::string>& required) {
  JsonNode node = object({{"type", text_node("object")},
                          {"properties", std::move(properties)},
                          {"additionalProperties", JsonNode::boolean(false)}});
  if (!required.empty()) node.add("required", JsonNode::list_of(required));
  return node;
}

JsonNode one_member(std::string key, JsonNode value) {
  JsonNode properties = object({});
  properties.add(key, std::move(value));
  return closed_object(std::move(properties), {std::move(key)});
}

JsonNode described(JsonNode schema, std::string_view about) {
  schema.members.insert(schema.members.begin(), Member("description", text_node(about)));
  return schema;
}

/// Describes the structs of scenario.h by their field lists. `tag` arguments only choose the overload.
class Schema {
 public:
  template <class S>
  requires Listed<S>
  static JsonNode of(const S*, const FieldNote&) {
    JsonNode properties = object({});
    std::vector<std::string> required;
    if constexpr (std::is_same_v<S, Scenario>) {
      properties.add("$schema", of_type("string"));
      properties.add("linger",
                     described(object({{"enum", JsonNode::list({JsonNode::integer(1)})}}), "version of the format"));
      required.emplace_back("linger");
    }
    add_fields(FieldList<S>::fields, properties, required);
    return closed_object(std::move(properties), required);
  }

 private:
  template <class Fields>
  static void add_fields(const Fields& fields, JsonNode& properties, std::vector<std::string>& required) {
    const auto add = [&](const auto& one) { add_field(one, properties, required); };
    std::apply([&](const auto&... one) { (add(one), ...); }, fields);
  }
  template <class S, class M>
  static void add_field(const Field<S, M>& one, JsonNode& properties, std::vector<std::string>& required) {
    const std::string name(one.note.name);
    if (properties.find(name) != nullptr)
      *properties.find(name) = described(of(static_cast<const M*>(nullptr), one.note), one.note.about);
    else
      properties.add(name, described(of(static_cast<const M*>(nullptr), one.note), one.note.about));
    if (one.note.required) required.push_back(name);
  }

  static JsonNode of(const bool*, const FieldNote& note) {
    if (note.true_word.empty()) return of_type("boolean");
    return words({std::string(note.false_word), std::string(note.true_word)});
  }
  template <class Integer>
  requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>) static JsonNode
      of(const Integer*, const FieldNote& note) {
    JsonNode node = of_type("integer");
    if (note.min != std::numeric_limits<std::int64_t>::min()) node.add("minimum", JsonNode::integer(note.min));
    if (note.max != std::numeric_limits<std::int64_t>::max()) node.add("maximum", JsonNode::integer(note.max));
    return node;
  }
  static JsonNode of(const std::string*, const FieldNote& note) {
    switch (note.meaning) {
      case Meaning::api: {
        std::vector<std::string> names{"CONNECT"};
        for (const ApiInfo& api : all_apis()) names.emplace_back(api.constant);
        return words(names);
      }
      case Meaning::error: {
        std::vector<std::string> names;
        for (const ErrorCode code : all_error_codes()) {
          if (code != ErrorCode::none) names.emplace_back(error_name(code));
        }
        return words(names);
      }
      case Meaning::profile:
        return words({"kafka-4.3"});
      case Meaning::partition:
        return matching("^[a-zA-Z0-9._-]+-[0-9]+$");
      case Meaning::new_topic:
        return matching("^[a-zA-Z0-9._-]{1,249}$");
      case Meaning::new_name:
        return matching("^[a-zA-Z0-9._-]{1,100}$");
      case Meaning::new_fault:
        return object({{"type", text_node("string")}, {"minLength", JsonNode::integer(1)}});
      default:
        return of_type("string");
    }
  }
  static JsonNode of(const Duration*, const FieldNote& note) {
    return matching(note.may_be_negative ? "^-?[0-9]+(ns|us|ms|s|m|h)$" : "^[0-9]+(ns|us|ms|s|m|h)$");
  }

  static JsonNode setting() {
    return any_of({of_type("string"), of_type("number"), of_type("boolean"),
                   object({{"type", text_node("array")}, {"items", of_type("string")}})});
  }
  static JsonNode of(const Settings*, const FieldNote& note) {
    JsonNode properties = object({});
    JsonNode patterns = object({});
    const auto add = [&](std::string_view key, std::string_view about) {
      if (properties.find(key) == nullptr) properties.add(std::string(key), described(setting(), about));
    };
    if (note.meaning == Meaning::producer_settings) {
      for (const ConfigKey& key : producer_config_keys()) add(key.name, key.meaning);
      for (const char* key : {"key.serializer.encoding", "value.serializer.encoding", "serializer.encoding",
                              "default.list.key.serde.inner", "default.list.value.serde.inner"}) {
        add(key, "Read by the serializers.");
      }
      patterns.add("^(config\\.providers|metrics\\.context)\\.", setting());
    }
    if (note.meaning == Meaning::cluster_settings || note.meaning == Meaning::changed_settings) {
      for (const broker::ConfigKey& key : broker::broker_config_keys()) add(key.key, key.about);
    }
    if (note.meaning == Meaning::topic_settings || note.meaning == Meaning::changed_settings) {
      for (const broker::ConfigKey& key : broker::topic_config_keys()) add(key.key, key.about);
    }
    if (note.meaning == Meaning::cluster_behaviour) {
      for (const broker::BehaviourField& field : broker::behaviour_fields()) add(field.name, field.about);
    }
    if (note.meaning == Meaning::producer_behaviour) {
      for (const ProducerBehaviourField& field : producer_behaviours()) add(field.name, field.issue);
      for (const ApplicationBehaviourField& field : application_behaviours()) add(field.name, field.about);
    }
    JsonNode node = closed_object(std::move(properties), {});
    if (!patterns.members.empty()) node.add("patternProperties", std::move(patterns));
    return node;
  }

  template <class T>
  static JsonNode of(const std::optional<T>*, const FieldNote& note) {
    return of(static_cast<const T*>(nullptr), note);
  }
  template <class T>
  static JsonNode of(const std::vector<T>*, const FieldNote& note) {
    FieldNote element = note;
    JsonNode node = of_type("array");
    if constexpr (!Listed<T>) {
      if (note.min > 0) node.add("minItems", JsonNode::integer(note.min));
      if (note.max == note.min) node.add("maxItems", JsonNode::integer(note.max));
    }
    if constexpr (std::is_same_v<T, std::int32_t>) {
      element.min = 1;
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      element.min = 1;
      element.max = std::numeric_limits<std::int64_t>::max();
    }
    node.add("items", of(static_cast<const T*>(nullptr), element));
    return node;
  }
  template <class E>
  requires Worded<E>
  static JsonNode of(const E*, const FieldNote&) {
    std::vector<std::string> list;
    for (const auto& one : Words<E>::words) list.emplace_back(one.first);
    return words(list);
  }

  static JsonNode time() { return of(static_cast<const Duration*>(nullptr), FieldNote{}); }
  static JsonNode two(JsonNode item) {
    return object({{"type", text_node("array")},
                   {"items", std::move(item)},
                   {"minItems", JsonNode::integer(2)},
                   {"maxItems", JsonNode::integer(2)}});
  }
  static JsonNode whole_number(std::int64_t min, std::int64_t max) {
    return of(static_cast<const std::int64_t*>(nullptr), FieldNote{.name = "", .about = "", .min = min, .max = max});
  }

  static JsonNode of(const LatencySpec*, const FieldNote&) {
    return any_of({time(), one_member("constant", time()), one_member("uniform", two(time())),
                   one_member("exponential", two(time()))});
  }
  static JsonNode of(const DataSpec*, const FieldNote&) {
    JsonNode lines = object({});
    lines.add("lines",
              object({{"type", text_node("array")}, {"items", of_type("string")}, {"minItems", JsonNode::integer(1)}}));
    lines.add("file", of_type("string"));
    JsonNode from_lines = closed_object(lines, {"lines"});
    JsonNode from_file = one_member("file", of_type("string"));
    return any_of({of_type("string"), of_type("null"),
                   one_member("bytes", whole_number(0, ScenarioLimits::value_bytes)),
                   one_member("text", of_type("string")), std::move(from_lines), std::move(from_file),
                   one_member("json", object({}))});
  }
  static JsonNode of(const std::vector<std::pair<std::string, std::string>>*, const FieldNote&) {
    return any_of({object({{"type", text_node("object")}, {"additionalProperties", of_type("string")}}),
                   object({{"type", text_node("array")}, {"items", two(of_type("string"))}})});
  }
  static JsonNode of(const OnError*, const FieldNote&) {
    return any_of({words({"ignore", "abort"}), one_member("resend", whole_number(1, 1'000'000))});
  }
  static JsonNode of(const Ties*, const FieldNote&) {
    const JsonNode seed = whole_number(0, ScenarioLimits::seed);
    const JsonNode pct = closed_object(object({{"seed", seed}, {"depth", whole_number(1, 1000)}}), {});
    const JsonNode recorded =
        object({{"type", text_node("array")}, {"items", whole_number(0, std::numeric_limits<std::int64_t>::max())}});
    return any_of(
        {words({"fifo"}), one_member("seeded", seed), one_member("pct", pct), one_member("recorded", recorded)});
  }
  static JsonNode of(const Expectation*, const FieldNote&) {
    const JsonNode range = of(static_cast<const Range*>(nullptr), FieldNote{});
    const JsonNode count = any_of({of_type("integer"), range});
    JsonNode properties = object({});
    for (const std::string& name : count_names()) properties.add(name, count);
    properties.add("violations", object({{"type", text_node("array")}, {"items", of_type("string")}}));
    properties.add("acked_within", time());
    JsonNode node = closed_object(std::move(properties), {});
    node.add(
        "patternProperties",
        object({{"^/", any_of({of_type("integer"), of_type("string"), of_type("boolean"), of_type("null"), range})}}));
    return node;
  }
  static JsonNode of(const Matcher*, const FieldNote&) {
    JsonNode properties = object({});
    std::vector<std::string> required;
    const JsonNode api =
        of(static_cast<const std::string*>(nullptr), FieldNote{.name = "", .about = "", .meaning = Meaning::api});
    properties.add("request", described(api, "a request of this API; CONNECT is a connection that is being made"));
    properties.add("response", described(api, "an answer of this API"));
    add_fields(FieldList<Matcher>::fields, properties, required);
    JsonNode node = closed_object(std::move(properties), required);
    node.add("oneOf", JsonNode::list({object({{"required", JsonNode::list_of({"request"})}}),
                                      object({{"required", JsonNode::list_of({"response"})}})}));
    return node;
  }

  /// One alternative of a variant, among the members that all of them share.
  template <class F>
  static JsonNode alternative(const F& one, JsonNode properties, std::vector<std::string> required) {
    if (one.style == FormStyle::word) {
      properties.add("do", words({std::string(one.key)}));
      required.emplace_back("do");
    }
    if (one.style != FormStyle::nested) {
      add_fields(one.fields, properties, required);
    } else {
      JsonNode inner;
      if constexpr (Listed<typename F::Alternative>) {
        inner = of(static_cast<const typename F::Alternative*>(nullptr), FieldNote{});
      } else {
        JsonNode own = object({});
        std::vector<std::string> needed;
        add_fields(one.fields, own, needed);
        inner = closed_object(std::move(own), needed);
        if (needed.empty())
          inner = any_of({std::move(inner), object({{"enum", JsonNode::list({JsonNode::boolean(true)})}})});
      }
      properties.add(std::string(one.key), std::move(inner));
      required.emplace_back(one.key);
    }
    return described(closed_object(std::move(properties), required), one.about);
  }

  static JsonNode of(const WorkloadStep*, const FieldNote&) {
    std::vector<JsonNode> alternatives{words({"flush", "close", "await_all", "restart"})};
    const auto add = [&](const auto& one) { alternatives.push_back(alternative(one, object({{"at", time()}}), {})); };
    std::apply([&](const auto&... one) { (add(one), ...); }, step_forms);
    return any_of(std::move(alternatives));
  }
  static JsonNode of(const std::vector<ApplicationThread>*, const FieldNote&) {
    const JsonNode steps =
        object({{"type", text_node("array")}, {"items", object({{"$ref", text_node("#/definitions/step")}})}});
    return any_of({steps, object({{"type", text_node("array")}, {"items", steps}})});
  }
  static JsonNode of(const std::optional<Matcher>*, const FieldNote&) {
    return object({{"$ref", text_node("#/definitions/matcher")}});
  }
  static JsonNode of(const std::vector<Fault>*, const FieldNote&) {
    return object({{"type", text_node("array")}, {"items", object({{"$ref", text_node("#/definitions/fault")}})}});
  }

 public:
  static JsonNode fault() {
    std::vector<JsonNode> alternatives;
    const auto add = [&](const auto& one) {
      JsonNode properties = object({});
      std::vector<std::string> required;
      add_fields(FieldList<Fault>::fields, properties, required);
      if (one.style == FormStyle::word) required.emplace_back("on");
      alternatives.push_back(alternative(one, std::move(properties), required));
    };
    std::apply([&](const auto&... one) { (add(one), ...); }, action_forms);
    JsonNode node = any_of(std::move(alternatives));
    node.add("oneOf", JsonNode::list({object({{"required", JsonNode::list_of({"at"})}}),
                                      object({{"required", JsonNode::list_of({"on"})}})}));
    return node;
  }
  static JsonNode definitions() {
    return object({{"matcher", of(static_cast<const Matcher*>(nullptr), FieldNote{})},
                   {"step", of(static_cast<const WorkloadStep*>(nullptr), FieldNote{})},
                   {"fault", fault()}});
  }
};

}  // namespace

std::string scenario_schema() {
  JsonNode schema = Schema::of(static_cast<const Scenario*>(nullptr), FieldNote{});
  schema.members.insert(schema.members.begin(), Member("title", text_node("A Linger scenario")));
  schema.members.insert(schema.members.begin(),
                        Member("$schema", text_node("http://json-schema.org/draft-07/schema#")));
  schema.add("definitions", Schema::definitions());
  return dump_indented(schema);
}

}  // namespace linger::scenarios
