// Cases of ProduceRequestTest (kafka-clients 4.3.1): the request as a node gets it.

#include <catch2/catch.hpp>

#include "producer/clients/request_encoding.h"
#include "protocol/memory_records_builder.h"
#include "support/hex.h"
#include "support/network_stage.h"

using namespace linger;
using testing::bytes_of;

namespace {

struct Kind {
  bool idempotent = false;
  bool transactional = false;
};

/// What the batches of a request are.
struct Flags {
  bool idempotent = false;
  bool transactional = false;
};

/// Sends one batch of each kind, to partition 0, 1, …, and looks at what the node gets.
Flags sent(const std::vector<Kind>& kinds) {
  test::NetworkStage stage;
  stage.make_ready();
  std::vector<ProduceRequestBatch> batches;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    BatchOptions options;
    if (kinds[i].idempotent) {
      options.producer = {ProducerId{15}, ProducerEpoch{5}};
      options.base_sequence = 10;
    }
    options.transactional = kinds[i].transactional;
    MemoryRecordsBuilder builder(options);
    Bytes buffer(256);
    builder.append(buffer, 10, bytes_of("key"), bytes_of("value"));
    builder.close(buffer);
    const auto slot = static_cast<std::uint32_t>(i);
    for (const std::byte byte : builder.records(buffer)) {
      stage.slots.slots[slot].push_back(static_cast<std::uint8_t>(byte));
    }
    ProduceRequestBatch batch;
    batch.partition = {"topic", static_cast<std::int32_t>(i)};
    batch.topic_id = *Uuid::parse("H3Emm3vW7AKKO4NTRPaCWg");
    batch.records.slot = slot;
    batch.records.size = static_cast<std::uint32_t>(builder.size());
    batches.push_back(batch);
  }
  stage.send_produce(0, -1, 0, batches);
  stage.run_network();
  const Bytes frame = stage.next_request().body;
  const auto request = decode_request<ProduceRequest>(frame).message;
  Flags flags;
  std::size_t found = 0;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const RecordBatchHeader header = load_batch_header(partition.records.bytes());
      flags.idempotent = flags.idempotent || header.producer.valid();
      flags.transactional = flags.transactional || header.transactional;
      ++found;
    }
  }
  CHECK(found == kinds.size());
  return flags;
}

void check_allowed_versions() {
  const VersionRange allowed = allowed_versions(AnyRequestBuilder{ProduceRequestBuilder{}});
  CHECK(allowed.min == api_info(ApiKey::produce).versions.min);
  CHECK(allowed.max == api_info(ApiKey::produce).latest_stable);
}

}  // namespace

TEST_CASE("ProduceRequestTest.shouldBeFlaggedAsTransactionalWhenTransactionalRecords") {
  CHECK(sent({{true, true}}).transactional);
}

TEST_CASE("ProduceRequestTest.shouldNotBeFlaggedAsTransactionalWhenNoRecords") {
  CHECK_FALSE(sent({{false, false}}).transactional);
}

TEST_CASE("ProduceRequestTest.shouldNotBeFlaggedAsIdempotentWhenRecordsNotIdempotent") {
  CHECK_FALSE(sent({{false, false}}).idempotent);
}

TEST_CASE("ProduceRequestTest.shouldBeFlaggedAsIdempotentWhenIdempotentRecords") {
  CHECK(sent({{true, false}}).idempotent);
}

TEST_CASE("ProduceRequestTest.testBuildWithCurrentMessageFormat") {
  check_allowed_versions();
}

TEST_CASE("ProduceRequestTest.testMixedTransactionalData") {
  const Flags flags = sent({{true, true}, {false, false}});
  CHECK(flags.transactional);
  CHECK(flags.idempotent);
}

TEST_CASE("ProduceRequestTest.testMixedIdempotentData") {
  const Flags flags = sent({{true, false}, {false, false}});
  CHECK_FALSE(flags.transactional);
  CHECK(flags.idempotent);
}

TEST_CASE("ProduceRequestTest.testBuilderOldestAndLatestAllowed") {
  check_allowed_versions();
}
