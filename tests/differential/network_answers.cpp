#include "tests/differential/network_answers.h"

#include "protocol/error_code.h"
#include "protocol/frame.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"

namespace linger::differential {

namespace {

std::int16_t error_code(const Json& command, const char* key, const std::string& otherwise) {
  return wire_code(error_from_name(text(command, key, otherwise)).value());
}

template <class Response>
Bytes frame(const Response& response, const InFlightRequest& request, std::int16_t version) {
  Bytes bytes;
  if (const WireError error = encode_response(bytes, response, version, request.correlation_id)) {
    throw Unsupported{"This answer cannot be written: " + error.describe()};
  }
  return bytes;
}

template <class Response>
Bytes plain(const InFlightRequest& request, std::int32_t throttle_ms) {
  Response response;
  response.throttle_time_ms = throttle_ms;
  return frame(response, request, request.api_version);
}

template <class Response>
Bytes plain(const InFlightRequest& request, std::int32_t throttle_ms, std::int16_t error) {
  Response response;
  response.throttle_time_ms = throttle_ms;
  response.error_code = error;
  return frame(response, request, request.api_version);
}

ApiVersionsResponse api_versions(const Json& spoken, const Json& event, std::int32_t throttle_ms) {
  ApiVersionsResponse response;
  response.error_code = error_code(event, "error", text(spoken, "error", "NONE"));
  response.throttle_time_ms = throttle_ms;
  response.finalized_features_epoch = number(spoken, "epoch", -1);
  for (const Json& key : spoken.at("keys")) {
    response.api_keys.push_back(
        {key.at(0).get<std::int16_t>(), key.at(1).get<std::int16_t>(), key.at(2).get<std::int16_t>()});
  }
  if (spoken.contains("finalized")) {
    for (const Json& feature : spoken.at("finalized")) {
      const auto level = feature.at(1).get<std::int16_t>();
      response.finalized_features.push_back({feature.at(0).get<std::string>(), level, level});
    }
  }
  return response;
}

}  // namespace

Bytes NetworkAnswers::answer(const InFlightRequest& request, const Json& event) const {
  const auto throttle_ms = static_cast<std::int32_t>(number(event, "throttle", 0));
  const std::int16_t error = error_code(event, "error", "NONE");
  switch (request.api_key) {
    case ApiKey::api_versions: {
      const Json& spoken = versions_.at(request.destination.value());
      const std::int16_t version = flag(spoken, "v0", false) ? std::int16_t{0} : request.api_version;
      return frame(api_versions(spoken, event, throttle_ms), request, version);
    }
    case ApiKey::metadata: {
      MetadataResponse response = metadata();
      response.throttle_time_ms = throttle_ms;
      response.error_code = error;
      return frame(response, request, request.api_version);
    }
    case ApiKey::produce:
      return plain<ProduceResponse>(request, throttle_ms);
    case ApiKey::find_coordinator:
      return plain<FindCoordinatorResponse>(request, throttle_ms, request.api_version < 4 ? error : std::int16_t{0});
    case ApiKey::add_partitions_to_txn:
      return plain<AddPartitionsToTxnResponse>(request, throttle_ms);
    case ApiKey::add_offsets_to_txn:
      return plain<AddOffsetsToTxnResponse>(request, throttle_ms, error);
    case ApiKey::end_txn:
      return plain<EndTxnResponse>(request, throttle_ms, error);
    case ApiKey::txn_offset_commit:
      return plain<TxnOffsetCommitResponse>(request, throttle_ms);
    default:
      return plain<InitProducerIdResponse>(request, throttle_ms, error);
  }
}

MetadataResponse NetworkAnswers::metadata() const {
  MetadataResponse response;
  if (cluster_.contains("id")) response.cluster_id = cluster_.at("id").get<std::string>();
  response.controller_id = static_cast<std::int32_t>(number(cluster_, "controller", -1));
  for (const Json& broker : cluster_.at("brokers")) {
    response.brokers.push_back({broker.at(0).get<std::int32_t>(), broker.at(1).get<std::string>(),
                                broker.at(2).get<std::int32_t>(), std::nullopt});
  }
  for (const Json& described : cluster_.at("topics")) {
    MetadataResponse::MetadataResponseTopic topic;
    topic.name = described.at("name").get<std::string>();
    topic.topic_id = Uuid{0, static_cast<std::uint64_t>(number(described, "id", 0))};
    topic.error_code = error_code(described, "error", "NONE");
    for (const Json& partition : described.at("partitions")) {
      const auto leader = partition.at(0).get<std::int32_t>();
      topic.partitions.push_back({wire_code(error_from_name(partition.at(2).get<std::string>()).value()),
                                  static_cast<std::int32_t>(topic.partitions.size()),
                                  leader,
                                  partition.at(1).get<std::int32_t>(),
                                  {leader},
                                  {leader},
                                  {}});
    }
    response.topics.push_back(std::move(topic));
  }
  return response;
}

}  // namespace linger::differential
