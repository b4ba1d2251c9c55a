#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "producer/failure.h"
#include "producer/metrics/metric.h"
#include "support/fake_cluster.h"

using namespace linger;
using test::ProducerStage;

namespace {

constexpr MetricConfig two_of_a_second{2, 1000};

/// Values by "group:name", or by "group:name:tag" for those with a tag beside client-id, as Java writes them.
std::map<std::string, std::string> metrics_of(ProducerStage& stage) {
  std::map<std::string, std::string> values;
  const std::string client = "client-id=" + stage.producer.config().client_id;
  for (const Metric& metric : stage.producer.metrics(stage.now)) {
    REQUIRE(metric.tags.starts_with(client));
    const std::string tag = metric.tags.size() > client.size() ? ":" + metric.tags.substr(client.size() + 1) : "";
    REQUIRE(values.emplace(metric.group + ":" + metric.name + tag, describe(metric.value)).second);
  }
  return values;
}

ProducerStage warm_stage(const ProducerConfig& config) {
  ProducerStage stage(config);
  stage.send(0, "first");
  stage.run_until_reports(1);
  REQUIRE(stage.reports.size() == 1);
  return stage;
}

struct DocumentedMetric {
  std::string tag;
  bool here = false;
};

/// The rows of docs/metrics.md by "group:name".
std::map<std::string, DocumentedMetric> documented_metrics() {
  std::ifstream file(std::string(LINGER_SOURCE_DIR) + "/docs/metrics.md");
  REQUIRE(file);
  std::map<std::string, DocumentedMetric> rows;
  bool here = true;
  for (std::string line; std::getline(file, line);) {
    if (line == "## Not applicable") here = false;
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, '|');) cells.push_back(cell);
    if (cells.size() < 4 || cells[2].size() < 4 || cells[2][1] != '`') continue;
    const auto bare = [](const std::string& cell, char fence) {
      const std::size_t from = cell.find_first_not_of(fence);
      return from == std::string::npos ? "" : cell.substr(from, cell.find_last_not_of(fence) - from + 1);
    };
    const std::string name = bare(bare(cells[1], ' '), '`') + ":" + bare(bare(cells[2], ' '), '`');
    REQUIRE(rows.emplace(name, DocumentedMetric{here ? bare(cells[3], ' ') : "", here}).second);
  }
  return rows;
}

}  // namespace

TEST_CASE("an average and a maximum of nothing are NaN") {
  SampledStat stat;
  CHECK(std::isnan(stat.avg(two_of_a_second, 0)));
  CHECK(std::isnan(stat.max(two_of_a_second, 0)));
  CHECK(stat.sum(two_of_a_second, 0) == 0);
}

TEST_CASE("a maximum below zero is not zero") {
  SampledStat stat;
  stat.record(two_of_a_second, -5, 0);
  stat.record(two_of_a_second, -7, 1);
  CHECK(stat.max(two_of_a_second, 2) == -5);
  CHECK(stat.avg(two_of_a_second, 2) == -6);
}

TEST_CASE("a sample that reaches into the windows counts as a whole and is forgotten as a whole") {
  SampledStat stat;
  stat.record(two_of_a_second, 10, 0);
  stat.record(two_of_a_second, 20, 900);
  stat.record(two_of_a_second, 30, 1000);  // the second sample
  stat.record(two_of_a_second, 40, 2000);  // the third: one more than the setting
  CHECK(stat.sum(two_of_a_second, 2899) == 100);
  CHECK(stat.max(two_of_a_second, 2899) == 40);
  // Its last event, at 900, is now two windows old.
  CHECK(stat.sum(two_of_a_second, 2900) == 70);
  CHECK(stat.avg(two_of_a_second, 2900) == 35);
  CHECK(std::isnan(stat.avg(two_of_a_second, 4000)));
}

TEST_CASE("the fourth sample takes the first one's place") {
  SampledStat stat;
  const MetricConfig config{2, 1000};
  for (int sample = 0; sample < 4; ++sample) {
    stat.record(config, 1 << sample, sample * 1000);
  }
  CHECK(stat.sum(MetricConfig{100, 1000}, 3000) == 2 + 4 + 8);
}

TEST_CASE("a rate divides by one window less than the samples at least") {
  Rate rate;
  rate.record(two_of_a_second, 30, 5000);
  CHECK(rate.measure(two_of_a_second, 5000) == 30.0 / 1.0);
  CHECK(rate.measure(two_of_a_second, 5500) == 30.0 / 1.5);
  CHECK(rate.measure(two_of_a_second, 6000) == 30.0 / 1.0);
  CHECK(rate.measure(two_of_a_second, 6999) == 30.0 / 1.999);
  CHECK(rate.measure(two_of_a_second, 7000) == 0);
}

TEST_CASE("with one sample a rate at its very beginning divides by a millisecond") {
  Rate rate;
  rate.record(MetricConfig{1, 1000}, 3, 0);
  CHECK(rate.measure(MetricConfig{1, 1000}, 0) == 3.0 / 0.001);
}

TEST_CASE("reading a rate before anything happened begins its window") {
  Rate asked;
  Rate not_asked;
  asked.measure(two_of_a_second, 0);
  for (Rate* rate : {&asked, &not_asked}) rate->record(two_of_a_second, 6, 500);
  CHECK(asked.measure(two_of_a_second, 1250) == 6.0 / 1.25);
  CHECK(not_asked.measure(two_of_a_second, 1250) == 6.0 / 1.75);
}

TEST_CASE("a rate per nanosecond is a share of the time") {
  Meter waiting(Rate::Unit::nanoseconds);
  waiting.record(two_of_a_second, 250'000'000, 1000);
  CHECK(waiting.rate(two_of_a_second, 1000) == 0.25);
  CHECK(waiting.total() == 250'000'000);
}

TEST_CASE("a window of no length makes rates unreadable, and of all lengths readable") {
  Meter meter;
  meter.record(MetricConfig{2, 0}, 1, 10);
  CHECK_THROWS_AS(meter.rate(MetricConfig{2, 0}, 10), JavaThrow);
  MetricList list(MetricConfig{2, 0}, 10, "c");
  list.meter("g", "m", meter);
  std::map<std::string, std::string> read;
  for (const Metric& metric : list.take()) read[metric.full_name()] = describe(metric.value);
  CHECK(read.at("g:m-rate:client-id=c") == "ArithmeticException");
  CHECK(read.at("g:m-total:client-id=c") == "1.0");

  const MetricConfig endless{2147483647, std::numeric_limits<std::int64_t>::max()};
  Meter huge;
  huge.record(endless, 1, 10);
  CHECK_FALSE(std::isnan(huge.rate(endless, 20)));
}

TEST_CASE("a copy of a sensor goes its own way") {
  Meter one;
  one.record(two_of_a_second, 1, 0);
  Meter other = one;
  other.record(two_of_a_second, 5, 0);
  CHECK(one.total() == 1);
  CHECK(one.rate(two_of_a_second, 0) == 1);
  CHECK(other.rate(two_of_a_second, 0) == 6);
}

TEST_CASE("numbers are written as Java writes them") {
  struct Written {
    double value;
    const char* text;
  };
  const auto written =
      GENERATE(Written{0, "0.0"}, Written{-0.0, "-0.0"}, Written{1, "1.0"}, Written{-12.5, "-12.5"},
               Written{100, "100.0"}, Written{0.001, "0.001"}, Written{0.00099, "9.9E-4"},
               Written{9999999, "9999999.0"}, Written{1e7, "1.0E7"}, Written{12345678.5, "1.23456785E7"},
               Written{1.0 / 3, "0.3333333333333333"}, Written{2e23, "2.0E23"}, Written{33554432, "3.3554432E7"},
               Written{std::nan(""), "NaN"}, Written{std::numeric_limits<double>::infinity(), "Infinity"},
               Written{-std::numeric_limits<double>::infinity(), "-Infinity"});
  CHECK(java_double_text(written.value) == written.text);
}

TEST_CASE("records that arrive are counted for the producer, their topic and their nodes") {
  ProducerConfig config;
  config.client_id = "app";
  ProducerStage stage(config);
  for (std::uint64_t record = 0; record < 100; ++record) {
    stage.send(record, "v" + std::to_string(record));
    if (record % 10 == 9) stage.run(3);
  }
  stage.run_until_reports(100);
  auto metrics = metrics_of(stage);
  CHECK(metrics.at("producer-metrics:record-send-total") == "100.0");
  CHECK(metrics.at("producer-topic-metrics:record-send-total:topic=t") == "100.0");
  CHECK(metrics.at("producer-metrics:record-error-total") == "0.0");
  CHECK(metrics.at("producer-metrics:request-latency-avg") == "2.0");
  CHECK(metrics.at("producer-metrics:buffer-available-bytes") == metrics.at("producer-metrics:buffer-total-bytes"));
  CHECK(metrics.at("producer-metrics:requests-in-flight") == "0.0");
  CHECK(metrics.at("producer-metrics:connection-close-total") == "0.0");
  CHECK(metrics.at("producer-metrics:produce-throttle-time-max") == "0.0");
  CHECK(metrics.at("app-info:version") == "4.3.1");
  CHECK(metrics.at("app-info:start-time-ms") == "1700000000000");
  CHECK(metrics.at("kafka-metrics-count:count") == java_double_text(static_cast<double>(metrics.size())));
  // What the nodes did adds up to what all did.
  for (const std::string name : {"request-total", "response-total", "outgoing-byte-total", "incoming-byte-total"}) {
    CAPTURE(name);
    double sum = 0;
    int nodes = 0;
    for (const auto& [full, value] : metrics) {
      if (!full.starts_with("producer-node-metrics:" + name + ":node-id=node-")) continue;
      sum += std::stod(value);
      ++nodes;
    }
    CHECK(nodes == 2);
    CHECK(sum > 0);
    CHECK(sum == std::stod(metrics.at("producer-metrics:" + name)));
  }
  CHECK(metrics.at("producer-metrics:request-total") == metrics.at("producer-metrics:response-total"));
}

TEST_CASE("a record that is too large counts as an error, and one for a partition that Java refuses does not") {
  ProducerStage stage = warm_stage(ProducerConfig{});
  const auto errors = [&] { return metrics_of(stage).at("producer-metrics:record-error-total"); };
  stage.send(1, std::string(2'000'000, 'x'));
  CHECK(errors() == "1.0");
  CHECK(metrics_of(stage).at("producer-topic-metrics:record-error-total:topic=t") == "0.0");
  CHECK(std::holds_alternative<Thrown>(stage.send(2, "v", -7)));
  CHECK(errors() == "1.0");
}

TEST_CASE("a failed batch counts each of its records") {
  ProducerConfig config;
  config.linger_ms = 20;
  config.request_timeout_ms = 30;
  config.delivery_timeout_ms = 60;
  ProducerStage stage = warm_stage(config);
  stage.latency_ms = 10'000;
  for (std::uint64_t record = 1; record <= 3; ++record) stage.send(record, "v", 0);
  stage.run_until_reports(4, 1000);
  REQUIRE(stage.reports.size() == 4);
  const auto metrics = metrics_of(stage);
  CHECK(metrics.at("producer-metrics:record-error-total") == "3.0");
  CHECK(metrics.at("producer-topic-metrics:record-error-total:topic=t") == "3.0");
}

TEST_CASE("calls that wait are measured in nanoseconds of the monotonic clock") {
  ProducerConfig config;
  config.linger_ms = 0;
  ProducerStage stage(config);
  stage.send(0, "first");
  stage.run_until_reports(1);
  const auto total = [&](const std::string& name) { return metrics_of(stage).at("producer-metrics:" + name); };
  // The first send waited for the versions and for the metadata, 2 ms there and back each.
  const std::string waited = total("metadata-wait-time-ns-total");
  CHECK(waited == "4000000.0");
  CHECK(total("flush-time-ns-total") == "0.0");
  stage.send(1, "second");
  REQUIRE(std::holds_alternative<Ticket>(stage.producer.flush(stage.now)));
  stage.run_until_reports(2);
  CHECK(total("flush-time-ns-total") == "2000000.0");
  CHECK(total("metadata-wait-time-ns-total") == waited);
}

TEST_CASE("a send that finds no memory counts where Java counts it") {
  ProducerConfig config;
  config.buffer_memory = 200;
  config.batch_size = 200;
  config.max_request_size = 200;
  config.linger_ms = 1000;
  config.max_block_ms = 40;
  ProducerStage stage = warm_stage(config);
  stage.latency_ms = 10'000;
  stage.send(1, std::string(20, 'x'), 0);
  REQUIRE(std::holds_alternative<Ticket>(stage.send(2, std::string(20, 'x'), 1)));
  CHECK(metrics_of(stage).at("producer-metrics:waiting-threads") == "1.0");
  stage.run(50);
  const auto metrics = metrics_of(stage);
  CHECK(metrics.at("producer-metrics:waiting-threads") == "0.0");
  CHECK(metrics.at("producer-metrics:buffer-exhausted-total") == "1.0");
  CHECK(metrics.at("producer-metrics:bufferpool-wait-time-ns-total") == "4.0E7");
  CHECK(metrics.at("producer-metrics:record-error-total") == "1.0");
}

TEST_CASE("docs/metrics.md names all of Java's metrics, and those that are here are the ones a producer has") {
  const auto rows = documented_metrics();
  std::ifstream names(std::string(LINGER_SOURCE_DIR) + "/tests/corpus/producer_metrics.tsv");
  REQUIRE(names);
  std::set<std::string> in_java;
  std::size_t count = 0;
  for (std::string line; std::getline(names, line); ++count) {
    const std::string full = line.substr(0, line.find('\t'));
    const std::string name = full.substr(0, full.rfind(':'));
    const std::string tags = full.substr(full.rfind(':') + 1);
    in_java.insert(name);
    INFO(full);
    REQUIRE(rows.contains(name));
    const DocumentedMetric& row = rows.at(name);
    if (row.here)
      CHECK((row.tag.empty() ? tags == "client-id=CLIENT" : tags.find("," + row.tag + "=") != std::string::npos));
  }
  CHECK(count == 110);
  CHECK(rows.size() == in_java.size());

  std::set<std::string> here;
  for (const auto& [name, row] : rows) {
    if (row.here) here.insert(name + (row.tag.empty() ? "" : ":" + row.tag));
  }
  ProducerStage stage = warm_stage(ProducerConfig{});
  std::set<std::string> listed;
  for (const auto& [name, value] : metrics_of(stage)) listed.insert(name.substr(0, name.find('=')));
  CHECK(listed == here);
}
