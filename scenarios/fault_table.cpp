#include "scenarios/fault_table.h"

#include <algorithm>
#include <cassert>

namespace linger::scenarios {

namespace {

std::int32_t index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin());
}

std::optional<sim::HostId> host(const std::vector<std::string>& hosts, const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  const std::int32_t index = index_of(hosts, *name);
  assert(index >= 0);
  return sim::HostId{static_cast<std::uint32_t>(index)};
}

bool carries(const Matcher& on, const FaultPlan::Compiled& compiled, std::span<const BatchOnWire> batches) {
  if (!on.partition && !on.record && !on.attempt) return true;
  return std::any_of(batches.begin(), batches.end(), [&](const BatchOnWire& batch) {
    if (on.partition && (batch.topic != compiled.topic || batch.partition != compiled.partition)) return false;
    if (on.attempt && batch.attempt != *on.attempt) return false;
    return !on.record || std::find(batch.numbers.begin(), batch.numbers.end(), *on.record) != batch.numbers.end();
  });
}

}  // namespace

FaultPlan::FaultPlan(const std::vector<Fault>& faults, const std::vector<std::string>& hosts, const std::vector<std::string>& producers,
                     const std::vector<std::string>& topics)
    : faults_(faults), apis_(128, 0) {
  for (const Fault& fault : faults_) {
    Compiled compiled;
    if (fault.on) {
      const Matcher& on = *fault.on;
      compiled.by_message = true;
      compiled.connect = on.api == "CONNECT";
      compiled.response = on.response;
      if (!compiled.connect) {
        const auto api = api_key_from_name(on.api);
        assert(api);
        compiled.api = *api;
        apis_[static_cast<std::size_t>(*api)] |= on.response ? 2 : 1;
      }
      compiled.from = host(hosts, on.from);
      compiled.to = host(hosts, on.to);
      if (on.producer) compiled.producer = index_of(producers, *on.producer);
      if (on.partition) {
        const std::size_t dash = on.partition->rfind('-');
        compiled.topic = index_of(topics, on.partition->substr(0, dash));
        compiled.partition = std::stoi(on.partition->substr(dash + 1));
      }
      if (on.after_fault) {
        for (std::size_t i = 0; i < faults_.size(); ++i) {
          if (faults_[i].id == *on.after_fault) compiled.after_fault = i;
        }
      }
      wants_connects_ = wants_connects_ || compiled.connect;
      wants_batches_ = wants_batches_ || on.partition || on.record || on.attempt;
      wants_numbers_ = wants_numbers_ || on.record.has_value();
    }
    compiled_.push_back(compiled);
  }
}

bool FaultPlan::may_match(ApiKey api, bool response) const {
  const auto key = static_cast<std::size_t>(api);
  return key < apis_.size() && (apis_[key] & (response ? 2 : 1)) != 0;
}

std::optional<std::size_t> match_message(const FaultPlan& plan, FaultProgress& progress, const MessageFacts& facts, sim::SimTime now) {
  std::optional<std::size_t> strikes;
  for (std::size_t i = 0; i < plan.faults().size(); ++i) {
    const FaultPlan::Compiled& compiled = plan.compiled(i);
    if (!compiled.by_message || compiled.connect != facts.connect) continue;
    if (!facts.connect && (compiled.api != facts.api || compiled.response != facts.response)) continue;
    if ((compiled.from && *compiled.from != facts.from) || (compiled.to && *compiled.to != facts.to)) continue;
    FaultProgress::One& one = progress.faults[i];
    ++one.counted;
    const Matcher& on = *plan.faults()[i].on;
    if (one.spent || (on.nth && one.counted != *on.nth && !(on.every && one.counted > *on.nth))) continue;
    if (on.producer && facts.producer != compiled.producer) continue;
    if (on.connection && facts.connection != *on.connection) continue;
    if (on.after && now < sim::SimTime::at(*on.after)) continue;
    if (compiled.after_fault && progress.faults[*compiled.after_fault].hits == 0) continue;
    if (!carries(on, compiled, facts.batches)) continue;
    ++one.matched;
    one.spent = !on.every;
    if (!strikes) strikes = i;
  }
  return strikes;
}

}  // namespace linger::scenarios
