package org.apache.kafka.clients;

import org.apache.kafka.clients.producer.internals.Playback;

/** Plays scripts with the NetworkClient of kafka-clients. */
public final class NetworkJudge {
    private NetworkJudge() { }

    public static void main(String[] arguments) throws Exception {
        ScriptedSockets.install();
        Playback.play(NetworkScript::new);
    }
}
