package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnResponse;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.EndTxnResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitResponse;

import java.util.HashMap;
import java.util.Map;

/** Makes the answers that a "respond" command asks for: success, unless the command says otherwise. */
final class Answers {
    /** The first requests that this version of EndTxn answers with the identity to go on with. */
    private static final int FIRST_END_TXN_WITH_IDENTITY = 5;

    private final ScriptedCluster cluster;
    private final Map<TopicPartition, Long> logEnds = new HashMap<>();
    private long nextProducerId;

    Answers(ScriptedCluster cluster, long firstProducerId) {
        this.cluster = cluster;
        this.nextProducerId = firstProducerId;
    }

    AbstractResponse answer(ClientRequest request, JsonNode command) {
        AbstractRequest body = request.requestBuilder().build(request.requestBuilder().latestAllowedVersion());
        Errors error = Errors.valueOf(Json.text(command, "error", "NONE"));
        if (body instanceof ProduceRequest)
            return new ProduceResponse(produce(((ProduceRequest) body).data(), command, error));
        if (body instanceof InitProducerIdRequest)
            return new InitProducerIdResponse(initProducerId(((InitProducerIdRequest) body).data(), command, error));
        if (body instanceof FindCoordinatorRequest) {
            FindCoordinatorRequestData asked = ((FindCoordinatorRequest) body).data();
            String key = asked.coordinatorKeys().isEmpty() ? asked.key() : asked.coordinatorKeys().get(0);
            return FindCoordinatorResponse.prepareResponse(error, key, ScriptedCluster.node(Json.integer(command, "coordinator", 0)));
        }
        if (body instanceof AddPartitionsToTxnRequest)
            return addPartitions((AddPartitionsToTxnRequest) body, command, error);
        if (body instanceof EndTxnRequest)
            return new EndTxnResponse(endTxn((EndTxnRequest) body, command, error));
        if (body instanceof AddOffsetsToTxnRequest)
            return new AddOffsetsToTxnResponse(new AddOffsetsToTxnResponseData().setErrorCode(error.code()));
        if (body instanceof TxnOffsetCommitRequest)
            return txnOffsetCommit(((TxnOffsetCommitRequest) body).data(), command, error);
        throw new IllegalStateException("no answer to " + request.apiKey());
    }

    /** What the command says about one partition, else about all. */
    private static JsonNode partOf(JsonNode command, String topic, int partition) {
        JsonNode found = JsonNodeFactory.instance.objectNode();
        if (command.has("parts")) {
            for (JsonNode part : command.get("parts")) {
                if (part.get("p").asInt() == partition && Json.text(part, "topic", topic).equals(topic))
                    found = part;
            }
        }
        return found;
    }

    private static Errors errorOf(JsonNode part, Errors otherwise) {
        return part.has("error") ? Errors.valueOf(part.get("error").asText()) : otherwise;
    }

    private ProduceResponseData produce(ProduceRequestData asked, JsonNode command, Errors error) {
        ProduceResponseData answer = new ProduceResponseData();
        for (ProduceRequestData.TopicProduceData topic : asked.topicData()) {
            String name = topic.topicId().equals(Uuid.ZERO_UUID) ? topic.name() : Shown.nameOf(cluster, topic.topicId());
            ProduceResponseData.TopicProduceResponse ofTopic =
                new ProduceResponseData.TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
            for (ProduceRequestData.PartitionProduceData partition : topic.partitionData())
                ofTopic.partitionResponses().add(producePart(new TopicPartition(name, partition.index()), partition, command, error, answer));
            answer.responses().add(ofTopic);
        }
        return answer;
    }

    private ProduceResponseData.PartitionProduceResponse producePart(TopicPartition name, ProduceRequestData.PartitionProduceData asked,
                                                                     JsonNode command, Errors error, ProduceResponseData whole) {
        JsonNode part = partOf(command, name.topic(), name.partition());
        Errors own = errorOf(part, error);
        long offset = -1;
        if (part.has("base_offset")) {
            offset = part.get("base_offset").asLong();
        } else if (command.has("base_offset")) {
            offset = command.get("base_offset").asLong();
        } else if (own == Errors.NONE) {
            int records = 0;
            for (Record ignored : ((MemoryRecords) asked.records()).records())
                records++;
            offset = logEnds.getOrDefault(name, 0L);
            logEnds.put(name, offset + records);
        }
        ProduceResponseData.PartitionProduceResponse answer = new ProduceResponseData.PartitionProduceResponse()
            .setIndex(name.partition())
            .setErrorCode(own.code())
            .setBaseOffset(offset)
            .setLogAppendTimeMs(Json.number(part, "log_append_time", -1))
            .setLogStartOffset(Json.number(part, "log_start_offset", Json.number(command, "log_start_offset", -1)))
            .setErrorMessage(Json.text(part, "message", null));
        if (part.has("record_errors")) {
            for (JsonNode record : part.get("record_errors"))
                answer.recordErrors().add(new ProduceResponseData.BatchIndexAndErrorMessage()
                    .setBatchIndex(record.get(0).asInt())
                    .setBatchIndexErrorMessage(record.size() > 1 ? record.get(1).asText() : null));
        }
        if (part.has("leader")) {
            int leader = part.get("leader").asInt();
            answer.setCurrentLeader(new ProduceResponseData.LeaderIdAndEpoch()
                .setLeaderId(leader).setLeaderEpoch(Json.integer(part, "leader_epoch", -1)));
            if (whole.nodeEndpoints().find(leader) == null)
                whole.nodeEndpoints().add(new ProduceResponseData.NodeEndpoint().setNodeId(leader).setHost("localhost").setPort(9092 + leader));
        }
        return answer;
    }

    private InitProducerIdResponseData initProducerId(InitProducerIdRequestData asked, JsonNode command, Errors error) {
        InitProducerIdResponseData answer = new InitProducerIdResponseData()
            .setErrorCode(error.code()).setProducerId(-1).setProducerEpoch((short) -1);
        if (error != Errors.NONE)
            return answer;
        boolean bump = asked.producerId() >= 0;
        // A fresh id is taken even when the command names one.
        long id = bump ? asked.producerId() : nextProducerId++;
        return answer.setProducerId(Json.number(command, "pid", id))
            .setProducerEpoch((short) Json.number(command, "epoch", bump ? asked.producerEpoch() + 1 : 0));
    }

    private static AddPartitionsToTxnResponse addPartitions(AddPartitionsToTxnRequest asked, JsonNode command, Errors error) {
        Map<TopicPartition, Errors> errors = new HashMap<>();
        for (TopicPartition name : AddPartitionsToTxnRequest.getPartitions(asked.data().v3AndBelowTopics()))
            errors.put(name, errorOf(partOf(command, name.topic(), name.partition()), error));
        return new AddPartitionsToTxnResponse(new AddPartitionsToTxnResponseData().setResultsByTopicV3AndBelow(
            AddPartitionsToTxnResponse.resultForTransaction(AddPartitionsToTxnResponse.V3_AND_BELOW_TXN_ID, errors).topicResults()));
    }

    private static EndTxnResponseData endTxn(EndTxnRequest asked, JsonNode command, Errors error) {
        EndTxnResponseData answer = new EndTxnResponseData().setErrorCode(error.code());
        EndTxnRequestData data = asked.data();
        if (asked.version() < FIRST_END_TXN_WITH_IDENTITY || error != Errors.NONE)
            return answer;
        return answer.setProducerId(Json.number(command, "pid", data.producerId()))
            .setProducerEpoch((short) Json.number(command, "epoch", data.producerEpoch() + 1));
    }

    private static TxnOffsetCommitResponse txnOffsetCommit(TxnOffsetCommitRequestData asked, JsonNode command, Errors error) {
        Map<TopicPartition, Errors> errors = new HashMap<>();
        for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic topic : asked.topics()) {
            for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition partition : topic.partitions())
                errors.put(new TopicPartition(topic.name(), partition.partitionIndex()),
                    errorOf(partOf(command, topic.name(), partition.partitionIndex()), error));
        }
        return new TxnOffsetCommitResponse(0, errors);
    }
}
