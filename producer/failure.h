#pragma once

#include <utility>

#include "producer/clients/kafka_error.h"

namespace linger {

/// A Java exception on its way up through the calls of one turn of Sender. Thrown only where Java throws, caught where
/// Java catches.
class JavaThrow {
 public:
  explicit JavaThrow(KafkaError error) : error_(std::move(error)) {}
  const KafkaError& error() const { return error_; }

 private:
  KafkaError error_;
};

/// BufferExhaustedException, which is a TimeoutException.
inline KafkaError buffer_exhausted(std::string message) {
  return KafkaError{ErrorFamily::api, "BufferExhaustedException", std::move(message), ErrorCode::request_timed_out};
}

/// instanceof RetriableException.
inline bool is_retriable(const KafkaError& error) {
  return error.family == ErrorFamily::api && is_retriable(error.code);
}

/// instanceof OutOfOrderSequenceException (UnknownProducerIdException extends it).
inline bool is_out_of_order_sequence(const KafkaError& error) {
  return error.code == ErrorCode::out_of_order_sequence_number || error.code == ErrorCode::unknown_producer_id;
}

/// ClusterAuthorizationException or TransactionalIdAuthorizationException: the producer itself is refused.
inline bool is_refusal_of_producer(const KafkaError& error) {
  return error.code == ErrorCode::cluster_authorization_failed ||
         error.code == ErrorCode::transactional_id_authorization_failed;
}

/// The exceptions after which a producer with sequence numbers cannot go on
/// (TransactionManager.maybeTransitionToErrorState).
inline bool is_fatal_for_producer(const KafkaError& error) {
  return is_refusal_of_producer(error) || error.code == ErrorCode::producer_fenced ||
         error.code == ErrorCode::unsupported_version || error.code == ErrorCode::invalid_producer_id_mapping;
}

}  // namespace linger
