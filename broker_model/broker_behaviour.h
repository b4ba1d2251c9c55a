#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace linger::broker {

/// How a follower finds the place from which it fetches after it learned of a new leader.
enum class TruncateRule : std::uint8_t { leader_epoch, high_watermark };
/// What a leader says about the end of an epoch: KIP-279 (epoch and offset) or KIP-101 (an offset only).
enum class EpochAnswer : std::uint8_t { epoch_and_offset, offset_only };
/// What a follower must have reached to join the ISR.
enum class IsrJoinRule : std::uint8_t { hw_and_epoch_start, hw };
/// Which first sequence a partition takes from a producer it knows nothing about: any (since 2.5); only 0 where the log never held a record (4.5); only 0, which no version of
/// Kafka asks for since 2.5, and after which nobody can overtake an earlier batch of the same producer.
enum class FirstSeqWithoutState : std::uint8_t { any, zero_if_never_written, zero };
/// When a host loses what its page cache held and the disk did not.
enum class LoseUnflushed : std::uint8_t { on_power_loss, on_every_crash, never };

/// Not a rule of any Kafka: a mutant that a sweep must find, so that a sweep that finds nothing is known to look.
enum class Canary : std::uint8_t { off, one_run_in_a_hundred };

/// One switch a rule. The defaults are what Kafka 4.3.1 does; each switch is read in exactly one place of this folder.
struct BrokerBehaviour {
  bool deduplication = true;
  std::int32_t dedup_cache_batches = 5;
  FirstSeqWithoutState first_seq_without_state = FirstSeqWithoutState::any;
  TruncateRule truncate_rule = TruncateRule::leader_epoch;
  EpochAnswer epoch_answer = EpochAnswer::epoch_and_offset;
  IsrJoinRule isr_join_rule = IsrJoinRule::hw_and_epoch_start;
  bool count_diverging_fetch_for_hw = false;
  bool ack_before_replication = false;
  bool elr = true;
  LoseUnflushed lose_unflushed = LoseUnflushed::on_power_loss;
  bool bump_epoch_on_timeout_abort = true;
  bool epoch_bump_per_txn = true;
  bool accept_marker_again = true;
  bool verify_txn_ongoing = true;
  bool check_before_append = true;
  Canary canary = Canary::off;
  friend bool operator==(const BrokerBehaviour&, const BrokerBehaviour&) = default;
};

/// One line of the list that a user sees: the name in a scenario file, its values, what 4.3.1 does, what is right, and
/// what it is about.
struct BehaviourField {
  std::string_view name;
  std::string_view values;  ///< separated by '|'
  std::string_view in_4_3_1;
  std::string_view corrected;
  std::string_view about;
  std::string_view issue = {};  ///< where the defect is described, if 4.3.1 has it
};

/// All switches of brokers and controllers, in a fixed order.
std::span<const BehaviourField> behaviour_fields();

/// Sets the switch `name` to `value`. Returns a sentence that says what is wrong, with the list of names or values, and
/// changes nothing then.
std::optional<std::string> set_behaviour(BrokerBehaviour& behaviour, std::string_view name, std::string_view value);

/// The value that the switch has, as set_behaviour takes it. Requires a name of behaviour_fields().
std::string behaviour_value(const BrokerBehaviour& behaviour, std::string_view name);

/// Every switch at its corrected value.
BrokerBehaviour corrected_behaviour();

}  // namespace linger::broker
