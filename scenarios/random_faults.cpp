// The faults of random plans: which there are, and how each is drawn.
#include "scenarios/random_faults.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "scenarios/random_plan.h"

namespace linger::scenarios {

namespace {

std::string text(std::int64_t value) {
  return std::to_string(value);
}

bool has_offsets(const Scenario& plan) {
  const auto sends_offsets = [](const WorkloadStep& step) {
    return std::holds_alternative<SendOffsetsStep>(step.what);
  };
  return std::any_of(plan.producers.begin(), plan.producers.end(), [&](const ProducerSpec& producer) {
    return std::any_of(producer.threads.begin(), producer.threads.end(), [&](const ApplicationThread& thread) {
      return std::any_of(thread.steps.begin(), thread.steps.end(), sends_offsets);
    });
  });
}

bool has_version_2(const Scenario& plan) {
  const auto version = plan.cluster.config.find("transaction.version");
  return version == plan.cluster.config.end() || version->second == "2";
}

/// When within the traffic: the first of its kind, one of the first, or one after a moment.
void draw_turn(Matcher& on, const Draft& draft, std::int64_t latest) {
  if (draft.dice.of("not first").chance(60)) on.nth = draft.dice.of("nth").between(1, latest);
  if (draft.dice.of("again").chance(20)) {
    on.nth.reset();
    on.after = draft.moment();
  }
}

/// A message about transactions, between a producer and a coordinator or between brokers. Requires a plan with them.
Matcher on_transaction(const Draft& draft, bool response) {
  struct Asked {
    const char* api;
    bool by_producer;
  };
  const bool version_2 = has_version_2(draft.plan);
  std::vector<Asked> apis{{"END_TXN", true},
                          {"END_TXN", true},
                          {"END_TXN", true},
                          {"INIT_PRODUCER_ID", true},
                          {"FIND_COORDINATOR", true},
                          {"WRITE_TXN_MARKERS", false},
                          {"WRITE_TXN_MARKERS", false},
                          {"ADD_PARTITIONS_TO_TXN", !version_2},
                          {"ADD_PARTITIONS_TO_TXN", false}};
  if (has_offsets(draft.plan)) {
    apis.push_back({"TXN_OFFSET_COMMIT", true});
    if (!version_2) apis.push_back({"ADD_OFFSETS_TO_TXN", true});
  }
  const Asked asked = draft.dice.of("transactional api").one_of(apis);
  Matcher on;
  on.api = asked.api;
  on.response = response;
  if (asked.by_producer) on.producer = draft.dice.of("transactional producer").one_of(draft.transactional());
  draw_turn(on, draft, 3);
  return on;
}

/// The leader of the message's partition is drawn by the matcher's own conditions: any broker that gets the request.
Matcher on_produce(const Draft& draft, bool response) {
  Matcher on;
  on.api = "PRODUCE";
  on.response = response;
  if (draft.dice.of("by producer").chance(50)) on.producer = draft.producer();
  if (draft.dice.of("by partition").chance(30)) on.partition = draft.partition();
  if (draft.dice.of("second try").chance(15)) {
    on.attempt = 2;
  } else if (draft.dice.of("not first").chance(70)) {
    on.nth = draft.dice.of("nth").between(1, 6);
  }
  if (draft.dice.of("again").chance(10)) {
    on.nth.reset();
    on.after = draft.moment();
  }
  return on;
}

Matcher on_message(const Draft& draft, bool response) {
  const bool transactional = !draft.transactional().empty() && draft.dice.of("transactional").chance(45);
  return transactional ? on_transaction(draft, response) : on_produce(draft, response);
}

Fault by_time(const Draft& draft, Action action, std::optional<Duration> lasts = std::nullopt) {
  Fault fault;
  fault.at = draft.moment();
  fault.action = std::move(action);
  fault.lasts = lasts;
  return fault;
}
Fault by_message(Matcher on, Action action) {
  Fault fault;
  fault.on = std::move(on);
  fault.action = std::move(action);
  return fault;
}

bool fits(ForgedPair::To to, const Draft& draft) {
  using To = ForgedPair::To;
  const bool version_2 = has_version_2(draft.plan);
  switch (to) {
    case To::anybody:
      return false;
    case To::transactional:
      return true;
    case To::version_1:
      return !version_2;
    case To::version_2:
      return version_2;
    case To::offsets:
      return has_offsets(draft.plan);
    case To::offsets_version_1:
      return has_offsets(draft.plan) && !version_2;
  }
  return false;
}

/// The fewer plans can have an answer, the more of them do.
std::size_t weight(ForgedPair::To to) {
  using To = ForgedPair::To;
  return to == To::offsets_version_1 ? 14 : to == To::version_1 ? 5 : to == To::offsets ? 6 : to == To::version_2 ? 2 : 1;
}

/// What a coordinator or leader answers a producer with transactions.
Fault make_transactional_answer(const Draft& draft) {
  std::vector<const ForgedPair*> pairs;
  for (const ForgedPair& pair : forging_table()) {
    if (!fits(pair.to, draft)) continue;
    pairs.insert(pairs.end(), weight(pair.to), &pair);
  }
  const ForgedPair& pair = *draft.dice.of("transactional pair").one_of(pairs);
  Matcher on;
  on.api = std::string(pair.api);
  on.producer = draft.dice.of("transactional producer").one_of(draft.transactional());
  // A coordinator is looked for, and an id asked for, once and not again.
  if (pair.api != "FIND_COORDINATOR" && pair.api != "INIT_PRODUCER_ID") draw_turn(on, draft, 3);
  return by_message(on, Answer{std::string(error_name(pair.error)), pair.after_append});
}

Fault make_answer(const Draft& draft) {
  if (!draft.transactional().empty() && draft.dice.of("transactional").chance(85))
    return make_transactional_answer(draft);
  static const std::vector<ForgedPair> to_anybody = [] {
    std::vector<ForgedPair> pairs = forging_table();
    std::erase_if(pairs, [](const ForgedPair& pair) { return pair.to != ForgedPair::To::anybody; });
    return pairs;
  }();
  const ForgedPair& pair = draft.dice.of("pair").one_of(to_anybody);
  Matcher on;
  on.api = std::string(pair.api);
  on.response = false;
  if (pair.api == "PRODUCE") {
    on = on_produce(draft, false);
  } else {
    on.producer = draft.producer();
  }
  return by_message(on, Answer{std::string(error_name(pair.error)), pair.after_append});
}

/// A host that stops or stands still: a broker, or where there are transactions also one of their producers, which then
/// comes back as another producer or as a zombie. At a moment, or in the middle of what transactions are about.
Fault stops(const Draft& draft, Fault (*at_moment)(const Draft&, const std::string& host)) {
  const std::vector<std::string> transactional = draft.transactional();
  const bool of_producer = !transactional.empty() && draft.dice.of("a producer").chance(35);
  const std::string host = of_producer ? draft.dice.of("which producer").one_of(transactional) : draft.broker();
  Fault fault = at_moment(draft, host);
  if (transactional.empty() || !draft.dice.of("on a message").chance(35)) return fault;
  fault.at.reset();
  fault.on = on_transaction(draft, draft.dice.of("answer").chance(40));
  return fault;
}

Fault make_cut(const Draft& draft, bool one_way) {
  const std::string alone = draft.broker();
  std::vector<std::string> rest;
  for (std::int32_t b = 1; b <= draft.plan.cluster.brokers; ++b) {
    const std::string name = "b" + text(b);
    if (name != alone && (one_way || !draft.dice.of("spare", static_cast<std::uint64_t>(b)).chance(20)))
      rest.push_back(name);
  }
  if (draft.dice.of("controllers too").chance(60)) {
    for (std::int32_t c = 1; c <= draft.plan.cluster.controllers; ++c) rest.push_back("c" + text(c));
  }
  if (draft.dice.of("producers too").chance(50) || rest.empty()) {
    for (const ProducerSpec& p : draft.plan.producers) rest.push_back(p.name);
  }
  const bool outwards = draft.dice.of("outwards").chance(50);
  std::vector<std::vector<std::string>> groups =
      outwards ? std::vector{std::vector{alone}, rest} : std::vector{rest, std::vector{alone}};
  return by_time(draft, Cut{std::move(groups), one_way}, draft.length(4000));
}

DiskFault disk(const Draft& draft, DiskFault::Kind kind) {
  DiskFault fault;
  fault.kind = kind;
  fault.host = draft.broker();
  return fault;
}

constexpr std::int64_t crash_ms = 4000;

const std::array<KindOfFault, 29> kinds{{
    {"lose", [](const Draft& d) { return by_message(on_message(d, d.dice.of("answer").chance(60)), Lose{}); }},
    {"reset",
     [](const Draft& d) {
       return by_message(on_message(d, d.dice.of("answer").chance(60)),
                         Reset{d.dice.of("prefix").pick<std::int64_t>({0, 0, 30})});
     }},
    {"late", [](const Draft& d) { return by_message(on_message(d, d.dice.of("answer").chance(30)), Late{}); }},
    {"hold",
     [](const Draft& d) { return by_message(on_message(d, d.dice.of("answer").chance(50)), Hold{d.length(2500)}); }},
    {"delay",
     [](const Draft& d) { return by_message(on_message(d, d.dice.of("answer").chance(50)), Delay{d.length(2500)}); }},
    {"answer", make_answer},
    {"refuse",
     [](const Draft& d) {
       Matcher on;
       on.api = "CONNECT";
       on.from = d.producer();
       return by_message(on, Refuse{});
     }},
    {"crash",
     [](const Draft& draft) {
       return stops(draft, [](const Draft& d, const std::string& host) {
         return by_time(d, Crash{host, false, d.length(crash_ms)});
       });
     }},
    {"power",
     [](const Draft& d) {
       return by_time(d, Crash{d.broker(), true, d.length(crash_ms)});
     }},
    {"pause",
     [](const Draft& draft) {
       return stops(draft,
                    [](const Draft& d, const std::string& host) { return by_time(d, Pause{host}, d.length(3000)); });
     }},
    {"shutdown",
     [](const Draft& d) {
       return by_time(d, Shutdown{d.broker(), d.length(crash_ms)});
     }},
    {"clock",
     [](const Draft& d) {
       return by_time(d, ClockChange{d.producer(),
                                     Duration::ms(d.dice.of("jump").pick<std::int64_t>({-3000, -200, 200, 3000})), 0});
     }},
    {"slow-requests",
     [](const Draft& d) {
       return by_time(d, SlowRequests{d.broker(), d.dice.of("factor").pick<std::int64_t>({10, 100, 1000})},
                      d.length(2000));
     }},
    {"disk-slow", [](const Draft& d) { return by_time(d, disk(d, DiskFault::Kind::slow), d.length(2000)); }},
    {"disk-error",
     [](const Draft& d) {
       DiskFault fault = disk(d, DiskFault::Kind::append_error);
       fault.nth = 1;
       return by_time(d, fault);
     }},
    {"cut", [](const Draft& d) { return make_cut(d, false); }},
    {"cut-one-way", [](const Draft& d) { return make_cut(d, true); }},
    {"slow-link",
     [](const Draft& d) {
       return by_time(d, SlowLink{{d.producer(), d.broker()}, d.dice.of("factor").pick<std::int64_t>({10, 100, 1000})},
                      d.length(2000));
     }},
    {"lossy-link",
     [](const Draft& d) {
       return by_time(d, LossyLink{{d.producer(), d.broker()}, 200'000}, d.length(2000));
     }},
    {"bandwidth",
     [](const Draft& d) {
       return by_time(
           d, LimitBandwidth{{d.producer(), d.broker()}, d.dice.of("rate").pick<std::int64_t>({500, 2000, 20'000})},
           d.length(2000));
     }},
    {"close-connections",
     [](const Draft& d) {
       return by_time(d, CloseConnections{{d.producer(), d.broker()}});
     }},
    {"elect",
     [](const Draft& d) {
       return by_time(d, Elect{d.partition(), std::nullopt, false});
     }},
    {"change-isr",
     [](const Draft& d) {
       return by_time(d, ChangeIsr{d.partition(), {}});
     }},
    {"fail-over-controller", [](const Draft& d) { return by_time(d, FailOverController{}); }},
    {"add-partitions",
     [](const Draft& d) {
       return by_time(d, AddPartitions{d.topic().name, d.topic().partitions + 1});
     }},
    {"delete-records",
     [](const Draft& d) {
       return by_time(d, DeleteRecords{d.partition(), -1});
     }},
    {"expire-producer-ids", [](const Draft& d) { return by_time(d, ExpireProducerIds{d.partition()}); }},
    {"throttle",
     [](const Draft& d) {
       return by_time(d, Throttle{d.producer(), Duration::ms(d.dice.of("throttle").between(50, 600))}, d.length(1000));
     }},
    {"wipe", [](const Draft& d) { return by_time(d, disk(d, DiskFault::Kind::wipe)); }},
}};

}  // namespace

std::vector<std::string> Draft::transactional() const {
  std::vector<std::string> names;
  for (const ProducerSpec& producer : plan.producers) {
    if (producer.config.contains("transactional.id")) names.push_back(producer.name);
  }
  return names;
}

std::string Draft::partition() const {
  const TopicSpec& t = topic();
  return t.name + "-" + text(dice.of("partition").between(0, t.partitions - 1));
}

std::span<const KindOfFault> kinds_of_fault() {
  return kinds;
}

const std::vector<ForgedPair>& forging_table() {
  using To = ForgedPair::To;
  static const std::vector<ForgedPair> table{
      {"PRODUCE", ErrorCode::not_leader_or_follower, false},
      {"PRODUCE", ErrorCode::not_enough_replicas, false},
      {"PRODUCE", ErrorCode::unknown_topic_or_partition, false},
      {"PRODUCE", ErrorCode::kafka_storage_error, false},
      {"PRODUCE", ErrorCode::corrupt_message, false},
      {"PRODUCE", ErrorCode::invalid_record, false},
      {"PRODUCE", ErrorCode::message_too_large, false},
      {"PRODUCE", ErrorCode::topic_authorization_failed, false},
      {"PRODUCE", ErrorCode::unknown_server_error, false},
      {"PRODUCE", ErrorCode::not_enough_replicas_after_append, true},
      {"PRODUCE", ErrorCode::request_timed_out, true},
      {"PRODUCE", ErrorCode::not_leader_or_follower, true},
      {"INIT_PRODUCER_ID", ErrorCode::coordinator_load_in_progress, false},
      {"METADATA", ErrorCode::leader_not_available, false},
      {"PRODUCE", ErrorCode::invalid_producer_epoch, false, To::transactional},
      {"PRODUCE", ErrorCode::out_of_order_sequence_number, false, To::transactional},
      {"PRODUCE", ErrorCode::transaction_abortable, false, To::version_1},
      {"PRODUCE", ErrorCode::concurrent_transactions, false, To::version_2},
      {"INIT_PRODUCER_ID", ErrorCode::not_coordinator, false, To::transactional},
      {"INIT_PRODUCER_ID", ErrorCode::not_coordinator, true, To::transactional},
      {"INIT_PRODUCER_ID", ErrorCode::concurrent_transactions, false, To::transactional},
      {"FIND_COORDINATOR", ErrorCode::coordinator_not_available, false, To::transactional},
      {"ADD_PARTITIONS_TO_TXN", ErrorCode::concurrent_transactions, false, To::version_1},
      {"ADD_PARTITIONS_TO_TXN", ErrorCode::coordinator_not_available, false, To::version_1},
      {"ADD_PARTITIONS_TO_TXN", ErrorCode::not_coordinator, true, To::version_1},
      {"ADD_PARTITIONS_TO_TXN", ErrorCode::topic_authorization_failed, false, To::version_1},
      {"END_TXN", ErrorCode::coordinator_load_in_progress, false, To::transactional},
      {"END_TXN", ErrorCode::not_coordinator, false, To::transactional},
      {"END_TXN", ErrorCode::not_coordinator, true, To::transactional},
      {"END_TXN", ErrorCode::concurrent_transactions, false, To::transactional},
      {"END_TXN", ErrorCode::producer_fenced, false, To::transactional},
      {"END_TXN", ErrorCode::unknown_server_error, true, To::transactional},
      {"ADD_OFFSETS_TO_TXN", ErrorCode::coordinator_not_available, false, To::offsets_version_1},
      {"ADD_OFFSETS_TO_TXN", ErrorCode::group_authorization_failed, false, To::offsets_version_1},
      {"TXN_OFFSET_COMMIT", ErrorCode::coordinator_load_in_progress, false, To::offsets},
      {"TXN_OFFSET_COMMIT", ErrorCode::not_coordinator, true, To::offsets},
      {"TXN_OFFSET_COMMIT", ErrorCode::illegal_generation, false, To::offsets},
  };
  return table;
}

const std::vector<std::string_view>& fault_kinds() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const KindOfFault& kind : kinds) all.push_back(kind.name);
    return all;
  }();
  return names;
}

std::string_view kind_of(const Action& action) {
  struct Name {
    std::string_view operator()(const Lose&) const { return "lose"; }
    std::string_view operator()(const Reset&) const { return "reset"; }
    std::string_view operator()(const Late&) const { return "late"; }
    std::string_view operator()(const Hold&) const { return "hold"; }
    std::string_view operator()(const Delay&) const { return "delay"; }
    std::string_view operator()(const Refuse&) const { return "refuse"; }
    std::string_view operator()(const Answer&) const { return "answer"; }
    std::string_view operator()(const Crash& c) const { return c.power ? "power" : "crash"; }
    std::string_view operator()(const Restart&) const { return "restart"; }
    std::string_view operator()(const Pause&) const { return "pause"; }
    std::string_view operator()(const Shutdown&) const { return "shutdown"; }
    std::string_view operator()(const ClockChange&) const { return "clock"; }
    std::string_view operator()(const SlowRequests&) const { return "slow-requests"; }
    std::string_view operator()(const DiskFault& d) const {
      switch (d.kind) {
        case DiskFault::Kind::slow:
          return "disk-slow";
        case DiskFault::Kind::full:
          return "disk-full";
        case DiskFault::Kind::append_error:
          return "disk-error";
        case DiskFault::Kind::flush_error:
          return "flush-error";
        case DiskFault::Kind::wipe:
          return "wipe";
      }
      return "disk";
    }
    std::string_view operator()(const Cut& c) const { return c.one_way ? "cut-one-way" : "cut"; }
    std::string_view operator()(const SlowLink&) const { return "slow-link"; }
    std::string_view operator()(const LossyLink&) const { return "lossy-link"; }
    std::string_view operator()(const LimitBandwidth&) const { return "bandwidth"; }
    std::string_view operator()(const CloseConnections&) const { return "close-connections"; }
    std::string_view operator()(const Elect& e) const { return e.unclean ? "elect-unclean" : "elect"; }
    std::string_view operator()(const ChangeIsr&) const { return "change-isr"; }
    std::string_view operator()(const FailOverController&) const { return "fail-over-controller"; }
    std::string_view operator()(const Reassign&) const { return "reassign"; }
    std::string_view operator()(const AddPartitions&) const { return "add-partitions"; }
    std::string_view operator()(const CreateTopic&) const { return "create-topic"; }
    std::string_view operator()(const DeleteTopic&) const { return "delete-topic"; }
    std::string_view operator()(const DeleteRecords&) const { return "delete-records"; }
    std::string_view operator()(const ExpireProducerIds&) const { return "expire-producer-ids"; }
    std::string_view operator()(const Throttle&) const { return "throttle"; }
    std::string_view operator()(const ChangeConfig&) const { return "change-config"; }
  };
  return std::visit(Name{}, action);
}

}  // namespace linger::scenarios
