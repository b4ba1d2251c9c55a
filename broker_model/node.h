#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "broker_model/cost_model.h"
#include "broker_model/host_io.h"

namespace linger::broker {

/// What makes one broker or controller.
struct NodeSpec {
  NodeId id;
  std::string host;  ///< as clients see it in metadata
  std::uint16_t port = 9092;
  std::string cluster_id = "linger";
  std::uint64_t seed = 0;
  BrokerConfig config;
  BrokerBehaviour behaviour;
  CostModel cost;
  std::vector<NodeId> controllers;  ///< all of them, this one too
};

/// What happens to a host, kept while its process stands still.
struct HostInput {
  enum class Kind : std::uint8_t { accepted, connected, connect_failed, frame, closed } kind = Kind::frame;
  ConnId conn = 0;
  sim::Bytes frame;
  EventNumber cause;
  ClosedBy by = ClosedBy::fin;
};

/// A number from others, without a stream of its own: ids of topics and incarnations, which must only differ
/// (splitmix64's mixing step).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9e37'79b9'7f4a'7c15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebULL;
  return z ^ (z >> 31);
}

/// The id that Kafka gives the metadata log's topic.
inline constexpr Uuid metadata_topic_id{0, 1};

/// How long a connection attempt and a request may take, by purpose (Kafka's own settings and constants).
inline constexpr Duration connect_timeout = Duration::s(10);
inline constexpr Duration metadata_fetch_timeout = Duration::s(2);  ///< controller.quorum.request.timeout.ms
inline constexpr Duration metadata_fetch_wait = Duration::ms(500);  ///< KafkaRaftClient.MAX_FETCH_WAIT_MS
inline constexpr Duration controller_retry_backoff =
    Duration::ms(50);  ///< NodeToControllerChannelManager, DefaultAlterPartitionManager

}  // namespace linger::broker
