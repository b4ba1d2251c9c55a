#include <catch2/catch.hpp>

#include "support/transaction_client.h"

using namespace linger;
using namespace linger::broker;
using namespace linger::broker::test;
using Kind = Observation::Kind;
using Values = std::vector<std::string>;

namespace {

const TopicPartition orders0{"orders", 0};
const TopicPartition orders1{"orders", 1};

std::int64_t markers(const ToyCluster& world, bool commit) {
  return std::count_if(world.observations().begin(), world.observations().end(), [&](const Observation& o) {
    return o.kind == Kind::marker_written && o.bytes == (commit ? 1 : 0);
  });
}

void expect_nothing_open(ToyCluster& world) {
  for (const Broker& broker : world.brokers()) {
    for (const Partition& partition : broker.partitions()) {
      INFO("broker " << broker.id().value() << " partition " << partition.id.partition);
      CHECK(partition.log.producers().ongoing().empty());
      if (partition.is_leader()) CHECK(partition.log.last_stable_offset() == partition.log.log_end());
    }
  }
}

}  // namespace

TEST_CASE("ApiVersions tells clients which transaction version the cluster speaks") {
  for (const std::int64_t level : {0, 1, 2}) {
    ToyCluster world{transaction_layout(level)};
    const auto answer = world.call(broker_node(1), ApiVersionsRequest{}, 4);
    REQUIRE(answer);
    const auto offers = [&](ApiKey key, std::int16_t max) {
      return std::any_of(answer->api_keys.begin(), answer->api_keys.end(),
                         [&](const auto& a) { return a.api_key == wire_code(key) && a.max_version == max; });
    };
    CHECK(offers(ApiKey::end_txn, 5));
    CHECK(offers(ApiKey::find_coordinator, 6));
    CHECK(answer->finalized_features.size() == (level == 0 ? 0U : 1U));
    if (level == 0) continue;
    CHECK(answer->finalized_features[0].name == "transaction.version");
    CHECK(answer->finalized_features[0].max_version_level == level);
    CHECK(answer->finalized_features_epoch >= 0);
    REQUIRE(answer->supported_features.size() == 1);
    const auto older = world.call(broker_node(1), ApiVersionsRequest{}, 3);
    CHECK(older->supported_features.empty());
  }
}

TEST_CASE("the transaction log's topic is created when its coordinator is first asked for") {
  ToyCluster world{transaction_layout()};
  FindCoordinatorRequest ask;
  ask.key_type = 1;
  ask.coordinator_keys = {"payments"};
  const auto first = world.call(broker_node(2), ask, 6);
  REQUIRE(first);
  CHECK(first->coordinators[0].error_code == wire_code(ErrorCode::coordinator_not_available));
  CHECK(first->coordinators[0].node_id == -1);
  world.run_for(Duration::ms(200));
  const auto then = world.call(broker_node(2), ask, 6);
  CHECK(then->coordinators[0].error_code == 0);
  CHECK(then->coordinators[0].host == "b" + std::to_string(then->coordinators[0].node_id));
  const TopicImage* topic = world.broker(1).image().topic("__transaction_state");
  REQUIRE(topic != nullptr);
  CHECK(topic->partitions.size() == 3);
  CHECK(topic->partitions[0].replicas.size() == 3);
  CHECK(topic->config.min_insync_replicas == 2);
  CHECK(topic->config.unclean_leader_election == 0);
  // An old client asks for one key and hears one answer.
  FindCoordinatorRequest old;
  old.key_type = 1;
  old.key = "payments";
  const auto answer = world.call(broker_node(3), old, 3);
  CHECK(answer->node_id == then->coordinators[0].node_id);
  CHECK(answer->error_message == "NONE");
  ask.key_type = 2;
  CHECK(world.call(broker_node(1), ask, 6)->coordinators[0].error_code == wire_code(ErrorCode::invalid_request));
}

TEST_CASE("version 2: writes join the transaction by themselves, and are read by careful readers after the commit") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.producer.epoch == ProducerEpoch{0});
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  CHECK(client.write(orders0, 1, "b") == ErrorCode::none);
  CHECK(client.write(orders1, 0, "c") == ErrorCode::none);
  world.run_for(Duration::ms(600));
  CHECK(fetch(world, orders0, false).values == Values{"a", "b"});
  const auto open = fetch(world, orders0, true);
  CHECK(open.values.empty());
  CHECK(open.last_stable_offset == 0);
  CHECK(open.high_watermark == 2);
  REQUIRE(open.aborted);
  CHECK(open.aborted->empty());

  CHECK(client.end(true) == ErrorCode::none);
  CHECK(client.producer.epoch == ProducerEpoch{1});
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a", "b"});
  CHECK(fetch(world, orders1, true).committed == Values{"c"});
  CHECK(fetch(world, orders0, true).last_stable_offset == 3);
  CHECK_FALSE(fetch(world, orders0, false).aborted);
  // Two partitions, three replicas each.
  CHECK(markers(world, true) == 6);
  std::vector<std::pair<std::int64_t, std::int64_t>> states;
  for (const Observation& o : world.observations()) {
    if (o.kind == Kind::transaction_state) states.emplace_back(o.from, o.to);
  }
  CHECK(states == std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0}, {0, 1}, {1, 1}, {1, 2}, {2, 4}});
  const auto moved = std::find_if(world.observations().begin(), world.observations().end(), [](const Observation& o) {
    return o.kind == Kind::last_stable_offset && o.node == broker_node(1);
  });
  REQUIRE(moved != world.observations().end());
  CHECK(moved->from == 0);
  CHECK(moved->to == 3);
  expect_nothing_open(world);

  CHECK(client.write(orders0, 0, "d") == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a", "b", "d"});
}

TEST_CASE("an aborted transaction is read over: the answer names its producer and where it began") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "kept") == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::ms(600));
  CHECK(client.write(orders0, 0, "dropped") == ErrorCode::none);
  CHECK(client.end(false) == ErrorCode::none);
  world.run_for(Duration::s(1));
  const auto read = fetch(world, orders0, true);
  CHECK(read.values == Values{"kept", "dropped"});
  CHECK(read.committed == Values{"kept"});
  REQUIRE(read.aborted);
  CHECK(*read.aborted == std::vector<std::pair<std::int64_t, std::int64_t>>{{client.producer.id.value(), 2}});
  CHECK(fetch(world, orders0, true, 4).aborted->empty());
  expect_nothing_open(world);
}

TEST_CASE("a careful reader's fetch waits for the verdict, another's does not") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  // Not the coordinator's: its connection must not be muted by the reader's request.
  const NodeId coordinator = client.coordinator();
  const TopicPartition& target = coordinator == broker_node(1) ? orders1 : orders0;
  CHECK(client.write(target, 0, "a") == ErrorCode::none);
  world.run_for(Duration::ms(600));
  const TopicIdPartition id = world.id(target.topic, target.partition);
  CHECK(fetch(world, target, false).values == Values{"a"});
  const std::int32_t careful = world.send(client.leader(target), fetch_request(id, true, 0, 20'000), 17);
  world.run_for(Duration::s(5));
  CHECK(world.answer_to(careful) == nullptr);
  world.send(coordinator, client.end_request(true), 5);
  world.run_for(Duration::s(1));
  REQUIRE(world.answer_to(careful) != nullptr);
  CHECK(read_fetched(*world.response<FetchResponse>(careful, 17)).committed == Values{"a"});
}

TEST_CASE("the end that ListOffsets tells a careful reader is the last stable offset") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  world.run_for(Duration::ms(600));
  const auto latest = [&](std::int8_t isolation) {
    ListOffsetsRequest ask;
    ask.replica_id = -1;
    ask.isolation_level = isolation;
    ask.topics.push_back({"orders", {{0, -1, -1}}});
    return world.call(broker_node(1), ask, 10)->topics[0].partitions[0].offset;
  };
  CHECK(latest(0) == 1);
  CHECK(latest(1) == 0);
  client.end(true);
  world.run_for(Duration::s(1));
  CHECK(latest(1) == 2);
}

TEST_CASE("version 1: a partition has to be added before it is written to, and the epoch stays") {
  ToyCluster world{transaction_layout(1)};
  TransactionClient client{world};
  client.modern = false;
  REQUIRE(client.init() == ErrorCode::none);
  // Older clients know only the older word for it.
  CHECK(client.write(orders0, 0, "a", 11) == ErrorCode::transaction_abortable);
  CHECK(client.write(orders0, 0, "a", 10) == ErrorCode::invalid_txn_state);
  CHECK(client.add(orders0) == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  CHECK(client.add({"nothing", 0}) == ErrorCode::unknown_topic_or_partition);
  CHECK(client.add({"__transaction_state", 0}) == ErrorCode::topic_authorization_failed);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a"});
  CHECK(client.add(orders0) == ErrorCode::none);
  CHECK(client.write(orders0, 1, "b") == ErrorCode::none);
  CHECK(client.end(false) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a"});
  expect_nothing_open(world);
}

TEST_CASE("a write that comes after its transaction was aborted stays out (KAFKA-12671)") {
  ToyCluster world{transaction_layout(1)};
  TransactionClient client{world};
  client.modern = false;
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.add(orders0) == ErrorCode::none);
  CHECK(client.end(false) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(client.write(orders0, 0, "late") == ErrorCode::transaction_abortable);
  expect_nothing_open(world);
}

TEST_CASE("without verification a late write opens a transaction that nobody ends") {
  ClusterLayout layout = transaction_layout(1);
  layout.config.transaction_partition_verification = 0;
  ToyCluster world{layout};
  TransactionClient client{world};
  client.modern = false;
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.add(orders0) == ErrorCode::none);
  CHECK(client.end(false) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(client.write(orders0, 0, "late") == ErrorCode::none);
  world.run_for(Duration::s(600));
  CHECK(fetch(world, orders0, true).last_stable_offset == 1);
  CHECK(fetch(world, orders0, true).high_watermark == 2);
}

TEST_CASE("a second producer with the same id fences the first, and aborts what that had open") {
  ToyCluster world{transaction_layout()};
  TransactionClient first{world};
  REQUIRE(first.init() == ErrorCode::none);
  CHECK(first.write(orders0, 0, "zombie") == ErrorCode::none);
  TransactionClient second{world};
  CHECK(second.ask_init().error_code == wire_code(ErrorCode::concurrent_transactions));
  REQUIRE(second.init() == ErrorCode::none);
  CHECK(second.producer.id == first.producer.id);
  CHECK(second.producer.epoch == ProducerEpoch{2});
  CHECK(first.write(orders0, 1, "late") == ErrorCode::invalid_producer_epoch);
  CHECK(first.write(orders1, 0, "late") == ErrorCode::invalid_producer_epoch);
  CHECK(first.end(true) == ErrorCode::producer_fenced);
  const auto fenced = std::find_if(world.observations().begin(), world.observations().end(),
                                   [](const Observation& o) { return o.kind == Kind::producer_fenced; });
  REQUIRE(fenced != world.observations().end());
  CHECK(fenced->producer == first.producer.id);
  CHECK(fenced->producer_epoch == first.producer.epoch);
  CHECK(second.write(orders0, 0, "new") == ErrorCode::none);
  CHECK(second.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"new"});
  expect_nothing_open(world);
}

TEST_CASE(
    "a transaction that takes longer than its time is aborted within ten seconds, and what it still writes stays out") {
  for (const bool modern : {false, true}) {
    INFO((modern ? "version 2" : "version 1"));
    ToyCluster world{transaction_layout(modern ? 2 : 1)};
    TransactionClient client{world};
    client.modern = modern;
    client.timeout_ms = 5'000;
    REQUIRE(client.init() == ErrorCode::none);
    if (!modern) CHECK(client.add(orders0) == ErrorCode::none);
    CHECK(client.write(orders0, 0, "slow") == ErrorCode::none);
    world.run_for(Duration::s(16));
    expect_nothing_open(world);
    CHECK(fetch(world, orders0, true).committed.empty());
    CHECK(client.write(orders0, 1, "slower") == ErrorCode::invalid_producer_epoch);
    // With version 2 the epoch before looks like the verdict asked for again, and the producer may go on from there.
    CHECK(client.end(true) == (modern ? ErrorCode::invalid_txn_state : ErrorCode::producer_fenced));
    CHECK(client.init(true) == (modern ? ErrorCode::none : ErrorCode::producer_fenced));
    if (modern) CHECK(client.producer.epoch == ProducerEpoch{1});
  }
}

TEST_CASE("the coordinator dies when the verdict is in its log: the next one has the markers written") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const NodeId coordinator = client.coordinator();
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  CHECK(client.write(orders1, 0, "b") == ErrorCode::none);
  world.run_for(Duration::ms(600));
  // No marker can leave: whoever else leads is out of reach for the coordinator until it is dead.
  for (std::int32_t b = 1; b <= 3; ++b) {
    if (broker_node(b) != coordinator) world.broker(b).pause(world.now());
  }
  world.send(coordinator, client.end_request(true), 5);
  world.run_for(Duration::ms(20));
  for (std::int32_t b = 1; b <= 3; ++b) {
    if (broker_node(b) == coordinator) continue;
    world.broker(b).resume(world.now());
    world.drain(broker_node(b));
  }
  // The followers fetch the verdict; then it dies.
  const auto decided = [&] {
    return std::any_of(world.observations().begin(), world.observations().end(), [](const Observation& o) {
      return o.kind == Kind::transaction_state && o.to == static_cast<std::int64_t>(TransactionState::prepare_commit);
    });
  };
  for (int i = 0; i < 2000 && !decided(); ++i) world.run_for(Duration::us(100));
  REQUIRE(decided());
  world.crash(coordinator.value(), CrashKind::process);
  world.run_for(Duration::s(15));
  CHECK(client.coordinator() != coordinator);
  world.run_for(Duration::s(2));
  CHECK(fetch(world, orders0, true).committed == Values{"a"});
  CHECK(fetch(world, orders1, true).committed == Values{"b"});
  // It asks again and hears that it is done; with the epoch that it did not hear of.
  CHECK(client.end(true) == ErrorCode::none);
  CHECK(client.producer.epoch == ProducerEpoch{1});
  world.restart(coordinator.value());
  world.run_for(Duration::s(20));
  expect_nothing_open(world);
}

TEST_CASE("a partition's leader dies before its marker: the marker goes to the next leader") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const NodeId coordinator = client.coordinator();
  const TopicPartition& victim = coordinator == broker_node(1) ? orders1 : orders0;
  const NodeId leader = client.leader(victim);
  CHECK(client.write(victim, 0, "a") == ErrorCode::none);
  world.run_for(Duration::ms(600));
  world.crash(leader.value(), CrashKind::process);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(15));
  CHECK(client.leader(victim) != leader);
  CHECK(fetch(world, victim, true).committed == Values{"a"});
  world.restart(leader.value());
  world.run_for(Duration::s(20));
  expect_nothing_open(world);
}

TEST_CASE("the answer to a marker is lost: it is written once more, and that changes nothing (KAFKA-19999)") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  const ProducerIdAndEpoch before = client.producer;
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  const auto write_marker = [&](std::int16_t epoch, bool commit, std::int8_t version) {
    WriteTxnMarkersRequest request;
    auto& marker = request.markers.emplace_back();
    marker.producer_id = before.id.value();
    marker.producer_epoch = epoch;
    marker.transaction_result = commit;
    marker.coordinator_epoch = 0;
    marker.transaction_version = version;
    marker.topics.push_back({"orders", {0, 5}});
    return world.call(broker_node(1), request, 2);
  };
  const auto again = write_marker(1, true, 2);
  REQUIRE(again);
  const auto& partitions = again->markers[0].topics[0].partitions;
  REQUIRE(partitions.size() == 2);
  for (const auto& partition : partitions) {
    CHECK(partition.error_code ==
          (partition.partition_index == 0 ? 0 : wire_code(ErrorCode::unknown_topic_or_partition)));
  }
  // But not one of the transaction before, and none at all while the next is open.
  CHECK(write_marker(0, false, 2)->markers[0].topics[0].partitions[1].error_code ==
        wire_code(ErrorCode::invalid_producer_epoch));
  CHECK(client.write(orders0, 0, "b") == ErrorCode::none);
  CHECK(write_marker(1, false, 2)->markers[0].topics[0].partitions[1].error_code ==
        wire_code(ErrorCode::invalid_producer_epoch));
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a", "b"});
}

TEST_CASE("while its coordinator cannot be reached, a first write is told NOT_ENOUGH_REPLICAS and may be tried again") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const NodeId coordinator = client.coordinator();
  const TopicPartition& elsewhere = coordinator == broker_node(1) ? orders1 : orders0;
  const TopicPartition& here = coordinator == broker_node(1) ? orders0 : orders1;
  world.run_for(Duration::s(1));
  if (client.leader(here) == coordinator) {
    // A coordinator that leads the partition too asks itself, through its own front door.
    CHECK(client.write(here, 0, "x") == ErrorCode::none);
  }
  world.cut(client.leader(elsewhere), coordinator, true);
  CHECK(client.write(elsewhere, 0, "a") == ErrorCode::not_enough_replicas);
  expect_nothing_open(world);
}

TEST_CASE("without a transactional id a transactional batch is refused") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const Bytes records = TransactionClient::batch(client.producer, 0, "a");
  auto request = client.produce_request(orders0, records, 13);
  request.transactional_id = std::nullopt;
  const auto answer = world.call(broker_node(1), request, 13);
  REQUIRE(answer);
  CHECK(answer->responses[0].partition_responses[0].error_code ==
        wire_code(ErrorCode::transactional_id_authorization_failed));
}

TEST_CASE(
    "a write in the next transaction waits a moment while the markers of the one before are still being written") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  CHECK(client.write(orders1, 0, "a") == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  // At once, without a pause: the coordinator says CONCURRENT_TRANSACTIONS and is asked again.
  CHECK(client.write(orders0, 0, "b") == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(fetch(world, orders0, true).committed == Values{"a", "b"});
}

TEST_CASE("a copy of the world in the middle of a transaction goes the same way") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  const std::int32_t correlation = world.send(client.coordinator(), client.end_request(true), 5);
  world.run_for(Duration::us(700));
  ToyCluster copy = world;
  world.run_for(Duration::s(2));
  copy.run_for(Duration::s(2));
  CHECK(world.fingerprint() == copy.fingerprint());
  CHECK(copy.answer_to(correlation) != nullptr);
  CHECK(fetch(copy, orders0, true).committed == Values{"a"});
}

TEST_CASE("a stale transactional id is forgotten, and a restarted coordinator does not know it either") {
  ClusterLayout layout = transaction_layout();
  layout.config.transactional_id_expiration_ms = 30'000;
  layout.config.transaction_expiry_interval_ms = 10'000;
  ToyCluster world{layout};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const ProducerId before = client.producer.id;
  const NodeId coordinator = client.coordinator();
  world.run_for(Duration::s(45));
  for (const auto& part : world.broker(coordinator.value()).transaction_coordinator().parts())
    CHECK(part.transactions.empty());
  world.crash(coordinator.value(), CrashKind::process);
  world.run_for(Duration::s(15));
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.producer.id != before);
  CHECK(client.producer.epoch == ProducerEpoch{0});
}

TEST_CASE("clients do not write into the coordinators' topics") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  const TopicIdPartition log = world.id("__transaction_state", 0);
  const NodeId leader{world.registration("__transaction_state", 0).leader};
  CHECK(world.produce(leader, log, ToyCluster::batch(1)).error_code == wire_code(ErrorCode::invalid_topic_exception));
  MetadataRequest ask;
  ask.topics = std::nullopt;
  const auto metadata = world.call(broker_node(1), ask, 13);
  REQUIRE(metadata);
  for (const auto& topic : metadata->topics)
    CHECK(topic.is_internal == (topic.name == "__transaction_state"));
}

TEST_CASE("one broker with a slow disk: the verdict is answered when its disk has it") {
  ClusterLayout layout = transaction_layout();
  layout.brokers = 1;
  layout.topics[0].replication_factor = 1;
  layout.topics[0].config["min.insync.replicas"] = "1";
  layout.config.transaction_log_replication_factor = 1;
  layout.config.transaction_log_min_isr = 1;
  ToyCluster world{layout};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  CHECK(client.write(orders0, 0, "a") == ErrorCode::none);
  world.broker(1).disk().set_slowness(100'000);
  const SimTime before = world.now();
  CHECK(client.end(true) == ErrorCode::none);
  CHECK(world.now() - before > Duration::ms(2));
  world.run_for(Duration::s(2));
  CHECK(fetch(world, orders0, true).committed == Values{"a"});
}
