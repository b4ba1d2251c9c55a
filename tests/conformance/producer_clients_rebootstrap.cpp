// Cases of NetworkClientTest about starting over from bootstrap.servers (KIP-899, KIP-1102).

#include <catch2/catch.hpp>

#include "support/network_stage.h"

using namespace linger;
using test::NetworkStage;

namespace {

NetworkClientConfig rebootstrapping(std::int32_t request_timeout_ms) {
  NetworkClientConfig config;
  config.client_id = "mock";
  config.max_in_flight_requests_per_connection = 2147483647;
  config.reconnect_backoff_ms = 10'000;
  config.reconnect_backoff_max_ms = 0;
  config.request_timeout_ms = request_timeout_ms;
  config.socket_connection_setup_timeout_ms = 5000;
  config.socket_connection_setup_timeout_max_ms = 127'000;
  config.metadata_recovery_rebootstrap_trigger_ms = 1000;
  return config;
}

}  // namespace

TEST_CASE("NetworkClientTest.testRebootstrap") {
  NetworkStage stage(rebootstrapping(1000), 1, false);
  ProducerMetadata& metadata = stage.client.metadata();
  // No answer comes, so that the version counts the bootstraps; the first was the stage's own.
  const auto rebootstraps = [&metadata, first = metadata.update_version()] {
    return metadata.update_version() - first;
  };
  metadata.request_update(true);
  stage.poll();
  stage.sleep(1001);
  stage.poll();
  CHECK(rebootstraps() == 1);
  stage.sleep(1);
  stage.poll();
  CHECK(rebootstraps() == 1);

  metadata.request_update(true);
  stage.poll();
  CHECK(rebootstraps() == 1);
  metadata.failed_update(stage.now);
  metadata.fatal_error(kafka_exception(""));
  stage.poll();
  CHECK(rebootstraps() == 1);
  stage.sleep(1000);
  stage.poll();
  CHECK(rebootstraps() == 2);

  metadata.request_update(true);
  stage.poll();
  CHECK(rebootstraps() == 2);
}

TEST_CASE("NetworkClientTest.testInflightRequestsDuringRebootstrap") {
  NetworkStage stage(rebootstrapping(5000), 2);
  stage.make_ready(0);
  stage.make_ready(1);
  ClientRequest request = stage.client.new_client_request(NodeId{0}, ProduceRequestBuilder{}, stage.now, true, 5000, 3);
  stage.client.send(std::move(request), stage.now);
  stage.run_network();
  CHECK(stage.poll().empty());
  CHECK(stage.client.in_flight_request_count() == 1);

  stage.client.metadata().request_update(true);
  // The backoff of metadata has its jitter here: 50 ms and a fifth.
  stage.sleep(60);
  CHECK(stage.poll().empty());
  CHECK(stage.client.in_flight_request_count() == 2);
  stage.sleep(1001);
  const std::vector<Node> nodes = stage.client.metadata().fetch().nodes();
  const std::vector<ClientResponse> responses = stage.poll();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].api_key == ApiKey::produce);
  CHECK(responses[0].disconnected);
  CHECK(stage.client.in_flight_request_count() == 0);
  for (const Node& node : nodes) CHECK(stage.client.connection_failed(node));
}
