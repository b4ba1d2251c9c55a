#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/time.h"

namespace linger::scenarios {

using sim::Duration;
using sim::SimTime;

/// A plan: everything a run reads. Written by hand, drawn from a seed, shrunk or branched, it is always this. Rules that a reader has
/// checked before a World may be made from it: hosts and topics that are named exist, limits hold, producer settings are valid.

/// Kafka settings as written in a file: key to value, kept as text (`"acks": "all"`, `"linger.ms": "5"`), in order of key.
using Settings = std::map<std::string, std::string>;

/// Behaviour switches by name (`broker.deduplication`), value as text.
using Behaviours = std::map<std::string, std::string>;

/// One-way delay of a link.
struct LatencySpec {
  enum class Kind : std::uint8_t { constant, uniform, exponential } kind = Kind::uniform;
  Duration low = Duration::us(200);   ///< constant: the value; uniform: the least; exponential: the least
  Duration high = Duration::us(900);  ///< uniform: the largest; exponential: least + mean
  friend bool operator==(const LatencySpec&, const LatencySpec&) = default;
};

/// What one link does differently from the rest.
struct LinkSpec {
  std::string a;
  std::string b;
  std::optional<LatencySpec> latency;
  std::optional<std::int64_t> bandwidth;  ///< bytes a second; none: unlimited
  std::optional<std::int64_t> loss_ppm;   ///< lost packets in a million: each costs a retransmission
  friend bool operator==(const LinkSpec&, const LinkSpec&) = default;
};

struct NetworkSpec {
  LatencySpec latency;
  std::optional<std::int64_t> bandwidth;
  std::int64_t loss_ppm = 0;
  std::vector<LinkSpec> links;
  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication_factor = 3;
  Settings config;
  std::vector<std::vector<std::int32_t>> replicas;  ///< [partition] -> broker numbers, first preferred; empty: the rule of the format
  std::optional<Duration> created;                  ///< created that long after the start; none: formed with the cluster
  friend bool operator==(const TopicSpec&, const TopicSpec&) = default;
};

/// State that a partition has before the run begins.
struct InitialProducerState {
  std::int64_t producer_id = 0;
  std::int16_t epoch = 0;
  std::int32_t next_sequence = 0;
  friend bool operator==(const InitialProducerState&, const InitialProducerState&) = default;
};
struct InitialPartition {
  std::string topic;
  std::int32_t partition = 0;
  std::vector<InitialProducerState> producers;
  std::int64_t records = 0;                      ///< records that every replica already holds
  std::optional<std::vector<std::int32_t>> isr;  ///< none: all replicas
  friend bool operator==(const InitialPartition&, const InitialPartition&) = default;
};

struct ClusterSpec {
  std::int32_t brokers = 3;
  std::int32_t controllers = 1;
  std::string profile = "kafka-4.3";
  Behaviours behaviour;
  Settings config;
  std::vector<TopicSpec> topics;
  std::vector<InitialPartition> initial;
  bool cold_start = false;
  friend bool operator==(const ClusterSpec&, const ClusterSpec&) = default;
};

/// What a value, key or header holds.
struct DataSpec {
  enum class Kind : std::uint8_t { none, bytes, text, lines, json } kind = Kind::none;
  std::int64_t bytes = 0;           ///< bytes: so many, beginning with producer and record number when there is room for 8
  std::string text;                 ///< text: itself; `${n}` in a JSON template is the record's number
  std::vector<std::string> lines;   ///< lines: one a record, in order, beginning again after the last
  std::string file;                 ///< lines: where they were read from
  friend bool operator==(const DataSpec&, const DataSpec&) = default;
};

struct SendStep {
  std::string topic;
  std::optional<std::int32_t> partition;
  DataSpec key;
  DataSpec value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::int64_t> timestamp;
  std::int64_t count = 1;
  Duration every;     ///< from one record to the next; zero: at once
  bool sync = false;  ///< wait for each answer before the next record
  friend bool operator==(const SendStep&, const SendStep&) = default;
};
struct FlushStep {
  friend bool operator==(const FlushStep&, const FlushStep&) = default;
};
struct CloseStep {
  std::optional<Duration> timeout;
  friend bool operator==(const CloseStep&, const CloseStep&) = default;
};
struct AwaitAllStep {
  friend bool operator==(const AwaitAllStep&, const AwaitAllStep&) = default;
};
struct SleepStep {
  Duration time;
  friend bool operator==(const SleepStep&, const SleepStep&) = default;
};
/// The application process dies and a new one, with a new producer, goes on.
struct RestartStep {
  enum class From : std::uint8_t { last_acked, checkpoint, start } from = From::last_acked;
  friend bool operator==(const RestartStep&, const RestartStep&) = default;
};

/// Begins a transaction. The first of a process calls initTransactions before.
struct BeginStep {
  friend bool operator==(const BeginStep&, const BeginStep&) = default;
};
/// Commits it. When that fails for good reason the application aborts, as Kafka's documentation tells it to.
struct CommitStep {
  friend bool operator==(const CommitStep&, const CommitStep&) = default;
};
struct AbortStep {
  friend bool operator==(const AbortStep&, const AbortStep&) = default;
};
/// Makes a group's progress a part of the transaction.
struct SendOffsetsStep {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend bool operator==(const SendOffsetsStep&, const SendOffsetsStep&) = default;
};

/// Reads what a group has not read yet of one topic and sends it to another, until everything that was written there is
/// transferred: with a transactional.id each poll in one transaction together with the group's offsets; without one it
/// sends, flushes and then commits the offsets.
struct TransferStep {
  std::string from;
  std::string to;
  std::string group;
  std::vector<std::int64_t> partitions;  ///< of `from`; empty: all of them
  std::int64_t max_poll_records = 500;
  friend bool operator==(const TransferStep&, const TransferStep&) = default;
};

struct WorkloadStep {
  std::optional<Duration> at;  ///< not before this instant; none: as soon as the step before it is done
  std::variant<SendStep, FlushStep, CloseStep, AwaitAllStep, SleepStep, RestartStep, BeginStep, CommitStep, AbortStep,
               SendOffsetsStep, TransferStep>
      what;
  friend bool operator==(const WorkloadStep&, const WorkloadStep&) = default;
};

/// What an application does with a record that failed.
struct OnError {
  enum class Kind : std::uint8_t { ignore, resend, abort } kind = Kind::ignore;
  std::int32_t times = 0;  ///< resend: at most so often
  friend bool operator==(const OnError&, const OnError&) = default;
};

struct ApplicationThread {
  std::vector<WorkloadStep> steps;
  friend bool operator==(const ApplicationThread&, const ApplicationThread&) = default;
};

struct ProducerSpec {
  std::string name;
  Settings config;
  Behaviours behaviour;
  std::vector<ApplicationThread> threads;
  OnError on_error;
  friend bool operator==(const ProducerSpec&, const ProducerSpec&) = default;
};

struct ConsumerSpec {
  std::string name;
  std::vector<std::string> topics;  ///< every partition of them, from the log start
  Duration start;
  bool read_committed = false;  ///< isolation.level
  friend bool operator==(const ConsumerSpec&, const ConsumerSpec&) = default;
};

/// Which message a fault waits for. Everything that is given must agree.
struct Matcher {
  std::string api;        ///< Kafka's name, `PRODUCE`
  bool response = false;  ///< the answer, else the request
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> producer;
  std::optional<std::int64_t> record;     ///< the batch that carries this record of the producer
  std::optional<std::string> partition;   ///< `orders-0`
  std::optional<std::int32_t> attempt;    ///< 1 is the first
  std::optional<std::int32_t> connection; ///< ordinal of the connection between the two hosts, from 1
  std::optional<Duration> after;          ///< not before this instant
  std::optional<std::string> after_fault; ///< not before this fault has hit
  std::optional<std::int64_t> nth;        ///< counts within (api, from, to, direction), from 1; none: the first that agrees
  bool every = false;                     ///< not only once
  friend bool operator==(const Matcher&, const Matcher&) = default;
};

// What a fault does. Network, on a message:
struct Lose { friend bool operator==(const Lose&, const Lose&) = default; };
struct Reset { std::int64_t prefix = 0; friend bool operator==(const Reset&, const Reset&) = default; };
/// The bytes that the client has already sent arrive that much later than it sees its side close.
struct Late { Duration time = Duration::s(1); friend bool operator==(const Late&, const Late&) = default; };
struct Hold { Duration time; friend bool operator==(const Hold&, const Hold&) = default; };
struct Delay { Duration time; friend bool operator==(const Delay&, const Delay&) = default; };
struct Refuse { friend bool operator==(const Refuse&, const Refuse&) = default; };
/// A forged answer. after_append: the broker does its work first and only the answer is replaced.
struct Answer { std::string error; bool after_append = false; friend bool operator==(const Answer&, const Answer&) = default; };
// A host:
struct Crash { std::string host; bool power = false; std::optional<Duration> restart_after; friend bool operator==(const Crash&, const Crash&) = default; };
struct Restart { std::string host; friend bool operator==(const Restart&, const Restart&) = default; };
struct Pause { std::string host; friend bool operator==(const Pause&, const Pause&) = default; };
struct Shutdown { std::string host; std::optional<Duration> restart_after; friend bool operator==(const Shutdown&, const Shutdown&) = default; };
struct ClockChange { std::string host; Duration offset; std::int64_t drift_ppm = 0; friend bool operator==(const ClockChange&, const ClockChange&) = default; };
struct SlowRequests { std::string host; std::int64_t factor = 10; friend bool operator==(const SlowRequests&, const SlowRequests&) = default; };
// A disk:
struct DiskFault {
  enum class Kind : std::uint8_t { slow, full, append_error, flush_error, wipe } kind = Kind::slow;
  std::string host;
  std::int64_t factor = 10;           ///< slow
  std::optional<std::int64_t> nth;    ///< append_error: the n-th append from now; none: all of them while the fault lasts
  friend bool operator==(const DiskFault&, const DiskFault&) = default;
};
// The network:
struct Cut { std::vector<std::vector<std::string>> groups; bool one_way = false; friend bool operator==(const Cut&, const Cut&) = default; };  ///< one_way: first group to second
struct SlowLink { std::vector<std::string> hosts; std::int64_t factor = 10; friend bool operator==(const SlowLink&, const SlowLink&) = default; };
struct LossyLink { std::vector<std::string> hosts; std::int64_t loss_ppm = 0; friend bool operator==(const LossyLink&, const LossyLink&) = default; };
struct LimitBandwidth { std::vector<std::string> hosts; std::int64_t bytes_per_second = 0; friend bool operator==(const LimitBandwidth&, const LimitBandwidth&) = default; };
struct CloseConnections { std::vector<std::string> hosts; friend bool operator==(const CloseConnections&, const CloseConnections&) = default; };  ///< idle close between the two
// The cluster:
struct Elect { std::string partition; std::optional<std::string> leader; bool unclean = false; friend bool operator==(const Elect&, const Elect&) = default; };
struct ChangeIsr { std::string partition; std::vector<std::string> isr; friend bool operator==(const ChangeIsr&, const ChangeIsr&) = default; };
struct FailOverController { friend bool operator==(const FailOverController&, const FailOverController&) = default; };
struct Reassign { std::string partition; std::vector<std::string> replicas; friend bool operator==(const Reassign&, const Reassign&) = default; };
struct AddPartitions { std::string topic; std::int32_t partitions = 0; friend bool operator==(const AddPartitions&, const AddPartitions&) = default; };
struct CreateTopic { TopicSpec topic; friend bool operator==(const CreateTopic&, const CreateTopic&) = default; };
struct DeleteTopic { std::string topic; friend bool operator==(const DeleteTopic&, const DeleteTopic&) = default; };
struct DeleteRecords { std::string partition; std::int64_t before = -1; friend bool operator==(const DeleteRecords&, const DeleteRecords&) = default; };  ///< -1: up to the high watermark
struct ExpireProducerIds { std::optional<std::string> partition; friend bool operator==(const ExpireProducerIds&, const ExpireProducerIds&) = default; };
struct Throttle { std::string producer; Duration time; friend bool operator==(const Throttle&, const Throttle&) = default; };
struct ChangeConfig { std::optional<std::string> topic; std::optional<std::string> host; Settings config; friend bool operator==(const ChangeConfig&, const ChangeConfig&) = default; };

using Action = std::variant<Lose, Reset, Late, Hold, Delay, Refuse, Answer, Crash, Restart, Pause, Shutdown, ClockChange, SlowRequests,
                            DiskFault, Cut, SlowLink, LossyLink, LimitBandwidth, CloseConnections, Elect, ChangeIsr, FailOverController,
                            Reassign, AddPartitions, CreateTopic, DeleteTopic, DeleteRecords, ExpireProducerIds, Throttle, ChangeConfig>;

/// One fault: when (an instant, or a message), what, and for how long. Host and cluster actions may also wait for a message.
struct Fault {
  std::string id;
  std::optional<Duration> at;
  std::optional<Matcher> on;
  Action action;
  std::optional<Duration> lasts;  ///< `for`; none: until the final phase
  bool must_hit = false;

  // Copies of an action know all of its kinds: once, in scenario.cpp, and not in every file that has a plan.
  Fault();
  Fault(const Fault&);
  Fault(Fault&&) noexcept;
  Fault& operator=(const Fault&);
  Fault& operator=(Fault&&) noexcept;
  ~Fault();
  friend bool operator==(const Fault&, const Fault&);
};

struct Range {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  friend bool operator==(const Range&, const Range&) = default;
};

/// What the author of the plan says will come out.
struct Expectation {
  std::map<std::string, Range> counts;                   ///< `acked`, `lost`, … and any JSON Pointer into the result that holds a number
  std::map<std::string, std::string> values;             ///< JSON Pointer to a text, number or boolean as JSON
  std::optional<std::vector<std::string>> violations;    ///< names, sorted; none: nothing is said
  std::optional<Duration> acked_within;
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

struct Ties {
  enum class Kind : std::uint8_t { fifo, seeded, pct, recorded } kind = Kind::fifo;
  std::uint64_t seed = 0;
  std::int32_t depth = 3;                 ///< pct: number of priority changes
  std::vector<std::uint64_t> recorded;    ///< event number and tie-break in turn, as a run chose them
  friend bool operator==(const Ties&, const Ties&) = default;
};

struct Scenario {
  std::string title;
  std::string teaches;  ///< one sentence: what the reader should see
  std::uint64_t seed = 1;
  ClusterSpec cluster;
  NetworkSpec network;
  std::vector<ProducerSpec> producers;
  std::vector<ConsumerSpec> consumers;
  std::vector<Fault> faults;
  Expectation expect;
  std::optional<Duration> until;
  bool final_phase = true;
  Ties ties;
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace linger::scenarios
