#include "broker_model/channel.h"

#include <cassert>

namespace linger::broker {

void Channel::connect(NodeId node, ConnId id, SimTime until, std::vector<Output>& out) {
  assert(state == State::closed);
  state = State::connecting;
  to = node;
  conn = id;
  deadline = until;
  out.push_back(Connect{id, node});
}

void Channel::drop(SimTime retry) {
  state = State::closed;
  conn = 0;
  in_flight = false;
  deadline = SimTime::never();
  retry_at = retry;
}

void Channel::close(SimTime retry, std::vector<Output>& out) {
  if (state != State::closed) out.push_back(Close{conn});
  drop(retry);
}

}  // namespace linger::broker
