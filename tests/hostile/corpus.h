#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/wire.h"

namespace linger::testing {

/// One real frame or batch, and the decoder that a mutant of it is given to.
struct Specimen {
  /// Tries to decode; whether it worked. A mutant may well be legal.
  using Decode = bool (*)(BytesView input, std::int16_t version);
  std::string name;
  std::int16_t version = 0;
  Bytes bytes;
  Decode decode = nullptr;
};

/// Requests and answers with their headers, metadata records, and batches and Produce bodies of every codec, all made
/// by our own encoders.
std::vector<Specimen> make_corpus(std::uint64_t seed);

}  // namespace linger::testing
