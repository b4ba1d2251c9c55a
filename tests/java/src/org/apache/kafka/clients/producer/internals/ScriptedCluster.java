package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import org.apache.kafka.clients.MetadataSnapshot;
import org.apache.kafka.clients.MockClient;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestTestUtils;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Brokers and topics as the script says, and the producer's knowledge of them, which is renewed in the poll that wants it. */
final class ScriptedCluster implements MockClient.MockMetadataUpdater {
    static final class Partition {
        int leader;
        int epoch;
    }

    final SortedMap<String, Partition[]> topics = new TreeMap<>();
    final Map<String, Uuid> ids = new HashMap<>();
    final int nodes;
    final ProducerMetadata metadata;
    boolean frozen = false;
    private final Time time;

    ScriptedCluster(JsonNode config, Time time, LogContext log, long backoffMs, long backoffMaxMs) {
        this.time = time;
        nodes = Json.integer(config, "nodes", 1);
        JsonNode counts = config.has("topics") ? config.get("topics") : JsonNodeFactory.instance.objectNode().put("t", 2);
        counts.fieldNames().forEachRemaining(topic -> {
            Partition[] partitions = new Partition[counts.get(topic).asInt()];
            for (int i = 0; i < partitions.length; i++) {
                partitions[i] = new Partition();
                partitions[i].leader = i % nodes;
                partitions[i].epoch = Json.integer(config, "leader_epoch", 0);
            }
            topics.put(topic, partitions);
        });
        long number = 0;
        for (String topic : topics.keySet())
            ids.put(topic, new Uuid(0x4c696e6765720000L, ++number));
        metadata = new SortedMetadata(backoffMs, backoffMaxMs, Json.number(config, "metadata_max_age_ms", 300000),
            Json.number(config, "metadata_max_idle_ms", 300000), log);
        for (String topic : topics.keySet())
            metadata.add(topic, time.milliseconds());
        renew();
    }

    /** Java's Cluster walks partitions in the order of a hash map and shuffles nodes; here both are sorted. */
    private final class SortedMetadata extends ProducerMetadata {
        private MetadataSnapshot sorted;

        SortedMetadata(long backoffMs, long backoffMaxMs, long ageMs, long idleMs, LogContext log) {
            super(backoffMs, backoffMaxMs, ageMs, idleMs, log, new ClusterResourceListeners(), time);
        }

        @Override
        public synchronized MetadataSnapshot fetchMetadataSnapshot() {
            MetadataSnapshot snapshot = super.fetchMetadataSnapshot();
            if (snapshot == sorted)
                return snapshot;
            sorted = snapshot;
            Cluster cluster = snapshot.cluster();
            List<PartitionInfo> partitions = new ArrayList<>();
            Map<String, Uuid> topicIds = new HashMap<>();
            for (String topic : new TreeSet<>(cluster.topics())) {
                List<PartitionInfo> some = new ArrayList<>(cluster.partitionsForTopic(topic));
                some.sort(Comparator.comparingInt(PartitionInfo::partition));
                partitions.addAll(some);
                topicIds.put(topic, cluster.topicId(topic));
            }
            Private.set(MetadataSnapshot.class, snapshot, "clusterInstance",
                new Cluster(cluster.clusterResource().clusterId(), cluster.nodes(), partitions, cluster.unauthorizedTopics(),
                    cluster.invalidTopics(), cluster.internalTopics(), cluster.controller(), topicIds));
            return snapshot;
        }

        @Override
        public synchronized Cluster fetch() {
            return fetchMetadataSnapshot().cluster();
        }
    }

    void renew() {
        metadata.updateWithCurrentRequestVersion(response(), false, time.milliseconds());
    }

    String firstTopic() {
        return topics.firstKey();
    }

    private MetadataResponse response() {
        List<Node> brokers = new ArrayList<>();
        for (int i = 0; i < nodes; i++)
            brokers.add(node(i));
        List<MetadataResponse.TopicMetadata> answer = new ArrayList<>();
        topics.forEach((topic, partitions) -> {
            List<MetadataResponse.PartitionMetadata> list = new ArrayList<>();
            for (int i = 0; i < partitions.length; i++)
                list.add(metadataOf(new TopicPartition(topic, i), partitions[i]));
            answer.add(new MetadataResponse.TopicMetadata(Errors.NONE, topic, ids.get(topic), false, list,
                MetadataResponse.AUTHORIZED_OPERATIONS_OMITTED));
        });
        return RequestTestUtils.metadataResponse(brokers, "script", 0, answer);
    }

    private static MetadataResponse.PartitionMetadata metadataOf(TopicPartition name, Partition partition) {
        Optional<Integer> epoch = partition.epoch < 0 ? Optional.empty() : Optional.of(partition.epoch);
        if (partition.leader < 0)
            return new MetadataResponse.PartitionMetadata(Errors.LEADER_NOT_AVAILABLE, name, Optional.empty(), epoch, List.of(), List.of(), List.of());
        List<Integer> replicas = List.of(partition.leader);
        return new MetadataResponse.PartitionMetadata(Errors.NONE, name, Optional.of(partition.leader), epoch, replicas, replicas, List.of());
    }

    static Node node(int id) {
        return new Node(id, "localhost", 9092 + id);
    }

    @Override
    public List<Node> fetchNodes() {
        List<Node> sorted = new ArrayList<>(metadata.fetch().nodes());
        sorted.sort(Comparator.comparingInt(Node::id));
        return sorted;
    }

    @Override
    public boolean isUpdateNeeded() {
        return !frozen && metadata.updateRequested();
    }

    @Override
    public void update(Time at, MockClient.MetadataUpdate update) {
        throw new UnsupportedOperationException("scripts do not prepare updates");
    }

    @Override
    public void updateWithCurrentMetadata(Time at) {
        renew();
    }

    @Override
    public void close() {
        metadata.close();
    }
}
