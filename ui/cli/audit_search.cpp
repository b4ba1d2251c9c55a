#include "ui/cli/audit_search.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/worker_pool.h"

namespace linger::cli {

using namespace scenarios;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t samples_a_piece = 50;

Json to_json(const AuditPart& part) {
  Json json;
  json["enumerated"] = part.enumerated;
  json["sampled"] = part.sampled;
  json["complete"] = part.complete;
  json["covered"] = part.covered;
  json["found"] = Json::array();
  for (const AuditFound& found : part.found) {
    json["found"].push_back(Json{{"anomaly", static_cast<int>(found.anomaly)}, {"standing", static_cast<int>(found.standing)}, {"source", found.source},
                                 {"faults", found.faults}, {"sampled", found.sampled}, {"plan", write_scenario(found.plan)}});
  }
  return json;
}

AuditPart part_from_json(const Json& json) {
  AuditPart part;
  for (std::size_t i = 0; i < std::size(part.enumerated); ++i) {
    part.enumerated[i] = json.at("enumerated").at(i).get<std::int64_t>();
    part.sampled[i] = json.at("sampled").at(i).get<std::int64_t>();
  }
  part.complete = json.at("complete").get<bool>();
  part.covered = json.at("covered").get<double>();
  for (const Json& found : json.at("found")) {
    ReadResult plan = read_scenario(found.at("plan").get<std::string>());
    part.found.push_back({static_cast<Anomaly>(found.at("anomaly").get<int>()), static_cast<Standing>(found.at("standing").get<int>()),
                          found.at("source").get<std::string>(), found.at("faults").get<std::int32_t>(), found.at("sampled").get<bool>(), *std::move(plan.scenario)});
  }
  return part;
}

}  // namespace

std::optional<std::string> search_audit(const AuditTask& task, AuditPart& all) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(task.seconds);
  const auto stop = [end, asked = std::int64_t{0}]() mutable { return interrupted() || (++asked % 64 == 0 && Clock::now() > end); };
  const AuditQuestion& question = task.question;
  const std::uint64_t samples = static_cast<std::uint64_t>((question.samples + samples_a_piece - 1) / samples_a_piece);
  // The enumeration in more pieces than processes, so that none waits long for another; their number is fixed, since it decides what is merged.
  constexpr std::uint64_t enumerations = 16;
  PooledWork work;
  work.pieces = enumerations + samples * static_cast<std::uint64_t>(question.faults);
  work.work = [&](std::uint64_t piece) -> std::optional<std::string> {
    if (piece < enumerations) return to_json(enumerate(question, static_cast<std::uint32_t>(piece), enumerations, stop)).dump();
    const std::uint64_t number = piece - enumerations;
    const auto faults = static_cast<std::int32_t>(number % static_cast<std::uint64_t>(question.faults)) + 1;
    const std::uint64_t first = number / static_cast<std::uint64_t>(question.faults) * samples_a_piece;
    const std::int64_t runs = std::min(samples_a_piece, question.samples - static_cast<std::int64_t>(first));
    return to_json(sample(question, faults, first + 1, runs, stop)).dump();
  };
  // Parts are put together in their own order, whatever the order in which they are finished.
  std::vector<std::string> parts(work.pieces);
  work.take = [&](std::uint64_t piece, const std::string& text) {
    parts[piece] = text;
    return !interrupted();
  };
  if (auto sentence = work_in_processes(task.processes, work)) return sentence;
  for (const std::string& text : parts) {
    if (text.empty()) {
      all.complete = false;
    } else {
      add(all, part_from_json(Json::parse(text)));
    }
  }
  return std::nullopt;
}

}  // namespace linger::cli
