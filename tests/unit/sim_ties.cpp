#include <catch2/catch.hpp>
#include <vector>

#include "sim/event_queue.h"

using namespace linger::sim;

namespace {

std::vector<std::uint64_t> drained(EventQueue queue) {
  std::vector<std::uint64_t> order;
  while (!queue.empty()) order.push_back(queue.pop().number.value());
  return order;
}

EventQueue three_at_once(TiePolicy policy) {
  EventQueue queue{std::move(policy)};
  for (int i = 0; i < 3; ++i) queue.push(SimTime::at_ns(5), no_event, Wake{HostId{0}, 0, 0});
  queue.push(SimTime::at_ns(9), no_event, Wake{HostId{0}, 0, 0});
  return queue;
}

}  // namespace

TEST_CASE("postponed events come after the others of their moment and before later ones, and the plan of the ties gives the same order") {
  EventQueue queue = three_at_once(TiePolicy::played({}));
  CHECK(queue.next().number.value() == 1);
  CHECK(queue.due_next().size() == 3);
  queue.postpone(2, 1);
  CHECK(queue.next().number.value() == 3);
  CHECK(drained(queue) == std::vector<std::uint64_t>{3, 1, 2, 4});
  CHECK(drained(three_at_once(TiePolicy::played({{EventNumber{1}, 1}, {EventNumber{2}, 1}}))) == drained(queue));
  queue.pop();
  queue.postpone(1, 2);
  CHECK(drained(queue) == std::vector<std::uint64_t>{2, 1, 4});
}
