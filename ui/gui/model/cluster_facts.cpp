#include "ui/gui/model/cluster_facts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include "scenarios/runner.h"
#include "ui/gui/model/traffic.h"

namespace linger::gui {
namespace {

using scenarios::HostKind;
using scenarios::World;

/// What the cluster goes by: the active controller's metadata, else the newest that any controller has.
const broker::MetadataImage& truth(const World& world) {
  if (const broker::Controller* active = world.active_controller()) return active->committed();
  const broker::Controller* newest = &world.controllers().front();
  for (const broker::Controller& one : world.controllers()) {
    if (one.committed_end() > newest->committed_end()) newest = &one;
  }
  return newest->committed();
}

/// The checksum of a batch: with its size it tells batches without a producer id apart.
std::uint32_t checksum_of(const broker::LogEntry& entry) {
  std::uint32_t sum = 0;
  static_assert(broker::batch_prefix >= sizeof(sum));
  std::memcpy(&sum, entry.prefix.data() + entry.prefix.size() - sizeof(sum), sizeof(sum));
  return sum;
}

/// Of a long log only the newest batches are looked at: nobody sees more of them in a strip.
constexpr std::size_t most_pieces = 400;

std::vector<LogPiece> pieces_of(const broker::ReplicaLog& log) {
  std::vector<LogPiece> out;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, bool> seen;
  const auto& entries = log.entries();
  for (std::size_t i = entries.size() > most_pieces ? entries.size() - most_pieces : 0; i < entries.size(); ++i) {
    const broker::LogEntry& entry = entries[i];
    LogPiece piece;
    piece.first = entry.base;
    piece.last = entry.last;
    piece.leader_epoch = entry.leader_epoch;
    piece.producer_id = entry.producer.value();
    piece.epoch = entry.epoch.value();
    piece.base_sequence = entry.base_sequence;
    if (entry.marker == broker::MarkerKind::commit) piece.marker = LogPiece::Marker::commit;
    if (entry.marker == broker::MarkerKind::abort) piece.marker = LogPiece::Marker::abort;
    if (piece.marker == LogPiece::Marker::none) {
      const auto key = piece.producer_id >= 0
                           ? std::tuple{piece.producer_id, std::int64_t{piece.epoch}, std::int64_t{piece.base_sequence}}
                           : std::tuple{std::int64_t{-1}, std::int64_t{entry.size}, std::int64_t{checksum_of(entry)}};
      piece.again = !seen.emplace(key, true).second;
    }
    out.push_back(piece);
  }
  return out;
}

ReplicaFacts replica(const World& world, const broker::MetadataImage& image, const broker::PartitionRegistration& word,
                     std::int32_t node, std::string_view topic, std::int32_t number) {
  ReplicaFacts out;
  out.node = node;
  out.in_sync = broker::contains(word.isr, node);
  out.eligible = broker::contains(word.elr, node);
  const auto index = static_cast<std::uint32_t>(node - 1);
  if (index >= world.brokers().size()) return out;
  out.down = world.is_stopped(world.setup().broker_host(index));
  out.fenced = !image.alive(NodeId{node});
  const broker::Partition* part = world.brokers()[index].partition(topic, number);
  if (part == nullptr) return out;
  out.leads = part->is_leader() && !out.down;
  out.leader_epoch = part->leader_epoch;
  out.log_start = part->log.log_start();
  out.log_end = part->log.log_end();
  out.high_watermark = part->log.high_watermark();
  out.flushed_end = part->log.flushed_end();
  out.last_stable = part->log.last_stable_offset();
  out.pieces = pieces_of(part->log);
  for (const broker::EpochEntry& entry : part->log.epochs().entries()) out.epochs.push_back({entry.epoch, entry.start});
  return out;
}

std::vector<RememberedProducer> remembered_by(const broker::Partition& leader) {
  std::vector<RememberedProducer> out;
  for (const broker::ProducerStateEntry& entry : leader.log.producers().entries()) {
    RememberedProducer one;
    one.producer_id = entry.id.value();
    one.epoch = entry.epoch.value();
    for (std::size_t i = 0; i < entry.count; ++i)
      one.batches.push_back({entry.batches[i].first_seq, entry.batches[i].last_seq, entry.batches[i].first_offset()});
    if (entry.in_transaction()) one.open_txn_from = entry.current_txn_first;
    out.push_back(std::move(one));
  }
  return out;
}

PartitionFacts facts_of(const World& world, const broker::MetadataImage& image, const broker::TopicImage& topic,
                        std::int32_t number) {
  const broker::PartitionRegistration& word = topic.partitions[static_cast<std::size_t>(number)];
  PartitionFacts out;
  out.name = topic.name + "-" + std::to_string(number);
  out.leader = word.leader;
  out.leader_epoch = word.leader_epoch;
  out.isr = word.isr;
  out.elr = word.elr;
  out.min_isr = topic.config.min_insync_replicas;
  for (const std::int32_t node : word.replicas)
    out.replicas.push_back(replica(world, image, word, node, topic.name, number));
  const auto index = static_cast<std::uint32_t>(word.leader - 1);
  if (word.leader > 0 && index < world.brokers().size()) {
    if (const broker::Partition* part = world.brokers()[index].partition(topic.name, number))
      out.remembered = remembered_by(*part);
  }
  return out;
}

}  // namespace

std::optional<PartitionFacts> partition_facts(Session& session, const Cursor& cursor, const std::string& topic,
                                              std::int32_t partition) {
  const World& world = session.world_at(cursor);
  const broker::MetadataImage& image = truth(world);
  const broker::TopicImage* found = image.topic(topic);
  if (found == nullptr || partition < 0 || static_cast<std::size_t>(partition) >= found->partitions.size())
    return std::nullopt;
  return facts_of(world, image, *found, partition);
}

std::vector<PartitionFacts> all_partitions(Session& session, const Cursor& cursor) {
  const World& world = session.world_at(cursor);
  const broker::MetadataImage& image = truth(world);
  std::vector<PartitionFacts> out;
  for (const bool own : {false, true}) {
    for (const broker::TopicImage& topic : image.topics()) {
      if (topic.name.starts_with("__") != own) continue;
      for (std::size_t i = 0; i < topic.partitions.size(); ++i)
        out.push_back(facts_of(world, image, topic, static_cast<std::int32_t>(i)));
    }
  }
  return out;
}

std::int32_t leader_of(Session& session, const Cursor& cursor, const Focus& focus) {
  const broker::TopicImage* topic = truth(session.world_at(cursor)).topic(session.run().setup->topics[focus.topic]);
  if (topic == nullptr || static_cast<std::size_t>(focus.partition) >= topic->partitions.size()) return -1;
  return topic->partitions[static_cast<std::size_t>(focus.partition)].leader;
}

NetworkFacts network_facts(Session& session, const Cursor& cursor) {
  const World& world = session.world_at(cursor);
  const sim::Network& network = world.network();
  const sim::Topology& topology = network.topology();
  const scenarios::Setup& setup = world.setup();
  NetworkFacts out;
  for (std::uint32_t i = 0; i < topology.node_count(); ++i) {
    HostFacts host;
    host.name = topology.name(sim::HostId{i});
    if (i < setup.roles.size()) {
      host.host = sim::HostId{i};
      constexpr std::array<HostFacts::Kind, 5> kinds{HostFacts::Kind::broker, HostFacts::Kind::controller,
                                                     HostFacts::Kind::producer, HostFacts::Kind::consumer,
                                                     HostFacts::Kind::other};
      host.kind = kinds[static_cast<std::size_t>(setup.roles[i].kind)];
      host.down = world.is_stopped(sim::HostId{i});
      host.paused = network.is_paused(sim::HostId{i});
      const broker::Controller* active = world.active_controller();
      host.active = setup.roles[i].kind == HostKind::controller && active != nullptr &&
                    active == &world.controllers()[setup.roles[i].index];
    }
    out.hosts.push_back(std::move(host));
  }
  const auto islands = network.islands();
  out.islands = static_cast<std::uint32_t>(islands.size());
  for (std::uint32_t i = 0; i < islands.size(); ++i) {
    for (const sim::HostId member : islands[i]) out.hosts[member.value()].island = i;
  }

  const auto cuts = session.cuts().at(session.records_until(cursor));
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> open;
  for (const sim::ConnectionId id : network.connections()) {
    const auto info = network.info(id);
    if (!info || (!info->client_open && !info->server_open)) continue;
    const auto [low, high] = std::minmax(info->client.value(), info->server.value());
    ++open[{low, high}];
  }
  for (std::uint32_t i = 0; i < topology.link_count(); ++i) {
    const sim::LinkSpec& link = topology.link(sim::LinkId{i});
    LinkFacts one;
    one.a = link.a.value();
    one.b = link.b.value();
    const auto is_cut = [&](std::size_t from, std::size_t to) {
      const auto found = cuts.find({static_cast<std::int64_t>(from), static_cast<std::int64_t>(to)});
      return found != cuts.end() && found->second > 0;
    };
    one.cut_ab = is_cut(one.a, one.b);
    one.cut_ba = is_cut(one.b, one.a);
    const auto [low, high] = std::minmax(link.a.value(), link.b.value());
    const auto count = open.find({low, high});
    if (count != open.end()) one.connections = count->second;
    out.links.push_back(one);
  }
  return out;
}

}  // namespace linger::gui
