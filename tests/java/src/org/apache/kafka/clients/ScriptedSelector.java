package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.common.network.ChannelState;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.NetworkSend;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.utils.MockTime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * Kafka's Selector with the sockets left out: what happens to them in a poll is said by the script, as one list of
 * events for each connection. Like Selector it reads before it writes, one answer a poll, and lists what was lost in a
 * HashMap. Connections are numbered in the order in which they were asked for.
 */
final class ScriptedSelector implements Selectable, ScriptedConnections {
    private static final class Channel {
        final long number;
        boolean connected = false;
        NetworkSend pending = null;
        CollectingChannel written = null;

        Channel(long number) {
            this.number = number;
        }
    }

    private final MockTime time;
    /** Makes the answer to the oldest request of a node; null when there is none whose last byte has left. */
    private final BiFunction<String, JsonNode, ByteBuffer> answers;
    private final Map<String, Channel> channels = new TreeMap<>();
    private long connections = 0;

    private List<NetworkSend> completedSends = new ArrayList<>();
    private List<NetworkReceive> completedReceives = new ArrayList<>();
    private Map<String, ChannelState> disconnected = new HashMap<>();
    private List<String> connected = new ArrayList<>();

    private JsonNode plan = null;
    private Long asked = null;
    private Map<Long, List<Object>> newConnects = new TreeMap<>();
    private TreeSet<Long> newCloses = new TreeSet<>();
    private List<Object> newFrames = new ArrayList<>();

    ScriptedSelector(MockTime time, BiFunction<String, JsonNode, ByteBuffer> answers) {
        this.time = time;
        this.answers = answers;
    }

    @Override
    public Selectable selectable() {
        return this;
    }

    @Override
    public void plan(JsonNode command) {
        plan = command;
        asked = null;
    }

    @Override
    public Long asked() {
        return asked;
    }

    @Override
    public void show(Map<String, Object> out) {
        if (!newConnects.isEmpty())
            out.put("connects", new ArrayList<>(newConnects.values()));
        if (!newCloses.isEmpty())
            out.put("closes", new ArrayList<>(newCloses));
        if (!newFrames.isEmpty())
            out.put("frames", newFrames);
        newConnects = new TreeMap<>();
        newCloses = new TreeSet<>();
        newFrames = new ArrayList<>();
    }

    @Override
    public void connect(String id, InetSocketAddress address, int sendBufferSize, int receiveBufferSize) {
        if (channels.containsKey(id))
            throw new IllegalStateException("There is already a connection for id " + id);
        Channel channel = new Channel(++connections);
        channels.put(id, channel);
        newConnects.put(channel.number, List.of(channel.number, Integer.parseInt(id), address.getAddress().getHostAddress(), address.getPort()));
    }

    /** A connection that was asked for in the same command was never seen from outside. */
    private void drop(String id, boolean tell) {
        Channel channel = channels.remove(id);
        if (newConnects.remove(channel.number) == null && tell)
            newCloses.add(channel.number);
    }

    @Override
    public void close(String id) {
        if (channels.containsKey(id))
            drop(id, true);
        connected.remove(id);
    }

    @Override
    public void close() {
        new ArrayList<>(channels.keySet()).forEach(this::close);
    }

    @Override
    public void send(NetworkSend send) {
        Channel channel = channels.get(send.destinationId());
        if (channel == null || channel.pending != null)
            throw new IllegalStateException("no channel to write to");
        channel.pending = send;
        channel.written = new CollectingChannel();
    }

    @Override
    public void poll(long timeout) throws IOException {
        completedSends = new ArrayList<>();
        completedReceives = new ArrayList<>();
        disconnected = new HashMap<>();
        connected = new ArrayList<>();
        asked = timeout;
        time.sleep(plan.has("late") ? timeout + plan.get("late").asLong() : Json.number(plan, "ms", 0));

        Map<String, List<JsonNode>> byNode = new LinkedHashMap<>();
        if (plan.has("events")) {
            for (JsonNode event : plan.get("events"))
                byNode.computeIfAbsent(event.get("node").asText(), node -> new ArrayList<>()).add(event);
        }
        for (Map.Entry<String, List<JsonNode>> entry : byNode.entrySet()) {
            if (channels.containsKey(entry.getKey()))
                serve(entry.getKey(), channels.get(entry.getKey()), entry.getValue());
        }
    }

    /** Events that cannot happen to the connection as it stands are passed over. */
    private void serve(String node, Channel channel, List<JsonNode> events) throws IOException {
        boolean wasConnected = channel.connected;
        boolean refused = false;
        boolean closed = false;
        boolean answered = false;
        boolean sent = false;
        for (JsonNode event : events) {
            switch (event.get("ev").asText()) {
                case "connected":
                    if (!wasConnected && !refused && !channel.connected) {
                        channel.connected = true;
                        connected.add(node);
                    }
                    break;
                case "refused":
                    refused = refused || !channel.connected;
                    break;
                case "write":
                    if (wasConnected && !closed && channel.pending != null && !sent) {
                        channel.written.allow(Json.integer(event, "bytes", Integer.MAX_VALUE));
                        channel.pending.writeTo(channel.written);
                        sent = channel.pending.completed();
                    }
                    break;
                case "answer":
                    if (wasConnected && !closed && !answered) {
                        ByteBuffer frame = answers.apply(node, event);
                        answered = frame != null;
                        if (answered)
                            completedReceives.add(new NetworkReceive(node, frame));
                    }
                    break;
                case "closed":
                    closed = closed || wasConnected && !answered;
                    break;
                default:
                    throw new IllegalArgumentException("no such event: " + event);
            }
        }
        if (sent) {
            completedSends.add(channel.pending);
            newFrames.add(List.of(Integer.parseInt(node), channel.written.size(), channel.written.checksum()));
            channel.pending = null;
        }
        if (refused || closed) {
            disconnected.put(node, closed ? ChannelState.READY : ChannelState.NOT_CONNECTED);
            drop(node, closed);
        }
    }

    @Override
    public List<NetworkSend> completedSends() {
        return completedSends;
    }

    @Override
    public Collection<NetworkReceive> completedReceives() {
        return completedReceives;
    }

    @Override
    public Map<String, ChannelState> disconnected() {
        return disconnected;
    }

    @Override
    public List<String> connected() {
        return connected;
    }

    @Override
    public boolean isChannelReady(String id) {
        return channels.containsKey(id);
    }

    @Override
    public void wakeup() { }

    @Override
    public void mute(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unmute(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void muteAll() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unmuteAll() {
        throw new UnsupportedOperationException();
    }
}
