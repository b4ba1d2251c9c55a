// The story printer: what a run's trace becomes for a person.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "ui/cli/divergence.h"
#include "ui/cli/story.h"
#include "ui/cli/story_folding.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

using namespace linger;
using namespace linger::cli;

namespace {

scenarios::Run run_of(const std::string& faults, const std::string& settings = R"("enable.idempotence": true)",
                      int records = 2, const std::string& every = "1ms") {
  const std::string text = R"({"linger": 1, "title": "A test", "seed": 7,
    "cluster": {"brokers": 3, "topics": [{"name": "orders", "partitions": 1, "replication.factor": 3, "config": {"min.insync.replicas": 2}}]},
    "producers": [{"name": "p1", "config": {)" +
                           settings + R"(},
      "workload": [{"at": "0ms", "send": {"topic": "orders", "count": )" +
                           std::to_string(records) + R"(, "every": ")" + every +
                           R"(", "value": {"bytes": 100}}}]}], "faults": [)" + faults + "]}";
  const scenarios::ReadResult read = scenarios::read_scenario(text);
  for (const auto& mistake : read.mistakes) UNSCOPED_INFO(mistake.pointer << " " << mistake.message);
  REQUIRE(read.ok());
  scenarios::RunOptions options;
  options.keep_trace = true;
  return scenarios::run_scenario(*read.scenario, options);
}

const std::string lost_ack =
    R"({"id": "lost-ack", "on": {"response": "PRODUCE", "from": "b1", "nth": 1}, "do": "lose"})";
const std::string lost_request =
    R"({"id": "lost-request", "on": {"request": "PRODUCE", "to": "b1", "nth": 1}, "do": "lose"})";
const std::string crash = R"({"id": "crash", "at": "2s", "crash": "b1", "restart_after": "20s"})";

std::vector<StoryLine> told(const scenarios::Run& run) {
  return StoryTeller(run.trace, *run.setup).tell();
}

/// Index of the first line from `from` on whose who and what hold these words; -1: none.
int find(const std::vector<StoryLine>& lines, const std::string& who, const std::string& what, int from = 0) {
  for (int i = from; i < static_cast<int>(lines.size()); ++i) {
    const StoryLine& line = lines[static_cast<std::size_t>(i)];
    if (line.who.find(who) != std::string::npos && line.what.find(what) != std::string::npos) return i;
  }
  return -1;
}

std::vector<std::string> rows(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string row; std::getline(stream, row);) all.push_back(row);
  return all;
}

}  // namespace

TEST_CASE("a lost acknowledgement is told in order, and the retry carries the same numbers") {
  const std::vector<StoryLine> lines = told(run_of(lost_ack));
  int at = find(lines, "app", "sends r0");
  REQUIRE(at >= 0);
  for (const auto& [who, what] :
       std::vector<std::pair<std::string, std::string>>{{"p1", "closes the batch: 2 records"},
                                                        {"p1 → b1", "seq 0..1  attempt 1"},
                                                        {"b1", "appends at 0..1"},
                                                        {"b2, b3", "hold 0..1; the high watermark moves to 2"},
                                                        {"b1 ✗ p1", "the answer \"ok, offset 0\" is lost"},
                                                        {"p1", "gives the request up"},
                                                        {"p1 → b1", "seq 0..1  attempt 2"},
                                                        {"b1", "knows seq 0..1 of pid 0: appends nothing"},
                                                        {"b1 → p1", "ok, offset 0"},
                                                        {"app", "hears r0 at 0, r1 at 1"}}) {
    INFO(who << ": " << what);
    const int next = find(lines, who, what, at + 1);
    REQUIRE(next > at);
    at = next;
  }
  CHECK(find(lines, "b1", "appends at 2") == -1);
}

TEST_CASE("without idempotence the broker appends the retry, and nothing is recognised") {
  const scenarios::Run run = run_of(lost_ack, R"("enable.idempotence": false)");
  const std::vector<StoryLine> lines = told(run);
  CHECK(find(lines, "b1", "appends at 2..3") > find(lines, "b1", "appends at 0..1"));
  CHECK(find(lines, "b1", "knows") == -1);
  CHECK(find(lines, "p1", "attempt 2") >= 0);
  CHECK(find(lines, "app", "hears r0 at 2, r1 at 3") >= 0);
  const std::string verdict = story_verdict(run, Look{});
  CHECK(verdict.find("◆ r0 r1: in the log more than once") != std::string::npos);
  CHECK(verdict.find("allowed") != std::string::npos);
}

TEST_CASE("a lost request is appended only once, by the retry") {
  const std::vector<StoryLine> lines = told(run_of(lost_request));
  const int lost = find(lines, "p1 ✗ b1", "the request is lost");
  REQUIRE(lost >= 0);
  CHECK(find(lines, "b1", "appends at 0..1") > lost);
  CHECK(find(lines, "b1", "knows") == -1);
}

TEST_CASE("a crash of the leader: the fault, the election, the way to the new leader") {
  const std::vector<StoryLine> lines = told(run_of(crash, R"("enable.idempotence": true)", 200, "20ms"));
  const int dead = find(lines, "fault", "b1 crashes");
  REQUIRE(dead >= 0);
  CHECK(lines[static_cast<std::size_t>(dead)].weight == Weight::telling);
  const int elected = find(lines, "c1", "is to lead orders-0", dead);
  REQUIRE(elected > dead);
  CHECK(lines[static_cast<std::size_t>(elected)].why.find("epoch 1") != std::string::npos);
  CHECK(find(lines, "b2", "begins to lead orders-0", dead) > dead);
  CHECK(find(lines, "p1 → b2", "Produce", elected) > elected);
}

TEST_CASE("a quiet stretch says what is waited for") {
  const std::vector<StoryLine> lines = with_quiet_stretches(told(run_of(lost_ack)));
  const int pause = find(lines, "", "p1 waits for request.timeout.ms");
  REQUIRE(pause >= 0);
  CHECK_FALSE(lines[static_cast<std::size_t>(pause)].timed);
  CHECK(find(lines, "p1", "gives the request up") == pause + 1);
}

TEST_CASE("a run of a thousand records is told in sixty lines, and its loss is among them") {
  const scenarios::Run run = run_of(
      lost_ack, R"("enable.idempotence": true, "request.timeout.ms": 500, "delivery.timeout.ms": 60000)", 1000, "3ms");
  const std::vector<StoryLine> all = told(run);
  REQUIRE(all.size() > 300);
  const std::vector<std::string> printed = rows(story_body(run, Look{}));
  CHECK(printed.size() <= 60);
  const std::vector<StoryLine> short_story = folded(all, story_lines_at_most);
  for (const StoryLine& line : all) {
    if (line.weight != Weight::telling) continue;
    INFO(line.who << " " << line.what);
    CHECK(std::any_of(short_story.begin(), short_story.end(),
                      [&](const StoryLine& kept) { return kept.at == line.at && kept.what.starts_with(line.what); }));
  }
  std::int64_t acknowledged = 0;
  for (const StoryLine& line : short_story) acknowledged += line.acknowledged;
  CHECK(acknowledged == 1000);
}

TEST_CASE("forty batches that expire at one moment are one line") {
  StoryLine expired;
  expired.at = sim::SimTime{} + sim::Duration::ms(5);
  expired.who = "p1";
  expired.what = "gives up the batch for orders-0";
  expired.weight = Weight::telling;
  std::vector<StoryLine> lines(40, expired);
  lines.push_back(expired);
  lines.back().at = lines.back().at + sim::Duration::ms(1);
  const std::vector<StoryLine> short_story = folded(lines, story_lines_at_most);
  REQUIRE(short_story.size() == 2);
  CHECK(short_story.front().what == "gives up the batch for orders-0, 40 times");
  CHECK(short_story.back().what == "gives up the batch for orders-0");
}

TEST_CASE("eighty columns hold every line, and no number is broken") {
  const scenarios::Run run = run_of(lost_ack);
  const std::string narrow = story_header(*run.setup, Look{80, false, false}) +
                             story_body(run, Look{80, false, false}) + story_verdict(run, Look{80, false, false});
  for (const std::string& row : rows(story_body(run, Look{80, false, false}))) {
    INFO(row);
    CHECK(columns(row) <= 80);
  }
  CHECK(narrow.find("linger.ms is over") == std::string::npos);
  CHECK(narrow.find("seq 0..1  attempt 2") != std::string::npos);
  CHECK(story_body(run, Look{}).find("linger.ms is over") != std::string::npos);
}

TEST_CASE("colour only where it is asked for, ASCII where it must be") {
  const scenarios::Run run = run_of(lost_ack);
  const std::string plain = story_header(*run.setup, Look{}) + story_body(run, Look{}) + story_verdict(run, Look{});
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(plain.find("✗") != std::string::npos);
  const std::string coloured = story_body(run, Look{120, true, false});
  CHECK(coloured.find("\x1b[31m") != std::string::npos);
  const Look ascii{0, false, true};
  const std::string bare = story_header(*run.setup, ascii) + story_body(run, ascii) + story_verdict(run, ascii);
  CHECK(std::all_of(bare.begin(), bare.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(bare.find("p1 -> b1") != std::string::npos);
}

TEST_CASE("two runs part where the broker recognises a batch or appends it again") {
  const scenarios::Run with = run_of(lost_ack);
  const scenarios::Run without = run_of(lost_ack, R"("enable.idempotence": false)");
  const auto outcome = different_outcome_in_words(with, without);
  REQUIRE(outcome);
  CHECK(outcome->one.what.find("appends nothing") != std::string::npos);
  CHECK(outcome->other.what.find("appends at 2..3") != std::string::npos);
  CHECK(outcome->other.why.find("cannot be recognised") != std::string::npos);
  const auto message = report::first_different_message(with, without);
  REQUIRE(message);
  CHECK(message->at() < outcome->at());
  CHECK_FALSE(different_outcome_in_words(with, with));
  CHECK_FALSE(report::first_different_message(with, with));
}

TEST_CASE("words for times, ranges and counts") {
  CHECK(milliseconds(30'105'249'999) == "30105.2");
  CHECK(milliseconds(49'999) == "0.0");
  CHECK(milliseconds(50'000) == "0.1");
  CHECK(length_of_time(sim::Duration::us(29'999'000)) == "29.999 s");
  CHECK(length_of_time(sim::Duration::s(4)) == "4 s");
  CHECK(length_of_time(sim::Duration::us(104'249)) == "104.2 ms");
  CHECK(length_of_time(sim::Duration::us(250)) == "250 us");
  CHECK(range(3, 3) == "3");
  CHECK(range(0, 4) == "0..4");
  CHECK(counted(1, "batch") == "1 batch");
  CHECK(counted(2, "batch") == "2 batches");
  CHECK(counted(0, "record") == "0 records");
  CHECK(listed({"a", "b", "c"}, 2) == "a, b and 1 more");
  CHECK(fingerprint_in_words(0x5f1c90b277d4e01aULL) == "5f1c-90b2-77d4-e01a");
  CHECK(columns("p1 → b1") == 7);
  CHECK(as_ascii("b1 ✗ p1 · …") == "b1 x p1 - ...");
}
