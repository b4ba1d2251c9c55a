package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.PlaintextChannelBuilder;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.MockTime;

import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.net.ProtocolFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.zip.CRC32C;

/** Kafka's own Selector over sockets to which happens what the script says. */
final class ScriptedSockets implements ScriptedConnections {
    /** What java.nio asks for selectors and sockets. */
    public static final class Provider extends SelectorProvider {
        @Override
        public AbstractSelector openSelector() {
            current.keys = new ScriptedKeys(this, current);
            return current.keys;
        }

        @Override
        public SocketChannel openSocketChannel() {
            return new ScriptedSocket(this, current);
        }

        @Override
        public ServerSocketChannel openServerSocketChannel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DatagramChannel openDatagramChannel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DatagramChannel openDatagramChannel(ProtocolFamily family) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Pipe openPipe() {
            throw new UnsupportedOperationException();
        }
    }

    /** One script is played at a time. */
    private static ScriptedSockets current = null;

    private final MockTime time;
    /** Makes the answer to the oldest request of a node that has none; null when its last byte has not left. */
    private final BiFunction<String, JsonNode, ByteBuffer> answers;
    private final Selector selector;
    private ScriptedKeys keys = null;
    private long connections = 0;

    private JsonNode plan = null;
    private Long asked = null;
    private Map<Long, ScriptedSocket> newConnects = new TreeMap<>();
    private TreeSet<Long> newCloses = new TreeSet<>();
    private List<List<Object>> newFrames = new ArrayList<>();

    /** Before java.nio is used for the first time. */
    static void install() {
        System.setProperty("java.nio.channels.spi.SelectorProvider", Provider.class.getName());
    }

    ScriptedSockets(MockTime time, BiFunction<String, JsonNode, ByteBuffer> answers, Metrics metrics, long maxIdleMs) {
        this.time = time;
        this.answers = answers;
        current = this;
        PlaintextChannelBuilder channels = new PlaintextChannelBuilder(null);
        channels.configure(Map.of());
        selector = new Selector(maxIdleMs, metrics, time, "producer", channels, new LogContext());
    }

    @Override
    public Selectable selectable() {
        return selector;
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
        List<Object> connects = new ArrayList<>();
        for (ScriptedSocket socket : newConnects.values())
            connects.add(List.of(socket.number(), node(socket), socket.address().getAddress().getHostAddress(), socket.address().getPort()));
        if (!connects.isEmpty())
            out.put("connects", connects);
        if (!newCloses.isEmpty())
            out.put("closes", new ArrayList<>(newCloses));
        newFrames.sort(Comparator.comparing(frame -> (Integer) frame.get(0)));
        if (!newFrames.isEmpty())
            out.put("frames", newFrames);
        newConnects = new TreeMap<>();
        newCloses = new TreeSet<>();
        newFrames = new ArrayList<>();
    }

    private int node(ScriptedSocket socket) {
        return Integer.parseInt(((KafkaChannel) socket.keyFor(keys).attachment()).id());
    }

    // What the sockets and their keys tell.

    long connecting(ScriptedSocket socket) {
        newConnects.put(++connections, socket);
        return connections;
    }

    /** A connection that was asked for in the same command was never seen from outside, and a refused one is over anyway. */
    void closed(ScriptedSocket socket) {
        if (newConnects.remove(socket.number()) == null && !socket.wasRefused())
            newCloses.add(socket.number());
    }

    void sent(ScriptedSocket socket, byte[] frame) {
        CRC32C checksum = new CRC32C();
        checksum.update(frame);
        newFrames.add(List.of(node(socket), frame.length, checksum.getValue()));
    }

    /** Lets time pass and the planned events happen; the keys of the sockets concerned, in order. */
    Collection<SelectionKey> select(long timeout) {
        asked = timeout;
        time.sleep(plan.has("late") ? timeout + plan.get("late").asLong() : Json.number(plan, "ms", 0));
        Map<String, SelectionKey> byNode = new LinkedHashMap<>();
        for (SelectionKey key : keys.keys())
            byNode.put(((KafkaChannel) key.attachment()).id(), key);
        Map<SelectionKey, List<JsonNode>> events = new LinkedHashMap<>();
        if (plan.has("events")) {
            for (JsonNode event : plan.get("events")) {
                SelectionKey key = byNode.get(event.get("node").asText());
                if (key != null)
                    events.computeIfAbsent(key, none -> new ArrayList<>()).add(event);
            }
        }
        events.forEach((key, ofKey) -> happen((ScriptedSocket) key.channel(), ofKey));
        return events.keySet();
    }

    /** Events that cannot happen to the connection as it stands are passed over. */
    private void happen(ScriptedSocket socket, List<JsonNode> events) {
        boolean wasConnected = socket.isConnected();
        String node = Integer.toString(node(socket));
        int write = 0;
        for (JsonNode event : events) {
            switch (event.get("ev").asText()) {
                case "connected":
                    if (socket.canBeRefused())
                        socket.establish();
                    break;
                case "refused":
                    if (socket.canBeRefused())
                        socket.refuse();
                    break;
                case "write":
                    write = Json.integer(event, "bytes", Integer.MAX_VALUE);
                    break;
                case "answer":
                    if (wasConnected && !socket.hasEnded())
                        answer(socket, node, event);
                    break;
                case "closed":
                    if (socket.isEstablished() && !socket.hasEnded())
                        socket.endWith(Json.flag(event, "reset", false));
                    break;
                default:
                    throw new IllegalArgumentException("no such event: " + event);
            }
        }
        socket.allowToWrite(wasConnected && !socket.hasEnded() ? write : 0);
    }

    private void answer(ScriptedSocket socket, String node, JsonNode event) {
        ByteBuffer answer = answers.apply(node, event);
        if (answer != null) {
            socket.send(ByteBuffer.allocate(Integer.BYTES).putInt(0, answer.remaining()));
            socket.send(answer);
        }
        socket.arrive(Json.integer(event, "bytes", Integer.MAX_VALUE));
    }
}
