#include "ui/cli/explanation_words.h"

#include <algorithm>
#include <bit>

#include "scenarios/trace_kinds.h"
#include "sim/event_queue.h"
#include "sim/trace_kinds.h"
#include "ui/cli/story.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using namespace scenarios;
using BrokerKind = broker::Observation::Kind;
using sim::TraceRecord;

bool is(const TraceRecord& record, AppTrace kind) {
  return record.kind == trace_kind(kind);
}
bool is(const TraceRecord& record, BrokerKind kind) {
  return record.kind == trace_kind(kind);
}

/// "TimeoutException" of a Java class with its package.
std::string short_name(const std::string& exception) {
  return exception.substr(exception.rfind('.') + 1);
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : count == 2 ? "twice" : std::to_string(count) + " times";
}

/// What is told of one explanation, with its run at hand.
class Answer {
 public:
  Answer(const Run& run, const Explanation& explanation)
      : run_(run),
        explanation_(explanation),
        entry_(run.ledger.records[explanation.record]),
        fate_(run.result.fates[explanation.record]),
        config_(run.setup->producers[entry_.producer].config),
        name_(record_name(run, explanation.record)) {}

  std::string sentence() const {
    switch (explanation_.question) {
      case Question::lost:
        return lost();
      case Question::duplicated:
        return duplicated();
      case Question::reordered:
        return reordered();
      case Question::failed:
      case Question::failed_present:
        return failed();
      case Question::late:
        return late();
      case Question::refused:
        return refused();
      case Question::stuck:
        return name_ +
               " was never answered, though everything had healed and all the time that the settings allow was over. "
               "Its batch was sent " +
               times(explanation_.journey.requests.size()) + ".";
      case Question::aborted:
        return name_ + " was written in a transaction that was not committed, so " +
               (fate_.verdict == Verdict::aborted_visible
                    ? "a read_committed reader should not get it, and yet one does."
                    : "a read_committed reader never gets it.");
      case Question::deleted:
        return name_ + " was acknowledged at offset " + std::to_string(entry_.offset) + " of " + partition() +
               "; the log begins behind it now.";
      case Question::unavailable:
        return name_ + " was acknowledged at offset " + std::to_string(entry_.offset) + " of " + partition() +
               ", and nobody leads the partition at the end: a replica has it, but none that may serve it.";
      case Question::sent_again:
        return sent_again();
      case Question::untold:
        return untold();
      case Question::nothing:
        return nothing();
    }
    return {};
  }

 private:
  std::string partition() const {
    if (!explanation_.journey.copies.empty()) return explanation_.journey.copies.front().partition;
    const std::string& topic = run_.setup->topics[entry_.topic];
    const std::int32_t number = fate_.partition >= 0 ? fate_.partition : entry_.partition;
    return number < 0 ? topic : topic + "-" + std::to_string(number);
  }
  const TraceRecord& append(std::size_t copy) const {
    return run_.trace.at(explanation_.journey.copies[copy].appended);
  }
  std::string host(const TraceRecord& record) const { return run_.setup->hosts[record.host.value()]; }
  std::string waited(const char* before) const {
    const sim::Duration time = entry_.told_at - entry_.sent_at;
    return time.ns() == 0 ? std::string(", at once") : before + length_of_time(time);
  }

  std::string lost() const {
    std::string out = name_ + " was acknowledged at offset " + std::to_string(entry_.offset) + " of " + partition() +
                      ", and no replica has it any more";
    if (explanation_.destroyed) {
      const TraceRecord& end = run_.trace.at(*explanation_.destroyed);
      if (is(end, BrokerKind::truncated)) {
        out += ": " + host(end) + ", the last that had it, cut its log back to follow a leader without it";
      } else if (is(end, BrokerKind::lost_unflushed)) {
        out += ": " + host(end) + ", the last that had it, had it in memory only when the power went";
      } else {
        out += ": the disk of the last replica that had it was wiped";
      }
    }
    out += ". ";
    const auto holders = std::popcount(entry_.holders);
    if (config_.acks == 0) return out + "With acks=0 nobody has to confirm anything.";
    if (config_.acks == 1)
      return out + "With acks=1 the leader's word is enough, whether or not a follower has the record.";
    const bool unclean = std::any_of(explanation_.links.begin(), explanation_.links.end(), [&](const Link& link) {
      return is(run_.trace.at(link.record), BrokerKind::unclean_election);
    });
    if (unclean) return out + "An unclean election had given the partition to a replica that lacked it.";
    if (holders == 1)
      return out + "acks=all waits for the replicas in sync, and " + brokers_of(entry_.holders) + " was the only one.";
    return out + "When it was acknowledged, " + counted(holders, "replica") + " had it: " + brokers_of(entry_.holders) +
           ".";
  }

  std::string duplicated() const {
    const auto& copies = explanation_.journey.copies;
    std::string out =
        name_ + " stands in " + partition() + " " + times(static_cast<std::size_t>(fate_.extra_copies) + 1);
    if (copies.size() < 2) return out + ".";
    std::vector<std::string> offsets;
    for (const RecordCopy& copy : copies) offsets.push_back(std::to_string(copy.offset));
    out += ", written at offset " + listed(offsets, 4, " and ") + ": the producer sent its batch again, and ";
    const TraceRecord& first = append(0);
    const TraceRecord& second = append(1);
    if (second.args[2] < 0)
      return out + "a batch without a producer id cannot be recognised (enable.idempotence=false).";
    if (first.args[2] != second.args[2])
      return out + "with another producer id, so that the leader took it for a new one.";
    if (first.args[3] != second.args[3] || first.args[4] != second.args[4])
      return out + "with new numbers (epoch " + std::to_string(second.args[3]) + ", sequence " +
             std::to_string(second.args[4]) + "), so that the leader took it for a new one.";
    return out + host(second) + " no longer remembered its numbers.";
  }

  std::string reordered() const {
    if (explanation_.other == no_record)
      return name_ + " does not stand where it was sent: others went before or after it.";
    const RecordFate& other_fate = run_.result.fates[explanation_.other];
    const std::string other = record_name(run_, explanation_.other);
    const bool overtook = fate_.offset < other_fate.offset;
    const std::string& first = overtook ? name_ : other;
    const std::string& behind = overtook ? other : name_;
    const RecordJourney& late = overtook ? explanation_.other_journey : explanation_.journey;
    std::string out = first + " was sent after " + behind + ", and stands before it in " + partition() +
                      ": at offset " + std::to_string(std::min(fate_.offset, other_fate.offset)) + ", " + behind +
                      " at " + std::to_string(std::max(fate_.offset, other_fate.offset)) + ". ";
    if (late.requests.size() > 1)
      out += behind + " had to be sent " + times(late.requests.size()) + ", and " + first +
             " was under way before its second attempt.";
    return out;
  }

  std::string failed() const {
    std::string out = name_ + " was reported as failed with " + short_name(entry_.error) + waited(" ") +
                      (entry_.told_at == entry_.sent_at ? "" : " after send()");
    const std::size_t sent = explanation_.journey.requests.size();
    out += sent == 0 ? "; it was never sent to a broker" : "; its batch had been sent " + times(sent);
    if (fate_.verdict == Verdict::failed_present) {
      out += ". Yet it is in the log, at offset " + std::to_string(fate_.offset) + " of " + partition() +
             ": an error says that nobody confirmed it, not that nobody wrote it.";
      return out;
    }
    return out + ", and it is not in the log.";
  }

  std::string late() const {
    const std::size_t sent = explanation_.journey.requests.size();
    return name_ + " was acknowledged " + length_of_time(entry_.told_at - entry_.sent_at) + " after send()" +
           (sent > 1 ? "; its batch had to be sent " + times(sent) + "."
                     : "; its batch was sent once, and the answer took that long.");
  }

  std::string refused() const {
    const std::string error = short_name(entry_.error);
    std::string why;
    if (error == "BufferExhaustedException") why = ": buffer.memory was full for all of max.block.ms";
    if (error == "RecordTooLargeException") why = ": it is larger than max.request.size or buffer.memory";
    if (error == "TimeoutException") why = ": max.block.ms was over before the partition was known";
    return "send() turned " + name_ + " away with " + error + waited(" after ") + why + ".";
  }

  std::string sent_again() const {
    const std::string other = record_name(run_, explanation_.other);
    const LedgerRecord& before = run_.ledger.records[explanation_.other];
    const bool restarted = before.incarnation != entry_.incarnation;
    return (name_ == other ? name_ + " was sent once more by the application "
                           : name_ + " is what was " + other + ", sent once more by the application ") +
           (restarted ? "after a restart, because it had never heard what became of it"
                      : "after it had heard an error") +
           ", and both copies stand in " + partition() +
           ". Idempotence recognises what a producer sends again by itself, not what an application does.";
  }

  std::string untold() const {
    return "The application never heard what became of " + name_ + ": " +
           (fate_.verdict == Verdict::untold_present
                ? "it is in " + partition() + " at offset " + std::to_string(fate_.offset) + "."
                : "it is not in the log.");
  }

  std::string nothing() const {
    if (fate_.verdict == Verdict::acked_present && entry_.told == Told::acked) {
      const std::string where = entry_.offset >= 0 ? " at offset " + std::to_string(entry_.offset) : "";
      return name_ + " is in " + partition() + where + ", once and in its place, and was acknowledged " +
             length_of_time(entry_.told_at - entry_.sent_at) + " after send(): there is nothing to explain.";
    }
    return name_ + " fared as it should: there is nothing to explain.";
  }

  const Run& run_;
  const Explanation& explanation_;
  const LedgerRecord& entry_;
  const RecordFate& fate_;
  const ProducerConfig& config_;
  std::string name_;
};

/// What the application said or heard of one record; the story tells of several at once.
bool tell_of_record(const Run& run, const TraceRecord& record, LinkWords& words) {
  const bool of_record = is(record, AppTrace::app_send) || is(record, AppTrace::app_acked) ||
                         is(record, AppTrace::app_failed) || is(record, AppTrace::app_refused);
  if (!of_record) return false;
  const std::string& host = run.setup->hosts[record.host.value()];
  const std::string name = record_name(run, static_cast<RecordIndex>(record.args[0]));
  words.who = run.setup->scenario.producers.size() > 1 ? "app " + host : "app";
  if (is(record, AppTrace::app_send)) {
    words.what = "sends " + name;
    if (record.args[4] >= 0)
      words.what +=
          record.args[4] == record.args[1] ? " once more" : ", once more what was r" + std::to_string(record.args[4]);
    if (record.args[4] >= 0) words.why = "the application sends again by itself";
  } else if (is(record, AppTrace::app_acked)) {
    const std::string at = record.args[2] < 0 ? std::string() : " at offset " + std::to_string(record.args[2]);
    words.what = "hears that " + name + " is written" + at + " of " + std::string(run.trace.text(record.text));
  } else if (is(record, AppTrace::app_failed)) {
    words.what = "hears " + short_name(std::string(run.trace.text(record.text))) + " for " + name;
  } else {
    words.what = "send() of " + name + " fails: " + short_name(std::string(run.trace.text(record.text)));
  }
  return true;
}

/// What the story leaves out and a chain may need.
void tell_the_rest(const Run& run, const TraceRecord& record, LinkWords& words) {
  words.who = record.host == sim::no_host ? "" : run.setup->hosts[record.host.value()];
  const std::string where{run.trace.text(record.text)};
  if (is(record, BrokerKind::became_follower)) {
    words.what = "follows b" + std::to_string(record.args[1]) + " in " + where + " now";
    words.why = "leader epoch " + std::to_string(record.args[0]);
  } else if (is(record, BrokerKind::leader_elected) || is(record, BrokerKind::unclean_election)) {
    words.what = "b" + std::to_string(record.args[0]) + " is to lead " + where;
  } else if (is(record, BrokerKind::appended)) {
    words.what = "appends at " + range(record.args[0], record.args[1]) + " of " + where;
  } else if (record.kind == trace_kind(ProducerEvent::batch_failed)) {
    words.what = "gives up the batch for " + where + ": " + error_word(record.args[2]);
  } else if (record.kind == sim::trace_kind(sim::SimTrace::close) ||
             record.kind == sim::trace_kind(sim::SimTrace::closed)) {
    words.what = "loses its connection";
  } else {
    words.what = std::string(trace_kinds().info(record.kind).meaning) + (where.empty() ? "" : ": " + where);
  }
}

void add_cost(std::vector<std::string>& costs, std::int64_t before, std::int64_t after, const char* fate) {
  if (after > before)
    costs.push_back(counted(after - before, "record") + " " + (after - before == 1 ? "is " : "are ") + fate +
                    (before > 0 ? " more" : ""));
}

}  // namespace

std::string question_in_words(Question question, const std::string& record) {
  switch (question) {
    case Question::lost:
      return "Why was " + record + " lost?";
    case Question::duplicated:
      return "Why was " + record + " written twice?";
    case Question::reordered:
      return "Why was " + record + " reordered?";
    case Question::failed_present:
      return "Why was " + record + " reported as failed, though it is in the log?";
    case Question::stuck:
      return "Why was " + record + " never answered?";
    case Question::aborted:
      return "Why was " + record + " not committed?";
    case Question::failed:
      return "Why was " + record + " reported as failed?";
    case Question::refused:
      return "Why was " + record + " refused?";
    case Question::deleted:
      return "Why was " + record + " deleted?";
    case Question::unavailable:
      return "Why is " + record + " unavailable?";
    case Question::sent_again:
      return "Why was " + record + " sent again?";
    case Question::untold:
      return "Why did nobody hear of " + record + "?";
    case Question::late:
      return "Why was " + record + " acknowledged late?";
    case Question::nothing:
      return "What became of " + record + "?";
  }
  return {};
}

std::string answer_in_words(const Run& run, const Explanation& explanation) {
  std::string out = Answer(run, explanation).sentence();
  for (const KnownDefect& defect : run.result.known_defects) {
    if (defect.violation.record == explanation.record) return out + " Kafka is known to do this: " + defect.issue + ".";
  }
  return out;
}

std::vector<LinkWords> links_in_words(const Run& run, const Explanation& explanation) {
  const std::vector<StoryLine> lines = StoryTeller(run.trace, *run.setup).tell();
  std::vector<LinkWords> out;
  for (const Link& link : explanation.links) {
    const TraceRecord& record = run.trace.at(link.record);
    LinkWords words;
    words.at = record.at;
    words.number = run.events[link.event].number;
    words.event = words.number.value() >= sim::first_planned_number
                      ? "f" + std::to_string(words.number.value() - sim::first_planned_number)
                      : "#" + std::to_string(words.number.value());
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const StoryLine& one) {
      return one.record == link.record && !one.what.empty();
    });
    if (!tell_of_record(run, record, words)) {
      if (line != lines.end() && line->at == record.at) {
        words.who = line->who;
        words.what = line->what;
        words.why = line->why;
      } else {
        tell_the_rest(run, record, words);
      }
    }
    out.push_back(std::move(words));
  }
  return out;
}

std::string change_in_words(const Change& change) {
  if (!change.without_fault.empty()) return "without the fault " + change.without_fault;
  std::vector<std::string> words;
  for (const auto& [pointer, value] : change.set) {
    std::string key = pointer;
    for (const char* folder : {"/config/", "/behaviour/"}) {
      const std::size_t at = pointer.find(folder);
      if (at != std::string::npos) key = pointer.substr(at + std::string_view(folder).size());
    }
    if (key.starts_with('/')) key = key.substr(key.rfind('/') + 1);
    const std::string word = key + "=" + value;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return "with " + listed(words, 4, " and ");
}

std::string prevention_in_words(const Prevention& prevention, Question question) {
  std::string out = change_in_words(prevention.change) + " this same run ";
  switch (question) {
    case Question::lost:
      out += "loses nothing";
      break;
    case Question::duplicated:
      out += "writes nothing twice";
      break;
    case Question::reordered:
      out += "reorders nothing";
      break;
    case Question::failed_present:
      out += "reports nothing as failed that is written";
      break;
    case Question::stuck:
    case Question::untold:
      out += "leaves nothing unanswered";
      break;
    case Question::aborted:
      out += "commits everything";
      break;
    case Question::failed:
      out += "reports nothing as failed";
      break;
    case Question::refused:
      out += "refuses nothing";
      break;
    case Question::deleted:
      out += "deletes nothing";
      break;
    case Question::unavailable:
      out += "leaves nothing without a leader";
      break;
    case Question::sent_again:
      out += "holds nothing that the application sent twice";
      break;
    case Question::late:
    case Question::nothing:
      out += "acknowledges everything in time";
      break;
  }
  const Counts& before = prevention.counts_before;
  const Counts& after = prevention.counts_after;
  std::vector<std::string> costs;
  add_cost(costs, before.lost, after.lost, "lost");
  add_cost(costs, before.duplicated, after.duplicated, "written twice");
  add_cost(costs, before.reordered, after.reordered, "reordered");
  add_cost(costs, before.failed, after.failed, "reported as failed");
  add_cost(costs, before.refused, after.refused, "refused");
  add_cost(costs, before.stuck, after.stuck, "never answered");
  add_cost(costs, before.untold, after.untold, "never told");
  add_cost(costs, before.aborted, after.aborted, "aborted");
  add_cost(costs, before.unavailable, after.unavailable, "unavailable");
  if (!costs.empty()) out += "; but " + listed(costs, 4, ", ");
  if (prevention.faults_missed) out += " (a fault finds nothing to strike then)";
  return out;
}

std::string chain_in_columns(const std::vector<LinkWords>& links, const Look& look) {
  std::size_t when_width = 0;
  std::size_t event_width = 0;
  std::size_t who_width = 0;
  for (const LinkWords& link : links) {
    when_width = std::max(when_width, milliseconds(link.at.ns()).size());
    event_width = std::max(event_width, link.event.size());
    who_width = std::max(who_width, columns(spelled(link.who, look)));
  }
  const std::size_t indent = 2 + when_width + 3 + 2 + event_width + 2 + who_width + 2;
  std::string out;
  const auto gap = [](std::size_t width, std::size_t taken) {
    return std::string(width > taken ? width - taken : 0, ' ');
  };
  for (const LinkWords& link : links) {
    const std::string when = milliseconds(link.at.ns());
    const std::string who = spelled(link.who, look);
    std::string line = "  " + gap(when_width, when.size()) + when + " ms  " + link.event +
                       gap(event_width, link.event.size()) + "  " + who + gap(who_width, columns(who)) + "  ";
    Look narrow = look;
    narrow.width = look.width > indent + 24 ? look.width - indent : 0;
    std::string what = wrapped(spelled(link.what + (link.why.empty() ? "" : " (" + link.why + ")"), look), narrow);
    for (std::size_t at = what.find('\n'); at != std::string::npos; at = what.find('\n', at + 1))
      what.insert(at + 1, std::string(indent, ' '));
    out += line + what + "\n";
  }
  return out;
}

std::string explanation_in_lines(const Run& run, const Explanation& explanation, const Look& look) {
  std::string out = painted(question_in_words(explanation.question, record_name(run, explanation.record)), Tone::leadership, look) + "\n" +
                    wrapped(spelled(answer_in_words(run, explanation), look), look) + "\n\n";
  if (explanation.question != Question::nothing) out += chain_in_columns(links_in_words(run, explanation), look) + "\n";
  return out;
}

}  // namespace linger::cli
