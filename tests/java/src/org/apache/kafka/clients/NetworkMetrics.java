package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.clients.producer.internals.KafkaProducerMetrics;
import org.apache.kafka.clients.producer.internals.Private;
import org.apache.kafka.clients.producer.internals.ProducerMetadata;
import org.apache.kafka.clients.producer.internals.Sender;
import org.apache.kafka.clients.producer.internals.SenderMetricsRegistry;
import org.apache.kafka.clients.producer.internals.ShownMetrics;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.MockTime;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The metrics of a producer that sends nothing through its Sender: the network's, Sender's gauges, KafkaProducer's. */
final class NetworkMetrics {
    private final MockTime time;
    private final Metrics metrics;
    private final SenderMetricsRegistry senderMetrics;
    private final Sensor throttleTime;
    private final KafkaProducerMetrics calls;
    private Object sensors;
    private Method recordLatency;

    NetworkMetrics(JsonNode config, MockTime time) {
        this.time = time;
        metrics = new Metrics(new MetricConfig()
            .samples(Json.integer(config, "metrics_num_samples", 2))
            .timeWindow(Json.number(config, "metrics_sample_window_ms", 30000), TimeUnit.MILLISECONDS)
            .tags(Map.of("client-id", "client")), new ArrayList<>(), time);
        senderMetrics = new SenderMetricsRegistry(metrics);
        throttleTime = Sender.throttleTimeSensor(senderMetrics);
        calls = new KafkaProducerMetrics(metrics);
    }

    Metrics registry() {
        return metrics;
    }

    Sensor throttleTime() {
        return throttleTime;
    }

    /** From now on Sender's gauges show this client's requests and this metadata's age. */
    void watch(KafkaClient client, ProducerMetadata metadata) {
        Sender sender = new Sender(new LogContext(), client, metadata, null, false, 1, (short) -1, 0, senderMetrics, time, 1, 1, null);
        sensors = Private.get(Sender.class, sender, "sensors");
        try {
            recordLatency = sensors.getClass().getMethod("recordLatency", String.class, long.class);
            recordLatency.setAccessible(true);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What Sender does with the answer to a Produce request. */
    void latency(ClientResponse response) {
        try {
            recordLatency.invoke(sensors, response.destination(), response.requestLatencyMs());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    void took(String call, long ns) {
        switch (call) {
            case "flush":
                calls.recordFlush(ns);
                break;
            case "metadata-wait":
                calls.recordMetadataWait(ns);
                break;
            case "txn-init":
                calls.recordInit(ns);
                break;
            case "txn-begin":
                calls.recordBeginTxn(ns);
                break;
            case "txn-send-offsets":
                calls.recordSendOffsets(ns);
                break;
            case "txn-commit":
                calls.recordCommitTxn(ns);
                break;
            case "txn-abort":
                calls.recordAbortTxn(ns);
                break;
            default:
                throw new IllegalArgumentException("no such call: " + call);
        }
    }

    /** Not those of a real thread's time, of select and of authentication, which docs/metrics.md calls not applicable. */
    private static boolean isShown(MetricName name) {
        return !name.group().equals("kafka-metrics-count") && !name.name().matches("(io|select)-.*|.*authentication.*");
    }

    Map<String, String> shown() {
        return ShownMetrics.of(metrics, NetworkMetrics::isShown);
    }

    void close() {
        metrics.close();
    }
}
