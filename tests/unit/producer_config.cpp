#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "producer/config_def.h"
#include "producer/nearest_word.h"
#include "producer/producer_config.h"
#include "producer/properties.h"
#include "producer/serializers.h"

using namespace linger;

namespace {

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file(std::string(LINGER_SOURCE_DIR) + "/" + name, std::ios::binary);
  REQUIRE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, 2) != "# ") lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(const std::string& bytes) {
  std::string digits;
  for (const char c : bytes) {
    digits.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    digits.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  return digits;
}

std::map<std::string, std::string> settings(std::initializer_list<std::pair<const std::string, std::string>> pairs) {
  return pairs;
}

std::string all_errors(const ProducerConfigResult& result) {
  std::string text;
  for (const std::string& line : describe_notes(result.errors)) text += line + "\n";
  return text;
}

std::string all_warnings(const ProducerConfigResult& result) {
  std::string text;
  for (const std::string& line : describe_notes(result.warnings)) text += line + "\n";
  return text;
}

std::string bytes_of(Serializer kind, const std::string& text) {
  const Serialized out = serialize({kind, TextEncoding::utf_8, Serializer::integer}, text);
  if (out.error) return "error: " + *out.error;
  return out.bytes ? to_hex(*out.bytes) : "null";
}

}  // namespace

TEST_CASE("the table holds the 113 settings of kafka-clients 4.3.1 with type, default, importance and valid values") {
  const auto rows = lines_of("tests/corpus/producer_settings.tsv");
  const auto& keys = producer_config_keys();
  REQUIRE(rows.size() == 113);
  REQUIRE(keys.size() == 113);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto cells = split(rows[i], '\t');
    const ConfigKey& key = keys[i];
    INFO(rows[i]);
    CHECK(key.name == cells.at(0));
    CHECK(describe(key.type) == cells.at(1));
    const std::string default_text = key.required                  ? "(required)"
                                     : key.default_text == nullptr ? "null"
                                                                   : key.default_text;
    const std::string in_words = cells.at(2) == "\"\""               ? ""
                                 : cells.at(2) == "(platform kinit)" ? "/usr/bin/kinit"
                                                                     : cells.at(2);
    CHECK(default_text == in_words);
    CHECK(describe(key.importance) == cells.at(3));
    CHECK(describe(key.rule, key.type) == (cells.size() > 4 ? cells[4] : ""));
    CHECK(key.meaning.size() > 20);
    CHECK(key.meaning.back() == '.');
  }
}

TEST_CASE("every default value is one that its own key accepts") {
  for (const ConfigKey& key : producer_config_keys()) {
    if (key.default_text == nullptr) continue;
    INFO(key.name);
    CHECK(parse_setting(key, key.default_text).value.has_value());
  }
}

TEST_CASE("no settings at all give the defaults of the table") {
  const auto result = read_producer_config({});
  CHECK(result.errors.empty());
  CHECK(result.warnings.empty());
  ProducerConfig expected;
  expected.client_id = "producer-1";
  CHECK(result.config == expected);
}

TEST_CASE("1,500 random combinations of settings are judged as kafka-clients 4.3.1 judged them") {
  const auto cases = lines_of("tests/corpus/producer_config_judged.txt");
  REQUIRE(cases.size() == 1500);
  ProducerConfigOptions options;
  options.default_client_id = "producer-N";
  for (const std::string& line : cases) {
    const std::size_t arrow = line.rfind(" > ");
    std::map<std::string, std::string> given;
    for (const std::string& pair : split(line.substr(0, arrow), '|')) {
      given[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    }
    const auto result = read_producer_config(given, options);
    const ProducerConfig& c = result.config;
    std::ostringstream seen;
    if (result.ok()) {
      const char* codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
      seen << "ok " << c.acks << (c.enable_idempotence ? " true " : " false ") << c.delivery_timeout_ms << " "
           << c.retries << " " << c.reconnect_backoff_max_ms << " " << c.max_in_flight_requests_per_connection << " "
           << codecs[static_cast<std::size_t>(c.compression_type)] << " " << c.compression_gzip_level << " "
           << c.max_block_ms << " " << c.client_id;
    } else {
      seen << "ERR";
    }
    INFO(line << "\n" << all_errors(result));
    CHECK(seen.str() == line.substr(arrow + 3));
  }
}

TEST_CASE("every invalid value and combination is named at once, each with what was expected") {
  const auto result = read_producer_config(settings({{"acks", "2"},
                                                     {"linger.ms", "-1"},
                                                     {"batch.size", "16k"},
                                                     {"retries", "0"},
                                                     {"enable.idempotence", "yes"},
                                                     {"compression.type", "brotli"},
                                                     {"compression.gzip.level", "0"},
                                                     {"compression.lz4.level", "18"},
                                                     {"sasl.login.refresh.window.jitter", "0.3"},
                                                     {"ssl.key.password", "secret"},
                                                     {"bootstrap.servers", "kafka1:9092, kafka2"}}));
  CHECK(all_errors(result) ==
        "acks  \"2\"; expected one of all, -1, 0, 1\n"
        "batch.size  \"16k\"; expected a 32-bit integer of at least 0\n"
        "bootstrap.servers  \"kafka2\"; expected host:port with a port from 0 to 65535\n"
        "compression.gzip.level  \"0\"; expected an integer from 1 to 9, or -1\n"
        "compression.lz4.level  \"18\"; expected a 32-bit integer from 1 to 17\n"
        "compression.type  \"brotli\"; expected one of none, gzip, snappy, lz4, zstd\n"
        "enable.idempotence  \"yes\"; expected true or false\n"
        "linger.ms  \"-1\"; expected a 64-bit integer of at least 0\n"
        "sasl.login.refresh.window.jitter  \"0.3\"; expected a number from 0.0 to 0.25\n");
  CHECK(all_warnings(result) == "ssl.key.password  no effect here\n");
  CHECK(result.warnings.at(0).value == "[hidden]");
}

TEST_CASE("acks=1 switches idempotence off by itself, and is refused beside enable.idempotence=true") {
  const auto silent = read_producer_config(settings({{"acks", "1"}}));
  CHECK(silent.ok());
  CHECK_FALSE(silent.config.enable_idempotence);
  CHECK(all_warnings(silent) == "acks  \"1\" switches idempotence off; it needs acks=all\n");
  const auto refused =
      read_producer_config(settings({{"acks", "1"}, {"enable.idempotence", "true"}, {"retries", "0"}}));
  CHECK(all_errors(refused) ==
        "acks  \"1\"; the idempotent producer (enable.idempotence=true) needs acks=all\n"
        "retries  \"0\"; the idempotent producer (enable.idempotence=true) needs retries of at least 1\n");
}

TEST_CASE("six requests in flight are refused even if idempotence is on only by default") {
  const auto result = read_producer_config(settings({{"max.in.flight.requests.per.connection", "6"}}));
  CHECK(all_errors(result) ==
        "max.in.flight.requests.per.connection  \"6\"; the idempotent producer allows at most 5\n");
  CHECK(
      read_producer_config(settings({{"max.in.flight.requests.per.connection", "6"}, {"enable.idempotence", "false"}}))
          .ok());
}

TEST_CASE("a delivery timeout that is too small is raised as a default and refused when written down") {
  const auto raised = read_producer_config(settings({{"request.timeout.ms", "200000"}}));
  CHECK(raised.ok());
  CHECK(raised.config.delivery_timeout_ms == 200005);
  const auto refused = read_producer_config(settings({{"delivery.timeout.ms", "30004"}}));
  CHECK(all_errors(refused) ==
        "delivery.timeout.ms  \"30004\"; expected at least linger.ms + request.timeout.ms, which is 30005\n");
}

TEST_CASE("a linger.ms beyond Java's int is held at its largest value, and so is the sum with the request timeout") {
  const auto result = read_producer_config(settings({{"linger.ms", "9223372036854775807"}}));
  CHECK(result.config.linger_ms == 2147483647);
  CHECK(result.config.delivery_timeout_ms == 2147483647);
}

TEST_CASE("unknown keys and foreign classes are one warning each, with the nearest name; strict makes them errors") {
  const auto given = settings({{"enable.idempotance", "true"},
                               {"schema.registry.url", "http://r:8081"},
                               {"value.serializer", "io.confluent.kafka.serializers.KafkaAvroSerializer"},
                               {"key.serializer", "org.apache.kafka.common.serialisation.StringSerializer"},
                               {"interceptor.classes", "com.example.Audit"},
                               {"partitioner.class", "com.example.MyPartitioner"}});
  const std::string expected =
      "enable.idempotance  no such setting; did you mean enable.idempotence?\n"
      "interceptor.classes  \"com.example.Audit\"; a class that is not here: left out\n"
      "key.serializer  \"org.apache.kafka.common.serialisation.StringSerializer\"; a class that is not here: bytes are "
      "sent as they are "
      "given; did you mean org.apache.kafka.common.serialization.StringSerializer?\n"
      "partitioner.class  \"com.example.MyPartitioner\"; a class that is not here: the built-in partitioner stands in\n"
      "schema.registry.url  no such setting\n"
      "value.serializer  \"io.confluent.kafka.serializers.KafkaAvroSerializer\"; a class that is not here: bytes are "
      "sent as they are "
      "given\n";
  const auto lenient = read_producer_config(given);
  CHECK(lenient.ok());
  CHECK(all_warnings(lenient) == expected);
  ProducerConfigOptions options;
  options.strict = true;
  const auto strict = read_producer_config(given, options);
  CHECK(strict.warnings.empty());
  CHECK(all_errors(strict) == expected);
}

TEST_CASE("a class that Kafka itself does not have is an error, as the Java class loader makes it one") {
  const auto result = read_producer_config(
      settings({{"key.serializer", "org.apache.kafka.common.serialization.StringSerialiser"},
                {"partitioner.class", "org.apache.kafka.clients.producer.UniformStickyPartitioner"}}));
  CHECK(all_errors(result) ==
        "key.serializer  \"org.apache.kafka.common.serialization.StringSerialiser\"; Kafka has no serializer of this "
        "name; did you mean "
        "org.apache.kafka.common.serialization.StringSerializer?\n"
        "partitioner.class  \"org.apache.kafka.clients.producer.UniformStickyPartitioner\"; Kafka 4.0 removed this "
        "class; leave "
        "partitioner.class out for the built-in partitioner\n");
}

TEST_CASE("a partitioner that is known switches adaptive partitioning off") {
  const auto round = read_producer_config(
      settings({{"partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner"}}));
  CHECK(round.config.partitioner == PartitionerKind::round_robin);
  CHECK_FALSE(round.config.partitioner_adaptive_partitioning_enable);
  ProducerConfigOptions options;
  options.known_partitioners = {"FirstPartition"};
  const auto custom = read_producer_config(settings({{"partitioner.class", "FirstPartition"}}), options);
  CHECK(custom.config.partitioner == PartitionerKind::custom);
  CHECK(custom.config.partitioner_class == "FirstPartition");
}

TEST_CASE("settings without effect share one line") {
  const auto result = read_producer_config(settings({{"security.protocol", "SSL"},
                                                     {"metric.reporters", ""},
                                                     {"config.providers.env.class", "x"},
                                                     {"client.id", "me"}}));
  CHECK(result.ok());
  CHECK(describe_notes(result.warnings) ==
        std::vector<std::string>{"config.providers.env.class, metric.reporters, security.protocol  no effect here"});
}

TEST_CASE("what a real producer requires is demanded only on request") {
  ProducerConfigOptions options;
  options.require_all = true;
  CHECK(all_errors(read_producer_config({}, options)) ==
        "bootstrap.servers  missing; it is required and has no default value\n"
        "key.serializer  missing; it is required and has no default value\n"
        "value.serializer  missing; it is required and has no default value\n");
}

TEST_CASE("a properties file is read as java.util.Properties reads it: 1,500 random files") {
  const auto cases = lines_of("tests/corpus/properties_judged.txt");
  REQUIRE(cases.size() >= 1500);
  for (const std::string& line : cases) {
    const std::size_t arrow = line.find(" > ");
    const Properties properties = read_properties(from_hex(line.substr(0, arrow)));
    std::map<std::string, std::string> sorted;
    for (const auto& [key, value] : properties.settings()) sorted[to_hex(key)] = to_hex(value);
    std::string seen;
    for (const auto& [key, value] : sorted) seen += (seen.empty() ? "" : " ") + key + "=" + value;
    if (!properties.mistakes.empty()) seen = "ERR";
    INFO(line);
    CHECK(seen == line.substr(std::min(arrow + 3, line.size())));
  }
}

TEST_CASE("mistakes and warnings of a properties file name the line on which the entry begins") {
  const Properties properties = read_properties(
      "# comment \\\n"
      "acks=al\\\n"
      "   l\r\n"
      "\n"
      "client.id=caf\xc3\xa9\n"
      "bad=\\u12g4\r"
      "acks : 1\n");
  CHECK(properties.entries ==
        std::vector<Property>{{"acks", "all", 2}, {"client.id", "caf\xc3\x83\xc2\xa9", 5}, {"acks", "1", 7}});
  CHECK(properties.mistakes ==
        std::vector<PropertiesRemark>{{6, "malformed \\u escape: expected \\u and four hexadecimal digits"}});
  CHECK(properties.warnings ==
        std::vector<PropertiesRemark>{
            {5, "bytes beyond ASCII are read as ISO-8859-1, as Java does; write \\uXXXX to be sure"},
            {7, "acks was already set on line 2; the later value counts, as in Java"}});
  CHECK(properties.settings().at("acks") == "1");
}

TEST_CASE("the built-in serializers write the bytes that Java's write") {
  CHECK(bytes_of(Serializer::string, "h\xc3\xa9") == "68c3a9");
  CHECK(bytes_of(Serializer::byte_array, "ab") == "6162");
  CHECK(bytes_of(Serializer::integer, "42") == "0000002a");
  CHECK(bytes_of(Serializer::integer, "-1") == "ffffffff");
  CHECK(bytes_of(Serializer::integer, "2147483648") == "error: \"2147483648\" is not a valid Integer");
  CHECK(bytes_of(Serializer::long_integer, "-2") == "fffffffffffffffe");
  CHECK(bytes_of(Serializer::short_integer, "258") == "0102");
  CHECK(bytes_of(Serializer::short_integer, "32768") == "error: \"32768\" is not a valid Short");
  CHECK(bytes_of(Serializer::float_number, "1.5") == "3fc00000");
  CHECK(bytes_of(Serializer::double_number, "-2.5") == "c004000000000000");
  CHECK(bytes_of(Serializer::uuid, "0F8FAD5B-D9CB-469F-A165-70867728950E") ==
        to_hex("0f8fad5b-d9cb-469f-a165-70867728950e"));
  CHECK(bytes_of(Serializer::uuid, "1-2-3-4") == "error: \"1-2-3-4\" is not a valid UUID");
  CHECK(bytes_of(Serializer::boolean, "true") == "01");
  CHECK(bytes_of(Serializer::nothing, "anything") == "null");
  CHECK_FALSE(serialize({Serializer::string, TextEncoding::utf_8, {}}, std::nullopt).bytes.has_value());
}

TEST_CASE("a list of fixed-length elements names its nulls in front, others carry a length each") {
  CHECK(bytes_of(Serializer::list, "[1, null, 3]") ==
        "00"
        "00000001"
        "00000001"
        "00000003"
        "00000001"
        "00000003");
  const SerializerConfig texts{Serializer::list, TextEncoding::utf_8, Serializer::string};
  CHECK(to_hex(*serialize(texts, R"(["ab", null])").bytes) ==
        "01"
        "00000002"
        "00000002"
        "6162"
        "ffffffff");
  CHECK(serialize(texts, "ab").error == "\"ab\" is not a valid List");
}

TEST_CASE("StringSerializer obeys its encoding setting") {
  const auto result =
      read_producer_config(settings({{"value.serializer", "org.apache.kafka.common.serialization.StringSerializer"},
                                     {"serializer.encoding", "US-ASCII"},
                                     {"value.serializer.encoding", "utf-16"}}));
  CHECK(result.ok());
  CHECK(result.config.value_serializer.encoding == TextEncoding::utf_16);
  CHECK(to_hex(*serialize(result.config.value_serializer, "a\xf0\x9f\x98\x80").bytes) == "feff0061d83dde00");
  CHECK(*serialize({Serializer::string, TextEncoding::iso_8859_1, {}}, "\xc3\xa9\xe2\x82\xac").bytes == "\xe9?");
}

TEST_CASE("the nearest word is offered only if it is near") {
  CHECK(edit_distance("acks", "akcs") == 1);
  CHECK(edit_distance("linger", "lingers") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(nearest_word("Enable.Idempotence", {"acks", "enable.idempotence"}) == "enable.idempotence");
  CHECK(nearest_word("batchsize", {"batch.size", "linger.ms"}) == "batch.size");
  CHECK(nearest_word("zzz", {"acks", "retries"}).empty());
  CHECK(nearest_word("b9", {"b1", "b2"}).empty());
}

TEST_CASE("docs/config.md is what the table prints") {
  std::ifstream file(std::string(LINGER_SOURCE_DIR) + "/docs/config.md", std::ios::binary);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  CHECK(text.str() == config_reference_markdown());
}
