#pragma once

#include <cstdint>
#include <vector>

#include "protocol/message.h"

namespace linger {

/// Value of a control record that ends a transaction; the key says commit or abort.
struct EndTxnMarker {
  static constexpr MessageSpec spec{"EndTxnMarker", MessageType::record, -1, "0", "none"};

  std::int32_t coordinator_epoch = 0;

  static constexpr auto fields() {
    return field_list(field("CoordinatorEpoch", &EndTxnMarker::coordinator_epoch, "0+"));
  }
  friend bool operator==(const EndTxnMarker&, const EndTxnMarker&) = default;
};

/// Value of the control record with which a new controller opens its epoch in the metadata log.
struct LeaderChangeMessage {
  static constexpr MessageSpec spec{"LeaderChangeMessage", MessageType::record, -1, "0-1", "0+"};

  struct Voter {
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;

    static constexpr auto fields() {
      return field_list(field("VoterId", &Voter::voter_id, "0+"),
                        field("VoterDirectoryId", &Voter::voter_directory_id, "1+"));
    }
    friend bool operator==(const Voter&, const Voter&) = default;
  };

  std::int16_t version = 0;
  std::int32_t leader_id = 0;
  std::vector<Voter> voters;
  std::vector<Voter> granting_voters;

  static constexpr auto fields() {
    return field_list(field("Version", &LeaderChangeMessage::version, "0+"),
                      field("LeaderId", &LeaderChangeMessage::leader_id, "0+"),
                      field("Voters", &LeaderChangeMessage::voters, "0+"),
                      field("GrantingVoters", &LeaderChangeMessage::granting_voters, "0+"));
  }
  friend bool operator==(const LeaderChangeMessage&, const LeaderChangeMessage&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::EndTxnMarker);
LINGER_DECLARE_MESSAGE(linger::LeaderChangeMessage);
