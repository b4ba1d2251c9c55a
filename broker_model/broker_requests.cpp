#include <cassert>
#include <limits>

#include "broker_model/broker.h"
#include "broker_model/group_log.h"
#include "protocol/api_level.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

/// What a broker of the model answers, in the order of the keys.
constexpr ApiKey served[] = {ApiKey::produce,
                             ApiKey::fetch,
                             ApiKey::list_offsets,
                             ApiKey::metadata,
                             ApiKey::offset_commit,
                             ApiKey::offset_fetch,
                             ApiKey::find_coordinator,
                             ApiKey::api_versions,
                             ApiKey::create_topics,
                             ApiKey::delete_topics,
                             ApiKey::delete_records,
                             ApiKey::init_producer_id,
                             ApiKey::offset_for_leader_epoch,
                             ApiKey::add_partitions_to_txn,
                             ApiKey::add_offsets_to_txn,
                             ApiKey::end_txn,
                             ApiKey::write_txn_markers,
                             ApiKey::txn_offset_commit,
                             ApiKey::create_partitions,
                             ApiKey::elect_leaders};

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;
constexpr std::int64_t max_timestamp = -3;

bool valid_topic_name(const std::string& name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace

bool Broker::serve() {
  bool any = false;
  while (life_ != BrokerLife::stopped) {
    const auto ready = server_.next(now_);
    if (!ready) break;
    any = true;
    handle(*ready);
  }
  return any;
}

void Broker::handle(const RequestServer::Ready& ready) {
  Request request;
  request.conn = ready.conn;
  request.cause = ready.cause;
  cause_ = ready.cause;
  handling_ = true;
  request.done = handler_done_ = now_ + scaled(spec_.cost.request + spec_.cost.for_bytes(ready.frame.size()));
  Reader reader{ready.frame.span()};
  const auto header = decode_request_header(reader);
  if (!header) {
    malformed(request);
  } else {
    request.api = static_cast<ApiKey>(header.value.request_api_key);
    request.version = header.value.request_api_version;
    request.correlation = header.value.correlation_id;
    const bool known = std::find(std::begin(served), std::end(served), request.api) != std::end(served);
    if (!known || (!api_info(request.api).versions.contains(request.version) && request.api != ApiKey::api_versions)) {
      malformed(request);
    } else {
      switch (request.api) {
        case ApiKey::produce:
          handle_produce(request, reader, ready.frame);
          break;
        case ApiKey::fetch:
          handle_fetch(request, reader);
          break;
        case ApiKey::list_offsets:
          handle_list_offsets(request, reader);
          break;
        case ApiKey::metadata:
          handle_metadata(request, reader);
          break;
        case ApiKey::api_versions:
          handle_api_versions(request, reader);
          break;
        case ApiKey::delete_records:
          handle_delete_records(request, reader);
          break;
        case ApiKey::init_producer_id:
          handle_init_producer_id(request, reader);
          break;
        case ApiKey::offset_for_leader_epoch:
          handle_offset_for_leader_epoch(request, reader);
          break;
        case ApiKey::txn_offset_commit:
          handle_txn_offset_commit(request, reader);
          break;
        case ApiKey::offset_commit:
          handle_offset_commit(request, reader);
          break;
        case ApiKey::offset_fetch:
          handle_offset_fetch(request, reader);
          break;
        case ApiKey::find_coordinator:
          handle_find_coordinator(request, reader);
          break;
        case ApiKey::add_partitions_to_txn:
          handle_add_partitions_to_txn(request, reader);
          break;
        case ApiKey::add_offsets_to_txn:
          handle_add_offsets_to_txn(request, reader);
          break;
        case ApiKey::end_txn:
          handle_end_txn(request, reader);
          break;
        case ApiKey::write_txn_markers:
          handle_write_txn_markers(request, reader);
          break;
        default:
          forward(request, reader);
          break;
      }
    }
  }
  server_.occupy(ready.handler, handler_done_);
  handling_ = false;
  cause_ = sim::no_event;
}

template <RequestMessage M>
std::optional<M> Broker::body(Reader& reader, const Request& request) {
  auto decoded = decode_whole<M>(reader, request.version);
  if (decoded) return std::move(decoded.value);
  malformed(request);
  return std::nullopt;
}

template <Message M>
void Broker::answer(const Request& request, const M& message) {
  server_.answer(request.conn, encode_answer(message, request.version, request.correlation),
                 {request.api, request.version, CorrelationId{request.correlation}, true}, request.cause,
                 leaves_at(request));
}

template std::optional<ProduceRequest> Broker::body(Reader&, const Request&);
template std::optional<FetchRequest> Broker::body(Reader&, const Request&);
template std::optional<FindCoordinatorRequest> Broker::body(Reader&, const Request&);
template std::optional<AddPartitionsToTxnRequest> Broker::body(Reader&, const Request&);
template std::optional<AddOffsetsToTxnRequest> Broker::body(Reader&, const Request&);
template std::optional<EndTxnRequest> Broker::body(Reader&, const Request&);
template std::optional<WriteTxnMarkersRequest> Broker::body(Reader&, const Request&);
template std::optional<TxnOffsetCommitRequest> Broker::body(Reader&, const Request&);
template std::optional<OffsetFetchRequest> Broker::body(Reader&, const Request&);
template std::optional<OffsetCommitRequest> Broker::body(Reader&, const Request&);
template void Broker::answer(const Request&, const TxnOffsetCommitResponse&);
template void Broker::answer(const Request&, const OffsetFetchResponse&);
template void Broker::answer(const Request&, const OffsetCommitResponse&);
template void Broker::answer(const Request&, const InitProducerIdResponse&);
template void Broker::answer(const Request&, const FindCoordinatorResponse&);
template void Broker::answer(const Request&, const AddPartitionsToTxnResponse&);
template void Broker::answer(const Request&, const AddOffsetsToTxnResponse&);
template void Broker::answer(const Request&, const EndTxnResponse&);
template void Broker::answer(const Request&, const WriteTxnMarkersResponse&);
template void Broker::answer(const Request&, const ProduceResponse&);
template void Broker::answer(const Request&, const FetchResponse&);
template void Broker::answer(const Request&, const DeleteRecordsResponse&);

void Broker::malformed(const Request& request) {
  Observation seen;
  seen.kind = Observation::Kind::malformed;
  seen.conn = request.conn;
  observe(seen);
  server_.close(request.conn, out_);
}

void Broker::handle_api_versions(Request request, Reader& reader) {
  ApiVersionsResponse response;
  if (!api_info(ApiKey::api_versions).versions.contains(request.version)) {
    // A client that is too new is answered in a version that everyone reads, so that it can try again (KIP-511).
    request.version = 0;
    response.error_code = wire_code(ErrorCode::unsupported_version);
    response.api_keys.push_back({wire_code(ApiKey::api_versions), 0, api_info(ApiKey::api_versions).versions.max});
    answer(request, response);
    return;
  }
  if (!body<ApiVersionsRequest>(reader, request)) return;
  const auto level = static_cast<ApiLevel>(config_.client_api_level);
  for (const ApiKey key : served) {
    const ApiInfo& info = api_info(key);
    // Produce claims version 0 for the sake of old librdkafka, and closes the connection when it is used (KAFKA-18659).
    const std::int16_t min = key == ApiKey::produce ? std::int16_t{0} : info.versions.min;
    response.api_keys.push_back({wire_code(key), min, newest_version(key, level)});
  }
  if (level != ApiLevel::newest) {
    // Features came with Kafka 2.7 (KIP-584): who hears of none speaks of transactions as clients before 4.0 did.
    answer(request, response);
    return;
  }
  // Clients before version 4 cannot read a feature whose lowest level is 0 (KAFKA-17492).
  if (request.version >= 4) response.supported_features.push_back({"transaction.version", 0, transaction_version_2});
  if (const std::int16_t level = image_->transaction_version(); level != 0) {
    response.finalized_features.push_back({"transaction.version", level, level});
  }
  response.finalized_features_epoch = metadata_end_ - 1;
  answer(request, response);
}

void Broker::handle_metadata(Request request, Reader& reader) {
  const auto asked = body<MetadataRequest>(reader, request);
  if (!asked) return;
  const MetadataImage& image = *image_;
  MetadataResponse response;
  response.cluster_id = spec_.cluster_id;
  for (const BrokerRegistration& broker : image.brokers()) {
    if (broker.fenced) continue;
    response.brokers.push_back({broker.id.value(), broker.host, broker.port, std::nullopt});
    if (response.controller_id < 0) response.controller_id = broker.id.value();
  }
  const auto describe_topic = [&](const TopicImage& topic) {
    MetadataResponse::MetadataResponseTopic answered;
    answered.name = topic.name;
    answered.topic_id = topic.id;
    answered.is_internal = is_internal_topic(topic.name);
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const PartitionRegistration& registration = topic.partitions[i];
      MetadataResponse::MetadataResponsePartition partition;
      const bool led = registration.leader != no_leader && image.alive(NodeId{registration.leader});
      partition.error_code = wire_code(led ? ErrorCode::none : ErrorCode::leader_not_available);
      partition.partition_index = static_cast<std::int32_t>(i);
      partition.leader_id = led ? registration.leader : no_leader;
      partition.leader_epoch = registration.leader_epoch;
      partition.replica_nodes = registration.replicas;
      partition.isr_nodes = registration.isr;
      for (const std::int32_t node : registration.replicas) {
        if (!image.alive(NodeId{node})) partition.offline_replicas.push_back(node);
      }
      answered.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(answered));
  };
  const bool all = !asked->topics || (request.version == 0 && asked->topics->empty());
  if (all) {
    for (const TopicImage& topic : image.topics()) describe_topic(topic);
    answer(request, response);
    return;
  }
  for (const auto& wanted : *asked->topics) {
    const bool by_id = !wanted.topic_id.is_zero();
    const TopicImage* topic = by_id ? image.topic(wanted.topic_id) : wanted.name ? image.topic(*wanted.name) : nullptr;
    if (topic != nullptr) {
      describe_topic(*topic);
      continue;
    }
    MetadataResponse::MetadataResponseTopic answered;
    answered.name = wanted.name;
    answered.topic_id = wanted.topic_id;
    if (by_id) {
      answered.name = request.version >= 12 ? std::optional<std::string>{} : std::optional<std::string>{std::in_place};
      answered.error_code = wire_code(ErrorCode::unknown_topic_id);
    } else {
      const bool valid = wanted.name && valid_topic_name(*wanted.name);
      answered.error_code =
          wire_code(valid ? ErrorCode::unknown_topic_or_partition : ErrorCode::invalid_topic_exception);
    }
    response.topics.push_back(std::move(answered));
  }
  answer(request, response);
}

void Broker::handle_init_producer_id(Request request, Reader& reader) {
  const auto asked = body<InitProducerIdRequest>(reader, request);
  if (!asked) return;
  if (asked->transactional_id) {
    handle_init_transactional(request, *asked);
    return;
  }
  InitProducerIdResponse response;
  response.producer_epoch = -1;
  if (const auto id = next_producer_id()) {
    response.producer_id = *id;
    response.producer_epoch = 0;
  } else {
    response.error_code = wire_code(ErrorCode::coordinator_load_in_progress);
  }
  answer(request, response);
}

ErrorCode Broker::check_leader(const Partition* partition, std::int32_t current_leader_epoch) const {
  if (partition == nullptr) return ErrorCode::not_leader_or_follower;
  if (partition->offline) return ErrorCode::kafka_storage_error;
  // Epochs are compared first: whoever is older has to look for metadata (KIP-320).
  if (current_leader_epoch >= 0) {
    if (current_leader_epoch < partition->leader_epoch) return ErrorCode::fenced_leader_epoch;
    if (current_leader_epoch > partition->leader_epoch) return ErrorCode::unknown_leader_epoch;
  }
  return partition->is_leader() ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

void Broker::handle_list_offsets(Request request, Reader& reader) {
  const auto asked = body<ListOffsetsRequest>(reader, request);
  if (!asked) return;
  const bool from_client = asked->replica_id < 0;
  ListOffsetsResponse response;
  for (const auto& topic : asked->topics) {
    ListOffsetsResponse::ListOffsetsTopicResponse answered;
    answered.name = topic.name;
    const TopicImage* image = image_->topic(topic.name);
    for (const auto& wanted : topic.partitions) {
      ListOffsetsResponse::ListOffsetsPartitionResponse data;
      data.partition_index = wanted.partition_index;
      const bool exists = image != nullptr && wanted.partition_index >= 0 &&
                          static_cast<std::size_t>(wanted.partition_index) < image->partitions.size();
      const Partition* partition = exists ? find({image->id, wanted.partition_index}) : nullptr;
      const ErrorCode error =
          exists ? check_leader(partition, wanted.current_leader_epoch) : ErrorCode::unknown_topic_or_partition;
      data.error_code = wire_code(error);
      if (error == ErrorCode::none) {
        const ReplicaLog& log = partition->log;
        const std::int64_t last = !from_client                  ? log.log_end()
                                  : asked->isolation_level == 1 ? log.last_stable_offset()
                                                                : log.high_watermark();
        const bool lagging = from_client && partition->epoch_start > log.high_watermark();
        data.leader_epoch = partition->leader_epoch;
        if (wanted.timestamp == earliest_timestamp) {
          data.offset = log.log_start();
        } else if (lagging) {
          data.error_code = wire_code(ErrorCode::offset_not_available);
          data.leader_epoch = -1;
        } else if (wanted.timestamp == latest_timestamp) {
          data.offset = last;
        } else {
          const LogEntry* found = nullptr;
          for (const LogEntry& entry : log.entries()) {
            if (entry.last >= last) break;
            const bool better = wanted.timestamp == max_timestamp
                                    ? found == nullptr || entry.max_timestamp > found->max_timestamp
                                    : found == nullptr && entry.max_timestamp >= wanted.timestamp;
            if (better) found = &entry;
          }
          data.offset = found == nullptr ? -1 : found->base;
          data.timestamp = found == nullptr ? -1 : found->max_timestamp;
          data.leader_epoch = found == nullptr ? -1 : found->leader_epoch;
        }
      }
      answered.partitions.push_back(data);
    }
    response.topics.push_back(std::move(answered));
  }
  answer(request, response);
}

void Broker::handle_offset_for_leader_epoch(Request request, Reader& reader) {
  const auto asked = body<OffsetForLeaderEpochRequest>(reader, request);
  if (!asked) return;
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked->topics) {
    OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult answered;
    answered.topic = topic.topic;
    const TopicImage* image = image_->topic(topic.topic);
    for (const auto& wanted : topic.partitions) {
      OffsetForLeaderEpochResponse::EpochEndOffset data;
      data.partition = wanted.partition;
      const bool exists = image != nullptr && wanted.partition >= 0 &&
                          static_cast<std::size_t>(wanted.partition) < image->partitions.size();
      const Partition* partition = exists ? find({image->id, wanted.partition}) : nullptr;
      const ErrorCode error =
          exists ? check_leader(partition, wanted.current_leader_epoch) : ErrorCode::unknown_topic_or_partition;
      data.error_code = wire_code(error);
      if (error == ErrorCode::none) {
        const EpochEnd end = partition->end_of_epoch(wanted.leader_epoch, spec_.behaviour);
        data.leader_epoch = end.epoch;
        data.end_offset = end.end;
      }
      answered.partitions.push_back(data);
    }
    response.topics.push_back(std::move(answered));
  }
  answer(request, response);
}

void Broker::handle_delete_records(Request request, Reader& reader) {
  const auto asked = body<DeleteRecordsRequest>(reader, request);
  if (!asked) return;
  DelayedDelete delayed;
  delayed.request = request;
  delayed.deadline = now_ + Duration::ms(asked->timeout_ms);
  bool waits = false;
  for (const auto& topic : asked->topics) {
    DeleteRecordsResponse::DeleteRecordsTopicResult answered;
    answered.name = topic.name;
    const TopicImage* image = image_->topic(topic.name);
    for (const auto& wanted : topic.partitions) {
      DeleteRecordsResponse::DeleteRecordsPartitionResult data;
      data.partition_index = wanted.partition_index;
      data.low_watermark = -1;
      const TopicIdPartition id{image == nullptr ? Uuid{} : image->id, wanted.partition_index};
      Partition* partition = image == nullptr ? nullptr : find(id);
      ErrorCode error = image == nullptr ? ErrorCode::unknown_topic_or_partition : check_leader(partition, -1);
      if (error == ErrorCode::none) {
        const std::int64_t target = wanted.offset < 0 ? partition->log.high_watermark() : wanted.offset;
        const std::int64_t before = partition->log.log_start();
        if (target > partition->log.high_watermark()) {
          error = ErrorCode::offset_out_of_range;
        } else {
          if (partition->log.maybe_increment_log_start(target)) {
            Observation moved = about(*partition, Observation::Kind::log_start_moved);
            moved.from = before;
            moved.to = target;
            observe(moved);
          }
          data.low_watermark = partition->low_watermark(*image_);
          if (data.low_watermark < target) {
            error = ErrorCode::request_timed_out;
            waits = true;
            delayed.status.push_back({delayed.response.topics.size(), answered.partitions.size(), id, target, true});
          }
        }
      }
      data.error_code = wire_code(error);
      answered.partitions.push_back(data);
    }
    delayed.response.topics.push_back(std::move(answered));
  }
  if (waits) {
    delayed_deletes_.push_back(std::move(delayed));
  } else {
    answer(request, delayed.response);
  }
}

}  // namespace linger::broker
