#include "protocol/api_key.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace linger {
namespace {

// Row i holds key i.
constexpr auto rows = std::to_array<ApiInfo>({
    {ApiKey::produce, "PRODUCE", "Produce", {3, 13}, 13, 9},
    {ApiKey::fetch, "FETCH", "Fetch", {4, 18}, 18, 12},
    {ApiKey::list_offsets, "LIST_OFFSETS", "ListOffsets", {1, 11}, 11, 6},
    {ApiKey::metadata, "METADATA", "Metadata", {0, 13}, 13, 9},
    {ApiKey::leader_and_isr, "LEADER_AND_ISR", "LeaderAndIsr", {0, -1}, -1, -1},
    {ApiKey::stop_replica, "STOP_REPLICA", "StopReplica", {0, -1}, -1, -1},
    {ApiKey::update_metadata, "UPDATE_METADATA", "UpdateMetadata", {0, -1}, -1, -1},
    {ApiKey::controlled_shutdown, "CONTROLLED_SHUTDOWN", "ControlledShutdown", {0, -1}, -1, -1},
    {ApiKey::offset_commit, "OFFSET_COMMIT", "OffsetCommit", {2, 10}, 10, 8},
    {ApiKey::offset_fetch, "OFFSET_FETCH", "OffsetFetch", {1, 10}, 10, 6},
    {ApiKey::find_coordinator, "FIND_COORDINATOR", "FindCoordinator", {0, 6}, 6, 3},
    {ApiKey::join_group, "JOIN_GROUP", "JoinGroup", {0, 9}, 9, 6},
    {ApiKey::heartbeat, "HEARTBEAT", "Heartbeat", {0, 4}, 4, 4},
    {ApiKey::leave_group, "LEAVE_GROUP", "LeaveGroup", {0, 5}, 5, 4},
    {ApiKey::sync_group, "SYNC_GROUP", "SyncGroup", {0, 5}, 5, 4},
    {ApiKey::describe_groups, "DESCRIBE_GROUPS", "DescribeGroups", {0, 6}, 6, 5},
    {ApiKey::list_groups, "LIST_GROUPS", "ListGroups", {0, 5}, 5, 3},
    {ApiKey::sasl_handshake, "SASL_HANDSHAKE", "SaslHandshake", {0, 1}, 1, -1},
    {ApiKey::api_versions, "API_VERSIONS", "ApiVersions", {0, 4}, 4, 3},
    {ApiKey::create_topics, "CREATE_TOPICS", "CreateTopics", {2, 7}, 7, 5},
    {ApiKey::delete_topics, "DELETE_TOPICS", "DeleteTopics", {1, 6}, 6, 4},
    {ApiKey::delete_records, "DELETE_RECORDS", "DeleteRecords", {0, 2}, 2, 2},
    {ApiKey::init_producer_id, "INIT_PRODUCER_ID", "InitProducerId", {0, 6}, 5, 2},
    {ApiKey::offset_for_leader_epoch, "OFFSET_FOR_LEADER_EPOCH", "OffsetForLeaderEpoch", {2, 4}, 4, 4},
    {ApiKey::add_partitions_to_txn, "ADD_PARTITIONS_TO_TXN", "AddPartitionsToTxn", {0, 5}, 5, 3},
    {ApiKey::add_offsets_to_txn, "ADD_OFFSETS_TO_TXN", "AddOffsetsToTxn", {0, 4}, 4, 3},
    {ApiKey::end_txn, "END_TXN", "EndTxn", {0, 5}, 5, 3},
    {ApiKey::write_txn_markers, "WRITE_TXN_MARKERS", "WriteTxnMarkers", {1, 2}, 2, 1},
    {ApiKey::txn_offset_commit, "TXN_OFFSET_COMMIT", "TxnOffsetCommit", {0, 5}, 5, 3},
    {ApiKey::describe_acls, "DESCRIBE_ACLS", "DescribeAcls", {1, 3}, 3, 2},
    {ApiKey::create_acls, "CREATE_ACLS", "CreateAcls", {1, 3}, 3, 2},
    {ApiKey::delete_acls, "DELETE_ACLS", "DeleteAcls", {1, 3}, 3, 2},
    {ApiKey::describe_configs, "DESCRIBE_CONFIGS", "DescribeConfigs", {1, 4}, 4, 4},
    {ApiKey::alter_configs, "ALTER_CONFIGS", "AlterConfigs", {0, 2}, 2, 2},
    {ApiKey::alter_replica_log_dirs, "ALTER_REPLICA_LOG_DIRS", "AlterReplicaLogDirs", {1, 2}, 2, 2},
    {ApiKey::describe_log_dirs, "DESCRIBE_LOG_DIRS", "DescribeLogDirs", {1, 5}, 5, 2},
    {ApiKey::sasl_authenticate, "SASL_AUTHENTICATE", "SaslAuthenticate", {0, 2}, 2, 2},
    {ApiKey::create_partitions, "CREATE_PARTITIONS", "CreatePartitions", {0, 3}, 3, 2},
    {ApiKey::create_delegation_token, "CREATE_DELEGATION_TOKEN", "CreateDelegationToken", {1, 3}, 3, 2},
    {ApiKey::renew_delegation_token, "RENEW_DELEGATION_TOKEN", "RenewDelegationToken", {1, 2}, 2, 2},
    {ApiKey::expire_delegation_token, "EXPIRE_DELEGATION_TOKEN", "ExpireDelegationToken", {1, 2}, 2, 2},
    {ApiKey::describe_delegation_token, "DESCRIBE_DELEGATION_TOKEN", "DescribeDelegationToken", {1, 3}, 3, 2},
    {ApiKey::delete_groups, "DELETE_GROUPS", "DeleteGroups", {0, 2}, 2, 2},
    {ApiKey::elect_leaders, "ELECT_LEADERS", "ElectLeaders", {0, 2}, 2, 2},
    {ApiKey::incremental_alter_configs, "INCREMENTAL_ALTER_CONFIGS", "IncrementalAlterConfigs", {0, 1}, 1, 1},
    {ApiKey::alter_partition_reassignments,
     "ALTER_PARTITION_REASSIGNMENTS",
     "AlterPartitionReassignments",
     {0, 1},
     1,
     0},
    {ApiKey::list_partition_reassignments, "LIST_PARTITION_REASSIGNMENTS", "ListPartitionReassignments", {0, 0}, 0, 0},
    {ApiKey::offset_delete, "OFFSET_DELETE", "OffsetDelete", {0, 0}, 0, -1},
    {ApiKey::describe_client_quotas, "DESCRIBE_CLIENT_QUOTAS", "DescribeClientQuotas", {0, 1}, 1, 1},
    {ApiKey::alter_client_quotas, "ALTER_CLIENT_QUOTAS", "AlterClientQuotas", {0, 1}, 1, 1},
    {ApiKey::describe_user_scram_credentials,
     "DESCRIBE_USER_SCRAM_CREDENTIALS",
     "DescribeUserScramCredentials",
     {0, 0},
     0,
     0},
    {ApiKey::alter_user_scram_credentials, "ALTER_USER_SCRAM_CREDENTIALS", "AlterUserScramCredentials", {0, 0}, 0, 0},
    {ApiKey::vote, "VOTE", "Vote", {0, 2}, 2, 0},
    {ApiKey::begin_quorum_epoch, "BEGIN_QUORUM_EPOCH", "BeginQuorumEpoch", {0, 1}, 1, 1},
    {ApiKey::end_quorum_epoch, "END_QUORUM_EPOCH", "EndQuorumEpoch", {0, 1}, 1, 1},
    {ApiKey::describe_quorum, "DESCRIBE_QUORUM", "DescribeQuorum", {0, 2}, 2, 0},
    {ApiKey::alter_partition, "ALTER_PARTITION", "AlterPartition", {2, 3}, 3, 2},
    {ApiKey::update_features, "UPDATE_FEATURES", "UpdateFeatures", {0, 2}, 2, 0},
    {ApiKey::envelope, "ENVELOPE", "Envelope", {0, 0}, 0, 0},
    {ApiKey::fetch_snapshot, "FETCH_SNAPSHOT", "FetchSnapshot", {0, 1}, 1, 0},
    {ApiKey::describe_cluster, "DESCRIBE_CLUSTER", "DescribeCluster", {0, 2}, 2, 0},
    {ApiKey::describe_producers, "DESCRIBE_PRODUCERS", "DescribeProducers", {0, 0}, 0, 0},
    {ApiKey::broker_registration, "BROKER_REGISTRATION", "BrokerRegistration", {0, 4}, 4, 0},
    {ApiKey::broker_heartbeat, "BROKER_HEARTBEAT", "BrokerHeartbeat", {0, 2}, 2, 0},
    {ApiKey::unregister_broker, "UNREGISTER_BROKER", "UnregisterBroker", {0, 0}, 0, 0},
    {ApiKey::describe_transactions, "DESCRIBE_TRANSACTIONS", "DescribeTransactions", {0, 0}, 0, 0},
    {ApiKey::list_transactions, "LIST_TRANSACTIONS", "ListTransactions", {0, 2}, 2, 0},
    {ApiKey::allocate_producer_ids, "ALLOCATE_PRODUCER_IDS", "AllocateProducerIds", {0, 0}, 0, 0},
    {ApiKey::consumer_group_heartbeat, "CONSUMER_GROUP_HEARTBEAT", "ConsumerGroupHeartbeat", {0, 1}, 1, 0},
    {ApiKey::consumer_group_describe, "CONSUMER_GROUP_DESCRIBE", "ConsumerGroupDescribe", {0, 1}, 1, 0},
    {ApiKey::controller_registration, "CONTROLLER_REGISTRATION", "ControllerRegistration", {0, 0}, 0, 0},
    {ApiKey::get_telemetry_subscriptions, "GET_TELEMETRY_SUBSCRIPTIONS", "GetTelemetrySubscriptions", {0, 0}, 0, 0},
    {ApiKey::push_telemetry, "PUSH_TELEMETRY", "PushTelemetry", {0, 0}, 0, 0},
    {ApiKey::assign_replicas_to_dirs, "ASSIGN_REPLICAS_TO_DIRS", "AssignReplicasToDirs", {0, 0}, 0, 0},
    {ApiKey::list_config_resources, "LIST_CONFIG_RESOURCES", "ListConfigResources", {0, 1}, 1, 0},
    {ApiKey::describe_topic_partitions, "DESCRIBE_TOPIC_PARTITIONS", "DescribeTopicPartitions", {0, 0}, 0, 0},
    {ApiKey::share_group_heartbeat, "SHARE_GROUP_HEARTBEAT", "ShareGroupHeartbeat", {1, 1}, 1, 1},
    {ApiKey::share_group_describe, "SHARE_GROUP_DESCRIBE", "ShareGroupDescribe", {1, 1}, 1, 1},
    {ApiKey::share_fetch, "SHARE_FETCH", "ShareFetch", {1, 2}, 2, 1},
    {ApiKey::share_acknowledge, "SHARE_ACKNOWLEDGE", "ShareAcknowledge", {1, 2}, 2, 1},
    {ApiKey::add_raft_voter, "ADD_RAFT_VOTER", "AddRaftVoter", {0, 1}, 1, 0},
    {ApiKey::remove_raft_voter, "REMOVE_RAFT_VOTER", "RemoveRaftVoter", {0, 0}, 0, 0},
    {ApiKey::update_raft_voter, "UPDATE_RAFT_VOTER", "UpdateRaftVoter", {0, 0}, 0, 0},
    {ApiKey::initialize_share_group_state, "INITIALIZE_SHARE_GROUP_STATE", "InitializeShareGroupState", {0, 0}, 0, 0},
    {ApiKey::read_share_group_state, "READ_SHARE_GROUP_STATE", "ReadShareGroupState", {0, 0}, 0, 0},
    {ApiKey::write_share_group_state, "WRITE_SHARE_GROUP_STATE", "WriteShareGroupState", {0, 1}, 1, 0},
    {ApiKey::delete_share_group_state, "DELETE_SHARE_GROUP_STATE", "DeleteShareGroupState", {0, 0}, 0, 0},
    {ApiKey::read_share_group_state_summary,
     "READ_SHARE_GROUP_STATE_SUMMARY",
     "ReadShareGroupStateSummary",
     {0, 1},
     1,
     0},
    {ApiKey::streams_group_heartbeat, "STREAMS_GROUP_HEARTBEAT", "StreamsGroupHeartbeat", {0, 0}, 0, 0},
    {ApiKey::streams_group_describe, "STREAMS_GROUP_DESCRIBE", "StreamsGroupDescribe", {0, 0}, 0, 0},
    {ApiKey::describe_share_group_offsets, "DESCRIBE_SHARE_GROUP_OFFSETS", "DescribeShareGroupOffsets", {0, 1}, 1, 0},
    {ApiKey::alter_share_group_offsets, "ALTER_SHARE_GROUP_OFFSETS", "AlterShareGroupOffsets", {0, 0}, 0, 0},
    {ApiKey::delete_share_group_offsets, "DELETE_SHARE_GROUP_OFFSETS", "DeleteShareGroupOffsets", {0, 0}, 0, 0},
});

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].key) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

}  // namespace

const ApiInfo& api_info(ApiKey key) {
  const auto index = static_cast<std::size_t>(key);
  assert(index < rows.size());
  return rows[index];
}

std::string_view api_name(ApiKey key) {
  const auto index = static_cast<std::size_t>(key);
  return index < rows.size() ? rows[index].constant : "UNKNOWN";
}

std::optional<ApiKey> api_key_from_wire(std::int16_t number) {
  if (number < 0 || static_cast<std::size_t>(number) >= rows.size()) return std::nullopt;
  return static_cast<ApiKey>(number);
}

std::optional<ApiKey> api_key_from_name(std::string_view name) {
  for (const ApiInfo& row : rows) {
    if (row.constant == name) return row.key;
  }
  return std::nullopt;
}

std::span<const ApiInfo> all_apis() {
  return rows;
}

bool is_flexible(ApiKey key, std::int16_t version) {
  const std::int16_t first = api_info(key).first_flexible;
  return first >= 0 && version >= first;
}

std::int16_t request_header_version(ApiKey key, std::int16_t version) {
  return is_flexible(key, version) ? 2 : 1;
}

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
  return key != ApiKey::api_versions && is_flexible(key, version) ? 1 : 0;
}

}  // namespace linger
