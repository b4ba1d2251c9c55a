#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/clients/cluster.h"
#include "producer/clients/kafka_error.h"
#include "producer/clients/metadata_snapshot.h"
#include "producer/entropy.h"
#include "producer/exponential_backoff.h"
#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger {

struct MetadataResponse;

/// What the client knows about topics and brokers, and when it should ask again (Kafka: Metadata and ProducerMetadata,
/// which are one class here). Topics enter by add() and leave metadata.max.idle.ms after their last use; leader epochs
/// never go back unless the topic was created anew (KIP-516). Times are the wall clock in milliseconds. A copyable
/// value: the snapshot inside is immutable and shared.
///
/// Whoever waits for an update in Java (KafkaProducer.waitOnMetadata) remembers the version that request_update…
/// returned and asks await_update after each poll.
class ProducerMetadata {
 public:
  struct Config {
    std::int64_t refresh_backoff_ms = 100;       ///< retry.backoff.ms
    std::int64_t refresh_backoff_max_ms = 1000;  ///< retry.backoff.max.ms
    std::int64_t metadata_expire_ms = 300000;    ///< metadata.max.age.ms
    std::int64_t metadata_idle_ms = 300000;      ///< metadata.max.idle.ms
  };

  /// Java: LeaderIdAndEpoch.
  struct LeaderIdAndEpoch {
    std::optional<NodeId> leader;
    std::optional<LeaderEpoch> epoch;
    friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
  };

  /// Java: LeaderAndEpoch. The node is absent when there is no leader or nobody described it.
  struct LeaderAndEpoch {
    std::optional<Node> leader;
    std::optional<LeaderEpoch> epoch;
    friend bool operator==(const LeaderAndEpoch&, const LeaderAndEpoch&) = default;
  };

  /// A request to send (Java: MetadataRequestAndVersion). Topics are sorted by name.
  struct Request {
    std::vector<std::string> topics;
    int request_version = 0;
    bool is_partial_update = false;
  };

  explicit ProducerMetadata(const Config& config);

  /// The cluster as last seen. The reference holds until the next update, bootstrap or leadership change.
  const Cluster& fetch() const { return snapshot_->cluster; }
  const MetadataSnapshot& fetch_metadata_snapshot() const { return *snapshot_; }
  /// The same for callers that go on with it after the next update, as a suspended send does.
  std::shared_ptr<const MetadataSnapshot> share_metadata_snapshot() const { return snapshot_; }

  /// A use of the topic: it is kept for another metadata.max.idle.ms. A topic not seen before asks for an update of new
  /// topics.
  void add(std::string_view topic, std::int64_t now_ms);
  bool contains_topic(const std::string& topic) const { return topics_.contains(topic); }
  std::vector<std::string> topics() const;
  const std::set<std::string>& new_topics() const { return new_topics_; }
  /// Whether the topic still belongs into the cache; forgets it when it was idle too long.
  bool retain_topic(const std::string& topic, std::int64_t now_ms);

  /// Asks for a full update. Resetting the backoff of equivalent answers is for callers that want something new; one
  /// that merely retries passes false. Returns the update version before the update.
  int request_update(bool reset_equivalent_response_backoff);
  /// Asks for the new topics, without backoff. Returns the update version before the update.
  int request_update_for_new_topics();
  int request_update_for_topic(const std::string& topic);
  bool update_requested() const { return need_full_update_ || need_partial_update_; }
  /// Bumped by each answer and each bootstrap.
  int update_version() const { return update_version_; }

  /// Milliseconds until the backoff lets an update go. The jitter is drawn anew at each call, as in Java.
  std::int64_t time_to_allow_update(std::int64_t now_ms, Entropy& entropy);
  /// Milliseconds until an update is due: now if one was asked for, else at expiry, never before the backoff is over.
  std::int64_t time_to_next_update(std::int64_t now_ms, Entropy& entropy);
  std::int64_t metadata_expire_ms() const { return config_.metadata_expire_ms; }
  std::int64_t last_successful_update() const { return last_successful_refresh_ms_; }

  Request new_metadata_request_and_version(std::int64_t now_ms) const;
  /// Takes an answer of the given version to the request with that request_version. Requires: not closed.
  void update(int request_version, const MetadataResponse& response, std::int16_t response_version,
              bool is_partial_update, std::int64_t now_ms, Entropy& entropy);
  void update_with_current_request_version(const MetadataResponse& response, std::int16_t response_version,
                                           bool is_partial_update, std::int64_t now_ms, Entropy& entropy);
  /// Takes the hints of a produce answer (KIP-951): those with a newer epoch, a known node and a cached partition.
  /// Returns the partitions that changed their leader.
  std::set<TopicPartition> update_partition_leadership(const std::map<TopicPartition, LeaderIdAndEpoch>& leaders,
                                                       const std::vector<Node>& nodes, Entropy& entropy);
  bool update_last_seen_epoch_if_newer(const TopicPartition& partition, LeaderEpoch epoch);
  std::optional<LeaderEpoch> last_seen_leader_epoch(const TopicPartition& partition) const;
  /// Null when a newer epoch than the cached one has been seen.
  const PartitionMetadata* partition_metadata_if_current(const TopicPartition& partition) const;
  LeaderAndEpoch current_leader(const TopicPartition& partition) const;

  /// Starts from these addresses as nodes -1, -2, … and asks for a full update.
  void bootstrap(std::vector<HostAndPort> addresses, Entropy& entropy);
  /// Forgets everything but the bootstrap addresses (KIP-899, KIP-1102).
  void rebootstrap(Entropy& entropy);

  void failed_update(std::int64_t now_ms);
  void fatal_error(KafkaError error) { fatal_error_ = std::move(error); }
  /// The fatal error, which is thereby taken (Java: maybeThrowFatalException).
  std::optional<KafkaError> maybe_throw_fatal_exception();
  /// The fatal error or the last answer's refusal of this topic. Takes the fatal error and forgets the refusals of all
  /// topics, as Java does.
  std::optional<KafkaError> maybe_throw_exception_for_topic(const std::string& topic);
  /// What the last answer said about the topic, if it was not NONE.
  std::optional<ErrorCode> get_error(const std::string& topic) const;

  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }

  const std::map<std::string, Uuid>& topic_ids() const { return snapshot_->topic_ids; }
  const std::map<Uuid, std::string>& topic_names() const { return snapshot_->topic_names; }

 private:
  /// The greater of `at_least_ms` and the time to the next update that is allowed.
  std::int64_t time_to_allow_update(std::int64_t now_ms, std::int64_t at_least_ms, Entropy& entropy);
  MetadataSnapshot handle_metadata_response(const MetadataResponse& response, bool reliable_epochs,
                                            bool is_partial_update, std::int64_t now_ms, Entropy& entropy);
  std::optional<PartitionMetadata> update_latest_metadata(PartitionMetadata metadata, bool reliable_epochs,
                                                          const std::optional<Uuid>& topic_id,
                                                          const std::optional<Uuid>& old_topic_id);

  Config config_;
  ExponentialBackoff refresh_backoff_;
  std::shared_ptr<const MetadataSnapshot> snapshot_;
  int update_version_ = 0;
  int request_version_ = 0;
  std::int64_t last_refresh_ms_ = 0;
  std::int64_t last_successful_refresh_ms_ = 0;
  std::int64_t attempts_ = 0;
  std::int64_t equivalent_response_count_ = 0;
  bool need_full_update_ = false;
  bool need_partial_update_ = false;
  bool is_closed_ = false;
  std::optional<KafkaError> fatal_error_;
  std::set<std::string> invalid_topics_;
  std::set<std::string> unauthorized_topics_;
  std::map<TopicPartition, LeaderEpoch> last_seen_leader_epochs_;
  std::vector<HostAndPort> bootstrap_addresses_;
  std::map<std::string, std::int64_t, std::less<>> topics_;  ///< when each topic expires
  std::string used_topic_;                                   ///< the last one added, no longer if forgotten since
  std::int64_t used_ms_ = -1;                                ///< when that was
  std::set<std::string> new_topics_;
  std::map<std::string, ErrorCode> errors_;
};

}  // namespace linger
