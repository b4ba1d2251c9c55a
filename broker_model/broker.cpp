#include "broker_model/broker.h"

#include <cassert>

#include "protocol/messages/all.h"

namespace linger::broker {

Broker::Broker(const NodeSpec& spec) : spec_(spec), config_(spec.config), image_(MetadataImage{spec.config}) {
  const std::string name = "broker-" + std::to_string(spec.id.value());
  metadata_channel_.client_id = "raft-client-" + std::to_string(spec.id.value());
  heartbeat_channel_.client_id = name + "-heartbeat";
  alter_channel_.client_id = name + "-alter-partition";
  forward_channel_.client_id = name + "-forwarding";
  forget_process();
}

template <class Work>
void Broker::step(SimTime now, Work work) {
  assert(now >= now_);
  now_ = now;
  work();
  if (life_ != BrokerLife::stopped) run_due(now);
  cause_ = sim::no_event;
  if (life_ != BrokerLife::stopped) arm(now);
}

void Broker::on_start(SimTime now) {
  step(now, [&] {
    if (!formed_) {
      become_starting();
      return;
    }
    life_ = BrokerLife::running;
    server_.set_open(true);
    heartbeat_at_ = now + Duration::ms(config_.heartbeat_interval_ms);
    start_periodic_work();
    for (Partition& partition : partitions_) {
      if (partition.role == Role::follower) follow(partition);
      if (partition.is_leader()) became_coordinator(partition);
    }
  });
}

void Broker::on_accepted(ConnId conn, NodeId, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::accepted, conn, {}, {}, {}});
    return;
  }
  step(now, [&] { server_.accept(conn); });
}

void Broker::on_connected(ConnId conn, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::connected, conn, {}, {}, {}});
    return;
  }
  step(now, [&] {
    Channel* channel = channel_of(conn);
    if (channel == nullptr) return;
    channel->state = Channel::State::ready;
    channel->deadline = SimTime::never();
  });
}

void Broker::on_connect_failed(ConnId conn, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::connect_failed, conn, {}, {}, {}});
    return;
  }
  step(now, [&] {
    if (Channel* channel = channel_of(conn)) channel_failed(*channel);
  });
}

void Broker::on_frame(ConnId conn, const sim::Bytes& frame, EventNumber cause, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::frame, conn, frame, cause, {}});
    return;
  }
  step(now, [&] {
    cause_ = cause;
    if ((conn & own_connection_bit) == 0) {
      server_.arrive(conn, frame, cause);
    } else if (Channel* channel = channel_of(conn)) {
      answered(*channel, frame.span().subspan(4));
    }
  });
}

void Broker::on_closed(ConnId conn, ClosedBy by, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::closed, conn, {}, {}, by});
    return;
  }
  step(now, [&] {
    if ((conn & own_connection_bit) == 0) {
      server_.closed(conn, by);
    } else if (Channel* channel = channel_of(conn)) {
      channel_failed(*channel);
    }
  });
}

void Broker::on_timer(std::uint64_t, SimTime now) {
  if (armed_ <= now) armed_ = SimTime::never();
  if (life_ == BrokerLife::stopped || paused_) return;
  step(now, [] {});
}

void Broker::pause(SimTime now) {
  now_ = now;
  paused_ = true;
}

void Broker::resume(SimTime now) {
  paused_ = false;
  std::vector<HostInput> inputs;
  inputs.swap(while_paused_);
  for (const HostInput& input : inputs) {
    switch (input.kind) {
      case HostInput::Kind::accepted:
        on_accepted(input.conn, no_node, now);
        break;
      case HostInput::Kind::connected:
        on_connected(input.conn, now);
        break;
      case HostInput::Kind::connect_failed:
        on_connect_failed(input.conn, now);
        break;
      case HostInput::Kind::frame:
        on_frame(input.conn, input.frame, input.cause, now);
        break;
      case HostInput::Kind::closed:
        on_closed(input.conn, input.by, now);
        break;
    }
  }
  if (life_ != BrokerLife::stopped) step(now, [] {});
}

void Broker::crash(CrashKind kind, SimTime now) {
  if (life_ == BrokerLife::stopped) return;
  now_ = now;
  Observation crashed;
  crashed.kind = Observation::Kind::crashed;
  crashed.bytes = kind == CrashKind::power ? 1 : 0;
  observe(crashed);
  const bool cache_lost = spec_.behaviour.lose_unflushed == LoseUnflushed::on_every_crash ||
                          (kind == CrashKind::power && spec_.behaviour.lose_unflushed == LoseUnflushed::on_power_loss);
  for (Partition& partition : partitions_) {
    partition.log.write_back(now, spec_.cost.page_cache_writeback);
    const std::int64_t end = partition.log.log_end();
    if (!cache_lost || partition.log.flushed_end() >= end) continue;
    partition.log.recover(true, spec_.behaviour, wall_ms(), config_.producer_id_expiration_ms);
    disk_.truncate(partition.file, partition.log.byte_end());
    Observation lost = about(partition, Observation::Kind::lost_unflushed);
    lost.from = end;
    lost.to = partition.log.log_end();
    observe(lost);
  }
  previous_broker_epoch_ = -1;
  forget_process();
}

void Broker::halt(ErrorCode why) {
  Observation failed;
  failed.kind = Observation::Kind::disk_error;
  failed.error = why;
  observe(failed);
  server_.close_all(out_);
  for (Channel* channel : {&metadata_channel_, &heartbeat_channel_, &alter_channel_, &forward_channel_})
    channel->close(now_, out_);
  for (Fetcher& fetcher : fetchers_) fetcher.channel.close(now_, out_);
  for (MarkerChannel& to : markers_.channels()) to.channel.close(now_, out_);
  for (VerificationChannel& to : verifications_.channels()) to.channel.close(now_, out_);
  crash(CrashKind::process, now_);
}

void Broker::stop_in_order() {
  for (Partition& partition : partitions_) {
    partition.log.close_cleanly();
    disk_.flush(partition.file, now_);
    Observation flushed = about(partition, Observation::Kind::flushed);
    flushed.to = partition.log.log_end();
    observe(flushed);
  }
  previous_broker_epoch_ = broker_epoch_;
  Observation stopped;
  stopped.kind = Observation::Kind::stopped;
  observe(stopped);
  server_.close_all(out_);
  for (Channel* channel : {&metadata_channel_, &heartbeat_channel_, &alter_channel_, &forward_channel_})
    channel->close(now_, out_);
  for (Fetcher& fetcher : fetchers_) fetcher.channel.close(now_, out_);
  for (MarkerChannel& to : markers_.channels()) to.channel.close(now_, out_);
  for (VerificationChannel& to : verifications_.channels()) to.channel.close(now_, out_);
  forget_process();
}

void Broker::forget_process() {
  life_ = BrokerLife::stopped;
  formed_ = false;
  fenced_ = true;
  registered_ = false;
  published_ = false;
  paused_ = false;
  while_paused_.clear();
  server_.reset(static_cast<std::size_t>(config_.num_io_threads));
  for (Channel* channel : {&metadata_channel_, &heartbeat_channel_, &alter_channel_, &forward_channel_})
    channel->drop(SimTime{});
  fetchers_.clear();
  delayed_produces_.clear();
  delayed_fetches_.clear();
  delayed_deletes_.clear();
  proposals_.clear();
  proposed_.clear();
  forwarded_.clear();
  forward_busy_ = false;
  topics_wanted_.clear();
  topic_creating_.clear();
  forget_transactions();
  handling_ = false;
  next_producer_id_ = producer_ids_end_ = spare_start_ = spare_end_ = 0;
  want_producer_ids_ = false;
  heartbeat_at_ = isr_check_at_ = checkpoint_at_ = retention_at_ = expiration_at_ = SimTime::never();
  armed_ = SimTime::never();
  for (Partition& partition : partitions_) {
    partition.role = Role::none;
    partition.leader = no_leader;
    partition.leader_epoch = -1;
    partition.partition_epoch = -1;
    partition.pending = {};
    partition.remotes.clear();
    partition.isr.clear();
    partition.offline = false;
    partition.log.producers().forget_verifications();
  }
}

void Broker::forget_transactions() {
  coordinator_.forget_all();
  groups_.forget_all();
  verifying_offsets_.clear();
  offset_fetches_.clear();
  markers_.forget_all();
  verifications_.forget_all();
  verifying_.clear();
  add_partitions_.clear();
  marker_batches_.clear();
  delayed_appends_.clear();
  finished_.clear();
  completions_.clear();
  loads_.clear();
  completions_at_ = transaction_abort_at_ = transaction_expiry_at_ = SimTime::never();
}

void Broker::restart(SimTime now) {
  if (life_ != BrokerLife::stopped) return;
  step(now, [&] {
    Observation restarted;
    restarted.kind = Observation::Kind::restarted;
    observe(restarted);
    for (Partition& partition : partitions_) {
      const std::int64_t from =
          partition.log.recover(false, spec_.behaviour, wall_ms(), config_.producer_id_expiration_ms);
      Observation loaded = about(partition, Observation::Kind::snapshot_loaded);
      loaded.from = from;
      loaded.to = partition.log.log_end();
      observe(loaded);
    }
    become_starting();
  });
}

void Broker::become_starting() {
  ++incarnation_;
  life_ = BrokerLife::starting;
  server_.set_open(false);
  heartbeat_at_ = now_;
  start_periodic_work();
}

void Broker::controlled_shutdown(SimTime now) {
  if (life_ == BrokerLife::stopped || life_ == BrokerLife::controlled_shutdown) return;
  step(now, [&] {
    Observation leaving;
    leaving.kind = Observation::Kind::controlled_shutdown;
    observe(leaving);
    life_ = BrokerLife::controlled_shutdown;
    heartbeat_at_ = now;
  });
}

void Broker::wipe_disk() {
  assert(life_ == BrokerLife::stopped);
  partitions_.clear();
  disk_.wipe();
  image_ = Shared<MetadataImage>{MetadataImage{spec_.config}};
  metadata_end_ = 0;
  previous_broker_epoch_ = -1;
}

void Broker::install_image(const Shared<MetadataImage>& image, std::int64_t metadata_end, std::int64_t broker_epoch) {
  image_ = image;
  metadata_end_ = metadata_end;
  broker_epoch_ = broker_epoch;
  config_ = image_->config_of(spec_.id);
  formed_ = registered_ = published_ = true;
  fenced_ = false;
  ++incarnation_;
  controller_ = spec_.controllers[0];
  metadata_epoch_ = 1;
  for (const TopicImage& topic : image_->topics()) {
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const TopicIdPartition id{topic.id, static_cast<std::int32_t>(i)};
      if (!contains(topic.partitions[i].replicas, spec_.id.value())) continue;
      create_partition(id);
      Partition* partition = find(id);
      if (topic.partitions[i].leader == spec_.id.value()) {
        partition->make_leader(topic.partitions[i], context());
      } else {
        partition->make_follower(topic.partitions[i], context());
      }
    }
  }
}

// ---------------------------------------------------------------- order of work

void Broker::run_due(SimTime now) {
  do {
    do {
      server_.depart(now, out_);
    } while (serve());
    if (life_ == BrokerLife::stopped) return;
    for (Channel* channel : {&metadata_channel_, &heartbeat_channel_, &alter_channel_, &forward_channel_}) {
      if (channel->deadline <= now) channel_failed(*channel);
    }
    for (Fetcher& fetcher : fetchers_) {
      if (fetcher.channel.deadline <= now) channel_failed(fetcher.channel);
    }
    fail_late_transaction_channels();
    do_periodic_work();
    do_transaction_work();
    finish_own_appends();
    if (life_ == BrokerLife::stopped) return;
    pump();
    if (life_ == BrokerLife::stopped) return;
  } while (carry_own_frames() || server_.deadline() <= now || !finished_.empty());
}

/// A channel that fails may lead to new ones: they are looked through anew each time.
void Broker::fail_late_transaction_channels() {
  const auto late = [&]() -> Channel* {
    for (MarkerChannel& to : markers_.channels()) {
      if (to.channel.deadline <= now_) return &to.channel;
    }
    for (VerificationChannel& to : verifications_.channels()) {
      if (to.channel.deadline <= now_) return &to.channel;
    }
    return nullptr;
  };
  while (Channel* channel = late()) channel_failed(*channel);
}

void Broker::pump() {
  pump_heartbeat();
  if (life_ == BrokerLife::stopped) return;
  pump_metadata();
  pump_alter_partition();
  pump_forwarding();
  pump_verifications();
  if (life_ == BrokerLife::stopped) return;
  pump_markers();
  for (Fetcher& fetcher : fetchers_) pump_fetcher(fetcher);
}

void Broker::start_periodic_work() {
  isr_check_at_ = now_ + Duration::ms(std::max<std::int64_t>(1, config_.replica_lag_time_max_ms / 2));
  checkpoint_at_ = now_ + Duration::ms(config_.high_watermark_checkpoint_ms);
  retention_at_ = now_ + Duration::ms(config_.retention_check_interval_ms);
  expiration_at_ = now_ + Duration::ms(config_.producer_id_expiration_check_ms);
  transaction_abort_at_ = now_ + Duration::ms(config_.transaction_abort_interval_ms);
  transaction_expiry_at_ = now_ + Duration::ms(config_.transaction_expiry_interval_ms);
}

void Broker::do_periodic_work() {
  const auto due = [&](SimTime& at, std::int64_t every_ms) {
    if (at > now_) return false;
    at = now_ + Duration::ms(std::max<std::int64_t>(1, every_ms));
    return true;
  };
  if (due(isr_check_at_, config_.replica_lag_time_max_ms / 2)) {
    for (Partition& partition : partitions_) {
      auto proposal = partition.maybe_shrink_isr(context());
      if (!proposal) continue;
      Observation proposed = about(partition, Observation::Kind::isr_proposed);
      proposed.nodes = mask_of(partition.pending.isr);
      observe(proposed);
      proposals_.push_back(std::move(*proposal));
    }
  }
  if (due(checkpoint_at_, config_.high_watermark_checkpoint_ms)) {
    for (Partition& partition : partitions_) {
      partition.log.checkpoint_high_watermark();
      const std::int64_t before = partition.log.flushed_end();
      partition.log.write_back(now_,
                               std::min(spec_.cost.page_cache_writeback, Duration::ms(partition.config.flush_ms)));
      if (partition.log.flushed_end() == before) continue;
      Observation flushed = about(partition, Observation::Kind::flushed);
      flushed.to = partition.log.flushed_end();
      observe(flushed);
    }
  }
  if (due(retention_at_, config_.retention_check_interval_ms)) {
    for (Partition& partition : partitions_) {
      const std::int64_t before = partition.log.log_start();
      if (!partition.is_leader()) continue;
      if (!partition.log.maybe_increment_log_start(partition.log.retention_start(
              wall_ms(), partition.config.retention_ms, partition.config.retention_bytes)))
        continue;
      Observation moved = about(partition, Observation::Kind::log_start_moved);
      moved.from = before;
      moved.to = partition.log.log_start();
      observe(moved);
    }
  }
  if (due(expiration_at_, config_.producer_id_expiration_check_ms)) {
    for (Partition& partition : partitions_) {
      const std::size_t gone = partition.log.producers().remove_expired(wall_ms(), config_.producer_id_expiration_ms);
      if (gone == 0) continue;
      Observation expired = about(partition, Observation::Kind::producers_expired);
      expired.to = static_cast<std::int64_t>(gone);
      observe(expired);
    }
  }
  std::erase_if(delayed_produces_, [&](DelayedProduce& delayed) {
    if (delayed.deadline > now_) return false;
    for (const ProduceStatus& status : delayed.status) {
      const Partition* partition = find(status.id);
      if (!status.pending || partition == nullptr) continue;
      Observation late = about(*partition, Observation::Kind::purgatory_expired);
      late.conn = delayed.request.conn;
      late.cause = delayed.request.cause;
      observe(late);
    }
    complete(delayed);
    return true;
  });
  std::erase_if(delayed_deletes_, [&](DelayedDelete& delayed) {
    if (delayed.deadline > now_) return false;
    answer(delayed.request, delayed.response);
    return true;
  });
  for (std::size_t i = 0; i < delayed_fetches_.size();) {
    if (delayed_fetches_[i].deadline > now_) {
      ++i;
      continue;
    }
    const DelayedFetch delayed = std::move(delayed_fetches_[i]);
    delayed_fetches_.erase(delayed_fetches_.begin() + static_cast<std::ptrdiff_t>(i));
    answer_fetch(delayed.request, delayed.fetch, false);
  }
}

SimTime Broker::next_deadline() const {
  SimTime at = server_.deadline();
  const auto consider = [&](SimTime other) { at = std::min(at, other); };
  const auto consider_channel = [&](const Channel& channel, bool has_work) {
    consider(channel.deadline);
    if (has_work && channel.state == Channel::State::closed && channel.retry_at > now_) consider(channel.retry_at);
  };
  consider_channel(metadata_channel_, true);
  consider_channel(heartbeat_channel_, heartbeat_at_ <= now_);
  if (heartbeat_at_ > now_) consider(heartbeat_at_);
  consider_channel(alter_channel_, !proposals_.empty());
  if (!proposals_.empty() && alter_channel_.retry_at > now_) consider(alter_channel_.retry_at);
  consider_channel(forward_channel_, want_producer_ids_ || !topics_wanted_.empty() || !forwarded_.empty());
  for (const MarkerChannel& to : markers_.channels()) {
    consider_channel(to.channel, !to.queue.empty());
    if (to.channel.idle() && !to.queue.empty() && to.channel.retry_at > now_) consider(to.channel.retry_at);
  }
  for (const VerificationChannel& to : verifications_.channels()) consider_channel(to.channel, !to.queue.empty());
  for (const VerifyingProduce& waiting : verifying_) consider(waiting.retry_at);
  for (const DelayedAppend& delayed : delayed_appends_) consider(delayed.deadline);
  for (const LogLoad& load : loads_) consider(load.at);
  consider(completions_at_);
  if (coordinator_.active()) consider(std::min(transaction_abort_at_, transaction_expiry_at_));
  for (const Fetcher& fetcher : fetchers_) {
    consider_channel(fetcher.channel, !fetcher.partitions.empty());
    if (fetcher.channel.in_flight) continue;
    if (fetcher.channel.idle() && fetcher.channel.retry_at > now_) consider(fetcher.channel.retry_at);
    for (const FollowedPartition& followed : fetcher.partitions) {
      if (followed.state != FollowedPartition::State::failed && followed.not_before > now_)
        consider(followed.not_before);
    }
  }
  for (const DelayedProduce& delayed : delayed_produces_) consider(delayed.deadline);
  for (const DelayedFetch& delayed : delayed_fetches_) consider(delayed.deadline);
  for (const DelayedDelete& delayed : delayed_deletes_) consider(delayed.deadline);
  consider(std::min(std::min(isr_check_at_, checkpoint_at_), std::min(retention_at_, expiration_at_)));
  return at;
}

void Broker::arm(SimTime now) {
  const SimTime at = next_deadline();
  assert(at > now);
  if (at == SimTime::never() || (armed_ <= at && armed_ > now)) return;
  armed_ = at;
  out_.push_back(WakeAt{at, incarnation_});
}

// ---------------------------------------------------------------- small helpers

void Broker::observe(Observation observation) {
  observation.node = spec_.id;
  if (observation.cause == sim::no_event) observation.cause = cause_;
  out_.push_back(observation);
}

Observation Broker::about(const Partition& partition, Observation::Kind kind) const {
  Observation observation;
  observation.kind = kind;
  observation.topic = partition.id.topic;
  observation.partition = partition.id.partition;
  return observation;
}

PartitionContext Broker::context() const {
  return {spec_.id, broker_epoch_, *image_, config_, spec_.behaviour, now_.ms(), wall_ms()};
}

Partition* Broker::find(const TopicIdPartition& id) {
  const auto at = std::lower_bound(partitions_.begin(), partitions_.end(), id,
                                   [](const Partition& p, const TopicIdPartition& wanted) { return p.id < wanted; });
  return at != partitions_.end() && at->id == id ? &*at : nullptr;
}

Partition* Broker::mutable_partition(const TopicIdPartition& id) {
  return find(id);
}

const Partition* Broker::partition(const TopicIdPartition& id) const {
  return const_cast<Broker*>(this)->find(id);
}

const Partition* Broker::partition(std::string_view topic, std::int32_t index) const {
  const TopicImage* image = image_->topic(topic);
  return image == nullptr ? nullptr : partition({image->id, index});
}

SimTime Broker::leaves_at(const Request& request) const {
  return std::max(request.done, handling_ ? handler_done_ : now_);
}

Channel* Broker::channel_of(ConnId conn) {
  for (Channel* channel : {&metadata_channel_, &heartbeat_channel_, &alter_channel_, &forward_channel_}) {
    if (channel->state != Channel::State::closed && channel->conn == conn) return channel;
  }
  for (Fetcher& fetcher : fetchers_) {
    if (fetcher.channel.state != Channel::State::closed && fetcher.channel.conn == conn) return &fetcher.channel;
  }
  for (MarkerChannel& to : markers_.channels()) {
    if (to.channel.state != Channel::State::closed && to.channel.conn == conn) return &to.channel;
  }
  for (VerificationChannel& to : verifications_.channels()) {
    if (to.channel.state != Channel::State::closed && to.channel.conn == conn) return &to.channel;
  }
  return nullptr;
}

void Broker::expire_producer_ids(const std::optional<TopicIdPartition>& only, SimTime now) {
  now_ = now;
  for (Partition& partition : partitions_) {
    if (only && partition.id != *only) continue;
    const std::size_t gone = partition.log.producers().forget_idle();
    if (gone == 0) continue;
    Observation expired = about(partition, Observation::Kind::producers_expired);
    expired.to = static_cast<std::int64_t>(gone);
    observe(expired);
  }
}

bool Broker::propose_isr(const TopicIdPartition& id, const Replicas& isr, SimTime now) {
  Partition* target = find(id);
  if (life_ != BrokerLife::running || target == nullptr) return false;
  auto proposal = target->propose_isr(isr, context());
  if (!proposal) return false;
  step(now, [&] {
    Observation proposed = about(*target, Observation::Kind::isr_proposed);
    proposed.nodes = mask_of(isr);
    observe(proposed);
    proposals_.push_back(std::move(*proposal));
  });
  return true;
}

}  // namespace linger::broker
