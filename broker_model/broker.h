#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker_model/broker_request.h"
#include "broker_model/channel.h"
#include "broker_model/group_coordinator.h"
#include "broker_model/metadata_image.h"
#include "broker_model/node.h"
#include "broker_model/own_append.h"
#include "broker_model/partition.h"
#include "broker_model/request_server.h"
#include "broker_model/transaction_coordinator.h"
#include "broker_model/transaction_marker_channel.h"
#include "broker_model/transaction_verification.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/produce.h"
#include "sim/clock.h"
#include "sim/disk.h"

namespace linger {
// Of these broker.h only needs the names.
struct AllocateProducerIdsResponse;
struct AlterPartitionResponse;
struct BrokerHeartbeatResponse;
struct BrokerRegistrationResponse;
struct CreateTopicsRequest;
struct InitProducerIdRequest;
struct ListOffsetsResponse;
struct TxnOffsetCommitResponse;
struct WriteTxnMarkersResponse;
}  // namespace linger

namespace linger::broker {

/// Where a broker is in its life (Kafka: BrokerState).
enum class BrokerLife : std::uint8_t { stopped, starting, recovery, running, controlled_shutdown };

/// One Kafka broker as a value without I/O: told what happened and when, it leaves in outputs() what it wants done, in
/// order. All it knows of others came in frames. After every input the world takes outputs() and calls clear_outputs().
/// Early or superfluous wakes change nothing.
class Broker {
 public:
  explicit Broker(const NodeSpec& spec);

  // What the world tells it.
  void on_start(SimTime now);
  void on_accepted(ConnId conn, NodeId peer, SimTime now);
  void on_connected(ConnId conn, SimTime now);
  void on_connect_failed(ConnId conn, SimTime now);
  /// One whole frame, its four-byte length included. `cause`: the event that brought it.
  void on_frame(ConnId conn, const sim::Bytes& frame, EventNumber cause, SimTime now);
  void on_closed(ConnId conn, ClosedBy by, SimTime now);
  void on_timer(std::uint64_t token, SimTime now);
  /// The process is gone at once; its connections are forgotten, nothing is written. With `power` the page cache goes
  /// too.
  void crash(CrashKind kind, SimTime now);
  /// Starts again after a crash or a stop.
  void restart(SimTime now);
  /// Asks the controller to move leaders away, then stops in good order (`stopped` is observed).
  void controlled_shutdown(SimTime now);
  /// The process stands still: what arrives waits.
  void pause(SimTime now);
  void resume(SimTime now);

  std::vector<Output>& outputs() { return out_; }
  void clear_outputs() { out_.clear(); }

  // Faults.
  sim::Disk& disk() { return disk_; }
  sim::Clock& clock() { return clock_; }
  const sim::Clock& clock() const { return clock_; }
  /// Every replica's data is gone (the host must be stopped).
  void wipe_disk();
  /// Requests take `percent` hundredths of their time; 100 is normal.
  void set_slowness(std::int64_t percent) { slowness_percent_ = percent; }
  /// The producers' state of all partitions, or of one, is forgotten as if it had expired.
  void expire_producer_ids(const std::optional<TopicIdPartition>& only, SimTime now);
  /// The leader proposes this ISR now, as if its own rules had said so. False: not the leader, or a change is pending.
  bool propose_isr(const TopicIdPartition& id, const Replicas& isr, SimTime now);

  // What checkers and windows may look at.
  NodeId id() const { return spec_.id; }
  BrokerLife life() const { return life_; }
  bool fenced() const { return fenced_; }
  std::int64_t broker_epoch() const { return broker_epoch_; }
  const MetadataImage& image() const { return *image_; }
  std::int64_t metadata_offset() const { return metadata_end_; }
  const std::vector<Partition>& partitions() const { return partitions_; }
  const Partition* partition(const TopicIdPartition& id) const;
  const Partition* partition(std::string_view topic, std::int32_t index) const;
  const BrokerBehaviour& behaviour() const { return spec_.behaviour; }
  const TransactionCoordinator& transaction_coordinator() const { return coordinator_; }

  // Making a formed cluster (cluster.h): before on_start.
  void install_image(const Shared<MetadataImage>& image, std::int64_t metadata_end, std::int64_t broker_epoch);
  /// It stopped in good order as this epoch, and starts cold.
  void install_stopped(std::int64_t broker_epoch) { previous_broker_epoch_ = broker_epoch; }
  Partition* mutable_partition(const TopicIdPartition& id);

 private:
  using Request = BrokerRequest;
  struct ProduceStatus {
    std::size_t topic = 0;
    std::size_t partition = 0;
    TopicIdPartition id;
    std::int64_t required = 0;
    bool pending = false;
  };
  struct DelayedProduce {
    Request request;
    SimTime deadline;
    ProduceResponse response;
    std::vector<ProduceStatus> status;
  };
  struct DelayedFetch {
    Request request;
    SimTime deadline;
    FetchRequest fetch;
  };
  struct DelayedDelete {
    Request request;
    SimTime deadline;
    DeleteRecordsResponse response;
    std::vector<ProduceStatus> status;
  };
  /// One partition in a fetcher (Kafka: PartitionFetchState).
  struct FollowedPartition {
    enum class State : std::uint8_t { fetching, ask_latest, ask_earliest, failed } state = State::fetching;
    TopicIdPartition id;
    std::int64_t offset = 0;
    std::int32_t leader_epoch = 0;
    std::int32_t last_fetched_epoch = -1;
    bool tracks_epochs = true;
    SimTime not_before;
  };
  struct Fetcher {
    Channel channel;
    std::vector<FollowedPartition> partitions;
    std::vector<FollowedPartition> asked;  ///< as they were when the request in flight was built
  };
  struct Forwarded {
    Request request;
    sim::Bytes body;
  };
  /// A transactional produce request whose partitions are being verified.
  struct VerifyingProduce {
    std::uint64_t number = 0;
    Request request;
    sim::Bytes frame;  ///< without its length
    SimTime started;
    SimTime retry_at = SimTime::never();
    std::vector<std::pair<TopicIdPartition, VerificationGuard>> guards;
    std::vector<std::pair<TopicIdPartition, ErrorCode>> errors;  ///< known before the coordinator was asked
  };
  /// A TxnOffsetCommit whose transaction is being verified.
  struct VerifyingOffsets {
    std::uint64_t number = 0;
    VerificationGuard guard = no_guard;
    OffsetsToCommit commit;
  };
  /// What verification found out about a produce request.
  struct Verified {
    std::vector<std::pair<TopicIdPartition, VerificationGuard>> guards;
    std::vector<std::pair<TopicIdPartition, ErrorCode>> errors;
  };
  /// A part of an internal topic's log whose leader this broker became: it is read before it counts.
  struct LogLoad {
    SimTime at;
    TopicIdPartition id;
    std::int32_t epoch = 0;
  };
  struct LogReadResult {
    ErrorCode error = ErrorCode::none;
    const ReplicaLog* log = nullptr;
    LogSlice slice;
    EpochEnd diverging;
    std::int64_t high_watermark = -1;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start = -1;
  };

  // broker.cpp: inputs, the order of work, timers.
  template <class Work>
  void step(SimTime now, Work work);
  void run_due(SimTime now);
  void arm(SimTime now);
  SimTime next_deadline() const;
  void observe(Observation observation);
  Observation about(const Partition& partition, Observation::Kind kind) const;
  PartitionContext context() const;
  std::int64_t wall_ms() const { return clock_.wall_ms(now_); }
  Partition* find(const TopicIdPartition& id);
  ConnId new_connection() { return own_connection_bit | ++connections_opened_; }
  Channel* channel_of(ConnId conn);
  void channel_failed(Channel& channel);
  void answered(Channel& channel, BytesView frame);
  void pump();
  void become_starting();
  void stop_in_order();
  void halt(ErrorCode why);
  void forget_process();
  void forget_transactions();
  void fail_late_transaction_channels();
  void start_periodic_work();
  void do_periodic_work();
  SimTime leaves_at(const Request& request) const;
  void handler_busy_until(SimTime until) { handler_done_ = std::max(handler_done_, until); }
  Duration scaled(Duration time) const { return time * slowness_percent_ / 100; }

  // broker_lifecycle.cpp: registration, heartbeats, metadata log, producer id blocks.
  NodeId active_controller() const;
  void next_controller_guess();
  void controller_is(NodeId node);
  bool open_to_controller(Channel& channel, Duration timeout);
  void pump_heartbeat();
  void pump_metadata();
  void pump_alter_partition();
  void pump_forwarding();
  void on_registered(const BrokerRegistrationResponse& response);
  void on_heartbeat(const BrokerHeartbeatResponse& response);
  void on_metadata(const FetchResponse& response);
  void on_alter_partition(const AlterPartitionResponse& response);
  void on_producer_ids(const AllocateProducerIdsResponse& response);
  void apply_delta(const MetadataDelta& delta);
  void on_forwarded(BytesView frame);
  void apply_partition(const TopicIdPartition& id);
  void drop_partition(const TopicIdPartition& id);
  void create_partition(const TopicIdPartition& id);

  // broker_requests.cpp: the requests that need little.
  bool serve();
  void handle(const RequestServer::Ready& ready);
  template <RequestMessage M>
  std::optional<M> body(Reader& reader, const Request& request);
  template <Message M>
  void answer(const Request& request, const M& message);
  void malformed(const Request& request);
  void handle_api_versions(Request request, Reader& reader);
  void handle_metadata(Request request, Reader& reader);
  void handle_init_producer_id(Request request, Reader& reader);
  void handle_list_offsets(Request request, Reader& reader);
  void handle_offset_for_leader_epoch(Request request, Reader& reader);
  void handle_delete_records(Request request, Reader& reader);
  void forward(Request request, Reader& reader);
  void create_internal_topic(std::string_view name);
  CreateTopicsRequest internal_topic_request() const;
  std::optional<std::int64_t> next_producer_id();

  // broker_produce.cpp: appending as leader, and the purgatory of produce.
  void handle_produce(Request request, Reader& reader, const sim::Bytes& frame);
  struct Append {
    ErrorCode error = ErrorCode::none;
    std::int64_t base = -1;
    std::int64_t last = -1;
    std::int64_t append_time = -1;
  };
  Append append_as_leader(Partition& partition, BytesView records, const sim::Bytes& frame, std::int16_t acks,
                          const AppendOrigin& origin);
  void produce(Request request, const ProduceRequest& asked, const sim::Bytes& frame, const Verified& verified);
  void refuse_produce(const Request& request, const ProduceRequest& asked, ErrorCode error);
  void append_own(const TopicIdPartition& id, const sim::Bytes& batch, const AppendOrigin& origin, Duration timeout,
                  OwnAppend then);
  void flush_if_due(Partition& partition);
  void add_leader_hint(const TopicIdPartition& id, ProduceResponse::PartitionProduceResponse& data,
                       ProduceResponse& response) const;
  bool try_complete(DelayedProduce& delayed);
  void complete(DelayedProduce& delayed);
  void high_watermark_may_rise(Partition& partition);
  void observe_watermarks(const Partition& partition, std::int64_t before, std::int64_t stable_before);
  void observe_marker(const Partition& partition);
  /// Whether this is one of the runs that the canary breaks.
  bool canary_sings() const;
  void progress_made(const TopicIdPartition& id);

  // broker_verification.cpp: transactional writes prove that their transaction is open.
  /// Whether writes of transactions of version 1 are verified; those of version 2 add their partition and always are.
  bool verifies_transactions() const;
  void verify(Request request, const ProduceRequest& asked, const sim::Bytes& frame, SimTime started);
  void ask_coordinator(VerificationQuestion question);
  void verified(const VerificationResult& result);
  void pump_verifications();
  VerificationChannel* verification_channel(const Channel& channel);

  // broker_transactions.cpp: the transaction coordinator's requests, its log and its periodic work.
  TransactionCoordinator::Context transaction_context(const TransactionCoordinator::ProducerIds& ids) const;
  std::int32_t transaction_log_partitions() const;
  void handle_find_coordinator(Request request, Reader& reader);
  FindCoordinatorResponse::Coordinator find_coordinator(std::int8_t type, const std::string& key);
  void handle_init_transactional(Request request, const InitProducerIdRequest& asked);
  void handle_add_partitions_to_txn(Request request, Reader& reader);
  void handle_add_offsets_to_txn(Request request, Reader& reader);
  void handle_end_txn(Request request, Reader& reader);
  void carry_out(CoordinatorDecision decision, const std::optional<TransactionWaiter>& waiter);
  void answer_transaction(const TransactionWaiter& waiter, const CoordinatorAnswer& result);
  void add_partitions_done(std::uint64_t batch, AddPartitionsToTxnResponse::AddPartitionsToTxnResult result);
  void write_transaction_log(TransactionAppend append, const std::optional<TransactionWaiter>& waiter);
  void finished(const TransactionLogWrite& write, ErrorCode error);
  void finish_own_appends();
  void became_coordinator(const Partition& partition);
  void resigned_coordinator(const TopicIdPartition& id);
  void load(const LogLoad& load);
  void load_transactions(const Partition& partition);
  void do_transaction_work();

  // broker_markers.cpp: verdicts written into partitions, and their way there.
  void handle_write_txn_markers(Request request, Reader& reader);
  void finished(const MarkerWrite& write, ErrorCode error);
  void write_markers(const MarkersToWrite& verdict);
  void complete_transactions(TransactionMarkers::Completions completions);
  void pump_markers();
  MarkerChannel* marker_channel(const Channel& channel);
  void on_markers_written(Channel& channel, const WriteTxnMarkersResponse& response);
  void markers_failed(MarkerChannel& channel);

  // broker_groups.cpp: offsets that groups commit.
  std::int32_t offsets_partition(const std::string& group) const;
  TopicIdPartition offsets_partition_id(const std::string& group) const;
  GroupCoordinator::Part* group_part(std::int32_t partition, ErrorCode& error);
  void handle_offset_commit(Request request, Reader& reader);
  void handle_txn_offset_commit(Request request, Reader& reader);
  void verify_offsets(OffsetsToCommit commit);
  bool offsets_verified(const VerificationResult& result);
  void commit_offsets(const OffsetsToCommit& commit, VerificationGuard guard);
  void offsets_committed(const OffsetsToCommit& commit, ErrorCode error);
  void answer_commit(const OffsetsToCommit& commit, const TxnOffsetCommitResponse& response);
  void finished(const GroupWrite& write, ErrorCode error);
  void handle_offset_fetch(Request request, Reader& reader);
  void begin_offset_fetch(std::uint64_t number, std::size_t group);
  void finished(const GroupRead& read, ErrorCode error);
  void finish_offset_fetch(std::uint64_t number, std::size_t group, ErrorCode error);
  void answer_offset_fetch(std::uint64_t number);

  // broker_loopback.cpp: frames to this very broker do not leave it.
  void connect(Channel& channel, NodeId to, Duration timeout);
  bool carry_own_frames();

  // broker_fetch.cpp: answering fetches, and their purgatory.
  void handle_fetch(Request request, Reader& reader);
  LogReadResult read_partition(const FetchRequest& fetch, const TopicIdPartition& id,
                               const FetchRequest::FetchPartition& wanted, std::int64_t max_bytes, bool min_one,
                               bool count_progress);
  std::vector<LogReadResult> read_all(const FetchRequest& fetch, bool count_progress);
  TopicIdPartition id_of(const FetchRequest::FetchTopic& topic, std::int32_t partition) const;
  bool try_complete(const DelayedFetch& delayed);
  void answer_fetch(const Request& request, const FetchRequest& fetch, bool count_progress);
  void send_fetch_answer(const Request& request, const FetchRequest& fetch, const std::vector<LogReadResult>& results);
  void add_leader_hint(const TopicIdPartition& id, std::int16_t version, FetchResponse::PartitionData& data,
                       FetchResponse& response) const;
  ErrorCode check_leader(const Partition* partition, std::int32_t current_leader_epoch) const;

  // broker_fetcher.cpp: following a leader.
  void follow(Partition& partition);
  void unfollow(const TopicIdPartition& id);
  void pump_fetcher(Fetcher& fetcher);
  void on_fetched(Fetcher& fetcher, const FetchResponse& response);
  FollowedPartition start_following(Partition& partition);
  void on_offsets(Fetcher& fetcher, const ListOffsetsResponse& response);
  void take_in(FollowedPartition& followed, Partition& partition, const FetchResponse::PartitionData& data,
               SimTime& done);
  void truncate(Partition& partition, std::int64_t offset);
  void delay(FollowedPartition& followed);
  bool append_as_follower(Partition& partition, BytesView records, SimTime& done);

  NodeSpec spec_;
  BrokerConfig config_;
  sim::Disk disk_;
  sim::Clock clock_;
  std::vector<Output> out_;
  SimTime now_;
  SimTime armed_ = SimTime::never();
  EventNumber cause_;
  std::uint64_t connections_opened_ = 0;
  std::int64_t slowness_percent_ = 100;
  bool paused_ = false;
  std::vector<HostInput> while_paused_;

  BrokerLife life_ = BrokerLife::stopped;
  bool formed_ = false;  // install_image was called: on_start needs no registration
  bool fenced_ = true;
  bool clean_stop_ = false;
  std::uint64_t incarnation_ = 0;
  std::int64_t broker_epoch_ = -1;
  std::int64_t previous_broker_epoch_ = -1;  // on disk, after a clean stop
  bool registered_ = false;
  bool published_ = false;  // the metadata was acted upon since the start

  Shared<MetadataImage> image_;
  std::int64_t metadata_end_ = 0;    // next offset of the metadata log
  std::int32_t metadata_epoch_ = 0;  // epoch of the controller known last
  NodeId controller_ = no_node;
  std::size_t controller_guess_ = 0;
  Channel metadata_channel_;
  Channel heartbeat_channel_;
  Channel alter_channel_;
  Channel forward_channel_;
  SimTime heartbeat_at_ = SimTime::never();

  std::int64_t next_producer_id_ = 0;
  std::int64_t producer_ids_end_ = 0;
  std::int64_t spare_start_ = 0;
  std::int64_t spare_end_ = 0;
  bool want_producer_ids_ = false;

  std::vector<Partition> partitions_;  // by id
  std::uint32_t files_ = 0;
  RequestServer server_;
  std::vector<DelayedProduce> delayed_produces_;
  std::vector<DelayedFetch> delayed_fetches_;
  std::vector<DelayedDelete> delayed_deletes_;
  std::vector<Fetcher> fetchers_;       // by leader
  std::vector<IsrProposal> proposals_;  // not sent yet
  std::vector<IsrProposal> proposed_;   // in flight
  std::vector<Forwarded> forwarded_;    // the first is in flight while forward_busy_
  bool forward_busy_ = false;
  std::vector<std::string> topics_wanted_;  // internal ones, to be created
  std::string topic_creating_;              // asked for, in flight
  bool handling_ = false;                   // inside a handler, whose work ends at handler_done_
  SimTime handler_done_;

  TransactionCoordinator coordinator_;
  GroupCoordinator groups_;
  TransactionMarkers markers_;
  TransactionVerifications verifications_;
  std::vector<VerifyingProduce> verifying_;
  std::vector<VerifyingOffsets> verifying_offsets_;
  std::vector<std::pair<std::uint64_t, OffsetsToRead>> offset_fetches_;
  std::vector<AddPartitionsBatch> add_partitions_;
  std::vector<MarkerBatch> marker_batches_;
  std::vector<DelayedAppend> delayed_appends_;
  std::vector<FinishedAppend> finished_;
  std::vector<TransactionAppend> completions_;  // to be appended once more
  SimTime completions_at_ = SimTime::never();
  std::vector<LogLoad> loads_;
  std::uint64_t waiters_ = 0;    // numbers given to those who wait
  std::uint64_t loopbacks_ = 0;  // connections to itself, opened so far
  SimTime transaction_abort_at_ = SimTime::never();
  SimTime transaction_expiry_at_ = SimTime::never();

  SimTime isr_check_at_ = SimTime::never();
  SimTime checkpoint_at_ = SimTime::never();
  SimTime retention_at_ = SimTime::never();
  SimTime expiration_at_ = SimTime::never();
};

}  // namespace linger::broker
