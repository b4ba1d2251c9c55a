#pragma once

#include "scenarios/field_list.h"
#include "scenarios/scenario.h"

/// The field lists of scenario.h. Whoever adds a field there adds it here, and it is read, written, in the schema and
/// in docs/scenario.md.
namespace linger::scenarios {

/// What one file may hold (scenario-format: beyond it a plan is turned away with the limit's name).
struct ScenarioLimits {
  static constexpr std::int64_t brokers = 32;
  static constexpr std::int64_t controllers = 5;
  static constexpr std::int64_t partitions = 1024;
  static constexpr std::int64_t records = 10'000'000;
  static constexpr std::int64_t faults = 10'000;
  static constexpr std::int64_t clients = 1000;  ///< producers, and consumers
  static constexpr std::int64_t file_bytes = 64 * 1024 * 1024;
  static constexpr std::int64_t value_bytes = 16 * 1024 * 1024;
  static constexpr std::int64_t seed = (std::int64_t{1} << 53) - 1;
};

template <>
struct Words<RestartStep::From> {
  static constexpr std::array words{std::pair{std::string_view("last_acked"), RestartStep::From::last_acked},
                                    std::pair{std::string_view("checkpoint"), RestartStep::From::checkpoint},
                                    std::pair{std::string_view("start"), RestartStep::From::start}};
};

template <>
struct FieldList<LinkSpec> {
  static constexpr auto fields = std::tuple(
      field(&LinkSpec::a, {.name = "a", .about = "one end", .required = true, .meaning = Meaning::host}),
      field(&LinkSpec::b, {.name = "b", .about = "the other end", .required = true, .meaning = Meaning::host}),
      field(&LinkSpec::latency, {.name = "latency", .about = "one-way delay of this link"}),
      field(&LinkSpec::bandwidth,
            {.name = "bandwidth", .about = "bytes a second, each way; unlimited unless given", .min = 1}),
      field(&LinkSpec::loss_ppm,
            {.name = "loss_ppm", .about = "lost packets in a million; each costs a retransmission", .max = 1'000'000}));
};

template <>
struct FieldList<NetworkSpec> {
  static constexpr auto fields = std::tuple(
      field(&NetworkSpec::latency, {.name = "latency", .about = "one-way delay between any two hosts"}),
      field(&NetworkSpec::bandwidth,
            {.name = "bandwidth", .about = "bytes a second on each link, each way; unlimited unless given", .min = 1}),
      field(&NetworkSpec::loss_ppm,
            {.name = "loss_ppm", .about = "lost packets in a million; each costs a retransmission", .max = 1'000'000}),
      field(&NetworkSpec::links, {.name = "links", .about = "links that differ from the rest"}));
};

template <>
struct FieldList<TopicSpec> {
  static constexpr auto fields = std::tuple(
      field(&TopicSpec::name,
            {.name = "name", .about = "the topic's name", .required = true, .meaning = Meaning::new_topic}),
      field(&TopicSpec::partitions, {.name = "partitions",
                                     .about = "how many partitions it has; 1 unless given",
                                     .min = 1,
                                     .max = ScenarioLimits::partitions,
                                     .limit_of = "partitions",
                                     .always_written = true}),
      field(&TopicSpec::replication_factor,
            {.name = "replication.factor",
             .about = "replicas of each partition; 3 unless given, or as many as there are brokers",
             .min = 1,
             .max = ScenarioLimits::brokers,
             .limit_of = "brokers",
             .always_written = true}),
      field(&TopicSpec::config,
            {.name = "config", .about = "the topic's own settings, Kafka's keys", .meaning = Meaning::topic_settings}),
      field(&TopicSpec::replicas, {.name = "replicas",
                                   .about = "broker numbers of each partition's replicas, the preferred leader first; "
                                            "partition i begins at b((i mod n)+1) unless given",
                                   .min = 1,
                                   .max = ScenarioLimits::brokers}),
      field(&TopicSpec::created,
            {.name = "created", .about = "the instant at which it is created; there from the beginning unless given"}));
};

template <>
struct FieldList<InitialProducerState> {
  static constexpr auto fields =
      std::tuple(field(&InitialProducerState::producer_id,
                       {.name = "producer_id", .about = "producer id that the brokers know", .required = true}),
                 field(&InitialProducerState::epoch, {.name = "epoch", .about = "its epoch", .max = 32767}),
                 field(&InitialProducerState::next_sequence,
                       {.name = "next_sequence", .about = "the sequence number that comes next", .max = 2147483647}));
};

template <>
struct FieldList<InitialPartition> {
  static constexpr auto fields = std::tuple(
      field(&InitialPartition::topic,
            {.name = "topic", .about = "its topic", .required = true, .meaning = Meaning::topic}),
      field(&InitialPartition::partition,
            {.name = "partition", .about = "its number", .max = ScenarioLimits::partitions - 1}),
      field(&InitialPartition::producers, {.name = "producers", .about = "what all replicas know about producers"}),
      field(&InitialPartition::records, {.name = "records",
                                         .about = "records that every replica already holds",
                                         .max = ScenarioLimits::records,
                                         .limit_of = "records"}),
      field(&InitialPartition::isr, {.name = "isr",
                                     .about = "numbers of the brokers in the ISR; all replicas unless given",
                                     .min = 1,
                                     .max = ScenarioLimits::brokers}));
};

template <>
struct FieldList<ClusterSpec> {
  static constexpr auto fields = std::tuple(
      field(&ClusterSpec::brokers, {.name = "brokers",
                                    .about = "number of brokers, named b1 and so on; 3 unless given",
                                    .min = 1,
                                    .max = ScenarioLimits::brokers,
                                    .limit_of = "brokers",
                                    .always_written = true}),
      field(&ClusterSpec::controllers, {.name = "controllers",
                                        .about = "number of controllers, named c1 and so on; 1 unless given",
                                        .min = 1,
                                        .max = ScenarioLimits::controllers,
                                        .limit_of = "controllers"}),
      field(&ClusterSpec::profile,
            {.name = "profile", .about = "the version whose behaviour is played", .meaning = Meaning::profile}),
      field(&ClusterSpec::behaviour,
            {.name = "behaviour",
             .about = "rules of brokers and controllers that are switched away from the profile",
             .meaning = Meaning::cluster_behaviour}),
      field(&ClusterSpec::config,
            {.name = "config", .about = "broker settings, Kafka's keys", .meaning = Meaning::cluster_settings}),
      field(&ClusterSpec::topics,
            {.name = "topics", .about = "the topics", .max = ScenarioLimits::partitions, .limit_of = "topics"}),
      field(&ClusterSpec::initial, {.name = "initial", .about = "what partitions hold and know before the run begins"}),
      field(&ClusterSpec::cold_start,
            {.name = "cold_start",
             .about = "true: the run begins before brokers have registered and leaders are elected"}));
};

template <>
struct FieldList<SendStep> {
  static constexpr auto fields = std::tuple(
      field(&SendStep::topic, {.name = "topic", .about = "where to", .required = true, .meaning = Meaning::topic}),
      field(&SendStep::partition, {.name = "partition",
                                   .about = "its number; the partitioner chooses unless given",
                                   .max = ScenarioLimits::partitions - 1}),
      field(&SendStep::key, {.name = "key", .about = "the records' key; none unless given"}),
      field(&SendStep::value, {.name = "value", .about = "the records' value; none unless given"}),
      field(&SendStep::headers, {.name = "headers", .about = "headers of each record"}),
      field(&SendStep::timestamp,
            {.name = "timestamp", .about = "CreateTime in milliseconds since 1970; the host's clock unless given"}),
      field(&SendStep::count, {.name = "count",
                               .about = "how many records; 1 unless given",
                               .min = 1,
                               .max = ScenarioLimits::records,
                               .limit_of = "records"}),
      field(&SendStep::every, {.name = "every", .about = "time from one record to the next; at once unless given"}),
      field(&SendStep::sync, {.name = "mode",
                              .about = "sync waits for each answer before the next record",
                              .false_word = "async",
                              .true_word = "sync"}));
};

template <>
struct FieldList<ConsumerSpec> {
  static constexpr auto fields = std::tuple(
      field(&ConsumerSpec::name, {.name = "name", .about = "the consumer's name", .meaning = Meaning::new_name}),
      field(&ConsumerSpec::topics, {.name = "topics",
                                    .about = "topics that it reads from the log start",
                                    .required = true,
                                    .meaning = Meaning::topic,
                                    .min = 1}),
      field(&ConsumerSpec::start, {.name = "start", .about = "the instant at which it begins; 0 unless given"}),
      field(&ConsumerSpec::read_committed, {.name = "isolation.level",
                                            .about = "read_committed passes over what transactions have not committed",
                                            .false_word = "read_uncommitted",
                                            .true_word = "read_committed"}));
};

/// Beside these a producer has `on_error` and `workload`, which are read by hand.
template <>
struct FieldList<ProducerSpec> {
  static constexpr auto fields = std::tuple(
      field(&ProducerSpec::name,
            {.name = "name", .about = "the producer's name; p1 and so on unless given", .meaning = Meaning::new_name}),
      field(&ProducerSpec::config, {.name = "config",
                                    .about = "settings of the Java producer (docs/config.md)",
                                    .meaning = Meaning::producer_settings}),
      field(&ProducerSpec::behaviour, {.name = "behaviour",
                                       .about = "rules of the producer that are switched away from the profile",
                                       .meaning = Meaning::producer_behaviour}),
      field(&ProducerSpec::on_error, {.name = "on_error",
                                      .about = "what the application does with a record that failed: ignore, abort, or "
                                               "{\"resend\": at most so often}"}),
      field(
          &ProducerSpec::threads,
          {.name = "workload", .about = "a list of steps; or a list of such lists, one for each application thread"}));
};

/// The rest of a matcher; `request` or `response` names the API.
template <>
struct FieldList<Matcher> {
  static constexpr auto fields = std::tuple(
      field(&Matcher::from, {.name = "from", .about = "who sent it", .meaning = Meaning::host}),
      field(&Matcher::to, {.name = "to", .about = "who it goes to", .meaning = Meaning::host}),
      field(&Matcher::producer,
            {.name = "producer", .about = "the producer it belongs to", .meaning = Meaning::producer}),
      field(&Matcher::record,
            {.name = "record", .about = "carries the batch with this record of the producer, counted from 0"}),
      field(&Matcher::partition, {.name = "partition",
                                  .about = "carries a batch of this partition, as orders-0",
                                  .meaning = Meaning::partition}),
      field(&Matcher::attempt, {.name = "attempt",
                                .about = "carries a batch that is sent for the n-th time; 1 is the first",
                                .min = 1,
                                .max = 2147483647}),
      field(&Matcher::connection, {.name = "connection",
                                   .about = "on the n-th connection between the two hosts, counted from 1",
                                   .min = 1,
                                   .max = 2147483647}),
      field(&Matcher::after, {.name = "after", .about = "not before this instant"}),
      field(&Matcher::after_fault,
            {.name = "after_fault", .about = "not before this fault has hit", .meaning = Meaning::fault}),
      field(&Matcher::nth,
            {.name = "nth", .about = "the n-th of its kind (API, direction, from, to), counted from 1", .min = 1}),
      field(&Matcher::every, {.name = "every", .about = "true: each one that agrees, not only the first"}));
};

template <>
struct FieldList<Fault> {
  static constexpr auto fields = std::tuple(
      field(&Fault::id,
            {.name = "id", .about = "the fault's name; f1 and so on unless given", .meaning = Meaning::new_fault}),
      field(&Fault::at, {.name = "at", .about = "the instant at which it strikes"}),
      field(&Fault::on, {.name = "on", .about = "the message on which it strikes"}),
      field(&Fault::lasts, {.name = "for", .about = "how long it lasts; until the final phase unless given"}),
      field(&Fault::must_hit, {.name = "must_hit", .about = "true: a run in which it changed nothing fails"}));
};

template <>
struct FieldList<Scenario> {
  static constexpr auto fields = std::tuple(
      field(&Scenario::title, {.name = "title", .about = "a few words"}),
      field(&Scenario::teaches, {.name = "teaches", .about = "one sentence: what the reader should see"}),
      field(&Scenario::seed, {.name = "seed",
                              .about = "the seed of every draw; 1 unless given",
                              .max = ScenarioLimits::seed,
                              .always_written = true}),
      field(&Scenario::cluster, {.name = "cluster", .about = "brokers, controllers, topics"}),
      field(&Scenario::network, {.name = "network", .about = "delays, bandwidth, loss"}),
      field(&Scenario::producers, {.name = "producers",
                                   .about = "the producers and what their applications do",
                                   .max = ScenarioLimits::clients,
                                   .limit_of = "producers"}),
      field(&Scenario::consumers, {.name = "consumers",
                                   .about = "readers that follow along",
                                   .max = ScenarioLimits::clients,
                                   .limit_of = "consumers"}),
      field(&Scenario::faults,
            {.name = "faults", .about = "what goes wrong", .max = ScenarioLimits::faults, .limit_of = "faults"}),
      field(&Scenario::expect, {.name = "expect", .about = "what the author says will come out"}),
      field(&Scenario::until, {.name = "until", .about = "the instant at which the run ends early"}),
      field(&Scenario::final_phase,
            {.name = "final", .about = "false: leave out the final phase, in which everything heals"}),
      field(&Scenario::ties,
            {.name = "ties",
             .about = "how events of the same instant are ordered: fifo, {\"seeded\": n}, {\"pct\": {…}}"}));
};

template <>
struct FieldList<Range> {
  static constexpr auto fields = std::tuple(
      field(&Range::min, {.name = "min", .about = "at least", .min = std::numeric_limits<std::int64_t>::min()}),
      field(&Range::max, {.name = "max", .about = "at most", .min = std::numeric_limits<std::int64_t>::min()}));
};

inline constexpr auto step_forms = std::tuple(
    form<SendStep>("send", FormStyle::nested, "sends records"),
    form<FlushStep>("flush", FormStyle::nested, "KafkaProducer.flush: waits until everything sent so far is answered"),
    form<CloseStep>(
        "close", FormStyle::nested, "KafkaProducer.close",
        field(&CloseStep::timeout, {.name = "timeout", .about = "how long it may take; for ever unless given"})),
    form<AwaitAllStep>("await_all", FormStyle::nested, "waits for the answers of all records of this thread"),
    form<SleepStep>("sleep", FormStyle::flat, "does nothing for a time",
                    field(&SleepStep::time, {.name = "sleep", .about = "how long", .required = true})),
    form<RestartStep>(
        "restart", FormStyle::nested, "the application dies, and a new one with a new producer goes on",
        field(&RestartStep::from,
              {.name = "from",
               .about = "where it goes on: behind the last acknowledged record, at the last flush, or at the start"})),
    form<BeginStep>("begin", FormStyle::nested,
                    "begins a transaction; the first of a process calls initTransactions before"),
    form<CommitStep>(
        "commit", FormStyle::nested,
        "KafkaProducer.commitTransaction; when it fails the application aborts, or stops where that is final"),
    form<AbortStep>("abort", FormStyle::nested, "KafkaProducer.abortTransaction"),
    form<SendOffsetsStep>(
        "send_offsets", FormStyle::nested, "KafkaProducer.sendOffsetsToTransaction",
        field(&SendOffsetsStep::group, {.name = "group", .about = "the consumer group", .required = true}),
        field(&SendOffsetsStep::topic,
              {.name = "topic", .about = "what the group has read", .required = true, .meaning = Meaning::topic}),
        field(&SendOffsetsStep::partition,
              {.name = "partition", .about = "its number", .max = ScenarioLimits::partitions - 1}),
        field(&SendOffsetsStep::offset, {.name = "offset", .about = "the offset that it would read next"})),
    form<TransferStep>(
        "transfer", FormStyle::nested,
        "reads a topic as a consumer group (read_committed, from the group's committed offsets on, "
        "auto.offset.reset=earliest) and sends each record "
        "to another topic, until all is transferred that was written by the time its writers ended. With a "
        "transactional.id each poll is a transaction with the "
        "group's offsets in it; without one it flushes and then commits the offsets",
        field(&TransferStep::from,
              {.name = "from", .about = "the topic that it reads", .required = true, .meaning = Meaning::topic}),
        field(
            &TransferStep::to,
            {.name = "to",
             .about =
                 "the topic that it writes: the same key, value and headers, and one header more that names the input",
             .required = true,
             .meaning = Meaning::topic}),
        field(&TransferStep::group,
              {.name = "group",
               .about = "its consumer group (group.id); nobody joins it, the partitions are assigned here",
               .required = true}),
        field(&TransferStep::partitions, {.name = "partitions",
                                          .about = "numbers of the partitions that it reads; all of them unless given",
                                          .max = ScenarioLimits::partitions - 1}),
        field(&TransferStep::max_poll_records,
              {.name = "max.poll.records",
               .about = "records of one poll, and so of one transaction; 500 unless given",
               .min = 1,
               .max = 2147483647})));

namespace forms {

inline constexpr FieldNote pair_of_hosts{
    .name = "", .about = "the two ends", .required = true, .meaning = Meaning::host, .min = 2, .max = 2};
inline constexpr FieldNote named(FieldNote note, std::string_view name) {
  note.name = name;
  return note;
}
inline constexpr FieldNote factor{
    .name = "factor", .about = "so many times as long; 10 unless given", .min = 1, .max = 1'000'000};
inline constexpr FieldNote restart_after{.name = "restart_after",
                                         .about = "it starts again after this time; else in the final phase"};

constexpr FieldNote one_host(std::string_view key, Meaning meaning) {
  return {.name = key, .about = "the host", .required = true, .meaning = meaning};
}

template <DiskFault::Kind kind, class... Fs>
constexpr Form<DiskFault, Field<DiskFault, std::string>, Fs...> disk(std::string_view key, std::string_view about,
                                                                     Fs... fields) {
  return {key,
          FormStyle::flat,
          about,
          std::tuple<Field<DiskFault, std::string>, Fs...>(field(&DiskFault::host, one_host(key, Meaning::broker)),
                                                           fields...),
          [] {
            DiskFault fault;
            fault.kind = kind;
            return fault;
          },
          [](const DiskFault& fault) { return fault.kind == kind; }};
}

}  // namespace forms

inline constexpr auto action_forms = std::tuple(
    form<Lose>(
        "lose", FormStyle::word,
        "from this message's first byte on, this direction of the connection is a black hole until a side closes"),
    form<Reset>(
        "reset", FormStyle::word, "both sides see a reset",
        field(&Reset::prefix, {.name = "prefix", .about = "bytes of the message that still arrive; 0 unless given"})),
    form<Late>("late", FormStyle::word,
               "the client's side closes, and what it has sent still reaches the broker afterwards",
               field(&Late::time, {.name = "for", .about = "how much later; 1s unless given"})),
    form<Hold>("hold", FormStyle::word, "this direction of the connection stands still",
               field(&Hold::time, {.name = "for", .about = "how long", .required = true})),
    form<Delay>("delay", FormStyle::word, "this message takes longer",
                field(&Delay::time, {.name = "for", .about = "how much longer", .required = true})),
    form<Refuse>("refuse", FormStyle::word, "the connection is refused; goes with the request CONNECT"),
    form<Answer>(
        "answer", FormStyle::word, "a forged answer with an error",
        field(&Answer::error,
              {.name = "error", .about = "Kafka's name of the error", .required = true, .meaning = Meaning::error}),
        field(
            &Answer::after_append,
            {.name = "append",
             .about =
                 "before: the broker never sees the request; after: it does its work, and only its answer is replaced",
             .false_word = "before",
             .true_word = "after"})),
    form<Crash>(
        "crash", FormStyle::flat, "the process dies", field(&Crash::host, forms::one_host("crash", Meaning::host)),
        field(&Crash::power,
              {.name = "power", .about = "true: the whole machine loses power, and what was not flushed is gone"}),
        field(&Crash::restart_after, forms::restart_after)),
    form<Restart>("restart", FormStyle::flat, "a stopped host starts again",
                  field(&Restart::host, forms::one_host("restart", Meaning::host))),
    form<Pause>("pause", FormStyle::flat, "the process stands still",
                field(&Pause::host, forms::one_host("pause", Meaning::host))),
    form<Shutdown>("shutdown", FormStyle::flat, "controlled shutdown: the broker hands its leaderships over first",
                   field(&Shutdown::host, forms::one_host("shutdown", Meaning::broker)),
                   field(&Shutdown::restart_after, forms::restart_after)),
    form<ClockChange>("clock", FormStyle::flat, "the host's clock is changed",
                      field(&ClockChange::host, forms::one_host("clock", Meaning::host)),
                      field(&ClockChange::offset, {.name = "offset",
                                                   .about = "the wall clock jumps by this much, back if negative",
                                                   .may_be_negative = true}),
                      field(&ClockChange::drift_ppm, {.name = "drift_ppm",
                                                      .about = "from now on it gains so many microseconds a second",
                                                      .min = -500'000,
                                                      .max = 500'000})),
    form<SlowRequests>("slow_requests", FormStyle::flat, "the broker serves requests slowly",
                       field(&SlowRequests::host, forms::one_host("slow_requests", Meaning::broker)),
                       field(&SlowRequests::factor, forms::factor)),
    forms::disk<DiskFault::Kind::slow>("disk_slow", "the disk is slow", field(&DiskFault::factor, forms::factor)),
    forms::disk<DiskFault::Kind::full>("disk_full", "the disk takes nothing more"),
    forms::disk<DiskFault::Kind::append_error>(
        "disk_error", "appends fail",
        field(&DiskFault::nth,
              {.name = "nth", .about = "only the n-th append from now; all of them unless given", .min = 1})),
    forms::disk<DiskFault::Kind::flush_error>("flush_error", "flushes fail"),
    forms::disk<DiskFault::Kind::wipe>("wipe", "the disk is emptied"),
    form<Cut>("cut", FormStyle::flat,
              "breaks the links between the listed groups; hosts that are not listed keep theirs",
              field(&Cut::groups,
                    {.name = "cut", .about = "lists of hosts", .required = true, .meaning = Meaning::host, .min = 2}),
              field(&Cut::one_way, {.name = "one_way", .about = "true: only from the first group to the others"})),
    form<SlowLink>("slow_link", FormStyle::flat, "the link's delays grow",
                   field(&SlowLink::hosts, forms::named(forms::pair_of_hosts, "slow_link")),
                   field(&SlowLink::factor, forms::factor)),
    form<LossyLink>(
        "lossy_link", FormStyle::flat, "the link loses packets",
        field(&LossyLink::hosts, forms::named(forms::pair_of_hosts, "lossy_link")),
        field(&LossyLink::loss_ppm,
              {.name = "loss_ppm", .about = "lost packets in a million", .required = true, .max = 1'000'000})),
    form<LimitBandwidth>(
        "bandwidth", FormStyle::flat, "the link carries less",
        field(&LimitBandwidth::hosts, forms::named(forms::pair_of_hosts, "bandwidth")),
        field(&LimitBandwidth::bytes_per_second,
              {.name = "bytes_per_second", .about = "bytes a second, each way", .required = true, .min = 1})),
    form<CloseConnections>("close_connections", FormStyle::flat,
                           "the connections between the two are closed, as idle ones are",
                           field(&CloseConnections::hosts, forms::named(forms::pair_of_hosts, "close_connections"))),
    form<Elect>("elect", FormStyle::nested, "the controller elects a leader",
                field(&Elect::partition, {.name = "partition",
                                          .about = "the partition, as orders-0",
                                          .required = true,
                                          .meaning = Meaning::partition}),
                field(&Elect::leader, {.name = "leader",
                                       .about = "the broker; the controller's choice unless given",
                                       .meaning = Meaning::broker}),
                field(&Elect::unclean, {.name = "unclean", .about = "true: also from outside ISR and ELR"})),
    form<ChangeIsr>(
        "change_isr", FormStyle::nested, "the leader asks the controller for another ISR",
        field(&ChangeIsr::partition,
              {.name = "partition", .about = "the partition", .required = true, .meaning = Meaning::partition}),
        field(&ChangeIsr::isr,
              {.name = "isr", .about = "the brokers; the leader alone unless given", .meaning = Meaning::broker})),
    form<FailOverController>("fail_over_controller", FormStyle::nested, "another controller takes over"),
    form<Reassign>(
        "reassign", FormStyle::nested, "moves a partition to other brokers",
        field(&Reassign::partition,
              {.name = "partition", .about = "the partition", .required = true, .meaning = Meaning::partition}),
        field(&Reassign::replicas, {.name = "replicas",
                                    .about = "its new replicas, the preferred leader first",
                                    .required = true,
                                    .meaning = Meaning::broker,
                                    .min = 1})),
    form<AddPartitions>("add_partitions", FormStyle::nested, "a topic grows",
                        field(&AddPartitions::topic,
                              {.name = "topic", .about = "the topic", .required = true, .meaning = Meaning::topic}),
                        field(&AddPartitions::partitions, {.name = "partitions",
                                                           .about = "how many it has then",
                                                           .required = true,
                                                           .min = 1,
                                                           .max = ScenarioLimits::partitions,
                                                           .limit_of = "partitions"})),
    form<CreateTopic>("create_topic", FormStyle::flat, "a topic is created",
                      field(&CreateTopic::topic,
                            {.name = "create_topic", .about = "the topic, as in cluster.topics", .required = true})),
    form<DeleteTopic>(
        "delete_topic", FormStyle::flat, "a topic is deleted",
        field(&DeleteTopic::topic,
              {.name = "delete_topic", .about = "the topic", .required = true, .meaning = Meaning::topic})),
    form<DeleteRecords>(
        "delete_records", FormStyle::nested, "the log start moves up",
        field(&DeleteRecords::partition,
              {.name = "partition", .about = "the partition", .required = true, .meaning = Meaning::partition}),
        field(&DeleteRecords::before, {.name = "before",
                                       .about = "the first offset that stays; -1, the high watermark, unless given",
                                       .min = -1})),
    form<ExpireProducerIds>(
        "expire_producer_ids", FormStyle::nested, "brokers forget what they know about producers",
        field(&ExpireProducerIds::partition,
              {.name = "partition", .about = "only there; everywhere unless given", .meaning = Meaning::partition})),
    form<Throttle>(
        "throttle", FormStyle::nested, "brokers ask the producer to pause, as a quota does",
        field(&Throttle::producer,
              {.name = "producer", .about = "the producer", .required = true, .meaning = Meaning::producer}),
        field(&Throttle::time, {.name = "time", .about = "the pause that each answer asks for", .required = true})),
    form<ChangeConfig>("change_config", FormStyle::nested,
                       "settings of a topic, of one broker, or of all brokers change",
                       field(&ChangeConfig::topic, {.name = "topic", .about = "the topic", .meaning = Meaning::topic}),
                       field(&ChangeConfig::host, {.name = "host", .about = "the broker", .meaning = Meaning::broker}),
                       field(&ChangeConfig::config, {.name = "config",
                                                     .about = "the settings, Kafka's keys",
                                                     .required = true,
                                                     .meaning = Meaning::changed_settings})));

}  // namespace linger::scenarios
