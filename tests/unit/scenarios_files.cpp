#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "producer/properties.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_schema.h"
#include "scenarios/scenario_writer.h"

using namespace linger::scenarios;

namespace {

const std::string corpus = std::string(LINGER_SOURCE_DIR) + "/tests/corpus/scenarios";

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string example() {
  return text_of(corpus + "/good/example.json");
}

std::string mistakes_of(const ReadResult& result) {
  return describe_mistakes("plan.json", result.mistakes);
}

ReadResult read_with(std::initializer_list<std::pair<std::string, std::string>> sets) {
  Overrides overrides;
  overrides.set = sets;
  return read_scenario(example(), overrides);
}

/// A folder of its own that is gone at the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("linger-files-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("the example of the format reads as what it says") {
  const ReadResult result = read_scenario(example());
  REQUIRE(result.ok());
  const Scenario& plan = *result.scenario;
  CHECK(plan.title == "One lost acknowledgement");
  CHECK(plan.seed == 7);
  CHECK(plan.cluster.brokers == 3);
  CHECK(plan.cluster.config.at("replica.lag.time.max.ms") == "30000");
  CHECK(plan.cluster.topics.at(0).replication_factor == 3);
  CHECK(plan.network.latency == LatencySpec{LatencySpec::Kind::uniform, Duration::us(200), Duration::us(900)});
  CHECK(plan.producers.at(0).config.at("enable.idempotence") == "true");
  const WorkloadStep& step = plan.producers.at(0).threads.at(0).steps.at(0);
  CHECK(step.at == Duration{});
  const auto& send = std::get<SendStep>(step.what);
  CHECK(send.count == 2);
  CHECK(send.every == Duration::ms(1));
  CHECK(send.value.bytes == 100);
  REQUIRE(plan.faults.size() == 4);
  CHECK(std::holds_alternative<Lose>(plan.faults[0].action));
  CHECK(plan.faults[0].on->api == "PRODUCE");
  CHECK(plan.faults[0].on->response);
  CHECK(plan.faults[0].on->nth == 1);
  CHECK(plan.faults[0].must_hit);
  CHECK(plan.faults[1].action == Action{Crash{"b1", true, Duration::s(5)}});
  CHECK(plan.faults[2].action == Action{Cut{{{"b1"}, {"b2", "b3", "c1"}}, false}});
  CHECK(plan.faults[2].lasts == Duration::s(4));
  CHECK(plan.faults[3].action == Action{Elect{"orders-0", "b3", false}});
  CHECK(plan.expect.counts.at("acked") == Range{2, 2});
}

TEST_CASE("three mistakes in one file are named at once, each with its place and what was expected") {
  const auto result = read_with({{"/cluster/topics/0/replication.factor", "5"},
                                 {"/producers/0/config/enable.idempotance", "true"},
                                 {"/faults/0/on/from", "b9"}});
  CHECK(mistakes_of(result) ==
        "linger: plan.json: 3 mistakes\n"
        "  /cluster/topics/0/replication.factor  5, but there are 3 brokers\n"
        "  /producers/0/config/enable.idempotance  no such setting; did you mean enable.idempotence?\n"
        "  /faults/0/on/from  no host \"b9\"; hosts are b1 b2 b3 c1 p1\n");
}

TEST_CASE("each bad file of the corpus gets exactly the sentences that stand beside it") {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"/bad", "/mistaken"}) {
    for (const auto& entry : std::filesystem::directory_iterator(corpus + folder)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  CHECK(files.size() > 120);
  for (const auto& file : files) {
    std::filesystem::path expected = file;
    expected.replace_extension(".txt");
    INFO(file);
    const std::string found = describe_mistakes(file.filename(), read_scenario_file(file).mistakes);
    if (std::getenv("LINGER_REWRITE") != nullptr) std::ofstream(expected, std::ios::binary) << found;
    CHECK(found == text_of(expected));
  }
}

TEST_CASE("a good file read, written and read again is the same plan") {
  for (const auto& entry : std::filesystem::directory_iterator(corpus + "/good")) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path());
    const ReadResult first = read_scenario_file(entry.path());
    REQUIRE(first.ok());
    const std::string written = write_scenario(*first.scenario);
    const ReadResult second = read_scenario(written);
    INFO(written << mistakes_of(second));
    REQUIRE(second.ok());
    CHECK(*second.scenario == *first.scenario);
    CHECK(write_scenario(*second.scenario) == written);
    CHECK(check_scenario(*first.scenario).empty());
  }
}

TEST_CASE("files that are no scenario at all get one sentence each") {
  const Folder folder;
  const auto sentence = [](const std::string& path) {
    const ReadResult result = read_scenario_file(path);
    REQUIRE(result.mistakes.size() == 1);
    return result.mistakes[0].message;
  };
  CHECK(sentence(folder.file("empty.json", "")) == "is empty; expected a JSON object");
  CHECK(sentence(folder.file("blank.json", " \n\t")) == "is empty; expected a JSON object");
  CHECK(sentence(folder.path()) == "is a directory; expected a file");
  CHECK(sentence(folder.path() + "/none.json") == "cannot be read: No such file or directory");
  CHECK(sentence(folder.file("binary.json", std::string("\x7f"
                                                        "ELF\x02\x01\0\0",
                                                        8))) == "is a binary file; expected JSON text");
  CHECK(sentence(folder.file("latin.json", "{\"title\": \"caf\xe9\"}"))
            .find("is not JSON: line 1, column 16: invalid string") == 0);
  CHECK(sentence(folder.file("deep.json", std::string(100'000, '['))) ==
        "nests lists and objects more than 64 deep, which is the limit");
  CHECK(sentence(folder.file("deep_objects.json", [] {
          std::string text;
          for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
          return text;
        }())) == "nests lists and objects more than 64 deep, which is the limit");
  CHECK(sentence(folder.file("half.json", "{\"linger\": 1,\n \"title\":}")) ==
        "is not JSON: line 2, column 10: unexpected '}'; expected '[', '{', or a literal");
  const std::string big = folder.file("big.json", "{}");
  std::filesystem::resize_file(big, static_cast<std::uintmax_t>(65) * 1024 * 1024);
  CHECK(sentence(big) == "is larger than 64 MB, which is the limit");
  if (geteuid() != 0) {
    const std::string locked = folder.file("locked.json", "{}");
    chmod(locked.c_str(), 0);
    CHECK(sentence(locked) == "cannot be read: Permission denied");
  }
}

TEST_CASE("a byte order mark before the text is passed over, members that stand twice are not") {
  CHECK(read_scenario("\xef\xbb\xbf{\"linger\": 1}").ok());
  CHECK(mistakes_of(read_scenario(
            "{\"linger\": 1, \"cluster\": {\"brokers\": 3, \"config\": {}, \"brokers\": {\"x\": [1]}}}")) ==
        "linger: plan.json: 1 mistake\n  /cluster/brokers  stands twice; only the first is read\n");
}

TEST_CASE("ten thousand faults are the limit, and a thousand mistakes are enough to name") {
  std::string faults;
  for (int i = 0; i < 10'001; ++i) faults += std::string(i == 0 ? "" : ",") + "{\"at\": \"1s\", \"crash\": \"b1\"}";
  CHECK(mistakes_of(read_scenario("{\"linger\": 1, \"faults\": [" + faults + "]}")) ==
        "linger: plan.json: 1 mistake\n  /faults  has 10001 elements; the limit is 10000 faults\n");
  std::string keys;
  for (int i = 0; i < 3000; ++i) keys += ", \"key" + std::to_string(i) + "\": 1";
  CHECK(read_scenario("{\"linger\": 1" + keys + "}").mistakes.size() == 1001);
}

TEST_CASE("files that are large in every wrong way are turned away without taking longer than good ones") {
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += ", \"key" + std::to_string(i) + "\": 1";
  const std::string twice = many + many;
  CHECK(read_scenario("{\"linger\": 1" + twice + "}").mistakes.size() == 1001);
  CHECK(mistakes_of(read_scenario("{\"linger\": 1, \"producers\": [{\"config\": {\"acks\": 1" + many + "}}]}")) ==
        "linger: plan.json: 1 mistake\n  /producers/0/config  has 50001 settings; the limit is 1000\n");
  std::string lists = "[0";
  for (int i = 0; i < 2'000'000; ++i) lists += ",0";
  CHECK(mistakes_of(read_scenario(lists + "]")) ==
        "linger: plan.json holds more than 2000000 values, which is the limit\n");
  std::string producers = "{}";
  for (int i = 0; i < 1000; ++i) producers += ",{}";
  CHECK(mistakes_of(read_scenario("{\"linger\": 1, \"producers\": [" + producers + "]}")) ==
        "linger: plan.json: 1 mistake\n  /producers  has 1001 elements; the limit is 1000 producers\n");
}

TEST_CASE("times are whole numbers with a unit, and are written in the largest unit that is exact") {
  CHECK(parse_time("5ms") == Duration::ms(5));
  CHECK(parse_time("2m") == Duration::s(120));
  CHECK(parse_time("9223372036854775807ns") == Duration::forever());
  CHECK_FALSE(parse_time("9223372036854775807us"));
  CHECK_FALSE(parse_time("1.5s"));
  CHECK_FALSE(parse_time("5"));
  CHECK_FALSE(parse_time("ms"));
  CHECK_FALSE(parse_time("-5ms"));
  CHECK(parse_time("-5ms", true) == Duration::ms(-5));
  CHECK(time_text(Duration::us(1500)) == "1500us");
  CHECK(time_text(Duration::s(90)) == "90s");
  CHECK(time_text(Duration::s(7200)) == "2h");
  CHECK(time_text(Duration{}) == "0ms");
  CHECK(time_text(Duration::ms(-3000)) == "-3s");
}

TEST_CASE("--set replaces, adds, appends and makes what is missing on the way") {
  const auto result = read_with({{"/producers/0/config/acks", "1"},
                                 {"/producers/0/config/enable.idempotence", "false"},
                                 {"/title", "Another title"},
                                 {"/faults/-", "{\"id\": \"more\", \"at\": \"1s\", \"pause\": \"b2\"}"},
                                 {"/network/loss_ppm", "5"},
                                 {"/consumers/0/topics", "[\"orders\"]"}});
  INFO(mistakes_of(result));
  REQUIRE(result.ok());
  CHECK(result.scenario->producers[0].config.at("acks") == "1");
  CHECK(result.scenario->title == "Another title");
  CHECK(result.scenario->faults.back().id == "more");
  CHECK(result.scenario->network.loss_ppm == 5);
  CHECK(result.scenario->consumers.at(0).name == "reader1");
  CHECK(mistakes_of(read_with({{"producers", "1"}})) ==
        "linger: plan.json --set producers: is not a JSON Pointer; expected something like /producers/0/config/acks\n");
  CHECK(mistakes_of(read_with({{"/title/x", "1"}})) ==
        "linger: plan.json --set /title/x: \"One lost acknowledgement\" has no members, so there is no place for x\n");
  CHECK(mistakes_of(read_with({{"/faults/9/do", "lose"}})) ==
        "linger: plan.json --set /faults/9/do: the list has 4 elements, there is no place 9\n");
}

TEST_CASE(
    "settings of a properties file reach every producer; what no producer has is one warning, or with strict a "
    "mistake") {
  Overrides overrides;
  overrides.producer_config =
      linger::read_properties(
          "bootstrap.servers=kafka1:9092\nacks=all\nlinger.ms=7\nsecurity.protocol=SSL\nschema.registry.url=x\n")
          .settings();
  overrides.producer_properties["linger.ms"] = "9";
  overrides.set = {{"/producers/1", "{\"name\": \"p2\"}"}};
  const ReadResult result = read_scenario(example(), overrides);
  INFO(mistakes_of(result));
  REQUIRE(result.ok());
  for (const ProducerSpec& producer : result.scenario->producers) {
    CHECK(producer.config.at("linger.ms") == "9");
    CHECK(producer.config.at("acks") == "all");
    CHECK_FALSE(producer.config.contains("schema.registry.url"));
  }
  overrides.set.emplace_back("/producers/1/config/linger.ms", "11");
  CHECK(read_scenario(example(), overrides).scenario->producers[1].config.at("linger.ms") == "11");
  CHECK(describe_mistakes("producer.properties", result.warnings, "warning") ==
        "linger: producer.properties: 3 warnings\n"
        "  schema.registry.url  no such setting\n"
        "  security.protocol  no effect here\n"
        "  bootstrap.servers  kafka1 is not in the simulated cluster, whose brokers stand in\n");
  overrides.strict = true;
  CHECK(mistakes_of(read_scenario(example(), overrides)) == "linger: plan.json schema.registry.url  no such setting\n");
}

TEST_CASE("an invalid combination of file and command line has its place in the producer's settings") {
  Overrides overrides;
  overrides.producer_properties["acks"] = "1";
  CHECK(mistakes_of(read_scenario(example(), overrides)) ==
        "linger: plan.json: 1 mistake\n"
        "  /producers/0/config/acks  \"1\"; the idempotent producer (enable.idempotence=true) needs acks=all\n");
}

TEST_CASE("--behaviour sets one switch for the cluster or for every producer, or corrects all of them") {
  Overrides overrides;
  overrides.behaviours = {"broker.deduplication=false", "producer.on_delivery_timeout=renumber"};
  const ReadResult one = read_scenario(example(), overrides);
  REQUIRE(one.ok());
  CHECK(one.scenario->cluster.behaviour == Behaviours{{"broker.deduplication", "false"}});
  CHECK(one.scenario->producers[0].behaviour == Behaviours{{"producer.on_delivery_timeout", "renumber"}});
  overrides.behaviours = {"corrected"};
  const ReadResult all = read_scenario(example(), overrides);
  REQUIRE(all.ok());
  CHECK(all.scenario->cluster.behaviour.at("broker.first_seq_without_state") == "zero");
  CHECK(all.scenario->producers[0].behaviour.at("producer.epoch_bump_awaits_unknown") == "true");
  overrides.behaviours = {"broker.deduplicate=false", "repl.truncate_rule=hw"};
  CHECK(mistakes_of(read_scenario(example(), overrides)) ==
        "linger: plan.json: 2 mistakes\n"
        "  --behaviour broker.deduplicate=false: no such behaviour; did you mean broker.deduplication?\n"
        "  --behaviour repl.truncate_rule=hw: behaviour 'repl.truncate_rule' cannot be 'hw'; expected one of "
        "leader_epoch|high_watermark\n");
}

TEST_CASE("--input sends the lines of a file as records, with keys before a separator and at a rate") {
  Overrides overrides;
  overrides.input = InputRecords{"records.txt", split_lines("k1:a\r\nk2:b:c\nk3:"), "", ":", 100};
  const ReadResult result = read_scenario(example(), overrides);
  INFO(mistakes_of(result));
  REQUIRE(result.ok());
  const auto& threads = result.scenario->producers[0].threads;
  REQUIRE(threads.size() == 1);
  REQUIRE(threads[0].steps.size() == 1);
  const auto& send = std::get<SendStep>(threads[0].steps[0].what);
  CHECK(send.topic == "orders");
  CHECK(send.count == 3);
  CHECK(send.every == Duration::ms(10));
  CHECK(send.key.lines == std::vector<std::string>{"k1", "k2", "k3"});
  CHECK(send.value.lines == std::vector<std::string>{"a", "b:c", ""});
  const std::string written = write_scenario(*result.scenario);
  CHECK(read_scenario(written).scenario == result.scenario);

  overrides.input->lines = {"no key"};
  CHECK(mistakes_of(read_scenario(example(), overrides)) ==
        "linger: plan.json --input records.txt: line 1 has no key separator\n");
  overrides.input->lines = {};
  CHECK(mistakes_of(read_scenario(example(), overrides)) ==
        "linger: plan.json --input records.txt: the file has no lines\n");
  overrides.input = InputRecords{"records.txt", {"a"}, "order", std::nullopt, std::nullopt};
  CHECK(mistakes_of(read_scenario(example(), overrides)) ==
        "linger: plan.json --input records.txt: no topic \"order\" in the scenario\n");
}

TEST_CASE("lines of a file named in the plan are read beside it and kept in what is written") {
  const Folder folder;
  folder.file("records.txt", "one\ntwo\n");
  const std::string plan = folder.file("plan.json",
                                       R"({"linger": 1, "cluster": {"topics": [{"name": "t"}]},
          "producers": [{"workload": [{"send": {"topic": "t", "count": 4, "value": {"file": "records.txt"}}}]}]})");
  const ReadResult result = read_scenario_file(plan);
  INFO(mistakes_of(result));
  REQUIRE(result.ok());
  const auto& value = std::get<SendStep>(result.scenario->producers[0].threads[0].steps[0].what).value;
  CHECK(value.lines == std::vector<std::string>{"one", "two"});
  CHECK(read_scenario(write_scenario(*result.scenario)).scenario == result.scenario);
}

TEST_CASE("docs/scenario.md is what the field lists print") {
  const std::string page = std::string(LINGER_SOURCE_DIR) + "/docs/scenario.md";
  if (std::getenv("LINGER_REWRITE") != nullptr) std::ofstream(page, std::ios::binary) << scenario_reference();
  CHECK(text_of(page) == scenario_reference());
}
