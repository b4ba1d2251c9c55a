#include "producer/config_checks.h"

#include <charconv>
#include <optional>

#include "producer/nearest_word.h"

namespace linger {
namespace {

void invalid(ParsedSettings& parsed, std::string_view key, const std::string& value, const std::string& message) {
  parsed.notes.push_back({ConfigNoteKind::invalid, std::string(key), value, message, {}});
}

void adjusted(ParsedSettings& parsed, std::string_view key, const std::string& value, const std::string& message) {
  parsed.notes.push_back({ConfigNoteKind::adjusted, std::string(key), value, message, {}});
}

/// Kafka: ProducerConfig.postProcessAndValidateIdempotenceConfigs. Conflicts with retries and acks switch idempotence
/// off unless it was asked for by name; a conflict with max.in.flight is an error either way.
void check_idempotence(ProducerConfig& config, ParsedSettings& parsed) {
  if (!parsed.all_valid({"enable.idempotence", "retries", "acks", "max.in.flight.requests.per.connection"})) return;
  const bool asked_for = parsed.given.contains("enable.idempotence");
  bool possible = true;
  const auto conflict = [&](std::string_view key, const std::string& value, const std::string& needs) {
    if (asked_for) {
      invalid(parsed, key, value, quoted(value) + "; the idempotent producer (enable.idempotence=true) needs " + needs);
    } else {
      adjusted(parsed, key, value, quoted(value) + " switches idempotence off; it needs " + needs);
    }
    possible = false;
  };
  if (config.enable_idempotence) {
    if (config.retries == 0) conflict("retries", "0", "retries of at least 1");
    if (config.acks != -1) conflict("acks", std::to_string(config.acks), "acks=all");
    if (config.max_in_flight_requests_per_connection > 5) {
      const std::string value = std::to_string(config.max_in_flight_requests_per_connection);
      invalid(parsed, "max.in.flight.requests.per.connection", value,
              quoted(value) + "; the idempotent producer allows at most 5");
    }
  }
  config.enable_idempotence = config.enable_idempotence && possible;
  if (!config.enable_idempotence && parsed.given.contains("transactional.id") &&
      parsed.all_valid({"transactional.id"})) {
    invalid(parsed, "transactional.id", config.transactional_id,
            quoted(config.transactional_id) + "; transactions need idempotence, which is off");
  }
}

/// Two phase commit has no timeout of its own.
void check_two_phase_commit(const ProducerConfig& config, ParsedSettings& parsed) {
  if (!config.transaction_two_phase_commit_enable || !parsed.given.contains("transaction.timeout.ms")) return;
  const std::string value = std::to_string(config.transaction_timeout_ms);
  invalid(parsed, "transaction.timeout.ms", value,
          quoted(value) +
              "; with transaction.two.phase.commit.enable=true transactions do not time out: leave one of the two out");
}

void check_backoffs(ProducerConfig& config, ParsedSettings& parsed) {
  if (parsed.given.contains("reconnect.backoff.ms") && !parsed.given.contains("reconnect.backoff.max.ms") &&
      parsed.all_valid({"reconnect.backoff.ms"})) {
    config.reconnect_backoff_max_ms = config.reconnect_backoff_ms;
    adjusted(parsed, "reconnect.backoff.max.ms", std::to_string(config.reconnect_backoff_ms),
             "follows reconnect.backoff.ms, which is set alone: the wait does not grow");
  }
  if (config.retry_backoff_ms > config.retry_backoff_max_ms) {
    adjusted(
        parsed, "retry.backoff.ms", std::to_string(config.retry_backoff_ms),
        "is larger than retry.backoff.max.ms; each wait is " + std::to_string(config.retry_backoff_max_ms) + " ms");
  }
  if (config.socket_connection_setup_timeout_ms > config.socket_connection_setup_timeout_max_ms) {
    adjusted(parsed, "socket.connection.setup.timeout.ms", std::to_string(config.socket_connection_setup_timeout_ms),
             "is larger than socket.connection.setup.timeout.max.ms; each attempt may take " +
                 std::to_string(config.socket_connection_setup_timeout_max_ms) + " ms");
  }
}

void check_delivery_timeout(ProducerConfig& config, ParsedSettings& parsed) {
  if (!parsed.all_valid({"delivery.timeout.ms", "linger.ms", "request.timeout.ms"})) return;
  constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
  const std::int64_t sum = std::min(std::int64_t{config.linger_ms} + config.request_timeout_ms, largest);
  if (config.delivery_timeout_ms >= sum) return;
  if (parsed.given.contains("delivery.timeout.ms")) {
    const std::string value = std::to_string(config.delivery_timeout_ms);
    invalid(parsed, "delivery.timeout.ms", value,
            quoted(value) + "; expected at least linger.ms + request.timeout.ms, which is " + std::to_string(sum));
    return;
  }
  config.delivery_timeout_ms = static_cast<std::int32_t>(sum);
  adjusted(parsed, "delivery.timeout.ms", std::to_string(sum),
           "raised to linger.ms + request.timeout.ms, which is " + std::to_string(sum));
}

/// Kafka: CommonClientConfigs.postValidateSaslMechanismConfig.
void check_sasl(ParsedSettings& parsed) {
  std::string protocol;
  std::string mechanism;
  parsed.copy("security.protocol", protocol);
  parsed.copy("sasl.mechanism", mechanism);
  const bool sasl = same_word(protocol, "SASL_PLAINTEXT") || same_word(protocol, "SASL_SSL");
  if (sasl && mechanism.empty())
    invalid(parsed, "sasl.mechanism", "", "empty; security.protocol " + protocol + " needs a mechanism");
}

constexpr std::string_view serialization_package = "org.apache.kafka.common.serialization.";

std::string last_part(std::string_view class_name) {
  const std::size_t dot = class_name.rfind('.');
  return std::string(dot == std::string_view::npos ? class_name : class_name.substr(dot + 1));
}

std::string nearest_serializer(std::string_view written) {
  std::vector<std::string> names;
  for (const Serializer serializer : all_serializers()) names.push_back(last_part(class_name(serializer)));
  const std::string nearest = nearest_word(last_part(written), names);
  return nearest.empty() ? nearest : std::string(serialization_package) + nearest;
}

void note_class(ParsedSettings& parsed, ConfigNoteKind kind, std::string_view key, const std::string& name,
                std::string message, const std::string& nearest) {
  if (!nearest.empty()) message += "; did you mean " + nearest + "?";
  parsed.notes.push_back({kind, std::string(key), name, quoted(name) + "; " + message, nearest});
}

/// Serdes$IntegerSerde → the serializer inside.
std::optional<Serializer> serializer_of_serde(std::string_view name) {
  constexpr std::string_view prefix = "org.apache.kafka.common.serialization.Serdes$";
  constexpr std::string_view suffix = "Serde";
  if (name.substr(0, prefix.size()) != prefix || name.size() <= prefix.size() + suffix.size()) return std::nullopt;
  name.remove_prefix(prefix.size());
  if (name.substr(name.size() - suffix.size()) != suffix) return std::nullopt;
  name.remove_suffix(suffix.size());
  return serializer_of_class(std::string(serialization_package) + std::string(name) + "Serializer");
}

/// What StringSerializer.configure and UUIDSerializer.configure take: the key's own setting, or else the common one.
void read_encoding(SerializerConfig& serializer, ParsedSettings& parsed, std::string_view key) {
  if (serializer.kind != Serializer::string && serializer.kind != Serializer::uuid) return;
  auto at = parsed.auxiliary.find(std::string(key) + ".encoding");
  if (at == parsed.auxiliary.end()) at = parsed.auxiliary.find("serializer.encoding");
  if (at == parsed.auxiliary.end()) return;
  if (const auto encoding = text_encoding(at->second)) {
    serializer.encoding = *encoding;
  } else {
    invalid(parsed, at->first, at->second,
            quoted(at->second) + "; expected one of UTF-8, ISO-8859-1, US-ASCII, UTF-16, UTF-16BE, UTF-16LE");
  }
}

void read_inner(SerializerConfig& serializer, ParsedSettings& parsed, std::string_view key) {
  if (serializer.kind != Serializer::list) return;
  const std::string inner_key =
      key == "key.serializer" ? "default.list.key.serde.inner" : "default.list.value.serde.inner";
  const auto at = parsed.auxiliary.find(inner_key);
  if (at == parsed.auxiliary.end()) {
    invalid(parsed, inner_key, {}, "missing; ListSerializer needs the class that writes its elements");
    return;
  }
  const auto inner = serializer_of_serde(at->second);
  if (inner && *inner != Serializer::list) {
    serializer.inner = *inner;
  } else {
    invalid(parsed, inner_key, at->second,
            quoted(at->second) + "; expected a class like org.apache.kafka.common.serialization.Serdes$IntegerSerde");
  }
}

void choose_serializer(SerializerConfig& serializer, ParsedSettings& parsed, std::string_view key) {
  std::string name;
  parsed.copy(key, name);
  if (!parsed.given.contains(std::string(key))) return;
  if (const auto known = serializer_of_class(name)) {
    serializer.kind = *known;
    read_encoding(serializer, parsed, key);
    read_inner(serializer, parsed, key);
  } else if (name.empty() || name.substr(0, serialization_package.size()) == serialization_package) {
    note_class(parsed, ConfigNoteKind::invalid, key, name, "Kafka has no serializer of this name",
               nearest_serializer(name));
  } else {
    note_class(parsed, ConfigNoteKind::foreign_class, key, name,
               "a class that is not here: bytes are sent as they are given", nearest_serializer(name));
  }
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void choose_partitioner(ProducerConfig& config, ParsedSettings& parsed, const ProducerConfigOptions& options) {
  const std::string round_robin = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
  std::string name;
  parsed.copy("partitioner.class", name);
  if (!parsed.given.contains("partitioner.class")) return;
  const std::string simple = last_part(name);
  const bool kafkas_package = name.substr(0, 17) == "org.apache.kafka.";
  if (name == round_robin) {
    config.partitioner = PartitionerKind::round_robin;
  } else if (contains(options.known_partitioners, name)) {
    config.partitioner = PartitionerKind::custom;
  } else if (kafkas_package && (simple == "DefaultPartitioner" || simple == "UniformStickyPartitioner")) {
    note_class(parsed, ConfigNoteKind::invalid, "partitioner.class", name,
               "Kafka 4.0 removed this class; leave partitioner.class out for the built-in partitioner", {});
  } else if (name.empty() || kafkas_package) {
    note_class(parsed, ConfigNoteKind::invalid, "partitioner.class", name, "Kafka has no partitioner of this name",
               round_robin);
  } else {
    auto known = options.known_partitioners;
    known.push_back(round_robin);
    note_class(parsed, ConfigNoteKind::foreign_class, "partitioner.class", name,
               "a class that is not here: the built-in partitioner stands in", nearest_word(name, known));
  }
  if (config.partitioner == PartitionerKind::built_in) return;
  config.partitioner_class = name;
  config.partitioner_adaptive_partitioning_enable = false;
}

void choose_interceptors(ProducerConfig& config, ParsedSettings& parsed, const ProducerConfigOptions& options) {
  std::vector<std::string> names;
  parsed.copy("interceptor.classes", names);
  for (const std::string& name : names) {
    if (contains(options.known_interceptors, name)) {
      config.interceptor_classes.push_back(name);
    } else {
      note_class(parsed, ConfigNoteKind::foreign_class, "interceptor.classes", name,
                 "a class that is not here: left out", nearest_word(name, options.known_interceptors));
    }
  }
}

bool host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-%._:").find(c) != std::string_view::npos;
}

/// Kafka: Utils.getHost and getPort: [scheme://]host:port, the host in square brackets if it likes.
std::optional<HostAndPort> host_and_port(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = address.substr(colon + 1);
  std::string_view host = address.substr(0, colon);
  if (!host.empty() && host.front() == '[') host.remove_prefix(1);
  if (!host.empty() && host.back() == ']') host.remove_suffix(1);
  if (!std::all_of(host.begin(), host.end(), host_character)) return std::nullopt;
  std::int32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool number =
      error == std::errc{} && end == digits.data() + digits.size() && !digits.empty() && digits.front() != '-';
  if (!number || port > 65535) return std::nullopt;
  return HostAndPort{host.empty() ? "localhost" : std::string(host), port};
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [lower](char x, char y) { return lower(x) == lower(y); });
}

void check_combinations(ProducerConfig& config, ParsedSettings& parsed) {
  check_idempotence(config, parsed);
  check_two_phase_commit(config, parsed);
  check_backoffs(config, parsed);
  check_delivery_timeout(config, parsed);
  check_sasl(parsed);
}

void choose_classes(ProducerConfig& config, ParsedSettings& parsed, const ProducerConfigOptions& options) {
  choose_serializer(config.key_serializer, parsed, "key.serializer");
  choose_serializer(config.value_serializer, parsed, "value.serializer");
  choose_partitioner(config, parsed, options);
  choose_interceptors(config, parsed, options);
}

void read_bootstrap_servers(ProducerConfig& config, ParsedSettings& parsed) {
  std::vector<std::string> addresses;
  parsed.copy("bootstrap.servers", addresses);
  for (const std::string& address : addresses) {
    if (auto server = host_and_port(address)) {
      config.bootstrap_servers.push_back(std::move(*server));
    } else {
      invalid(parsed, "bootstrap.servers", address,
              quoted(address) + "; expected host:port with a port from 0 to 65535");
    }
  }
}

}  // namespace linger
