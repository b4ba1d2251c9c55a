#include "broker_model/transaction_state.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace linger::broker {
namespace {

using State = TransactionState;

constexpr std::int16_t max_epoch = std::numeric_limits<std::int16_t>::max();

ProducerEpoch next(ProducerEpoch epoch) {
  return ProducerEpoch{static_cast<std::int16_t>(epoch.value() + 1)};
}

}  // namespace

const char* state_name(TransactionState state) {
  constexpr const char* names[] = {"Empty",          "Ongoing",       "PrepareCommit", "PrepareAbort",
                                   "CompleteCommit", "CompleteAbort", "Dead",          "PrepareEpochFence"};
  return names[static_cast<std::size_t>(state)];
}

bool can_follow(TransactionState from, TransactionState to) {
  const bool at_rest = from == State::empty || from == State::complete_commit || from == State::complete_abort;
  switch (to) {
    case State::empty:
    case State::dead:
      return at_rest;
    case State::ongoing:
      return at_rest || from == State::ongoing;
    case State::prepare_commit:
    case State::prepare_epoch_fence:
      return from == State::ongoing;
    case State::prepare_abort:
      return at_rest || from == State::ongoing || from == State::prepare_epoch_fence;
    case State::complete_commit:
      return from == State::prepare_commit;
    case State::complete_abort:
      return from == State::prepare_abort;
  }
  return false;
}

void insert(PartitionSet& set, const TopicPartition& partition) {
  const auto at = std::lower_bound(set.begin(), set.end(), partition);
  if (at == set.end() || *at != partition) set.insert(at, partition);
}

bool includes(const PartitionSet& set, const PartitionSet& part) {
  return std::includes(set.begin(), set.end(), part.begin(), part.end());
}

bool TransactionMetadata::epoch_exhausted() const {
  return epoch.value() >= max_epoch - 1;
}

TransactionTransit TransactionMetadata::now_as(TransactionState to) const {
  return {producer, producer,   next_producer, epoch,          last_epoch,    timeout_ms,
          to,       partitions, start_ms,      last_update_ms, client_version};
}

TransactionTransit TransactionMetadata::prepared(TransactionTransit transit) {
  assert(!pending);
  assert(transit.producer.value() >= 0);
  assert(transit.state == State::dead || transit.epoch.value() >= 0);
  assert(can_follow(state, transit.state));
  pending = transit.state;
  return transit;
}

TransactionTransit TransactionMetadata::prepare_fence() {
  TransactionTransit to = now_as(State::prepare_epoch_fence);
  if (!failed_epoch_fence && epoch.value() != max_epoch) to.epoch = next(epoch);
  return prepared(std::move(to));
}

TransactionMetadata::Increment TransactionMetadata::prepare_increment_epoch(std::int32_t new_timeout_ms,
                                                                            std::optional<ProducerEpoch> expected,
                                                                            std::int64_t now_ms) {
  assert(!epoch_exhausted());
  TransactionTransit to = now_as(State::empty);
  if (!expected) {
    to.epoch = next(epoch);
    to.last_epoch = no_producer_epoch;
  } else if (epoch == no_producer_epoch || *expected == epoch) {
    to.epoch = next(epoch);
    to.last_epoch = epoch;
  } else if (*expected != last_epoch) {
    return {ErrorCode::producer_fenced, {}};
  }
  // Otherwise it asks again for what it was given: nobody came in between, that would have cleared last_epoch.
  to.timeout_ms = new_timeout_ms;
  to.partitions.clear();
  to.start_ms = -1;
  to.last_update_ms = now_ms;
  return {ErrorCode::none, prepared(std::move(to))};
}

TransactionTransit TransactionMetadata::prepare_producer_id_rotation(ProducerId fresh, std::int32_t new_timeout_ms,
                                                                     std::int64_t now_ms, bool record_last_epoch) {
  TransactionTransit to = now_as(State::empty);
  to.producer = fresh;
  to.epoch = ProducerEpoch{0};
  to.last_epoch = record_last_epoch ? epoch : no_producer_epoch;
  to.timeout_ms = new_timeout_ms;
  to.partitions.clear();
  to.start_ms = -1;
  to.last_update_ms = now_ms;
  return prepared(std::move(to));
}

TransactionTransit TransactionMetadata::prepare_add_partitions(const PartitionSet& added, std::int64_t now_ms,
                                                               std::int16_t version_of_client) {
  TransactionTransit to = now_as(State::ongoing);
  if (state != State::ongoing) to.start_ms = now_ms;
  for (const TopicPartition& partition : added) insert(to.partitions, partition);
  to.last_update_ms = now_ms;
  to.client_version = version_of_client;
  return prepared(std::move(to));
}

TransactionTransit TransactionMetadata::prepare_end(TransactionState verdict, std::int16_t version_of_client,
                                                    ProducerId rotate_to, std::int64_t now_ms,
                                                    bool no_partition_added) {
  TransactionTransit to = now_as(verdict);
  if (supports_epoch_bump(version_of_client)) {
    // Who came to the last epoch by a defect may still abort and recover.
    if (!(epoch.value() == max_epoch && verdict == State::prepare_abort)) to.epoch = next(epoch);
    to.last_epoch = epoch;
  }
  if (no_partition_added) to.start_ms = now_ms;
  to.next_producer = rotate_to;
  to.last_update_ms = now_ms;
  to.client_version = version_of_client;
  return prepared(std::move(to));
}

TransactionTransit TransactionMetadata::prepare_complete(std::int64_t now_ms) {
  failed_epoch_fence = false;
  TransactionTransit to = now_as(state == State::prepare_commit ? State::complete_commit : State::complete_abort);
  if (supports_epoch_bump(client_version) && next_producer != no_producer_id) {
    to.producer = next_producer;
    to.epoch = ProducerEpoch{0};
  }
  to.next_producer = no_producer_id;
  to.partitions.clear();
  to.last_update_ms = now_ms;
  return prepared(std::move(to));
}

TransactionTransit TransactionMetadata::prepare_dead() {
  TransactionTransit to = now_as(State::dead);
  to.partitions.clear();
  return prepared(std::move(to));
}

/// Kafka: TransactionMetadata.validProducerEpoch.
bool TransactionMetadata::valid_epoch(const TransactionTransit& to) const {
  const bool bumps = supports_epoch_bump(to.client_version);
  const bool completes = to.state == State::complete_commit || to.state == State::complete_abort;
  const bool decides = to.state == State::prepare_commit || to.state == State::prepare_abort;
  if (bumps && completes && to.epoch == ProducerEpoch{0})
    return to.last_epoch == last_epoch && to.previous_producer == producer;
  if (bumps && decides) return to.last_epoch == epoch && to.producer == producer;
  return to.epoch == epoch && to.producer == producer;
}

void TransactionMetadata::complete_transition(const TransactionTransit& to) {
  assert(pending && *pending == to.state);
  switch (to.state) {
    case State::empty:
      assert(to.epoch == epoch || to.epoch == next(epoch) || (to.epoch == ProducerEpoch{0} && to.producer != producer));
      assert(to.partitions.empty() && to.start_ms == -1);
      break;
    case State::ongoing:
      assert(valid_epoch(to) && includes(to.partitions, partitions) && timeout_ms == to.timeout_ms);
      break;
    case State::prepare_abort:
    case State::prepare_commit:
      assert(valid_epoch(to) && partitions == to.partitions && timeout_ms == to.timeout_ms);
      break;
    case State::complete_abort:
    case State::complete_commit:
      assert(valid_epoch(to) && timeout_ms == to.timeout_ms && to.start_ms != -1);
      break;
    case State::prepare_epoch_fence:
    case State::dead:
      assert(false && "a state that is never completed");
      break;
  }
  producer = to.producer;
  previous_producer = to.previous_producer;
  next_producer = to.next_producer;
  epoch = to.epoch;
  last_epoch = to.last_epoch;
  timeout_ms = to.timeout_ms;
  partitions = to.partitions;
  start_ms = to.start_ms;
  last_update_ms = to.last_update_ms;
  client_version = to.client_version;
  pending.reset();
  state = to.state;
}

void TransactionMetadata::remove_partition(const TopicPartition& partition) {
  assert(state == State::prepare_commit || state == State::prepare_abort);
  std::erase(partitions, partition);
}

}  // namespace linger::broker
