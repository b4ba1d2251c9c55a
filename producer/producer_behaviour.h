#pragma once

#include <span>
#include <string_view>

namespace linger {

/// The rules of the producer that were wrong in some version, or still are: one switch changes one rule in one place.
/// Each field is false for the historical (wrong) rule and true for the corrected one; the initial values are what
/// kafka-clients 4.3.1 really does. Names, words and numbers stand in producer_behaviours().
struct ProducerBehaviour {
  /// KAFKA-3197: with max.in.flight.requests.per.connection=1 a partition with a batch in flight is muted, not only its
  /// connection.
  bool inflight_scope = true;
  /// KAFKA-8483: batches that get new sequences get them in the order of their old ones, not in that of a heap's array.
  bool renumber_order = true;
  /// KAFKA-13794: a tracked batch is known by producer id, epoch and sequence, not by the sequence alone.
  bool inflight_key = true;
  /// KAFKA-14397: the sequence of a batch that ran into delivery.timeout.ms is not given to its successors.
  bool on_delivery_timeout = true;
  /// KAFKA-19012: the buffer of a batch that expires in flight is kept until the request is answered or its connection
  /// closed.
  bool release_buffer_on_expiry = true;
  /// KAFKA-19479: flush waits for the batches into which a batch was split.
  bool flush_tracks_split_children = true;
  /// librdkafka 1.9.0: sequences live on when a topic vanishes from the metadata for a while.
  bool keep_seq_when_topic_vanishes = true;
  /// librdkafka #4953: an epoch bump leaves batches in flight of the other partitions as they are.
  bool epoch_bump_drains_inflight = true;
  /// KAFKA-14034, open in 4.3.1: an epoch bump waits for earlier batches of its partition that may already be in the
  /// log.
  bool epoch_bump_awaits_unknown = false;
  /// In 4.3.1 max.in.flight.requests.per.connection alone limits what is under way, so after a leader moved more than five batches of one partition
  /// can be unanswered, more than a broker remembers (the limit that KAFKA-17926 documents): a late retry is then taken for a gap and written
  /// again under a new epoch. Corrected: at most five batches of a partition, whatever the connections.
  bool inflight_limit = false;
  /// KAFKA-5385: a batch that ran out of time before it was ever sent fails its transaction as well as its records.
  bool local_expiry_fails_txn = true;
  /// librdkafka #3575: a sequence out of order ends its transaction. Historical: the client takes a new epoch with
  /// InitProducerId, which aborts what the transaction held so far, and goes on with the rest.
  bool on_oooseq = true;
  /// In 4.3.1 a batch of a transaction that runs out of time in flight, and is answered with success when the end of the
  /// transaction has reset the sequences, meets an IllegalStateException (TransactionManager.handleCompletedBatch,
  /// TxnPartitionMap.get): its buffer is not given back, and with max.in.flight.requests.per.connection=1 its partition
  /// stays muted. Corrected: it is settled without being noted.
  bool settles_after_reset = false;
  friend bool operator==(const ProducerBehaviour&, const ProducerBehaviour&) = default;
};

/// One switch as a file or a command line names it.
struct ProducerBehaviourField {
  std::string_view name;        ///< "producer.on_delivery_timeout"
  std::string_view historical;  ///< the word for false
  std::string_view corrected;   ///< the word for true
  bool in_4_3_1;                ///< what 4.3.1 does
  std::string_view issue;       ///< where the defect is described
  bool ProducerBehaviour::*member;
};

/// All switches, in the order of the struct.
std::span<const ProducerBehaviourField> producer_behaviours();

/// Every rule corrected.
ProducerBehaviour corrected_producer_behaviour();

}  // namespace linger
