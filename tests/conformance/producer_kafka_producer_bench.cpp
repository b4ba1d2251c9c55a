#include "conformance/producer_kafka_producer_bench.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <type_traits>
#include <utility>

namespace linger::test {

namespace {

Settings with_servers(Settings settings) {
  settings.try_emplace("bootstrap.servers", "localhost:9999");
  return settings;
}

}  // namespace

ProducerConfig accepted(const Settings& settings) {
  const ProducerConfigResult result = read_producer_config(with_servers(settings));
  REQUIRE(result.ok());
  return result.config;
}

bool refused(const Settings& settings) {
  return !read_producer_config(with_servers(settings)).ok();
}

KafkaProducerBench::KafkaProducerBench(Settings settings, const ClusterAnswer& known)
    : producer(accepted(settings), now, entropy), last_metadata_(known) {
  for (const auto& [topic, partitions] : known.partitions) producer.client().metadata().add(topic, now.wall_ms);
  update_metadata(known);
}

ClusterAnswer KafkaProducerBench::one_topic(const std::string& topic, int partitions) {
  ClusterAnswer answer;
  answer.partitions[topic] = partitions;
  answer.ids[topic] = Uuid{7, 7};
  return answer;
}

ClusterAnswer KafkaProducerBench::refused_topic(const std::string& topic, ErrorCode error) {
  ClusterAnswer answer;
  answer.errors[topic] = error;
  return answer;
}

void KafkaProducerBench::prepare_coordinator(const std::string& key, CoordinatorType type) {
  FindCoordinatorResponse response;
  response.coordinators.push_back({key, 0, "host0", 9092, 0, std::nullopt});
  prepare(response, [key, type](const NodeRequest& request) {
    if (request.api != ApiKey::find_coordinator) return false;
    const auto asked = request.message<FindCoordinatorRequest>();
    return asked.key_type == (type == CoordinatorType::group ? 0 : 1) && asked.coordinator_keys.at(0) == key;
  });
}

void KafkaProducerBench::prepare_producer_id(ErrorCode error) {
  InitProducerIdResponse response;
  response.error_code = wire_code(error);
  response.producer_id = 1;
  response.producer_epoch = 5;
  prepare(response);
}

void KafkaProducerBench::prepare_offset_commit(Matcher matcher) {
  TxnOffsetCommitResponse response;
  response.topics.push_back({"topic", {{0, 0}}});
  prepare(response, std::move(matcher));
}

void KafkaProducerBench::prepare_produce(const std::string& topic, ErrorCode error, std::int64_t offset) {
  ProduceResponse response;
  response.responses.push_back({topic, last_metadata_.ids.at(topic), {}});
  auto& part = response.responses[0].partition_responses.emplace_back();
  part.error_code = wire_code(error);
  part.base_offset = offset;
  part.log_append_time_ms = -1;
  part.log_start_offset = 1;
  prepare(response);
}

void KafkaProducerBench::update_metadata(const ClusterAnswer& answer) {
  last_metadata_ = answer;
  producer.client().metadata().update_with_current_request_version(answer.build(), newest_metadata_version, false,
                                                                   now.wall_ms, entropy);
}

Outcome KafkaProducerBench::send(const std::string& topic, const std::string& key, const std::string& value,
                                 std::optional<std::int32_t> partition) {
  RecordToSend record;
  record.record = records++;
  record.topic = topic;
  record.partition = partition;
  if (!key.empty()) record.key = std::as_bytes(std::span(key));
  record.value = std::as_bytes(std::span(value));
  return finish(producer.send(record, now, entropy, plugins));
}

Outcome KafkaProducerBench::ended(const Sent& sent) const {
  return {sent.failure.has_value(), false, sent.failure, -1, sent.partition, {}};
}

Outcome KafkaProducerBench::outcome(Ticket ticket) const {
  const auto at = settled_.find(ticket);
  return at == settled_.end() ? Outcome{} : at->second;
}

Outcome KafkaProducerBench::report(std::uint64_t record) const {
  const auto at = reports_.find(record);
  return at == reports_.end() ? Outcome{} : at->second;
}

Outcome KafkaProducerBench::wait_for(Ticket ticket) {
  for (int rounds = 0; !settled_.contains(ticket); ++rounds) {
    REQUIRE(rounds < 100'000);
    const auto wake = settle();
    if (settled_.contains(ticket)) break;
    REQUIRE(wake);
    advance(*wake);
  }
  return settled_.at(ticket);
}

Outcome KafkaProducerBench::get(std::uint64_t record) {
  for (int rounds = 0; !reports_.contains(record); ++rounds) {
    REQUIRE(rounds < 100'000);
    const auto wake = settle();
    if (reports_.contains(record)) break;
    REQUIRE(wake);
    advance(*wake);
  }
  return reports_.at(record);
}

void KafkaProducerBench::advance(std::int64_t wake_ms) {
  sleep(std::max<std::int64_t>(wake_ms, 1));
}

void KafkaProducerBench::sleep(std::int64_t ms) {
  now.wall_ms += ms;
  now.mono_ns += ms * 1'000'000;
}

void KafkaProducerBench::run(std::int64_t ms) {
  const std::int64_t end_ms = now.wall_ms + ms;
  for (;;) {
    const auto wake = settle();
    const std::int64_t left_ms = end_ms - now.wall_ms;
    if (left_ms <= 0) return;
    advance(std::min(wake.value_or(left_ms), left_ms));
  }
}

std::optional<std::int64_t> KafkaProducerBench::settle() {
  for (int polls = 0;; ++polls) {
    REQUIRE(polls < 100'000);
    sleep(tick_ms);
    const auto wake = producer.poll(now, entropy, plugins);
    carry_out();
    if (wake != 0 && !producer.needs_poll()) return wake;
  }
}

double KafkaProducerBench::metric(std::string_view name) {
  for (const Metric& metric : producer.metrics(now)) {
    if (metric.name == name) return std::get<double>(metric.value);
  }
  FAIL("no metric " << name);
  return 0;
}

void KafkaProducerBench::carry_out() {
  for (const ConnectRequest& request : producer.take_connects()) producer.on_connected(request.connection);
  for (const ClientConnectionId connection : producer.take_closes()) streams_.erase(connection);
  for (const ClientConnectionId connection : producer.writable()) {
    Bytes& stream = streams_[connection];
    producer.pull(connection, 1 << 20, stream);
    while (const auto size = peek_frame_size(stream)) {
      const auto whole = static_cast<std::size_t>(*size) + 4;
      if (stream.size() < whole) break;
      NodeRequest request;
      request.frame.assign(stream.begin() + 4, stream.begin() + static_cast<std::ptrdiff_t>(whole));
      request.connection = connection;
      stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(whole));
      Reader reader{request.frame};
      const auto header = decode_request_header(reader);
      REQUIRE(header);
      request.api = *api_key_from_wire(header.value.request_api_key);
      request.version = header.value.request_api_version;
      request.correlation = CorrelationId{header.value.correlation_id};
      seen.push_back(request);
      if (request.api == ApiKey::metadata) metadata_seen.push_back(request);
      serve(request);
    }
  }
  const RecordCompletions completions = producer.take_completions();
  for (const RecordCompletion& report : completions.records) {
    Outcome& outcome = reports_[report.record];
    outcome.done = true;
    outcome.offset = report.offset;
    outcome.partition = report.partition;
    if (!report.ok()) outcome.error = completions.errors[report.error];
    if (callback) callback(report);
  }
  for (const Settlement& settlement : producer.take_settlements()) {
    settled_[settlement.ticket] = std::visit([this](const auto& end) { return ended(end); }, settlement.result);
  }
}

void KafkaProducerBench::serve(const NodeRequest& request) {
  // A connection's answers keep the order of its requests.
  const bool behind_another = std::any_of(requests.begin(), requests.end(), [&](const NodeRequest& waiting) {
    return waiting.connection == request.connection;
  });
  if (behind_another) {
    requests.push_back(request);
    return;
  }
  if (request.api == ApiKey::api_versions) return answer_with(request, versions());
  if (request.api == ApiKey::metadata) {
    if (!metadata_answers_.empty()) {
      last_metadata_ = metadata_answers_.front();
      metadata_answers_.pop_front();
    } else if (metadata_held_) {
      requests.push_back(request);
      return;
    }
    return answer_with(request, last_metadata_.build());
  }
  if (prepared_.empty()) {
    requests.push_back(request);
    return;
  }
  const Prepared next = std::move(prepared_.front());
  prepared_.pop_front();
  if (next.matcher) CHECK(next.matcher(request));
  answer(request, next.body);
}

void KafkaProducerBench::respond(const ResponseBody& body) {
  REQUIRE_FALSE(requests.empty());
  const std::vector<NodeRequest> waiting = std::exchange(requests, {});
  answer(waiting.front(), body);
  std::for_each(waiting.begin() + 1, waiting.end(), [this](const NodeRequest& request) { serve(request); });
}

void KafkaProducerBench::answer(const NodeRequest& request, const ResponseBody& body) {
  std::visit(
      [&](const auto& message) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(message)>, std::monostate>) answer_with(request, message);
      },
      body);
}

template <class Message>
void KafkaProducerBench::answer_with(const NodeRequest& request, const Message& message) {
  REQUIRE(Message::spec.key == wire_code(request.api));
  Bytes frame;
  REQUIRE_FALSE(encode_response(frame, message, request.version, request.correlation));
  producer.on_received(request.connection, frame);
}

ApiVersionsResponse KafkaProducerBench::versions() {
  ApiVersionsResponse response;
  for (const ApiInfo& info : all_apis()) {
    if (info.versions.max < 0) continue;
    const auto newest = newest_.find(info.key);
    response.api_keys.push_back(
        {wire_code(info.key), info.versions.min, newest == newest_.end() ? info.latest_stable : newest->second});
  }
  if (transaction_version_ > 0) {
    response.finalized_features_epoch = 0;
    response.supported_features.push_back({"transaction.version", 0, transaction_version_});
    response.finalized_features.push_back({"transaction.version", transaction_version_, transaction_version_});
  }
  response.throttle_time_ms = std::exchange(throttle_ms_, 0);
  return response;
}

}  // namespace linger::test
