#include "scenarios/result.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/scenario.h"

namespace linger::scenarios {

using Json = nlohmann::ordered_json;

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::acked_present: return "acked-present";
    case Verdict::acked_lost: return "acked-lost";
    case Verdict::acked_deleted: return "acked-deleted";
    case Verdict::acked_unavailable: return "acked-unavailable";
    case Verdict::failed_absent: return "failed-absent";
    case Verdict::failed_present: return "failed-present";
    case Verdict::refused: return "refused";
    case Verdict::stuck: return "stuck";
    case Verdict::untold_present: return "untold-present";
    case Verdict::untold_absent: return "untold-absent";
    case Verdict::aborted_absent: return "aborted-absent";
    case Verdict::aborted_visible: return "aborted-visible";
  }
  return "";
}

std::string hex64(std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4) text[static_cast<std::size_t>(i)] = digits[value & 15];
  return text;
}

bool RunResult::faults_missed() const {
  return std::any_of(faults.begin(), faults.end(), [](const FaultResult& f) { return f.must_hit && f.hits == 0; });
}

namespace {

Json record_number(RecordIndex record) {
  return record == no_record ? Json(nullptr) : Json(record);
}

/// JSON has no NaN: null.
Json metric_value(const MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  return describe(value);
}

Json as_json(const RunResult& result) {
  const Counts& c = result.counts;
  Json out;
  out["schema"] = 1;
  out["scenario"] = result.scenario;
  out["seed"] = result.seed;
  out["hash"] = hex64(result.fingerprint);
  out["virtual_ms"] = result.virtual_ns / 1'000'000;
  out["virtual_ns"] = result.virtual_ns;
  out["events"] = result.events;
  out["records"] = Json{{"sent", c.sent},
                        {"acked", c.acked},
                        {"failed", c.failed},
                        {"refused", c.refused},
                        {"stuck", c.stuck},
                        {"untold", c.untold},
                        {"lost", c.lost},
                        {"deleted", c.deleted},
                        {"unavailable", c.unavailable},
                        {"aborted", c.aborted},
                        {"failed_present", c.failed_present},
                        {"duplicated", c.duplicated},
                        {"duplicated_payloads", c.duplicated_payloads},
                        {"reordered", c.reordered}};
  out["producers"] = Json::object();
  for (const ProducerResult& p : result.producers) {
    out["producers"][p.name] = Json{{"producer_id", p.producer_id},
                                    {"epoch", p.epoch},
                                    {"epoch_bumps", p.epoch_bumps},
                                    {"produce_requests", p.produce_requests},
                                    {"retries", p.retries},
                                    {"ack_latency_us", {{"p50", p.ack_latency_p50_us}, {"max", p.ack_latency_max_us}}}};
    if (p.metrics.empty()) continue;
    Json& metrics = out["producers"][p.name]["metrics"] = Json::object();
    for (const Metric& metric : p.metrics) metrics[metric.full_name()] = metric_value(metric.value);
  }
  out["partitions"] = Json::object();
  for (const PartitionResult& p : result.partitions) {
    out["partitions"][p.name] = Json{{"log_start", p.log_start},
                                     {"log_end", p.log_end},
                                     {"high_watermark", p.high_watermark},
                                     {"last_stable_offset", p.last_stable_offset},
                                     {"leader", p.leader.empty() ? Json(nullptr) : Json(p.leader)},
                                     {"leader_epoch", p.leader_epoch},
                                     {"isr", p.isr},
                                     {"elr", p.elr}};
  }
  if (!result.transfers.empty()) out["transfers"] = Json::array();
  for (const TransferResult& t : result.transfers) {
    out["transfers"].push_back(Json{{"producer", t.producer},
                                    {"from", t.from},
                                    {"to", t.to},
                                    {"group", t.group},
                                    {"exactly_once", t.exactly_once},
                                    {"input", t.input},
                                    {"once", t.once},
                                    {"missing", t.missing},
                                    {"twice", t.twice}});
  }
  out["faults"] = Json::array();
  for (const FaultResult& f : result.faults) out["faults"].push_back(Json{{"id", f.id}, {"matched", f.matched}, {"hits", f.hits}});
  out["violations"] = Json::array();
  for (const Violation& v : result.violations) {
    out["violations"].push_back(
        Json{{"name", v.name}, {"oracle", v.oracle}, {"record", record_number(v.record)}, {"detail", v.detail}});
  }
  out["known_defects"] = Json::array();
  for (const KnownDefect& d : result.known_defects) {
    out["known_defects"].push_back(Json{{"issue", d.issue},
                                        {"record", record_number(d.violation.record)},
                                        {"name", d.violation.name},
                                        {"behaviour", d.behaviour}});
  }
  out["expect"] = Json{{"met", result.unmet.empty()}, {"unmet", result.unmet}};
  return out;
}

/// `acked` stands for `/records/acked`; anything that begins with a slash is a JSON Pointer into the result.
std::string pointer_of(const std::string& key) {
  return key.starts_with('/') ? key : "/records/" + key;
}

std::string describe(const Range& range) {
  if (range.min && range.max && *range.min == *range.max) return std::to_string(*range.min);
  if (range.min && range.max) return std::to_string(*range.min) + " to " + std::to_string(*range.max);
  return range.min ? "at least " + std::to_string(*range.min) : "at most " + std::to_string(range.max.value_or(0));
}

}  // namespace

std::string to_json(const RunResult& result, bool pretty) {
  return as_json(result).dump(pretty ? 2 : -1);
}

std::vector<std::string> unmet_expectations(const RunResult& result, const Expectation& expect) {
  std::vector<std::string> unmet;
  if (expect.counts.empty() && expect.values.empty() && !expect.violations && !expect.acked_within) return unmet;
  const Json all = as_json(result);
  const auto look_up = [&](const std::string& key) -> const Json* {
    const Json::json_pointer pointer(pointer_of(key));
    return all.contains(pointer) ? &all.at(pointer) : nullptr;
  };
  for (const auto& [key, range] : expect.counts) {
    const Json* found = look_up(key);
    if (found == nullptr || !found->is_number()) {
      unmet.push_back(key + ": the result has no such number");
      continue;
    }
    const auto value = found->get<std::int64_t>();
    if ((range.min && value < *range.min) || (range.max && value > *range.max)) {
      unmet.push_back(key + " is " + std::to_string(value) + ", expected " + describe(range));
    }
  }
  for (const auto& [key, text] : expect.values) {
    const Json* found = look_up(key);
    if (found == nullptr || *found != Json::parse(text)) {
      unmet.push_back(key + " is " + (found == nullptr ? "absent" : found->dump()) + ", expected " + text);
    }
  }
  if (expect.violations) {
    std::vector<std::string> names;
    for (const Violation& v : result.violations) names.push_back(v.name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (names != *expect.violations) {
      unmet.push_back("violations are " + Json(names).dump() + ", expected " + Json(*expect.violations).dump());
    }
  }
  if (expect.acked_within) {
    for (const ProducerResult& p : result.producers) {
      if (p.ack_latency_max_us > expect.acked_within->us()) {
        unmet.push_back("the slowest acknowledgement of " + p.name + " took " + std::to_string(p.ack_latency_max_us) + " us, expected within " +
                        expect.acked_within->describe());
      }
    }
  }
  return unmet;
}

}  // namespace linger::scenarios
