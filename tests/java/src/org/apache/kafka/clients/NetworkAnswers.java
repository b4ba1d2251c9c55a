package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the frames of answers: what a node speaks and what the cluster looks like is told by commands beforehand. */
final class NetworkAnswers {
    private final Map<String, JsonNode> versions = new HashMap<>();
    private JsonNode cluster;

    void setVersions(JsonNode command) {
        versions.put(command.get("node").asText(), command);
    }

    void setCluster(JsonNode command) {
        cluster = command;
    }

    ByteBuffer answer(String node, RequestHeader request, JsonNode event) {
        short version = request.apiVersion();
        int throttleMs = Json.integer(event, "throttle", 0);
        short error = Errors.valueOf(Json.text(event, "error", "NONE")).code();
        ApiMessage body;
        switch (request.apiKey()) {
            case API_VERSIONS:
                JsonNode spoken = versions.get(node);
                if (Json.flag(spoken, "v0", false))
                    version = 0;
                body = apiVersions(spoken, event, throttleMs);
                break;
            case METADATA:
                body = metadata(version).setThrottleTimeMs(throttleMs).setErrorCode(error);
                break;
            case PRODUCE:
                body = new ProduceResponseData().setThrottleTimeMs(throttleMs);
                break;
            case FIND_COORDINATOR:
                body = new FindCoordinatorResponseData().setThrottleTimeMs(throttleMs).setErrorCode(version < 4 ? error : 0);
                break;
            case ADD_PARTITIONS_TO_TXN:
                body = new AddPartitionsToTxnResponseData().setThrottleTimeMs(throttleMs);
                break;
            case ADD_OFFSETS_TO_TXN:
                body = new AddOffsetsToTxnResponseData().setThrottleTimeMs(throttleMs).setErrorCode(error);
                break;
            case END_TXN:
                body = new EndTxnResponseData().setThrottleTimeMs(throttleMs).setErrorCode(error);
                break;
            case TXN_OFFSET_COMMIT:
                body = new TxnOffsetCommitResponseData().setThrottleTimeMs(throttleMs);
                break;
            default:
                body = new InitProducerIdResponseData().setThrottleTimeMs(throttleMs).setErrorCode(error);
        }
        ResponseHeader header = new ResponseHeader(request.correlationId(), request.apiKey().responseHeaderVersion(version));
        return RequestUtils.serialize(header.data(), header.headerVersion(), body, version);
    }

    private static ApiVersionsResponseData apiVersions(JsonNode spoken, JsonNode event, int throttleMs) {
        ApiVersionsResponseData data = new ApiVersionsResponseData()
            .setErrorCode(Errors.valueOf(Json.text(event, "error", Json.text(spoken, "error", "NONE"))).code())
            .setThrottleTimeMs(throttleMs)
            .setFinalizedFeaturesEpoch(Json.number(spoken, "epoch", -1));
        for (JsonNode key : spoken.get("keys"))
            data.apiKeys().add(new ApiVersionsResponseData.ApiVersion().setApiKey((short) key.get(0).asInt())
                .setMinVersion((short) key.get(1).asInt()).setMaxVersion((short) key.get(2).asInt()));
        if (spoken.has("finalized")) {
            for (JsonNode feature : spoken.get("finalized"))
                data.finalizedFeatures().add(new ApiVersionsResponseData.FinalizedFeatureKey().setName(feature.get(0).asText())
                    .setMaxVersionLevel((short) feature.get(1).asInt()).setMinVersionLevel((short) feature.get(1).asInt()));
        }
        return data;
    }

    private MetadataResponseData metadata(short version) {
        MetadataResponseData data = new MetadataResponseData().setClusterId(Json.text(cluster, "id", null))
            .setControllerId(Json.integer(cluster, "controller", -1));
        for (JsonNode broker : cluster.get("brokers"))
            data.brokers().add(new MetadataResponseData.MetadataResponseBroker().setNodeId(broker.get(0).asInt())
                .setHost(broker.get(1).asText()).setPort(broker.get(2).asInt()));
        for (JsonNode described : cluster.get("topics")) {
            MetadataResponseData.MetadataResponseTopic topic = new MetadataResponseData.MetadataResponseTopic()
                .setName(described.get("name").asText())
                .setTopicId(new Uuid(0, Json.number(described, "id", 0)))
                .setErrorCode(Errors.valueOf(Json.text(described, "error", "NONE")).code());
            int index = 0;
            for (JsonNode partition : described.get("partitions")) {
                int leader = partition.get(0).asInt();
                topic.partitions().add(new MetadataResponseData.MetadataResponsePartition().setPartitionIndex(index++)
                    .setLeaderId(leader).setLeaderEpoch(partition.get(1).asInt())
                    .setErrorCode(Errors.valueOf(partition.get(2).asText()).code())
                    .setReplicaNodes(List.of(leader)).setIsrNodes(List.of(leader)));
            }
            data.topics().add(topic);
        }
        return data;
    }
}
