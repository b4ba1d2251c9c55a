#include "protocol/wire.h"

namespace linger {

std::string_view describe(WireFault fault) {
  switch (fault) {
    case WireFault::none:
      return "no fault";
    case WireFault::past_end:
      return "the input ends inside a value";
    case WireFault::bad_length:
      return "a length that cannot be";
    case WireFault::bad_varint:
      return "a varint without end";
    case WireFault::null_not_allowed:
      return "null where none is allowed";
    case WireFault::over_budget:
      return "decoding would take too much memory";
    case WireFault::bad_tag_size:
      return "a tagged field does not fill its size";
    case WireFault::trailing_bytes:
      return "bytes are left after the message";
    case WireFault::unsupported_version:
      return "no such version";
    case WireFault::field_not_in_version:
      return "this version cannot carry the field's value";
    case WireFault::bad_batch:
      return "a record batch that contradicts itself";
    case WireFault::bad_crc:
      return "a record batch with a wrong checksum";
    case WireFault::bad_compression:
      return "compressed data that cannot be read within its limit";
  }
  return "unknown fault";
}

std::string WireError::describe() const {
  std::string text{linger::describe(fault)};
  if (!field.empty()) text.append(" (").append(field).append(")");
  return text;
}

}  // namespace linger
