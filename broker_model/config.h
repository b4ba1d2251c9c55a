#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace linger::broker {

/// Settings as a scenario writes them: Kafka's key to text.
using Settings = std::map<std::string, std::string>;

/// What a topic's logs go by. Defaults come from the broker's settings (Kafka: LogConfig).
struct TopicConfig {
  std::int64_t min_insync_replicas = 1;
  std::int64_t unclean_leader_election = 0;
  std::int64_t max_message_bytes = 1'048'588;
  std::int64_t log_append_time = 0;  ///< message.timestamp.type: 0 CreateTime, 1 LogAppendTime
  std::int64_t timestamp_before_max_ms = 9'223'372'036'854'775'807;
  std::int64_t timestamp_after_max_ms = 3'600'000;
  std::int64_t retention_ms = 604'800'000;
  std::int64_t retention_bytes = -1;
  std::int64_t segment_bytes = 1'073'741'824;
  std::int64_t flush_messages = 9'223'372'036'854'775'807;
  std::int64_t flush_ms = 9'223'372'036'854'775'807;
  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

/// What brokers and controllers go by (Kafka: KafkaConfig, the part that the model reads). Times in milliseconds.
struct BrokerConfig {
  TopicConfig topic;  ///< defaults of topics
  std::int64_t num_io_threads = 8;
  std::int64_t replica_lag_time_max_ms = 30'000;
  std::int64_t replica_fetch_wait_max_ms = 500;
  std::int64_t replica_fetch_min_bytes = 1;
  std::int64_t replica_fetch_max_bytes = 1'048'576;
  std::int64_t replica_fetch_response_max_bytes = 10'485'760;
  std::int64_t replica_fetch_backoff_ms = 1'000;
  std::int64_t replica_socket_timeout_ms = 30'000;
  std::int64_t high_watermark_checkpoint_ms = 5'000;
  std::int64_t heartbeat_interval_ms = 2'000;
  std::int64_t session_timeout_ms = 9'000;
  std::int64_t retention_check_interval_ms = 300'000;
  std::int64_t producer_id_expiration_ms = 86'400'000;
  std::int64_t producer_id_expiration_check_ms = 600'000;
  std::int64_t fetch_max_bytes = 57'671'680;
  std::int64_t request_timeout_ms = 30'000;
  std::int64_t auto_leader_rebalance = 0;
  std::int64_t leader_imbalance_check_seconds = 300;
  std::int64_t quorum_fetch_timeout_ms = 2'000;
  std::int64_t quorum_election_timeout_ms = 1'000;
  std::int64_t num_partitions = 1;
  std::int64_t default_replication_factor = 1;
  std::int64_t client_api_level = 0;     ///< an ApiLevel: up to which versions of messages clients are told to talk
  std::int64_t transaction_version = 2;  ///< level of the feature that the cluster was formatted with
  std::int64_t transaction_log_partitions = 50;
  std::int64_t transaction_log_replication_factor = 3;
  std::int64_t transaction_log_min_isr = 2;
  std::int64_t transaction_log_segment_bytes = 104'857'600;
  std::int64_t transaction_max_timeout_ms = 900'000;
  std::int64_t transactional_id_expiration_ms = 604'800'000;
  std::int64_t transaction_abort_interval_ms = 10'000;
  std::int64_t transaction_expiry_interval_ms = 3'600'000;
  std::int64_t transaction_partition_verification = 1;
  std::int64_t add_partitions_retry_backoff_ms = 20;
  std::int64_t add_partitions_retry_backoff_max_ms = 100;
  std::int64_t offsets_topic_partitions = 50;
  std::int64_t offsets_topic_replication_factor = 3;
  std::int64_t offsets_topic_segment_bytes = 104'857'600;
  std::int64_t offsets_commit_timeout_ms = 5'000;
  friend bool operator==(const BrokerConfig&, const BrokerConfig&) = default;
};

/// One line of the tables: key, type, limits, default as text, what it means here.
struct ConfigKey {
  enum class Type : std::uint8_t { number, boolean, timestamp_type, api_level, fixed };
  std::string_view key;
  Type type;
  std::int64_t min;
  std::int64_t max;
  std::string_view default_text;
  std::string_view about;
};

std::span<const ConfigKey> broker_config_keys();
std::span<const ConfigKey> topic_config_keys();

/// Sets one key. Returns a sentence when the key is unknown (with the nearest known one) or the value is not allowed,
/// and changes nothing then.
std::optional<std::string> set_broker_config(BrokerConfig& config, std::string_view key, std::string_view value);
std::optional<std::string> set_topic_config(TopicConfig& config, std::string_view key, std::string_view value);

/// The defaults of `broker` with a topic's own settings over them. Requires settings that set_topic_config accepts;
/// others are passed over.
TopicConfig compose_topic_config(const TopicConfig& defaults, const Settings& own);

}  // namespace linger::broker
