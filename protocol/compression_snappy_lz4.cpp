#include <lz4.h>
#include <lz4hc.h>
#include <snappy-c.h>

#include <algorithm>
#include <array>

#include "protocol/compression.h"
#include "protocol/compression_codecs.h"

namespace linger::codecs {
namespace {

// ---- snappy
// --------------------------------------------------------------------------------------------------------------------

// 0x82 "SNAPPY" 0, version 1, lowest compatible version 1.
constexpr std::array<std::uint8_t, 16> xerial_header{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
constexpr std::size_t xerial_magic_bytes = 8;
constexpr std::size_t xerial_block_bytes = 32 * 1024;

const char* chars(BytesView bytes) {
  return reinterpret_cast<const char*>(bytes.data());
}

bool starts_xerial(BytesView bytes) {
  return bytes.size() >= xerial_header.size() &&
         std::memcmp(bytes.data(), xerial_header.data(), xerial_magic_bytes) == 0;
}

bool append_snappy_block(BytesView block, std::size_t limit, Bytes& out) {
  std::size_t size = 0;
  if (snappy_uncompressed_length(chars(block), block.size(), &size) != SNAPPY_OK) return false;
  if (size > limit - out.size()) return false;
  const std::size_t start = out.size();
  if (out.capacity() < start + size) out.reserve(std::min(limit, std::max(2 * start, start + size)));
  out.resize(start + size);
  return snappy_uncompress(chars(block), block.size(), reinterpret_cast<char*>(out.data() + start), &size) == SNAPPY_OK;
}

// ---- LZ4 frame
// -----------------------------------------------------------------------------------------------------------------

constexpr std::uint32_t lz4_magic = 0x184d2204;
constexpr std::uint32_t lz4_stored = 0x8000'0000;
constexpr std::size_t lz4_block_bytes = 64 * 1024;
constexpr std::uint8_t lz4_flags = 0x60;         // version 1, independent blocks
constexpr std::uint8_t lz4_descriptor = 0x40;    // blocks of at most 64 KB
constexpr std::uint8_t lz4_header_check = 0x82;  // second byte of XXH32 over the two bytes before

std::uint32_t load_little_endian(const std::byte* from) {
  return __builtin_bswap32(wire::load<std::uint32_t>(from));
}

void append_little_endian(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
}

// XXH32 with seed 0: the checksum of the LZ4 frame format.
std::uint32_t xxh32(BytesView bytes) {
  constexpr std::uint32_t prime1 = 2654435761U;
  constexpr std::uint32_t prime2 = 2246822519U;
  constexpr std::uint32_t prime3 = 3266489917U;
  constexpr std::uint32_t prime4 = 668265263U;
  constexpr std::uint32_t prime5 = 374761393U;
  const std::byte* from = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t hash = prime5;
  if (left >= 16) {
    std::array<std::uint32_t, 4> lanes{prime1 + prime2, prime2, 0, 0U - prime1};
    for (; left >= 16; left -= 16) {
      for (std::uint32_t& lane : lanes) {
        lane = std::rotl(lane + load_little_endian(from) * prime2, 13) * prime1;
        from += 4;
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  }
  hash += static_cast<std::uint32_t>(bytes.size());
  for (; left >= 4; left -= 4, from += 4) hash = std::rotl(hash + load_little_endian(from) * prime3, 17) * prime4;
  for (; left > 0; --left, ++from) hash = std::rotl(hash + static_cast<std::uint32_t>(*from) * prime5, 11) * prime1;
  hash = (hash ^ (hash >> 15)) * prime2;
  hash = (hash ^ (hash >> 13)) * prime3;
  return hash ^ (hash >> 16);
}

/// What an LZ4 frame's header says.
struct Lz4Frame {
  bool block_checksums = false;
  bool content_checksum = false;
  std::size_t block_bytes = 0;
};

// The same frames as Java's reader: version 1, independent blocks, reserved bits zero; a content size is passed over.
bool read_lz4_header(Reader& reader, Lz4Frame& frame) {
  const BytesView start = reader.rest();
  if (start.size() < 7 || load_little_endian(start.data()) != lz4_magic) return false;
  const auto flags = static_cast<unsigned>(start[4]);
  const auto descriptor = static_cast<unsigned>(start[5]);
  const unsigned block_size = descriptor >> 4;
  if (flags >> 6 != 1 || (flags & 0x20U) == 0 || (flags & 3U) != 0) return false;
  if ((descriptor & 0x8fU) != 0 || block_size < 4 || block_size > 7) return false;
  frame.block_checksums = (flags & 0x10U) != 0;
  frame.content_checksum = (flags & 4U) != 0;
  frame.block_bytes = std::size_t{1} << (2 * block_size + 8);
  const std::size_t described = (flags & 8U) != 0 ? 10 : 2;
  const BytesView header = reader.take(4 + described + 1);
  if (!reader.ok()) return false;
  return static_cast<std::uint32_t>(header.back()) == (xxh32(header.subspan(4, described)) >> 8 & 0xff);
}

bool append_lz4_block(BytesView block, bool stored, std::size_t block_bytes, std::size_t limit, Bytes& out) {
  const std::size_t start = out.size();
  const std::size_t most = std::min(block_bytes, limit - start);
  if (stored) {
    if (block.size() > most) return false;
    out.insert(out.end(), block.begin(), block.end());
    return true;
  }
  // An LZ4 block grows at most 255-fold, which keeps a short block from claiming 4 MB.
  const std::size_t size = std::min(most, 255 * block.size() + 64);
  if (out.capacity() < start + size) out.reserve(std::min(limit, std::max(2 * start, start + size)));
  out.resize(start + size);
  const int written = LZ4_decompress_safe(chars(block), reinterpret_cast<char*>(out.data() + start),
                                          static_cast<int>(block.size()), static_cast<int>(size));
  if (written < 0) return false;
  out.resize(start + static_cast<std::size_t>(written));
  return true;
}

}  // namespace

void snappy_compress(BytesView input, Bytes& out) {
  for (const std::uint8_t b : xerial_header) out.push_back(static_cast<std::byte>(b));
  for (std::size_t at = 0; at < input.size(); at += xerial_block_bytes) {
    const BytesView block = input.subspan(at, std::min(xerial_block_bytes, input.size() - at));
    const std::size_t start = out.size();
    std::size_t size = snappy_max_compressed_length(block.size());
    out.resize(start + 4 + size);
    ::snappy_compress(chars(block), block.size(), reinterpret_cast<char*>(out.data() + start + 4), &size);
    wire::store(out.data() + start, static_cast<std::int32_t>(size));
    out.resize(start + 4 + size);
  }
}

bool snappy_decompress(BytesView input, std::size_t limit, Bytes& out) {
  if (!starts_xerial(input)) return append_snappy_block(input, limit, out);
  Reader reader{input};
  while (reader.remaining() != 0) {
    if (starts_xerial(reader.rest())) {
      reader.take(xerial_header.size());
      continue;
    }
    const auto size = reader.read<std::int32_t>();
    if (!reader.ok() || size < 0) return false;
    const BytesView block = reader.take(static_cast<std::size_t>(size));
    if (!reader.ok() || !append_snappy_block(block, limit, out)) return false;
  }
  return true;
}

void lz4_compress(BytesView input, int level, Bytes& out) {
  append_little_endian(out, lz4_magic);
  for (const std::uint8_t b : {lz4_flags, lz4_descriptor, lz4_header_check}) out.push_back(static_cast<std::byte>(b));
  const bool fast = level == compression_levels(CompressionType::lz4).preset;
  for (std::size_t at = 0; at < input.size(); at += lz4_block_bytes) {
    const BytesView block = input.subspan(at, std::min(lz4_block_bytes, input.size() - at));
    const int size = static_cast<int>(block.size());
    const int bound = LZ4_compressBound(size);
    const std::size_t start = out.size();
    out.resize(start + 4 + static_cast<std::size_t>(bound));
    char* to = reinterpret_cast<char*>(out.data() + start + 4);
    const int written = fast ? LZ4_compress_default(chars(block), to, size, bound)
                             : LZ4_compress_HC(chars(block), to, size, bound, level);
    std::uint32_t word = static_cast<std::uint32_t>(written);
    if (written >= size) {
      std::memcpy(to, block.data(), block.size());
      word = static_cast<std::uint32_t>(size) | lz4_stored;
    }
    wire::store(out.data() + start, __builtin_bswap32(word));
    out.resize(start + 4 + (word & ~lz4_stored));
  }
  append_little_endian(out, 0);
}

bool lz4_decompress(BytesView input, std::size_t limit, Bytes& out) {
  Reader reader{input};
  Lz4Frame frame;
  if (!read_lz4_header(reader, frame)) return false;
  while (true) {
    const BytesView length = reader.take(4);
    if (!reader.ok()) return false;
    const std::uint32_t word = load_little_endian(length.data());
    if (word == 0) break;
    const BytesView block = reader.take(word & ~lz4_stored);
    if (!reader.ok() || block.size() > frame.block_bytes) return false;
    if (frame.block_checksums) {
      const BytesView check = reader.take(4);
      if (!reader.ok() || load_little_endian(check.data()) != xxh32(block)) return false;
    }
    if (!append_lz4_block(block, (word & lz4_stored) != 0, frame.block_bytes, limit, out)) return false;
  }
  if (frame.content_checksum) {
    const BytesView check = reader.take(4);
    if (!reader.ok() || load_little_endian(check.data()) != xxh32(out)) return false;
  }
  return true;
}

}  // namespace linger::codecs
