#pragma once

#include <cstdint>

namespace linger {

/// Every use of chance in the Java producer, by name, so that a driver can key its draws and one use never shifts another.
enum class DrawUse : std::uint8_t {
  sticky_partition,        ///< BuiltInPartitioner: next sticky partition; the upper 31 bits are used
  retry_backoff,           ///< RecordAccumulator's ExponentialBackoff jitter, drawn anew at each check
  reconnect_backoff,       ///< ClusterConnectionStates: jitter of reconnect.backoff.ms
  connection_setup,        ///< ClusterConnectionStates: jitter of socket.connection.setup.timeout.ms
  metadata_backoff,        ///< Metadata: jitter of the refresh backoff
  least_loaded_node,       ///< NetworkClient.leastLoadedNode: the random offset at which the search begins
  bootstrap_order,         ///< Metadata / Cluster: order in which nodes of an answer are listed
  round_robin,             ///< draws of partitioners that Kafka ships beside the built-in one
};

/// Where the producer's chance comes from. Passed per call and never stored, so that a producer stays a copyable value.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// The next 64 random bits for this use.
  virtual std::uint64_t draw(DrawUse use) = 0;
  /// Passes over a draw whose value would change nothing: the next one is what it would have been.
  virtual void skip(DrawUse use) { static_cast<void>(draw(use)); }
};

/// A draw as Java's `Rng.nextDouble`-like value in [0, 1): the upper 53 bits.
constexpr double unit_interval(std::uint64_t draw) {
  return static_cast<double>(draw >> 11) * 0x1.0p-53;
}

}  // namespace linger
