package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.common.utils.ExponentialBackoff;

import java.util.function.DoubleSupplier;

/**
 * ExponentialBackoff with jitter from the script's generator; without jitter it is Kafka's own. The factor is computed
 * from the draw as ThreadLocalRandom.nextDouble(origin, bound) does it.
 */
public final class ScriptedBackoff extends ExponentialBackoff {
    private static final int BASE = 2;

    private final double initial;
    private final double largest;
    private final double largestExponent;
    private final double jitter;
    private final DoubleSupplier draws;

    /** Draws are in [0, 1). */
    public ScriptedBackoff(long initialMs, long maxMs, double jitter, DoubleSupplier draws) {
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
        double least = 1 - jitter;
        double bound = 1 + jitter;
        double factor = draws.getAsDouble() * (bound - least) + least;
        if (factor >= bound)
            factor = Math.nextDown(bound);
        double term = initial * Math.pow(BASE, Math.min(attempts, largestExponent));
        return Math.min((long) (factor * term), (long) largest);
    }
}
