#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_schema.h"

using namespace linger::scenarios;

namespace {

std::vector<std::filesystem::path> corpus(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  const std::string root = std::string(LINGER_SOURCE_DIR) + "/tests/corpus/scenarios/" + folder;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The shipped schema, asked by a validator that is not ours.
class Judge {
 public:
  Judge() : text_(nlohmann::json::parse(scenario_schema())) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    const valijson::adapters::NlohmannJsonAdapter adapter(text_);
    parser.populateSchema(adapter, schema_);
  }
  bool accepts(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const nlohmann::json document = nlohmann::json::parse(stream);
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, adapter, nullptr);
  }

 private:
  nlohmann::json text_;
  valijson::Schema schema_;
};

}  // namespace

TEST_CASE("reader and schema agree: both accept the good files and refuse those whose form is wrong") {
  Judge judge;
  const auto good = corpus("good");
  const auto bad = corpus("bad");
  CHECK(good.size() >= 7);
  CHECK(bad.size() >= 90);
  for (const auto& file : good) {
    INFO(file.filename() << "\n" << describe_mistakes(file.filename(), read_scenario_file(file).mistakes));
    CHECK(read_scenario_file(file).ok());
    CHECK(judge.accepts(file));
  }
  for (const auto& file : bad) {
    INFO(file.filename());
    CHECK_FALSE(read_scenario_file(file).ok());
    CHECK_FALSE(judge.accepts(file));
  }
}

TEST_CASE(
    "what only the reader can know, a name that does not exist or a value that Kafka refuses, the schema lets "
    "through") {
  Judge judge;
  const auto mistaken = corpus("mistaken");
  CHECK(mistaken.size() >= 30);
  for (const auto& file : mistaken) {
    INFO(file.filename());
    CHECK_FALSE(read_scenario_file(file).ok());
    CHECK(judge.accepts(file));
  }
}
