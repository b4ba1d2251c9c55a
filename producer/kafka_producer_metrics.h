#pragma once

#include <cstdint>

#include "producer/metrics/metric.h"

namespace linger {

/// Nanoseconds that calls of the application took (Kafka: KafkaProducerMetrics). On a virtual clock only waiting takes
/// time, so that beginTransaction, which never waits, counts as nothing.
struct KafkaProducerMetrics {
  double flush_ns = 0;
  double metadata_wait_ns = 0;  ///< of waits that ended with metadata
  // Of calls that succeeded.
  double txn_init_ns = 0;
  double txn_begin_ns = 0;
  double txn_send_offsets_ns = 0;
  double txn_commit_ns = 0;
  double txn_abort_ns = 0;

  void list(MetricList& out) const;
};

}  // namespace linger
