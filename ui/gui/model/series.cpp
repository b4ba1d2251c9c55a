#include "ui/gui/model/series.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/record_journey.h"
#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"
#include "ui/gui/model/session.h"
#include "ui/report/messages.h"

namespace linger::gui {

using sim::Duration;
using sim::SimTime;

void StepSeries::set(SimTime at, double value) {
  assert(steps_.empty() || steps_.back().at <= at);
  if (!steps_.empty() && steps_.back().at == at) steps_.pop_back();
  if (last() != value) steps_.push_back({at, value});
}

double StepSeries::at(SimTime at) const {
  const auto behind =
      std::upper_bound(steps_.begin(), steps_.end(), at, [](SimTime t, const Step& step) { return t < step.at; });
  return behind == steps_.begin() ? 0 : std::prev(behind)->value;
}

double StepSeries::highest() const {
  double most = 0;
  for (const Step& step : steps_) most = std::max(most, step.value);
  return most;
}

namespace {

using All = std::array<StepSeries, series_count>;
using Kind = broker::Observation::Kind;

StepSeries& of(All& all, SeriesKind kind) {
  return all[static_cast<std::size_t>(kind)];
}

/// Changes by amounts that are not known in the order of time.
class Changes {
 public:
  void add(SimTime at, double amount) { changes_.emplace_back(at, amount); }
  void put_into(StepSeries& series, SimTime end) {
    std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    double value = 0;
    for (const auto& [at, amount] : changes_) {
      if (at > end) break;
      series.set(at, value += amount);
    }
  }

 private:
  std::vector<std::pair<SimTime, double>> changes_;
};

void look_at_producers(Session& session, All& all) {
  const scenarios::Run& run = session.run();
  const auto sample = [&](const Cursor& cursor) {
    double bytes = 0;
    double used = 0;
    for (const scenarios::ProducerHost& host : session.world_at(cursor).producers()) {
      if (!host.alive()) continue;
      const RecordAccumulator& accumulator = host.producer().accumulator();
      for (const BatchId id : accumulator.incomplete()) {
        const ProducerBatch& batch = accumulator.batches()[id];
        if (!batch.is_inflight()) bytes += batch.estimated_size_in_bytes();
      }
      used += static_cast<double>(accumulator.pool().total_memory() - accumulator.pool().available_memory());
    }
    of(all, SeriesKind::batch_bytes).set(cursor.at, bytes);
    of(all, SeriesKind::buffer_used).set(cursor.at, used);
  };
  const auto is_producers = [&](sim::HostId host) {
    return host != sim::no_host && run.setup->roles[host.value()].kind == scenarios::HostKind::producer;
  };
  sample({SimTime{}, 0});
  const std::uint64_t records = run.trace.stored();
  for (std::size_t i = 0; i < session.last().steps; ++i) {
    const std::uint64_t end = i + 1 < run.events.size() ? run.events[i + 1].first_record : records;
    for (std::uint64_t r = run.events[i].first_record; r < end; ++r) {
      // What the network tells of a producer's host changes nothing in its accumulator.
      const sim::TraceRecord& record = run.trace.at(r);
      const bool died = record.kind == sim::trace_kind(sim::SimTrace::crash);
      if (!is_producers(record.host) || (record.kind < sim::producer_trace_first && !died)) continue;
      sample({run.events[i].at, i + 1});
      break;
    }
  }
}

void follow_requests(const report::Messages& traffic, SimTime end, All& all) {
  Changes in_flight;
  std::vector<std::pair<SimTime, SimTime>> answered;  ///< when, and when it was asked
  for (const report::Message& one : traffic.messages) {
    if (one.api != ApiKey::produce || one.answer || one.sent_at > end) continue;
    double records = 0;
    for (const report::BatchSent& batch : one.batches) records += static_cast<double>(batch.records);
    of(all, SeriesKind::records_per_request).set(one.sent_at, records);
    in_flight.add(one.sent_at, 1);
    in_flight.add(report::waits_until(traffic, one), -1);
    if (one.answered_by && traffic.messages[*one.answered_by].fate == report::Fate::arrived)
      answered.emplace_back(traffic.messages[*one.answered_by].ended_at, one.sent_at);
  }
  in_flight.put_into(of(all, SeriesKind::in_flight), end);
  std::stable_sort(answered.begin(), answered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  constexpr std::size_t most = 100;
  std::deque<std::int64_t> arrived;
  std::vector<std::int64_t> sorted;
  for (const auto& [at, asked] : answered) {
    if (at > end) break;
    const std::int64_t took = (at - asked).ns();
    if (arrived.size() == most) {
      sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), arrived.front()));
      arrived.pop_front();
    }
    arrived.push_back(took);
    sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), took), took);
    // The nearest rank: the first value that so many of them do not exceed.
    const auto rank = [&](std::size_t percent) {
      return static_cast<double>(sorted[(sorted.size() * percent + 99) / 100 - 1]) / 1e6;
    };
    of(all, SeriesKind::latency_p50).set(at, rank(50));
    of(all, SeriesKind::latency_p99).set(at, rank(99));
  }
}

/// Log end and high watermark of every replica, and who leads.
class Replicas {
 public:
  explicit Replicas(const scenarios::Setup& setup) {
    for (const scenarios::InitialPartition& one : setup.scenario.cluster.initial) {
      const std::string name = one.topic + "-" + std::to_string(one.partition);
      initial_[name] = one.records;
    }
  }
  void note(const sim::TraceRecord& record, const std::string& partition) {
    Partition& one = partitions_.try_emplace(partition, start_of(partition)).first->second;
    if (record.kind == scenarios::trace_kind(Kind::became_leader)) {
      one.leader = record.host;
      one.end = record.args[1];
    } else if (record.kind == scenarios::trace_kind(Kind::appended)) {
      if (record.args[7] == 1) one.end = record.args[1] + 1, one.leader = record.host;
    } else if (record.kind == scenarios::trace_kind(Kind::truncated)) {
      if (one.leader == record.host) one.end = record.args[1];
    } else if (record.kind == scenarios::trace_kind(Kind::high_watermark)) {
      one.marks[record.host] = record.args[1];
    }
  }
  double lag() const {
    std::int64_t most = 0;
    for (const auto& [name, one] : partitions_) {
      if (one.leader == sim::no_host) continue;
      const auto mark = one.marks.find(one.leader);
      most = std::max(most, one.end - (mark == one.marks.end() ? one.initial : mark->second));
    }
    return static_cast<double>(most);
  }

 private:
  struct Partition {
    sim::HostId leader = sim::no_host;
    std::int64_t end = 0;
    std::int64_t initial = 0;
    std::map<sim::HostId, std::int64_t> marks;
  };
  Partition start_of(const std::string& partition) const {
    const auto found = initial_.find(partition);
    const std::int64_t records = found == initial_.end() ? 0 : found->second;
    return {sim::no_host, records, records, {}};
  }
  std::map<std::string, std::int64_t> initial_;
  std::map<std::string, Partition> partitions_;
};

/// The ISR of every partition as the controller has committed it.
class InSync {
 public:
  explicit InSync(const scenarios::Setup& setup) {
    for (const scenarios::TopicSpec& topic : setup.scenario.cluster.topics) {
      // A topic that is made later comes with an election.
      if (topic.created) continue;
      for (std::int32_t number = 0; number < topic.partitions; ++number)
        sizes_[topic.name + "-" + std::to_string(number)] = topic.replication_factor;
    }
    for (const scenarios::InitialPartition& one : setup.scenario.cluster.initial) {
      if (one.isr) sizes_[one.topic + "-" + std::to_string(one.partition)] = static_cast<int>(one.isr->size());
    }
  }
  void set(const std::string& partition, std::int64_t mask) {
    sizes_[partition] = std::popcount(static_cast<std::uint64_t>(mask));
  }
  double smallest() const {
    int least = sizes_.empty() ? 0 : sizes_.begin()->second;
    for (const auto& [name, size] : sizes_) least = std::min(least, size);
    return least;
  }

 private:
  std::map<std::string, int> sizes_;
};

void read_trace(const scenarios::Run& run, SimTime end, All& all) {
  Replicas replicas{*run.setup};
  InSync in_sync{*run.setup};
  std::map<std::pair<sim::HostId, std::int64_t>, SimTime> created;
  Changes throughput;
  double acked = 0;
  double errors = 0;
  double retries = 0;
  of(all, SeriesKind::isr_size).set(SimTime{}, in_sync.smallest());
  const std::uint64_t records = run.trace.stored();
  for (std::uint64_t i = 0; i < records && run.trace.at(i).at <= end; ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    const auto is = [&](auto kind) { return record.kind == scenarios::trace_kind(kind); };
    const auto partition = [&] { return std::string(run.trace.text(record.text)); };
    if (is(scenarios::AppTrace::app_acked)) {
      of(all, SeriesKind::acked).set(record.at, ++acked);
      throughput.add(record.at, 1);
      throughput.add(record.at + Duration::s(1), -1);
    } else if (is(scenarios::AppTrace::produce_sent)) {
      if (record.args[7] > 1) of(all, SeriesKind::retries).set(record.at, ++retries);
    } else if (is(ProducerEvent::batch_created)) {
      created[{record.host, record.args[0]}] = record.at;
    } else if (is(ProducerEvent::batch_drained)) {
      const auto began = created.find({record.host, record.args[0]});
      if (record.args[5] == 0 && began != created.end())
        of(all, SeriesKind::queue_time).set(record.at, static_cast<double>((record.at - began->second).ns()) / 1e6);
    } else if (is(ProducerEvent::batch_retried) || is(ProducerEvent::batch_failed)) {
      of(all, SeriesKind::errors).set(record.at, ++errors);
    } else if (is(Kind::leader_elected) || is(Kind::unclean_election)) {
      in_sync.set(partition(), record.args[2]);
      of(all, SeriesKind::isr_size).set(record.at, in_sync.smallest());
    } else if (is(Kind::isr_committed) || is(Kind::partition_offline)) {
      in_sync.set(partition(), record.args[0]);
      of(all, SeriesKind::isr_size).set(record.at, in_sync.smallest());
    } else if (is(Kind::appended) || is(Kind::truncated) || is(Kind::high_watermark) || is(Kind::became_leader)) {
      replicas.note(record, partition());
      of(all, SeriesKind::hw_lag).set(record.at, replicas.lag());
    }
  }
  throughput.put_into(of(all, SeriesKind::throughput), end);
}

/// Where leaders began: how a record is lost that somebody had acknowledged.
class Beginnings {
 public:
  explicit Beginnings(const scenarios::Run& run) {
    for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
      const sim::TraceRecord& record = run.trace.at(i);
      if (record.kind == scenarios::trace_kind(Kind::became_leader))
        all_[std::string(run.trace.text(record.text))].emplace_back(record.at, record.args[1]);
    }
  }
  /// When the first leader began, from `since` on, whose log did not reach this offset.
  std::optional<SimTime> without(const std::string& partition, std::int64_t offset, SimTime since) const {
    const auto found = all_.find(partition);
    if (found == all_.end()) return std::nullopt;
    for (const auto& [at, start] : found->second) {
      if (at >= since && start <= offset) return at;
    }
    return std::nullopt;
  }

 private:
  std::map<std::string, std::vector<std::pair<SimTime, std::int64_t>>> all_;
};

void judge_outcomes(const Session& session, SimTime end, All& all) {
  const scenarios::Run& run = session.run();
  const Beginnings beginnings{run};
  Changes duplicated;
  Changes lost;
  Changes reordered;
  for (std::size_t i = 0; i < run.result.fates.size(); ++i) {
    const scenarios::RecordFate& fate = run.result.fates[i];
    const scenarios::LedgerRecord& record = run.ledger.records[i];
    const bool gone = fate.verdict == scenarios::Verdict::acked_lost;
    if (!gone && fate.extra_copies == 0 && !fate.reordered) continue;
    const scenarios::RecordJourney journey = session.journeys().journey_of(static_cast<scenarios::RecordIndex>(i));
    const auto written = [&](std::size_t copy) {
      return copy < journey.copies.size() ? run.trace.at(journey.copies[copy].appended).at : record.told_at;
    };
    if (gone) {
      const std::string partition = run.setup->topics[record.topic] + "-" + std::to_string(record.partition);
      const SimTime since = journey.copies.empty() ? record.sent_at : written(0);
      const auto began = beginnings.without(partition, record.offset, since);
      lost.add(std::max(record.told_at, began.value_or(record.told_at)), 1);
    }
    for (std::int32_t extra = 1; extra <= fate.extra_copies; ++extra)
      duplicated.add(written(static_cast<std::size_t>(extra)), 1);
    if (fate.reordered) reordered.add(written(0), 1);
  }
  duplicated.put_into(of(all, SeriesKind::duplicated), end);
  lost.put_into(of(all, SeriesKind::lost), end);
  reordered.put_into(of(all, SeriesKind::reordered), end);
}

}  // namespace

RunSeries::RunSeries(Session& session) {
  const SimTime end = session.end();
  look_at_producers(session, series_);
  follow_requests(report::read_messages(session.run().trace), end, series_);
  read_trace(session.run(), end, series_);
  judge_outcomes(session, end, series_);
  std::transform(series_.begin(), series_.end(), highest_.begin(), [](const StepSeries& one) { return one.highest(); });
}

}  // namespace linger::gui
