// A case of Kafka's RecordAccumulatorTest (kafka-clients 4.3.1): a transaction that is being completed.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("RecordAccumulatorTest.testRecordsDrainedWhenTransactionCompleting") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.wait_for_partition(tp0);
  RecordAccumulator::Config config = TransactionBench::accumulator_config();
  config.linger_ms = 10;
  RecordAccumulator& accumulator = *(bench.accumulator = std::make_unique<RecordAccumulator>(config));
  const auto ready = [&] {
    return accumulator.ready(bench.metadata.fetch(), bench.now_ms, &bench.tm(), bench.entropy).ready_nodes;
  };
  const auto drain = [&](const std::vector<NodeId>& nodes) {
    return accumulator.drain(bench.metadata.fetch(), nodes, 2147483647, bench.now_ms, &bench.tm(), bench.entropy);
  };

  // The transaction goes on, so the records linger.
  bench.append(tp0);
  bench.append(tp0);
  CHECK(accumulator.has_undrained());
  const std::vector<NodeId> first = ready();
  CHECK(first.empty());
  CHECK(drain(first).empty());

  // It is to be committed, so they do not.
  bench.begin_commit();
  const std::vector<NodeId> second = ready();
  REQUIRE(second.size() == 1);
  const auto drained = drain(second);
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].first == second[0]);
  CHECK(drained[0].second.size() == 1);
}
