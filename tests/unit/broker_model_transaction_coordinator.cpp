#include <catch2/catch.hpp>

#include "broker_model/transaction_coordinator.h"
#include "broker_model/transaction_log.h"

using namespace linger;
using namespace linger::broker;

namespace {

using State = TransactionState;
using Purpose = TransactionAppend::Purpose;

ProducerIdAndEpoch identity(std::int64_t id, std::int16_t epoch) {
  return {ProducerId{id}, ProducerEpoch{epoch}};
}

/// A coordinator that owns the whole log, and a log that takes in what it is given when it is told so.
struct Stage {
  TransactionCoordinator coordinator;
  std::int64_t next_id = 100;
  std::int64_t wall_ms = 1'000'000;
  std::int16_t version = 2;
  std::int16_t client = 2;
  bool ids_left = true;
  TransactionCoordinator::ProducerIds ids = [this]() -> std::optional<std::int64_t> {
    if (!ids_left) return std::nullopt;
    return next_id++;
  };
  std::string id = "payments";
  std::vector<MarkersToWrite> verdicts;

  Stage() {
    coordinator.begin_loading(0, 5);
    coordinator.loaded(0, 5, {}, context());
  }
  explicit Stage(std::int16_t both) : Stage() { version = client = both; }
  Stage(const Stage&) = delete;

  TransactionCoordinator::Context context() { return {wall_ms, 1, 900'000, 604'800'000, version, ids}; }
  const TransactionMetadata& now() const { return coordinator.parts()[0].transactions.at(id); }
  TransactionMetadata& change() { return *coordinator.find(id, 0, 5); }

  /// The append is taken in, or refused with `error`; an answer stays as it is.
  CoordinatorAnswer settle(CoordinatorDecision decision, ErrorCode error = ErrorCode::none) {
    if (const auto* answer = std::get_if<CoordinatorAnswer>(&decision)) return *answer;
    auto result = coordinator.appended(std::get<TransactionAppend>(decision), error, context());
    if (result.markers) verdicts.push_back(*result.markers);
    return result.answer;
  }
  CoordinatorDecision asks_init(std::optional<ProducerIdAndEpoch> expected = std::nullopt) {
    return coordinator.init_producer_id(id, 60'000, expected, context());
  }
  CoordinatorAnswer init(std::optional<ProducerIdAndEpoch> expected = std::nullopt) {
    return settle(asks_init(expected));
  }
  CoordinatorAnswer add(ProducerIdAndEpoch producer, PartitionSet partitions = {{"orders", 0}}) {
    return settle(coordinator.add_partitions(id, producer, partitions, client, context()));
  }
  CoordinatorDecision asks_end(ProducerIdAndEpoch producer, bool commit) {
    return coordinator.end_transaction(id, producer, commit, client, context());
  }
  CoordinatorAnswer end(ProducerIdAndEpoch producer, bool commit) { return settle(asks_end(producer, commit)); }
  /// All markers of the newest verdict are written.
  void complete() {
    REQUIRE_FALSE(verdicts.empty());
    const MarkersToWrite verdict = verdicts.back();
    for (const TopicPartition& partition : verdict.partitions) change().remove_partition(partition);
    TransactionAppend append;
    append.purpose = Purpose::complete;
    append.transactional_id = id;
    append.coordinator_epoch = 5;
    append.next = verdict.complete;
    settle(append);
  }
};

}  // namespace

TEST_CASE("a new transactional id: a fresh producer id at epoch 0, then an epoch more each time it starts") {
  Stage s;
  CHECK(s.init() == CoordinatorAnswer{ErrorCode::none, identity(100, 0)});
  CHECK(s.init() == CoordinatorAnswer{ErrorCode::none, identity(100, 1)});
  CHECK(s.now().state == State::empty);
  CHECK(s.now().last_epoch == no_producer_epoch);
}

TEST_CASE("what cannot start: no id, no time, too much time, no producer ids, not the coordinator, not loaded") {
  Stage s;
  const auto error = [&](const std::string& id, std::int32_t timeout) {
    return std::get<CoordinatorAnswer>(s.coordinator.init_producer_id(id, timeout, std::nullopt, s.context())).error;
  };
  CHECK(error("", 1000) == ErrorCode::invalid_request);
  CHECK(error("x", 0) == ErrorCode::invalid_transaction_timeout);
  CHECK(error("x", 900'001) == ErrorCode::invalid_transaction_timeout);
  s.ids_left = false;
  CHECK(error("x", 1000) == ErrorCode::coordinator_load_in_progress);
  s.ids_left = true;
  s.coordinator.begin_loading(0, 6);
  CHECK(error("x", 1000) == ErrorCode::coordinator_load_in_progress);
  s.coordinator.resign(0);
  CHECK(error("x", 1000) == ErrorCode::not_coordinator);
}

TEST_CASE("while a change is on its way into the log, nothing else is begun") {
  Stage s;
  auto pending = s.asks_init();
  CHECK(s.init().error == ErrorCode::concurrent_transactions);
  CHECK(s.add(identity(100, 0)).error == ErrorCode::concurrent_transactions);
  CHECK(s.settle(pending).producer == identity(100, 0));
  CHECK(s.add(identity(100, 0)).error == ErrorCode::none);
}

TEST_CASE("a refused append leaves everything as it was and is told as a coordinator's error") {
  struct Row {
    ErrorCode log;
    ErrorCode told;
  };
  const Row rows[] = {{ErrorCode::not_enough_replicas, ErrorCode::coordinator_not_available},
                      {ErrorCode::not_enough_replicas_after_append, ErrorCode::coordinator_not_available},
                      {ErrorCode::request_timed_out, ErrorCode::coordinator_not_available},
                      {ErrorCode::unknown_topic_or_partition, ErrorCode::coordinator_not_available},
                      {ErrorCode::not_leader_or_follower, ErrorCode::not_coordinator},
                      {ErrorCode::kafka_storage_error, ErrorCode::not_coordinator},
                      {ErrorCode::message_too_large, ErrorCode::unknown_server_error},
                      {ErrorCode::invalid_record, ErrorCode::invalid_record}};
  for (const Row& row : rows) {
    INFO("log error " << static_cast<int>(row.log));
    Stage s;
    CHECK(s.settle(s.asks_init(), row.log).error == row.told);
    CHECK_FALSE(s.now().pending_transition());
    CHECK(s.now().epoch == no_producer_epoch);
    CHECK(s.init().producer == identity(100, 0));
  }
}

TEST_CASE("a producer that names itself gets a higher epoch, the same again when it asks again, or is fenced") {
  Stage s;
  s.init();
  CHECK(s.init(identity(100, 0)).producer == identity(100, 1));
  // The answer was lost: epoch 0 asks again and gets what it got.
  CHECK(s.init(identity(100, 0)).producer == identity(100, 1));
  CHECK(s.init(identity(100, 1)).producer == identity(100, 2));
  CHECK(s.init(identity(100, 0)).error == ErrorCode::producer_fenced);
  CHECK(s.init(identity(77, 2)).error == ErrorCode::producer_fenced);
  // Another instance starts: whoever had epoch 2 is fenced from now on.
  CHECK(s.init().producer == identity(100, 3));
  CHECK(s.init(identity(100, 2)).error == ErrorCode::producer_fenced);
}

TEST_CASE("used-up epochs: a new producer id, and the old one may ask again for it") {
  Stage s;
  s.init();
  s.change().epoch = ProducerEpoch{32766};
  CHECK(s.init(identity(100, 32766)).producer == identity(101, 0));
  CHECK(s.now().previous_producer == ProducerId{100});
  CHECK(s.now().last_epoch == ProducerEpoch{32766});
  // It never heard of 101.
  CHECK(s.init(identity(100, 32766)).producer == identity(101, 0));
  s.change().epoch = ProducerEpoch{32766};
  CHECK(s.init(identity(101, 5)).error == ErrorCode::unknown_server_error);
  CHECK(s.init().producer == identity(102, 0));
  CHECK(s.now().last_epoch == no_producer_epoch);
}

TEST_CASE("partitions are added by the present producer only, and each once") {
  Stage s{1};
  CHECK(s.add(identity(100, 0)).error == ErrorCode::invalid_producer_id_mapping);
  s.init();
  CHECK(s.add(identity(99, 0)).error == ErrorCode::invalid_producer_id_mapping);
  CHECK(s.add(identity(100, 1)).error == ErrorCode::producer_fenced);
  s.wall_ms += 5;
  CHECK(s.add(identity(100, 0)).error == ErrorCode::none);
  CHECK(s.now().state == State::ongoing);
  CHECK(s.now().start_ms == 1'000'005);
  s.wall_ms += 5;
  const auto again = s.coordinator.add_partitions(s.id, identity(100, 0), {{"orders", 0}}, 2, s.context());
  CHECK(std::holds_alternative<CoordinatorAnswer>(again));
  CHECK(s.add(identity(100, 0), {{"orders", 1}}).error == ErrorCode::none);
  CHECK(s.now().start_ms == 1'000'005);
  CHECK(s.now().partitions == PartitionSet{{"orders", 0}, {"orders", 1}});
}

TEST_CASE("verification: in the transaction, not in it, wrong producer, being completed") {
  Stage s{1};
  s.init();
  s.add(identity(100, 0));
  const auto verify = [&](ProducerIdAndEpoch producer) {
    return s.coordinator.verify_partitions(s.id, producer, {{"orders", 0}, {"orders", 1}}, s.context());
  };
  CHECK(verify(identity(100, 0)) == std::vector{ErrorCode::none, ErrorCode::transaction_abortable});
  CHECK(verify(identity(99, 0))[0] == ErrorCode::invalid_producer_id_mapping);
  CHECK(verify(identity(100, 1))[0] == ErrorCode::producer_fenced);
  s.end(identity(100, 0), true);
  CHECK(verify(identity(100, 0))[0] == ErrorCode::concurrent_transactions);
  s.complete();
  CHECK(verify(identity(100, 0))[0] == ErrorCode::transaction_abortable);
}

TEST_CASE("version 1: commit keeps the epoch, markers carry it, and the same verdict again is fine") {
  Stage s{1};
  s.client = 0;
  s.init();
  s.add(identity(100, 0));
  CHECK(s.end(identity(100, 0), true) == CoordinatorAnswer{ErrorCode::none, identity(-1, -1)});
  REQUIRE(s.verdicts.size() == 1);
  CHECK(s.verdicts[0].commit);
  CHECK(s.verdicts[0].producer == identity(100, 0));
  CHECK(s.verdicts[0].transaction_version == 0);
  CHECK(s.verdicts[0].coordinator_epoch == 5);
  CHECK(s.verdicts[0].partitions == PartitionSet{{"orders", 0}});
  CHECK(s.now().state == State::prepare_commit);
  CHECK(s.end(identity(100, 0), true).error == ErrorCode::concurrent_transactions);
  CHECK(s.init().error == ErrorCode::concurrent_transactions);
  s.complete();
  CHECK(s.now().state == State::complete_commit);
  CHECK(s.now().partitions.empty());
  CHECK(s.end(identity(100, 0), true).error == ErrorCode::none);
  CHECK(s.end(identity(100, 0), false).error == ErrorCode::invalid_txn_state);
  // A client never raises its epoch by itself (KAFKA-9600).
  CHECK(s.end(identity(100, 1), true).error == ErrorCode::producer_fenced);
  CHECK(s.init().producer == identity(100, 1));
  CHECK(s.end(identity(100, 1), false).error == ErrorCode::invalid_txn_state);
}

TEST_CASE("version 2: what EndTxn is answered in each state, asked again and asked anew") {
  // As Kafka's table in TransactionCoordinator.endTransaction: "again" is the epoch before the present one.
  struct Row {
    const char* state;
    bool commit;
    bool again;
    ErrorCode error;
    bool bumps;
  };
  const Row rows[] = {
      {"empty", false, true, ErrorCode::producer_fenced, false},
      {"empty", false, false, ErrorCode::none, true},
      {"empty", true, true, ErrorCode::producer_fenced, false},
      {"empty", true, false, ErrorCode::invalid_txn_state, false},
      {"aborted", false, true, ErrorCode::none, false},
      {"aborted", false, false, ErrorCode::none, true},
      {"aborted", true, true, ErrorCode::invalid_txn_state, false},
      {"aborted", true, false, ErrorCode::invalid_txn_state, false},
      {"committed", false, true, ErrorCode::invalid_txn_state, false},
      {"committed", false, false, ErrorCode::none, true},
      {"committed", true, true, ErrorCode::none, false},
      {"committed", true, false, ErrorCode::invalid_txn_state, false},
  };
  for (const Row& row : rows) {
    INFO(row.state << (row.commit ? " commit" : " abort") << (row.again ? " again" : " anew"));
    Stage s;
    s.init();
    s.init();
    std::int16_t epoch = 1;
    if (std::string{row.state} != "empty") {
      s.add(identity(100, 1));
      CHECK(s.end(identity(100, 1), std::string{row.state} == "committed").producer == identity(100, 2));
      s.complete();
      epoch = 2;
    }
    const std::size_t before = s.verdicts.size();
    const auto answer = s.end(identity(100, static_cast<std::int16_t>(row.again ? epoch - 1 : epoch)), row.commit);
    CHECK(answer.error == row.error);
    CHECK((s.verdicts.size() > before) == row.bumps);
    if (row.error == ErrorCode::none)
      CHECK(answer.producer == identity(100, static_cast<std::int16_t>(row.bumps ? epoch + 1 : epoch)));
  }
}

TEST_CASE("version 2: the verdict raises the epoch, its markers have the new one, and it may be asked for again") {
  Stage s;
  s.init();
  s.add(identity(100, 0));
  CHECK(s.end(identity(100, 0), true).producer == identity(100, 1));
  CHECK(s.verdicts[0].producer == identity(100, 1));
  CHECK(s.verdicts[0].transaction_version == 2);
  // The completion is pending from now on: that is said before epochs are compared (KAFKA-18464).
  CHECK(s.end(identity(100, 0), true).error == ErrorCode::concurrent_transactions);
  CHECK(s.end(identity(100, 1), false).error == ErrorCode::concurrent_transactions);
  s.complete();
  CHECK(s.end(identity(100, 0), true) == CoordinatorAnswer{ErrorCode::none, identity(100, 1)});
  CHECK(s.add(identity(100, 0)).error == ErrorCode::producer_fenced);
  CHECK(s.add(identity(100, 1)).error == ErrorCode::none);
}

TEST_CASE("version 2: the last epoch of a producer id goes with its transaction, and a new id follows") {
  Stage s;
  s.init();
  s.change().epoch = ProducerEpoch{32766};
  s.add(identity(100, 32766));
  CHECK(s.end(identity(100, 32766), true).producer == identity(101, 0));
  CHECK(s.verdicts[0].producer == identity(100, 32767));
  CHECK(s.now().next_producer == ProducerId{101});
  s.complete();
  CHECK(s.now().producer == ProducerId{101});
  CHECK(s.now().epoch == ProducerEpoch{0});
  CHECK(s.now().previous_producer == ProducerId{100});
  // The answer was lost.
  CHECK(s.end(identity(100, 32766), true) == CoordinatorAnswer{ErrorCode::none, identity(101, 0)});
}

TEST_CASE("a new instance finds a transaction open: it is aborted under a higher epoch, and the new one asks again") {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}}) {
    INFO("transaction version " << version);
    Stage s{version};
    s.init();
    s.add(identity(100, 0));
    CHECK(s.init() == CoordinatorAnswer{ErrorCode::concurrent_transactions, identity(-1, -1)});
    REQUIRE(s.verdicts.size() == 1);
    CHECK_FALSE(s.verdicts[0].commit);
    CHECK(s.verdicts[0].producer == identity(100, 1));
    CHECK(s.end(identity(100, 0), true).error != ErrorCode::none);
    s.complete();
    CHECK(s.init().producer == identity(100, 2));
    CHECK(s.end(identity(100, 0), true).error == ErrorCode::producer_fenced);
  }
}

TEST_CASE("an epoch that fences and cannot be written is not raised again (KAFKA-9666)") {
  Stage s{1};
  s.version = 0;
  s.init();
  s.add(identity(100, 0));
  for (int i = 0; i < 5; ++i) {
    CHECK(s.settle(s.asks_init(), ErrorCode::not_enough_replicas).error == ErrorCode::coordinator_not_available);
  }
  s.init();
  CHECK(s.verdicts.at(0).producer == identity(100, 1));
}

TEST_CASE("fencing at the last epoch rotates to a new producer id instead of running over (KAFKA-19367, KAFKA-20090)") {
  Stage s;
  s.init();
  s.change().epoch = ProducerEpoch{32766};
  s.add(identity(100, 32766));
  s.wall_ms += 60'001;
  for (const TransactionAppend& abort : s.coordinator.abort_timed_out(s.context())) s.settle(abort);
  REQUIRE(s.verdicts.size() == 1);
  CHECK(s.verdicts[0].producer == identity(100, 32767));
  s.complete();
  CHECK(s.now().producer == ProducerId{101});
  CHECK(s.init().producer == identity(101, 1));
}

TEST_CASE("a transaction that runs out of time is aborted and its producer fenced (KAFKA-6119)") {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}}) {
    INFO("transaction version " << version);
    Stage s{version};
    s.init();
    s.add(identity(100, 0));
    s.wall_ms += 60'000;
    CHECK(s.coordinator.abort_timed_out(s.context()).empty());
    s.wall_ms += 1;
    const auto aborts = s.coordinator.abort_timed_out(s.context());
    REQUIRE(aborts.size() == 1);
    CHECK(s.coordinator.abort_timed_out(s.context()).empty());
    s.settle(aborts[0]);
    CHECK(s.verdicts.at(0).producer == identity(100, 1));
    s.complete();
    CHECK(s.now().state == State::complete_abort);
    CHECK(s.add(identity(100, 0)).error == ErrorCode::producer_fenced);
  }
}

TEST_CASE("an id that nobody used for a week is forgotten when its tombstone is written") {
  Stage s;
  s.init();
  s.wall_ms += 604'799'999;
  CHECK(s.coordinator.expire_ids(s.context()).empty());
  s.wall_ms += 1;
  auto tombstones = s.coordinator.expire_ids(s.context());
  REQUIRE(tombstones.size() == 1);
  CHECK(s.init().error == ErrorCode::concurrent_transactions);
  s.settle(tombstones[0], ErrorCode::not_enough_replicas);
  CHECK(s.init().producer == identity(100, 1));
  s.wall_ms += 604'800'000;
  tombstones = s.coordinator.expire_ids(s.context());
  s.settle(tombstones.at(0));
  CHECK(s.init().producer == identity(101, 0));
}

TEST_CASE("an open transaction is never forgotten") {
  Stage s;
  s.init();
  s.add(identity(100, 0));
  s.wall_ms += 700'000'000;
  CHECK(s.coordinator.expire_ids(s.context()).empty());
}

TEST_CASE("a coordinator that was replaced meanwhile neither changes nor answers for the new one") {
  Stage s;
  s.init();
  auto pending = s.coordinator.add_partitions(s.id, identity(100, 0), {{"orders", 0}}, 2, s.context());
  s.coordinator.resign(0);
  CHECK(s.coordinator.check_append(std::get<TransactionAppend>(pending)) == ErrorCode::not_coordinator);
  CHECK(s.settle(pending).error == ErrorCode::not_coordinator);
  s.coordinator.begin_loading(0, 7);
  CHECK(s.coordinator.check_append(std::get<TransactionAppend>(pending)) == ErrorCode::coordinator_load_in_progress);
  s.coordinator.loaded(0, 7, {}, s.context());
  CHECK(s.settle(pending).error == ErrorCode::not_coordinator);
}

TEST_CASE("a load that was cancelled changes nothing, and what was decided before goes on after a load") {
  Stage s;
  s.init();
  s.add(identity(100, 0));
  s.end(identity(100, 0), true);
  std::map<std::string, TransactionMetadata> log = s.coordinator.parts()[0].transactions;
  log.at(s.id).pending.reset();
  s.coordinator.begin_loading(0, 8);
  CHECK(s.coordinator.loaded(0, 7, log, s.context()).empty());
  CHECK(s.coordinator.loading(0));
  const auto verdicts = s.coordinator.loaded(0, 8, log, s.context());
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].coordinator_epoch == 8);
  CHECK(verdicts[0].commit);
  CHECK(verdicts[0].producer == identity(100, 1));
}

TEST_CASE("the transaction log: keys and values as Kafka writes them") {
  const auto hex = [](const Bytes& bytes) {
    std::string text;
    constexpr char digits[] = "0123456789abcdef";
    for (const std::byte b : bytes) {
      text += digits[static_cast<unsigned>(b) >> 4];
      text += digits[static_cast<unsigned>(b) & 15U];
    }
    return text;
  };
  CHECK(hex(transaction_log_key("tx")) == "000000027478");
  TransactionTransit transit;
  transit.producer = ProducerId{9};
  transit.previous_producer = ProducerId{9};
  transit.epoch = ProducerEpoch{3};
  transit.timeout_ms = 60'000;
  transit.state = State::empty;
  transit.last_update_ms = 7;
  CHECK(hex(transaction_log_value(transit, 0)) ==
        "0000"
        "0000000000000009"
        "0003"
        "0000ea60"
        "00"
        "ffffffff"
        "0000000000000007"
        "ffffffffffffffff");
  transit.state = State::ongoing;
  transit.partitions = {{"a", 0}, {"a", 2}, {"b", 1}};
  transit.client_version = 2;
  CHECK(hex(transaction_log_value(transit, 2)) ==
        "0001"
        "0000000000000009"
        "0003"
        "0000ea60"
        "01"
        "03"
        "0261"
        "03"
        "00000000"
        "00000002"
        "00"
        "0262"
        "02"
        "00000001"
        "00"
        "0000000000000007"
        "ffffffffffffffff"
        "02"
        "0008"
        "0000000000000009"
        "0202"
        "0002");
}

TEST_CASE("the transaction log gives back what was written, last_epoch apart") {
  Stage s;
  s.init();
  auto decision =
      s.coordinator.add_partitions(s.id, identity(100, 0), {{"orders", 0}, {"orders", 7}, {"paid", 1}}, 2, s.context());
  const TransactionAppend append = std::get<TransactionAppend>(decision);
  s.settle(decision);
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}}) {
    const Bytes key = transaction_log_key(s.id);
    const Bytes value = transaction_log_value(append.next, version);
    const auto read = read_transaction_log(BytesView{key}, BytesView{value});
    REQUIRE(read);
    REQUIRE(read->metadata);
    TransactionMetadata expected = s.now();
    expected.last_epoch = no_producer_epoch;
    if (version == 0) {
      expected.previous_producer = no_producer_id;
      expected.client_version = 0;
    }
    CHECK(*read->metadata == expected);
    const auto tombstone = read_transaction_log(BytesView{key}, std::nullopt);
    REQUIRE(tombstone);
    CHECK_FALSE(tombstone->metadata);
    Bytes of_the_future = key;
    of_the_future[1] = std::byte{7};
    CHECK_FALSE(read_transaction_log(BytesView{of_the_future}, BytesView{value}));
  }
}

TEST_CASE("a key's partition is Java's hash of it") {
  CHECK(java_hash("") == 0);
  CHECK(java_hash("payments") == 1382682413);
  CHECK(java_hash("polygenelubricants") == std::numeric_limits<std::int32_t>::min());
  CHECK(coordinator_partition("polygenelubricants", 50) == 0);
  // Outside ASCII it is the UTF-16 units that count.
  CHECK(java_hash("\xc3\xa9") == 0xe9);
  CHECK(java_hash("\xe4\xb8\xad") == 0x4e2d);
  CHECK(java_hash("\xf0\x9f\x98\x80") == 0xd83d * 31 + 0xde00);
}
