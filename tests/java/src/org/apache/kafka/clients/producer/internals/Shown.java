package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What the state line says of requests and batches. */
final class Shown {
    private Shown() { }

    static String nameOf(ScriptedCluster cluster, Uuid id) {
        for (Map.Entry<String, Uuid> topic : cluster.ids.entrySet()) {
            if (topic.getValue().equals(id))
                return topic.getKey();
        }
        throw new IllegalStateException("no topic " + id);
    }

    static List<Object> batches(Collection<ProducerBatch> batches, long startMs) {
        List<Object> list = new ArrayList<>();
        for (ProducerBatch batch : batches)
            list.add(List.of(batch.recordCount, batch.baseSequence(), batch.attempts(), batch.createdMs - startMs));
        return list;
    }

    /** The batches of a produce request, in its order, as they are at this moment. */
    static List<Object> batchesOf(ClientRequest request, ScriptedCluster cluster, Sender sender, boolean wire, boolean hex) {
        List<Object> list = new ArrayList<>();
        ProduceRequest body = (ProduceRequest) request.requestBuilder().build(request.requestBuilder().latestAllowedVersion());
        for (ProduceRequestData.TopicProduceData topic : body.data().topicData()) {
            String name = topic.topicId().equals(Uuid.ZERO_UUID) ? topic.name() : nameOf(cluster, topic.topicId());
            for (ProduceRequestData.PartitionProduceData partition : topic.partitionData())
                list.add(batch(new TopicPartition(name, partition.index()), (MemoryRecords) partition.records(), sender, wire, hex));
        }
        return list;
    }

    private static Map<String, Object> batch(TopicPartition name, MemoryRecords records, Sender sender, boolean wire, boolean hex) {
        RecordBatch batch = records.batches().iterator().next();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tp", name.toString());
        shown.put("pid", batch.producerId());
        shown.put("ep", batch.producerEpoch());
        shown.put("seq", batch.baseSequence());
        int count = 0;
        for (Record ignored : batch)
            count++;
        shown.put("n", count);
        for (ProducerBatch candidate : sender.inFlightBatches(name)) {
            if (candidate.records() == records)
                shown.put("att", candidate.attempts());
        }
        if (wire) {
            shown.put("bytes", batch.sizeInBytes());
            shown.put("crc", batch.checksum());
        }
        if (hex) {
            ByteBuffer buffer = records.buffer().duplicate();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            shown.put("hex", HexFormat.of().formatHex(bytes));
        }
        return shown;
    }

    static Map<String, Object> request(ClientRequest request, long startMs, boolean transactional, List<Object> batches) {
        AbstractRequest body = request.requestBuilder().build(request.requestBuilder().latestAllowedVersion());
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", request.correlationId());
        shown.put("api", request.apiKey().name());
        shown.put("node", Integer.parseInt(request.destination()));
        shown.put("at", request.createdTimeMs() - startMs);
        shown.put("v", body.version());
        if (body instanceof ProduceRequest) {
            shown.put("acks", ((ProduceRequest) body).acks());
            if (transactional)
                shown.put("txn", ((ProduceRequest) body).transactionalId());
            shown.put("b", batches);
        } else if (body instanceof InitProducerIdRequest) {
            InitProducerIdRequestData data = ((InitProducerIdRequest) body).data();
            shown.put("txn", data.transactionalId());
            shown.put("pid", data.producerId());
            shown.put("ep", data.producerEpoch());
        } else if (body instanceof EndTxnRequest) {
            EndTxnRequestData data = ((EndTxnRequest) body).data();
            shown.put("pid", data.producerId());
            shown.put("ep", data.producerEpoch());
            shown.put("commit", data.committed());
        } else if (body instanceof AddPartitionsToTxnRequest) {
            TreeSet<String> names = new TreeSet<>();
            for (TopicPartition name : AddPartitionsToTxnRequest.getPartitions(((AddPartitionsToTxnRequest) body).data().v3AndBelowTopics()))
                names.add(name.toString());
            shown.put("tps", names);
        } else if (body instanceof AddOffsetsToTxnRequest) {
            shown.put("group", ((AddOffsetsToTxnRequest) body).data().groupId());
            shown.put("pid", ((AddOffsetsToTxnRequest) body).data().producerId());
            shown.put("ep", ((AddOffsetsToTxnRequest) body).data().producerEpoch());
        } else if (body instanceof TxnOffsetCommitRequest) {
            putOffsets(shown, ((TxnOffsetCommitRequest) body).data());
        }
        return shown;
    }

    /** In the order of the request, which is that of Java's hash maps. */
    private static void putOffsets(Map<String, Object> shown, TxnOffsetCommitRequestData data) {
        shown.put("group", data.groupId());
        shown.put("pid", data.producerId());
        shown.put("ep", data.producerEpoch());
        Map<String, Object> offsets = new LinkedHashMap<>();
        for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic topic : data.topics()) {
            for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition partition : topic.partitions())
                offsets.put(topic.name() + "-" + partition.partitionIndex(), partition.committedOffset());
        }
        shown.put("offsets", offsets);
    }
}
