#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "producer/producer_record.h"
#include "producer/record_completion.h"

namespace linger {

/// All that an interceptor remembers between records; copied with its producer.
struct InterceptorState {
  std::map<std::string, std::int64_t, std::less<>> counters;
};

/// What became of a record, as an interceptor and a callback are told it (Kafka: RecordMetadata and the exception).
struct Acknowledgement {
  RecordCompletion report;
  std::string_view topic;
  const KafkaError* error = nullptr;  ///< null: success
};

/// Sees, and may change, records on their way in, and sees their reports (Kafka: ProducerInterceptor). Objects never
/// change; what they remember is the state that is passed in. They are called in the order in which interceptor.classes
/// lists them.
class ProducerInterceptor {
 public:
  virtual ~ProducerInterceptor() = default;
  /// Before anything else in send. Bytes, since records come serialized.
  virtual void on_send(InterceptorState& state, ProducerRecord& record) const = 0;
  /// Before the application's callback; also for a send that failed or threw.
  virtual void on_acknowledgement(InterceptorState& state, const Acknowledgement& acknowledgement) const = 0;
};

}  // namespace linger
