#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "scenarios/reading.h"
#include "scenarios/scenario_checks.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"

namespace linger::scenarios {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
/// From large to small, so that time_text finds the largest that divides.
constexpr std::array units{Unit{"h", 3'600'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"s", 1'000'000'000},
                           Unit{"ms", 1'000'000},        Unit{"us", 1'000},         Unit{"ns", 1}};

constexpr std::size_t most_mistakes = 1000;

/// Sorts by place in the file, keeps the first of several about one place and anything below it that only follows from
/// it.
std::vector<Mistake> in_file_order(const JsonNode& root, std::vector<Mistake> mistakes) {
  std::vector<std::pair<std::size_t, Mistake>> placed;
  std::vector<std::string> pointers;
  for (const Mistake& one : mistakes) pointers.push_back(one.pointer);
  const auto places = places_of(root, pointers);
  for (std::size_t i = 0; i < mistakes.size(); ++i) placed.emplace_back(places[i], std::move(mistakes[i]));
  std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Mistake> sorted;
  for (auto& [place, one] : placed) {
    if (std::find(sorted.begin(), sorted.end(), one) != sorted.end()) continue;
    if (sorted.size() == most_mistakes) {
      sorted.push_back({"", "and more: only the first " + std::to_string(most_mistakes) + " mistakes are named"});
      break;
    }
    sorted.push_back(std::move(one));
  }
  return sorted;
}

}  // namespace

std::optional<Duration> parse_time(std::string_view text, bool may_be_negative) {
  std::string_view digits = text;
  if (!digits.empty() && digits.front() == '-' && may_be_negative) digits.remove_prefix(1);
  const std::size_t end_of_digits = std::min(digits.find_first_not_of("0123456789"), digits.size());
  const std::string_view unit = digits.substr(end_of_digits);
  digits = digits.substr(0, end_of_digits);
  const auto found = std::find_if(units.begin(), units.end(), [unit](const Unit& one) { return one.name == unit; });
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (found == units.end() || error != std::errc{}) return std::nullopt;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(value, found->ns, &ns)) return std::nullopt;
  return Duration::ns(text.front() == '-' ? -ns : ns);
}

std::string time_text(Duration time) {
  if (time.ns() == 0) return "0ms";
  for (const Unit& unit : units) {
    if (unit.name == "m") continue;  // 90s, not 1m and a rest
    if (time.ns() % unit.ns == 0) return std::to_string(time.ns() / unit.ns) + std::string(unit.name);
  }
  return std::to_string(time.ns()) + "ns";
}

FileText read_file(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return {std::nullopt, std::string("cannot be read: ") + std::strerror(errno)};
  if (S_ISDIR(about.st_mode)) return {std::nullopt, "is a directory; expected a file"};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return {std::nullopt, std::string("cannot be read: ") + std::strerror(errno)};
  std::string bytes;
  std::array<char, 65536> buffer{};
  for (;;) {
    const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get());
    bytes.append(buffer.data(), got);
    if (bytes.size() > static_cast<std::size_t>(ScenarioLimits::file_bytes))
      return {std::nullopt, "is larger than 64 MB, which is the limit"};
    if (got < buffer.size()) break;
  }
  if (std::ferror(file.get()) != 0) return {std::nullopt, "cannot be read to its end"};
  return {std::move(bytes), {}};
}

std::string describe_mistakes(const std::string& file, const std::vector<Mistake>& mistakes, std::string_view what) {
  if (mistakes.empty()) return {};
  if (mistakes.size() == 1 && mistakes[0].pointer.empty()) return "linger: " + file + " " + mistakes[0].message + "\n";
  std::string out = "linger: " + file + ": " + std::to_string(mistakes.size()) + " " + std::string(what) +
                    (mistakes.size() == 1 ? "" : "s") + "\n";
  for (const Mistake& one : mistakes)
    out += "  " + (one.pointer.empty() ? std::string() : one.pointer + "  ") + one.message + "\n";
  return out;
}

ReadResult read_scenario(std::string_view text, const Overrides& overrides, const std::string& folder) {
  ReadResult result;
  if (text.size() > static_cast<std::size_t>(ScenarioLimits::file_bytes)) {
    result.mistakes.push_back({"", "is larger than 64 MB, which is the limit"});
    return result;
  }
  JsonResult json = parse_json(text);
  if (!json.root) {
    result.mistakes = std::move(json.mistakes);
    return result;
  }
  std::vector<Mistake> mistakes = std::move(json.mistakes);
  apply_overrides(*json.root, overrides, mistakes, result.warnings);

  Scenario scenario;
  Reading reading(folder);
  reading.read_root(*json.root, scenario);
  mistakes.insert(mistakes.end(), reading.mistakes.begin(), reading.mistakes.end());
  const bool countable = std::none_of(reading.mistakes.begin(), reading.mistakes.end(), [](const Mistake& one) {
    return one.pointer.empty() || one.pointer == "/linger" || one.pointer == "/cluster" ||
           one.pointer == "/cluster/brokers";
  });
  if (countable) {
    for (const std::string& behaviour : overrides.behaviours) {
      if (auto sentence = apply_behaviour(scenario, behaviour))
        mistakes.push_back({"", "--behaviour " + behaviour + ": " + *sentence});
    }
    if (overrides.input) {
      if (auto sentence = apply_input(scenario, *overrides.input))
        mistakes.push_back({"", "--input " + overrides.input->file + ": " + *sentence});
    }
    CheckOptions options;
    options.overriding = overrides.producer_config;
    for (const auto& [key, value] : overrides.producer_properties) options.overriding[key] = value;
    options.strict = overrides.strict;
    check_references(scenario, reading.references, mistakes);
    check_values(scenario, options, mistakes, result.warnings);
  }
  result.mistakes = in_file_order(*json.root, std::move(mistakes));
  result.warnings = in_file_order(*json.root, std::move(result.warnings));
  if (result.mistakes.empty()) result.scenario = std::move(scenario);
  return result;
}

ReadResult read_scenario_file(const std::string& path, const Overrides& overrides) {
  FileText file = read_file(path);
  if (!file.bytes) {
    ReadResult result;
    result.mistakes.push_back({"", std::move(file.error)});
    return result;
  }
  const std::size_t slash = path.rfind('/');
  return read_scenario(*file.bytes, overrides, slash == std::string::npos ? std::string() : path.substr(0, slash));
}

std::vector<Mistake> check_scenario(const Scenario& scenario) {
  return read_scenario(write_scenario(scenario)).mistakes;
}

}  // namespace linger::scenarios
