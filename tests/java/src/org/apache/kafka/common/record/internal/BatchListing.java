package org.apache.kafka.common.record.internal;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;
import org.apache.kafka.common.utils.Utils;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is said of a batch and its records. */
final class BatchListing {
    private BatchListing() { }

    /** What Java's reader finds in the bytes of one batch, or the class of what it throws. */
    static Map<String, Object> of(byte[] bytes) {
        if (bytes.length == 0)
            return nothing();
        try {
            Iterator<MutableRecordBatch> batches = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator();
            RecordBatch batch = batches.next();
            if (batches.hasNext() || batch.sizeInBytes() != bytes.length)
                return Map.of("fault", "not one batch");
            batch.ensureValid();
            Map<String, Object> out = head(batch.compressionType(), batch.timestampType(), batch.baseOffset(), batch.lastOffset(), batch.partitionLeaderEpoch());
            putProducer(out, batch.producerId(), batch.producerEpoch(), batch.baseSequence(), batch.isTransactional());
            out.put("control", batch.isControlBatch());
            out.put("delete_horizon", batch.deleteHorizonMs().isPresent() ? batch.deleteHorizonMs().getAsLong() : null);
            out.put("records", records(batch));
            return out;
        } catch (RuntimeException e) {
            return Map.of("fault", e.toString());
        }
    }

    static Map<String, Object> nothing() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("nothing", true);
        return out;
    }

    static Map<String, Object> head(CompressionType codec, TimestampType time, long baseOffset, long lastOffset, int leaderEpoch) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("codec", codec.name);
        out.put("append_time", time == TimestampType.LOG_APPEND_TIME);
        out.put("offsets", List.of(baseOffset, lastOffset));
        out.put("leader_epoch", leaderEpoch);
        return out;
    }

    static void putProducer(Map<String, Object> out, long id, short epoch, int sequence, boolean transactional) {
        out.put("producer", List.of(id, epoch, sequence));
        out.put("transactional", transactional);
    }

    static List<Object> record(long offset, long time, int sequence, ByteBuffer key, ByteBuffer value, Header[] headers) {
        List<Object> list = new ArrayList<>();
        for (Header header : headers)
            list.add(Arrays.asList(shown(header.key().getBytes(StandardCharsets.UTF_8)), shown(header.value())));
        return new ArrayList<>(Arrays.asList(offset, time, sequence, shown(Utils.toNullableArray(key)), shown(Utils.toNullableArray(value)), list));
    }

    private static List<Object> records(RecordBatch batch) {
        List<Object> list = new ArrayList<>();
        try (CloseableIterator<Record> records = batch.streamingIterator(BufferSupplier.create())) {
            while (records.hasNext()) {
                Record record = records.next();
                List<Object> line = record(record.offset(), record.timestamp(), record.sequence(), record.key(), record.value(), record.headers());
                if (batch.isControlBatch()) {
                    ControlRecordType type = ControlRecordType.parse(record.key());
                    line.add(type.name());
                    if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT)
                        line.add(EndTransactionMarker.deserialize(record).coordinatorEpoch());
                }
                list.add(line);
            }
        }
        return list;
    }

    private static String shown(byte[] bytes) {
        return bytes == null ? null : bytes.length + ":" + HexFormat.of().toHexDigits(fingerprint(bytes));
    }

    /** FNV-1a with 64 bits. */
    private static long fingerprint(byte[] bytes) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : bytes)
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        return hash;
    }
}
