#include "scenarios/application_behaviour.h"

#include <array>

namespace linger::scenarios {
namespace {

using Behaviour = ApplicationBehaviour;

constexpr std::array fields{
    ApplicationBehaviourField{"application.transfer_offsets", "outside", "in_transaction",
                              "where a transactional transfer commits its group's offsets",
                              &Behaviour::transfer_offsets},
    ApplicationBehaviourField{"application.transfer_after_abort", "go_on", "rewind",
                              "where a transfer reads on after abortTransaction", &Behaviour::transfer_after_abort},
    ApplicationBehaviourField{"application.transfer_after_restart", "position", "committed_offsets",
                              "where a new process of a transfer begins to read", &Behaviour::transfer_after_restart},
};

}  // namespace

std::span<const ApplicationBehaviourField> application_behaviours() {
  return fields;
}

}  // namespace linger::scenarios
