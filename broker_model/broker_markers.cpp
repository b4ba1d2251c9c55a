#include <cassert>

#include "broker_model/broker.h"
#include "broker_model/group_log.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int16_t write_markers_version = 2;
/// Kafka asks again at once when a partition refused a marker for the moment, as fast as the network lets it; this
/// keeps a partition below its minimum of replicas from filling a trace.
constexpr Duration marker_retry_pause = Duration::ms(10);
constexpr Duration reconnect_backoff = Duration::ms(50);

sim::Bytes marker_batch(const WriteTxnMarkersRequest::WritableTxnMarker& marker, std::int64_t timestamp_ms) {
  BatchOptions options;
  options.producer = {ProducerId{marker.producer_id}, ProducerEpoch{marker.producer_epoch}};
  options.transactional = true;
  options.control = true;
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  builder.append_end_txn_marker(buffer, timestamp_ms, marker.transaction_result, marker.coordinator_epoch);
  builder.close(buffer);
  return sim::Bytes::copy_of(builder.records(buffer));
}

void note(WriteTxnMarkersResponse& response, ProducerId producer, const TopicPartition& partition, ErrorCode error) {
  auto marker = std::find_if(response.markers.begin(), response.markers.end(),
                             [&](const auto& m) { return m.producer_id == producer.value(); });
  if (marker == response.markers.end()) {
    marker = response.markers.insert(marker, WriteTxnMarkersResponse::WritableTxnMarkerResult{});
    marker->producer_id = producer.value();
  }
  auto topic = std::find_if(marker->topics.begin(), marker->topics.end(),
                            [&](const auto& t) { return t.name == partition.topic; });
  if (topic == marker->topics.end()) topic = marker->topics.insert(topic, {partition.topic, {}});
  topic->partitions.push_back({partition.partition, wire_code(error)});
}

}  // namespace

// ---------------------------------------------------------------- as leader of the partitions

void Broker::handle_write_txn_markers(Request request, Reader& reader) {
  const auto asked = body<WriteTxnMarkersRequest>(reader, request);
  if (!asked) return;
  MarkerBatch batch;
  batch.number = ++waiters_;
  batch.request = request;
  struct Write {
    TopicIdPartition id;
    const WriteTxnMarkersRequest::WritableTxnMarker* marker = nullptr;
    TopicPartition name;
  };
  std::vector<Write> writes;
  for (const auto& marker : asked->markers) {
    for (const auto& topic : marker.topics) {
      const TopicImage* image = image_->topic(topic.name);
      for (const std::int32_t index : topic.partition_indexes) {
        const TopicPartition name{topic.name, index};
        const TopicIdPartition id{image == nullptr ? Uuid{} : image->id, index};
        const Partition* partition = image == nullptr ? nullptr : find(id);
        ErrorCode error =
            partition == nullptr || partition->offline ? ErrorCode::unknown_topic_or_partition : ErrorCode::none;
        if (error == ErrorCode::none && topic.name == offsets_topic && group_part(index, error) == nullptr) {
          // A transaction coordinator does not know the errors of a group coordinator that is not ready.
          error = ErrorCode::not_leader_or_follower;
        }
        if (error != ErrorCode::none) {
          note(batch.response, ProducerId{marker.producer_id}, name, error);
        } else {
          writes.push_back({id, &marker, name});
        }
      }
    }
  }
  batch.left = writes.size();
  if (writes.empty()) {
    answer(request, batch.response);
    return;
  }
  marker_batches_.push_back(std::move(batch));
  const std::uint64_t number = waiters_;
  for (const Write& write : writes) {
    AppendOrigin origin;
    origin.coordinator = true;
    const auto& marker = *write.marker;
    origin.marker = EndMarker{ProducerId{marker.producer_id}, ProducerEpoch{marker.producer_epoch},
                              marker.coordinator_epoch, marker.transaction_result, marker.transaction_version};
    append_own(write.id, marker_batch(marker, wall_ms()), origin, Duration::ms(config_.request_timeout_ms),
               MarkerWrite{number, ProducerId{marker.producer_id}, write.name});
    if (life_ == BrokerLife::stopped) return;
  }
}

void Broker::finished(const MarkerWrite& write, ErrorCode error) {
  const auto batch = std::find_if(marker_batches_.begin(), marker_batches_.end(),
                                  [&](const MarkerBatch& b) { return b.number == write.batch; });
  assert(batch != marker_batches_.end());
  note(batch->response, write.producer, write.partition, error);
  if (--batch->left > 0) return;
  answer(batch->request, batch->response);
  marker_batches_.erase(batch);
}

// ---------------------------------------------------------------- as coordinator

void Broker::write_markers(const MarkersToWrite& verdict) {
  complete_transactions(markers_.add(verdict, coordinator_, *image_));
}

void Broker::complete_transactions(TransactionMarkers::Completions completions) {
  for (TransactionAppend& completion : completions) write_transaction_log(std::move(completion), std::nullopt);
}

MarkerChannel* Broker::marker_channel(const Channel& channel) {
  for (MarkerChannel& known : markers_.channels()) {
    if (&known.channel == &channel) return &known;
  }
  return nullptr;
}

void Broker::pump_markers() {
  for (MarkerChannel& to : markers_.channels()) {
    Channel& channel = to.channel;
    if (to.queue.empty()) continue;
    if (channel.client_id.empty())
      channel.client_id = "broker-" + std::to_string(spec_.id.value()) + "-txn-marker-sender";
    if (channel.state == Channel::State::closed && channel.retry_at <= now_)
      connect(channel, channel.to, connect_timeout);
    if (!channel.idle() || channel.retry_at > now_) continue;
    channel.send(markers_.next_request(to), write_markers_version, now_ + Duration::ms(config_.request_timeout_ms),
                 cause_, out_);
  }
}

void Broker::on_markers_written(Channel& channel, const WriteTxnMarkersResponse& response) {
  MarkerChannel* from = marker_channel(channel);
  const NodeId node = channel.to;
  auto result = markers_.answered(*from, response, coordinator_, *image_);
  if (result.broken) {
    halt(ErrorCode::unknown_server_error);
    return;
  }
  if (result.again) {
    // The channels may have moved: a partition's new leader may be one that had none.
    for (MarkerChannel& known : markers_.channels()) {
      if (!known.queue.empty() && (known.channel.to == node || known.channel.state == Channel::State::ready))
        known.channel.retry_at = std::max(known.channel.retry_at, now_ + marker_retry_pause);
    }
  }
  complete_transactions(std::move(result.completions));
  complete_transactions(std::exchange(completions_, {}));
  completions_at_ = SimTime::never();
}

void Broker::markers_failed(MarkerChannel& channel) {
  channel.channel.retry_at = now_ + reconnect_backoff;
  complete_transactions(markers_.failed(channel, coordinator_, *image_));
}

}  // namespace linger::broker
