// Connections as both of their ends know them, and the requests that wait on them for an answer.
#include <algorithm>
#include <cassert>
#include <utility>

#include "protocol/frame.h"
#include "protocol/record_batch.h"
#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::Side;

World::Wire* World::wire(sim::ConnectionId id) {
  return id.index < wires_.size() && wires_[id.index].id == id ? &wires_[id.index] : nullptr;
}

const World::Wire* World::wire(sim::ConnectionId id) const {
  return id.index < wires_.size() && wires_[id.index].id == id ? &wires_[id.index] : nullptr;
}

const World::OpenConnection* World::find_open(HostId host, std::uint64_t handle) const {
  for (const OpenConnection& open : hosts_[host.value()].open) {
    if (open.handle == handle) return &open;
  }
  return nullptr;
}

void World::bind(HostId host, std::uint64_t handle, sim::ConnectionId id, Side side) {
  hosts_[host.value()].open.push_back({handle, id, side, side == Side::server});
  wires_[id.index].handles[static_cast<std::size_t>(side)] = handle;
  wires_[id.index].hosts[static_cast<std::size_t>(side)] = host;
}

void World::unbind(HostId host, std::uint64_t handle) {
  std::erase_if(hosts_[host.value()].open, [&](const OpenConnection& open) { return open.handle == handle; });
}

void World::open(HostId from, std::uint64_t handle, HostId to, Context& context) {
  const sim::ConnectionId id = network_.connect(from, to, context);
  if (wires_.size() <= id.index) wires_.resize(id.index + 1);
  Wire& wire = wires_[id.index];
  wire.id = id;
  wire.handles[0] = wire.handles[1] = 0;
  wire.hosts[1] = to;
  wire.pending.clear();
  wire.ordinals.clear();
  const std::optional<sim::ConnectionInfo> info = network_.info(id);
  wire.ordinal = static_cast<std::int32_t>(info->ordinal) + 1;
  wire.serial = info->serial;
  bind(from, handle, id, Side::client);
}

void World::close(HostId host, std::uint64_t handle, Context& context) {
  const OpenConnection* open = find_open(host, handle);
  if (open == nullptr) return;
  network_.close(open->id, open->side, sim::CloseKind::fin, context);
  unbind(host, handle);
}

namespace {

std::uint32_t next_ordinal(std::vector<std::pair<std::uint32_t, std::uint32_t>>& ordinals, std::uint32_t key) {
  for (auto& [known, count] : ordinals) {
    if (known == key) return ++count;
  }
  ordinals.push_back({key, 1});
  return 1;
}

constexpr std::uint32_t tag_api(ApiKey api, bool response) {
  return static_cast<std::uint32_t>(api) * 2 + (response ? 1 : 0);
}

}  // namespace

void World::send(HostId host, std::uint64_t handle, sim::Bytes frame, sim::EventNumber cause, Context& context) {
  const OpenConnection* open = find_open(host, handle);
  if (open == nullptr) return;
  Wire* wire = this->wire(open->id);
  assert(wire != nullptr);
  sim::MessageTag tag;
  if (open->side == Side::client) {
    note_request(*wire, open->side, frame, tag, context);
  } else {
    note_answer(*wire, open->side, frame, tag, context);
  }
  Context caused = context;
  if (cause != sim::no_event) caused.event = cause;
  network_.send(open->id, open->side, std::move(frame), tag, caused);
}

void World::note_request(Wire& wire, Side side, const sim::Bytes& frame, sim::MessageTag& tag, Context& context) {
  const FrameHead head = read_request_head(frame.span());
  tag.api = tag_api(head.api, false);
  tag.ordinal = next_ordinal(wire.ordinals, tag.api);
  const HostRole role = setup_->roles[wire.hosts[static_cast<std::size_t>(side)].value()];
  PendingRequest pending{head.correlation, head.api, head.version, tag.ordinal, acks_of(role, head.api), 0, {}};
  if (head.api == ApiKey::produce) {
    ++counters_.produce_requests;
    if (role.kind == HostKind::producer) ++counters_.produce_requests_of[role.index];
    if (setup_->faults->wants_batches() || context.trace.on()) {
      pending.batches = read_produce_batches(frame.span(), head.version, topics_, setup_->faults->wants_numbers());
      count_attempts(pending.batches, role.index);
      if (context.trace.on()) {
        for (const BatchOnWire& batch : pending.batches) {
          context.record(trace_kind(AppTrace::produce_sent), wire.hosts[static_cast<std::size_t>(side)],
                         {wire.serial, head.correlation, batch.records, batch.bytes, batch.producer.id.value(), batch.producer.epoch.value(),
                          batch.base_sequence, batch.attempt},
                         partition_text(batch.topic, batch.partition, context.trace));
        }
      }
    }
  } else if (role.kind == HostKind::producer && context.trace.on()) {
    context.record(trace_kind(AppTrace::request_sent), wire.hosts[static_cast<std::size_t>(side)],
                   {wire.serial, head.correlation, wire.hosts[1].value()}, context.trace.intern(api_name(head.api)));
  }
  wire.pending.push_back(std::move(pending));
}

sim::Bytes World::throttled(const sim::Bytes& frame, const PendingRequest& asked, HostRole role) const {
  if (role.kind != HostKind::producer || asked.api != ApiKey::produce) return frame;
  const std::int32_t time = producers_[role.index].throttle_ms();
  return time == 0 ? frame : throttle_answer(frame, asked.version, time);
}

std::int16_t World::acks_of(HostRole role, ApiKey api) const {
  return api == ApiKey::produce && role.kind == HostKind::producer ? setup_->producers[role.index].config.acks : std::int16_t{-1};
}

void World::note_answer(Wire& wire, Side side, const sim::Bytes& frame, sim::MessageTag& tag, Context& context) {
  const std::int32_t correlation = read_response_correlation(frame.span());
  const auto asked = std::find_if(wire.pending.begin(), wire.pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  if (asked == wire.pending.end()) return;
  tag.api = tag_api(asked->api, true);
  tag.ordinal = next_ordinal(wire.ordinals, tag.api);
  if (asked->api == ApiKey::produce && context.trace.on()) {
    for (const AnswerOnWire& answer : read_produce_answer(frame.span(), asked->version, topics_)) {
      const auto batch = std::find_if(asked->batches.begin(), asked->batches.end(),
                                      [&](const BatchOnWire& b) { return b.topic == answer.topic && b.partition == answer.partition; });
      const bool found = batch != asked->batches.end();
      context.record(trace_kind(AppTrace::produce_answered), wire.hosts[static_cast<std::size_t>(side)],
                     {wire.serial, correlation, answer.error, answer.base_offset, found ? batch->records : 0, found ? batch->base_sequence : -1},
                     partition_text(answer.topic, answer.partition, context.trace));
    }
  }
}

void World::count_attempts(std::vector<BatchOnWire>& batches, std::uint32_t producer) {
  for (BatchOnWire& batch : batches) {
    const auto key = sim::Name::of(producer).with(static_cast<std::uint64_t>(batch.topic)).with(static_cast<std::uint64_t>(batch.partition)).with(batch.content);
    const auto found = std::lower_bound(attempts_.begin(), attempts_.end(), std::pair{key.value(), std::int32_t{0}});
    if (found != attempts_.end() && found->first == key.value()) {
      batch.attempt = ++found->second;
    } else {
      attempts_.insert(found, {key.value(), 1});
    }
  }
}

}  // namespace linger::scenarios
