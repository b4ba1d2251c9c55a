#include "broker_model/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "protocol/api_level.h"

namespace linger::broker {
namespace {

using Type = ConfigKey::Type;
constexpr std::int64_t max32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t max64 = std::numeric_limits<std::int64_t>::max();

struct TopicKey {
  ConfigKey key;
  std::string_view broker_key;
  std::int64_t TopicConfig::*field;
};
struct BrokerKey {
  ConfigKey key;
  std::int64_t BrokerConfig::*field;
};

constexpr std::array<TopicKey, 12> topic_keys{{
    {{"min.insync.replicas", Type::number, 1, max32, "1", "in-sync replicas that acks=all needs"},
     "min.insync.replicas",
     &TopicConfig::min_insync_replicas},
    {{"unclean.leader.election.enable", Type::boolean, 0, 1, "false",
      "elect a replica outside ISR and ELR rather than none"},
     "unclean.leader.election.enable",
     &TopicConfig::unclean_leader_election},
    {{"max.message.bytes", Type::number, 0, max32, "1048588", "largest batch"},
     "message.max.bytes",
     &TopicConfig::max_message_bytes},
    {{"message.timestamp.type", Type::timestamp_type, 0, 1, "CreateTime", "whose clock stamps the records"},
     "log.message.timestamp.type",
     &TopicConfig::log_append_time},
    {{"message.timestamp.before.max.ms", Type::number, 0, max64, "9223372036854775807", "how old a record may be"},
     "log.message.timestamp.before.max.ms",
     &TopicConfig::timestamp_before_max_ms},
    {{"message.timestamp.after.max.ms", Type::number, 0, max64, "3600000", "how far in the future a record may be"},
     "log.message.timestamp.after.max.ms",
     &TopicConfig::timestamp_after_max_ms},
    {{"retention.ms", Type::number, -1, max64, "604800000", "age at which a segment is deleted; -1: never"},
     "log.retention.ms",
     &TopicConfig::retention_ms},
    {{"retention.bytes", Type::number, -1, max64, "-1", "size at which the oldest segment is deleted; -1: never"},
     "log.retention.bytes",
     &TopicConfig::retention_bytes},
    {{"segment.bytes", Type::number, 14, max32, "1073741824", "size of a segment"},
     "log.segment.bytes",
     &TopicConfig::segment_bytes},
    {{"flush.messages", Type::number, 1, max64, "9223372036854775807", "records after which the log is flushed"},
     "log.flush.interval.messages",
     &TopicConfig::flush_messages},
    {{"flush.ms", Type::number, 0, max64, "9223372036854775807", "age at which appended records are flushed"},
     "log.flush.interval.ms",
     &TopicConfig::flush_ms},
    {{"compression.type", Type::fixed, 0, 0, "producer", "batches are kept as the producer made them"},
     "compression.type",
     nullptr},
}};

constexpr std::array<BrokerKey, 40> broker_keys{{
    {{"num.io.threads", Type::number, 1, 1024, "8", "request handlers"}, &BrokerConfig::num_io_threads},
    {{"replica.lag.time.max.ms", Type::number, 1, max64, "30000",
      "how long a follower may lag before it leaves the ISR"},
     &BrokerConfig::replica_lag_time_max_ms},
    {{"replica.fetch.wait.max.ms", Type::number, 1, max32, "500", "longest wait of a follower's fetch"},
     &BrokerConfig::replica_fetch_wait_max_ms},
    {{"replica.fetch.min.bytes", Type::number, 1, max32, "1", "bytes for which a follower's fetch waits"},
     &BrokerConfig::replica_fetch_min_bytes},
    {{"replica.fetch.max.bytes", Type::number, 0, max32, "1048576", "bytes a partition in a follower's fetch"},
     &BrokerConfig::replica_fetch_max_bytes},
    {{"replica.fetch.response.max.bytes", Type::number, 0, max32, "10485760", "bytes of a whole answer to a follower"},
     &BrokerConfig::replica_fetch_response_max_bytes},
    {{"replica.fetch.backoff.ms", Type::number, 0, max32, "1000", "pause after a fetch error"},
     &BrokerConfig::replica_fetch_backoff_ms},
    {{"replica.socket.timeout.ms", Type::number, 1, max32, "30000", "how long a follower waits for an answer"},
     &BrokerConfig::replica_socket_timeout_ms},
    {{"replica.high.watermark.checkpoint.interval.ms", Type::number, 1, max64, "5000",
      "how often the high watermark is written down"},
     &BrokerConfig::high_watermark_checkpoint_ms},
    {{"broker.heartbeat.interval.ms", Type::number, 1, max32, "2000", "from one heartbeat to the next"},
     &BrokerConfig::heartbeat_interval_ms},
    {{"broker.session.timeout.ms", Type::number, 1, max32, "9000", "silence after which a broker is fenced"},
     &BrokerConfig::session_timeout_ms},
    {{"log.retention.check.interval.ms", Type::number, 1, max64, "300000", "how often retention is applied"},
     &BrokerConfig::retention_check_interval_ms},
    {{"producer.id.expiration.ms", Type::number, 1, max32, "86400000", "how long an idle producer id is remembered"},
     &BrokerConfig::producer_id_expiration_ms},
    {{"producer.id.expiration.check.interval.ms", Type::number, 1, max32, "600000", "how often that is looked at"},
     &BrokerConfig::producer_id_expiration_check_ms},
    {{"fetch.max.bytes", Type::number, 1024, max32, "57671680", "bytes of a whole fetch answer"},
     &BrokerConfig::fetch_max_bytes},
    {{"request.timeout.ms", Type::number, 1, max32, "30000", "how long a broker waits for another's answer"},
     &BrokerConfig::request_timeout_ms},
    {{"auto.leader.rebalance.enable", Type::boolean, 0, 1, "false",
      "move leadership back to preferred replicas (Kafka's own default is true)"},
     &BrokerConfig::auto_leader_rebalance},
    {{"leader.imbalance.check.interval.seconds", Type::number, 1, max64, "300", "how often that is done"},
     &BrokerConfig::leader_imbalance_check_seconds},
    {{"controller.quorum.fetch.timeout.ms", Type::number, 1, max32, "2000",
      "silence after which a standby controller stands for election"},
     &BrokerConfig::quorum_fetch_timeout_ms},
    {{"controller.quorum.election.timeout.ms", Type::number, 1, max32, "1000", "how long a candidate waits for votes"},
     &BrokerConfig::quorum_election_timeout_ms},
    {{"num.partitions", Type::number, 1, 1024, "1", "partitions of a topic that does not say"},
     &BrokerConfig::num_partitions},
    {{"default.replication.factor", Type::number, 1, 32, "1", "replicas of a topic that does not say"},
     &BrokerConfig::default_replication_factor},
    {{"auto.create.topics.enable", Type::fixed, 0, 0, "false",
      "topics are never created by being asked for (Kafka's own default is true)"},
     nullptr},
    {{"client.api.versions", Type::api_level, 0, 1, "newest",
      "up to which versions of messages clients talk (not a setting in Kafka): newest, or 2.5 as Kafka 2.5 knew them"},
     &BrokerConfig::client_api_level},
    {{"transaction.version", Type::number, 0, 2, "2",
      "level of that feature (not a setting in Kafka): 2 raises a producer's epoch with each transaction"},
     &BrokerConfig::transaction_version},
    {{"transaction.state.log.num.partitions", Type::number, 1, 1024, "50", "partitions of the transaction log"},
     &BrokerConfig::transaction_log_partitions},
    {{"transaction.state.log.replication.factor", Type::number, 1, 32, "3", "replicas of the transaction log"},
     &BrokerConfig::transaction_log_replication_factor},
    {{"transaction.state.log.min.isr", Type::number, 1, max32, "2", "in-sync replicas that the transaction log needs"},
     &BrokerConfig::transaction_log_min_isr},
    {{"transaction.state.log.segment.bytes", Type::number, 14, max32, "104857600",
      "size of the transaction log's segments"},
     &BrokerConfig::transaction_log_segment_bytes},
    {{"transaction.max.timeout.ms", Type::number, 1, max32, "900000", "longest transaction.timeout.ms of a producer"},
     &BrokerConfig::transaction_max_timeout_ms},
    {{"transactional.id.expiration.ms", Type::number, 1, max32, "604800000",
      "how long an idle transactional id is remembered"},
     &BrokerConfig::transactional_id_expiration_ms},
    {{"transaction.abort.timed.out.transaction.cleanup.interval.ms", Type::number, 1, max32, "10000",
      "how often transactions that ran out of time are aborted"},
     &BrokerConfig::transaction_abort_interval_ms},
    {{"transaction.remove.expired.transaction.cleanup.interval.ms", Type::number, 1, max32, "3600000",
      "how often idle transactional ids are forgotten"},
     &BrokerConfig::transaction_expiry_interval_ms},
    {{"transaction.partition.verification.enable", Type::boolean, 0, 1, "true",
      "a leader asks the coordinator whether a transaction is open before its first write"},
     &BrokerConfig::transaction_partition_verification},
    {{"add.partitions.to.txn.retry.backoff.ms", Type::number, 1, max32, "20",
      "pause before a leader asks again while the transaction before is being completed"},
     &BrokerConfig::add_partitions_retry_backoff_ms},
    {{"add.partitions.to.txn.retry.backoff.max.ms", Type::number, 0, max32, "100", "how long it goes on asking"},
     &BrokerConfig::add_partitions_retry_backoff_max_ms},
    {{"offsets.topic.num.partitions", Type::number, 1, 1024, "50", "partitions of the groups' offsets"},
     &BrokerConfig::offsets_topic_partitions},
    {{"offsets.topic.replication.factor", Type::number, 1, 32, "3", "replicas of the groups' offsets"},
     &BrokerConfig::offsets_topic_replication_factor},
    {{"offsets.topic.segment.bytes", Type::number, 1, max32, "104857600",
      "size of the segments of the groups' offsets"},
     &BrokerConfig::offsets_topic_segment_bytes},
    {{"offsets.commit.timeout.ms", Type::number, 1, max32, "5000", "how long committed offsets wait for followers"},
     &BrokerConfig::offsets_commit_timeout_ms},
}};

std::optional<std::string> parse(const ConfigKey& key, std::string_view text, std::int64_t& value) {
  const auto wrong = [&](std::string expected) {
    return std::optional<std::string>{"'" + std::string{key.key} + "' cannot be '" + std::string{text} +
                                      "': expected " + std::move(expected)};
  };
  switch (key.type) {
    case Type::boolean:
      if (text != "true" && text != "false") return wrong("true or false");
      value = text == "true" ? 1 : 0;
      return std::nullopt;
    case Type::timestamp_type:
      if (text != "CreateTime" && text != "LogAppendTime") return wrong("CreateTime or LogAppendTime");
      value = text == "LogAppendTime" ? 1 : 0;
      return std::nullopt;
    case Type::api_level:
      if (text != "newest" && text != "2.5") return wrong("newest or 2.5");
      value = static_cast<std::int64_t>(text == "2.5" ? ApiLevel::kafka_2_5 : ApiLevel::newest);
      return std::nullopt;
    case Type::fixed:
      if (text != key.default_text) return wrong(std::string{key.default_text} + " (nothing else is modelled)");
      return std::nullopt;
    case Type::number:
      break;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < key.min || value > key.max) {
    return wrong("a whole number from " + std::to_string(key.min) + " to " + std::to_string(key.max));
  }
  return std::nullopt;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string unknown(std::string_view what, std::string_view key, std::span<const ConfigKey> known) {
  const auto nearest = std::min_element(known.begin(), known.end(), [&](const ConfigKey& a, const ConfigKey& b) {
    return distance(key, a.key) < distance(key, b.key);
  });
  return "unknown " + std::string{what} + " setting '" + std::string{key} + "'; the nearest is '" +
         std::string{nearest->key} + "'";
}

}  // namespace

std::span<const ConfigKey> topic_config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> list;
    for (const TopicKey& key : topic_keys) list.push_back(key.key);
    return list;
  }();
  return keys;
}

std::span<const ConfigKey> broker_config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    std::vector<ConfigKey> list;
    for (const BrokerKey& key : broker_keys) list.push_back(key.key);
    for (const TopicKey& key : topic_keys) {
      ConfigKey as_default = key.key;
      as_default.key = key.broker_key;
      list.push_back(as_default);
    }
    return list;
  }();
  return keys;
}

std::optional<std::string> set_topic_config(TopicConfig& config, std::string_view key, std::string_view text) {
  for (const TopicKey& known : topic_keys) {
    if (known.key.key != key) continue;
    std::int64_t value = 0;
    if (auto error = parse(known.key, text, value)) return error;
    if (known.field != nullptr) config.*known.field = value;
    return std::nullopt;
  }
  return unknown("topic", key, topic_config_keys());
}

std::optional<std::string> set_broker_config(BrokerConfig& config, std::string_view key, std::string_view text) {
  std::int64_t value = 0;
  for (const BrokerKey& known : broker_keys) {
    if (known.key.key != key) continue;
    if (auto error = parse(known.key, text, value)) return error;
    if (known.field != nullptr) config.*known.field = value;
    return std::nullopt;
  }
  for (const TopicKey& known : topic_keys) {
    if (known.broker_key != key) continue;
    ConfigKey as_default = known.key;
    as_default.key = key;
    if (auto error = parse(as_default, text, value)) return error;
    if (known.field != nullptr) config.topic.*known.field = value;
    return std::nullopt;
  }
  return unknown("broker", key, broker_config_keys());
}

TopicConfig compose_topic_config(const TopicConfig& defaults, const Settings& own) {
  TopicConfig config = defaults;
  for (const auto& [key, value] : own) set_topic_config(config, key, value);
  return config;
}

}  // namespace linger::broker
