package org.apache.kafka.common.record.internal;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.clients.producer.internals.SplitMix64;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes that a script's value stands for: null, a text, or words that describe a long value. */
final class BatchWords {
    private static final int MIXED_PART = 24_000;
    private static final String[] VOCABULARY = {
        "order", "paid", "shipped", "customer", "a", "the", "amount", "EUR", "id", "Köln", "state", "returned", "null",
        "true", "item", "x"};

    private BatchWords() { }

    static byte[] expand(JsonNode value) {
        if (value.isNull())
            return null;
        if (value.isTextual())
            return value.asText().getBytes(StandardCharsets.UTF_8);
        if (value.has("words"))
            return words(value.get("seed").asLong(), value.get("words").asInt());
        if (value.has("mixed"))
            return mixed(value.get("seed").asLong(), value.get("mixed").asInt());
        if (value.has("repeat"))
            return repeat(value.get("repeat").asText().getBytes(StandardCharsets.UTF_8), value.get("bytes").asInt());
        return random(value.get("seed").asLong(), value.get("random").asInt());
    }

    private static byte[] random(long seed, int size) {
        SplitMix64 chance = new SplitMix64(seed);
        byte[] out = new byte[size];
        for (int i = 0; i < size; ) {
            long drawn = chance.next();
            for (int shift = 0; shift < 64 && i < size; shift += 8)
                out[i++] = (byte) (drawn >>> shift);
        }
        return out;
    }

    private static byte[] words(long seed, int size) {
        SplitMix64 chance = new SplitMix64(seed);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < size) {
            long drawn = chance.next();
            String word = VOCABULARY[(int) (drawn >>> 60)] + ((drawn & 7) == 0 ? String.valueOf(drawn >>> 8 & 0xffff) : "") + " ";
            text.writeBytes(word.getBytes(StandardCharsets.UTF_8));
        }
        return Arrays.copyOf(text.toByteArray(), size);
    }

    private static byte[] mixed(long seed, int size) {
        byte[] out = new byte[size];
        for (int part = 0, at = 0; at < size; part++) {
            int here = Math.min(MIXED_PART, size - at);
            if (part % 2 == 0) {
                System.arraycopy(random(seed + part, here), 0, out, at, here);
            } else {
                for (int i = 0; i < here; i++)
                    out[at + i] = (byte) ('0' + i % 10);
            }
            at += here;
        }
        return out;
    }

    private static byte[] repeat(byte[] text, int size) {
        byte[] out = new byte[size];
        for (int i = 0; i < size; i++)
            out[i] = text[i % text.length];
        return out;
    }
}
