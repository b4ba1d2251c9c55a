#include <catch2/catch.hpp>

#include "broker_model/partition.h"
#include "broker_model/partition_change.h"
#include "broker_model/request_server.h"
#include "protocol/memory_records_builder.h"

using namespace linger;
using namespace linger::broker;

namespace {

constexpr std::int32_t max_sequence = std::numeric_limits<std::int32_t>::max();

BatchIdentity batch(std::int16_t epoch, std::int32_t first, std::int32_t last) {
  return {ProducerId{7}, ProducerEpoch{epoch}, first, last};
}

struct Log {
  ReplicaLog log;
  BrokerBehaviour behaviour;

  /// Appends `records` records as producer 7 under a leader epoch; time counts in seconds.
  void append(std::int32_t records, std::int32_t leader_epoch, std::int32_t sequence = no_sequence,
              std::int64_t at_s = 0, std::int64_t segment = 1'000'000) {
    BatchOptions options;
    options.base_offset = Offset{log.log_end()};
    options.partition_leader_epoch = LeaderEpoch{leader_epoch};
    if (sequence != no_sequence) options.producer = {ProducerId{7}, ProducerEpoch{0}};
    options.base_sequence = sequence;
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    for (std::int32_t i = 0; i < records; ++i) builder.append(buffer, 1000 + at_s, std::nullopt, std::nullopt);
    builder.close(buffer);
    const sim::Bytes bytes = sim::Bytes::copy_of(builder.records(buffer));
    BatchPrefix prefix{};
    std::copy_n(bytes.data(), prefix.size(), prefix.begin());
    log.append(load_batch_header(bytes.span()), prefix, bytes.slice(batch_prefix, bytes.size() - batch_prefix),
               behaviour, segment, sim::SimTime::at(sim::Duration::s(at_s)));
  }
};

PartitionRegistration registration(Replicas replicas, Replicas isr, std::int32_t leader, Replicas elr = {}) {
  PartitionRegistration partition;
  partition.replicas = std::move(replicas);
  partition.isr = std::move(isr);
  partition.leader = leader;
  partition.elr = std::move(elr);
  partition.leader_epoch = 5;
  partition.partition_epoch = 9;
  return partition;
}

PartitionRules rules(std::initializer_list<std::int32_t> alive, std::size_t min_isr = 1, bool elr = true) {
  PartitionRules result;
  for (const std::int32_t node : alive) result.acceptable_leaders |= mask_of(NodeId{node});
  result.min_isr = min_isr;
  result.elr_enabled = elr;
  return result;
}

constexpr TopicIdPartition some_partition{Uuid{1, 2}, 0};

}  // namespace

TEST_CASE("producer state: which batch is taken, known or refused") {
  using K = ProducerVerdict::Kind;
  struct Row {
    const char* situation;
    BatchIdentity sent;
    K kind;
    ErrorCode error;
    std::int32_t expected;
  };
  ProducerState state;
  const BrokerBehaviour behaviour;
  // Held: epoch 3, sequences 0-1, 2-4, 5-5, each at the offset of its sequence plus 100.
  for (const auto& [first, last] : {std::pair{0, 1}, std::pair{2, 4}, std::pair{5, 5}})
    state.append(batch(3, first, last), 100 + first, 100 + last, 0, behaviour);
  const Row rows[] = {
      {"the next sequence", batch(3, 6, 8), K::append, ErrorCode::none, 0},
      {"the newest again", batch(3, 5, 5), K::duplicate, ErrorCode::none, 0},
      {"an older one again", batch(3, 0, 1), K::duplicate, ErrorCode::none, 0},
      {"the same start, another end", batch(3, 2, 3), K::refused, ErrorCode::out_of_order_sequence_number, 6},
      {"a gap", batch(3, 7, 7), K::refused, ErrorCode::out_of_order_sequence_number, 6},
      {"an older epoch", batch(2, 6, 6), K::refused, ErrorCode::invalid_producer_epoch, 0},
      {"an older epoch, held sequences", batch(2, 5, 5), K::refused, ErrorCode::invalid_producer_epoch, 0},
      {"a newer epoch from 0", batch(4, 0, 0), K::append, ErrorCode::none, 0},
      {"a newer epoch, not from 0", batch(4, 6, 6), K::refused, ErrorCode::out_of_order_sequence_number, 0},
  };
  for (const Row& row : rows) {
    INFO(row.situation);
    const ProducerVerdict verdict = state.check(row.sent, behaviour, false);
    CHECK(verdict.kind == row.kind);
    CHECK(verdict.error == row.error);
    if (verdict.error == ErrorCode::out_of_order_sequence_number) CHECK(verdict.expected_sequence == row.expected);
    if (verdict.kind == K::duplicate) CHECK(verdict.original.first_offset() == 100 + row.sent.first_seq);
  }
  CHECK(state.check({ProducerId{8}, ProducerEpoch{0}, 17, 17}, behaviour, true).kind == K::append);
  BrokerBehaviour newer = behaviour;
  newer.first_seq_without_state = FirstSeqWithoutState::zero_if_never_written;
  CHECK(state.check({ProducerId{8}, ProducerEpoch{0}, 17, 17}, newer, true).kind == K::refused);
  CHECK(state.check({ProducerId{8}, ProducerEpoch{0}, 17, 17}, newer, false).kind == K::append);
  const BrokerBehaviour corrected = corrected_behaviour();
  CHECK(state.check({ProducerId{8}, ProducerEpoch{0}, 17, 17}, corrected, false).kind == K::refused);
  CHECK(state.check({ProducerId{8}, ProducerEpoch{0}, 0, 0}, corrected, false).kind == K::append);
}

TEST_CASE("producer state: five batches are remembered, the sequence wraps to zero, a new epoch forgets the old") {
  ProducerState state;
  BrokerBehaviour behaviour;
  for (std::int32_t i = 0; i < 6; ++i) state.append(batch(0, i, i), i, i, 0, behaviour);
  CHECK(state.check(batch(0, 0, 0), behaviour, false).kind == ProducerVerdict::Kind::refused);
  CHECK(state.check(batch(0, 1, 1), behaviour, false).kind == ProducerVerdict::Kind::duplicate);
  behaviour.dedup_cache_batches = 1;
  state.append(batch(0, 6, 6), 6, 6, 0, behaviour);
  CHECK(state.check(batch(0, 5, 5), behaviour, false).kind == ProducerVerdict::Kind::refused);
  CHECK(state.check(batch(0, 6, 6), behaviour, false).kind == ProducerVerdict::Kind::duplicate);
  ProducerState wrapped;
  wrapped.append(batch(0, max_sequence - 1, max_sequence), 0, 1, 0, behaviour);
  CHECK(wrapped.check(batch(0, 0, 0), behaviour, false).kind == ProducerVerdict::Kind::append);
  wrapped.append(batch(1, 0, 0), 2, 2, 0, behaviour);
  CHECK(wrapped.find(ProducerId{7})->count == 1);
  behaviour.deduplication = false;
  CHECK(wrapped.check(batch(1, 0, 0), behaviour, false).kind == ProducerVerdict::Kind::append);
}

TEST_CASE("producer state: a snapshot keeps one batch a producer, and the log behind it is replayed") {
  Log log;
  log.append(1, 0, 0);
  log.append(1, 0, 1);
  log.log.close_cleanly();
  CHECK(log.log.producers().find(ProducerId{7})->count == 2);
  CHECK(log.log.recover(false, log.behaviour, 2000, 1'000'000) == 2);
  CHECK(log.log.producers().find(ProducerId{7})->count == 1);
  CHECK(log.log.producers().check(batch(0, 0, 0), log.behaviour, false).kind == ProducerVerdict::Kind::refused);
  log.append(1, 0, 2);
  log.log.recover(false, log.behaviour, 2000, 1'000'000);
  CHECK(log.log.producers().find(ProducerId{7})->count == 2);
  // Age is measured from the batch's own timestamp.
  CHECK(log.log.producers().remove_expired(1000 + 500, 501) == 0);
  CHECK(log.log.producers().remove_expired(1000 + 501, 501) == 1);
}

TEST_CASE("leader epochs: where an epoch ended") {
  EpochCache cache;
  cache.assign(1, 0);
  cache.assign(3, 10);
  cache.assign(5, 20);
  struct Row {
    std::int32_t asked;
    EpochEnd answer;
  };
  const Row rows[] = {{0, {0, 0}},  {1, {1, 10}}, {2, {1, 10}},  {3, {3, 20}},
                      {4, {3, 20}}, {5, {5, 33}}, {6, {-1, -1}}, {-1, {-1, -1}}};
  for (const Row& row : rows) {
    INFO("epoch " << row.asked);
    CHECK(cache.end_offset_for(row.asked, 33) == row.answer);
  }
  cache.assign(5, 25);
  CHECK(cache.entries().back() == EpochEntry{5, 20});
  // An epoch without records is replaced by the next one at the same offset; later entries that contradict go.
  cache.assign(6, 20);
  CHECK(cache.entries() == std::vector<EpochEntry>{{1, 0}, {3, 10}, {6, 20}});
  cache.truncate_from_end(20);
  CHECK(cache.latest() == 3);
  cache.truncate_from_start(12);
  CHECK(cache.entries() == std::vector<EpochEntry>{{3, 12}});
  CHECK(cache.epoch_for(15) == 3);
}

TEST_CASE("a log: truncation by epoch, page cache and what a restart finds") {
  Log log;
  log.append(5, 0);
  log.append(5, 1);
  log.log.maybe_increment_high_watermark(4);
  log.log.checkpoint_high_watermark();
  CHECK(log.log.read(3, 100, 1, true).bytes == log.log.entries()[0].size);
  CHECK(log.log.read(3, 100, 1, false).empty());
  CHECK(log.log.read(6, 5, 1000, true).empty());
  CHECK(log.log.bytes_between(0, 10) == log.log.byte_end());

  // The leader's epoch 0 ended at 3: this log goes back there. Its batches end at 5, so the first one goes too.
  CHECK(truncation_for(log.log, {0, 3}, 4).offset == 3);
  CHECK(truncation_for(log.log, {0, 9}, 4).offset == 5);
  CHECK(truncation_for(log.log, {-1, -1}, 4).offset == 4);
  log.log.truncate_to(5, log.behaviour, 0, 1000);
  CHECK(log.log.log_end() == 5);
  CHECK(log.log.epochs().latest() == 0);

  log.log.flush();
  log.append(2, 2, no_sequence, 10);
  Log copy = log;
  copy.log.recover(true, copy.behaviour, 0, 1000);
  CHECK(copy.log.log_end() == 5);
  CHECK(copy.log.high_watermark() == 4);
  CHECK(copy.log.epochs().latest() == 0);
  log.log.write_back(sim::SimTime::at(sim::Duration::s(39)), sim::Duration::s(30));
  CHECK(log.log.flushed_end() == 5);
  log.log.write_back(sim::SimTime::at(sim::Duration::s(40)), sim::Duration::s(30));
  CHECK(log.log.flushed_end() == 7);
}

TEST_CASE("a log: segments roll, retention takes whole segments below the high watermark, the start only rises") {
  Log log;
  for (std::int32_t i = 0; i < 6; ++i) log.append(1, 0, i, i * 100, 150);
  CHECK(log.log.producers().snapshots().size() >= 2);
  CHECK(log.log.retention_start(10'000, 1, -1) == 0);
  log.log.maybe_increment_high_watermark(6);
  const std::int64_t start = log.log.retention_start(10'000, 1, -1);
  CHECK(start > 0);
  CHECK(start < 6);
  CHECK(log.log.maybe_increment_log_start(start));
  CHECK_FALSE(log.log.maybe_increment_log_start(start));
  CHECK(log.log.entries().front().base >= start);
  CHECK(log.log.producers().find(ProducerId{7}) != nullptr);
}

TEST_CASE("the leader of a partition: high watermark and ISR") {
  BrokerConfig config;
  BrokerBehaviour behaviour;
  MetadataImage image;
  MetadataDelta delta;
  for (std::int32_t node = 1; node <= 3; ++node) {
    RegisterBrokerRecord record;
    record.broker_id = node;
    record.broker_epoch = 10 * node;
    record.fenced = false;
    image.apply(record, delta);
  }
  const auto context = [&](std::int64_t now_ms) {
    return PartitionContext{NodeId{1}, 10, image, config, behaviour, now_ms, 0};
  };
  Log log;
  Partition partition;
  partition.log = log.log;
  partition.config.min_insync_replicas = 2;
  PartitionRegistration state = registration({1, 2, 3}, {1, 2}, 1);
  CHECK(partition.make_leader(state, context(0)));
  CHECK_FALSE(partition.make_leader(state, context(0)));
  Log source;
  for (int i = 0; i < 3; ++i) source.append(1, 5);
  partition.log = source.log;
  partition.log.epochs() = EpochCache{};
  partition.log.epochs().assign(5, 0);

  SECTION("only the in-sync replicas are waited for") {
    CHECK_FALSE(partition.maybe_increment_high_watermark(context(1)));
    CHECK(partition.update_follower(NodeId{2}, 2, 0, 3, 20, context(1)) == ErrorCode::none);
    CHECK(partition.maybe_increment_high_watermark(context(1)));
    CHECK(partition.log.high_watermark() == 2);
    CHECK_FALSE(partition.enough_replicas_reached(3, context(1)).done);
    CHECK(partition.enough_replicas_reached(2, context(1)).error == ErrorCode::none);
    behaviour.ack_before_replication = true;
    CHECK(partition.enough_replicas_reached(3, context(1)).done);
  }
  SECTION("a replica that joins counts at once, one that leaves counts until the controller agrees") {
    partition.update_follower(NodeId{2}, 3, 0, 3, 20, context(1));
    partition.maybe_increment_high_watermark(context(1));
    CHECK(partition.log.high_watermark() == 3);
    partition.update_follower(NodeId{3}, 2, 0, 3, 30, context(1));
    CHECK_FALSE(partition.maybe_expand_isr(NodeId{3}, context(1)));
    partition.update_follower(NodeId{3}, 3, 0, 3, 30, context(1));
    const auto proposal = partition.maybe_expand_isr(NodeId{3}, context(1));
    REQUIRE(proposal);
    CHECK(proposal->isr == std::vector<IsrMember>{{1, 10}, {2, 20}, {3, 30}});
    CHECK(partition.maximal_isr_size() == 3);
    CHECK_FALSE(partition.maybe_shrink_isr(context(100'000)));
    CHECK(partition.on_alter_answer(proposal->number + 1, ErrorCode::none, 5, 10, {1}) ==
          Partition::AlterOutcome::outdated);
    CHECK(partition.on_alter_answer(proposal->number, ErrorCode::none, 5, 10, {1, 2, 3}) ==
          Partition::AlterOutcome::applied);
    // Nothing new since: whoever holds everything never lags, however long ago it fetched.
    CHECK_FALSE(partition.maybe_shrink_isr(context(100'000)));
  }
  SECTION("who lags leaves; the leader itself never does") {
    partition.update_follower(NodeId{2}, 2, 0, 3, 20, context(1));
    CHECK_FALSE(partition.maybe_shrink_isr(context(30'000)));
    const auto proposal = partition.maybe_shrink_isr(context(30'001));
    REQUIRE(proposal);
    CHECK(partition.pending.isr == Replicas{1});
    CHECK(partition.maximal_isr_size() == 2);
    CHECK(partition.on_alter_answer(proposal->number, ErrorCode::ineligible_replica, 0, 0, {}) ==
          Partition::AlterOutcome::reverted);
    CHECK(partition.isr == Replicas{1, 2});
  }
  SECTION("under min.insync.replicas the high watermark stands still") {
    partition.isr = {1};
    CHECK_FALSE(partition.maybe_increment_high_watermark(context(1)));
    partition.config.min_insync_replicas = 1;
    CHECK(partition.maybe_increment_high_watermark(context(1)));
    CHECK(partition.log.high_watermark() == 3);
    partition.config.min_insync_replicas = 2;
    CHECK(partition.enough_replicas_reached(3, context(1)).error == ErrorCode::not_enough_replicas_after_append);
  }
  SECTION("a joiner must have reached the start of the leader's epoch, unless the switch says otherwise") {
    partition.isr = {1};
    partition.epoch_start = 3;
    partition.update_follower(NodeId{2}, 2, 0, 3, 20, context(1));
    CHECK_FALSE(partition.maybe_expand_isr(NodeId{2}, context(1)));
    behaviour.isr_join_rule = IsrJoinRule::hw;
    CHECK(partition.maybe_expand_isr(NodeId{2}, context(1)));
  }
  SECTION("an older life of a broker, a stranger and a fenced broker do not count") {
    CHECK(partition.update_follower(NodeId{2}, 3, 0, 3, 19, context(1)) == ErrorCode::not_leader_or_follower);
    CHECK(partition.update_follower(NodeId{9}, 3, 0, 3, 90, context(1)) == ErrorCode::unknown_leader_epoch);
    partition.update_follower(NodeId{3}, 3, 0, 3, 30, context(1));
    BrokerRegistrationChangeRecord fence;
    fence.broker_id = 3;
    fence.broker_epoch = 30;
    fence.fenced = 1;
    image.apply(fence, delta);
    CHECK_FALSE(partition.maybe_expand_isr(NodeId{3}, context(1)));
  }
}

TEST_CASE("what the controller makes of a partition when its circumstances change") {
  SECTION("the leader is gone: the next of the replicas that is in sync") {
    PartitionTarget target;
    target.isr = Replicas{2, 3};
    const auto change =
        build_partition_change(registration({1, 2, 3}, {1, 2, 3}, 1), some_partition, target, rules({2, 3}));
    REQUIRE(change);
    CHECK(change->leader == 2);
    CHECK(*change->isr == Replicas{2, 3});
  }
  SECTION("the ISR falls below its least: who leaves stays eligible") {
    PartitionTarget target;
    target.isr = Replicas{1};
    const auto change =
        build_partition_change(registration({1, 2, 3}, {1, 2, 3}, 1), some_partition, target, rules({1, 2, 3}, 2));
    REQUIRE(change);
    CHECK(change->leader == no_leader_change);
    CHECK(*change->eligible_leader_replicas == Replicas{2, 3});
    const auto off = build_partition_change(registration({1, 2, 3}, {1, 2, 3}, 1), some_partition, target,
                                            rules({1, 2, 3}, 2, false));
    CHECK_FALSE(off->eligible_leader_replicas);
  }
  SECTION("the last one goes: an eligible one leads; without ELR the ISR keeps its last member and nobody leads") {
    PartitionTarget target;
    target.isr = Replicas{};
    const auto change =
        build_partition_change(registration({1, 2, 3}, {1}, 1, {2, 3}), some_partition, target, rules({2, 3}, 2));
    REQUIRE(change);
    CHECK(change->leader == 2);
    CHECK(*change->isr == Replicas{2});
    CHECK(*change->eligible_leader_replicas == Replicas{1, 3});
    const auto off =
        build_partition_change(registration({1, 2, 3}, {1}, 1), some_partition, target, rules({2, 3}, 2, false));
    REQUIRE(off);
    CHECK(off->leader == no_leader);
    CHECK_FALSE(off->isr);
  }
  SECTION("unclean: anyone alive, the ISR is the leader alone, and it has to recover") {
    PartitionTarget target;
    target.isr = Replicas{};
    target.election = Election::unclean;
    const auto change = build_partition_change(registration({1, 2, 3}, {1}, 1), some_partition, target, rules({3}));
    REQUIRE(change);
    CHECK(change->leader == 3);
    CHECK(*change->isr == Replicas{3});
    CHECK(change->leader_recovery_state == 1);
    CHECK(registration({1, 2, 3}, {1}, 1).merge(*change).recovering);
  }
  SECTION("who did not stop in good order leaves the ELR") {
    PartitionTarget target;
    target.unclean_shutdown = {2};
    const auto change =
        build_partition_change(registration({1, 2, 3}, {1}, 1, {2, 3}), some_partition, target, rules({1, 3}, 2));
    REQUIRE(change);
    CHECK(*change->eligible_leader_replicas == Replicas{3});
  }
  SECTION("nobody is left: the last leader is remembered, and taken when it lives again") {
    PartitionTarget target;
    target.isr = Replicas{};
    target.unclean_shutdown = {1};
    const PartitionRegistration before = registration({1, 2}, {1}, 1);
    const auto gone = build_partition_change(before, some_partition, target, rules({}, 2));
    REQUIRE(gone);
    CHECK(gone->leader == no_leader);
    CHECK(*gone->last_known_elr == Replicas{1});
    const PartitionRegistration offline = before.merge(*gone);
    CHECK(offline.leader_epoch == 6);
    const auto back = build_partition_change(offline, some_partition, PartitionTarget{}, rules({1, 2}, 2));
    REQUIRE(back);
    CHECK(back->leader == 1);
    CHECK(back->leader_recovery_state == 1);
    CHECK(back->last_known_elr->empty());
  }
  SECTION("preferred: only when the first replica may lead") {
    PartitionTarget target;
    target.election = Election::preferred;
    CHECK(build_partition_change(registration({1, 2}, {2, 1}, 2), some_partition, target, rules({1, 2}))->leader == 1);
    CHECK_FALSE(build_partition_change(registration({1, 2}, {2}, 2), some_partition, target, rules({1, 2})));
  }
  SECTION("a reassignment is complete when the added replicas are in sync; the dropped one costs a leader epoch") {
    PartitionRegistration moving = registration({3, 2, 1}, {1, 2}, 2);
    moving.adding = {3};
    moving.removing = {1};
    PartitionTarget target;
    target.isr = Replicas{1, 2};
    CHECK_FALSE(build_partition_change(moving, some_partition, target, rules({1, 2, 3})));
    target.isr = Replicas{1, 2, 3};
    const auto change = build_partition_change(moving, some_partition, target, rules({1, 2, 3}));
    REQUIRE(change);
    CHECK(*change->replicas == Replicas{3, 2});
    CHECK(*change->isr == Replicas{2, 3});
    CHECK(change->adding_replicas->empty());
    CHECK(change->leader == 2);
  }
  SECTION("nothing changes: nothing is written") {
    CHECK_FALSE(
        build_partition_change(registration({1, 2}, {1, 2}, 1), some_partition, PartitionTarget{}, rules({1, 2})));
  }
}

TEST_CASE("behaviours and settings: known names are set, others are answered with the list") {
  BrokerBehaviour behaviour;
  CHECK_FALSE(set_behaviour(behaviour, "repl.truncate_rule", "high_watermark"));
  CHECK(behaviour.truncate_rule == TruncateRule::high_watermark);
  CHECK(behaviour_value(behaviour, "repl.truncate_rule") == "high_watermark");
  const auto unknown = set_behaviour(behaviour, "repl.truncate", "x");
  REQUIRE(unknown);
  CHECK(unknown->find("broker.lose_unflushed") != std::string::npos);
  CHECK(set_behaviour(behaviour, "broker.dedup_cache_batches", "6"));
  for (const BehaviourField& field : behaviour_fields()) {
    BrokerBehaviour fresh;
    CHECK(behaviour_value(fresh, field.name) == field.in_4_3_1);
    CHECK(behaviour_value(corrected_behaviour(), field.name) == field.corrected);
    CHECK_FALSE(set_behaviour(fresh, field.name, field.corrected));
  }
  BrokerConfig config;
  CHECK_FALSE(set_broker_config(config, "min.insync.replicas", "2"));
  CHECK(config.topic.min_insync_replicas == 2);
  CHECK(set_broker_config(config, "min.insync.replicas", "0"));
  CHECK(set_broker_config(config, "min.insync.replica", "2")->find("'min.insync.replicas'") != std::string::npos);
  CHECK(set_broker_config(config, "num.io.threads", "8x"));
  TopicConfig topic =
      compose_topic_config(config.topic, {{"retention.ms", "5"}, {"message.timestamp.type", "LogAppendTime"}});
  CHECK(topic.min_insync_replicas == 2);
  CHECK(topic.retention_ms == 5);
  CHECK(topic.log_append_time == 1);
  CHECK(set_topic_config(topic, "message.timestamp.type", "Never"));
}

TEST_CASE("the listening side: one request a connection, several handlers, and what happens after a close") {
  using sim::Duration;
  RequestServer server{1};
  std::vector<Output> out;
  const sim::Bytes frame = sim::Bytes::copy_of(Bytes(12));
  const SimTime t0 = SimTime::at(Duration::ms(1));
  const SimTime t1 = SimTime::at(Duration::ms(2));
  server.accept(1);
  server.accept(2);
  server.arrive(1, frame, {});
  server.arrive(1, frame, {});
  server.arrive(2, frame, {});
  const auto first = server.next(t0);
  REQUIRE(first);
  CHECK(first->conn == 1);
  CHECK(first->frame.size() == 8);
  server.occupy(first->handler, t1);
  CHECK_FALSE(server.next(t0));
  CHECK(server.deadline() == t1);
  server.answer(1, frame, {}, {}, t1);
  server.depart(t1, out);
  CHECK(out.size() == 1);
  CHECK(server.next(t1)->conn == 2);
  CHECK(server.next(t1)->conn == 1);

  SECTION("closed in good order: one more write seems to succeed, the next ends it") {
    server.arrive(1, frame, {});
    server.arrive(1, frame, {});
    server.closed(1, ClosedBy::fin);
    server.answer(1, frame, {}, {}, t1);
    server.depart(t1, out);
    CHECK(out.size() == 1);
    REQUIRE(server.next(t1));
    server.answer(1, frame, {}, {}, t1);
    server.depart(t1, out);
    CHECK_FALSE(server.next(t1));
    CHECK_FALSE(server.knows(1));
  }
  SECTION("reset: nothing more is read") {
    server.arrive(1, frame, {});
    server.closed(1, ClosedBy::reset);
    server.answer(1, frame, {}, {}, t1);
    server.depart(t1, out);
    CHECK_FALSE(server.next(t1));
  }
}
