#include "broker_model/broker_behaviour.h"

#include <array>
#include <cassert>

namespace linger::broker {
namespace {

constexpr std::array<BehaviourField, 16> fields{{
    {"broker.deduplication", "true|false", "true", "true",
     "whether sequence numbers are looked at; false: every batch is appended, as before Kafka 0.11"},
    {"broker.dedup_cache_batches", "1|2|3|4|5", "5", "5",
     "batches remembered for each producer and partition (KAFKA-5494)"},
    {"broker.first_seq_without_state", "any|zero_if_never_written|zero", "any", "zero",
     "the first sequence taken from an unknown producer (KAFKA-15591): zero_if_never_written is what Kafka 4.5 does, and a log that holds other producers' records is open still", "KAFKA-15591"},
    {"repl.truncate_rule", "leader_epoch|high_watermark", "leader_epoch", "leader_epoch",
     "where a follower cuts its log before it fetches (KIP-101)"},
    {"repl.epoch_answer", "epoch_and_offset|offset_only", "epoch_and_offset", "epoch_and_offset",
     "what a leader answers about the end of an epoch (KIP-279)"},
    {"repl.isr_join_rule", "hw_and_epoch_start|hw", "hw_and_epoch_start", "hw_and_epoch_start",
     "what a follower must have reached to join the ISR (KAFKA-7128)"},
    {"repl.count_diverging_fetch_for_hw", "true|false", "false", "false",
     "whether a fetch that is answered 'diverging' counts as progress (KAFKA-13141)"},
    {"repl.ack_before_replication", "true|false", "false", "false",
     "whether acks=all is answered before the followers have the record"},
    {"controller.elr", "on|off", "on", "on", "eligible leader replicas (KIP-966)"},
    {"broker.lose_unflushed", "on_power_loss|on_every_crash|never", "on_power_loss", "on_power_loss",
     "when a host loses the bytes that only its page cache held"},
    {"tc.bump_epoch_on_timeout_abort", "true|false", "true", "true",
     "whether a transaction that ran out of time is aborted under a higher epoch, so that its producer cannot go on "
     "(KAFKA-6119); with transaction.version 2 every abort raises it anyway"},
    {"tc.epoch_bump_per_txn", "true|false", "true", "true",
     "whether with transaction.version 2 each commit and abort raises the epoch, so that a late EndTxn cannot decide "
     "the "
     "next transaction (KAFKA-17754)"},
    {"broker.marker_again", "accepted|refused", "accepted", "accepted",
     "what a leader does with a marker of transaction.version 2 that it has written already (KAFKA-19999)"},
    {"broker.verify_txn_ongoing", "true|false", "true", "true",
     "whether a leader asks the coordinator, before the first write of a transaction of version 1, if it is open "
     "(KIP-890); false: never, whatever transaction.partition.verification.enable says"},
    {"broker.check_records", "before_append|after_append", "before_append", "before_append",
     "no rule of Kafka but a mutant that only the checker of false errors can see: after_append: a leader refuses a "
     "batch, for a timestamp out of bounds for example, when it has written it"},
    {"broker.canary", "off|one_run_in_a_hundred", "off", "off",
     "no rule of Kafka but a mutant that proves that a sweep can fail: in about one run of a hundred, drawn from the "
     "seed, leaders acknowledge batches that they never write"},
}};

/// Writes `value` into the field, or reads the field into `read` when `value` is empty. One list of names for both
/// ways.
bool access(BrokerBehaviour& b, std::size_t field, std::string_view value, std::string* read) {
  const auto text = [&](std::string_view name) {
    if (read != nullptr) *read = std::string{name};
  };
  const auto flag = [&](bool& target, std::string_view yes, std::string_view no) {
    if (!value.empty()) target = value == yes;
    text(target ? yes : no);
  };
  switch (field) {
    case 0:
      flag(b.deduplication, "true", "false");
      return true;
    case 1:
      if (!value.empty()) b.dedup_cache_batches = value[0] - '0';
      text(std::to_string(b.dedup_cache_batches));
      return true;
    case 2:
      if (!value.empty())
        b.first_seq_without_state = value == "any"    ? FirstSeqWithoutState::any
                                    : value == "zero" ? FirstSeqWithoutState::zero
                                                      : FirstSeqWithoutState::zero_if_never_written;
      text(b.first_seq_without_state == FirstSeqWithoutState::any    ? "any"
           : b.first_seq_without_state == FirstSeqWithoutState::zero ? "zero"
                                                                     : "zero_if_never_written");
      return true;
    case 3:
      if (!value.empty())
        b.truncate_rule = value == "leader_epoch" ? TruncateRule::leader_epoch : TruncateRule::high_watermark;
      text(b.truncate_rule == TruncateRule::leader_epoch ? "leader_epoch" : "high_watermark");
      return true;
    case 4:
      if (!value.empty())
        b.epoch_answer = value == "offset_only" ? EpochAnswer::offset_only : EpochAnswer::epoch_and_offset;
      text(b.epoch_answer == EpochAnswer::offset_only ? "offset_only" : "epoch_and_offset");
      return true;
    case 5:
      if (!value.empty()) b.isr_join_rule = value == "hw" ? IsrJoinRule::hw : IsrJoinRule::hw_and_epoch_start;
      text(b.isr_join_rule == IsrJoinRule::hw ? "hw" : "hw_and_epoch_start");
      return true;
    case 6:
      flag(b.count_diverging_fetch_for_hw, "true", "false");
      return true;
    case 7:
      flag(b.ack_before_replication, "true", "false");
      return true;
    case 8:
      flag(b.elr, "on", "off");
      return true;
    case 9:
      if (!value.empty()) {
        b.lose_unflushed = value == "never"            ? LoseUnflushed::never
                           : value == "on_every_crash" ? LoseUnflushed::on_every_crash
                                                       : LoseUnflushed::on_power_loss;
      }
      text(b.lose_unflushed == LoseUnflushed::never            ? "never"
           : b.lose_unflushed == LoseUnflushed::on_every_crash ? "on_every_crash"
                                                               : "on_power_loss");
      return true;
    case 10:
      flag(b.bump_epoch_on_timeout_abort, "true", "false");
      return true;
    case 11:
      flag(b.epoch_bump_per_txn, "true", "false");
      return true;
    case 12:
      flag(b.accept_marker_again, "accepted", "refused");
      return true;
    case 13:
      flag(b.verify_txn_ongoing, "true", "false");
      return true;
    case 14:
      flag(b.check_before_append, "before_append", "after_append");
      return true;
    case 15:
      if (!value.empty()) b.canary = value == "off" ? Canary::off : Canary::one_run_in_a_hundred;
      text(b.canary == Canary::off ? "off" : "one_run_in_a_hundred");
      return true;
    default:
      return false;
  }
}

bool is_one_of(std::string_view values, std::string_view value) {
  while (!values.empty()) {
    const std::size_t bar = values.find('|');
    if (values.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) break;
    values.remove_prefix(bar + 1);
  }
  return false;
}

std::optional<std::size_t> find_field(std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace

std::span<const BehaviourField> behaviour_fields() {
  return fields;
}

std::optional<std::string> set_behaviour(BrokerBehaviour& behaviour, std::string_view name, std::string_view value) {
  const auto field = find_field(name);
  if (!field) {
    std::string sentence = "unknown behaviour '" + std::string{name} + "'; expected one of";
    for (const BehaviourField& known : fields)
      sentence += (&known == &fields[0] ? " " : ", ") + std::string{known.name};
    return sentence;
  }
  if (value.empty() || !is_one_of(fields[*field].values, value)) {
    return "behaviour '" + std::string{name} + "' cannot be '" + std::string{value} + "'; expected one of " +
           std::string{fields[*field].values};
  }
  access(behaviour, *field, value, nullptr);
  return std::nullopt;
}

std::string behaviour_value(const BrokerBehaviour& behaviour, std::string_view name) {
  const auto field = find_field(name);
  assert(field);
  BrokerBehaviour copy = behaviour;
  std::string value;
  access(copy, *field, {}, &value);
  return value;
}

BrokerBehaviour corrected_behaviour() {
  BrokerBehaviour behaviour;
  for (std::size_t i = 0; i < fields.size(); ++i) access(behaviour, i, fields[i].corrected, nullptr);
  return behaviour;
}

}  // namespace linger::broker
