package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the requests that a "send" command asks for. */
final class NetworkRequests {
    private NetworkRequests() { }

    static AbstractRequest.Builder<?> make(JsonNode command) {
        String id = Json.text(command, "txn", "tx");
        long pid = Json.number(command, "pid", 7);
        short epoch = (short) Json.number(command, "epoch", 0);
        boolean secondVersion = Json.flag(command, "txn_v2", true);
        switch (command.get("api").asText()) {
            case "PRODUCE":
                return ProduceRequest.builder(produce(command), !secondVersion);
            case "FIND_COORDINATOR":
                return new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData().setKey(id)
                    .setKeyType((byte) Json.number(command, "key_type", 1)));
            case "ADD_PARTITIONS_TO_TXN":
                return AddPartitionsToTxnRequest.Builder.forClient(id, pid, epoch, List.of(new TopicPartition("a", 0), new TopicPartition("a", 1)));
            case "ADD_OFFSETS_TO_TXN":
                return new AddOffsetsToTxnRequest.Builder(new AddOffsetsToTxnRequestData().setTransactionalId(id)
                    .setProducerId(pid).setProducerEpoch(epoch).setGroupId("g"));
            case "END_TXN":
                return new EndTxnRequest.Builder(new EndTxnRequestData().setTransactionalId(id).setProducerId(pid)
                    .setProducerEpoch(epoch).setCommitted(true), secondVersion);
            case "TXN_OFFSET_COMMIT":
                Map<TopicPartition, TxnOffsetCommitRequest.CommittedOffset> offsets = new HashMap<>();
                offsets.put(new TopicPartition("a", 0), new TxnOffsetCommitRequest.CommittedOffset(5, "", Optional.empty()));
                return new TxnOffsetCommitRequest.Builder(id, "g", pid, epoch, offsets, Json.text(command, "member", ""),
                    Json.integer(command, "generation", -1), Optional.empty(), secondVersion);
            case "INIT_PRODUCER_ID":
                return new InitProducerIdRequest.Builder(new InitProducerIdRequestData()
                    .setTransactionalId(Json.text(command, "txn", null))
                    .setTransactionTimeoutMs(Json.integer(command, "txn_timeout_ms", Integer.MAX_VALUE))
                    .setProducerId(Json.number(command, "pid", -1)).setProducerEpoch((short) Json.number(command, "epoch", -1)));
            default:
                throw new IllegalArgumentException("no such request: " + command);
        }
    }

    private static ProduceRequestData produce(JsonNode command) {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) Json.number(command, "acks", -1))
            .setTimeoutMs(Json.integer(command, "timeout_ms", 30000)).setTransactionalId(Json.text(command, "txn", null));
        byte[] records = HexFormat.of().parseHex(command.get("records").asText());
        Map<String, List<ProduceRequestData.PartitionProduceData>> topics = new HashMap<>();
        for (JsonNode part : command.get("parts")) {
            String name = part.get(0).asText();
            if (!topics.containsKey(name)) {
                topics.put(name, new ArrayList<>());
                data.topicData().add(new ProduceRequestData.TopicProduceData().setName(name)
                    .setTopicId(new Uuid(0, part.get(2).asLong())).setPartitionData(topics.get(name)));
            }
            topics.get(name).add(new ProduceRequestData.PartitionProduceData().setIndex(part.get(1).asInt())
                .setRecords(MemoryRecords.readableRecords(ByteBuffer.wrap(records))));
        }
        return data;
    }
}
