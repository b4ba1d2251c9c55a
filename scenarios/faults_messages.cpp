// What faults do to a message, or to a connection request, at the moment of its arrival.
#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/faults.h"
#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;

bool Faults::judge_connect(const sim::Event& event, Context& context) {
  const auto& handshake = std::get<sim::Handshake>(event.what);
  if (handshake.step != sim::Handshake::Step::request) return false;
  const auto info = world_.network_.info(handshake.connection);
  if (!info) return false;
  MessageFacts facts;
  facts.connect = true;
  facts.from = info->client;
  facts.to = info->server;
  facts.connection = static_cast<std::int32_t>(info->ordinal) + 1;
  const HostRole role = world_.setup_->roles[info->client.value()];
  if (role.kind == HostKind::producer) facts.producer = static_cast<std::int32_t>(role.index);
  const auto fault = match_message(*world_.setup_->faults, world_.fault_progress_, facts, context.now);
  if (!fault) return false;
  if (!std::holds_alternative<Refuse>(world_.setup_->scenario.faults[*fault].action)) {
    begin(*fault, context);
    return false;
  }
  hit(*fault, context);
  if (context.trace.on()) context.record(trace_kind(AppTrace::fault_hits), info->client, {static_cast<std::int64_t>(*fault)}, context.trace.intern(world_.setup_->scenario.faults[*fault].id));
  world_.network_.set_listening(info->server, false);
  const sim::Outcome outcome = world_.network_.handle(event, context);
  world_.network_.set_listening(info->server, !world_.hosts_[info->server.value()].stopped);
  world_.dispatch(outcome, context);
  return true;
}

std::optional<MessageFacts> World::facts_of(const sim::Event& event, const std::function<bool(ApiKey, bool)>& wanted) const {
  if (!std::holds_alternative<sim::Deliver>(event.what)) return std::nullopt;
  const auto message = network_.peek(event);
  if (!message || message->judged) return std::nullopt;
  MessageFacts facts;
  facts.api = static_cast<ApiKey>(message->tag.api / 2);
  facts.response = message->tag.api % 2 == 1;
  if (!wanted(facts.api, facts.response)) return std::nullopt;
  const Wire* wire = this->wire(message->connection);
  if (wire == nullptr) return std::nullopt;
  facts.from = message->from;
  facts.to = message->to;
  facts.connection = wire->ordinal;
  const HostRole client = setup_->roles[wire->hosts[0].value()];
  if (client.kind == HostKind::producer) facts.producer = static_cast<std::int32_t>(client.index);
  const std::int32_t correlation =
      facts.response ? read_response_correlation(message->bytes->span()) : read_request_head(message->bytes->span()).correlation;
  const auto asked = std::find_if(wire->pending.begin(), wire->pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  if (asked != wire->pending.end()) facts.batches = asked->batches;
  return facts;
}

bool Faults::judge(const sim::Event& event, Context& context) {
  const FaultPlan& plan = *world_.setup_->faults;
  if (std::holds_alternative<sim::Handshake>(event.what)) return plan.wants_connects() && judge_connect(event, context);
  const auto facts = world_.facts_of(event, [&](ApiKey api, bool response) { return plan.may_match(api, response); });
  if (!facts) return false;
  const auto fault = match_message(plan, world_.fault_progress_, *facts, context.now);
  return fault && act_on_message(*fault, event, context);
}

bool Faults::act_on_message(std::size_t fault, const sim::Event& event, Context& context) {
  const Fault& planned = world_.setup_->scenario.faults[fault];
  const auto message = world_.network_.peek(event);
  const std::uint32_t serial = world_.wire(message->connection)->serial;
  const auto note = [&] {
    hit(fault, context);
    if (!context.trace.on()) return;
    context.record(trace_kind(AppTrace::fault_hits), message->to,
                   {static_cast<std::int64_t>(fault), serial, static_cast<std::int64_t>(message->direction), message->tag.api, message->tag.ordinal},
                   context.trace.intern(planned.id));
  };
  const auto dispatch_all = [&](const sim::Outcomes& outcomes) {
    for (const sim::Outcome& outcome : outcomes) world_.dispatch(outcome, context);
  };
  if (std::holds_alternative<Lose>(planned.action)) {
    note();
    world_.network_.lose(event, context);
  } else if (const auto* reset = std::get_if<Reset>(&planned.action)) {
    note();
    dispatch_all(world_.network_.reset(event, static_cast<std::size_t>(std::min<std::int64_t>(reset->prefix, static_cast<std::int64_t>(message->bytes->size()))), context));
  } else if (const auto* hold = std::get_if<Hold>(&planned.action)) {
    note();
    world_.network_.hold(event, hold->time, context);
  } else if (const auto* delay = std::get_if<Delay>(&planned.action)) {
    note();
    world_.network_.delay(event, delay->time, context);
  } else if (const auto* late = std::get_if<Late>(&planned.action)) {
    note();
    dispatch_all(world_.network_.late(event, late->time, context));
  } else if (const auto* answer = std::get_if<Answer>(&planned.action)) {
    note();
    forge(*answer, event, context);
  } else {
    begin(fault, context);
    return false;
  }
  return true;
}

void Faults::forge(const Answer& answer, const sim::Event& event, Context& context) {
  const auto message = world_.network_.peek(event);
  World::Wire* wire = world_.wire(message->connection);
  const std::int32_t correlation = read_request_head(message->bytes->span()).correlation;
  const auto asked = std::find_if(wire->pending.begin(), wire->pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  bool spoil = false;
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  if (asked != wire->pending.end()) {
    const auto error = error_from_name(answer.error);
    assert(error);
    asked->forged = static_cast<std::int16_t>(*error);
    api = asked->api;
    version = asked->version;
    spoil = !answer.after_append;
  }
  sim::Outcome outcome = world_.network_.handle(event, context);
  if (auto* arrived = std::get_if<sim::Arrived>(&outcome); arrived != nullptr && spoil) {
    arrived->bytes = spoil_request(arrived->bytes, api, version);
    arrived->hash = sim::hash_bytes(arrived->bytes.span());
  }
  world_.dispatch(outcome, context);
}

}  // namespace linger::scenarios
