#pragma once

#include <string>

#include "tests/differential/batch_script.h"

namespace linger::differential {

/// FNV-1a with 64 bits, in 16 hexadecimal digits.
std::string fingerprint(BytesView bytes);

/// What a reader must find in a batch, worked out from its script and not from its bytes. `built` says which records
/// had room.
Json expected_listing(const ScriptedBatch& batch, const BuiltBatch& built);

/// What reading a batch gives; a fault instead of the records if it cannot be read. Requires: bytes of one batch, or
/// none.
Json listing(BytesView batch);

/// A batch's bytes: its header without length and checksum, and the blocks that its codec's stream is divided into;
/// then what the codec's library is free to choose: under "packed" how it stored the blocks, under "bytes" size and
/// fingerprint of the whole. `script` is the line that the batch was built from. Requires: bytes of one batch, or none.
Json layout(BytesView batch, const Json& script);

}  // namespace linger::differential
