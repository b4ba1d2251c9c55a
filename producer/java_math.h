#pragma once

namespace linger {

/// Natural logarithm as Java's Math.log gives it: worked out to about 100 bits and rounded once, so that every compiler
/// and machine gets the same bits. Requires: x > 0 and finite.
double java_log(double x);

/// base to the power of exponent as Java's Math.pow gives it, by the same means. Requires: base > 0, both finite, a
/// result within the range of normal numbers.
double java_pow(double base, double exponent);

}  // namespace linger
