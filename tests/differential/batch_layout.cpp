// How a batch's codec divides its records into blocks. Uncompressed sizes of blocks come from reading each block alone.

#include "tests/differential/batch_listing.h"

namespace linger::differential {
namespace {

/// What cannot be taken apart.
struct Broken {};

/// zstd's stream hands its codec so much at a time, and the codec may divide that further.
constexpr std::size_t zstd_step = 128 * 1024;

struct Division {
  /// Frame and uncompressed sizes of the blocks, which the writer of the stream decides.
  std::string blocks;
  /// What the codec's library decides: whether a block is compressed (c), stored (s) or one byte repeated (r), and
  /// zstd's own blocks.
  std::string packed;
};

std::string hex(BytesView bytes) {
  std::string digits;
  for (const std::byte b : bytes) {
    digits += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
    digits += "0123456789abcdef"[static_cast<unsigned>(b) & 15];
  }
  return digits;
}

BytesView take(BytesView& rest, std::size_t size) {
  if (rest.size() < size) throw Broken{};
  const BytesView taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

std::uint32_t little_endian(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<std::uint32_t>(bytes[i - 1]);
  return value;
}

std::size_t unpacked_size(CompressionType type, BytesView packed) {
  Bytes out;
  if (decompress(type, packed, default_decompression_limit, out)) throw Broken{};
  return out.size();
}

void append(Bytes& to, BytesView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

Division gzip_layout(BytesView rest) {
  constexpr std::size_t header = 10;
  constexpr std::size_t trailer = 8;
  if (rest.size() < header + trailer) throw Broken{};
  return {hex(rest.first(header)) + " " + std::to_string(unpacked_size(CompressionType::gzip, rest)) + " " +
              hex(rest.last(trailer)),
          ""};
}

Division snappy_layout(BytesView rest) {
  Division out{hex(take(rest, 16)), ""};
  while (!rest.empty()) {
    const std::size_t size = wire::load<std::uint32_t>(take(rest, 4).data());
    out.blocks += " " + std::to_string(unpacked_size(CompressionType::snappy, take(rest, size)));
  }
  return out;
}

Division lz4_layout(BytesView rest) {
  constexpr std::uint32_t stored = 0x8000'0000;
  const BytesView start = take(rest, 6);
  const auto flags = static_cast<unsigned>(start[4]);
  Bytes header{start.begin(), start.end()};
  append(header, take(rest, ((flags & 8U) != 0 ? 8 : 0) + 1));
  Division out{hex(header), ""};
  while (true) {
    const BytesView length = take(rest, 4);
    const std::uint32_t word = little_endian(length);
    if (word == 0) break;
    Bytes alone = header;
    append(alone, length);
    append(alone, take(rest, (word & ~stored) + ((flags & 0x10U) != 0 ? 4 : 0)));
    alone.resize(alone.size() + 4);
    out.blocks += " " + std::to_string(unpacked_size(CompressionType::lz4, alone));
    out.packed += (word & stored) != 0 ? 's' : 'c';
  }
  out.blocks += " end" + hex(rest);
  return out;
}

Division zstd_layout(BytesView rest) {
  constexpr std::array<std::size_t, 4> dictionary_bytes{0, 1, 2, 4};
  constexpr std::array<std::size_t, 4> content_bytes{0, 2, 4, 8};
  constexpr std::array<char, 4> kinds{'s', 'r', 'c', '?'};
  constexpr std::byte checksum_flag{4};
  const BytesView start = take(rest, 5);
  const auto descriptor = static_cast<unsigned>(start[4]);
  const bool single = (descriptor & 0x20U) != 0;
  Bytes frame{start.begin(), start.end()};
  const std::size_t content = single && descriptor >> 6 == 0 ? 1 : content_bytes[descriptor >> 6];
  append(frame, take(rest, (single ? 0 : 1) + dictionary_bytes[descriptor & 3U] + content));
  Division out{hex(frame), ""};
  const bool checksum = (descriptor & 4U) != 0;
  frame[4] &= ~checksum_flag;
  std::size_t before = 0;
  std::size_t step_began = 0;
  for (bool last = false; !last;) {
    const BytesView header = take(rest, 3);
    const std::uint32_t word = little_endian(header);
    last = (word & 1U) != 0;
    const unsigned kind = word >> 1 & 3U;
    const std::size_t at = frame.size();
    append(frame, header);
    append(frame, take(rest, kind == 1 ? 1 : word >> 3));
    // A frame that ends here says how far the blocks so far reach.
    Bytes ended = frame;
    ended[at] |= std::byte{1};
    const std::size_t reached = unpacked_size(CompressionType::zstd, ended);
    out.packed += std::to_string(reached - before) + kinds[kind];
    // The flush ends the last step and the close follows it with an empty block.
    const bool flushed = !last && rest.size() == 3;
    if (last || flushed || reached % zstd_step == 0) {
      out.blocks += " " + std::to_string(reached - step_began);
      step_began = reached;
    }
    before = reached;
  }
  out.blocks += (checksum ? " checksum" : " end") + hex(rest);
  return out;
}

Division records_layout(CompressionType codec, BytesView records) {
  try {
    switch (codec) {
      case CompressionType::none:
        return {std::to_string(records.size()), ""};
      case CompressionType::gzip:
        return gzip_layout(records);
      case CompressionType::snappy:
        return snappy_layout(records);
      case CompressionType::lz4:
        return lz4_layout(records);
      case CompressionType::zstd:
        return zstd_layout(records);
    }
  } catch (const Broken&) {
  }
  return {"broken", ""};
}

}  // namespace

Json layout(BytesView bytes, const Json& script) {
  if (bytes.empty()) return Json::object({{"nothing", true}});
  const RecordBatchView batch{bytes};
  const CompressionType codec = batch.header().compression;
  Json out;
  out["codec"] = compression_name(codec);
  out["level"] = number(script, "level", 0);
  out["header"] = hex(bytes.first(batch_layout::length)) + " " +
                  hex(bytes.subspan(batch_layout::partition_leader_epoch,
                                    batch_layout::crc - batch_layout::partition_leader_epoch)) +
                  " " + hex(bytes.subspan(batch_layout::attributes, batch_layout::records - batch_layout::attributes));
  const Division division = records_layout(codec, batch.payload());
  out["blocks"] = division.blocks;
  out["packed"] = division.packed;
  out["bytes"] = {bytes.size(), fingerprint(bytes)};
  return out;
}

}  // namespace linger::differential
