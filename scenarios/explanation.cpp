#include "scenarios/explanation.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <utility>

#include "scenarios/telling.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::scenarios {

using BrokerKind = broker::Observation::Kind;
using sim::TraceRecord;

namespace {

bool is(const TraceRecord& record, AppTrace kind) {
  return record.kind == trace_kind(kind);
}
bool is(const TraceRecord& record, BrokerKind kind) {
  return record.kind == trace_kind(kind);
}

/// Puts an explanation together for one record.
class Explainer {
 public:
  Explainer(const Run& run, RecordIndex record, const ExplainOptions& options)
      : run_(run), options_(options), reader_(run), entry_(run.ledger.records[record]) {
    out_.graph = std::make_shared<EventGraph>(run);
    out_.record = record;
    out_.question = options.question.value_or(question_of(run, record));
    out_.journey = reader_.journey_of(record);
    const RecordIndex other = out_.question == Question::sent_again ? entry_.resend_of : no_record;
    if (other != no_record) set_other(other);
    connect_journey(out_.journey);
  }

  Explanation explain() {
    if (out_.question == Question::nothing) return std::move(out_);
    std::optional<PreventionSearch> search;
    const bool counted = concerned(run_, out_.question) > 0;
    if ((options_.preventions || options_.faults) && counted) search.emplace(run_, out_.question, entry_.producer);
    if (options_.faults && search) out_.faults = search->decisive_faults(options_.interrupted);
    find_faults();
    add_strands();
    choose_links();
    if (options_.preventions && search) out_.preventions = search->search(3, options_.interrupted);
    return std::move(out_);
  }

 private:
  // ---- where things happened

  const TraceRecord& at(std::uint64_t record) const { return run_.trace.at(record); }
  EventIndex event(std::uint64_t record) const { return out_.graph->event_of(record); }

  void set_other(RecordIndex other) {
    out_.other = other;
    out_.other_journey = reader_.journey_of(other);
    connect_journey(out_.other_journey);
  }

  /// The trace does not say which batch a record went into; its requests do.
  void connect_journey(const RecordJourney& journey) {
    if (journey.asked && !journey.requests.empty())
      out_.graph->add_state(event(*journey.asked), event(journey.requests.front().sent));
  }

  void find_faults() {
    for (std::uint64_t r = 0; r < run_.trace.stored(); ++r) {
      const TraceRecord& record = at(r);
      if (!is(record, AppTrace::fault_strikes) && !is(record, AppTrace::fault_hits)) continue;
      const auto fault = static_cast<std::size_t>(record.args[0]);
      const EventIndex where = event(r);
      focus_.try_emplace(where, r);
      struck_.insert(where);
      if (std::find(out_.faults.begin(), out_.faults.end(), fault) != out_.faults.end()) decisive_.insert(where);
    }
  }

  /// What took the last copy of a record that was acknowledged.
  std::optional<std::uint64_t> last_destruction() const {
    std::optional<std::uint64_t> last;
    for (const RecordCopy& copy : out_.journey.copies) {
      for (std::uint64_t r = copy.appended; r < run_.trace.stored(); ++r) {
        const TraceRecord& record = at(r);
        const bool cut = is(record, BrokerKind::truncated) || is(record, BrokerKind::lost_unflushed);
        if (cut && run_.trace.text(record.text) == copy.partition && record.args[0] > copy.offset &&
            record.args[1] <= copy.offset)
          last = std::max(last.value_or(0), r);
        if (is(record, AppTrace::fault_strikes)) {
          const auto* disk =
              std::get_if<DiskFault>(&run_.setup->scenario.faults[static_cast<std::size_t>(record.args[0])].action);
          if (disk != nullptr && disk->kind == DiskFault::Kind::wipe) last = std::max(last.value_or(0), r);
        }
      }
    }
    return last;
  }

  /// The first record of this kind behind `from` that agrees.
  template <class Agrees>
  std::optional<std::uint64_t> first_behind(std::uint64_t from, Agrees agrees) const {
    for (std::uint64_t r = from; r < run_.trace.stored(); ++r) {
      if (agrees(at(r))) return r;
    }
    return std::nullopt;
  }

  // ---- strands

  void add(std::optional<EventPath> path) {
    if (path &&
        std::none_of(out_.strands.begin(), out_.strands.end(), [&](const Strand& s) { return s.path == *path; }))
      out_.strands.push_back({std::move(*path)});
  }

  /// What the application did, up to a moment of the record's journey.
  void add_own(const RecordJourney& journey, std::uint64_t to) {
    if (!journey.asked) return;
    tell(*journey.asked);
    tell(to);
    add(out_.graph->shortest_path({event(*journey.asked)}, event(to)));
  }

  /// From the nearest fault that matters to the event that made the fate; where no fault leads there, from an election,
  /// then from the application.
  void add_fate(std::uint64_t fate) {
    tell(fate);
    out_.fate = event(fate);
    std::optional<EventPath> path;
    for (const std::set<EventIndex>* roots : {&decisive_, &struck_}) {
      if (!path) path = out_.graph->shortest_path(*roots, out_.fate);
    }
    if (!path) path = out_.graph->shortest_path(elections(), out_.fate);
    if (!path && out_.journey.asked) path = out_.graph->shortest_path({event(*out_.journey.asked)}, out_.fate);
    fate_path_ = path.value_or(EventPath{out_.fate});
  }

  std::set<EventIndex> elections() {
    std::set<EventIndex> roots;
    for (std::uint64_t r = 0; r < run_.trace.stored(); ++r) {
      const TraceRecord& record = at(r);
      if (is(record, AppTrace::phase)) break;
      const bool elects = is(record, BrokerKind::leader_elected) || is(record, BrokerKind::unclean_election) ||
                          is(record, AppTrace::app_restarted);
      if (elects && event(r) != 0) {
        roots.insert(event(r));
        focus_.try_emplace(event(r), r);
      }
    }
    return roots;
  }

  /// Faults that matter and stand in no strand yet, each with the shortest way to what is told already.
  void add_other_faults() {
    for (const EventIndex fault : decisive_) {
      std::optional<EventPath> best;
      for (const EventIndex target : told_events()) {
        if (target < fault) continue;
        if (target == fault) {
          best.reset();
          break;
        }
        auto path = out_.graph->shortest_path({fault}, target);
        if (path && (!best || path->size() < best->size())) best = std::move(path);
      }
      constexpr std::size_t far = 7;
      if (best && best->size() <= far) add(std::move(best));
    }
  }

  std::set<EventIndex> told_events() const {
    std::set<EventIndex> events{fate_path_.begin(), fate_path_.end()};
    for (const Strand& strand : out_.strands) events.insert(strand.path.begin(), strand.path.end());
    return events;
  }

  void add_strands() {
    const RecordJourney& journey = out_.journey;
    const auto& copies = journey.copies;
    const std::uint64_t asked = journey.asked.value_or(0);
    std::uint64_t fate = journey.told.value_or(
        journey.requests.empty() ? asked : journey.requests.back().delivered.value_or(journey.requests.back().sent));
    switch (out_.question) {
      case Question::lost:
        if (!copies.empty()) add_own(journey, copies.back().appended);
        if (journey.told && !copies.empty()) {
          tell(*journey.told);
          add(out_.graph->shortest_path({event(copies.back().appended)}, event(*journey.told)));
        }
        out_.destroyed = last_destruction();
        fate = out_.destroyed.value_or(fate);
        break;
      case Question::duplicated:
        if (!copies.empty()) add_own(journey, copies.front().appended);
        if (copies.size() > 1) fate = copies[1].appended;
        break;
      case Question::reordered:
        if (const auto overtaking = overtaking_of(run_, out_.record)) {
          const bool overtook = overtaking->first == out_.record;
          set_other(overtook ? overtaking->behind : overtaking->first);
          const RecordJourney& first = overtook ? out_.journey : out_.other_journey;
          const RecordJourney& behind = overtook ? out_.other_journey : out_.journey;
          if (!first.copies.empty()) add_own(first, first.copies.front().appended);
          if (!behind.copies.empty()) fate = behind.copies.back().appended;
        }
        break;
      case Question::failed_present:
        if (!copies.empty()) add_own(journey, copies.front().appended);
        tell_reason(fate);
        break;
      case Question::sent_again:
        if (!out_.other_journey.copies.empty()) add_own(out_.other_journey, out_.other_journey.copies.front().appended);
        if (out_.other_journey.asked) {
          const auto restart = first_behind(*out_.other_journey.asked, [&](const TraceRecord& r) {
            return is(r, AppTrace::app_restarted) && r.host == at(asked).host;
          });
          const std::optional<std::uint64_t> why = out_.other_journey.told ? out_.other_journey.told : restart;
          if (why && *why < asked) {
            tell(*why);
            out_.graph->add_state(event(*why), event(asked));
          }
        }
        tell(asked);
        if (!copies.empty()) fate = copies.front().appended;
        break;
      case Question::untold:
        if (!copies.empty()) add_own(journey, copies.front().appended);
        fate = first_behind(asked, [&](const TraceRecord& r) {
                 return is(r, AppTrace::app_restarted) && r.host == at(asked).host;
               }).value_or(fate);
        break;
      case Question::aborted:
        if (!copies.empty()) add_own(journey, copies.front().appended);
        fate = first_behind(copies.empty() ? asked : copies.front().appended, [&](const TraceRecord& r) {
                 const bool marker = is(r, BrokerKind::marker_written) && r.args[4] == 0 && !copies.empty() &&
                                     run_.trace.text(r.text) == copies.front().partition;
                 return marker || (is(r, AppTrace::app_aborted) && r.host == at(asked).host);
               }).value_or(fate);
        break;
      case Question::deleted:
        if (!copies.empty()) {
          add_own(journey, copies.front().appended);
          fate = first_behind(copies.front().appended, [&](const TraceRecord& r) {
                   return is(r, BrokerKind::log_start_moved) && run_.trace.text(r.text) == copies.front().partition &&
                          r.args[1] > copies.front().offset;
                 }).value_or(fate);
        }
        break;
      case Question::unavailable:
        if (!copies.empty()) {
          add_own(journey, copies.front().appended);
          fate = first_behind(copies.front().appended, [&](const TraceRecord& r) {
                   return is(r, BrokerKind::partition_offline) && run_.trace.text(r.text) == copies.front().partition;
                 }).value_or(fate);
        }
        break;
      case Question::failed:
      case Question::refused:
      case Question::late:
      case Question::stuck:
        if (journey.asked) tell(*journey.asked);
        tell_reason(out_.question == Question::refused ? asked : fate);
        break;
      case Question::nothing:
        break;
    }
    add_fate(fate);
    add_other_faults();
    add(fate_path_);
  }

  // ---- links

  /// This trace record is to be told, whatever else its event holds.
  void tell(std::uint64_t record) { told_.insert(record); }

  /// In the event of an answer the producer has given the batch up, or has waited for memory: that is told before the
  /// answer itself.
  void tell_reason(std::uint64_t answer) {
    const EventGraph::Records records = out_.graph->records_of(event(answer));
    const sim::HostId host = at(answer).host;
    for (std::uint64_t r = records.first; r < records.end; ++r) {
      const TraceRecord& record = at(r);
      if (record.host != host) continue;
      const bool reason = record.kind == trace_kind(ProducerEvent::batch_expired) ||
                          record.kind == trace_kind(ProducerEvent::batch_failed) ||
                          (record.kind == trace_kind(ProducerEvent::buffer_wait) && r > answer);
      if (!reason) continue;
      tell(r);
      return;
    }
  }

  void choose_links() {
    const RecordJourney& journey = out_.other == no_record
                                       ? out_.journey
                                       : (out_.other_journey.requests.empty() ? out_.journey : out_.other_journey);
    Telling telling(run_, journey.requests.empty() ? std::string() : journey.requests.front().partition,
                    at(out_.journey.asked.value_or(0)).host);
    for (const RecordJourney* one : {&out_.journey, &out_.other_journey}) {
      for (const RecordRequest& request : one->requests) telling.prefer(request.sent);
    }
    std::set<std::uint64_t> chosen = told_;
    std::set<EventIndex> has;
    for (const std::uint64_t record : told_) has.insert(event(record));
    std::set<EventIndex> ends;
    for (const Strand& strand : out_.strands) {
      ends.insert(strand.path.front());
      for (const EventIndex one : strand.path) {
        const auto fixed = focus_.find(one);
        if (one == strand.path.front() && fixed != focus_.end()) {
          chosen.insert(fixed->second);
        } else if (!has.contains(one)) {
          if (const auto best = telling.best_of(out_.graph->records_of(one))) chosen.insert(*best);
        }
      }
    }
    std::vector<std::uint64_t> records(chosen.begin(), chosen.end());
    while (records.size() > links_at_most) {
      std::size_t least = records.size();
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (told_.contains(records[i]) || (ends.contains(event(records[i])) && focus_.contains(event(records[i]))))
          continue;
        if (least == records.size() || telling.weight(records[i]) < telling.weight(records[least])) least = i;
      }
      if (least == records.size()) break;
      records.erase(records.begin() + static_cast<std::ptrdiff_t>(least));
    }
    for (const std::uint64_t record : records) out_.links.push_back({event(record), record});
  }

  const Run& run_;
  const ExplainOptions& options_;
  JourneyReader reader_;
  const LedgerRecord& entry_;
  Explanation out_;
  EventPath fate_path_;
  std::map<EventIndex, std::uint64_t> focus_;  ///< events that a chain can begin with, and the record that says so
  std::set<EventIndex> struck_;
  std::set<EventIndex> decisive_;
  std::set<std::uint64_t> told_;
};

}  // namespace

Explanation explain_record(const Run& run, RecordIndex record, const ExplainOptions& options) {
  assert(record < run.ledger.records.size() && !run.events.empty());
  return Explainer(run, record, options).explain();
}

RunOptions options_to_explain() {
  RunOptions options;
  options.keep_trace = true;
  options.keep_frames = true;
  options.keep_events = true;
  return options;
}

}  // namespace linger::scenarios
