#include "ui/cli/sweep_report.h"

#include <algorithm>
#include <utility>

#include "ui/cli/story_words.h"

namespace linger::cli {

using Json = nlohmann::ordered_json;

namespace {

/// So many failing runs are told; all of them are saved and counted.
constexpr std::size_t most_told = 20;
constexpr std::uint64_t seeds_a_case = 1000;

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string title_of(const SweepReport& report) {
  return report.question.random_plans ? std::string("random plans") : "variations of " + report.question.stem;
}

}  // namespace

void SweepReport::add(const Coverage& other, std::vector<SweepFailure> failed) {
  coverage.add(other);
  for (SweepFailure& failure : failed) failures.push_back(std::move(failure));
  std::sort(failures.begin(), failures.end(), [](const SweepFailure& a, const SweepFailure& b) { return a.seed < b.seed; });
  if (failures.size() > most_failures) failures.resize(most_failures);
}

Json question_to_json(const SweepQuestion& question) {
  Json json;
  json["plans"] = question.random_plans ? "random" : "variations";
  json["name"] = question.stem;
  if (!question.random_plans) json["plan"] = question.plan;
  json["first"] = question.first;
  json["seeds"] = question.seeds;
  json["behaviours"] = question.behaviours;
  json["strict"] = question.strict;
  return json;
}

Json failures_to_json(const std::vector<SweepFailure>& failures) {
  Json all = Json::array();
  for (const SweepFailure& failure : failures) {
    Json run = failure.result;
    run["failed_seed"] = failure.seed;
    run["what"] = failure.what;
    run["file"] = failure.file;
    all.push_back(std::move(run));
  }
  return all;
}

std::vector<SweepFailure> failures_from_json(const Json& json) {
  std::vector<SweepFailure> failures;
  for (const Json& run : json) {
    SweepFailure failure{run.at("failed_seed").get<std::uint64_t>(), run.at("file").get<std::string>(), run.at("what").get<std::string>(), run};
    for (const char* own : {"failed_seed", "what", "file"}) failure.result.erase(own);
    failures.push_back(std::move(failure));
  }
  return failures;
}

std::string to_json(const SweepReport& report) {
  Json all;
  all["schema"] = 1;
  all["verb"] = "sweep";
  all.update(question_to_json(report.question));
  all["shard"] = report.shard;
  all["shards"] = report.shards;
  all["done"] = report.coverage.runs;
  all["interrupted"] = report.interrupted;
  all["failing"] = report.coverage.failing;
  all.update(coverage_to_json(report.coverage));
  all["runs"] = failures_to_json(report.failures);
  return all.dump(2) + "\n";
}

std::variant<SweepReport, std::string> report_from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return "is no JSON";
  try {
    if (json.at("verb") != "sweep") return "is no report of a sweep, but of " + json.at("verb").get<std::string>();
    if (json.at("schema") != 1) return "has schema " + json.at("schema").dump() + "; this version of Linger reads 1";
    SweepReport report;
    SweepQuestion& question = report.question;
    question.random_plans = json.at("plans") == "random";
    question.stem = json.at("name").get<std::string>();
    if (!question.random_plans) question.plan = json.at("plan").get<std::string>();
    question.first = json.at("first").get<std::uint64_t>();
    question.seeds = json.at("seeds").get<std::uint64_t>();
    question.behaviours = json.at("behaviours").get<std::vector<std::string>>();
    question.strict = json.at("strict").get<bool>();
    report.shard = json.at("shard").get<std::uint64_t>();
    report.shards = json.at("shards").get<std::uint64_t>();
    report.interrupted = json.at("interrupted").get<bool>();
    report.coverage = coverage_from_json(json);
    report.coverage.runs = json.at("done").get<std::int64_t>();
    report.coverage.failing = json.at("failing").get<std::int64_t>();
    report.failures = failures_from_json(json.at("runs"));
    if (report.shards == 0 || report.shard == 0 || report.shard > report.shards) return "names a shard that there is not";
    return report;
  } catch (const nlohmann::json::exception&) {
    return "is no report of a sweep: linger sweep --json writes them";
  }
}

std::string in_words(const SweepReport& report, const std::string& folder, const Look& look) {
  const SweepQuestion& question = report.question;
  std::string out = counted(report.coverage.runs, "run") + " of " + title_of(report) + ", seeds " + std::to_string(question.first) + " to " +
                    std::to_string(question.first + std::max<std::uint64_t>(question.seeds, 1) - 1);
  if (report.shards > 1) out += ", shard " + std::to_string(report.shard) + " of " + std::to_string(report.shards);
  if (report.interrupted) {
    out += ", then interrupted";
  } else if (!report.complete()) {
    out += ", not all of them";
  }
  out += "\n\n" + coverage_in_words(report.coverage) + "\n";
  const std::size_t told = std::min(report.failures.size(), most_told);
  for (std::size_t i = 0; i < told; ++i) {
    const SweepFailure& failure = report.failures[i];
    out += "  " + painted(spelled("! seed " + std::to_string(failure.seed) + ": " + failure.what, look), Tone::failed, look) +
           "\n      linger run " + failure.file + "\n";
  }
  const std::int64_t more = report.coverage.failing - static_cast<std::int64_t>(told);
  if (more > 0) out += "  and " + std::to_string(more) + " more" + (folder.empty() ? "" : " in " + folder) + "\n";
  if (report.coverage.failing == 0) return out + "  " + painted(spelled("✓ no guarantee broken", look), Tone::fine, look) + "\n";
  return out + "  " + counted(report.coverage.failing, "run") + " with a broken guarantee" + (folder.empty() ? "" : "; their plans are in " + folder) + "\n";
}

std::string to_junit(const SweepReport& report) {
  const SweepQuestion& question = report.question;
  std::string cases;
  std::int64_t count = 0;
  const std::string group = "linger.sweep." + question.stem;
  std::size_t next = 0;
  for (std::uint64_t from = 0; from < question.seeds; from += seeds_a_case) {
    const std::uint64_t low = question.first + from;
    const std::uint64_t high = question.first + std::min(question.seeds, from + seeds_a_case) - 1;
    bool failed = false;
    for (; next < report.failures.size() && report.failures[next].seed <= high; ++next) {
      const SweepFailure& failure = report.failures[next];
      failed = true;
      ++count;
      cases += "    <testcase classname=\"" + xml(group) + "\" name=\"seed " + std::to_string(failure.seed) + "\">\n      <failure message=\"" + xml(failure.what) +
               "\">linger run " + xml(failure.file) + "</failure>\n    </testcase>\n";
    }
    ++count;
    cases += "    <testcase classname=\"" + xml(group) + "\" name=\"seeds " + std::to_string(low) + " to " + std::to_string(high) + (failed ? ", the others" : "") + "\"/>\n";
  }
  const auto kept = static_cast<std::int64_t>(report.failures.size());
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" + xml("linger sweep: " + title_of(report)) + "\" tests=\"" + std::to_string(count) +
         "\" failures=\"" + std::to_string(kept) + "\" errors=\"0\">\n    <properties>\n      <property name=\"runs\" value=\"" + std::to_string(report.coverage.runs) +
         "\"/>\n      <property name=\"failing\" value=\"" + std::to_string(report.coverage.failing) + "\"/>\n    </properties>\n" + cases +
         "  </testsuite>\n</testsuites>\n";
}

std::variant<SweepReport, std::string> join(std::vector<std::pair<std::string, SweepReport>> parts) {
  const std::pair<std::string, SweepReport>& model = parts.front();
  SweepReport whole;
  whole.question = model.second.question;
  whole.coverage = Coverage{whole.question.random_plans};
  std::vector<std::string> seen(model.second.shards);
  for (auto& [name, part] : parts) {
    if (part.question != model.second.question) return name + " is of another sweep than " + model.first;
    if (part.shards != model.second.shards) {
      return name + " is one of " + std::to_string(part.shards) + " shards, " + model.first + " one of " + std::to_string(model.second.shards);
    }
    std::string& before = seen[part.shard - 1];
    if (!before.empty()) return name + " is shard " + std::to_string(part.shard) + ", and so is " + before;
    before = name;
    whole.interrupted = whole.interrupted || part.interrupted;
    whole.add(part.coverage, std::move(part.failures));
  }
  return whole;
}

}  // namespace linger::cli
