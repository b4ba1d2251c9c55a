#include "ui/report/perfetto.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "producer/observation.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"
#include "ui/report/messages.h"

namespace linger::report {
namespace {

using broker::Observation;
using scenarios::AppTrace;
using scenarios::trace_kind;
using sim::HostId;
using sim::SimTime;
using sim::SimTrace;
using sim::TraceRecord;
using Json = nlohmann::ordered_json;

// Threads of every process; connections come behind them.
constexpr std::int64_t main_thread = 1;
constexpr std::int64_t first_connection_thread = 10;
/// A slice needs some length to hold the foot or the head of a flow's arrow.
constexpr std::int64_t foot_ns = 1;

struct Entry {
  SimTime at;
  std::string text;
};

class Timeline {
 public:
  explicit Timeline(const scenarios::Run& run) : run_(run), traffic_(read_messages(run.trace)) {}

  std::string write() {
    name_processes();
    messages();
    for (std::uint64_t i = 0; i < run_.trace.stored(); ++i) record(run_.trace.at(i));
    const SimTime end = run_.trace.stored() == 0 ? SimTime{} : run_.trace.at(run_.trace.stored() - 1).at;
    for (const auto& [index, open] : open_records_) end_record(open.first, index, end, "never answered");
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
    std::string out =
        "{\"displayTimeUnit\":\"ms\",\"otherData\":" + about().dump(-1, ' ', false, Json::error_handler_t::replace) +
        ",\"traceEvents\":[\n";
    for (std::size_t i = 0; i < names_.size(); ++i) out += (i == 0 ? "" : ",\n") + names_[i];
    for (const Entry& entry : entries_) out += ",\n" + entry.text;
    return out + "\n]}\n";
  }

 private:
  Json about() const {
    return {{"scenario", run_.result.scenario},
            {"seed", run_.result.seed},
            {"hash", scenarios::hex64(run_.result.fingerprint)}};
  }

  // Process 1 is the plan's faults, the hosts follow.
  static constexpr std::int64_t fault_process = 1;
  static std::int64_t process_of(HostId host) { return static_cast<std::int64_t>(host.value()) + 2; }
  static std::int64_t thread_of(const Wire& wire) { return first_connection_thread + wire.serial; }
  const std::string& name(HostId host) const { return run_.setup->hosts[host.value()]; }

  void name_process(std::int64_t process, const std::string& name) {
    names_.push_back(
        Json{{"ph", "M"}, {"pid", process}, {"tid", main_thread}, {"name", "process_name"}, {"args", {{"name", name}}}}
            .dump());
    names_.push_back(Json{{"ph", "M"},
                          {"pid", process},
                          {"tid", main_thread},
                          {"name", "process_sort_index"},
                          {"args", {{"sort_index", process}}}}
                         .dump());
  }
  void name_thread(std::int64_t process, std::int64_t thread, const std::string& name) {
    names_.push_back(
        Json{{"ph", "M"}, {"pid", process}, {"tid", thread}, {"name", "thread_name"}, {"args", {{"name", name}}}}
            .dump());
  }
  void name_processes() {
    name_process(fault_process, "faults");
    for (std::uint32_t i = 0; i < run_.setup->hosts.size(); ++i) {
      name_process(process_of(HostId{i}), run_.setup->hosts[i]);
      name_thread(process_of(HostId{i}), main_thread,
                  run_.setup->roles[i].kind == scenarios::HostKind::producer ? "application and producer" : "host");
    }
    for (const Wire& wire : traffic_.wires) {
      if (!wire.established_at) continue;
      const std::string number = " (connection " + std::to_string(wire.serial) + ")";
      name_thread(process_of(wire.client), thread_of(wire), "to " + name(wire.server) + number);
      name_thread(process_of(wire.server), thread_of(wire), "from " + name(wire.client) + number);
    }
  }

  /// Microseconds with three decimals: a double would lose the nanoseconds of a long run.
  static std::string microseconds(std::int64_t ns) {
    std::string decimals = std::to_string(ns % 1000);
    decimals.insert(0, 3 - decimals.size(), '0');
    return std::to_string(ns / 1000) + "." + decimals;
  }

  void add(const char* phase, SimTime at, std::int64_t process, std::int64_t thread, const std::string& name,
           const Json& more) {
    std::string text = std::string("{\"ph\":\"") + phase + "\",\"ts\":" + microseconds(at.ns()) +
                       ",\"pid\":" + std::to_string(process) + ",\"tid\":" + std::to_string(thread) +
                       ",\"name\":" + Json(name).dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!more.empty())
      text += "," + more.dump(-1, ' ', false, Json::error_handler_t::replace).substr(1);
    else
      text += "}";
    entries_.push_back({at, std::move(text)});
  }
  void slice(SimTime from, std::int64_t length_ns, std::int64_t process, std::int64_t thread, const std::string& name,
             const Json& args) {
    std::string text = std::string("{\"ph\":\"X\",\"ts\":") + microseconds(from.ns()) +
                       ",\"dur\":" + microseconds(length_ns) + ",\"pid\":" + std::to_string(process) +
                       ",\"tid\":" + std::to_string(thread) + ",\"name\":" + Json(name).dump() +
                       ",\"args\":" + args.dump(-1, ' ', false, Json::error_handler_t::replace) + "}";
    entries_.push_back({from, std::move(text)});
  }
  void instant(const TraceRecord& record, const std::string& name, const Json& args = Json::object()) {
    const std::int64_t process = record.host == sim::no_host ? fault_process : process_of(record.host);
    add("i", record.at, process, main_thread, name, {{"s", record.host == sim::no_host ? "g" : "p"}, {"args", args}});
  }
  void counter(SimTime at, HostId host, const std::string& name, std::int64_t value) {
    add("C", at, process_of(host), main_thread, name, {{"args", {{"value", value}}}});
  }

  // ---- Messages: an asynchronous slice a request at its client, a slice at its server from reading to answering,
  // arrows between.

  void messages() {
    for (std::size_t i = 0; i < traffic_.messages.size(); ++i) {
      const Message& one = traffic_.messages[i];
      const Wire& wire = traffic_.wires[one.wire];
      if (!one.answer) request(one, i);
      const std::string what = std::string(api_name(one.api)) + (one.answer ? " answer" : "");
      slice(one.sent_at, foot_ns, process_of(one.from), thread_of(wire), "writes " + what, args_of(one));
      if (one.fate != Fate::arrived) continue;
      if (one.answer)
        slice(one.ended_at, foot_ns, process_of(one.to), thread_of(wire), "reads " + what, args_of(one));
      else
        serves(one);
      const Json flow = {{"cat", "message"}, {"id", i}};
      add("s", one.sent_at, process_of(one.from), thread_of(wire), what, flow);
      Json end = flow;
      end["bp"] = "e";
      const SimTime head = one.answer ? one.ended_at : std::max(one.ended_at, served_from_[i]);
      add("f", head, process_of(one.to), thread_of(wire), what, end);
    }
  }

  void request(const Message& one, std::size_t index) {
    const bool answered = one.answered_by && traffic_.messages[*one.answered_by].fate == Fate::arrived;
    const SimTime end = waits_until(traffic_, one);
    std::string outcome = one.fate == Fate::lost        ? "request lost"
                          : one.fate == Fate::cut_off   ? "cut off"
                          : one.fate == Fate::under_way ? "under way"
                                                        : "not answered";
    if (answered) {
      outcome = "answered";
    } else if (one.answered_by) {
      outcome = traffic_.messages[*one.answered_by].fate == Fate::lost ? "answer lost" : "answer cut off";
    }
    const Json head = {{"cat", "request"}, {"id", "m" + std::to_string(index)}};
    Json begin = head;
    begin["args"] = args_of(one);
    add("b", one.sent_at, process_of(one.from), main_thread, std::string(api_name(one.api)), begin);
    Json last = head;
    last["args"] = {{"outcome", outcome}};
    add("e", end, process_of(one.from), main_thread, std::string(api_name(one.api)), last);
    if (one.api == ApiKey::produce) {
      in_flight_[one.from][one.sent_at] += 1;
      in_flight_[one.from][end] -= 1;
    }
  }

  /// A broker reads the next request of a connection only when the one before it is answered.
  void serves(const Message& one) {
    const std::size_t index = static_cast<std::size_t>(&one - traffic_.messages.data());
    SimTime& free_from = free_from_[one.wire];
    const SimTime from = std::max(one.ended_at, free_from);
    served_from_[index] = from;
    SimTime to = from;
    if (one.answered_by) to = std::max(from, traffic_.messages[*one.answered_by].sent_at);
    free_from = to;
    slice(from, std::max((to - from).ns(), foot_ns), process_of(one.to), thread_of(traffic_.wires[one.wire]),
          "serves " + std::string(api_name(one.api)), args_of(one));
  }

  Json args_of(const Message& one) const {
    Json args = {{"bytes", one.size}};
    if (one.correlation >= 0) args["correlation"] = one.correlation;
    if (one.fault) args["fault"] = run_.setup->scenario.faults[*one.fault].id;
    if (one.forged) args["forged"] = true;
    for (const BatchSent& batch : one.batches) {
      args["batches"].push_back({{"partition", batch.partition},
                                 {"records", batch.records},
                                 {"producer_id", batch.producer_id},
                                 {"epoch", batch.epoch},
                                 {"sequence", batch.sequence},
                                 {"attempt", batch.attempt}});
    }
    for (const BatchAnswered& answer : one.answers) {
      args["partitions"].push_back({{"partition", answer.partition},
                                    {"error", std::string(error_name(static_cast<ErrorCode>(answer.error)))},
                                    {"base_offset", answer.base_offset}});
    }
    return args;
  }

  // ---- Everything else

  void record(const TraceRecord& record) {
    flush_in_flight(record.at);
    if (record.kind < sim::producer_trace_first)
      network(record);
    else if (record.kind < sim::broker_trace_first)
      producer(record);
    else if (record.kind < sim::scenario_trace_first)
      cluster(record);
    else
      application(record);
  }

  void flush_in_flight(SimTime) {
    if (in_flight_.empty()) return;
    for (const auto& [host, changes] : std::exchange(in_flight_, {})) {
      std::int64_t value = 0;
      for (const auto& [at, change] : changes) counter(at, host, "produce requests in flight", value += change);
    }
  }

  void network(const TraceRecord& record) {
    switch (static_cast<SimTrace>(record.kind)) {
      case SimTrace::crash:
        return instant(record, "crash");
      case SimTrace::power_lost:
        return instant(record, "power lost");
      case SimTrace::restart:
        return instant(record, "restart");
      case SimTrace::paused:
        return instant(record, "paused");
      case SimTrace::resumed:
        return instant(record, "resumed");
      case SimTrace::refused:
        return instant(record, "connection refused by " + name(HostId{static_cast<std::uint32_t>(record.args[2])}));
      default:
        break;
    }
  }

  void producer(const TraceRecord& record) {
    const std::string partition(run_.trace.text(record.text));
    std::int64_t& buffered = buffered_[record.host];
    if (record.kind == trace_kind(ProducerEvent::batch_created)) {
      counter(record.at, record.host, "buffer used", buffered += record.args[1]);
    } else if (record.kind == trace_kind(ProducerEvent::buffer_released)) {
      counter(record.at, record.host, "buffer used", buffered -= record.args[1]);
    } else if (record.kind == trace_kind(ProducerEvent::batch_retried)) {
      instant(record, "retry of " + partition,
              {{"error", std::string(error_name(static_cast<ErrorCode>(record.args[2])))}});
    } else if (record.kind == trace_kind(ProducerEvent::batch_expired)) {
      instant(record, "batch of " + partition + " expired");
    } else if (record.kind == trace_kind(ProducerEvent::epoch_bumped)) {
      instant(record, "epoch bumped", {{"epoch", record.args[1]}});
    }
  }

  void cluster(const TraceRecord& record) {
    const std::string partition(run_.trace.text(record.text));
    switch (static_cast<Observation::Kind>(record.kind - sim::broker_trace_first)) {
      case Observation::Kind::appended:
        return counter(record.at, record.host, partition + " log end", record.args[1] + 1);
      case Observation::Kind::truncated:
        counter(record.at, record.host, partition + " log end", record.args[1]);
        return instant(record, partition + " truncated", {{"from", record.args[0]}, {"to", record.args[1]}});
      case Observation::Kind::high_watermark:
        return counter(record.at, record.host, partition + " high watermark", record.args[1]);
      case Observation::Kind::duplicate:
        return instant(record, "duplicate of " + partition, {{"from", record.args[0]}, {"to", record.args[1]}});
      case Observation::Kind::refused:
        return instant(record, partition + ": " + std::string(error_name(static_cast<ErrorCode>(record.args[0]))));
      case Observation::Kind::leader_elected:
      case Observation::Kind::unclean_election:
        return instant(record, partition + ": b" + std::to_string(record.args[0]) + " is to lead",
                       {{"leader_epoch", record.args[1]}});
      case Observation::Kind::became_leader:
        return instant(record, "leads " + partition, {{"leader_epoch", record.args[0]}});
      case Observation::Kind::isr_committed:
        return instant(record, partition + ": another ISR", {{"isr", in_sync(record.args[0])}});
      case Observation::Kind::fenced:
        return instant(record, "b" + std::to_string(record.args[0]) + " is fenced");
      default:
        break;
    }
  }
  static Json in_sync(std::int64_t mask) {
    Json out = Json::array();
    for (int bit = 0; bit < 63; ++bit) {
      if ((mask >> bit & 1) != 0) out.push_back(bit);
    }
    return out;
  }

  void application(const TraceRecord& record) {
    switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
      case AppTrace::app_send: {
        const std::string name = "r" + std::to_string(record.args[1]);
        open_records_[record.args[0]] = {record.host, name};
        add("b", record.at, process_of(record.host), main_thread, name,
            {{"cat", "record"},
             {"id", "r" + std::to_string(record.args[0])},
             {"args", {{"topic", std::string(run_.trace.text(record.text))}, {"bytes", record.args[2]}}}});
        break;
      }
      case AppTrace::app_acked:
        close_record(record, "acked at offset " + std::to_string(record.args[2]));
        break;
      case AppTrace::app_failed:
      case AppTrace::app_refused:
        close_record(record, std::string(run_.trace.text(record.text)));
        break;
      case AppTrace::fault_strikes:
      case AppTrace::fault_ends:
      case AppTrace::fault_hits: {
        const bool ends = record.kind == trace_kind(AppTrace::fault_ends);
        add("i", record.at, fault_process, main_thread,
            std::string(run_.trace.text(record.text)) + (ends ? " ends" : ""), {{"s", "g"}});
        break;
      }
      case AppTrace::phase:
        add("i", record.at, fault_process, main_thread, std::string(run_.trace.text(record.text)), {{"s", "g"}});
        break;
      default:
        break;
    }
  }
  void close_record(const TraceRecord& record, const std::string& outcome) {
    const auto open = open_records_.find(record.args[0]);
    if (open == open_records_.end()) return;
    end_record(open->second.first, record.args[0], record.at, outcome);
    open_records_.erase(open);
  }
  void end_record(HostId host, std::int64_t index, SimTime at, const std::string& outcome) {
    add("e", at, process_of(host), main_thread, open_records_.at(index).second,
        {{"cat", "record"}, {"id", "r" + std::to_string(index)}, {"args", {{"outcome", outcome}}}});
  }

  const scenarios::Run& run_;
  Messages traffic_;
  std::vector<std::string> names_;
  std::vector<Entry> entries_;
  std::map<HostId, std::map<SimTime, std::int64_t>> in_flight_;  ///< changes by time
  std::map<std::size_t, SimTime> free_from_;    ///< by wire: when its server has answered what it has read
  std::map<std::size_t, SimTime> served_from_;  ///< by message
  std::map<HostId, std::int64_t> buffered_;
  std::map<std::int64_t, std::pair<HostId, std::string>> open_records_;  ///< by index in the ledger
};

}  // namespace

std::string export_perfetto(const scenarios::Run& run) {
  return Timeline{run}.write();
}

}  // namespace linger::report
