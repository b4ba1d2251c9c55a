#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker_model/broker.h"
#include "broker_model/controller.h"
#include "scenarios/admin.h"
#include "scenarios/consumer.h"
#include "scenarios/fault_table.h"
#include "scenarios/ghost_state.h"
#include "scenarios/ledger.h"
#include "scenarios/producer_host.h"
#include "scenarios/setup.h"
#include "scenarios/situation.h"
#include "scenarios/traffic.h"
#include "sim/clock.h"
#include "sim/event_queue.h"
#include "sim/fingerprint.h"
#include "sim/network.h"
#include "sim/trace.h"

namespace linger::scenarios {

/// What happened in a run beyond its ledger: for coverage and for the line under a story.
struct RunCounters {
  std::uint64_t frames = 0;  ///< whole messages that arrived
  std::uint64_t events = 0;
  std::int64_t produce_requests = 0;
  std::int64_t abandoned_end_txns = 0;  ///< EndTxn requests before version 5 that reached a broker after their producer had closed the connection
  std::vector<std::int64_t> produce_requests_of;  ///< by producer
  std::vector<Situation> situations;  ///< in which faults struck, the first few times each
};

/// Producers, consumers, brokers, controllers, network and faults together: the whole state of a run. It copies with `=`; the copy goes on
/// exactly as the original does. Hosts meet only through messages; this class carries them, carries out faults, and keeps ledger and ghost
/// state. The trace is not part of it: pass one sink per call.
class World {
 public:
  explicit World(std::shared_ptr<const Setup> setup);
  // Copies of a world know all of its parts: once, in world.cpp, and not in every file that has a run.
  World(const World&);
  World(World&&) noexcept;
  World& operator=(const World&);
  World& operator=(World&&) noexcept;
  ~World();

  /// Calls every host's start and schedules the faults. Once, before anything else.
  void start(sim::Trace& trace);
  /// Carries out the next event. Requires has_next().
  void step(sim::Trace& trace);
  bool has_next() const { return !queue_.empty(); }
  sim::SimTime next_time() const { return queue_.next_time(); }
  sim::SimTime now() const { return queue_.now(); }

  // ---- what a search does -------------------------------------------------------------------------------------------------------------

  /// A whole message that is about to arrive.
  struct NextMessage {
    MessageFacts facts;
    std::uint64_t content = 0;  ///< hash of what it says, as far as it does not differ from one attempt to the next
    std::vector<std::pair<std::int32_t, std::int32_t>> partitions;  ///< of a Produce request or its answer: the world's topics, and partitions
  };
  /// What the next event brings, if it brings a message to or from a producer whose fate no fault has touched yet. Requires has_next().
  std::optional<NextMessage> next_message() const;
  /// Goes on under a plan with more faults: `with` is this world's setup and those faults behind the ones that it had. Each strikes at a moment that is still to come, or waits for a
  /// message as if it had waited from the beginning: `counted` messages have agreed with its API, direction, from and to. The run is then the
  /// one that the longer plan gives. Call Runner::add_faults instead where there is a runner.
  void add_faults(std::shared_ptr<const Setup> with, std::int64_t counted);
  /// Lets the first `n` of the events that are due at this moment happen after the others of that moment; how often is the tie-break that they get. Requires a plan whose
  /// ties are recorded, and that so many are due.
  void postpone(std::size_t n, std::uint64_t tie_break) { queue_.postpone(n, tie_break); }

  // ---- what the runner of the final phase does -------------------------------------------------------------------------------------

  /// Applications do nothing more of their own; what they have begun goes on.
  void stop_workload() { workload_stopped_ = true; }
  /// Ends what lasts: cuts, pauses, slowness, throttles; starts stopped brokers and controllers again.
  void end_all_faults(sim::Trace& trace);
  /// Moves a partition's leadership to this broker if it is in the ISR; false when it cannot be.
  bool elect(std::int32_t topic, std::int32_t partition, std::int32_t broker, sim::Trace& trace);
  /// The consumer that reads everything at the end begins.
  void start_witness(sim::Trace& trace);
  void record_phase(const char* name, sim::Trace& trace);

  // ---- what may be looked at ---------------------------------------------------------------------------------------------------------

  const Setup& setup() const { return *setup_; }
  const std::vector<broker::Broker>& brokers() const { return brokers_; }
  const std::vector<broker::Controller>& controllers() const { return controllers_; }
  const std::vector<ProducerHost>& producers() const { return producers_; }
  /// The metrics of one producer, as reading them now would give; the world stays as it is.
  std::vector<Metric> producer_metrics(std::uint32_t index) const;
  const std::vector<Consumer>& consumers() const { return consumers_; }
  const Consumer& witness() const { return consumers_.back(); }
  /// The one that reads read_committed; nothing where nobody uses transactions.
  const Consumer* committed_witness() const { return setup_->transactional ? &consumers_[consumers_.size() - 2] : nullptr; }
  const Ledger& ledger() const { return ledger_; }
  const GhostState& ghost() const { return ghost_; }
  const sim::Network& network() const { return network_; }
  const FaultProgress& fault_progress() const { return fault_progress_; }
  const RunCounters& counters() const { return counters_; }
  /// Its process or machine is down.
  bool is_stopped(sim::HostId host) const { return hosts_[host.value()].stopped; }
  bool is_fault_active(std::size_t fault) const { return fault_active_[fault] != 0; }
  /// Requests of this API that are under way or with a broker, on any connection of which an end still knows.
  std::size_t open_requests(ApiKey api) const;
  /// Whether a FETCH answer with records is on its way to another broker.
  bool replication_under_way() const;
  const TopicDirectory& topics() const { return topics_; }
  const sim::EventQueue& queue() const { return queue_; }
  std::uint64_t fingerprint() const { return fingerprint_.value(); }
  /// The active controller with the highest epoch, or none.
  const broker::Controller* active_controller() const;
  /// Faults by time that have not begun, or begun and not ended by themselves, or that wait for the cluster's answer.
  bool faults_pending() const { return pending_strikes_ > 0 || !admin_.empty(); }
  bool workload_done() const;
  bool workload_stopped() const { return workload_stopped_; }
  /// No ticket and no batch is open in any producer that lives.
  bool settled() const;
  /// Settled, and no request of a producer is under way.
  bool quiet() const;
  /// A request with acks=0, which its producer does not wait for, has not reached its broker yet.
  bool unacknowledged_under_way() const;
  bool producer_state_expired() const { return producer_state_expired_; }
  /// A coordinator's log was given to a leader that may lack records: what was decided there can be gone.
  bool coordinator_state_lost() const { return coordinator_state_lost_; }

 private:
  friend class Faults;

  /// A connection as both of its ends know it, and the requests on it that wait for their answer.
  struct Wire {
    sim::ConnectionId id;
    std::uint64_t handles[2] = {0, 0};
    sim::HostId hosts[2];
    std::int32_t ordinal = 1;
    std::uint32_t serial = 0;  ///< how the trace names the connection
    std::vector<PendingRequest> pending;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ordinals;  ///< (api * 2 + response, messages so far)
  };
  struct OpenConnection {
    std::uint64_t handle = 0;
    sim::ConnectionId id;
    sim::Side side = sim::Side::client;
    bool established = false;
  };
  struct Host {
    std::vector<OpenConnection> open;
    std::uint64_t accepted = 0;
    std::uint32_t incarnation = 0;
    bool stopped = false;
    bool power_lost = false;
    bool paused = false;
    std::optional<sim::SimTime> restart_at;
    std::vector<sim::Wake> while_paused;
    sim::Clock clock;
  };

  sim::Context context(const sim::Event& event, sim::Trace& trace);
  void dispatch(const sim::Outcome& outcome, sim::Context& context);
  void wake(const sim::Wake& wake, sim::Context& context);
  void strike(const sim::Strike& strike, sim::Context& context);
  bool apply_message_fault(const sim::Event& event, sim::Context& context);
  void arrived(const sim::Arrived& message, sim::Context& context);
  void note_abandoned(const sim::Arrived& message);
  void lost_connection(sim::ConnectionId id, sim::HostId host, sim::CloseKind how, sim::Context& context);
  void after_input(sim::HostId host, sim::Context& context);
  sim::Bytes throttled(const sim::Bytes& frame, const PendingRequest& asked, HostRole role) const;
  std::int16_t acks_of(HostRole role, ApiKey api) const;
  sim::HostId host_of_node(NodeId node) const;
  void count_attempts(std::vector<BatchOnWire>& batches, std::uint32_t producer);

  /// What is known about the message that this event brings, if faults may touch it and `wanted` says so of its API and direction.
  std::optional<MessageFacts> facts_of(const sim::Event& event, const std::function<bool(ApiKey, bool)>& wanted) const;
  Wire* wire(sim::ConnectionId id);
  const Wire* wire(sim::ConnectionId id) const;
  const OpenConnection* find_open(sim::HostId host, std::uint64_t handle) const;
  void bind(sim::HostId host, std::uint64_t handle, sim::ConnectionId id, sim::Side side);
  void unbind(sim::HostId host, std::uint64_t handle);
  void open(sim::HostId from, std::uint64_t handle, sim::HostId to, sim::Context& context);
  void close(sim::HostId host, std::uint64_t handle, sim::Context& context);
  void drop_connections(sim::HostId host, sim::Context& context);
  void send(sim::HostId host, std::uint64_t handle, sim::Bytes frame, sim::EventNumber cause, sim::Context& context);
  void note_request(Wire& wire, sim::Side side, const sim::Bytes& frame, sim::MessageTag& tag, sim::Context& context);
  void note_answer(Wire& wire, sim::Side side, const sim::Bytes& frame, sim::MessageTag& tag, sim::Context& context);

  template <class Node>
  void take_outputs(Node& node, sim::HostId host, sim::Context& context);
  void take_outputs(Consumer& consumer, sim::HostId host, sim::Context& context);
  void carry_out(ConsumerOutput& output, sim::HostId host, sim::Context& context);
  void observe(const broker::Observation& seen, sim::HostId host, sim::Context& context);
  void observe_coordinator_log(const broker::Observation& seen);
  void note_seen(std::uint32_t consumer, sim::Context& context);
  void note_read(std::uint32_t producer, sim::Context& context);
  bool input_over(const ProducerHost& reader) const;
  bool writes_no_more(const ProducerHost& writer) const;
  void poll_producer(std::uint32_t index, sim::Context& context);
  /// What the producer's host takes for the time.
  Instant instant_of_producer(std::uint32_t index, sim::SimTime now) const;

  std::int32_t topic_index(const Uuid& id);
  std::string internal_topic(const Uuid& id) const;
  std::string partition_name(std::int32_t topic, std::int32_t partition) const;
  std::uint32_t partition_text(std::int32_t topic, std::int32_t partition, sim::Trace& trace) const;

  std::shared_ptr<const Setup> setup_;
  sim::EventQueue queue_;
  sim::Network network_;
  sim::Fingerprint fingerprint_;
  std::vector<Host> hosts_;
  std::vector<Wire> wires_;  // by the index of the connection
  std::vector<broker::Broker> brokers_;
  std::vector<broker::Controller> controllers_;
  std::vector<ProducerHost> producers_;
  std::vector<Consumer> consumers_;
  std::vector<AdminRequest> admin_;
  std::uint64_t admin_connections_ = 0;
  Ledger ledger_;
  GhostState ghost_;
  TopicDirectory topics_;
  FaultProgress fault_progress_;
  std::vector<std::uint8_t> fault_active_;
  std::int64_t pending_strikes_ = 0;
  bool workload_stopped_ = false;
  bool producer_state_expired_ = false;
  bool coordinator_state_lost_ = false;
  bool data_destroyed_ = false;  ///< a power loss or a wipe took something
  /// How far the logs of coordinators were committed.
  std::map<broker::TopicIdPartition, std::int64_t> coordinator_marks_;
  RunCounters counters_;
  /// How often each batch was on the wire, for matchers by attempt and for the story: (producer, partition, first bytes) to count.
  std::vector<std::pair<std::uint64_t, std::int32_t>> attempts_;  // sorted
};

}  // namespace linger::scenarios
