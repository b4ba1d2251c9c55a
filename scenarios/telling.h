#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "scenarios/event_graph.h"
#include "scenarios/runner.h"

namespace linger::scenarios {

/// Which trace record of an event says best what the event did to a record of this partition and producer.
class Telling {
 public:
  /// `partition` empty: any. `run` must live as long as this.
  Telling(const Run& run, std::string partition, sim::HostId producer)
      : run_(run), partition_(std::move(partition)), producer_(producer) {}

  /// This one counts more than others of its kind.
  void prefer(std::uint64_t record) { preferred_.insert(record); }
  /// How much a trace record tells; 0: nothing that a chain of causes needs.
  int weight(std::uint64_t record) const;
  /// The one that tells most, the first of several; nothing if none of them tells anything.
  std::optional<std::uint64_t> best_of(const EventGraph::Records& records) const;

 private:
  int weight_of_network(const sim::TraceRecord& record) const;
  int weight_of_producer(const sim::TraceRecord& record) const;
  int weight_of_broker(const sim::TraceRecord& record) const;
  int weight_of_application(const sim::TraceRecord& record) const;

  const Run& run_;
  std::string partition_;
  sim::HostId producer_;
  std::set<std::uint64_t> preferred_;
};

}  // namespace linger::scenarios
