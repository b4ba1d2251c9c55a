package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;

/** Members of a command that may be left out. */
public final class Json {
    private Json() { }

    public static boolean has(JsonNode command, String key) {
        return command.has(key) && !command.get(key).isNull();
    }

    public static long number(JsonNode command, String key, long otherwise) {
        return has(command, key) ? command.get(key).asLong() : otherwise;
    }

    public static int integer(JsonNode command, String key, int otherwise) {
        return (int) number(command, key, otherwise);
    }

    public static String text(JsonNode command, String key, String otherwise) {
        return has(command, key) ? command.get(key).asText() : otherwise;
    }

    public static boolean flag(JsonNode command, String key, boolean otherwise) {
        return command.has(key) ? command.get(key).asBoolean() : otherwise;
    }
}
