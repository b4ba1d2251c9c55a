#include "protocol/record.h"

namespace linger {
namespace {

BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

namespace codec {

std::size_t size_of_headers(std::span<const RecordHeader> headers) {
  std::size_t size = wire::varint_size(static_cast<std::int32_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    size += size_of_optional(bytes_of(header.key)) + size_of_optional(header.value);
  }
  return size;
}

std::byte* store_headers(std::byte* to, std::span<const RecordHeader> headers) {
  to = store_varint(to, static_cast<std::int64_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    to = store_bytes(to, bytes_of(header.key));
    to = store_optional(to, header.value);
  }
  return to;
}

}  // namespace codec

std::vector<RecordHeader> RecordView::headers() const {
  std::vector<RecordHeader> result;
  Reader reader{header_bytes};
  for (std::int32_t i = 0; i < header_count && reader.ok(); ++i) {
    const BytesView key = reader.take(static_cast<std::size_t>(reader.read_varint()));
    const std::int32_t size = reader.read_varint();
    OptionalBytes value;
    if (size >= 0) value = reader.take(static_cast<std::size_t>(size));
    result.push_back({{reinterpret_cast<const char*>(key.data()), key.size()}, value});
  }
  return result;
}

}  // namespace linger
