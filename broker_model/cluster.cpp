#include "broker_model/cluster.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace linger::broker {
namespace {

constexpr std::int32_t first_epoch = 1;
constexpr std::int8_t config_of_topic = 2;

NodeSpec node_spec(const ClusterLayout& layout, NodeId id, std::string host, std::uint16_t port) {
  NodeSpec spec;
  spec.id = id;
  spec.host = std::move(host);
  spec.port = port;
  spec.cluster_id = layout.cluster_id;
  spec.seed = layout.seed;
  spec.config = layout.config;
  spec.behaviour = layout.behaviour;
  spec.cost = layout.cost;
  for (std::int32_t c = 1; c <= layout.controllers; ++c) spec.controllers.push_back(controller_node(c));
  return spec;
}

const InitialLog* initial_of(const ClusterLayout& layout, const std::string& topic, std::int32_t partition) {
  for (const InitialLog& initial : layout.initial) {
    if (initial.topic == topic && initial.partition == partition) return &initial;
  }
  return nullptr;
}

Replicas replicas_of(const ClusterLayout& layout, const TopicLayout& topic, std::int32_t partition) {
  if (!topic.replicas.empty()) return topic.replicas[static_cast<std::size_t>(partition)];
  Replicas replicas;
  for (std::int32_t k = 0; k < topic.replication_factor; ++k) replicas.push_back((partition + k) % layout.brokers + 1);
  return replicas;
}

std::vector<MetadataRecord> first_records(const ClusterLayout& layout) {
  std::vector<MetadataRecord> records;
  for (std::int32_t b = 1; b <= layout.brokers; ++b) {
    const NodeSpec spec = node_spec(layout, broker_node(b), "b" + std::to_string(b), 9092);
    RegisterBrokerRecord record;
    record.broker_id = b;
    record.incarnation_id = Uuid{mix(layout.seed, static_cast<std::uint64_t>(b)), layout.cold_start ? 0U : 1U};
    record.broker_epoch = b - 1;
    record.end_points.push_back({"PLAINTEXT", spec.host, spec.port, 0});
    record.rack = std::nullopt;
    record.fenced = layout.cold_start;
    records.emplace_back(record);
  }
  for (const TopicLayout& topic : layout.topics) {
    TopicRecord record;
    record.name = topic.name;
    record.topic_id = topic_id_for(layout.seed, topic.name, static_cast<std::int64_t>(records.size()));
    records.emplace_back(record);
    for (const auto& [key, value] : topic.config) {
      ConfigRecord setting;
      setting.resource_type = config_of_topic;
      setting.resource_name = topic.name;
      setting.name = key;
      setting.value = value;
      records.emplace_back(setting);
    }
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const InitialLog* initial = initial_of(layout, topic.name, p);
      PartitionRecord partition;
      partition.topic_id = record.topic_id;
      partition.partition_id = p;
      partition.replicas = replicas_of(layout, topic, p);
      partition.isr = initial != nullptr && initial->isr ? *initial->isr : partition.replicas;
      partition.leader = no_leader;
      for (const std::int32_t node : partition.replicas) {
        if (partition.leader == no_leader && contains(partition.isr, node) && !layout.cold_start)
          partition.leader = node;
      }
      partition.leader_epoch = 0;
      partition.partition_epoch = 0;
      records.emplace_back(partition);
    }
  }
  return records;
}

void fill(Partition& partition, const InitialLog& initial, const ClusterLayout& layout, std::int64_t wall_ms) {
  ReplicaLog& log = partition.log;
  for (const sim::Bytes& bytes : initial.batches) {
    RecordBatchHeader header = load_batch_header(bytes.span());
    BatchPrefix prefix{};
    std::memcpy(prefix.data(), bytes.data(), prefix.size());
    header.base_offset = Offset{log.log_end()};
    header.partition_leader_epoch = LeaderEpoch{0};
    wire::store(prefix.data() + batch_layout::base_offset, header.base_offset.value());
    wire::store(prefix.data() + batch_layout::partition_leader_epoch, std::int32_t{0});
    log.append(header, prefix, bytes.slice(batch_prefix, bytes.size() - batch_prefix), layout.behaviour,
               partition.config.segment_bytes, SimTime{});
  }
  for (const InitialProducer& producer : initial.producers) {
    ProducerStateEntry entry;
    entry.id = producer.id;
    entry.epoch = producer.epoch;
    entry.last_timestamp = wall_ms;
    if (producer.next_sequence > 0) {
      BatchMetadata batch;
      batch.first_seq = batch.last_seq = producer.next_sequence - 1;
      batch.last_offset = log.log_end() - 1;
      batch.timestamp = wall_ms;
      entry.batches[0] = batch;
      entry.count = 1;
    }
    log.producers().put(entry);
  }
  log.set_high_watermark(log.log_end());
  log.flush();
  log.checkpoint_high_watermark();
}

}  // namespace

Uuid topic_id_for(std::uint64_t seed, std::string_view name, std::int64_t offset) {
  std::uint64_t hash = mix(seed, static_cast<std::uint64_t>(offset));
  for (const char c : name) hash = mix(hash, static_cast<unsigned char>(c));
  return Uuid{hash | 1U, mix(hash, 1)};
}

FormedCluster form_cluster(const ClusterLayout& layout) {
  assert(layout.brokers >= 1 && layout.brokers <= 32 && layout.controllers >= 1 && layout.controllers <= 5);
  MetadataBatch batch;
  batch.epoch = first_epoch;
  batch.records = first_records(layout);
  MetadataImage image{layout.config};
  MetadataDelta delta;
  for (const MetadataRecord& record : batch.records) image.apply(record, delta);
  const Shared<MetadataImage> shared{image};
  FormedCluster cluster;
  for (std::int32_t b = 1; b <= layout.brokers; ++b) {
    Broker broker{node_spec(layout, broker_node(b), "b" + std::to_string(b), 9092)};
    if (layout.cold_start) {
      broker.install_stopped(b - 1);
    } else {
      broker.install_image(shared, batch.end(), b - 1);
      for (const TopicImage& topic : shared->topics()) {
        for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
          const auto index = static_cast<std::int32_t>(p);
          const InitialLog* initial = initial_of(layout, topic.name, index);
          Partition* partition = broker.mutable_partition({topic.id, index});
          if (initial == nullptr || partition == nullptr || !contains(topic.partitions[p].isr, b)) continue;
          fill(*partition, *initial, layout, broker.clock().wall_ms(SimTime{}));
        }
      }
    }
    cluster.brokers.push_back(std::move(broker));
  }
  batch.bytes = encode_metadata_batch(batch.records, 0, first_epoch, sim::start_epoch_ns / 1'000'000);
  for (std::int32_t c = 1; c <= layout.controllers; ++c) {
    Controller controller{node_spec(layout, controller_node(c), "c" + std::to_string(c), 9093)};
    controller.install_log({batch}, first_epoch, controller_node(1));
    cluster.controllers.push_back(std::move(controller));
  }
  return cluster;
}

}  // namespace linger::broker
