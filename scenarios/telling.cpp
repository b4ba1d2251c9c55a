#include "scenarios/telling.h"

#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::scenarios {

using BrokerKind = broker::Observation::Kind;
using sim::SimTrace;
using sim::TraceRecord;

int Telling::weight(std::uint64_t index) const {
  const TraceRecord& record = run_.trace.at(index);
  int weight = 0;
  if (record.kind < sim::producer_trace_first) {
    weight = weight_of_network(record);
  } else if (record.kind < sim::broker_trace_first) {
    weight = record.host == producer_ ? weight_of_producer(record) : 0;
  } else if (record.kind < sim::scenario_trace_first) {
    weight = weight_of_broker(record);
  } else {
    weight = weight_of_application(record);
  }
  return weight > 0 && preferred_.contains(index) ? weight + 1 : weight;
}

std::optional<std::uint64_t> Telling::best_of(const EventGraph::Records& records) const {
  std::optional<std::uint64_t> best;
  int most = 0;
  for (std::uint64_t r = records.first; r < records.end; ++r) {
    const int weight = this->weight(r);
    if (weight <= most) continue;
    most = weight;
    best = r;
  }
  return best;
}

int Telling::weight_of_network(const TraceRecord& record) const {
  // A producer that loses its connection loses the answers to what it has sent.
  const auto kind = static_cast<SimTrace>(record.kind);
  const bool ends = kind == SimTrace::close || kind == SimTrace::closed;
  if (ends && record.args[1] == 0 && record.host == producer_) return 70;
  if (kind == SimTrace::refused && record.host == producer_) return 30;
  return 0;
}

int Telling::weight_of_producer(const TraceRecord& record) const {
  switch (static_cast<ProducerEvent>(record.kind - sim::producer_trace_first)) {
    case ProducerEvent::batch_expired:
      return 80;
    case ProducerEvent::batch_failed:
      return 72;
    case ProducerEvent::sequences_reset:
      return 68;
    case ProducerEvent::epoch_bumped:
      return 66;
    case ProducerEvent::buffer_wait:
      return 64;
    default:
      return 0;
  }
}

int Telling::weight_of_broker(const TraceRecord& record) const {
  const auto kind = static_cast<BrokerKind>(record.kind - sim::broker_trace_first);
  const std::string_view text = run_.trace.text(record.text);
  if (!partition_.empty() && !text.empty() && text != partition_) return 0;
  switch (kind) {
    case BrokerKind::truncated:
    case BrokerKind::lost_unflushed:
      return record.args[0] == record.args[1] ? 0 : 90;
    case BrokerKind::unclean_election:
      return 88;
    case BrokerKind::leader_elected:
      return 86;
    case BrokerKind::duplicate:
      return 84;
    case BrokerKind::appended:
      return record.args[7] != 0 ? 82 : 0;
    case BrokerKind::refused:
      return 78;
    case BrokerKind::marker_written:
      return 76;
    case BrokerKind::transaction_state:
      return 74;
    case BrokerKind::partition_offline:
      return 73;
    case BrokerKind::fenced:
      return 71;
    case BrokerKind::isr_committed:
      return 69;
    case BrokerKind::log_start_moved:
      return 67;
    case BrokerKind::purgatory_expired:
      return 65;
    case BrokerKind::became_leader:
      return 60;
    case BrokerKind::became_follower:
      return 55;
    case BrokerKind::restarted:
      return 50;
    default:
      return 0;
  }
}

int Telling::weight_of_application(const TraceRecord& record) const {
  switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
    case AppTrace::fault_hits:
    case AppTrace::fault_strikes:
      return 100;
    case AppTrace::app_restarted:
      return 98;
    case AppTrace::app_commit:
    case AppTrace::app_abort:
    case AppTrace::app_aborted:
      return record.host == producer_ ? 62 : 0;
    case AppTrace::produce_sent:
      return record.host == producer_ ? 58 : 0;
    case AppTrace::answer_arrived:
      if (record.host != producer_) return 0;
      return record.args[2] != 0 ? 63 : 40;
    default:
      return 0;
  }
}

}  // namespace linger::scenarios
