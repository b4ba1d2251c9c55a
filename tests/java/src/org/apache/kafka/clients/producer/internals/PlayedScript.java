package org.apache.kafka.clients.producer.internals;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.Map;

/** What the commands behind one "config" line act upon. */
public interface PlayedScript extends AutoCloseable {
    /** Carries out one command and puts what it saw into the answer. */
    void run(JsonNode command, Map<String, Object> out) throws Exception;

    /** Puts the state behind the command into the answer. */
    void showState(Map<String, Object> out);

    /** How an exception of run is shown. */
    Object describe(Throwable error);

    @Override
    void close();
}
