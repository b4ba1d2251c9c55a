#include <cassert>

#include "broker_model/controller.h"
#include "broker_model/vote_message.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int16_t fetch_version = 17;
constexpr std::int16_t vote_version = 0;
constexpr const char* metadata_topic_name = "__cluster_metadata";
/// Standbys stand for election one after the other, lowest id first: in Kafka chance keeps them apart.
constexpr Duration stagger = Duration::ms(150);

}  // namespace

// ---------------------------------------------------------------- log and commit

std::int64_t Controller::append(const Records& records) {
  assert(role_ == ControllerRole::active && !records.empty());
  MetadataBatch batch;
  batch.base = log_end();
  batch.epoch = epoch_;
  batch.records = records;
  batch.bytes = encode_metadata_batch(records, batch.base, epoch_, wall_ms());
  MetadataDelta delta;
  for (const MetadataRecord& record : records) latest_.edit().apply(record, delta);
  log_.push_back(std::move(batch));
  maybe_commit();
  return log_end();
}

void Controller::maybe_commit() {
  if (role_ != ControllerRole::active || log_.empty()) return;
  std::vector<std::int64_t> ends{log_end()};
  for (const Peer& other : peers_) ends.push_back(other.fetched);
  std::sort(ends.begin(), ends.end(), std::greater<>{});
  const std::int64_t reached = ends[majority() - 1];
  // Only what this controller itself wrote is counted; what stands before it is committed with it (Raft,
  // section 5.4.2).
  const auto own =
      std::find_if(log_.rbegin(), log_.rend(), [&](const MetadataBatch& batch) { return batch.end() <= reached; });
  if (own != log_.rend() && own->epoch == epoch_) commit_to(own->end());
}

void Controller::commit_to(std::int64_t offset) {
  if (offset <= committed_end_) return;
  for (const MetadataBatch& batch : log_) {
    if (batch.base < committed_end_ || batch.end() > offset) continue;
    for (const MetadataRecord& record : batch.records) apply_committed(record);
    committed_end_ = batch.end();
  }
  if (committed_end_ == log_end()) latest_ = committed_;
  for (std::size_t i = 0; i < awaiting_.size();) {
    if (awaiting_[i].offset > committed_end_) {
      ++i;
      continue;
    }
    Awaiting done = std::move(awaiting_[i]);
    awaiting_.erase(awaiting_.begin() + static_cast<std::ptrdiff_t>(i));
    const Request& r = done.request;
    server_.answer(r.conn, std::move(done.frame), {r.api, r.version, CorrelationId{r.correlation}, true}, r.cause,
                   std::max(r.done, now_));
  }
}

void Controller::apply_committed(const MetadataRecord& record) {
  MetadataDelta delta;
  Observation seen;
  if (const auto* change = std::get_if<PartitionChangeRecord>(&record)) {
    const TopicIdPartition id{change->topic_id, change->partition_id};
    const PartitionRegistration* known = committed_->partition(id);
    const PartitionRegistration before = known == nullptr ? PartitionRegistration{} : *known;
    committed_.edit().apply(record, delta);
    const PartitionRegistration* after = committed_->partition(id);
    if (known == nullptr || after == nullptr) return;
    seen.topic = id.topic;
    seen.partition = id.partition;
    seen.other = NodeId{after->leader};
    seen.leader_epoch = after->leader_epoch;
    seen.partition_epoch = after->partition_epoch;
    seen.nodes = mask_of(after->isr);
    seen.elr = mask_of(after->elr);
    const bool new_leader = after->leader != before.leader;
    const bool clean = contains(before.isr, after->leader) || contains(before.elr, after->leader);
    seen.kind = !new_leader                  ? Observation::Kind::isr_committed
                : after->leader == no_leader ? Observation::Kind::partition_offline
                : clean                      ? Observation::Kind::leader_elected
                                             : Observation::Kind::unclean_election;
    // While it is not the active one that speaks, the same news would be told twice.
    if (role_ == ControllerRole::active) observe(seen);
    return;
  }
  committed_.edit().apply(record, delta);
  if (role_ != ControllerRole::active) return;
  if (const auto* broker = std::get_if<BrokerRegistrationChangeRecord>(&record);
      broker != nullptr && broker->fenced != 0) {
    seen.kind = broker->fenced > 0 ? Observation::Kind::fenced : Observation::Kind::unfenced;
    seen.other = NodeId{broker->broker_id};
    observe(seen);
  } else if (const auto* registered = std::get_if<RegisterBrokerRecord>(&record)) {
    seen.kind = Observation::Kind::registered;
    seen.other = NodeId{registered->broker_id};
    seen.to = registered->broker_epoch;
    observe(seen);
  } else if (const auto* topic = std::get_if<TopicRecord>(&record)) {
    seen.kind = Observation::Kind::topic_created;
    seen.topic = topic->topic_id;
    observe(seen);
  } else if (const auto* gone = std::get_if<RemoveTopicRecord>(&record)) {
    seen.kind = Observation::Kind::topic_deleted;
    seen.topic = gone->topic_id;
    observe(seen);
  }
}

std::int64_t Controller::end_of_epoch(std::int32_t epoch, std::int32_t& found) const {
  std::int64_t end = 0;
  found = 0;
  for (const MetadataBatch& batch : log_) {
    if (batch.epoch > epoch) break;
    end = batch.end();
    found = batch.epoch;
  }
  return end;
}

void Controller::truncate_log(std::int64_t end) {
  assert(end >= committed_end_);
  while (!log_.empty() && log_.back().end() > end) log_.pop_back();
  latest_ = committed_;
  MetadataDelta delta;
  for (const MetadataBatch& batch : log_) {
    if (batch.base < committed_end_) continue;
    for (const MetadataRecord& record : batch.records) latest_.edit().apply(record, delta);
  }
}

// ---------------------------------------------------------------- roles

void Controller::become_active() {
  role_ = ControllerRole::active;
  leader_ = spec_.id;
  election_at_ = SimTime::never();
  sessions_.clear();
  for (Peer& other : peers_) {
    other.fetched = 0;
    other.last_fetch = now_;
    other.channel.close(now_, out_);
  }
  // A new controller does not know when it last would have heard of a broker: every session begins now.
  for (const BrokerRegistration& broker : latest_->brokers()) {
    Session session;
    session.broker = broker.id;
    session.broker_epoch = broker.epoch;
    session.last_contact = now_;
    session.contacted = !broker.fenced;
    session.registration_offset = broker.epoch;
    sessions_.push_back(session);
  }
  sessions_at_ = next_stale_session();
  unclean_at_ = now_ + Duration::s(300);
  rebalance_at_ = now_ + Duration::s(spec_.config.leader_imbalance_check_seconds);
  Observation elected;
  elected.kind = Observation::Kind::controller_elected;
  elected.leader_epoch = epoch_;
  observe(elected);
  append({NoOpRecord{}});
}

void Controller::become_standby(std::int32_t epoch, NodeId leader) {
  if (role_ == ControllerRole::active) {
    Observation resigned;
    resigned.kind = Observation::Kind::controller_resigned;
    resigned.leader_epoch = epoch_;
    resigned.from = log_end();
    resigned.to = committed_end_;
    observe(resigned);
    refuse_waiting();
  }
  if (epoch > epoch_) voted_for_ = no_node;
  epoch_ = epoch;
  leader_ = leader;
  role_ = ControllerRole::standby;
  sessions_.clear();
  sessions_at_ = unclean_at_ = rebalance_at_ = SimTime::never();
  const auto place = static_cast<std::int64_t>(std::find(spec_.controllers.begin(), spec_.controllers.end(), spec_.id) -
                                               spec_.controllers.begin());
  election_at_ = now_ + Duration::ms(spec_.config.quorum_fetch_timeout_ms) + stagger * place;
  for (Peer& other : peers_) {
    other.granted = other.asked = false;
    if (other.id != leader && other.channel.state != Channel::State::closed) other.channel.close(now_, out_);
  }
}

void Controller::become_candidate() {
  role_ = ControllerRole::candidate;
  ++epoch_;
  voted_for_ = spec_.id;
  leader_ = no_node;
  const auto place = static_cast<std::int64_t>(std::find(spec_.controllers.begin(), spec_.controllers.end(), spec_.id) -
                                               spec_.controllers.begin());
  election_at_ = now_ + Duration::ms(spec_.config.quorum_election_timeout_ms) + stagger * place;
  for (Peer& other : peers_) {
    other.granted = other.asked = false;
    if (other.channel.in_flight) other.channel.close(now_, out_);
  }
}

SimTime Controller::quorum_lost_at() const {
  if (peers_.empty()) return SimTime::never();
  std::vector<SimTime> heard;
  for (const Peer& other : peers_) heard.push_back(other.last_fetch);
  std::sort(heard.begin(), heard.end(), std::greater<>{});
  // With itself, a majority must have fetched within one and a half fetch timeouts (KAFKA-15489).
  return heard[majority() - 2] + Duration::ms(spec_.config.quorum_fetch_timeout_ms * 3 / 2);
}

// ---------------------------------------------------------------- talking to the other controllers

Controller::Peer* Controller::peer(NodeId id) {
  for (Peer& other : peers_) {
    if (other.id == id) return &other;
  }
  return nullptr;
}

Controller::Peer* Controller::peer_of(ConnId conn) {
  for (Peer& other : peers_) {
    if (other.channel.state != Channel::State::closed && other.channel.conn == conn) return &other;
  }
  return nullptr;
}

void Controller::peer_failed(Peer& other) {
  other.channel.close(now_ + controller_retry_backoff, out_);
  other.asked = false;
}

void Controller::pump() {
  if (role_ == ControllerRole::active) return;
  for (Peer& other : peers_) pump_peer(other);
}

void Controller::pump_peer(Peer& other) {
  const bool wants_vote = role_ == ControllerRole::candidate && !other.asked;
  const bool wants_log = role_ == ControllerRole::standby && (leader_ == other.id || leader_ == no_node);
  if (!wants_vote && !wants_log) return;
  Channel& channel = other.channel;
  if (channel.retry_at > now_) return;
  if (channel.state == Channel::State::closed)
    channel.connect(other.id, new_connection(), now_ + metadata_fetch_timeout, out_);
  if (!channel.idle()) return;
  const SimTime until = now_ + metadata_fetch_timeout;
  if (wants_vote) {
    VoteRequest request;
    request.cluster_id = spec_.cluster_id;
    request.topics.resize(1);
    request.topics[0].topic_name = metadata_topic_name;
    request.topics[0].partitions.push_back({0, epoch_, spec_.id.value(), last_epoch(), log_end()});
    other.asked = true;
    channel.send(request, vote_version, until, cause_, out_);
    return;
  }
  FetchRequest request;
  request.cluster_id = spec_.cluster_id;
  request.replica_state = {spec_.id.value(), -1};
  request.max_wait_ms = static_cast<std::int32_t>(metadata_fetch_wait.ms());
  request.max_bytes = 8 * 1024 * 1024;
  request.topics.resize(1);
  request.topics[0].topic_id = metadata_topic_id;
  request.topics[0].partitions.resize(1);
  FetchRequest::FetchPartition& wanted = request.topics[0].partitions[0];
  wanted.current_leader_epoch = epoch_;
  wanted.fetch_offset = log_end();
  wanted.last_fetched_epoch = last_epoch();
  wanted.log_start_offset = 0;
  channel.send(request, fetch_version, until, cause_, out_);
}

void Controller::answered(Peer& other, BytesView frame) {
  if (!other.channel.in_flight) return;
  if (other.channel.api == ApiKey::fetch) {
    const auto response = other.channel.receive<FetchResponse>(frame);
    if (response && response->responses.size() == 1 && response->responses[0].partitions.size() == 1) {
      on_fetched(other, *response);
    } else {
      peer_failed(other);
    }
    return;
  }
  const auto response = other.channel.receive<VoteResponse>(frame);
  if (!response || response->topics.size() != 1 || response->topics[0].partitions.size() != 1) {
    peer_failed(other);
    return;
  }
  const VoteResponse::PartitionData& vote = response->topics[0].partitions[0];
  if (vote.leader_epoch > epoch_) {
    become_standby(vote.leader_epoch, NodeId{vote.leader_id});
    return;
  }
  if (role_ != ControllerRole::candidate || vote.leader_epoch != epoch_) return;
  if (vote.leader_id >= 0) {
    become_standby(epoch_, NodeId{vote.leader_id});
    return;
  }
  other.granted = vote.vote_granted;
  const auto votes = 1 + std::count_if(peers_.begin(), peers_.end(), [](const Peer& p) { return p.granted; });
  if (static_cast<std::size_t>(votes) >= majority()) become_active();
}

void Controller::on_fetched(Peer& other, const FetchResponse& response) {
  const FetchResponse::PartitionData& data = response.responses[0].partitions[0];
  const NodeId leader{data.current_leader.leader_id};
  if (data.current_leader.leader_epoch > epoch_) {
    become_standby(data.current_leader.leader_epoch, leader);
    return;
  }
  if (role_ != ControllerRole::standby) return;
  if (data.error_code != wire_code(ErrorCode::none)) {
    if (data.current_leader.leader_epoch == epoch_ && leader != no_node && leader != spec_.id) leader_ = leader;
    other.channel.retry_at = now_ + controller_retry_backoff * 10;
    return;
  }
  become_standby(epoch_, other.id);
  if (data.diverging_epoch.end_offset >= 0) {
    std::int32_t found = 0;
    truncate_log(std::max(committed_end_,
                          std::min(data.diverging_epoch.end_offset, end_of_epoch(data.diverging_epoch.epoch, found))));
    return;
  }
  auto batches = decode_metadata_batches(data.records.bytes());
  if (!batches) {
    peer_failed(other);
    return;
  }
  MetadataDelta delta;
  for (MetadataBatch& batch : *batches) {
    if (batch.base != log_end()) continue;
    for (const MetadataRecord& record : batch.records) latest_.edit().apply(record, delta);
    log_.push_back(std::move(batch));
  }
  commit_to(std::min(data.high_watermark, log_end()));
}

void Controller::handle_vote(Request request, Reader& reader) {
  const auto asked = body<VoteRequest>(reader, request);
  if (!asked) return;
  if (asked->topics.size() != 1 || asked->topics[0].partitions.size() != 1) {
    malformed(request);
    return;
  }
  const VoteRequest::PartitionData& candidate = asked->topics[0].partitions[0];
  if (candidate.replica_epoch > epoch_) {
    // A candidate that cannot win must not keep those from standing who could: only a vote given starts the waiting anew (Kafka:
    // QuorumState keeps the remaining election time when it becomes unattached).
    const SimTime patience = election_at_;
    become_standby(candidate.replica_epoch, no_node);
    election_at_ = std::min(election_at_, patience);
  }
  const bool log_is_new_enough = candidate.last_offset_epoch > last_epoch() ||
                                 (candidate.last_offset_epoch == last_epoch() && candidate.last_offset >= log_end());
  const bool free = voted_for_ == no_node || voted_for_ == NodeId{candidate.replica_id};
  const bool granted = candidate.replica_epoch == epoch_ && free && leader_ == no_node && log_is_new_enough;
  if (granted) {
    voted_for_ = NodeId{candidate.replica_id};
    election_at_ = std::max(election_at_, now_ + Duration::ms(spec_.config.quorum_election_timeout_ms));
  }
  VoteResponse response;
  response.topics.resize(1);
  response.topics[0].topic_name = metadata_topic_name;
  VoteResponse::PartitionData data;
  data.leader_id = leader_.value();
  data.leader_epoch = epoch_;
  data.vote_granted = granted;
  response.topics[0].partitions.push_back(data);
  answer(request, response);
}

// ---------------------------------------------------------------- answering fetches of the metadata log

bool Controller::fetch_ready(const FetchRequest& fetch) const {
  const FetchRequest::FetchPartition& wanted = fetch.topics[0].partitions[0];
  if (role_ != ControllerRole::active || wanted.current_leader_epoch != epoch_) return true;
  const bool voter = is_controller_node(NodeId{fetch.replica_state.replica_id});
  return wanted.fetch_offset < (voter ? log_end() : committed_end_);
}

void Controller::handle_fetch(Request request, Reader& reader) {
  auto asked = body<FetchRequest>(reader, request);
  if (!asked) return;
  const bool shaped = asked->topics.size() == 1 && asked->topics[0].topic_id == metadata_topic_id &&
                      asked->topics[0].partitions.size() == 1;
  if (!shaped) {
    malformed(request);
    return;
  }
  const FetchRequest::FetchPartition& wanted = asked->topics[0].partitions[0];
  if (wanted.current_leader_epoch > epoch_ && role_ == ControllerRole::active)
    become_standby(wanted.current_leader_epoch, no_node);
  bool diverges = false;
  if (Peer* voter = peer(NodeId{asked->replica_state.replica_id});
      voter != nullptr && role_ == ControllerRole::active && wanted.current_leader_epoch == epoch_) {
    std::int32_t found = 0;
    const std::int64_t end = end_of_epoch(wanted.last_fetched_epoch, found);
    diverges = found < wanted.last_fetched_epoch || end < wanted.fetch_offset;
    voter->last_fetch = now_;
    if (!diverges) {
      voter->fetched = wanted.fetch_offset;
      maybe_commit();
    }
  }
  if (diverges || asked->max_wait_ms <= 0 || fetch_ready(*asked)) {
    answer_fetch(request, *asked);
    return;
  }
  DelayedFetch delayed;
  delayed.request = request;
  delayed.deadline = now_ + Duration::ms(asked->max_wait_ms);
  delayed.fetch = std::move(*asked);
  delayed_fetches_.push_back(std::move(delayed));
}

void Controller::answer_fetch(const Request& request, const FetchRequest& fetch) {
  const FetchRequest::FetchPartition& wanted = fetch.topics[0].partitions[0];
  FetchResponse response;
  response.responses.resize(1);
  response.responses[0].topic_id = metadata_topic_id;
  auto& data = response.responses[0].partitions.emplace_back();
  data.aborted_transactions = std::nullopt;
  data.records = RecordsView{BytesView{}};
  data.log_start_offset = 0;
  data.high_watermark = committed_end_;
  data.last_stable_offset = committed_end_;
  data.current_leader = {leader_.value(), epoch_};
  thread_local Bytes records;
  records.clear();
  const bool voter = is_controller_node(NodeId{fetch.replica_state.replica_id});
  if (role_ != ControllerRole::active) {
    data.error_code = wire_code(ErrorCode::not_leader_or_follower);
  } else if (wanted.current_leader_epoch != epoch_) {
    data.error_code = wire_code(wanted.current_leader_epoch < epoch_ ? ErrorCode::fenced_leader_epoch
                                                                     : ErrorCode::unknown_leader_epoch);
  } else {
    std::int32_t found = 0;
    const std::int64_t end = voter ? end_of_epoch(wanted.last_fetched_epoch, found) : 0;
    if (voter && (found < wanted.last_fetched_epoch || end < wanted.fetch_offset)) {
      data.diverging_epoch = {found, end};
    } else {
      const std::int64_t limit = voter ? log_end() : committed_end_;
      auto batch = std::lower_bound(log_.begin(), log_.end(), wanted.fetch_offset,
                                    [](const MetadataBatch& b, std::int64_t offset) { return b.base < offset; });
      for (; batch != log_.end() && batch->end() <= limit; ++batch) {
        const auto bytes = batch->bytes.span();
        records.insert(records.end(), bytes.begin(), bytes.end());
      }
      data.records = RecordsView{BytesView{records}};
    }
  }
  answer(request, response);
}

}  // namespace linger::broker
