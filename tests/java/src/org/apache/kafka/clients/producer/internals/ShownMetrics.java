package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.Metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Metrics by their full names, as they are at this moment. */
public final class ShownMetrics {
    /** Enough for any double. */
    private static final int MOST_DIGITS = 17;

    private ShownMetrics() { }

    public static Map<String, String> of(Metrics metrics, Predicate<MetricName> chosen) {
        Map<String, String> shown = new TreeMap<>();
        for (KafkaMetric metric : metrics.metrics().values()) {
            if (chosen.test(metric.metricName()))
                shown.put(fullName(metric.metricName()), valueOf(metric));
        }
        return shown;
    }

    /** "group:name:tag=value,tag=value". */
    private static String fullName(MetricName name) {
        StringBuilder tags = new StringBuilder();
        new TreeMap<>(name.tags()).forEach((tag, value) -> tags.append(tags.length() == 0 ? "" : ",").append(tag).append('=').append(value));
        return name.group() + ":" + name.name() + ":" + tags;
    }

    private static String valueOf(KafkaMetric metric) {
        try {
            Object value = metric.metricValue();
            return value instanceof Double ? shortest((Double) value) : String.valueOf(value);
        } catch (RuntimeException e) {
            return e.getClass().getSimpleName();
        }
    }

    /** Double.toString with the fewest digits, as JDK 19 and later have it. */
    private static String shortest(double value) {
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value))
            return Double.toString(value);
        BigDecimal exact = new BigDecimal(value);
        BigDecimal rounded = exact;
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value)
                break;
        }
        rounded = rounded.stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= -3 && exponent < 7) {
            String plain = rounded.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = rounded.unscaledValue().abs().toString();
        return (value < 0 ? "-" : "") + digits.charAt(0) + "." + (digits.length() > 1 ? digits.substring(1) : "0") + "E" + exponent;
    }
}
