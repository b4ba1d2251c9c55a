#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "producer/metrics/metric.h"
#include "ui/gui/model/focus.h"
#include "ui/gui/model/session.h"

namespace linger::gui {

/// A batch that a producer still knows.
struct BatchFacts {
  std::uint64_t number = 0;
  std::string partition;
  std::int32_t records = 0, bytes = 0, batch_size = 0;
  std::int32_t attempts = 0;  ///< how often it was sent
  bool open = false;          ///< takes more records
  bool in_flight = false;     ///< in a request that is not answered
  std::int32_t first_seq = -1, last_seq = -1;
  std::int64_t waited_ms = 0;  ///< since it was created or came back
  std::int64_t linger_left_ms = 0;
  std::int64_t deadline_left_ms = 0;  ///< of delivery.timeout.ms
  bool holds_selected = false;
};

/// A request that waits for its answer.
struct RequestFacts {
  std::string api;
  bool produce = false;
  std::size_t batches = 0;
  std::string partition;                                    ///< of its first batch
  std::int64_t first_seq = -1, last_seq = -1, attempt = 1;  ///< of its first batch
  std::int64_t waits_ms = 0;
};

struct ConnectionFacts {
  enum class State : std::uint8_t { connecting, api_versions, ready, lost };
  std::int32_t node = -1;
  State state = State::ready;
  std::vector<RequestFacts> in_flight;
};

/// What a partition's sequences are, as the producer sees them.
struct SequenceFacts {
  std::string partition;
  std::int32_t next = 0;
  std::optional<std::int32_t> last_acked;
};

/// A producer at one moment.
struct ProducerFacts {
  std::string name;
  bool alive = true, closed = false;
  bool idempotent = false;
  std::int16_t acks = -1;
  std::int64_t producer_id = -1, epoch = -1;
  std::vector<SequenceFacts> sequences;  ///< of partitions that were written to; empty when not idempotent
  std::string transactional_id, transaction_state;
  std::int64_t batch_size = 0, linger_ms = 0, delivery_timeout_ms = 0;
  std::int64_t max_in_flight = 5;
  std::vector<BatchFacts> batches;  ///< as they were created
  std::vector<ConnectionFacts> connections;
  std::int64_t memory_used = 0, memory_total = 0;
  std::size_t waiting_for_memory = 0;
};

/// A producer as it was at this moment. Requires that there is one of this number.
ProducerFacts producer_facts(Session& session, const Cursor& cursor, std::uint32_t producer,
                             std::optional<scenarios::RecordIndex> selected = std::nullopt);

/// Its metrics as reading them at this moment would give.
std::vector<Metric> producer_metrics(Session& session, const Cursor& cursor, std::uint32_t producer);

}  // namespace linger::gui
