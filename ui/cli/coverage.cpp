#include "ui/cli/coverage.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "scenarios/random_plan.h"

namespace linger::cli {
namespace {

using namespace scenarios;

std::string forged_key(std::string_view api, std::string_view error, bool after_append) {
  std::string key = std::string(api) + " " + std::string(error);
  const bool both = std::any_of(forging_table().begin(), forging_table().end(),
                                [&](const ForgedPair& pair) { return pair.api == api && pair.after_append; });
  if (both) key += after_append ? " after the append" : " before the append";
  return key;
}

/// Calls see(name, member) for every sum over the ledgers.
template <class C, class See>
void for_each_count(C& c, const See& see) {
  see("sent", c.sent);
  see("acked", c.acked);
  see("failed", c.failed);
  see("refused", c.refused);
  see("stuck", c.stuck);
  see("untold", c.untold);
  see("aborted", c.aborted);
  see("lost", c.lost);
  see("deleted", c.deleted);
  see("unavailable", c.unavailable);
  see("failed_present", c.failed_present);
  see("duplicated", c.duplicated);
  see("duplicated_payloads", c.duplicated_payloads);
  see("reordered", c.reordered);
}

/// Calls see(name, member) for every other sum but `runs` and `failing`.
template <class C, class See>
void for_each_sum(C& c, const See& see) {
  see("events", c.events);
  see("frames", c.frames);
  see("runs_with_election", c.with_election);
  see("runs_with_retry", c.with_retry);
  see("runs_with_transactions", c.with_transactions);
  see("transactions_begun", c.transactions);
  see("transactions_committed", c.committed);
  see("transactions_aborted", c.aborted);
  see("faults_planned", c.faults.planned);
  see("faults_hit", c.faults.hit);
}

void add_counts(Counts& sum, const Counts& one) {
  std::vector<std::int64_t> values;
  for_each_count(one, [&](const char*, std::int64_t value) { values.push_back(value); });
  std::size_t next = 0;
  for_each_count(sum, [&](const char*, std::int64_t& member) { member += values[next++]; });
}

void add_all(std::map<std::string, std::int64_t>& sum, const std::map<std::string, std::int64_t>& more) {
  for (const auto& [key, count] : more) sum[key] += count;
}

std::string right(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string left(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return std::to_string(whole == 0 ? 0 : part * 100 / whole) + " %";
}

}  // namespace

Coverage::Coverage(bool random_plans) {
  if (!random_plans) return;
  for (const std::string_view kind : fault_kinds()) by_kind.try_emplace(std::string(kind));
  for (const ForgedPair& pair : forging_table())
    forged.try_emplace(forged_key(pair.api, error_name(pair.error), pair.after_append), 0);
}

void Coverage::add(const Run& run) {
  const RunResult& result = run.result;
  ++runs;
  events += result.events;
  frames += result.frames;
  with_election += run.elections > 0 ? 1 : 0;
  with_retry += std::any_of(result.producers.begin(), result.producers.end(),
                            [](const ProducerResult& p) { return p.retries > 0; })
                    ? 1
                    : 0;
  with_transactions += run.ledger.transactions.empty() ? 0 : 1;
  for (const LedgerTransaction& transaction : run.ledger.transactions) {
    ++transactions;
    committed += transaction.state == LedgerTransaction::State::committed ? 1 : 0;
    aborted += transaction.state == LedgerTransaction::State::aborted ? 1 : 0;
  }
  add_counts(records, result.counts);
  const std::vector<Fault>& plan = run.setup->scenario.faults;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const bool hit = result.faults[i].hits > 0;
    Faults& kind = by_kind[std::string(kind_of(plan[i].action))];
    ++kind.planned;
    ++faults.planned;
    kind.hit += hit ? 1 : 0;
    faults.hit += hit ? 1 : 0;
    const auto* answer = std::get_if<Answer>(&plan[i].action);
    if (answer != nullptr && plan[i].on)
      forged[forged_key(plan[i].on->api, answer->error, answer->after_append)] += result.faults[i].hits;
  }
  for (const Situation& situation : run.counters.situations) {
    ++situations[std::string(kind_of(plan[situation.fault].action)) + " | " + std::string(situation_name(situation.producer)) + " | " +
                 std::string(situation_name(situation.cluster))];
  }
  std::set<std::string> met;
  for (const KnownDefect& defect : result.known_defects) met.insert(defect.issue + " (" + defect.behaviour + ")");
  for (const std::string& defect : met) ++defects[defect];
  if (!result.unmet.empty()) ++violations["expectation not met"];
  for (const Violation& violation : result.violations) ++violations[violation.name + " (" + violation.oracle + ")"];
}

void Coverage::add(const Coverage& other) {
  runs += other.runs;
  failing += other.failing;
  std::vector<std::int64_t> values;
  for_each_sum(other, [&](const char*, auto value) { values.push_back(static_cast<std::int64_t>(value)); });
  std::size_t next = 0;
  for_each_sum(*this, [&](const char*, auto& member) { member += static_cast<std::remove_reference_t<decltype(member)>>(values[next++]); });
  add_counts(records, other.records);
  for (const auto& [kind, more] : other.by_kind) {
    by_kind[kind].planned += more.planned;
    by_kind[kind].hit += more.hit;
  }
  add_all(forged, other.forged);
  add_all(situations, other.situations);
  add_all(defects, other.defects);
  add_all(violations, other.violations);
}

nlohmann::ordered_json coverage_to_json(const Coverage& coverage) {
  using Json = nlohmann::ordered_json;
  Json all;
  for_each_count(coverage.records, [&](const char* name, std::int64_t value) { all["records"][name] = value; });
  Json& sums = all["coverage"];
  for_each_sum(coverage, [&](const char* name, auto value) { sums[name] = value; });
  sums["by_kind"] = Json::object();
  for (const auto& [kind, faults] : coverage.by_kind) sums["by_kind"][kind] = Json{{"planned", faults.planned}, {"hit", faults.hit}};
  sums["forged"] = Json::object();
  for (const auto& [answer, count] : coverage.forged) sums["forged"][answer] = count;
  sums["situations"] = Json::object();
  for (const auto& [situation, count] : coverage.situations) sums["situations"][situation] = count;
  all["known_defects"] = Json::object();
  for (const auto& [defect, count] : coverage.defects) all["known_defects"][defect] = count;
  all["violations"] = Json::object();
  for (const auto& [violation, count] : coverage.violations) all["violations"][violation] = count;
  return all;
}

Coverage coverage_from_json(const nlohmann::ordered_json& json) {
  Coverage coverage{false};
  const auto map = [](const nlohmann::ordered_json& from) { return from.get<std::map<std::string, std::int64_t>>(); };
  for_each_count(coverage.records, [&](const char* name, std::int64_t& member) { member = json.at("records").at(name).get<std::int64_t>(); });
  const nlohmann::ordered_json& sums = json.at("coverage");
  for_each_sum(coverage, [&](const char* name, auto& member) { member = sums.at(name).get<std::remove_reference_t<decltype(member)>>(); });
  for (const auto& [kind, faults] : sums.at("by_kind").items()) {
    coverage.by_kind[kind] = {faults.at("planned").get<std::int64_t>(), faults.at("hit").get<std::int64_t>()};
  }
  coverage.forged = map(sums.at("forged"));
  coverage.situations = map(sums.at("situations"));
  coverage.defects = map(json.at("known_defects"));
  coverage.violations = map(json.at("violations"));
  return coverage;
}

namespace {

/// How many different situations each kind of fault has struck in, and the rarest.
std::string situations_in_words(const Coverage& c) {
  if (c.situations.empty()) return {};
  constexpr std::size_t told = 8;
  std::vector<std::pair<std::int64_t, std::string>> rare;
  for (const auto& [situation, count] : c.situations) rare.emplace_back(count, situation);
  std::sort(rare.begin(), rare.end());
  std::string out = "\n  " + std::to_string(rare.size()) + " situations (fault | producer | cluster), the rarest\n";
  for (std::size_t i = 0; i < std::min(told, rare.size()); ++i) out += "  " + left(rare[i].second, 58) + right(rare[i].first, 9) + "\n";
  return out;
}

}  // namespace

std::string coverage_in_words(const Coverage& c) {
  const Counts& r = c.records;
  std::string out = "  records   sent " + std::to_string(r.sent) + "   acked " + std::to_string(r.acked) +
                    "   failed " + std::to_string(r.failed) + "   refused " + std::to_string(r.refused) + "   untold " +
                    std::to_string(r.untold) + "   aborted " + std::to_string(r.aborted) + "\n";
  out += "            lost " + std::to_string(r.lost) + "   duplicated " + std::to_string(r.duplicated) +
         "   reordered " + std::to_string(r.reordered) + "   failed but written " + std::to_string(r.failed_present) +
         "\n";
  out += "  runs      with an election " + percent(c.with_election, c.runs) + "   with a retry " +
         percent(c.with_retry, c.runs) + "   with transactions " + percent(c.with_transactions, c.runs) + "\n";
  if (c.transactions > 0)
    out += "  transactions begun " + std::to_string(c.transactions) + "   committed " + std::to_string(c.committed) +
           "   aborted " + std::to_string(c.aborted) + "   undecided for their applications " +
           std::to_string(c.transactions - c.committed - c.aborted) + "\n";
  out += "  faults    planned " + std::to_string(c.faults.planned) + "   hit " + std::to_string(c.faults.hit) + " (" +
         percent(c.faults.hit, c.faults.planned) + ")\n\n";
  if (!c.by_kind.empty()) out += "  fault                  planned       hit\n";
  for (const auto& [kind, faults] : c.by_kind)
    out += "  " + left(kind, 20) + right(faults.planned, 10) + right(faults.hit, 10) + "\n";
  if (!c.forged.empty()) out += "\n  forged answer                                                 given\n";
  for (const auto& [answer, count] : c.forged) out += "  " + left(answer, 58) + right(count, 9) + "\n";
  out += situations_in_words(c);
  if (!c.defects.empty()) out += "\n  known defects of Kafka, in so many runs\n";
  for (const auto& [defect, count] : c.defects) out += "  " + left(defect, 58) + right(count, 9) + "\n";
  if (!c.violations.empty()) out += "\n  guarantees broken\n";
  for (const auto& [violation, count] : c.violations) out += "  " + left(violation, 58) + right(count, 9) + "\n";
  return out;
}

}  // namespace linger::cli
