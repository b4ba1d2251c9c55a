#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <memory>

#include "protocol/compression_codecs.h"

namespace linger::codecs {
namespace {

constexpr std::array<std::uint8_t, 10> gzip_header{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
constexpr int raw_deflate = -15;
constexpr int gzip_wrapper = 15 + 16;
constexpr int default_memory_level = 8;

Bytef* zlib_input(BytesView bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

void append_little_endian(Bytes& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
}

bool starts_gzip(BytesView bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

/// Streams and contexts are kept, one a thread: to make one means to clear up to megabytes of tables, for batches of a few kilobytes. What comes out
/// does not depend on what went through before.
struct Deflater {
  z_stream stream{};
  bool made = false;

  Deflater() = default;
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() {
    if (made) deflateEnd(&stream);
  }
};

z_stream& deflater(int level) {
  assert(level >= -1 && level <= 9);
  thread_local std::array<Deflater, 11> by_level;
  Deflater& kept = by_level[static_cast<std::size_t>(level + 1)];
  [[maybe_unused]] const int status =
      kept.made ? deflateReset(&kept.stream)
                : deflateInit2(&kept.stream, level, Z_DEFLATED, raw_deflate, default_memory_level, Z_DEFAULT_STRATEGY);
  assert(status == Z_OK);
  kept.made = true;
  return kept.stream;
}

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* zstd_compressor(int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeZstd> context{ZSTD_createCCtx()};
  ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  return context.get();
}

ZSTD_DCtx* zstd_decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeZstd> context{ZSTD_createDCtx()};
  return context.get();
}

}  // namespace

std::span<std::byte> room(Bytes& out, std::size_t used, std::size_t limit, std::size_t wanted) {
  if (used == out.size()) {
    const std::size_t size = std::min(limit, std::max(2 * out.size(), used + std::max<std::size_t>(wanted, 1)));
    if (size == used) return {};
    // Exactly this much: a vector that grows by itself would take up to twice the limit.
    out.reserve(size);
    out.resize(size);
  }
  return std::span{out}.subspan(used);
}

// The header is written by hand because zlib would put the level into it, which Java does not.
void gzip_compress(BytesView input, int level, Bytes& out) {
  for (const std::uint8_t b : gzip_header) out.push_back(static_cast<std::byte>(b));
  z_stream& stream = deflater(level);
  const std::size_t start = out.size();
  out.resize(start + deflateBound(&stream, static_cast<uLong>(input.size())));
  stream.next_in = zlib_input(input);
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
  stream.avail_out = static_cast<uInt>(out.size() - start);
  [[maybe_unused]] const int status = deflate(&stream, Z_FINISH);
  assert(status == Z_STREAM_END);
  out.resize(start + stream.total_out);
  append_little_endian(out, static_cast<std::uint32_t>(crc32(0, zlib_input(input), static_cast<uInt>(input.size()))));
  append_little_endian(out, static_cast<std::uint32_t>(input.size()));
}

bool gzip_decompress(BytesView input, std::size_t limit, Bytes& out) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_wrapper) != Z_OK) return false;
  stream.next_in = zlib_input(input);
  stream.avail_in = static_cast<uInt>(input.size());
  std::size_t used = 0;
  bool ok = false;
  std::byte past_limit{};
  while (true) {
    const auto free = room(out, used, limit, 4 * input.size());
    // At the limit the stream may still have to read its trailer; a byte more than that is a refusal.
    stream.next_out = reinterpret_cast<Bytef*>(free.empty() ? &past_limit : free.data());
    stream.avail_out = free.empty() ? 1 : static_cast<uInt>(free.size());
    const uInt offered = stream.avail_out;
    const int status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t produced = offered - stream.avail_out;
    if (free.empty() && produced != 0) break;
    used += produced;
    if (status == Z_STREAM_END) {
      ok = true;
      // Another member may follow, as Java's GZIPInputStream allows; anything else behind the end is ignored.
      const BytesView rest = input.last(stream.avail_in);
      if (!starts_gzip(rest) || inflateReset(&stream) != Z_OK) break;
      ok = false;
    } else if (status != Z_OK) {
      break;
    }
  }
  inflateEnd(&stream);
  out.resize(used);
  return ok;
}

// Flushed before it is ended, as closing a Java stream does: so the frame does not state its content's size, and ends
// with an empty block.
void zstd_compress(BytesView input, int level, Bytes& out) {
  ZSTD_CCtx* const context = zstd_compressor(level);
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(input.size()) + 64);
  ZSTD_outBuffer sink{out.data() + start, out.size() - start, 0};
  ZSTD_inBuffer source{input.data(), input.size(), 0};
  [[maybe_unused]] std::size_t left = ZSTD_compressStream2(context, &sink, &source, ZSTD_e_flush);
  assert(left == 0);
  left = ZSTD_compressStream2(context, &sink, &source, ZSTD_e_end);
  assert(left == 0);
  out.resize(start + sink.pos);
}

// In one piece into a bounded buffer, not as a stream: a stream would allocate the window that a hostile frame may
// claim.
bool zstd_decompress(BytesView input, std::size_t limit, Bytes& out) {
  ZSTD_DCtx* const context = zstd_decompressor();
  const unsigned long long stated = ZSTD_getFrameContentSize(input.data(), input.size());
  std::size_t size = std::min(limit, 4 * input.size());
  if (stated != ZSTD_CONTENTSIZE_UNKNOWN && stated != ZSTD_CONTENTSIZE_ERROR && stated != 0 && stated <= limit) {
    size = static_cast<std::size_t>(stated);
  }
  bool ok = false;
  while (true) {
    out.clear();
    out.reserve(size);
    out.resize(size);
    const std::size_t result = ZSTD_decompressDCtx(context, out.data(), out.size(), input.data(), input.size());
    if (ZSTD_isError(result) == 0U) {
      out.resize(result);
      ok = true;
      break;
    }
    if (ZSTD_getErrorCode(result) != ZSTD_error_dstSize_tooSmall || size == limit) break;
    size = std::min(limit, 2 * size);
  }
  return ok;
}

}  // namespace linger::codecs
