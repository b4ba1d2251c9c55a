package org.apache.kafka.clients;

import org.apache.kafka.clients.producer.internals.Private;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is shown of a client behind each command: connections, requests in flight, metadata. */
final class NetworkState {
    private static final int SHOWN_PARTITIONS = 3;
    private static final long FOR_EVER = 1L << 50;

    private final NetworkClient client;
    private final ClusterConnectionStates states;
    private final Map<?, ?> stateOf;
    private final ApiVersions apiVersions;
    private final OrderedMetadata metadata;
    private final Map<String, Deque<NetworkClient.InFlightRequest>> inFlight;
    private final List<String> topics;
    private final long startMs;
    private final int leastNode;
    private final int mostNode;
    private Map<String, Object> shownCluster = Map.of();

    NetworkState(NetworkClient client, ClusterConnectionStates states, ApiVersions apiVersions, OrderedMetadata metadata,
                 Map<String, Deque<NetworkClient.InFlightRequest>> inFlight, List<String> topics, long startMs, int leastNode, int mostNode) {
        this.client = client;
        this.states = states;
        this.stateOf = (Map<?, ?>) Private.get(ClusterConnectionStates.class, states, "nodeState");
        this.apiVersions = apiVersions;
        this.metadata = metadata;
        this.inFlight = inFlight;
        this.topics = topics;
        this.startMs = startMs;
        this.leastNode = leastNode;
        this.mostNode = mostNode;
    }

    private static long ms(long value) {
        return value > FOR_EVER ? -1 : value;
    }

    void show(Map<String, Object> out, long now) {
        out.put("t", now - startMs);
        Map<String, Object> connections = new LinkedHashMap<>();
        Map<String, Object> requests = new LinkedHashMap<>();
        for (int id = leastNode; id <= mostNode; id++) {
            String name = Integer.toString(id);
            if (stateOf.containsKey(name))
                connections.put(name, connection(new Node(id, "", 0), now));
            if (client.hasInFlightRequests(name))
                requests.put(name, requests(inFlight.get(name)));
        }
        out.put("connections", connections);
        out.put("requests", requests);
        out.put("in_flight", client.inFlightRequestCount());
        out.put("ready", client.hasReadyNodes(now));
        out.put("metadata", Arrays.asList(metadata.updateVersion(), metadata.updateRequested(), ms(metadata.timeToNextUpdate(now)),
            metadata.lastSuccessfulUpdate() == 0 ? -1 : metadata.lastSuccessfulUpdate() - startMs));
        Map<String, Object> cluster = cluster();
        if (!cluster.equals(shownCluster))
            out.put("cluster", cluster);
        shownCluster = cluster;
    }

    private List<Object> connection(Node node, long now) {
        String id = node.idString();
        return List.of(states.connectionState(id).name(), states.lastConnectAttemptMs(id) - startMs, ms(client.connectionDelay(node, now)),
            ms(client.pollDelayMs(node, now)), client.throttleDelayMs(node, now), ms(states.connectionSetupTimeoutMs(id)),
            client.canConnect(node, now));
    }

    private static List<Object> requests(Deque<NetworkClient.InFlightRequest> queue) {
        List<Object> shown = new ArrayList<>();
        for (Iterator<NetworkClient.InFlightRequest> each = queue.descendingIterator(); each.hasNext(); ) {
            NetworkClient.InFlightRequest request = each.next();
            shown.add(List.of(request.header.correlationId(), request.header.apiKey().name(), request.header.apiVersion(),
                request.isInternalRequest, request.send.completed(), request.throttleTimeMs()));
        }
        return shown;
    }

    private Map<String, Object> cluster() {
        Cluster known = metadata.fetch();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", known.clusterResource().clusterId() == null ? "" : known.clusterResource().clusterId());
        out.put("controller", known.controller() == null ? null : known.controller().id());
        List<Object> nodes = new ArrayList<>();
        for (Node node : known.nodes())
            nodes.add(List.of(node.id(), node.host(), node.port()));
        out.put("nodes", nodes);
        out.put("kept", new ArrayList<>(new TreeSet<>(topics.stream().filter(metadata::containsTopic).toList())));
        Map<String, Object> leaders = new LinkedHashMap<>();
        for (String topic : topics) {
            Map<String, Object> shown = new LinkedHashMap<>();
            Uuid id = metadata.topicIds().get(topic);
            shown.put("id", id == null ? 0 : id.getLeastSignificantBits());
            shown.put("count", known.partitionCountForTopic(topic));
            shown.put("error", metadata.getError(topic) == null ? null : metadata.getError(topic).name());
            List<Object> partitions = new ArrayList<>();
            for (int i = 0; i < SHOWN_PARTITIONS; i++) {
                TopicPartition name = new TopicPartition(topic, i);
                Metadata.LeaderAndEpoch leader = metadata.currentLeader(name);
                partitions.add(Arrays.asList(leader.leader.map(Node::id).orElse(null), leader.epoch.orElse(null),
                    metadata.lastSeenLeaderEpoch(name).orElse(null), known.leaderFor(name) == null ? null : known.leaderFor(name).id()));
            }
            shown.put("leaders", partitions);
            leaders.put(topic, shown);
        }
        out.put("topics", leaders);
        out.put("refused", new ArrayList<>(new TreeSet<>(known.unauthorizedTopics())));
        out.put("invalid", new ArrayList<>(new TreeSet<>(known.invalidTopics())));
        Map<String, Short> finalized = apiVersions.getFinalizedFeaturesInfo().finalizedFeatures;
        out.put("features", List.of(apiVersions.getMaxFinalizedFeaturesEpoch(), finalized == null ? Map.of() : new TreeMap<>(finalized)));
        return out;
    }
}
