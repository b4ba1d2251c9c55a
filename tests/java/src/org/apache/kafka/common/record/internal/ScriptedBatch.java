package org.apache.kafka.common.record.internal;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.Json;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Utils;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One line of a script: builds its batch as ProducerBatch and the brokers do, and says what a reader must find. */
final class ScriptedBatch {
    /** The estimated size after each record; negative if there was no room for it. */
    final List<Integer> estimates = new ArrayList<>();

    private final JsonNode line;
    private final CompressionType codec;
    private final TimestampType timestampType;
    private final long appendTime;
    private final long baseOffset;
    private final int leaderEpoch;
    /** Who the batch's header names in the end. */
    private Producer producer;
    private final List<Object> records = new ArrayList<>();

    private static final class Producer {
        final long id;
        final short epoch;
        final int sequence;
        final boolean transactional;

        Producer(JsonNode node) {
            id = Json.number(node, "producer_id", RecordBatch.NO_PRODUCER_ID);
            epoch = (short) Json.integer(node, "epoch", RecordBatch.NO_PRODUCER_EPOCH);
            sequence = Json.integer(node, "sequence", RecordBatch.NO_SEQUENCE);
            transactional = Json.flag(node, "transactional", false);
        }
    }

    ScriptedBatch(JsonNode line) {
        this.line = line;
        codec = CompressionType.forName(Json.text(line, "codec", "none"));
        timestampType = line.has("append_time") || Json.flag(line, "append", false) ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        appendTime = Json.number(line, "append_time", RecordBatch.NO_TIMESTAMP);
        baseOffset = Json.number(line, "base_offset", 0);
        leaderEpoch = Json.integer(line, "leader_epoch", RecordBatch.NO_PARTITION_LEADER_EPOCH);
        producer = new Producer(line.get("producer").path("made"));
    }

    /** The batch's bytes; fills the estimates. */
    byte[] build() {
        if (line.has("emptied"))
            return buildEmptied();
        JsonNode later = line.get("producer");
        MemoryRecordsBuilder builder = builder();
        List<Object[]> appended = new ArrayList<>();
        if (line.has("control")) {
            for (JsonNode control : line.get("control"))
                appended.add(appendControl(builder, control));
        } else {
            for (JsonNode record : line.get("records")) {
                Object[] done = append(builder, record);
                if (done != null)
                    appended.add(done);
            }
        }
        if (later.has("closed") && later.get("closed").size() > 0) {
            producer = new Producer(later.get("closed"));
            builder.setProducerState(producer.id, producer.epoch, producer.sequence, producer.transactional);
        }
        builder.close();
        if (later.has("reopened")) {
            producer = new Producer(later.get("reopened"));
            builder.reopenAndRewriteProducerState(producer.id, producer.epoch, producer.sequence, producer.transactional);
            builder.close();
        }
        for (Object[] one : appended)
            list(one);
        return Utils.toArray(builder.build().buffer());
    }

    Map<String, Object> expectedListing() {
        if (records.isEmpty() && !line.has("emptied"))
            return BatchListing.nothing();
        long lastDelta = line.has("emptied") ? line.get("last_delta").asLong() : records.size() - 1;
        Map<String, Object> out = BatchListing.head(codec, timestampType, baseOffset, baseOffset + lastDelta, leaderEpoch);
        BatchListing.putProducer(out, producer.id, producer.epoch, producer.sequence, producer.transactional);
        out.put("control", isControl());
        out.put("delete_horizon", line.has("delete_horizon") ? line.get("delete_horizon").asLong() : null);
        out.put("records", records);
        return out;
    }

    private boolean isControl() {
        return line.has("emptied") ? line.get("control").asBoolean() : line.has("control");
    }

    private MemoryRecordsBuilder builder() {
        int position = Json.integer(line, "position", 0);
        byte[] stale = new byte[Math.max(Json.integer(line, "capacity", 0), position)];
        Arrays.fill(stale, (byte) 0xAA);
        ByteBuffer buffer = ByteBuffer.wrap(stale);
        buffer.position(position);
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(buffer), RecordBatch.CURRENT_MAGIC_VALUE, compression(), timestampType,
            baseOffset, appendTime, producer.id, producer.epoch, producer.sequence, producer.transactional, isControl(), leaderEpoch,
            Json.integer(line, "limit", Integer.MAX_VALUE), Json.number(line, "delete_horizon", RecordBatch.NO_TIMESTAMP));
        builder.setEstimatedCompressionRatio(line.has("ratio") ? (float) line.get("ratio").asDouble() : 1.0f);
        return builder;
    }

    private Compression compression() {
        int level = Json.integer(line, "level", 0);
        switch (codec) {
            case GZIP:
                return Compression.gzip().level(level).build();
            case LZ4:
                return Compression.lz4().level(level).build();
            case ZSTD:
                return Compression.zstd().level(level).build();
            default:
                return Compression.of(codec).build();
        }
    }

    /** As ProducerBatch.tryAppend; gives null if there was no room. */
    private Object[] append(MemoryRecordsBuilder builder, JsonNode record) {
        long time = record.get(0).asLong();
        byte[] key = BatchWords.expand(record.get(1));
        byte[] value = BatchWords.expand(record.get(2));
        List<Header> list = new ArrayList<>();
        for (JsonNode header : record.get(3))
            list.add(new RecordHeader(header.get(0).asText(), BatchWords.expand(header.get(1))));
        Header[] headers = list.toArray(new Header[0]);
        ByteBuffer keyBuffer = Utils.wrapNullable(key);
        ByteBuffer valueBuffer = Utils.wrapNullable(value);
        if (!builder.hasRoomFor(time, keyBuffer, valueBuffer, headers)) {
            estimates.add(-builder.estimatedSizeInBytes());
            return null;
        }
        builder.append(time, keyBuffer, valueBuffer, headers);
        estimates.add(builder.estimatedSizeInBytes());
        return new Object[] {time, keyBuffer, valueBuffer, headers, List.of()};
    }

    private Object[] appendControl(MemoryRecordsBuilder builder, JsonNode control) {
        long time = control.get("time").asLong();
        ControlRecordType type;
        ByteBuffer value;
        List<Object> more = new ArrayList<>();
        if (control.has("marker")) {
            type = ControlRecordType.valueOf(control.get("marker").asText());
            EndTransactionMarker marker = new EndTransactionMarker(type, control.get("coordinator_epoch").asInt());
            builder.appendEndTxnMarker(time, marker);
            value = marker.serializeValue();
            more.add(type.name());
            more.add(marker.coordinatorEpoch());
        } else {
            type = ControlRecordType.fromTypeId((short) control.get("type").asInt());
            value = ByteBuffer.wrap(BatchWords.expand(control.get("value")));
            builder.appendControlRecord(time, type, value.duplicate());
            more.add(type.name());
        }
        estimates.add(builder.estimatedSizeInBytes());
        return new Object[] {time, type.recordKey(), value, Record.EMPTY_HEADERS, more};
    }

    @SuppressWarnings("unchecked")
    private void list(Object[] one) {
        int index = records.size();
        long time = timestampType == TimestampType.LOG_APPEND_TIME ? appendTime : (long) one[0];
        int sequence = producer.sequence < 0 ? RecordBatch.NO_SEQUENCE : (int) (((long) producer.sequence + index) % (1L << 31));
        List<Object> entry = BatchListing.record(baseOffset + index, time, sequence, (ByteBuffer) one[1], (ByteBuffer) one[2], (Header[]) one[3]);
        entry.addAll((List<Object>) one[4]);
        records.add(entry);
    }

    private byte[] buildEmptied() {
        ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(buffer, RecordBatch.CURRENT_MAGIC_VALUE, producer.id, producer.epoch, producer.sequence, baseOffset,
            baseOffset + line.get("last_delta").asLong(), leaderEpoch, timestampType, line.get("time").asLong(), producer.transactional, isControl());
        return buffer.array();
    }
}
