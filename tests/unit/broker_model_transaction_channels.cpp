#include <catch2/catch.hpp>

#include "broker_model/transaction_marker_channel.h"
#include "broker_model/transaction_verification.h"

using namespace linger;
using namespace linger::broker;

namespace {

const Uuid orders_id{1, 1};

/// One topic with a partition for each leader given; brokers 1 and 2 exist.
MetadataImage image_with(const std::vector<std::int32_t>& leaders) {
  MetadataImage image;
  MetadataDelta delta;
  for (std::int32_t b = 1; b <= 2; ++b) {
    RegisterBrokerRecord record;
    record.broker_id = b;
    record.fenced = false;
    image.apply(record, delta);
  }
  TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = orders_id;
  image.apply(topic, delta);
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    PartitionRecord partition;
    partition.topic_id = orders_id;
    partition.partition_id = static_cast<std::int32_t>(i);
    partition.replicas = partition.isr = {1, 2};
    partition.leader = leaders[i];
    image.apply(partition, delta);
  }
  return image;
}

/// A coordinator with one transaction whose verdict is to be written into these partitions.
struct Verdict {
  TransactionCoordinator coordinator;
  TransactionMarkers markers;
  TransactionCoordinator::ProducerIds ids = [] { return std::optional<std::int64_t>{7}; };
  MarkersToWrite verdict;

  explicit Verdict(const PartitionSet& partitions) {
    TransactionMetadata metadata;
    metadata.transactional_id = "payments";
    metadata.producer = ProducerId{7};
    metadata.epoch = ProducerEpoch{1};
    metadata.state = TransactionState::prepare_commit;
    metadata.partitions = partitions;
    metadata.start_ms = 1;
    metadata.client_version = 2;
    coordinator.begin_loading(0, 4);
    verdict = coordinator.loaded(0, 4, {{"payments", metadata}}, {0, 1, 1000, 1000, 2, ids}).at(0);
  }
  TransactionMarkers::Completions add(const MetadataImage& image) { return markers.add(verdict, coordinator, image); }
  MarkerChannel& to(std::int32_t broker) {
    for (MarkerChannel& channel : markers.channels()) {
      if (channel.channel.to == NodeId{broker}) return channel;
    }
    FAIL("no channel to broker " << broker);
    return markers.channels().front();
  }
  /// The broker answers everything that was asked of it with this error.
  TransactionMarkers::Answered answer(std::int32_t broker, ErrorCode error, const MetadataImage& image) {
    WriteTxnMarkersResponse response;
    for (const auto& marker : markers.next_request(to(broker)).markers) {
      auto& result = response.markers.emplace_back();
      result.producer_id = marker.producer_id;
      for (const auto& topic : marker.topics) {
        auto& answered = result.topics.emplace_back();
        answered.name = topic.name;
        for (const std::int32_t index : topic.partition_indexes)
          answered.partitions.push_back({index, wire_code(error)});
      }
    }
    return markers.answered(to(broker), response, coordinator, image);
  }
};

VerificationQuestion question(std::uint64_t waiter, std::int16_t epoch,
                              TransactionSupport support = TransactionSupport::generic_error,
                              const std::string& id = "payments") {
  return {waiter, id, {ProducerId{7}, ProducerEpoch{epoch}}, {{"orders", 0}}, support};
}

}  // namespace

TEST_CASE("markers: one request for each leader, and the completion when all are written") {
  Verdict v{{{"orders", 0}, {"orders", 1}, {"orders", 2}}};
  const MetadataImage image = image_with({1, 2, 1});
  CHECK(v.add(image).empty());
  CHECK(v.markers.channels().size() == 2);
  CHECK(v.to(1).queue.at(0).partitions == PartitionSet{{"orders", 0}, {"orders", 2}});
  CHECK(v.answer(1, ErrorCode::none, image).completions.empty());
  const auto completions = v.answer(2, ErrorCode::none, image).completions;
  REQUIRE(completions.size() == 1);
  CHECK(completions[0].next.state == TransactionState::complete_commit);
  CHECK(completions[0].coordinator_epoch == 4);
}

TEST_CASE("markers: what is refused for the moment goes to the leader of the moment") {
  for (const ErrorCode error :
       {ErrorCode::not_leader_or_follower, ErrorCode::unknown_topic_or_partition, ErrorCode::not_enough_replicas,
        ErrorCode::not_enough_replicas_after_append, ErrorCode::request_timed_out, ErrorCode::kafka_storage_error}) {
    INFO("error " << static_cast<int>(error));
    Verdict v{{{"orders", 0}}};
    v.add(image_with({1}));
    const MetadataImage later = image_with({2});
    const auto result = v.answer(1, error, later);
    CHECK(result.again);
    CHECK(result.completions.empty());
    CHECK(v.answer(2, ErrorCode::none, later).completions.size() == 1);
  }
}

TEST_CASE("markers: another coordinator or producer decides now, so this one gives up") {
  for (const ErrorCode error : {ErrorCode::invalid_producer_epoch, ErrorCode::transaction_coordinator_fenced}) {
    Verdict v{{{"orders", 0}}};
    const MetadataImage image = image_with({1});
    v.add(image);
    const auto result = v.answer(1, error, image);
    CHECK_FALSE(result.again);
    CHECK_FALSE(result.broken);
    CHECK(result.completions.empty());
    CHECK(v.to(1).queue.empty());
  }
}

TEST_CASE("markers: an error that no broker gives for a marker ends the process") {
  Verdict v{{{"orders", 0}}};
  const MetadataImage image = image_with({1});
  v.add(image);
  CHECK(v.answer(1, ErrorCode::invalid_txn_state, image).broken);
}

TEST_CASE("markers: a partition that was deleted needs none, one without a leader waits for it") {
  Verdict v{{{"gone", 0}, {"orders", 0}}};
  CHECK(v.add(image_with({no_leader})).empty());
  CHECK(v.markers.channels().empty());
  CHECK(v.markers.has_leaderless());
  const MetadataImage later = image_with({2});
  CHECK(v.markers.find_leaders(v.coordinator, later).empty());
  CHECK_FALSE(v.markers.has_leaderless());
  CHECK(v.answer(2, ErrorCode::none, later).completions.size() == 1);
  Verdict nothing_left{{{"gone", 0}}};
  CHECK(nothing_left.add(image_with({1})).size() == 1);
}

TEST_CASE("markers: a broken connection sends what was on the way and what waited to the leaders of now") {
  Verdict v{{{"orders", 0}}};
  v.add(image_with({1}));
  v.markers.next_request(v.to(1));
  CHECK(v.to(1).in_flight.size() == 1);
  const MetadataImage later = image_with({2});
  v.markers.failed(v.to(1), v.coordinator, later);
  CHECK(v.to(1).in_flight.empty());
  CHECK(v.to(1).queue.empty());
  CHECK(v.to(2).queue.size() == 1);
}

TEST_CASE("markers: who no longer coordinates forgets what waits, and an answer that comes later changes nothing") {
  Verdict v{{{"orders", 0}}};
  const MetadataImage image = image_with({1});
  v.add(image);
  v.markers.forget(0);
  CHECK(v.to(1).queue.empty());
  v.add(image);
  v.markers.next_request(v.to(1));
  v.coordinator.resign(0);
  v.markers.forget(0);
  const auto result = v.markers.answered(v.to(1), {}, v.coordinator, image);
  CHECK(result.completions.empty());
  CHECK_FALSE(result.again);
  CHECK_FALSE(result.broken);
}

TEST_CASE("verification: questions that wait for a coordinator make one request, each transactional id once") {
  TransactionVerifications verifications;
  const NodeId coordinator{2};
  CHECK(verifications.ask(coordinator, question(1, 0)).empty());
  CHECK(verifications.ask(coordinator, question(2, 0, TransactionSupport::add_partition, "other")).empty());
  // The same again: the client gave up the first attempt.
  auto replaced = verifications.ask(coordinator, question(3, 0));
  REQUIRE(replaced.size() == 1);
  CHECK(replaced[0].waiter == 1);
  CHECK(replaced[0].errors[0].second == ErrorCode::network_exception);
  // A newer producer, then an older one.
  replaced = verifications.ask(coordinator, question(4, 1));
  CHECK(replaced.at(0).waiter == 3);
  CHECK(replaced.at(0).errors[0].second == ErrorCode::invalid_producer_epoch);
  replaced = verifications.ask(coordinator, question(5, 0));
  CHECK(replaced.at(0).waiter == 5);
  CHECK(replaced.at(0).errors[0].second == ErrorCode::invalid_producer_epoch);
  REQUIRE(verifications.channels().size() == 1);
  const auto request = verifications.next_request(verifications.channels()[0]);
  REQUIRE(request.transactions.size() == 2);
  CHECK_FALSE(request.transactions[0].verify_only == (request.transactions[0].transactional_id == "other"));
  // Not yet answered: the next question makes the next request.
  CHECK(verifications.ask(coordinator, question(6, 1)).empty());
  CHECK(verifications.channels()[0].in_flight.size() == 2);
}

TEST_CASE("verification: how a coordinator's error is told, by what the client understands") {
  struct Row {
    ErrorCode said;
    TransactionSupport support;
    ErrorCode told;
  };
  using Support = TransactionSupport;
  const Row rows[] = {
      {ErrorCode::transaction_abortable, Support::default_error, ErrorCode::invalid_txn_state},
      {ErrorCode::transaction_abortable, Support::generic_error, ErrorCode::transaction_abortable},
      {ErrorCode::producer_fenced, Support::generic_error, ErrorCode::invalid_producer_epoch},
      {ErrorCode::concurrent_transactions, Support::add_partition, ErrorCode::concurrent_transactions},
      {ErrorCode::invalid_producer_id_mapping, Support::add_partition, ErrorCode::invalid_producer_id_mapping}};
  for (const Row& row : rows) {
    INFO("error " << static_cast<int>(row.said));
    TransactionVerifications verifications;
    verifications.ask(NodeId{2}, question(1, 0, row.support));
    VerificationChannel& channel = verifications.channels()[0];
    verifications.next_request(channel);
    AddPartitionsToTxnResponse response;
    response.results_by_transaction.push_back({"payments", {{"orders", {{0, wire_code(row.said)}}}}});
    const auto results = verifications.answered(channel, response);
    REQUIRE(results.size() == 1);
    CHECK(results[0].errors.at(0).second == row.told);
  }
  CHECK(support_of_produce(10) == Support::default_error);
  CHECK(support_of_produce(11) == Support::generic_error);
  CHECK(support_of_produce(12) == Support::add_partition);
  CHECK(support_of_txn_offset_commit(3) == Support::default_error);
  CHECK(support_of_txn_offset_commit(4) == Support::generic_error);
  CHECK(support_of_txn_offset_commit(5) == Support::add_partition);
}

TEST_CASE("verification: a broken connection and an error of the whole request are told to everybody") {
  TransactionVerifications verifications;
  verifications.ask(NodeId{2}, question(1, 0));
  VerificationChannel& channel = verifications.channels()[0];
  verifications.next_request(channel);
  verifications.ask(NodeId{2}, question(2, 0));
  const auto failed = verifications.failed(channel);
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].errors[0].second == ErrorCode::network_exception);
  CHECK(failed[1].errors[0].second == ErrorCode::network_exception);
  verifications.ask(NodeId{2}, question(3, 0));
  verifications.next_request(channel);
  AddPartitionsToTxnResponse response;
  response.error_code = wire_code(ErrorCode::invalid_request);
  CHECK(verifications.answered(channel, response).at(0).errors.at(0).second == ErrorCode::invalid_request);
  CHECK(verifications.failed(channel).empty());
}
