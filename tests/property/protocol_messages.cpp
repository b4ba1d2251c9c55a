#include <catch2/catch.hpp>

#include "protocol/messages/all.h"
#include "support/hex.h"
#include "support/random_message.h"

using namespace linger;
using namespace linger::testing;

namespace {

struct RoundTrip {
  int times;

  template <Message M>
  void operator()() const {
    for (std::int16_t version = M::spec.valid.min; version <= M::spec.valid.max; ++version) {
      for (int i = 0; i < times; ++i) check_one<M>(version, static_cast<std::uint64_t>(i));
    }
  }

  template <Message M>
  static void check_one(std::int16_t version, std::uint64_t seed) {
    INFO(M::spec.name << " v" << version << " seed " << seed);
    Random random{seed * 1000 + static_cast<std::uint64_t>(version)};
    const M message = random_message<M>(random, version);
    Bytes bytes;
    Writer writer{bytes};
    REQUIRE_FALSE(encode_message(message, version, writer));
    REQUIRE(encoded_size(message, version) == bytes.size());
    Reader reader{bytes, ample_budget};
    const auto decoded = decode_message<M>(reader, version);
    REQUIRE(decoded.error.describe() == "no fault");
    REQUIRE(reader.remaining() == 0);
    REQUIRE(decoded.value == message);
  }
};

struct Truncate {
  template <Message M>
  void operator()() const {
    for (std::int16_t version = M::spec.valid.min; version <= M::spec.valid.max; ++version) {
      INFO(M::spec.name << " v" << version);
      Random random{static_cast<std::uint64_t>(version)};
      Bytes bytes;
      Writer writer{bytes};
      REQUIRE_FALSE(encode_message(random_message<M>(random, version), version, writer));
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        Reader reader{part, ample_budget};
        REQUIRE_FALSE(decode_message<M>(reader, version));
      }
    }
  }
};

}  // namespace

TEST_CASE("whatever a version can carry survives encoding and decoding") {
  for_each_message(RoundTrip{30});
}

TEST_CASE("no message is complete without its last byte") {
  for_each_message(Truncate{});
}
