#include "protocol/compression.h"

#include <array>

#include "protocol/compression_codecs.h"

namespace linger {
namespace {

struct CodecRow {
  std::string_view name;
  CompressionLevels levels;
};

constexpr std::array<CodecRow, compression_types> rows{{
    {"none", {0, 0, 0}},
    {"gzip", {1, 9, -1}},
    {"snappy", {0, 0, 0}},
    {"lz4", {1, 17, 9}},
    {"zstd", {-131072, 22, 3}},
}};

}  // namespace

std::string_view compression_name(CompressionType type) {
  return rows[static_cast<std::size_t>(type)].name;
}

std::optional<CompressionType> compression_from_name(std::string_view name) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name == name) return static_cast<CompressionType>(i);
  }
  return std::nullopt;
}

CompressionLevels compression_levels(CompressionType type) {
  return rows[static_cast<std::size_t>(type)].levels;
}

void compress(Compression compression, BytesView input, Bytes& out) {
  assert(compression_levels(compression.type).accepts(compression.level));
  switch (compression.type) {
    case CompressionType::none:
      out.insert(out.end(), input.begin(), input.end());
      return;
    case CompressionType::gzip:
      codecs::gzip_compress(input, compression.level, out);
      return;
    case CompressionType::snappy:
      codecs::snappy_compress(input, out);
      return;
    case CompressionType::lz4:
      codecs::lz4_compress(input, compression.level, out);
      return;
    case CompressionType::zstd:
      codecs::zstd_compress(input, compression.level, out);
      return;
  }
}

WireError decompress(CompressionType type, BytesView input, std::size_t limit, Bytes& out) {
  out.clear();
  bool ok = false;
  switch (type) {
    case CompressionType::none:
      ok = input.size() <= limit;
      if (ok) out.assign(input.begin(), input.end());
      break;
    case CompressionType::gzip:
      ok = codecs::gzip_decompress(input, limit, out);
      break;
    case CompressionType::snappy:
      ok = codecs::snappy_decompress(input, limit, out);
      break;
    case CompressionType::lz4:
      ok = codecs::lz4_decompress(input, limit, out);
      break;
    case CompressionType::zstd:
      ok = codecs::zstd_decompress(input, limit, out);
      break;
  }
  if (ok) return {};
  out.clear();
  return {WireFault::bad_compression, rows[static_cast<std::size_t>(type) % rows.size()].name};
}

}  // namespace linger
