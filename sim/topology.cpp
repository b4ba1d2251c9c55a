#include "sim/topology.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <cassert>
#include <limits>

namespace linger::sim {

namespace {

using LaneProperty =
    boost::property<boost::edge_weight_t, std::int64_t, boost::property<boost::edge_index_t, std::uint32_t>>;
using LaneGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, LaneProperty>;
using LinkGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                        boost::property<boost::edge_index_t, std::uint32_t>>;

constexpr std::int64_t unreachable = std::numeric_limits<std::int64_t>::max();

// Fewer links win where the latencies are equal; the cap keeps the sum over a path from overflowing.
std::int64_t weight(const LinkQuality& quality) {
  return std::min(quality.latency.typical().ns(), Duration::s(86'400).ns()) * 64 + 1;
}

// The lanes that are up and leave the source or a switch that is up.
struct LaneUsable {
  const LaneGraph* graph = nullptr;
  const std::uint8_t* lane_up = nullptr;
  const std::uint8_t* forwards = nullptr;
  std::size_t source = 0;
  template <class Edge>
  bool operator()(const Edge& edge) const {
    const std::size_t from = boost::source(edge, *graph);
    return lane_up[boost::get(boost::edge_index, *graph, edge)] != 0 && (from == source || forwards[from] != 0);
  }
};

// The links that are up both ways between nodes that are up.
struct LinkUsable {
  const LinkGraph* graph = nullptr;
  const std::uint8_t* lane_up = nullptr;
  const std::uint8_t* node_up = nullptr;
  template <class Edge>
  bool operator()(const Edge& edge) const {
    const std::size_t lane = 2 * std::size_t{boost::get(boost::edge_index, *graph, edge)};
    return lane_up[lane] != 0 && lane_up[lane + 1] != 0 && node_up[boost::source(edge, *graph)] != 0 &&
           node_up[boost::target(edge, *graph)] != 0;
  }
};

}  // namespace

struct Topology::Graph {
  explicit Graph(std::size_t nodes) : lanes(nodes), links(nodes) {}
  LaneGraph lanes;
  LinkGraph links;
};

Topology::Topology(std::vector<NodeSpec> nodes, std::vector<LinkSpec> links)
    : nodes_(std::move(nodes)), links_(std::move(links)) {
  auto graph = std::make_unique<Graph>(nodes_.size());
  for (const NodeSpec& node : nodes_) {
    names_.push_back(node.name);
    draw_names_.push_back(Name::of(node.name));
  }
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    const LinkSpec& link = links_[i];
    const std::size_t a = link.a.value();
    const std::size_t b = link.b.value();
    assert(a != b && a < nodes_.size() && b < nodes_.size() && !boost::edge(a, b, graph->links).second);
    boost::add_edge(a, b, LaneProperty(weight(link.quality), 2 * i), graph->lanes);
    boost::add_edge(b, a, LaneProperty(weight(link.quality), 2 * i + 1), graph->lanes);
    boost::add_edge(a, b, i, graph->links);
  }
  graph_ = std::move(graph);
  routes_of_whole_ = routes(std::vector<std::uint8_t>(lane_count(), 1), std::vector<std::uint8_t>(node_count(), 1));
}

Topology::~Topology() = default;

std::shared_ptr<const Topology> Topology::make(std::vector<NodeSpec> nodes, std::vector<LinkSpec> links) {
  std::vector<std::string> names;
  for (const NodeSpec& node : nodes) names.push_back(node.name);
  std::sort(names.begin(), names.end());
  assert(std::adjacent_find(names.begin(), names.end()) == names.end());
  return std::shared_ptr<const Topology>(new Topology(std::move(nodes), std::move(links)));
}

std::shared_ptr<const Topology> Topology::full_mesh(const std::vector<std::string>& hosts, const LinkQuality& quality) {
  std::vector<NodeSpec> nodes;
  std::vector<LinkSpec> links;
  for (std::uint32_t b = 0; b < hosts.size(); ++b) {
    nodes.push_back({hosts[b], NodeSpec::Role::host});
    for (std::uint32_t a = 0; a < b; ++a) links.push_back({HostId{a}, HostId{b}, quality});
  }
  return make(std::move(nodes), std::move(links));
}

std::optional<HostId> Topology::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return HostId{static_cast<std::uint32_t>(found - names_.begin())};
}

std::optional<Lane> Topology::lane(HostId from, HostId to) const {
  const auto [edge, exists] = boost::edge(from.value(), to.value(), graph_->lanes);
  if (!exists) return std::nullopt;
  return Lane{boost::get(boost::edge_index, graph_->lanes, edge)};
}

HostId Topology::lane_from(Lane lane) const {
  const LinkSpec& link = links_[link_of(lane).value()];
  return lane.value() % 2 == 0 ? link.a : link.b;
}

HostId Topology::lane_to(Lane lane) const {
  const LinkSpec& link = links_[link_of(lane).value()];
  return lane.value() % 2 == 0 ? link.b : link.a;
}

std::shared_ptr<const RouteTable> Topology::routes(std::span<const std::uint8_t> lane_up,
                                                   std::span<const std::uint8_t> node_up) const {
  assert(lane_up.size() == lane_count() && node_up.size() == node_count());
  auto table = std::make_shared<RouteTable>();
  table->hosts_ = node_count();
  table->entries_.resize(node_count() * node_count());

  std::vector<std::uint8_t> forwards(node_count());
  for (std::size_t i = 0; i < node_count(); ++i) {
    forwards[i] = nodes_[i].role == NodeSpec::Role::network_switch && node_up[i] != 0;
  }
  std::vector<std::int64_t> distance(node_count());
  std::vector<std::uint32_t> lane_into(node_count());
  for (std::size_t source = 0; source < node_count(); ++source) {
    const LaneUsable usable{&graph_->lanes, lane_up.data(), forwards.data(), source};
    const boost::filtered_graph<LaneGraph, LaneUsable> graph(graph_->lanes, usable);
    boost::dijkstra_shortest_paths(
        graph, source,
        boost::distance_map(distance.data()).distance_inf(unreachable).predecessor_map(boost::dummy_property_map()));
    // Of several shortest ways the one with the lower lane numbers, whatever order the algorithm went in.
    constexpr std::uint32_t no_lane = 0xffff'ffffU;
    std::fill(lane_into.begin(), lane_into.end(), no_lane);
    for (std::uint32_t lane = 0; lane < lane_count(); ++lane) {
      const std::size_t from = lane_from(Lane{lane}).value();
      const std::size_t to = lane_to(Lane{lane}).value();
      if (lane_up[lane] == 0 || (from != source && forwards[from] == 0) || distance[from] == unreachable) continue;
      if (distance[from] + weight(links_[lane / 2].quality) == distance[to])
        lane_into[to] = std::min(lane_into[to], lane);
    }
    for (std::size_t target = 0; target < node_count(); ++target) {
      if (target == source || distance[target] == unreachable) continue;
      RouteTable::Entry& entry = table->entries_[source * node_count() + target];
      entry.first = static_cast<std::uint32_t>(table->lanes_.size());
      for (std::size_t at = target; at != source; at = lane_from(Lane{lane_into[at]}).value()) {
        table->lanes_.push_back(Lane{lane_into[at]});
      }
      entry.count = static_cast<std::uint32_t>(table->lanes_.size()) - entry.first;
      std::reverse(table->lanes_.begin() + entry.first, table->lanes_.end());
    }
  }

  const LinkUsable usable{&graph_->links, lane_up.data(), node_up.data()};
  const boost::filtered_graph<LinkGraph, LinkUsable> graph(graph_->links, usable);
  table->islands_.resize(node_count());
  table->island_count_ = static_cast<std::uint32_t>(boost::connected_components(graph, table->islands_.data()));
  return table;
}

}  // namespace linger::sim
