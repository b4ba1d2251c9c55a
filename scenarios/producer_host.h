#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/kafka_producer.h"
#include "scenarios/ledger.h"
#include "scenarios/payload.h"
#include "scenarios/scenario.h"
#include "scenarios/setup.h"
#include "scenarios/transfer.h"
#include "sim/clock.h"
#include "sim/connection.h"
#include "sim/context.h"
#include "sim/draw.h"

namespace linger::scenarios {

class GhostState;

/// The producer's chance, drawn by name: seed, use, producer and the how many-th draw of that use.
class KeyedEntropy final : public Entropy {
 public:
  KeyedEntropy() = default;
  KeyedEntropy(sim::Seed seed, sim::Name name) : seed_(seed), name_(name) {}
  std::uint64_t draw(DrawUse use) override;
  void skip(DrawUse use) override { ++draws_[static_cast<std::size_t>(use)]; }

 private:
  sim::Seed seed_;
  sim::Name name_;
  std::array<std::uint64_t, 16> draws_{};
};

/// What an application may touch while it works: one event's moment, ledger and truth.
struct ApplicationContext {
  sim::Context& sim;
  const Setup& setup;
  sim::HostId host;
  Instant instant;
  Ledger& ledger;
  const GhostState& ghost;
  bool stopped = false;     ///< the workload is over: begin nothing new
  bool input_over = false;  ///< a transfer has read everything, and nobody will write more
};

/// One application process: its producer, the threads that use it, and how far they have come.
class ProducerHost {
 public:
  ProducerHost(const Setup& setup, std::uint32_t index, Instant now);

  // What the network brings. Reports only queue.
  void on_connected(std::uint64_t handle) { producer_->on_connected(ClientConnectionId{handle}); }
  void on_received(std::uint64_t handle, BytesView bytes) { producer_->on_received(ClientConnectionId{handle}, bytes); }
  void on_closed(std::uint64_t handle, bool connecting, sim::CloseKind how);

  /// One poll of the producer if one is due, then its reports and its application threads. True: call again after the outputs were carried out.
  bool work(ApplicationContext& context, const sim::Clock& clock);
  /// When to come back, if nothing happens before.
  sim::SimTime next_wake() const;

  // What the network brings to the consumer of a transfer. Requires is_input(handle) for those that take one.
  static bool is_input(std::uint64_t handle);
  void on_input_connected(std::uint64_t handle, sim::SimTime now);
  void on_input_closed(std::uint64_t handle, sim::SimTime now);
  void on_input_frame(std::uint64_t handle, const sim::Bytes& frame, sim::SimTime now);
  /// The transfer that has nothing at hand, if there is one.
  const Transfer* idle_transfer() const { return transfer_ && transfer_->idle() ? &*transfer_ : nullptr; }
  Transfer* transfer() { return transfer_ ? &*transfer_ : nullptr; }
  /// What the consumers of all its processes have read, for the judge.
  struct Seen {
    std::uint32_t topic = 0;  ///< the world's number
    std::int32_t partition = 0;
    SeenRecord record;
  };
  std::vector<Seen>& seen() { return seen_; }
  const std::vector<Seen>& seen() const { return seen_; }
  std::vector<ConsumerOutput> take_input_outputs() { return std::exchange(input_outputs_, {}); }

  // Outputs of work().
  std::vector<ConnectRequest> take_connects() { return producer_->take_connects(); }
  std::vector<ClientConnectionId> take_closes() { return producer_->take_closes(); }
  std::vector<ClientConnectionId> writable() const { return producer_->writable(); }
  bool has_writable() const { return producer_->has_writable(); }
  /// Takes up to `room` bytes for the connection and gives whole frames; what is incomplete waits here, as in a kernel's buffer.
  void pull(ClientConnectionId connection, std::int64_t room, std::vector<sim::Bytes>& frames);
  void forget_partial(ClientConnectionId connection);
  void retry_writing_at(sim::SimTime at) { write_again_ = at; }

  bool is_current_wake(std::uint64_t generation) const { return alive_ && generation == generation_; }
  std::uint64_t next_generation() { return ++generation_; }
  sim::SimTime armed() const { return armed_; }
  void arm(sim::SimTime at) { armed_ = at; }

  /// The process dies: nothing of the producer is left, what was not answered stays untold.
  void crash();
  /// A new process with a new producer; its threads go on with the step they were at, or with the beginning of the transaction they were in.
  void restart(const Setup& setup, Instant now);

  bool alive() const { return alive_; }
  bool workload_done() const;
  /// Nothing is open: no ticket, no batch, no re-send that waits.
  bool settled() const;
  /// Settled, and no request is under way either: a batch that expired in flight keeps its memory until its request ends.
  bool quiet() const;
  const KafkaProducer& producer() const { return *producer_; }
  KafkaProducer& producer() { return *producer_; }
  std::uint32_t index() const { return index_; }
  std::uint32_t incarnation() const { return incarnation_; }
  std::uint64_t records_sent() const { return next_number_; }
  std::int64_t epoch_bumps() const { return epoch_bumps_; }
  std::int32_t throttle_ms() const { return throttle_ms_; }
  void set_throttle_ms(std::int32_t time) { throttle_ms_ = time; }
  bool closed() const { return closed_; }
  /// What the first open call or batch waits for, for people.
  std::string waits_for() const;

 private:
  /// How a call about a transaction ended.
  struct CallEnd {
    std::optional<KafkaError> error;
  };
  enum class TransactionCall : std::uint8_t { init, begin, commit, abort };
  struct Thread {
    std::size_t step = 0;
    std::int64_t done_in_step = 0;
    std::optional<sim::SimTime> step_began;
    std::optional<Ticket> blocked;
    std::string_view blocked_in;  ///< `send`, `flush`, `close`
    RecordIndex blocked_record = no_record;
    RecordIndex waits_for = no_record;  ///< a synchronous send
    sim::SimTime wake = sim::SimTime::never();
    bool finished = false;
    std::vector<RecordIndex> to_resend;  ///< before the next step, oldest first: after a restart, or failed while the thread was blocked
    // Calls about transactions.
    bool in_call = false;         ///< `blocked` is one of them
    std::optional<CallEnd> call;  ///< it ended, and nobody has looked yet
    bool aborts = false;          ///< the commit failed: the application aborts instead
    std::int32_t repeats = 0;     ///< how often the transaction has been tried again
    RecordIndex flush_before = 0;  ///< LedgerFlush::before of the step
    bool flushed = false;         ///< the flush of a transfer without transactions was called
  };

  void create_producer(const Setup& setup, Instant now);
  /// A new process, whose threads stand where the old ones stood.
  void start_again(const Setup& setup, Instant now);
  static void back_to_begin(Thread& thread, const ApplicationThread& plan);
  bool poll(ApplicationContext& context, const sim::Clock& clock);
  void take_reports(ApplicationContext& context);
  void take_observations(ApplicationContext& context);
  bool advance(std::uint32_t thread, ApplicationContext& context);
  enum class StepResult : std::uint8_t { next, again, wait };
  StepResult perform(std::uint32_t thread, const WorkloadStep& step, ApplicationContext& context);
  StepResult send_step(std::uint32_t thread, const SendStep& step, ApplicationContext& context);
  StepResult restart_step(std::uint32_t thread, const RestartStep& step, ApplicationContext& context);
  // application_transactions.cpp
  StepResult begin_step(std::uint32_t thread, ApplicationContext& context);
  StepResult end_step(std::uint32_t thread, bool commit, ApplicationContext& context);
  StepResult send_offsets_step(std::uint32_t thread, const SendOffsetsStep& step, ApplicationContext& context);
  std::optional<CallEnd> send_offsets(std::uint32_t thread, const std::string& group, const OffsetsToCommit& offsets,
                                      ApplicationContext& context);
  /// initTransactions, once a process; nothing when it has returned.
  std::optional<StepResult> initialize(std::uint32_t thread, ApplicationContext& context);
  StepResult again_soon(std::uint32_t thread, ApplicationContext& context);
  StepResult after_abort(std::uint32_t thread, ApplicationContext& context);
  /// Makes the call, or takes how it ended; nothing while it blocks.
  std::optional<CallEnd> transaction_call(std::uint32_t thread, TransactionCall call, ApplicationContext& context);
  std::optional<CallEnd> settle_call(std::uint32_t thread, CallResult result, std::string_view name, ApplicationContext& context);
  void report(std::uint32_t thread, const KafkaError& error, ApplicationContext& context);
  // application_transfer.cpp
  StepResult transfer_step(std::uint32_t thread, const TransferStep& step, ApplicationContext& context);
  void begin_transfer(const TransferStep& step, const ApplicationContext& context);
  void end_transfer();
  StepResult enter(Transfer::Phase phase);
  StepResult ask_offsets(const TransferStep& step, ApplicationContext& context);
  StepResult take_offsets(std::uint32_t thread, ApplicationContext& context);
  void go_on_at(const std::vector<GroupPosition>& positions, ApplicationContext& context);
  StepResult poll_input(std::uint32_t thread, const TransferStep& step, ApplicationContext& context);
  StepResult begin_transferring(std::uint32_t thread, ApplicationContext& context);
  StepResult send_batch(std::uint32_t thread, const TransferStep& step, ApplicationContext& context);
  StepResult flush_batch(std::uint32_t thread, ApplicationContext& context);
  StepResult add_offsets(std::uint32_t thread, const TransferStep& step, ApplicationContext& context);
  StepResult commit_batch(std::uint32_t thread, ApplicationContext& context);
  StepResult abort_batch(std::uint32_t thread, ApplicationContext& context);
  StepResult after_transfer_abort(const ApplicationContext& context);
  StepResult commit_outside(std::uint32_t thread, ApplicationContext& context);
  StepResult await_commit(std::uint32_t thread, const TransferStep& step, ApplicationContext& context);
  void wake_input(sim::SimTime now);
  void gather_input_outputs();
  bool resend_next(std::uint32_t thread, ApplicationContext& context);
  /// Sends one record; true when the thread has to wait.
  bool send_record(std::uint32_t thread, const SendStep& step, std::uint64_t number, std::int64_t line, RecordIndex resend_of, Caller caller,
                   ApplicationContext& context);
  /// Where a record goes. Points to what outlives the call.
  struct Outgoing {
    const std::string& topic;
    std::optional<std::int32_t> partition;
    std::optional<std::int64_t> timestamp;
  };
  bool hand_over(std::uint32_t thread, const Outgoing& to, const Payload& payload, std::uint64_t number,
                 RecordIndex resend_of, Caller caller, ApplicationContext& context);
  void tell(RecordIndex record, const std::optional<KafkaError>& error, bool thrown, ApplicationContext& context);
  void settle(const Settlement& settlement, ApplicationContext& context);
  void after_failure(RecordIndex record, ApplicationContext& context);
  ProducerPlugins plugins() const;

  std::uint32_t index_ = 0;
  std::uint32_t incarnation_ = 0;
  std::optional<KafkaProducer> producer_;
  KeyedEntropy entropy_;
  std::vector<Thread> threads_;
  std::uint64_t next_number_ = 0;
  struct Origin {
    RecordIndex index = no_record;
    std::uint32_t step = 0;
    std::int64_t line = 0;
    std::int32_t resends = 0;
  };
  std::vector<Origin> origins_;  ///< by number: where a record came from, for re-sends
  std::vector<std::pair<std::uint64_t, std::vector<std::byte>>> partial_;
  std::uint64_t generation_ = 0;
  sim::SimTime armed_ = sim::SimTime::never();
  sim::SimTime due_;
  sim::SimTime write_again_ = sim::SimTime::never();
  std::int64_t epoch_bumps_ = 0;
  ProducerIdAndEpoch identity_;
  std::int32_t throttle_ms_ = 0;
  bool alive_ = true;
  bool initialized_ = false;  ///< initTransactions has returned
  TransactionIndex transaction_ = no_transaction;  ///< the one that is open
  std::uint64_t transactions_begun_ = 0;
  bool closed_ = false;
  bool aborted_ = false;  ///< on_error: abort
  std::optional<Transfer> transfer_;
  std::vector<ConsumerOutput> input_outputs_;
  std::vector<GroupPosition> noted_positions_;  ///< of the last poll: outlives the process, as a file beside it would
  std::vector<Seen> seen_;
};

}  // namespace linger::scenarios
