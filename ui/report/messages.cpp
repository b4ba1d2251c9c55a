#include "ui/report/messages.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::report {
namespace {

using scenarios::AppTrace;
using scenarios::trace_kind;
using sim::SimTime;
using sim::SimTrace;
using sim::TraceRecord;

/// One direction of a connection while the trace is read.
struct Way {
  std::deque<std::size_t> under_way;  ///< messages that have not arrived, oldest first
  bool swallows = false;
};
struct Reading {
  std::size_t wire = 0;
  std::array<Way, 2> ways;
  std::array<std::optional<SimTime>, 2> side_ended;
};

class Reader {
 public:
  explicit Reader(const sim::Trace& trace) : trace_(trace) {}

  Messages read() {
    for (index_ = 0; index_ < trace_.stored(); ++index_) {
      const TraceRecord& record = trace_.at(index_);
      if (record.kind < sim::producer_trace_first) {
        network(record);
      } else if (record.kind >= sim::scenario_trace_first) {
        application(record);
      }
    }
    const SimTime end = trace_.stored() == 0 ? SimTime{} : trace_.at(trace_.stored() - 1).at;
    for (auto& [serial, reading] : readings_) end_of_run(reading, end);
    return std::move(out_);
  }

 private:
  Message& message(std::size_t index) { return out_.messages[index]; }

  void network(const TraceRecord& record) {
    const auto kind = static_cast<SimTrace>(record.kind);
    if (kind == SimTrace::connect) {
      Reading reading;
      reading.wire = out_.wires.size();
      Wire wire;
      wire.serial = record.args[0];
      wire.client = sim::HostId{static_cast<std::uint32_t>(record.args[1])};
      wire.server = sim::HostId{static_cast<std::uint32_t>(record.args[2])};
      wire.asked_at = record.at;
      out_.wires.push_back(wire);
      readings_[record.args[0]] = std::move(reading);
      return;
    }
    const auto found = readings_.find(record.args[0]);
    if (found == readings_.end()) return;
    Reading& reading = found->second;
    Wire& wire = out_.wires[reading.wire];
    switch (kind) {
      case SimTrace::connected:
        wire.established_at = record.at;
        break;
      case SimTrace::refused:
        wire.refused = true;
        wire.ended_at = record.at;
        break;
      case SimTrace::sent:
        sent(record, reading);
        break;
      case SimTrace::delivered:
        delivered(record, reading);
        break;
      case SimTrace::lost:
        struck(record, reading);
        swallow(reading.ways[static_cast<std::size_t>(record.args[1])], record.at);
        break;
      case SimTrace::held:
        struck(record, reading);
        break;
      case SimTrace::late:
        struck(record, reading);
        for (const std::size_t one : reading.ways[0].under_way) message(one).late = true;
        break;
      case SimTrace::reset:
        struck(record, reading);
        end_side(wire, reading, 0, record.at);
        end_side(wire, reading, 1, record.at);
        break;
      case SimTrace::close:
      case SimTrace::closed:
        end_side(wire, reading, static_cast<std::size_t>(record.args[1]), record.at);
        break;
      default:
        break;
    }
  }

  void end_side(Wire& wire, Reading& reading, std::size_t side, SimTime at) {
    if (!wire.ended_at) wire.ended_at = at;
    if (!reading.side_ended[side]) reading.side_ended[side] = at;
  }

  void sent(const TraceRecord& record, Reading& reading) {
    const auto way = static_cast<std::size_t>(record.args[1]);
    const Wire& wire = out_.wires[reading.wire];
    Message one;
    one.wire = reading.wire;
    one.answer = way == 1;
    one.api = static_cast<ApiKey>(record.args[2] / 2);
    one.ordinal = record.args[3];
    one.size = record.args[4];
    one.from = one.answer ? wire.server : wire.client;
    one.to = one.answer ? wire.client : wire.server;
    one.event = record.event;
    one.sent_at = record.at;
    one.ended_at = record.at;
    one.sent_record = index_;
    if (asked_ && asked_->first == wire.serial) one.correlation = asked_->second;
    one.batches = std::move(batches_);
    one.answers = std::move(answers_);
    asked_.reset();
    batches_.clear();
    answers_.clear();
    // A broker answers what it reads on a connection in order, so the n-th answer of an API belongs to its n-th
    // request.
    const std::tuple key{wire.serial, one.api, one.ordinal};
    if (!one.answer) {
      requests_[key] = out_.messages.size();
    } else if (const auto request = requests_.find(key); request != requests_.end()) {
      one.about = request->second;
      message(request->second).answered_by = out_.messages.size();
    }
    Way& into = reading.ways[way];
    if (into.swallows) one.fate = Fate::lost;
    into.under_way.push_back(out_.messages.size());
    out_.messages.push_back(std::move(one));
  }

  void delivered(const TraceRecord& record, Reading& reading) {
    Way& way = reading.ways[static_cast<std::size_t>(record.args[1])];
    if (way.under_way.empty()) return;
    struck(record, reading);
    Message& one = message(way.under_way.front());
    arriving_ = way.under_way.front();
    arriving_in_ = record.event;
    way.under_way.pop_front();
    one.fate = Fate::arrived;
    one.ended_at = record.at;
    one.arrived_record = index_;
  }

  /// A planned fault has just named the message that this record is about.
  void struck(const TraceRecord& record, Reading& reading) {
    if (!fault_ || fault_->second != record.event) return;
    const Way& way = reading.ways[static_cast<std::size_t>(record.args[1])];
    if (!way.under_way.empty()) message(way.under_way.front()).fault = fault_->first;
    fault_.reset();
  }

  void swallow(Way& way, SimTime at) {
    way.swallows = true;
    for (const std::size_t one : way.under_way) {
      message(one).fate = Fate::lost;
      message(one).ended_at = at;
    }
  }

  void application(const TraceRecord& record) {
    switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
      case AppTrace::request_sent:
        asked_ = {record.args[0], record.args[1]};
        break;
      case AppTrace::produce_sent:
        asked_ = {record.args[0], record.args[1]};
        batches_.push_back({std::string(trace_.text(record.text)), record.args[2], record.args[3], record.args[4],
                            record.args[5], record.args[6], record.args[7]});
        break;
      case AppTrace::produce_answered:
        asked_ = {record.args[0], record.args[1]};
        answers_.push_back(answered(record));
        break;
      case AppTrace::answer_arrived: {
        if (arriving_in_ != record.event) break;
        // What arrived counts: a fault may have replaced what was sent.
        for (BatchAnswered& one : message(arriving_).answers) {
          if (one.partition == trace_.text(record.text)) one = answered(record);
        }
        break;
      }
      case AppTrace::forged:
        if (arriving_in_ == record.event) message(arriving_).forged = true;
        break;
      case AppTrace::fault_hits:
        fault_ = {static_cast<std::size_t>(record.args[0]), record.event};
        break;
      default:
        break;
    }
  }

  BatchAnswered answered(const TraceRecord& record) const {
    return {std::string(trace_.text(record.text)), record.args[2], record.args[3], record.args[4], record.args[5]};
  }

  void end_of_run(Reading& reading, SimTime end) {
    for (std::size_t way = 0; way < 2; ++way) {
      for (const std::size_t index : reading.ways[way].under_way) {
        Message& one = message(index);
        if (one.fate == Fate::lost) continue;
        // Its reader is gone, or its writer lost the connection with what was still to be sent.
        const std::optional<SimTime>& reader = reading.side_ended[way == 0 ? 1 : 0];
        const std::optional<SimTime>& writer = reading.side_ended[way];
        const std::optional<SimTime>& ended = reader ? reader : writer;
        if (ended) one.fate = Fate::cut_off;
        one.ended_at = std::max(one.sent_at, ended.value_or(end));
      }
    }
  }

  const sim::Trace& trace_;
  Messages out_;
  std::uint64_t index_ = 0;
  std::map<std::int64_t, Reading> readings_;  ///< by serial number
  std::map<std::tuple<std::int64_t, ApiKey, std::int64_t>, std::size_t>
      requests_;                                                ///< (serial, API, ordinal) -> message
  std::optional<std::pair<std::int64_t, std::int64_t>> asked_;  ///< serial and correlation of what is sent next
  std::vector<BatchSent> batches_;
  std::vector<BatchAnswered> answers_;
  std::optional<std::pair<std::size_t, sim::EventNumber>> fault_;
  std::size_t arriving_ = 0;
  sim::EventNumber arriving_in_;
};

}  // namespace

SimTime waits_until(const Messages& traffic, const Message& request) {
  const Message* answer = request.answered_by ? &traffic.messages[*request.answered_by] : nullptr;
  if (answer != nullptr && answer->fate == Fate::arrived) return answer->ended_at;
  const SimTime last = std::max(request.ended_at, answer == nullptr ? request.ended_at : answer->ended_at);
  const std::optional<SimTime>& ended = traffic.wires[request.wire].ended_at;
  return ended && *ended > request.sent_at ? *ended : last;
}

Messages read_messages(const sim::Trace& trace) {
  return Reader{trace}.read();
}

}  // namespace linger::report
