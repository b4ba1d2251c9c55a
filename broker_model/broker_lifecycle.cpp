#include <cassert>
#include <utility>

#include "broker_model/broker.h"
#include "broker_model/metadata_log.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int16_t fetch_version = 17;
constexpr std::int16_t registration_version = 4;
constexpr std::int16_t heartbeat_version = 1;
constexpr std::int16_t alter_partition_version = 3;
constexpr std::int16_t allocate_version = 0;
constexpr std::int16_t create_topics_version = 7;

}  // namespace

// ---------------------------------------------------------------- channels to the controller

NodeId Broker::active_controller() const {
  return controller_;
}

void Broker::next_controller_guess() {
  controller_ = no_node;
  controller_guess_ = (controller_guess_ + 1) % spec_.controllers.size();
}

void Broker::controller_is(NodeId node) {
  if (node == no_node || node == controller_) return;
  controller_ = node;
  // What was in flight to the old one is asked again of the new one.
  for (Channel* channel : {&heartbeat_channel_, &alter_channel_, &forward_channel_}) {
    if (channel->state == Channel::State::closed || channel->to == node) continue;
    channel->close(now_, out_);
    channel_failed(*channel);
  }
}

void Broker::channel_failed(Channel& channel) {
  const SimTime retry = now_ + controller_retry_backoff;
  channel.close(retry, out_);
  if (&channel == &metadata_channel_) {
    next_controller_guess();
  } else if (&channel == &alter_channel_) {
    proposals_.insert(proposals_.begin(), proposed_.begin(), proposed_.end());
    proposed_.clear();
  } else if (&channel == &forward_channel_) {
    forward_busy_ = false;
    if (!topic_creating_.empty()) create_internal_topic(std::exchange(topic_creating_, {}));
  } else if (MarkerChannel* markers = marker_channel(channel)) {
    markers_failed(*markers);
  } else if (VerificationChannel* questions = verification_channel(channel)) {
    for (const VerificationResult& result : verifications_.failed(*questions)) verified(result);
  } else if (&channel != &heartbeat_channel_) {
    channel.retry_at = now_ + Duration::ms(config_.replica_fetch_backoff_ms);
  }
}

bool Broker::open_to_controller(Channel& channel, Duration timeout) {
  const NodeId target = active_controller();
  if (target == no_node) return false;
  if (channel.state == Channel::State::closed && channel.retry_at <= now_)
    channel.connect(target, new_connection(), now_ + timeout, out_);
  return channel.idle();
}

void Broker::answered(Channel& channel, BytesView frame) {
  if (!channel.in_flight) return;
  const auto take = [&](auto response, auto handle) {
    if (response) {
      handle(*response);
    } else {
      channel_failed(channel);
    }
  };
  if (&channel == &metadata_channel_) {
    take(channel.receive<FetchResponse>(frame), [&](const FetchResponse& r) { on_metadata(r); });
  } else if (&channel == &heartbeat_channel_) {
    if (channel.api == ApiKey::broker_registration) {
      take(channel.receive<BrokerRegistrationResponse>(frame),
           [&](const BrokerRegistrationResponse& r) { on_registered(r); });
    } else {
      take(channel.receive<BrokerHeartbeatResponse>(frame), [&](const BrokerHeartbeatResponse& r) { on_heartbeat(r); });
    }
  } else if (&channel == &alter_channel_) {
    take(channel.receive<AlterPartitionResponse>(frame),
         [&](const AlterPartitionResponse& r) { on_alter_partition(r); });
  } else if (&channel == &forward_channel_) {
    if (channel.api == ApiKey::allocate_producer_ids) {
      take(channel.receive<AllocateProducerIdsResponse>(frame),
           [&](const AllocateProducerIdsResponse& r) { on_producer_ids(r); });
    } else if (!topic_creating_.empty()) {
      // Whoever needs the topic asks again until it is there; so an error is tried again too.
      take(channel.receive<CreateTopicsResponse>(frame), [&](const CreateTopicsResponse&) {
        forward_busy_ = false;
        topic_creating_.clear();
      });
    } else {
      on_forwarded(frame);
    }
  } else if (marker_channel(channel) != nullptr) {
    take(channel.receive<WriteTxnMarkersResponse>(frame),
         [&](const WriteTxnMarkersResponse& r) { on_markers_written(channel, r); });
  } else if (VerificationChannel* questions = verification_channel(channel)) {
    take(channel.receive<AddPartitionsToTxnResponse>(frame), [&](const AddPartitionsToTxnResponse& r) {
      for (const VerificationResult& result : verifications_.answered(*questions, r)) verified(result);
    });
  } else {
    for (Fetcher& fetcher : fetchers_) {
      if (&fetcher.channel != &channel) continue;
      if (channel.api == ApiKey::fetch) {
        take(channel.receive<FetchResponse>(frame), [&](const FetchResponse& r) { on_fetched(fetcher, r); });
      } else {
        take(channel.receive<ListOffsetsResponse>(frame),
             [&](const ListOffsetsResponse& r) { on_offsets(fetcher, r); });
      }
      return;
    }
  }
}

// ---------------------------------------------------------------- registration and heartbeats (Kafka:
// BrokerLifecycleManager)

void Broker::pump_heartbeat() {
  if (heartbeat_at_ > now_) return;
  const Duration timeout = Duration::ms(config_.session_timeout_ms);
  if (!open_to_controller(heartbeat_channel_, timeout)) return;
  if (!registered_) {
    BrokerRegistrationRequest request;
    request.broker_id = spec_.id.value();
    request.cluster_id = spec_.cluster_id;
    request.incarnation_id = Uuid{mix(spec_.seed, static_cast<std::uint64_t>(spec_.id.value())), incarnation_};
    request.listeners.push_back({"PLAINTEXT", spec_.host, spec_.port, 0});
    request.features.push_back({"metadata.version", 7, 29});
    request.rack = std::nullopt;
    request.log_dirs.push_back(Uuid{mix(spec_.seed, 0x6c6f67), static_cast<std::uint64_t>(spec_.id.value())});
    request.previous_broker_epoch = previous_broker_epoch_;
    heartbeat_channel_.send(request, registration_version, now_ + timeout, cause_, out_);
    return;
  }
  BrokerHeartbeatRequest request;
  request.broker_id = spec_.id.value();
  request.broker_epoch = broker_epoch_;
  request.current_metadata_offset = metadata_end_ - 1;
  request.want_fence = life_ == BrokerLife::starting || !published_;
  request.want_shut_down = life_ == BrokerLife::controlled_shutdown;
  heartbeat_channel_.send(request, heartbeat_version, now_ + timeout, cause_, out_);
}

void Broker::on_registered(const BrokerRegistrationResponse& response) {
  if (response.error_code != wire_code(ErrorCode::none)) {
    heartbeat_at_ = now_ + Duration::ms(config_.heartbeat_interval_ms);
    return;
  }
  broker_epoch_ = response.broker_epoch;
  registered_ = true;
  heartbeat_at_ = now_;
  Observation registered;
  registered.kind = Observation::Kind::registered;
  registered.to = broker_epoch_;
  observe(registered);
}

void Broker::on_heartbeat(const BrokerHeartbeatResponse& response) {
  const Duration interval = Duration::ms(config_.heartbeat_interval_ms);
  heartbeat_at_ = now_ + interval;
  if (response.error_code != wire_code(ErrorCode::none)) return;
  if (response.is_fenced != fenced_) {
    fenced_ = response.is_fenced;
    Observation change;
    change.kind = fenced_ ? Observation::Kind::fenced : Observation::Kind::unfenced;
    change.other = spec_.id;
    observe(change);
  }
  switch (life_) {
    case BrokerLife::starting:
      if (response.is_caught_up && published_) {
        life_ = BrokerLife::recovery;
      }
      // Soon again: where there is nothing to recover, a broker starts quickly.
      heartbeat_at_ = now_ + Duration::ms(10);
      return;
    case BrokerLife::recovery:
      // Nobody is let in before the controller has made it a member again (Kafka: BrokerServer.startup).
      if (!response.is_fenced) {
        life_ = BrokerLife::running;
        server_.set_open(true);
      }
      return;
    case BrokerLife::controlled_shutdown:
      if (response.should_shut_down) {
        stop_in_order();
      } else {
        heartbeat_at_ = now_ + std::min(interval, Duration::ms(50));
      }
      return;
    case BrokerLife::running:
    case BrokerLife::stopped:
      return;
  }
}

// ---------------------------------------------------------------- the metadata log

void Broker::pump_metadata() {
  Channel& channel = metadata_channel_;
  if (channel.state == Channel::State::closed && channel.retry_at <= now_) {
    const NodeId target = controller_ == no_node ? spec_.controllers[controller_guess_] : controller_;
    channel.connect(target, new_connection(), now_ + metadata_fetch_timeout, out_);
  }
  if (!channel.idle()) return;
  FetchRequest request;
  request.cluster_id = spec_.cluster_id;
  request.replica_state = {spec_.id.value(), -1};
  request.max_wait_ms = static_cast<std::int32_t>(metadata_fetch_wait.ms());
  request.max_bytes = 8 * 1024 * 1024;
  request.topics.resize(1);
  request.topics[0].topic_id = metadata_topic_id;
  request.topics[0].partitions.resize(1);
  FetchRequest::FetchPartition& wanted = request.topics[0].partitions[0];
  wanted.current_leader_epoch = metadata_epoch_;
  wanted.fetch_offset = metadata_end_;
  wanted.last_fetched_epoch = 0;
  wanted.log_start_offset = 0;
  channel.send(request, fetch_version, now_ + metadata_fetch_timeout, cause_, out_);
}

void Broker::on_metadata(const FetchResponse& response) {
  const bool shaped = response.responses.size() == 1 && response.responses[0].partitions.size() == 1;
  if (!shaped) {
    channel_failed(metadata_channel_);
    return;
  }
  const FetchResponse::PartitionData& data = response.responses[0].partitions[0];
  metadata_epoch_ = std::max(metadata_epoch_, data.current_leader.leader_epoch);
  if (data.error_code != wire_code(ErrorCode::none)) {
    const NodeId leader{data.current_leader.leader_id};
    const bool news = leader != no_node && leader != metadata_channel_.to;
    metadata_channel_.close(now_ + controller_retry_backoff, out_);
    if (news) {
      controller_is(leader);
    } else {
      next_controller_guess();
    }
    return;
  }
  controller_is(metadata_channel_.to);
  MetadataDelta delta;
  const std::int64_t from = metadata_end_;
  if (data.records.size() != 0) {
    const auto batches = decode_metadata_batches(data.records.bytes());
    if (!batches) {
      channel_failed(metadata_channel_);
      return;
    }
    MetadataImage& image = image_.edit();
    for (const MetadataBatch& batch : *batches) {
      if (batch.base != metadata_end_) continue;
      for (const MetadataRecord& record : batch.records) image.apply(record, delta);
      metadata_end_ = batch.end();
    }
  }
  if (!published_) {
    published_ = true;
    if (life_ != BrokerLife::starting) heartbeat_at_ = now_;
    delta = {};
    delta.configs = true;
    for (const TopicImage& topic : image_->topics()) {
      for (std::size_t i = 0; i < topic.partitions.size(); ++i)
        delta.partitions.push_back({topic.id, static_cast<std::int32_t>(i)});
    }
    for (const Partition& partition : partitions_) {
      if (image_->partition(partition.id) == nullptr) delta.removed.push_back(partition.id);
    }
  } else if (from == metadata_end_) {
    return;
  }
  Observation applied;
  applied.kind = Observation::Kind::metadata_applied;
  applied.from = from;
  applied.to = metadata_end_;
  observe(applied);
  apply_delta(delta);
}

void Broker::apply_delta(const MetadataDelta& delta) {
  if (delta.configs) {
    config_ = image_->config_of(spec_.id);
    for (Partition& partition : partitions_) {
      if (const TopicImage* topic = image_->topic(partition.id.topic)) partition.config = topic->config;
    }
  }
  for (const TopicIdPartition& id : delta.removed) drop_partition(id);
  for (const TopicIdPartition& id : delta.partitions) apply_partition(id);
  if (markers_.has_leaderless()) complete_transactions(markers_.find_leaders(coordinator_, *image_));
  if (!delta.brokers) return;
  // A leader that came to life is followed now; where one went, whoever waits may have less to wait for.
  for (Partition& partition : partitions_) {
    if (partition.role == Role::follower) follow(partition);
    if (partition.is_leader()) high_watermark_may_rise(partition);
  }
}

void Broker::create_partition(const TopicIdPartition& id) {
  Partition partition;
  partition.id = id;
  partition.file = sim::FileId{files_++};
  const TopicImage* topic = image_->topic(id.topic);
  assert(topic != nullptr);
  partition.config = topic->config;
  const auto at = std::lower_bound(partitions_.begin(), partitions_.end(), id,
                                   [](const Partition& p, const TopicIdPartition& wanted) { return p.id < wanted; });
  partitions_.insert(at, std::move(partition));
}

void Broker::drop_partition(const TopicIdPartition& id) {
  Partition* partition = find(id);
  if (partition == nullptr) return;
  unfollow(id);
  resigned_coordinator(id);
  partition->role = Role::none;
  progress_made(id);
  disk_.truncate(partition->file, 0);
  std::erase_if(partitions_, [&](const Partition& p) { return p.id == id; });
}

void Broker::apply_partition(const TopicIdPartition& id) {
  const PartitionRegistration* registration = image_->partition(id);
  if (registration == nullptr) return;
  if (!contains(registration->replicas, spec_.id.value())) {
    drop_partition(id);
    return;
  }
  if (find(id) == nullptr) create_partition(id);
  Partition& partition = *find(id);
  if (partition.offline) return;
  if (registration->leader == spec_.id.value()) {
    const Replicas isr_before = partition.isr;
    if (partition.make_leader(*registration, context())) {
      unfollow(id);
      Observation leads = about(partition, Observation::Kind::became_leader);
      leads.leader_epoch = partition.leader_epoch;
      leads.partition_epoch = partition.partition_epoch;
      leads.to = partition.epoch_start;
      leads.nodes = mask_of(partition.isr);
      observe(leads);
      became_coordinator(partition);
    } else if (partition.isr != isr_before) {
      Observation changed = about(partition, Observation::Kind::isr_applied);
      changed.nodes = mask_of(partition.isr);
      changed.partition_epoch = partition.partition_epoch;
      observe(changed);
    }
    high_watermark_may_rise(partition);
    progress_made(id);
    return;
  }
  if (partition.make_follower(*registration, context())) {
    Observation follows = about(partition, Observation::Kind::became_follower);
    follows.leader_epoch = partition.leader_epoch;
    follows.partition_epoch = partition.partition_epoch;
    follows.other = NodeId{registration->leader};
    follows.to = partition.log.log_end();
    observe(follows);
    unfollow(id);
    resigned_coordinator(id);
  }
  follow(partition);
  progress_made(id);
}

// ---------------------------------------------------------------- ISR changes (Kafka: DefaultAlterPartitionManager)

void Broker::pump_alter_partition() {
  if (proposals_.empty() || !proposed_.empty() || alter_channel_.retry_at > now_) return;
  if (!open_to_controller(alter_channel_, Duration::ms(config_.request_timeout_ms))) return;
  AlterPartitionRequest request;
  request.broker_id = spec_.id.value();
  request.broker_epoch = broker_epoch_;
  proposed_.swap(proposals_);
  for (const IsrProposal& proposal : proposed_) {
    auto topic = std::find_if(request.topics.begin(), request.topics.end(),
                              [&](const auto& t) { return t.topic_id == proposal.partition.topic; });
    if (topic == request.topics.end()) {
      topic = request.topics.insert(topic, AlterPartitionRequest::TopicData{});
      topic->topic_id = proposal.partition.topic;
    }
    AlterPartitionRequest::PartitionData data;
    data.partition_index = proposal.partition.partition;
    data.leader_epoch = proposal.leader_epoch;
    data.partition_epoch = proposal.partition_epoch;
    for (const IsrMember& member : proposal.isr) data.new_isr_with_epochs.push_back({member.id, member.broker_epoch});
    topic->partitions.push_back(std::move(data));
  }
  alter_channel_.send(request, alter_partition_version, now_ + Duration::ms(config_.request_timeout_ms), cause_, out_);
}

void Broker::on_alter_partition(const AlterPartitionResponse& response) {
  std::vector<IsrProposal> answered_now;
  answered_now.swap(proposed_);
  const auto again = [&](const IsrProposal& proposal) {
    const Partition* partition = find(proposal.partition);
    if (partition != nullptr && partition->pending.number == proposal.number) proposals_.push_back(proposal);
  };
  if (response.error_code != wire_code(ErrorCode::none)) {
    for (const IsrProposal& proposal : answered_now) again(proposal);
    alter_channel_.retry_at = now_ + controller_retry_backoff;
    if (response.error_code == wire_code(ErrorCode::not_controller))
      alter_channel_.close(now_ + controller_retry_backoff, out_);
    return;
  }
  for (const IsrProposal& proposal : answered_now) {
    const AlterPartitionResponse::PartitionData* data = nullptr;
    for (const auto& topic : response.topics) {
      if (topic.topic_id != proposal.partition.topic) continue;
      for (const auto& candidate : topic.partitions) {
        if (candidate.partition_index == proposal.partition.partition) data = &candidate;
      }
    }
    Partition* partition = find(proposal.partition);
    if (partition == nullptr) continue;
    const ErrorCode error = data == nullptr ? ErrorCode::unknown_server_error : error_from_wire(data->error_code);
    const Replicas none;
    const auto outcome =
        partition->on_alter_answer(proposal.number, error, data == nullptr ? -1 : data->leader_epoch,
                                   data == nullptr ? -1 : data->partition_epoch, data == nullptr ? none : data->isr);
    Observation seen = about(*partition, outcome == Partition::AlterOutcome::applied ? Observation::Kind::isr_applied
                                                                                     : Observation::Kind::isr_rejected);
    seen.error = error;
    seen.nodes = mask_of(partition->isr);
    seen.partition_epoch = partition->partition_epoch;
    if (outcome != Partition::AlterOutcome::outdated) observe(seen);
    if (outcome == Partition::AlterOutcome::retry) {
      proposals_.push_back(proposal);
      alter_channel_.retry_at = now_ + controller_retry_backoff;
    }
    if (outcome == Partition::AlterOutcome::applied) {
      high_watermark_may_rise(*partition);
      progress_made(proposal.partition);
    }
  }
}

// ---------------------------------------------------------------- producer ids and forwarding

std::optional<std::int64_t> Broker::next_producer_id() {
  if (next_producer_id_ == producer_ids_end_) {
    next_producer_id_ = spare_start_;
    producer_ids_end_ = spare_end_;
    spare_start_ = spare_end_ = 0;
  }
  if (next_producer_id_ == producer_ids_end_) {
    want_producer_ids_ = true;
    return std::nullopt;
  }
  const std::int64_t id = next_producer_id_++;
  // The next block is fetched when nine tenths of this one are used.
  if (producer_ids_end_ - next_producer_id_ <= 100 && spare_start_ == spare_end_) want_producer_ids_ = true;
  return id;
}

void Broker::on_producer_ids(const AllocateProducerIdsResponse& response) {
  forward_busy_ = false;
  if (response.error_code != wire_code(ErrorCode::none)) {
    forward_channel_.close(now_ + controller_retry_backoff, out_);
    return;
  }
  want_producer_ids_ = false;
  spare_start_ = response.producer_id_start;
  spare_end_ = response.producer_id_start + response.producer_id_len;
}

void Broker::pump_forwarding() {
  if (forward_busy_ || (!want_producer_ids_ && topics_wanted_.empty() && forwarded_.empty())) return;
  const Duration timeout = Duration::ms(config_.request_timeout_ms);
  if (!open_to_controller(forward_channel_, timeout)) return;
  forward_busy_ = true;
  if (want_producer_ids_) {
    AllocateProducerIdsRequest request;
    request.broker_id = spec_.id.value();
    request.broker_epoch = broker_epoch_;
    forward_channel_.send(request, allocate_version, now_ + timeout, cause_, out_);
    return;
  }
  if (!topics_wanted_.empty()) {
    topic_creating_ = topics_wanted_.front();
    topics_wanted_.erase(topics_wanted_.begin());
    forward_channel_.send(internal_topic_request(), create_topics_version, now_ + timeout, cause_, out_);
    return;
  }
  const Forwarded& first = forwarded_.front();
  forward_channel_.send_raw(first.request.api, first.request.version, first.body.span(), now_ + timeout,
                            first.request.cause, out_);
}

void Broker::forward(Request request, Reader& reader) {
  forwarded_.push_back({request, sim::Bytes::copy_of(reader.rest())});
}

void Broker::on_forwarded(BytesView frame) {
  forward_busy_ = false;
  const auto body = forward_channel_.receive_raw(frame);
  if (!body || forwarded_.empty()) {
    channel_failed(forward_channel_);
    return;
  }
  const Request request = forwarded_.front().request;
  forwarded_.erase(forwarded_.begin());
  server_.answer(request.conn, encode_raw_answer(request.api, request.version, request.correlation, *body),
                 {request.api, request.version, CorrelationId{request.correlation}, true}, request.cause,
                 leaves_at(request));
}

}  // namespace linger::broker
