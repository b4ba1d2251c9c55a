// Arrows: one for each message that is worth it.
#include <algorithm>

#include "ui/report/diagram_builder.h"

namespace linger::report {

using scenarios::HostKind;
using sim::EventNumber;

std::optional<ArrowKind> DiagramBuilder::kind_of(const Message& one) const {
  const HostKind client = kind_of(traffic_.wires[one.wire].client);
  const bool of_producer = client == HostKind::producer;
  const auto seen_in = [&](const std::set<EventNumber>& events) {
    return one.arrived_record && events.contains(trace_.at(*one.arrived_record).event);
  };
  switch (one.api) {
    case ApiKey::produce:
      return ArrowKind::produce;
    case ApiKey::fetch:
      if (one.answer && seen_in(fetched_)) return ArrowKind::replication;
      if (!one.answer && seen_in(acknowledged_)) return ArrowKind::replication;
      if (one.answer && seen_in(learned_)) return ArrowKind::metadata;
      if (one.answer && seen_in(read_)) return ArrowKind::reading;
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

void DiagramBuilder::draw_message(std::size_t index) {
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

void DiagramBuilder::in_flight(const Message& one, std::size_t lane) {
  std::string text;
  for (const BatchSent& batch : one.batches) {
    if (batch.sequence >= 0)
      text += (text.empty() ? "seq " : ", ") + range(batch.sequence, batch.sequence + batch.records - 1);
  }
  if (text.empty() && !one.batches.empty()) text = counted(one.batches.front().records, "record");
  add_bar({lane, BarKind::in_flight, Tone::produce, one.sent_at, waits_until(traffic_, one), text, one.event});
}

Tone DiagramBuilder::tone_of(const Message& one, ArrowKind kind) {
  if (one.fate == Fate::lost || one.fate == Fate::cut_off) return Tone::lost;
  if (kind == ArrowKind::metadata) return Tone::leadership;
  if (kind != ArrowKind::produce) return Tone::quiet;
  if (!one.answer) return Tone::produce;
  const bool error = std::any_of(one.answers.begin(), one.answers.end(),
                                 [](const BatchAnswered& answer) { return answer.error != 0; });
  return error ? Tone::lost : Tone::good;
}

void DiagramBuilder::words(const Message& one, Arrow& arrow) const {
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

}  // namespace linger::report
