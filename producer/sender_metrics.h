#pragma once

#include <algorithm>
#include <cstdint>

namespace linger {

/// A value that is averaged, with its largest.
struct MeasuredValue {
  std::int64_t count = 0;
  std::int64_t sum = 0;
  std::int64_t max = 0;

  void record(std::int64_t value) {
    ++count;
    sum += value;
    max = std::max(max, value);
  }
};

/// What Kafka's SenderMetricsRegistry counts, as totals since the start.
struct SenderMetrics {
  MeasuredValue batch_size;           ///< bytes
  MeasuredValue record_queue_time;    ///< ms from creation to drain, a batch
  MeasuredValue request_latency;      ///< ms
  MeasuredValue records_per_request;  ///< its sum is record-send-total
  MeasuredValue record_size;          ///< bytes of the largest record, a batch
  double compression_rate_sum = 0;    ///< over batch_size.count batches
  std::int64_t record_retry_total = 0;
  std::int64_t record_error_total = 0;
  std::int64_t batch_split_total = 0;
  std::int64_t batch_retry_total = 0;  ///< not Kafka's: batches, where Kafka counts records
  std::int64_t batch_expired_total = 0;
};

}  // namespace linger
