#include "scenarios/runner.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>

#include "scenarios/checkers.h"
#include "scenarios/collect_evidence.h"

namespace linger::scenarios {

using sim::Duration;
using sim::SimTime;

namespace {

/// How long the final phase waits for each of its steps before it goes on with what there is.
constexpr Duration settle_extra = Duration::s(60);
constexpr Duration unacknowledged_patience = Duration::s(5);
constexpr Duration isr_patience = Duration::s(90);
constexpr Duration replication_patience = Duration::s(30);
constexpr Duration witness_patience = Duration::s(60);

/// The longest that a record or a call of this plan may stay unanswered.
Duration longest_answer(const Setup& setup) {
  Duration longest;
  for (const ProducerSetup& producer : setup.producers) {
    longest = std::max({longest, Duration::ms(producer.config.delivery_timeout_ms), Duration::ms(producer.config.max_block_ms)});
  }
  return longest;
}

/// The longest that a transaction may stay open until its coordinator gives it up.
Duration longest_transaction(const Setup& setup) {
  Duration longest;
  for (const ProducerSetup& producer : setup.producers) {
    if (!producer.config.transactional_id.empty()) longest = std::max(longest, Duration::ms(producer.config.transaction_timeout_ms));
  }
  return longest;
}

bool expects_metrics(const Expectation& expect) {
  const auto names_metrics = [](const auto& entry) { return entry.first.find("/metrics/") != std::string::npos; };
  return std::any_of(expect.counts.begin(), expect.counts.end(), names_metrics) ||
         std::any_of(expect.values.begin(), expect.values.end(), names_metrics);
}

/// Runner::step, with a note of what the step was.
bool step_and_note(Runner& runner, std::vector<RunEvent>& events) {
  const sim::EventQueue& queue = runner.world().queue();
  const std::uint64_t before = runner.world().counters().events;
  const std::uint64_t first_record = runner.trace().stored();
  const sim::Event next = queue.empty() ? sim::Event{} : queue.next();
  const bool more = runner.step();
  if (runner.world().counters().events != before) {
    events.push_back({next.at, next.number, next.cause, sim::host_of(next.what), first_record});
  } else if (runner.trace().stored() != first_record) {
    events.push_back({runner.world().now(), sim::no_event, sim::no_event, sim::no_host, first_record});
  }
  return more;
}

}  // namespace

Runner::Runner(std::shared_ptr<const Setup> setup, sim::Trace::Mode mode) : world_(std::move(setup)), trace_(mode) {
  world_.start(trace_);
  horizon_ = horizon();
}

void Runner::add_faults(std::shared_ptr<const Setup> with, std::int64_t counted) {
  assert(!in_final_phase());
  world_.add_faults(std::move(with), counted);
  horizon_ = horizon();
}

/// When the main phase ends even if something is still open.
SimTime Runner::horizon() const { return last_plan() + longest_answer(world_.setup()) + settle_extra; }

/// The latest moment that the plan names: steps, faults and their ends.
SimTime Runner::last_plan() const {
  const Scenario& plan = world_.setup().scenario;
  SimTime last;
  for (const ProducerSpec& producer : plan.producers) {
    for (const ApplicationThread& thread : producer.threads) {
      SimTime t;
      for (const WorkloadStep& step : thread.steps) {
        if (step.at) t = std::max(t, SimTime::at(*step.at));
        if (const auto* send = std::get_if<SendStep>(&step.what)) t += send->every * send->count;
        if (const auto* sleep = std::get_if<SleepStep>(&step.what)) t += sleep->time;
      }
      last = std::max(last, t);
    }
  }
  for (const Fault& fault : plan.faults) {
    if (!fault.at) continue;
    SimTime t = SimTime::at(*fault.at) + fault.lasts.value_or(Duration{});
    if (const auto* crash = std::get_if<Crash>(&fault.action)) t += crash->restart_after.value_or(Duration{});
    if (const auto* shutdown = std::get_if<Shutdown>(&fault.action)) t += shutdown->restart_after.value_or(Duration{});
    last = std::max(last, t);
  }
  return last;
}

bool Runner::main_phase_over() const {
  const auto& until = world_.setup().scenario.until;
  if (until && world_.next_time() > SimTime::at(*until)) return true;
  if (world_.next_time() > horizon_) return true;
  return !until && !world_.faults_pending() && world_.workload_done() && world_.settled();
}

std::vector<std::vector<Metric>> Runner::metrics_now() const {
  std::vector<std::vector<Metric>> metrics;
  for (std::uint32_t producer = 0; producer < world_.producers().size(); ++producer) metrics.push_back(world_.producer_metrics(producer));
  return metrics;
}

bool Runner::step() {
  switch (phase_) {
    case Phase::workload:
      if (!main_phase_over()) break;
      main_elections_ = world_.ghost().elections();
      if (wants_metrics_) metrics_ = metrics_now();
      if (!world_.setup().scenario.final_phase) {
        phase_ = Phase::over;
        return false;
      }
      world_.record_phase("the workload stops, faults end, hosts restart", trace_);
      world_.stop_workload();
      world_.end_all_faults(trace_);
      enter(Phase::settle, longest_answer(world_.setup()) + longest_transaction(world_.setup()) + settle_extra);
      return true;
    case Phase::over: return false;
    default:
      if (advance_phase()) return phase_ != Phase::over;
  }
  if (!world_.has_next()) {
    phase_ = Phase::over;
    return false;
  }
  world_.step(trace_);
  return true;
}

void Runner::enter(Phase phase, Duration at_most) {
  phase_ = phase;
  phase_began_ = world_.now();
  phase_ends_ = phase_began_ + at_most;
}

/// Goes to the next phase when this one is done or out of time; false: it needs more events.
bool Runner::advance_phase() {
  const bool out_of_time = world_.next_time() > phase_ends_;
  switch (phase_) {
    case Phase::settle:
      if (!(world_.quiet() && transactions_decided()) && !out_of_time) return false;
      // Elections must not turn away what would otherwise have arrived; what was swallowed never does.
      if (world_.unacknowledged_under_way() && world_.next_time() <= phase_began_ + unacknowledged_patience) return false;
      enter(Phase::full_isr, isr_patience);
      return true;
    case Phase::full_isr:
      if (!isr_is_full() && !out_of_time) return false;
      healed_ = true;
      world_.record_phase("each in-sync replica leads once", trace_);
      for (std::size_t t = 0; t < world_.topics().names.size(); ++t) {
        for (std::int32_t p = 0;; ++p) {
          const GhostPartition* ghost = world_.ghost().find(static_cast<std::int32_t>(t), p);
          if (ghost == nullptr) break;
          for (std::int32_t b = 1; b <= static_cast<std::int32_t>(world_.brokers().size()); ++b) {
            if ((ghost->isr & broker::mask_of(NodeId{b})) != 0) elections_.push_back({{static_cast<std::int32_t>(t), p}, b});
          }
        }
      }
      // One round holds one election of each partition, in the order of brokers.
      std::stable_sort(elections_.begin(), elections_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      enter(Phase::elect, Duration{});
      return true;
    case Phase::elect:
      if (elect_next()) {
        enter(Phase::replicate, replication_patience);
      } else {
        enter(Phase::preferred, Duration{});
      }
      return true;
    case Phase::replicate:
      if (!replicated() && !out_of_time) return false;
      enter(Phase::elect, Duration{});
      return true;
    case Phase::preferred:
      for (std::size_t t = 0; t < world_.topics().names.size(); ++t) {
        const broker::Controller* controller = world_.active_controller();
        const broker::TopicImage* topic = controller == nullptr ? nullptr : controller->committed().topic(world_.topics().names[t]);
        if (topic == nullptr) continue;
        for (std::size_t p = 0; p < topic->partitions.size(); ++p) {
          const broker::PartitionRegistration& registration = topic->partitions[p];
          if (registration.leader != registration.replicas.front()) {
            world_.elect(static_cast<std::int32_t>(t), static_cast<std::int32_t>(p), registration.replicas.front(), trace_);
          }
        }
      }
      enter(Phase::replicate_last, replication_patience);
      return true;
    case Phase::replicate_last:
      if (!replicated() && !out_of_time) return false;
      world_.record_phase("a witness reads everything", trace_);
      world_.start_witness(trace_);
      enter(Phase::witness, witness_patience);
      return true;
    case Phase::witness:
      if (!witness_done() && !out_of_time) return false;
      phase_ = Phase::over;
      return true;
    case Phase::workload:
    case Phase::over: break;
  }
  return false;
}

bool Runner::isr_is_full() const {
  const broker::Controller* controller = world_.active_controller();
  if (controller == nullptr) return false;
  for (const broker::TopicImage& topic : controller->committed().topics()) {
    for (const broker::PartitionRegistration& p : topic.partitions) {
      if (p.leader < 0 || p.isr.size() < p.replicas.size()) return false;
    }
  }
  return replicated();
}

/// Every replica has what its leader has, and the leader knows it.
bool Runner::replicated() const {
  const broker::Controller* controller = world_.active_controller();
  if (controller == nullptr) return false;
  for (const broker::TopicImage& topic : controller->committed().topics()) {
    for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
      const broker::PartitionRegistration& registration = topic.partitions[number];
      if (registration.leader < 1) continue;
      const broker::TopicIdPartition id{topic.id, static_cast<std::int32_t>(number)};
      const broker::Partition* leader = world_.brokers()[static_cast<std::size_t>(registration.leader - 1)].partition(id);
      if (leader == nullptr || !leader->is_leader() || leader->leader_epoch != registration.leader_epoch) return false;
      if (leader->log.high_watermark() != leader->log.log_end()) return false;
      for (std::int32_t replica : registration.isr) {
        const broker::Partition* follower = world_.brokers()[static_cast<std::size_t>(replica - 1)].partition(id);
        if (follower == nullptr || follower->leader_epoch != registration.leader_epoch || follower->log.log_end() != leader->log.log_end()) return false;
        // A follower learns the high watermark with the answer after the next; a leader-to-be must not lag behind it.
        if (follower->log.high_watermark() != leader->log.high_watermark()) return false;
      }
    }
  }
  return true;
}

/// Holds the elections of the next broker in all partitions; false when all have been held.
bool Runner::elect_next() {
  while (!elections_.empty()) {
    const std::int32_t broker = elections_.front().second;
    bool moved = false;
    while (!elections_.empty() && elections_.front().second == broker) {
      const Place place = elections_.front().first;
      elections_.erase(elections_.begin());
      const GhostPartition* ghost = world_.ghost().find(place.topic, place.partition);
      if (ghost == nullptr || ghost->leader == broker) continue;
      moved = world_.elect(place.topic, place.partition, broker, trace_) || moved;
    }
    if (moved) return true;
  }
  return false;
}

/// No coordinator has an open transaction, and no partition holds anything back from those who read only what is committed, nor would on another replica whose log
/// begins earlier.
bool Runner::transactions_decided() const {
  if (!world_.setup().transactional) return true;
  const broker::Controller* controller = world_.active_controller();
  if (controller == nullptr || !coordinators_at_rest(world_)) return false;
  for (const std::string& name : world_.topics().names) {
    const broker::TopicImage* topic = controller->committed().topic(name);
    if (topic == nullptr) continue;
    for (std::size_t number = 0; number < topic->partitions.size(); ++number) {
      const broker::Partition* partition = leader_of(*topic, number);
      if (partition == nullptr) continue;
      if (partition->log.producers().first_unstable() || partition->log.last_stable_offset() < partition->log.log_end()) return false;
    }
  }
  return true;
}

const broker::Partition* Runner::leader_of(const broker::TopicImage& topic, std::size_t number) const {
  const std::int32_t leader = topic.partitions[number].leader;
  if (leader < 1) return nullptr;
  return world_.brokers()[static_cast<std::size_t>(leader - 1)].partition({topic.id, static_cast<std::int32_t>(number)});
}

bool Runner::witness_done() const {
  const broker::Controller* controller = world_.active_controller();
  if (controller == nullptr) return true;
  const auto has_read = [&](const Consumer& witness, const std::string& topic, std::size_t number, std::int64_t end) {
    return std::any_of(witness.partitions().begin(), witness.partitions().end(), [&](const Consumer::Partition& p) {
      return witness.topics()[p.topic].name == topic && p.number == static_cast<std::int32_t>(number) && p.position >= end;
    });
  };
  for (const std::string& name : world_.topics().names) {
    const broker::TopicImage* topic = controller->committed().topic(name);
    if (topic == nullptr) continue;
    for (std::size_t number = 0; number < topic->partitions.size(); ++number) {
      const broker::Partition* partition = leader_of(*topic, number);
      if (partition == nullptr) continue;
      if (!has_read(world_.witness(), name, number, partition->log.high_watermark())) return false;
      const Consumer* committed = world_.committed_witness();
      if (committed != nullptr && !has_read(*committed, name, number, partition->log.last_stable_offset())) return false;
    }
  }
  return true;
}

RunResult Runner::judge() const {
  const Evidence evidence = collect_evidence(world_, healed_);
  Judgement judgement = scenarios::judge(world_.ledger(), world_.ghost(), evidence);
  RunResult result = summarise(world_, evidence);
  result.counts = judgement.counts;
  result.fates = std::move(judgement.fates);
  result.violations = std::move(judgement.violations);
  result.transfers = std::move(judgement.transfers);
  if (wants_metrics_) {
    // A run that was broken off has not come to the end of its workload.
    std::vector<std::vector<Metric>> metrics = in_final_phase() ? metrics_ : metrics_now();
    for (std::size_t i = 0; i < metrics.size(); ++i) result.producers[i].metrics = std::move(metrics[i]);
  }
  return result;
}

Run run_scenario(Scenario scenario, const RunOptions& options) {
  return run_scenario(prepare(std::move(scenario)), options);
}

Run run_scenario(std::shared_ptr<const Setup> setup, const RunOptions& options) {
  Run run;
  run.setup = setup;
  const auto mode = options.keep_frames                         ? sim::Trace::Mode::with_frames
                    : options.keep_trace || options.keep_events ? sim::Trace::Mode::on
                                                                : sim::Trace::Mode::off;
  Runner runner{setup, mode};
  if (options.metrics || expects_metrics(setup->scenario.expect)) runner.keep_metrics();
  if (options.keep_events) run.events.push_back({});
  for (std::uint32_t n = 0; options.keep_events ? step_and_note(runner, run.events) : runner.step(); ++n) {
    // In the final phase every replica is elected once: that covers nothing.
    if (!runner.in_final_phase()) run.elections = runner.elections();
    if (options.interrupted != nullptr && n % 4096 == 0 && options.interrupted()) {
      run.interrupted = true;
      break;
    }
  }
  run.result = runner.judge();
  if (options.counterfactuals && !run.result.violations.empty()) explain_violations(*setup, runner.world().counters(), run.result);
  run.result.unmet = unmet_expectations(run.result, setup->scenario.expect);
  run.result.warnings = setup->warnings;
  run.ledger = runner.world().ledger();
  run.counters = runner.world().counters();
  run.ties = runner.world().queue().choices();
  run.trace = std::move(runner.trace());
  return run;
}

namespace {

bool has_chosen_behaviour(const Scenario& scenario) {
  return !scenario.cluster.behaviour.empty() ||
         std::any_of(scenario.producers.begin(), scenario.producers.end(), [](const ProducerSpec& p) { return !p.behaviour.empty(); });
}

Scenario with_usual_behaviour(Scenario scenario) {
  scenario.cluster.behaviour.clear();
  for (ProducerSpec& producer : scenario.producers) producer.behaviour.clear();
  return scenario;
}

}  // namespace

void explain_violations(const Setup& setup, const RunCounters& counters, RunResult& result) {
  // The rules that 4.3.1 still gets wrong, by the producer's and the brokers' lists.
  enum class Place : std::uint8_t { producer, brokers, settings };
  struct Candidate {
    std::string name, corrected, issue;
    Place place;
  };
  std::vector<Candidate> candidates;
  for (const ProducerBehaviourField& field : producer_behaviours()) {
    if (!field.in_4_3_1) candidates.push_back({std::string(field.name), std::string(field.corrected), std::string(field.issue), Place::producer});
  }
  for (const broker::BehaviourField& field : broker::behaviour_fields()) {
    if (field.in_4_3_1 != field.corrected) candidates.push_back({std::string(field.name), std::string(field.corrected), std::string(field.issue), Place::brokers});
  }
  // Before transaction.version 2 an epoch names a producer and not one of its transactions: an EndTxn that its producer has given up and sent
  // again decides whatever transaction it meets. Only such a request is a reason to look there.
  if (counters.abandoned_end_txns > 0) candidates.push_back({"transaction.version", "2", "KAFKA-17754", Place::settings});
  RunOptions plain;
  plain.counterfactuals = false;
  // Where a rule was made wrong on purpose, the verdict is that rule's: a known defect must show without it as well.
  if (has_chosen_behaviour(setup.scenario) && run_scenario(with_usual_behaviour(setup.scenario), plain).result.violations.empty()) return;
  // The smallest set of corrections after which nothing is wrong: one defect can hide behind another, so that neither correction alone is enough.
  std::vector<std::uint32_t> sets;
  for (std::uint32_t set = 1; set < (1U << candidates.size()); ++set) sets.push_back(set);
  std::stable_sort(sets.begin(), sets.end(), [](std::uint32_t a, std::uint32_t b) { return std::popcount(a) < std::popcount(b); });
  for (const std::uint32_t set : sets) {
    Scenario corrected = setup.scenario;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if ((set >> i & 1U) == 0) continue;
      switch (candidates[i].place) {
        case Place::producer:
          for (ProducerSpec& producer : corrected.producers) producer.behaviour[candidates[i].name] = candidates[i].corrected;
          break;
        case Place::brokers: corrected.cluster.behaviour[candidates[i].name] = candidates[i].corrected; break;
        case Place::settings: corrected.cluster.config[candidates[i].name] = candidates[i].corrected; break;
      }
    }
    if (!run_scenario(std::move(corrected), plain).result.violations.empty()) continue;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if ((set >> i & 1U) == 0) continue;
      for (const Violation& violation : result.violations) result.known_defects.push_back({candidates[i].issue, candidates[i].name, violation});
    }
    result.violations.clear();
    return;
  }
}

}  // namespace linger::scenarios
