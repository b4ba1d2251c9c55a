package org.apache.kafka.clients;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.kafka.common.network.Selectable;

import java.util.Map;

/** What NetworkClient stands on, with the network as the script wants it. */
interface ScriptedConnections {
    Selectable selectable();

    /** The next poll does as the command says. */
    void plan(JsonNode command);

    /** The timeout that the planned poll's select was called with; null when it was not called. */
    Long asked();

    /** Puts what the client asked of its connections since the last call into the answer. */
    void show(Map<String, Object> out);
}
