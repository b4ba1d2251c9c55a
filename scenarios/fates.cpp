#include "scenarios/fates.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace linger::scenarios {
namespace {

/// How long a leader has between a request's arrival and its own death: enough to append, and to answer where it need not wait for others.
constexpr Duration time_to_append = Duration::ms(20);

/// Makes the faults of one message.
class FateMaker {
 public:
  FateMaker(const World& world, const World::NextMessage& message, std::int64_t nth, std::string_view suffix)
      : world_(world), setup_(world.setup()), message_(message.facts), partitions_(message.partitions), suffix_(suffix) {
    on_.api = std::string(api_name(message_.api));
    on_.response = message_.response;
    on_.from = setup_.hosts[message_.from.value()];
    on_.to = setup_.hosts[message_.to.value()];
    on_.nth = nth;
    const sim::HostId server = message_.response ? message_.from : message_.to;
    leader_ = setup_.hosts[server.value()];
    is_broker_ = setup_.roles[server.value()].kind == HostKind::broker;
    broker_ = static_cast<std::int32_t>(setup_.roles[server.value()].index) + 1;
    const auto producer = static_cast<std::size_t>(std::max(message_.producer, 0));
    patience_ = Duration::ms(setup_.producers[producer].config.request_timeout_ms) + Duration::s(1);
  }

  void add(std::string_view name, Action action) { fates_.push_back({name, {fault(name, std::move(action))}, false}); }

  void add_request_fates() {
    add("lose", Lose{});
    add("reset", Reset{});
    add("delay", Delay{patience_});
    add("late", Late{});
    if (message_.api == ApiKey::produce) {
      add("refuse-for-now", Answer{"NOT_LEADER_OR_FOLLOWER", false});
      add("refuse", Answer{"INVALID_RECORD", false});
      add("error-after-append", Answer{"NOT_ENOUGH_REPLICAS_AFTER_APPEND", true});
      if (acks() != 0 && is_broker_) add_death_after_append();
    }
    if (!is_broker_) return;
    add("crash", Crash{leader_, false, std::nullopt});
    if (message_.api == ApiKey::produce) {
      if (const auto others = other_brokers(); !others.empty()) add("isolate", Cut{{{leader_}, others}, false});
      add_elections();
    }
  }

  void add_answer_fates() {
    add("lose", Lose{});
    add("reset", Reset{});
    add("delay", Delay{patience_});
    if (!is_broker_) return;
    add("crash", Crash{leader_, false, std::nullopt});
    add("power", Crash{leader_, true, std::nullopt});
    if (message_.api == ApiKey::produce) add_elections();
  }

  std::vector<Fate> take() { return std::move(fates_); }

 private:
  Fault fault(std::string_view name, Action action) const {
    Fault made;
    made.id = std::string(name).append(suffix_);
    made.on = on_;
    made.action = std::move(action);
    return made;
  }

  std::int16_t acks() const { return setup_.producers[static_cast<std::size_t>(std::max(message_.producer, 0))].config.acks; }

  std::vector<std::string> other_brokers() const {
    std::vector<std::string> others;
    for (std::int32_t b = 1; b <= setup_.scenario.cluster.brokers; ++b) {
      if (b != broker_) others.push_back("b" + std::to_string(b));
    }
    return others;
  }

  /// The leader appends, nobody can copy it, and then the leader is gone.
  void add_death_after_append() {
    for (const bool power : {false, true}) {
      const std::string_view name = power ? "append-and-power" : "append-and-crash";
      Fate fate{name, {}, false};
      if (const auto others = other_brokers(); !others.empty()) {
        fate.faults.push_back(fault("alone", Cut{{{leader_}, others}, false}));
        fate.faults.back().id = "alone-" + std::string(name).append(suffix_);
      }
      Fault death;
      death.id = std::string(name).append(suffix_);
      death.at = world_.next_time() - sim::SimTime{} + time_to_append;
      death.action = Crash{leader_, power, std::nullopt};
      fate.faults.push_back(std::move(death));
      fates_.push_back(std::move(fate));
    }
  }

  /// Another in-sync replica takes over in good order.
  void add_elections() {
    const broker::Controller* controller = world_.active_controller();
    if (controller == nullptr || partitions_.empty() || partitions_.front().first < 0) return;
    const auto [topic_number, partition] = partitions_.front();
    const std::string& name = world_.topics().names[static_cast<std::size_t>(topic_number)];
    const broker::TopicImage* topic = controller->committed().topic(name);
    if (topic == nullptr || static_cast<std::size_t>(partition) >= topic->partitions.size()) return;
    const broker::PartitionRegistration& registration = topic->partitions[static_cast<std::size_t>(partition)];
    const auto next = std::find_if(registration.replicas.begin(), registration.replicas.end(), [&](std::int32_t replica) {
      return replica != registration.leader && std::find(registration.isr.begin(), registration.isr.end(), replica) != registration.isr.end();
    });
    if (next == registration.replicas.end()) return;
    add("elect", Elect{name + "-" + std::to_string(partition), "b" + std::to_string(*next), false});
    fates_.back().changes_leader = true;
  }

  const World& world_;
  const Setup& setup_;
  const MessageFacts& message_;
  const std::vector<std::pair<std::int32_t, std::int32_t>>& partitions_;
  std::string_view suffix_;
  Matcher on_;
  std::string leader_;
  bool is_broker_ = false;
  std::int32_t broker_ = 0;
  Duration patience_;
  std::vector<Fate> fates_;
};

}  // namespace

std::vector<Fate> fates_of(const World& world, const World::NextMessage& message, std::int64_t nth, std::string_view suffix) {
  FateMaker maker{world, message, nth, suffix};
  if (message.facts.response) {
    maker.add_answer_fates();
  } else {
    maker.add_request_fates();
  }
  return maker.take();
}

const std::vector<std::string_view>& request_fates() {
  static const std::vector<std::string_view> names{"lose",  "reset",   "delay",           "late",  "refuse-for-now", "refuse", "error-after-append",
                                                   "append-and-crash", "append-and-power", "crash", "isolate", "elect"};
  return names;
}

const std::vector<std::string_view>& answer_fates() {
  static const std::vector<std::string_view> names{"lose", "reset", "delay", "crash", "power", "elect"};
  return names;
}

}  // namespace linger::scenarios
