#pragma once

#include <cstdint>
#include <map>

#include "producer/clients/kafka_client.h"
#include "producer/clients/network_send.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

/// Records that the requests of a script name, by slot.
class ScriptSlots final : public SlotReader {
 public:
  BytesView read(const BatchBytes& range) override { return slots_.at(range.slot); }
  BatchBytes add(Bytes records);

 private:
  std::map<std::uint32_t, Bytes> slots_;
};

/// The request that a "send" command asks for.
RequestBuilder make_request(const Json& command, ScriptSlots& slots);

}  // namespace linger::differential
