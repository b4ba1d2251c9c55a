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

void Channel::send_raw(ApiKey request_api, std::int16_t request_version, BytesView body, SimTime until,
                       EventNumber cause, std::vector<Output>& out) {
  Bytes frame;
  Writer writer{frame};
  api = request_api;
  version = request_version;
  correlation = next_correlation++;
  in_flight = true;
  deadline = until;
  const auto start = codec::begin_frame(writer);
  codec::write_request_header(writer, api, version, CorrelationId{correlation}, client_id);
  writer.append(body);
  codec::finish_frame(writer, start, {});
  out.push_back(Send{conn, sim::Bytes::copy_of(frame), {api, version, CorrelationId{correlation}, false}, cause});
}

std::optional<BytesView> Channel::receive_raw(BytesView frame) {
  Reader reader{frame};
  const auto header = decode_response_header(reader, api, version);
  if (!in_flight || !header || header.value.correlation_id != correlation) return std::nullopt;
  in_flight = false;
  deadline = SimTime::never();
  return reader.rest();
}

sim::Bytes encode_raw_answer(ApiKey api, std::int16_t version, std::int32_t correlation, BytesView body) {
  Bytes frame;
  Writer writer{frame};
  const auto start = codec::begin_frame(writer);
  codec::write_response_header(writer, api, version, CorrelationId{correlation});
  writer.append(body);
  codec::finish_frame(writer, start, {});
  return sim::Bytes::copy_of(frame);
}

}  // namespace linger::broker
