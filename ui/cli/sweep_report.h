#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ui/cli/coverage.h"
#include "ui/cli/story_layout.h"

namespace linger::cli {

/// What a sweep was asked: reports with equal questions can be joined.
struct SweepQuestion {
  bool random_plans = true;
  std::string stem = "swarm";     ///< names failing plans: the file's, or `swarm`
  std::string plan;               ///< of which variations are drawn, as one line of JSON; empty: random plans
  std::uint64_t first = 1;
  std::uint64_t seeds = 1000;
  std::vector<std::string> behaviours;
  bool strict = false;
  friend bool operator==(const SweepQuestion&, const SweepQuestion&) = default;
};

/// A run that failed.
struct SweepFailure {
  std::uint64_t seed = 0;
  std::string file;  ///< its plan
  std::string what;
  nlohmann::ordered_json result;
};

/// What came of some of a sweep's seeds: of one run, one process, one machine, or all of them. Its size does not grow with their number.
struct SweepReport {
  SweepQuestion question;
  std::uint64_t shard = 1;   ///< this is the n-th of `shards` parts
  std::uint64_t shards = 1;
  Coverage coverage{false};
  std::vector<SweepFailure> failures;  ///< by seed, at most most_failures
  bool interrupted = false;

  static constexpr std::size_t most_failures = 200;

  /// Seeds that this part has to run.
  std::uint64_t seeds_of_part() const { return question.seeds / shards + (shard <= question.seeds % shards ? 1 : 0); }
  /// The i-th of them, from 0: shards take turns.
  std::uint64_t seed(std::uint64_t i) const { return question.first + i * shards + shard - 1; }
  bool complete() const { return static_cast<std::uint64_t>(coverage.runs) == seeds_of_part(); }

  /// Adds what came of other seeds of the same question. The order of additions does not matter.
  void add(const Coverage& other, std::vector<SweepFailure> failed);
};

nlohmann::ordered_json question_to_json(const SweepQuestion& question);
nlohmann::ordered_json failures_to_json(const std::vector<SweepFailure>& failures);
std::vector<SweepFailure> failures_from_json(const nlohmann::ordered_json& json);

/// The object that `--json` prints; report_from_json reads it back.
std::string to_json(const SweepReport& report);
/// The sentence that says what is wrong, if it is no report of a sweep.
std::variant<SweepReport, std::string> report_from_json(const std::string& text);

/// For people: coverage, failures, and the verdict. `folder`: where the plans of failures are.
std::string in_words(const SweepReport& report, const std::string& folder, const Look& look);

/// For CI systems, which show what failed: a test case for each run that failed, and one for each thousand seeds among which others did not (JUnit's XML as Jenkins and GitLab
/// read it).
std::string to_junit(const SweepReport& report);

/// All parts of one sweep joined, or the sentence that says which report does not fit. Requires at least one.
std::variant<SweepReport, std::string> join(std::vector<std::pair<std::string, SweepReport>> parts);

}  // namespace linger::cli
