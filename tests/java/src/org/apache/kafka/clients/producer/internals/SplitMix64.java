package org.apache.kafka.clients.producer.internals;

/** The generator that both sides of a comparison draw from, one for each use. */
public final class SplitMix64 {
    private long state;

    public SplitMix64(long seed) {
        state = seed;
    }

    public long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** In [0, 1). */
    public double nextUnit() {
        return (next() >>> 11) * 0x1.0p-53;
    }
}
