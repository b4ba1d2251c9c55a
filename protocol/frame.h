#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/message.h"
#include "protocol/messages/headers.h"

/// Frames: what crosses a connection. A frame is a four-byte length, a header, a body. The functions that encode write
/// the length; the functions that decode take what stands behind it.
namespace linger {

template <class M>
concept RequestMessage = Message<M> && requires {
  typename M::Response;
};

/// Most bytes that a frame may claim; a larger length prefix closes the connection (socket.request.max.bytes).
inline constexpr std::int32_t max_frame_bytes = 104'857'600;

template <Message M>
constexpr ApiKey api_key_of() {
  static_assert(M::spec.type == MessageType::request || M::spec.type == MessageType::response);
  return static_cast<ApiKey>(M::spec.key);
}

/// Length of the next frame, without the four bytes themselves, or nothing while fewer than four bytes are there. A
/// peer may send a negative or a huge number: check against [0, max_frame_bytes].
inline std::optional<std::int32_t> peek_frame_size(BytesView stream) {
  if (stream.size() < 4) return std::nullopt;
  return wire::load<std::int32_t>(stream.data());
}

namespace codec {

/// Where a frame begins in its writer.
struct FrameStart {
  std::size_t at = 0;
  std::size_t left_out = 0;
};

/// Leaves room for the length; finish_frame fills it in and gives `error`, or the writer's.
FrameStart begin_frame(Writer& writer);
WireError finish_frame(Writer& writer, FrameStart start, const WireError& error);
/// The two headers, in the version that the message asks for.
void write_request_header(Writer& writer, ApiKey api, std::int16_t version, CorrelationId correlation,
                          const std::optional<std::string>& client_id);
void write_response_header(Writer& writer, ApiKey api, std::int16_t version, CorrelationId correlation);

}  // namespace codec

/// Appends a whole request frame. On a fault (see encode_message) the bytes appended are of no use.
template <RequestMessage M>
WireError encode_request(Writer& writer, const M& message, std::int16_t version, CorrelationId correlation,
                         const std::optional<std::string>& client_id) {
  const codec::FrameStart start = codec::begin_frame(writer);
  codec::write_request_header(writer, api_key_of<M>(), version, correlation, client_id);
  return codec::finish_frame(writer, start, encode_message(message, version, writer));
}
template <RequestMessage M>
WireError encode_request(Bytes& out, const M& message, std::int16_t version, CorrelationId correlation,
                         const std::optional<std::string>& client_id) {
  Writer writer{out};
  return encode_request(writer, message, version, correlation, client_id);
}

/// Appends a whole response frame.
template <Message M>
WireError encode_response(Writer& writer, const M& message, std::int16_t version, CorrelationId correlation) {
  static_assert(M::spec.type == MessageType::response);
  const codec::FrameStart start = codec::begin_frame(writer);
  codec::write_response_header(writer, api_key_of<M>(), version, correlation);
  return codec::finish_frame(writer, start, encode_message(message, version, writer));
}
template <Message M>
WireError encode_response(Bytes& out, const M& message, std::int16_t version, CorrelationId correlation) {
  Writer writer{out};
  return encode_response(writer, message, version, correlation);
}

/// Reads a request's header and leaves the reader at the body. Faults: bytes that are no header, and an API key outside
/// the list. A known key in a version that nobody speaks is no fault here: the answer to it is the broker's business
/// (ApiVersions is answered in version 0).
Decoded<RequestHeader> decode_request_header(Reader& reader);

/// Reads the header of an answer to this API and version and leaves the reader at the body.
Decoded<ResponseHeader> decode_response_header(Reader& reader, ApiKey api, std::int16_t version);

/// Reads a body that must fill the rest of the frame.
template <Message M>
Decoded<M> decode_whole(Reader& reader, std::int16_t version) {
  Decoded<M> decoded = decode_message<M>(reader, version);
  if (!decoded.error && reader.remaining() != 0) decoded.error = {WireFault::trailing_bytes, M::spec.name};
  return decoded;
}

/// A whole answer: its correlation id and its body.
template <Message M>
struct DecodedResponse {
  CorrelationId correlation;
  M message;
  WireError error;
  explicit operator bool() const { return !error; }
};

/// Reads a response frame (without its length). The message may view into the frame (records).
template <Message M>
DecodedResponse<M> decode_response(BytesView frame, std::int16_t version) {
  static_assert(M::spec.type == MessageType::response);
  Reader reader{frame};
  const auto header = decode_response_header(reader, api_key_of<M>(), version);
  if (!header) return {CorrelationId{}, {}, header.error};
  auto body = decode_whole<M>(reader, version);
  return {CorrelationId{header.value.correlation_id}, std::move(body.value), body.error};
}

/// A whole request: header and body.
template <RequestMessage M>
struct DecodedRequest {
  RequestHeader header;
  M message;
  WireError error;
  explicit operator bool() const { return !error; }
};

/// Reads a request frame (without its length) of which the API is known, as a test or a peer with one handler does.
template <RequestMessage M>
DecodedRequest<M> decode_request(BytesView frame) {
  Reader reader{frame};
  auto header = decode_request_header(reader);
  if (!header) return {{}, {}, header.error};
  if (header.value.request_api_key != M::spec.key)
    return {header.value, {}, {WireFault::unsupported_version, "RequestApiKey"}};
  auto body = decode_whole<M>(reader, header.value.request_api_version);
  return {std::move(header.value), std::move(body.value), body.error};
}

}  // namespace linger
