#include "producer/java_math.h"

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace linger {
namespace {

/// A number as the unevaluated sum of two doubles: 106 bits.
struct Pair {
  double high = 0;
  double low = 0;
};

Pair quick_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

Pair two_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

Pair split(double a) {
  const double shifted = 134217729.0 * a;
  const double high = shifted - (shifted - a);
  return {high, a - high};
}

Pair two_product(double a, double b) {
  const double product = a * b;
  const Pair x = split(a);
  const Pair y = split(b);
  return {product, ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low};
}

Pair operator+(Pair a, Pair b) {
  Pair sum = two_sum(a.high, b.high);
  const Pair rest = two_sum(a.low, b.low);
  sum = quick_two_sum(sum.high, sum.low + rest.high);
  return quick_two_sum(sum.high, sum.low + rest.low);
}

Pair operator*(Pair a, Pair b) {
  const Pair product = two_product(a.high, b.high);
  return quick_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

Pair operator/(Pair a, Pair b) {
  const double first = a.high / b.high;
  Pair rest = a + Pair{-first, 0} * b;
  const double second = rest.high / b.high;
  rest = rest + Pair{-second, 0} * b;
  const double third = rest.high / b.high;
  return quick_two_sum(first, second) + Pair{third, 0};
}

constexpr Pair ln_2{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

Pair log_of(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752440) {
    mantissa *= 2;
    --exponent;
  }
  const Pair ratio = two_sum(mantissa, -1) / two_sum(mantissa, 1);
  const Pair square = ratio * ratio;
  Pair sum{0, 0};
  for (int term = 81; term >= 1; term -= 2) {
    sum = sum * square + Pair{1, 0} / Pair{static_cast<double>(term), 0};
  }
  const Pair log_mantissa = Pair{2, 0} * ratio * sum;
  return Pair{static_cast<double>(exponent), 0} * ln_2 + log_mantissa;
}

double exp_of(Pair x) {
  const double turns = std::floor(x.high / ln_2.high + 0.5);
  Pair rest = x + Pair{-turns, 0} * ln_2;
  constexpr double scale = 0x1.0p-6;
  rest = rest * Pair{scale, 0};
  Pair sum{1, 0};
  for (int term = 20; term >= 1; --term) {
    sum = Pair{1, 0} + rest * sum / Pair{static_cast<double>(term), 0};
  }
  for (int doubling = 0; doubling < 6; ++doubling) {
    sum = sum * sum;
  }
  return std::ldexp(sum.high + sum.low, static_cast<int>(turns));
}

double rounded_log(double x) {
  const Pair log = log_of(x);
  return log.high + log.low;
}

/// One answer that was worked out before. x is never 0, so an empty one answers nothing.
struct Remembered {
  double x = 0;
  double y = 0;
  double value = 0;
};

/// The latest answers, each in the place that its arguments name. A producer asks for the same few powers millions of times, and each costs thousands
/// of instructions.
template <std::size_t places>
struct Memory {
  std::array<Remembered, places> answers;

  Remembered& slot(double x, double y) {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    static_assert(std::has_single_bit(places));
    // The upper bits of a product depend on all of its factors; round numbers have nothing but zeros below.
    const std::uint64_t mixed = (std::bit_cast<std::uint64_t>(x) * odd + std::bit_cast<std::uint64_t>(y)) * odd;
    return answers[mixed >> (65 - std::bit_width(places))];
  }
};

}  // namespace

double java_log(double x) {
  assert(x > 0 && std::isfinite(x));
  thread_local constinit Memory<64> memory{};
  Remembered& known = memory.slot(x, 0);
  if (known.x != x) known = {x, 0, rounded_log(x)};
  return known.value;
}

double java_pow(double base, double exponent) {
  assert(base > 0 && std::isfinite(base) && std::isfinite(exponent));
  if (base == 2 && exponent == std::floor(exponent)) {
    return std::ldexp(1.0, static_cast<int>(exponent));
  }
  thread_local constinit Memory<256> memory{};
  Remembered& known = memory.slot(base, exponent);
  if (known.x != base || known.y != exponent) known = {base, exponent, exp_of(Pair{exponent, 0} * log_of(base))};
  return known.value;
}

}  // namespace linger
