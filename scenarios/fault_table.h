#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/api_key.h"
#include "scenarios/scenario.h"
#include "scenarios/traffic.h"
#include "sim/ids.h"

namespace linger::scenarios {

/// What is known about a message that is about to arrive: what matchers are held against.
struct MessageFacts {
  ApiKey api = ApiKey::produce;
  bool response = false;
  bool connect = false;  ///< not a message but a connection request
  sim::HostId from;
  sim::HostId to;
  std::int32_t connection = 1;     ///< ordinal of the connection between the two hosts, from 1
  std::int32_t producer = -1;      ///< index, if the client is a producer
  std::span<const BatchOnWire> batches;
};

/// The faults of a plan with every name looked up. Immutable, shared by all copies of a world.
class FaultPlan {
 public:
  /// Requires that the reader found no mistake: names exist.
  FaultPlan(const std::vector<Fault>& faults, const std::vector<std::string>& hosts, const std::vector<std::string>& producers,
            const std::vector<std::string>& topics);

  struct Compiled {
    bool by_message = false;
    bool connect = false;
    ApiKey api = ApiKey::produce;
    bool response = false;
    std::optional<sim::HostId> from, to;
    std::int32_t producer = -1;
    std::int32_t topic = -1;
    std::int32_t partition = -1;
    std::optional<std::size_t> after_fault;
  };
  const std::vector<Fault>& faults() const { return faults_; }
  const Compiled& compiled(std::size_t fault) const { return compiled_[fault]; }
  /// False: no fault of this plan waits for such a message, so nothing about it need be read.
  bool may_match(ApiKey api, bool response) const;
  bool wants_batches() const { return wants_batches_; }
  bool wants_numbers() const { return wants_numbers_; }
  bool wants_connects() const { return wants_connects_; }

 private:
  std::vector<Fault> faults_;
  std::vector<Compiled> compiled_;
  std::vector<std::uint8_t> apis_;  // bit 0 requests, bit 1 responses, by API key
  bool wants_batches_ = false;
  bool wants_numbers_ = false;
  bool wants_connects_ = false;
};

/// How far the faults have come: the part that changes, copied with the world.
struct FaultProgress {
  struct One {
    std::int64_t counted = 0;  ///< messages that agreed in (api, from, to, direction)
    std::int64_t matched = 0;
    std::int64_t hits = 0;
    bool spent = false;  ///< a fault by message strikes once unless it says `every`
  };
  std::vector<One> faults;
};

/// Counts the message for every fault that waits for its like, and says which fault strikes it: the first in the plan's order.
std::optional<std::size_t> match_message(const FaultPlan& plan, FaultProgress& progress, const MessageFacts& facts, sim::SimTime now);

}  // namespace linger::scenarios
