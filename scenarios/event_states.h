#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/event_graph.h"
#include "sim/trace.h"

namespace linger::scenarios {

/// Goes through a run and notes which event met what which other event had left: the state edges of an EventGraph. What
/// is missing has no cause of its own in the queue (nobody schedules "no heartbeat came"): these edges give it one.
class StateTracker {
 public:
  /// Both must live as long as this.
  StateTracker(const Run& run, EventGraph& graph);

  /// Requires events in their order.
  void look_at(EventIndex event);

 private:
  enum class Subject : std::uint8_t {
    batch,      ///< producer host, batch: opened, sent, queued again
    queue,      ///< producer host, partition text: the batch that left last, so that a retry is seen by those behind it
    request,    ///< connection, correlation
    direction,  ///< connection, direction: swallowed or stopped by a fault
    connection,   ///< connection: closed
    process,      ///< host: dead, standing still
    links,        ///< two hosts: cut
    leadership,   ///< partition text: who is to lead
    role,         ///< host, partition text: leads or follows
    isr,          ///< partition text
    log,          ///< host, partition text: what it holds
    memory,       ///< producer host: batches that hold buffer.memory
    call,         ///< host, ticket
    transaction,  ///< producer id
  };
  using Key = std::array<std::int64_t, 3>;

  void left(Subject subject, std::int64_t a, std::int64_t b = 0);
  /// It is as it was before: a link carries again, a process runs again. Who asks what happened still meets it.
  void ended(Subject subject, std::int64_t a, std::int64_t b = 0);
  void met(Subject subject, std::int64_t a, std::int64_t b = 0);
  void met_if_lasting(Subject subject, std::int64_t a, std::int64_t b = 0);
  void look_at_network(const sim::TraceRecord& record);
  void look_at_producer(const sim::TraceRecord& record);
  void look_at_broker(const sim::TraceRecord& record);
  void look_at_application(const sim::TraceRecord& record);
  void met_links(std::int64_t a, std::int64_t b, EventIndex since = 0);
  void met_every_lasting_cut_of(std::int64_t host);
  void met_end_of(std::int64_t connection);

  const Run& run_;
  EventGraph& graph_;
  EventIndex here_ = 0;
  std::map<Key, EventIndex> last_;
  std::map<Key, std::vector<EventIndex>> attempts_;  ///< (0, producer host, batch): every time it was queued again
  std::map<Key, bool> over_;
  struct Ends {
    std::int64_t client = 0, server = 0;
    EventIndex since = 0;
  };
  std::map<std::int64_t, Ends> ends_;            ///< by connection
  std::map<std::string, std::int64_t> leaders_;  ///< partition -> broker that is to lead
};

}  // namespace linger::scenarios
