#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace linger {

/// Number of a request type (org.apache.kafka.common.protocol.ApiKeys, 4.3.1).
enum class ApiKey : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  leader_and_isr = 4,
  stop_replica = 5,
  update_metadata = 6,
  controlled_shutdown = 7,
  offset_commit = 8,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  leave_group = 13,
  sync_group = 14,
  describe_groups = 15,
  list_groups = 16,
  sasl_handshake = 17,
  api_versions = 18,
  create_topics = 19,
  delete_topics = 20,
  delete_records = 21,
  init_producer_id = 22,
  offset_for_leader_epoch = 23,
  add_partitions_to_txn = 24,
  add_offsets_to_txn = 25,
  end_txn = 26,
  write_txn_markers = 27,
  txn_offset_commit = 28,
  describe_acls = 29,
  create_acls = 30,
  delete_acls = 31,
  describe_configs = 32,
  alter_configs = 33,
  alter_replica_log_dirs = 34,
  describe_log_dirs = 35,
  sasl_authenticate = 36,
  create_partitions = 37,
  create_delegation_token = 38,
  renew_delegation_token = 39,
  expire_delegation_token = 40,
  describe_delegation_token = 41,
  delete_groups = 42,
  elect_leaders = 43,
  incremental_alter_configs = 44,
  alter_partition_reassignments = 45,
  list_partition_reassignments = 46,
  offset_delete = 47,
  describe_client_quotas = 48,
  alter_client_quotas = 49,
  describe_user_scram_credentials = 50,
  alter_user_scram_credentials = 51,
  vote = 52,
  begin_quorum_epoch = 53,
  end_quorum_epoch = 54,
  describe_quorum = 55,
  alter_partition = 56,
  update_features = 57,
  envelope = 58,
  fetch_snapshot = 59,
  describe_cluster = 60,
  describe_producers = 61,
  broker_registration = 62,
  broker_heartbeat = 63,
  unregister_broker = 64,
  describe_transactions = 65,
  list_transactions = 66,
  allocate_producer_ids = 67,
  consumer_group_heartbeat = 68,
  consumer_group_describe = 69,
  controller_registration = 70,
  get_telemetry_subscriptions = 71,
  push_telemetry = 72,
  assign_replicas_to_dirs = 73,
  list_config_resources = 74,
  describe_topic_partitions = 75,
  share_group_heartbeat = 76,
  share_group_describe = 77,
  share_fetch = 78,
  share_acknowledge = 79,
  add_raft_voter = 80,
  remove_raft_voter = 81,
  update_raft_voter = 82,
  initialize_share_group_state = 83,
  read_share_group_state = 84,
  write_share_group_state = 85,
  delete_share_group_state = 86,
  read_share_group_state_summary = 87,
  streams_group_heartbeat = 88,
  streams_group_describe = 89,
  describe_share_group_offsets = 90,
  alter_share_group_offsets = 91,
  delete_share_group_offsets = 92,
};

/// A closed range of message versions. Empty when max < min.
struct VersionRange {
  std::int16_t min = 0;
  std::int16_t max = -1;
  constexpr bool contains(std::int16_t version) const { return min <= version && version <= max; }
  friend constexpr bool operator==(VersionRange, VersionRange) = default;
};

/// What Kafka 4.3.1 says about one API. latest_stable differs from versions.max where the newest version is still
/// unstable (INIT_PRODUCER_ID 6); versions is empty for the four ZooKeeper-era APIs. first_flexible is the first
/// version whose request header is v2 and whose body has tagged fields, or -1 when there is none.
struct ApiInfo {
  ApiKey key;
  std::string_view constant;
  std::string_view name;
  VersionRange versions;
  std::int16_t latest_stable;
  std::int16_t first_flexible;
};

/// Requires: a key of the enumeration.
const ApiInfo& api_info(ApiKey key);

/// "PRODUCE", as Kafka names the constant; for a key outside the list "UNKNOWN".
std::string_view api_name(ApiKey key);

/// The key with this number, if 4.3.1 knows it.
std::optional<ApiKey> api_key_from_wire(std::int16_t number);

/// The key with this constant name ("PRODUCE"), if there is one.
std::optional<ApiKey> api_key_from_name(std::string_view name);

constexpr std::int16_t wire_code(ApiKey key) {
  return static_cast<std::int16_t>(key);
}

/// All APIs in the order of their numbers.
std::span<const ApiInfo> all_apis();

/// Whether requests and answers of this version carry tagged fields and compact lengths.
bool is_flexible(ApiKey key, std::int16_t version);

/// 1, or 2 when the version is flexible (ApiMessageType.requestHeaderVersion).
std::int16_t request_header_version(ApiKey key, std::int16_t version);

/// 0, or 1 when the version is flexible. ApiVersions is always 0, so that a client can read the answer of a broker that
/// it does not know yet (KIP-511).
std::int16_t response_header_version(ApiKey key, std::int16_t version);

}  // namespace linger
