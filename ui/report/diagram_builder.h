#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"
#include "ui/report/diagram.h"
#include "ui/report/messages.h"
#include "ui/report/words.h"

namespace linger::report {

/// Reads a run's trace into a diagram: marks and bars in one walk over it, then an arrow for each message.
class DiagramBuilder {
 public:
  DiagramBuilder(const scenarios::Run& run, const Subset& subset);

  Diagram build();

 private:
  // ---- Lanes

  void make_lanes();
  void add_lane(LaneKind kind, sim::HostId host, std::string name, std::string note);
  std::optional<std::size_t> lane(sim::HostId host, LaneKind kind) const;
  std::optional<std::size_t> lane(sim::HostId host) const;
  const std::string& name(std::int64_t host) const { return setup_.hosts[static_cast<std::size_t>(host)]; }
  scenarios::HostKind kind_of(sim::HostId host) const { return setup_.roles[host.value()].kind; }
  bool in_subset(sim::SimTime at, sim::EventNumber event) const;

  // ---- Marks

  Mark* add(const sim::TraceRecord& record, LaneKind kind, MarkKind mark_kind, Tone tone, std::string text,
            std::string more = {});

  /// A mark whose subjects grow while the same happens to other partitions in the same event: "b2 leads orders-0,
  /// orders-1".
  void add_merged(const sim::TraceRecord& record, MarkKind kind, Tone tone, const std::string& head,
                  const std::string& subject, const std::string& more);

  std::string text(const sim::TraceRecord& record) const { return std::string(trace_.text(record.text)); }
  /// " orders-0" where there are several partitions.
  std::string of(const std::string& partition) const;
  void read(const sim::TraceRecord& record);
  void network(const sim::TraceRecord& record);

  /// A producer's connection has gone: which of its requests are without an answer now?
  void connection_ends(const sim::TraceRecord& record);
  void producer(const sim::TraceRecord& record);
  void cluster(const sim::TraceRecord& record);
  void application(const sim::TraceRecord& record);

  // ---- Bars

  void fault(const sim::TraceRecord& record);
  void host_down(const sim::TraceRecord& record, const std::string& word);
  void host_up(const sim::TraceRecord& record, const std::string& word);
  struct Down {
    sim::SimTime at;
    std::string word;
    sim::EventNumber event;
  };
  void bar(sim::HostId host, const Down& down, sim::SimTime until);
  void begin_leading();
  void stop_leading(sim::HostId host, const std::string& partition, sim::SimTime until);
  void add_bar(Bar bar);
  void close_bars();

  // ---- Arrows

  std::optional<ArrowKind> kind_of(const Message& one) const;
  void draw_message(std::size_t index);
  void in_flight(const Message& one, std::size_t lane);
  static Tone tone_of(const Message& one, ArrowKind kind);
  void words(const Message& one, Arrow& arrow) const;

  // ---- The end

  void finish();

  /// A lane on which nothing happens is not drawn, but for brokers and what an application has.
  void drop_empty_lanes();

  const scenarios::Run& run_;
  const sim::Trace& trace_;
  const scenarios::Setup& setup_;
  const Subset& subset_;
  Messages traffic_;
  Diagram out_;
  std::uint64_t index_ = 0;
  std::uint64_t last_record_ = 0;  ///< where the part that is shown ends in the trace
  std::map<std::pair<sim::HostId, LaneKind>, std::size_t> lanes_;
  std::map<sim::HostId, std::size_t> main_lane_;
  std::set<sim::EventNumber> fetched_, acknowledged_, learned_,
      read_;  ///< events in which a FETCH or its answer changed something
  std::map<sim::HostId, Down> down_;
  std::map<std::pair<sim::HostId, std::string>, sim::SimTime> leading_;  ///< since when
  std::map<std::pair<sim::HostId, std::int64_t>, Bar> batches_;          ///< open ones by number
  std::map<std::size_t, Bar> faults_;
  std::map<std::string, std::int64_t> in_sync_;
  std::set<std::string> elected_;  ///< every controller reports an election
  std::set<std::int64_t> closed_;
  std::string merge_key_;
  std::vector<std::string> merged_;
  std::size_t merge_mark_ = 0;
};

}  // namespace linger::report
