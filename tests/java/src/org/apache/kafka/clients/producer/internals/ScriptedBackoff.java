package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.common.utils.ExponentialBackoff;

/** ExponentialBackoff with jitter from the script's generator; without jitter it is Kafka's own. */
final class ScriptedBackoff extends ExponentialBackoff {
    private static final int BASE = 2;

    private final double initial;
    private final double largest;
    private final double largestExponent;
    private final double jitter;
    private final SplitMix64 draws;

    ScriptedBackoff(long initialMs, long maxMs, double jitter, SplitMix64 draws) {
        super(initialMs, BASE, maxMs, jitter);
        this.initial = Math.min(initialMs, maxMs);
        this.largest = maxMs;
        this.largestExponent = maxMs > initialMs ? Math.log(maxMs / (double) Math.max(initialMs, 1)) / Math.log(BASE) : 0;
        this.jitter = jitter;
        this.draws = draws;
    }

    @Override
    public long backoff(long attempts) {
        if (largestExponent == 0)
            return (long) initial;
        if (jitter == 0)
            return super.backoff(attempts);
        double factor = 1 - jitter + 2 * jitter * draws.nextUnit();
        double term = factor * initial * Math.pow(BASE, Math.min(attempts, largestExponent));
        return Math.min((long) term, (long) largest);
    }
}
