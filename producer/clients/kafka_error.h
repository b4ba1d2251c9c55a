#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "protocol/error_code.h"

namespace linger {

/// Which branch of Java's exception tree an error stands on. KafkaProducer.send answers an ApiException with a failed
/// future and throws everything else.
enum class ErrorFamily : std::uint8_t {
  api,    ///< org.apache.kafka.common.errors.ApiException and what extends it
  kafka,  ///< another KafkaException
  java,   ///< IllegalStateException, IllegalArgumentException and the like
};

/// What Java throws, as a value: the simple name of the exception class and its sentence.
struct KafkaError {
  ErrorFamily family = ErrorFamily::kafka;
  std::string exception;  ///< "TimeoutException"
  std::string message;
  ErrorCode code =
      ErrorCode::unknown_server_error;  ///< the wire's number for it, where it has one (Java: Errors.forException)
  friend bool operator==(const KafkaError&, const KafkaError&) = default;
};

/// The exception that stands for an error code. Requires: error is not none.
inline KafkaError api_error(ErrorCode error, std::string message) {
  return KafkaError{ErrorFamily::api, std::string(exception_name(error)), std::move(message), error};
}
inline KafkaError api_error(ErrorCode error) {
  return api_error(error, std::string(error_message(error)));
}

/// A KafkaException that is no ApiException: send() throws it.
inline KafkaError kafka_exception(std::string message) {
  return KafkaError{ErrorFamily::kafka, "KafkaException", std::move(message), ErrorCode::unknown_server_error};
}

/// java.lang.IllegalStateException: the caller used the client wrongly.
inline KafkaError illegal_state(std::string message) {
  return KafkaError{ErrorFamily::java, "IllegalStateException", std::move(message), ErrorCode::unknown_server_error};
}

/// java.lang.IllegalArgumentException: a value that no call may carry.
inline KafkaError illegal_argument(std::string message) {
  return KafkaError{ErrorFamily::java, "IllegalArgumentException", std::move(message), ErrorCode::unknown_server_error};
}

/// java.lang.ArithmeticException: a remainder by zero.
inline KafkaError division_by_zero() {
  return KafkaError{ErrorFamily::java, "ArithmeticException", "/ by zero", ErrorCode::unknown_server_error};
}

}  // namespace linger
