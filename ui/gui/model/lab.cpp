#include "ui/gui/model/lab.h"

#include <algorithm>
#include <cmath>

#include "scenarios/runner.h"
#include "scenarios/setup.h"
#include "sim/draw.h"
#include "ui/gui/model/plots.h"

namespace linger::gui {
namespace {

using scenarios::Duration;

constexpr std::array retry_values{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
constexpr std::array loss_values{0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5};
constexpr std::array batch_values{512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0, 32768.0, 65536.0, 131072.0};
constexpr std::array linger_values{0.0, 1.0, 2.0, 5.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 24.0};
constexpr std::array in_flight_values{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0};
constexpr std::array acks_values{0.0, 1.0, -1.0};

constexpr int records_of_loss = 40;
constexpr int records_of_throughput = 8000;
constexpr int records_of_linger = 400;

std::string number(double value) {
  return std::to_string(static_cast<std::int64_t>(value));
}

/// Each attempt of each record loses its request, or else its answer, with the same chance, whatever happened before.
void draw_losses(scenarios::Scenario& plan, double loss, int attempts) {
  const auto lost = [&](int record, int attempt, bool answer) {
    const sim::Name name =
        sim::Name::of("lab").with(static_cast<std::uint64_t>(record)).with(static_cast<std::uint64_t>(attempt));
    const std::uint64_t drawn =
        sim::draw(sim::Seed{plan.seed}, sim::Stream::of(answer ? "lab.answer" : "lab.request"), name, 0);
    return static_cast<double>(drawn >> 11) * 0x1p-53 < loss;
  };
  for (int record = 0; record < records_of_loss; ++record) {
    for (int attempt = 1; attempt <= attempts; ++attempt) {
      const bool request = lost(record, attempt, false);
      if (!request && !lost(record, attempt, true)) break;
      scenarios::Fault fault;
      fault.id = "r" + std::to_string(record) + "-" + std::to_string(attempt);
      fault.on = scenarios::Matcher{};
      fault.on->api = "PRODUCE";
      fault.on->response = !request;
      fault.on->producer = "p1";
      fault.on->record = record;
      fault.on->attempt = attempt;
      fault.action = scenarios::Lose{};
      plan.faults.push_back(std::move(fault));
    }
  }
}

}  // namespace

LabOutcome outcome_of(LabSetting setting) {
  switch (setting) {
    case LabSetting::retries:
    case LabSetting::loss_rate:
      return LabOutcome::shares;
    case LabSetting::linger_ms:
      return LabOutcome::records_per_request;
    case LabSetting::batch_size:
    case LabSetting::max_in_flight:
    case LabSetting::acks:
      return LabOutcome::throughput;
  }
  return LabOutcome::shares;
}

std::span<const double> lab_values(LabSetting setting) {
  switch (setting) {
    case LabSetting::retries:
      return retry_values;
    case LabSetting::loss_rate:
      return loss_values;
    case LabSetting::batch_size:
      return batch_values;
    case LabSetting::linger_ms:
      return linger_values;
    case LabSetting::max_in_flight:
      return in_flight_values;
    case LabSetting::acks:
      return acks_values;
  }
  return {};
}

std::string_view lab_name(LabSetting setting) {
  constexpr std::array<std::string_view, lab_setting_count> names{
      "retries", "loss rate", "batch.size", "linger.ms", "max.in.flight.requests.per.connection", "acks"};
  return names[static_cast<std::size_t>(setting)];
}

std::string lab_value_words(LabSetting setting, double value) {
  if (setting == LabSetting::loss_rate) return number(std::round(value * 100)) + " %";
  if (setting == LabSetting::acks && value < 0) return "all";
  return in_words(value, Unit::count);
}

LabChoice whole_range(LabSetting setting) {
  return {setting, 0, lab_values(setting).size() - 1};
}

int lab_runs(LabSetting setting) {
  return outcome_of(setting) == LabOutcome::shares ? 50 : 1;
}

Pipe lab_pipe(LabSetting setting, double value) {
  Pipe pipe;
  // A small batch, so that one more in flight or one more round trip is seen.
  if (setting != LabSetting::batch_size) pipe.batch_size = 1024;
  if (setting == LabSetting::batch_size) pipe.batch_size = static_cast<std::int64_t>(value);
  if (setting == LabSetting::max_in_flight) pipe.in_flight = static_cast<int>(value);
  if (setting == LabSetting::acks) pipe.acks = static_cast<int>(value);
  return pipe;
}

scenarios::Scenario lab_scenario(LabSetting setting, double value, int run) {
  scenarios::Scenario plan;
  plan.seed = static_cast<std::uint64_t>(run) + 1;
  const LabOutcome outcome = outcome_of(setting);
  const bool replicas = setting == LabSetting::acks;
  plan.cluster.brokers = replicas ? 3 : 1;
  scenarios::TopicSpec topic;
  topic.name = "lab";
  topic.replication_factor = plan.cluster.brokers;
  topic.config["min.insync.replicas"] = replicas ? "2" : "1";
  plan.cluster.topics.push_back(topic);
  plan.network.latency = {scenarios::LatencySpec::Kind::constant, Duration::us(500), Duration::us(500)};

  scenarios::ProducerSpec producer;
  producer.name = "p1";
  producer.config["enable.idempotence"] = "false";
  scenarios::SendStep send;
  send.topic = "lab";
  send.partition = 0;
  send.value.kind = scenarios::DataSpec::Kind::bytes;
  send.value.bytes = 100;
  switch (outcome) {
    case LabOutcome::shares: {
      const int retries = setting == LabSetting::retries ? static_cast<int>(value) : lab_retries;
      const double loss = setting == LabSetting::loss_rate ? value : lab_loss;
      producer.config["retries"] = std::to_string(retries);
      // One record a batch and one request at a time: attempts are independent of each other.
      producer.config["batch.size"] = "1";
      producer.config["linger.ms"] = "0";
      producer.config["acks"] = "1";
      producer.config["max.in.flight.requests.per.connection"] = "1";
      producer.config["request.timeout.ms"] = "1000";
      producer.config["delivery.timeout.ms"] = "600000";
      send.count = records_of_loss;
      draw_losses(plan, loss, retries + 1);
      break;
    }
    case LabOutcome::throughput: {
      const Pipe pipe = lab_pipe(setting, value);
      producer.config["batch.size"] = std::to_string(pipe.batch_size);
      producer.config["max.in.flight.requests.per.connection"] = std::to_string(pipe.in_flight);
      producer.config["acks"] = pipe.acks < 0 ? "all" : std::to_string(pipe.acks);
      producer.config["linger.ms"] = "0";
      plan.network.bandwidth = static_cast<std::int64_t>(pipe.bytes_per_second);
      send.count = records_of_throughput;
      break;
    }
    case LabOutcome::records_per_request: {
      const Pipe pipe;
      producer.config["batch.size"] =
          std::to_string(pipe.batch_header + pipe.record_bytes * static_cast<std::int64_t>(lab_linger_records));
      producer.config["linger.ms"] = number(value);
      producer.config["acks"] = "1";
      send.count = records_of_linger;
      send.every = Duration::us(static_cast<std::int64_t>(1000 / lab_linger_rate));
      break;
    }
  }
  // Connections and metadata come first: what is measured is the steady state.
  scenarios::WorkloadStep step;
  step.at = Duration::ms(100);
  step.what = std::move(send);
  producer.threads.push_back({{std::move(step)}});
  plan.producers.push_back(std::move(producer));
  return plan;
}

double LabPoint::share(std::int64_t count) const {
  return records == 0 ? 0 : static_cast<double>(count) / static_cast<double>(records);
}
double LabPoint::throughput() const {
  return seconds <= 0 ? 0 : static_cast<double>(in_time) / seconds;
}
double LabPoint::records_per_request() const {
  return requests == 0 ? 0 : static_cast<double>(acked) / static_cast<double>(requests);
}

LabSweep::LabSweep(const LabChoice& choice) : choice_(choice) {
  const auto values = lab_values(choice.setting);
  for (std::size_t i = choice.first; i <= choice.last && i < values.size(); ++i) {
    points_.emplace_back();
    points_.back().value = values[i];
  }
}
LabSweep::~LabSweep() = default;

void LabSweep::begin_run() {
  const auto run = static_cast<int>(next_ % static_cast<std::size_t>(lab_runs(choice_.setting)));
  runner_ = std::make_unique<scenarios::Runner>(scenarios::prepare(lab_scenario(choice_.setting, point().value, run)));
}

void LabSweep::end_run() {
  LabPoint& point = this->point();
  const scenarios::RunResult result = runner_->judge();
  ++point.runs;
  point.requests += runner_->world().counters().produce_requests;
  for (const scenarios::RecordFate& fate : result.fates) {
    ++point.records;
    point.failed_absent += fate.verdict == scenarios::Verdict::failed_absent ? 1 : 0;
    point.failed_present += fate.verdict == scenarios::Verdict::failed_present ? 1 : 0;
    point.duplicated += fate.extra_copies > 0 ? 1 : 0;
  }
  sim::SimTime first = sim::SimTime::never();
  sim::SimTime last;
  const auto& records = runner_->world().ledger().records;
  for (const scenarios::LedgerRecord& record : records) {
    if (record.told != scenarios::Told::acked) continue;
    ++point.acked;
    first = std::min(first, record.told_at);
    last = std::max(last, record.told_at);
  }
  if (last > first) {
    point.seconds += static_cast<double>((last - first).ns()) / 1e9;
    point.in_time += std::count_if(records.begin(), records.end(), [&](const scenarios::LedgerRecord& record) {
      return record.told == scenarios::Told::acked && record.told_at > first;
    });
  }
  runner_.reset();
  ++next_;
}

void LabSweep::advance(std::uint64_t events) {
  for (std::uint64_t i = 0; i < events && !done(); ++i) {
    if (runner_ == nullptr) begin_run();
    if (!runner_->step()) end_run();
  }
}

}  // namespace linger::gui
