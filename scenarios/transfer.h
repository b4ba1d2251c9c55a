#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "scenarios/consumer.h"
#include "scenarios/group_client.h"
#include "scenarios/input_record.h"
#include "scenarios/ledger.h"
#include "scenarios/scenario.h"
#include "sim/time.h"

namespace linger::scenarios {

/// A transfer step under way in one process: the consumer that reads the input, the way to the group's offsets, and how
/// far the loop of poll, send, commit has come. Nothing of it survives the process.
struct Transfer {
  enum class Phase : std::uint8_t {
    initialize,   ///< initTransactions
    ask_offsets,  ///< where does the group go on?
    offsets,      ///< the coordinator has been asked
    poll,
    begin,
    send,         ///< one output for each input of the poll
    flush,        ///< without transactions: every output must be acknowledged before the offsets count
    add_offsets,  ///< sendOffsetsToTransaction
    commit,
    commit_offsets,  ///< the offsets are being committed outside of a transaction
    abort,
    done,
  };
  Phase phase = Phase::initialize;
  Consumer input;
  GroupClient group;
  std::vector<TopicPartition> partitions;  ///< the assigned ones, by number
  std::vector<InputRecord> batch;          ///< what the last poll gave
  std::size_t sent = 0;                    ///< how many of it have been handed to send
  std::vector<RecordIndex> records;        ///< their entries in the ledger
  std::vector<GroupPosition> read_to;      ///< positions behind it
  sim::SimTime input_wake = sim::SimTime::never();
  sim::SimTime group_wake = sim::SimTime::never();

  /// Nothing has been read that is not transferred, and nothing is at hand.
  bool idle() const { return phase == Phase::poll && batch.empty(); }
};

/// A transfer's output is its input with this header more, which names where it comes from, as `orders-0@17`.
inline constexpr const char* source_header = "transferred-from";
std::string source_of(const std::string& topic, std::int32_t partition, std::int64_t offset);

/// The partitions that a transfer reads: those that the step names, or all that the topic is declared with.
std::vector<std::int32_t> partitions_of(const Scenario& scenario, const TransferStep& step);

}  // namespace linger::scenarios
