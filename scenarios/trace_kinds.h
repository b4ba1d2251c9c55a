#pragma once

#include <cstdint>
#include <string_view>

#include "broker_model/observation.h"
#include "producer/observation.h"
#include "sim/trace.h"

namespace linger::scenarios {

// K(name, "text field or empty", "what it says", "field", …). Whole-number fields only; `record` is the index in the ledger, `offset` -1 means none.

#define LINGER_APPLICATION_TRACE_KINDS(K)                                                                                          \
  K(app_send, "topic", "the application calls send", "record", "number", "bytes", "partition", "resend_of", "thread")              \
  K(app_acked, "partition", "the application hears success", "record", "number", "offset", "timestamp")                            \
  K(app_failed, "error", "the application hears an error", "record", "number", "definite")                                         \
  K(app_refused, "error", "send itself turned the record away", "record", "number", "thrown")                                      \
  K(app_blocked, "call", "a call blocks the application thread", "thread", "ticket")                                               \
  K(app_resumed, "call", "the blocked call returns", "thread", "ticket", "failed")                                                 \
  K(app_flush, "", "the application calls flush", "thread")                                                                        \
  K(app_close, "", "the application closes its producer", "thread", "timeout_ms")                                                  \
  K(app_restarted, "", "the application's process died; a new one goes on with a new producer", "incarnation")                     \
  K(app_initialized, "", "initTransactions returned: older producers with this transactional.id are fenced", "thread")            \
  K(app_begin, "", "the application begins a transaction", "thread", "transaction")                                                \
  K(app_commit, "", "the application asks for the commit", "thread", "transaction")                                                \
  K(app_abort, "", "the application asks for the abort", "thread", "transaction")                                                  \
  K(app_send_offsets, "group", "the application puts a group's progress into the transaction", "thread", "transaction", "partition", "offset") \
  K(app_committed, "", "the commit is done", "thread", "transaction")                                                              \
  K(app_aborted, "", "the abort is done", "thread", "transaction")                                                                 \
  K(app_transaction_error, "error", "a call about the transaction throws", "thread", "transaction", "fatal")                       \
  K(app_asks_offsets, "group", "the application asks where its consumer group goes on", "thread")                                  \
  K(app_group_offset, "partition", "the application learns where its consumer group goes on", "thread", "offset")                  \
  K(app_polled, "partition", "the application takes what its consumer has read", "thread", "first", "last")                        \
  K(app_commits_offsets, "partition", "the application commits its group's offset, in no transaction", "thread", "offset")         \
  K(app_offsets_committed, "group", "the group's offsets are committed", "thread")                                                 \
  K(app_transfer_done, "topic", "the application has transferred everything", "thread")                                            \
  K(produce_sent, "partition", "a Produce request leaves with this batch in it", "connection", "correlation", "records", "bytes",  \
    "producer_id", "epoch", "sequence", "attempt")                                                                                 \
  K(produce_answered, "partition", "the answer for this batch leaves the broker", "connection", "correlation", "error", "base_offset", \
    "records", "sequence")                                                                                                         \
  K(answer_arrived, "partition", "the answer for this batch reaches the producer", "connection", "correlation", "error", "base_offset", \
    "records", "sequence", "attempt")                                                                                              \
  K(request_sent, "api", "a request of another kind leaves the producer", "connection", "correlation", "to")                       \
  K(fault_strikes, "fault", "a planned fault begins", "index", "phase")                                                            \
  K(fault_ends, "fault", "a planned fault ends", "index")                                                                          \
  K(fault_hits, "fault", "a planned fault changed the fate of a message", "index", "connection", "direction", "api", "ordinal")    \
  K(fault_misses, "fault", "a planned fault found nothing to change", "index")                                                     \
  K(forged, "error", "an answer was replaced by a forged one", "connection", "correlation")                                        \
  K(phase, "name", "the run enters its next phase", "step")                                                                        \
  K(consumed, "partition", "a consumer reads records", "first", "last")

#define LINGER_PRODUCER_TRACE_KINDS(K)                                                                                             \
  K(partition_chosen, "partition", "the built-in partitioner moves on", "batch")                                                   \
  K(buffer_wait, "partition", "an append waits for memory", "bytes")                                                               \
  K(batch_created, "partition", "a batch is opened", "batch", "capacity")                                                          \
  K(batch_closed, "partition", "a batch takes no more records", "batch", "records", "bytes", "reason")                             \
  K(batch_drained, "partition", "a batch is put into a request", "batch", "records", "producer_id", "epoch", "sequence", "attempt") \
  K(batch_completed, "partition", "a batch is done", "batch", "records", "offset")                                                 \
  K(batch_failed, "partition", "a batch is given up with an error", "batch", "records", "error")                                   \
  K(batch_retried, "partition", "a batch goes back into its queue", "batch", "records", "error", "attempt", "sequence")            \
  K(batch_split, "partition", "a batch that was too large is cut up", "batch", "parts")                                            \
  K(batch_expired, "partition", "delivery.timeout.ms is over for a batch", "batch", "records", "age_ms", "sequence")               \
  K(batch_aborted, "partition", "a batch is given up with the whole producer", "batch", "records")                                 \
  K(buffer_released, "partition", "a batch's memory goes back to the pool", "batch", "bytes")                                      \
  K(producer_id_set, "", "the producer has a producer id", "producer_id", "epoch")                                                 \
  K(epoch_bumped, "", "the producer raises its epoch", "producer_id", "epoch")                                                     \
  K(sequences_reset, "partition", "a batch in flight gets a new identity and sequence", "batch", "producer_id", "epoch", "sequence") \
  K(sequence_unresolved, "partition", "nobody knows whether an expired batch was written", "sequence")                             \
  K(sequence_resolved, "partition", "the fate of an expired batch is known", "sequence")                                           \
  K(partition_muted, "partition", "no other batch of the partition may leave")                                                     \
  K(partition_unmuted, "partition", "batches of the partition may leave again")

#define LINGER_BROKER_TRACE_KINDS(K)                                                                                               \
  K(appended, "partition", "a replica writes a batch into its log", "from", "to", "producer_id", "epoch", "sequence", "leader_epoch", \
    "bytes", "leader")                                                                                                             \
  K(duplicate, "partition", "the leader has the batch already", "from", "to", "producer_id", "epoch", "sequence")                  \
  K(refused_batch, "partition", "the leader refuses a batch", "error", "producer_id", "epoch", "sequence", "expected")             \
  K(truncated, "partition", "a replica cuts its log", "from", "to")                                                                \
  K(high_watermark, "partition", "the high watermark moves", "from", "to", "leader")                                               \
  K(became_leader, "partition", "a broker begins to lead", "leader_epoch", "start", "isr")                                         \
  K(became_follower, "partition", "a broker begins to follow", "leader_epoch", "leader", "log_end")                                \
  K(isr_proposed, "partition", "the leader asks for another ISR", "isr")                                                           \
  K(isr_applied, "partition", "the leader learns its ISR", "isr", "partition_epoch")                                               \
  K(isr_rejected, "partition", "the controller refuses the ISR", "error")                                                          \
  K(flushed, "partition", "a log is on disk up to here", "to")                                                                     \
  K(lost_unflushed, "partition", "a power loss took the end of a log", "from", "to")                                               \
  K(purgatory_enter, "partition", "a request waits for followers", "until")                                                        \
  K(purgatory_complete, "partition", "a waiting request is answered", "error")                                                     \
  K(purgatory_expired, "partition", "a waiting request ran out of time")                                                           \
  K(log_start_moved, "partition", "the log begins later", "from", "to")                                                            \
  K(snapshot_loaded, "partition", "what is known of producers was rebuilt from snapshot and log", "from", "to")                    \
  K(producers_expired, "partition", "producers were forgotten", "count")                                                           \
  K(registered, "", "a broker is registered", "broker_epoch")                                                                      \
  K(fenced, "", "a broker is fenced", "broker")                                                                                    \
  K(unfenced, "", "a broker is unfenced", "broker")                                                                                \
  K(broker_crashed, "", "a process dies", "power")                                                                                 \
  K(broker_restarted, "", "a process starts again")                                                                                \
  K(controlled_shutdown, "", "a broker asks to leave")                                                                             \
  K(stopped, "", "a broker has left in good order")                                                                                \
  K(leader_elected, "partition", "the controller elects a leader", "leader", "leader_epoch", "isr", "elr")                         \
  K(unclean_election, "partition", "the controller elects a leader that may lack records", "leader", "leader_epoch", "isr", "elr") \
  K(partition_offline, "partition", "nobody can lead", "isr", "elr")                                                               \
  K(isr_committed, "partition", "the controller commits an ISR", "isr", "elr", "partition_epoch")                                  \
  K(topic_created, "topic", "a topic exists", "partitions")                                                                        \
  K(topic_deleted, "topic", "a topic is gone")                                                                                     \
  K(controller_elected, "", "a controller becomes active", "controller_epoch")                                                     \
  K(controller_resigned, "", "a controller is no longer active", "controller_epoch", "log_end", "committed")                       \
  K(metadata_applied, "", "a broker learns of changes", "from", "to")                                                              \
  K(malformed, "", "a frame cannot be read; the connection is closed")                                                             \
  K(disk_error, "partition", "a log directory fails", "error")                                                                     \
  K(marker_written, "partition", "a replica writes the marker that ends a transaction", "offset", "producer_id", "epoch",            \
    "coordinator_epoch", "commit")                                                                                                 \
  K(last_stable_offset, "partition", "the last stable offset moves apart from the high watermark", "from", "to")                   \
  K(transaction_state, "partition", "a transactional id changes its state", "from", "to", "producer_id", "epoch", "coordinator_epoch") \
  K(producer_fenced, "", "a producer hears that another took its place", "error", "producer_id", "epoch")

enum class AppTrace : std::uint16_t {
#define LINGER_KIND(name, ...) name,
  LINGER_APPLICATION_TRACE_KINDS(LINGER_KIND)
#undef LINGER_KIND
};
constexpr std::uint16_t trace_kind(AppTrace kind) {
  return static_cast<std::uint16_t>(sim::scenario_trace_first + static_cast<std::uint16_t>(kind));
}
/// The producer's and the brokers' kinds stand in the order of ProducerEvent and broker::Observation::Kind.
constexpr std::uint16_t trace_kind(ProducerEvent event) {
  return static_cast<std::uint16_t>(sim::producer_trace_first + static_cast<std::uint16_t>(event));
}
constexpr std::uint16_t trace_kind(broker::Observation::Kind kind) {
  return static_cast<std::uint16_t>(sim::broker_trace_first + static_cast<std::uint16_t>(kind));
}

/// All kinds of all layers: sim, producer, broker_model, scenarios.
const sim::TraceKinds& trace_kinds();

/// "PrepareCommit": a coordinator's state by the number in a trace.
const char* transaction_state_name(std::int64_t state);

/// The whole-number fields of a record for this observation, in the order of its kind.
std::array<std::int64_t, 8> trace_args(const ProducerObservation& seen);
std::array<std::int64_t, 8> trace_args(const broker::Observation& seen);

}  // namespace linger::scenarios
