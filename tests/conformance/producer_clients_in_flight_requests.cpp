#include <catch2/catch.hpp>

#include "producer/clients/in_flight_requests.h"

using namespace linger;

namespace {

const NodeId destination{7};

/// Requests with correlation ids in the order in which they are added.
struct Requests {
  InFlightRequests in_flight{12};
  std::int32_t next = 0;

  CorrelationId add(NodeId node = destination, std::int64_t sent_ms = 0, std::int64_t timeout_ms = 10'000) {
    InFlightRequest request;
    request.destination = node;
    request.api_key = ApiKey::metadata;
    request.correlation_id = CorrelationId{next++};
    request.send_time_ms = sent_ms;
    request.request_timeout_ms = timeout_ms;
    in_flight.add(request);
    return request.correlation_id;
  }
};

}  // namespace

TEST_CASE("InFlightRequestsTest.testCompleteLastSent") {
  Requests requests;
  const CorrelationId older = requests.add();
  const CorrelationId newer = requests.add();
  CHECK(requests.in_flight.count() == 2);
  CHECK(requests.in_flight.complete_last_sent(destination).correlation_id == newer);
  CHECK(requests.in_flight.count() == 1);
  CHECK(requests.in_flight.complete_last_sent(destination).correlation_id == older);
  CHECK(requests.in_flight.count() == 0);
}

TEST_CASE("InFlightRequestsTest.testClearAll") {
  Requests requests;
  const CorrelationId older = requests.add();
  const CorrelationId newer = requests.add();
  const std::vector<InFlightRequest> cleared = requests.in_flight.clear_all(destination);
  CHECK(requests.in_flight.count() == 0);
  CHECK(cleared.size() == 2);
  CHECK(cleared.at(0).correlation_id == older);
  CHECK(cleared.at(1).correlation_id == newer);
}

TEST_CASE("InFlightRequestsTest.testTimedOutNodes") {
  const NodeId a{1};
  const NodeId b{2};
  constexpr std::int64_t start_ms = 1'700'000'000'000;
  Requests requests;
  requests.add(a, start_ms, 50);
  requests.add(b, start_ms, 200);
  requests.add(b, start_ms, 100);
  CHECK(requests.in_flight.nodes_with_timed_out_requests(start_ms + 50).empty());
  CHECK(requests.in_flight.nodes_with_timed_out_requests(start_ms + 75) == std::vector<NodeId>{a});
  CHECK(requests.in_flight.nodes_with_timed_out_requests(start_ms + 125) == std::vector<NodeId>{a, b});
}

TEST_CASE("InFlightRequestsTest.testCompleteNext") {
  Requests requests;
  const CorrelationId older = requests.add();
  const CorrelationId newer = requests.add();
  CHECK(requests.in_flight.count() == 2);
  CHECK(requests.in_flight.complete_next(destination).correlation_id == older);
  CHECK(requests.in_flight.count() == 1);
  CHECK(requests.in_flight.complete_next(destination).correlation_id == newer);
  CHECK(requests.in_flight.count() == 0);
}
