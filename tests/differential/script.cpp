#include "tests/differential/script.h"

#include <algorithm>
#include <utility>

#include "producer/murmur2.h"
#include "protocol/messages/api_versions.h"

namespace linger::differential {

namespace {

/// What every node of a script says it can speak: as little as the transaction manager looks at.
NodeApiVersions node_api_versions(bool transaction_v2) {
  ApiVersionsResponse response;
  for (const ApiKey api : {ApiKey::init_producer_id, ApiKey::produce, ApiKey::txn_offset_commit, ApiKey::end_txn,
                           ApiKey::add_partitions_to_txn}) {
    response.api_keys.push_back({wire_code(api), 0, api_info(api).versions.max});
  }
  const std::int16_t level = transaction_v2 ? 2 : 1;
  response.finalized_features_epoch = 0;
  response.finalized_features.push_back({"transaction.version", level, level});
  return NodeApiVersions(response);
}

/// What a "respond" command says about one partition.
Json part_of(const Json& command, const TopicPartition& partition) {
  Json part = Json::object();
  if (command.contains("parts")) {
    for (const Json& candidate : command.at("parts")) {
      if (candidate.at("p").get<std::int32_t>() == partition.partition &&
          text(candidate, "topic", partition.topic) == partition.topic) {
        part = candidate;
      }
    }
  }
  return part;
}

ErrorCode error_of(const Json& part, ErrorCode otherwise) {
  return part.contains("error") ? error_from_name(text(part, "error", "")).value() : otherwise;
}

}  // namespace

Script::Script(const Json& config)
    : start_ms_(number(config, "start_ms", 1'000'000)),
      clock_ms_(start_ms_),
      entropy_(static_cast<std::uint64_t>(number(config, "seed", 1))),
      node_count_(static_cast<std::int32_t>(number(config, "nodes", 1))),
      max_request_size_(static_cast<std::int32_t>(number(config, "max_request_size", 1048576))),
      wire_(flag(config, "wire", true)),
      hex_(flag(config, "hex", false)),
      messages_(flag(config, "messages", false)),
      sort_done_(flag(config, "sort_done", true)),
      metric_config_{static_cast<std::int32_t>(number(config, "metrics_num_samples", 2)),
                     number(config, "metrics_sample_window_ms", 30000)},
      client_id_(text(config, "client_id", "producer-1")),
      next_producer_id_(number(config, "first_pid", 1000)) {
  const auto epoch = static_cast<std::int32_t>(number(config, "leader_epoch", 0));
  const Json topics = config.contains("topics") ? config.at("topics") : Json{{"t", 2}};
  for (const auto& [name, count] : topics.items()) {
    std::vector<PartitionState>& partitions = topics_[name];
    for (std::int32_t partition = 0; partition < count.get<std::int32_t>(); ++partition) {
      partitions.push_back(PartitionState{partition % node_count_, epoch});
    }
  }
  std::uint64_t next_id = 0;
  for (const auto& [name, partitions] : topics_) {
    topic_ids_[name] = Uuid{0x4c696e6765720000U, ++next_id};
  }
  const std::int64_t backoff_ms = number(config, "retry_backoff_ms", 100);
  const std::int64_t backoff_max_ms = number(config, "retry_backoff_max_ms", 1000);
  metadata_ = std::make_unique<ProducerMetadata>(
      ProducerMetadata::Config{backoff_ms, backoff_max_ms, number(config, "metadata_max_age_ms", 300000),
                               number(config, "metadata_max_idle_ms", 300000)});
  const auto max_in_flight = static_cast<int>(number(config, "max_in_flight", 5));
  client_ = std::make_unique<MockClient>(clock_ms_, max_in_flight);
  for (const auto& [name, partitions] : topics_) {
    metadata_->add(name, clock_ms_);
  }
  update_metadata();
  std::vector<Node> nodes = metadata_->fetch().nodes();
  std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
  client_->set_nodes(std::move(nodes));
  for (const Node& node : metadata_->fetch().nodes()) {
    client_->set_api_versions(node.id, node_api_versions(flag(config, "txn_v2", true)));
  }
  const std::string transactional_id = text(config, "transactional_id", "");
  if (!transactional_id.empty() || flag(config, "idempotent", true)) {
    transactions_.emplace(transactional_id, static_cast<std::int32_t>(number(config, "transaction_timeout_ms", 60000)),
                          backoff_ms);
  }
  RecordAccumulator::Config accumulator;
  accumulator.batch_size = std::max(1, static_cast<std::int32_t>(number(config, "batch_size", 16384)));
  accumulator.buffer_memory = number(config, "buffer_memory", 33554432);
  accumulator.compression = Compression::of(*compression_from_name(text(config, "compression", "none")));
  accumulator.linger_ms = static_cast<std::int32_t>(number(config, "linger_ms", 5));
  accumulator.retry_backoff_ms = backoff_ms;
  accumulator.retry_backoff_max_ms = backoff_max_ms;
  accumulator.retry_backoff_jitter = config.contains("jitter") ? config.at("jitter").get<double>() : 0;
  accumulator.delivery_timeout_ms = static_cast<std::int32_t>(number(config, "delivery_timeout_ms", 120000));
  accumulator.adaptive_partitioning = flag(config, "adaptive", true);
  accumulator.partition_availability_timeout_ms = number(config, "availability_timeout_ms", 0);
  accumulator.metrics = metric_config_;
  accumulator_ = std::make_unique<RecordAccumulator>(accumulator);
  Sender::Config sender;
  sender.guarantee_message_order = max_in_flight == 1;
  sender.max_request_size = max_request_size_;
  sender.acks = static_cast<std::int16_t>(number(config, "acks", -1));
  sender.retries = static_cast<std::int32_t>(number(config, "retries", 2147483647));
  sender.request_timeout_ms = static_cast<std::int32_t>(number(config, "request_timeout_ms", 30000));
  sender.retry_backoff_ms = backoff_ms;
  sender.metrics = metric_config_;
  sender_ = std::make_unique<Sender>(sender);
}

Json Script::error_json(const KafkaError& error) const {
  if (messages_) {
    return Json{{"class", error.exception}, {"msg", error.message}};
  }
  return error.exception;
}

MetadataResponse Script::view() const {
  MetadataResponse response;
  response.cluster_id = "script";
  response.controller_id = 0;
  for (std::int32_t node = 0; node < node_count_; ++node) {
    response.brokers.push_back({node, "localhost", 9092 + node, std::nullopt});
  }
  for (const auto& [name, partitions] : topics_) {
    MetadataResponse::MetadataResponseTopic topic;
    topic.name = name;
    topic.topic_id = topic_ids_.at(name);
    for (std::size_t index = 0; index < partitions.size(); ++index) {
      const PartitionState& state = partitions[index];
      MetadataResponse::MetadataResponsePartition partition;
      partition.partition_index = static_cast<std::int32_t>(index);
      partition.leader_id = state.leader < 0 ? -1 : state.leader;
      partition.leader_epoch = state.epoch < 0 ? -1 : state.epoch;
      if (state.leader < 0) {
        partition.error_code = wire_code(ErrorCode::leader_not_available);
      } else {
        partition.replica_nodes = {state.leader};
        partition.isr_nodes = {state.leader};
      }
      topic.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(topic));
  }
  return response;
}

void Script::send(const Json& command, Json& out) {
  const std::string topic = text(command, "topic", first_topic());
  auto partition = static_cast<std::int32_t>(number(command, "partition", -1));
  const std::uint64_t id = records_++;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  if (command.contains("key")) {
    key = bytes_of(text(command, "key", ""));
  }
  if (command.contains("value")) {
    value = bytes_of(text(command, "value", ""));
  } else if (command.contains("value_size")) {
    value = Bytes(static_cast<std::size_t>(number(command, "value_size", 0)), static_cast<std::byte>('a' + id % 26));
  }
  out["r"] = id;
  if (partition < 0 && key) {
    const auto partitions = static_cast<std::int32_t>(metadata_->fetch().partitions_for_topic(topic).size());
    if (partitions == 0) {
      out["throw"] = error_json(division_by_zero());
      return;
    }
    partition = partition_for_key(*key, partitions);
  }
  RecordToAppend record;
  record.record = id;
  record.topic = topic;
  record.partition = partition < 0 ? unknown_partition : partition;
  record.timestamp = number(command, "ts", clock_ms_ - start_ms_);
  if (key) {
    record.key = *key;
  }
  if (value) {
    record.value = *value;
  }
  if (estimate_size_in_bytes_upper_bound(record.key, record.value, {}) > max_request_size_) {
    out["throw"] = "RecordTooLargeException";
    sender_->metrics()->record_send_error(clock_ms_);
    return;
  }
  std::optional<KafkaError> thrown;
  const AppendResult result = accumulator_->append(record, 0, now(), metadata_->fetch(), entropy_);
  if (result.status == AppendResult::Status::appended) {
    out["p"] = result.partition;
    out["full"] = result.batch_is_full;
    out["new"] = result.new_batch_created;
    if (transactions_) {
      try {
        transactions_->maybe_add_partition(TopicPartition{topic, result.partition});
      } catch (const JavaThrow& java) {
        thrown = java.error();
      }
    }
  } else {
    thrown = result.error;
  }
  if (thrown) {
    out["throw"] = error_json(*thrown);
    if (thrown->family != ErrorFamily::java) {
      sender_->metrics()->record_send_error(clock_ms_);
    }
    if (thrown->family == ErrorFamily::api && transactions_) {
      transactions_->maybe_transition_to_error_state(*thrown);
    }
  }
}

void Script::run_once(Json& out) {
  polls_in_run_ = 0;
  std::optional<Sender::Blocked> blocked = sender_->begin_run(context());
  while (blocked) {
    show_new_requests();
    if (blocked->on == Sender::Blocked::On::sleep) {
      clock_ms_ += blocked->timeout_ms;
      blocked = sender_->continue_run(context(), {});
    } else {
      blocked = client_poll(*blocked);
    }
  }
  for (const KafkaError& error : sender_->take_uncaught()) {
    out["uncaught"] = error_json(error);
  }
}

std::optional<Sender::Blocked> Script::client_poll(const Sender::Blocked& blocked) {
  constexpr std::int64_t practically_forever = std::int64_t{1} << 50;
  polls_.push_back(blocked.timeout_ms > practically_forever ? -1 : blocked.timeout_ms);
  if (++polls_in_run_ > 10000) {
    sender_->abandon_run(illegal_state("poll loop"));
    return std::nullopt;
  }
  client_->fail_late_nodes(blocked.now_ms);
  if (!metadata_frozen_ && metadata_->update_requested() && client_->least_loaded_node(blocked.now_ms, entropy_).node) {
    update_metadata();
  }
  bool nothing_came = true;
  while (!client_->responses().empty()) {
    const ClientResponse response = std::move(client_->responses().front());
    client_->responses().pop_front();
    nothing_came = false;
    try {
      sender_->handle_response(context(), response);
    } catch (const JavaThrow& thrown) {
      sender_->abandon_run(thrown.error());
      return std::nullopt;
    }
  }
  // Java's awaitNodeReady would spin on a clock that stands still.
  if (polls_in_run_ >= 3 && nothing_came && blocked.timeout_ms > 0) {
    clock_ms_ += std::min<std::int64_t>(blocked.timeout_ms, 3'600'000);
  }
  return sender_->continue_run(context(), {});
}

void Script::respond(const Json& command, Json& out) {
  const std::deque<ClientRequest>& requests = client_->requests();
  const auto hit = std::find_if(requests.begin(), requests.end(), [&command](const ClientRequest& request) {
    return (!command.contains("req") || request.correlation_id.value() == number(command, "req", 0)) &&
           (!command.contains("node") || request.destination.value() == number(command, "node", 0)) &&
           (!command.contains("api") || api_name(request.api_key) == text(command, "api", ""));
  });
  if (hit == requests.end()) {
    out["none"] = true;
    return;
  }
  const ErrorCode error = error_from_name(text(command, "error", "NONE")).value();
  const auto index = static_cast<std::size_t>(hit - requests.begin());
  if (std::holds_alternative<ProduceRequestBuilder>(hit->builder)) {
    client_->respond(index, produce_response(*hit, command, error));
  } else if (const auto* init = std::get_if<InitProducerIdRequest>(&hit->builder)) {
    client_->respond(index, init_producer_id_response(*init, command, error));
  } else {
    client_->respond(index, transactional_response(*hit, command, error));
  }
}

InitProducerIdResponse Script::init_producer_id_response(const InitProducerIdRequest& request, const Json& command,
                                                         ErrorCode error) {
  const bool bump = request.producer_id >= 0;
  InitProducerIdResponse response;
  response.error_code = wire_code(error);
  response.producer_id = -1;
  response.producer_epoch = -1;
  if (error == ErrorCode::none) {
    // The judge takes the next id even when the script names one.
    const std::int64_t fresh = bump || command.contains("pid") ? 0 : next_producer_id_;
    if (!bump) {
      next_producer_id_ += 1;
    }
    response.producer_id = number(command, "pid", bump ? request.producer_id : fresh);
    response.producer_epoch =
        static_cast<std::int16_t>(number(command, "epoch", bump ? request.producer_epoch + 1 : 0));
  }
  return response;
}

ResponseBody Script::transactional_response(const ClientRequest& request, const Json& command, ErrorCode error) const {
  const std::int16_t code = wire_code(error);
  if (const auto* find = std::get_if<FindCoordinatorRequest>(&request.builder)) {
    const auto node = static_cast<std::int32_t>(number(command, "coordinator", 0));
    FindCoordinatorResponse response;
    response.coordinators.push_back({find->key, node, "localhost", 9092 + node, code, std::nullopt});
    return response;
  }
  if (const auto* add = std::get_if<AddPartitionsToTxnRequest>(&request.builder)) {
    AddPartitionsToTxnResponse response;
    for (const auto& topic : add->v3_and_below_topics) {
      response.results_by_topic_v3_and_below.push_back({topic.name, {}});
      for (const std::int32_t partition : topic.partitions) {
        const ErrorCode own = error_of(part_of(command, {topic.name, partition}), error);
        response.results_by_topic_v3_and_below.back().results_by_partition.push_back({partition, wire_code(own)});
      }
    }
    return response;
  }
  if (std::holds_alternative<AddOffsetsToTxnRequest>(request.builder)) {
    AddOffsetsToTxnResponse response;
    response.error_code = code;
    return response;
  }
  if (const auto* commit = std::get_if<TxnOffsetCommitRequestBuilder>(&request.builder)) {
    TxnOffsetCommitResponse response;
    for (const auto& topic : commit->request.topics) {
      response.topics.push_back({topic.name, {}});
      for (const auto& partition : topic.partitions) {
        const ErrorCode own = error_of(part_of(command, {topic.name, partition.partition_index}), error);
        response.topics.back().partitions.push_back({partition.partition_index, wire_code(own)});
      }
    }
    return response;
  }
  const auto& end = std::get<EndTxnRequestBuilder>(request.builder);
  EndTxnResponse response;
  response.error_code = code;
  if (end.transaction_v2 && error == ErrorCode::none) {
    response.producer_id = number(command, "pid", end.request.producer_id);
    response.producer_epoch = static_cast<std::int16_t>(number(command, "epoch", end.request.producer_epoch + 1));
  }
  return response;
}

void Script::wait_for(const char* call, TxnResultId result) {
  const auto known =
      std::find_if(waiting_.begin(), waiting_.end(), [call](const auto& entry) { return entry.first == call; });
  if (known == waiting_.end()) {
    waiting_.emplace_back(call, result);
  } else {
    known->second = result;
  }
}

ProduceResponse Script::produce_response(const ClientRequest& request, const Json& command, ErrorCode error) {
  ProduceResponse response;
  const auto& builder = std::get<ProduceRequestBuilder>(request.builder);
  const std::vector<ShownBatch>& shown = shown_.at(request.correlation_id.value());
  for (std::size_t index = 0; index < builder.batches.size(); ++index) {
    const TopicPartition& partition = builder.batches[index].partition;
    if (response.responses.empty() || response.responses.back().name != partition.topic) {
      response.responses.push_back({partition.topic, builder.batches[index].topic_id, {}});
    }
    const Json part = part_of(command, partition);
    const ErrorCode own = error_of(part, error);
    std::int64_t offset = -1;
    if (part.contains("base_offset")) {
      offset = number(part, "base_offset", 0);
    } else if (command.contains("base_offset")) {
      offset = number(command, "base_offset", 0);
    } else if (own == ErrorCode::none) {
      std::int64_t& end = log_end_[partition.describe()];
      offset = end;
      end += shown[index].records;
    }
    ProduceResponse::PartitionProduceResponse answer;
    answer.index = partition.partition;
    answer.error_code = wire_code(own);
    answer.base_offset = offset;
    answer.log_append_time_ms = number(part, "log_append_time", -1);
    answer.log_start_offset = number(part, "log_start_offset", number(command, "log_start_offset", -1));
    if (part.contains("message")) {
      answer.error_message = text(part, "message", "");
    }
    if (part.contains("record_errors")) {
      for (const Json& record : part.at("record_errors")) {
        answer.record_errors.push_back(
            {record.at(0).get<std::int32_t>(),
             record.size() > 1 ? std::optional(record.at(1).get<std::string>()) : std::nullopt});
      }
    }
    if (part.contains("leader")) {
      const std::int32_t leader = part.at("leader").get<std::int32_t>();
      answer.current_leader = {leader, static_cast<std::int32_t>(number(part, "leader_epoch", -1))};
      response.node_endpoints.push_back({leader, "localhost", 9092 + leader, std::nullopt});
    }
    response.responses.back().partition_responses.push_back(std::move(answer));
  }
  return response;
}

void Script::run(const Json& command, Json& out) {
  const std::string op = command.at("op").get<std::string>();
  const std::int64_t times = number(command, "n", 1);
  if (op == "config") {
    return;
  }
  if (op == "send") {
    for (std::int64_t i = 0; i < times; ++i) {
      send(command, out);
    }
  } else if (op == "poll") {
    for (std::int64_t i = 0; i < times; ++i) {
      run_once(out);
    }
  } else if (op == "metrics") {
    show_metrics(out);
  } else if (op == "sleep") {
    clock_ms_ += number(command, "ms", 0);
  } else if (op == "respond") {
    respond(command, out);
  } else if (op == "disconnect") {
    client_->fail(node_of(command), false);
    if (command.contains("backoff_ms")) {
      client_->backoff(node_of(command), number(command, "backoff_ms", 0));
    }
  } else if (op == "backoff") {
    client_->backoff(node_of(command), number(command, "ms", 0));
  } else if (op == "throttle") {
    client_->throttle(node_of(command), number(command, "ms", 0));
  } else if (op == "unreachable") {
    client_->fail(node_of(command), false);
    client_->set_unreachable(node_of(command), number(command, "ms", 0));
  } else if (op == "delay_ready") {
    client_->delay_ready(node_of(command), number(command, "ms", 0));
  } else if (op == "leader") {
    PartitionState& state =
        topics_.at(text(command, "topic", first_topic())).at(static_cast<std::size_t>(number(command, "partition", 0)));
    state.leader = static_cast<std::int32_t>(number(command, "node", 0));
    state.epoch = static_cast<std::int32_t>(number(command, "epoch", state.epoch + 1));
    if (flag(command, "now", false)) {
      update_metadata();
    }
  } else if (op == "metadata_freeze") {
    metadata_frozen_ = flag(command, "on", true);
  } else if (op == "metadata_update") {
    update_metadata();
  } else if (op == "ratio") {
    accumulator_->compression_ratio(text(command, "topic", first_topic()))
        .set_estimation(static_cast<float>(command.at("value").get<double>()));
  } else if (op == "flush") {
    accumulator_->begin_flush();
  } else if (op == "flush_end") {
    if (accumulator_->has_incomplete()) {
      out["blocked"] = true;
    } else {
      accumulator_->end_flush(accumulator_->await_flush_completion());
    }
  } else if (op == "force_close") {
    if (transactions_) {
      transactions_->close();
    }
    accumulator_->close();
    accumulator_->abort_incomplete_batches();
  } else if (op == "close") {
    sender_->initiate_close(*accumulator_);
  } else if (op == "init_txn") {
    wait_for("init", transactions_.value().initialize_transactions());
  } else if (op == "begin_txn") {
    transactions_.value().begin_transaction();
  } else if (op == "commit_txn") {
    wait_for("commit", transactions_.value().begin_commit(client_->api_versions()));
  } else if (op == "send_offsets") {
    OffsetsToCommit offsets;
    for (const Json& partition : command.at("partitions")) {
      offsets[{text(command, "topic", first_topic()), partition.get<std::int32_t>()}].offset =
          number(command, "offset", 0);
    }
    const ConsumerGroupMetadata group{text(command, "group", "g"),
                                      static_cast<std::int32_t>(number(command, "generation", -1)),
                                      text(command, "member", ""), std::nullopt};
    wait_for("offsets", transactions_.value().send_offsets_to_transaction(offsets, group));
  } else if (op == "abort_txn") {
    wait_for("abort", transactions_.value().begin_abort(client_->api_versions()));
  } else {
    throw Unsupported{"There is no command \"" + op + "\"."};
  }
}

}  // namespace linger::differential
