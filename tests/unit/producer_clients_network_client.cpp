#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "producer/clients/network_client.h"
#include "producer/failure.h"
#include "protocol/messages/all.h"
#include "support/network_stage.h"

using namespace linger;
using test::ClusterAnswer;
using test::CountedEntropy;
using Stage = test::NetworkStage;
using test::Got;
using test::quick_config;

TEST_CASE("a node becomes ready by connect, ApiVersions and its answer") {
  Stage stage;
  CHECK_FALSE(stage.client.ready(stage.node(), stage.now, stage.entropy));
  CHECK(stage.client.connection_states().is_connecting(NodeId{0}));
  stage.run_network();
  REQUIRE(stage.connects.size() == 1);
  CHECK(stage.connects[0].host == "host0");
  CHECK(stage.connects[0].port == 9092);
  stage.poll();
  stage.run_network();
  const Got request = stage.next_request();
  CHECK(request.header.request_api_version == 4);
  CHECK(request.header.client_id == "p");
  const auto body = decode_request<ApiVersionsRequest>(request.body);
  CHECK(body.message.client_software_name == "apache-kafka-java");
  CHECK_FALSE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
  stage.answer(0, Stage::all_versions(), 4, request.header.correlation_id);
  CHECK(stage.poll().empty());
  CHECK(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
  CHECK_FALSE(stage.client.has_in_flight_requests());
}

TEST_CASE("a broker that does not speak our ApiVersions is asked again in its own version, or in 0") {
  const bool tells = GENERATE(true, false);
  Stage stage;
  stage.client.ready(stage.node(), stage.now, stage.entropy);
  stage.run_network();
  stage.poll();
  stage.run_network();
  ApiVersionsResponse refusal;
  refusal.error_code = wire_code(ErrorCode::unsupported_version);
  if (tells) refusal.api_keys.push_back({wire_code(ApiKey::api_versions), 0, 2});
  stage.answer(0, refusal, 0, stage.next_request().header.correlation_id);
  stage.poll();
  stage.run_network();
  const Got again = stage.next_request();
  const std::int16_t version = tells ? 2 : 0;
  CHECK(again.header.request_api_version == version);
  stage.answer(0, Stage::all_versions(), version, again.header.correlation_id);
  stage.poll();
  CHECK(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
}

TEST_CASE("any other ApiVersions error ends the connection") {
  Stage stage;
  stage.client.ready(stage.node(), stage.now, stage.entropy);
  stage.run_network();
  stage.poll();
  stage.run_network();
  ApiVersionsResponse refusal;
  refusal.error_code = wire_code(ErrorCode::invalid_request);
  stage.answer(0, refusal, 4, stage.next_request().header.correlation_id);
  stage.poll();
  stage.run_network();
  CHECK(stage.client.connection_failed(stage.node()));
  CHECK(stage.closed.size() == 1);
  CHECK(stage.client.metadata().update_requested());
}

TEST_CASE("requests are answered in their order, one answer for each poll") {
  Stage stage;
  stage.make_ready();
  std::vector<CorrelationId> sent;
  for (std::uint64_t token = 1; token <= 5; ++token) {
    REQUIRE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
    sent.push_back(stage.send_produce(0, 1, token));
    CHECK_FALSE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));  // not written yet
    stage.run_network();
    CHECK(stage.client.something_is_ready());
    stage.poll();
  }
  CHECK_FALSE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));  // max.in.flight
  CHECK(stage.client.in_flight_request_count(NodeId{0}) == 5);
  stage.answer_produce(sent[0]);
  stage.answer_produce(sent[1]);
  const auto one = stage.poll();
  REQUIRE(one.size() == 1);
  CHECK(one[0].token == 1);
  CHECK(one[0].api_version == 13);
  CHECK(std::holds_alternative<ProduceResponse>(one[0].body));
  CHECK(stage.client.something_is_ready());
  CHECK(stage.poll().at(0).token == 2);
  CHECK_FALSE(stage.client.something_is_ready());
  CHECK(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
}

TEST_CASE("an answer in pieces is put together") {
  Stage stage;
  stage.make_ready();
  const CorrelationId correlation = stage.send_produce();
  stage.run_network();
  stage.poll();
  Bytes frame;
  REQUIRE_FALSE(encode_response(frame, ProduceResponse{}, 13, correlation));
  for (std::size_t i = 0; i < frame.size(); ++i) {
    CHECK(stage.poll().empty());
    stage.client.on_received(stage.connection(), BytesView(frame).subspan(i, 1));
  }
  CHECK(stage.poll().size() == 1);
}

TEST_CASE("an answer to something else ends the connection and its requests") {
  Stage stage;
  stage.make_ready();
  stage.send_produce(0, 1, 7);
  stage.run_network();
  stage.poll();
  stage.answer_produce(CorrelationId{4711});
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].disconnected);
  CHECK(stage.client.connection_failed(stage.node()));
}

TEST_CASE("acks=0 is complete as soon as its last byte is taken") {
  Stage stage;
  stage.make_ready();
  stage.send_produce(0, 0, 9);
  CHECK(stage.poll().empty());
  stage.run_network();
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].token == 9);
  CHECK_FALSE(responses[0].disconnected);
  CHECK(std::holds_alternative<std::monostate>(responses[0].body));
  CHECK_FALSE(stage.client.has_in_flight_requests());
}

TEST_CASE("records leave their slot only as the connection takes them") {
  Stage stage;
  stage.make_ready();
  stage.slots.slots[3] = {1, 2, 3, 4, 5, 6, 7, 8};
  stage.slots.slots[4] = {9, 9};
  const Uuid id{1, 2};
  stage.send_produce(0, -1, 0, {{{"t", 0}, id, {3, 0, 8}}, {{"u", 1}, Uuid{}, {4, 0, 2}}, {{"t", 5}, id, {4, 0, 2}}});
  const ClientConnectionId connection = stage.connection();
  Bytes wire;
  const std::size_t until_middle_of_slot = [&] {
    Stage twin = stage;
    Bytes all;
    twin.client.pull(connection, 1000, twin.slots, all);
    const std::byte five{5};
    return static_cast<std::size_t>(std::find(all.begin(), all.end(), five) - all.begin());
  }();
  stage.client.pull(connection, until_middle_of_slot, stage.slots, wire);
  CHECK_FALSE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
  stage.slots.slots[3] = {21, 22, 23, 24, 25, 26, 27, 28};
  while (stage.client.pull(connection, 7, stage.slots, wire) > 0) {
  }
  const auto request = decode_request<ProduceRequest>(BytesView(wire).subspan(4));
  REQUIRE(request);
  CHECK(static_cast<std::size_t>(*peek_frame_size(wire)) + 4 == wire.size());
  REQUIRE(request.message.topic_data.size() == 2);
  CHECK(request.message.topic_data[0].topic_id == id);
  REQUIRE(request.message.topic_data[0].partition_data.size() == 2);
  CHECK(request.message.topic_data[0].partition_data[1].index == 5);
  const BytesView records = request.message.topic_data[0].partition_data[0].records.bytes();
  const std::vector<std::uint8_t> mixed{1, 2, 3, 4, 25, 26, 27, 28};
  REQUIRE(records.size() == 8);
  CHECK(std::equal(records.begin(), records.end(), std::as_bytes(std::span(mixed)).begin()));
  // The next request may follow once the client has seen that this one is out.
  CHECK_FALSE(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
  stage.poll();
  CHECK(stage.client.is_ready(stage.node(), stage.now, stage.entropy));
}

TEST_CASE("a request beyond its timeout disconnects the node and fails all its requests") {
  Stage stage;
  stage.make_ready();
  for (std::uint64_t token = 1; token <= 3; ++token) {
    stage.send_produce(0, 1, token);
    stage.run_network();
    stage.poll();
    stage.sleep(10);
  }
  stage.sleep(970);
  CHECK(stage.poll().empty());  // exactly 1000 ms is not yet too long
  stage.sleep(1);
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(responses[i].token == i + 1);
    CHECK(responses[i].disconnected);
    CHECK(responses[i].timed_out);
  }
  stage.run_network();
  CHECK(stage.closed.size() == 1);
  CHECK(stage.client.metadata().update_requested());
  CHECK(stage.client.api_versions().get(NodeId{0}) == nullptr);
  CHECK_FALSE(stage.client.ready(stage.node(), stage.now, stage.entropy));
  CHECK(stage.client.connection_failed(stage.node()));
}

TEST_CASE("the wait of a poll ends just after the request timeout") {
  Stage stage;
  stage.make_ready();
  stage.send_produce();
  stage.run_network();
  stage.poll();
  CHECK(stage.client.begin_poll(stage.now, stage.entropy) == 1001);
}

TEST_CASE("the wait for a metadata answer ends just after the request timeout") {
  Stage stage;
  stage.make_ready();
  stage.client.metadata().request_update(true);
  stage.sleep(100);
  CHECK(stage.client.begin_select(stage.now, stage.entropy) == 1000);
  CHECK(stage.client.begin_poll(stage.now, stage.entropy) == 1001);
}

TEST_CASE("what a closing peer sent is read before the end is noticed, unless there is something to write") {
  const CloseKind kind = GENERATE(CloseKind::fin, CloseKind::reset);
  const bool writing = GENERATE(false, true);
  Stage stage;
  stage.make_ready();
  std::vector<CorrelationId> sent;
  for (std::uint64_t token = 1; token <= 3; ++token) {
    sent.push_back(stage.send_produce(0, 1, token));
    stage.run_network();
    stage.poll();
  }
  stage.answer_produce(sent[0]);
  stage.answer_produce(sent[1]);
  stage.client.on_closed(stage.connection(), kind);
  if (writing) stage.send_produce(0, 1, 4);
  std::vector<bool> ends;
  while (stage.client.something_is_ready()) {
    for (const ClientResponse& response : stage.poll()) ends.push_back(response.disconnected);
  }
  if (kind == CloseKind::reset && writing) {
    CHECK(ends == std::vector<bool>{false, true, true, true});
  } else if (writing) {
    CHECK(ends == std::vector<bool>{false, false, true, true});
  } else {
    CHECK(ends == std::vector<bool>{false, false, true});
  }
}

TEST_CASE("a throttled connection is left alone and its requests get the time back") {
  Stage stage;
  stage.make_ready();
  const CorrelationId first = stage.send_produce();
  stage.run_network();
  stage.poll();
  stage.send_produce();
  stage.run_network();
  stage.poll();
  stage.answer_produce(first, 100);
  stage.poll();
  CHECK_FALSE(stage.client.ready(stage.node(), stage.now, stage.entropy));
  CHECK(stage.client.poll_delay_ms(stage.node(), stage.now) == 100);
  stage.sleep(50);
  CHECK_FALSE(stage.client.ready(stage.node(), stage.now, stage.entropy));
  stage.sleep(50);
  CHECK(stage.client.ready(stage.node(), stage.now, stage.entropy));
  stage.sleep(1000);
  CHECK(stage.poll().empty());
  stage.sleep(1);
  CHECK(stage.poll().size() == 1);
}

TEST_CASE("answers of old versions do not throttle the client") {
  Stage stage;
  stage.make_ready();
  ProduceRequestBuilder builder;
  builder.latest_allowed_version = 5;
  ClientRequest request = stage.client.new_client_request(NodeId{0}, builder, stage.now, true, 1000, 0);
  const CorrelationId correlation = request.correlation_id;
  stage.client.send(std::move(request), stage.now);
  stage.run_network();
  stage.poll();
  ProduceResponse response;
  response.throttle_time_ms = 100;
  stage.answer(0, response, 5, correlation.value());
  CHECK(stage.poll().at(0).api_version == 5);
  CHECK(stage.client.ready(stage.node(), stage.now, stage.entropy));
}

TEST_CASE("a connect that takes too long is given up, and the next one may take longer") {
  Stage stage(quick_config(), 2);
  stage.blocked = {"host0", "host1"};
  stage.client.ready(stage.node(0), stage.now, stage.entropy);
  stage.client.ready(stage.node(1), stage.now, stage.entropy);
  stage.run_network();
  stage.poll();
  const std::int64_t timeout = stage.client.connection_states().connection_setup_timeout_ms(NodeId{0});
  CHECK(timeout >= 4000);
  CHECK(timeout <= 6000);
  CHECK(stage.client.connection_delay(stage.node(0), stage.now) == timeout);
  stage.sleep(6001);
  stage.poll();
  CHECK(stage.client.connection_failed(stage.node(0)));
  CHECK(stage.client.connection_failed(stage.node(1)));
  stage.run_network();
  CHECK(stage.closed.size() == 2);
  CHECK(stage.client.connection_states().connection_setup_timeout_ms(NodeId{0}) >= 8000);
}

TEST_CASE("a refused connect backs off, longer each time, and a ready connection forgets it") {
  Stage stage;
  stage.blocked = {"host0"};
  std::int64_t last = 0;
  for (int attempt = 0; attempt < 4; ++attempt) {
    stage.client.ready(stage.node(), stage.now, stage.entropy);
    stage.run_network();
    stage.client.on_connect_failed(stage.connection());
    stage.poll();
    CHECK(stage.client.connection_failed(stage.node()));
    const std::int64_t delay = stage.client.connection_delay(stage.node(), stage.now);
    CHECK(delay > last);
    last = delay;
    CHECK_FALSE(stage.client.ready(stage.node(), stage.now + delay - 1, stage.entropy));
    CHECK(stage.client.connection_failed(stage.node()));
    stage.sleep(delay);
  }
  CHECK(last >= 320);
  CHECK(stage.closed.empty());
  stage.blocked.clear();
  ClusterAnswer answer;
  stage.client.metadata().update_with_current_request_version(answer.build(), 13, false, stage.now, stage.entropy);
  stage.make_ready();
  stage.client.on_closed(stage.connection(), CloseKind::fin);
  stage.poll();
  CHECK(stage.client.connection_delay(stage.node(), stage.now) <= 60);
}

TEST_CASE("a name that does not resolve is a failed connect with backoff") {
  Stage stage;
  HostResolution nobody;
  nobody.set("host0", {});
  stage.client.set_host_resolution(nobody);
  CHECK_FALSE(stage.client.ready(stage.node(), stage.now, stage.entropy));
  CHECK(stage.client.connection_failed(stage.node()));
  CHECK(stage.client.take_connects().empty());
  CHECK(stage.client.metadata().update_requested());
  CHECK(stage.client.connection_delay(stage.node(), stage.now) > 0);
}

TEST_CASE("a request in a version that the broker lacks comes back without being sent") {
  Stage stage;
  stage.client.ready(stage.node(), stage.now, stage.entropy);
  stage.run_network();
  stage.poll();
  stage.run_network();
  ApiVersionsResponse old;
  old.api_keys.push_back({wire_code(ApiKey::produce), 0, 2});
  stage.answer(0, old, 4, stage.next_request().header.correlation_id);
  stage.poll();
  stage.send_produce(0, 1, 5);
  CHECK_FALSE(stage.client.has_in_flight_requests());
  CHECK(stage.client.begin_poll(stage.now, stage.entropy) == 0);
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].token == 5);
  CHECK(responses[0].version_mismatch ==
        "The node does not support PRODUCE with version in range [3,13]. The supported range is [0,2].");
}

TEST_CASE("the least loaded node: idle before busy, busy before connecting, connecting before the longest untried") {
  Stage stage(quick_config(), 4);
  const auto least = [&] { return stage.client.least_loaded_node(stage.now, stage.entropy); };
  std::set<int> picked;
  for (int i = 0; i < 100; ++i) picked.insert(least().node->id.value());
  CHECK(picked == std::set<int>{0, 1, 2, 3});

  stage.blocked = {"host2"};
  stage.client.ready(stage.node(2), stage.now, stage.entropy);
  stage.run_network();
  for (int i = 0; i < 20; ++i) CHECK(least().node->id == NodeId{2});

  stage.make_ready(1);
  stage.make_ready(3);
  stage.send_produce(1);
  stage.run_network();
  for (int i = 0; i < 20; ++i) CHECK(least().node->id == NodeId{3});
  stage.send_produce(3);
  stage.run_network();
  stage.poll();
  stage.send_produce(3);
  stage.run_network();
  for (int i = 0; i < 20; ++i) CHECK(least().node->id == NodeId{1});
  CHECK(least().has_node_available_or_connection_ready);
}

TEST_CASE("disconnected nodes are tried in turn, the longest untried first") {
  NetworkClientConfig config = quick_config();
  config.reconnect_backoff_ms = 0;
  config.reconnect_backoff_max_ms = 0;
  Stage stage(config, 3);
  for (int round = 0; round < 10; ++round) {
    std::set<int> round_nodes;
    for (int i = 0; i < 3; ++i) {
      const Node node = *stage.client.least_loaded_node(stage.now, stage.entropy).node;
      round_nodes.insert(node.id.value());
      stage.client.ready(node, stage.now, stage.entropy);
      stage.client.disconnect(node.id, stage.now, stage.entropy);
      stage.sleep(10);
    }
    CHECK(round_nodes.size() == 3);
  }
}

TEST_CASE("a node in backoff is no choice, and a full connection still counts as one") {
  NetworkClientConfig config = quick_config();
  config.max_in_flight_requests_per_connection = 1;
  Stage stage(config);
  stage.make_ready();
  stage.send_produce();
  stage.run_network();
  stage.poll();
  LeastLoadedNode least = stage.client.least_loaded_node(stage.now, stage.entropy);
  CHECK_FALSE(least.node.has_value());
  CHECK(least.has_node_available_or_connection_ready);
  stage.client.on_closed(stage.connection(), CloseKind::fin);
  stage.poll();
  least = stage.client.least_loaded_node(stage.now, stage.entropy);
  CHECK_FALSE(least.node.has_value());
  CHECK_FALSE(least.has_node_available_or_connection_ready);
}

TEST_CASE("metadata is fetched from bootstrap on and nothing else is sent while an update is due") {
  Stage stage(quick_config(), 1, false);
  CHECK(stage.client.begin_poll(stage.now, stage.entropy) == 50);
  stage.run_network();
  stage.poll();
  stage.run_network();
  const Got versions = stage.next_request(-1);
  stage.answer(-1, Stage::all_versions(), 4, versions.header.correlation_id);
  stage.poll();
  CHECK_FALSE(stage.client.is_ready(*stage.client.metadata().fetch().node_by_id(NodeId{-1}), stage.now, stage.entropy));
  stage.client.metadata().add("t", stage.now);
  stage.poll();
  stage.run_network();
  const Got metadata = stage.next_request(-1);
  CHECK(metadata.header.request_api_version == 13);
  const auto request = decode_request<MetadataRequest>(metadata.body);
  REQUIRE(request.message.topics->size() == 1);
  CHECK(request.message.topics->at(0).name == "t");
  CHECK(request.message.allow_auto_topic_creation);
  ClusterAnswer answer;
  answer.node_count = 2;
  answer.partitions["t"] = 2;
  stage.answer(-1, answer.build(), 13, metadata.header.correlation_id);
  CHECK(stage.poll().empty());
  CHECK(stage.client.metadata().fetch().nodes().size() == 2);
  CHECK_FALSE(stage.client.metadata().update_requested());
  CHECK(stage.client.metadata().fetch().partition_count_for_topic("t") == 2U);
}

TEST_CASE("a metadata answer without brokers is a failed attempt") {
  Stage stage(quick_config(), 1, false);
  stage.poll();
  stage.run_network();
  stage.poll();
  stage.run_network();
  stage.answer(-1, Stage::all_versions(), 4, stage.next_request(-1).header.correlation_id);
  stage.poll();
  stage.poll();
  stage.run_network();
  stage.answer(-1, MetadataResponse{}, 13, stage.next_request(-1).header.correlation_id);
  const int version = stage.client.metadata().update_version();
  stage.poll();
  CHECK(stage.client.metadata().update_version() == version);
  CHECK(stage.client.metadata().update_requested());
  CHECK(stage.client.metadata().time_to_next_update(stage.now, stage.entropy) > 0);
}

TEST_CASE("a client without any usable node goes back to its bootstrap servers at once") {
  const auto strategy = GENERATE(MetadataRecovery::rebootstrap, MetadataRecovery::none);
  NetworkClientConfig config = quick_config();
  config.metadata_recovery_strategy = strategy;
  Stage stage(config);
  stage.client.ready(stage.node(), stage.now, stage.entropy);
  stage.run_network();
  stage.client.on_connect_failed(stage.connection());
  stage.poll();
  stage.client.metadata().request_update_for_new_topics();
  stage.poll();
  const bool bootstrapped = stage.client.metadata().fetch().node_by_id(NodeId{-1}) != nullptr;
  CHECK(bootstrapped == (strategy == MetadataRecovery::rebootstrap));
}

TEST_CASE("a client whose metadata does not come for too long drops everything and starts over") {
  NetworkClientConfig config = quick_config();
  config.metadata_recovery_rebootstrap_trigger_ms = 1000;
  config.request_timeout_ms = 5000;
  Stage stage(config, 2);
  stage.make_ready(0);
  stage.make_ready(1);
  ClientRequest request = stage.client.new_client_request(NodeId{0}, ProduceRequestBuilder{}, stage.now, true, 5000, 3);
  stage.client.send(std::move(request), stage.now);
  stage.run_network();
  CHECK(stage.poll().empty());
  stage.client.metadata().request_update(true);
  stage.sleep(60);
  CHECK(stage.poll().empty());
  stage.run_network();
  CHECK(stage.client.in_flight_request_count() == 2);
  stage.sleep(1000);
  CHECK(stage.poll().empty());
  stage.sleep(1);
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].token == 3);
  CHECK(responses[0].disconnected);
  CHECK_FALSE(responses[0].timed_out);
  CHECK(stage.client.in_flight_request_count() == 0);
  CHECK(stage.client.metadata().fetch().node_by_id(NodeId{-1}) != nullptr);
  stage.run_network();
  CHECK(stage.closed.size() == 2);
}

TEST_CASE("a broker may ask the client to start over") {
  Stage stage;
  stage.make_ready();
  stage.client.metadata().request_update(true);
  stage.sleep(60);
  stage.poll();
  stage.run_network();
  MetadataResponse answer;
  answer.error_code = wire_code(ErrorCode::rebootstrap_required);
  stage.answer(0, answer, 13, stage.next_request().header.correlation_id);
  stage.poll();
  CHECK(stage.client.metadata().fetch().node_by_id(NodeId{-1}) != nullptr);
  CHECK_FALSE(stage.client.connection_of(NodeId{0}).has_value());
}

TEST_CASE("a connection that is idle for connections.max.idle.ms is closed by the client") {
  NetworkClientConfig config = quick_config();
  config.connections_max_idle_ms = 10'000;
  Stage stage(config, 2);
  stage.make_ready(0);
  stage.sleep(5000);
  stage.make_ready(1);
  stage.sleep(5000);
  stage.poll();
  CHECK(stage.client.connection_count() == 2);
  stage.sleep(1);
  stage.poll();
  CHECK(stage.client.connection_count() == 1);
  CHECK(stage.client.connection_failed(stage.node(0)));
  CHECK_FALSE(stage.client.connection_failed(stage.node(1)));
}

TEST_CASE("disconnect ends requests at the next poll, close forgets them") {
  Stage stage;
  stage.make_ready();
  stage.send_produce(0, 1, 8);
  stage.client.disconnect(NodeId{0}, stage.now, stage.entropy);
  CHECK(stage.client.connection_failed(stage.node()));
  const auto responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].disconnected);

  stage.sleep(100);
  ClusterAnswer answer;
  stage.client.metadata().update_with_current_request_version(answer.build(), 13, false, stage.now, stage.entropy);
  stage.make_ready();
  stage.send_produce();
  stage.client.close(NodeId{0}, stage.now);
  CHECK_FALSE(stage.client.connection_failed(stage.node()));
  CHECK(stage.poll().empty());
  CHECK_FALSE(stage.client.has_in_flight_requests());
}

TEST_CASE("sending to a node that is not ready, or by a closed client, is refused as Java refuses it") {
  Stage stage;
  CHECK_THROWS_AS(stage.send_produce(), JavaThrow);
  stage.make_ready();
  stage.client.initiate_close();
  CHECK_FALSE(stage.client.active());
  CHECK_THROWS_AS(stage.poll(), JavaThrow);
  stage.client.close(stage.now);
  CHECK(stage.client.take_closes().size() == 1);
  CHECK(stage.client.metadata().is_closed());
}

TEST_CASE("reports about a connection that the client gave up are ignored") {
  Stage stage;
  stage.client.ready(stage.node(), stage.now, stage.entropy);
  const auto connects = stage.client.take_connects();
  stage.client.close(NodeId{0}, stage.now);
  CHECK(stage.client.take_closes().size() == 1);
  stage.client.on_connected(connects[0].connection);
  stage.client.on_received(connects[0].connection, Bytes(10));
  stage.client.on_closed(connects[0].connection, CloseKind::fin);
  CHECK_FALSE(stage.client.something_is_ready());
  CHECK(stage.poll().empty());
}

TEST_CASE("a copied client goes its own way") {
  Stage stage;
  stage.make_ready();
  const CorrelationId correlation = stage.send_produce(0, 1, 1);
  stage.run_network();
  stage.poll();
  Stage copy = stage;
  copy.answer_produce(correlation);
  CHECK(copy.poll().size() == 1);
  CHECK(stage.client.in_flight_request_count() == 1);
  CHECK(stage.poll().empty());
}
