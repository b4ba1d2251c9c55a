#include "tests/differential/network_requests.h"

#include <string>
#include <utility>

namespace linger::differential {

namespace {

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

std::optional<std::string> optional_text(const Json& command, const char* key) {
  return command.contains(key) ? std::optional(command.at(key).get<std::string>()) : std::nullopt;
}

ProduceRequestBuilder produce(const Json& command, ScriptSlots& slots) {
  ProduceRequestBuilder builder;
  builder.acks = static_cast<std::int16_t>(number(command, "acks", -1));
  builder.timeout_ms = static_cast<std::int32_t>(number(command, "timeout_ms", 30000));
  builder.transactional_id = optional_text(command, "txn");
  if (!flag(command, "txn_v2", true)) {
    builder.latest_allowed_version = ProduceRequestBuilder::last_version_before_transaction_v2;
  }
  for (const Json& part : command.at("parts")) {
    builder.batches.push_back({TopicPartition{part.at(0).get<std::string>(), part.at(1).get<std::int32_t>()},
                               Uuid{0, part.at(2).get<std::uint64_t>()},
                               slots.add(from_hex(command.at("records").get<std::string>()))});
  }
  return builder;
}

}  // namespace

BatchBytes ScriptSlots::add(Bytes records) {
  const auto slot = static_cast<std::uint32_t>(slots_.size());
  const auto size = static_cast<std::uint32_t>(records.size());
  slots_.emplace(slot, std::move(records));
  return BatchBytes{slot, 0, size};
}

RequestBuilder make_request(const Json& command, ScriptSlots& slots) {
  const std::string api = command.at("api").get<std::string>();
  const std::string id = text(command, "txn", "tx");
  const std::int64_t producer = number(command, "pid", 7);
  const auto epoch = static_cast<std::int16_t>(number(command, "epoch", 0));
  const bool second_version = flag(command, "txn_v2", true);
  if (api == "PRODUCE") return produce(command, slots);
  if (api == "FIND_COORDINATOR") {
    return FindCoordinatorRequest{id, static_cast<std::int8_t>(number(command, "key_type", 1)), {}};
  }
  if (api == "ADD_PARTITIONS_TO_TXN") return AddPartitionsToTxnRequest{{}, id, producer, epoch, {{"a", {0, 1}}}};
  if (api == "ADD_OFFSETS_TO_TXN") return AddOffsetsToTxnRequest{id, producer, epoch, "g"};
  if (api == "END_TXN") return EndTxnRequestBuilder{{id, producer, epoch, true}, second_version};
  if (api == "TXN_OFFSET_COMMIT") {
    TxnOffsetCommitRequest request{id, "g", producer, epoch, -1, "", std::nullopt, {{"a", {{0, 5, -1, ""}}}}};
    request.generation_id = static_cast<std::int32_t>(number(command, "generation", -1));
    request.member_id = text(command, "member", "");
    return TxnOffsetCommitRequestBuilder{std::move(request), second_version};
  }
  if (api != "INIT_PRODUCER_ID") throw Unsupported{"There is no request " + api + "."};
  InitProducerIdRequest request;
  request.transactional_id = optional_text(command, "txn");
  request.transaction_timeout_ms = static_cast<std::int32_t>(number(command, "txn_timeout_ms", 2147483647));
  request.producer_id = number(command, "pid", -1);
  request.producer_epoch = static_cast<std::int16_t>(number(command, "epoch", -1));
  return request;
}

}  // namespace linger::differential
