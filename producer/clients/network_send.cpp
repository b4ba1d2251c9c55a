#include "producer/clients/network_send.h"

#include <algorithm>
#include <utility>

namespace linger {

NetworkSend::NetworkSend(Bytes bytes, std::vector<Part> parts) : bytes_(std::move(bytes)), parts_(std::move(parts)) {
  size_ = bytes_.size();
  for (const Part& part : parts_) size_ += part.records.size;
}

std::size_t NetworkSend::pull(std::size_t max_bytes, SlotReader& slots, Bytes& out) {
  std::size_t left = std::min(max_bytes, remaining());
  const std::size_t pulled = left;
  sent_ += pulled;
  while (left > 0) {
    const bool has_part = next_part_ < parts_.size();
    const std::size_t held_until = has_part ? parts_[next_part_].at : bytes_.size();
    if (next_byte_ < held_until) {
      const std::size_t count = std::min(left, held_until - next_byte_);
      const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(next_byte_);
      out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
      next_byte_ += count;
      left -= count;
      continue;
    }
    const BatchBytes& records = parts_[next_part_].records;
    const std::size_t count = std::min(left, records.size - sent_of_part_);
    const BytesView content = slots.read(records);
    const auto there = content.subspan(std::min(sent_of_part_, content.size()));
    const std::size_t copied = std::min(count, there.size());
    out.insert(out.end(), there.begin(), there.begin() + static_cast<std::ptrdiff_t>(copied));
    out.resize(out.size() + (count - copied));
    sent_of_part_ += count;
    left -= count;
    if (sent_of_part_ == records.size) {
      ++next_part_;
      sent_of_part_ = 0;
    }
  }
  return pulled;
}

}  // namespace linger
