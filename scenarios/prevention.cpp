#include "scenarios/prevention.h"

#include <algorithm>
#include <optional>

#include "broker_model/broker_behaviour.h"
#include "producer/producer_behaviour.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"

namespace linger::scenarios {
namespace {

/// Collects changes of one value each, in every producer or topic that has another value.
class ChangeList {
 public:
  explicit ChangeList(const Setup& setup) : setup_(setup) {}

  /// One setting of every producer. `more`: settings that Java wants with it.
  void producer(std::initializer_list<std::pair<const char*, std::string>> settings) {
    Change change;
    for (std::size_t p = 0; p < setup_.producers.size(); ++p) {
      for (const auto& [key, value] : settings)
        change.set.emplace_back("/producers/" + std::to_string(p) + "/config/" + key, value);
    }
    add(std::move(change));
  }
  void topic(const char* pointer, const std::string& value) {
    Change change;
    for (std::size_t t = 0; t < setup_.scenario.cluster.topics.size(); ++t)
      change.set.emplace_back("/cluster/topics/" + std::to_string(t) + pointer, value);
    add(std::move(change));
  }
  void one(std::string pointer, std::string value) { add(Change{{{std::move(pointer), std::move(value)}}, {}}); }
  void without_fault(const std::string& id) { add(Change{{}, id}); }

  std::vector<Change> take() { return std::move(changes_); }

 private:
  void add(Change change) {
    if (!change.set.empty() || !change.without_fault.empty()) changes_.push_back(std::move(change));
  }
  const Setup& setup_;
  std::vector<Change> changes_;
};

/// Whether `more` changes every value that `less` changes, to whatever.
bool changes_all_of(const Change& more, const Change& less) {
  return std::all_of(less.set.begin(), less.set.end(), [&](const auto& one) {
    return std::any_of(more.set.begin(), more.set.end(), [&](const auto& other) { return other.first == one.first; });
  });
}

void add_settings_against(ChangeList& list, Question question, const ProducerConfig& config) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  const bool idempotent = config.enable_idempotence;
  const auto durable = [&] {
    if (config.acks != -1) list.producer({{"acks", "all"}});
    list.topic("/config/unclean.leader.election.enable", "false");
    list.topic("/config/min.insync.replicas", "2");
    if (config.acks != -1) list.producer({{"acks", "all"}, {"enable.idempotence", "true"}});
    list.topic("/config/min.insync.replicas", "3");
    list.topic("/replication.factor", "3");
    list.topic("/config/flush.messages", "1");
  };
  const auto recognisable = [&] {
    if (idempotent) return;
    // Unless it is switched off by name, idempotence needs no more than acks=all.
    if (config.acks != -1) list.producer({{"acks", "all"}});
    list.producer({{"enable.idempotence", "true"}});
    if (config.acks != -1) list.producer({{"enable.idempotence", "true"}, {"acks", "all"}});
  };
  const auto patient = [&] {
    list.producer(
        {{"delivery.timeout.ms", text(std::max<std::int64_t>(120'000, std::int64_t{config.delivery_timeout_ms} * 4))}});
    if (config.retries == 0) list.producer({{"retries", "2147483647"}});
    list.producer(
        {{"request.timeout.ms", text(std::max<std::int64_t>(30'000, std::int64_t{config.request_timeout_ms} * 4))}});
    if (config.max_in_flight_requests_per_connection != 1)
      list.producer({{"max.in.flight.requests.per.connection", "1"}});
    list.topic("/config/min.insync.replicas", "1");
  };
  switch (question) {
    case Question::lost:
    case Question::unavailable:
      durable();
      break;
    case Question::duplicated:
      recognisable();
      if (config.max_in_flight_requests_per_connection != 1)
        list.producer({{"max.in.flight.requests.per.connection", "1"}});
      list.producer({{"request.timeout.ms", text(std::int64_t{config.request_timeout_ms} * 4)}});
      break;
    case Question::reordered:
      recognisable();
      if (config.max_in_flight_requests_per_connection != 1)
        list.producer({{"max.in.flight.requests.per.connection", "1"}});
      break;
    case Question::failed_present:
      if (config.acks != -1) list.producer({{"acks", "all"}});
      patient();
      break;
    case Question::failed:
    case Question::stuck:
      patient();
      break;
    case Question::refused:
      list.producer({{"max.block.ms", text(std::max<std::int64_t>(60'000, config.max_block_ms * 4))}});
      list.producer({{"buffer.memory", text(std::max<std::int64_t>(33'554'432, config.buffer_memory * 4))}});
      list.producer(
          {{"max.request.size", text(std::max<std::int64_t>(1'048'576, std::int64_t{config.max_request_size} * 4))}});
      break;
    case Question::late:
      list.producer({{"linger.ms", "0"}});
      list.producer({{"request.timeout.ms", text(std::max<std::int64_t>(1'000, config.request_timeout_ms / 10))}});
      list.producer({{"acks", "1"}, {"enable.idempotence", "false"}});
      list.topic("/config/min.insync.replicas", "1");
      list.producer({{"retry.backoff.ms", "100"}, {"retry.backoff.max.ms", "1000"}});
      break;
    case Question::aborted:
      list.producer({{"transaction.timeout.ms",
                      text(std::max<std::int64_t>(60'000, std::int64_t{config.transaction_timeout_ms} * 4))}});
      patient();
      break;
    case Question::deleted:
      list.topic("/config/retention.ms", "-1");
      list.topic("/config/retention.bytes", "-1");
      break;
    case Question::sent_again:
    case Question::untold:
    case Question::nothing:
      break;
  }
}

}  // namespace

Scenario changed(const Scenario& plan, const Change& change) {
  Scenario with = plan;
  std::erase_if(with.faults,
                [&](const Fault& fault) { return !change.without_fault.empty() && fault.id == change.without_fault; });
  with.expect = Expectation{};
  if (change.set.empty()) return with;
  Overrides overrides;
  overrides.set = change.set;
  ReadResult read = read_scenario(write_scenario(with), overrides);
  return read.ok() ? std::move(*read.scenario) : plan;
}

std::vector<Change> settings_against(const Setup& setup, Question question, std::uint32_t producer) {
  ChangeList list(setup);
  add_settings_against(list, question, setup.producers[producer].config);
  return list.take();
}

std::vector<Change> candidates(const Run& run, Question question, std::uint32_t producer) {
  ChangeList list(*run.setup);
  const Scenario& plan = run.setup->scenario;
  // A rule that was made wrong on purpose, or that Kafka is known to get wrong, comes before every setting.
  for (std::size_t p = 0; p < plan.producers.size(); ++p) {
    for (const auto& [name, value] : plan.producers[p].behaviour) {
      for (const ProducerBehaviourField& field : producer_behaviours()) {
        if (field.name == name && value != field.corrected)
          list.one("/producers/" + std::to_string(p) + "/behaviour/" + name, std::string(field.corrected));
      }
    }
  }
  for (const auto& [name, value] : plan.cluster.behaviour) {
    for (const broker::BehaviourField& field : broker::behaviour_fields()) {
      if (field.name == name && value != field.corrected)
        list.one("/cluster/behaviour/" + name, std::string(field.corrected));
    }
  }
  std::vector<std::string> defects;
  for (const KnownDefect& defect : run.result.known_defects) {
    if (std::find(defects.begin(), defects.end(), defect.behaviour) != defects.end()) continue;
    defects.push_back(defect.behaviour);
    for (const ProducerBehaviourField& field : producer_behaviours()) {
      if (field.name != defect.behaviour) continue;
      for (std::size_t p = 0; p < plan.producers.size(); ++p)
        list.one("/producers/" + std::to_string(p) + "/behaviour/" + defect.behaviour, std::string(field.corrected));
    }
    for (const broker::BehaviourField& field : broker::behaviour_fields()) {
      if (field.name == defect.behaviour)
        list.one("/cluster/behaviour/" + defect.behaviour, std::string(field.corrected));
    }
  }
  add_settings_against(list, question, run.setup->producers[producer].config);
  for (std::size_t f = 0; f < plan.faults.size(); ++f) {
    if (run.result.faults[f].hits > 0) list.without_fault(plan.faults[f].id);
  }
  return list.take();
}

PreventionSearch::PreventionSearch(const Run& run, Question question, std::uint32_t producer)
    : run_(run), question_(question), producer_(producer) {}

const PreventionSearch::Outcome& PreventionSearch::outcome_of(const Change& change) {
  std::string name = change.without_fault;
  for (const auto& [pointer, value] : change.set) name += "\n" + pointer + "=" + value;
  for (const auto& [known, outcome] : done_) {
    if (known == name) return outcome;
  }
  Outcome outcome;
  const Scenario& plan = run_.setup->scenario;
  Scenario candidate = changed(plan, change);
  Scenario plain = plan;
  plain.expect = Expectation{};
  outcome.valid = candidate != plan && candidate != plain && check_scenario(candidate).empty() && runs_ < most_runs;
  if (outcome.valid) {
    ++runs_;
    RunOptions options;
    options.counterfactuals = false;
    const Run other = run_scenario(std::move(candidate), options);
    Prevention& prevention = outcome.prevention;
    prevention.change = change;
    prevention.before = concerned(run_, question_);
    prevention.counts_before = run_.result.counts;
    prevention.counts_after = other.result.counts;
    for (std::size_t f = 0; f < plan.faults.size(); ++f) {
      const auto same = std::find_if(other.result.faults.begin(), other.result.faults.end(),
                                     [&](const FaultResult& fault) { return fault.id == plan.faults[f].id; });
      if (same != other.result.faults.end() && same->hits == 0 && run_.result.faults[f].hits > 0)
        prevention.faults_missed = true;
    }
    outcome.prevents = concerned(other, question_) == 0;
  }
  done_.emplace_back(std::move(name), std::move(outcome));
  return done_.back().second;
}

std::vector<Prevention> PreventionSearch::search(std::size_t most, bool (*interrupted)()) {
  std::vector<Prevention> settings;
  std::vector<Prevention> faults;
  for (const Change& change : candidates(run_, question_, producer_)) {
    if (interrupted != nullptr && interrupted()) break;
    // What does it with more settings, or with more of the same, says nothing new.
    const bool known = std::any_of(settings.begin(), settings.end(),
                                   [&](const Prevention& one) { return changes_all_of(change, one.change); });
    if (known) continue;
    const bool leaves_fault_out = !change.without_fault.empty();
    if ((leaves_fault_out ? settings.size() + faults.size() : settings.size()) >= most) continue;
    const Outcome& outcome = outcome_of(change);
    if (outcome.prevents) (leaves_fault_out ? faults : settings).push_back(outcome.prevention);
  }
  settings.insert(settings.end(), faults.begin(), faults.end());
  return settings;
}

std::vector<std::size_t> PreventionSearch::decisive_faults(bool (*interrupted)()) {
  std::vector<std::size_t> decisive;
  std::size_t tried = 0;
  const auto& faults = run_.setup->scenario.faults;
  for (std::size_t f = 0; f < faults.size() && tried < most_faults; ++f) {
    if (run_.result.faults[f].hits == 0) continue;
    if (interrupted != nullptr && interrupted()) break;
    ++tried;
    if (outcome_of(Change{{}, faults[f].id}).prevents) decisive.push_back(f);
  }
  return decisive;
}

}  // namespace linger::scenarios
