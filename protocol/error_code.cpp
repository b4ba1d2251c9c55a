#include "protocol/error_code.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace linger {
namespace {

struct ErrorRow {
  ErrorCode code;
  std::int16_t number;
  bool retriable;
  bool invalidates_metadata;
  std::string_view name;
  std::string_view exception;
  std::string_view message;
};

// In the order of the numbers: row i holds number i - 1.
constexpr auto rows = std::to_array<ErrorRow>({
    {ErrorCode::unknown_server_error, -1, false, false, "UNKNOWN_SERVER_ERROR", "UnknownServerException",
     "the server met an unexpected error"},
    {ErrorCode::none, 0, false, false, "NONE", "", "no error"},
    {ErrorCode::offset_out_of_range, 1, false, false, "OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException",
     "the offset asked for is outside the log"},
    {ErrorCode::corrupt_message, 2, true, false, "CORRUPT_MESSAGE", "CorruptRecordException",
     "the batch is damaged: wrong checksum, invalid size, or no key on a compacted topic"},
    {ErrorCode::unknown_topic_or_partition, 3, true, true, "UNKNOWN_TOPIC_OR_PARTITION",
     "UnknownTopicOrPartitionException", "this broker does not host the partition"},
    {ErrorCode::invalid_fetch_size, 4, false, false, "INVALID_FETCH_SIZE", "InvalidFetchSizeException",
     "the fetch size is not valid"},
    {ErrorCode::leader_not_available, 5, true, true, "LEADER_NOT_AVAILABLE", "LeaderNotAvailableException",
     "the partition has no leader at the moment"},
    {ErrorCode::not_leader_or_follower, 6, true, true, "NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException",
     "this broker is not the leader (or, where any replica will do, not a replica) of the partition"},
    {ErrorCode::request_timed_out, 7, true, false, "REQUEST_TIMED_OUT", "TimeoutException",
     "the broker gave up waiting"},
    {ErrorCode::broker_not_available, 8, false, false, "BROKER_NOT_AVAILABLE", "BrokerNotAvailableException",
     "the broker is not available"},
    {ErrorCode::replica_not_available, 9, true, true, "REPLICA_NOT_AVAILABLE", "ReplicaNotAvailableException",
     "this broker is no replica of the partition"},
    {ErrorCode::message_too_large, 10, false, false, "MESSAGE_TOO_LARGE", "RecordTooLargeException",
     "larger than the broker accepts"},
    {ErrorCode::stale_controller_epoch, 11, false, false, "STALE_CONTROLLER_EPOCH", "ControllerMovedException",
     "the controller has moved to another node"},
    {ErrorCode::offset_metadata_too_large, 12, false, false, "OFFSET_METADATA_TOO_LARGE", "OffsetMetadataTooLarge",
     "the metadata field of the offset commit is too large"},
    {ErrorCode::network_exception, 13, true, true, "NETWORK_EXCEPTION", "NetworkException",
     "the connection closed before an answer came"},
    {ErrorCode::coordinator_load_in_progress, 14, true, false, "COORDINATOR_LOAD_IN_PROGRESS",
     "CoordinatorLoadInProgressException", "the coordinator is still loading its state"},
    {ErrorCode::coordinator_not_available, 15, true, false, "COORDINATOR_NOT_AVAILABLE",
     "CoordinatorNotAvailableException", "the coordinator is not available"},
    {ErrorCode::not_coordinator, 16, true, false, "NOT_COORDINATOR", "NotCoordinatorException",
     "this broker is not the coordinator"},
    {ErrorCode::invalid_topic_exception, 17, false, false, "INVALID_TOPIC_EXCEPTION", "InvalidTopicException",
     "the topic name is not allowed"},
    {ErrorCode::record_list_too_large, 18, false, false, "RECORD_LIST_TOO_LARGE", "RecordBatchTooLargeException",
     "the batch is larger than a log segment"},
    {ErrorCode::not_enough_replicas, 19, true, false, "NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException",
     "fewer in-sync replicas than min.insync.replicas: nothing was written"},
    {ErrorCode::not_enough_replicas_after_append, 20, true, false, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
     "NotEnoughReplicasAfterAppendException", "written, but to fewer in-sync replicas than min.insync.replicas"},
    {ErrorCode::invalid_required_acks, 21, false, false, "INVALID_REQUIRED_ACKS", "InvalidRequiredAcksException",
     "acks must be 0, 1 or -1"},
    {ErrorCode::illegal_generation, 22, false, false, "ILLEGAL_GENERATION", "IllegalGenerationException",
     "the group generation is not the current one"},
    {ErrorCode::inconsistent_group_protocol, 23, false, false, "INCONSISTENT_GROUP_PROTOCOL",
     "InconsistentGroupProtocolException", "the member's protocols do not fit the group"},
    {ErrorCode::invalid_group_id, 24, false, false, "INVALID_GROUP_ID", "InvalidGroupIdException",
     "the group id is not valid"},
    {ErrorCode::unknown_member_id, 25, false, false, "UNKNOWN_MEMBER_ID", "UnknownMemberIdException",
     "the coordinator does not know this member"},
    {ErrorCode::invalid_session_timeout, 26, false, false, "INVALID_SESSION_TIMEOUT", "InvalidSessionTimeoutException",
     "the session timeout is outside the broker's bounds"},
    {ErrorCode::rebalance_in_progress, 27, false, false, "REBALANCE_IN_PROGRESS", "RebalanceInProgressException",
     "the group is rebalancing"},
    {ErrorCode::invalid_commit_offset_size, 28, false, false, "INVALID_COMMIT_OFFSET_SIZE",
     "InvalidCommitOffsetSizeException", "the size of the committed offsets is not valid"},
    {ErrorCode::topic_authorization_failed, 29, false, false, "TOPIC_AUTHORIZATION_FAILED",
     "TopicAuthorizationException", "not authorized for the topic"},
    {ErrorCode::group_authorization_failed, 30, false, false, "GROUP_AUTHORIZATION_FAILED",
     "GroupAuthorizationException", "not authorized for the group"},
    {ErrorCode::cluster_authorization_failed, 31, false, false, "CLUSTER_AUTHORIZATION_FAILED",
     "ClusterAuthorizationException", "not authorized for the cluster"},
    {ErrorCode::invalid_timestamp, 32, false, false, "INVALID_TIMESTAMP", "InvalidTimestampException",
     "the record's timestamp is too far from the broker's clock"},
    {ErrorCode::unsupported_sasl_mechanism, 33, false, false, "UNSUPPORTED_SASL_MECHANISM",
     "UnsupportedSaslMechanismException", "the SASL mechanism is not supported"},
    {ErrorCode::illegal_sasl_state, 34, false, false, "ILLEGAL_SASL_STATE", "IllegalSaslStateException",
     "the request does not fit the state of the SASL handshake"},
    {ErrorCode::unsupported_version, 35, false, false, "UNSUPPORTED_VERSION", "UnsupportedVersionException",
     "this version of the request is not supported"},
    {ErrorCode::topic_already_exists, 36, false, false, "TOPIC_ALREADY_EXISTS", "TopicExistsException",
     "the topic exists already"},
    {ErrorCode::invalid_partitions, 37, false, false, "INVALID_PARTITIONS", "InvalidPartitionsException",
     "a topic needs at least one partition"},
    {ErrorCode::invalid_replication_factor, 38, false, false, "INVALID_REPLICATION_FACTOR",
     "InvalidReplicationFactorException", "the replication factor is below 1 or above the number of brokers"},
    {ErrorCode::invalid_replica_assignment, 39, false, false, "INVALID_REPLICA_ASSIGNMENT",
     "InvalidReplicaAssignmentException", "the replica assignment is not valid"},
    {ErrorCode::invalid_config, 40, false, false, "INVALID_CONFIG", "InvalidConfigurationException",
     "the configuration is not valid"},
    {ErrorCode::not_controller, 41, true, false, "NOT_CONTROLLER", "NotControllerException",
     "this node is not the active controller"},
    {ErrorCode::invalid_request, 42, false, false, "INVALID_REQUEST", "InvalidRequestException",
     "the request makes no sense to the broker"},
    {ErrorCode::unsupported_for_message_format, 43, false, false, "UNSUPPORTED_FOR_MESSAGE_FORMAT",
     "UnsupportedForMessageFormatException", "the log's message format cannot serve this request"},
    {ErrorCode::policy_violation, 44, false, false, "POLICY_VIOLATION", "PolicyViolationException",
     "a policy of the cluster forbids it"},
    {ErrorCode::out_of_order_sequence_number, 45, false, false, "OUT_OF_ORDER_SEQUENCE_NUMBER",
     "OutOfOrderSequenceException", "the broker expected another sequence number"},
    {ErrorCode::duplicate_sequence_number, 46, false, false, "DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException",
     "the broker has this sequence number already"},
    {ErrorCode::invalid_producer_epoch, 47, false, false, "INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException",
     "the producer's epoch is older than the broker's"},
    {ErrorCode::invalid_txn_state, 48, false, false, "INVALID_TXN_STATE", "InvalidTxnStateException",
     "the transaction's state does not allow this"},
    {ErrorCode::invalid_producer_id_mapping, 49, false, false, "INVALID_PRODUCER_ID_MAPPING",
     "InvalidPidMappingException", "the producer id does not belong to the transactional id"},
    {ErrorCode::invalid_transaction_timeout, 50, false, false, "INVALID_TRANSACTION_TIMEOUT",
     "InvalidTxnTimeoutException", "the transaction timeout is above the broker's maximum"},
    {ErrorCode::concurrent_transactions, 51, true, false, "CONCURRENT_TRANSACTIONS", "ConcurrentTransactionsException",
     "another operation on the same transaction is still running"},
    {ErrorCode::transaction_coordinator_fenced, 52, false, false, "TRANSACTION_COORDINATOR_FENCED",
     "TransactionCoordinatorFencedException", "the sender of the marker is no longer the coordinator"},
    {ErrorCode::transactional_id_authorization_failed, 53, false, false, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
     "TransactionalIdAuthorizationException", "not authorized for the transactional id"},
    {ErrorCode::security_disabled, 54, false, false, "SECURITY_DISABLED", "SecurityDisabledException",
     "security is switched off"},
    {ErrorCode::operation_not_attempted, 55, false, false, "OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException",
     "not tried, because another part of the request failed"},
    {ErrorCode::kafka_storage_error, 56, true, true, "KAFKA_STORAGE_ERROR", "KafkaStorageException",
     "the broker's disk failed"},
    {ErrorCode::log_dir_not_found, 57, false, false, "LOG_DIR_NOT_FOUND", "LogDirNotFoundException",
     "the broker has no such log directory"},
    {ErrorCode::sasl_authentication_failed, 58, false, false, "SASL_AUTHENTICATION_FAILED",
     "SaslAuthenticationException", "SASL authentication failed"},
    {ErrorCode::unknown_producer_id, 59, false, false, "UNKNOWN_PRODUCER_ID", "UnknownProducerIdException",
     "the broker holds no state for this producer id"},
    {ErrorCode::reassignment_in_progress, 60, false, false, "REASSIGNMENT_IN_PROGRESS",
     "ReassignmentInProgressException", "the partition is being reassigned"},
    {ErrorCode::delegation_token_auth_disabled, 61, false, false, "DELEGATION_TOKEN_AUTH_DISABLED",
     "DelegationTokenDisabledException", "delegation tokens are switched off"},
    {ErrorCode::delegation_token_not_found, 62, false, false, "DELEGATION_TOKEN_NOT_FOUND",
     "DelegationTokenNotFoundException", "no such delegation token"},
    {ErrorCode::delegation_token_owner_mismatch, 63, false, false, "DELEGATION_TOKEN_OWNER_MISMATCH",
     "DelegationTokenOwnerMismatchException", "the token belongs to somebody else"},
    {ErrorCode::delegation_token_request_not_allowed, 64, false, false, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
     "UnsupportedByAuthenticationException", "token requests are not allowed on this channel"},
    {ErrorCode::delegation_token_authorization_failed, 65, false, false, "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
     "DelegationTokenAuthorizationException", "not authorized for the delegation token"},
    {ErrorCode::delegation_token_expired, 66, false, false, "DELEGATION_TOKEN_EXPIRED",
     "DelegationTokenExpiredException", "the delegation token has expired"},
    {ErrorCode::invalid_principal_type, 67, false, false, "INVALID_PRINCIPAL_TYPE", "InvalidPrincipalTypeException",
     "the principal type is not supported"},
    {ErrorCode::non_empty_group, 68, false, false, "NON_EMPTY_GROUP", "GroupNotEmptyException",
     "the group still has members"},
    {ErrorCode::group_id_not_found, 69, false, false, "GROUP_ID_NOT_FOUND", "GroupIdNotFoundException",
     "no such group"},
    {ErrorCode::fetch_session_id_not_found, 70, true, false, "FETCH_SESSION_ID_NOT_FOUND",
     "FetchSessionIdNotFoundException", "the broker has no such fetch session"},
    {ErrorCode::invalid_fetch_session_epoch, 71, true, false, "INVALID_FETCH_SESSION_EPOCH",
     "InvalidFetchSessionEpochException", "the fetch session's epoch is not the expected one"},
    {ErrorCode::listener_not_found, 72, true, true, "LISTENER_NOT_FOUND", "ListenerNotFoundException",
     "the leader has no listener of this name"},
    {ErrorCode::topic_deletion_disabled, 73, false, false, "TOPIC_DELETION_DISABLED", "TopicDeletionDisabledException",
     "deleting topics is switched off"},
    {ErrorCode::fenced_leader_epoch, 74, true, true, "FENCED_LEADER_EPOCH", "FencedLeaderEpochException",
     "the leader epoch in the request is older than the broker's"},
    {ErrorCode::unknown_leader_epoch, 75, true, false, "UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException",
     "the leader epoch in the request is newer than the broker's"},
    {ErrorCode::unsupported_compression_type, 76, false, false, "UNSUPPORTED_COMPRESSION_TYPE",
     "UnsupportedCompressionTypeException", "the compression type is not supported for this request"},
    {ErrorCode::stale_broker_epoch, 77, false, false, "STALE_BROKER_EPOCH", "StaleBrokerEpochException",
     "the broker's epoch has changed"},
    {ErrorCode::offset_not_available, 78, true, false, "OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException",
     "the new leader does not yet know its high watermark"},
    {ErrorCode::member_id_required, 79, false, false, "MEMBER_ID_REQUIRED", "MemberIdRequiredException",
     "the member must first be given an id"},
    {ErrorCode::preferred_leader_not_available, 80, true, true, "PREFERRED_LEADER_NOT_AVAILABLE",
     "PreferredLeaderNotAvailableException", "the preferred leader cannot be elected now"},
    {ErrorCode::group_max_size_reached, 81, false, false, "GROUP_MAX_SIZE_REACHED", "GroupMaxSizeReachedException",
     "the group is full"},
    {ErrorCode::fenced_instance_id, 82, false, false, "FENCED_INSTANCE_ID", "FencedInstanceIdException",
     "another member with the same instance id has joined"},
    {ErrorCode::eligible_leaders_not_available, 83, true, true, "ELIGIBLE_LEADERS_NOT_AVAILABLE",
     "EligibleLeadersNotAvailableException", "no replica may become leader"},
    {ErrorCode::election_not_needed, 84, true, true, "ELECTION_NOT_NEEDED", "ElectionNotNeededException",
     "the partition needs no election"},
    {ErrorCode::no_reassignment_in_progress, 85, false, false, "NO_REASSIGNMENT_IN_PROGRESS",
     "NoReassignmentInProgressException", "no reassignment is running"},
    {ErrorCode::group_subscribed_to_topic, 86, false, false, "GROUP_SUBSCRIBED_TO_TOPIC",
     "GroupSubscribedToTopicException", "the group is subscribed to this topic"},
    {ErrorCode::invalid_record, 87, false, false, "INVALID_RECORD", "InvalidRecordException",
     "the broker's validation rejected the record"},
    {ErrorCode::unstable_offset_commit, 88, true, false, "UNSTABLE_OFFSET_COMMIT", "UnstableOffsetCommitException",
     "a transaction that is still open holds offsets of this group"},
    {ErrorCode::throttling_quota_exceeded, 89, true, false, "THROTTLING_QUOTA_EXCEEDED",
     "ThrottlingQuotaExceededException", "over quota"},
    {ErrorCode::producer_fenced, 90, false, false, "PRODUCER_FENCED", "ProducerFencedException",
     "a newer producer with the same transactional id has taken over"},
    {ErrorCode::resource_not_found, 91, false, false, "RESOURCE_NOT_FOUND", "ResourceNotFoundException",
     "no such resource"},
    {ErrorCode::duplicate_resource, 92, false, false, "DUPLICATE_RESOURCE", "DuplicateResourceException",
     "the request names a resource twice"},
    {ErrorCode::unacceptable_credential, 93, false, false, "UNACCEPTABLE_CREDENTIAL", "UnacceptableCredentialException",
     "the credential is not acceptable"},
    {ErrorCode::inconsistent_voter_set, 94, false, false, "INCONSISTENT_VOTER_SET", "InconsistentVoterSetException",
     "sender or receiver is not among the expected voters"},
    {ErrorCode::invalid_update_version, 95, false, false, "INVALID_UPDATE_VERSION", "InvalidUpdateVersionException",
     "the partition epoch in the request is not the current one"},
    {ErrorCode::feature_update_failed, 96, false, false, "FEATURE_UPDATE_FAILED", "FeatureUpdateFailedException",
     "the feature could not be updated"},
    {ErrorCode::principal_deserialization_failure, 97, false, false, "PRINCIPAL_DESERIALIZATION_FAILURE",
     "PrincipalDeserializationException", "the forwarded principal cannot be read"},
    {ErrorCode::snapshot_not_found, 98, false, false, "SNAPSHOT_NOT_FOUND", "SnapshotNotFoundException",
     "no such snapshot"},
    {ErrorCode::position_out_of_range, 99, false, false, "POSITION_OUT_OF_RANGE", "PositionOutOfRangeException",
     "the position lies outside the snapshot"},
    {ErrorCode::unknown_topic_id, 100, true, true, "UNKNOWN_TOPIC_ID", "UnknownTopicIdException",
     "this broker knows no topic with this id"},
    {ErrorCode::duplicate_broker_registration, 101, false, false, "DUPLICATE_BROKER_REGISTRATION",
     "DuplicateBrokerRegistrationException", "another broker uses this id"},
    {ErrorCode::broker_id_not_registered, 102, false, false, "BROKER_ID_NOT_REGISTERED",
     "BrokerIdNotRegisteredException", "no broker is registered under this id"},
    {ErrorCode::inconsistent_topic_id, 103, true, true, "INCONSISTENT_TOPIC_ID", "InconsistentTopicIdException",
     "the topic id is not that of the log"},
    {ErrorCode::inconsistent_cluster_id, 104, false, false, "INCONSISTENT_CLUSTER_ID", "InconsistentClusterIdException",
     "the cluster id is not that of this cluster"},
    {ErrorCode::transactional_id_not_found, 105, false, false, "TRANSACTIONAL_ID_NOT_FOUND",
     "TransactionalIdNotFoundException", "no such transactional id"},
    {ErrorCode::fetch_session_topic_id_error, 106, true, false, "FETCH_SESSION_TOPIC_ID_ERROR",
     "FetchSessionTopicIdException", "topic ids do not fit the fetch session"},
    {ErrorCode::ineligible_replica, 107, false, false, "INELIGIBLE_REPLICA", "IneligibleReplicaException",
     "a proposed in-sync replica may not be one"},
    {ErrorCode::new_leader_elected, 108, false, false, "NEW_LEADER_ELECTED", "NewLeaderElectedException",
     "the partition was changed, but another leader was elected"},
    {ErrorCode::offset_moved_to_tiered_storage, 109, false, false, "OFFSET_MOVED_TO_TIERED_STORAGE",
     "OffsetMovedToTieredStorageException", "the offset has moved to tiered storage"},
    {ErrorCode::fenced_member_epoch, 110, false, false, "FENCED_MEMBER_EPOCH", "FencedMemberEpochException",
     "the group coordinator has fenced this member"},
    {ErrorCode::unreleased_instance_id, 111, false, false, "UNRELEASED_INSTANCE_ID", "UnreleasedInstanceIdException",
     "another member still holds the instance id"},
    {ErrorCode::unsupported_assignor, 112, false, false, "UNSUPPORTED_ASSIGNOR", "UnsupportedAssignorException",
     "the group does not support the assignor"},
    {ErrorCode::stale_member_epoch, 113, false, false, "STALE_MEMBER_EPOCH", "StaleMemberEpochException",
     "the member's epoch is older than the coordinator's"},
    {ErrorCode::mismatched_endpoint_type, 114, false, false, "MISMATCHED_ENDPOINT_TYPE",
     "MismatchedEndpointTypeException", "the request went to the wrong kind of endpoint"},
    {ErrorCode::unsupported_endpoint_type, 115, false, false, "UNSUPPORTED_ENDPOINT_TYPE",
     "UnsupportedEndpointTypeException", "no such kind of endpoint"},
    {ErrorCode::unknown_controller_id, 116, false, false, "UNKNOWN_CONTROLLER_ID", "UnknownControllerIdException",
     "no controller has this id"},
    {ErrorCode::unknown_subscription_id, 117, false, false, "UNKNOWN_SUBSCRIPTION_ID", "UnknownSubscriptionIdException",
     "the telemetry subscription is not known"},
    {ErrorCode::telemetry_too_large, 118, false, false, "TELEMETRY_TOO_LARGE", "TelemetryTooLargeException",
     "the telemetry is too large"},
    {ErrorCode::invalid_registration, 119, false, false, "INVALID_REGISTRATION", "InvalidRegistrationException",
     "the registration is not valid"},
    {ErrorCode::transaction_abortable, 120, false, false, "TRANSACTION_ABORTABLE", "TransactionAbortableException",
     "the transaction must be aborted"},
    {ErrorCode::invalid_record_state, 121, false, false, "INVALID_RECORD_STATE", "InvalidRecordStateException",
     "the record's state does not allow this"},
    {ErrorCode::share_session_not_found, 122, true, false, "SHARE_SESSION_NOT_FOUND", "ShareSessionNotFoundException",
     "no such share session"},
    {ErrorCode::invalid_share_session_epoch, 123, true, false, "INVALID_SHARE_SESSION_EPOCH",
     "InvalidShareSessionEpochException", "the share session's epoch is not the expected one"},
    {ErrorCode::fenced_state_epoch, 124, false, false, "FENCED_STATE_EPOCH", "FencedStateEpochException",
     "the share coordinator knows a newer state epoch"},
    {ErrorCode::invalid_voter_key, 125, false, false, "INVALID_VOTER_KEY", "InvalidVoterKeyException",
     "the voter's key is not that of the receiver"},
    {ErrorCode::duplicate_voter, 126, false, false, "DUPLICATE_VOTER", "DuplicateVoterException",
     "the voter is in the set already"},
    {ErrorCode::voter_not_found, 127, false, false, "VOTER_NOT_FOUND", "VoterNotFoundException",
     "the voter is not in the set"},
    {ErrorCode::invalid_regular_expression, 128, false, false, "INVALID_REGULAR_EXPRESSION", "InvalidRegularExpression",
     "the regular expression is not valid"},
    {ErrorCode::rebootstrap_required, 129, false, false, "REBOOTSTRAP_REQUIRED", "RebootstrapRequiredException",
     "the client must bootstrap anew"},
    {ErrorCode::streams_invalid_topology, 130, false, false, "STREAMS_INVALID_TOPOLOGY",
     "StreamsInvalidTopologyException", "the topology is not valid"},
    {ErrorCode::streams_invalid_topology_epoch, 131, false, false, "STREAMS_INVALID_TOPOLOGY_EPOCH",
     "StreamsInvalidTopologyEpochException", "the topology's epoch is not valid"},
    {ErrorCode::streams_topology_fenced, 132, false, false, "STREAMS_TOPOLOGY_FENCED", "StreamsTopologyFencedException",
     "the topology's epoch is older than the group's"},
    {ErrorCode::share_session_limit_reached, 133, true, false, "SHARE_SESSION_LIMIT_REACHED",
     "ShareSessionLimitReachedException", "no room for another share session"},
});

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].number != static_cast<int>(i) - 1 || static_cast<int>(rows[i].code) != rows[i].number) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

const ErrorRow& row_of(ErrorCode error) {
  const int index = static_cast<int>(error) + 1;
  assert(index >= 0 && index < static_cast<int>(rows.size()));
  return rows[static_cast<std::size_t>(index)];
}

constexpr auto codes = [] {
  std::array<ErrorCode, rows.size()> result{};
  for (std::size_t i = 0; i < rows.size(); ++i) result[i] = rows[i].code;
  return result;
}();

}  // namespace

std::string_view error_name(ErrorCode error) {
  return row_of(error).name;
}
std::string_view exception_name(ErrorCode error) {
  return row_of(error).exception;
}
std::string_view error_message(ErrorCode error) {
  return row_of(error).message;
}
bool is_retriable(ErrorCode error) {
  return row_of(error).retriable;
}
bool invalidates_metadata(ErrorCode error) {
  return row_of(error).invalidates_metadata;
}

std::optional<ErrorCode> error_from_name(std::string_view name) {
  for (const ErrorRow& row : rows) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

ErrorCode error_from_wire(std::int16_t code) {
  if (code < -1 || code + 1 >= static_cast<int>(rows.size())) return ErrorCode::unknown_server_error;
  return static_cast<ErrorCode>(code);
}

std::span<const ErrorCode> all_error_codes() {
  return codes;
}

}  // namespace linger
