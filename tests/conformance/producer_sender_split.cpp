#include "conformance/producer_sender_split.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace linger::test {

void split_batch_and_send(SenderBench& bench, const TopicPartition& partition) {
  RecordAccumulator::Config config = SenderBench::accumulator_config();
  config.compression = Compression::of(CompressionType::gzip);
  config.delivery_timeout_ms = 3000;
  bench.accumulator = std::make_unique<RecordAccumulator>(config);
  // Two records that are much too large together are believed to compress well enough.
  bench.accumulator->compression_ratio(partition.topic).set_estimation(0.2F);
  Sender sender = bench.new_sender(true, 1, 1000);
  bench.client->prepare_metadata_update(metadata_update(2, {{partition.topic, 2}}));

  const std::string half(SenderBench::batch_size / 2, '\0');
  const SendFuture first = bench.append(partition, 0, "key1", half);
  const SendFuture second = bench.append(partition, 0, "key2", half);
  bench.run_once(sender);
  bench.run_once(sender);
  const auto check_produce_request_in_flight = [&bench] {
    const Node node = bench.destination_of_oldest();
    CHECK(std::holds_alternative<ProduceRequestBuilder>(bench.client->requests().front().builder));
    CHECK(bench.in_flight() == 1);
    CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  };
  CHECK(bench.next_sequence(partition) == 2);
  check_produce_request_in_flight();
  REQUIRE(sender.in_flight_batches(partition).size() == 1);
  const BatchId big = sender.in_flight_batches(partition).front();
  CHECK(bench.accumulator->batches()[big].is_inflight());

  bench.client->respond(produce_response(partition, -1, ErrorCode::message_too_large));
  bench.run_once(sender);
  CHECK_FALSE(bench.accumulator->batches()[big].is_inflight());
  CHECK(bench.next_sequence(partition) == 2);
  // One step better than "does not compress at all".
  CHECK(bench.accumulator->compression_ratio(partition.topic).estimation() == Approx(1.0 - 0.005).margin(0.01));
  bench.run_once(sender);
  CHECK(bench.next_sequence(partition) == 2);
  CHECK_FALSE(first.is_done());
  CHECK_FALSE(second.is_done());
  check_produce_request_in_flight();

  const auto respond = [&](std::int32_t sequence) {
    bench.client->respond(
        produce_response({{partition, sequence, ErrorCode::none, 0, 0}}), [&](const ClientRequest& request) {
          const std::vector<RecordBatchHeader> batches = bench.batches_of(request, partition);
          REQUIRE(batches.size() == 1);
          const ProducerIdAndEpoch identity{ProducerId{123456}, ProducerEpoch{0}};
          return batches[0].base_offset == Offset{0} && batches[0].base_sequence == sequence &&
                 batches[0].producer == identity && batches[0].transactional == bench.transactions->is_transactional();
        });
    bench.run_once(sender);
  };
  respond(0);
  CHECK(first.is_done());
  CHECK(bench.next_sequence(partition) == 2);
  CHECK(bench.last_acked(partition) == 0);
  CHECK_FALSE(second.is_done());
  CHECK(first.offset() == 0);
  bench.run_once(sender);
  check_produce_request_in_flight();

  respond(1);
  CHECK(second.is_done());
  CHECK(bench.next_sequence(partition) == 2);
  CHECK(bench.last_acked(partition) == 1);
  CHECK(second.offset() == 1);
  CHECK(bench.queue(partition).empty());
  CHECK(sender.metrics()->batch_split_total() > 0);
  CHECK(bench.all_memory_returned());
}

}  // namespace linger::test
