#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "producer/batch_bytes.h"
#include "producer/clients/cluster.h"
#include "producer/clients/node_api_versions.h"
#include "producer/entropy.h"
#include "protocol/api_key.h"
#include "protocol/ids.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/time.h"

namespace linger {

/// One partition's batch inside a produce request. The bytes stay in the accumulator's pool slot until the connection
/// has taken them.
struct ProduceRequestBatch {
  TopicPartition partition;
  Uuid topic_id;  ///< as known when the request was made; the answer of version 13 and later names the topic by it
  BatchBytes records;
};

/// What Sender asks to be sent: the builder, not yet bound to a version (Kafka: ProduceRequest.Builder).
struct ProduceRequestBuilder {
  std::int16_t acks = -1;
  std::int32_t timeout_ms = 0;
  std::optional<std::string> transactional_id;
  static constexpr std::int16_t last_version_before_transaction_v2 = 11;
  std::int16_t latest_allowed_version = 13;
  std::vector<ProduceRequestBatch> batches;  ///< ordered by topic as Java groups them, then as drained
};

/// EndTxn as the transaction it ends was begun: without transaction.version 2 only versions without the new epoch in
/// the answer are used (Kafka: EndTxnRequest.Builder, KIP-890).
struct EndTxnRequestBuilder {
  static constexpr std::int16_t last_version_before_transaction_v2 = 4;
  EndTxnRequest request;
  bool transaction_v2 = false;
};

/// TxnOffsetCommit; without transaction.version 2 only versions that do not add the group to the transaction are used
/// (Kafka: TxnOffsetCommitRequest.Builder, KIP-890).
struct TxnOffsetCommitRequestBuilder {
  static constexpr std::int16_t last_version_before_transaction_v2 = 4;
  TxnOffsetCommitRequest request;
  bool transaction_v2 = false;
};

/// What Sender sends. FindCoordinator carries its key in `key`, whatever the version that is spoken.
using RequestBuilder =
    std::variant<ProduceRequestBuilder, InitProducerIdRequest, FindCoordinatorRequest, AddPartitionsToTxnRequest,
                 AddOffsetsToTxnRequest, EndTxnRequestBuilder, TxnOffsetCommitRequestBuilder>;
using ResponseBody =
    std::variant<std::monostate, ProduceResponse, InitProducerIdResponse, FindCoordinatorResponse,
                 AddPartitionsToTxnResponse, AddOffsetsToTxnResponse, EndTxnResponse, TxnOffsetCommitResponse>;

ApiKey api_key_of(const RequestBuilder& builder);

/// A request on its way (Kafka: ClientRequest). Instead of a stored callback it carries a token that the asker gave it.
struct ClientRequest {
  NodeId destination = no_node;
  CorrelationId correlation_id{0};
  ApiKey api_key = ApiKey::produce;
  RequestBuilder builder;
  std::int64_t created_time_ms = 0;
  bool expect_response = true;
  std::int32_t request_timeout_ms = 0;
  std::uint64_t token = 0;
};

/// What became of a request (Kafka: ClientResponse). Exactly one of body, disconnected and version_mismatch says how it
/// ended; a request with expect_response = false ends with an empty body.
struct ClientResponse {
  NodeId destination = no_node;
  CorrelationId correlation_id{0};
  ApiKey api_key = ApiKey::produce;
  std::int16_t api_version = 0;
  std::uint64_t token = 0;
  std::int64_t created_time_ms = 0;
  std::int64_t received_time_ms = 0;
  bool disconnected = false;
  bool timed_out = false;  ///< disconnected because request.timeout.ms went by
  std::optional<std::string> version_mismatch;
  std::optional<std::string> authentication_error;
  ResponseBody body;
};

/// Kafka: LeastLoadedNode.
struct LeastLoadedNode {
  std::optional<Node> node;
  bool has_node_available_or_connection_ready = false;
};

/// The network as Sender sees it: Java's own seam (org.apache.kafka.clients.KafkaClient). NetworkClient in production,
/// a scripted twin of MockClient in tests. Passed per call, never stored. Times are the host's wall clock in
/// milliseconds, as in Java.
class KafkaClient {
 public:
  virtual ~KafkaClient() = default;
  /// Draws the metadata backoff's jitter anew, as Java does at each check: no request goes out while a metadata update
  /// is due.
  virtual bool is_ready(const Node& node, std::int64_t now_ms, Entropy& entropy) = 0;
  virtual bool ready(const Node& node, std::int64_t now_ms, Entropy& entropy) = 0;
  virtual std::int64_t connection_delay(const Node& node, std::int64_t now_ms) = 0;
  virtual std::int64_t poll_delay_ms(const Node& node, std::int64_t now_ms) = 0;
  virtual bool connection_failed(const Node& node) = 0;
  virtual std::optional<std::string> authentication_exception(const Node& node) = 0;
  /// Gives the request its correlation id and returns it; nothing is sent yet.
  virtual ClientRequest new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                           bool expect_response, std::int32_t request_timeout_ms,
                                           std::uint64_t token) = 0;
  /// Requires: is_ready(destination).
  virtual void send(ClientRequest request, std::int64_t now_ms) = 0;
  virtual void disconnect(NodeId node, std::int64_t now_ms, Entropy& entropy) = 0;
  virtual void close(NodeId node, std::int64_t now_ms) = 0;
  virtual LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy& entropy) = 0;
  virtual std::size_t in_flight_request_count() = 0;
  virtual std::size_t in_flight_request_count(NodeId node) = 0;
  virtual bool has_in_flight_requests() = 0;
  virtual bool has_in_flight_requests(NodeId node) = 0;
  virtual bool has_ready_nodes(std::int64_t now_ms) = 0;
  virtual void initiate_close() = 0;
  virtual bool active() const = 0;
  /// What the connected nodes said they can speak. Java hands the same ApiVersions to its network client and to its
  /// transaction manager.
  virtual const ApiVersions& api_versions() const = 0;
  /// What Java's poll does before it waits: sends a metadata request if one is due. Returns for how many milliseconds
  /// the wait may last at most. Whoever drives the sender calls it when the sender comes to rest in client.poll; a poll
  /// without it does both halves.
  virtual std::int64_t begin_poll(std::int64_t now_ms, Entropy& entropy) {
    static_cast<void>(now_ms);
    static_cast<void>(entropy);
    return forever_ms;
  }
  /// Does what has happened by now and returns what ended, in Java's order. It never waits: whoever drives it comes
  /// back with new input or when the time that Sender asked for is over.
  virtual std::vector<ClientResponse> poll(Instant now, Entropy& entropy) = 0;
};

}  // namespace linger
