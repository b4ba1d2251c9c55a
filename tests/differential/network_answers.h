#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "producer/clients/in_flight_requests.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"
#include "protocol/wire.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

/// Makes the frames of answers: what a node speaks and what the cluster looks like is told by commands beforehand.
class NetworkAnswers {
 public:
  void set_versions(const Json& command) { versions_[command.at("node").get<std::int32_t>()] = command; }
  void set_cluster(const Json& command) { cluster_ = command; }
  /// A frame with its length.
  Bytes answer(const InFlightRequest& request, const Json& event) const;

 private:
  MetadataResponse metadata() const;

  std::map<std::int32_t, Json> versions_;
  Json cluster_;
};

}  // namespace linger::differential
