package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.MockClient;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.utils.Time;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Kafka's MockClient with what it leaves out: max.in.flight, acks=0, and a request timeout that takes all requests of its node with it.
 */
final class ScriptedNetwork extends MockClient {
    private static final int POLLS_BEFORE_TIME_PASSES = 3;
    private static final int MOST_POLLS_OF_A_TURN = 10000;
    private static final long LONGEST_WAIT_MS = 3_600_000;

    /** Batches of each produce request as they were when it was sent. */
    final Map<ClientRequest, List<Object>> shown = new IdentityHashMap<>();
    final List<Long> polls = new ArrayList<>();
    private final Time time;
    private final int maxInFlight;
    private final Function<ClientRequest, List<Object>> describe;
    private int pollsOfTurn;

    ScriptedNetwork(Time time, ScriptedCluster cluster, int maxInFlight, Function<ClientRequest, List<Object>> describe) {
        super(time, cluster);
        this.time = time;
        this.maxInFlight = maxInFlight;
        this.describe = describe;
    }

    void beginTurn() {
        pollsOfTurn = 0;
    }

    private boolean hasRoom(Node node) {
        return inFlightRequestCount(node.idString()) < maxInFlight;
    }

    @Override
    public boolean isReady(Node node, long now) {
        return super.isReady(node, now) && hasRoom(node);
    }

    @Override
    public boolean ready(Node node, long now) {
        return super.ready(node, now) && hasRoom(node);
    }

    @Override
    public void send(ClientRequest request, long now) {
        if (request.apiKey() == ApiKeys.PRODUCE)
            shown.put(request, describe.apply(request));
        super.send(request, now);
        if (!request.expectResponse()) {
            requests().remove(request);
            responses().add(end(request, now, false, false));
        }
    }

    private static ClientResponse end(ClientRequest request, long now, boolean disconnected, boolean timedOut) {
        return new ClientResponse(request.makeHeader(request.requestBuilder().latestAllowedVersion()), request.callback(),
            request.destination(), request.createdTimeMs(), now, disconnected, timedOut, null, null, null);
    }

    /** Ends the node's requests unanswered, and its connection. */
    void fail(String node, boolean timedOut) {
        for (Iterator<ClientRequest> each = requests().iterator(); each.hasNext(); ) {
            ClientRequest request = each.next();
            if (request.destination().equals(node)) {
                each.remove();
                responses().add(end(request, time.milliseconds(), true, timedOut));
            }
        }
        super.disconnect(node);
    }

    @Override
    public List<ClientResponse> poll(long timeout, long now) {
        polls.add(timeout > 1L << 50 ? -1 : timeout);
        if (++pollsOfTurn > MOST_POLLS_OF_A_TURN)
            throw new IllegalStateException("poll loop");
        TreeSet<String> late = new TreeSet<>();
        for (ClientRequest request : requests()) {
            if (now - request.createdTimeMs() >= request.requestTimeoutMs())
                late.add(request.destination());
        }
        for (String node : late)
            fail(node, true);
        List<ClientResponse> came = super.poll(timeout, now);
        // awaitNodeReady would spin on a clock that stands still.
        if (pollsOfTurn >= POLLS_BEFORE_TIME_PASSES && came.isEmpty() && timeout > 0)
            time.sleep(Math.min(timeout, LONGEST_WAIT_MS));
        return came;
    }
}
