#include "scenarios/random_plan.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "sim/draw.h"

namespace linger::scenarios {

namespace {

constexpr sim::Stream plan_stream = sim::Stream::of("random plan");

/// Draws by name: what is drawn for one thing does not move when another thing is drawn or not.
class Dice {
 public:
  Dice(std::uint64_t seed, sim::Name name) : seed_{seed}, name_(name) {}
  Dice of(std::string_view word, std::uint64_t n = 0) const { return Dice{seed_.value, name_.with(word).with(n)}; }
  std::int64_t between(std::int64_t low, std::int64_t high) const { return sim::uniform(bits(), low, high); }
  bool chance(std::int64_t percent) const { return between(0, 99) < percent; }
  template <class T>
  T pick(std::initializer_list<T> from) const {
    return *(from.begin() + between(0, static_cast<std::int64_t>(from.size()) - 1));
  }
  std::string broker(std::int32_t brokers) const { return "b" + std::to_string(between(1, brokers)); }

 private:
  std::uint64_t bits() const { return sim::draw(seed_, plan_stream, name_, 0); }
  sim::Seed seed_;
  sim::Name name_;
};

std::string text(std::int64_t value) {
  return std::to_string(value);
}

ClusterSpec draw_cluster(const Dice& dice) {
  ClusterSpec cluster;
  cluster.brokers = dice.of("brokers").pick<std::int32_t>({2, 3, 3, 3, 3, 4, 5});
  cluster.controllers = dice.of("controllers").pick<std::int32_t>({1, 1, 3});
  if (dice.of("lag").chance(60)) cluster.config["replica.lag.time.max.ms"] = text(dice.of("lag ms").pick<std::int64_t>({1000, 3000, 10000}));
  if (dice.of("session").chance(70)) cluster.config["broker.session.timeout.ms"] = text(dice.of("session ms").pick<std::int64_t>({1000, 3000}));
  if (cluster.config.contains("broker.session.timeout.ms")) cluster.config["broker.heartbeat.interval.ms"] = "300";
  const std::int64_t topics = dice.of("topics").pick<std::int64_t>({1, 1, 1, 2});
  for (std::int64_t t = 0; t < topics; ++t) {
    const Dice topic_dice = dice.of("topic", static_cast<std::uint64_t>(t));
    TopicSpec topic;
    topic.name = t == 0 ? "orders" : "payments";
    topic.partitions = topic_dice.of("partitions").pick<std::int32_t>({1, 1, 2, 3});
    topic.replication_factor = std::min(cluster.brokers, topic_dice.of("replication").pick<std::int32_t>({1, 2, 3, 3, 3, 3}));
    const std::int64_t least = std::min<std::int64_t>(topic.replication_factor, topic_dice.of("min isr").pick<std::int64_t>({1, 2, 2, 2}));
    topic.config["min.insync.replicas"] = text(least);
    if (topic_dice.of("unclean").chance(10)) topic.config["unclean.leader.election.enable"] = "true";
    cluster.topics.push_back(topic);
  }
  return cluster;
}

NetworkSpec draw_network(const Dice& dice) {
  NetworkSpec network;
  network.latency.kind = dice.of("shape").chance(70) ? LatencySpec::Kind::uniform : LatencySpec::Kind::exponential;
  network.latency.low = Duration::us(dice.of("low").pick<std::int64_t>({50, 200, 200, 1000}));
  network.latency.high = network.latency.low + Duration::us(dice.of("spread").pick<std::int64_t>({50, 500, 700, 4000}));
  if (dice.of("loss").chance(10)) network.loss_ppm = dice.of("ppm").pick<std::int64_t>({1000, 10'000});
  return network;
}

Settings draw_producer_settings(const Dice& dice) {
  Settings config;
  const bool idempotent = dice.of("idempotent").chance(80);
  config["enable.idempotence"] = idempotent ? "true" : "false";
  config["acks"] = idempotent ? "all" : dice.of("acks").pick<std::string>({"all", "all", "1", "0"});
  config["max.in.flight.requests.per.connection"] = text(dice.of("in flight").pick<std::int64_t>({1, 2, 5, 5, 5}));
  config["linger.ms"] = text(dice.of("linger").pick<std::int64_t>({0, 1, 5, 20}));
  config["batch.size"] = text(dice.of("batch").pick<std::int64_t>({120, 300, 1000, 16384}));
  const std::int64_t request_timeout = dice.of("request timeout").pick<std::int64_t>({300, 500, 1000, 3000});
  config["request.timeout.ms"] = text(request_timeout);
  const std::int64_t patience = dice.of("delivery").pick<std::int64_t>({200, 1000, 5000, 20'000, 20'000});
  config["delivery.timeout.ms"] = text(request_timeout + 20 + patience);
  config["retry.backoff.ms"] = text(dice.of("backoff").pick<std::int64_t>({10, 50, 100, 10, 50, 100, 100, 0}));
  config["retry.backoff.max.ms"] = text(dice.of("backoff max").pick<std::int64_t>({100, 400, 1000}));
  config["max.block.ms"] = text(dice.of("block").pick<std::int64_t>({500, 3000, 10'000}));
  if (dice.of("retries").chance(10)) config["retries"] = text(dice.of("retries n").pick<std::int64_t>({1, 3}));
  if (dice.of("memory").chance(10)) config["buffer.memory"] = text(dice.of("memory n").pick<std::int64_t>({20'000, 60'000}));
  if (dice.of("compression").chance(15)) config["compression.type"] = dice.of("codec").pick<std::string>({"gzip", "snappy", "lz4", "zstd"});
  return config;
}

ApplicationThread draw_thread(const Dice& dice, const ClusterSpec& cluster, Duration span) {
  ApplicationThread thread;
  const std::int64_t bursts = dice.of("bursts").between(1, 4);
  for (std::int64_t b = 0; b < bursts; ++b) {
    const Dice burst = dice.of("burst", static_cast<std::uint64_t>(b));
    SendStep send;
    const auto& topic = cluster.topics[static_cast<std::size_t>(burst.of("topic").between(0, static_cast<std::int64_t>(cluster.topics.size()) - 1))];
    send.topic = topic.name;
    if (burst.of("placed").chance(60)) {
      send.partition = static_cast<std::int32_t>(burst.of("partition").between(0, topic.partitions - 1));
    } else if (burst.of("keyed").chance(50)) {
      send.key.kind = DataSpec::Kind::text;
      send.key.text = "k${n}";
    }
    send.count = burst.of("count").pick<std::int64_t>({1, 5, 10, 20, 40});
    send.value.kind = DataSpec::Kind::bytes;
    send.value.bytes = burst.of("bytes").pick<std::int64_t>({10, 50, 100, 100});
    // Spread over the span, so that faults by time meet traffic.
    send.every = burst.of("spread").chance(80) ? Duration::ns(span.ns() / bursts / send.count) : Duration{};
    send.sync = burst.of("sync").chance(10);
    thread.steps.push_back(WorkloadStep{b == 0 ? std::optional{Duration{}} : std::nullopt, send});
    if (burst.of("flush").chance(10)) thread.steps.push_back(WorkloadStep{std::nullopt, FlushStep{}});
  }
  return thread;
}

struct Draft {
  const Dice& dice;
  const Scenario& plan;
  Duration span;
  std::string broker() const { return dice.of("broker").broker(plan.cluster.brokers); }
  std::string other_broker(const std::string& than) const {
    for (std::uint64_t n = 0;; ++n) {
      std::string name = dice.of("other", n).broker(plan.cluster.brokers);
      if (name != than || plan.cluster.brokers == 1) return name;
    }
  }
  std::string producer() const {
    return plan.producers[static_cast<std::size_t>(dice.of("producer").between(0, static_cast<std::int64_t>(plan.producers.size()) - 1))].name;
  }
  const TopicSpec& topic() const {
    return plan.cluster.topics[static_cast<std::size_t>(dice.of("topic").between(0, static_cast<std::int64_t>(plan.cluster.topics.size()) - 1))];
  }
  std::string partition() const {
    const TopicSpec& t = topic();
    return t.name + "-" + text(dice.of("partition").between(0, t.partitions - 1));
  }
  Duration moment() const { return Duration::us(dice.of("at").between(0, span.us())); }
  Duration length(std::int64_t longest_ms) const { return Duration::ms(dice.of("length").between(20, longest_ms)); }
};

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

using Maker = Fault (*)(const Draft&);
struct KindOfFault {
  std::string_view name;
  Maker make;
};

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

Fault make_answer(const Draft& draft) {
  const auto& table = forging_table();
  const ForgedPair& pair = table[static_cast<std::size_t>(draft.dice.of("pair").between(0, static_cast<std::int64_t>(table.size()) - 1))];
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

Fault make_cut(const Draft& draft, bool one_way) {
  const std::string alone = draft.broker();
  std::vector<std::string> rest;
  for (std::int32_t b = 1; b <= draft.plan.cluster.brokers; ++b) {
    const std::string name = "b" + text(b);
    if (name != alone && (one_way || !draft.dice.of("spare", static_cast<std::uint64_t>(b)).chance(20))) rest.push_back(name);
  }
  if (draft.dice.of("controllers too").chance(60)) {
    for (std::int32_t c = 1; c <= draft.plan.cluster.controllers; ++c) rest.push_back("c" + text(c));
  }
  if (draft.dice.of("producers too").chance(50) || rest.empty()) {
    for (const ProducerSpec& p : draft.plan.producers) rest.push_back(p.name);
  }
  const bool outwards = draft.dice.of("outwards").chance(50);
  std::vector<std::vector<std::string>> groups = outwards ? std::vector{std::vector{alone}, rest} : std::vector{rest, std::vector{alone}};
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
    {"lose", [](const Draft& d) { return by_message(on_produce(d, d.dice.of("answer").chance(60)), Lose{}); }},
    {"reset", [](const Draft& d) { return by_message(on_produce(d, d.dice.of("answer").chance(60)), Reset{d.dice.of("prefix").pick<std::int64_t>({0, 0, 30})}); }},
    {"late", [](const Draft& d) { return by_message(on_produce(d, d.dice.of("answer").chance(30)), Late{}); }},
    {"hold", [](const Draft& d) { return by_message(on_produce(d, d.dice.of("answer").chance(50)), Hold{d.length(2500)}); }},
    {"delay", [](const Draft& d) { return by_message(on_produce(d, d.dice.of("answer").chance(50)), Delay{d.length(2500)}); }},
    {"answer", make_answer},
    {"refuse", [](const Draft& d) {
       Matcher on;
       on.api = "CONNECT";
       on.from = d.producer();
       return by_message(on, Refuse{});
     }},
    {"crash", [](const Draft& d) { return by_time(d, Crash{d.broker(), false, d.length(crash_ms)}); }},
    {"power", [](const Draft& d) { return by_time(d, Crash{d.broker(), true, d.length(crash_ms)}); }},
    {"pause", [](const Draft& d) { return by_time(d, Pause{d.broker()}, d.length(3000)); }},
    {"shutdown", [](const Draft& d) { return by_time(d, Shutdown{d.broker(), d.length(crash_ms)}); }},
    {"clock", [](const Draft& d) { return by_time(d, ClockChange{d.producer(), Duration::ms(d.dice.of("jump").pick<std::int64_t>({-3000, -200, 200, 3000})), 0}); }},
    {"slow-requests", [](const Draft& d) { return by_time(d, SlowRequests{d.broker(), d.dice.of("factor").pick<std::int64_t>({10, 100, 1000})}, d.length(2000)); }},
    {"disk-slow", [](const Draft& d) { return by_time(d, disk(d, DiskFault::Kind::slow), d.length(2000)); }},
    {"disk-error", [](const Draft& d) {
       DiskFault fault = disk(d, DiskFault::Kind::append_error);
       fault.nth = 1;
       return by_time(d, fault);
     }},
    {"cut", [](const Draft& d) { return make_cut(d, false); }},
    {"cut-one-way", [](const Draft& d) { return make_cut(d, true); }},
    {"slow-link", [](const Draft& d) { return by_time(d, SlowLink{{d.producer(), d.broker()}, d.dice.of("factor").pick<std::int64_t>({10, 100, 1000})}, d.length(2000)); }},
    {"lossy-link", [](const Draft& d) { return by_time(d, LossyLink{{d.producer(), d.broker()}, 200'000}, d.length(2000)); }},
    {"bandwidth", [](const Draft& d) { return by_time(d, LimitBandwidth{{d.producer(), d.broker()}, d.dice.of("rate").pick<std::int64_t>({500, 2000, 20'000})}, d.length(2000)); }},
    {"close-connections", [](const Draft& d) { return by_time(d, CloseConnections{{d.producer(), d.broker()}}); }},
    {"elect", [](const Draft& d) { return by_time(d, Elect{d.partition(), std::nullopt, false}); }},
    {"change-isr", [](const Draft& d) { return by_time(d, ChangeIsr{d.partition(), {}}); }},
    {"fail-over-controller", [](const Draft& d) { return by_time(d, FailOverController{}); }},
    {"add-partitions", [](const Draft& d) { return by_time(d, AddPartitions{d.topic().name, d.topic().partitions + 1}); }},
    {"delete-records", [](const Draft& d) { return by_time(d, DeleteRecords{d.partition(), -1}); }},
    {"expire-producer-ids", [](const Draft& d) { return by_time(d, ExpireProducerIds{d.partition()}); }},
    {"throttle", [](const Draft& d) { return by_time(d, Throttle{d.producer(), Duration::ms(d.dice.of("throttle").between(50, 600))}, d.length(1000)); }},
    {"wipe", [](const Draft& d) { return by_time(d, disk(d, DiskFault::Kind::wipe)); }},
}};

/// A producer without sequences whose retried request lies in its own memory, since the socket buffer is small
/// and full, while the batch expires and another partition's traffic takes buffers from the pool. Every batch holds one record and all have one size, so
/// that nothing but the rule about when a buffer is free decides what the request carries when it leaves at last.
void add_stuck_writer(Scenario& plan, const Dice& dice) {
  TopicSpec topic;
  topic.name = "tickets";
  topic.partitions = 2;
  topic.replication_factor = std::min(plan.cluster.brokers, dice.of("replication").pick<std::int32_t>({1, 2, 3}));
  plan.cluster.topics.push_back(topic);
  ProducerSpec producer;
  producer.name = "stuck";
  const std::int64_t request_timeout = dice.of("request timeout").pick<std::int64_t>({300, 500});
  const std::int64_t patience = dice.of("patience").pick<std::int64_t>({100, request_timeout * 3 / 4, request_timeout - 50});
  producer.config = {{"enable.idempotence", "false"},
                     {"acks", dice.of("acks").pick<std::string>({"1", "all"})},
                     {"batch.size", "200"},
                     {"linger.ms", "0"},
                     {"send.buffer.bytes", text(dice.of("send buffer").pick<std::int64_t>({40, 100, 150}))},
                     {"request.timeout.ms", text(request_timeout)},
                     {"delivery.timeout.ms", text(request_timeout + patience)},
                     {"retry.backoff.ms", "50"},
                     {"retry.backoff.max.ms", "50"}};
  for (std::int32_t p = 0; p < 2; ++p) {
    SendStep send;
    send.topic = topic.name;
    send.partition = p;
    send.count = 70;
    send.value.kind = DataSpec::Kind::bytes;
    send.value.bytes = 100;
    send.every = Duration::ms(dice.of("every", static_cast<std::uint64_t>(p)).between(15, 25));
    ApplicationThread thread;
    thread.steps.push_back(WorkloadStep{Duration{}, send});
    producer.threads.push_back(std::move(thread));
  }
  plan.producers.push_back(std::move(producer));

  const auto on_first_partition = [&](std::string_view id, Action action, std::int32_t attempt, std::optional<Duration> after) {
    Fault fault;
    fault.id = "stuck-" + std::string(id);
    Matcher on;
    on.api = "PRODUCE";
    on.response = false;
    on.producer = "stuck";
    on.partition = topic.name + "-0";
    on.attempt = attempt;
    on.after = after;
    fault.on = std::move(on);
    fault.action = std::move(action);
    plan.faults.push_back(std::move(fault));
  };
  on_first_partition("lose", Lose{}, 1, Duration::ms(dice.of("after").between(20, 700)));
  on_first_partition("hold", Hold{Duration::ms(request_timeout * dice.of("hold").between(50, 98) / 100)}, 2, std::nullopt);
}

}  // namespace

const std::vector<ForgedPair>& forging_table() {
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
        case DiskFault::Kind::slow: return "disk-slow";
        case DiskFault::Kind::full: return "disk-full";
        case DiskFault::Kind::append_error: return "disk-error";
        case DiskFault::Kind::flush_error: return "flush-error";
        case DiskFault::Kind::wipe: return "wipe";
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

Scenario random_plan(std::uint64_t seed) {
  const Dice dice{seed, sim::Name::of("plan")};
  Scenario plan;
  plan.title = "Random plan " + std::to_string(seed);
  plan.seed = seed;
  plan.cluster = draw_cluster(dice.of("cluster"));
  plan.network = draw_network(dice.of("network"));
  const Duration span = Duration::ms(dice.of("span").pick<std::int64_t>({500, 1500, 3000, 6000}));
  const std::int64_t producers = dice.of("producers").pick<std::int64_t>({1, 1, 2, 3});
  for (std::int64_t p = 0; p < producers; ++p) {
    const Dice producer_dice = dice.of("producer", static_cast<std::uint64_t>(p));
    ProducerSpec producer;
    producer.name = "p" + std::to_string(p + 1);
    producer.config = draw_producer_settings(producer_dice);
    const std::int64_t threads = producer_dice.of("threads").pick<std::int64_t>({1, 1, 1, 2});
    for (std::int64_t t = 0; t < threads; ++t) {
      producer.threads.push_back(draw_thread(producer_dice.of("thread", static_cast<std::uint64_t>(t)), plan.cluster, span));
    }
    plan.producers.push_back(std::move(producer));
  }
  if (dice.of("consumer").chance(50)) {
    ConsumerSpec consumer;
    consumer.name = "reader";
    for (const TopicSpec& topic : plan.cluster.topics) consumer.topics.push_back(topic.name);
    plan.consumers.push_back(consumer);
  }
  if (dice.of("ties").chance(30)) plan.ties = Ties{Ties::Kind::seeded, seed, 3, {}};

  // Swarm: each kind of fault is in this plan's repertoire or not.
  std::vector<const KindOfFault*> repertoire;
  for (const KindOfFault& kind : kinds) {
    if (dice.of("feature").of(kind.name).chance(30)) repertoire.push_back(&kind);
  }
  const std::int64_t wanted = repertoire.empty() ? 0 : dice.of("faults").pick<std::int64_t>({1, 2, 3, 4, 6});
  for (std::int64_t f = 0; f < wanted; ++f) {
    const Dice fault_dice = dice.of("fault", static_cast<std::uint64_t>(f));
    const auto which = static_cast<std::size_t>(fault_dice.of("kind").between(0, static_cast<std::int64_t>(repertoire.size()) - 1));
    Fault fault = repertoire[which]->make(Draft{fault_dice, plan, span});
    fault.id = "f" + std::to_string(f + 1) + "-" + std::string(repertoire[which]->name);
    plan.faults.push_back(std::move(fault));
  }
  // Most plans also hold a change of leader and a message that does not get through, since that is what everything else is about.
  const auto also = [&](std::string_view kind, std::int64_t percent) {
    const Dice fault_dice = dice.of("also").of(kind);
    if (!fault_dice.of("wanted").chance(percent)) return;
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const KindOfFault& k) { return k.name == kind; });
    Fault fault = found->make(Draft{fault_dice, plan, span});
    fault.id = "also-" + std::string(kind);
    plan.faults.push_back(std::move(fault));
  };
  also("elect", 55);
  also("close-connections", 45);
  also("reset", 35);
  also("lose", 25);
  also("answer", 25);
  if (dice.of("stuck writer").chance(4)) add_stuck_writer(plan, dice.of("stuck writer"));
  return plan;
}

Scenario vary(const Scenario& scenario, std::uint64_t seed) {
  const Dice dice{seed, sim::Name::of("variation")};
  Scenario plan = scenario;
  plan.seed = seed;
  plan.expect = Expectation{};
  Duration span = Duration::s(1);
  for (const ProducerSpec& producer : plan.producers) {
    for (const ApplicationThread& thread : producer.threads) {
      for (const WorkloadStep& step : thread.steps) {
        if (step.at) span = std::max(span, *step.at);
        if (const auto* send = std::get_if<SendStep>(&step.what)) span = std::max(span, send->every * send->count);
      }
    }
  }
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    Fault& fault = plan.faults[i];
    fault.must_hit = false;
    if (fault.at) fault.at = std::max(Duration{}, *fault.at + Duration::us(dice.of("shift", i).between(-50'000, 50'000)));
  }
  const std::int64_t more = dice.of("more").between(0, 2);
  for (std::int64_t f = 0; f < more && !plan.producers.empty(); ++f) {
    const Dice fault_dice = dice.of("fault", static_cast<std::uint64_t>(f));
    Fault fault = kinds[static_cast<std::size_t>(fault_dice.of("kind").between(0, 4))].make(Draft{fault_dice, plan, span});
    fault.id = "fate-" + std::to_string(f + 1);
    while (std::any_of(plan.faults.begin(), plan.faults.end(), [&](const Fault& other) { return other.id == fault.id; })) fault.id += "'";
    plan.faults.push_back(std::move(fault));
  }
  return plan;
}

}  // namespace linger::scenarios
