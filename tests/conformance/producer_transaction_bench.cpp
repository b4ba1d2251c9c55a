#include "conformance/producer_transaction_bench.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "protocol/messages/api_versions.h"

namespace linger::test {

bool TxnResult::is_completed() const {
  return bench_->tm().result(id_).completed;
}
bool TxnResult::is_successful() const {
  return bench_->tm().result(id_).successful();
}
bool TxnResult::is_acked() const {
  return bench_->tm().result(id_).acked;
}

std::string TxnResult::error() const {
  const std::optional<KafkaError>& error = bench_->tm().result(id_).error;
  return error ? error->exception : std::string{};
}

std::string TxnResult::message() const {
  const std::optional<KafkaError>& error = bench_->tm().result(id_).error;
  return error ? error->message : std::string{};
}

std::string TxnResult::await() const {
  if (!is_completed()) {
    bench_->tm().give_up(id_);
    return "TimeoutException";
  }
  bench_->tm().acknowledge(id_);
  return error();
}

NodeApiVersions SpokenVersions::build() const {
  ApiVersionsResponse response;
  for (const auto& [api, version] : newest) response.api_keys.push_back({wire_code(api), 0, version});
  response.finalized_features_epoch = features_epoch;
  if (transaction_version > 0) {
    response.finalized_features.push_back({"transaction.version", transaction_version, transaction_version});
  }
  return NodeApiVersions(response);
}

TransactionBench::TransactionBench() {
  initialize(false);
}

void TransactionBench::initialize_as(const std::string& id, bool transaction_v2) {
  const std::int16_t newest_produce = transaction_v2 ? api_info(ApiKey::produce).versions.max : std::int16_t{11};
  const std::int16_t newest_commit =
      transaction_v2 ? api_info(ApiKey::txn_offset_commit).versions.max : std::int16_t{4};
  const std::int16_t version = transaction_v2 ? 2 : 1;
  speak({{{ApiKey::init_producer_id, 6}, {ApiKey::produce, newest_produce}, {ApiKey::txn_offset_commit, newest_commit}},
         version,
         next_features_epoch_++});
  transactions.emplace(id, transaction_timeout_ms, default_retry_backoff_ms);
  RecordAccumulator::Config config = accumulator_config();
  config.delivery_timeout_ms = 3000;
  accumulator = std::make_unique<RecordAccumulator>(config);
  Sender::Config of_sender = new_sender(true, 2147483647).config();
  of_sender.request_timeout_ms = 1000;
  sender = Sender(of_sender);
}

Sender TransactionBench::sender_without_order() const {
  Sender::Config config = sender.config();
  config.guarantee_message_order = false;
  return Sender(config);
}

void TransactionBench::run_until(Sender& which, const std::function<bool()>& condition) {
  for (int turns = 0; turns < 10 && !condition(); ++turns) run_once(which);
  INFO("what is waited for must come within ten turns");
  REQUIRE(condition());
}

void TransactionBench::do_init_transactions(std::int64_t id, std::int16_t epoch) {
  const TxnResult result = initialize_transactions();
  prepare_find_coordinator();
  wait_for_coordinator();
  CHECK(coordinator_is_broker());
  prepare_init_pid(ErrorCode::none, id, epoch);
  run_until([this] { return tm().has_producer_id(); });
  tm().maybe_update_transaction_v2_enabled(client->api_versions(), true);
  CHECK(result.await().empty());
  CHECK(result.is_successful());
  CHECK(result.is_acked());
}

std::string TransactionBench::thrown_by(const std::function<void()>& call) {
  try {
    call();
  } catch (const JavaThrow& thrown) {
    return thrown.error().exception;
  }
  return {};
}

bool TransactionBench::throws_kafka_exception(const std::function<void()>& call) {
  try {
    call();
  } catch (const JavaThrow& thrown) {
    return thrown.error().family != ErrorFamily::java;
  }
  return false;
}

void TransactionBench::check_abortable_error(const std::string& cause) {
  CHECK(throws_kafka_exception([this] { begin_commit(); }));
  CHECK(last_error() == cause);
  CHECK(tm().has_error());
  begin_abort();
  CHECK_FALSE(tm().has_error());
}

void TransactionBench::check_fatal_error(const std::string& cause) {
  CHECK(tm().has_error());
  for (int times = 0; times < 2; ++times) {
    CHECK(throws_kafka_exception([this] { begin_abort(); }));
    CHECK(last_error() == cause);
    CHECK(tm().has_error());
  }
}

void TransactionBench::prepare_find_coordinator(ErrorCode error, CoordinatorType type, bool disconnect) {
  const std::string key = type == CoordinatorType::group ? group_id : tm().transactional_id();
  FindCoordinatorResponse response;
  response.coordinators.push_back({key, 0, "localhost", 2211, wire_code(error), std::nullopt});
  const std::int8_t key_type = type == CoordinatorType::group ? 0 : 1;
  client->prepare_response(
      response,
      [key, key_type](const ClientRequest& request) {
        const auto* find = std::get_if<FindCoordinatorRequest>(&request.builder);
        REQUIRE(find != nullptr);
        CHECK(find->key_type == key_type);
        CHECK(find->key == key);
        return true;
      },
      disconnect);
}

void TransactionBench::prepare_init_pid(ErrorCode error, std::int64_t id, std::int16_t epoch, bool disconnect) {
  client->prepare_response(
      init_producer_id_response(id, epoch, error),
      [](const ClientRequest& request) {
        const auto* init = std::get_if<InitProducerIdRequest>(&request.builder);
        REQUIRE(init != nullptr);
        CHECK(init->transactional_id == transactional_id);
        CHECK(init->transaction_timeout_ms == transaction_timeout_ms);
        CHECK_FALSE(init->keep_prepared_txn);
        CHECK_FALSE(init->enable2_pc);
        return true;
      },
      disconnect);
}

namespace {

std::set<TopicPartition> partitions_of(const AddPartitionsToTxnRequest& request) {
  std::set<TopicPartition> partitions;
  for (const auto& topic : request.v3_and_below_topics) {
    for (const std::int32_t partition : topic.partitions) partitions.insert({topic.name, partition});
  }
  return partitions;
}

MockClient::Matcher add_partitions_matcher(const PartitionErrors& errors, std::optional<std::int16_t> epoch) {
  std::set<TopicPartition> expected;
  for (const auto& [partition, error] : errors) expected.insert(partition);
  return [expected, epoch](const ClientRequest& request) {
    const auto* add = std::get_if<AddPartitionsToTxnRequest>(&request.builder);
    REQUIRE(add != nullptr);
    CHECK(partitions_of(*add) == expected);
    if (epoch) {
      CHECK(add->v3_and_below_producer_id == TransactionBench::producer_id);
      CHECK(add->v3_and_below_producer_epoch == *epoch);
      CHECK(add->v3_and_below_transactional_id == TransactionBench::transactional_id);
    }
    return true;
  };
}

}  // namespace

AddPartitionsToTxnResponse TransactionBench::add_partitions_response(const PartitionErrors& errors) {
  AddPartitionsToTxnResponse response;
  for (const auto& [partition, error] : errors) {
    auto& topics = response.results_by_topic_v3_and_below;
    if (topics.empty() || topics.back().name != partition.topic) topics.push_back({partition.topic, {}});
    topics.back().results_by_partition.push_back({partition.partition, wire_code(error)});
  }
  return response;
}

TxnOffsetCommitResponse TransactionBench::txn_offset_commit_response(const PartitionErrors& errors) {
  TxnOffsetCommitResponse response;
  for (const auto& [partition, error] : errors) {
    if (response.topics.empty() || response.topics.back().name != partition.topic) {
      response.topics.push_back({partition.topic, {}});
    }
    response.topics.back().partitions.push_back({partition.partition, wire_code(error)});
  }
  return response;
}

void TransactionBench::prepare_add_partitions(const PartitionErrors& errors) {
  client->prepare_response(add_partitions_response(errors), add_partitions_matcher(errors, std::nullopt));
}

void TransactionBench::prepare_add_partitions(const TopicPartition& partition, ErrorCode error,
                                              std::optional<std::int16_t> epoch) {
  const PartitionErrors errors{{partition, error}};
  client->prepare_response(add_partitions_response(errors), add_partitions_matcher(errors, epoch));
}

void TransactionBench::send_add_partitions(const TopicPartition& partition, ErrorCode error) {
  const PartitionErrors errors{{partition, error}};
  client->respond(add_partitions_response(errors), add_partitions_matcher(errors, first_epoch));
}

MockClient::Matcher TransactionBench::produce_matcher(std::int16_t epoch, const TopicPartition& partition) {
  return [this, epoch, partition](const ClientRequest& request) {
    const std::vector<RecordBatchHeader> batches = batches_of(request, partition);
    REQUIRE(batches.size() == 1);
    CHECK(batches.front().transactional);
    CHECK(batches.front().producer.id.value() == producer_id);
    CHECK(batches.front().producer.epoch.value() == epoch);
    CHECK(std::get<ProduceRequestBuilder>(request.builder).transactional_id == transactional_id);
    return true;
  };
}

void TransactionBench::prepare_produce(ErrorCode error, std::int16_t epoch, const TopicPartition& partition,
                                       std::int64_t log_start_offset) {
  PartAnswer answer{partition, 0, error};
  answer.log_start_offset = log_start_offset;
  client->prepare_response(produce_response({answer}), produce_matcher(epoch, partition));
}

void TransactionBench::send_produce(ErrorCode error) {
  PartAnswer answer{tp0, 0, error};
  answer.log_start_offset = 10;
  client->respond(produce_response({answer}), produce_matcher(first_epoch, tp0));
}

void TransactionBench::prepare_add_offsets(ErrorCode error, std::int16_t epoch) {
  AddOffsetsToTxnResponse response;
  response.error_code = wire_code(error);
  client->prepare_response(response, [epoch](const ClientRequest& request) {
    const auto* add = std::get_if<AddOffsetsToTxnRequest>(&request.builder);
    REQUIRE(add != nullptr);
    CHECK(add->group_id == group_id);
    CHECK(add->transactional_id == transactional_id);
    CHECK(add->producer_id == producer_id);
    CHECK(add->producer_epoch == epoch);
    return true;
  });
}

void TransactionBench::prepare_txn_offset_commit(const PartitionErrors& errors, MockClient::Matcher matcher) {
  client->prepare_response(txn_offset_commit_response(errors),
                           [matcher = std::move(matcher)](const ClientRequest& request) {
                             const auto* commit = std::get_if<TxnOffsetCommitRequestBuilder>(&request.builder);
                             REQUIRE(commit != nullptr);
                             CHECK(commit->request.group_id == group_id);
                             CHECK(commit->request.producer_id == producer_id);
                             CHECK(commit->request.producer_epoch == first_epoch);
                             return !matcher || matcher(request);
                           });
}

MockClient::Matcher TransactionBench::end_txn_matcher(EndTxn result, std::int16_t epoch,
                                                      std::optional<bool> transaction_v2) {
  return [=](const ClientRequest& request) {
    const auto* end = std::get_if<EndTxnRequestBuilder>(&request.builder);
    REQUIRE(end != nullptr);
    CHECK(end->request.transactional_id == transactional_id);
    CHECK(end->request.producer_id == producer_id);
    CHECK(end->request.producer_epoch == epoch);
    CHECK(end->request.committed == (result == EndTxn::commit));
    if (transaction_v2) CHECK(end->transaction_v2 == *transaction_v2);
    return true;
  };
}

void TransactionBench::prepare_end_txn(ErrorCode error, EndTxn result, std::int16_t epoch,
                                       std::optional<ProducerIdAndEpoch> next, bool disconnect) {
  EndTxnResponse response;
  response.error_code = wire_code(error);
  if (next) {
    response.producer_id = next->id.value();
    response.producer_epoch = next->epoch.value();
  }
  client->prepare_response(response, end_txn_matcher(result, epoch, next.has_value()), disconnect);
}

void TransactionBench::send_end_txn(ErrorCode error, EndTxn result) {
  EndTxnResponse response;
  response.error_code = wire_code(error);
  client->respond(response, end_txn_matcher(result, first_epoch, std::nullopt));
}

void TransactionBench::initialize_idempotent_producer_id(std::int64_t id, std::int16_t epoch) {
  client->prepare_response(init_producer_id_response(id, epoch, ErrorCode::none), [](const ClientRequest& request) {
    const auto* init = std::get_if<InitProducerIdRequest>(&request.builder);
    REQUIRE(init != nullptr);
    CHECK_FALSE(init->transactional_id);
    return true;
  });
  run_until([this] { return tm().has_producer_id(); });
}

BatchId TransactionBench::new_batch(const TopicPartition& partition) {
  const BatchId id = accumulator->batches().create();
  accumulator->batches().hold(id);
  constexpr std::int32_t capacity = 128;
  ProducerBatch::Origin origin;
  origin.buffer = accumulator->pool().allocate_outside(capacity);
  origin.capacity = capacity;
  origin.created_ms = now_ms;
  origin.is_split = true;
  batch(id).start(origin, partition);
  const std::string value = "value";
  REQUIRE(batch(id).try_append(accumulator->pool().bytes(origin.buffer), 0, now_ms, std::nullopt,
                               std::as_bytes(std::span(value)), {}, now_ms));
  return id;
}

BatchId TransactionBench::write_batch(const TopicPartition& partition, bool transactional) {
  tm().maybe_update_producer_id_and_epoch(partition, accumulator->batches());
  const std::int32_t sequence = tm().sequence_number(partition);
  tm().increment_sequence_number(partition, 1);
  const BatchId id = new_batch(partition);
  batch(id).set_producer_state(tm().producer_id_and_epoch(), sequence, transactional);
  tm().add_in_flight_batch(accumulator->batches(), id);
  batch(id).close(accumulator->pool().bytes(batch(id).buffer()));
  return id;
}

void TransactionBench::complete_batch(BatchId id, std::int64_t offset, std::int64_t log_start_offset) {
  PartitionResponse response;
  response.base_offset = offset;
  response.log_start_offset = log_start_offset;
  tm().handle_completed_batch(accumulator->batches(), id, response);
}

void TransactionBench::fail_batch(BatchId id, const KafkaError& error, bool adjust_sequence_numbers) {
  tm().handle_failed_batch(accumulator->batches(), id, error, adjust_sequence_numbers);
}

bool TransactionBench::can_retry(BatchId id, ErrorCode error, std::int64_t log_start_offset) {
  PartitionResponse response;
  response.error = error;
  response.log_start_offset = log_start_offset;
  return tm().can_retry(response, accumulator->batches(), id);
}

void TransactionBench::lose_node(std::int64_t backoff_ms) {
  client->disconnect(node().id);
  if (backoff_ms > 0) client->backoff(node().id, backoff_ms);
}

}  // namespace linger::test
