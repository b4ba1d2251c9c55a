#include "hostile/mutate.h"

#include <algorithm>

namespace linger::testing {
namespace {

void flip_bit(Bytes& bytes, Random& random) {
  const std::size_t at = random.below(bytes.size());
  bytes[at] ^= static_cast<std::byte>(1U << random.below(8));
}

void set_byte(Bytes& bytes, Random& random) {
  constexpr std::array<unsigned, 6> extremes{0, 1, 0x7f, 0x80, 0xfe, 0xff};
  const std::size_t at = random.below(bytes.size());
  bytes[at] = static_cast<std::byte>(extremes[random.below(extremes.size())]);
}

// Big-endian, as lengths and counts are.
void set_length(Bytes& bytes, Random& random) {
  constexpr std::array<std::uint32_t, 8> extremes{0, 1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  if (bytes.size() < 4) return;
  const std::size_t at = random.below(bytes.size() - 3);
  const std::uint32_t value = random.one_in(2) ? extremes[random.below(extremes.size())]
                                               : static_cast<std::uint32_t>(random.below(2 * bytes.size()));
  wire::store(bytes.data() + at, value);
}

// A varint that claims much, or does not end.
void set_varint(Bytes& bytes, Random& random) {
  const std::size_t at = random.below(bytes.size());
  const std::size_t size = std::min(bytes.size() - at, 1 + random.below(11));
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = std::byte{0xff};
  if (random.one_in(2)) bytes[at + size - 1] = std::byte{0x0f};
}

void cut(Bytes& bytes, Random& random) {
  bytes.resize(random.below(bytes.size()));
}

void remove_part(Bytes& bytes, Random& random) {
  const std::size_t at = random.below(bytes.size());
  const std::size_t size = std::min(bytes.size() - at, 1 + random.below(16));
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  bytes.erase(from, from + static_cast<std::ptrdiff_t>(size));
}

void insert_part(Bytes& bytes, const Bytes& source, Random& random) {
  if (source.empty()) return;
  const std::size_t from = random.below(source.size());
  const std::size_t size = std::min(source.size() - from, 1 + random.below(64));
  const Bytes part(source.begin() + static_cast<std::ptrdiff_t>(from),
                   source.begin() + static_cast<std::ptrdiff_t>(from + size));
  const std::size_t at = random.below(bytes.size() + 1);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
}

}  // namespace

void mutate(Bytes& bytes, const std::vector<Specimen>& corpus, Random& random) {
  const std::size_t times = 1 + random.below(4);
  for (std::size_t i = 0; i < times && !bytes.empty(); ++i) {
    switch (random.below(9)) {
      case 0:
      case 1:
        flip_bit(bytes, random);
        break;
      case 2:
        set_byte(bytes, random);
        break;
      case 3:
        set_length(bytes, random);
        break;
      case 4:
        set_varint(bytes, random);
        break;
      case 5:
        cut(bytes, random);
        break;
      case 6:
        remove_part(bytes, random);
        break;
      case 7:
        insert_part(bytes, bytes, random);
        break;
      default:
        insert_part(bytes, corpus[random.below(corpus.size())].bytes, random);
        break;
    }
  }
}

}  // namespace linger::testing
