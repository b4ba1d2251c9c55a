#include "ui/report/divergence.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "protocol/api_key.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using namespace scenarios;
using sim::TraceRecord;
using BrokerKind = broker::Observation::Kind;

bool is_message(const TraceRecord& record) {
  return record.kind == sim::trace_kind(sim::SimTrace::sent) || record.kind == trace_kind(AppTrace::produce_sent) ||
         record.kind == trace_kind(AppTrace::produce_answered);
}

/// Event numbers and texts apart: these may differ without a difference between the messages.
bool same_message(const TraceRecord& a, const TraceRecord& b) {
  return a.at == b.at && a.host == b.host && a.kind == b.kind && a.args == b.args;
}

Parting message_parting(const Run& run, std::uint64_t index) {
  Parting parting;
  if (index >= run.trace.stored()) return parting;
  const TraceRecord& record = run.trace.at(index);
  parting.there = true;
  parting.at = record.at;
  parting.record = index;
  // What the network says of the message follows the batches in it.
  for (std::uint64_t i = index; i < run.trace.stored() && i < index + 64; ++i) {
    const TraceRecord& sent = run.trace.at(i);
    if (sent.kind != sim::trace_kind(sim::SimTrace::sent) || sent.host != record.host) continue;
    const bool answer = sent.args[1] == 1;
    parting.what = run.setup->hosts[sent.host.value()] + " → " +
                   run.setup->hosts[static_cast<std::size_t>(sent.args[6])] + " " +
                   std::string(api_name(static_cast<ApiKey>(sent.args[2] / 2))) + (answer ? " answer" : "") + ", " +
                   std::to_string(sent.args[4]) + " B";
    break;
  }
  return parting;
}

/// One thing that became of a log or a record. Equal tokens are equal outcomes.
struct Outcome {
  std::string token;
  std::uint64_t record = 0;
  sim::SimTime at;
};

/// By what they are about: a partition's log, or a record.
using Outcomes = std::map<std::string, std::vector<Outcome>>;

Outcomes outcomes_of(const Run& run) {
  Outcomes outcomes;
  std::map<std::string, std::int64_t> ends;  // log ends as the leaders' appends have moved them
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    const TraceRecord& record = run.trace.at(i);
    const auto note = [&](const std::string& about, std::string token) {
      outcomes[about].push_back({std::move(token), i, record.at});
    };
    const std::string text{run.trace.text(record.text)};
    if (record.kind == trace_kind(AppTrace::phase)) {
      if (text.starts_with("each")) break;
    } else if (record.kind == trace_kind(BrokerKind::appended)) {
      // The first replica that writes an offset is the leader; the others follow.
      std::int64_t& end = ends.try_emplace(text, 0).first->second;
      for (std::int64_t offset = std::max(end, record.args[0]); offset <= record.args[1]; ++offset)
        note("log " + text, "append " + std::to_string(offset));
      end = std::max(end, record.args[1] + 1);
    } else if (record.kind == trace_kind(BrokerKind::duplicate)) {
      note("log " + text, "duplicate of " + std::to_string(record.args[0]));
    } else if (record.kind == trace_kind(BrokerKind::refused)) {
      note("log " + text, "refused " + error_word(record.args[0]));
    } else if (record.kind == trace_kind(BrokerKind::truncated) && record.args[0] != record.args[1]) {
      ends[text] = std::min(ends[text], record.args[1]);
      note("log " + text, "truncated to " + std::to_string(record.args[1]));
    } else if (record.kind == trace_kind(AppTrace::app_acked)) {
      note("record " + std::to_string(record.host.value()) + "/" + std::to_string(record.args[1]),
           "acked at " + text + " " + std::to_string(record.args[2]));
    } else if (record.kind == trace_kind(AppTrace::app_failed) || record.kind == trace_kind(AppTrace::app_refused)) {
      note("record " + std::to_string(record.host.value()) + "/" + std::to_string(record.args[1]),
           "failed with " + text);
    }
  }
  return outcomes;
}

Parting outcome_parting(const Outcome* outcome) {
  Parting parting;
  if (outcome == nullptr) return parting;
  parting.there = true;
  parting.at = outcome->at;
  parting.record = outcome->record;
  parting.what = outcome->token;
  return parting;
}

}  // namespace

std::optional<Divergence> first_different_message(const Run& one, const Run& other) {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  for (;; ++a, ++b) {
    while (a < one.trace.stored() && !is_message(one.trace.at(a))) ++a;
    while (b < other.trace.stored() && !is_message(other.trace.at(b))) ++b;
    const bool over_a = a >= one.trace.stored();
    const bool over_b = b >= other.trace.stored();
    if (over_a && over_b) return std::nullopt;
    if (over_a || over_b || !same_message(one.trace.at(a), other.trace.at(b)))
      return Divergence{message_parting(one, a), message_parting(other, b)};
  }
}

std::optional<Divergence> first_different_outcome(const Run& one, const Run& other) {
  const Outcomes ours = outcomes_of(one);
  const Outcomes theirs = outcomes_of(other);
  std::set<std::string> subjects;
  for (const auto& [about, list] : ours) subjects.insert(about);
  for (const auto& [about, list] : theirs) subjects.insert(about);
  static const std::vector<Outcome> nothing;
  const Outcome* first = nullptr;
  const Outcome* second = nullptr;
  sim::SimTime earliest = sim::SimTime::never();
  for (const std::string& about : subjects) {  // "log …" before "record …": of two at one moment the log is the cause
    const auto found = ours.find(about);
    const auto match = theirs.find(about);
    const std::vector<Outcome>& a = found == ours.end() ? nothing : found->second;
    const std::vector<Outcome>& b = match == theirs.end() ? nothing : match->second;
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && a[i].token == b[i].token) ++i;
    if (i == a.size() && i == b.size()) continue;
    const sim::SimTime at =
        std::min(i < a.size() ? a[i].at : sim::SimTime::never(), i < b.size() ? b[i].at : sim::SimTime::never());
    if (at >= earliest) continue;
    earliest = at;
    first = i < a.size() ? &a[i] : nullptr;
    second = i < b.size() ? &b[i] : nullptr;
  }
  if (first == nullptr && second == nullptr) return std::nullopt;
  return Divergence{outcome_parting(first), outcome_parting(second)};
}

}  // namespace linger::report
