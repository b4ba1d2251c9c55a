#include "scenarios/event_states.h"

#include <algorithm>
#include <variant>

#include "protocol/error_code.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::scenarios {

using BrokerKind = broker::Observation::Kind;
using sim::SimTrace;
using sim::TraceRecord;

namespace {

std::int64_t host_of(const TraceRecord& record) {
  return record.host.value();
}

/// Hosts are brokers first: broker n is host n - 1.
std::int64_t host_of_broker(std::int64_t broker) {
  return broker - 1;
}

}  // namespace

StateTracker::StateTracker(const Run& run, EventGraph& graph) : run_(run), graph_(graph) {
  const ClusterSpec& cluster = run.setup->scenario.cluster;
  for (const TopicSpec& topic : cluster.topics) {
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
      const std::vector<std::int32_t> replicas = replicas_of(topic, number, cluster.brokers);
      if (!replicas.empty()) leaders_[topic.name + "-" + std::to_string(number)] = replicas.front();
    }
  }
}

void StateTracker::left(Subject subject, std::int64_t a, std::int64_t b) {
  const Key key{static_cast<std::int64_t>(subject), a, b};
  last_[key] = here_;
  over_.erase(key);
}

void StateTracker::ended(Subject subject, std::int64_t a, std::int64_t b) {
  over_[{static_cast<std::int64_t>(subject), a, b}] = true;
}

void StateTracker::met_if_lasting(Subject subject, std::int64_t a, std::int64_t b) {
  if (!over_.contains({static_cast<std::int64_t>(subject), a, b})) met(subject, a, b);
}

void StateTracker::met(Subject subject, std::int64_t a, std::int64_t b) {
  const auto found = last_.find({static_cast<std::int64_t>(subject), a, b});
  if (found != last_.end()) graph_.add_state(found->second, here_);
}

void StateTracker::met_links(std::int64_t a, std::int64_t b, EventIndex since) {
  const auto found = last_.find({static_cast<std::int64_t>(Subject::links), std::min(a, b), std::max(a, b)});
  if (found != last_.end() && found->second >= since) graph_.add_state(found->second, here_);
}

void StateTracker::met_every_lasting_cut_of(std::int64_t host) {
  for (std::int64_t other = 0; other < static_cast<std::int64_t>(run_.setup->hosts.size()); ++other) {
    if (other != host) met_if_lasting(Subject::links, std::min(host, other), std::max(host, other));
  }
}

void StateTracker::look_at(EventIndex event) {
  here_ = event;
  const EventGraph::Records records = graph_.records_of(event);
  for (std::uint64_t r = records.first; r < records.end; ++r) {
    const TraceRecord& record = run_.trace.at(r);
    if (record.kind < sim::producer_trace_first) {
      look_at_network(record);
    } else if (record.kind < sim::broker_trace_first) {
      look_at_producer(record);
    } else if (record.kind < sim::scenario_trace_first) {
      look_at_broker(record);
    } else {
      look_at_application(record);
    }
  }
}

/// An end gives a connection up, or learns that it is gone: because of what a fault did to it, to the way or to the
/// other end.
void StateTracker::met_end_of(std::int64_t connection) {
  met(Subject::direction, connection, 0);
  met(Subject::direction, connection, 1);
  const auto ends = ends_.find(connection);
  if (ends == ends_.end()) return;
  met_links(ends->second.client, ends->second.server, ends->second.since);
  met(Subject::process, ends->second.server);
}

void StateTracker::look_at_network(const TraceRecord& record) {
  switch (static_cast<SimTrace>(record.kind)) {
    case SimTrace::connect:
      ends_[record.args[0]] = {record.args[1], record.args[2], here_};
      break;
    case SimTrace::lost:
    case SimTrace::held:
    case SimTrace::reset:
    case SimTrace::late:
      left(Subject::direction, record.args[0], record.args[1]);
      break;
    case SimTrace::delivered: {
      // The message that a fault has held up; those behind it follow by the order of the connection.
      const Key stopped{static_cast<std::int64_t>(Subject::direction), record.args[0], record.args[1]};
      met(Subject::direction, record.args[0], record.args[1]);
      last_.erase(stopped);
      break;
    }
    case SimTrace::close:
    case SimTrace::closed:
      met_end_of(record.args[0]);
      left(Subject::connection, record.args[0]);
      break;
    case SimTrace::refused:
      met(Subject::process, record.args[2]);
      break;
    case SimTrace::cut:
    case SimTrace::link_changed:
      left(Subject::links, std::min(record.args[0], record.args[1]), std::max(record.args[0], record.args[1]));
      break;
    case SimTrace::crash:
    case SimTrace::power_lost:
    case SimTrace::paused:
      left(Subject::process, host_of(record));
      break;
    case SimTrace::healed:
      ended(Subject::links, std::min(record.args[0], record.args[1]), std::max(record.args[0], record.args[1]));
      break;
    case SimTrace::restart:
    case SimTrace::resumed:
      ended(Subject::process, host_of(record));
      break;
    default:
      break;
  }
}

void StateTracker::look_at_producer(const TraceRecord& record) {
  const std::int64_t host = host_of(record);
  const std::int64_t batch = record.args[0];
  const Key attempts{0, host, batch};
  switch (static_cast<ProducerEvent>(record.kind - sim::producer_trace_first)) {
    case ProducerEvent::batch_created:
      attempts_.erase(attempts);
      left(Subject::batch, host, batch);
      left(Subject::memory, host);
      break;
    case ProducerEvent::batch_closed:
      met(Subject::batch, host, batch);
      left(Subject::batch, host, batch);
      break;
    case ProducerEvent::batch_drained:
      met(Subject::batch, host, batch);
      met(Subject::queue, host, record.text);
      left(Subject::batch, host, batch);
      left(Subject::memory, host);
      break;
    case ProducerEvent::batch_retried:
      met(Subject::batch, host, batch);
      left(Subject::batch, host, batch);
      left(Subject::queue, host, record.text);
      left(Subject::memory, host);
      attempts_[attempts].push_back(here_);
      break;
    case ProducerEvent::sequences_reset:
      met(Subject::batch, host, batch);
      left(Subject::batch, host, batch);
      break;
    case ProducerEvent::batch_expired:
    case ProducerEvent::batch_failed:
      met(Subject::batch, host, batch);
      // One that is given up after several attempts is given up because of each of them.
      for (const EventIndex attempt : attempts_[attempts]) graph_.add_state(attempt, here_);
      left(Subject::queue, host, record.text);
      break;
    case ProducerEvent::batch_completed:
    case ProducerEvent::batch_aborted:
      met(Subject::batch, host, batch);
      break;
    case ProducerEvent::buffer_wait:
      met(Subject::memory, host);
      met_every_lasting_cut_of(host);
      break;
    default:
      break;
  }
}

void StateTracker::look_at_broker(const TraceRecord& record) {
  const std::int64_t host = host_of(record);
  switch (static_cast<BrokerKind>(record.kind - sim::broker_trace_first)) {
    case BrokerKind::appended: {
      const bool leads = record.args[7] != 0;
      // What a leader appends while followers are cut off or dead is its alone.
      if (leads) {
        for (std::int64_t other = 0; other < run_.setup->scenario.cluster.brokers; ++other) {
          if (other == host) continue;
          met_if_lasting(Subject::links, std::min(host, other), std::max(host, other));
          met_if_lasting(Subject::process, other);
        }
        met(Subject::isr, record.text);
      }
      met(Subject::role, host, record.text);
      left(Subject::log, host, record.text);
      break;
    }
    case BrokerKind::duplicate:
      met(Subject::log, host, record.text);
      break;
    case BrokerKind::refused:
      met(Subject::role, host, record.text);
      met(Subject::isr, record.text);
      met(Subject::leadership, record.text);
      break;
    case BrokerKind::truncated:
      met(Subject::role, host, record.text);
      met(Subject::leadership, record.text);
      break;
    case BrokerKind::lost_unflushed:
    case BrokerKind::snapshot_loaded:
      met(Subject::process, host);
      left(Subject::log, host, record.text);
      break;
    case BrokerKind::became_leader:
    case BrokerKind::became_follower:
      met(Subject::leadership, record.text);
      met(Subject::log, host, record.text);
      left(Subject::role, host, record.text);
      break;
    case BrokerKind::isr_proposed:
      met_every_lasting_cut_of(host);
      break;
    case BrokerKind::isr_committed:
      met(Subject::isr, record.text);
      left(Subject::isr, record.text);
      break;
    case BrokerKind::fenced: {
      const std::int64_t gone = host_of_broker(record.args[0]);
      met(Subject::process, gone);
      met_links(gone, host);
      break;
    }
    case BrokerKind::leader_elected:
    case BrokerKind::unclean_election:
    case BrokerKind::partition_offline: {
      const bool offline =
          static_cast<BrokerKind>(record.kind - sim::broker_trace_first) == BrokerKind::partition_offline;
      const auto before = leaders_.find(std::string(run_.trace.text(record.text)));
      if (before != leaders_.end() && (offline || before->second != record.args[0])) {
        met(Subject::process, host_of_broker(before->second));
        met_links(host_of_broker(before->second), host);
      }
      met(Subject::isr, record.text);
      if (!offline) leaders_[std::string(run_.trace.text(record.text))] = record.args[0];
      left(Subject::leadership, record.text);
      left(Subject::isr, record.text);
      break;
    }
    case BrokerKind::crashed:
      left(Subject::process, host);
      break;
    case BrokerKind::stopped:
    case BrokerKind::controlled_shutdown:
      left(Subject::process, host);
      break;
    case BrokerKind::purgatory_expired:
      met_every_lasting_cut_of(host);
      met(Subject::isr, record.text);
      break;
    case BrokerKind::transaction_state:
      met(Subject::transaction, record.args[2]);
      left(Subject::transaction, record.args[2]);
      break;
    case BrokerKind::marker_written:
      met(Subject::transaction, record.args[1]);
      break;
    default:
      break;
  }
}

void StateTracker::look_at_application(const TraceRecord& record) {
  const std::int64_t host = host_of(record);
  switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
    case AppTrace::app_blocked:
      left(Subject::call, host, record.args[1]);
      break;
    case AppTrace::app_resumed:
      met(Subject::call, host, record.args[1]);
      break;
    case AppTrace::app_restarted:
      left(Subject::process, host);
      break;
    case AppTrace::produce_sent:
      left(Subject::request, record.args[0], record.args[1]);
      break;
    case AppTrace::produce_answered:
    case AppTrace::answer_arrived:
      met(Subject::request, record.args[0], record.args[1]);
      break;
    case AppTrace::fault_hits: {
      // What a fault does to the message itself; a crash or a forged answer takes another way.
      const Action& action = run_.setup->scenario.faults[static_cast<std::size_t>(record.args[0])].action;
      const bool stops = std::holds_alternative<Lose>(action) || std::holds_alternative<Reset>(action) ||
                         std::holds_alternative<Late>(action) || std::holds_alternative<Hold>(action) ||
                         std::holds_alternative<Delay>(action) || std::holds_alternative<Refuse>(action);
      if (stops) left(Subject::direction, record.args[1], record.args[2]);
      break;
    }
    default:
      break;
  }
}

}  // namespace linger::scenarios
