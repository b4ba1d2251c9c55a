#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "producer/clients/cluster_connection_states.h"
#include "support/client_stage.h"

using namespace linger;

namespace {

constexpr std::int64_t backoff_ms = 10'000;
constexpr std::int64_t backoff_max_ms = 60'000;
constexpr std::int64_t setup_timeout_ms = 10'000;
constexpr std::int64_t setup_timeout_max_ms = 127'000;
constexpr double jitter = 0.2;
const NodeId node1{1001};
const NodeId node2{2002};
const NodeId node3{3003};
const std::string host_of_three = "multiple.ip.address";

bool within_jitter(std::int64_t value, double expected) {
  return std::abs(static_cast<double>(value) - expected) <= expected * jitter;
}

/// The surroundings of the Java test: a clock that moves when told to, and names with one address or with three.
struct Connections {
  std::int64_t now_ms = 1'700'000'000'000;
  test::CountedEntropy entropy;
  HostResolution names;
  ClusterConnectionStates states{backoff_ms, backoff_max_ms, setup_timeout_ms, setup_timeout_max_ms};

  void connecting(NodeId node, const std::string& host = "localhost") {
    states.connecting(node, now_ms, host, entropy);
  }
  void ready(NodeId node) { states.ready(node, entropy); }
  void disconnected(NodeId node) { states.disconnected(node, now_ms, entropy); }
  bool can_connect(NodeId node) const { return states.can_connect(node, now_ms); }
  bool blacked_out(NodeId node) const { return states.is_blacked_out(node, now_ms); }
  bool some_node_is_ready() const { return states.has_ready_nodes(now_ms); }
  std::int64_t delay_ms(NodeId node) const { return states.connection_delay(node, now_ms); }
  std::string address(NodeId node) { return states.current_address(node, names).value(); }
  /// Whatever the name, these are its addresses.
  void resolve_to(const std::vector<std::string>& addresses) {
    names.set(host_of_three, addresses);
    names.set("localhost", addresses);
  }
  void resolve_to_first_three() { resolve_to({"10.200.20.100", "10.200.20.101", "10.200.20.102"}); }
  void resolve_to_other_three() { resolve_to({"10.200.20.103", "10.200.20.104", "10.200.20.105"}); }
};

void check_growing_backoff(Connections& c, bool versions_are_asked_for) {
  c.states.remove(node1);
  const double largest_exponent =
      std::log(static_cast<double>(backoff_max_ms) / static_cast<double>(backoff_ms)) / std::log(2.0);
  for (int attempt = 0; attempt < 10; ++attempt) {
    c.connecting(node1);
    if (versions_are_asked_for) c.states.checking_api_versions(node1, c.entropy);
    c.disconnected(node1);
    const double expected = std::round(std::pow(2.0, std::min<double>(attempt, largest_exponent)) * backoff_ms);
    CHECK(within_jitter(c.delay_ms(node1), expected));
    c.now_ms += c.delay_ms(node1) + 1;
  }
}

}  // namespace

TEST_CASE("ClusterConnectionStatesTest.testClusterConnectionStateChanges") {
  Connections c;
  CHECK(c.can_connect(node1));
  CHECK(c.delay_ms(node1) == 0);

  c.connecting(node1);
  CHECK(c.states.connection_state(node1) == ConnectionState::connecting);
  CHECK(c.states.is_connecting(node1));
  CHECK_FALSE(c.states.is_ready(node1, c.now_ms));
  CHECK_FALSE(c.blacked_out(node1));
  CHECK_FALSE(c.some_node_is_ready());
  CHECK(within_jitter(c.delay_ms(node1), setup_timeout_ms));

  c.now_ms += 100;
  c.ready(node1);
  CHECK(c.states.connection_state(node1) == ConnectionState::ready);
  CHECK(c.states.is_ready(node1, c.now_ms));
  CHECK(c.some_node_is_ready());
  CHECK_FALSE(c.states.is_connecting(node1));
  CHECK_FALSE(c.blacked_out(node1));
  CHECK(c.delay_ms(node1) == forever_ms);

  c.now_ms += 15'000;
  c.disconnected(node1);
  CHECK(c.states.connection_state(node1) == ConnectionState::disconnected);
  CHECK(c.states.is_disconnected(node1));
  CHECK(c.blacked_out(node1));
  CHECK_FALSE(c.states.is_connecting(node1));
  CHECK_FALSE(c.some_node_is_ready());
  CHECK_FALSE(c.can_connect(node1));

  const std::int64_t backoff = c.delay_ms(node1);
  CHECK(within_jitter(backoff, backoff_ms));
  c.now_ms += backoff + 1;
  CHECK(c.can_connect(node1));
}

TEST_CASE("ClusterConnectionStatesTest.testMultipleNodeConnectionStates") {
  Connections c;
  CHECK(c.can_connect(node1));
  CHECK(c.can_connect(node2));
  CHECK_FALSE(c.some_node_is_ready());

  c.connecting(node2);
  CHECK_FALSE(c.some_node_is_ready());
  c.now_ms += 1000;
  c.ready(node2);
  CHECK(c.some_node_is_ready());

  c.connecting(node1);
  CHECK(c.some_node_is_ready());
  c.now_ms += 1000;
  c.ready(node1);
  CHECK(c.some_node_is_ready());

  c.now_ms += 12'000;
  c.disconnected(node2);
  CHECK(c.some_node_is_ready());
  CHECK(c.blacked_out(node2));
  CHECK_FALSE(c.blacked_out(node1));
  c.now_ms += c.delay_ms(node2);
  c.states.disconnected(node1, c.now_ms + 1, c.entropy);
  CHECK(c.blacked_out(node1));
  CHECK_FALSE(c.blacked_out(node2));
  CHECK_FALSE(c.some_node_is_ready());
}

TEST_CASE("ClusterConnectionStatesTest.testRemoveNode") {
  Connections c;
  c.connecting(node1);
  c.now_ms += 1000;
  c.ready(node1);
  c.now_ms += 10'000;
  c.disconnected(node1);
  c.states.remove(node1);
  CHECK(c.can_connect(node1));
  CHECK_FALSE(c.blacked_out(node1));
  CHECK(c.delay_ms(node1) == 0);
}

TEST_CASE("ClusterConnectionStatesTest.testMaxReconnectBackoff") {
  Connections c;
  const auto longest_ms = static_cast<std::int64_t>(std::round(backoff_max_ms * (1 + jitter)));
  c.connecting(node1);
  c.now_ms += 1000;
  c.disconnected(node1);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::int64_t backoff = c.delay_ms(node1);
    CHECK(backoff <= longest_ms);
    CHECK_FALSE(c.can_connect(node1));
    c.now_ms += backoff + 1;
    CHECK(c.can_connect(node1));
    c.connecting(node1);
    c.now_ms += 10;
    c.disconnected(node1);
  }
}

TEST_CASE("ClusterConnectionStatesTest.testExponentialReconnectBackoff") {
  Connections c;
  check_growing_backoff(c, false);
  check_growing_backoff(c, true);
}

TEST_CASE("ClusterConnectionStatesTest.testThrottled") {
  Connections c;
  const auto throttle_delay_ms = [&] { return c.states.throttle_delay_ms(node1, c.now_ms); };
  const auto poll_delay_ms = [&] { return c.states.poll_delay_ms(node1, c.now_ms); };
  c.connecting(node1);
  c.now_ms += 1000;
  c.ready(node1);
  c.now_ms += 10'000;
  CHECK(throttle_delay_ms() == 0);

  c.states.throttle(node1, c.now_ms + 100);
  CHECK(throttle_delay_ms() == 100);
  c.now_ms += 50;
  CHECK(throttle_delay_ms() == 50);
  CHECK(poll_delay_ms() == 50);
  c.now_ms += 50;
  CHECK(throttle_delay_ms() == 0);
  CHECK(poll_delay_ms() == c.delay_ms(node1));
}

TEST_CASE("ClusterConnectionStatesTest.testSingleIP") {
  Connections c;
  c.names.set("localhost", {"127.0.0.1"});
  c.connecting(node1);
  const std::string address = c.address(node1);
  CHECK(address == "127.0.0.1");
  c.connecting(node1);
  CHECK(c.address(node1) == address);
}

TEST_CASE("ClusterConnectionStatesTest.testMultipleIPs") {
  Connections c;
  c.resolve_to_first_three();
  CHECK(c.names.resolve(host_of_three).size() > 1);
  std::vector<std::string> addresses;
  for (int attempt = 0; attempt < 3; ++attempt) {
    c.connecting(node1, host_of_three);
    addresses.push_back(c.address(node1));
  }
  CHECK(addresses[0] != addresses[1]);
  CHECK(addresses[0] != addresses[2]);
}

TEST_CASE("ClusterConnectionStatesTest.testHostResolveChange") {
  Connections c;
  c.resolve_to_first_three();
  CHECK(c.names.resolve(host_of_three).size() > 1);
  c.connecting(node1, host_of_three);
  const std::string before = c.address(node1);
  c.resolve_to_other_three();
  c.connecting(node1, "localhost");
  CHECK(c.address(node1) != before);
}

TEST_CASE("ClusterConnectionStatesTest.testNodeWithNewHostname") {
  Connections c;
  c.resolve_to_first_three();
  c.connecting(node1, "localhost");
  const std::string before = c.address(node1);
  c.resolve_to_other_three();
  c.connecting(node1, host_of_three);
  CHECK(c.address(node1) != before);
}

TEST_CASE("ClusterConnectionStatesTest.testIsPreparingConnection") {
  Connections c;
  CHECK_FALSE(c.states.is_preparing_connection(node1));
  c.connecting(node1);
  CHECK(c.states.is_preparing_connection(node1));
  c.states.checking_api_versions(node1, c.entropy);
  CHECK(c.states.is_preparing_connection(node1));
  c.disconnected(node1);
  CHECK_FALSE(c.states.is_preparing_connection(node1));
}

TEST_CASE("ClusterConnectionStatesTest.testExponentialConnectionSetupTimeout") {
  Connections c;
  const auto timeout_ms = [&] { return c.states.connection_setup_timeout_ms(node1); };
  const auto is_connecting = [&] {
    const std::vector<NodeId> connecting = c.states.connecting_nodes();
    return std::find(connecting.begin(), connecting.end(), node1) != connecting.end();
  };
  CHECK(c.can_connect(node1));
  for (std::int64_t expected = setup_timeout_ms; expected <= setup_timeout_max_ms; expected *= 2) {
    c.connecting(node1);
    CHECK(is_connecting());
    CHECK(within_jitter(timeout_ms(), static_cast<double>(expected)));
    c.disconnected(node1);
    CHECK_FALSE(is_connecting());
  }
  c.connecting(node1);
  CHECK(within_jitter(timeout_ms(), setup_timeout_max_ms));
  CHECK(is_connecting());

  c.ready(node1);
  CHECK(within_jitter(timeout_ms(), setup_timeout_ms));
  CHECK_FALSE(is_connecting());
  c.disconnected(node1);
  // What was connected did not fail to connect.
  c.connecting(node1);
  CHECK(within_jitter(timeout_ms(), setup_timeout_ms));
  CHECK(is_connecting());
}

TEST_CASE("ClusterConnectionStatesTest.testTimedOutConnections") {
  Connections c;
  const auto late = [&] { return c.states.nodes_with_connection_setup_timeout(c.now_ms); };
  const auto has = [](const std::vector<NodeId>& nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
  };
  constexpr std::int64_t half_and_jitter_ms = setup_timeout_ms / 2 + setup_timeout_ms / 5;
  c.connecting(node1);
  c.connecting(node2);
  CHECK(late().empty());

  c.now_ms += setup_timeout_ms / 2;
  c.connecting(node3);
  c.now_ms += half_and_jitter_ms;
  const std::vector<NodeId> first = late();
  CHECK(first.size() == 2);
  CHECK(has(first, node1));
  CHECK(has(first, node2));
  c.disconnected(node1);
  c.disconnected(node2);

  c.now_ms += half_and_jitter_ms;
  const std::vector<NodeId> second = late();
  CHECK(second.size() == 1);
  CHECK(has(second, node3));
  c.disconnected(node3);
  CHECK(late().empty());
}

TEST_CASE("ClusterConnectionStatesTest.testSkipLastAttemptedIp") {
  Connections c;
  c.resolve_to_first_three();
  CHECK(c.names.resolve(host_of_three).size() > 1);
  c.connecting(node1, host_of_three);
  const std::string first = c.address(node1);
  c.disconnected(node1);
  c.connecting(node1, host_of_three);
  CHECK(c.address(node1) != first);
}
