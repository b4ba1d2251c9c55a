package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.clients.producer.internals.PlayedScript;
import org.apache.kafka.clients.producer.internals.Private;
import org.apache.kafka.clients.producer.internals.ScriptedBackoff;
import org.apache.kafka.clients.producer.internals.SplitMix64;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.MockTime;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** One NetworkClient of kafka-clients with the producer's metadata, a scripted clock, scripted sockets and answers. */
final class NetworkScript implements PlayedScript {
    private static final double JITTER = 0.2;
    private static final int FIRST_PORT = 9092;
    private static final int BUFFER_BYTES = 65536;

    private final long startMs;
    private final long seed;
    private final MockTime time;
    private final NetworkAnswers answers = new NetworkAnswers();
    private final ScriptedConnections connections;
    /** Null when the script takes no metrics. */
    private final NetworkMetrics metrics;
    private final Map<String, List<String>> hosts = new HashMap<>();
    private final OrderedMetadata metadata;
    private final NetworkClient client;
    private final Map<String, Deque<NetworkClient.InFlightRequest>> inFlight;
    private final NetworkState state;
    /** Requests whose last byte left before the present poll. */
    private final Set<NetworkClient.InFlightRequest> settled = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Requests whose answer is on its way. */
    private final Set<NetworkClient.InFlightRequest> answered = Collections.newSetFromMap(new IdentityHashMap<>());
    private long commands = 0;
    private double metadataDraw;

    /** Draws of nextInt from the script's generator. */
    private static final class ScriptedRandom extends Random {
        private static final long serialVersionUID = 1L;
        private final transient SplitMix64 draws;

        ScriptedRandom(SplitMix64 draws) {
            this.draws = draws;
        }

        @Override
        public int nextInt(int bound) {
            return (int) Long.remainderUnsigned(draws.next(), bound);
        }
    }

    @SuppressWarnings("unchecked")
    NetworkScript(JsonNode config) {
        startMs = Json.number(config, "start_ms", 1_700_000_000_000L);
        seed = Json.number(config, "seed", 1);
        time = new MockTime(0, startMs, startMs * 1_000_000);
        metrics = Json.flag(config, "metrics", false) ? new NetworkMetrics(config, time) : null;
        connections = metrics == null ? new ScriptedSelector(time, this::answer)
            : new ScriptedSockets(time, this::answer, metrics.registry(), Json.number(config, "connections_max_idle_ms", 540000));
        config.get("hosts").fieldNames().forEachRemaining(host -> setHost(host, config.get("hosts").get(host)));

        LogContext log = new LogContext();
        long backoffMs = Json.number(config, "retry_backoff_ms", 100);
        long backoffMaxMs = Json.number(config, "retry_backoff_max_ms", 1000);
        metadata = new OrderedMetadata(backoffMs, backoffMaxMs, Json.number(config, "metadata_max_age_ms", 300000),
            Json.number(config, "metadata_max_idle_ms", 300000), log, time, stream(4));
        Private.set(Metadata.class, metadata, "refreshBackoff", new ScriptedBackoff(backoffMs, backoffMaxMs, JITTER, () -> metadataDraw));

        long reconnectMs = Json.number(config, "reconnect_backoff_ms", 50);
        long reconnectMaxMs = Json.number(config, "reconnect_backoff_max_ms", 1000);
        long setupMs = Json.number(config, "setup_timeout_ms", 10000);
        long setupMaxMs = Json.number(config, "setup_timeout_max_ms", 30000);
        ApiVersions apiVersions = new ApiVersions();
        client = new NetworkClient(null, metadata, connections.selectable(), "client", Json.integer(config, "max_in_flight", 5), reconnectMs,
            reconnectMaxMs, BUFFER_BYTES, BUFFER_BYTES, Json.integer(config, "request_timeout_ms", 30000), setupMs, setupMaxMs, time,
            true, apiVersions, metrics == null ? null : metrics.throttleTime(), log, this::resolve, null, Json.number(config, "rebootstrap_trigger_ms", 300000),
            MetadataRecoveryStrategy.forName(Json.text(config, "recovery", "rebootstrap")));
        ClusterConnectionStates states = (ClusterConnectionStates) Private.get(NetworkClient.class, client, "connectionStates");
        Private.set(ClusterConnectionStates.class, states, "reconnectBackoff",
            new ScriptedBackoff(reconnectMs, reconnectMaxMs, JITTER, stream(1)::nextUnit));
        Private.set(ClusterConnectionStates.class, states, "connectionSetupTimeout",
            new ScriptedBackoff(setupMs, setupMaxMs, JITTER, stream(2)::nextUnit));
        Private.set(NetworkClient.class, client, "randOffset", new ScriptedRandom(stream(3)));
        inFlight = (Map<String, Deque<NetworkClient.InFlightRequest>>) Private.get(InFlightRequests.class,
            Private.get(NetworkClient.class, client, "inFlightRequests"), "requests");

        List<InetSocketAddress> bootstrap = new ArrayList<>();
        for (JsonNode host : config.get("bootstrap"))
            bootstrap.add(InetSocketAddress.createUnresolved(host.asText(), FIRST_PORT));
        List<String> topics = new ArrayList<>();
        config.get("topics").forEach(topic -> topics.add(topic.asText()));
        state = new NetworkState(client, states, apiVersions, metadata, inFlight, topics, startMs,
            -bootstrap.size(), Json.integer(config, "nodes", 1) - 1);
        metadata.bootstrap(bootstrap);
        if (metrics != null)
            metrics.watch(client, metadata);
    }

    private SplitMix64 stream(int use) {
        return new SplitMix64(seed + use);
    }

    private void setHost(String host, JsonNode addresses) {
        List<String> list = new ArrayList<>();
        addresses.forEach(address -> list.add(address.asText()));
        hosts.put(host, list);
    }

    private InetAddress[] resolve(String host) throws UnknownHostException {
        List<String> addresses = hosts.get(host);
        if (addresses.isEmpty())
            throw new UnknownHostException(host);
        InetAddress[] resolved = new InetAddress[addresses.size()];
        for (int i = 0; i < resolved.length; i++)
            resolved[i] = InetAddress.getByName(addresses.get(i));
        return resolved;
    }

    /** Only a request whose last byte has left is answered, and only once. */
    private ByteBuffer answer(String node, JsonNode event) {
        Iterator<NetworkClient.InFlightRequest> oldestFirst = inFlight.getOrDefault(node, new ArrayDeque<>()).descendingIterator();
        while (oldestFirst.hasNext()) {
            NetworkClient.InFlightRequest request = oldestFirst.next();
            if (answered.contains(request))
                continue;
            if (!settled.contains(request))
                return null;
            answered.add(request);
            return answers.answer(node, request.header, event);
        }
        return null;
    }

    private void settle() {
        settled.clear();
        for (Deque<NetworkClient.InFlightRequest> queue : inFlight.values()) {
            for (NetworkClient.InFlightRequest request : queue) {
                if (request.send.completed())
                    settled.add(request);
            }
        }
    }

    @Override
    public Object describe(Throwable error) {
        return error.getClass().getSimpleName();
    }

    @Override
    public void close() {
        if (metrics != null)
            metrics.close();
    }

    private Node node(JsonNode command) {
        int id = command.get("node").asInt();
        return new Node(id, Json.text(command, "host", "h" + id), Json.integer(command, "port", FIRST_PORT + id));
    }

    private static TopicPartition partition(JsonNode part) {
        return new TopicPartition(part.get("topic").asText(), Json.integer(part, "p", 0));
    }

    @Override
    public void run(JsonNode command, Map<String, Object> out) {
        metadataDraw = new SplitMix64(seed + 1000 + commands++).nextUnit();
        long now = time.milliseconds();
        switch (command.get("op").asText()) {
            case "config":
                break;
            case "time":
                time.sleep(command.get("ms").asLong());
                break;
            case "host":
                setHost(command.get("host").asText(), command.get("addresses"));
                break;
            case "versions":
                answers.setVersions(command);
                break;
            case "cluster":
                answers.setCluster(command);
                break;
            case "ready":
                out.put("result", client.ready(node(command), now));
                break;
            case "is_ready":
                out.put("result", client.isReady(node(command), now));
                break;
            case "least":
                LeastLoadedNode least = client.leastLoadedNode(now);
                List<Object> shown = new ArrayList<>();
                shown.add(least.node() == null ? null : least.node().id());
                shown.add(least.hasNodeAvailableOrConnectionReady());
                out.put("result", shown);
                break;
            case "send":
                ClientRequest request = client.newClientRequest(command.get("node").asText(), NetworkRequests.make(command), now,
                    Json.integer(command, "acks", 1) != 0, Json.integer(command, "request_timeout_ms", 30000), null);
                out.put("id", request.correlationId());
                client.send(request, now);
                break;
            case "poll":
                poll(command, out, now);
                break;
            case "disconnect":
                client.disconnect(command.get("node").asText());
                break;
            case "close":
                client.close(command.get("node").asText());
                break;
            case "initiate_close":
                client.initiateClose();
                break;
            case "close_client":
                client.close();
                break;
            case "metrics":
                out.put("metrics", metrics.shown());
                break;
            case "took":
                metrics.took(command.get("call").asText(), command.get("ns").asLong());
                break;
            default:
                runMetadata(command, out, now);
        }
    }

    private void runMetadata(JsonNode command, Map<String, Object> out, long now) {
        switch (command.get("op").asText()) {
            case "add_topic":
                metadata.add(command.get("topic").asText(), now);
                break;
            case "request_update":
                out.put("result", metadata.requestUpdate(Json.flag(command, "reset", true)));
                break;
            case "request_update_for_topic":
                out.put("result", metadata.requestUpdateForTopic(command.get("topic").asText()));
                break;
            case "newer_epoch":
                out.put("result", metadata.updateLastSeenEpochIfNewer(partition(command), command.get("epoch").asInt()));
                break;
            case "leadership":
                Map<TopicPartition, Metadata.LeaderIdAndEpoch> leaders = new LinkedHashMap<>();
                for (JsonNode part : command.get("parts"))
                    leaders.put(partition(part), new Metadata.LeaderIdAndEpoch(some(part.get("leader").asInt()), some(part.get("epoch").asInt())));
                List<Node> nodes = new ArrayList<>();
                for (JsonNode broker : command.get("brokers"))
                    nodes.add(new Node(broker.get(0).asInt(), broker.get(1).asText(), broker.get(2).asInt()));
                out.put("result", metadata.updatePartitionLeadership(leaders, nodes).stream().map(TopicPartition::toString).sorted()
                    .collect(Collectors.toList()));
                break;
            case "throw_for_topic":
                metadata.maybeThrowExceptionForTopic(command.get("topic").asText());
                break;
            default:
                throw new IllegalArgumentException("no such command: " + command);
        }
    }

    private static Optional<Integer> some(int number) {
        return number < 0 ? Optional.empty() : Optional.of(number);
    }

    private void poll(JsonNode command, Map<String, Object> out, long now) {
        settle();
        connections.plan(command);
        List<ClientResponse> responses;
        try {
            responses = client.poll(Json.number(command, "timeout", 1000), now);
        } finally {
            if (connections.asked() != null)
                out.put("wait", connections.asked());
        }
        List<Object> shown = new ArrayList<>();
        for (ClientResponse response : responses) {
            shown.add(show(response));
            if (metrics != null && response.hasResponse() && response.requestHeader().apiKey() == ApiKeys.PRODUCE)
                metrics.latency(response);
        }
        out.put("responses", shown);
    }

    private Map<String, Object> show(ClientResponse response) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", response.requestHeader().correlationId());
        out.put("node", Integer.parseInt(response.destination()));
        out.put("api", response.requestHeader().apiKey().name());
        out.put("version", response.requestHeader().apiVersion());
        out.put("at", response.receivedTimeMs() - startMs);
        out.put("latency", response.requestLatencyMs());
        String end = response.hasResponse() ? "answered" : "sent";
        if (response.versionMismatch() != null)
            end = "mismatch";
        else if (response.wasDisconnected())
            end = response.wasTimedOut() ? "timed out" : "disconnected";
        out.put("end", end);
        return out;
    }

    @Override
    public void showState(Map<String, Object> out) {
        connections.show(out);
        state.show(out, time.milliseconds());
    }
}
