#include "scenarios/explore.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "scenarios/fates.h"
#include "scenarios/protocol_state.h"
#include "scenarios/runner.h"

namespace linger::scenarios {
namespace {

/// A run on its way: the world, what it may still do, and what it did.
struct Path {
  Runner runner;
  std::int32_t faults_left = 0;
  std::int32_t leader_changes_left = 0;
  std::int32_t ties_left = 0;
  std::int32_t fates_chosen = 0;
  double weight = 1;  ///< the part of the whole that this path and what branches off it stand for
  /// Messages so far by (API, answer, from, to): what `nth` counts.
  std::map<std::tuple<ApiKey, bool, std::uint32_t, std::uint32_t>, std::int64_t> met;
  std::vector<std::uint64_t> ties;  ///< as Ties::recorded
  std::uint64_t next_tie_break = 1;
  std::uint64_t tied_event = 0;  ///< the event whose ties have been chosen
  bool on_main_way = true;       ///< nothing but deliveries so far
};

class Explorer {
 public:
  Explorer(const Scenario& plan, const ExploreOptions& options) : options_(options) {
    Scenario recorded = plan;
    recorded.expect = Expectation{};
    for (Fault& fault : recorded.faults) fault.must_hit = false;
    // Only a policy that records lets ties be chosen; without a choice the order is that of the numbers, as ever.
    if (recorded.ties.kind == Ties::Kind::fifo) recorded.ties.kind = Ties::Kind::recorded;
    ties_ = recorded.ties.kind == Ties::Kind::recorded && recorded.ties.recorded.empty();
    setup_ = prepare(std::move(recorded));
  }

  Exploration search() {
    Path path{Runner{setup_}, options_.faults, options_.leader_changes, ties_ ? options_.ties : 0, 0, 1, {}, {}, 1, 0, true};
    out_.slowest.resize(static_cast<std::size_t>(options_.faults) + 1);
    out_.runs_by_faults.resize(out_.slowest.size());
    follow(std::move(path));
    out_.complete = !stopped_;
    if (out_.complete) out_.covered = 1;
    out_.states = static_cast<std::int64_t>(seen_.size() + ends_.size());
    std::stable_sort(out_.outcomes.begin(), out_.outcomes.end(), [](const ExploredOutcome& a, const ExploredOutcome& b) { return a.faults < b.faults; });
    return std::move(out_);
  }

 private:
  bool out_of_bounds() {
    if (!stopped_) {
      stopped_ = static_cast<std::int64_t>(seen_.size() + ends_.size()) >= options_.most_states || (options_.stop && options_.stop());
    }
    return stopped_;
  }

  /// Goes on with this path and everything that branches off it.
  void follow(Path path) {
    while (!path.runner.in_final_phase()) {
      if (path.runner.world().has_next()) {
        if (out_of_bounds()) return;
        choose_order(path);
        if (choose_fate(path)) return;
      }
      if (!path.runner.step()) break;
    }
    finish(path);
  }

  /// Branches off for each event that could come before the first one of this moment; this path keeps the order.
  void choose_order(Path& path) {
    const sim::EventQueue& queue = path.runner.world().queue();
    if (path.ties_left == 0 || queue.next().number.value() == path.tied_event) return;
    const std::vector<std::uint64_t> tied = tied_events(queue);
    path.tied_event = queue.next().number.value();
    if (tied.size() < 2) return;
    ++out_.choices;
    const double weight = path.weight / static_cast<double>(tied.size());
    for (std::size_t first = 1; first < tied.size() && !stopped_; ++first) {
      if (!is_mine(path)) continue;
      Path other = path;
      other.weight = weight;
      other.on_main_way = false;
      --other.ties_left;
      for (std::size_t waiting = 0; waiting < first; ++waiting) {
        other.ties.push_back(tied[waiting]);
        other.ties.push_back(other.next_tie_break);
      }
      other.runner.world().postpone(first, other.next_tie_break++);
      other.tied_event = tied[first];
      follow(std::move(other));
    }
    path.weight = weight;
  }

  /// The first events of the queue as long as they share moment and host, if a message is among them; else none.
  static std::vector<std::uint64_t> tied_events(const sim::EventQueue& queue) {
    if (queue.size() < 2) return {};
    const sim::Event first = queue.next();
    const sim::HostId host = sim::host_of(first.what);
    std::vector<std::uint64_t> tied;
    bool message = false;
    for (const sim::Event& event : queue.due_next()) {
      if (sim::host_of(event.what) != host) break;
      message = message || std::holds_alternative<sim::Deliver>(event.what);
      tied.push_back(event.number.value());
    }
    return message ? tied : std::vector<std::uint64_t>{};
  }

  /// Branches off for each fate of the message that is about to arrive; this path delivers it. True: the state was met before, and so was all that can follow.
  bool choose_fate(Path& path) {
    World& world = path.runner.world();
    const auto message = world.next_message();
    if (!message || std::find(options_.apis.begin(), options_.apis.end(), message->facts.api) == options_.apis.end()) return false;
    const MessageFacts& facts = message->facts;
    const std::int64_t nth = ++path.met[{facts.api, facts.response, facts.from.value(), facts.to.value()}];
    if (path.faults_left == 0 && path.leader_changes_left == 0) return false;
    if (world.next_time() < sim::SimTime::at(options_.from)) return false;
    if (options_.merge && was_met(path, *message)) {
      ++out_.runs;
      ++out_.merged;
      out_.covered += path.weight;
      note_way(path);
      return true;
    }
    std::vector<Fate> fates = fates_of(world, *message, nth, "-" + std::to_string(path.fates_chosen + 1));
    std::erase_if(fates, [&](const Fate& fate) { return budget(path, fate) == 0; });
    if (fates.empty()) return false;
    ++out_.choices;
    const double weight = path.weight / static_cast<double>(fates.size() + 1);
    for (const Fate& fate : fates) {
      if (stopped_) return true;
      if (!is_mine(path)) continue;
      ++out_.fates[(facts.response ? "answer: " : "request: ") + std::string(fate.name)];
      Path other = path;
      other.weight = weight;
      other.on_main_way = false;
      ++other.fates_chosen;
      --budget(other, fate);
      other.runner.add_faults(with_faults(world.setup(), fate.faults), nth - 1);
      // The message has been counted; its fate happens with the next step.
      if (!other.runner.step()) {
        finish(other);
      } else {
        follow(std::move(other));
      }
    }
    path.weight = weight;
    return stopped_;
  }

  std::int32_t& budget(Path& path, const Fate& fate) const {
    return fate.changes_leader && !options_.leader_changes_are_faults ? path.leader_changes_left : path.faults_left;
  }

  /// Whether the next branch off the way without faults belongs to this part; every branch does that leaves another way.
  bool is_mine(const Path& path) { return !path.on_main_way || next_branch_++ % options_.parts == options_.part; }

  void note_way(const Path& path) {
    const auto faults = static_cast<std::size_t>(options_.faults - path.faults_left);
    ++out_.runs_by_faults[faults];
    SlowestAnswer& slowest = out_.slowest[faults];
    for (const LedgerRecord& record : path.runner.world().ledger().records) {
      if (record.told != Told::acked || record.told_at - record.sent_at <= slowest.time) continue;
      slowest.time = record.told_at - record.sent_at;
      slowest.plan = plan_of(path);
    }
  }

  static Scenario plan_of(const Path& path) {
    Scenario plan = path.runner.world().setup().scenario;
    plan.ties.recorded = path.ties;
    if (path.ties.empty()) plan.ties = Ties{};
    for (Fault& fault : plan.faults) fault.must_hit = true;
    return plan;
  }

  bool was_met(const Path& path, const World::NextMessage& message) {
    const auto state = protocol_state(path.runner.world(), &message);
    if (!state) return false;
    const std::uint64_t budget = static_cast<std::uint64_t>(path.faults_left) << 32 | static_cast<std::uint64_t>(path.leader_changes_left) << 16 |
                                 static_cast<std::uint64_t>(path.ties_left);
    return !seen_.insert(sim::detail::mix_word(*state, budget)).second;
  }

  /// The workload is over: what the final phase shows follows from the state that there is now.
  void finish(Path& path) {
    if (stopped_) return;
    if (path.on_main_way && options_.part != 0) {
      out_.covered += path.weight;
      return;
    }
    ++out_.runs;
    note_way(path);
    out_.covered += path.weight;
    if (options_.progress) options_.progress(out_.runs, out_.covered);
    std::optional<std::uint64_t> state;
    if (options_.merge) state = protocol_state(path.runner.world(), nullptr);
    if (state) {
      const auto met = ends_.find(*state);
      if (met != ends_.end()) {
        ++out_.merged;
        note(met->second, path);
        return;
      }
    }
    path.runner.run_to_end();
    ++out_.judged;
    RunResult result = path.runner.judge();
    const Setup& setup = path.runner.world().setup();
    if (!result.violations.empty()) explain_violations(setup, path.runner.world().counters(), result);
    const std::size_t outcome = outcome_of(result);
    if (state) ends_.emplace(*state, outcome);
    note(outcome, path);
  }

  std::size_t outcome_of(const RunResult& result) {
    std::string fates;
    for (const RecordFate& fate : result.fates) {
      fates += (fates.empty() ? "" : ", ") + std::string(verdict_name(fate.verdict));
      if (fate.extra_copies > 0) fates += " x" + std::to_string(fate.extra_copies + 1);
      if (fate.reordered) fates += " reordered";
    }
    std::vector<Finding> findings = findings_of(result);
    std::string key = fates;
    for (const Finding& finding : findings) key += "; " + describe(finding);
    const auto [found, fresh] = outcome_numbers_.emplace(std::move(key), out_.outcomes.size());
    if (fresh) out_.outcomes.push_back({std::move(findings), std::move(fates), -1, 0, {}});
    return found->second;
  }

  void note(std::size_t number, const Path& path) {
    ExploredOutcome& outcome = out_.outcomes[number];
    ++outcome.runs;
    const std::int32_t faults = options_.faults - path.faults_left;
    if (outcome.faults >= 0 && outcome.faults <= faults) return;
    outcome.faults = faults;
    outcome.plan = plan_of(path);
  }

  const ExploreOptions& options_;
  std::shared_ptr<const Setup> setup_;
  bool ties_ = false;
  Exploration out_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_map<std::uint64_t, std::size_t> ends_;  ///< state at the end of the workload to outcome
  std::map<std::string, std::size_t> outcome_numbers_;
  std::uint64_t next_branch_ = 0;
  bool stopped_ = false;
};

}  // namespace

Exploration explore(const Scenario& plan, const ExploreOptions& options) { return Explorer{plan, options}.search(); }

}  // namespace linger::scenarios
