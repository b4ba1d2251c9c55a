#include "producer/clients/in_flight_requests.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace linger {

void InFlightRequests::add(InFlightRequest request) {
  const NodeId destination = request.destination;
  requests_.compute_if_absent(destination).push_back(std::move(request));
  ++count_;
}

InFlightRequest InFlightRequests::complete_next(NodeId node) {
  assert(!is_empty(node));
  std::vector<InFlightRequest>& queue = *requests_.find(node);
  InFlightRequest oldest = std::move(queue.front());
  queue.erase(queue.begin());
  --count_;
  return oldest;
}

InFlightRequest& InFlightRequests::last_sent(NodeId node) {
  assert(!is_empty(node));
  return requests_.find(node)->back();
}

InFlightRequest InFlightRequests::complete_last_sent(NodeId node) {
  assert(!is_empty(node));
  std::vector<InFlightRequest>& queue = *requests_.find(node);
  InFlightRequest newest = std::move(queue.back());
  queue.pop_back();
  --count_;
  return newest;
}

bool InFlightRequests::can_send_more(NodeId node) const {
  const std::vector<InFlightRequest>& queue = of(node);
  if (queue.empty()) return true;
  return queue.back().send_completed && queue.size() < static_cast<std::size_t>(max_in_flight_);
}

std::size_t InFlightRequests::count(NodeId node) const {
  return of(node).size();
}

const std::vector<InFlightRequest>& InFlightRequests::of(NodeId node) const {
  static const std::vector<InFlightRequest> none;
  const auto* queue = requests_.find(node);
  return queue == nullptr ? none : *queue;
}

std::vector<InFlightRequest> InFlightRequests::clear_all(NodeId node) {
  auto* queue = requests_.find(node);
  if (queue == nullptr) return {};
  std::vector<InFlightRequest> cleared = std::move(*queue);
  count_ -= cleared.size();
  requests_.erase(node);
  return cleared;
}

std::vector<NodeId> InFlightRequests::nodes_with_timed_out_requests(std::int64_t now_ms) const {
  std::vector<NodeId> late;
  for (const auto& [node, queue, hash] : requests_.entries()) {
    const bool expired = std::any_of(queue.begin(), queue.end(), [now_ms](const InFlightRequest& request) {
      const std::int64_t elapsed = std::max<std::int64_t>(0, now_ms - request.send_time_ms);
      return elapsed - request.throttle_time_ms > request.request_timeout_ms;
    });
    if (expired) late.push_back(node);
  }
  return late;
}

void InFlightRequests::increment_throttle_time(NodeId node, std::int64_t throttle_time_ms) {
  auto* queue = requests_.find(node);
  if (queue == nullptr) return;
  for (InFlightRequest& request : *queue) request.throttle_time_ms += throttle_time_ms;
}

}  // namespace linger
