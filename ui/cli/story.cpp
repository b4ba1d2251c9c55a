#include "ui/cli/story.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "scenarios/trace_kinds.h"
#include "ui/cli/story_folding.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using namespace scenarios;

constexpr std::size_t violations_shown = 4;

std::string producer_in_words(const ProducerSpec& spec, const ProducerSetup& setup) {
  const ProducerConfig& config = setup.config;
  std::string out = "acks=" + (config.acks == -1 ? std::string("all") : std::to_string(config.acks));
  out += config.enable_idempotence ? ", idempotent" : ", not idempotent";
  out += ", linger " + std::to_string(config.linger_ms) + " ms";
  for (const auto& [key, value] : spec.config) {
    if (key == "acks" || key == "enable.idempotence" || key == "linger.ms") continue;
    if (columns(out) > 110) {
      out += ", …";
      break;
    }
    out += ", " + key + "=" + value;
  }
  for (const auto& [name, value] : spec.behaviour) out += ", " + name + "=" + value;
  return out;
}

std::string cluster_in_words(const Setup& setup) {
  const ClusterSpec& cluster = setup.scenario.cluster;
  std::string out = counted(cluster.brokers, "broker");
  for (const TopicSpec& topic : cluster.topics) {
    std::vector<std::string> replicas;
    for (const std::int32_t replica : replicas_of(topic, 0, cluster.brokers))
      replicas.push_back("b" + std::to_string(replica));
    out +=
        ", " + (topic.partitions == 1 ? topic.name + "-0 on " + listed(replicas, 8, " ")
                                      : topic.name + " with " + counted(topic.partitions, "partition") + " on " +
                                            counted(static_cast<std::int64_t>(replicas.size()), "replica") + " each");
    for (const auto& [key, value] : topic.config) out += ", " + key + " " + value;
  }
  for (const auto& [key, value] : cluster.config) out += ", " + key + " " + value;
  for (const auto& [name, value] : cluster.behaviour) out += ", " + name + "=" + value;
  return out;
}

bool untroubled(const Counts& c) {
  return c.lost == 0 && c.duplicated == 0 && c.reordered == 0 && c.failed_present == 0 && c.stuck == 0 &&
         c.failed == 0 && c.corrupted == 0 && c.wrong_offset == 0 && c.unavailable == 0;
}

std::string logs_in_words(const RunResult& result) {
  std::vector<std::string> words;
  for (const PartitionResult& p : result.partitions) {
    const std::int64_t records = p.log_end - p.log_start;
    words.push_back(p.name + ": " + counted(records, "record") + " in the log" +
                    (p.leader.empty() ? ", no leader" : ""));
  }
  return listed(words, 3, "   ");
}

void add_flagged(std::string& out, const Run& run, const Look& look, const char* sign, Tone tone, const char* meaning,
                 bool (*concerned)(const RecordFate&)) {
  const std::string names = records_in_words(run, concerned);
  if (names.empty()) return;
  out += "  " + painted(spelled(std::string(sign) + " " + names + meaning, look), tone, look) + "\n";
}

}  // namespace

std::string record_name(const Run& run, RecordIndex record) {
  const LedgerRecord& entry = run.ledger.records[record];
  const std::string number = "r" + std::to_string(entry.number);
  return run.setup->scenario.producers.size() > 1 ? run.setup->scenario.producers[entry.producer].name + "/" + number
                                                  : number;
}

std::string records_in_words(const Run& run, bool (*concerned)(const RecordFate&)) {
  std::vector<std::string> names;
  for (RecordIndex i = 0; i < run.result.fates.size(); ++i) {
    if (concerned(run.result.fates[i])) names.push_back(record_name(run, i));
  }
  return listed(names, 5, " ");
}

std::string story_header(const Setup& setup, const Look& look) {
  const Scenario& plan = setup.scenario;
  std::string out =
      (plan.title.empty() ? std::string("A run") : plan.title) + " · seed " + std::to_string(plan.seed) + "\n";
  const std::string cluster = cluster_in_words(setup);
  std::vector<std::pair<std::string, std::string>> kinds;  // settings -> names
  for (std::size_t i = 0; i < plan.producers.size(); ++i) {
    const std::string words = producer_in_words(plan.producers[i], setup.producers[i]);
    const auto same = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == words; });
    if (same == kinds.end())
      kinds.emplace_back(words, plan.producers[i].name);
    else
      same->second += " " + plan.producers[i].name;
  }
  const bool one_line =
      kinds.size() == 1 && (look.width == 0 || columns(cluster) + columns(kinds[0].first) + 6 <= look.width);
  out += cluster;
  if (one_line) {
    out += " · " + kinds[0].second + ": " + kinds[0].first + "\n";
  } else {
    out += "\n";
    for (std::size_t i = 0; i < kinds.size() && i < 4; ++i) out += kinds[i].second + ": " + kinds[i].first + "\n";
    if (kinds.size() > 4) out += "and " + std::to_string(kinds.size() - 4) + " more producers\n";
  }
  out = wrapped(spelled(out, look), look);
  if (!plan.teaches.empty()) out += painted(wrapped(spelled(plan.teaches, look), look), Tone::quiet, look) + "\n";
  return out + "\n";
}

std::string story_body(const Run& run, const Look& look) {
  std::vector<StoryLine> lines = StoryTeller(run.trace, *run.setup).tell();
  lines = folded(std::move(lines), story_lines_at_most);
  return lay_out(with_quiet_stretches(std::move(lines)), look) + "\n";
}

void print_every_event(const Run& run, std::ostream& out) {
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i)
    out << trace_kinds().describe(run.trace.at(i), run.trace, run.setup->hosts) << '\n';
  out << '\n';
}

std::string story_verdict(const Run& run, const Look& look) {
  const RunResult& result = run.result;
  const Counts& c = result.counts;
  std::string ledger = "sent " + std::to_string(c.sent);
  const auto add = [&ledger](const char* name, std::int64_t count, bool always) {
    if (always || count != 0) ledger += "   " + std::string(name) + " " + std::to_string(count);
  };
  add("acked", c.acked, true);
  add("failed", c.failed, false);
  add("failed but written", c.failed_present, false);
  add("refused", c.refused, false);
  add("stuck", c.stuck, false);
  add("untold", c.untold, false);
  add("lost", c.lost, true);
  add("deleted", c.deleted, false);
  add("unavailable", c.unavailable, false);
  add("aborted", c.aborted, false);
  add("duplicated", c.duplicated, true);
  add("reordered", c.reordered, true);
  add("corrupted", c.corrupted, false);
  add("at a wrong offset", c.wrong_offset, false);
  std::string transferred;
  for (const TransferResult& transfer : result.transfers) {
    transferred += "  " + transfer.from + " → " + transfer.to + ": " + std::to_string(transfer.once) + " of " +
                   counted(transfer.input, "record") + " transferred once";
    if (transfer.twice > 0) transferred += ", " + std::to_string(transfer.twice) + " more than once";
    if (transfer.missing > 0) transferred += ", " + std::to_string(transfer.missing) + " not at all";
    transferred += transfer.exactly_once ? "\n" : "   (this configuration does not promise exactly once)\n";
  }
  const std::string logs = logs_in_words(result);
  const bool beside = look.width == 0 || columns(ledger) + columns(logs) + 14 <= look.width;
  std::string out = "  " + ledger + (beside ? "            " : "\n  ") + logs + "\n" + spelled(transferred, look);

  add_flagged(out, run, look, "✗", Tone::lost, ": acknowledged, and gone",
              [](const RecordFate& f) { return f.verdict == Verdict::acked_lost; });
  add_flagged(out, run, look, "!", Tone::failed, ": reported as failed, and yet in the log",
              [](const RecordFate& f) { return f.verdict == Verdict::failed_present; });
  add_flagged(out, run, look, "!", Tone::failed, ": never answered",
              [](const RecordFate& f) { return f.verdict == Verdict::stuck; });
  add_flagged(out, run, look, "◆", Tone::duplicate, ": in the log more than once",
              [](const RecordFate& f) { return f.extra_copies > 0; });
  add_flagged(out, run, look, "↕", Tone::duplicate, ": behind a record that was sent later",
              [](const RecordFate& f) { return f.reordered; });

  std::vector<std::string> facts;
  for (const FaultResult& fault : result.faults) {
    facts.push_back("fault " + fault.id + ": " +
                    (fault.hits == 0 ? "never hit" : "hit " + counted(fault.hits, "time")));
  }
  if (!result.violations.empty()) {
    for (std::size_t i = 0; i < result.violations.size() && i < violations_shown; ++i) {
      const Violation& v = result.violations[i];
      const std::string record = v.record == no_record ? "" : " " + record_name(run, v.record);
      out += "  " +
             painted(spelled("! broken: " + v.name + record + " (" + v.oracle + "): " + v.detail, look), Tone::failed,
                     look) +
             "\n";
    }
    if (result.violations.size() > violations_shown)
      out += "  ! and " + std::to_string(result.violations.size() - violations_shown) + " more violations\n";
  }
  std::vector<std::string> issues;
  for (const KnownDefect& defect : result.known_defects) {
    const std::string words = defect.issue + " (" + defect.behaviour + ")";
    if (std::find(issues.begin(), issues.end(), words) == issues.end()) issues.push_back(words);
  }
  for (const std::string& issue : issues)
    out += "  " + painted("! a known defect of Kafka: " + issue, Tone::failed, look) + "\n";
  for (const std::string& sentence : result.unmet)
    out += "  " + painted("! not as expected: " + sentence, Tone::failed, look) + "\n";
  for (const FaultResult& fault : result.faults) {
    if (fault.must_hit && fault.hits == 0)
      out += "  " + painted("! fault " + fault.id + " must hit and never did", Tone::failed, look) + "\n";
  }

  const bool all_once = std::all_of(result.transfers.begin(), result.transfers.end(),
                                    [](const TransferResult& t) { return t.once == t.input; });
  std::string last = "  ";
  if (result.violations.empty() && issues.empty()) {
    const char* verdict = untroubled(c) && all_once ? "✓ as the configuration promises"
                                                    : "✓ allowed: this configuration promises no more";
    last += painted(spelled(verdict, look), Tone::fine, look) + "     ";
  }
  // The fault of a small plan stands in the last line, those of a larger one have lines of their own.
  const std::string fingerprint = "fingerprint " + fingerprint_in_words(result.fingerprint);
  const std::string fact_words = listed(facts, 1);
  if (facts.size() == 1 &&
      (look.width == 0 || columns(last) + columns(fact_words) + columns(fingerprint) + 5 <= look.width)) {
    return out + last + fact_words + "     " + fingerprint + "\n";
  }
  for (std::size_t i = 0; i < facts.size(); i += 3) {
    out += "  " +
           listed({facts.begin() + static_cast<std::ptrdiff_t>(i),
                   facts.begin() + static_cast<std::ptrdiff_t>(std::min(i + 3, facts.size()))},
                  3, "     ") +
           "\n";
  }
  return out + last + fingerprint + "\n";
}

std::string story_suggestion(const Run& run, const std::string& file) {
  if (run.setup->producers.empty()) return {};
  const ProducerConfig& config = run.setup->producers.front().config;
  const std::string compare = "linger compare " + file + " --producer-property ";
  if (!run.result.violations.empty()) return "Every event of it?  linger run " + file + " --verbose";
  for (std::size_t p = 0; p < run.setup->producers.size(); ++p) {
    const auto& threads = run.setup->scenario.producers[p].threads;
    const bool transfers = std::any_of(threads.begin(), threads.end(), [](const ApplicationThread& thread) {
      return std::any_of(thread.steps.begin(), thread.steps.end(),
                         [](const WorkloadStep& step) { return std::holds_alternative<TransferStep>(step.what); });
    });
    if (transfers && run.setup->producers[p].config.transactional_id.empty()) {
      return "With transactions?  linger compare " + file + " --set /producers/" + std::to_string(p) +
             "/config/transactional.id=" + run.setup->scenario.producers[p].name;
    }
  }
  // Transactions need idempotence and acks=all, so the question is about the protocol between producer and coordinator.
  if (run.setup->transactional) {
    const auto& cluster = run.setup->scenario.cluster.config;
    const auto level = cluster.find("transaction.version");
    const char* other = level != cluster.end() && level->second == "1" ? "2" : "1";
    return std::string("With transaction.version ") + other + "?  linger compare " + file +
           " --set /cluster/config/transaction.version=" + other;
  }
  const bool reported = run.result.counts.failed > 0;
  if (!config.enable_idempotence && config.acks == -1)
    return "With idempotence?  " + compare + "enable.idempotence=true";
  if (config.acks != -1) return "Waiting for all replicas?  " + compare + "acks=all";
  if (reported)
    return "With more patience?  " + compare +
           "delivery.timeout.ms=" + std::to_string(std::int64_t{config.delivery_timeout_ms} * 4);
  return "Without idempotence?  " + compare + "enable.idempotence=false";
}

}  // namespace linger::cli
