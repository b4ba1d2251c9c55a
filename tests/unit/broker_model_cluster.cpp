#include <catch2/catch.hpp>

#include "support/toy_cluster.h"

using namespace linger;
using namespace linger::broker;
using namespace linger::broker::test;
using Kind = Observation::Kind;

namespace {

std::int16_t code(ErrorCode error) {
  return wire_code(error);
}

ProducerIdAndEpoch producer(std::int64_t id = 7, std::int16_t epoch = 0) {
  return {ProducerId{id}, ProducerEpoch{epoch}};
}

}  // namespace

TEST_CASE("one broker alone: metadata, a producer id after the first block came, and two batches with acks=all") {
  ToyCluster world{small_cluster(1, 1)};
  const TopicIdPartition orders = world.id("orders", 0);
  MetadataRequest ask;
  ask.topics = std::nullopt;
  const auto metadata = world.call(broker_node(1), ask, 13);
  REQUIRE(metadata);
  REQUIRE(metadata->topics.size() == 1);
  CHECK(metadata->topics[0].topic_id == orders.topic);
  CHECK(metadata->topics[0].partitions[0].leader_id == 1);
  CHECK(metadata->brokers.size() == 1);

  InitProducerIdRequest init;
  init.transactional_id = std::nullopt;
  const auto first = world.call(broker_node(1), init, 5);
  REQUIRE(first);
  CHECK(first->error_code == code(ErrorCode::coordinator_load_in_progress));
  world.run_for(Duration::ms(100));
  const auto second = world.call(broker_node(1), init, 5);
  REQUIRE(second);
  CHECK(second->error_code == 0);
  CHECK(second->producer_id == 0);
  CHECK(second->producer_epoch == 0);

  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(3, producer(0), 0)).base_offset == 0);
  const auto next = world.produce(broker_node(1), orders, ToyCluster::batch(2, producer(0), 3));
  CHECK(next.error_code == 0);
  CHECK(next.base_offset == 3);
  CHECK(world.broker(1).partition("orders", 0)->log.high_watermark() == 5);
}

TEST_CASE("three replicas: acks=all is answered when all in-sync replicas hold the batch") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(20));
  const auto result = world.produce(broker_node(1), orders, ToyCluster::batch(2, producer(), 0));
  CHECK(result.error_code == 0);
  CHECK(result.base_offset == 0);
  for (std::int32_t b = 1; b <= 3; ++b) CHECK(world.broker(b).partition("orders", 0)->log.log_end() == 2);
  CHECK(world.broker(1).partition("orders", 0)->log.high_watermark() == 2);
  // The followers hear of it with the next fetch.
  world.run_for(Duration::ms(600));
  CHECK(world.broker(2).partition("orders", 0)->log.high_watermark() == 2);
  CHECK(world.count(Kind::appended) == 3);
  CHECK(world.count(Kind::refused) == 0);
}

TEST_CASE("the same batch again is acknowledged with the original offset and the original's timestamp") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  const Bytes batch = ToyCluster::batch(2, producer(), 0);
  CHECK(world.produce(broker_node(1), orders, batch).log_append_time_ms == -1);
  const auto again = world.produce(broker_node(1), orders, batch);
  CHECK(again.error_code == 0);
  CHECK(again.base_offset == 0);
  CHECK(again.log_append_time_ms == sim::start_epoch_ns / 1'000'000);
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 2);
  const auto gap = world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 5));
  CHECK(gap.error_code == code(ErrorCode::out_of_order_sequence_number));
  CHECK(world.count(Kind::duplicate) == 1);
}

TEST_CASE("without deduplication the same batch is appended twice") {
  ClusterLayout layout = small_cluster();
  layout.behaviour.deduplication = false;
  ToyCluster world{layout};
  const TopicIdPartition orders = world.id("orders", 0);
  const Bytes batch = ToyCluster::batch(2, producer(), 0);
  world.produce(broker_node(1), orders, batch);
  CHECK(world.produce(broker_node(1), orders, batch).base_offset == 2);
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 4);
}

TEST_CASE("five requests on one connection: one waits for the followers, four stay unread") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(20));
  world.cut(broker_node(1), broker_node(2), true);
  world.cut(broker_node(1), broker_node(3), true);
  for (std::int32_t i = 0; i < 5; ++i) world.send_produce(broker_node(1), orders, ToyCluster::batch(1, producer(), i));
  world.run_for(Duration::ms(100));
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 1);
  CHECK(world.count(Kind::purgatory_enter) == 1);
}

TEST_CASE("with acks=0 nothing is answered, and a failure closes the connection") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  for (std::int32_t i = 0; i < 3; ++i)
    world.send_produce(broker_node(1), orders, ToyCluster::batch(1, producer(), i), 0);
  world.run_for(Duration::ms(20));
  CHECK(world.answers().empty());
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 3);
  world.send_produce(broker_node(2), orders, ToyCluster::batch(1, producer(), 3), 0);
  const std::int32_t after = world.send_produce(broker_node(2), orders, ToyCluster::batch(1, producer(), 3), 1);
  world.run_for(Duration::ms(20));
  CHECK(world.answer_to(after) == nullptr);
}

TEST_CASE("a broker that does not lead names the leader and its address") {
  ToyCluster world{small_cluster()};
  const auto response =
      world.call(broker_node(2), ToyCluster::produce_request(world.id("orders", 0), ToyCluster::batch(1), 1, 1000), 13);
  REQUIRE(response);
  const auto& data = response->responses[0].partition_responses[0];
  CHECK(data.error_code == code(ErrorCode::not_leader_or_follower));
  CHECK(data.current_leader.leader_id == 1);
  REQUIRE(response->node_endpoints.size() == 1);
  CHECK(response->node_endpoints[0].host == "b1");
}

TEST_CASE("a follower that is cut off leaves the ISR, and the waiting batch is acknowledged then") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(20));
  world.cut(broker_node(1), broker_node(3), true);
  const std::int32_t correlation =
      world.send_produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 0), -1, 120'000);
  world.run_for(Duration::s(20));
  CHECK(world.answer_to(correlation) == nullptr);
  world.run_for(Duration::s(30));
  REQUIRE(world.answer_to(correlation) != nullptr);
  CHECK(world.response<ProduceResponse>(correlation, 13)->responses[0].partition_responses[0].error_code == 0);
  CHECK(world.registration("orders", 0).isr == Replicas{1, 2});
  // min.insync.replicas is still met, so nobody is eligible from outside the ISR.
  CHECK(world.registration("orders", 0).elr.empty());
  world.cut(broker_node(1), broker_node(3), false);
  world.run_for(Duration::s(45));
  CHECK(world.registration("orders", 0).isr == Replicas{1, 2, 3});
  CHECK(world.broker(3).partition("orders", 0)->log.log_end() == 1);
}

TEST_CASE("too few replicas: refused before the append, or told after it when the ISR shrank meanwhile") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(20));
  world.cut(broker_node(1), broker_node(2), true);
  world.cut(broker_node(1), broker_node(3), true);
  const auto late = world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 0), -1, 5'000);
  CHECK(late.error_code == code(ErrorCode::request_timed_out));
  world.run_for(Duration::s(50));
  CHECK(world.registration("orders", 0).isr == Replicas{1});
  CHECK(world.registration("orders", 0).elr == Replicas{2, 3});
  const auto refused = world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 1));
  CHECK(refused.error_code == code(ErrorCode::not_enough_replicas));
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 1);
  CHECK(world.broker(1).partition("orders", 0)->log.high_watermark() == 0);
}

TEST_CASE("the leader's process dies: the next in-sync replica leads, and the old one comes back and follows") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(3, producer(), 0)).error_code == 0);
  world.crash(1, CrashKind::process);
  world.run_for(Duration::s(12));
  CHECK(world.registration("orders", 0).leader == 2);
  CHECK(world.registration("orders", 0).leader_epoch == 1);
  CHECK(world.registration("orders", 0).isr == Replicas{2, 3});
  CHECK(world.produce(broker_node(2), orders, ToyCluster::batch(1, producer(), 3)).base_offset == 3);
  world.restart(1);
  world.run_for(Duration::s(15));
  CHECK(world.broker(1).life() == BrokerLife::running);
  CHECK(world.registration("orders", 0).isr == Replicas{2, 3, 1});
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 4);
  CHECK(world.broker(1).partition("orders", 0)->role == Role::follower);
}

TEST_CASE("a controlled shutdown moves the leaders first and keeps the log end") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(3, producer(), 0)).error_code == 0);
  world.shut_down(1);
  world.run_for(Duration::s(5));
  CHECK(world.broker(1).life() == BrokerLife::stopped);
  CHECK(world.registration("orders", 0).leader == 2);
  CHECK(world.count(Kind::stopped) == 1);
  CHECK(world.produce(broker_node(2), orders, ToyCluster::batch(1, producer(), 3)).error_code == 0);
  // Its old session holds the broker id until nine seconds after the last heartbeat, in 4.3.1 after an orderly stop
  // too.
  world.restart(1);
  world.run_for(Duration::s(1));
  CHECK(world.broker(1).life() == BrokerLife::starting);
  world.run_for(Duration::s(14));
  CHECK(world.broker(1).life() == BrokerLife::running);
  CHECK(world.registration("orders", 0).isr == Replicas{2, 3, 1});
}

TEST_CASE("power loss takes what only the page cache held; an eligible replica leads instead") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(4, producer(), 0)).error_code == 0);
  world.crash(1, CrashKind::power);
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 0);
  CHECK(world.count(Kind::lost_unflushed) == 1);
  world.run_for(Duration::s(12));
  world.restart(1);
  world.run_for(Duration::s(12));
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 4);
}

TEST_CASE("last replica standing: with ELR a replica that kept the records leads, without it the records are lost") {
  const bool elr = GENERATE(true, false);
  ClusterLayout layout = small_cluster();
  layout.behaviour.elr = elr;
  // The ISR shrinks before the kernel has written the records back by itself.
  layout.config.replica_lag_time_max_ms = 3'000;
  ToyCluster world{layout};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(4, producer(), 0)).error_code == 0);
  world.run_for(Duration::s(1));
  world.cut(broker_node(1), broker_node(2), true);
  world.cut(broker_node(1), broker_node(3), true);
  // Only a record that they do not fetch makes the others lag.
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 4), 1).error_code == 0);
  world.run_for(Duration::s(6));
  CHECK(world.registration("orders", 0).isr == Replicas{1});
  CHECK(world.registration("orders", 0).elr == (elr ? Replicas{2, 3} : Replicas{}));
  world.cut(broker_node(1), broker_node(2), false);
  world.cut(broker_node(1), broker_node(3), false);
  world.crash(1, CrashKind::power);
  world.run_for(Duration::s(12));
  CHECK(world.registration("orders", 0).leader == (elr ? 2 : no_leader));
  world.restart(1);
  world.run_for(Duration::s(40));
  CHECK(world.registration("orders", 0).leader == (elr ? 2 : 1));
  for (std::int32_t b = 1; b <= 3; ++b) CHECK(world.broker(b).partition("orders", 0)->log.log_end() == (elr ? 4 : 0));
}

TEST_CASE("an unclean election, where the topic permits it, cuts off what only the old leader had") {
  ClusterLayout layout = small_cluster(3, 1);
  layout.behaviour.elr = false;
  layout.config.replica_lag_time_max_ms = 3'000;
  layout.topics[0].config["unclean.leader.election.enable"] = "true";
  ToyCluster world{layout};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(2, producer(), 0)).error_code == 0);
  world.run_for(Duration::s(1));
  world.cut(broker_node(1), broker_node(2), true);
  world.cut(broker_node(1), broker_node(3), true);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(3, producer(), 2)).error_code == 0);
  CHECK(world.registration("orders", 0).isr == Replicas{1});
  world.crash(1, CrashKind::process);
  world.cut(broker_node(1), broker_node(2), false);
  world.cut(broker_node(1), broker_node(3), false);
  world.run_for(Duration::s(12));
  CHECK(world.count(Kind::unclean_election) == 1);
  CHECK(world.registration("orders", 0).leader == 2);
  CHECK(world.broker(2).partition("orders", 0)->log.log_end() == 2);
  world.restart(1);
  world.run_for(Duration::s(15));
  CHECK(world.broker(1).partition("orders", 0)->log.log_end() == 2);
  CHECK(world.count(Kind::truncated) >= 1);
}

TEST_CASE("the only controller dies and comes back: brokers go on, and elections are held again afterwards") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::s(1));
  world.crash_node(controller_node(1), CrashKind::power);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 0)).error_code == 0);
  world.run_for(Duration::s(20));
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 1)).error_code == 0);
  world.restart_controller(1);
  world.run_for(Duration::s(5));
  CHECK(world.controller(1).epoch() == 2);
  world.crash(1, CrashKind::process);
  world.run_for(Duration::s(12));
  CHECK(world.registration("orders", 0).leader == 2);
  CHECK(world.produce(broker_node(2), orders, ToyCluster::batch(1, producer(), 2)).base_offset == 2);
}

TEST_CASE("replicas are put on another broker: it is added, catches up, and only then the old one goes") {
  ClusterLayout layout = small_cluster(4);
  layout.topics[0].replication_factor = 3;
  ToyCluster world{layout};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(3, producer(), 0)).error_code == 0);
  CHECK(world.controller(1).reassign(orders, {4, 2, 3}, world.now()));
  world.drain(controller_node(1));
  world.run_for(Duration::s(5));
  CHECK(world.registration("orders", 0).replicas == Replicas{4, 2, 3});
  CHECK(world.registration("orders", 0).adding.empty());
  CHECK(world.broker(4).partition("orders", 0)->log.log_end() == 3);
  CHECK(world.broker(1).partition("orders", 0) == nullptr);
  CHECK(world.registration("orders", 0).leader != 1);
}

TEST_CASE("an idle cluster's controller hands out leadership by its preferred order when asked") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(100));
  world.move_leader(orders, 3);
  world.run_for(Duration::ms(100));
  CHECK(world.registration("orders", 0).leader == 3);
  CHECK(world.broker(3).partition("orders", 0)->is_leader());
  ElectLeadersRequest elect;
  elect.topic_partitions->push_back({"orders", {0}});
  const auto answer = world.call(controller_node(1), elect, 2);
  REQUIRE(answer);
  CHECK(answer->replica_election_results[0].partition_result[0].error_code == 0);
  world.run_for(Duration::ms(100));
  CHECK(world.broker(1).partition("orders", 0)->is_leader());
  CHECK(world.broker(1).partition("orders", 0)->leader_epoch == 2);
}

TEST_CASE("three controllers: a standby takes over, and what the old one had not committed is gone") {
  ClusterLayout layout = small_cluster();
  layout.controllers = 3;
  ToyCluster world{layout};
  const TopicIdPartition orders = world.id("orders", 0);
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 0)).error_code == 0);
  world.crash_node(controller_node(1), CrashKind::power);
  world.run_for(Duration::s(8));
  REQUIRE(world.active() != nullptr);
  CHECK(world.active()->id() != controller_node(1));
  CHECK(world.active()->epoch() > 1);
  world.crash(1, CrashKind::process);
  world.run_for(Duration::s(15));
  CHECK(world.registration("orders", 0).leader == 2);
  world.restart_controller(1);
  world.run_for(Duration::s(5));
  CHECK(world.controller(1).role() == ControllerRole::standby);
  CHECK(world.controller(1).committed_end() == world.active()->committed_end());
}

TEST_CASE("a topic is created through a broker, written to, and deleted") {
  ToyCluster world{small_cluster()};
  CreateTopicsRequest create;
  CreateTopicsRequest::CreatableTopic topic;
  topic.name = "more";
  topic.num_partitions = 2;
  topic.replication_factor = 3;
  create.topics.push_back(topic);
  const auto created = world.call(broker_node(2), create, 7);
  REQUIRE(created);
  CHECK(created->topics[0].error_code == 0);
  world.run_for(Duration::ms(100));
  CHECK(world.produce(broker_node(2), world.id("more", 1), ToyCluster::batch(1)).error_code == 0);
  DeleteTopicsRequest remove;
  remove.topics.resize(1);
  remove.topics[0].name = "more";
  const TopicIdPartition gone = world.id("more", 1);
  const auto removed = world.call(broker_node(1), remove, 6);
  REQUIRE(removed);
  CHECK(removed->responses[0].error_code == 0);
  world.run_for(Duration::ms(100));
  CHECK(world.produce(broker_node(2), gone, ToyCluster::batch(1)).error_code == code(ErrorCode::unknown_topic_id));
}

TEST_CASE("a topic that is created while a broker is fenced: it comes last, leads nothing, and is never alone") {
  ToyCluster world{small_cluster()};
  world.crash(1, CrashKind::process);
  world.run_for(Duration::s(15));
  const auto create = [&](const std::string& name, std::int16_t factor, std::vector<std::int32_t> assigned = {}) {
    CreateTopicsRequest request;
    CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    topic.num_partitions = assigned.empty() ? 2 : -1;
    topic.replication_factor = assigned.empty() ? factor : std::int16_t{-1};
    if (!assigned.empty()) topic.assignments.push_back({0, std::move(assigned)});
    request.topics.push_back(topic);
    const auto answer = world.call(broker_node(2), request, 7);
    REQUIRE(answer);
    world.run_for(Duration::ms(100));
    return error_from_wire(answer->topics[0].error_code);
  };
  REQUIRE(create("one", 1) == ErrorCode::none);
  CHECK(world.registration("one", 0).replicas == Replicas{2});
  CHECK(world.registration("one", 1).replicas == Replicas{3});
  REQUIRE(create("three", 3) == ErrorCode::none);
  CHECK(world.registration("three", 1).replicas == Replicas{3, 2, 1});
  CHECK(world.registration("three", 1).isr == Replicas{3, 2});
  CHECK(world.registration("three", 1).leader == 3);
  CHECK(create("four", 4) == ErrorCode::invalid_replication_factor);
  CHECK(create("alone", 1, {1}) == ErrorCode::invalid_replica_assignment);
  CHECK(create("alone", 1, {1, 2}) == ErrorCode::none);
  CHECK(world.registration("alone", 0).leader == 2);
}

TEST_CASE("records are deleted up to an offset on every replica") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  for (std::int32_t i = 0; i < 4; ++i) world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), i));
  DeleteRecordsRequest request;
  request.timeout_ms = 10'000;
  request.topics.resize(1);
  request.topics[0].name = "orders";
  request.topics[0].partitions.push_back({0, 3});
  const auto answer = world.call(broker_node(1), request, 2);
  REQUIRE(answer);
  CHECK(answer->topics[0].partitions[0].error_code == 0);
  CHECK(answer->topics[0].partitions[0].low_watermark == 3);
  for (std::int32_t b = 1; b <= 3; ++b) CHECK(world.broker(b).partition("orders", 0)->log.log_start() == 3);
  // The producer is still known: its next sequence is taken, an old one is not.
  CHECK(world.produce(broker_node(1), orders, ToyCluster::batch(1, producer(), 4)).base_offset == 4);
}

TEST_CASE("an old connection's requests are still served after the client closed it: the one in hand and the next") {
  ToyCluster world{small_cluster()};
  const TopicIdPartition orders = world.id("orders", 0);
  world.run_for(Duration::ms(20));
  for (std::int32_t i = 0; i < 5; ++i)
    world.send_produce(broker_node(1), orders, ToyCluster::batch(1, producer(), i), 1);
  world.close_client(broker_node(1));
  world.run_for(Duration::ms(50));
  const std::int64_t end = world.broker(1).partition("orders", 0)->log.log_end();
  CHECK(end >= 2);
  CHECK(end <= 5);
}

TEST_CASE("unsupported versions: ApiVersions is answered in version 0, anything else closes the connection") {
  ToyCluster world{small_cluster()};
  Bytes frame;
  Writer writer{frame};
  writer.write(std::int32_t{0});
  writer.write(std::int16_t{18});
  writer.write(std::int16_t{99});
  writer.write(std::int32_t{5});
  writer.write(std::int16_t{-1});
  writer.write_uvarint(0);
  writer.patch(0, static_cast<std::int32_t>(frame.size() - 4));
  world.send_frame(broker_node(1), sim::Bytes::copy_of(frame));
  world.run_for(Duration::ms(10));
  REQUIRE(world.answers().size() == 1);
  CHECK(world.answers()[0].what.version == 0);
  const auto decoded = decode_response<ApiVersionsResponse>(world.answers()[0].frame.span().subspan(4), 0);
  REQUIRE(decoded);
  CHECK(decoded.message.error_code == code(ErrorCode::unsupported_version));
  wire::store(frame.data() + 4, std::int16_t{0});
  world.send_frame(broker_node(1), sim::Bytes::copy_of(frame));
  world.run_for(Duration::ms(10));
  CHECK(world.count(Kind::malformed) == 1);
  CHECK(world.answers().size() == 1);
}

TEST_CASE("a cold start: brokers that had stopped in good order register, and the partition gets its leader") {
  ClusterLayout layout = small_cluster();
  layout.cold_start = true;
  ToyCluster world{layout};
  world.run_for(Duration::s(10));
  for (std::int32_t b = 1; b <= 3; ++b) CHECK(world.broker(b).life() == BrokerLife::running);
  const std::int32_t leader = world.registration("orders", 0).leader;
  REQUIRE(leader != no_leader);
  CHECK(world.produce(broker_node(leader), world.id("orders", 0), ToyCluster::batch(1, producer(), 0)).error_code == 0);
  CHECK(world.registration("orders", 0).isr.size() == 3);
}

TEST_CASE("a copy taken in the middle goes on exactly as the original") {
  ClusterLayout layout = small_cluster();
  ToyCluster world{layout, 77};
  const TopicIdPartition orders = world.id("orders", 0);
  for (std::int32_t i = 0; i < 5; ++i) world.send_produce(broker_node(1), orders, ToyCluster::batch(1, producer(), i));
  world.run_for(Duration::us(2300));
  ToyCluster copy = world;
  const auto go_on = [&](ToyCluster& w) {
    w.run_for(Duration::ms(30));
    w.crash(1, CrashKind::process);
    w.run_for(Duration::s(14));
    w.restart(1);
    w.run_for(Duration::s(14));
    return w.fingerprint();
  };
  const std::uint64_t original = go_on(world);
  CHECK(go_on(copy) == original);
  CHECK(copy.frames() == world.frames());
}
