#include "producer/clients/request_encoding.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "producer/failure.h"
#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

namespace linger {

namespace {

/// From this version on FindCoordinator carries a list of keys.
constexpr std::int16_t first_with_several_keys = 4;
/// Later versions of AddPartitionsToTxn are spoken between brokers.
constexpr std::int16_t last_client_add_partitions_to_txn = 3;

/// A view that has the size of records which stand elsewhere. Its bytes must not be read.
RecordsView placeholder(std::uint32_t size) {
  static const std::byte nothing{};
  return RecordsView(BytesView(&nothing, size));
}

struct GroupedProduce {
  ProduceRequest request;
  std::vector<BatchBytes> records;  ///< in the order in which the request lists them
};

/// Batches of one topic stand together, topics in the order of their first batch.
GroupedProduce group(const ProduceRequestBuilder& builder) {
  GroupedProduce grouped;
  ProduceRequest& request = grouped.request;
  request.acks = builder.acks;
  request.timeout_ms = builder.timeout_ms;
  request.transactional_id = builder.transactional_id;
  std::vector<std::vector<BatchBytes>> records_of_topic;
  for (const ProduceRequestBatch& batch : builder.batches) {
    const auto found = std::find_if(request.topic_data.begin(), request.topic_data.end(), [&](const auto& data) {
      return data.name == batch.partition.topic && data.topic_id == batch.topic_id;
    });
    const auto place = static_cast<std::size_t>(found - request.topic_data.begin());
    if (found == request.topic_data.end()) {
      request.topic_data.push_back({batch.partition.topic, batch.topic_id, {}});
      records_of_topic.emplace_back();
    }
    request.topic_data[place].partition_data.push_back({batch.partition.partition, placeholder(batch.records.size)});
    records_of_topic[place].push_back(batch.records);
  }
  for (const auto& records : records_of_topic) {
    grouped.records.insert(grouped.records.end(), records.begin(), records.end());
  }
  return grouped;
}

template <class Request>
std::variant<NetworkSend, std::string> encode(const Request& request, std::int16_t version, CorrelationId correlation,
                                              const std::string& client_id, const std::vector<BatchBytes>& records) {
  Bytes bytes;
  Writer writer{bytes, Writer::Records::left_out};
  if (const WireError error = encode_request(writer, request, version, correlation, client_id)) {
    return "Attempted to write a version " + std::to_string(version) + " " + std::string(Request::spec.name) + ": " +
           error.describe();
  }
  assert(writer.gaps().size() == records.size());
  std::vector<NetworkSend::Part> parts;
  parts.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) parts.push_back({writer.gaps()[i].at, records[i]});
  return NetworkSend(std::move(bytes), std::move(parts));
}

struct KeyOf {
  ApiKey operator()(const ProduceRequestBuilder&) const { return ApiKey::produce; }
  ApiKey operator()(const InitProducerIdRequest&) const { return ApiKey::init_producer_id; }
  ApiKey operator()(const FindCoordinatorRequest&) const { return ApiKey::find_coordinator; }
  ApiKey operator()(const AddPartitionsToTxnRequest&) const { return ApiKey::add_partitions_to_txn; }
  ApiKey operator()(const AddOffsetsToTxnRequest&) const { return ApiKey::add_offsets_to_txn; }
  ApiKey operator()(const EndTxnRequestBuilder&) const { return ApiKey::end_txn; }
  ApiKey operator()(const TxnOffsetCommitRequestBuilder&) const { return ApiKey::txn_offset_commit; }
  ApiKey operator()(const MetadataRequestBuilder&) const { return ApiKey::metadata; }
  ApiKey operator()(const ApiVersionsRequestBuilder&) const { return ApiKey::api_versions; }
};

struct Encode {
  std::int16_t version;
  CorrelationId correlation;
  const std::string& client_id;

  std::variant<NetworkSend, std::string> operator()(const ProduceRequestBuilder& builder) const {
    const GroupedProduce grouped = group(builder);
    return encode(grouped.request, version, correlation, client_id, grouped.records);
  }
  std::variant<NetworkSend, std::string> operator()(const InitProducerIdRequest& request) const {
    if (request.transaction_timeout_ms <= 0) {
      throw JavaThrow(illegal_argument("The transaction timeout is " + std::to_string(request.transaction_timeout_ms) +
                                       " ms and must be positive"));
    }
    return encode(request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const FindCoordinatorRequest& request) const {
    if (version < 1 && request.key_type != 0)
      return std::string("FindCoordinatorRequest version 0 asks for the coordinators of groups only.");
    if (version < first_with_several_keys) return encode(request, version, correlation, client_id, {});
    FindCoordinatorRequest with_list = request;
    with_list.coordinator_keys = {request.key};
    with_list.key.clear();
    return encode(with_list, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const AddPartitionsToTxnRequest& request) const {
    return encode(request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const AddOffsetsToTxnRequest& request) const {
    return encode(request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const EndTxnRequestBuilder& builder) const {
    return encode(builder.request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const TxnOffsetCommitRequestBuilder& builder) const {
    const TxnOffsetCommitRequest& request = builder.request;
    const bool names_member = !request.member_id.empty() || request.generation_id != -1 || request.group_instance_id;
    if (version < 3 && names_member) {
      return "TxnOffsetCommitRequest version " + std::to_string(version) +
             " cannot name a member of the group; brokers can from 2.5 on.";
    }
    return encode(request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const MetadataRequestBuilder& builder) const {
    if (version < 1) return std::string("MetadataRequest versions older than 1 are not supported.");
    MetadataRequest request;
    request.allow_auto_topic_creation = true;
    for (const std::string& topic : builder.topics) request.topics->push_back({Uuid{}, topic});
    return encode(request, version, correlation, client_id, {});
  }
  std::variant<NetworkSend, std::string> operator()(const ApiVersionsRequestBuilder& builder) const {
    const ApiVersionsRequest request{builder.client_software_name, builder.client_software_version};
    return encode(request, version, correlation, client_id, {});
  }
};

}  // namespace

ApiKey api_key_of(const RequestBuilder& builder) {
  return std::visit(KeyOf{}, builder);
}

ApiKey api_key_of(const AnyRequestBuilder& builder) {
  return std::visit(KeyOf{}, builder);
}

VersionRange allowed_versions(const AnyRequestBuilder& builder) {
  const ApiInfo& info = api_info(api_key_of(builder));
  if (const auto* produce = std::get_if<ProduceRequestBuilder>(&builder)) {
    return {info.versions.min, std::min(info.versions.max, produce->latest_allowed_version)};
  }
  if (std::holds_alternative<AddPartitionsToTxnRequest>(builder))
    return {info.versions.min, last_client_add_partitions_to_txn};
  if (const auto* versions = std::get_if<ApiVersionsRequestBuilder>(&builder);
      versions != nullptr && versions->version) {
    return {*versions->version, *versions->version};
  }
  // Metadata's builder names the newest version even if it is not released yet; the others take the newest released
  // one.
  const bool metadata = std::holds_alternative<MetadataRequestBuilder>(builder);
  return {info.versions.min, metadata ? info.versions.max : info.latest_stable};
}

std::int16_t built_version(const AnyRequestBuilder& builder, std::int16_t agreed) {
  if (const auto* end = std::get_if<EndTxnRequestBuilder>(&builder); end != nullptr && !end->transaction_v2) {
    return std::min(agreed, EndTxnRequestBuilder::last_version_before_transaction_v2);
  }
  if (const auto* commit = std::get_if<TxnOffsetCommitRequestBuilder>(&builder);
      commit != nullptr && !commit->transaction_v2) {
    return std::min(agreed, TxnOffsetCommitRequestBuilder::last_version_before_transaction_v2);
  }
  return agreed;
}

std::variant<NetworkSend, std::string> encode_client_request(const AnyRequestBuilder& builder, std::int16_t version,
                                                             CorrelationId correlation, const std::string& client_id) {
  return std::visit(Encode{version, correlation, client_id}, builder);
}

}  // namespace linger
