#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/ids.h"
#include "protocol/wire.h"
#include "sim/bytes.h"
#include "sim/ids.h"

namespace linger::scenarios {

/// One partition's batch inside a Produce request, read from its bytes.
struct BatchOnWire {
  std::int32_t topic = -1;  ///< the world's index, -1: unknown
  std::int32_t partition = -1;
  ProducerIdAndEpoch producer;
  std::int32_t base_sequence = no_sequence;
  std::int32_t records = 0;
  std::int32_t bytes = 0;
  std::uint64_t content = 0;         ///< hash of what stays the same when it is sent again
  std::int32_t attempt = 1;          ///< filled in by the world: how often this very batch has been on the wire
  std::vector<std::int64_t> numbers; ///< record numbers of generated values, if asked for
};

/// What one partition was answered.
struct AnswerOnWire {
  std::int32_t topic = -1;
  std::int32_t partition = -1;
  std::int16_t error = 0;
  std::int64_t base_offset = -1;
};

/// A request on a connection whose answer has not been seen yet.
struct PendingRequest {
  std::int32_t correlation = 0;
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  std::uint32_t ordinal = 0;  ///< the how many-th of this API on this connection
  std::int16_t acks = -1;
  std::int16_t forged = 0;  ///< the error that is to be put into its answer, 0: none
  std::vector<BatchOnWire> batches;
};

/// What a frame says about itself in its first bytes.
struct FrameHead {
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  std::int32_t correlation = 0;
  bool known = false;  ///< false: too short, or an API that Kafka does not have
};
FrameHead read_request_head(BytesView frame);
std::int32_t read_response_correlation(BytesView frame);

/// Topics by name and by id, as the traffic names them.
struct TopicDirectory {
  std::vector<std::string> names;
  std::vector<Uuid> ids;
  std::int32_t by_name(std::string_view name) const;
  std::int32_t by_id(Uuid id) const;
};

/// The batches of a Produce request frame. `numbers`: also decode the records and read the numbers of generated values.
std::vector<BatchOnWire> read_produce_batches(BytesView frame, std::int16_t version, const TopicDirectory& topics, bool numbers);
/// Whether the frame of a FETCH answer carries records.
bool has_records(BytesView frame, std::int16_t version);
/// What a Produce answer says, partition by partition.
std::vector<AnswerOnWire> read_produce_answer(BytesView frame, std::int16_t version, const TopicDirectory& topics);

/// APIs whose answers can be forged: those that an application's clients use of this cluster.
bool can_forge(ApiKey api);
/// The same answer with this error in it, in every partition, topic or key that it has, or as a whole. `frame` must be an answer to
/// that API and version; anything else is given back unchanged.
sim::Bytes forge_answer(const sim::Bytes& frame, ApiKey api, std::int16_t version, std::int16_t error);
/// The same request with something wrong in it, so that the broker refuses it without doing anything: every batch's checksum is broken, a
/// transactional id or a group's name is empty. What changes nothing anyway is given back unchanged.
sim::Bytes spoil_request(const sim::Bytes& frame, ApiKey api, std::int16_t version);

/// The same Produce answer, asking the client to be quiet for so long (KIP-219).
sim::Bytes throttle_answer(const sim::Bytes& frame, std::int16_t version, std::int32_t time_ms);

}  // namespace linger::scenarios
