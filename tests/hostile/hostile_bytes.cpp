// hostile_bytes --count N --seed S: takes real frames and batches, damages them, and decodes what is left. No input may
// crash the decoders, make them read past the end (build with LINGER_SANITIZE to see that), or allocate more than 16
// times the input's length. What zlib and zstd allocate for their own fixed-size state is not counted: it does not
// depend on the input.

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "hostile/mutate.h"

namespace {

std::size_t live = 0;
std::size_t peak = 0;

// The size stands in front of the block, in a place that keeps the alignment.
constexpr std::size_t prefix = 16;

}  // namespace

void* operator new(std::size_t size) {
  void* block = std::malloc(size + prefix);
  if (block == nullptr) throw std::bad_alloc{};
  std::memcpy(block, &size, sizeof size);
  live += size;
  if (live > peak) peak = live;
  return static_cast<char*>(block) + prefix;
}

void operator delete(void* pointer) noexcept {
  if (pointer == nullptr) return;
  char* block = static_cast<char*>(pointer) - prefix;
  std::size_t size = 0;
  std::memcpy(&size, block, sizeof size);
  live -= size;
  std::free(block);
}

void operator delete(void* pointer, std::size_t /*size*/) noexcept {
  operator delete(pointer);
}

namespace linger::testing {
namespace {

constexpr std::size_t allowed_factor = 16;

struct Tally {
  std::uint64_t decoded = 0;
  std::uint64_t refused = 0;
  double worst = 0;
  std::string worst_name;
};

bool number_after(const char* option, int argc, char** argv, std::uint64_t& value) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], option) != 0) continue;
    const char* end = argv[i + 1] + std::strlen(argv[i + 1]);
    return std::from_chars(argv[i + 1], end, value).ptr == end;
  }
  return true;
}

/// Decodes and gives false when the decoder took too much memory. The input gets an allocation of exactly its size, so
/// that a read behind its end is a read behind a block.
bool feed(const Specimen& specimen, const Bytes& input, Tally& tally) {
  const Bytes exact(input.begin(), input.end());
  const std::size_t before = live;
  peak = live;
  const bool decoded = specimen.decode(exact, specimen.version);
  const std::size_t taken = peak - before;
  ++(decoded ? tally.decoded : tally.refused);
  if (!exact.empty()) {
    const double factor = static_cast<double>(taken) / static_cast<double>(exact.size());
    if (factor > tally.worst) {
      tally.worst = factor;
      tally.worst_name = specimen.name + " v" + std::to_string(specimen.version);
    }
  }
  return taken <= allowed_factor * exact.size();
}

int run(std::uint64_t count, std::uint64_t seed) {
  const std::vector<Specimen> corpus = make_corpus(seed);
  Tally tally;
  for (const Specimen& specimen : corpus) {
    if (!specimen.decode(specimen.bytes, specimen.version)) {
      std::printf("%s v%d: the undamaged bytes are refused\n", specimen.name.c_str(), specimen.version);
      return 1;
    }
  }
  Random random{seed};
  for (std::uint64_t i = 0; i < count; ++i) {
    const Specimen& specimen = corpus[random.below(corpus.size())];
    Bytes bytes = specimen.bytes;
    mutate(bytes, corpus, random);
    if (!feed(specimen, bytes, tally)) {
      std::printf("mutant %llu of %s v%d (%zu bytes) took too much memory\n", static_cast<unsigned long long>(i),
                  specimen.name.c_str(), specimen.version, bytes.size());
      return 1;
    }
  }
  std::printf("%zu specimens, %llu mutants: %llu decoded, %llu refused; most memory %.1f times the input (%s)\n",
              corpus.size(), static_cast<unsigned long long>(count), static_cast<unsigned long long>(tally.decoded),
              static_cast<unsigned long long>(tally.refused), tally.worst, tally.worst_name.c_str());
  return tally.refused > 0 || count == 0 ? 0 : 1;
}

}  // namespace
}  // namespace linger::testing

int main(int argc, char** argv) {
  std::uint64_t count = 50000;
  std::uint64_t seed = 1;
  const bool understood = linger::testing::number_after("--count", argc, argv, count) &&
                          linger::testing::number_after("--seed", argc, argv, seed);
  if (!understood) {
    std::puts("usage: hostile_bytes [--count N] [--seed S]");
    return 2;
  }
  return linger::testing::run(count, seed);
}
