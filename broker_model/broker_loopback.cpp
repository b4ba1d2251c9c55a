#include "broker_model/broker.h"

#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

/// Marks both ends of a connection from a broker to itself: such frames are written and read like all others and never
/// leave the host.
constexpr ConnId loopback_bit = ConnId{1} << 62;

constexpr bool is_loopback(ConnId conn) {
  return (conn & loopback_bit) != 0;
}
constexpr ConnId other_end(ConnId conn) {
  return conn ^ own_connection_bit;
}

}  // namespace

/// Opens a channel to a broker, this one included. Requires: closed.
void Broker::connect(Channel& channel, NodeId to, Duration timeout) {
  if (to != spec_.id) {
    channel.connect(to, new_connection(), now_ + timeout, out_);
    return;
  }
  channel.to = to;
  channel.conn = own_connection_bit | loopback_bit | ++loopbacks_;
  channel.state = Channel::State::ready;
  channel.deadline = SimTime::never();
  server_.accept(other_end(channel.conn));
}

/// Takes what this broker sent to itself out of the outputs and delivers it. Returns whether there was anything.
bool Broker::carry_own_frames() {
  if (loopbacks_ == 0) return false;
  std::vector<Output> own;
  std::erase_if(out_, [&](Output& output) {
    const auto* send = std::get_if<Send>(&output);
    const auto* close = std::get_if<Close>(&output);
    const bool mine = (send != nullptr && is_loopback(send->conn)) || (close != nullptr && is_loopback(close->conn));
    if (mine) own.push_back(std::move(output));
    return mine;
  });
  for (const Output& output : own) {
    if (const auto* close = std::get_if<Close>(&output)) {
      if ((close->conn & own_connection_bit) != 0) {
        server_.closed(other_end(close->conn), ClosedBy::fin);
      } else if (Channel* channel = channel_of(other_end(close->conn))) {
        channel_failed(*channel);
      }
      continue;
    }
    const auto& send = std::get<Send>(output);
    if ((send.conn & own_connection_bit) != 0) {
      server_.arrive(other_end(send.conn), send.frame, send.cause);
    } else if (Channel* channel = channel_of(other_end(send.conn))) {
      cause_ = send.cause;
      answered(*channel, send.frame.span().subspan(4));
      cause_ = sim::no_event;
    }
    if (life_ == BrokerLife::stopped) return false;
  }
  return !own.empty();
}

}  // namespace linger::broker
