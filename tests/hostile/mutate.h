#pragma once

#include "hostile/corpus.h"
#include "support/random_message.h"

namespace linger::testing {

/// Damages bytes in one to four ways: flipped bits, bytes and length fields set to extremes, parts cut off, removed,
/// repeated, or taken from another specimen.
void mutate(Bytes& bytes, const std::vector<Specimen>& corpus, Random& random);

}  // namespace linger::testing
