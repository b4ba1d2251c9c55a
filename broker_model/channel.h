#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <vector>

#include "broker_model/host_io.h"
#include "protocol/frame.h"

namespace linger::broker {

/// A connection that a host opens to another and on which it has at most one request in flight (Kafka:
/// NodeToControllerChannelManager, BrokerBlockingSender). Opened when first needed.
struct Channel {
  enum class State : std::uint8_t { closed, connecting, ready } state = State::closed;
  NodeId to = no_node;
  ConnId conn = 0;
  SimTime retry_at;                     ///< not before this moment after a failure
  SimTime deadline = SimTime::never();  ///< of the connection attempt or the request in flight
  std::int32_t next_correlation = 0;
  bool in_flight = false;
  ApiKey api = ApiKey::fetch;
  std::int16_t version = 0;
  std::int32_t correlation = 0;
  std::string client_id;

  bool idle() const { return state == State::ready && !in_flight; }

  /// Begins to connect. Requires: closed.
  void connect(NodeId node, ConnId id, SimTime until, std::vector<Output>& out);
  /// Forgets the connection and what was in flight; nothing is sent before `retry`.
  void drop(SimTime retry);
  /// The same, and tells the other end.
  void close(SimTime retry, std::vector<Output>& out);

  /// Sends one request. Requires: idle().
  template <RequestMessage M>
  void send(const M& message, std::int16_t request_version, SimTime until, EventNumber cause,
            std::vector<Output>& out) {
    thread_local Bytes scratch;
    scratch.clear();
    api = api_key_of<M>();
    version = request_version;
    correlation = next_correlation++;
    in_flight = true;
    deadline = until;
    const WireError error = encode_request(scratch, message, request_version, CorrelationId{correlation}, client_id);
    assert(!error);
    static_cast<void>(error);
    out.push_back(Send{conn, sim::Bytes::copy_of(scratch), {api, version, CorrelationId{correlation}, false}, cause});
  }

  /// Sends a request whose body is encoded already. Requires: idle().
  void send_raw(ApiKey request_api, std::int16_t request_version, BytesView body, SimTime until, EventNumber cause,
                std::vector<Output>& out);
  /// The body of an answer to it, which is over now; nothing when the frame is no such answer.
  std::optional<BytesView> receive_raw(BytesView frame);

  /// The body of an answer to the request in flight, which is over now; nothing when the frame is no such answer.
  template <Message M>
  std::optional<M> receive(BytesView frame) {
    if (!in_flight || api != api_key_of<M>()) return std::nullopt;
    auto decoded = decode_response<M>(frame, version);
    if (!decoded || decoded.correlation.value() != correlation) return std::nullopt;
    in_flight = false;
    deadline = SimTime::never();
    return std::move(decoded.message);
  }
};

/// A whole answer frame around a body that is encoded already.
sim::Bytes encode_raw_answer(ApiKey api, std::int16_t version, std::int32_t correlation, BytesView body);

/// A whole answer frame.
template <Message M>
sim::Bytes encode_answer(const M& message, std::int16_t version, std::int32_t correlation) {
  thread_local Bytes scratch;
  scratch.clear();
  const WireError error = encode_response(scratch, message, version, CorrelationId{correlation});
  assert(!error);
  static_cast<void>(error);
  return sim::Bytes::copy_of(scratch);
}

}  // namespace linger::broker
