// Requests, answers, connections and what faults do to them.
#include <algorithm>

#include "protocol/api_key.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

namespace linger::cli {

using scenarios::AppTrace;
using scenarios::HostKind;
using scenarios::trace_kind;
using sim::SimTrace;
using sim::TraceRecord;

void StoryTeller::produce_sent(const TraceRecord& record) {
  if (leaving_ && (leaving_->slot != record.args[0] || leaving_->correlation != record.args[1])) request_leaves(record);
  if (!leaving_) {
    leaving_ = Request{};
    leaving_->host = record.host.value();
    leaving_->slot = record.args[0];
    leaving_->correlation = record.args[1];
    leaving_->record = index_;
    leaving_->at = record.at;
  }
  leaving_->batches.push_back(
      {text(record), record.args[2], record.args[4], record.args[5], record.args[6], record.args[7]});
}

std::string StoryTeller::batches_in_words(const Request& request) const {
  const auto numbers = [](const Batch& batch) {
    return batch.sequence < 0 ? counted(batch.records, "record")
                              : "seq " + range(batch.sequence, (batch.sequence + batch.records - 1) & 0x7fffffff);
  };
  const Batch& first = request.batches.front();
  const std::string identity = first.producer_id < 0 ? ""
                                                     : "pid " + std::to_string(first.producer_id) + " epoch " +
                                                           std::to_string(first.epoch) + " ";
  std::int64_t attempt = 1;
  for (const Batch& batch : request.batches) attempt = std::max(attempt, batch.attempt);
  const std::string tries = "  attempt " + std::to_string(attempt);
  if (request.batches.size() == 1) return "Produce " + first.partition + "  " + identity + numbers(first) + tries;
  std::vector<std::string> words;
  for (const Batch& batch : request.batches) words.push_back(batch.partition + " " + numbers(batch));
  return "Produce " + identity + listed(words, 3) + tries;
}

/// All batches of a request are known: the network's own record may follow, and knows the connection's serial number.
void StoryTeller::request_leaves(const TraceRecord& next) {
  Request request = std::move(*std::exchange(leaving_, std::nullopt));
  if (next.kind == sim::trace_kind(SimTrace::sent) && next.host.value() == request.host)
    serial_of_slot_[request.slot] = next.args[0];
  const auto serial = serial_of_slot_.find(request.slot);
  if (serial != serial_of_slot_.end()) {
    request.connection = serial->second;
    request.to = setup_.hosts[connections_[serial->second].to];
  }
  const std::string from = setup_.hosts[request.host];
  std::string why;
  bool again = false;
  for (const Batch& batch : request.batches) {
    if (batch.attempt < 2) continue;
    again = true;
    why = renumbered_.erase(from + "/" + batch.partition) > 0 ? "the same batch with new numbers"
          : batch.sequence < 0                                ? "the same batch; nothing in it says so"
                                                              : "the same batch, the same numbers";
  }
  const std::int16_t acks = setup_.producers[role(sim::HostId{request.host}).index].config.acks;
  if (why.empty() && acks == 0) why = "acks=0: nobody will answer";
  TraceRecord record = next;
  record.at = request.at;
  const std::uint64_t here = std::exchange(index_, request.record);
  StoryLine& line = add(record, from + " → " + request.to, batches_in_words(request), why,
                        again ? Weight::telling : Weight::ordinary);
  line.waited_for = again ? from + " waits for retry.backoff.ms" : "the application sends nothing";
  index_ = here;
  if (acks != 0) requests_.push_back(std::move(request));
}

void StoryTeller::produce_answered(const TraceRecord& record) {
  const auto serial = serial_of_slot_.find(record.args[0]);
  for (Request& request : requests_) {
    if (request.correlation != record.args[1] || serial == serial_of_slot_.end() ||
        request.connection != serial->second)
      continue;
    const std::string word =
        record.args[2] != 0 ? error_word(record.args[2]) : "ok, offset " + std::to_string(record.args[3]);
    if (request.batches.size() == 1 || request.answer.empty()) {
      request.answer = word;
    } else if (request.answer != word) {
      request.answer = "one answer for each batch";
    }
  }
}

void StoryTeller::answer_arrived(const TraceRecord& record) {
  const auto serial = serial_of_slot_.find(record.args[0]);
  std::string from;
  if (serial != serial_of_slot_.end()) from = setup_.hosts[connections_[serial->second].to];
  std::erase_if(requests_, [&](const Request& request) {
    return serial != serial_of_slot_.end() && request.connection == serial->second &&
           request.correlation == record.args[1];
  });
  const bool forged = forged_in_ == record.event && forged_in_ != sim::no_event;
  const std::string where = partitions_.size() > 1 ? text(record) + ": " : "";
  if (record.args[2] == 0) {
    const std::string offset = record.args[3] < 0 ? std::string() : ", offset " + std::to_string(record.args[3]);
    add(record, from + " → " + host(record.host), where + "ok" + offset, forged ? "forged by a fault" : "").waited_for =
        "the brokers are slow";
  } else {
    add(record, from + " → " + host(record.host), where + error_word(record.args[2]), forged ? "forged by a fault" : "",
        Weight::telling, Tone::failed)
        .waited_for = host(record.host) + " waits for the answer";
  }
}

void StoryTeller::tell_network(const TraceRecord& record) {
  const auto client_is_producer = [&] { return role(record.host).kind == HostKind::producer; };
  switch (static_cast<SimTrace>(record.kind)) {
    case SimTrace::connect:
      connections_[record.args[0]] = {static_cast<std::uint32_t>(record.args[1]),
                                      static_cast<std::uint32_t>(record.args[2])};
      break;
    case SimTrace::connected:
      refused_[record.host.value()].erase(static_cast<std::uint32_t>(record.args[2]));
      break;
    case SimTrace::refused: {
      const auto to = static_cast<std::uint32_t>(record.args[2]);
      if (final_ || !client_is_producer() || !refused_[record.host.value()].insert(to).second) break;
      add(record, host(record.host) + " ✗ " + setup_.hosts[to], "cannot connect, and tries again",
          "nobody listens there", Weight::telling, Tone::failed);
      break;
    }
    case SimTrace::close:
      if (record.args[1] == 0 && client_is_producer()) connection_ends(record, true);
      break;
    case SimTrace::closed:
      if (record.args[1] == 0 && client_is_producer()) connection_ends(record, false);
      break;
    default:
      break;
  }
}

void StoryTeller::connection_ends(const TraceRecord& record, bool by_itself) {
  std::int64_t open = 0;
  std::string to;
  std::erase_if(requests_, [&](const Request& request) {
    if (request.connection != record.args[0]) return false;
    ++open;
    to = request.to;
    return true;
  });
  if (open == 0 || final_) return;
  const std::string who = host(record.host);
  const std::string requests = open == 1 ? "the request" : counted(open, "request");
  if (by_itself) {
    add(record, who, "gives " + requests + " up, closes the connection to " + to, "request.timeout.ms", Weight::telling,
        Tone::lost)
        .waited_for = who + " waits for request.timeout.ms";
  } else {
    const std::string why = record.args[2] == 0   ? to + " closed it"
                            : record.args[2] == 1 ? "it was reset"
                                                  : "nothing was acknowledged for too long";
    add(record, who, "loses its connection to " + to + " and the answer to " + requests, why, Weight::telling,
        Tone::lost)
        .waited_for = who + " waits for the answer";
  }
}

// ---- faults
// ----------------------------------------------------------------------------------------------------------

void StoryTeller::tell_faults(const TraceRecord& record) {
  if (record.kind == trace_kind(AppTrace::forged)) {
    forged_in_ = record.event;
    return;
  }
  if (record.kind == trace_kind(AppTrace::fault_hits)) {
    if (!final_) struck_ = Struck{record, index_};
    return;
  }
  if (final_) return;
  const scenarios::Fault& fault = setup_.scenario.faults[static_cast<std::size_t>(record.args[0])];
  const std::string action = action_in_words(fault);
  if (record.kind == trace_kind(AppTrace::fault_misses)) {
    add(record, "fault", "finds nothing to change: " + action, "fault " + fault.id, Weight::telling, Tone::quiet);
    return;
  }
  const bool begins = record.kind == trace_kind(AppTrace::fault_strikes);
  if (!begins && (settling_ || !lasts(fault))) return;
  if (begins && std::holds_alternative<scenarios::Crash>(fault.action)) crash_event_ = record.event;
  add(record, "fault", begins ? action : "is over: " + action, "fault " + fault.id, Weight::telling,
      begins ? Tone::lost : Tone::quiet)
      .waited_for = "nothing happens until fault " + fault.id + (begins ? " begins" : " ends");
}

/// A fault has changed the fate of a message. If the network's record comes next, it knows which connection it was.
void StoryTeller::message_struck(const TraceRecord& next) {
  const Struck struck = *std::exchange(struck_, std::nullopt);
  const TraceRecord& record = struck.record;
  const scenarios::Fault& fault = setup_.scenario.faults[static_cast<std::size_t>(record.args[0])];
  const bool to_client = record.args[2] == 1;
  std::int64_t serial = -1;
  const auto kind = static_cast<SimTrace>(next.kind);
  const bool network_says =
      next.event == record.event && next.kind < sim::producer_trace_first &&
      (kind == SimTrace::lost || kind == SimTrace::held || kind == SimTrace::reset || kind == SimTrace::late);
  if (network_says) {
    serial = next.args[0];
  } else if (const auto known = serial_of_slot_.find(record.args[1]); known != serial_of_slot_.end()) {
    serial = known->second;
  }
  std::string from;
  std::string to = host(record.host);
  if (const auto connection = connections_.find(serial); connection != connections_.end()) {
    from = setup_.hosts[to_client ? connection->second.to : connection->second.from];
    to = setup_.hosts[to_client ? connection->second.from : connection->second.to];
  }
  const std::string api{api_name(static_cast<ApiKey>(record.args[3] / 2))};
  std::string message = to_client ? "the answer" : "the request";
  if (api != "PRODUCE") message = "the " + api + (to_client ? " answer" : " request");
  if (api == "PRODUCE" && to_client) {
    const auto asked = std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) {
      return request.connection == serial && !request.answer.empty();
    });
    if (asked != requests_.end()) message += " \"" + asked->answer + "\"";
  }
  std::string what = message + ": " + action_in_words(fault);
  if (std::holds_alternative<scenarios::Refuse>(fault.action)) what = "the connection is refused";
  if (std::holds_alternative<scenarios::Lose>(fault.action)) what = message + " is lost";
  if (const auto* delay = std::get_if<scenarios::Delay>(&fault.action))
    what = message + " takes " + length_of_time(delay->time) + " longer";
  if (const auto* hold = std::get_if<scenarios::Hold>(&fault.action))
    what = message + " is held up for " + length_of_time(hold->time);
  if (const auto* answer = std::get_if<scenarios::Answer>(&fault.action))
    what = message + " will be answered " + answer->error;
  if (std::holds_alternative<scenarios::Reset>(fault.action)) what = message + " is cut off: the connection is reset";
  const std::uint64_t here = std::exchange(index_, struck.index);
  add(record, from + " ✗ " + to, what, "fault " + fault.id, Weight::telling, Tone::lost);
  index_ = here;
}

}  // namespace linger::cli
