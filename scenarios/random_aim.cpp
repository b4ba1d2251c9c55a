// Faults of random plans that are aimed at situations which other plans seldom make.
#include "scenarios/random_aim.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/random_faults.h"
#include "scenarios/random_plan.h"
#include "scenarios/situations_met.h"

namespace linger::scenarios {

namespace {

std::string text(std::int64_t value) {
  return std::to_string(value);
}

bool is_transactional(ProducerSituation situation) {
  return situation == ProducerSituation::in_transaction || situation == ProducerSituation::committing ||
         situation == ProducerSituation::aborting || situation == ProducerSituation::error;
}

/// The faults of one aim: a name for each, one after another, each not before the one before it.
class Chain {
 public:
  Chain(Scenario& plan, const Dice& dice, Duration begin)
      : plan_(plan),
        dice_(dice),
        time_{begin},
        prefix_("aimed-" + text(static_cast<std::int64_t>(plan.faults.size()) + 1)) {}

  void add(std::string_view name, std::optional<Duration> at, std::optional<Matcher> on, Action action,
           std::optional<Duration> lasts = std::nullopt) {
    Fault fault;
    fault.id = prefix_ + "-" + std::string(name);
    fault.at = at;
    fault.on = std::move(on);
    fault.action = std::move(action);
    fault.lasts = lasts;
    if (fault.on && last_) fault.on->after_fault = last_;
    if (fault.at) time_ = *fault.at;
    last_ = fault.id;
    plan_.faults.push_back(std::move(fault));
  }
  /// The moment of the last fault that had one, at first the beginning.
  Duration time() const { return time_; }
  const std::optional<std::string>& last() const { return last_; }
  const Dice& dice() const { return dice_; }
  const Scenario& plan() const { return plan_; }

 private:
  Scenario& plan_;
  const Dice& dice_;
  Duration time_;
  std::string prefix_;
  std::optional<std::string> last_;
};

/// What brings the cluster there. The first replica of a partition leads at first, and replicas follow one another.
void lead_cluster(Chain& chain, ClusterSituation situation, Duration at) {
  const Dice& dice = chain.dice();
  const ClusterSpec& cluster = chain.plan().cluster;
  const Duration lasts = Duration::ms(dice.of("cluster lasts").between(500, 5000));
  const TopicSpec& topic = dice.of("cluster topic").one_of(cluster.topics);
  const auto partition = static_cast<std::int32_t>(dice.of("cluster partition").between(0, topic.partitions - 1));
  const std::string named = topic.name + "-" + text(partition);
  switch (situation) {
    case ClusterSituation::healthy:
      return;
    case ClusterSituation::uncommitted: {
      Matcher on;
      on.api = "FETCH";
      on.response = true;
      on.to = dice.of("follower").broker(cluster.brokers);
      on.after = at;
      chain.add("uncommitted", std::nullopt, std::move(on), Hold{lasts});
      return;
    }
    case ClusterSituation::isr_shrunk:
    case ClusterSituation::below_min_isr: {
      // Who stands still cannot come back into the ISR.
      const std::string still = dice.of("follower").broker(cluster.brokers);
      chain.add("still", at, std::nullopt, Pause{still}, lasts);
      std::vector<std::string> isr;
      for (std::int32_t b = 1; situation == ClusterSituation::isr_shrunk && b <= cluster.brokers; ++b) {
        if (const std::string name = "b" + text(b); name != still) isr.push_back(name);
      }
      if (!topic.replicas.empty() || topic.replication_factor < cluster.brokers) isr.clear();
      chain.add("isr", at + Duration::ms(1), std::nullopt, ChangeIsr{named, std::move(isr)});
      return;
    }
    case ClusterSituation::broker_down:
    case ClusterSituation::no_leader:
      chain.add("down", at, std::nullopt, Crash{dice.of("down").broker(cluster.brokers), false, lasts});
      return;
    case ClusterSituation::no_controller:
      for (std::int32_t c = 1; c <= cluster.controllers; ++c) {
        chain.add("controller-" + text(c), at, std::nullopt, Crash{"c" + text(c), false, lasts});
      }
      return;
  }
}

/// The message of a producer in this situation; nothing: no message tells of it.
std::optional<Matcher> message_of(const Chain& chain, ProducerSituation situation, const std::string& producer) {
  const Dice& dice = chain.dice();
  Matcher on;
  on.producer = producer;
  on.response = dice.of("answer").chance(40);
  switch (situation) {
    case ProducerSituation::without_identity:
      on.api = "INIT_PRODUCER_ID";
      return on;
    case ProducerSituation::in_flight:
    case ProducerSituation::in_transaction:
      on.api = "PRODUCE";
      return on;
    case ProducerSituation::retrying:
    case ProducerSituation::unresolved:
      on.api = "PRODUCE";
      on.attempt = 2;
      return on;
    case ProducerSituation::committing:
    case ProducerSituation::aborting:
      on.api = "END_TXN";
      return on;
    case ProducerSituation::gone:
    case ProducerSituation::idle:
    case ProducerSituation::error:
      break;
  }
  return std::nullopt;
}

/// How long a producer that dies is gone: longer than the fault behind it waits. Seldom for good, since a run waits a
/// minute for work that nobody can do any more.
std::optional<Duration> draw_absence(const Dice& dice) {
  if (dice.of("for good").between(0, 15) == 0) return std::nullopt;
  return Duration::ms(dice.of("gone").pick<std::int64_t>({600, 1500, 4000}));
}

/// What brings the producer there, where no message of its own does.
void lead_producer(Chain& chain, ProducerSituation situation, const std::string& producer, Duration at) {
  switch (situation) {
    case ProducerSituation::gone:
      chain.add("gone", at, std::nullopt, Crash{producer, false, draw_absence(chain.dice())});
      return;
    case ProducerSituation::retrying:
    case ProducerSituation::unresolved: {
      Matcher on;
      on.api = "PRODUCE";
      on.response = chain.dice().of("written").chance(50);
      on.producer = producer;
      on.after = at;
      chain.add("retry", std::nullopt, std::move(on), Reset{0});
      return;
    }
    case ProducerSituation::aborting:
    case ProducerSituation::error: {
      const bool final = situation == ProducerSituation::error;
      Matcher on;
      on.api = final ? "END_TXN" : "PRODUCE";
      on.producer = producer;
      on.after = at;
      chain.add("error", std::nullopt, std::move(on),
                Answer{std::string(error_name(final ? ErrorCode::producer_fenced : ErrorCode::invalid_record)), false});
      return;
    }
    default:
      return;
  }
}

}  // namespace

int rank(const Aim& aim) {
  // What the pilot has never met is mostly what cannot be met: a producer that is gone answers nothing.
  constexpr int never = 0, seldom = 2;
  const int met = times_met(aim);
  return met == never ? seldom : met <= seldom ? met - 1 : met;
}

int times_met(const Aim& aim) {
  const std::string_view row = situations_met()[aim.kind];
  const char bits =
      row[static_cast<std::size_t>(aim.producer) * cluster_situations + static_cast<std::size_t>(aim.cluster)];
  return bits <= '9' ? bits - '0' : bits - 'a' + 10;
}

Aim draw_aim(const Scenario& plan, const Dice& dice, std::int64_t candidates) {
  const bool transactions = std::any_of(plan.producers.begin(), plan.producers.end(), [](const ProducerSpec& producer) {
    return producer.config.contains("transactional.id");
  });
  std::optional<Aim> rarest;
  for (std::int64_t n = 0; n < candidates; ++n) {
    const Dice own = dice.of("candidate", static_cast<std::uint64_t>(n));
    Aim aim;
    aim.kind =
        static_cast<std::uint32_t>(own.of("kind").between(0, static_cast<std::int64_t>(kinds_of_fault().size()) - 1));
    aim.producer = static_cast<ProducerSituation>(
        own.of("producer").between(0, static_cast<std::int64_t>(producer_situations) - 1));
    aim.cluster =
        static_cast<ClusterSituation>(own.of("cluster").between(0, static_cast<std::int64_t>(cluster_situations) - 1));
    if (is_transactional(aim.producer) && !transactions) aim.producer = ProducerSituation::in_flight;
    if (!rarest || rank(aim) < rank(*rarest)) rarest = aim;
  }
  return *rarest;
}

void add_aimed_fault(Scenario& plan, const Aim& aim, const Dice& dice, Duration span) {
  const KindOfFault& kind = kinds_of_fault()[aim.kind];
  const Draft draft{dice, plan, span};
  const std::vector<std::string> transactional = draft.transactional();
  const std::string producer = is_transactional(aim.producer) ? dice.of("whose").one_of(transactional)
                                                              : dice.of("whose").one_of(plan.producers).name;
  Fault strike = kind.make(draft);
  // Nobody has an identity only at the beginning, and nobody is idle before the end.
  const Duration at = aim.producer == ProducerSituation::without_identity ? Duration{}
                      : aim.producer == ProducerSituation::idle
                          ? span + Duration::ms(dice.of("idle").between(200, 3000))
                          : draft.moment();
  Chain chain{plan, dice, at};
  lead_cluster(chain, aim.cluster, at);
  lead_producer(chain, aim.producer, producer, at);
  if (auto on = message_of(chain, aim.producer, producer); on && (strike.at || strike.on->api == "PRODUCE")) {
    if (!std::holds_alternative<Answer>(strike.action)) {
      // What it acts on when it acts on a message is that message.
      if (chain.last()) on->after = at;
      strike.at.reset();
      strike.on = std::move(on);
    }
  } else if (strike.at) {
    strike.at = chain.time() + Duration::ms(dice.of("then").between(2, 400));
  }
  chain.add(kind.name, strike.at, std::move(strike.on), std::move(strike.action), strike.lasts);
}

}  // namespace linger::scenarios
