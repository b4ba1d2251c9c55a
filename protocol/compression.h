#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/wire.h"

namespace linger {

/// Codec number in a batch's attributes (org.apache.kafka.common.record.CompressionType).
enum class CompressionType : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr int compression_types = 5;

/// "gzip", as compression.type spells it.
std::string_view compression_name(CompressionType type);
std::optional<CompressionType> compression_from_name(std::string_view name);

/// Levels that compression.<codec>.level accepts. gzip's default (-1) lies outside its range and is accepted too; lz4's
/// default stands for the fast compressor, every other level for the high-compression one.
struct CompressionLevels {
  int min = 0;
  int max = 0;
  int preset = 0;
  constexpr bool accepts(int level) const { return level == preset || (min <= level && level <= max); }
};
CompressionLevels compression_levels(CompressionType type);

/// A codec and its level.
struct Compression {
  CompressionType type = CompressionType::none;
  int level = 0;
  static Compression of(CompressionType type) { return {type, compression_levels(type).preset}; }
  friend bool operator==(const Compression&, const Compression&) = default;
};

/// Appends `input`, compressed and framed as Kafka's Java client frames it: gzip with operating system 255; snappy in
/// snappy-java's (xerial) blocks of 32 KB; an LZ4 frame of independent 64 KB blocks without checksums; a zstd frame
/// without content size. Requires: a level that compression_levels accepts.
void compress(Compression compression, BytesView input, Bytes& out);

/// Replaces `out` by the decompressed input. Gives bad_compression when the codec refuses the input or the result would
/// exceed `limit`; `out` never grows beyond the limit. Snappy is accepted with and without framing.
WireError decompress(CompressionType type, BytesView input, std::size_t limit, Bytes& out);

}  // namespace linger
