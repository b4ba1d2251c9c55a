#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace linger::scenarios {

class World;

/// What a producer is about, as coarsely as it takes to say in which situations faults have struck. Of several producers the one with the most going on counts: the last of this list.
enum class ProducerSituation : std::uint8_t {
  gone,             ///< its process is dead, or it is closed
  without_identity, ///< idempotent or transactional, and not told its producer id yet
  idle,
  in_flight,
  retrying,         ///< a batch has been sent before and waits to be sent again
  unresolved,       ///< sequences are in doubt
  in_transaction,
  committing,
  aborting,
  error,            ///< abortable or fatal
};

/// What a cluster is about. Of several partitions the worst counts: the last of this list.
enum class ClusterSituation : std::uint8_t {
  healthy,      ///< every replica in sync, everything committed
  uncommitted,  ///< some leader holds records above its high watermark
  isr_shrunk,
  below_min_isr,
  broker_down,
  no_leader,
  no_controller,
};

std::string_view situation_name(ProducerSituation situation);
std::string_view situation_name(ClusterSituation situation);

ProducerSituation producer_situation(const World& world);
ClusterSituation cluster_situation(const World& world);

/// A fault changed something in this situation.
struct Situation {
  std::uint32_t fault = 0;  ///< its number in the plan
  ProducerSituation producer = ProducerSituation::gone;
  ClusterSituation cluster = ClusterSituation::healthy;
  friend auto operator<=>(const Situation&, const Situation&) = default;
};

}  // namespace linger::scenarios
