#include "ui/cli/coverage.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <variant>

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

void add_counts(Counts& sum, const Counts& one) {
  sum.sent += one.sent;
  sum.acked += one.acked;
  sum.failed += one.failed;
  sum.refused += one.refused;
  sum.stuck += one.stuck;
  sum.untold += one.untold;
  sum.aborted += one.aborted;
  sum.lost += one.lost;
  sum.deleted += one.deleted;
  sum.unavailable += one.unavailable;
  sum.failed_present += one.failed_present;
  sum.duplicated += one.duplicated;
  sum.duplicated_payloads += one.duplicated_payloads;
  sum.reordered += one.reordered;
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
  std::set<std::string> met;
  for (const KnownDefect& defect : result.known_defects) met.insert(defect.issue + " (" + defect.behaviour + ")");
  for (const std::string& defect : met) ++defects[defect];
  for (const Violation& violation : result.violations) ++violations[violation.name + " (" + violation.oracle + ")"];
}

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
  if (!c.defects.empty()) out += "\n  known defects of Kafka, in so many runs\n";
  for (const auto& [defect, count] : c.defects) out += "  " + left(defect, 58) + right(count, 9) + "\n";
  if (!c.violations.empty()) out += "\n  guarantees broken\n";
  for (const auto& [violation, count] : c.violations) out += "  " + left(violation, 58) + right(count, 9) + "\n";
  return out;
}

}  // namespace linger::cli
