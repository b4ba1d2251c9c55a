#pragma once

#include <cstdint>

#include "sim/time.h"

namespace linger::broker {

/// What work costs on a modelled host. Sources: (a) Kafka's own request metrics on commodity servers, RequestQueue +
/// LocalTime medians of tens of microseconds for small produce and fetch requests; (b) about 1 GB/s for a JVM's CRC32C
/// plus two copies; (c) Linux vm.dirty_expire_centisecs = 3000. They make batching, linger and acks visible in latency;
/// no rule of the protocol depends on them.
struct CostModel {
  sim::Duration request = sim::Duration::us(20);  ///< any request, before its bytes (a)
  std::int64_t bytes_per_microsecond = 1000;      ///< parsing, checksum, copying (b)
  sim::Duration metadata_write =
      sim::Duration::us(200);  ///< controller: append and commit locally (a small fsync on NVMe)
  sim::Duration fetch_answer = sim::Duration::us(10);         ///< follower: taking in an answer that holds records (a)
  sim::Duration page_cache_writeback = sim::Duration::s(30);  ///< until the kernel writes a dirty page by itself (c)

  constexpr sim::Duration for_bytes(std::size_t bytes) const {
    return sim::Duration::ns(static_cast<std::int64_t>(bytes) * 1000 / bytes_per_microsecond);
  }
  friend constexpr bool operator==(const CostModel&, const CostModel&) = default;
};

}  // namespace linger::broker
