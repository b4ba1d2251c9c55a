package org.apache.kafka.clients.producer.internals;

/** Plays scripts with the producer's core of kafka-clients. */
public final class ProducerJudge {
    private ProducerJudge() { }

    public static void main(String[] arguments) throws Exception {
        Playback.play(ProducerScript::new);
    }
}
