#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "producer/batch_bytes.h"
#include "protocol/wire.h"

namespace linger {

/// Gives the bytes that stand in a pool slot at this moment, whoever owns it by now. Passed per call.
class SlotReader {
 public:
  virtual ~SlotReader() = default;
  /// `range.size` bytes, or fewer when the slot holds no more. The view holds until the next call.
  virtual BytesView read(const BatchBytes& range) = 0;
};

/// A frame on its way into a connection (Kafka: NetworkSend). Headers and field bytes are held here; records are named
/// and stay in their slots until the connection takes them, so that a slot that is reused too early ships its new
/// content (KAFKA-19012).
class NetworkSend {
 public:
  /// Records that belong before the byte `at` of the held bytes.
  struct Part {
    std::size_t at = 0;
    BatchBytes records;
  };

  NetworkSend() = default;
  /// Requires: parts in ascending order of `at`.
  NetworkSend(Bytes bytes, std::vector<Part> parts);

  std::size_t size() const { return size_; }
  std::size_t remaining() const { return size_ - sent_; }
  bool completed() const { return sent_ == size_; }
  /// Appends at most max_bytes of what has not been taken yet and returns how many there were.
  std::size_t pull(std::size_t max_bytes, SlotReader& slots, Bytes& out);

 private:
  Bytes bytes_;
  std::vector<Part> parts_;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
  std::size_t next_byte_ = 0;     ///< of bytes_
  std::size_t next_part_ = 0;     ///< of parts_
  std::size_t sent_of_part_ = 0;  ///< bytes of parts_[next_part_] that are gone
};

}  // namespace linger
