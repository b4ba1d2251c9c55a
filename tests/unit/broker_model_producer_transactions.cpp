#include <algorithm>
#include <catch2/catch.hpp>

#include "broker_model/replica_log.h"
#include "protocol/memory_records_builder.h"

using namespace linger;
using namespace linger::broker;

namespace {

constexpr std::int64_t never_expires = 1'000'000'000;

/// A log that transactions are written to as a leader's is: one record a batch unless said otherwise, time in ms.
struct TxnLog {
  ReplicaLog log;
  BrokerBehaviour behaviour;
  std::int64_t segment = 1'000'000;

  void put(MemoryRecordsBuilder& builder, Bytes& buffer) {
    builder.close(buffer);
    const sim::Bytes bytes = sim::Bytes::copy_of(builder.records(buffer));
    BatchPrefix prefix{};
    std::copy_n(bytes.data(), prefix.size(), prefix.begin());
    log.append(load_batch_header(bytes.span()), prefix, bytes.slice(batch_prefix, bytes.size() - batch_prefix),
               behaviour, segment, sim::SimTime{});
  }
  void data(std::int64_t pid, std::int16_t epoch, std::int32_t sequence, bool transactional = true,
            std::int32_t records = 1, std::int64_t at = 1000) {
    BatchOptions options;
    options.base_offset = Offset{log.log_end()};
    options.partition_leader_epoch = LeaderEpoch{0};
    options.producer = {ProducerId{pid}, ProducerEpoch{epoch}};
    options.base_sequence = sequence;
    options.transactional = transactional;
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    for (std::int32_t i = 0; i < records; ++i) builder.append(buffer, at, std::nullopt, std::nullopt);
    put(builder, buffer);
  }
  void marker(std::int64_t pid, std::int16_t epoch, bool commit, std::int32_t coordinator_epoch = 0,
              std::int64_t at = 1000) {
    BatchOptions options;
    options.base_offset = Offset{log.log_end()};
    options.partition_leader_epoch = LeaderEpoch{0};
    options.producer = {ProducerId{pid}, ProducerEpoch{epoch}};
    options.transactional = true;
    options.control = true;
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    builder.append_end_txn_marker(buffer, at, commit, coordinator_epoch);
    put(builder, buffer);
  }
  void replicate() { log.maybe_increment_high_watermark(log.log_end()); }
  const ProducerStateEntry& of(std::int64_t pid) const { return *log.producers().find(ProducerId{pid}); }
};

BatchIdentity txn_batch(std::int64_t pid, std::int16_t epoch, std::int32_t sequence, bool transactional = true) {
  return {ProducerId{pid}, ProducerEpoch{epoch}, sequence, sequence, transactional};
}

EndMarker marker(std::int16_t epoch, std::int16_t version, std::int32_t coordinator_epoch = 0) {
  return {ProducerId{7}, ProducerEpoch{epoch}, coordinator_epoch, false, version};
}

}  // namespace

TEST_CASE("an open transaction holds the last stable offset; its marker frees it once it is replicated") {
  TxnLog t;
  t.data(1, 0, 0, false);
  t.replicate();
  CHECK(t.log.last_stable_offset() == 1);
  t.data(7, 0, 0);
  t.data(8, 0, 0);
  t.replicate();
  CHECK(t.log.high_watermark() == 3);
  CHECK(t.log.last_stable_offset() == 1);
  CHECK(t.of(7).current_txn_first == 1);
  t.data(7, 0, 1);
  t.replicate();
  CHECK(t.of(7).current_txn_first == 1);

  t.marker(7, 0, true);
  CHECK_FALSE(t.of(7).in_transaction());
  // Decided, but a reader must not see it before the marker is replicated: the leader could lose it.
  CHECK(t.log.last_stable_offset() == 1);
  t.replicate();
  CHECK(t.log.last_stable_offset() == 2);
  t.marker(8, 0, false);
  t.replicate();
  CHECK(t.log.last_stable_offset() == 6);
}

TEST_CASE("the last stable offset never passes the high watermark") {
  TxnLog t;
  t.data(1, 0, 0, false);
  t.data(7, 0, 0);
  CHECK(t.log.last_stable_offset() == 0);
  t.log.maybe_increment_high_watermark(1);
  CHECK(t.log.last_stable_offset() == 1);
}

TEST_CASE("aborted transactions are listed for the range that a reader fetched, in the order of their markers") {
  TxnLog t;
  t.data(7, 0, 0);           // 0
  t.data(8, 0, 0);           // 1
  t.marker(8, 0, false);     // 2
  t.marker(7, 0, false);     // 3
  t.data(7, 0, 1);           // 4
  t.marker(7, 0, true);      // 5
  t.data(7, 0, 2);           // 6
  t.marker(7, 0, false, 0);  // 7
  const auto all = t.log.transaction_index().entries();
  REQUIRE(all.size() == 3);
  CHECK(all[0] == AbortedTransaction{ProducerId{8}, 1, 2, 0});
  CHECK(all[1] == AbortedTransaction{ProducerId{7}, 0, 3, 4});
  CHECK(all[2] == AbortedTransaction{ProducerId{7}, 6, 7, 8});
  const auto firsts = [&](std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> list;
    for (const AbortedTransaction& txn : t.log.transaction_index().collect(from, to)) list.push_back(txn.first);
    return list;
  };
  CHECK(firsts(0, 8) == std::vector<std::int64_t>{1, 0, 6});
  CHECK(firsts(0, 1) == std::vector<std::int64_t>{0});
  CHECK(firsts(3, 4) == std::vector<std::int64_t>{0});
  CHECK(firsts(4, 6).empty());
  CHECK(firsts(7, 8) == std::vector<std::int64_t>{6});
}

TEST_CASE("a marker with nothing to end changes the epoch and leaves no trace in the index") {
  TxnLog t;
  t.marker(7, 3, false);
  CHECK(t.log.transaction_index().entries().empty());
  CHECK(t.of(7).epoch == ProducerEpoch{3});
  CHECK(t.of(7).count == 0);
  t.replicate();
  CHECK(t.log.last_stable_offset() == 1);
}

TEST_CASE("epochs of markers: version 2 wants a higher one, or an equal one when the transaction has ended") {
  TxnLog t;
  t.data(7, 4, 0);
  const ProducerState& state = t.log.producers();
  const auto error = [&](std::int16_t epoch, std::int16_t version, std::int32_t coordinator = 0) {
    return state.check_marker(marker(epoch, version, coordinator), {});
  };
  CHECK(error(4, 1) == ErrorCode::none);
  CHECK(error(3, 1) == ErrorCode::invalid_producer_epoch);
  CHECK(error(4, 2) == ErrorCode::invalid_producer_epoch);
  CHECK(error(5, 2) == ErrorCode::none);
  t.marker(7, 5, true, 6);
  CHECK(error(5, 2, 6) == ErrorCode::none);
  CHECK(error(4, 2, 6) == ErrorCode::invalid_producer_epoch);
  // A coordinator that was replaced decides nothing any more.
  CHECK(error(6, 2, 5) == ErrorCode::transaction_coordinator_fenced);
  CHECK(state.check_marker({ProducerId{99}, ProducerEpoch{0}, -1, true, 2}, {}) == ErrorCode::none);
}

TEST_CASE("a producer that reached the largest epoch with an open transaction can still be ended") {
  TxnLog t;
  t.data(7, std::numeric_limits<std::int16_t>::max(), 0);
  CHECK(t.log.producers().check_marker(marker(std::numeric_limits<std::int16_t>::max(), 2), {}) == ErrorCode::none);
}

TEST_CASE("a transactional batch needs an open transaction or the guard of its own verification") {
  using Kind = ProducerVerdict::Kind;
  TxnLog t;
  ProducerState& state = t.log.producers();
  const auto verdict = [&](const BatchIdentity& batch, VerificationGuard guard, bool enabled = true) {
    return state.check(batch, t.behaviour, false, {guard, enabled});
  };
  CHECK(verdict(txn_batch(7, 0, 0), no_guard).error == ErrorCode::invalid_txn_state);
  CHECK(verdict(txn_batch(7, 0, 0), no_guard, false).kind == Kind::append);
  const auto first = state.maybe_start_verification(ProducerId{7}, 0, ProducerEpoch{0}, false, 1000);
  REQUIRE(first.guard != no_guard);
  CHECK(state.maybe_start_verification(ProducerId{7}, 0, ProducerEpoch{0}, false, 1000).guard == first.guard);
  CHECK(verdict(txn_batch(7, 0, 0), first.guard).kind == Kind::append);
  CHECK(verdict(txn_batch(7, 0, 0), first.guard + 1).error == ErrorCode::invalid_txn_state);
  // The marker of this transaction comes first: what was verified before it stays out.
  t.marker(7, 0, false);
  CHECK(verdict(txn_batch(7, 0, 0), first.guard).error == ErrorCode::invalid_txn_state);

  const auto second = state.maybe_start_verification(ProducerId{7}, 0, ProducerEpoch{0}, false, 1000);
  CHECK(second.guard != first.guard);
  t.data(7, 0, 0);
  CHECK(state.verification(ProducerId{7}) == nullptr);
  // From now on the open transaction speaks for itself, in this epoch only.
  CHECK(state.maybe_start_verification(ProducerId{7}, 1, ProducerEpoch{0}, false, 1000).guard == no_guard);
  CHECK(verdict(txn_batch(7, 0, 1), no_guard).kind == Kind::append);
  CHECK(verdict(txn_batch(7, 1, 0), no_guard).error == ErrorCode::invalid_txn_state);
  CHECK(verdict(txn_batch(7, 0, 1, false), no_guard).error == ErrorCode::invalid_txn_state);
  CHECK(verdict(txn_batch(7, 0, 0), no_guard).kind == Kind::duplicate);
}

TEST_CASE("a producer with an old epoch is told so before anything is verified") {
  TxnLog t;
  t.marker(7, 2, false);
  ProducerState& state = t.log.producers();
  const auto start = state.maybe_start_verification(ProducerId{7}, 0, ProducerEpoch{1}, true, 1000);
  CHECK(start.error == ErrorCode::invalid_producer_epoch);
  CHECK(state.check(txn_batch(7, 1, 0), t.behaviour, false).error == ErrorCode::invalid_producer_epoch);
}

TEST_CASE("while a batch waits for its verification, a later one does not overtake it") {
  TxnLog t;
  ProducerState& state = t.log.producers();
  t.data(7, 0, 0, false);
  state.maybe_start_verification(ProducerId{7}, 1, ProducerEpoch{0}, false, 1000);
  const auto later = state.maybe_start_verification(ProducerId{7}, 2, ProducerEpoch{0}, false, 1000);
  CHECK(state.verification(ProducerId{7})->lowest_sequence == 1);
  const auto verdict = state.check(txn_batch(7, 0, 2), t.behaviour, false, {later.guard, true});
  CHECK(verdict.error == ErrorCode::out_of_order_sequence_number);
  CHECK(state.check(txn_batch(7, 0, 1), t.behaviour, false, {later.guard, true}).kind == ProducerVerdict::Kind::append);
  // A new epoch begins anew.
  state.maybe_start_verification(ProducerId{7}, 5, ProducerEpoch{1}, false, 1000);
  CHECK(state.verification(ProducerId{7})->lowest_sequence == 5);
}

TEST_CASE("version 2: an unknown producer begins at sequence 0") {
  TxnLog t;
  ProducerState& state = t.log.producers();
  const auto v1 = state.maybe_start_verification(ProducerId{6}, 3, ProducerEpoch{0}, false, 1000);
  CHECK(state.check(txn_batch(6, 0, 3), t.behaviour, false, {v1.guard, true}).kind == ProducerVerdict::Kind::append);
  const auto v2 = state.maybe_start_verification(ProducerId{7}, 3, ProducerEpoch{0}, true, 1000);
  CHECK(state.check(txn_batch(7, 0, 3), t.behaviour, false, {v2.guard, true}).error ==
        ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("version 2: a marker leaves the verification of the next transaction alone, version 1 does not") {
  TxnLog t;
  ProducerState& state = t.log.producers();
  t.data(7, 0, 0);
  state.maybe_start_verification(ProducerId{7}, 0, ProducerEpoch{1}, true, 1000);
  t.marker(7, 1, true);
  CHECK(state.verification(ProducerId{7}) != nullptr);
  state.maybe_start_verification(ProducerId{8}, 0, ProducerEpoch{1}, false, 1000);
  t.marker(8, 1, true);
  CHECK(state.verification(ProducerId{8}) == nullptr);
}

TEST_CASE("offsets that a group coordinator writes in a transaction are judged by their epoch alone") {
  TxnLog t;
  ProducerState& state = t.log.producers();
  const BatchIdentity offsets{ProducerId{7}, ProducerEpoch{1}, no_sequence, no_sequence, true};
  CHECK(state.check_from_coordinator(offsets, {}) == ErrorCode::invalid_txn_state);
  const auto start = state.maybe_start_verification(ProducerId{7}, no_sequence, ProducerEpoch{1}, true, 1000);
  CHECK(state.check_from_coordinator(offsets, {start.guard, true}) == ErrorCode::none);
  t.marker(7, 2, false);
  CHECK(state.check_from_coordinator(offsets, {start.guard, true}) == ErrorCode::invalid_producer_epoch);
  CHECK(state.check_from_coordinator({}, {}) == ErrorCode::none);
}

TEST_CASE("a producer is not forgotten while its transaction is open") {
  TxnLog t;
  t.data(7, 0, 0);
  t.data(8, 0, 0, false);
  CHECK(t.log.producers().remove_expired(1'000'000, 10) == 1);
  CHECK(t.log.producers().find(ProducerId{7}) != nullptr);
  t.marker(7, 0, true);
  CHECK(t.log.producers().forget_idle() == 1);
}

TEST_CASE("a restart finds the open transaction in the snapshot, and the decided one in the log behind it") {
  TxnLog t;
  t.data(7, 0, 0);  // 0
  t.data(8, 0, 0);  // 1
  t.replicate();
  t.log.close_cleanly();  // snapshot at 2
  t.data(7, 0, 1);        // 2
  t.marker(8, 0, false);  // 3
  const TransactionIndex before = t.log.transaction_index();
  CHECK(t.log.recover(false, t.behaviour, 2000, never_expires) == 2);
  CHECK(t.of(7).current_txn_first == 0);
  CHECK_FALSE(t.of(8).in_transaction());
  CHECK(t.log.transaction_index() == before);
  CHECK(t.log.last_stable_offset() == 0);
  t.replicate();
  t.marker(7, 0, true);  // 4
  t.replicate();
  CHECK(t.log.last_stable_offset() == 5);
}

TEST_CASE("an expired producer in a snapshot comes back when its transaction is open") {
  TxnLog t;
  t.data(7, 0, 0);
  t.data(8, 0, 0, false);
  t.log.close_cleanly();
  t.log.recover(false, t.behaviour, 1'000'000, 10);
  CHECK(t.log.producers().find(ProducerId{7}) != nullptr);
  CHECK(t.log.producers().find(ProducerId{8}) == nullptr);
}

TEST_CASE("truncation takes a marker back: the transaction is open again and no longer in the index") {
  TxnLog t;
  t.data(7, 0, 0);
  t.data(7, 0, 1);
  t.log.maybe_increment_high_watermark(2);
  t.marker(7, 0, false, 4);
  CHECK(t.of(7).coordinator_epoch == 4);
  t.log.truncate_to(2, t.behaviour, 2000, never_expires);
  CHECK(t.of(7).current_txn_first == 0);
  CHECK(t.of(7).coordinator_epoch == -1);
  CHECK(t.log.transaction_index().entries().empty());
  CHECK(t.log.last_stable_offset() == 0);
  // The new leader decided otherwise.
  t.marker(7, 0, true, 5);
  t.replicate();
  CHECK(t.log.last_stable_offset() == 3);
  CHECK(t.log.transaction_index().entries().empty());
}

TEST_CASE("a power loss takes what was not flushed out of transactions and index too") {
  TxnLog t;
  t.data(7, 0, 0);
  t.log.flush();
  t.marker(7, 0, false);
  t.log.recover(true, t.behaviour, 2000, never_expires);
  CHECK(t.of(7).current_txn_first == 0);
  CHECK(t.log.transaction_index().entries().empty());
}

TEST_CASE("when the log's start passes them, transactions no longer count") {
  TxnLog t;
  t.segment = 200;
  for (std::int32_t i = 0; i < 3; ++i) t.data(7, 0, i);
  t.marker(7, 0, false);
  t.data(8, 0, 0);
  t.log.maybe_increment_high_watermark(4);
  t.log.maybe_increment_log_start(4);
  CHECK(t.log.transaction_index().entries().empty());
  CHECK(t.log.last_stable_offset() == 4);
  CHECK(t.log.producers().unreplicated().empty());
}

TEST_CASE("the last stable offset of an open transaction whose begin was deleted is the log's start") {
  TxnLog t;
  for (std::int32_t i = 0; i < 3; ++i) t.data(7, 0, i);
  t.replicate();
  t.log.maybe_increment_log_start(2);
  CHECK(t.log.last_stable_offset() == 2);
}
