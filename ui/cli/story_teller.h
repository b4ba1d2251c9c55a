#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/setup.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace.h"
#include "sim/trace_kinds.h"
#include "ui/cli/story_line.h"

namespace linger::cli {

/// Turns the trace of a run into lines a person can follow. Reads nothing but trace and setup: what the story says, the
/// trace says.
class StoryTeller {
 public:
  StoryTeller(const sim::Trace& trace, const scenarios::Setup& setup);

  /// Every line from the first event to the end of the final phase, neither folded nor with quiet stretches.
  std::vector<StoryLine> tell();

 private:
  using Record = sim::TraceRecord;

  /// A batch inside a Produce request.
  struct Batch {
    std::string partition;
    std::int64_t records = 0, producer_id = -1, epoch = -1, sequence = -1, attempt = 1;
  };
  /// A Produce request that has neither been answered nor given up.
  struct Request {
    std::uint32_t host = 0;
    std::int64_t slot = 0;
    std::int64_t connection = -1;  ///< serial number, as the network counts
    std::int64_t correlation = 0;
    std::uint64_t record = 0;
    sim::SimTime at;
    std::vector<Batch> batches;
    std::string answer;  ///< what the broker answered, once it has
    std::string to;
  };
  struct Connection {
    std::uint32_t from = 0, to = 0;
  };
  struct Partition {
    std::set<std::uint32_t> leaders;  ///< hosts that believe they lead
    broker::NodeMask isr = 0;
    std::int64_t offline = 0;                    ///< told that nobody leads, with this ISR + 1
    std::map<std::uint32_t, std::int64_t> held;  ///< follower -> its last offset, since the high watermark moved
  };
  struct Struck {
    sim::TraceRecord record;
    std::uint64_t index = 0;
  };
  struct Heard {
    std::int64_t number = 0, offset = -1;
    std::string partition;
  };
  /// Acknowledgements of one moment, told in one line.
  struct Hearing {
    std::uint64_t record = 0;
    std::uint32_t host = 0;
    sim::EventNumber event;
    sim::SimTime at;
    std::vector<Heard> records;
  };
  /// Records sent one after the other, told in one line.
  struct Sends {
    std::uint64_t record = 0;
    std::uint32_t host = 0;
    std::int64_t first = 0, last = 0, count = 0;
    sim::SimTime begin, end;
  };
  /// A line whose subjects grow: "b2 begins to lead orders-0, orders-1".
  struct Merge {
    std::string who, head, tail, why;
    Tone tone = Tone::plain;
  };

  // By layer, then one happening each; kinds that are missing there are not told.
  void tell_application(const Record& record);
  void tell_producer(const Record& record);
  void tell_network(const Record& record);
  void tell_faults(const Record& record);
  void tell_log(const Record& record);
  void tell_cluster(const Record& record);

  void tell_transfer(const Record& record);
  std::string producer_in_words(std::int64_t producer_id) const;
  void sends(const Record& record);
  bool next_send_follows(const Record& record) const;
  void acknowledged(const Record& record);
  void enter_phase(const Record& record);
  void batch_closed(const Record& record);
  void produce_sent(const Record& record);
  void request_leaves(const Record& next);
  void produce_answered(const Record& record);
  void answer_arrived(const Record& record);
  void fault_hits(const Record& record);
  void message_struck(const Record& next);
  void connection_ends(const Record& record, bool by_itself);
  void high_watermark(const Record& record);
  void leader_elected(const Record& record, bool unclean);
  void isr_committed(const Record& record);

  StoryLine& add(const Record& record, std::string who, std::string what, std::string why = {},
                 Weight weight = Weight::ordinary, Tone tone = Tone::plain);
  void add_merged(const Record& record, const Merge& merge, const std::string& subject);
  /// Writes down what was held back for merging. Before anything else is told.
  void close_open_lines();

  std::string host(sim::HostId id) const { return id == sim::no_host ? "" : setup_.hosts[id.value()]; }
  scenarios::HostRole role(sim::HostId id) const { return setup_.roles[id.value()]; }
  std::string application(sim::HostId id) const;
  std::string text(const Record& record) const { return std::string(trace_.text(record.text)); }
  Partition& partition(const std::string& name);
  std::string batches_in_words(const Request& request) const;

  const sim::Trace& trace_;
  const scenarios::Setup& setup_;
  std::vector<StoryLine> lines_;
  std::uint64_t index_ = 0;  ///< of the record being told
  bool settling_ = false;    ///< the workload is over, every fault ends
  bool final_ = false;       ///< replicas lead in turn, a witness reads: told in one line
  sim::SimTime final_begin_;
  std::int64_t witnessed_ = 0;

  std::optional<Sends> sends_;
  std::optional<Hearing> hearing_;
  std::map<std::int64_t, std::string> transactional_ids_;  ///< by producer id
  std::string merge_key_;
  std::vector<std::string> merge_subjects_;

  std::map<std::int64_t, Connection> connections_;            ///< by serial number
  std::map<std::int64_t, std::int64_t> serial_of_slot_;       ///< the world's number of a connection -> the network's
  std::map<std::uint32_t, std::set<std::uint32_t>> refused_;  ///< client -> hosts that do not listen
  std::deque<Request> requests_;
  std::optional<Request> leaving_;  ///< being put together from one record a batch
  std::optional<Struck> struck_;    ///< a fault has hit a message; the next record says more
  sim::EventNumber forged_in_;
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::int64_t, std::int64_t>>
      identities_;                                ///< (producer, batch) -> epoch, sequence
  std::map<std::string, sim::SimTime> memory_was_short_;  ///< by producer: when it last was
  std::pair<std::string, std::int64_t> expired_;  ///< producer and batch: that it failed needs no second line
  std::set<std::string> renumbered_;  ///< partitions whose next request carries an old batch with new numbers
  std::map<std::string, Partition> partitions_;
  std::set<std::string> elected_;                ///< partition and epoch: each controller reports an election
  std::optional<sim::EventNumber> crash_event_;  ///< a fault's line has told of it
  std::map<std::pair<std::uint32_t, std::int64_t>, std::pair<sim::SimTime, std::string>>
      blocked_;  ///< (host, ticket) -> since when, in what
};

}  // namespace linger::cli
