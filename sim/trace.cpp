#include "sim/trace.h"

#include <cassert>

#include "sim/draw.h"
#include "sim/fingerprint.h"

namespace linger::sim {

namespace {

constexpr std::uint64_t step(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15ULL;
  return hash ^ (hash >> 32);
}

// Texts are left out: their ids depend on whether the trace is on.
std::uint64_t hash_record(const TraceRecord& record, std::uint64_t hash) {
  hash = step(hash, static_cast<std::uint64_t>(record.at.ns()));
  hash = step(hash, record.event.value());
  hash = step(hash, record.cause.value());
  hash = step(hash, (std::uint64_t{record.host.value()} << 16) | record.kind);
  for (std::int64_t arg : record.args) hash = step(hash, static_cast<std::uint64_t>(arg));
  return hash;
}

}  // namespace

void Trace::add(const TraceRecord& record) {
  ++count_;
  hash_ = hash_record(record, hash_);
  if (on()) tail_.push_back(record);
}

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
