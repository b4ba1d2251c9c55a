#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/producer_core_stage.h"

namespace linger {
namespace {

using test::CoreSettings;
using test::CoreStage;

const TopicPartition first_partition{"t", 0};

std::vector<std::uint64_t> tracked_numbers(const CoreStage& stage) {
  std::vector<std::uint64_t> numbers;
  for (const BatchId id : stage.transactions->txn_partition_map().find(first_partition)->inflight_batches()) {
    numbers.push_back(stage.accumulator.batches()[id].number());
  }
  return numbers;
}

/// A batch that was appended without the producer knowing, and a later one that is refused for good.
void lose_first_and_refuse_second(CoreStage& stage) {
  stage.send(0, "a");
  stage.run();
  stage.send(0, "b");
  stage.run();
  stage.answer(0, ErrorCode::not_enough_replicas_after_append);
  stage.answer(0, ErrorCode::invalid_record);
  stage.run();
  CHECK(stage.reports() == "1:InvalidRecordException");
  stage.run();
  REQUIRE(stage.client.requests().size() == 1);
}

}  // namespace

TEST_CASE(
    "KAFKA-14034: a refused batch makes the one before it, perhaps appended already, go again under a new epoch") {
  CoreSettings settings;
  SECTION("as in 4.3.1") {
    CoreStage stage(settings);
    lose_first_and_refuse_second(stage);
    CHECK(stage.header(0).producer.epoch == ProducerEpoch{1});
    CHECK(stage.header(0).base_sequence == 0);
  }
  SECTION("corrected: the bump waits until the first one is answered") {
    settings.behaviour.epoch_bump_awaits_unknown = true;
    CoreStage stage(settings);
    lose_first_and_refuse_second(stage);
    CHECK(stage.header(0).producer.epoch == ProducerEpoch{0});
    CHECK(stage.header(0).base_sequence == 0);
    stage.send(0, "c");
    stage.run();
    CHECK(stage.client.requests().size() == 1);
    stage.answer(0, ErrorCode::none, 7);
    stage.run(2);
    CHECK(stage.reports() == "0@7");
    CHECK(stage.header(0).producer.epoch == ProducerEpoch{1});
    CHECK(stage.header(0).base_sequence == 0);
  }
}

TEST_CASE("KAFKA-19012: who may write over the bytes of a batch that expired in flight") {
  CoreSettings settings;
  settings.buffer_memory = settings.batch_size;
  SECTION("on_completion: nobody until the request ends") {
    CoreStage stage(settings);
    stage.send(0, "mine");
    stage.run();
    stage.now_ms += settings.delivery_timeout_ms;
    stage.run();
    CHECK(stage.reports() == "0:TimeoutException");
    CHECK(stage.accumulator.pool().available_memory() == 0);
    CHECK(stage.send(1, "else").status == AppendResult::Status::failed);
    CHECK(stage.first_value(0) == "mine");
    stage.client.fail(NodeId{0}, false);
    stage.run(2);
    CHECK(stage.accumulator.pool().available_memory() == settings.batch_size);
  }
  SECTION("immediate: the next record, and the request ships it") {
    settings.behaviour.release_buffer_on_expiry = false;
    CoreStage stage(settings);
    stage.send(0, "mine");
    stage.run();
    stage.now_ms += settings.delivery_timeout_ms;
    stage.run();
    CHECK(stage.accumulator.pool().available_memory() == settings.batch_size);
    CHECK(stage.send(1, "else").status == AppendResult::Status::appended);
    CHECK(stage.first_value(0) == "else");
    stage.client.fail(NodeId{0}, false);
    stage.run(2);
    CHECK(stage.accumulator.pool().available_memory() == 0);
  }
}

TEST_CASE("KAFKA-14397: the sequence of a batch that ran out of time") {
  CoreSettings settings;
  const auto resent_sequence = [&settings] {
    CoreStage stage(settings);
    stage.send(0, "a");
    stage.run();
    stage.now_ms += 1000;
    stage.send(0, "b");
    stage.run();
    stage.now_ms += settings.delivery_timeout_ms - 1000;
    stage.answer(1, ErrorCode::not_leader_or_follower);
    stage.run(2);
    CHECK(stage.reports() == "0:TimeoutException");
    REQUIRE(stage.client.requests().size() == 2);
    CHECK(stage.header(1).producer.epoch == ProducerEpoch{0});
    return stage.header(1).base_sequence;
  };
  CHECK(resent_sequence() == 1);
  settings.behaviour.on_delivery_timeout = false;
  CHECK(resent_sequence() == 0);
}

TEST_CASE("KAFKA-19479: flush and the batches that a refused one was split into") {
  CoreSettings settings;
  const auto flushed_after_split = [&settings] {
    CoreStage stage(settings);
    stage.send(0, "a");
    stage.send(0, "b");
    stage.run();
    stage.accumulator.begin_flush();
    const RecordAccumulator::FlushId flush = stage.accumulator.await_flush_completion();
    CHECK_FALSE(stage.accumulator.is_flush_complete(flush));
    stage.answer(0, ErrorCode::message_too_large);
    stage.run();
    const bool early = stage.accumulator.is_flush_complete(flush);
    CHECK(stage.reports().empty());
    stage.run();
    stage.answer(0, ErrorCode::none, 5);
    stage.run();
    CHECK(stage.reports() == "0@5 1@6");
    CHECK(stage.accumulator.is_flush_complete(flush));
    stage.accumulator.end_flush(flush);
    CHECK_FALSE(stage.accumulator.flush_in_progress());
    return early;
  };
  CHECK_FALSE(flushed_after_split());
  settings.behaviour.flush_tracks_split_children = false;
  CHECK(flushed_after_split());
}

TEST_CASE("KAFKA-8483: in which order batches in flight get new sequences") {
  CoreSettings settings;
  settings.max_in_flight = 10;
  const auto renumbered = [&settings] {
    CoreStage stage(settings);
    for (int batch = 0; batch < 6; ++batch) {
      stage.send(0, "x");
      stage.run();
    }
    stage.answer(0, ErrorCode::none, 0);
    stage.run();
    stage.answer(0, ErrorCode::unknown_producer_id, -1, 1000);
    stage.run(2);
    CHECK(stage.transactions->producer_id_and_epoch().epoch == ProducerEpoch{1});
    return tracked_numbers(stage);
  };
  CHECK(renumbered() == std::vector<std::uint64_t>{2, 3, 4, 5, 6});
  settings.behaviour.renumber_order = false;
  CHECK(renumbered() == std::vector<std::uint64_t>{2, 4, 3, 6, 5});
}

TEST_CASE("KAFKA-13794: the end of an old batch and a new one with the same sequence") {
  BatchTable batches;
  const auto batch = [&batches](std::int16_t epoch) {
    const BatchId id = batches.create();
    batches[id].start(ProducerBatch::Origin{}, first_partition);
    batches[id].set_producer_state({ProducerId{1}, ProducerEpoch{epoch}}, 0, false);
    return id;
  };
  const BatchId old_batch = batch(0);
  const BatchId new_batch = batch(1);
  ProducerBehaviour behaviour;
  TxnPartitionEntry by_batch(first_partition);
  by_batch.add_inflight_batch(batches, new_batch, behaviour);
  by_batch.remove_inflight_batch(batches, old_batch, behaviour);
  CHECK(by_batch.has_inflight_batches());
  behaviour.inflight_key = false;
  TxnPartitionEntry by_sequence(first_partition);
  by_sequence.add_inflight_batch(batches, new_batch, behaviour);
  by_sequence.remove_inflight_batch(batches, old_batch, behaviour);
  CHECK_FALSE(by_sequence.has_inflight_batches());
}

TEST_CASE("librdkafka 1.9.0: sequences of a topic that vanishes for a while") {
  CoreSettings settings;
  const auto next_sequence = [&settings] {
    CoreStage stage(settings);
    stage.send(0, "a");
    stage.run();
    stage.answer(0, ErrorCode::none, 0);
    stage.run();
    stage.update_metadata(false);
    stage.run();
    stage.update_metadata(true);
    stage.send(0, "b");
    stage.run();
    CHECK(stage.header(0).producer.epoch == ProducerEpoch{0});
    return stage.header(0).base_sequence;
  };
  CHECK(next_sequence() == 1);
  settings.behaviour.keep_seq_when_topic_vanishes = false;
  CHECK(next_sequence() == 0);
}

TEST_CASE("librdkafka #4953: an epoch bump and the batches in flight of another partition") {
  CoreSettings settings;
  settings.nodes = 2;
  const auto epoch_of_the_other = [&settings] {
    CoreStage stage(settings);
    stage.send(0, "a");
    stage.run();
    stage.send(1, "b");
    stage.run();
    stage.answer(0, ErrorCode::not_enough_replicas_after_append);
    stage.answer(0, ErrorCode::invalid_record);
    stage.run(2);
    REQUIRE(stage.client.requests().size() == 1);
    return stage.header(0).producer.epoch.value();
  };
  CHECK(epoch_of_the_other() == 0);
  settings.behaviour.epoch_bump_drains_inflight = false;
  CHECK(epoch_of_the_other() == 1);
}

TEST_CASE("KAFKA-3197: one batch in flight a partition, or a connection") {
  CoreSettings settings;
  settings.idempotent = false;
  settings.max_in_flight = 1;
  settings.nodes = 2;
  const auto requests_after_leader_moved = [&settings] {
    CoreStage stage(settings);
    stage.send(0, "a");
    stage.run();
    stage.leaders[0] = 1;
    stage.update_metadata();
    stage.send(0, "b");
    stage.run();
    return stage.client.requests().size();
  };
  CHECK(requests_after_leader_moved() == 1);
  settings.behaviour.inflight_scope = false;
  CHECK(requests_after_leader_moved() == 2);
}

TEST_CASE("An append that waits for memory goes on where it stood once a batch is answered") {
  CoreSettings settings;
  settings.buffer_memory = settings.batch_size;
  CoreStage stage(settings);
  stage.accumulator.observations().watch(true);
  stage.send(0, "first");
  stage.run();
  Bytes value(5, std::byte{'x'});
  RecordToAppend record;
  record.record = 77;
  record.topic = "t";
  record.partition = 1;
  record.value = value;
  const auto append = [&] {
    return stage.accumulator.append(record, 1000, stage.context().now, stage.metadata.fetch(), stage.entropy);
  };
  const auto resume = [&](const AppendResult& blocked) {
    return stage.accumulator.resume_append(blocked, record, stage.context().now, stage.metadata.fetch(), stage.entropy);
  };
  AppendResult blocked = append();
  REQUIRE(blocked.status == AppendResult::Status::would_block);
  CHECK(blocked.partition == 1);
  CHECK(stage.accumulator.observations().list().back().event == ProducerEvent::buffer_wait);
  CHECK(resume(blocked).status == AppendResult::Status::would_block);
  SECTION("answered in time") {
    stage.answer(0, ErrorCode::none, 0);
    stage.run();
    REQUIRE(stage.accumulator.pool().should_resume(blocked.waiter, stage.context().now));
    const AppendResult appended = resume(blocked);
    CHECK(appended.status == AppendResult::Status::appended);
    CHECK(appended.new_batch_created);
    stage.run();
    CHECK(stage.first_value(0) == "xxxxx");
  }
  SECTION("not in time") {
    stage.now_ms += 1000;
    CHECK(resume(blocked).error->exception == "BufferExhaustedException");
    CHECK(stage.accumulator.pool().queued() == 0);
  }
  SECTION("closed meanwhile") {
    stage.accumulator.close();
    CHECK(resume(blocked).error->exception == "KafkaException");
  }
  SECTION("somebody else has made room in a batch of the partition") {
    stage.answer(0, ErrorCode::none, 0);
    stage.run();
    CHECK(append().status == AppendResult::Status::appended);
    CHECK(resume(blocked).status == AppendResult::Status::would_block);
    stage.run();
    stage.answer(0, ErrorCode::none, 1);
    stage.run();
    CHECK(resume(blocked).status == AppendResult::Status::appended);
  }
}

TEST_CASE("A copy of the core goes on exactly as the original") {
  CoreStage stage(CoreSettings{});
  stage.accumulator.observations().watch(true);
  stage.send(0, "a");
  stage.send(1, "b");
  stage.run();
  stage.send(unknown_partition, "c");
  const RecordAccumulator accumulator = stage.accumulator;
  const std::optional<TransactionManager> transactions = stage.transactions;
  const Sender sender = stage.sender;
  const ProducerMetadata metadata = stage.metadata;
  const differential::MockClient client = stage.client;
  const auto finish = [&stage] {
    stage.run();
    stage.client.fail(NodeId{0}, false);
    stage.run(2);
    std::string seen;
    while (!stage.client.requests().empty()) {
      seen += stage.first_value(0) + "/" + std::to_string(stage.header(0).crc) + " ";
      stage.answer(0, ErrorCode::none, 40);
      stage.run();
    }
    for (const ProducerObservation& observation : stage.accumulator.observations().list()) {
      seen += std::to_string(static_cast<int>(observation.event)) + ":" + std::to_string(observation.batch) + " ";
    }
    return seen + stage.reports();
  };
  const std::string original = finish();
  stage.accumulator = accumulator;
  stage.transactions = transactions;
  stage.sender = sender;
  stage.metadata = metadata;
  stage.client = client;
  CHECK(finish() == original);
  CHECK(original.find("@40") != std::string::npos);
}

TEST_CASE("Closing sends what is there; closing by force gives it up") {
  CoreStage stage(CoreSettings{});
  stage.send(0, "a");
  stage.run();
  stage.send(0, "b");
  SECTION("in peace") {
    stage.sender.initiate_close(stage.accumulator);
    CHECK(stage.send(0, "late").error->exception == "KafkaException");
    stage.run();
    CHECK(stage.sender.wants_another_run(stage.context()));
    stage.answer(0, ErrorCode::none, 0);
    stage.answer(0, ErrorCode::none, 1);
    stage.run();
    CHECK_FALSE(stage.sender.wants_another_run(stage.context()));
    CHECK(stage.reports() == "0@0 1@1");
  }
  SECTION("by force") {
    stage.sender.force_close(stage.accumulator);
    CHECK_FALSE(stage.sender.wants_another_run(stage.context()));
    stage.sender.finish(stage.context());
    CHECK(stage.reports() == "0:KafkaException 1:KafkaException");
    CHECK_FALSE(stage.accumulator.has_incomplete());
  }
}

TEST_CASE("An answer for a partition that was not asked about is an uncaught exception and nothing more") {
  CoreStage stage(CoreSettings{});
  stage.send(0, "a");
  stage.run();
  ProduceResponse response;
  response.responses.push_back({"t", Uuid{1, 2}, {}});
  response.responses[0].partition_responses.emplace_back().index = 9;
  stage.client.respond(0, response);
  stage.run();
  const std::vector<KafkaError> uncaught = stage.sender.take_uncaught();
  REQUIRE(uncaught.size() == 1);
  CHECK(uncaught[0].exception == "IllegalStateException");
  CHECK(stage.sender.take_uncaught().empty());
  CHECK_FALSE(stage.sender.run_is_under_way());
}

TEST_CASE("A refusal of the producer itself fails what is there, and the next turn tries for an id again") {
  CoreStage stage(CoreSettings{});
  stage.send(0, "a");
  stage.run();
  stage.answer(0, ErrorCode::cluster_authorization_failed);
  stage.run();
  CHECK(stage.reports() == "0:ClusterAuthorizationException");
  CHECK(stage.transactions->has_fatal_error());
}

TEST_CASE("Observations follow a batch from its first record to its report") {
  CoreStage stage(CoreSettings{});
  stage.accumulator.observations().watch(true);
  stage.send(0, "a");
  stage.run();
  stage.answer(0, ErrorCode::none, 3);
  stage.run();
  std::vector<ProducerEvent> events;
  for (const ProducerObservation& observation : stage.accumulator.observations().list()) {
    CHECK(observation.batch == 1);
    CHECK(observation.partition == 0);
    events.push_back(observation.event);
  }
  CHECK(events == std::vector<ProducerEvent>{ProducerEvent::batch_created, ProducerEvent::batch_closed,
                                             ProducerEvent::batch_drained, ProducerEvent::batch_completed,
                                             ProducerEvent::buffer_released});
  CHECK(stage.accumulator.observations().list()[1].reason == CloseReason::linger);
  CHECK(stage.accumulator.observations().list()[2].producer_id == 1000);
  CHECK(stage.accumulator.observations().list()[3].offset == 3);
}

}  // namespace linger
