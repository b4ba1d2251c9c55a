#pragma once

#include "protocol/wire.h"

/// One pair of functions a codec; see protocol/compression.h for the framing. Compressing appends. Decompressing fills
/// an empty `out`, never past `limit`, and gives false for input that cannot be read or does not fit.
namespace linger::codecs {

void gzip_compress(BytesView input, int level, Bytes& out);
bool gzip_decompress(BytesView input, std::size_t limit, Bytes& out);
void snappy_compress(BytesView input, Bytes& out);
bool snappy_decompress(BytesView input, std::size_t limit, Bytes& out);
void lz4_compress(BytesView input, int level, Bytes& out);
bool lz4_decompress(BytesView input, std::size_t limit, Bytes& out);
void zstd_compress(BytesView input, int level, Bytes& out);
bool zstd_decompress(BytesView input, std::size_t limit, Bytes& out);

/// Where output goes next: at least one byte of room behind `used`, growing `out` by doubling but not past the limit;
/// an empty span when the limit is reached.
std::span<std::byte> room(Bytes& out, std::size_t used, std::size_t limit, std::size_t wanted);

}  // namespace linger::codecs
