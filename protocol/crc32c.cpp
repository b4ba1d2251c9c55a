#include "protocol/crc32c.h"

#include <array>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace linger {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected

// tables[k][b]: the effect of byte b, k bytes before the end of an eight-byte step.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr Tables tables = [] {
  Tables result{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    result[0][b] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      const std::uint32_t before = result[k - 1][b];
      result[k][b] = (before >> 8) ^ result[0][before & 0xff];
    }
  }
  return result;
}();

std::uint64_t load_little_endian(const std::byte* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

#if defined(__x86_64__)

// Product of two polynomials modulo the CRC's, bits reflected: bit 31 is the coefficient of x^0.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (int bit = 31; bit >= 0; --bit) {
    if ((a >> bit & 1U) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1U) != 0 ? polynomial : 0U);
  }
  return product;
}

// x^n modulo the polynomial.
constexpr std::uint32_t power_of_x(std::uint64_t n) {
  std::uint32_t result = 0x8000'0000;
  std::uint32_t factor = 0x4000'0000;
  for (; n != 0; n >>= 1) {
    if ((n & 1U) != 0) result = multiply(result, factor);
    factor = multiply(factor, factor);
  }
  return result;
}

// Multiplying by this and reducing with one CRC step moves a checksum over `bytes` bytes that follow: the step itself
// multiplies by x^32 and the carry-less product by x.
constexpr std::uint32_t shift_constant(std::size_t bytes) {
  return power_of_x(8 * static_cast<std::uint64_t>(bytes) - 33);
}

#define LINGER_CRC_TARGET __attribute__((target("sse4.2,pclmul")))

LINGER_CRC_TARGET inline std::uint64_t shift(std::uint64_t crc, std::uint32_t constant) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)),
                                               _mm_cvtsi64_si128(static_cast<long long>(constant)), 0);
  return _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product)));
}

// Takes as many pieces of three times Stream bytes as there are.
template <std::size_t Stream>
LINGER_CRC_TARGET std::uint64_t three_streams(std::uint64_t crc, const std::byte*& from, std::size_t& size) {
  constexpr std::uint32_t over_one = shift_constant(Stream);
  constexpr std::uint32_t over_two = shift_constant(2 * Stream);
  while (size >= 3 * Stream) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < Stream; i += 8) {
      crc = _mm_crc32_u64(crc, load_little_endian(from + i));
      second = _mm_crc32_u64(second, load_little_endian(from + Stream + i));
      third = _mm_crc32_u64(third, load_little_endian(from + 2 * Stream + i));
    }
    crc = shift(crc, over_two) ^ shift(second, over_one) ^ third;
    from += 3 * Stream;
    size -= 3 * Stream;
  }
  return crc;
}

LINGER_CRC_TARGET std::uint32_t by_instruction(BytesView bytes, std::uint32_t before) {
  std::uint64_t crc = ~before;
  const std::byte* from = bytes.data();
  std::size_t size = bytes.size();
  crc = three_streams<1024>(crc, from, size);
  crc = three_streams<192>(crc, from, size);
  crc = three_streams<40>(crc, from, size);
  for (; size >= 8; from += 8, size -= 8) crc = _mm_crc32_u64(crc, load_little_endian(from));
  auto rest = static_cast<std::uint32_t>(crc);
  for (; size != 0; ++from, --size) rest = _mm_crc32_u8(rest, static_cast<std::uint8_t>(*from));
  return ~rest;
}

#endif

}  // namespace

std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  const std::byte* from = bytes.data();
  std::size_t size = bytes.size();
  for (; size >= 8; from += 8, size -= 8) {
    const std::uint64_t word = load_little_endian(from) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][word >> (8 * k) & 0xff];
  }
  for (; size != 0; ++from, --size) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<std::uint32_t>(*from)) & 0xff];
  }
  return ~crc;
}

std::uint32_t crc32c(BytesView bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instructions = __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
  if (has_instructions) return by_instruction(bytes, before);
#endif
  return crc32c_by_table(bytes, before);
}

}  // namespace linger
