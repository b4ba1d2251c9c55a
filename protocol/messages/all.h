#pragma once

#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/control_records.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/headers.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/metadata_records.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/messages/write_txn_markers.h"

namespace linger {

/// Calls visit.template operator()<M>() for every message type of this library, in a fixed order.
template <class Visit>
void for_each_message(Visit&& visit) {
  visit.template operator()<ProduceRequest>();
  visit.template operator()<ProduceResponse>();
  visit.template operator()<FetchRequest>();
  visit.template operator()<FetchResponse>();
  visit.template operator()<MetadataRequest>();
  visit.template operator()<MetadataResponse>();
  visit.template operator()<ApiVersionsRequest>();
  visit.template operator()<ApiVersionsResponse>();
  visit.template operator()<InitProducerIdRequest>();
  visit.template operator()<InitProducerIdResponse>();
  visit.template operator()<OffsetForLeaderEpochRequest>();
  visit.template operator()<OffsetForLeaderEpochResponse>();
  visit.template operator()<ListOffsetsRequest>();
  visit.template operator()<ListOffsetsResponse>();
  visit.template operator()<BrokerRegistrationRequest>();
  visit.template operator()<BrokerRegistrationResponse>();
  visit.template operator()<BrokerHeartbeatRequest>();
  visit.template operator()<BrokerHeartbeatResponse>();
  visit.template operator()<AlterPartitionRequest>();
  visit.template operator()<AlterPartitionResponse>();
  visit.template operator()<AllocateProducerIdsRequest>();
  visit.template operator()<AllocateProducerIdsResponse>();
  visit.template operator()<ElectLeadersRequest>();
  visit.template operator()<ElectLeadersResponse>();
  visit.template operator()<CreateTopicsRequest>();
  visit.template operator()<CreateTopicsResponse>();
  visit.template operator()<DeleteTopicsRequest>();
  visit.template operator()<DeleteTopicsResponse>();
  visit.template operator()<CreatePartitionsRequest>();
  visit.template operator()<CreatePartitionsResponse>();
  visit.template operator()<DeleteRecordsRequest>();
  visit.template operator()<DeleteRecordsResponse>();
  visit.template operator()<FindCoordinatorRequest>();
  visit.template operator()<FindCoordinatorResponse>();
  visit.template operator()<AddPartitionsToTxnRequest>();
  visit.template operator()<AddPartitionsToTxnResponse>();
  visit.template operator()<AddOffsetsToTxnRequest>();
  visit.template operator()<AddOffsetsToTxnResponse>();
  visit.template operator()<EndTxnRequest>();
  visit.template operator()<EndTxnResponse>();
  visit.template operator()<WriteTxnMarkersRequest>();
  visit.template operator()<WriteTxnMarkersResponse>();
  visit.template operator()<TxnOffsetCommitRequest>();
  visit.template operator()<TxnOffsetCommitResponse>();
  visit.template operator()<OffsetCommitRequest>();
  visit.template operator()<OffsetCommitResponse>();
  visit.template operator()<OffsetFetchRequest>();
  visit.template operator()<OffsetFetchResponse>();
  visit.template operator()<RequestHeader>();
  visit.template operator()<ResponseHeader>();
  visit.template operator()<EndTxnMarker>();
  visit.template operator()<LeaderChangeMessage>();
  visit.template operator()<RegisterBrokerRecord>();
  visit.template operator()<UnregisterBrokerRecord>();
  visit.template operator()<TopicRecord>();
  visit.template operator()<PartitionRecord>();
  visit.template operator()<PartitionChangeRecord>();
  visit.template operator()<FenceBrokerRecord>();
  visit.template operator()<UnfenceBrokerRecord>();
  visit.template operator()<BrokerRegistrationChangeRecord>();
  visit.template operator()<ProducerIdsRecord>();
  visit.template operator()<RemoveTopicRecord>();
  visit.template operator()<ConfigRecord>();
  visit.template operator()<FeatureLevelRecord>();
  visit.template operator()<NoOpRecord>();
}

}  // namespace linger
