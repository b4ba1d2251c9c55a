#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "producer/clients/kafka_client.h"
#include "producer/clients/network_send.h"
#include "protocol/api_key.h"
#include "protocol/ids.h"

namespace linger {

/// The request by which the client asks for metadata: names, or none.
struct MetadataRequestBuilder {
  std::vector<std::string> topics;
};

/// The first request on each connection. After an UNSUPPORTED_VERSION only the version that the node named is allowed
/// (KIP-511).
struct ApiVersionsRequestBuilder {
  std::optional<std::int16_t> version;
  std::string client_software_name;
  std::string client_software_version;
};

/// Everything that this client ever sends.
using AnyRequestBuilder =
    std::variant<ProduceRequestBuilder, InitProducerIdRequest, FindCoordinatorRequest, AddPartitionsToTxnRequest,
                 AddOffsetsToTxnRequest, EndTxnRequestBuilder, TxnOffsetCommitRequestBuilder, MetadataRequestBuilder,
                 ApiVersionsRequestBuilder>;

ApiKey api_key_of(const AnyRequestBuilder& builder);
/// Versions that the request may be sent in (Kafka: AbstractRequest.Builder).
VersionRange allowed_versions(const AnyRequestBuilder& builder);

/// The version in which the builder makes its request when that version was agreed on: without transaction.version 2
/// EndTxn and TxnOffsetCommit stay below it, whatever the node's oldest version is.
std::int16_t built_version(const AnyRequestBuilder& builder, std::int16_t agreed);

/// The frame, or the sentence of the UnsupportedVersionException when the version cannot carry the request. Records of
/// a produce request are left in their slots.
std::variant<NetworkSend, std::string> encode_client_request(const AnyRequestBuilder& builder, std::int16_t version,
                                                             CorrelationId correlation, const std::string& client_id);

}  // namespace linger
