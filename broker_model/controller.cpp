#include "broker_model/controller.h"

#include <cassert>

#include "protocol/messages/all.h"

namespace linger::broker {

Controller::Controller(const NodeSpec& spec)
    : spec_(spec), committed_(MetadataImage{spec.config}), latest_(MetadataImage{spec.config}) {
  for (const NodeId node : spec.controllers) {
    if (node == spec.id) continue;
    Peer peer;
    peer.id = node;
    peer.channel.client_id = "raft-client-" + std::to_string(spec.id.value());
    peers_.push_back(std::move(peer));
  }
}

void Controller::before_step(SimTime now) {
  assert(now >= now_);
  now_ = now;
}

void Controller::after_step() {
  if (role_ != ControllerRole::stopped) run_due(now_);
  cause_ = sim::no_event;
  if (role_ != ControllerRole::stopped) arm(now_);
}

void Controller::on_start(SimTime now) {
  step(now, [&] {
    if (role_ == ControllerRole::active) {
      for (Session& session : sessions_) session.last_contact = now;
      for (Peer& other : peers_) other.last_fetch = now;
      sessions_at_ = next_stale_session();
      unclean_at_ = now + Duration::s(300);
      rebalance_at_ = now + Duration::s(spec_.config.leader_imbalance_check_seconds);
    } else if (peers_.empty()) {
      ++epoch_;
      become_active();
    } else {
      become_standby(epoch_, leader_);
    }
  });
}

void Controller::on_accepted(ConnId conn, NodeId, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::accepted, conn, {}, {}, {}});
    return;
  }
  step(now, [&] { server_.accept(conn); });
}

void Controller::on_connected(ConnId conn, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::connected, conn, {}, {}, {}});
    return;
  }
  step(now, [&] {
    Peer* other = peer_of(conn);
    if (other == nullptr) return;
    other->channel.state = Channel::State::ready;
    other->channel.deadline = SimTime::never();
  });
}

void Controller::on_connect_failed(ConnId conn, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::connect_failed, conn, {}, {}, {}});
    return;
  }
  step(now, [&] {
    if (Peer* other = peer_of(conn)) peer_failed(*other);
  });
}

void Controller::on_frame(ConnId conn, const sim::Bytes& frame, EventNumber cause, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::frame, conn, frame, cause, {}});
    return;
  }
  step(now, [&] {
    cause_ = cause;
    if ((conn & own_connection_bit) == 0) {
      server_.arrive(conn, frame, cause);
    } else if (Peer* other = peer_of(conn)) {
      answered(*other, frame.span().subspan(4));
    }
  });
}

void Controller::on_closed(ConnId conn, ClosedBy by, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  if (paused_) {
    while_paused_.push_back({HostInput::Kind::closed, conn, {}, {}, by});
    return;
  }
  step(now, [&] {
    if ((conn & own_connection_bit) == 0) {
      server_.closed(conn, by);
    } else if (Peer* other = peer_of(conn)) {
      peer_failed(*other);
    }
  });
}

void Controller::on_timer(std::uint64_t, SimTime now) {
  if (armed_ <= now) armed_ = SimTime::never();
  if (role_ == ControllerRole::stopped || paused_) return;
  step(now, [] {});
}

void Controller::pause(SimTime now) {
  now_ = now;
  paused_ = true;
}

void Controller::resume(SimTime now) {
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
  if (role_ != ControllerRole::stopped) step(now, [] {});
}

void Controller::crash(CrashKind kind, SimTime now) {
  if (role_ == ControllerRole::stopped) return;
  now_ = now;
  Observation crashed;
  crashed.kind = Observation::Kind::crashed;
  crashed.bytes = kind == CrashKind::power ? 1 : 0;
  observe(crashed);
  forget_process();
}

void Controller::restart(SimTime now) {
  if (role_ != ControllerRole::stopped) return;
  Observation restarted;
  restarted.kind = Observation::Kind::restarted;
  now_ = now;
  observe(restarted);
  on_start(now);
}

void Controller::resign(SimTime now) {
  if (role_ != ControllerRole::active || peers_.empty()) return;
  step(now, [&] {
    become_standby(epoch_, no_node);
    // Somebody else's turn.
    election_at_ += Duration::ms(spec_.config.quorum_fetch_timeout_ms);
  });
}

void Controller::forget_process() {
  role_ = ControllerRole::stopped;
  leader_ = no_node;
  paused_ = false;
  while_paused_.clear();
  server_.reset(1);
  awaiting_.clear();
  delayed_fetches_.clear();
  sessions_.clear();
  for (Peer& other : peers_) {
    other.channel.drop(SimTime{});
    other.fetched = 0;
    other.granted = other.asked = false;
  }
  election_at_ = sessions_at_ = unclean_at_ = rebalance_at_ = armed_ = SimTime::never();
}

void Controller::install_log(const std::vector<MetadataBatch>& log, std::int32_t epoch, NodeId active) {
  epoch_ = epoch;
  log_ = log;
  leader_ = active;
  voted_for_ = active;
  MetadataDelta delta;
  for (const MetadataBatch& batch : log_) {
    for (const MetadataRecord& record : batch.records) latest_.edit().apply(record, delta);
  }
  committed_ = latest_;
  committed_end_ = log_end();
  role_ = active == spec_.id ? ControllerRole::active : ControllerRole::standby;
  if (role_ != ControllerRole::active) return;
  for (const BrokerRegistration& broker : committed_->brokers()) {
    Session session;
    session.broker = broker.id;
    session.broker_epoch = broker.epoch;
    session.metadata_offset = committed_end_ - 1;
    session.contacted = !broker.fenced;
    sessions_.push_back(session);
  }
  for (Peer& other : peers_) other.fetched = committed_end_;
}

void Controller::run_due(SimTime now) {
  do {
    do {
      server_.depart(now, out_);
    } while (serve());
    for (Peer& other : peers_) {
      if (other.channel.deadline <= now) peer_failed(other);
    }
    do_periodic_work();
    for (std::size_t i = 0; i < delayed_fetches_.size();) {
      if (delayed_fetches_[i].deadline > now_ && !fetch_ready(delayed_fetches_[i].fetch)) {
        ++i;
        continue;
      }
      const DelayedFetch delayed = std::move(delayed_fetches_[i]);
      delayed_fetches_.erase(delayed_fetches_.begin() + static_cast<std::ptrdiff_t>(i));
      answer_fetch(delayed.request, delayed.fetch);
    }
    pump();
  } while (server_.deadline() <= now);
}

SimTime Controller::next_deadline() const {
  SimTime at = server_.deadline();
  const auto consider = [&](SimTime other) { at = std::min(at, other); };
  for (const DelayedFetch& delayed : delayed_fetches_) consider(delayed.deadline);
  for (const Peer& other : peers_) {
    consider(other.channel.deadline);
    if (role_ != ControllerRole::active && other.channel.retry_at > now_) consider(other.channel.retry_at);
  }
  consider(election_at_);
  if (role_ == ControllerRole::active) {
    consider(std::min(sessions_at_, std::min(unclean_at_, rebalance_at_)));
    consider(quorum_lost_at());
  }
  return at;
}

void Controller::arm(SimTime now) {
  const SimTime at = next_deadline();
  assert(at > now);
  if (at == SimTime::never() || (armed_ <= at && armed_ > now)) return;
  armed_ = at;
  out_.push_back(WakeAt{at, 0});
}

void Controller::observe(Observation observation) {
  observation.node = spec_.id;
  if (observation.cause == sim::no_event) observation.cause = cause_;
  out_.push_back(observation);
}

}  // namespace linger::broker
