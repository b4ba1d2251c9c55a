#include "sim/latency.h"

#include <array>
#include <bit>
#include <cassert>

namespace linger::sim {

namespace {

__extension__ using wide = __int128;

// log2(1 + i / 64) in units of 2^-16.
constexpr std::array<std::int32_t, 65> log2_table = {
    0,     1466,  2909,  4331,  5732,  7112,  8473,  9814,  11136, 12440, 13727, 14996, 16248,
    17484, 18704, 19909, 21098, 22272, 23433, 24579, 25711, 26830, 27936, 29029, 30109, 31178,
    32234, 33279, 34312, 35334, 36346, 37346, 38336, 39316, 40286, 41246, 42196, 43137, 44068,
    44990, 45904, 46809, 47705, 48593, 49472, 50344, 51207, 52063, 52911, 53751, 54584, 55410,
    56229, 57040, 57845, 58643, 59434, 60219, 60997, 61769, 62534, 63294, 64047, 64794, 65536,
};

// The i / 128 quantile of the normal distribution in units of 2^-16, cut off at four deviations.
constexpr std::array<std::int32_t, 129> normal_table = {
    -262144, -158437, -141156, -130248, -122076, -115453, -109834, -104924, -100540, -96565, -92917, -89536, -86377,
    -83408,  -80600,  -77933,  -75389,  -72954,  -70616,  -68364,  -66191,  -64087,  -62048, -60067, -58140, -56262,
    -54428,  -52637,  -50884,  -49166,  -47482,  -45828,  -44203,  -42605,  -41032,  -39482, -37954, -36446, -34958,
    -33487,  -32032,  -30594,  -29170,  -27759,  -26362,  -24976,  -23601,  -22237,  -20882, -19536, -18199, -16869,
    -15545,  -14228,  -12917,  -11611,  -10310,  -9012,   -7718,   -6427,   -5139,   -3852,  -2567,  -1283,  0,
    1283,    2567,    3852,    5139,    6427,    7718,    9012,    10310,   11611,   12917,  14228,  15545,  16869,
    18199,   19536,   20882,   22237,   23601,   24976,   26362,   27759,   29170,   30594,  32032,  33487,  34958,
    36446,   37954,   39482,   41032,   42605,   44203,   45828,   47482,   49166,   50884,  52637,  54428,  56262,
    58140,   60067,   62048,   64087,   66191,   68364,   70616,   72954,   75389,   77933,  80600,  83408,  86377,
    89536,   92917,   96565,   100540,  104924,  109834,  115453,  122076,  130248,  141156, 158437, 262144,
};

// 2^(i / 64) in units of 2^-30.
constexpr std::array<std::int64_t, 65> exp2_table = {
    1073741824, 1085434106, 1097253708, 1109202018, 1121280436, 1133490379, 1145833280, 1158310587, 1170923762,
    1183674286, 1196563654, 1209593378, 1222764986, 1236080024, 1249540052, 1263146652, 1276901417, 1290805962,
    1304861917, 1319070932, 1333434672, 1347954824, 1362633090, 1377471191, 1392470869, 1407633882, 1422962010,
    1438457051, 1454120821, 1469955159, 1485961921, 1502142985, 1518500250, 1535035634, 1551751076, 1568648537,
    1585730000, 1602997467, 1620452965, 1638098541, 1655936265, 1673968228, 1692196547, 1710623359, 1729250827,
    1748081133, 1767116489, 1786359126, 1805811301, 1825475297, 1845353420, 1865448001, 1885761398, 1906295993,
    1927054196, 1948038440, 1969251188, 1990694927, 2012372174, 2034285470, 2056437387, 2078830522, 2101467502,
    2124350982, 2147483648,
};

// A value between two neighbours of a table, `fraction` of `one` of the way.
template <class Table>
std::int64_t between(const Table& table, std::size_t i, std::int64_t fraction, std::int64_t one) {
  const std::int64_t low = table[i];
  const std::int64_t high = table[i + 1];
  return low + (high - low) * fraction / one;
}

// -log2(u) in units of 2^-16 for the u in (0, 1] that these bits stand for.
std::int64_t minus_log2(std::uint64_t drawn) {
  const std::uint64_t u = drawn | 1;
  const int zeros = std::countl_zero(u);
  const std::uint64_t mantissa = u << zeros;  // the leading bit is the one before the point
  const std::size_t i = static_cast<std::size_t>((mantissa >> 57) & 63);
  const std::int64_t fraction = static_cast<std::int64_t>((mantissa >> 41) & 0xffff);
  return (std::int64_t{zeros} + 1) * 65'536 - between(log2_table, i, fraction, 65'536);
}

std::int64_t clamp_to_ns(wide value) {
  constexpr wide largest = INT64_MAX;
  return value > largest ? INT64_MAX : static_cast<std::int64_t>(value);
}

std::int64_t sample_exponential(std::int64_t mean, std::uint64_t drawn) {
  constexpr std::int64_t ln2 = 45'426;  // in units of 2^-16
  const wide value = wide{mean} * minus_log2(drawn) * ln2 >> 32;
  return clamp_to_ns(value < wide{mean} * 12 ? value : wide{mean} * 12);
}

std::int64_t sample_lognormal(std::int64_t median, std::int64_t sigma_percent, std::uint64_t drawn) {
  constexpr std::int64_t log2_of_e = 94'548;  // in units of 2^-16
  const std::int64_t deviations = between(normal_table, static_cast<std::size_t>(drawn >> 57),
                                          static_cast<std::int64_t>((drawn >> 41) & 0xffff), 65'536);
  const std::int64_t exponent = static_cast<std::int64_t>((wide{deviations} * sigma_percent * log2_of_e / 100) >> 16);
  const std::int64_t whole = exponent >> 16;
  const std::int64_t part = exponent & 0xffff;
  const std::int64_t power = between(exp2_table, static_cast<std::size_t>(part >> 10), part & 0x3ff, 0x400);
  if (whole > 30) return INT64_MAX;
  if (whole < -62) return 0;
  const wide scaled = wide{median} * power;
  return clamp_to_ns(whole >= 0 ? (scaled << whole) >> 30 : scaled >> (30 - whole));
}

}  // namespace

Duration Latency::sample(std::uint64_t drawn) const {
  switch (shape_) {
    case Shape::constant:
      return first_;
    case Shape::uniform:
      return Duration::ns(sim::uniform(drawn, first_.ns(), second_.ns()));
    case Shape::exponential:
      return first_ + Duration::ns(sample_exponential(second_.ns(), drawn));
    case Shape::lognormal:
      return Duration::ns(sample_lognormal(first_.ns(), second_.ns(), drawn));
  }
  assert(false);
  return Duration{};
}

Duration Latency::typical() const {
  switch (shape_) {
    case Shape::constant:
    case Shape::lognormal:
      return first_;
    case Shape::uniform:
      return first_ + (second_ - first_) / 2;
    case Shape::exponential:
      return first_ + second_;
  }
  assert(false);
  return Duration{};
}

std::string Latency::describe() const {
  switch (shape_) {
    case Shape::constant:
      return first_.describe();
    case Shape::uniform:
      return first_.describe() + " to " + second_.describe();
    case Shape::exponential:
      return "exponential, at least " + first_.describe() + ", mean " + second_.describe() + " more";
    case Shape::lognormal:
      return "lognormal, median " + first_.describe() + ", sigma " + std::to_string(second_.ns()) + " %";
  }
  assert(false);
  return {};
}

}  // namespace linger::sim
