#include "ui/gui/model/lab_theory.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace linger::gui {

Shares theory_of_loss(double loss, int attempts) {
  assert(loss >= 0 && loss <= 1 && attempts >= 1);
  const double ok = (1 - loss) * (1 - loss);
  const double none = std::pow(loss, attempts);
  Shares shares;
  shares.failed_absent = none;
  shares.failed_present = std::pow(1 - ok, attempts) - none;
  // One copy: the first request that comes through is answered, or it alone comes through and its answer is lost.
  double one = attempts * std::pow(loss, attempts - 1) * (1 - loss) * loss;
  for (int i = 0; i < attempts; ++i) one += std::pow(loss, i) * ok;
  shares.duplicated = std::max(0.0, 1 - none - one);
  return shares;
}

std::int64_t records_in(const Pipe& pipe) {
  return std::max<std::int64_t>(1, (pipe.batch_size - pipe.batch_header) / pipe.record_bytes);
}

double theory_of_throughput(const Pipe& pipe) {
  const auto records = static_cast<double>(records_in(pipe));
  const double bytes = records * static_cast<double>(pipe.record_bytes) + static_cast<double>(pipe.batch_header);
  const double link = pipe.bytes_per_second / bytes * records;
  if (pipe.acks == 0) return link;
  const double trips = pipe.acks == 1 ? 1 : 2;
  const double time = trips * (2 * pipe.delay_s + bytes / pipe.bytes_per_second + pipe.request_s);
  return std::min(link, pipe.in_flight * records / time);
}

double theory_of_linger(double linger_ms, double per_ms, double fit) {
  return std::min(1 + linger_ms * per_ms, fit);
}

}  // namespace linger::gui
