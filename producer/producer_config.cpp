#include "producer/producer_config.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "producer/config_checks.h"
#include "producer/config_def.h"
#include "producer/nearest_word.h"

namespace linger {
namespace {

constexpr std::string_view encoding_keys[] = {"key.serializer.encoding", "serializer.encoding",
                                              "value.serializer.encoding"};
constexpr std::string_view list_keys[] = {"default.list.key.serde.inner", "default.list.value.serde.inner"};
/// Whatever follows these belongs to plug-ins that are not here.
constexpr std::string_view plugin_prefixes[] = {"config.providers.", "metrics.context."};

bool is_auxiliary(std::string_view key) {
  const auto is_key = [key](std::string_view known) { return known == key; };
  return std::any_of(std::begin(encoding_keys), std::end(encoding_keys), is_key) ||
         std::any_of(std::begin(list_keys), std::end(list_keys), is_key);
}

bool belongs_to_plugin(std::string_view key) {
  return std::any_of(std::begin(plugin_prefixes), std::end(plugin_prefixes),
                     [key](std::string_view prefix) { return key.substr(0, prefix.size()) == prefix; });
}

const std::vector<std::string>& known_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const ConfigKey& key : producer_config_keys()) all.emplace_back(key.name);
    all.insert(all.end(), std::begin(encoding_keys), std::end(encoding_keys));
    all.insert(all.end(), std::begin(list_keys), std::end(list_keys));
    return all;
  }();
  return names;
}

void note_unknown_key(ParsedSettings& parsed, const std::string& key, const std::string& value) {
  const std::string nearest = nearest_word(key, known_names());
  std::string message = "no such setting";
  if (!nearest.empty()) message += "; did you mean " + nearest + "?";
  parsed.notes.push_back({ConfigNoteKind::unknown_key, key, value, message, nearest});
}

void parse_given(ParsedSettings& parsed, const ConfigKey& key, const std::string& text) {
  const bool secret = key.type == ConfigType::password;
  ParsedSetting setting = parse_setting(key, text);
  const std::string name(key.name);
  const std::string shown = secret ? "[hidden]" : text;
  if (!setting.value) {
    parsed.notes.push_back({ConfigNoteKind::invalid, name, shown, quoted(shown) + "; " + setting.expected, {}});
    parsed.invalid.insert(name);
    return;
  }
  if (!setting.adjusted.empty()) parsed.notes.push_back({ConfigNoteKind::adjusted, name, shown, setting.adjusted, {}});
  if (key.use == ConfigUse::no_effect)
    parsed.notes.push_back({ConfigNoteKind::no_effect, name, shown, "no effect here", {}});
  parsed.values[name] = std::move(*setting.value);
}

ParsedSettings parse_all(const std::map<std::string, std::string>& settings, const ProducerConfigOptions& options) {
  ParsedSettings parsed;
  for (const auto& [key, value] : settings) {
    parsed.given.insert(key);
    if (const ConfigKey* known = find_config_key(key)) {
      parse_given(parsed, *known, value);
    } else if (is_auxiliary(key)) {
      parsed.auxiliary[key] = value;
    } else if (belongs_to_plugin(key)) {
      parsed.notes.push_back({ConfigNoteKind::no_effect, key, value, "no effect here", {}});
    } else {
      note_unknown_key(parsed, key, value);
    }
  }
  for (const ConfigKey& key : producer_config_keys()) {
    if (parsed.given.contains(std::string(key.name))) continue;
    if (key.required && options.require_all) {
      parsed.notes.push_back(
          {ConfigNoteKind::invalid, std::string(key.name), {}, "missing; it is required and has no default value", {}});
      parsed.invalid.insert(std::string(key.name));
    } else if (key.default_text != nullptr) {
      ParsedSetting setting = parse_setting(key, key.default_text);
      assert(setting.value.has_value());
      parsed.values[std::string(key.name)] = std::move(*setting.value);
    }
  }
  return parsed;
}

CompressionSetting compression_of(const std::string& name) {
  if (name == "gzip") return CompressionSetting::gzip;
  if (name == "snappy") return CompressionSetting::snappy;
  if (name == "lz4") return CompressionSetting::lz4;
  if (name == "zstd") return CompressionSetting::zstd;
  return CompressionSetting::none;
}

/// Copies what was parsed into the fields; a setting that could not be parsed leaves its default.
void fill_fields(ProducerConfig& config, const ParsedSettings& parsed) {
  const auto copy = [&parsed](std::string_view key, auto& field) { parsed.copy(key, field); };
  copy("enable.idempotence", config.enable_idempotence);
  copy("batch.size", config.batch_size);
  copy("buffer.memory", config.buffer_memory);
  copy("max.block.ms", config.max_block_ms);
  copy("max.request.size", config.max_request_size);
  copy("request.timeout.ms", config.request_timeout_ms);
  copy("delivery.timeout.ms", config.delivery_timeout_ms);
  copy("retries", config.retries);
  copy("retry.backoff.ms", config.retry_backoff_ms);
  copy("retry.backoff.max.ms", config.retry_backoff_max_ms);
  copy("max.in.flight.requests.per.connection", config.max_in_flight_requests_per_connection);
  copy("compression.gzip.level", config.compression_gzip_level);
  copy("compression.lz4.level", config.compression_lz4_level);
  copy("compression.zstd.level", config.compression_zstd_level);
  copy("partitioner.adaptive.partitioning.enable", config.partitioner_adaptive_partitioning_enable);
  copy("partitioner.availability.timeout.ms", config.partitioner_availability_timeout_ms);
  copy("partitioner.ignore.keys", config.partitioner_ignore_keys);
  copy("metadata.max.age.ms", config.metadata_max_age_ms);
  copy("metadata.max.idle.ms", config.metadata_max_idle_ms);
  copy("metadata.recovery.rebootstrap.trigger.ms", config.metadata_recovery_rebootstrap_trigger_ms);
  copy("reconnect.backoff.ms", config.reconnect_backoff_ms);
  copy("reconnect.backoff.max.ms", config.reconnect_backoff_max_ms);
  copy("socket.connection.setup.timeout.ms", config.socket_connection_setup_timeout_ms);
  copy("socket.connection.setup.timeout.max.ms", config.socket_connection_setup_timeout_max_ms);
  copy("connections.max.idle.ms", config.connections_max_idle_ms);
  copy("send.buffer.bytes", config.send_buffer_bytes);
  copy("receive.buffer.bytes", config.receive_buffer_bytes);
  copy("metrics.num.samples", config.metrics_num_samples);
  copy("metrics.sample.window.ms", config.metrics_sample_window_ms);
  copy("transactional.id", config.transactional_id);
  copy("transaction.timeout.ms", config.transaction_timeout_ms);
  copy("transaction.two.phase.commit.enable", config.transaction_two_phase_commit_enable);

  std::string word = "none";
  copy("compression.type", word);
  config.compression_type = compression_of(word);
  word = "all";
  copy("acks", word);
  config.acks = word == "0" ? std::int16_t{0} : word == "1" ? std::int16_t{1} : std::int16_t{-1};
  word = "rebootstrap";
  copy("metadata.recovery.strategy", word);
  config.metadata_recovery_strategy = same_word(word, "none") ? MetadataRecovery::none : MetadataRecovery::rebootstrap;
  std::int64_t linger_ms = config.linger_ms;
  copy("linger.ms", linger_ms);
  config.linger_ms =
      static_cast<std::int32_t>(std::min<std::int64_t>(linger_ms, std::numeric_limits<std::int32_t>::max()));
  config.batch_size = std::max(1, config.batch_size);
}

/// Kafka: ProducerConfig.maybeOverrideClientId.
void name_client(ProducerConfig& config, const ParsedSettings& parsed, const ProducerConfigOptions& options) {
  config.client_id =
      config.transactional_id.empty() ? options.default_client_id : "producer-" + config.transactional_id;
  if (parsed.given.contains("client.id")) parsed.copy("client.id", config.client_id);
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::size_t length = std::min(longest, text.size());
  const auto inside_a_character = [&text](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (length > 0 && length < text.size() && inside_a_character(length)) --length;
  std::string out = "\"";
  for (const char c : text.substr(0, length)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return out + (text.size() > length ? "…\"" : "\"");
}

ProducerConfigResult read_producer_config(const std::map<std::string, std::string>& settings,
                                          const ProducerConfigOptions& options) {
  ParsedSettings parsed = parse_all(settings, options);
  ProducerConfigResult result;
  fill_fields(result.config, parsed);
  check_combinations(result.config, parsed);
  choose_classes(result.config, parsed, options);
  read_bootstrap_servers(result.config, parsed);
  name_client(result.config, parsed, options);

  std::stable_sort(parsed.notes.begin(), parsed.notes.end(),
                   [](const ConfigNote& a, const ConfigNote& b) { return a.key < b.key; });
  for (ConfigNote& note : parsed.notes) {
    const bool unfamiliar = note.kind == ConfigNoteKind::unknown_key || note.kind == ConfigNoteKind::foreign_class;
    const bool error = note.kind == ConfigNoteKind::invalid || (unfamiliar && options.strict);
    (error ? result.errors : result.warnings).push_back(std::move(note));
  }
  return result;
}

std::vector<std::string> describe_notes(const std::vector<ConfigNote>& notes) {
  std::vector<std::string> lines;
  std::string without_effect;
  for (const ConfigNote& note : notes) {
    if (note.kind == ConfigNoteKind::no_effect) {
      without_effect += (without_effect.empty() ? "" : ", ") + note.key;
    } else {
      lines.push_back(note.key + "  " + note.message);
    }
  }
  if (!without_effect.empty()) lines.push_back(without_effect + "  no effect here");
  return lines;
}

}  // namespace linger
