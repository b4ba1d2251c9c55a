// Cases of ProduceRequestTest (kafka-clients 4.3.1) about ProduceRequest.validateRecords, which the broker asks too.

#include <catch2/catch.hpp>

#include "broker_model/produce_records.h"
#include "protocol/api_key.h"
#include "protocol/memory_records_builder.h"
#include "support/hex.h"

using namespace linger;
using testing::bytes_of;

namespace {

Bytes batch(const BatchOptions& options, const std::vector<std::pair<std::int64_t, const char*>>& records) {
  MemoryRecordsBuilder builder(options);
  Bytes buffer(256);
  for (const auto& [timestamp, value] : records) builder.append(buffer, timestamp, std::nullopt, bytes_of(value));
  builder.close(buffer);
  const BytesView bytes = builder.records(buffer);
  return {bytes.begin(), bytes.end()};
}

/// Java: assertThrowsForAllVersions.
void check_refused_in_all_versions(const RecordsView& records, ErrorCode error) {
  const VersionRange versions = api_info(ApiKey::produce).versions;
  REQUIRE(versions.min <= versions.max);
  for (std::int16_t version = versions.min; version <= versions.max; ++version) {
    CAPTURE(version);
    CHECK(broker::validate_records(records, version) == error);
  }
}

}  // namespace

TEST_CASE("ProduceRequestTest.testV3AndAboveShouldContainOnlyOneRecordBatch") {
  Bytes both = batch({}, {{10, "a"}});
  BatchOptions second;
  second.base_offset = Offset{1};
  const Bytes more = batch(second, {{11, "b"}, {12, "c"}});
  both.insert(both.end(), more.begin(), more.end());
  check_refused_in_all_versions(BytesView(both), ErrorCode::invalid_record);
}

TEST_CASE("ProduceRequestTest.testV3AndAboveCannotHaveNoRecordBatches") {
  check_refused_in_all_versions(BytesView{}, ErrorCode::invalid_record);
}

TEST_CASE("ProduceRequestTest.testV6AndBelowCannotUseZStdCompression") {
  constexpr std::int16_t first_with_zstd = 7;
  BatchOptions options;
  options.compression = Compression::of(CompressionType::zstd);
  const Bytes records = batch(options, {{10, "a"}});
  const VersionRange versions = api_info(ApiKey::produce).versions;
  for (std::int16_t version = versions.min; version < first_with_zstd; ++version) {
    CAPTURE(version);
    CHECK(broker::validate_records(BytesView(records), version) == ErrorCode::unsupported_compression_type);
  }
  CHECK(broker::validate_records(BytesView(records), first_with_zstd) == ErrorCode::none);
  CHECK(broker::validate_records(BytesView(records), versions.max) == ErrorCode::none);
}
