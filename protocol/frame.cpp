#include "protocol/frame.h"

namespace linger {

namespace codec {

FrameStart begin_frame(Writer& writer) {
  const FrameStart start{writer.size(), writer.left_out()};
  writer.open();
  writer.write(std::int32_t{0});
  return start;
}

WireError finish_frame(Writer& writer, FrameStart start, const WireError& error) {
  writer.close();
  const std::size_t size = writer.size() - start.at - 4 + (writer.left_out() - start.left_out);
  if (size > 0x7fff'ffff) writer.fail(WireFault::bad_length);
  writer.patch(start.at, static_cast<std::int32_t>(size));
  return error ? error : writer.error();
}

void write_request_header(Writer& writer, ApiKey api, std::int16_t version, CorrelationId correlation,
                          const std::optional<std::string>& client_id) {
  RequestHeader header;
  header.request_api_key = wire_code(api);
  header.request_api_version = version;
  header.correlation_id = correlation.value();
  header.client_id = client_id;
  encode_message(header, request_header_version(api, version), writer);
}

void write_response_header(Writer& writer, ApiKey api, std::int16_t version, CorrelationId correlation) {
  encode_message(ResponseHeader{correlation.value()}, response_header_version(api, version), writer);
}

}  // namespace codec

Decoded<RequestHeader> decode_request_header(Reader& reader) {
  const BytesView start = reader.rest();
  if (start.size() < 4) {
    reader.fail(WireFault::past_end, "RequestHeader");
    return {{}, reader.error()};
  }
  const auto api = api_key_from_wire(wire::load<std::int16_t>(start.data()));
  if (!api) {
    reader.fail(WireFault::unsupported_version, "RequestApiKey");
    return {{}, reader.error()};
  }
  return decode_message<RequestHeader>(reader,
                                       request_header_version(*api, wire::load<std::int16_t>(start.data() + 2)));
}

Decoded<ResponseHeader> decode_response_header(Reader& reader, ApiKey api, std::int16_t version) {
  return decode_message<ResponseHeader>(reader, response_header_version(api, version));
}

}  // namespace linger
