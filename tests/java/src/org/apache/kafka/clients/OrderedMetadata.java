package org.apache.kafka.clients;

import org.apache.kafka.clients.producer.internals.Private;
import org.apache.kafka.clients.producer.internals.ProducerMetadata;
import org.apache.kafka.clients.producer.internals.SplitMix64;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** ProducerMetadata whose nodes are listed by id and then shuffled by the script's generator, once for each snapshot. */
final class OrderedMetadata extends ProducerMetadata {
    private final SplitMix64 draws;

    OrderedMetadata(long backoffMs, long backoffMaxMs, long ageMs, long idleMs, LogContext log, Time time, SplitMix64 draws) {
        super(backoffMs, backoffMaxMs, ageMs, idleMs, log, new ClusterResourceListeners(), time);
        this.draws = draws;
    }

    private void order() {
        List<Node> nodes = new ArrayList<>(fetch().nodes());
        nodes.sort(Comparator.comparingInt(Node::id));
        for (int left = nodes.size(); left > 1; left--)
            Collections.swap(nodes, left - 1, (int) Long.remainderUnsigned(draws.next(), left));
        Private.set(Cluster.class, fetch(), "nodes", Collections.unmodifiableList(nodes));
    }

    @Override
    public synchronized void bootstrap(List<InetSocketAddress> addresses) {
        super.bootstrap(addresses);
        order();
    }

    @Override
    public synchronized void update(int requestVersion, MetadataResponse response, boolean isPartialUpdate, long nowMs) {
        super.update(requestVersion, response, isPartialUpdate, nowMs);
        order();
    }

    @Override
    public synchronized Set<TopicPartition> updatePartitionLeadership(Map<TopicPartition, LeaderIdAndEpoch> leaders, List<Node> nodes) {
        Set<TopicPartition> changed = super.updatePartitionLeadership(leaders, nodes);
        if (!changed.isEmpty())
            order();
        return changed;
    }
}
