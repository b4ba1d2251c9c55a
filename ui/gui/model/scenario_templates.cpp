#include <algorithm>
#include <type_traits>
#include <utility>

#include "scenarios/scenario_fields.h"
#include "ui/gui/model/scenario_rows.h"

namespace linger::gui {
namespace {

using namespace scenarios;

/// Fills in what a new element must have. A second host, or a second topic, is another one where there is one.
class Template {
 public:
  explicit Template(const ScenarioDraft& draft) : draft_(draft) {
    for (std::int64_t i = 1; i <= brokers_of(draft); ++i) hosts_.push_back("b" + std::to_string(i));
    brokers_ = hosts_;
    producers_ = names("/producers", "name", "p");
    hosts_.insert(hosts_.end(), producers_.begin(), producers_.end());
    topics_ = names("/cluster/topics", "name", "topic");
  }

  /// The first host that is asked for is to be this one, if it can be.
  void prefer(std::string host) { preferred_ = std::move(host); }

  template <class S>
  JsonNode element() {
    JsonNode node = JsonNode::object();
    fill(node, FieldList<S>::fields);
    return node;
  }

  JsonNode step(const std::string& word) {
    JsonNode node = JsonNode::object();
    fill_form(node, step_forms, word);
    return node;
  }

  /// One that sends: without a workload it would do nothing.
  JsonNode producer() {
    return JsonNode::object(
        {{"name", JsonNode::of(free_name("/producers", "name", "p"))}, {"workload", JsonNode::list({step("send")})}});
  }

  JsonNode fault(const std::string& word) {
    JsonNode node = JsonNode::object();
    node.add("id", JsonNode::of(free_name("/faults", "id", "f")));
    if (strikes_message(word))
      node.add("on", JsonNode::object({message_for(word)}));
    else
      node.add("at", JsonNode::of("10ms"));
    fill_form(node, action_forms, word);
    return node;
  }

 private:
  static bool strikes_message(const std::string& word) {
    bool by_message = false;
    const auto look = [&](const auto& one) { by_message |= one.key == word && one.style == FormStyle::word; };
    std::apply([&](const auto&... one) { (look(one), ...); }, action_forms);
    return by_message;
  }
  /// Refusing goes with a connection, forging with the request that is answered; all else may strike an answer.
  static std::pair<std::string, JsonNode> message_for(const std::string& word) {
    if (word == "refuse") return {"request", JsonNode::of("CONNECT")};
    return {word == "answer" ? "request" : "response", JsonNode::of("PRODUCE")};
  }

  template <class Forms>
  void fill_form(JsonNode& node, const Forms& forms, const std::string& word) {
    const auto use = [&](const auto& one) {
      if (one.key != word) return;
      if (one.style == FormStyle::word) node.add("do", JsonNode::of(word));
      if (one.style != FormStyle::nested) return fill(node, one.fields);
      JsonNode inner = JsonNode::object();
      using A = typename std::decay_t<decltype(one)>::Alternative;
      if constexpr (Listed<A>)
        inner = element<A>();
      else
        fill(inner, one.fields);
      node.add(word, std::move(inner));
    };
    std::apply([&](const auto&... one) { (use(one), ...); }, forms);
  }

  template <class Fields>
  void fill(JsonNode& node, const Fields& fields) {
    const auto use = [&](const auto& one) {
      if (one.note.required) node.add(std::string(one.note.name), value(one));
    };
    std::apply([&](const auto&... one) { (use(one), ...); }, fields);
  }
  template <class S, class M>
  JsonNode value(const Field<S, M>& one) {
    return value(static_cast<const M*>(nullptr), one.note);
  }

  JsonNode value(const std::string*, const FieldNote& note) {
    switch (note.meaning) {
      case Meaning::host:
      case Meaning::server:
      case Meaning::broker:
        return JsonNode::of(next_host(note.meaning == Meaning::host));
      case Meaning::producer:
        return JsonNode::of(producers_.empty() ? "p1" : producers_.front());
      case Meaning::topic:
        return JsonNode::of(next(topics_, topics_used_, "topic"));
      case Meaning::new_topic:
        return JsonNode::of(free_name("/cluster/topics", "name", "topic"));
      case Meaning::partition:
        return JsonNode::of(next(topics_, topics_used_, "topic") + "-0");
      case Meaning::error:
        return JsonNode::of("NOT_LEADER_OR_FOLLOWER");
      default:
        return JsonNode::of("group1");
    }
  }
  JsonNode value(const Duration*, const FieldNote&) { return JsonNode::of("100ms"); }
  template <class Integer>
  requires std::is_integral_v<Integer> JsonNode value(const Integer*, const FieldNote& note) {
    // Bytes a second have no upper limit, and a link that carries two of them would stand still.
    const bool bounded = note.max != std::numeric_limits<std::int64_t>::max();
    return JsonNode::integer(bounded ? std::clamp<std::int64_t>(2, note.min, note.max) : 1'000'000);
  }
  JsonNode value(const Settings*, const FieldNote&) {
    return JsonNode::object({{"min.insync.replicas", JsonNode::integer(1)}});
  }
  JsonNode value(const TopicSpec*, const FieldNote&) { return element<TopicSpec>(); }
  template <class T>
  JsonNode value(const std::vector<T>*, const FieldNote& note) {
    FieldNote inner = note;
    inner.min = 1;
    JsonNode list = JsonNode::list();
    for (std::int64_t i = 0; i < std::max<std::int64_t>(1, note.min); ++i)
      list.items.push_back(value(static_cast<const T*>(nullptr), inner));
    return list;
  }

  /// Types of which nothing is ever needed.
  static JsonNode value(const void*, const FieldNote&) { return {}; }

  std::string next_host(bool any) {
    const std::string wanted = std::exchange(preferred_, {});
    const std::vector<std::string>& fitting = any ? hosts_ : brokers_;
    if (std::find(fitting.begin(), fitting.end(), wanted) != fitting.end()) return first_host_ = wanted;
    std::string host = next(hosts_, hosts_used_, "b1");
    if (host == first_host_ && hosts_.size() > 1) host = next(hosts_, hosts_used_, "b1");
    return host;
  }

  static std::string next(const std::vector<std::string>& names, std::size_t& used, const std::string& none) {
    return names.empty() ? none : names[used++ % names.size()];
  }

  std::vector<std::string> names(const std::string& list, const std::string& key, const std::string& stem) const {
    std::vector<std::string> out;
    const JsonNode* there = draft_.at(list);
    for (std::size_t i = 0; there != nullptr && i < there->items.size(); ++i) {
      const JsonNode* name = there->items[i].find(key);
      out.push_back(name != nullptr && name->is_text() ? name->text : stem + std::to_string(i + 1));
    }
    return out;
  }
  std::string free_name(const std::string& list, const std::string& key, const std::string& stem) const {
    const std::vector<std::string> taken = names(list, key, stem);
    std::string name;
    for (std::size_t n = taken.size() + 1; name.empty() || std::count(taken.begin(), taken.end(), name) > 0; ++n)
      name = stem + std::to_string(n);
    return name;
  }

  const ScenarioDraft& draft_;
  std::vector<std::string> hosts_, brokers_, producers_, topics_;
  std::string preferred_, first_host_;
  std::size_t hosts_used_ = 0, topics_used_ = 0;
};

/// Where an element of the plan says what its kind does: in an object under the kind's name, or beside the kind.
JsonNode& arguments_of(JsonNode& element) {
  for (auto& [key, value] : element.members) {
    if (value.is_object() && key != "on") return value;
  }
  return element;
}

/// The host that a fault strikes which names one with its kind: {"crash": "b1"}; empty for others.
std::string host_of(const JsonNode& fault) {
  std::string host;
  const auto look = [&](const auto& one) {
    const JsonNode* value = one.style == FormStyle::flat ? fault.find(one.key) : nullptr;
    if (value != nullptr && value->is_text()) host = value->text;
  };
  std::apply([&](const auto&... one) { (look(one), ...); }, action_forms);
  return host;
}

JsonNode element_of(Template& fresh, const std::string& list, const std::string& word) {
  if (list == "/faults") return fresh.fault(word);
  if (list == "/producers") return fresh.producer();
  if (list.find("/workload") != std::string::npos) return fresh.step(word);
  if (list == "/cluster/topics") return fresh.element<TopicSpec>();
  if (list == "/cluster/initial") return fresh.element<InitialPartition>();
  if (list == "/network/links") return fresh.element<LinkSpec>();
  if (list == "/consumers") return fresh.element<ConsumerSpec>();
  return fresh.element<InitialProducerState>();
}

/// A message that another kind can strike as well. Refusing needs a connection, and some need one direction.
bool fits(const JsonNode& message, const JsonNode& wanted, const std::string& word) {
  if (word == "refuse" || !message.is_object() || wanted.members.empty()) return false;
  const JsonNode* request = message.find("request");
  if (request != nullptr && request->text == "CONNECT") return false;
  return wanted.find("request") == nullptr || request != nullptr;
}

}  // namespace

JsonNode as_another_kind(const ScenarioDraft& draft, const std::string& pointer, const std::string& word) {
  JsonNode old = *draft.at(pointer);
  Template maker(draft);
  maker.prefer(host_of(old));
  JsonNode fresh = element_of(maker, pointer.substr(0, pointer.rfind('/')), word);
  const JsonNode& said = arguments_of(old);
  for (auto& [key, value] : arguments_of(fresh).members) {
    const JsonNode* same = said.find(key);
    if (same != nullptr && key != "do" && key != "on" && same->kind == value.kind) value = *same;
  }
  const auto keep = [&](const std::string& key) {
    const JsonNode* kept = old.find(key);
    if (kept == nullptr) return;
    if (JsonNode* there = fresh.find(key))
      *there = *kept;
    else
      fresh.add(key, *kept);
  };
  const JsonNode* message = fresh.find("on");
  if (message == nullptr) {
    // What does not strike a message may wait for one all the same.
    if (old.find("on") != nullptr) std::erase_if(fresh.members, [](const auto& one) { return one.first == "at"; });
    keep("on");
  } else if (old.find("on") != nullptr && fits(*old.find("on"), *message, word)) {
    keep("on");
  }
  for (const char* key : {"id", "must_hit"}) keep(key);
  if (message == nullptr) keep("at");
  return fresh;
}

JsonNode new_element(const ScenarioDraft& draft, const std::string& list, const std::string& word) {
  Template fresh(draft);
  return element_of(fresh, list, word);
}

}  // namespace linger::gui
