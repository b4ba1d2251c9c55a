#include "scenarios/audit.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "broker_model/config.h"
#include "producer/config_def.h"
#include "scenarios/explore.h"
#include "scenarios/prevention.h"
#include "scenarios/random_dice.h"
#include "scenarios/random_faults.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::scenarios {
namespace {

struct AnomalyWords {
  std::string_view title;
  std::string_view finding;
};
constexpr std::array<AnomalyWords, anomaly_count> words{{{"acked record lost", "acked-lost"},
                                                         {"duplicated", "duplicated"},
                                                         {"reordered", "reordered"},
                                                         {"reported failed but present", "failed-present"},
                                                         {"stuck beyond delivery.timeout.ms", "stuck"},
                                                         {"refused", "refused"},
                                                         {"acknowledged later than the bound", ""}}};

/// Before it nothing happens to any message.
constexpr Duration warm_up = Duration::s(2);

std::int64_t linger_ms(const Settings& producer) {
  const auto set = producer.find("linger.ms");
  return set == producer.end() ? 5 : std::max(0, std::atoi(set->second.c_str()));
}

WorkloadStep send_at(std::int64_t ms, std::int32_t partition, std::int64_t count, Duration every) {
  SendStep send;
  send.topic = "audited";
  send.partition = partition;
  send.count = count;
  send.every = every;
  send.value.kind = DataSpec::Kind::bytes;
  send.value.bytes = 100;
  return WorkloadStep{ms < 0 ? std::nullopt : std::optional{Duration::ms(ms)}, send};
}

Scenario empty_plan(const AuditQuestion& question, std::int32_t partitions) {
  Scenario plan;
  plan.title = "Audit";
  plan.cluster.brokers = question.brokers;
  plan.cluster.config = question.cluster;
  TopicSpec topic;
  topic.name = "audited";
  topic.partitions = partitions;
  topic.replication_factor = question.replication_factor;
  topic.config = question.topic;
  plan.cluster.topics.push_back(std::move(topic));
  ProducerSpec producer;
  producer.name = "p1";
  producer.config = question.producer;
  plan.producers.push_back(std::move(producer));
  return plan;
}

bool is_transactional(const AuditQuestion& question) { return question.producer.contains("transactional.id"); }

std::optional<Anomaly> anomaly_of(const Finding& finding) {
  for (std::size_t i = 0; i < anomaly_count; ++i) {
    if (finding.name == words[i].finding) return static_cast<Anomaly>(i);
  }
  // Other words of the checkers for the same experience of an application.
  if (finding.name == "transient-loss" || finding.name == "incomplete-commit" || finding.name == "half-committed" || finding.name == "commit-undone" ||
      finding.name == "wrong-offset" || finding.name == "seen-and-gone") {
    return Anomaly::lost;
  }
  if (finding.name == "false-error" || finding.name == "aborted-visible") return Anomaly::failed_present;
  if (finding.name == "undecided-transaction" || finding.name == "hanging-transaction") return Anomaly::stuck;
  return std::nullopt;
}

void note(AuditPart& part, AuditFound found) {
  const auto same = std::find_if(part.found.begin(), part.found.end(), [&](const AuditFound& other) {
    return other.anomaly == found.anomaly && other.standing == found.standing && other.source == found.source && other.faults == found.faults && other.sampled == found.sampled;
  });
  if (same == part.found.end()) part.found.push_back(std::move(found));
}

void note_all(AuditPart& part, const std::vector<Finding>& findings, std::int32_t faults, bool sampled, const Scenario& plan) {
  for (const Finding& finding : findings) {
    if (const auto anomaly = anomaly_of(finding)) note(part, {*anomaly, finding.standing, finding.source, faults, sampled, plan});
  }
}

Duration slowest_of(const RunResult& result) {
  std::int64_t slowest = 0;
  for (const ProducerResult& producer : result.producers) slowest = std::max(slowest, producer.ack_latency_max_us);
  return Duration::us(slowest);
}

/// What stands at a pointer of a change now.
SettingChange described(const Setup& setup, const std::string& pointer, const std::string& value) {
  const Scenario& plan = setup.scenario;
  const std::string key = pointer.substr(pointer.rfind('/') + 1);
  if (!pointer.starts_with("/producers/")) {
    const TopicSpec& topic = plan.cluster.topics.front();
    if (key == "replication.factor") return {key, std::to_string(topic.replication_factor), value};
    for (const Settings* settings : {&topic.config, &plan.cluster.config}) {
      if (const auto set = settings->find(key); set != settings->end()) return {key, set->second, value};
    }
    const auto keys = broker::topic_config_keys();
    const auto known = std::find_if(keys.begin(), keys.end(), [&](const broker::ConfigKey& one) { return one.key == key; });
    return {key, std::string(known == keys.end() ? "" : known->default_text), value};
  }
  const Settings& settings = plan.producers.front().config;
  if (const auto set = settings.find(key); set != settings.end()) return {key, set->second, value};
  const ConfigKey* known = find_config_key(key);
  return {key, known == nullptr || known->default_text == nullptr ? std::string() : known->default_text, value};
}

}  // namespace

std::string_view anomaly_title(Anomaly anomaly) { return words[static_cast<std::size_t>(anomaly)].title; }
std::string_view anomaly_finding(Anomaly anomaly) { return words[static_cast<std::size_t>(anomaly)].finding; }

Scenario audited_plan(const AuditQuestion& question) {
  Scenario plan = empty_plan(question, 1);
  // A first record arrives before anything can happen: after it the producer knows its cluster and itself. Of the two that count the second leaves in a request
  // of its own, while the first may still be under way.
  const std::int64_t behind = linger_ms(question.producer) + 1;
  ApplicationThread thread;
  if (is_transactional(question)) {
    thread.steps.push_back(WorkloadStep{std::nullopt, BeginStep{}});
    thread.steps.push_back(send_at(-1, 0, 1, Duration{}));
    thread.steps.push_back(WorkloadStep{std::nullopt, CommitStep{}});
    thread.steps.push_back(WorkloadStep{warm_up, BeginStep{}});
    thread.steps.push_back(send_at(-1, 0, 1, Duration{}));
    thread.steps.push_back(WorkloadStep{std::nullopt, SleepStep{Duration::ms(behind)}});
    thread.steps.push_back(send_at(-1, 0, 1, Duration{}));
    thread.steps.push_back(WorkloadStep{std::nullopt, CommitStep{}});
  } else {
    thread.steps.push_back(send_at(0, 0, 1, Duration{}));
    thread.steps.push_back(send_at(warm_up.ms(), 0, 1, Duration{}));
    thread.steps.push_back(send_at(warm_up.ms() + behind, 0, 1, Duration{}));
  }
  plan.producers.front().threads.push_back(std::move(thread));
  return plan;
}

Scenario sampled_plan(const AuditQuestion& question, std::int32_t faults, std::uint64_t seed) {
  const Dice dice{seed, sim::Name::of("audit").with(static_cast<std::uint64_t>(faults))};
  Scenario plan = empty_plan(question, 2);
  plan.seed = seed;
  const Duration span = Duration::s(2);
  for (std::int32_t p = 0; p < 2; ++p) {
    ApplicationThread thread;
    const Duration every = Duration::ms(dice.of("every", static_cast<std::uint64_t>(p)).pick<std::int64_t>({1, 20, 100}));
    const std::int64_t count = std::min<std::int64_t>(20, span.ns() / every.ns());
    if (is_transactional(question)) {
      if (p > 0) break;
      for (int transaction = 0; transaction < 3; ++transaction) {
        thread.steps.push_back(WorkloadStep{std::nullopt, BeginStep{}});
        thread.steps.push_back(send_at(-1, transaction % 2, count / 2, every));
        thread.steps.push_back(WorkloadStep{std::nullopt, CommitStep{}});
      }
    } else {
      thread.steps.push_back(send_at(0, p, count, every));
    }
    plan.producers.front().threads.push_back(std::move(thread));
  }
  // Answers that a fault only pretends are enumerated; here are the things that happen to clusters.
  std::vector<const KindOfFault*> kinds;
  for (const KindOfFault& kind : kinds_of_fault()) {
    if (kind.name != "answer") kinds.push_back(&kind);
  }
  for (std::int32_t f = 0; f < faults; ++f) {
    const Dice fault_dice = dice.of("fault", static_cast<std::uint64_t>(f));
    const KindOfFault& kind = *fault_dice.of("kind").one_of(kinds);
    Fault fault = kind.make(Draft{fault_dice, plan, span});
    fault.id = "f" + std::to_string(f + 1) + "-" + std::string(kind.name);
    plan.faults.push_back(std::move(fault));
  }
  return plan;
}

AuditPart enumerate(const AuditQuestion& question, std::uint32_t part, std::uint32_t parts, const std::function<bool()>& stop) {
  AuditPart out;
  ExploreOptions options;
  options.faults = question.faults;
  options.leader_changes = 0;
  options.leader_changes_are_faults = true;
  options.ties = 0;
  options.from = warm_up;
  options.part = part;
  options.parts = parts;
  options.stop = stop;
  if (is_transactional(question)) options.apis = {ApiKey::produce, ApiKey::end_txn};
  const Exploration all = explore(audited_plan(question), options);
  out.complete = all.complete;
  out.covered = all.covered;
  for (std::size_t faults = 0; faults < all.runs_by_faults.size(); ++faults) out.enumerated[faults] = all.runs_by_faults[faults];
  for (const ExploredOutcome& outcome : all.outcomes) note_all(out, outcome.findings, outcome.faults, false, outcome.plan);
  for (std::size_t faults = 0; faults < all.slowest.size(); ++faults) {
    if (all.slowest[faults].time <= question.latency_bound) continue;
    note(out, {Anomaly::slow, Standing::allowed, {}, static_cast<std::int32_t>(faults), false, all.slowest[faults].plan});
  }
  return out;
}

AuditPart sample(const AuditQuestion& question, std::int32_t faults, std::uint64_t first_seed, std::int64_t runs, const std::function<bool()>& stop) {
  AuditPart out;
  for (std::int64_t i = 0; i < runs && !(stop && stop()); ++i) {
    const Scenario plan = sampled_plan(question, faults, first_seed + static_cast<std::uint64_t>(i));
    const RunResult result = run_scenario(plan).result;
    ++out.sampled[faults];
    note_all(out, findings_of(result), faults, true, plan);
    if (slowest_of(result) > question.latency_bound) note(out, {Anomaly::slow, Standing::allowed, {}, faults, true, plan});
  }
  out.covered = 0;
  return out;
}

void add(AuditPart& sum, AuditPart part) {
  for (std::size_t i = 0; i < std::size(sum.enumerated); ++i) {
    sum.enumerated[i] += part.enumerated[i];
    sum.sampled[i] += part.sampled[i];
  }
  sum.complete = sum.complete && part.complete;
  sum.covered += part.covered;
  for (AuditFound& found : part.found) note(sum, std::move(found));
}

AuditCell cell_of(const AuditPart& all, Anomaly anomaly, std::int32_t faults) {
  AuditCell cell;
  const auto better = [](const AuditFound& a, const AuditFound* b) {
    return b == nullptr || std::pair(a.faults, a.sampled) < std::pair(b->faults, b->sampled);
  };
  const AuditFound* allowed = nullptr;
  const AuditFound* broken = nullptr;
  for (const AuditFound& found : all.found) {
    if (found.anomaly != anomaly || found.faults > faults) continue;
    const AuditFound*& best = found.standing == Standing::broken ? broken : found.standing == Standing::known_defect ? cell.known_defect : allowed;
    if (better(found, best)) best = &found;
  }
  cell.found = broken != nullptr ? broken : allowed;
  if (broken != nullptr) {
    cell.state = AuditCell::State::broken;
  } else if (allowed != nullptr) {
    cell.state = AuditCell::State::allowed;
  } else {
    cell.state = all.complete ? AuditCell::State::impossible : AuditCell::State::not_met;
  }
  return cell;
}

bool shows(const RunResult& result, Anomaly anomaly, Standing standing, const std::string& source, Duration latency_bound) {
  if (anomaly == Anomaly::slow) return slowest_of(result) > latency_bound;
  for (const Finding& finding : findings_of(result)) {
    if (finding.standing == standing && finding.source == source && anomaly_of(finding) == anomaly) return true;
  }
  return false;
}

Question question_of(Anomaly anomaly) {
  switch (anomaly) {
    case Anomaly::lost: return Question::lost;
    case Anomaly::duplicated: return Question::duplicated;
    case Anomaly::reordered: return Question::reordered;
    case Anomaly::failed_present: return Question::failed_present;
    case Anomaly::stuck: return Question::stuck;
    case Anomaly::refused: return Question::refused;
    case Anomaly::slow: break;
  }
  return Question::late;
}

AuditRemedy remedy_of(const AuditQuestion& question, const AuditFound& found, const Scenario& plan, const std::function<bool()>& stop) {
  RunOptions plain;
  plain.counterfactuals = false;
  Scenario lenient = plan;
  for (Fault& fault : lenient.faults) fault.must_hit = false;
  const std::shared_ptr<const Setup> setup = prepare(lenient);
  const auto met = [&](const std::vector<Finding>& findings, Duration slowest) {
    if (found.anomaly == Anomaly::slow) return slowest > question.latency_bound;
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& f) { return anomaly_of(f) == found.anomaly; });
  };
  AuditRemedy helps;
  for (const Change& change : settings_against(*setup, question_of(found.anomaly), 0)) {
    const bool waits = found.anomaly == Anomaly::slow || found.anomaly == Anomaly::refused;
    const bool useless = std::any_of(change.set.begin(), change.set.end(), [&](const auto& one) {
      // Who asks for safety is not told to wait for fewer replicas, and a longer time only asks for a longer delay.
      return (one.first.ends_with("/acks") && one.second != "all") || (!waits && one.first.ends_with(".ms"));
    });
    if (useless) continue;
    Scenario candidate = changed(lenient, change);
    if (candidate == lenient || !check_scenario(candidate).empty()) continue;
    const RunResult result = run_scenario(std::move(candidate), plain).result;
    if (met(findings_of(result), slowest_of(result))) continue;
    AuditQuestion other = question;
    other.faults = found.faults;
    std::vector<SettingChange> remedy;
    for (const auto& [pointer, value] : change.set) {
      remedy.push_back(described(*setup, pointer, value));
      const std::string& key = remedy.back().setting;
      if (pointer.starts_with("/producers/")) {
        other.producer[key] = value;
      } else if (key == "replication.factor") {
        other.replication_factor = static_cast<std::int32_t>(std::stol(value));
      } else {
        other.topic[key] = value;
      }
    }
    if (helps.of_plan.empty()) helps.of_plan = remedy;
    if (!check_scenario(audited_plan(other)).empty()) continue;
    const AuditPart all = enumerate(other, 0, 1, stop);
    if (stop && stop()) break;
    if (std::any_of(all.found.begin(), all.found.end(), [&](const AuditFound& one) { return one.anomaly == found.anomaly; })) continue;
    helps.of_all = std::move(remedy);
    break;
  }
  return helps;
}

}  // namespace linger::scenarios
