#include "conformance/producer_mock_client.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <utility>

namespace linger::test {
namespace {

/// Token of requests whose answers nobody waits for.
constexpr std::uint64_t foreign_token = std::numeric_limits<std::uint64_t>::max();
constexpr std::int16_t newest_metadata_version = 13;

}  // namespace

std::int64_t MockClient::Connection::connection_delay(std::int64_t now_ms) const {
  if (state != State::disconnected) return forever_ms;
  return std::max<std::int64_t>(backing_off_until_ms - now_ms, 0);
}

std::int64_t MockClient::Connection::poll_delay_ms(std::int64_t now_ms) const {
  return not_throttled(now_ms) ? connection_delay(now_ms) : throttled_until_ms - now_ms;
}

bool MockClient::Connection::ready(std::int64_t now_ms) {
  if (state == State::disconnected) {
    if (is_backing_off(now_ms)) return false;
    if (now_ms < unreachable_until_ms) {
      backing_off_until_ms = now_ms + 100;
      return false;
    }
    state = State::connecting;
  }
  if (state == State::connecting) {
    if (now_ms < ready_delayed_until_ms) return false;
    state = State::connected;
  }
  return not_throttled(now_ms);
}

bool MockClient::ready(const Node& node, std::int64_t now_ms, Entropy&) {
  calls_.push_back({Call::Method::ready, 0});
  return connections_[node.id].ready(now_ms);
}

std::optional<std::string> MockClient::authentication_exception(const Node& node) {
  const auto found = refusals_.find(node.id);
  return found == refusals_.end() ? std::nullopt : std::optional(found->second);
}

ClientRequest MockClient::new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                             bool expect_response, std::int32_t request_timeout_ms,
                                             std::uint64_t token) {
  calls_.push_back({Call::Method::new_client_request, 0});
  ClientRequest request;
  request.destination = node;
  request.correlation_id = CorrelationId{next_correlation_++};
  request.api_key = api_key_of(builder);
  request.builder = std::move(builder);
  request.created_time_ms = created_time_ms;
  request.expect_response = expect_response;
  request.request_timeout_ms = request_timeout_ms;
  request.token = token;
  return request;
}

void MockClient::send_foreign_request(NodeId node) {
  send(new_client_request(node, InitProducerIdRequest{}, clock_ms_, true, 5000, foreign_token), clock_ms_);
}

void MockClient::send(ClientRequest request, std::int64_t now_ms) {
  calls_.push_back({Call::Method::send, 0});
  INFO("a request goes to node " << request.destination.value() << ", which must be ready");
  REQUIRE(connections_[request.destination].is_ready(now_ms));
  if (const auto refusal = pending_refusals_.find(request.destination); refusal != pending_refusals_.end()) {
    const std::int64_t backoff_ms = refusal->second;
    pending_refusals_.erase(refusal);
    refusals_[request.destination] = "The peer refused the credentials";
    disconnect(request.destination);
    backoff(request.destination, backoff_ms);
    answer(request, {}, true);
    responses_.back().authentication_error = refusals_[request.destination];
    return;
  }
  if (prepared_.empty()) {
    requests_.push_back(std::move(request));
    return;
  }
  const Prepared next = std::move(prepared_.front());
  prepared_.pop_front();
  check(next.matcher, request);
  answer(request, next.body, next.disconnected);
  if (next.unsupported_version) responses_.back().version_mismatch = "The peer does not speak this version";
}

void MockClient::disconnect(NodeId node, std::int64_t, Entropy&) {
  disconnect(node);
}

void MockClient::disconnect(NodeId node, bool allow_late_responses) {
  std::deque<ClientRequest> kept;
  for (ClientRequest& request : requests_) {
    const bool ends = request.destination == node;
    if (ends) answer(request, {}, true);
    if (!ends || allow_late_responses) kept.push_back(std::move(request));
  }
  requests_ = std::move(kept);
  connections_[node].state = Connection::State::disconnected;
}

void MockClient::set_unreachable(NodeId node, std::int64_t ms) {
  disconnect(node);
  connections_[node].unreachable_until_ms = clock_ms_ + ms;
}

LeastLoadedNode MockClient::least_loaded_node(std::int64_t now_ms, Entropy&) {
  for (const Node& node : metadata_.fetch().nodes()) {
    if (!connections_[node.id].is_backing_off(now_ms)) return LeastLoadedNode{node, true};
  }
  return LeastLoadedNode{};
}

std::size_t MockClient::in_flight_request_count(NodeId node) {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(),
                    [node](const ClientRequest& request) { return request.destination == node; }));
}

bool MockClient::has_ready_nodes(std::int64_t now_ms) {
  return std::any_of(connections_.begin(), connections_.end(),
                     [now_ms](const auto& entry) { return entry.second.is_ready(now_ms); });
}

void MockClient::initiate_close() {
  active_ = false;
  metadata_.close();
}

void MockClient::end_late_requests(std::int64_t now_ms) {
  while (!requests_.empty() && std::max<std::int64_t>(0, now_ms - requests_.front().created_time_ms) >=
                                   requests_.front().request_timeout_ms) {
    disconnect(requests_.front().destination);
    // Kafka's MockClient takes the head away once more, which loses another node's request when there is one.
    if (!requests_.empty()) requests_.pop_front();
  }
}

std::vector<ClientResponse> MockClient::poll(Instant now, Entropy& entropy) {
  end_late_requests(now.wall_ms);
  if (metadata_.update_requested() && least_loaded_node(now.wall_ms, entropy).node) {
    if (!metadata_updates_.empty()) {
      const MetadataResponse next = std::move(metadata_updates_.front());
      metadata_updates_.pop_front();
      update_metadata(next);
    } else {
      REQUIRE(last_metadata_update_);
      update_metadata(MetadataResponse(*last_metadata_update_));
    }
  }
  std::vector<ClientResponse> ended;
  for (ClientResponse& response : responses_) {
    if (response.token != foreign_token) ended.push_back(std::move(response));
  }
  responses_.clear();
  return ended;
}

void MockClient::update_metadata(const MetadataResponse& response) {
  metadata_.update_with_current_request_version(response, newest_metadata_version, false, clock_ms_, entropy_);
  last_metadata_update_ = response;
}

ClientResponse MockClient::end_of(const ClientRequest& request) const {
  ClientResponse response;
  response.destination = request.destination;
  response.correlation_id = request.correlation_id;
  response.api_key = request.api_key;
  response.token = request.token;
  response.created_time_ms = request.created_time_ms;
  response.received_time_ms = clock_ms_;
  return response;
}

void MockClient::check(const Matcher& matcher, const ClientRequest& request) const {
  if (!matcher) return;
  INFO("the request " << request.correlation_id.value() << " must be the one that the test has an answer for");
  REQUIRE(matcher(request));
}

ClientRequest MockClient::take(std::size_t index) {
  REQUIRE(index < requests_.size());
  ClientRequest request = std::move(requests_[index]);
  requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(index));
  return request;
}

void MockClient::answer(const ClientRequest& request, ResponseBody body, bool disconnected) {
  ClientResponse response = end_of(request);
  response.body = std::move(body);
  response.disconnected = disconnected;
  responses_.push_back(std::move(response));
}

void MockClient::respond(ResponseBody body, const Matcher& matcher, bool disconnected) {
  REQUIRE_FALSE(requests_.empty());
  check(matcher, requests_.front());
  answer(take(0), std::move(body), disconnected);
}

void MockClient::respond_from(ResponseBody body, NodeId node) {
  const auto found = std::find_if(requests_.begin(), requests_.end(),
                                  [node](const ClientRequest& request) { return request.destination == node; });
  answer(take(static_cast<std::size_t>(found - requests_.begin())), std::move(body), false);
}

void MockClient::respond_to_request(CorrelationId correlation_id, ResponseBody body) {
  const auto found = std::find_if(requests_.begin(), requests_.end(), [correlation_id](const ClientRequest& request) {
    return request.correlation_id == correlation_id;
  });
  answer(take(static_cast<std::size_t>(found - requests_.begin())), std::move(body), false);
}

void MockClient::prepare_response(ResponseBody body, Matcher matcher, bool disconnected) {
  prepared_.push_back({std::move(body), std::move(matcher), disconnected, false});
}

void MockClient::prepare_unsupported_version_response(Matcher matcher) {
  prepared_.push_back({{}, std::move(matcher), false, true});
}

}  // namespace linger::test
