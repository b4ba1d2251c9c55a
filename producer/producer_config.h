#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "producer/serializers.h"

namespace linger {

/// compression.type; the numbers are Kafka's ids in a batch's attributes.
enum class CompressionSetting : std::int8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

enum class PartitionerKind : std::uint8_t {
  built_in,     ///< partitioner.class not set: BuiltInPartitioner (KIP-480, KIP-794)
  round_robin,  ///< org.apache.kafka.clients.producer.RoundRobinPartitioner
  custom,       ///< a class that the caller said it knows (ProducerConfigOptions::known_partitioners)
};

/// metadata.recovery.strategy (KIP-899).
enum class MetadataRecovery : std::uint8_t { none, rebootstrap };

struct HostAndPort {
  std::string host;
  std::int32_t port = 0;
  friend bool operator==(const HostAndPort&, const HostAndPort&) = default;
};

/// The settings of one producer, ready to use: Kafka's keys with underscores for dots, defaults of kafka-clients 4.3.1,
/// and everything derived that ProducerConfig and KafkaProducer's constructor derive (idempotence switched off by acks,
/// delivery.timeout.ms raised, batch.size at least 1, linger.ms held at Java's largest int).
struct ProducerConfig {
  std::int16_t acks = -1;  ///< -1 is "all"
  bool enable_idempotence = true;
  std::int32_t batch_size = 16384;
  std::int32_t linger_ms = 5;
  std::int64_t buffer_memory = 33554432;
  std::int64_t max_block_ms = 60000;
  std::int32_t max_request_size = 1048576;
  std::int32_t request_timeout_ms = 30000;
  std::int32_t delivery_timeout_ms = 120000;
  std::int32_t retries = 2147483647;
  std::int64_t retry_backoff_ms = 100;
  std::int64_t retry_backoff_max_ms = 1000;
  std::int32_t max_in_flight_requests_per_connection = 5;

  CompressionSetting compression_type = CompressionSetting::none;
  std::int32_t compression_gzip_level = -1;
  std::int32_t compression_lz4_level = 9;
  std::int32_t compression_zstd_level = 3;

  PartitionerKind partitioner = PartitionerKind::built_in;
  std::string partitioner_class;                         ///< the class name as given; empty for the built-in one
  bool partitioner_adaptive_partitioning_enable = true;  ///< false whenever partitioner.class is set
  std::int64_t partitioner_availability_timeout_ms = 0;
  bool partitioner_ignore_keys = false;

  std::string client_id;
  std::vector<HostAndPort> bootstrap_servers;  ///< empty: not given
  std::int64_t metadata_max_age_ms = 300000;
  std::int64_t metadata_max_idle_ms = 300000;
  MetadataRecovery metadata_recovery_strategy = MetadataRecovery::rebootstrap;
  std::int64_t metadata_recovery_rebootstrap_trigger_ms = 300000;
  std::int64_t reconnect_backoff_ms = 50;
  std::int64_t reconnect_backoff_max_ms = 1000;
  std::int64_t socket_connection_setup_timeout_ms = 10000;
  std::int64_t socket_connection_setup_timeout_max_ms = 30000;
  std::int64_t connections_max_idle_ms = 540000;  ///< negative: never
  std::int32_t send_buffer_bytes = 131072;        ///< -1: the operating system's choice
  std::int32_t receive_buffer_bytes = 32768;      ///< -1: the operating system's choice

  std::int32_t metrics_num_samples = 2;
  std::int64_t metrics_sample_window_ms = 30000;

  SerializerConfig key_serializer;
  SerializerConfig value_serializer;
  std::vector<std::string> interceptor_classes;  ///< only those the caller said it knows

  std::string transactional_id;  ///< empty: none
  std::int32_t transaction_timeout_ms = 60000;
  bool transaction_two_phase_commit_enable = false;

  friend bool operator==(const ProducerConfig&, const ProducerConfig&) = default;
};

/// What kind of remark a setting earned.
enum class ConfigNoteKind : std::uint8_t {
  unknown_key,    ///< no producer setting has this name: Java ignores it too
  foreign_class,  ///< a class that is not here; the sentence says what stands in
  no_effect,      ///< a known setting without effect in Linger (security, telemetry, JMX)
  adjusted,       ///< Java changes a value by itself and logs it
  invalid,        ///< Java throws ConfigException
};

/// One remark about one setting.
struct ConfigNote {
  ConfigNoteKind kind = ConfigNoteKind::invalid;
  std::string key;
  std::string value;    ///< as given
  std::string message;  ///< what is wrong or what happens, what was expected; without the key
  std::string nearest;  ///< the nearest known name; empty if nothing is near
  friend bool operator==(const ConfigNote&, const ConfigNote&) = default;
};

/// What the caller adds to the settings themselves.
struct ProducerConfigOptions {
  std::string default_client_id =
      "producer-1";          ///< used unless client.id is set; with transactional.id it is "producer-" and that
  bool strict = false;       ///< unknown keys and foreign classes are errors
  bool require_all = false;  ///< bootstrap.servers and both serializers must be there, as Java demands of a real client
  std::vector<std::string> known_partitioners;
  std::vector<std::string> known_interceptors;
};

struct ProducerConfigResult {
  ProducerConfig config;             ///< meaningful if there are no errors
  std::vector<ConfigNote> warnings;  ///< in order of the key's name
  std::vector<ConfigNote> errors;    ///< all of them, not only the first that Java would throw
  bool ok() const { return errors.empty(); }
};

/// Reads settings as `new KafkaProducer(properties)` does: every value as text, trimmed, parsed by the type of its key,
/// validated, then compared with the others (Kafka: ConfigDef.parse, ProducerConfig.postProcessParsedConfig,
/// KafkaProducer.configureDeliveryTimeout).
ProducerConfigResult read_producer_config(const std::map<std::string, std::string>& settings,
                                          const ProducerConfigOptions& options = {});

/// One line for each remark, except that all settings without effect share a single line. Each begins with the key.
std::vector<std::string> describe_notes(const std::vector<ConfigNote>& notes);

}  // namespace linger
