#include <cassert>
#include <cstring>

#include "broker_model/broker.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int16_t fetch_version = 17;
constexpr std::int16_t list_offsets_version = 10;
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;

}  // namespace

// ---------------------------------------------------------------- who follows whom (Kafka: AbstractFetcherManager)

/// Begins to follow the partition's leader, or goes on if it does already.
void Broker::follow(Partition& partition) {
  if (partition.role != Role::follower || partition.leader == no_leader || partition.offline) return;
  if (!image_->alive(NodeId{partition.leader})) return;
  const NodeId leader{partition.leader};
  auto fetcher = std::lower_bound(fetchers_.begin(), fetchers_.end(), leader,
                                  [](const Fetcher& f, NodeId node) { return f.channel.to < node; });
  if (fetcher == fetchers_.end() || fetcher->channel.to != leader) {
    fetcher = fetchers_.insert(fetcher, Fetcher{});
    fetcher->channel.to = leader;
    fetcher->channel.client_id = "broker-" + std::to_string(spec_.id.value()) + "-fetcher-0";
  }
  for (const FollowedPartition& known : fetcher->partitions) {
    if (known.id == partition.id && known.leader_epoch == partition.leader_epoch) return;
  }
  std::erase_if(fetcher->partitions, [&](const FollowedPartition& known) { return known.id == partition.id; });
  fetcher->partitions.push_back(start_following(partition));
}

/// Where a follower begins (Kafka: ReplicaManager.initialFetchOffset, AbstractFetcherThread.partitionFetchState). With
/// epochs it fetches from its log end and lets the leader say whether that diverges; without any it goes back to its
/// high watermark first.
Broker::FollowedPartition Broker::start_following(Partition& partition) {
  FollowedPartition followed;
  followed.id = partition.id;
  followed.leader_epoch = partition.leader_epoch;
  const auto epoch = partition.log.epochs().latest();
  followed.tracks_epochs = epoch.has_value() && spec_.behaviour.truncate_rule == TruncateRule::leader_epoch;
  if (!followed.tracks_epochs) truncate(partition, partition.log.high_watermark());
  followed.offset = partition.log.log_end();
  followed.last_fetched_epoch = followed.tracks_epochs ? *epoch : -1;
  return followed;
}

void Broker::unfollow(const TopicIdPartition& id) {
  for (Fetcher& fetcher : fetchers_) {
    std::erase_if(fetcher.partitions, [&](const FollowedPartition& followed) { return followed.id == id; });
  }
}

// ---------------------------------------------------------------- asking

void Broker::pump_fetcher(Fetcher& fetcher) {
  Channel& channel = fetcher.channel;
  if (fetcher.partitions.empty()) {
    if (channel.state != Channel::State::closed && !channel.in_flight) channel.close(now_, out_);
    return;
  }
  if (channel.state == Channel::State::closed && channel.retry_at <= now_) {
    const NodeId leader = channel.to;
    channel.connect(leader, new_connection(), now_ + connect_timeout, out_);
  }
  if (!channel.idle() || channel.retry_at > now_) return;
  const SimTime until = now_ + Duration::ms(config_.replica_socket_timeout_ms);
  for (const FollowedPartition& followed : fetcher.partitions) {
    const bool asks = followed.state == FollowedPartition::State::ask_latest ||
                      followed.state == FollowedPartition::State::ask_earliest;
    const TopicImage* topic = image_->topic(followed.id.topic);
    if (!asks || followed.not_before > now_ || topic == nullptr) continue;
    ListOffsetsRequest request;
    request.replica_id = spec_.id.value();
    request.topics.resize(1);
    request.topics[0].name = topic->name;
    request.topics[0].partitions.push_back(
        {followed.id.partition, followed.leader_epoch,
         followed.state == FollowedPartition::State::ask_latest ? latest : earliest});
    fetcher.asked.assign(1, followed);
    channel.send(request, list_offsets_version, until, cause_, out_);
    return;
  }
  FetchRequest request;
  request.cluster_id = spec_.cluster_id;
  request.replica_state = {spec_.id.value(), broker_epoch_};
  request.max_wait_ms = static_cast<std::int32_t>(config_.replica_fetch_wait_max_ms);
  request.min_bytes = static_cast<std::int32_t>(config_.replica_fetch_min_bytes);
  request.max_bytes = static_cast<std::int32_t>(config_.replica_fetch_response_max_bytes);
  fetcher.asked.clear();
  for (const FollowedPartition& followed : fetcher.partitions) {
    const Partition* partition = find(followed.id);
    if (followed.state != FollowedPartition::State::fetching || followed.not_before > now_ || partition == nullptr)
      continue;
    if (request.topics.empty() || request.topics.back().topic_id != followed.id.topic) {
      request.topics.emplace_back();
      request.topics.back().topic_id = followed.id.topic;
    }
    FetchRequest::FetchPartition wanted;
    wanted.partition = followed.id.partition;
    wanted.current_leader_epoch = followed.leader_epoch;
    wanted.fetch_offset = followed.offset;
    wanted.last_fetched_epoch = followed.last_fetched_epoch;
    wanted.log_start_offset = partition->log.log_start();
    wanted.partition_max_bytes = static_cast<std::int32_t>(config_.replica_fetch_max_bytes);
    request.topics.back().partitions.push_back(wanted);
    fetcher.asked.push_back(followed);
  }
  if (fetcher.asked.empty()) return;
  channel.send(request, fetch_version, until, cause_, out_);
}

// ---------------------------------------------------------------- what comes back (Kafka:
// AbstractFetcherThread.processFetchRequest)

void Broker::delay(FollowedPartition& followed) {
  followed.not_before = now_ + Duration::ms(config_.replica_fetch_backoff_ms);
}

void Broker::on_fetched(Fetcher& fetcher, const FetchResponse& response) {
  SimTime done = now_;
  for (const auto& topic : response.responses) {
    for (const auto& data : topic.partitions) {
      const TopicIdPartition id{topic.topic_id, data.partition_index};
      const auto same = [&](const FollowedPartition& f) { return f.id == id; };
      const auto followed = std::find_if(fetcher.partitions.begin(), fetcher.partitions.end(), same);
      const auto asked = std::find_if(fetcher.asked.begin(), fetcher.asked.end(), same);
      Partition* partition = find(id);
      if (followed == fetcher.partitions.end() || asked == fetcher.asked.end() || partition == nullptr) continue;
      // The answer counts only for what was asked: since then the leader may have changed, or the log have been cut.
      if (asked->offset != followed->offset || asked->leader_epoch != followed->leader_epoch) continue;
      if (followed->state != FollowedPartition::State::fetching) continue;
      switch (error_from_wire(data.error_code)) {
        case ErrorCode::none:
          take_in(*followed, *partition, data, done);
          break;
        case ErrorCode::offset_out_of_range:
          followed->state = FollowedPartition::State::ask_latest;
          break;
        case ErrorCode::fenced_leader_epoch:
          followed->state = FollowedPartition::State::failed;
          break;
        default:
          delay(*followed);
          break;
      }
      if (life_ == BrokerLife::stopped) return;
    }
  }
  fetcher.asked.clear();
  if (done > now_) fetcher.channel.retry_at = done;
}

/// One partition's part of an answer: cut the log where it diverges, or append, then take over high watermark and log
/// start.
void Broker::take_in(FollowedPartition& followed, Partition& partition, const FetchResponse::PartitionData& data,
                     SimTime& done) {
  ReplicaLog& log = partition.log;
  if (data.diverging_epoch.epoch >= 0 || data.diverging_epoch.end_offset >= 0) {
    // The high watermark of this answer is left alone: it may lie in what must go first (KAFKA-14704).
    const Truncation cut =
        truncation_for(log, {data.diverging_epoch.epoch, data.diverging_epoch.end_offset}, log.high_watermark());
    truncate(partition, cut.offset);
    followed.offset = log.log_end();
    followed.last_fetched_epoch = log.epochs().latest().value_or(-1);
    return;
  }
  if (followed.offset != log.log_end()) {
    followed.state = FollowedPartition::State::failed;
    return;
  }
  if (!append_as_follower(partition, data.records.bytes(), done)) {
    if (life_ != BrokerLife::stopped) delay(followed);
    return;
  }
  followed.offset = log.log_end();
  if (followed.tracks_epochs || data.records.size() != 0)
    followed.last_fetched_epoch = log.epochs().latest().value_or(-1);
  followed.tracks_epochs = spec_.behaviour.truncate_rule == TruncateRule::leader_epoch;
  if (!followed.tracks_epochs) followed.last_fetched_epoch = -1;
  const std::int64_t before = log.high_watermark();
  const std::int64_t stable_before = log.last_stable_offset();
  if (log.set_high_watermark(data.high_watermark)) observe_watermarks(partition, before, stable_before);
  const std::int64_t start_before = log.log_start();
  if (log.maybe_increment_log_start(std::min(data.log_start_offset, log.log_end()))) {
    Observation moved = about(partition, Observation::Kind::log_start_moved);
    moved.from = start_before;
    moved.to = log.log_start();
    observe(moved);
  }
}

/// Appends what a leader sent, checksums verified; false when nothing more could be taken in.
bool Broker::append_as_follower(Partition& partition, BytesView records, SimTime& done) {
  if (records.empty()) return true;
  const sim::Bytes shared = sim::Bytes::copy_of(records);
  BatchCursor cursor{shared.span()};
  while (const auto batch = cursor.next()) {
    if (batch->check()) return false;
    const RecordBatchHeader header = batch->header();
    // Beyond the epoch that was asked for, the leader's log was cut and grew again while the answer was made
    // (KAFKA-18723).
    if (header.partition_leader_epoch.value() > partition.leader_epoch) return true;
    if (header.base_offset.value() < partition.log.log_end()) {
      const bool empty = partition.log.log_end() == partition.log.log_start();
      if (!empty || header.last_offset().value() < partition.log.log_end()) return false;
      // The leader's log starts inside a batch: this log begins with the whole batch.
      partition.log.truncate_fully_and_start_at(header.base_offset.value());
    }
    const sim::DiskResult written =
        disk_.append(partition.file, static_cast<std::int64_t>(batch->size_in_bytes()), now_);
    if (written.error != sim::DiskError::none) {
      halt(ErrorCode::kafka_storage_error);
      return false;
    }
    done = std::max(done, written.done + scaled(spec_.cost.fetch_answer));
    BatchPrefix prefix{};
    std::memcpy(prefix.data(), batch->bytes().data(), prefix.size());
    const auto at = static_cast<std::size_t>(batch->bytes().data() - shared.data());
    partition.log.append(header, prefix, shared.slice(at + batch_prefix, batch->size_in_bytes() - batch_prefix),
                         spec_.behaviour, partition.config.segment_bytes, now_);
    Observation appended = about(partition, Observation::Kind::appended);
    appended.from = header.base_offset.value();
    appended.to = header.last_offset().value();
    appended.producer = header.producer.id;
    appended.producer_epoch = header.producer.epoch;
    appended.first_seq = header.base_sequence;
    appended.last_seq = header.last_sequence();
    appended.leader_epoch = header.partition_leader_epoch.value();
    appended.bytes = static_cast<std::int32_t>(batch->size_in_bytes());
    observe(appended);
    if (header.control) observe_marker(partition);
    flush_if_due(partition);
  }
  return !cursor.error();
}

void Broker::truncate(Partition& partition, std::int64_t offset) {
  const std::int64_t before = partition.log.log_end();
  if (!partition.log.truncate_to(offset, spec_.behaviour, wall_ms(), config_.producer_id_expiration_ms)) return;
  disk_.truncate(partition.file, partition.log.byte_end());
  Observation cut = about(partition, Observation::Kind::truncated);
  cut.from = before;
  cut.to = partition.log.log_end();
  cut.leader_epoch = partition.leader_epoch;
  observe(cut);
}

/// The fetch offset was out of range: first the leader's end is asked for, then, if this log does not reach beyond it,
/// the leader's start (Kafka: AbstractFetcherThread.fetchOffsetAndTruncate).
void Broker::on_offsets(Fetcher& fetcher, const ListOffsetsResponse& response) {
  if (fetcher.asked.empty() || response.topics.size() != 1 || response.topics[0].partitions.size() != 1) return;
  const FollowedPartition asked = fetcher.asked[0];
  fetcher.asked.clear();
  const auto followed = std::find_if(fetcher.partitions.begin(), fetcher.partitions.end(),
                                     [&](const FollowedPartition& f) { return f.id == asked.id; });
  Partition* partition = find(asked.id);
  if (followed == fetcher.partitions.end() || partition == nullptr || followed->leader_epoch != asked.leader_epoch ||
      followed->state != asked.state)
    return;
  const auto& data = response.topics[0].partitions[0];
  const ErrorCode error = error_from_wire(data.error_code);
  if (error == ErrorCode::fenced_leader_epoch) {
    followed->state = FollowedPartition::State::failed;
    return;
  }
  if (error != ErrorCode::none) {
    followed->state = FollowedPartition::State::fetching;
    delay(*followed);
    return;
  }
  ReplicaLog& log = partition->log;
  if (followed->state == FollowedPartition::State::ask_latest) {
    if (data.offset >= log.log_end()) {
      followed->state = FollowedPartition::State::ask_earliest;
      return;
    }
    truncate(*partition, data.offset);
  } else if (data.offset > log.log_end()) {
    const std::int64_t before = log.log_end();
    log.truncate_fully_and_start_at(data.offset);
    disk_.truncate(partition->file, 0);
    Observation cut = about(*partition, Observation::Kind::truncated);
    cut.from = before;
    cut.to = data.offset;
    observe(cut);
  }
  followed->state = FollowedPartition::State::fetching;
  followed->offset = log.log_end();
  followed->last_fetched_epoch = followed->tracks_epochs ? log.epochs().latest().value_or(-1) : -1;
}

}  // namespace linger::broker
