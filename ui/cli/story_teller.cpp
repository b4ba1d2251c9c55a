#include "ui/cli/story_teller.h"

#include <algorithm>

#include "ui/cli/story_words.h"

namespace linger::cli {

using scenarios::AppTrace;
using scenarios::trace_kind;
using sim::TraceRecord;

StoryTeller::StoryTeller(const sim::Trace& trace, const scenarios::Setup& setup) : trace_(trace), setup_(setup) {
  for (const scenarios::TopicSpec& topic : setup.scenario.cluster.topics) {
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
      const std::vector<std::int32_t> replicas = scenarios::replicas_of(topic, number, setup.scenario.cluster.brokers);
      Partition& partition = partitions_[topic.name + "-" + std::to_string(number)];
      for (const std::int32_t replica : replicas) partition.isr |= broker::mask_of(NodeId{replica});
      if (!replicas.empty()) partition.leaders.insert(static_cast<std::uint32_t>(replicas.front() - 1));
    }
  }
}

std::vector<StoryLine> StoryTeller::tell() {
  for (index_ = 0; index_ < trace_.stored(); ++index_) {
    const TraceRecord& record = trace_.at(index_);
    if (leaving_ && record.kind != trace_kind(AppTrace::produce_sent)) request_leaves(record);
    if (struck_) message_struck(record);
    if (record.kind < sim::producer_trace_first) {
      tell_network(record);
    } else if (record.kind < sim::broker_trace_first) {
      tell_producer(record);
    } else if (record.kind < sim::scenario_trace_first) {
      tell_log(record);
    } else {
      tell_application(record);
    }
  }
  close_open_lines();
  if (final_) {
    std::string what = "final phase: every in-sync replica leads once";
    if (witnessed_ > 0) what += "; a witness reads " + counted(witnessed_, "record");
    StoryLine line;
    line.at = final_begin_;
    line.what = what;
    line.tone = Tone::quiet;
    line.waited_for = "the cluster settles";
    lines_.push_back(std::move(line));
  }
  return std::move(lines_);
}

// ---- lines
// -----------------------------------------------------------------------------------------------------------

StoryLine& StoryTeller::add(const TraceRecord& record, std::string who, std::string what, std::string why,
                            Weight weight, Tone tone) {
  close_open_lines();
  StoryLine line;
  line.at = record.at;
  line.who = std::move(who);
  line.what = std::move(what);
  line.why = std::move(why);
  line.weight = weight;
  line.tone = tone;
  line.record = index_;
  lines_.push_back(std::move(line));
  return lines_.back();
}

void StoryTeller::add_merged(const TraceRecord& record, const Merge& merge, const std::string& subject) {
  const std::string key =
      std::to_string(record.event.value()) + "/" + std::to_string(record.host.value()) + "/" + merge.head + merge.tail;
  if (merge_key_ != key) {
    add(record, merge.who, "", merge.why, Weight::telling, merge.tone);
    merge_key_ = key;
    merge_subjects_.clear();
  }
  if (std::find(merge_subjects_.begin(), merge_subjects_.end(), subject) == merge_subjects_.end())
    merge_subjects_.push_back(subject);
  lines_.back().what = merge.head + listed(merge_subjects_) + merge.tail;
}

void StoryTeller::close_open_lines() {
  merge_key_.clear();
  if (sends_) {
    const Sends sends = *std::exchange(sends_, std::nullopt);
    const std::string records =
        sends.count == 2   ? "r" + std::to_string(sends.first) + ", r" + std::to_string(sends.last)
        : sends.count == 1 ? "r" + std::to_string(sends.first)
                           : "r" + std::to_string(sends.first) + "..r" + std::to_string(sends.last);
    std::string what = "sends " + records;
    if (sends.end > sends.begin) what += ", the last at " + milliseconds(sends.end.ns()) + " ms";
    StoryLine line;
    line.at = sends.begin;
    line.who = application(sim::HostId{sends.host});
    line.what = std::move(what);
    line.record = sends.record;
    line.waited_for = "the application sends nothing";
    lines_.push_back(std::move(line));
  }
  if (hearing_) {
    const Hearing heard = std::move(*std::exchange(hearing_, std::nullopt));
    const auto& records = heard.records;
    bool in_a_row = records.size() > 2;
    for (std::size_t i = 1; i < records.size() && in_a_row; ++i) {
      in_a_row = records[i].number == records[0].number + static_cast<std::int64_t>(i) &&
                 records[i].offset == records[0].offset + static_cast<std::int64_t>(i) &&
                 records[i].partition == records[0].partition;
    }
    const auto place = [this](const Heard& one, const std::string& offsets) {
      return (one.offset < 0 ? std::string(" sent") : " at " + offsets) +
             (partitions_.size() > 1 ? " of " + one.partition : "");
    };
    std::string what = "hears ";
    if (in_a_row) {
      const std::string offsets = range(records.front().offset, records.back().offset);
      what += "r" + std::to_string(records.front().number) + "..r" + std::to_string(records.back().number) +
              place(records.front(), offsets);
    } else {
      std::vector<std::string> words;
      for (const Heard& one : records)
        words.push_back("r" + std::to_string(one.number) + place(one, std::to_string(one.offset)));
      what += listed(words, 3);
    }
    StoryLine line;
    line.at = heard.at;
    line.who = application(sim::HostId{heard.host});
    line.what = std::move(what);
    line.record = heard.record;
    line.acknowledged = static_cast<std::int64_t>(records.size());
    lines_.push_back(std::move(line));
  }
}

std::string StoryTeller::application(sim::HostId id) const {
  return setup_.scenario.producers.size() > 1 ? "app " + host(id) : "app";
}

StoryTeller::Partition& StoryTeller::partition(const std::string& name) {
  return partitions_[name];
}

// ---- the application
// -------------------------------------------------------------------------------------------------

void StoryTeller::tell_application(const TraceRecord& record) {
  const std::string app = record.host == sim::no_host || role(record.host).kind != scenarios::HostKind::producer
                              ? ""
                              : application(record.host);
  switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
    case AppTrace::app_send:
      sends(record);
      break;
    case AppTrace::app_acked:
      acknowledged(record);
      break;
    case AppTrace::app_failed:
    case AppTrace::app_refused: {
      std::string error = text(record);
      error = error.substr(error.rfind('.') + 1);
      const bool refused = record.kind == trace_kind(AppTrace::app_refused);
      std::string why = refused               ? "send() itself says no"
                        : record.args[2] != 0 ? ""
                                              : "nobody knows whether it was written";
      add_merged(record,
                 {app, (refused ? "is refused " : "hears ") + error + " for ", "", std::move(why), Tone::failed},
                 "r" + std::to_string(record.args[1]));
      break;
    }
    case AppTrace::app_blocked:
      blocked_[{record.host.value(), record.args[1]}] = {record.at, text(record)};
      break;
    case AppTrace::app_resumed: {
      const auto since = blocked_.find({record.host.value(), record.args[1]});
      if (since == blocked_.end()) break;
      const sim::Duration waited = record.at - since->second.first;
      if (waited >= sim::Duration::ms(50)) {
        std::string what = since->second.second + "() returns after " + length_of_time(waited);
        const bool told =
            !lines_.empty() && lines_.back().at == record.at && lines_.back().what == what && lines_.back().who == app;
        if (!told) {
          add(record, app, std::move(what), {}, Weight::ordinary, Tone::quiet).waited_for =
              "the application waits in " + since->second.second + "()";
        }
      }
      blocked_.erase(since);
      break;
    }
    case AppTrace::app_flush:
      add(record, app, "calls flush()");
      break;
    case AppTrace::app_close:
      add(record, app,
          record.args[1] < 0 ? std::string("closes its producer")
                             : "closes its producer within " + length_of_time(sim::Duration::ms(record.args[1])));
      break;
    case AppTrace::app_restarted:
      add(record, app, "dies; a new process goes on with a new producer", {}, Weight::telling, Tone::lost);
      break;
    case AppTrace::app_initialized:
      add(record, app, "may begin transactions now", "initTransactions has returned");
      break;
    case AppTrace::app_begin:
      add(record, app, "begins transaction " + std::to_string(record.args[1]), {}, Weight::telling);
      break;
    case AppTrace::app_commit:
      add(record, app, "asks for the commit of transaction " + std::to_string(record.args[1]), {}, Weight::telling);
      break;
    case AppTrace::app_abort:
      add(record, app, "asks for the abort of transaction " + std::to_string(record.args[1]), {}, Weight::telling);
      break;
    case AppTrace::app_send_offsets:
      add(record, app, "puts into the transaction that " + text(record) + " goes on at " + std::to_string(record.args[3]));
      break;
    case AppTrace::app_asks_offsets:
    case AppTrace::app_group_offset:
    case AppTrace::app_polled:
    case AppTrace::app_commits_offsets:
    case AppTrace::app_offsets_committed:
    case AppTrace::app_transfer_done:
      tell_transfer(record);
      break;
    case AppTrace::app_committed:
      add(record, app, "hears that transaction " + std::to_string(record.args[1]) + " is committed", {}, Weight::telling);
      break;
    case AppTrace::app_aborted:
      add(record, app, "hears that transaction " + std::to_string(record.args[1]) + " is aborted", {}, Weight::telling);
      break;
    case AppTrace::app_transaction_error: {
      std::string error = text(record);
      error = error.substr(error.rfind('.') + 1);
      add(record, app, "hears " + error, record.args[2] != 0 ? "nothing more can be done with this producer" : "", Weight::telling, Tone::failed);
      break;
    }
    case AppTrace::produce_sent:
      produce_sent(record);
      break;
    case AppTrace::produce_answered:
      produce_answered(record);
      break;
    case AppTrace::answer_arrived:
      answer_arrived(record);
      break;
    case AppTrace::phase:
      enter_phase(record);
      break;
    case AppTrace::consumed:
      // What a transfer's consumer has fetched is told when the application takes it.
      if (role(record.host).kind == scenarios::HostKind::producer) break;
      if (final_) {
        if (host(record.host) == "witness") witnessed_ += record.args[1] - record.args[0] + 1;
      } else {
        add(record, host(record.host), "reads " + text(record) + " " + range(record.args[0], record.args[1]));
      }
      break;
    case AppTrace::fault_strikes:
    case AppTrace::fault_ends:
    case AppTrace::fault_hits:
    case AppTrace::fault_misses:
    case AppTrace::forged:
      tell_faults(record);
      break;
    case AppTrace::request_sent:
      break;
  }
}

/// An application that reads one topic and writes another.
void StoryTeller::tell_transfer(const TraceRecord& record) {
  const std::string app = application(record.host);
  const std::string what = text(record);
  switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
    case AppTrace::app_asks_offsets:
      add(record, app, "asks where its group " + what + " goes on",
          "its own memory does not count, only what is committed");
      break;
    case AppTrace::app_group_offset:
      if (record.args[1] < 0) {
        add_merged(record,
                   {app, "begins to read at the beginning of ", "",
                    "the group has committed nothing there: auto.offset.reset=earliest", Tone::plain},
                   what);
      } else {
        add(record, app, "goes on reading " + what + " at " + std::to_string(record.args[1]),
            "the group's committed offset", Weight::telling);
      }
      break;
    case AppTrace::app_polled:
      add(record, app, "takes " + what + " " + range(record.args[1], record.args[2]) + " to transfer it", {},
          Weight::telling);
      break;
    case AppTrace::app_commits_offsets:
      add(record, app, "commits that its group goes on at " + std::to_string(record.args[1]) + " of " + what,
          "in no transaction", Weight::telling);
      break;
    case AppTrace::app_offsets_committed:
      add(record, app, "hears that the offsets of " + what + " are committed");
      break;
    default:
      add(record, app, "has transferred all of " + what, "nobody writes there any more, and all of it is decided",
          Weight::telling);
      break;
  }
}

/// The transactional.id behind a producer id, as far as the story has heard of it.
std::string StoryTeller::producer_in_words(std::int64_t producer_id) const {
  const auto known = transactional_ids_.find(producer_id);
  return known == transactional_ids_.end() ? "pid " + std::to_string(producer_id) : known->second;
}

void StoryTeller::sends(const TraceRecord& record) {
  const std::int64_t number = record.args[1];
  if (record.args[4] >= 0) {
    add(record, application(record.host),
        "sends r" + std::to_string(number) + ", once more what was r" + std::to_string(record.args[4]),
        "the application sends again by itself", Weight::telling);
    return;
  }
  const bool follows = sends_ && sends_->host == record.host.value() && number == sends_->last + 1;
  // Two records at different moments are two lines; a stream of them is one.
  if (follows && (sends_->count > 1 || sends_->begin == record.at || next_send_follows(record))) {
    sends_->last = number;
    sends_->end = record.at;
    ++sends_->count;
    return;
  }
  close_open_lines();
  sends_ = Sends{index_, record.host.value(), number, number, 1, record.at, record.at};
}

bool StoryTeller::next_send_follows(const TraceRecord& record) const {
  for (std::uint64_t i = index_ + 1; i < trace_.stored() && i < index_ + 400; ++i) {
    const TraceRecord& next = trace_.at(i);
    if (next.kind == trace_kind(AppTrace::produce_sent) || next.kind == trace_kind(ProducerEvent::batch_closed))
      return false;
    if (next.kind == trace_kind(AppTrace::app_send))
      return next.host == record.host && next.args[1] == record.args[1] + 1;
  }
  return false;
}

void StoryTeller::acknowledged(const TraceRecord& record) {
  if (!hearing_ || hearing_->host != record.host.value() || hearing_->event != record.event) {
    close_open_lines();
    hearing_ = Hearing{index_, record.host.value(), record.event, record.at, {}};
  }
  hearing_->records.push_back({record.args[1], record.args[2], text(record)});
}

void StoryTeller::enter_phase(const TraceRecord& record) {
  const std::string name = text(record);
  if (name.starts_with("each")) {
    close_open_lines();
    final_ = true;
    final_begin_ = record.at;
    return;
  }
  settling_ = true;
  // Where faults only strike messages there is nothing to heal.
  const auto& faults = setup_.scenario.faults;
  const bool heals =
      std::any_of(faults.begin(), faults.end(), [](const scenarios::Fault& fault) { return fault.at || fault.lasts; });
  if (heals && !final_)
    add(record, "", name, {}, Weight::telling, Tone::quiet).waited_for = "what is still open is answered";
}

// ---- the producer
// ----------------------------------------------------------------------------------------------------

void StoryTeller::tell_producer(const TraceRecord& record) {
  const std::string who = host(record.host);
  const std::string where = text(record);
  switch (static_cast<ProducerEvent>(record.kind - sim::producer_trace_first)) {
    case ProducerEvent::batch_closed:
      batch_closed(record);
      break;
    case ProducerEvent::buffer_wait: {
      // While memory stays short each send waits; once is enough for all that follow closely.
      const auto [last, first] = memory_was_short_.try_emplace(who, record.at);
      const bool news = first || record.at - last->second >= sim::Duration::ms(100);
      last->second = record.at;
      add(record, who, "has no memory left for " + std::to_string(record.args[0]) + " B: send() waits", "buffer.memory",
          news ? Weight::telling : Weight::ordinary);
      break;
    }
    case ProducerEvent::batch_drained: {
      const std::pair identity{record.args[3], record.args[4]};
      const auto [known, fresh] = identities_.try_emplace({who, record.args[0]}, identity);
      if (!fresh && known->second != identity) renumbered_.insert(who + "/" + where);
      known->second = identity;
      break;
    }
    case ProducerEvent::batch_retried:
      if (!lines_.empty() && lines_.back().at == record.at && lines_.back().why.empty())
        lines_.back().why = "the batch goes back into its queue";
      break;
    case ProducerEvent::batch_failed:
      if (expired_ == std::pair{who, record.args[0]}) break;
      add(record, who, "gives up the batch for " + where + ": " + error_word(record.args[2]),
          "not an error that a retry cures, or no retry is left", Weight::telling, Tone::failed);
      break;
    case ProducerEvent::batch_split:
      add(record, who, "cuts a batch for " + where + " into " + std::to_string(record.args[1]),
          "it is too large for the broker", Weight::telling);
      break;
    case ProducerEvent::batch_expired:
      add(record, who,
          "gives up the batch for " + where + " after " + length_of_time(sim::Duration::ms(record.args[2])),
          "delivery.timeout.ms", Weight::telling, Tone::failed)
          .waited_for = who + " waits for delivery.timeout.ms";
      expired_ = {who, record.args[0]};
      break;
    case ProducerEvent::batch_aborted:
      add(record, who, "gives up a batch for " + where + " with everything else", {}, Weight::telling, Tone::failed);
      break;
    case ProducerEvent::producer_id_set:
      if (const std::string& id = setup_.producers[role(record.host).index].config.transactional_id; !id.empty()) {
        transactional_ids_[record.args[0]] = id;
        add(record, who,
            "is now " + id + ": producer id " + std::to_string(record.args[0]) + ", epoch " +
                std::to_string(record.args[1]),
            "transactional.id")
            .waited_for = who + " connects and asks for a producer id";
        break;
      }
      add(record, who,
          "is now producer id " + std::to_string(record.args[0]) + ", epoch " + std::to_string(record.args[1]),
          "enable.idempotence")
          .waited_for = who + " connects and asks for a producer id";
      break;
    case ProducerEvent::epoch_bumped:
      add(record, who, "raises its epoch to " + std::to_string(record.args[1]),
          "the fate of a batch is unknown: numbers begin anew", Weight::telling);
      break;
    case ProducerEvent::sequences_reset:
      add(record, who,
          "numbers a batch of " + where + " anew: seq " + std::to_string(record.args[3]) + " in epoch " +
              std::to_string(record.args[2]),
          {}, Weight::telling);
      break;
    case ProducerEvent::sequence_unresolved:
      add(record, who, "cannot know whether the batch of " + where + " was written",
          "it expired while it was under way", Weight::telling);
      break;
    case ProducerEvent::sequence_resolved:
      add(record, who, "knows now what became of " + where, {}, Weight::telling);
      break;
    case ProducerEvent::partition_chosen:
    case ProducerEvent::batch_created:
    case ProducerEvent::batch_completed:
    case ProducerEvent::buffer_released:
    case ProducerEvent::partition_muted:
    case ProducerEvent::partition_unmuted:
      break;
  }
}

void StoryTeller::batch_closed(const TraceRecord& record) {
  std::string why;
  switch (static_cast<CloseReason>(record.args[3])) {
    case CloseReason::full:
      why = "it is full (batch.size)";
      break;
    case CloseReason::linger:
      why = "linger.ms is over";
      break;
    case CloseReason::flush:
      why = "flush()";
      break;
    case CloseReason::close:
      why = "close()";
      break;
    case CloseReason::memory:
      why = "others wait for memory";
      break;
    case CloseReason::retry:  // the Produce line says it
    case CloseReason::none:
      return;
  }
  const std::string for_partition = partitions_.size() > 1 ? " for " + text(record) : "";
  add(record, host(record.host),
      "closes the batch" + for_partition + ": " + counted(record.args[1], "record") + ", " +
          std::to_string(record.args[2]) + " B",
      why)
      .waited_for = "the application sends nothing";
}

}  // namespace linger::cli
