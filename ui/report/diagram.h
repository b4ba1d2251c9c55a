#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/result.h"
#include "sim/ids.h"
#include "sim/time.h"
#include "ui/report/messages.h"

namespace linger::scenarios {
struct Run;
}  // namespace linger::scenarios

namespace linger::report {

/// What a row of a time-space diagram stands for. A producer has three: its application, its batches, its requests.
enum class LaneKind : std::uint8_t { faults, application, accumulator, requests, broker, controller, consumer };
struct Lane {
  LaneKind kind = LaneKind::broker;
  sim::HostId host = sim::no_host;  ///< none for the faults
  std::string name;
  std::string note;
};

/// What a mark, a bar or an arrow says, apart from its words: it decides colour, shape and which label gives way.
enum class Tone : std::uint8_t { plain, quiet, produce, good, lost, again, leadership };

enum class ArrowKind : std::uint8_t {
  produce,
  replication,  ///< a FETCH answer with records, or the FETCH that acknowledges them
  metadata,     ///< a FETCH answer from the controller with changes
  setup,        ///< connect, API_VERSIONS, METADATA, INIT_PRODUCER_ID, FIND_COORDINATOR
  control,      ///< calls about transactions, elections, ISR changes
  reading,      ///< a consumer's FETCH answer with records
};
struct Arrow {
  std::size_t from = 0, to = 0;  ///< lanes
  ArrowKind kind = ArrowKind::produce;
  bool answer = false;
  Tone tone = Tone::produce;
  Fate fate = Fate::arrived;
  bool late = false;
  std::int64_t attempt = 1;
  sim::SimTime sent_at, ended_at;
  std::string text, more;  ///< the label's two lines; both may be empty
  std::string why;         ///< the fault behind it
  sim::EventNumber event;
  std::size_t message = 0;
};

enum class MarkKind : std::uint8_t {
  sent,
  acked,
  failed,
  refused,
  appended,
  replicated,
  duplicate,
  turned_away,  ///< a batch that the broker refuses
  high_watermark,
  leads,
  elected,  ///< a controller decides: leader or ISR; a line through all lanes
  truncated,
  host,      ///< crash, restart, fenced
  retry,     ///< a batch goes back into its queue
  gives_up,  ///< request.timeout.ms, a lost connection, an expired batch
  note,
};
struct Mark {
  std::size_t lane = 0;
  MarkKind kind = MarkKind::note;
  Tone tone = Tone::plain;
  sim::SimTime at;
  std::string text, more;
  sim::EventNumber event;
  std::uint64_t record = 0;  ///< index in the trace
  // Of sent, acked, failed and refused: which record of its producer, and how it ends. Neighbours with one verdict may
  // be drawn as one.
  std::int64_t number = -1;
  std::int64_t offset = -1;
  std::string partition;
  std::optional<scenarios::Verdict> verdict;
};

enum class BarKind : std::uint8_t { batch, queued_again, in_flight, leads, down, fault };
struct Bar {
  std::size_t lane = 0;
  BarKind kind = BarKind::batch;
  Tone tone = Tone::plain;
  sim::SimTime from, until;
  std::string text;
  sim::EventNumber event;
  std::int64_t fault = -1;  ///< of a fault: its index in the plan
};

/// Traffic that is not worth an arrow: idle polls, heartbeats, connects that are refused.
struct Idle {
  sim::SimTime at;
  const char* what = "";  ///< "idle poll", "heartbeat", "refused connect"
};

/// A run as lanes, arrows, marks and bars: everything that pictures of it draw, and nothing about where. In the order
/// of time.
struct Diagram {
  std::vector<Lane> lanes;
  std::vector<Arrow> arrows;
  std::vector<Mark> marks;
  std::vector<Bar> bars;
  std::vector<Idle> idle;
  sim::SimTime from, until;  ///< what is shown
  bool several_partitions = false;
  std::vector<std::string> left_out;  ///< sentences about what is not there
};

/// Which part of a run is wanted. Empty: the main phase, all hosts.
struct Subset {
  std::optional<sim::SimTime> from, until;
  std::optional<std::set<sim::HostId>> hosts;        ///< lanes and arrows between them
  std::optional<std::set<sim::EventNumber>> events;  ///< only what these events did or sent
};

/// Requires a run that kept its trace.
Diagram build_diagram(const scenarios::Run& run, const Subset& subset = {});

/// When the workload was over and the final phase began; the run's end if it has none.
struct PhaseEnd {
  sim::SimTime at;
  std::uint64_t record = 0;  ///< index of the first trace record that is not of the main phase
};
PhaseEnd end_of_main_phase(const scenarios::Run& run);

}  // namespace linger::report
