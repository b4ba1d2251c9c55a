#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "ui/gui/model/series.h"
#include "ui/gui/model/session.h"

using namespace linger;
using namespace linger::gui;

namespace {

std::unique_ptr<Session> session_of(const std::string& name, const scenarios::Overrides& overrides = {}) {
  Opened opened = open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name, overrides);
  REQUIRE(std::holds_alternative<std::unique_ptr<Session>>(opened));
  return std::move(std::get<std::unique_ptr<Session>>(opened));
}

std::vector<double> values(const StepSeries& series) {
  std::vector<double> out;
  for (const Step& step : series.steps()) out.push_back(step.value);
  return out;
}

std::int64_t counted(const Session& session, bool (*is)(const scenarios::RecordFate&)) {
  const auto& fates = session.run().result.fates;
  return std::count_if(fates.begin(), fates.end(), is);
}

}  // namespace

TEST_CASE("a step function keeps one value a moment and drops steps that change nothing") {
  StepSeries series;
  const auto at = [](std::int64_t ms) { return sim::SimTime::at(sim::Duration::ms(ms)); };
  series.set(at(1), 5);
  series.set(at(2), 5);
  series.set(at(3), 7);
  series.set(at(3), 5);
  series.set(at(4), 2);
  CHECK(series.steps() == std::vector<Step>{{at(1), 5}, {at(4), 2}});
  CHECK(series.at(at(0)) == 0);
  CHECK(series.at(at(1)) == 5);
  CHECK(series.at(at(3)) == 5);
  CHECK(series.at(at(9)) == 2);
  CHECK(series.highest() == 5);
}

TEST_CASE("a batch that waits for its retry is in the accumulator again with the bytes of both records") {
  const auto session = session_of("lost-ack.json");
  const RunSeries series{*session};
  CHECK(values(series.of(SeriesKind::batch_bytes)) == std::vector<double>{279, 0, 279, 0});
  CHECK(values(series.of(SeriesKind::in_flight)) == std::vector<double>{1, 0, 1, 0});
  // Its memory is taken once, from the first record to the answer.
  CHECK(values(series.of(SeriesKind::buffer_used)) == std::vector<double>{16384, 0});
  const auto& bytes = series.of(SeriesKind::batch_bytes).steps();
  const auto& in_flight = series.of(SeriesKind::in_flight).steps();
  REQUIRE(bytes.size() == 4);
  REQUIRE(in_flight.size() == 4);
  // What leaves the accumulator is in flight, and comes back when its request is over.
  for (std::size_t i = 0; i < 3; ++i) CHECK(bytes[i + 1].at == in_flight[i].at);
}

TEST_CASE("one lost answer: one retry, one error, two records in each request, both acked once") {
  const auto session = session_of("lost-ack.json");
  const RunSeries series{*session};
  CHECK(values(series.of(SeriesKind::retries)) == std::vector<double>{1});
  CHECK(values(series.of(SeriesKind::errors)) == std::vector<double>{1});
  CHECK(series.of(SeriesKind::errors).steps().front().at < series.of(SeriesKind::retries).steps().front().at);
  CHECK(values(series.of(SeriesKind::records_per_request)) == std::vector<double>{2});
  CHECK(values(series.of(SeriesKind::acked)) == std::vector<double>{2});
  CHECK(series.of(SeriesKind::duplicated).steps().empty());
  CHECK(series.of(SeriesKind::lost).steps().empty());
  CHECK(series.of(SeriesKind::reordered).steps().empty());
  CHECK(values(series.of(SeriesKind::isr_size)) == std::vector<double>{3});
  CHECK(values(series.of(SeriesKind::hw_lag)) == std::vector<double>{2, 0});
  // Of two answers one came: the middle and the worst are the same.
  CHECK(series.of(SeriesKind::latency_p50).steps() == series.of(SeriesKind::latency_p99).steps());
  CHECK(series.of(SeriesKind::latency_p50).steps().size() == 1);
  CHECK(series.of(SeriesKind::queue_time).steps().size() == 1);
}

TEST_CASE("without idempotence the second copies count from the moment at which they are written") {
  scenarios::Overrides overrides;
  overrides.producer_properties["enable.idempotence"] = "false";
  const auto session = session_of("lost-ack.json", overrides);
  const RunSeries series{*session};
  const StepSeries& duplicated = series.of(SeriesKind::duplicated);
  CHECK(duplicated.last() == 2);
  REQUIRE_FALSE(duplicated.steps().empty());
  CHECK(duplicated.steps().front().at > series.of(SeriesKind::retries).steps().front().at);
  CHECK(duplicated.steps().front().at < series.of(SeriesKind::acked).steps().front().at);
}

TEST_CASE("at the end the outcomes are those of the ledger") {
  for (const char* file :
       {"acks1-loss-on-leader-crash.json", "reorder-without-idempotence.json", "unclean-election-truncates.json",
        "failover-five-in-flight.json", "rolling-restart-under-load.json"}) {
    CAPTURE(file);
    const auto session = session_of(file);
    const RunSeries series{*session};
    CHECK(series.of(SeriesKind::acked).last() == static_cast<double>(session->run().result.counts.acked));
    CHECK(series.of(SeriesKind::lost).last() == static_cast<double>(counted(*session, [](const auto& fate) {
            return fate.verdict == scenarios::Verdict::acked_lost;
          })));
    CHECK(series.of(SeriesKind::reordered).last() ==
          static_cast<double>(counted(*session, [](const auto& fate) { return fate.reordered; })));
    CHECK(series.of(SeriesKind::in_flight).last() == 0);
    CHECK(series.of(SeriesKind::throughput).highest() <= series.of(SeriesKind::acked).last());
  }
}

TEST_CASE("an acked record is lost from the election that leaves it behind") {
  const auto session = session_of("acks1-loss-on-leader-crash.json");
  const RunSeries series{*session};
  const auto election = session->seek(session->first(), Landmark::election, 1);
  REQUIRE(election);
  REQUIRE_FALSE(series.of(SeriesKind::lost).steps().empty());
  CHECK(series.of(SeriesKind::lost).at(series.of(SeriesKind::acked).steps().front().at) == 0);
  CHECK(series.of(SeriesKind::lost).steps().front().at >= election->at);
}

TEST_CASE("five in flight, and the ISR shrinks when the leader dies") {
  const auto session = session_of("failover-five-in-flight.json");
  const RunSeries series{*session};
  CHECK(series.of(SeriesKind::in_flight).highest() == 5);
  CHECK(series.of(SeriesKind::retries).last() == static_cast<double>(session->run().result.producers.front().retries));
  const auto sizes = values(series.of(SeriesKind::isr_size));
  REQUIRE(sizes.size() >= 2);
  CHECK(sizes[0] == 3);
  CHECK(sizes[1] == 2);
  const auto election = session->seek(session->first(), Landmark::election, 1);
  REQUIRE(election);
  CHECK(series.of(SeriesKind::isr_size).steps()[1].at == election->at);
}

TEST_CASE("buffer.memory that is exhausted is wholly in use") {
  const auto session = session_of("buffer-memory-exhausted.json");
  const RunSeries series{*session};
  const auto& config = session->run().setup->scenario.producers.front().config;
  const double all = std::stod(config.at("buffer.memory"));
  CHECK(series.of(SeriesKind::buffer_used).highest() <= all);
  CHECK(series.of(SeriesKind::buffer_used).highest() > all / 2);
}

TEST_CASE("percentiles are of the last hundred answers, and the worst is never below the middle") {
  const auto session = session_of("rolling-restart-under-load.json");
  const RunSeries series{*session};
  const StepSeries& p50 = series.of(SeriesKind::latency_p50);
  const StepSeries& p99 = series.of(SeriesKind::latency_p99);
  REQUIRE(p50.steps().size() > 10);
  for (const Step& step : p50.steps()) CHECK(step.value <= p99.at(step.at));
  CHECK(p50.highest() > 0);
}
