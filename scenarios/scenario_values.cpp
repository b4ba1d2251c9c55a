#include <algorithm>
#include <map>
#include <set>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/nearest_word.h"
#include "producer/producer_behaviour.h"
#include "producer/producer_config.h"
#include "scenarios/application_behaviour.h"
#include "scenarios/scenario_checks.h"

namespace linger::scenarios {
namespace {

std::string quoted(const std::string& text) {
  return JsonNode::of(text).shown();
}

std::string did_you_mean(const std::string& written, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(written, known);
  return nearest.empty() ? std::string() : "; did you mean " + nearest + "?";
}

std::string plural(std::int64_t count, const std::string& thing) {
  return (count == 1 ? "there is 1 " : "there are " + std::to_string(count) + " ") + thing + (count == 1 ? "" : "s");
}

class ValueChecks {
 public:
  ValueChecks(const Scenario& plan, const CheckOptions& options, std::vector<Mistake>& mistakes,
              std::vector<Mistake>& warnings)
      : plan_(plan), options_(options), mistakes_(mistakes), warnings_(warnings) {
    for (const TopicSpec& topic : plan.cluster.topics) grow(topic.name, topic.partitions);
    for (const Fault& fault : plan.faults) {
      if (const auto* create = std::get_if<CreateTopic>(&fault.action))
        grow(create->topic.name, create->topic.partitions);
    }
    for (const Fault& fault : plan.faults) {
      const auto* add = std::get_if<AddPartitions>(&fault.action);
      if (add != nullptr && partitions_.contains(add->topic)) grow(add->topic, add->partitions);
    }
  }

  void all() {
    check_cluster();
    for (std::size_t i = 0; i < plan_.producers.size(); ++i)
      check_producer("/producers/" + std::to_string(i), plan_.producers[i]);
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) check_fault("/faults/" + std::to_string(i), plan_.faults[i]);
    check_limits();
  }

 private:
  void grow(const std::string& topic, std::int32_t partitions) {
    partitions_[topic] = std::max(partitions_[topic], partitions);
  }
  void mistake(const std::string& pointer, std::string message) { mistakes_.push_back({pointer, std::move(message)}); }

  // ---- Cluster

  void check_cluster() {
    check_broker_settings("/cluster/config", plan_.cluster.config);
    for (const auto& [name, value] : plan_.cluster.behaviour)
      check_cluster_behaviour("/cluster/behaviour", name, value);
    std::set<std::string> names;
    for (std::size_t i = 0; i < plan_.cluster.topics.size(); ++i) {
      const TopicSpec& topic = plan_.cluster.topics[i];
      const std::string pointer = "/cluster/topics/" + std::to_string(i);
      check_topic(pointer, topic);
      if (!topic.name.empty() && !names.insert(topic.name).second)
        mistake(pointer + "/name", quoted(topic.name) + " is already declared");
    }
    for (std::size_t i = 0; i < plan_.cluster.initial.size(); ++i)
      check_initial("/cluster/initial/" + std::to_string(i), plan_.cluster.initial[i]);
  }

  void check_topic(const std::string& pointer, const TopicSpec& topic) {
    const std::int32_t brokers = plan_.cluster.brokers;
    if (topic.replication_factor > brokers && topic.replicas.empty()) {
      mistake(pointer + "/replication.factor",
              std::to_string(topic.replication_factor) + ", but " + plural(brokers, "broker"));
    }
    check_topic_settings(pointer + "/config", topic.config);
    if (topic.replicas.empty()) return;
    if (topic.replicas.size() != static_cast<std::size_t>(topic.partitions)) {
      mistake(pointer + "/replicas", "has " + std::to_string(topic.replicas.size()) + " elements, but " +
                                         plural(topic.partitions, "partition"));
    }
    for (std::size_t i = 0; i < topic.replicas.size(); ++i) {
      check_brokers(pointer + "/replicas/" + std::to_string(i), topic.replicas[i]);
      if (topic.replicas[i].size() != static_cast<std::size_t>(topic.replication_factor)) {
        mistake(pointer + "/replicas/" + std::to_string(i),
                "has " + std::to_string(topic.replicas[i].size()) +
                    (topic.replicas[i].size() == 1 ? " broker" : " brokers") + ", but replication.factor is " +
                    std::to_string(topic.replication_factor));
      }
    }
  }

  void check_brokers(const std::string& pointer, const std::vector<std::int32_t>& numbers) {
    std::set<std::int32_t> seen;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::string place = pointer + "/" + std::to_string(i);
      if (numbers[i] > plan_.cluster.brokers)
        mistake(place, "no broker " + std::to_string(numbers[i]) + "; " + plural(plan_.cluster.brokers, "broker"));
      if (!seen.insert(numbers[i]).second) mistake(place, "broker " + std::to_string(numbers[i]) + " stands twice");
    }
  }

  /// The replicas of a partition: as written, or b((i mod n)+1) and the following.
  std::vector<std::int32_t> replicas_of(const TopicSpec& topic, std::int32_t partition) const {
    const auto index = static_cast<std::size_t>(partition);
    if (index < topic.replicas.size()) return topic.replicas[index];
    std::vector<std::int32_t> replicas;
    for (std::int32_t k = 0; k < topic.replication_factor; ++k)
      replicas.push_back((partition + k) % plan_.cluster.brokers + 1);
    return replicas;
  }

  void check_initial(const std::string& pointer, const InitialPartition& initial) {
    const auto topic = std::find_if(plan_.cluster.topics.begin(), plan_.cluster.topics.end(),
                                    [&](const TopicSpec& one) { return one.name == initial.topic; });
    if (topic == plan_.cluster.topics.end()) return;
    if (topic->created)
      mistake(pointer + "/topic", quoted(initial.topic) + " does not exist at the beginning: it is created at " +
                                      time_text(*topic->created));
    if (plan_.cluster.cold_start) mistake(pointer, "a cluster with a cold start has no state before it");
    if (initial.partition >= topic->partitions) {
      mistake(pointer + "/partition", std::to_string(initial.partition) + "; " + initial.topic + " has " +
                                          std::to_string(topic->partitions) +
                                          (topic->partitions == 1 ? " partition" : " partitions") + ", counted from 0");
      return;
    }
    if (!initial.isr) return;
    check_brokers(pointer + "/isr", *initial.isr);
    const auto replicas = replicas_of(*topic, initial.partition);
    for (std::size_t i = 0; i < initial.isr->size(); ++i) {
      const std::int32_t broker = (*initial.isr)[i];
      const bool replica = std::find(replicas.begin(), replicas.end(), broker) != replicas.end();
      if (!replica && broker <= plan_.cluster.brokers) {
        mistake(pointer + "/isr/" + std::to_string(i),
                "b" + std::to_string(broker) + " holds no replica of this partition");
      }
    }
  }

  // ---- Settings

  void check_broker_settings(const std::string& pointer, const Settings& settings) {
    check_settings(pointer, settings, broker::broker_config_keys(),
                   [](const std::string& key, const std::string& value) {
                     broker::BrokerConfig scratch;
                     return broker::set_broker_config(scratch, key, value);
                   });
  }
  void check_topic_settings(const std::string& pointer, const Settings& settings) {
    check_settings(pointer, settings, broker::topic_config_keys(),
                   [](const std::string& key, const std::string& value) {
                     broker::TopicConfig scratch;
                     return broker::set_topic_config(scratch, key, value);
                   });
  }
  template <class Set>
  void check_settings(const std::string& pointer, const Settings& settings, std::span<const broker::ConfigKey> keys,
                      Set set) {
    for (const auto& [key, value] : settings) check_setting(pointer + "/" + pointer_token(key), key, value, keys, set);
  }
  template <class Set>
  void check_setting(const std::string& place, const std::string& key, const std::string& value,
                     std::span<const broker::ConfigKey> keys, Set set) {
    std::vector<std::string> words;
    for (const broker::ConfigKey& one : keys) words.emplace_back(one.key);
    if (std::find(words.begin(), words.end(), key) == words.end()) {
      mistake(place, "no such setting" + did_you_mean(key, words));
    } else if (auto sentence = set(key, value)) {
      mistake(place, std::move(*sentence));
    }
  }

  void check_cluster_behaviour(const std::string& pointer, const std::string& name, const std::string& value) {
    const auto fields = broker::behaviour_fields();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&name](const broker::BehaviourField& one) { return one.name == name; });
    std::vector<std::string> words;
    for (const broker::BehaviourField& one : fields) words.emplace_back(one.name);
    broker::BrokerBehaviour scratch;
    const std::string place = pointer + "/" + pointer_token(name);
    if (field == fields.end()) {
      const std::string nearest = did_you_mean(name, words);
      mistake(place, "no such behaviour" + (nearest.empty() ? "; known are " + join(words, ", ") : nearest));
    } else if (broker::set_behaviour(scratch, name, value)) {
      mistake(place, quoted(value) + "; expected one of " + with_commas(field->values));
    }
  }
  static std::string with_commas(std::string_view values) {
    std::string out;
    for (const char c : values) out += c == '|' ? std::string(", ") : std::string(1, c);
    return out;
  }

  void check_application_behaviour(const std::string& pointer, const std::string& name, const std::string& value) {
    const auto fields = application_behaviours();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const ApplicationBehaviourField& one) { return one.name == name; });
    std::vector<std::string> words;
    for (const ApplicationBehaviourField& one : fields) words.emplace_back(one.name);
    const std::string place = pointer + "/" + pointer_token(name);
    if (field == fields.end()) {
      const std::string nearest = did_you_mean(name, words);
      mistake(place, "no such behaviour" + (nearest.empty() ? "; known are " + join(words, ", ") : nearest));
    } else if (value != field->wrong && value != field->right) {
      mistake(place,
              quoted(value) + "; expected one of " + std::string(field->wrong) + ", " + std::string(field->right));
    }
  }

  void check_producer_behaviour(const std::string& pointer, const std::string& name, const std::string& value) {
    if (name.starts_with("application.")) {
      check_application_behaviour(pointer, name, value);
      return;
    }
    const auto fields = producer_behaviours();
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const ProducerBehaviourField& one) { return one.name == name; });
    std::vector<std::string> words;
    for (const ProducerBehaviourField& one : fields) words.emplace_back(one.name);
    const std::string place = pointer + "/" + pointer_token(name);
    if (field == fields.end()) {
      const std::string nearest = did_you_mean(name, words);
      mistake(place, "no such behaviour" + (nearest.empty() ? "; known are " + join(words, ", ") : nearest));
    } else if (value != field->historical && value != field->corrected) {
      mistake(place, quoted(value) + "; expected one of " + std::string(field->historical) + ", " +
                         std::string(field->corrected));
    }
  }

  // ---- Producers

  void check_producer(const std::string& pointer, const ProducerSpec& producer) {
    for (const auto& [name, value] : producer.behaviour) check_producer_behaviour(pointer + "/behaviour", name, value);
    ProducerConfigOptions config_options;
    config_options.default_client_id = producer.name;
    config_options.strict = options_.strict;
    const auto config = read_producer_config(producer.config, config_options);
    for (const ConfigNote& note : config.errors) mistake(pointer + "/config/" + pointer_token(note.key), note.message);
    for (const ConfigNote& note : config.warnings) {
      // In a plan an unknown key is a mistake: nobody else reads it. In a properties file it may be meant for others.
      if (note.kind == ConfigNoteKind::unknown_key) {
        mistake(pointer + "/config/" + pointer_token(note.key), note.message);
      } else {
        warn(pointer, note);
      }
    }
    check_bootstrap_servers(pointer, producer, config.config);
    for (std::size_t t = 0; t < producer.threads.size(); ++t) {
      const auto& steps = producer.threads[t].steps;
      for (std::size_t s = 0; s < steps.size(); ++s) {
        const std::string where = pointer_to_step(pointer, producer, t, s);
        if (const auto* send = std::get_if<SendStep>(&steps[s].what)) check_send(where + "/send", *send);
        if (const auto* transfer = std::get_if<TransferStep>(&steps[s].what)) {
          check_transfer(where + "/transfer", *transfer);
          if (producer.threads.size() > 1)
            mistake(where, "a transfer uses its producer alone; expected one application thread, there are " +
                               std::to_string(producer.threads.size()));
        }
        const bool about_transactions =
            std::holds_alternative<BeginStep>(steps[s].what) || std::holds_alternative<CommitStep>(steps[s].what) ||
            std::holds_alternative<AbortStep>(steps[s].what) || std::holds_alternative<SendOffsetsStep>(steps[s].what);
        if (about_transactions && config.config.transactional_id.empty())
          mistake(where, "a step about transactions; expected transactional.id in the producer's config");
      }
    }
  }

  static std::string pointer_to_step(const std::string& pointer, const ProducerSpec& producer, std::size_t thread,
                                     std::size_t step) {
    const std::string in_thread = producer.threads.size() == 1 ? std::string() : "/" + std::to_string(thread);
    return pointer + "/workload" + in_thread + "/" + std::to_string(step);
  }

  /// One warning a setting: what came from the command line is the same for every producer and has no place in the
  /// file.
  void warn(const std::string& pointer, const ConfigNote& note) {
    const bool from_outside = options_.overriding.contains(note.key);
    Mistake warning{pointer + "/config/" + pointer_token(note.key), note.message};
    if (from_outside) warning = {"", note.key + "  " + note.message};
    if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
      warnings_.push_back(std::move(warning));
  }

  void check_bootstrap_servers(const std::string& pointer, const ProducerSpec& producer, const ProducerConfig& config) {
    for (const HostAndPort& server : config.bootstrap_servers) {
      const bool simulated = server.host.size() > 1 && server.host[0] == 'b' &&
                             server.host.find_first_not_of("0123456789", 1) == std::string::npos &&
                             server.host.size() < 4 && std::stoi(server.host.substr(1)) <= plan_.cluster.brokers;
      if (simulated) continue;
      warn(pointer, {ConfigNoteKind::no_effect,
                     "bootstrap.servers",
                     producer.config.at("bootstrap.servers"),
                     server.host + " is not in the simulated cluster, whose brokers stand in",
                     {}});
      return;
    }
  }

  void check_send(const std::string& pointer, const SendStep& send) {
    if (!send.partition) return;
    const auto found = partitions_.find(send.topic);
    if (found == partitions_.end()) return;
    const std::int32_t partitions = found->second;
    if (*send.partition >= partitions) {
      mistake(pointer + "/partition", std::to_string(*send.partition) + "; " + send.topic + " has " +
                                          std::to_string(partitions) +
                                          (partitions == 1 ? " partition" : " partitions") + ", counted from 0");
    }
  }

  void check_transfer(const std::string& pointer, const TransferStep& transfer) {
    // What could not be read at all has been told.
    const bool told = std::any_of(mistakes_.begin(), mistakes_.end(),
                                  [&](const Mistake& one) { return one.pointer.starts_with(pointer); });
    if (told) return;
    if (transfer.group.empty()) mistake(pointer + "/group", "empty; expected the name of a consumer group");
    const auto found = partitions_.find(transfer.from);
    std::set<std::int64_t> seen;
    for (std::size_t i = 0; i < transfer.partitions.size(); ++i) {
      const std::int64_t number = transfer.partitions[i];
      const std::string place = pointer + "/partitions/" + std::to_string(i);
      if (!seen.insert(number).second) mistake(place, std::to_string(number) + " stands twice");
      if (found == partitions_.end() || number < found->second) continue;
      mistake(place, std::to_string(number) + "; " + transfer.from + " has " + std::to_string(found->second) +
                         (found->second == 1 ? " partition" : " partitions") + ", counted from 0");
    }
    if (reaches(transfer.to, transfer.from)) {
      mistake(pointer + "/to", transfer.to == transfer.from
                                   ? "the topic that it reads; expected another one, or it would never end"
                                   : "what is written there is transferred back to " + transfer.from +
                                         "; the transfers would never end");
    }
  }
  /// Whether transfers lead from this topic to that one.
  bool reaches(const std::string& from, const std::string& to) const {
    std::vector<std::string> reached{from};
    for (std::size_t i = 0; i < reached.size(); ++i) {
      if (reached[i] == to) return true;
      for (const ProducerSpec& producer : plan_.producers) {
        for (const ApplicationThread& thread : producer.threads) {
          for (const WorkloadStep& step : thread.steps) {
            const auto* transfer = std::get_if<TransferStep>(&step.what);
            if (transfer == nullptr || transfer->from != reached[i]) continue;
            if (std::find(reached.begin(), reached.end(), transfer->to) == reached.end())
              reached.push_back(transfer->to);
          }
        }
      }
    }
    return false;
  }

  // ---- Faults

  void check_fault(const std::string& pointer, const Fault& fault) {
    std::visit([&](const auto& action) { check_action(pointer, action); }, fault.action);
    if (fault.lasts && *fault.lasts == Duration{})
      mistake(pointer + "/for", "0; expected a time that is longer than nothing");
  }
  template <class A>
  void check_action(const std::string&, const A&) {}
  void check_action(const std::string& pointer, const CreateTopic& action) {
    check_topic(pointer + "/create_topic", action.topic);
    if (action.topic.created) mistake(pointer + "/create_topic/created", "the fault's own time says when");
  }
  void check_action(const std::string& pointer, const ChangeConfig& action) {
    if (action.topic && action.host)
      mistake(pointer + "/change_config", "names a topic and a broker; expected one of them");
    if (action.topic) {
      check_topic_settings(pointer + "/change_config/config", action.config);
    } else {
      check_broker_settings(pointer + "/change_config/config", action.config);
    }
  }
  void check_action(const std::string& pointer, const Reassign& action) {
    std::set<std::string> seen;
    // What could not be read is empty and has its own mistake.
    const bool twice = std::any_of(action.replicas.begin(), action.replicas.end(),
                                   [&](const std::string& broker) { return !broker.empty() && !seen.insert(broker).second; });
    if (twice) mistake(pointer + "/reassign/replicas", "a broker stands twice");
  }
  void check_action(const std::string& pointer, const SlowLink& action) {
    check_ends(pointer + "/slow_link", action.hosts);
  }
  void check_action(const std::string& pointer, const LossyLink& action) {
    check_ends(pointer + "/lossy_link", action.hosts);
  }
  void check_action(const std::string& pointer, const LimitBandwidth& action) {
    check_ends(pointer + "/bandwidth", action.hosts);
  }
  void check_action(const std::string& pointer, const CloseConnections& action) {
    check_ends(pointer + "/close_connections", action.hosts);
  }
  void check_ends(const std::string& pointer, const std::vector<std::string>& hosts) {
    if (hosts.size() == 2 && hosts[0] == hosts[1])
      mistake(pointer, "both ends are " + hosts[0] + "; expected two hosts");
  }
  void check_action(const std::string& pointer, const Cut& action) {
    std::set<std::string> seen;
    for (std::size_t g = 0; g < action.groups.size(); ++g) {
      for (std::size_t i = 0; i < action.groups[g].size(); ++i) {
        const std::string& host = action.groups[g][i];
        if (!host.empty() && !seen.insert(host).second) {
          mistake(pointer + "/cut/" + std::to_string(g) + "/" + std::to_string(i),
                  quoted(host) + " stands twice; a host is in one group at most");
        }
      }
    }
  }

  // ---- Limits

  void check_limits() {
    std::int64_t partitions = 0;
    std::int64_t records = 0;
    for (const TopicSpec& topic : plan_.cluster.topics) partitions += topic.partitions;
    for (const InitialPartition& initial : plan_.cluster.initial) records += initial.records;
    for (const ProducerSpec& producer : plan_.producers) {
      for (const ApplicationThread& thread : producer.threads) {
        for (const WorkloadStep& step : thread.steps) {
          if (const auto* send = std::get_if<SendStep>(&step.what)) records += send->count;
        }
      }
    }
    for (const Fault& fault : plan_.faults) {
      if (const auto* create = std::get_if<CreateTopic>(&fault.action)) partitions += create->topic.partitions;
    }
    check_limit("/cluster/topics", partitions, ScenarioLimits::partitions, "partitions");
    check_limit("/producers", records, ScenarioLimits::records, "records");
    check_limit("/faults", static_cast<std::int64_t>(plan_.faults.size()), ScenarioLimits::faults, "faults");
  }
  void check_limit(const std::string& pointer, std::int64_t there, std::int64_t limit, const std::string& things) {
    if (there > limit)
      mistake(pointer,
              std::to_string(there) + " " + things + " in all; the limit is " + std::to_string(limit) + " " + things);
  }

  std::map<std::string, std::int32_t> partitions_;  // of each topic, as many as it ever has
  const Scenario& plan_;
  const CheckOptions& options_;
  std::vector<Mistake>& mistakes_;
  std::vector<Mistake>& warnings_;
};

}  // namespace

void check_values(const Scenario& scenario, const CheckOptions& options, std::vector<Mistake>& mistakes,
                  std::vector<Mistake>& warnings) {
  ValueChecks(scenario, options, mistakes, warnings).all();
}

}  // namespace linger::scenarios
