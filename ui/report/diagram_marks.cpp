// Marks: what the records of the trace say.
#include <algorithm>

#include "producer/observation.h"
#include "sim/trace_kinds.h"
#include "ui/report/diagram_builder.h"

namespace linger::report {

using broker::Observation;
using scenarios::AppTrace;
using scenarios::HostKind;
using scenarios::trace_kind;
using sim::SimTrace;
using sim::TraceRecord;

Mark* DiagramBuilder::add(const TraceRecord& record, LaneKind kind, MarkKind mark_kind, Tone tone, std::string text,
                          std::string more) {
  const auto where = kind == LaneKind::broker ? lane(record.host) : lane(record.host, kind);
  if (!where || !in_subset(record.at, record.event)) return nullptr;
  Mark mark;
  mark.lane = *where;
  mark.kind = mark_kind;
  mark.tone = tone;
  mark.at = record.at;
  mark.text = std::move(text);
  mark.more = std::move(more);
  mark.event = record.event;
  mark.record = index_;
  out_.marks.push_back(std::move(mark));
  return &out_.marks.back();
}

void DiagramBuilder::add_merged(const TraceRecord& record, MarkKind kind, Tone tone, const std::string& head,
                                const std::string& subject, const std::string& more) {
  const std::string key =
      std::to_string(record.event.value()) + "/" + std::to_string(record.host.value()) + "/" + head + "/" + more;
  if (key != merge_key_ || merged_.empty()) {
    if (add(record, LaneKind::broker, kind, tone, "", more) == nullptr) return;
    merge_key_ = key;
    merged_.clear();
    merge_mark_ = out_.marks.size() - 1;
  }
  if (std::find(merged_.begin(), merged_.end(), subject) == merged_.end()) merged_.push_back(subject);
  out_.marks[merge_mark_].text = head + (out_.several_partitions || merged_.size() > 1 ? " " + listed(merged_, 3) : "");
}

std::string DiagramBuilder::of(const std::string& partition) const {
  return out_.several_partitions ? " " + partition : std::string();
}

void DiagramBuilder::read(const TraceRecord& record) {
  if (record.kind < sim::producer_trace_first)
    network(record);
  else if (record.kind < sim::broker_trace_first)
    producer(record);
  else if (record.kind < sim::scenario_trace_first)
    cluster(record);
  else
    application(record);
}

void DiagramBuilder::network(const TraceRecord& record) {
  switch (static_cast<SimTrace>(record.kind)) {
    case SimTrace::crash:
      host_down(record, "crash");
      break;
    case SimTrace::power_lost:
      host_down(record, "power lost");
      break;
    case SimTrace::paused:
      host_down(record, "stands still");
      break;
    case SimTrace::resumed:
      host_up(record, "goes on");
      break;
    case SimTrace::restart:
      host_up(record, "restarts");
      break;
    case SimTrace::refused:
      out_.idle.push_back({record.at, "refused connect"});
      break;
    case SimTrace::close:
    case SimTrace::closed:
      if (record.args[1] == 0 && kind_of(record.host) == HostKind::producer) connection_ends(record);
      break;
    default:
      break;
  }
}

void DiagramBuilder::connection_ends(const TraceRecord& record) {
  std::int64_t open = 0;
  for (const Message& one : traffic_.messages) {
    if (one.answer || one.api != ApiKey::produce || traffic_.wires[one.wire].serial != record.args[0] ||
        one.sent_at > record.at)
      continue;
    if (waits_until(traffic_, one) == record.at &&
        !(one.answered_by && traffic_.messages[*one.answered_by].fate == Fate::arrived))
      ++open;
  }
  if (open == 0 || !closed_.insert(record.args[0]).second) return;
  const bool by_itself = record.kind == sim::trace_kind(SimTrace::close);
  add(record, LaneKind::requests, MarkKind::gives_up, Tone::lost, by_itself ? "gives up, closes" : "connection lost",
      by_itself ? "request.timeout.ms" : counted(open, "request") + " unanswered");
}

void DiagramBuilder::producer(const TraceRecord& record) {
  const std::pair key{record.host, record.args[0]};
  const auto where = lane(record.host, LaneKind::accumulator);
  if (!where) return;
  const auto kind = static_cast<ProducerEvent>(record.kind - sim::producer_trace_first);
  const auto end = [&] {
    const auto open = batches_.find(key);
    if (open == batches_.end()) return;
    open->second.until = record.at;
    add_bar(open->second);
    batches_.erase(open);
  };
  const std::string name = "batch " + std::to_string(record.args[0]) + of(text(record));
  switch (kind) {
    case ProducerEvent::batch_created:
      batches_[key] = {*where, BarKind::batch, Tone::produce, record.at, record.at, name, record.event};
      break;
    case ProducerEvent::batch_closed:
      if (const auto open = batches_.find(key); open != batches_.end() && open->second.kind == BarKind::batch)
        open->second.text = name + ": " + counted(record.args[1], "record");
      break;
    case ProducerEvent::batch_drained:
      end();
      break;
    case ProducerEvent::batch_retried:
      batches_[key] = {*where,      BarKind::queued_again,
                       Tone::again, record.at,
                       record.at,   name + " again: " + (record.args[2] == 0 ? "retry" : error_word(record.args[2])),
                       record.event};
      break;
    case ProducerEvent::batch_split:
      add(record, LaneKind::accumulator, MarkKind::retry, Tone::again, name + " is split");
      end();
      break;
    case ProducerEvent::batch_expired:
      end();
      add(record, LaneKind::accumulator, MarkKind::gives_up, Tone::lost, name + " expires", "delivery.timeout.ms");
      break;
    case ProducerEvent::batch_failed:
    case ProducerEvent::batch_aborted:
      end();
      break;
    case ProducerEvent::epoch_bumped:
      add(record, LaneKind::requests, MarkKind::note, Tone::again, "producer epoch " + std::to_string(record.args[1]));
      break;
    case ProducerEvent::producer_id_set:
      add(record, LaneKind::requests, MarkKind::note, Tone::quiet, "producer id " + std::to_string(record.args[0]),
          "epoch " + std::to_string(record.args[1]));
      break;
    default:
      break;
  }
}

void DiagramBuilder::cluster(const TraceRecord& record) {
  const std::string partition = text(record);
  using Kind = Observation::Kind;
  switch (static_cast<Kind>(record.kind - sim::broker_trace_first)) {
    case Kind::appended: {
      if (partition.starts_with("__")) break;
      const bool leader = record.args[7] != 0;
      if (!leader) fetched_.insert(record.event);
      add(record, LaneKind::broker, leader ? MarkKind::appended : MarkKind::replicated, Tone::produce,
          (leader ? "appends " : "holds ") + range(record.args[0], record.args[1]) + of(partition));
      break;
    }
    case Kind::duplicate:
      add(record, LaneKind::broker, MarkKind::duplicate, Tone::good, "duplicate" + of(partition),
          "already at " + range(record.args[0], record.args[1]));
      break;
    case Kind::refused:
      add(record, LaneKind::broker, MarkKind::turned_away, Tone::lost, "refuses the batch" + of(partition),
          error_word(record.args[0]));
      break;
    case Kind::truncated:
      add(record, LaneKind::broker, MarkKind::truncated, Tone::lost, "cuts its log" + of(partition),
          "from " + std::to_string(record.args[0]) + " to " + std::to_string(record.args[1]));
      break;
    case Kind::high_watermark:
      if (record.args[2] == 0 || partition.starts_with("__")) break;
      acknowledged_.insert(record.event);
      add(record, LaneKind::broker, MarkKind::high_watermark, Tone::plain,
          "HW " + std::to_string(record.args[1]) + of(partition));
      break;
    case Kind::became_leader:
      leading_.try_emplace({record.host, partition}, record.at);
      add_merged(record, MarkKind::leads, Tone::leadership, "leads", partition,
                 "leader epoch " + std::to_string(record.args[0]));
      break;
    case Kind::became_follower:
      stop_leading(record.host, partition, record.at);
      leading_.erase({record.host, partition});
      break;
    case Kind::leader_elected:
    case Kind::unclean_election: {
      if (!elected_.insert(partition + "/" + std::to_string(record.args[1])).second) break;
      const bool unclean = static_cast<Kind>(record.kind - sim::broker_trace_first) == Kind::unclean_election;
      add_merged(record, MarkKind::elected, Tone::leadership,
                 (unclean ? "unclean: b" : "b") + std::to_string(record.args[0]) + " is to lead", partition,
                 "ISR " + brokers_of(static_cast<broker::NodeMask>(record.args[2])));
      break;
    }
    case Kind::isr_committed:
      if (in_sync_[partition] == record.args[0]) break;
      in_sync_[partition] = record.args[0];
      add_merged(record, MarkKind::elected, Tone::leadership,
                 "ISR " + brokers_of(static_cast<broker::NodeMask>(record.args[0])), partition, "");
      break;
    case Kind::partition_offline:
      if (!elected_.insert(partition + "/offline/" + std::to_string(record.at.ns())).second) break;
      add_merged(record, MarkKind::elected, Tone::lost, "nobody can lead", partition, "");
      break;
    case Kind::fenced:
      if (kind_of(record.host) == HostKind::controller)
        add(record, LaneKind::broker, MarkKind::host, Tone::lost, "b" + std::to_string(record.args[0]) + " is fenced");
      break;
    case Kind::stopped:
      host_down(record, "stops");
      break;
    case Kind::restarted:
      host_up(record, "restarts");
      break;
    case Kind::metadata_applied:
      learned_.insert(record.event);
      break;
    case Kind::marker_written:
      if (!partition.starts_with("__"))
        add(record, LaneKind::broker, MarkKind::note, Tone::leadership,
            record.args[4] != 0 ? "COMMIT marker" : "ABORT marker",
            "at " + std::to_string(record.args[0]) + of(partition));
      break;
    case Kind::transaction_state:
      if (record.args[0] != record.args[1])
        add(record, LaneKind::broker, MarkKind::note, Tone::leadership,
            scenarios::transaction_state_name(record.args[1]));
      break;
    default:
      break;
  }
}

void DiagramBuilder::application(const TraceRecord& record) {
  const auto app = [&](MarkKind kind, Tone tone, std::string text, std::string more = {}) {
    return add(record, LaneKind::application, kind, tone, std::move(text), std::move(more));
  };
  const auto record_mark = [&](MarkKind kind, Tone tone, std::int64_t offset, std::string more) {
    Mark* mark = app(kind, tone, "", std::move(more));
    if (mark == nullptr) return;
    mark->number = record.args[1];
    mark->offset = offset;
    const auto index = static_cast<std::size_t>(record.args[0]);
    if (kind != MarkKind::sent && index < run_.result.fates.size()) mark->verdict = run_.result.fates[index].verdict;
    if (kind == MarkKind::acked) mark->partition = text(record);
  };
  const auto transaction = [&](const char* word, Tone tone) { app(MarkKind::note, tone, word); };
  switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
    case AppTrace::app_send:
      record_mark(MarkKind::sent, Tone::plain, -1, "");
      break;
    case AppTrace::app_acked:
      record_mark(MarkKind::acked, Tone::good, record.args[2], "");
      break;
    case AppTrace::app_failed:
    case AppTrace::app_refused: {
      const std::string error = text(record);
      record_mark(record.kind == trace_kind(AppTrace::app_failed) ? MarkKind::failed : MarkKind::refused, Tone::lost,
                  -1, error.substr(error.rfind('.') + 1));
      break;
    }
    case AppTrace::app_restarted:
      app(MarkKind::host, Tone::lost, "dies and starts again");
      break;
    case AppTrace::app_begin:
      transaction("begin", Tone::quiet);
      break;
    case AppTrace::app_commit:
      transaction("commit?", Tone::quiet);
      break;
    case AppTrace::app_abort:
      transaction("abort?", Tone::quiet);
      break;
    case AppTrace::app_committed:
      transaction("committed", Tone::good);
      break;
    case AppTrace::app_aborted:
      transaction("aborted", Tone::again);
      break;
    case AppTrace::app_transaction_error: {
      const std::string error = text(record);
      app(MarkKind::gives_up, Tone::lost, error.substr(error.rfind('.') + 1));
      break;
    }
    case AppTrace::app_polled:
      read_.insert(record.event);
      app(MarkKind::note, Tone::quiet, "reads " + range(record.args[1], record.args[2]), text(record));
      break;
    case AppTrace::consumed:
      read_.insert(record.event);
      add(record, LaneKind::broker, MarkKind::note, Tone::plain,
          "reads " + range(record.args[0], record.args[1]) + of(text(record)));
      break;
    case AppTrace::fault_strikes:
    case AppTrace::fault_ends:
    case AppTrace::fault_misses:
      fault(record);
      break;
    default:
      break;
  }
}

}  // namespace linger::report
