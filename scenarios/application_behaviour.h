#pragma once

#include <span>
#include <string_view>

namespace linger::scenarios {

/// What applications that transfer records get wrong: one switch is one rule of the documentation that is not kept.
/// Nothing of it is Kafka's own doing. Each field is true for what the documentation of KafkaProducer and KafkaConsumer
/// prescribes, which is also the initial value.
struct ApplicationBehaviour {
  /// The group's offsets are a part of the transaction (sendOffsetsToTransaction), not committed by themselves after
  /// it.
  bool transfer_offsets = true;
  /// After abortTransaction the consumer goes back to the committed offsets; its position does not move by itself.
  bool transfer_after_abort = true;
  /// A new process begins at the group's committed offsets, not where the old one noted that it had read to.
  bool transfer_after_restart = true;
  friend bool operator==(const ApplicationBehaviour&, const ApplicationBehaviour&) = default;
};

/// One switch as a file or a command line names it.
struct ApplicationBehaviourField {
  std::string_view name;   ///< "application.transfer_offsets"
  std::string_view wrong;  ///< the word for false
  std::string_view right;  ///< the word for true
  std::string_view about;
  bool ApplicationBehaviour::*member;
};

/// All switches, in the order of the struct. They stand in a producer's `behaviour`.
std::span<const ApplicationBehaviourField> application_behaviours();

}  // namespace linger::scenarios
