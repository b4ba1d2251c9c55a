#include "conformance_schema/jar.h"

#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <iterator>

namespace linger {
namespace {

constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t entry_signature = 0x02014b50;
constexpr std::size_t end_bytes = 22;
constexpr std::size_t entry_bytes = 46;
constexpr std::size_t local_bytes = 30;

/// Little-endian numbers of a zip file; zero behind its end.
struct Archive {
  std::string bytes;

  std::uint32_t number(std::size_t at, std::size_t width) const {
    if (at + width > bytes.size()) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  }
  std::string part(std::size_t at, std::size_t size) const {
    return at + size <= bytes.size() ? bytes.substr(at, size) : std::string{};
  }
};

std::string inflated(std::string packed, std::size_t size) {
  std::string result(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return status == Z_STREAM_END ? result : std::string{};
}

}  // namespace

std::map<std::string, std::string> read_jar(const std::string& path, const std::string& prefix,
                                            const std::string& suffix) {
  std::ifstream file(path, std::ios::binary);
  const Archive zip{{std::istreambuf_iterator<char>(file), {}}};
  std::map<std::string, std::string> result;
  if (zip.bytes.size() < end_bytes) return result;
  std::size_t end = zip.bytes.size() - end_bytes;
  while (end > 0 && zip.number(end, 4) != end_signature) --end;
  std::size_t at = zip.number(end + 16, 4);
  for (std::uint32_t left = zip.number(end + 10, 2); left > 0 && zip.number(at, 4) == entry_signature; --left) {
    const std::uint32_t method = zip.number(at + 10, 2);
    const std::uint32_t packed_size = zip.number(at + 20, 4);
    const std::uint32_t size = zip.number(at + 24, 4);
    const std::uint32_t name_size = zip.number(at + 28, 2);
    const std::uint32_t local = zip.number(at + 42, 4);
    const std::string name = zip.part(at + entry_bytes, name_size);
    at += entry_bytes + name_size + zip.number(at + 30, 2) + zip.number(at + 32, 2);
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::size_t data = local + local_bytes + zip.number(local + 26, 2) + zip.number(local + 28, 2);
    const std::string packed = zip.part(data, packed_size);
    result[name] = method == 0 ? packed : inflated(packed, size);
  }
  return result;
}

}  // namespace linger
