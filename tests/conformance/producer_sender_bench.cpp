#include "conformance/producer_sender_bench.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <span>
#include <utility>

#include "protocol/record_batch.h"

namespace linger::test {

Uuid topic_id_of(const std::string& topic) {
  if (topic == "test") return Uuid{0x3295f1d5f2244323, 0xb627d631e12bc9b5};
  if (topic == "testSplitBatchAndSend") return Uuid{0xd89f612bc9b5c073, 0x0a8d77c891095c5f};
  return {};
}

MetadataResponse metadata_update(std::int32_t nodes, const std::map<std::string, std::int32_t>& partition_counts,
                                 const std::map<TopicPartition, std::int32_t>& epochs) {
  ClusterAnswer answer;
  answer.node_count = nodes;
  for (const auto& [topic, count] : partition_counts) {
    answer.partitions[topic] = count;
    answer.ids[topic] = topic_id_of(topic);
  }
  MetadataResponse response = answer.build();
  for (MetadataResponse::MetadataResponseTopic& topic : response.topics) {
    for (MetadataResponse::MetadataResponsePartition& partition : topic.partitions) {
      const auto epoch = epochs.find(TopicPartition{*topic.name, partition.partition_index});
      if (epoch != epochs.end()) partition.leader_epoch = epoch->second;
    }
  }
  return response;
}

ProduceResponse produce_response(const std::vector<PartAnswer>& parts, const std::vector<Node>& nodes) {
  ProduceResponse response;
  for (const PartAnswer& part : parts) {
    const std::string& topic = part.partition.topic;
    if (response.responses.empty() || response.responses.back().name != topic) {
      response.responses.push_back({topic, topic_id_of(topic), {}});
    }
    ProduceResponse::PartitionProduceResponse answer;
    answer.index = part.partition.partition;
    answer.error_code = wire_code(part.error);
    answer.base_offset = part.offset;
    answer.log_append_time_ms = part.log_append_time;
    answer.log_start_offset = part.log_start_offset;
    answer.record_errors = part.record_errors;
    answer.error_message = part.message;
    answer.current_leader = part.leader;
    response.responses.back().partition_responses.push_back(std::move(answer));
  }
  for (const Node& node : nodes) response.node_endpoints.push_back({node.id.value(), node.host, node.port, node.rack});
  return response;
}

ProduceResponse produce_response(const TopicPartition& partition, std::int64_t offset, ErrorCode error) {
  PartAnswer part;
  part.partition = partition;
  part.offset = offset;
  part.error = error;
  return produce_response({part});
}

bool SendFuture::is_done() const {
  bench_->collect();
  return bench_->outcomes_.contains(record_);
}

std::int64_t SendFuture::offset() const {
  REQUIRE(is_done());
  INFO("failed with " << exception());
  REQUIRE_FALSE(bench_->outcomes_.at(record_).error);
  return bench_->outcomes_.at(record_).offset;
}

const KafkaError& SendFuture::failure() const {
  REQUIRE(is_done());
  REQUIRE(bench_->outcomes_.at(record_).error);
  return *bench_->outcomes_.at(record_).error;
}

std::string SendFuture::exception() const {
  if (!is_done() || !bench_->outcomes_.at(record_).error) return {};
  return failure().exception;
}

SenderBench::SenderBench()
    : metadata(ProducerMetadata::Config{0, 0, forever_ms, topic_idle_ms}),
      client(std::make_unique<MockClient>(now_ms, metadata, entropy)) {
  set_up(Setup{});
  client->update_metadata(metadata_update(1, {{"test", 3}}));
}

RecordAccumulator::Config SenderBench::accumulator_config() {
  RecordAccumulator::Config config;
  config.batch_size = batch_size;
  config.linger_ms = 0;
  config.retry_backoff_ms = 0;
  config.retry_backoff_max_ms = 0;
  config.delivery_timeout_ms = delivery_timeout_ms;
  config.buffer_memory = buffer_memory;
  return config;
}

Sender SenderBench::new_sender(bool guarantee_order, std::int32_t retries, std::int64_t backoff_ms) const {
  Sender::Config config;
  config.guarantee_message_order = guarantee_order;
  config.max_request_size = 1024 * 1024;
  config.acks = -1;
  config.retries = retries;
  config.request_timeout_ms = request_timeout_ms;
  config.retry_backoff_ms = backoff_ms;
  return Sender(config);
}

void SenderBench::set_up(const Setup& setup) {
  transactions.reset();
  if (setup.idempotent) transactions.emplace("", 0, retry_backoff_ms);
  if (!setup.transactional_id.empty()) {
    constexpr std::int64_t backoff_of_requests_ms = 100;
    transactions.emplace(setup.transactional_id, setup.transaction_timeout_ms, backoff_of_requests_ms);
  }
  RecordAccumulator::Config config = accumulator_config();
  config.linger_ms = setup.linger_ms;
  accumulator = std::make_unique<RecordAccumulator>(config);
  sender = new_sender(setup.guarantee_order, setup.retries);
  metadata.add("test", now_ms);
  if (setup.update_metadata) client->update_metadata(metadata_update(1, {{"test", 2}}));
}

void SenderBench::set_up_with_producer_id(std::int64_t producer_id, std::int16_t epoch) {
  set_up_idempotent();
  prepare_and_receive_init_producer_id(producer_id, epoch);
  CHECK(transactions->has_producer_id());
}

SenderContext SenderBench::context() {
  return SenderContext{*client, metadata, *accumulator, transactions ? &*transactions : nullptr, entropy, now()};
}

SendFuture SenderBench::append(const TopicPartition& partition, std::int64_t timestamp, const std::string& key,
                               const std::string& value) {
  RecordToAppend record;
  record.record = ++records_;
  record.topic = partition.topic;
  record.partition = partition.partition;
  record.timestamp = timestamp;
  record.key = std::as_bytes(std::span(key));
  record.value = std::as_bytes(std::span(value));
  const AppendResult result = accumulator->append(record, 1000, now(), metadata.fetch(), entropy);
  REQUIRE(result.status == AppendResult::Status::appended);
  return SendFuture(*this, record.record);
}

void SenderBench::collect() {
  const RecordCompletions reports = std::exchange(accumulator->completions(), {});
  for (const RecordCompletion& report : reports.records) {
    INFO("record " << report.record << " must be reported once");
    REQUIRE_FALSE(outcomes_.contains(report.record));
    Outcome& outcome = outcomes_[report.record];
    outcome.offset = report.offset;
    if (!report.ok()) outcome.error = reports.errors.at(report.error);
    if (on_completion) on_completion(SendFuture(*this, report.record));
  }
}

std::vector<ClientResponse> SenderBench::poll(Sender& which, const Sender::Blocked& blocked) {
  client->calls().push_back({MockClient::Call::Method::poll, blocked.timeout_ms});
  std::vector<ClientResponse> own;
  for (ClientResponse& response : client->poll(Instant{blocked.now_ms, blocked.now_ms * 1'000'000}, entropy)) {
    Sender* const owner = owners_.at(response.correlation_id);
    if (owner == &which) {
      own.push_back(std::move(response));
    } else {
      owner->handle_response(context(), response);
    }
  }
  return own;
}

void SenderBench::run_once(Sender& which) {
  int turns = 0;
  std::int32_t first_new = client->next_correlation();
  std::optional<Sender::Blocked> blocked = which.begin_run(context());
  while (blocked) {
    REQUIRE(++turns < 1000);
    for (; first_new < client->next_correlation(); ++first_new) owners_[CorrelationId{first_new}] = &which;
    collect();
    if (blocked->on == Sender::Blocked::On::sleep) {
      sleep(blocked->timeout_ms);
      blocked = which.continue_run(context(), {});
    } else {
      const std::vector<ClientResponse> responses = poll(which, *blocked);
      if (after_poll) after_poll(blocked->timeout_ms);
      blocked = which.continue_run(context(), responses);
    }
  }
  collect();
  for (const KafkaError& error : which.take_uncaught()) FAIL("uncaught: " << error.exception << ": " << error.message);
}

void SenderBench::run_until_closed(Sender& which) {
  for (int turns = 0; which.wants_another_run(context()); ++turns) {
    REQUIRE(turns < 1000);
    which.before_run(context());
    run_once(which);
  }
  which.finish(context());
  collect();
}

InitProducerIdResponse SenderBench::init_producer_id_response(std::int64_t producer_id, std::int16_t epoch,
                                                              ErrorCode error) {
  InitProducerIdResponse response;
  response.error_code = wire_code(error);
  response.producer_id = producer_id;
  response.producer_epoch = epoch;
  return response;
}

void SenderBench::prepare_and_receive_init_producer_id(std::int64_t producer_id, std::int16_t epoch, ErrorCode error) {
  const std::int16_t sent_epoch = error == ErrorCode::none ? epoch : no_producer_epoch.value();
  client->prepare_response(init_producer_id_response(producer_id, sent_epoch, error), [](const ClientRequest& request) {
    const auto* init = std::get_if<InitProducerIdRequest>(&request.builder);
    return init != nullptr && !init->transactional_id;
  });
  run_once();
}

void SenderBench::wait_for_producer_id(const ProducerIdAndEpoch& identity) {
  for (int turns = 0; turns < 5 && !transactions->has_producer_id(); ++turns) run_once();
  CHECK(transactions->has_producer_id());
  CHECK(transactions->producer_id_and_epoch() == identity);
}

void SenderBench::check_successful_send() {
  const SendFuture future = append(tp0);
  run_once();
  CHECK(in_flight() == 1);
  CHECK(batches_in_flight(tp0) == 1);
  CHECK(client->has_in_flight_requests());
  client->respond(produce_response(tp0, 0, ErrorCode::none));
  run_once();
  CHECK(future.is_done());
  CHECK(future.exception().empty());
}

void SenderBench::check_send_failure(const std::string& exception) {
  const SendFuture future = append(tp0);
  run_once();
  CHECK(future.is_done());
  CHECK(future.exception() == exception);
}

void SenderBench::check_partition(const TopicPartition& partition, std::int64_t producer_id, std::int16_t epoch,
                                  std::int32_t next_sequence, std::optional<std::int32_t> last_acked) {
  INFO("partition " << partition.describe());
  CHECK(transactions->producer_id_and_epoch(partition).id.value() == producer_id);
  CHECK(transactions->producer_id_and_epoch(partition).epoch.value() == epoch);
  CHECK(transactions->sequence_number(partition) == next_sequence);
  CHECK(transactions->last_acked_sequence(partition) == last_acked);
}

void SenderBench::respond_to_sequence(std::int32_t sequence, const PartAnswer& answer, std::int16_t epoch) {
  client->respond(produce_response({answer}), [&](const ClientRequest& request) {
    CHECK(has_idempotent_records(request));
    const std::vector<RecordBatchHeader> batches = batches_of(request, answer.partition);
    REQUIRE(batches.size() == 1);
    if (epoch > -1) CHECK(batches.front().producer.epoch.value() == epoch);
    CHECK(batches.front().base_sequence == sequence);
    return true;
  });
}

std::vector<const ProducerBatch*> SenderBench::queue(const TopicPartition& partition) const {
  std::vector<const ProducerBatch*> batches;
  const std::vector<BatchId>* ids = accumulator->deque(partition);
  REQUIRE(ids != nullptr);
  for (const BatchId id : *ids) batches.push_back(&std::as_const(*accumulator).batches()[id]);
  return batches;
}

Node SenderBench::destination_of_oldest() const {
  REQUIRE_FALSE(client->requests().empty());
  return Node{client->requests().front().destination, "localhost", 0, std::nullopt};
}

std::vector<RecordBatchHeader> SenderBench::batches_of(const ClientRequest& request,
                                                       const TopicPartition& partition) const {
  const auto* produce = std::get_if<ProduceRequestBuilder>(&request.builder);
  REQUIRE(produce != nullptr);
  std::vector<RecordBatchHeader> headers;
  for (const ProduceRequestBatch& part : produce->batches) {
    if (part.partition != partition) continue;
    BatchCursor cursor(accumulator->pool().read(part.records));
    while (const std::optional<RecordBatchView> batch = cursor.next()) {
      CHECK_FALSE(batch->check());
      headers.push_back(batch->header());
    }
    CHECK(cursor.rest().empty());
  }
  return headers;
}

bool SenderBench::has_idempotent_records(const ClientRequest& request) const {
  const auto* produce = std::get_if<ProduceRequestBuilder>(&request.builder);
  if (produce == nullptr) return false;
  return std::any_of(produce->batches.begin(), produce->batches.end(), [&](const ProduceRequestBatch& part) {
    const std::vector<RecordBatchHeader> headers = batches_of(request, part.partition);
    return std::any_of(headers.begin(), headers.end(),
                       [](const RecordBatchHeader& header) { return header.producer.valid(); });
  });
}

}  // namespace linger::test
