#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "producer/failure.h"
#include "support/network_stage.h"

using namespace linger;

namespace {

constexpr std::int64_t backoff_ms = 10'000;
constexpr std::int64_t backoff_max_ms = 100'000;
constexpr std::int64_t setup_timeout_ms = 5000;
constexpr std::int64_t longest_setup_timeout_ms = 6001;  ///< with 20 % of jitter, and over
constexpr std::int64_t setup_timeout_max_ms = 127'000;
constexpr std::int32_t request_timeout_ms = 1000;

NetworkClientConfig java_config(std::int64_t reconnect_backoff_max_ms = backoff_max_ms) {
  NetworkClientConfig config;
  config.client_id = "mock";
  config.max_in_flight_requests_per_connection = 2147483647;
  config.reconnect_backoff_ms = backoff_ms;
  config.reconnect_backoff_max_ms = reconnect_backoff_max_ms;
  config.request_timeout_ms = request_timeout_ms;
  config.socket_connection_setup_timeout_ms = setup_timeout_ms;
  config.socket_connection_setup_timeout_max_ms = setup_timeout_max_ms;
  config.metadata_recovery_strategy = MetadataRecovery::none;
  return config;
}

/// The surroundings of Kafka's NetworkClientTest. Java's metadata is a mock that never asks for anything; here it is
/// told again what it knows whenever it would ask.
struct Bench : test::NetworkStage {
  explicit Bench(const NetworkClientConfig& config = java_config(), int count = 1)
      : NetworkStage(config, count), node_count(count) {}

  std::vector<ClientResponse> poll() {
    std::vector<ClientResponse> responses = NetworkStage::poll();
    calm_metadata();
    return responses;
  }
  void calm_metadata() {
    test::ClusterAnswer answer;
    answer.node_count = node_count;
    client.metadata().update_with_current_request_version(answer.build(), test::newest_metadata_version, false, now,
                                                          entropy);
  }
  bool ready(int id = 0) { return client.ready(node(id), now, entropy); }
  bool is_ready(int id = 0) { return client.is_ready(node(id), now, entropy); }
  bool failed(int id = 0) { return client.connection_failed(node(id)); }
  bool can_connect() const { return client.connection_states().can_connect(NodeId{0}, now); }
  std::int64_t delay_ms() { return client.connection_delay(node(), now); }
  LeastLoadedNode least_loaded() { return client.least_loaded_node(now, entropy); }
  std::size_t in_flight() { return client.in_flight_request_count(NodeId{0}); }
  /// One request goes out whole.
  CorrelationId send_whole() {
    const CorrelationId correlation = send_produce();
    run_network();
    poll();
    return correlation;
  }
  void server_disconnect() {
    client.on_closed(connection(), CloseKind::fin);
    poll();
  }
  /// Connects and sends the first ApiVersions.
  void send_api_versions() {
    ready();
    run_network();
    poll();
    run_network();
  }
  std::int64_t throttle_delay_ms() { return client.connection_states().throttle_delay_ms(NodeId{0}, now); }

  int node_count;
};

bool within(std::int64_t value, std::int64_t expected, double share) {
  return std::abs(static_cast<double>(value - expected)) <= static_cast<double>(expected) * share;
}

/// Two produce calls: the first is answered, the second is not in time.
void check_request_timeout(std::int32_t timeout_ms) {
  Bench bench;
  bench.make_ready();
  const auto produce = [&](bool answered) {
    ClientRequest request =
        bench.client.new_client_request(NodeId{0}, ProduceRequestBuilder{}, bench.now, true, timeout_ms, 1);
    const CorrelationId correlation = request.correlation_id;
    bench.client.send(std::move(request), bench.now);
    bench.run_network();
    bench.NetworkStage::poll();
    if (answered) {
      bench.answer_produce(correlation);
    } else {
      bench.sleep(timeout_ms + 1);
    }
    const std::vector<ClientResponse> responses = bench.NetworkStage::poll();
    CHECK(responses.size() == 1);
    return responses.at(0);
  };
  const ClientResponse in_time = produce(true);
  CHECK(in_time.destination == NodeId{0});
  CHECK_FALSE(in_time.disconnected);
  CHECK_FALSE(in_time.timed_out);
  CHECK_FALSE(bench.client.metadata().update_requested());
  const ClientResponse late = produce(false);
  CHECK(late.destination == NodeId{0});
  CHECK(late.disconnected);
  CHECK(late.timed_out);
  CHECK(bench.client.metadata().update_requested());
}

/// The broker does not speak our ApiVersions and names a version of its own, or does not.
void check_unsupported_api_versions(std::optional<std::int16_t> version_of_broker) {
  Bench bench;
  bench.send_api_versions();
  CHECK(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK(bench.got[0].size() == 1);
  const test::Got first = bench.next_request();
  CHECK(first.header.request_api_key == wire_code(ApiKey::api_versions));
  CHECK(first.header.request_api_version == 4);
  ApiVersionsResponse refusal;
  refusal.error_code = wire_code(ErrorCode::unsupported_version);
  if (version_of_broker) refusal.api_keys.push_back({wire_code(ApiKey::api_versions), 0, *version_of_broker});
  bench.answer(0, refusal, 0, first.header.correlation_id);
  bench.poll();
  CHECK(bench.client.has_in_flight_requests(NodeId{0}));

  bench.run_network();
  CHECK(bench.got[0].size() == 1);
  const test::Got second = bench.next_request();
  CHECK(second.header.request_api_key == wire_code(ApiKey::api_versions));
  CHECK(second.header.request_api_version == version_of_broker.value_or(0));
  bench.answer(0, Bench::all_versions(), second.header.request_api_version, second.header.correlation_id);
  bench.poll();
  CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK(bench.is_ready());
}

/// A node whose name has three addresses, later three others. What is connected to is counted.
struct ManyAddresses : Bench {
  ManyAddresses() { resolve_to(first_addresses); }

  void resolve_to(const std::vector<std::string>& addresses) {
    HostResolution names;
    names.set("host0", addresses);
    client.set_host_resolution(names);
  }
  /// A connection attempt with all waits that Java's test takes.
  void connect(bool accepted) {
    ready();
    for (const ConnectRequest& request : client.take_connects()) {
      const bool first =
          std::find(first_addresses.begin(), first_addresses.end(), request.host) != first_addresses.end();
      ++(first ? to_first : to_other);
      if (accepted) {
        client.on_connected(request.connection);
      } else {
        client.on_connect_failed(request.connection);
      }
    }
    poll();
    if (!accepted) return;
    run_network();
    const test::Got versions = next_request();
    answer(0, all_versions(), versions.header.request_api_version, versions.header.correlation_id);
    poll();
  }
  void wait_out_backoff() {
    sleep(backoff_max_ms);
    calm_metadata();
  }

  const std::vector<std::string> first_addresses{"10.200.20.100", "10.200.20.101", "10.200.20.102"};
  const std::vector<std::string> other_addresses{"10.200.20.103", "10.200.20.104", "10.200.20.105"};
  int to_first = 0;
  int to_other = 0;
};

}  // namespace

TEST_CASE("NetworkClientTest.testSendToUnreadyNode") {
  Bench bench;
  ClientRequest request =
      bench.client.new_client_request(NodeId{5}, ProduceRequestBuilder{}, bench.now, false, request_timeout_ms, 1);
  CHECK_THROWS_AS(bench.client.send(std::move(request), bench.now), JavaThrow);
}

TEST_CASE("NetworkClientTest.testSimpleRequestResponse") {
  constexpr std::uint64_t token = 7;
  Bench bench;
  bench.make_ready();
  const CorrelationId correlation = bench.send_produce(0, 1, token);
  bench.run_network();
  bench.poll();
  CHECK(bench.client.in_flight_request_count() == 1);
  bench.answer_produce(correlation);
  const std::vector<ClientResponse> responses = bench.poll();
  CHECK(responses.size() == 1);
  CHECK(responses.at(0).token == token);
  CHECK(std::holds_alternative<ProduceResponse>(responses.at(0).body));
  CHECK(responses.at(0).correlation_id == correlation);
}

TEST_CASE("NetworkClientTest.testDnsLookupFailure") {
  Bench bench;
  HostResolution names;
  names.set("host0", {});
  bench.client.set_host_resolution(names);
  CHECK_FALSE(bench.ready());
}

TEST_CASE("NetworkClientTest.testClose") {
  Bench bench;
  bench.make_ready();
  CHECK(bench.is_ready());
  bench.send_produce();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK(bench.client.has_in_flight_requests());
  bench.client.close(NodeId{0}, bench.now);
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK_FALSE(bench.client.has_in_flight_requests());
  CHECK_FALSE(bench.is_ready());
}

TEST_CASE("NetworkClientTest.testInvalidApiVersionsRequest") {
  Bench bench;
  bench.send_api_versions();
  CHECK(bench.client.has_in_flight_requests(NodeId{0}));
  ApiVersionsResponse refusal;
  refusal.error_code = wire_code(ErrorCode::invalid_request);
  bench.answer(0, refusal, 4, bench.next_request().header.correlation_id);
  bench.poll();
  CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK_FALSE(bench.is_ready());
}

TEST_CASE("NetworkClientTest.testApiVersionsRequest") {
  Bench bench;
  bench.send_api_versions();
  CHECK(bench.client.has_in_flight_requests(NodeId{0}));
  bench.answer(0, Bench::all_versions(), 4, bench.next_request().header.correlation_id);
  bench.poll();
  CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK(bench.is_ready());
}

TEST_CASE("NetworkClientTest.testUnsupportedApiVersionsRequestWithVersionProvidedByTheBroker") {
  check_unsupported_api_versions(std::int16_t{2});
}

TEST_CASE("NetworkClientTest.testUnsupportedApiVersionsRequestWithoutVersionProvidedByTheBroker") {
  check_unsupported_api_versions(std::nullopt);
}

TEST_CASE("NetworkClientTest.testRequestTimeout") {
  check_request_timeout(request_timeout_ms + 5000);
}

TEST_CASE("NetworkClientTest.testDefaultRequestTimeout") {
  check_request_timeout(request_timeout_ms);
}

TEST_CASE("NetworkClientTest.testConnectionSetupTimeout") {
  Bench bench(java_config(), 2);
  bench.blocked = {"host0", "host1"};
  bench.ready(0);
  bench.ready(1);
  bench.run_network();
  bench.poll();
  CHECK_FALSE(bench.failed());
  bench.sleep(longest_setup_timeout_ms);
  bench.poll();
  CHECK(bench.failed());
}

TEST_CASE("NetworkClientTest.testConnectionTimeoutAfterThrottling") {
  Bench bench;
  bench.make_ready();
  const CorrelationId first = bench.send_whole();
  bench.answer_produce(first, request_timeout_ms);
  bench.send_produce();
  bench.sleep(request_timeout_ms);
  bench.poll();
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.failed());
}

TEST_CASE("NetworkClientTest.testConnectionThrottling") {
  Bench bench;
  bench.make_ready();
  bench.answer_produce(bench.send_whole(), 100);
  bench.poll();
  CHECK_FALSE(bench.ready());
  CHECK(bench.throttle_delay_ms() == 100);
  bench.sleep(50);
  CHECK_FALSE(bench.ready());
  CHECK(bench.throttle_delay_ms() == 50);
  bench.sleep(50);
  CHECK(bench.ready());
  CHECK(bench.throttle_delay_ms() == 0);
}

TEST_CASE("NetworkClientTest.testLeastLoadedNode") {
  Bench bench;
  bench.ready();
  CHECK_FALSE(bench.is_ready());
  LeastLoadedNode least = bench.least_loaded();
  CHECK(least.node == bench.node());
  CHECK(least.has_node_available_or_connection_ready);

  bench.make_ready();
  bench.poll();
  CHECK(bench.is_ready());
  least = bench.least_loaded();
  CHECK(least.has_node_available_or_connection_ready);
  CHECK(least.node->id == NodeId{0});

  bench.sleep(backoff_ms);
  bench.server_disconnect();
  CHECK_FALSE(bench.ready());
  least = bench.least_loaded();
  CHECK_FALSE(least.has_node_available_or_connection_ready);
  CHECK_FALSE(least.node.has_value());
}

TEST_CASE("NetworkClientTest.testHasNodeAvailableOrConnectionReady") {
  NetworkClientConfig config = java_config();
  config.max_in_flight_requests_per_connection = 1;
  Bench bench(config);
  bench.make_ready();
  LeastLoadedNode least = bench.least_loaded();
  CHECK(least.node == bench.node());
  CHECK(least.has_node_available_or_connection_ready);
  bench.send_whole();
  least = bench.least_loaded();
  CHECK_FALSE(least.node.has_value());
  CHECK(least.has_node_available_or_connection_ready);
}

TEST_CASE("NetworkClientTest.testLeastLoadedNodeProvideDisconnectedNodesPrioritizedByLastConnectionTimestamp") {
  constexpr int nodes = 3;
  Bench bench(java_config(0), nodes);
  std::set<NodeId> provided;
  for (int i = 0; i < nodes * 10; ++i) {
    const LeastLoadedNode least = bench.least_loaded();
    CHECK(least.node.has_value());
    provided.insert(least.node->id);
    bench.ready(least.node->id.value());
    bench.client.disconnect(least.node->id, bench.now, bench.entropy);
    bench.sleep(setup_timeout_ms + 1);
    bench.poll();
    if ((i + 1) % nodes == 0) {
      CHECK(provided.size() == nodes);
      provided.clear();
    }
  }
}

TEST_CASE("NetworkClientTest.testLeastLoadedNodeConsidersThrottledConnections") {
  Bench bench;
  bench.make_ready();
  CHECK(bench.is_ready());
  bench.answer_produce(bench.send_whole(), 100);
  bench.poll();
  CHECK_FALSE(bench.least_loaded().node.has_value());
}

TEST_CASE("NetworkClientTest.testConnectionDelayWithNoExponentialBackoff") {
  Bench bench(java_config(backoff_ms));
  CHECK(bench.delay_ms() == 0);
}

TEST_CASE("NetworkClientTest.testConnectionDelayConnectedWithNoExponentialBackoff") {
  Bench bench(java_config(backoff_ms));
  bench.make_ready();
  CHECK(bench.delay_ms() == forever_ms);
}

TEST_CASE("NetworkClientTest.testConnectionDelayDisconnectedWithNoExponentialBackoff") {
  Bench bench(java_config(backoff_ms));
  bench.make_ready();
  bench.server_disconnect();
  CHECK(bench.delay_ms() == backoff_ms);
  bench.sleep(backoff_ms);
  CHECK(bench.delay_ms() == 0);
  bench.ready();
  bench.server_disconnect();
  CHECK(bench.delay_ms() == backoff_ms);
}

TEST_CASE("NetworkClientTest.testConnectionDelay") {
  Bench bench;
  CHECK(bench.delay_ms() == 0);
}

TEST_CASE("NetworkClientTest.testConnectionDelayConnected") {
  Bench bench;
  bench.make_ready();
  CHECK(bench.delay_ms() == forever_ms);
}

TEST_CASE("NetworkClientTest.testConnectionDelayDisconnected") {
  Bench bench;
  bench.make_ready();
  bench.server_disconnect();
  const std::int64_t first = bench.delay_ms();
  CHECK(within(first, backoff_ms, 0.3));
  bench.sleep(first);
  CHECK(bench.delay_ms() == 0);
  bench.ready();
  bench.server_disconnect();
  CHECK(within(bench.delay_ms(), first * 2, 0.6));
}

TEST_CASE("NetworkClientTest.testServerDisconnectAfterInternalApiVersionRequest") {
  constexpr int attempts = 5;
  const double largest_exponent =
      std::log(static_cast<double>(backoff_max_ms) / static_cast<double>(backoff_ms)) / std::log(2.0);
  Bench bench;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    bench.send_api_versions();
    REQUIRE(bench.client.has_in_flight_requests(NodeId{0}));
    CHECK_FALSE(bench.is_ready());
    bench.client.on_closed(bench.connection(), CloseKind::fin);
    const std::vector<ClientResponse> responses = bench.poll();
    CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
    CHECK(responses.empty());
    const auto expected =
        static_cast<std::int64_t>(std::round(std::pow(2.0, std::min<double>(attempt, largest_exponent)) * backoff_ms));
    CHECK(within(bench.delay_ms(), expected, 0.2));
    bench.sleep(bench.delay_ms() + 1);
    bench.calm_metadata();
  }
}

TEST_CASE("NetworkClientTest.testClientDisconnectAfterInternalApiVersionRequest") {
  Bench bench;
  bench.send_api_versions();
  REQUIRE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK_FALSE(bench.is_ready());
  bench.client.disconnect(NodeId{0}, bench.now, bench.entropy);
  CHECK_FALSE(bench.client.has_in_flight_requests(NodeId{0}));
  CHECK(bench.poll().empty());
}

TEST_CASE("NetworkClientTest.testDisconnectWithMultipleInFlights") {
  Bench bench;
  bench.make_ready();
  CHECK(bench.is_ready());
  const CorrelationId first = bench.send_whole();
  const CorrelationId second = bench.send_whole();
  CHECK(first != second);
  CHECK(bench.client.in_flight_request_count() == 2);
  CHECK(bench.in_flight() == 2);

  bench.client.disconnect(NodeId{0}, bench.now, bench.entropy);
  const std::vector<ClientResponse> responses = bench.poll();
  CHECK(responses.size() == 2);
  CHECK(bench.client.in_flight_request_count() == 0);
  CHECK(bench.in_flight() == 0);
  CHECK(responses.at(0).disconnected);
  CHECK(responses.at(0).correlation_id == first);
  CHECK(responses.at(1).disconnected);
  CHECK(responses.at(1).correlation_id == second);
}

TEST_CASE("NetworkClientTest.testCallDisconnect") {
  Bench bench;
  bench.make_ready();
  CHECK(bench.is_ready());
  CHECK_FALSE(bench.failed());
  bench.client.disconnect(NodeId{0}, bench.now, bench.entropy);
  CHECK_FALSE(bench.is_ready());
  CHECK(bench.failed());
  CHECK_FALSE(bench.can_connect());
  bench.sleep(backoff_max_ms);
  CHECK(bench.can_connect());
  // What is disconnected already does not back off anew.
  bench.client.disconnect(NodeId{0}, bench.now, bench.entropy);
  CHECK(bench.can_connect());
}

TEST_CASE("NetworkClientTest.testCorrelationId") {
  constexpr std::int32_t first_reserved = 0x7fff'fff8;
  Bench bench;
  std::set<std::int32_t> ids;
  for (int i = 0; i < 100; ++i) {
    ids.insert(bench.client.new_client_request(NodeId{0}, ProduceRequestBuilder{}, bench.now, true, 1000, 1)
                   .correlation_id.value());
  }
  CHECK(ids.size() == 100);
  CHECK(std::all_of(ids.begin(), ids.end(), [](std::int32_t id) { return id < first_reserved; }));
}

TEST_CASE("NetworkClientTest.testReconnectAfterAddressChange") {
  ManyAddresses bench;
  bench.connect(true);
  CHECK(bench.is_ready());
  bench.resolve_to(bench.other_addresses);
  bench.server_disconnect();
  CHECK_FALSE(bench.is_ready());
  bench.wait_out_backoff();
  bench.connect(true);
  CHECK(bench.is_ready());
  CHECK(bench.to_first == 1);
  CHECK(bench.to_other == 1);
}

TEST_CASE("NetworkClientTest.testFailedConnectionToFirstAddress") {
  ManyAddresses bench;
  bench.connect(false);
  CHECK_FALSE(bench.is_ready());
  bench.wait_out_backoff();
  bench.connect(true);
  CHECK(bench.is_ready());
  CHECK(bench.to_first == 2);
  CHECK(bench.to_other == 0);
}

TEST_CASE("NetworkClientTest.testFailedConnectionToFirstAddressAfterReconnect") {
  ManyAddresses bench;
  bench.connect(true);
  CHECK(bench.is_ready());
  bench.resolve_to(bench.other_addresses);
  bench.server_disconnect();
  CHECK_FALSE(bench.is_ready());
  bench.wait_out_backoff();
  bench.connect(false);
  CHECK_FALSE(bench.is_ready());
  bench.wait_out_backoff();
  bench.connect(true);
  CHECK(bench.is_ready());
  CHECK(bench.to_first == 1);
  CHECK(bench.to_other == 2);
}

TEST_CASE("NetworkClientTest.testCloseConnectingNode") {
  Bench bench(java_config(), 2);
  bench.blocked = {"host0"};
  bench.ready(0);
  bench.run_network();
  bench.poll();
  bench.client.close(NodeId{0}, bench.now);
  bench.poll();
  CHECK_FALSE(bench.is_ready(0));
  CHECK_FALSE(bench.is_ready(1));
  bench.make_ready(1);
  CHECK(bench.is_ready(1));
  bench.blocked.clear();
  bench.make_ready(0);
  CHECK(bench.is_ready(0));
}
