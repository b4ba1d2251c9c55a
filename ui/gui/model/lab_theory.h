#pragma once

#include <cstdint>

namespace linger::gui {

/// What becomes of a record that is tried `attempts` times, where a request and an answer are each lost with `loss` and
/// nothing else goes wrong. Shares of all records. Requires 0 <= loss <= 1, attempts >= 1.
struct Shares {
  double failed_absent = 0;   ///< every request was lost: p^n
  double failed_present = 0;  ///< every attempt failed, and some request came through: (1 - (1-p)^2)^n - p^n
  double duplicated = 0;      ///< two requests or more came through, with nothing that recognises them
};
Shares theory_of_loss(double loss, int attempts);

/// A producer that always has more to send, over one connection to one partition.
struct Pipe {
  std::int64_t batch_size = 16384;  ///< bytes
  std::int64_t record_bytes = 110;  ///< in a batch
  std::int64_t batch_header = 61;
  int in_flight = 5;
  int acks = 1;             ///< 0, 1, or -1 for all
  double delay_s = 0.0005;  ///< one way
  double bytes_per_second = 12.5e6;
  double request_s = 20e-6;  ///< a broker's work for a request
};
/// How many records fit into a batch; a record that is too large has one to itself.
std::int64_t records_in(const Pipe& pipe);
/// Records a second: k n / (h d + c (S/β + t0)), and no more than the link carries. h = 2 ways and c = 1 copy with
/// acks=1; twice that with acks=all, where followers fetch before the answer; with acks=0 only the link counts.
double theory_of_throughput(const Pipe& pipe);

/// Records in a request: those that come while the batch waits for linger.ms, and no more than fit.
double theory_of_linger(double linger_ms, double per_ms, double fit);

}  // namespace linger::gui
