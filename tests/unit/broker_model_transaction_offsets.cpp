#include <catch2/catch.hpp>

#include "broker_model/group_log.h"
#include "support/transaction_client.h"

using namespace linger;
using namespace linger::broker;
using namespace linger::broker::test;

namespace {

const TopicPartition orders0{"orders", 0};
const TopicPartition orders1{"orders", 1};

/// A consumer group's offsets, committed in a transaction and read back.
struct Group {
  TransactionClient& client;
  std::string id = "readers";
  std::int32_t generation = -1;

  NodeId coordinator() const { return client.coordinator(0, id); }
  TxnOffsetCommitRequest request(std::int64_t offset, const TopicPartition& partition,
                                 const std::string& metadata = "") const {
    TxnOffsetCommitRequest ask;
    ask.transactional_id = client.id;
    ask.group_id = id;
    ask.producer_id = client.producer.id.value();
    ask.producer_epoch = client.producer.epoch.value();
    ask.generation_id = generation;
    ask.topics.push_back({partition.topic, {{partition.partition, offset, -1, metadata}}});
    return ask;
  }
  ErrorCode commit(std::int64_t offset, std::int16_t version = 5, const TopicPartition& partition = orders0,
                   const std::string& metadata = "") const {
    const auto answer = client.world.call(coordinator(), request(offset, partition, metadata), version);
    return answer ? error_from_wire(answer->topics[0].partitions[0].error_code) : ErrorCode::network_exception;
  }
  ErrorCode add_offsets() const {
    AddOffsetsToTxnRequest ask;
    ask.transactional_id = client.id;
    ask.producer_id = client.producer.id.value();
    ask.producer_epoch = client.producer.epoch.value();
    ask.group_id = id;
    const auto answer = client.world.call(client.coordinator(), ask, 3);
    return answer ? error_from_wire(answer->error_code) : ErrorCode::network_exception;
  }
  /// Outside of any transaction.
  ErrorCode commit_plain(std::int64_t offset, std::int16_t version = 9,
                         const TopicPartition& partition = orders0) const {
    OffsetCommitRequest ask;
    ask.group_id = id;
    ask.generation_id_or_member_epoch = generation;
    const bool known = partition.topic == "orders";
    ask.topics.push_back({version < 10 ? partition.topic : "",
                          version < 10 || !known ? Uuid{} : client.world.id(partition.topic, 0).topic,
                          {{partition.partition, offset, -1, "plain"}}});
    const auto answer = client.world.call(coordinator(), ask, version);
    return answer ? error_from_wire(answer->topics[0].partitions[0].error_code) : ErrorCode::network_exception;
  }
  struct Read {
    ErrorCode group = ErrorCode::none;
    ErrorCode error = ErrorCode::none;
    std::int64_t offset = -2;
    std::string metadata;
    friend bool operator==(const Read&, const Read&) = default;
  };
  Read read(bool stable, std::int16_t version = 9, const TopicPartition& partition = orders0) const {
    OffsetFetchRequest ask;
    ask.require_stable = stable;
    if (version < 8) {
      ask.group_id = id;
      ask.topics->push_back({partition.topic, {partition.partition}});
    } else {
      auto& group = ask.groups.emplace_back();
      group.group_id = id;
      group.topics->push_back({version < 10 ? partition.topic : "",
                               version < 10 ? Uuid{} : client.world.id(partition.topic, 0).topic,
                               {partition.partition}});
    }
    const auto answer = client.world.call(coordinator(), ask, version);
    if (!answer) return {ErrorCode::network_exception, {}, {}, {}};
    if (version < 8) {
      if (answer->topics.empty()) return {error_from_wire(answer->error_code), {}, {}, {}};
      const auto& data = answer->topics[0].partitions[0];
      return {error_from_wire(answer->error_code), error_from_wire(data.error_code), data.committed_offset,
              data.metadata.value_or("null")};
    }
    const auto& group = answer->groups[0];
    if (group.topics.empty()) return {error_from_wire(group.error_code), {}, {}, {}};
    const auto& data = group.topics[0].partitions[0];
    return {error_from_wire(group.error_code), error_from_wire(data.error_code), data.committed_offset,
            data.metadata.value_or("null")};
  }
};

const Group::Read nothing{ErrorCode::none, ErrorCode::none, -1, ""};
const Group::Read unstable{ErrorCode::none, ErrorCode::unstable_offset_commit, -1, ""};

}  // namespace

TEST_CASE("version 2: offsets join the transaction by themselves, and count when it is committed") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  CHECK(group.read(true) == nothing);
  CHECK(group.commit(17, 5, orders0, "seventeen") == ErrorCode::none);
  CHECK(group.read(false) == nothing);
  CHECK(group.read(true) == unstable);
  CHECK(group.read(true, 9, orders1) == nothing);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  const Group::Read seventeen{ErrorCode::none, ErrorCode::none, 17, "seventeen"};
  CHECK(group.read(true) == seventeen);
  CHECK(group.read(false) == seventeen);
  for (const std::int16_t version :
       {std::int16_t{1}, std::int16_t{5}, std::int16_t{7}, std::int16_t{8}, std::int16_t{10}}) {
    INFO("OffsetFetch version " << version);
    CHECK(group.read(false, version) == seventeen);
  }
}

TEST_CASE("offsets of an aborted transaction never count, and the ones before stay") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  CHECK(group.commit(5) == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(group.commit(9) == ErrorCode::none);
  CHECK(client.end(false) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(group.read(true) == Group::Read{ErrorCode::none, ErrorCode::none, 5, ""});
}

TEST_CASE("offsets that no transaction commits count at once, whatever is pending") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  std::int64_t offset = 10;
  for (const std::int16_t version :
       {std::int16_t{2}, std::int16_t{5}, std::int16_t{8}, std::int16_t{9}, std::int16_t{10}}) {
    INFO("OffsetCommit version " << version);
    CHECK(group.commit_plain(++offset, version) == ErrorCode::none);
    CHECK(group.read(true) == Group::Read{ErrorCode::none, ErrorCode::none, offset, "plain"});
  }
  // What is committed later counts, whichever is decided later.
  CHECK(group.commit(20) == ErrorCode::none);
  CHECK(group.commit_plain(30) == ErrorCode::none);
  CHECK(group.read(false).offset == 30);
  CHECK(group.read(true) == unstable);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(group.read(true).offset == 30);
}

TEST_CASE("offsets that no transaction commits, and that cannot be committed") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  CHECK(group.commit_plain(1, 9, {"nothing", 0}) == ErrorCode::unknown_topic_or_partition);
  CHECK(group.commit_plain(1, 10, {"nothing", 0}) == ErrorCode::unknown_topic_id);
  CHECK(group.commit_plain(1, 9, {"orders", 77}) == ErrorCode::unknown_topic_or_partition);
  group.generation = 5;
  CHECK(group.commit_plain(1, 8) == ErrorCode::illegal_generation);
  CHECK(group.commit_plain(1, 9) == ErrorCode::group_id_not_found);
  group.generation = -1;
  CHECK(group.commit_plain(1, 9) == ErrorCode::none);
  group.generation = 5;
  CHECK(group.commit_plain(1, 9) == ErrorCode::unknown_member_id);
  for (std::int32_t b = 1; b <= 3; ++b) {
    if (broker_node(b) == group.coordinator()) continue;
    OffsetCommitRequest ask;
    ask.group_id = group.id;
    ask.topics.push_back({"orders", Uuid{}, {{0, 1, -1, ""}}});
    CHECK(world.call(broker_node(b), ask, 9)->topics[0].partitions[0].error_code ==
          wire_code(ErrorCode::not_coordinator));
  }
}

TEST_CASE("version 1: the group's partition has to be added first") {
  ToyCluster world{transaction_layout(1)};
  TransactionClient client{world};
  client.modern = false;
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  CHECK(group.commit(3, 3) == ErrorCode::invalid_txn_state);
  CHECK(group.commit(3, 4) == ErrorCode::transaction_abortable);
  CHECK(group.add_offsets() == ErrorCode::none);
  CHECK(group.commit(3, 3) == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(group.read(true).offset == 3);
}

TEST_CASE("who names a generation is no member of a group without members") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  group.generation = 5;
  CHECK(group.commit(1) == ErrorCode::illegal_generation);
  group.generation = -1;
  CHECK(group.commit(1) == ErrorCode::none);
  group.generation = 5;
  CHECK(group.commit(2) == ErrorCode::unknown_member_id);
}

TEST_CASE("offsets that cannot be committed: no group, no such partition, too many words, a fenced producer") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  REQUIRE(group.coordinator() != no_node);
  world.run_for(Duration::ms(100));
  CHECK(group.commit(1, 5, {"nothing", 0}) == ErrorCode::unknown_topic_or_partition);
  CHECK(group.commit(1, 5, orders0, std::string(4097, 'x')) == ErrorCode::offset_metadata_too_large);
  const auto nameless = [&] {
    auto ask = group.request(1, orders0);
    ask.group_id = "";
    return error_from_wire(world.call(group.coordinator(), ask, 5)->topics[0].partitions[0].error_code);
  };
  CHECK(nameless() == ErrorCode::invalid_group_id);
  TransactionClient other{world};
  REQUIRE(other.init() == ErrorCode::none);
  CHECK(group.commit(1) == ErrorCode::invalid_producer_epoch);
  // Somebody else's coordinator.
  for (std::int32_t b = 1; b <= 3; ++b) {
    if (broker_node(b) == group.coordinator()) continue;
    const auto answer = world.call(broker_node(b), group.request(1, orders0), 5);
    CHECK(answer->topics[0].partitions[0].error_code == wire_code(ErrorCode::not_coordinator));
    OffsetFetchRequest ask;
    ask.groups.emplace_back().group_id = group.id;
    CHECK(world.call(broker_node(b), ask, 9)->groups[0].error_code == wire_code(ErrorCode::not_coordinator));
  }
}

TEST_CASE("the group's coordinator dies: the next one knows its offsets, pending ones too") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  REQUIRE(client.init() == ErrorCode::none);
  Group group{client};
  // A group whose coordinator is not the transaction's.
  for (int i = 0; group.coordinator() == client.coordinator() && i < 20; ++i) group.id = "readers" + std::to_string(i);
  REQUIRE(group.coordinator() != client.coordinator());
  world.run_for(Duration::ms(100));
  CHECK(group.commit(4) == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  CHECK(group.commit(8) == ErrorCode::none);
  const NodeId before = group.coordinator();
  world.crash(before.value(), CrashKind::process);
  world.run_for(Duration::s(15));
  REQUIRE(group.coordinator() != before);
  CHECK(group.read(true) == unstable);
  CHECK(group.read(false).offset == 4);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(2));
  CHECK(group.read(true).offset == 8);
}

TEST_CASE("a reader of stable offsets waits until what was written is replicated") {
  ToyCluster world{transaction_layout()};
  TransactionClient client{world};
  Group group{client};
  REQUIRE(client.init() == ErrorCode::none);
  const NodeId coordinator = group.coordinator();
  world.run_for(Duration::ms(100));
  CHECK(group.commit(4) == ErrorCode::none);
  CHECK(client.end(true) == ErrorCode::none);
  world.run_for(Duration::s(1));
  for (std::int32_t b = 1; b <= 3; ++b) {
    if (broker_node(b) != coordinator) world.broker(b).pause(world.now());
  }
  // The verification is over: the transaction's first offsets are in. The followers stand still, so they stay alone.
  world.run_for(Duration::ms(1));
  OffsetFetchRequest ask;
  ask.require_stable = true;
  ask.groups.emplace_back().group_id = group.id;
  ask.groups[0].topics.reset();
  const auto answer = world.call(coordinator, ask, 9, Duration::ms(100));
  REQUIRE(answer);
  REQUIRE(answer->groups[0].topics.size() == 1);
  CHECK(answer->groups[0].topics[0].partitions[0].committed_offset == 4);
}

TEST_CASE("the groups' log: keys and values as Kafka writes them, and read back") {
  const OffsetCommitKey key{"g", "t", 3};
  const OffsetCommitValue value{42, 7, "m", 9, -1, Uuid{}};
  const Bytes key_bytes = offset_commit_key(key);
  const Bytes value_bytes = offset_commit_value(value);
  const auto text = [](const Bytes& bytes) {
    std::string out;
    for (const std::byte b : bytes) out += std::to_string(static_cast<int>(b)) + " ";
    return out;
  };
  CHECK(text(key_bytes) == "0 1 0 1 103 0 1 116 0 0 0 3 ");
  CHECK(text(value_bytes) == "0 4 0 0 0 0 0 0 0 42 0 0 0 7 2 109 0 0 0 0 0 0 0 9 0 ");
  const auto read = read_offset_commit(BytesView{key_bytes}, BytesView{value_bytes});
  REQUIRE(read);
  CHECK(read->key == key);
  CHECK(*read->value == value);
  CHECK_FALSE(read_offset_commit(BytesView{key_bytes}, std::nullopt)->value);
  // Clients of old set a time at which it is forgotten.
  OffsetCommitValue expiring = value;
  expiring.expire_timestamp = 10;
  expiring.leader_epoch = -1;
  const Bytes expiring_bytes = offset_commit_value(expiring);
  CHECK(text(expiring_bytes) == "0 1 0 0 0 0 0 0 0 42 0 1 109 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0 10 ");
  CHECK(*read_offset_commit(BytesView{key_bytes}, BytesView{expiring_bytes})->value == expiring);
}
