// Cases of Kafka's ByteUtilsTest, Crc32CTest and CompressionRatioEstimatorTest (kafka-clients 4.3.1). Where Java tries
// a buffer and a stream, here is one Writer and one Reader.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "protocol/compression_ratio_estimator.h"
#include "protocol/crc32c.h"
#include "protocol/wire.h"
#include "support/hex.h"

using namespace linger;
using testing::from_hex;
using testing::to_hex;

namespace {

template <class Value>
using Table = std::vector<std::pair<Value, std::string>>;
using double_limits = std::numeric_limits<double>;

/// What the call writes.
template <class Write>
std::string written(Write write) {
  Bytes bytes;
  Writer writer(bytes);
  write(writer);
  return to_hex(bytes);
}

/// Checks each value's bytes both ways.
template <class Value, class Write, class Read>
void check_serde(const Table<Value>& table, Write write, Read read) {
  for (const auto& [value, hex] : table) {
    INFO(hex);
    CHECK(written([&, value = value](Writer& writer) { write(writer, value); }) == hex);
    const Bytes bytes = from_hex(hex);
    Reader reader(bytes);
    CHECK(read(reader) == value);
    CHECK(reader.ok());
    CHECK(reader.remaining() == 0);
  }
}

/// Kafka's older way of writing: as long as more than 7 bits are left.
std::string simply_written(std::uint32_t value) {
  Bytes bytes;
  while (value > 0x7f) {
    bytes.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<std::byte>(value));
  return to_hex(bytes);
}

std::size_t simple_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value > 0x7f; value >>= 7) ++size;
  return size;
}

/// Calls back with numbers from 0 to the largest int. Java takes each 13th; here the step also grows with the number,
/// so that the case ends soon, and every power of two is met with its neighbours.
template <class Action>
void for_many_ints(Action action) {
  for (std::int64_t i = 0; i < 2147483647; i += 13 + i / 1000) action(static_cast<std::uint32_t>(i));
  for (int bit = 1; bit < 31; ++bit) {
    for (const std::int64_t around : {-1, 0, 1}) action(static_cast<std::uint32_t>((std::int64_t{1} << bit) + around));
  }
}

}  // namespace

TEST_CASE("ByteUtilsTest.testReadUnsignedInt") {
  const Bytes bytes = from_hex(written([](Writer& writer) { writer.write(std::uint32_t{133444}); }));
  Reader reader(bytes);
  CHECK(reader.read<std::uint32_t>() == 133444);
}

TEST_CASE("ByteUtilsTest.testUnsignedVarintSerde") {
  const Table<std::int32_t> table = {{0, "00"},
                                     {-1, "ffffffff0f"},
                                     {1, "01"},
                                     {63, "3f"},
                                     {-64, "c0ffffff0f"},
                                     {64, "40"},
                                     {8191, "ff3f"},
                                     {-8192, "80c0ffff0f"},
                                     {8192, "8040"},
                                     {-8193, "ffbfffff0f"},
                                     {1048575, "ffff3f"},
                                     {1048576, "808040"},
                                     {2147483647, "ffffffff07"},
                                     {std::numeric_limits<std::int32_t>::min(), "8080808008"}};
  check_serde(
      table, [](Writer& writer, std::int32_t value) { writer.write_uvarint(static_cast<std::uint32_t>(value)); },
      [](Reader& reader) { return static_cast<std::int32_t>(reader.read_uvarint()); });
}

TEST_CASE("ByteUtilsTest.testVarintSerde") {
  const Table<std::int32_t> table = {{0, "00"},
                                     {-1, "01"},
                                     {1, "02"},
                                     {63, "7e"},
                                     {-64, "7f"},
                                     {64, "8001"},
                                     {-65, "8101"},
                                     {8191, "fe7f"},
                                     {-8192, "ff7f"},
                                     {8192, "808001"},
                                     {-8193, "818001"},
                                     {1048575, "feff7f"},
                                     {-1048576, "ffff7f"},
                                     {1048576, "80808001"},
                                     {-1048577, "81808001"},
                                     {134217727, "feffff7f"},
                                     {-134217728, "ffffff7f"},
                                     {134217728, "8080808001"},
                                     {-134217729, "8180808001"},
                                     {2147483647, "feffffff0f"},
                                     {std::numeric_limits<std::int32_t>::min(), "ffffffff0f"}};
  check_serde(
      table, [](Writer& writer, std::int32_t value) { writer.write_varint(value); },
      [](Reader& reader) { return reader.read_varint(); });
}

TEST_CASE("ByteUtilsTest.testVarlongSerde") {
  const Table<std::int64_t> table = {{0, "00"},
                                     {-1, "01"},
                                     {1, "02"},
                                     {63, "7e"},
                                     {-64, "7f"},
                                     {64, "8001"},
                                     {-65, "8101"},
                                     {8191, "fe7f"},
                                     {-8192, "ff7f"},
                                     {8192, "808001"},
                                     {-8193, "818001"},
                                     {1048575, "feff7f"},
                                     {-1048576, "ffff7f"},
                                     {1048576, "80808001"},
                                     {-1048577, "81808001"},
                                     {134217727, "feffff7f"},
                                     {-134217728, "ffffff7f"},
                                     {134217728, "8080808001"},
                                     {-134217729, "8180808001"},
                                     {2147483647, "feffffff0f"},
                                     {std::numeric_limits<std::int32_t>::min(), "ffffffff0f"},
                                     {17179869183, "feffffff7f"},
                                     {-17179869184, "ffffffff7f"},
                                     {17179869184, "808080808001"},
                                     {-17179869185, "818080808001"},
                                     {2199023255551, "feffffffff7f"},
                                     {-2199023255552, "ffffffffff7f"},
                                     {2199023255552, "80808080808001"},
                                     {-2199023255553, "81808080808001"},
                                     {281474976710655, "feffffffffff7f"},
                                     {-281474976710656, "ffffffffffff7f"},
                                     {281474976710656, "8080808080808001"},
                                     {-281474976710657, "8180808080808001"},
                                     {36028797018963967, "feffffffffffff7f"},
                                     {-36028797018963968, "ffffffffffffff7f"},
                                     {36028797018963968, "808080808080808001"},
                                     {-36028797018963969, "818080808080808001"},
                                     {4611686018427387903, "feffffffffffffff7f"},
                                     {-4611686018427387904, "ffffffffffffffff7f"},
                                     {4611686018427387904, "80808080808080808001"},
                                     {-4611686018427387905, "81808080808080808001"},
                                     {9223372036854775807, "feffffffffffffffff01"},
                                     {std::numeric_limits<std::int64_t>::min(), "ffffffffffffffffff01"}};
  check_serde(
      table, [](Writer& writer, std::int64_t value) { writer.write_varlong(value); },
      [](Reader& reader) { return reader.read_varlong(); });
}

TEST_CASE("ByteUtilsTest.testInvalidVarint") {
  const Bytes bytes = from_hex("ffffffffff01");
  Reader reader(bytes);
  reader.read_varint();
  CHECK(reader.error().fault == WireFault::bad_varint);
}

TEST_CASE("ByteUtilsTest.testInvalidVarlong") {
  const Bytes bytes = from_hex("ffffffffffffffffffff01");
  Reader reader(bytes);
  reader.read_varlong();
  CHECK(reader.error().fault == WireFault::bad_varint);
}

TEST_CASE("ByteUtilsTest.testDouble") {
  const Table<double> table = {{0.0, "0000000000000000"},
                               {-0.0, "8000000000000000"},
                               {1.0, "3ff0000000000000"},
                               {-1.0, "bff0000000000000"},
                               {123e45, "49b58b82c0e0bb00"},
                               {-123e45, "c9b58b82c0e0bb00"},
                               {double_limits::denorm_min(), "0000000000000001"},
                               {-double_limits::denorm_min(), "8000000000000001"},
                               {double_limits::max(), "7fefffffffffffff"},
                               {-double_limits::max(), "ffefffffffffffff"},
                               {double_limits::quiet_NaN(), "7ff8000000000000"},
                               {double_limits::infinity(), "7ff0000000000000"},
                               {-double_limits::infinity(), "fff0000000000000"}};
  for (const auto& [value, hex] : table) {
    CHECK(written([value = value](Writer& writer) { writer.write_float64(value); }) == hex);
    const Bytes bytes = from_hex(hex);
    Reader reader(bytes);
    const double read = reader.read_float64();
    CHECK((std::isnan(value) ? std::isnan(read) : read == value));
  }
}

TEST_CASE("ByteUtilsTest.testCorrectnessWriteUnsignedVarint") {
  int different = 0;
  for_many_ints([&](std::uint32_t value) {
    different += written([value](Writer& writer) { writer.write_uvarint(value); }) != simply_written(value) ? 1 : 0;
  });
  CHECK(different == 0);
}

TEST_CASE("ByteUtilsTest.testCorrectnessReadUnsignedVarint") {
  int different = 0;
  for_many_ints([&](std::uint32_t value) {
    const Bytes bytes = from_hex(simply_written(value));
    Reader reader(bytes);
    different += reader.read_uvarint() != value ? 1 : 0;
  });
  CHECK(different == 0);
}

TEST_CASE("ByteUtilsTest.testSizeOfUnsignedVarint") {
  int different = 0;
  for_many_ints([&](std::uint32_t value) { different += wire::uvarint_size(value) != simple_size(value) ? 1 : 0; });
  CHECK(different == 0);
}

TEST_CASE("ByteUtilsTest.testSizeOfVarlong") {
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t value = std::int64_t{1} << bit;
    CHECK(wire::varlong_size(value) == simple_size(static_cast<std::uint64_t>(value) << 1));
  }
  CHECK(wire::varlong_size(0) == simple_size(0));
}

TEST_CASE("ByteUtilsTest.testReadInt") {
  for (const std::int32_t value : {0, 1, -1, 127, 32767, 65534, 1073741823, -1073741824, 2147483647,
                                   std::numeric_limits<std::int32_t>::min(), 2147483647}) {
    const Bytes bytes = from_hex(written([value](Writer& writer) { writer.write(value); }));
    CHECK(wire::load<std::int32_t>(bytes.data()) == value);
  }
}

TEST_CASE("Crc32CTest.testValue") {
  CHECK(crc32c(testing::bytes_of("Some String")) == 608512271);
  CHECK(crc32c_by_table(testing::bytes_of("Some String")) == 608512271);
}

TEST_CASE("CompressionRatioEstimatorTest.testUpdateEstimation") {
  const std::pair<float, float> ratios[] = {{0.8F, 0.84F}, {0.6F, 0.7F}, {0.6F, 0.4F}, {0.004F, 0.001F}};
  for (const auto& [current, observed] : ratios) {
    CompressionRatioEstimator estimator;
    estimator.set_estimation("tp", CompressionType::zstd, current);
    CHECK(estimator.update_estimation("tp", CompressionType::zstd, observed) >= observed);
  }
}
