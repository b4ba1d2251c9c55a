// Cases of Kafka's SenderTest (kafka-clients 4.3.1) that need the real client below the sender, or the names of the
// metrics.

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"
#include "producer/clients/network_client.h"
#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"

using namespace linger;
using namespace linger::test;

namespace {

/// A client with one broker whose answers the test writes.
class OneBroker {
 public:
  OneBroker() : client(config(), ProducerMetadata(ProducerMetadata::Config{0, 0, forever_ms, 60'000})) {
    client.metadata().update_with_current_request_version(metadata_update(1, {{"test", 1}}), 13, false, now_ms,
                                                          entropy);
    node = client.metadata().fetch().nodes().front();
  }
  void poll() {
    client.poll(Instant{now_ms, now_ms * 1'000'000}, entropy);
    for (const ConnectRequest& request : client.take_connects()) client.on_connected(request.connection);
    for (const ClientConnectionId connection : client.writable()) client.pull(connection, 1 << 20, slots, sent);
  }
  /// Answers the request that was sent last with whatever throttle time it says.
  template <class Response>
  void answer(const Response& response, ApiKey key) {
    std::optional<RequestHeader> last;
    while (const auto size = peek_frame_size(sent)) {
      Reader reader{BytesView(sent).subspan(4, static_cast<std::size_t>(*size))};
      const auto header = decode_request_header(reader);
      REQUIRE(header);
      last = header.value;
      sent.erase(sent.begin(), sent.begin() + 4 + *size);
    }
    REQUIRE(last);
    REQUIRE(last->request_api_key == wire_code(key));
    Bytes frame;
    REQUIRE_FALSE(encode_response(frame, response, last->request_api_version, CorrelationId{last->correlation_id}));
    client.on_received(*client.connection_of(node.id), frame);
    poll();
    now_ms += client.connection_states().throttle_delay_ms(node.id, now_ms);
  }
  /// "producer-metrics" of the client, as Java writes it.
  std::string metric(const std::string& name) {
    MetricList list(MetricConfig{}, now_ms, "mock");
    client.list_metrics(list);
    for (const Metric& one : list.take()) {
      if (one.name == name && one.group == producer_metrics_group) return describe(one.value);
    }
    return "absent";
  }

  std::int64_t now_ms = 100'000;
  CountedEntropy entropy;
  TestSlots slots;
  NetworkClient client;
  Node node;
  Bytes sent;

 private:
  static NetworkClientConfig config() {
    NetworkClientConfig config;
    config.client_id = "mock";
    config.max_in_flight_requests_per_connection = 2147483647;
    config.reconnect_backoff_ms = 1000;
    config.reconnect_backoff_max_ms = 1000;
    config.request_timeout_ms = 1000;
    config.socket_connection_setup_timeout_ms = 10'000;
    config.socket_connection_setup_timeout_max_ms = 127'000;
    config.metadata_recovery_strategy = MetadataRecovery::none;
    return config;
  }
};

}  // namespace

TEST_CASE("SenderTest.testQuotaMetrics") {
  OneBroker broker;
  CHECK_FALSE(broker.client.ready(broker.node, broker.now_ms, broker.entropy));
  broker.poll();
  broker.poll();
  ApiVersionsResponse versions;
  versions.throttle_time_ms = 400;
  for (const ApiInfo& info : all_apis()) {
    if (info.versions.max >= 0) {
      versions.api_keys.push_back({wire_code(info.key), info.versions.min, info.latest_stable});
    }
  }
  broker.answer(versions, ApiKey::api_versions);
  broker.now_ms += 1;
  REQUIRE(broker.client.ready(broker.node, broker.now_ms, broker.entropy));

  for (int i = 1; i <= 3; ++i) {
    ProduceRequestBuilder builder;
    builder.acks = 1;
    builder.timeout_ms = 1000;
    broker.client.send(broker.client.new_client_request(broker.node.id, builder, broker.now_ms, true, 1000, 1),
                       broker.now_ms);
    broker.poll();
    ProduceResponse response = produce_response(tp0, i, ErrorCode::none);
    response.throttle_time_ms = 100 * i;
    broker.answer(response, ApiKey::produce);
    broker.now_ms += 1;
  }
  CHECK(broker.metric("produce-throttle-time-avg") == "250.0");
  CHECK(broker.metric("produce-throttle-time-max") == "400.0");
}
