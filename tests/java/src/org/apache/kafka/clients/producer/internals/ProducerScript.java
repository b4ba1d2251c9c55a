package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.NodeApiVersions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionRatioEstimator;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.MockTime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/** One producer of kafka-clients with a scripted clock, network and cluster: Sender, RecordAccumulator, TransactionManager and what they are made of. */
final class ProducerScript implements PlayedScript {
    private static final String GROUP = "producer-metrics";

    private final LogContext log = new LogContext();
    private final MockTime time;
    private final long startMs;
    private final ScriptedCluster cluster;
    private final ScriptedNetwork network;
    private final Answers answers;
    private final Metrics metrics;
    private final Compression compression;
    private final TransactionManager transactions;
    private final RecordAccumulator accumulator;
    private final Sender sender;
    private final boolean transactional;
    private final ApiVersions apiVersions;
    private final int maxRequestSize;
    private final boolean wire;
    private final boolean hex;
    private final boolean messages;
    private final boolean sortDone;
    private boolean onSenderThread = false;
    private int records = 0;
    private final List<Map<String, Object>> done = new ArrayList<>();
    private final Map<String, TransactionalRequestResult> waiting = new LinkedHashMap<>();

    ProducerScript(JsonNode config) {
        startMs = Json.number(config, "start_ms", 1_000_000);
        time = new MockTime(0, startMs, startMs * 1_000_000);
        maxRequestSize = Json.integer(config, "max_request_size", 1048576);
        wire = Json.flag(config, "wire", true);
        hex = Json.flag(config, "hex", false);
        messages = Json.flag(config, "messages", false);
        sortDone = Json.flag(config, "sort_done", true);
        long backoffMs = Json.number(config, "retry_backoff_ms", 100);
        long backoffMaxMs = Json.number(config, "retry_backoff_max_ms", 1000);
        int maxInFlight = Json.integer(config, "max_in_flight", 5);
        cluster = new ScriptedCluster(config, time, log, backoffMs, backoffMaxMs);
        for (String topic : cluster.topics.keySet())
            CompressionRatioEstimator.resetEstimation(topic);
        network = new ScriptedNetwork(time, cluster, maxInFlight, this::batchesOf);
        answers = new Answers(cluster, Json.number(config, "first_pid", 1000));
        metrics = new Metrics(new MetricConfig()
            .samples(Json.integer(config, "metrics_num_samples", 2))
            .timeWindow(Json.number(config, "metrics_sample_window_ms", 30000), TimeUnit.MILLISECONDS)
            .tags(Map.of("client-id", Json.text(config, "client_id", "producer-1"))), new ArrayList<>(), time);
        compression = Compression.of(Json.text(config, "compression", "none")).build();
        apiVersions = apiVersions(Json.flag(config, "txn_v2", true));
        String transactionalId = Json.text(config, "transactional_id", null);
        transactional = transactionalId != null;
        transactions = transactional || Json.flag(config, "idempotent", true)
            ? new TransactionManager(log, transactionalId, Json.integer(config, "transaction_timeout_ms", 60000), backoffMs, apiVersions, false) {
                @Override
                protected boolean shouldPoisonStateOnInvalidTransition() {
                    return onSenderThread;
                }
            } : null;
        accumulator = accumulator(config, backoffMs, backoffMaxMs);
        sender = new Sender(log, network, cluster.metadata, accumulator, maxInFlight == 1, maxRequestSize,
            (short) Json.integer(config, "acks", -1), Json.integer(config, "retries", Integer.MAX_VALUE), new SenderMetricsRegistry(metrics),
            time, Json.integer(config, "request_timeout_ms", 30000), backoffMs, transactions);
        Private.set(Sender.class, sender, "inFlightBatches", new TreeMap<TopicPartition, List<ProducerBatch>>(
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition)));
    }

    private ApiVersions apiVersions(boolean transactionV2) {
        short level = (short) (transactionV2 ? 2 : 1);
        List<ApiVersionsResponseData.ApiVersion> apis = new ArrayList<>();
        for (ApiKeys api : List.of(ApiKeys.INIT_PRODUCER_ID, ApiKeys.PRODUCE, ApiKeys.TXN_OFFSET_COMMIT, ApiKeys.END_TXN, ApiKeys.ADD_PARTITIONS_TO_TXN))
            apis.add(new ApiVersionsResponseData.ApiVersion().setApiKey(api.id).setMinVersion((short) 0).setMaxVersion(api.latestVersion()));
        NodeApiVersions versions = new NodeApiVersions(apis,
            List.of(new ApiVersionsResponseData.SupportedFeatureKey().setName("transaction.version").setMinVersion((short) 0).setMaxVersion(level)),
            List.of(new ApiVersionsResponseData.FinalizedFeatureKey().setName("transaction.version").setMinVersionLevel(level).setMaxVersionLevel(level)), 0);
        ApiVersions all = new ApiVersions();
        for (int i = 0; i < cluster.nodes; i++)
            all.update(Integer.toString(i), versions);
        return all;
    }

    private RecordAccumulator accumulator(JsonNode config, long backoffMs, long backoffMaxMs) {
        long seed = Json.number(config, "seed", 1);
        SplitMix64 partitions = new SplitMix64(seed);
        int batchSize = Math.max(1, Json.integer(config, "batch_size", 16384));
        BufferPool pool = new BufferPool(Json.number(config, "buffer_memory", 33554432), batchSize, metrics, time, GROUP);
        RecordAccumulator made = new RecordAccumulator(log, batchSize, compression, Json.integer(config, "linger_ms", 5), backoffMs, backoffMaxMs,
            Json.integer(config, "delivery_timeout_ms", 120000),
            new RecordAccumulator.PartitionerConfig(Json.flag(config, "adaptive", true), Json.number(config, "availability_timeout_ms", 0)),
            metrics, GROUP, time, transactions, pool) {
            @Override
            BuiltInPartitioner createBuiltInPartitioner(LogContext context, String topic, int stickyBatchSize) {
                return new BuiltInPartitioner(context, topic, stickyBatchSize) {
                    @Override
                    int randomPartition() {
                        return (int) (partitions.next() >>> 33);
                    }
                };
            }
        };
        double jitter = config.has("jitter") ? config.get("jitter").asDouble() : 0;
        Private.set(RecordAccumulator.class, made, "retryBackoff", new ScriptedBackoff(backoffMs, backoffMaxMs, jitter, new SplitMix64(seed + 1)::nextUnit));
        // Orders that callbacks and requests would take over from hashes of names and of addresses.
        Private.set(RecordAccumulator.class, made, "topicInfoMap", new ConcurrentSkipListMap<>());
        Private.set(IncompleteBatches.class, Private.get(RecordAccumulator.class, made, "incomplete"), "incomplete", new LinkedHashSet<>());
        return made;
    }

    @Override
    public void close() {
        metrics.close();
    }

    private List<Object> batchesOf(ClientRequest request) {
        return Shown.batchesOf(request, cluster, sender, wire, hex);
    }

    @Override
    public Object describe(Throwable error) {
        String name = error.getClass().getSimpleName();
        return messages ? Map.of("class", name, "msg", String.valueOf(error.getMessage())) : name;
    }

    @Override
    public void run(JsonNode command, Map<String, Object> out) throws Exception {
        long times = Json.number(command, "n", 1);
        switch (command.get("op").asText()) {
            case "config":
                break;
            case "send":
                for (long i = 0; i < times; i++)
                    send(command, out);
                break;
            case "poll":
                for (long i = 0; i < times; i++)
                    poll(out);
                break;
            case "metrics":
                out.put("metrics", ShownMetrics.of(metrics, name -> true));
                break;
            case "sleep":
                time.sleep(command.get("ms").asLong());
                break;
            case "respond":
                respond(command, out);
                break;
            case "metadata_freeze":
                cluster.frozen = Json.flag(command, "on", true);
                break;
            case "metadata_update":
                cluster.renew();
                break;
            case "leader":
                moveLeader(command);
                break;
            case "ratio":
                CompressionRatioEstimator.setEstimation(Json.text(command, "topic", cluster.firstTopic()), compression.type(), (float) command.get("value").asDouble());
                break;
            case "flush":
                accumulator.beginFlush();
                break;
            case "flush_end":
                if (accumulator.hasIncomplete())
                    out.put("blocked", true);
                else
                    accumulator.awaitFlushCompletion();
                break;
            case "force_close":
                if (transactions != null)
                    transactions.close();
                accumulator.close();
                accumulator.abortIncompleteBatches();
                break;
            case "close":
                sender.initiateClose();
                break;
            default:
                if (!runOnNode(command) && !runTransaction(command))
                    throw new IllegalArgumentException("no command " + command.get("op"));
        }
    }

    private boolean runOnNode(JsonNode command) {
        if (!command.has("node"))
            return false;
        Node node = ScriptedCluster.node(command.get("node").asInt());
        long ms = Json.number(command, "ms", 0);
        switch (command.get("op").asText()) {
            case "disconnect":
                network.fail(node.idString(), false);
                if (command.has("backoff_ms"))
                    network.backoff(node, command.get("backoff_ms").asLong());
                return true;
            case "unreachable":
                network.fail(node.idString(), false);
                network.setUnreachable(node, ms);
                return true;
            case "backoff":
                network.backoff(node, ms);
                return true;
            case "throttle":
                network.throttle(node, ms);
                return true;
            case "delay_ready":
                network.delayReady(node, ms);
                return true;
            default:
                return false;
        }
    }

    private boolean runTransaction(JsonNode command) {
        switch (command.get("op").asText()) {
            case "init_txn":
                waiting.put("init", transactions.initializeTransactions(false));
                return true;
            case "begin_txn":
                transactions.beginTransaction();
                return true;
            case "commit_txn":
                waiting.put("commit", transactions.beginCommit());
                return true;
            case "abort_txn":
                waiting.put("abort", transactions.beginAbort());
                return true;
            case "send_offsets":
                waiting.put("offsets", transactions.sendOffsetsToTransaction(offsets(command), new ConsumerGroupMetadata(
                    Json.text(command, "group", "g"), Json.integer(command, "generation", -1), Json.text(command, "member", ""), Optional.empty())));
                return true;
            default:
                return false;
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(JsonNode command) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new TreeMap<>(
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        for (JsonNode partition : command.get("partitions"))
            offsets.put(new TopicPartition(Json.text(command, "topic", cluster.firstTopic()), partition.asInt()),
                new OffsetAndMetadata(Json.number(command, "offset", 0)));
        return offsets;
    }

    private void moveLeader(JsonNode command) {
        ScriptedCluster.Partition partition = cluster.topics.get(Json.text(command, "topic", cluster.firstTopic()))[command.get("partition").asInt()];
        partition.leader = command.get("node").asInt();
        partition.epoch = Json.integer(command, "epoch", partition.epoch + 1);
        if (Json.flag(command, "now", false))
            cluster.renew();
    }

    private void poll(Map<String, Object> out) {
        onSenderThread = true;
        network.beginTurn();
        try {
            sender.runOnce();
        } catch (Exception e) {
            out.put("uncaught", describe(e));
        } finally {
            onSenderThread = false;
        }
    }

    private void respond(JsonNode command, Map<String, Object> out) {
        for (ClientRequest request : network.requests()) {
            boolean wanted = (!command.has("req") || request.correlationId() == command.get("req").asInt())
                && (!command.has("node") || request.destination().equals(command.get("node").asText()))
                && (!command.has("api") || request.apiKey().name().equals(command.get("api").asText()));
            if (wanted) {
                network.respondToRequest(request, answers.answer(request, command));
                return;
            }
        }
        out.put("none", true);
    }

    private byte[] value(JsonNode command, int record) {
        if (command.has("value"))
            return command.get("value").asText().getBytes(StandardCharsets.UTF_8);
        if (!command.has("value_size"))
            return null;
        byte[] value = new byte[command.get("value_size").asInt()];
        Arrays.fill(value, (byte) ('a' + record % 26));
        return value;
    }

    private void send(JsonNode command, Map<String, Object> out) throws InterruptedException {
        String topic = Json.text(command, "topic", cluster.firstTopic());
        int record = records++;
        byte[] key = command.has("key") ? command.get("key").asText().getBytes(StandardCharsets.UTF_8) : null;
        byte[] value = value(command, record);
        int asked = Json.integer(command, "partition", -1);
        out.put("r", record);
        int partition = asked;
        if (asked < 0 && key != null) {
            try {
                partition = BuiltInPartitioner.partitionForKey(key, cluster.metadata.fetch().partitionsForTopic(topic).size());
            } catch (ArithmeticException e) {
                out.put("throw", describe(e));
                return;
            }
        }
        // What KafkaProducer checks before it appends.
        if (AbstractRecords.estimateSizeInBytesUpperBound(RecordBatch.CURRENT_MAGIC_VALUE, compression.type(), key, value, Record.EMPTY_HEADERS) > maxRequestSize) {
            out.put("throw", "RecordTooLargeException");
            metrics.sensor("errors").record();
            return;
        }
        Report report = new Report(record, topic, partition);
        try {
            long timestamp = Json.number(command, "ts", time.milliseconds() - startMs);
            RecordAccumulator.RecordAppendResult result = accumulator.append(topic, partition, timestamp, key, value, Record.EMPTY_HEADERS, report,
                0, time.milliseconds(), cluster.metadata.fetch());
            out.put("p", report.partition);
            out.put("full", result.batchIsFull);
            out.put("new", result.newBatchCreated);
            if (transactions != null)
                transactions.maybeAddPartition(new TopicPartition(topic, report.partition));
        } catch (RuntimeException e) {
            out.put("throw", describe(e));
            if (e instanceof KafkaException)
                metrics.sensor("errors").record();
            if (e instanceof ApiException && transactions != null)
                transactions.maybeTransitionToErrorState(e);
        }
    }

    /** The callback of one record. */
    private final class Report implements RecordAccumulator.AppendCallbacks {
        private final int record;
        private final String topic;
        private int partition;

        Report(int record, String topic, int partition) {
            this.record = record;
            this.topic = topic;
            this.partition = partition;
        }

        @Override
        public void setPartition(int chosen) {
            partition = chosen;
        }

        @Override
        public void onCompletion(RecordMetadata where, Exception error) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("r", record);
            entry.put("tp", topic + "-" + partition);
            if (error == null)
                entry.put("off", where.offset());
            else
                entry.put("err", describe(error));
            done.add(entry);
        }
    }

    @Override
    public void showState(Map<String, Object> out) {
        out.put("t", time.milliseconds() - startMs);
        if (!network.polls.isEmpty())
            out.put("polls", new ArrayList<>(network.polls));
        network.polls.clear();
        List<Object> inFlight = new ArrayList<>();
        for (ClientRequest request : network.requests())
            inFlight.add(Shown.request(request, startMs, transactional, network.shown.get(request)));
        out.put("inflight", inFlight);
        network.shown.keySet().removeIf(request -> !network.requests().contains(request));
        if (!done.isEmpty()) {
            if (sortDone)
                done.sort(Comparator.comparing(entry -> entry.get("tp").toString()));
            out.put("done", new ArrayList<>(done));
            done.clear();
        }
        if (transactions != null)
            showTransactions(out);
        Map<String, Object> partitions = new LinkedHashMap<>();
        cluster.topics.forEach((topic, list) -> {
            for (int i = 0; i < list.length; i++) {
                Map<String, Object> shown = showPartition(new TopicPartition(topic, i));
                if (!shown.isEmpty())
                    partitions.put(topic + "-" + i, shown);
            }
        });
        out.put("parts", partitions);
        out.put("free", accumulator.bufferPoolAvailableMemory());
        out.put("incomplete", accumulator.hasIncomplete());
        if (cluster.metadata.updateRequested())
            out.put("metadata_wanted", true);
    }

    private void showTransactions(Map<String, Object> out) {
        out.put("txn", Private.get(TransactionManager.class, transactions, "currentState").toString());
        out.put("pid", transactions.producerIdAndEpoch().producerId);
        out.put("ep", transactions.producerIdAndEpoch().epoch);
        if (transactions.lastError() != null)
            out.put("lastError", transactions.lastError().getClass().getSimpleName());
        if (transactions.hasUnresolvedSequences())
            out.put("unresolved", true);
        for (Iterator<Map.Entry<String, TransactionalRequestResult>> each = waiting.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, TransactionalRequestResult> call = each.next();
            TransactionalRequestResult result = call.getValue();
            if (!result.isCompleted())
                continue;
            each.remove();
            out.put("result_" + call.getKey(), result.isSuccessful() ? "ok" : result.error().getClass().getSimpleName());
            // What KafkaProducer does when its await is over; without it the next call is refused.
            if (call.getKey().equals("init") && result.isSuccessful())
                transactions.maybeUpdateTransactionV2Enabled(true);
            try {
                result.await(0, TimeUnit.MILLISECONDS, "a script");
            } catch (RuntimeException e) {
                // The state line has told of it.
            }
        }
    }

    private Map<String, Object> showPartition(TopicPartition name) {
        Map<String, Object> shown = new LinkedHashMap<>();
        Deque<ProducerBatch> queue = accumulator.getDeque(name);
        if (queue != null && !queue.isEmpty())
            shown.put("q", Shown.batches(queue, startMs));
        List<ProducerBatch> inFlight = sender.inFlightBatches(name);
        if (!inFlight.isEmpty())
            shown.put("f", Shown.batches(inFlight, startMs));
        if (transactions != null && ((TxnPartitionMap) Private.get(TransactionManager.class, transactions, "txnPartitionMap")).contains(name)) {
            shown.put("next", transactions.sequenceNumber(name));
            shown.put("ack", transactions.lastAckedSequence(name).orElse(-1));
            shown.put("aoff", transactions.lastAckedOffset(name).orElse(-1));
            if (transactions.firstInFlightSequence(name) >= 0)
                shown.put("first", transactions.firstInFlightSequence(name));
            shown.put("pe", List.of(transactions.producerIdAndEpoch(name).producerId, transactions.producerIdAndEpoch(name).epoch));
            if (transactions.hasUnresolvedSequence(name))
                shown.put("unres", true);
        }
        if (((Set<?>) Private.get(RecordAccumulator.class, accumulator, "muted")).contains(name))
            shown.put("muted", true);
        return shown;
    }
}
