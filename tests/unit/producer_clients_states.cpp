#include <catch2/catch.hpp>
#include <set>

#include "producer/clients/cluster_connection_states.h"
#include "producer/clients/in_flight_requests.h"
#include "producer/clients/node_api_versions.h"
#include "producer/failure.h"
#include "support/client_stage.h"

using namespace linger;
using test::ConstantEntropy;
using test::CountedEntropy;

namespace {

const NodeId n1{1001};
const NodeId n2{2002};

struct States {
  CountedEntropy entropy;
  std::int64_t now = 10'000;
  ClusterConnectionStates states{10'000, 60'000, 10'000, 127'000};
};

}  // namespace

TEST_CASE("the state of a connection from first try to disconnect") {
  States s;
  CHECK(s.states.can_connect(n1, s.now));
  CHECK(s.states.connection_delay(n1, s.now) == 0);
  CHECK_FALSE(s.states.is_blacked_out(n1, s.now));
  s.states.connecting(n1, s.now, "host", s.entropy);
  CHECK(s.states.is_connecting(n1));
  CHECK(s.states.is_preparing_connection(n1));
  CHECK_FALSE(s.states.can_connect(n1, s.now));
  CHECK(s.states.connection_delay(n1, s.now) == s.states.connection_setup_timeout_ms(n1));

  s.now += 100;
  s.states.checking_api_versions(n1, s.entropy);
  CHECK(s.states.is_connected(n1));
  CHECK(s.states.is_preparing_connection(n1));
  CHECK(s.states.connection_delay(n1, s.now) == forever_ms);
  CHECK(s.states.connecting_nodes().empty());
  s.states.ready(n1, s.entropy);
  CHECK(s.states.is_ready(n1, s.now));
  CHECK(s.states.has_ready_nodes(s.now));
  CHECK_FALSE(s.states.is_preparing_connection(n1));

  s.states.disconnected(n1, s.now, s.entropy);
  CHECK(s.states.is_disconnected(n1));
  CHECK(s.states.is_blacked_out(n1, s.now));
  CHECK_FALSE(s.states.can_connect(n1, s.now));
  CHECK_FALSE(s.states.has_ready_nodes(s.now));
  s.now += 12'000;
  CHECK(s.states.can_connect(n1, s.now));
  CHECK_FALSE(s.states.is_blacked_out(n1, s.now));
  CHECK(s.states.last_connect_attempt_ms(n2) == 0);
  s.states.remove(n1);
  CHECK(s.states.can_connect(n1, s.now));
  CHECK_FALSE(s.states.is_disconnected(n1));
}

TEST_CASE(
    "the reconnect backoff doubles with a fifth of jitter, stops at its maximum, and is drawn at the disconnect") {
  States s;
  const std::int64_t expected[] = {10'000, 20'000, 40'000, 60'000, 60'000};
  for (const std::int64_t backoff : expected) {
    s.states.connecting(n1, s.now, "host", s.entropy);
    s.states.disconnected(n1, s.now, s.entropy);
    const std::int64_t delay = s.states.connection_delay(n1, s.now);
    CHECK(delay >= backoff * 8 / 10);
    CHECK(delay <= std::min<std::int64_t>(backoff * 12 / 10, 60'000));
    const auto draws = s.entropy.draws(DrawUse::reconnect_backoff);
    CHECK(s.states.connection_delay(n1, s.now + 7) == delay - 7);
    CHECK(s.entropy.draws(DrawUse::reconnect_backoff) == draws);
    s.now += delay;
    CHECK(s.states.can_connect(n1, s.now));
  }
  s.states.connecting(n1, s.now, "host", s.entropy);
  s.states.checking_api_versions(n1, s.entropy);
  s.states.ready(n1, s.entropy);
  s.states.disconnected(n1, s.now, s.entropy);
  CHECK(s.states.connection_delay(n1, s.now) <= 12'000);
}

TEST_CASE("the setup timeout doubles with each failed connect and starts anew once connected") {
  States s;
  const std::int64_t expected[] = {10'000, 20'000, 40'000, 80'000, 127'000, 127'000};
  for (const std::int64_t timeout : expected) {
    s.states.connecting(n1, s.now, "host", s.entropy);
    CHECK(s.states.connection_setup_timeout_ms(n1) >= timeout * 8 / 10);
    CHECK(s.states.connection_setup_timeout_ms(n1) <= std::min<std::int64_t>(timeout * 12 / 10, 127'000));
    s.states.disconnected(n1, s.now, s.entropy);
  }
  s.states.connecting(n1, s.now, "host", s.entropy);
  s.states.checking_api_versions(n1, s.entropy);
  CHECK(s.states.connection_setup_timeout_ms(n1) <= 12'000);
}

TEST_CASE("nodes whose connect takes longer than their timeout are named, in the order of a hash set of their names") {
  ClusterConnectionStates states(10'000, 60'000, 10'000, 127'000);
  ConstantEntropy entropy(0);  // the shortest timeouts: 8000 ms
  states.connecting(n2, 1000, "b", entropy);
  states.connecting(n1, 2000, "a", entropy);
  CHECK(states.nodes_with_connection_setup_timeout(9000).empty());
  CHECK(states.nodes_with_connection_setup_timeout(9001) == std::vector<NodeId>{n2});
  CHECK(states.nodes_with_connection_setup_timeout(10'001) == std::vector<NodeId>{n2, n1});
  states.checking_api_versions(n1, entropy);
  CHECK(states.nodes_with_connection_setup_timeout(10'001) == std::vector<NodeId>{n2});
}

TEST_CASE("a node that was connected last comes last among those of its bucket, and 11 comes before 9") {
  ClusterConnectionStates states(10'000, 60'000, 10'000, 127'000);
  ConstantEntropy entropy(0);
  for (const int id : {9, 4, -1, 11}) states.connecting(NodeId{id}, 1000, "a", entropy);
  CHECK(states.connecting_nodes() == std::vector<NodeId>{NodeId{11}, NodeId{4}, NodeId{-1}, NodeId{9}});
}

TEST_CASE("a node whose requests are late and that began last comes first among those of its bucket") {
  InFlightRequests requests(5);
  for (const int id : {4, 9, -1}) {
    InFlightRequest request;
    request.destination = NodeId{id};
    requests.add(request);
  }
  CHECK(requests.nodes_with_timed_out_requests(1) == std::vector<NodeId>{NodeId{-1}, NodeId{4}, NodeId{9}});
}

TEST_CASE("what was never connected cannot be disconnected") {
  States s;
  CHECK_THROWS_AS(s.states.disconnected(n1, s.now, s.entropy), JavaThrow);
}

TEST_CASE("throttling keeps a ready node back and never gets shorter") {
  States s;
  s.states.connecting(n1, s.now, "host", s.entropy);
  s.states.ready(n1, s.entropy);
  s.states.throttle(n1, s.now + 100);
  CHECK_FALSE(s.states.is_ready(n1, s.now));
  CHECK(s.states.poll_delay_ms(n1, s.now) == 100);
  s.states.throttle(n1, s.now + 50);
  CHECK(s.states.throttle_delay_ms(n1, s.now) == 100);
  CHECK(s.states.is_ready(n1, s.now + 100));
  CHECK(s.states.poll_delay_ms(n1, s.now + 100) == forever_ms);
  s.states.disconnected(n1, s.now, s.entropy);
  CHECK(s.states.poll_delay_ms(n1, s.now) == s.states.connection_delay(n1, s.now));
}

TEST_CASE("all addresses of a name are tried before it is resolved again, and none twice in a row") {
  States s;
  HostResolution names;
  names.set("host", {"a", "b", "c"});
  std::string tried;
  for (int i = 0; i < 3; ++i) {
    s.states.connecting(n1, s.now, "host", s.entropy);
    tried += *s.states.current_address(n1, names);
    CHECK(s.states.current_address(n1, names) == std::string(1, tried.back()));
    s.states.disconnected(n1, s.now, s.entropy);
  }
  CHECK(tried == "abc");
  names.set("host", {"c", "d", "x"});
  s.states.connecting(n1, s.now, "host", s.entropy);
  CHECK(s.states.current_address(n1, names) == "d");  // c failed just now
  s.states.checking_api_versions(n1, s.entropy);
  s.states.disconnected(n1, s.now, s.entropy);
  names.set("host", {"e"});
  s.states.connecting(n1, s.now, "host", s.entropy);
  CHECK(s.states.current_address(n1, names) == "e");  // resolved anew after a connection had stood
  s.states.connecting(n1, s.now, "other", s.entropy);
  CHECK(s.states.current_address(n1, names) == "other");
  names.set("gone", {});
  s.states.connecting(n1, s.now, "gone", s.entropy);
  CHECK_FALSE(s.states.current_address(n1, names).has_value());
}

TEST_CASE("requests in flight: oldest answered first, newest dropped when it wants no answer") {
  InFlightRequests requests(2);
  const auto add = [&](std::int32_t correlation, std::int64_t sent_ms, std::int64_t timeout_ms) {
    InFlightRequest request;
    request.destination = n1;
    request.correlation_id = CorrelationId{correlation};
    request.send_time_ms = sent_ms;
    request.request_timeout_ms = timeout_ms;
    requests.add(request);
  };
  CHECK(requests.can_send_more(n1));
  add(1, 0, 50);
  CHECK_FALSE(requests.can_send_more(n1));
  requests.last_sent(n1).send_completed = true;
  CHECK(requests.can_send_more(n1));
  add(2, 10, 30);
  requests.last_sent(n1).send_completed = true;
  CHECK_FALSE(requests.can_send_more(n1));
  CHECK(requests.count() == 2);

  CHECK(requests.nodes_with_timed_out_requests(40).empty());
  CHECK(requests.nodes_with_timed_out_requests(41) == std::vector<NodeId>{n1});
  requests.increment_throttle_time(n1, 10);
  CHECK(requests.nodes_with_timed_out_requests(50).empty());
  CHECK(requests.nodes_with_timed_out_requests(51) == std::vector<NodeId>{n1});

  add(3, 20, 100);
  CHECK(requests.complete_last_sent(n1).correlation_id == CorrelationId{3});
  CHECK(requests.complete_next(n1).correlation_id == CorrelationId{1});
  add(4, 20, 100);
  const auto cleared = requests.clear_all(n1);
  REQUIRE(cleared.size() == 2);
  CHECK(cleared[0].correlation_id == CorrelationId{2});
  CHECK(cleared[1].correlation_id == CorrelationId{4});
  CHECK(requests.is_empty());
  CHECK(requests.clear_all(n2).empty());
}

TEST_CASE("the newest version that both sides speak is chosen") {
  ApiVersionsResponse response;
  response.api_keys = {{wire_code(ApiKey::produce), 3, 9}, {337, 1, 2}};
  response.supported_features = {{"transaction.version", 0, 2}};
  response.finalized_features = {{"transaction.version", 2, 1}};
  response.finalized_features_epoch = 7;
  const NodeApiVersions node(response);
  CHECK(node.latest_usable_version(ApiKey::produce, 3, 13).version == 9);
  CHECK(node.latest_usable_version(ApiKey::produce, 3, 5).version == 5);
  CHECK(node.latest_usable_version(ApiKey::produce, 10, 13).mismatch ==
        "The node does not support PRODUCE with version in range [10,13]. The supported range is [3,9].");
  CHECK(node.latest_usable_version(ApiKey::produce, 0, 2).mismatch.has_value());
  CHECK(node.latest_usable_version(ApiKey::fetch, 0, 2).mismatch == "The node does not support FETCH");
  CHECK(node.unknown_apis().at(337) == VersionRange{1, 2});

  ApiVersions all;
  all.update(n1, node);
  CHECK(all.max_finalized_features_epoch() == 7);
  CHECK(all.finalized_features().at("transaction.version") == 2);
  response.finalized_features_epoch = 6;
  response.finalized_features = {{"transaction.version", 1, 1}};
  all.update(n2, NodeApiVersions(response));
  CHECK(all.finalized_features().at("transaction.version") == 2);
  all.remove(n1);
  CHECK(all.get(n1) == nullptr);
  CHECK(all.max_finalized_features_epoch() == 7);
}
