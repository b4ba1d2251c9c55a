#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker_model/channel.h"
#include "broker_model/metadata_image.h"
#include "broker_model/metadata_log.h"
#include "broker_model/node.h"
#include "broker_model/partition_change.h"
#include "broker_model/request_server.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata_records.h"
#include "sim/clock.h"

namespace linger::broker {

enum class ControllerRole : std::uint8_t { stopped, standby, candidate, active };

/// One controller as a value without I/O; the same inputs and outputs as Broker. The active one decides, writes its
/// decisions to the metadata log and answers when a majority of controllers holds them. Standbys fetch that log. When
/// the active one falls silent, a standby stands for election: it wins with the votes of a majority whose logs are not
/// longer than its own. What a deposed controller had not committed is lost.
class Controller {
 public:
  explicit Controller(const NodeSpec& spec);

  void on_start(SimTime now);
  void on_accepted(ConnId conn, NodeId peer, SimTime now);
  void on_connected(ConnId conn, SimTime now);
  void on_connect_failed(ConnId conn, SimTime now);
  void on_frame(ConnId conn, const sim::Bytes& frame, EventNumber cause, SimTime now);
  void on_closed(ConnId conn, ClosedBy by, SimTime now);
  void on_timer(std::uint64_t token, SimTime now);
  /// The metadata log is flushed before it is answered for, so both kinds of crash keep it.
  void crash(CrashKind kind, SimTime now);
  void restart(SimTime now);
  void pause(SimTime now);
  void resume(SimTime now);
  /// An active controller gives up its place, as if it had been cut off for a moment (a planned fail-over).
  void resign(SimTime now);

  std::vector<Output>& outputs() { return out_; }
  void clear_outputs() { out_.clear(); }
  sim::Clock& clock() { return clock_; }
  void set_slowness(std::int64_t percent) { slowness_percent_ = percent; }

  // What checkers and windows may look at.
  NodeId id() const { return spec_.id; }
  ControllerRole role() const { return role_; }
  bool active() const { return role_ == ControllerRole::active; }
  std::int32_t epoch() const { return epoch_; }
  std::int64_t log_end() const { return log_.empty() ? 0 : log_.back().end(); }
  std::int64_t committed_end() const { return committed_end_; }
  /// What the committed part of its log says.
  const MetadataImage& committed() const { return *committed_; }
  const std::vector<MetadataBatch>& log() const { return log_; }

  // Making a formed cluster (cluster.h): before on_start.
  void install_log(const std::vector<MetadataBatch>& log, std::int32_t epoch, NodeId active);

 private:
  struct Request {
    ConnId conn = 0;
    EventNumber cause;
    ApiKey api = ApiKey::fetch;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
    SimTime done;
  };
  /// An answer that waits until the log is committed up to `offset`.
  struct Awaiting {
    Request request;
    std::int64_t offset = 0;
    sim::Bytes frame;
  };
  struct DelayedFetch {
    Request request;
    SimTime deadline;
    FetchRequest fetch;
  };
  /// What the active controller knows of a broker's session (Kafka: BrokerHeartbeatManager).
  struct Session {
    NodeId broker;
    std::int64_t broker_epoch = -1;
    bool contacted = false;  ///< a heartbeat came in this session; before, it cannot expire or hold the id
    SimTime last_contact;
    std::int64_t metadata_offset = -1;
    std::int64_t registration_offset = 0;          ///< of its registration record
    std::int64_t controlled_shutdown_offset = -1;  ///< log end when its leaders were moved; -1: not leaving
  };
  /// Another controller.
  struct Peer {
    NodeId id;
    Channel channel;
    std::int64_t fetched = 0;  ///< active: how far its log is known to reach
    SimTime last_fetch;
    bool granted = false;
    bool asked = false;  ///< for its vote, in this epoch
  };

  // controller.cpp: inputs, the order of work, timers.
  void before_step(SimTime now);
  void after_step();
  template <class Work>
  void step(SimTime now, Work work) {
    before_step(now);
    work();
    after_step();
  }
  void run_due(SimTime now);
  void arm(SimTime now);
  SimTime next_deadline() const;
  void observe(Observation observation);
  ConnId new_connection() { return own_connection_bit | ++connections_opened_; }
  std::int64_t wall_ms() const { return clock_.wall_ms(now_); }
  Duration scaled(Duration time) const { return time * slowness_percent_ / 100; }
  void forget_process();

  // controller_quorum.cpp: log, commit, election.
  using Records = std::vector<MetadataRecord>;
  std::int64_t append(const Records& records);
  void commit_to(std::int64_t offset);
  void apply_committed(const MetadataRecord& record);
  std::int32_t last_epoch() const { return log_.empty() ? 0 : log_.back().epoch; }
  std::int64_t end_of_epoch(std::int32_t epoch, std::int32_t& found) const;
  void refuse_waiting();
  void maybe_commit();
  void become_active();
  void become_standby(std::int32_t epoch, NodeId leader);
  void become_candidate();
  void truncate_log(std::int64_t end);
  std::size_t majority() const { return (peers_.size() + 1) / 2 + 1; }
  Peer* peer(NodeId id);
  Peer* peer_of(ConnId conn);
  void pump();
  void pump_peer(Peer& peer);
  void peer_failed(Peer& peer);
  void answered(Peer& peer, BytesView frame);
  void on_fetched(Peer& peer, const FetchResponse& response);
  void handle_vote(Request request, Reader& reader);
  void handle_fetch(Request request, Reader& reader);
  bool fetch_ready(const FetchRequest& fetch) const;
  void answer_fetch(const Request& request, const FetchRequest& fetch);

  // controller_requests.cpp
  bool serve();
  void handle(const RequestServer::Ready& ready);
  void dispatch(const Request& request, Reader& reader);
  template <RequestMessage M>
  std::optional<M> body(Reader& reader, const Request& request);
  template <Message M>
  void answer(const Request& request, const M& message);
  template <Message M>
  void answer_when_committed(Request request, const M& message);
  void malformed(const Request& request);
  void answer_not_controller(const Request& request);
  void handle_api_versions(Request request, Reader& reader);
  void handle_registration(Request request, Reader& reader);
  void handle_heartbeat(Request request, Reader& reader);
  void handle_alter_partition(Request request, Reader& reader);
  void handle_allocate_producer_ids(Request request, Reader& reader);
  ErrorCode check_broker_epoch(NodeId broker, std::int64_t epoch) const;

  // controller_admin.cpp
  void handle_elect_leaders(Request request, Reader& reader);
  void handle_create_topics(Request request, Reader& reader);
  void handle_delete_topics(Request request, Reader& reader);
  void handle_create_partitions(Request request, Reader& reader);

  std::optional<std::vector<Replicas>> place(std::int32_t first, std::int32_t count,
                                             std::int32_t replication_factor) const;
  bool can_be_led(const std::vector<Replicas>& placed) const;
  PartitionRecord new_partition(const Uuid& topic, std::int32_t index, const Replicas& replicas) const;
  ErrorCode create_topic(const CreateTopicsRequest::CreatableTopic& wanted,
                         CreateTopicsResponse::CreatableTopicResult& result, Records& records) const;

  // controller_replication.cpp: rules over partitions and brokers (Kafka: ReplicationControlManager,
  // BrokerHeartbeatManager).
  PartitionRules rules_for(const TopicImage& topic, NodeId never = no_node, NodeId always = no_node) const;
  enum class Which : std::uint8_t { in_isr, in_elr, leaderless };
  void leader_and_isr_updates(NodeId remove, NodeId add, NodeId unclean_shutdown, Which which, Records& records) const;
  void broker_fenced(NodeId broker, Records& records) const;
  void broker_unfenced(NodeId broker, Records& records) const;
  void broker_in_controlled_shutdown(NodeId broker, Records& records) const;
  void broker_came_back(NodeId broker, bool clean, Records& records) const;
  bool has_leaderships(NodeId broker) const;
  ErrorCode validate_alter_partition(NodeId broker, const TopicImage& topic,
                                     const AlterPartitionRequest::PartitionData& data) const;
  void fence_stale_brokers();
  void unclean_elections();
  void preferred_elections();
  void do_periodic_work();
  void write(const Records& records);
  ErrorCode elect(const TopicImage& topic, std::int32_t partition, std::int8_t type, Records& records) const;
  Session* session(NodeId broker);
  SimTime next_stale_session() const;
  SimTime quorum_lost_at() const;

 public:
  /// Puts a new replica set in place of a partition's, adding first and removing when the added ones are in sync. A
  /// stand-in for AlterPartitionReassignments, for the active controller; false when it does not apply.
  bool reassign(const TopicIdPartition& id, const Replicas& target, SimTime now);
  /// Changes a setting of a topic (`topic` not empty), of one broker, or of all brokers (no_node); none: back to the
  /// default. A stand-in for IncrementalAlterConfigs, for the active controller.
  bool alter_config(std::string_view topic, NodeId broker, std::string_view key,
                    const std::optional<std::string>& value, SimTime now);
  /// Elects this replica if it is in the ISR, whatever the preferred order: what a test does with a reassignment and a
  /// preferred election.
  bool move_leader(const TopicIdPartition& id, NodeId leader, SimTime now);

 private:
  NodeSpec spec_;
  sim::Clock clock_;
  std::vector<Output> out_;
  SimTime now_;
  SimTime armed_ = SimTime::never();
  EventNumber cause_;
  std::uint64_t connections_opened_ = 0;
  std::int64_t slowness_percent_ = 100;
  bool paused_ = false;
  std::vector<HostInput> while_paused_;

  ControllerRole role_ = ControllerRole::stopped;
  std::int32_t epoch_ = 0;
  NodeId voted_for_ = no_node;  // in epoch_
  NodeId leader_ = no_node;     // of epoch_, as far as known
  std::vector<MetadataBatch> log_;
  std::int64_t committed_end_ = 0;
  Shared<MetadataImage> committed_;  // what is committed
  Shared<MetadataImage> latest_;     // what the whole log says
  std::vector<Peer> peers_;
  SimTime election_at_ = SimTime::never();
  SimTime handler_done_;

  RequestServer server_{1};
  std::vector<Awaiting> awaiting_;
  std::vector<DelayedFetch> delayed_fetches_;
  std::vector<Session> sessions_;
  SimTime sessions_at_ = SimTime::never();
  SimTime unclean_at_ = SimTime::never();
  SimTime rebalance_at_ = SimTime::never();
};

}  // namespace linger::broker
