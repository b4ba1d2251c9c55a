#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/draw.h"
#include "sim/ids.h"
#include "sim/latency.h"

namespace linger::sim {

/// What a link does to messages. Both ways have the same at first.
struct LinkQuality {
  Latency latency;
  std::int64_t bytes_per_second = 0;  ///< 0: no limit
  Ratio loss;                         ///< of transmissions; each costs a retransmission timeout
  friend constexpr bool operator==(const LinkQuality&, const LinkQuality&) = default;
};

/// A node of the network. Hosts send and receive; a switch only passes on. A host never passes anything on, so that a
/// cut between two hosts is not circumvented through a third.
struct NodeSpec {
  enum class Role : std::uint8_t { host, network_switch };
  std::string name;
  Role role = Role::host;
};

struct LinkSpec {
  HostId a;
  HostId b;
  LinkQuality quality;
};

/// One way through a link: 2 * link for a to b, 2 * link + 1 for b to a.
using Lane = Id<struct LaneTag, std::uint32_t>;
constexpr LinkId link_of(Lane lane) {
  return LinkId{lane.value() / 2};
}

/// The way from one host to another: the lanes in order. No lanes: unreachable (or the host itself).
struct Route {
  std::span<const Lane> lanes;
  bool reachable = false;
};

/// All routes for one state of the links; immutable, shared by the copies of a world until a link changes.
class RouteTable {
 public:
  Route route(HostId from, HostId to) const {
    const Entry& entry = entries_[std::size_t{from.value()} * hosts_ + to.value()];
    return {{lanes_.data() + entry.first, entry.count}, entry.count != 0 || from == to};
  }
  /// The number of the island that this host is on: two hosts can talk both ways, directly or through others, if they
  /// have the same.
  std::uint32_t island(HostId host) const { return islands_[host.value()]; }
  std::uint32_t island_count() const { return island_count_; }

 private:
  friend class Topology;
  struct Entry {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  std::size_t hosts_ = 0;
  std::uint32_t island_count_ = 0;
  std::vector<Entry> entries_;
  std::vector<Lane> lanes_;
  std::vector<std::uint32_t> islands_;
};

/// Which hosts and links there are: a Boost.Graph that never changes and is shared by all copies of a world. What
/// changes (up, down, slow) is in the Network, in flat arrays by lane.
class Topology {
 public:
  /// Requires: names differ, links join two different nodes that exist, at most one link between two nodes.
  static std::shared_ptr<const Topology> make(std::vector<NodeSpec> nodes, std::vector<LinkSpec> links);
  /// Hosts that are all linked with each other directly.
  static std::shared_ptr<const Topology> full_mesh(const std::vector<std::string>& hosts, const LinkQuality& quality);

  ~Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  std::size_t node_count() const { return nodes_.size(); }
  std::size_t link_count() const { return links_.size(); }
  std::size_t lane_count() const { return 2 * links_.size(); }
  const std::string& name(HostId node) const { return nodes_[node.value()].name; }
  /// The names of all nodes, by id: what TraceKinds::json_line wants.
  const std::vector<std::string>& names() const { return names_; }
  /// The name's hash, for keyed draws.
  Name draw_name(HostId node) const { return draw_names_[node.value()]; }
  std::optional<HostId> find(std::string_view name) const;
  const LinkSpec& link(LinkId link) const { return links_[link.value()]; }
  /// The lane that leads directly from one node to the other, if they have a link.
  std::optional<Lane> lane(HostId from, HostId to) const;
  HostId lane_from(Lane lane) const;
  HostId lane_to(Lane lane) const;

  /// Shortest ways (by typical latency, then by fewer links, then by lower numbers) over the lanes that are up, and the
  /// islands. `lane_up` by lane, `node_up` by node; not 0 means up.
  std::shared_ptr<const RouteTable> routes(std::span<const std::uint8_t> lane_up,
                                           std::span<const std::uint8_t> node_up) const;
  /// The same with everything up: worked out once, for all runs on this topology.
  const std::shared_ptr<const RouteTable>& routes_of_whole() const { return routes_of_whole_; }

 private:
  struct Graph;
  Topology(std::vector<NodeSpec> nodes, std::vector<LinkSpec> links);

  std::vector<NodeSpec> nodes_;
  std::vector<std::string> names_;
  std::vector<Name> draw_names_;
  std::vector<LinkSpec> links_;
  std::unique_ptr<const Graph> graph_;
  std::shared_ptr<const RouteTable> routes_of_whole_;
};

}  // namespace linger::sim
