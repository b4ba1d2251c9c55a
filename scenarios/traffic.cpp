#include "scenarios/traffic.h"

#include <algorithm>
#include <utility>

#include "protocol/frame.h"
#include "protocol/messages/add_offsets_to_txn.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/end_txn.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/record_batch.h"
#include "scenarios/log_records.h"
#include "sim/fingerprint.h"

namespace linger::scenarios {

namespace {

constexpr std::size_t length_bytes = 4;

template <class Response, class Change>
sim::Bytes rewrite(const sim::Bytes& frame, std::int16_t version, Change change) {
  auto decoded = decode_response<Response>(frame.span().subspan(length_bytes), version);
  if (!decoded) return frame;
  change(decoded.message);
  linger::Bytes out;
  if (encode_response(out, decoded.message, version, decoded.correlation)) return frame;
  return sim::Bytes::adopt(std::move(out));
}

}  // namespace

FrameHead read_request_head(BytesView frame) {
  FrameHead head;
  if (frame.size() < length_bytes + 8) return head;
  const auto api = api_key_from_wire(wire::load<std::int16_t>(frame.data() + 4));
  if (!api) return head;
  head.api = *api;
  head.version = wire::load<std::int16_t>(frame.data() + 6);
  head.correlation = wire::load<std::int32_t>(frame.data() + 8);
  head.known = true;
  return head;
}

std::int32_t read_response_correlation(BytesView frame) {
  return frame.size() < length_bytes + 4 ? -1 : wire::load<std::int32_t>(frame.data() + 4);
}

std::int32_t TopicDirectory::by_name(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin());
}

std::int32_t TopicDirectory::by_id(Uuid id) const {
  if (id.is_zero()) return -1;
  const auto found = std::find(ids.begin(), ids.end(), id);
  return found == ids.end() ? -1 : static_cast<std::int32_t>(found - ids.begin());
}

std::vector<BatchOnWire> read_produce_batches(BytesView frame, std::int16_t version, const TopicDirectory& topics, bool numbers) {
  std::vector<BatchOnWire> batches;
  if (frame.size() < length_bytes) return batches;
  const auto decoded = decode_request<ProduceRequest>(frame.subspan(length_bytes));
  if (!decoded) return batches;
  for (const auto& topic : decoded.message.topic_data) {
    const std::int32_t index = version >= 13 ? topics.by_id(topic.topic_id) : topics.by_name(topic.name);
    for (const auto& partition : topic.partition_data) {
      BatchOnWire batch;
      batch.topic = index;
      batch.partition = partition.index;
      const BytesView bytes = partition.records.bytes();
      batch.bytes = static_cast<std::int32_t>(bytes.size());
      if (bytes.size() >= batch_layout::records) {
        const RecordBatchHeader header = load_batch_header(bytes);
        batch.producer = header.producer;
        batch.base_sequence = header.base_sequence;
        batch.records = header.record_count;
        // Identity and sequence may be written anew before a retry; times and records stay.
        batch.content = sim::hash_bytes(bytes.subspan(batch_layout::record_count)) ^ static_cast<std::uint64_t>(header.base_timestamp);
      }
      if (numbers) {
        std::vector<LogRecord> records;
        read_log_records(bytes, 0, records);
        for (const LogRecord& record : records) batch.numbers.push_back(record.stated_number);
      }
      batches.push_back(std::move(batch));
    }
  }
  return batches;
}

bool has_records(BytesView frame, std::int16_t version) {
  if (frame.size() < length_bytes) return false;
  const auto decoded = decode_response<FetchResponse>(frame.subspan(length_bytes), version);
  if (!decoded) return false;
  for (const auto& topic : decoded.message.responses) {
    for (const auto& partition : topic.partitions) {
      if (!partition.records.bytes().empty()) return true;
    }
  }
  return false;
}

std::vector<AnswerOnWire> read_produce_answer(BytesView frame, std::int16_t version, const TopicDirectory& topics) {
  std::vector<AnswerOnWire> answers;
  if (frame.size() < length_bytes) return answers;
  const auto decoded = decode_response<ProduceResponse>(frame.subspan(length_bytes), version);
  if (!decoded) return answers;
  for (const auto& topic : decoded.message.responses) {
    const std::int32_t index = version >= 13 ? topics.by_id(topic.topic_id) : topics.by_name(topic.name);
    for (const auto& partition : topic.partition_responses) {
      answers.push_back(AnswerOnWire{index, partition.index, partition.error_code, partition.base_offset});
    }
  }
  return answers;
}

sim::Bytes throttle_answer(const sim::Bytes& frame, std::int16_t version, std::int32_t time_ms) {
  return rewrite<ProduceResponse>(frame, version, [&](ProduceResponse& response) { response.throttle_time_ms = time_ms; });
}

bool can_forge(ApiKey api) {
  switch (api) {
    case ApiKey::produce:
    case ApiKey::init_producer_id:
    case ApiKey::metadata:
    case ApiKey::fetch:
    case ApiKey::find_coordinator:
    case ApiKey::add_partitions_to_txn:
    case ApiKey::add_offsets_to_txn:
    case ApiKey::txn_offset_commit:
    case ApiKey::end_txn: return true;
    default: return false;
  }
}

sim::Bytes forge_answer(const sim::Bytes& frame, ApiKey api, std::int16_t version, std::int16_t error) {
  if (frame.size() < length_bytes) return frame;
  switch (api) {
    case ApiKey::produce:
      return rewrite<ProduceResponse>(frame, version, [&](ProduceResponse& response) {
        for (auto& topic : response.responses) {
          for (auto& partition : topic.partition_responses) {
            partition.error_code = error;
            partition.base_offset = -1;
            partition.log_append_time_ms = -1;
            partition.record_errors.clear();
            partition.error_message.reset();
          }
        }
      });
    case ApiKey::init_producer_id:
      return rewrite<InitProducerIdResponse>(frame, version, [&](InitProducerIdResponse& response) {
        response.error_code = error;
        response.producer_id = -1;
        response.producer_epoch = -1;
      });
    case ApiKey::metadata:
      return rewrite<MetadataResponse>(frame, version, [&](MetadataResponse& response) {
        for (auto& topic : response.topics) {
          topic.error_code = error;
          topic.partitions.clear();
        }
      });
    case ApiKey::fetch:
      return rewrite<FetchResponse>(frame, version, [&](FetchResponse& response) {
        for (auto& topic : response.responses) {
          for (auto& partition : topic.partitions) {
            partition.error_code = error;
            partition.records = RecordsView{BytesView{}};
          }
        }
      });
    case ApiKey::find_coordinator:
      return rewrite<FindCoordinatorResponse>(frame, version, [&](FindCoordinatorResponse& response) {
        response.error_code = error;
        response.node_id = response.port = -1;
        response.host.clear();
        for (auto& coordinator : response.coordinators) {
          coordinator.error_code = error;
          coordinator.node_id = coordinator.port = -1;
          coordinator.host.clear();
        }
      });
    case ApiKey::add_partitions_to_txn:
      return rewrite<AddPartitionsToTxnResponse>(frame, version, [&](AddPartitionsToTxnResponse& response) {
        const auto change = [&](auto& topics) {
          for (auto& topic : topics) {
            for (auto& partition : topic.results_by_partition) partition.partition_error_code = error;
          }
        };
        change(response.results_by_topic_v3_and_below);
        for (auto& transaction : response.results_by_transaction) change(transaction.topic_results);
      });
    case ApiKey::add_offsets_to_txn:
      return rewrite<AddOffsetsToTxnResponse>(frame, version, [&](AddOffsetsToTxnResponse& response) { response.error_code = error; });
    case ApiKey::txn_offset_commit:
      return rewrite<TxnOffsetCommitResponse>(frame, version, [&](TxnOffsetCommitResponse& response) {
        for (auto& topic : response.topics) {
          for (auto& partition : topic.partitions) partition.error_code = error;
        }
      });
    case ApiKey::end_txn:
      return rewrite<EndTxnResponse>(frame, version, [&](EndTxnResponse& response) {
        response.error_code = error;
        response.producer_id = -1;
        response.producer_epoch = -1;
      });
    default: return frame;
  }
}

namespace {

sim::Bytes spoil_produce(const sim::Bytes& frame, std::int16_t version) {
  if (frame.size() < length_bytes) return frame;
  const auto decoded = decode_request<ProduceRequest>(frame.span().subspan(length_bytes));
  if (!decoded || decoded.header.request_api_version != version) return frame;
  linger::Bytes out(frame.span().begin(), frame.span().end());
  for (const auto& topic : decoded.message.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const BytesView records = partition.records.bytes();
      if (records.size() < batch_layout::records) continue;
      out[static_cast<std::size_t>(records.data() - frame.data()) + batch_layout::crc] ^= std::byte{0xff};
    }
  }
  return sim::Bytes::adopt(std::move(out));
}

template <class Request, class Change>
sim::Bytes rewrite_request(const sim::Bytes& frame, std::int16_t version, Change change) {
  auto decoded = decode_request<Request>(frame.span().subspan(length_bytes));
  if (!decoded || decoded.header.request_api_version != version) return frame;
  change(decoded.message);
  linger::Bytes out;
  if (encode_request(out, decoded.message, version, CorrelationId{decoded.header.correlation_id}, decoded.header.client_id)) return frame;
  return sim::Bytes::adopt(std::move(out));
}

}  // namespace

sim::Bytes spoil_request(const sim::Bytes& frame, ApiKey api, std::int16_t version) {
  if (frame.size() < length_bytes) return frame;
  switch (api) {
    case ApiKey::produce: return spoil_produce(frame, version);
    case ApiKey::init_producer_id:
      return rewrite_request<InitProducerIdRequest>(frame, version, [](InitProducerIdRequest& request) {
        if (request.transactional_id) request.transactional_id->clear();
      });
    case ApiKey::add_partitions_to_txn:
      return rewrite_request<AddPartitionsToTxnRequest>(frame, version, [](AddPartitionsToTxnRequest& request) {
        request.v3_and_below_transactional_id.clear();
        for (auto& transaction : request.transactions) transaction.transactional_id.clear();
      });
    case ApiKey::add_offsets_to_txn:
      return rewrite_request<AddOffsetsToTxnRequest>(frame, version, [](AddOffsetsToTxnRequest& request) { request.transactional_id.clear(); });
    case ApiKey::txn_offset_commit:
      return rewrite_request<TxnOffsetCommitRequest>(frame, version, [](TxnOffsetCommitRequest& request) { request.group_id.clear(); });
    case ApiKey::end_txn: return rewrite_request<EndTxnRequest>(frame, version, [](EndTxnRequest& request) { request.transactional_id.clear(); });
    default: return frame;
  }
}

}  // namespace linger::scenarios
