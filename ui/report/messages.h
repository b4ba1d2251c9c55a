#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/api_key.h"
#include "scenarios/setup.h"
#include "sim/trace.h"

namespace linger::report {

/// A connection of a run, from the first request for it to its end.
struct Wire {
  std::int64_t serial = 0;  ///< how the trace names it
  sim::HostId client;
  sim::HostId server;
  sim::SimTime asked_at;
  std::optional<sim::SimTime> established_at;
  bool refused = false;
  std::optional<sim::SimTime> ended_at;  ///< when the first of its sides closed it or learned that it is gone
};

/// What became of a message.
enum class Fate : std::uint8_t {
  arrived,
  lost,       ///< a fault swallowed it, or one before it in the same direction
  cut_off,    ///< the connection ended before it arrived
  under_way,  ///< the run ended first
};

/// One partition's batch in a Produce request.
struct BatchSent {
  std::string partition;
  std::int64_t records = 0, bytes = 0, producer_id = -1, epoch = -1, sequence = -1, attempt = 1;
};
/// What a Produce answer says about one partition, as its reader gets it once it has arrived.
struct BatchAnswered {
  std::string partition;
  std::int64_t error = 0, base_offset = -1, records = 0, sequence = -1;
};

/// One request or answer on its way.
struct Message {
  std::size_t wire = 0;  ///< index among the wires
  bool answer = false;   ///< to the client
  ApiKey api = ApiKey::produce;
  std::int64_t ordinal = 0;       ///< the how many-th of its API and direction on its connection
  std::int64_t size = 0;          ///< bytes with their length prefix
  std::int64_t correlation = -1;  ///< -1: not a producer's
  sim::HostId from, to;
  sim::EventNumber event;  ///< in which it was sent
  sim::SimTime sent_at;
  sim::SimTime ended_at;  ///< arrived, swallowed or cut off; of what is still under way: when the run ended
  Fate fate = Fate::under_way;
  bool forged = false;                     ///< an answer whose content a fault has replaced
  bool late = false;                       ///< it arrives at a connection that its sender has given up
  std::optional<std::size_t> fault;        ///< index of the planned fault that changed its fate
  std::optional<std::size_t> about;        ///< an answer: index of its request among the messages
  std::optional<std::size_t> answered_by;  ///< a request: index of its answer, if that was sent
  std::vector<BatchSent> batches;
  std::vector<BatchAnswered> answers;
  std::uint64_t sent_record = 0;  ///< index in the trace
  std::optional<std::uint64_t> arrived_record;
};

/// The traffic of a run: read from its trace alone.
struct Messages {
  std::vector<Wire> wires;        ///< in the order in which they were asked for
  std::vector<Message> messages;  ///< in the order in which they were sent
};
Messages read_messages(const sim::Trace& trace);

/// Until when the sender of a request waits for its answer: until that arrives, or until the connection ends.
sim::SimTime waits_until(const Messages& traffic, const Message& request);

}  // namespace linger::report
