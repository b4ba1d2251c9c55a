#include "ui/report/diagram.h"

#include <algorithm>
#include <map>
#include <utility>

#include "producer/observation.h"
#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using broker::Observation;
using scenarios::AppTrace;
using scenarios::HostKind;
using scenarios::trace_kind;
using sim::EventNumber;
using sim::HostId;
using sim::SimTime;
using sim::SimTrace;
using sim::TraceRecord;

class Builder {
 public:
  Builder(const scenarios::Run& run, const Subset& subset)
      : run_(run), trace_(run.trace), setup_(*run.setup), subset_(subset), traffic_(read_messages(run.trace)) {
    out_.from = subset.from.value_or(SimTime{});
    out_.until = subset.until.value_or(end_of_main_phase(run).at);
    std::int64_t partitions = 0;
    for (const scenarios::TopicSpec& topic : setup_.scenario.cluster.topics) partitions += topic.partitions;
    out_.several_partitions = partitions > 1;
  }

  Diagram build() {
    make_lanes();
    begin_leading();
    for (const Message& message : traffic_.messages) {
      if (message.arrived_record)
        arriving_[trace_.at(*message.arrived_record).event] =
            static_cast<std::size_t>(&message - traffic_.messages.data());
    }
    const std::uint64_t end = subset_.until ? trace_.stored() : end_of_main_phase(run_).record;
    for (index_ = 0; index_ < end; ++index_) read(trace_.at(index_));
    last_record_ = end;
    close_bars();
    for (std::size_t i = 0; i < traffic_.messages.size(); ++i) draw_message(i);
    finish();
    return std::move(out_);
  }

 private:
  // ---- Lanes

  void make_lanes() {
    if (!setup_.scenario.faults.empty()) add_lane(LaneKind::faults, sim::no_host, "faults", "");
    const auto wanted = [this](HostId host) { return !subset_.hosts || subset_.hosts->contains(host); };
    const auto each = [&](HostKind kind, const auto& make) {
      for (std::uint32_t i = 0; i < setup_.hosts.size(); ++i) {
        if (setup_.roles[i].kind == kind && wanted(HostId{i})) make(HostId{i}, setup_.hosts[i]);
      }
    };
    each(HostKind::producer, [this](HostId host, const std::string& name) {
      add_lane(LaneKind::application, host, "application", name);
      add_lane(LaneKind::accumulator, host, "accumulator", name);
      add_lane(LaneKind::requests, host, "requests", name);
    });
    each(HostKind::broker,
         [this](HostId host, const std::string& name) { add_lane(LaneKind::broker, host, "broker " + name, ""); });
    each(HostKind::controller, [this](HostId host, const std::string& name) {
      add_lane(LaneKind::controller, host, "controller " + name, "");
    });
    each(HostKind::consumer,
         [this](HostId host, const std::string& name) { add_lane(LaneKind::consumer, host, "consumer " + name, ""); });
    each(HostKind::admin,
         [this](HostId host, const std::string& name) { add_lane(LaneKind::consumer, host, name, ""); });
  }
  void add_lane(LaneKind kind, HostId host, std::string name, std::string note) {
    lanes_[{host, kind}] = out_.lanes.size();
    // Where arrows of this host begin and end.
    if (kind != LaneKind::application && kind != LaneKind::accumulator) main_lane_[host] = out_.lanes.size();
    out_.lanes.push_back({kind, host, std::move(name), std::move(note)});
  }
  std::optional<std::size_t> lane(HostId host, LaneKind kind) const {
    const auto found = lanes_.find({host, kind});
    return found == lanes_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::size_t> lane(HostId host) const {
    const auto found = main_lane_.find(host);
    return found == main_lane_.end() ? std::nullopt : std::optional(found->second);
  }
  const std::string& name(std::int64_t host) const { return setup_.hosts[static_cast<std::size_t>(host)]; }
  HostKind kind_of(HostId host) const { return setup_.roles[host.value()].kind; }

  bool in_subset(SimTime at, EventNumber event) const {
    return at >= out_.from && at <= out_.until && (!subset_.events || subset_.events->contains(event));
  }

  // ---- Marks

  Mark* add(const TraceRecord& record, LaneKind kind, MarkKind mark_kind, Tone tone, std::string text,
            std::string more = {}) {
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

  /// A mark whose subjects grow while the same happens to other partitions in the same event: "b2 leads orders-0,
  /// orders-1".
  void add_merged(const TraceRecord& record, MarkKind kind, Tone tone, const std::string& head,
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
    out_.marks[merge_mark_].text =
        head + (out_.several_partitions || merged_.size() > 1 ? " " + listed(merged_, 3) : "");
  }

  std::string text(const TraceRecord& record) const { return std::string(trace_.text(record.text)); }
  /// " orders-0" where there are several partitions.
  std::string of(const std::string& partition) const {
    return out_.several_partitions ? " " + partition : std::string();
  }

  void read(const TraceRecord& record) {
    if (record.kind < sim::producer_trace_first)
      network(record);
    else if (record.kind < sim::broker_trace_first)
      producer(record);
    else if (record.kind < sim::scenario_trace_first)
      cluster(record);
    else
      application(record);
  }

  void network(const TraceRecord& record) {
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

  void host_down(const TraceRecord& record, const std::string& word) {
    if (down_.contains(record.host)) return;
    down_[record.host] = {record.at, word, record.event};
    const LaneKind kind = kind_of(record.host) == HostKind::producer ? LaneKind::application : LaneKind::broker;
    add(record, kind, MarkKind::host, Tone::lost, word);
    for (auto& [where, since] : leading_) {
      if (where.first == record.host) stop_leading(where.first, where.second, record.at);
    }
    std::erase_if(leading_, [&](const auto& one) { return one.first.first == record.host; });
  }
  void host_up(const TraceRecord& record, const std::string& word) {
    const auto since = down_.find(record.host);
    if (since == down_.end()) return;
    bar(since->first, since->second, record.at);
    down_.erase(since);
    const LaneKind kind = kind_of(record.host) == HostKind::producer ? LaneKind::application : LaneKind::broker;
    add(record, kind, MarkKind::host, Tone::quiet, word);
  }
  struct Down {
    SimTime at;
    std::string word;
    EventNumber event;
  };
  void bar(HostId host, const Down& down, SimTime until) {
    const auto where = lane(host);
    if (where) add_bar({*where, BarKind::down, Tone::lost, down.at, until, name(host.value()) + " down", down.event});
  }

  /// A producer's connection has gone: which of its requests are without an answer now?
  void connection_ends(const TraceRecord& record) {
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

  void producer(const TraceRecord& record) {
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
        add(record, LaneKind::requests, MarkKind::note, Tone::again,
            "producer epoch " + std::to_string(record.args[1]));
        break;
      case ProducerEvent::producer_id_set:
        add(record, LaneKind::requests, MarkKind::note, Tone::quiet, "producer id " + std::to_string(record.args[0]),
            "epoch " + std::to_string(record.args[1]));
        break;
      default:
        break;
    }
  }

  void cluster(const TraceRecord& record) {
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
          add(record, LaneKind::broker, MarkKind::host, Tone::lost,
              "b" + std::to_string(record.args[0]) + " is fenced");
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

  void application(const TraceRecord& record) {
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

  void fault(const TraceRecord& record) {
    const auto number = static_cast<std::size_t>(record.args[0]);
    const scenarios::Fault& planned = setup_.scenario.faults[number];
    const auto where = lane(sim::no_host, LaneKind::faults);
    if (!where) return;
    const bool begins = record.kind == trace_kind(AppTrace::fault_strikes);
    if (record.kind == trace_kind(AppTrace::fault_misses) || (begins && !lasts(planned))) {
      TraceRecord here = record;
      here.host = sim::no_host;
      add(here, LaneKind::faults, MarkKind::note, begins ? Tone::lost : Tone::quiet,
          (begins ? "" : "finds nothing: ") + action_in_words(planned), "");
    } else if (begins) {
      faults_[number] = {*where,    BarKind::fault,           Tone::lost,   record.at,
                         record.at, action_in_words(planned), record.event, record.args[0]};
    } else if (const auto open = faults_.find(number); open != faults_.end()) {
      open->second.until = record.at;
      add_bar(open->second);
      faults_.erase(open);
    }
  }

  // ---- Bars

  void begin_leading() {
    for (const scenarios::TopicSpec& topic : setup_.scenario.cluster.topics) {
      for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const std::vector<std::int32_t> replicas =
            scenarios::replicas_of(topic, number, setup_.scenario.cluster.brokers);
        broker::NodeMask isr = 0;
        for (const std::int32_t replica : replicas) isr |= broker::mask_of(NodeId{replica});
        const std::string name = topic.name + "-" + std::to_string(number);
        in_sync_[name] = static_cast<std::int64_t>(isr);
        if (!replicas.empty())
          leading_[{setup_.broker_host(static_cast<std::uint32_t>(replicas.front() - 1)), name}] = SimTime{};
      }
    }
  }
  void stop_leading(HostId host, const std::string& partition, SimTime until) {
    const auto since = leading_.find({host, partition});
    const auto where = lane(host);
    if (since == leading_.end() || !where || partition.starts_with("__")) return;
    add_bar({*where, BarKind::leads, Tone::leadership, since->second, until, "leads " + partition, {}});
  }
  void add_bar(Bar bar) {
    if (bar.until < out_.from || bar.from > out_.until) return;
    const bool always = bar.kind == BarKind::leads || bar.kind == BarKind::down || bar.kind == BarKind::fault;
    if (subset_.events && !always && !subset_.events->contains(bar.event)) return;
    bar.from = std::max(bar.from, out_.from);
    bar.until = std::min(bar.until, out_.until);
    out_.bars.push_back(std::move(bar));
  }
  void close_bars() {
    for (const auto& [host, down] : down_) bar(host, down, out_.until);
    for (const auto& [where, since] : leading_) stop_leading(where.first, where.second, out_.until);
    for (auto& [number, open] : faults_) {
      open.until = out_.until;
      add_bar(open);
    }
    for (auto& [key, open] : batches_) {
      open.until = out_.until;
      add_bar(open);
    }
  }

  // ---- Arrows

  std::optional<ArrowKind> kind_of(const Message& one) const {
    const HostKind client = kind_of(traffic_.wires[one.wire].client);
    const bool of_producer = client == HostKind::producer;
    const std::optional<EventNumber> seen =
        one.arrived_record ? std::optional(trace_.at(*one.arrived_record).event) : std::nullopt;
    switch (one.api) {
      case ApiKey::produce:
        return ArrowKind::produce;
      case ApiKey::fetch:
        if (one.answer && seen && fetched_.contains(*seen)) return ArrowKind::replication;
        if (!one.answer && seen && acknowledged_.contains(*seen)) return ArrowKind::replication;
        if (one.answer && seen && learned_.contains(*seen)) return ArrowKind::metadata;
        if (one.answer && seen && read_.contains(*seen)) return ArrowKind::reading;
        return std::nullopt;
      case ApiKey::api_versions:
      case ApiKey::metadata:
      case ApiKey::init_producer_id:
      case ApiKey::find_coordinator:
        return of_producer ? std::optional(ArrowKind::setup) : std::nullopt;
      case ApiKey::add_partitions_to_txn:
      case ApiKey::add_offsets_to_txn:
      case ApiKey::end_txn:
      case ApiKey::txn_offset_commit:
      case ApiKey::write_txn_markers:
      case ApiKey::offset_commit:
      case ApiKey::alter_partition:
      case ApiKey::elect_leaders:
        return ArrowKind::control;
      default:
        return std::nullopt;
    }
  }

  void draw_message(std::size_t index) {
    const Message& one = traffic_.messages[index];
    if (!in_subset(one.sent_at, one.event) || one.sent_record >= last_record_) return;
    const auto from = lane(one.from);
    const auto to = lane(one.to);
    if (!from || !to) return;
    std::optional<ArrowKind> kind = kind_of(one);
    if (!kind && one.fault) kind = ArrowKind::control;
    if (!kind) {
      out_.idle.push_back({one.sent_at, one.api == ApiKey::broker_heartbeat ? "heartbeat"
                                        : one.api == ApiKey::fetch          ? "idle poll"
                                                                            : "set-up message"});
      return;
    }
    Arrow arrow;
    arrow.from = *from;
    arrow.to = *to;
    arrow.kind = *kind;
    arrow.answer = one.answer;
    arrow.fate = one.fate;
    arrow.late = one.late;
    arrow.sent_at = one.sent_at;
    arrow.ended_at = one.ended_at;
    arrow.event = one.event;
    arrow.message = index;
    arrow.tone = tone_of(one, *kind);
    words(one, arrow);
    if (one.fault) arrow.why = "fault " + setup_.scenario.faults[*one.fault].id;
    if (arrow.fate == Fate::under_way && one.sent_at == out_.until) return;
    out_.arrows.push_back(std::move(arrow));
    if (*kind == ArrowKind::produce && !one.answer) in_flight(one, *from);
  }

  void in_flight(const Message& one, std::size_t lane) {
    std::string text;
    for (const BatchSent& batch : one.batches) {
      if (batch.sequence >= 0)
        text += (text.empty() ? "seq " : ", ") + range(batch.sequence, batch.sequence + batch.records - 1);
    }
    if (text.empty() && !one.batches.empty()) text = counted(one.batches.front().records, "record");
    add_bar({lane, BarKind::in_flight, Tone::produce, one.sent_at, waits_until(traffic_, one), text, one.event});
  }

  static Tone tone_of(const Message& one, ArrowKind kind) {
    if (one.fate == Fate::lost || one.fate == Fate::cut_off) return Tone::lost;
    if (kind == ArrowKind::metadata) return Tone::leadership;
    if (kind != ArrowKind::produce) return Tone::quiet;
    if (!one.answer) return Tone::produce;
    const bool error = std::any_of(one.answers.begin(), one.answers.end(),
                                   [](const BatchAnswered& answer) { return answer.error != 0; });
    return error ? Tone::lost : Tone::good;
  }

  void words(const Message& one, Arrow& arrow) const {
    const std::string what = one.fate == Fate::lost ? " lost" : one.fate == Fate::cut_off ? " cut off" : "";
    if (arrow.kind == ArrowKind::produce && !one.answer) {
      std::vector<std::string> parts;
      for (const BatchSent& batch : one.batches) {
        arrow.attempt = std::max(arrow.attempt, batch.attempt);
        parts.push_back((out_.several_partitions ? batch.partition + " " : "") +
                        (batch.sequence < 0 ? counted(batch.records, "record")
                                            : "seq " + range(batch.sequence, batch.sequence + batch.records - 1)));
      }
      arrow.text = what.empty() ? "PRODUCE " + listed(parts, 2) : "request" + what;
      if (!what.empty())
        arrow.more = listed(parts, 2);
      else if (!one.batches.empty() && one.batches.front().producer_id >= 0)
        arrow.more = "pid " + std::to_string(one.batches.front().producer_id) + ", epoch " +
                     std::to_string(one.batches.front().epoch) + ", " + std::to_string(one.size) + " B";
      else
        arrow.more = std::to_string(one.size) + " B";
    } else if (arrow.kind == ArrowKind::produce) {
      std::vector<std::string> parts;
      for (const BatchAnswered& answer : one.answers) {
        const std::string word = answer.error != 0        ? error_word(answer.error)
                                 : answer.base_offset < 0 ? std::string("ok")
                                                          : "ok, offset " + std::to_string(answer.base_offset);
        parts.push_back((out_.several_partitions ? answer.partition + ": " : "") + word);
      }
      arrow.text = what.empty() ? listed(parts, 2) : "answer" + what;
      if (!what.empty()) arrow.more = listed(parts, 2);
      if (one.forged) arrow.more = "forged";
    } else if (arrow.kind == ArrowKind::setup || arrow.kind == ArrowKind::control) {
      arrow.text =
          one.answer && what.empty() ? "" : std::string(api_name(one.api)) + (one.answer ? " answer" : "") + what;
    }
  }

  // ---- The end

  void finish() {
    std::stable_sort(out_.marks.begin(), out_.marks.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
    std::stable_sort(out_.bars.begin(), out_.bars.end(), [](const Bar& a, const Bar& b) { return a.from < b.from; });
    std::erase_if(out_.idle, [this](const Idle& one) { return one.at < out_.from || one.at > out_.until; });
    std::stable_sort(out_.idle.begin(), out_.idle.end(), [](const Idle& a, const Idle& b) { return a.at < b.at; });
    drop_empty_lanes();
    const SimTime end = end_of_main_phase(run_).at;
    if (out_.until >= end && setup_.scenario.final_phase && !subset_.events)
      out_.left_out.push_back("the final phase from " + milliseconds(end.ns()) +
                              " ms on, in which every in-sync replica leads once and a witness reads");
    if (out_.from > SimTime{}) out_.left_out.push_back("what happened before " + milliseconds(out_.from.ns()) + " ms");
    if (out_.until < end) out_.left_out.push_back("what happened after " + milliseconds(out_.until.ns()) + " ms");
  }

  /// A lane on which nothing happens is not drawn, but for brokers and what an application has.
  void drop_empty_lanes() {
    std::vector<bool> used(out_.lanes.size(), false);
    for (const Arrow& arrow : out_.arrows) used[arrow.from] = used[arrow.to] = true;
    for (const Mark& mark : out_.marks) used[mark.lane] = true;
    for (const Bar& bar : out_.bars) used[bar.lane] = true;
    std::vector<std::size_t> moved(out_.lanes.size(), 0);
    std::vector<Lane> kept;
    for (std::size_t i = 0; i < out_.lanes.size(); ++i) {
      moved[i] = kept.size();
      const LaneKind kind = out_.lanes[i].kind;
      if (used[i] || kind == LaneKind::broker || kind == LaneKind::application) kept.push_back(out_.lanes[i]);
    }
    out_.lanes = std::move(kept);
    for (Arrow& arrow : out_.arrows) {
      arrow.from = moved[arrow.from];
      arrow.to = moved[arrow.to];
    }
    for (Mark& mark : out_.marks) mark.lane = moved[mark.lane];
    for (Bar& bar : out_.bars) bar.lane = moved[bar.lane];
  }

  const scenarios::Run& run_;
  const sim::Trace& trace_;
  const scenarios::Setup& setup_;
  const Subset& subset_;
  Messages traffic_;
  Diagram out_;
  std::uint64_t index_ = 0;
  std::uint64_t last_record_ = 0;  ///< where the part that is shown ends in the trace
  std::map<std::pair<HostId, LaneKind>, std::size_t> lanes_;
  std::map<HostId, std::size_t> main_lane_;
  std::map<EventNumber, std::size_t> arriving_;  ///< message by the event in which it arrives
  std::set<EventNumber> fetched_, acknowledged_, learned_,
      read_;  ///< events in which a FETCH or its answer changed something
  std::map<HostId, Down> down_;
  std::map<std::pair<HostId, std::string>, SimTime> leading_;  ///< since when
  std::map<std::pair<HostId, std::int64_t>, Bar> batches_;     ///< open ones by number
  std::map<std::size_t, Bar> faults_;
  std::map<std::string, std::int64_t> in_sync_;
  std::set<std::string> elected_;  ///< every controller reports an election
  std::set<std::int64_t> closed_;
  std::string merge_key_;
  std::vector<std::string> merged_;
  std::size_t merge_mark_ = 0;
};

}  // namespace

PhaseEnd end_of_main_phase(const scenarios::Run& run) {
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    if (run.trace.at(i).kind == trace_kind(AppTrace::phase)) return {run.trace.at(i).at, i};
  }
  return {run.trace.stored() == 0 ? SimTime{} : run.trace.at(run.trace.stored() - 1).at, run.trace.stored()};
}

Diagram build_diagram(const scenarios::Run& run, const Subset& subset) {
  return Builder{run, subset}.build();
}

}  // namespace linger::report
