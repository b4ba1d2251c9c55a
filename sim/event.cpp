#include "sim/event.h"

namespace linger::sim {

namespace {

std::string connection_text(ConnectionId id) {
  return "connection " + std::to_string(id.index) + "." + std::to_string(id.generation);
}

std::string host_text(HostId host) {
  return "host " + std::to_string(host.value());
}

std::string describe_one(const Wake& wake) {
  return "wake " + host_text(wake.host) + " timer " + std::to_string(wake.timer) + " arg " + std::to_string(wake.arg);
}

std::string describe_one(const Handshake& handshake) {
  const std::string at = connection_text(handshake.connection) + " at " + host_text(handshake.host);
  switch (handshake.step) {
    case Handshake::Step::request:
      return "connect request of " + at;
    case Handshake::Step::answer:
      return std::string{handshake.accepted ? "connect accepted: " : "connect refused: "} + at;
    case Handshake::Step::retry:
      return "connect retry " + std::to_string(handshake.attempt) + " of " + at;
  }
  return {};
}

std::string describe_one(const Deliver& deliver) {
  return "deliver " + connection_text(deliver.connection) +
         (deliver.direction == Direction::to_server ? " to_server" : " to_client") + " at " + host_text(deliver.host);
}

std::string describe_one(const Strike& strike) {
  return "fault " + std::to_string(strike.fault) + " phase " + std::to_string(strike.phase);
}

struct HostOf {
  HostId operator()(const Wake& wake) const { return wake.host; }
  HostId operator()(const Handshake& handshake) const { return handshake.host; }
  HostId operator()(const Deliver& deliver) const { return deliver.host; }
  HostId operator()(const Strike&) const { return no_host; }
};

}  // namespace

HostId host_of(const EventBody& what) {
  return std::visit(HostOf{}, what);
}

std::string describe(const EventBody& what) {
  return std::visit([](const auto& one) { return describe_one(one); }, what);
}

std::string describe(const Event& event) {
  std::string text = event.at.describe() + " #" + std::to_string(event.number.value());
  if (event.cause != no_event) text += " (after #" + std::to_string(event.cause.value()) + ")";
  return text + " " + describe(event.what);
}

}  // namespace linger::sim
