#include "scenarios/trace_kinds.h"

#include "broker_model/transaction_state.h"

#include <array>

#include "sim/trace_kinds.h"

namespace linger::scenarios {

namespace {

using sim::TraceKindInfo;

template <class... Fields>
constexpr TraceKindInfo kind(std::string_view name, std::string_view text, std::string_view meaning, Fields... fields) {
  return TraceKindInfo{name, {std::string_view{fields}...}, text, meaning};
}

#define LINGER_KIND(name, ...) kind(#name, __VA_ARGS__),
constexpr std::array application_kinds{LINGER_APPLICATION_TRACE_KINDS(LINGER_KIND)};
constexpr std::array producer_kinds{LINGER_PRODUCER_TRACE_KINDS(LINGER_KIND)};
constexpr std::array broker_kinds{LINGER_BROKER_TRACE_KINDS(LINGER_KIND)};
#undef LINGER_KIND

static_assert(producer_kinds.size() == static_cast<std::size_t>(ProducerEvent::partition_unmuted) + 1);
static_assert(broker_kinds.size() == static_cast<std::size_t>(broker::Observation::Kind::producer_fenced) + 1);

std::int64_t bits(broker::NodeMask mask) {
  return static_cast<std::int64_t>(mask);
}

}  // namespace

const sim::TraceKinds& trace_kinds() {
  static const sim::TraceKinds kinds{{sim::sim_trace_layer(),
                                      sim::TraceLayer{"producer", sim::producer_trace_first, producer_kinds},
                                      sim::TraceLayer{"broker_model", sim::broker_trace_first, broker_kinds},
                                      sim::TraceLayer{"scenarios", sim::scenario_trace_first, application_kinds}}};
  return kinds;
}

std::array<std::int64_t, 8> trace_args(const ProducerObservation& seen) {
  const auto batch = static_cast<std::int64_t>(seen.batch);
  switch (seen.event) {
    case ProducerEvent::partition_chosen: return {batch};
    case ProducerEvent::buffer_wait: return {seen.amount};
    case ProducerEvent::batch_created: return {batch, seen.amount};
    case ProducerEvent::batch_closed: return {batch, seen.records, seen.amount, static_cast<std::int64_t>(seen.reason)};
    case ProducerEvent::batch_drained: return {batch, seen.records, seen.producer_id, seen.epoch, seen.sequence, seen.attempt};
    case ProducerEvent::batch_completed: return {batch, seen.amount, seen.offset};
    case ProducerEvent::batch_failed: return {batch, seen.amount, seen.error};
    case ProducerEvent::batch_retried: return {batch, seen.records, seen.error, seen.attempt, seen.sequence};
    case ProducerEvent::batch_split: return {batch, seen.amount};
    case ProducerEvent::batch_expired: return {batch, seen.records, seen.amount, seen.sequence};
    case ProducerEvent::batch_aborted: return {batch, seen.records};
    case ProducerEvent::buffer_released: return {batch, seen.amount};
    case ProducerEvent::producer_id_set:
    case ProducerEvent::epoch_bumped: return {seen.producer_id, seen.epoch};
    case ProducerEvent::sequences_reset: return {batch, seen.producer_id, seen.epoch, seen.sequence};
    case ProducerEvent::sequence_unresolved:
    case ProducerEvent::sequence_resolved: return {seen.sequence};
    case ProducerEvent::partition_muted:
    case ProducerEvent::partition_unmuted: return {};
  }
  return {};
}

const char* transaction_state_name(std::int64_t state) {
  return broker::state_name(static_cast<broker::TransactionState>(state));
}

std::array<std::int64_t, 8> trace_args(const broker::Observation& seen) {
  using Kind = broker::Observation::Kind;
  const std::int64_t producer = seen.producer.value();
  const std::int64_t epoch = seen.producer_epoch.value();
  const auto error = static_cast<std::int64_t>(seen.error);
  switch (seen.kind) {
    case Kind::appended: return {seen.from, seen.to, producer, epoch, seen.first_seq, seen.leader_epoch, seen.bytes, seen.other == seen.node ? 1 : 0};
    case Kind::duplicate: return {seen.from, seen.to, producer, epoch, seen.first_seq};
    case Kind::refused: return {error, producer, epoch, seen.first_seq, seen.expected_seq};
    case Kind::truncated:
    case Kind::lost_unflushed:
    case Kind::log_start_moved:
    case Kind::snapshot_loaded:
    case Kind::metadata_applied: return {seen.from, seen.to};
    case Kind::high_watermark: return {seen.from, seen.to, seen.other == seen.node ? 1 : 0};
    case Kind::last_stable_offset: return {seen.from, seen.to};
    case Kind::marker_written: return {seen.from, producer, epoch, seen.coordinator_epoch, seen.bytes};
    case Kind::transaction_state: return {seen.from, seen.to, producer, epoch, seen.coordinator_epoch};
    case Kind::became_leader: return {seen.leader_epoch, seen.to, bits(seen.nodes)};
    case Kind::became_follower: return {seen.leader_epoch, seen.other.value(), seen.to};
    case Kind::isr_proposed: return {bits(seen.nodes)};
    case Kind::isr_applied: return {bits(seen.nodes), seen.partition_epoch};
    case Kind::isr_rejected: return {error};
    case Kind::flushed:
    case Kind::purgatory_enter:
    case Kind::producers_expired:
    case Kind::registered:
    case Kind::topic_created: return {seen.to};
    case Kind::purgatory_complete:
    case Kind::disk_error: return {error};
    case Kind::producer_fenced: return {error, producer, epoch};
    case Kind::fenced:
    case Kind::unfenced: return {seen.other.value()};
    case Kind::crashed: return {seen.bytes};
    case Kind::leader_elected:
    case Kind::unclean_election: return {seen.other.value(), seen.leader_epoch, bits(seen.nodes), bits(seen.elr)};
    case Kind::partition_offline: return {bits(seen.nodes), bits(seen.elr)};
    case Kind::isr_committed: return {bits(seen.nodes), bits(seen.elr), seen.partition_epoch};
    case Kind::controller_elected: return {seen.leader_epoch};
    case Kind::controller_resigned: return {seen.leader_epoch, seen.from, seen.to};
    case Kind::purgatory_expired:
    case Kind::restarted:
    case Kind::controlled_shutdown:
    case Kind::stopped:
    case Kind::topic_deleted:
    case Kind::malformed: return {};
  }
  return {};
}

}  // namespace linger::scenarios
