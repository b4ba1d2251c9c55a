#include "sim/trace.h"

#include <cassert>

namespace linger::sim {

std::uint32_t Trace::intern(std::string_view text) {
  if (!on() || text.empty()) return 0;
  const auto found = text_ids_.find(text);
  if (found != text_ids_.end()) return found->second;
  const auto id = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(text);
  text_ids_.emplace(text, id);
  return id;
}

std::string_view Trace::text(std::uint32_t id) const {
  return texts_[id];
}

const TraceRecord& Trace::at(std::uint64_t i) const {
  assert(i < stored());
  const Segment* segment = before_.get();
  if (segment == nullptr) return tail_[i];
  if (i >= segment->end) return tail_[i - segment->end];
  while (i < segment->first) segment = segment->before.get();
  return segment->records[i - segment->first];
}

Trace Trace::branch() {
  if (!tail_.empty()) {
    auto segment = std::make_shared<Segment>();
    segment->first = before_ == nullptr ? 0 : before_->end;
    segment->end = segment->first + tail_.size();
    segment->before = before_;
    segment->records.swap(tail_);
    before_ = std::move(segment);
  }
  return *this;
}

}  // namespace linger::sim
