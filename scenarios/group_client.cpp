#include "scenarios/group_client.h"

#include <algorithm>
#include <cassert>

#include "protocol/error_code.h"
#include "protocol/frame.h"

namespace linger::scenarios {

namespace {

using sim::Duration;
using sim::SimTime;

// From these on a message is about several coordinators, or several groups.
constexpr std::int16_t many_coordinators = 4;
constexpr std::int16_t many_groups = 8;

std::int16_t find_coordinator_version(ApiLevel level) {
  return newest_version(ApiKey::find_coordinator, level);
}
// The newest that name topics; later ones name their ids.
std::int16_t offset_fetch_version(ApiLevel level) {
  return std::min<std::int16_t>(9, newest_version(ApiKey::offset_fetch, level));
}
std::int16_t offset_commit_version(ApiLevel level) {
  return std::min<std::int16_t>(9, newest_version(ApiKey::offset_commit, level));
}

constexpr std::int8_t group_key = 0;
// Kafka's consumer defaults: request.timeout.ms, socket.connection.setup.timeout.ms.
constexpr Duration request_timeout = Duration::s(30);
constexpr Duration connect_timeout = Duration::s(10);

/// One of these says that another broker has to be asked, or that this one is not there yet.
bool coordinator_is_gone(ErrorCode error) {
  return error == ErrorCode::not_coordinator || error == ErrorCode::coordinator_not_available;
}

}  // namespace

void GroupClient::fetch(std::vector<TopicPartition> partitions, SimTime now) {
  assert(!busy());
  task_ = Task::fetch;
  done_ = false;
  positions_.clear();
  for (TopicPartition& partition : partitions) positions_.emplace_back(std::move(partition), -1);
  advance(now);
}

void GroupClient::commit(std::vector<GroupPosition> offsets, SimTime now) {
  assert(!busy());
  task_ = Task::commit;
  done_ = false;
  positions_ = std::move(offsets);
  advance(now);
}

std::optional<std::vector<GroupPosition>> GroupClient::take_result() {
  if (!std::exchange(done_, false)) return std::nullopt;
  return std::exchange(positions_, {});
}

void GroupClient::stop() {
  task_ = Task::nothing;
  done_ = false;
  if (connection_) outputs_.push_back(ConsumerClose{connection_->handle});
  connection_.reset();
}

std::vector<ConsumerOutput> GroupClient::take_outputs() {
  return std::exchange(outputs_, {});
}

void GroupClient::connect(NodeId broker, SimTime now) {
  connection_ = Connection{};
  connection_->handle = next_handle_++;
  connection_->broker = broker;
  connection_->deadline = now + connect_timeout;
  outputs_.push_back(ConsumerConnect{connection_->handle, broker});
}

/// The connection is of no more use.
void GroupClient::drop(SimTime now) {
  if (connection_) outputs_.push_back(ConsumerClose{connection_->handle});
  connection_.reset();
  again_later(now);
}

void GroupClient::look_elsewhere(SimTime now) {
  coordinator_.reset();
  drop(now);
}

void GroupClient::on_connected(std::uint64_t handle, SimTime now) {
  if (connection_ && connection_->handle == handle) connection_->established = true;
  advance(now);
}

void GroupClient::on_closed(std::uint64_t handle, SimTime now) {
  if (!connection_ || connection_->handle != handle) return;
  connection_.reset();
  coordinator_.reset();
  again_later(now);
  advance(now);
}

void GroupClient::on_wake(SimTime now) {
  const bool waits = connection_ && (!connection_->established || connection_->asked != Asked::nothing);
  if (waits && now >= connection_->deadline) look_elsewhere(now);
  advance(now);
}

void GroupClient::advance(SimTime now) {
  if (task_ == Task::nothing) return;
  const bool waits = connection_ && (!connection_->established || connection_->asked != Asked::nothing);
  if (!waits && now >= not_before_) ask(now);
  const bool waits_now = connection_ && (!connection_->established || connection_->asked != Asked::nothing);
  outputs_.push_back(ConsumerWake{waits_now ? connection_->deadline : std::max(not_before_, now)});
}

void GroupClient::ask(SimTime now) {
  if (!connection_) {
    if (!coordinator_) next_bootstrap_ = next_bootstrap_ % brokers_ + 1;
    connect(coordinator_.value_or(NodeId{next_bootstrap_}), now);
    return;
  }
  if (!coordinator_) {
    FindCoordinatorRequest request;
    request.key_type = group_key;
    if (find_coordinator_version(level_) < many_coordinators)
      request.key = group_;
    else
      request.coordinator_keys.push_back(group_);
    write(request, find_coordinator_version(level_), Asked::coordinator, now);
    return;
  }
  if (connection_->broker != *coordinator_) {
    outputs_.push_back(ConsumerClose{connection_->handle});
    connect(*coordinator_, now);
    return;
  }
  // Positions stand in order of topic, as they were given.
  if (task_ == Task::fetch) {
    OffsetFetchRequest request;
    request.require_stable = true;
    if (offset_fetch_version(level_) < many_groups) {
      request.group_id = group_;
      for (const auto& [partition, offset] : positions_) {
        if (request.topics->empty() || request.topics->back().name != partition.topic)
          request.topics->push_back({partition.topic, {}});
        request.topics->back().partition_indexes.push_back(partition.partition);
      }
      write(request, offset_fetch_version(level_), Asked::offsets, now);
      return;
    }
    auto& group = request.groups.emplace_back();
    group.group_id = group_;
    for (const auto& [partition, offset] : positions_) {
      if (group.topics->empty() || group.topics->back().name != partition.topic)
        group.topics->push_back({partition.topic, Uuid{}, {}});
      group.topics->back().partition_indexes.push_back(partition.partition);
    }
    write(request, offset_fetch_version(level_), Asked::offsets, now);
    return;
  }
  OffsetCommitRequest request;
  request.group_id = group_;
  for (const auto& [partition, offset] : positions_) {
    if (request.topics.empty() || request.topics.back().name != partition.topic)
      request.topics.push_back({partition.topic, Uuid{}, {}});
    request.topics.back().partitions.push_back({partition.partition, offset, -1, ""});
  }
  write(request, offset_commit_version(level_), Asked::commit, now);
}

template <class Request>
void GroupClient::write(const Request& request, std::int16_t version, Asked asked, SimTime now) {
  linger::Bytes frame;
  connection_->correlation = next_correlation_++;
  connection_->asked = asked;
  connection_->deadline = now + request_timeout;
  const WireError error = encode_request(frame, request, version, CorrelationId{connection_->correlation}, name_);
  assert(!error);
  static_cast<void>(error);
  outputs_.push_back(ConsumerWrite{connection_->handle, sim::Bytes::copy_of(frame)});
}

void GroupClient::on_frame(std::uint64_t handle, const sim::Bytes& frame, SimTime now) {
  if (!connection_ || connection_->handle != handle || frame.size() < 8) return;
  const Asked asked = std::exchange(connection_->asked, Asked::nothing);
  const std::int32_t correlation = connection_->correlation;
  const BytesView body = frame.span().subspan(4);
  bool understood = false;
  const auto read = [&](auto decoded) {
    understood = static_cast<bool>(decoded) && decoded.correlation.value() == correlation;
    if (understood) this->handle(decoded.message, now);
  };
  switch (asked) {
    case Asked::coordinator:
      read(decode_response<FindCoordinatorResponse>(body, find_coordinator_version(level_)));
      break;
    case Asked::offsets:
      read(decode_response<OffsetFetchResponse>(body, offset_fetch_version(level_)));
      break;
    case Asked::commit:
      read(decode_response<OffsetCommitResponse>(body, offset_commit_version(level_)));
      break;
    case Asked::nothing:
      break;
  }
  if (!understood) look_elsewhere(now);
  advance(now);
}

void GroupClient::found(NodeId coordinator, ErrorCode error, SimTime now) {
  if (error == ErrorCode::none)
    coordinator_ = coordinator;
  else
    again_later(now);
}

void GroupClient::handle(const FindCoordinatorResponse& response, SimTime now) {
  if (find_coordinator_version(level_) < many_coordinators) {
    found(NodeId{response.node_id}, error_from_wire(response.error_code), now);
    return;
  }
  for (const auto& answered : response.coordinators) {
    if (answered.key == group_ && answered.error_code == 0) {
      found(NodeId{answered.node_id}, ErrorCode::none, now);
      return;
    }
  }
  again_later(now);
}

namespace {

/// What an answer says of these positions, and its first error.
template <class Topics>
ErrorCode read_positions(const Topics& topics, std::int16_t whole, std::vector<GroupPosition>& positions) {
  ErrorCode error = error_from_wire(whole);
  for (const auto& topic : topics) {
    for (const auto& one : topic.partitions) {
      if (error == ErrorCode::none) error = error_from_wire(one.error_code);
      for (auto& [partition, offset] : positions) {
        if (partition.topic == topic.name && partition.partition == one.partition_index) offset = one.committed_offset;
      }
    }
  }
  return error;
}

}  // namespace

void GroupClient::handle(const OffsetFetchResponse& response, SimTime now) {
  if (task_ != Task::fetch) return;
  std::vector<GroupPosition> positions = positions_;
  if (offset_fetch_version(level_) < many_groups) {
    const ErrorCode error = read_positions(response.topics, response.error_code, positions);
    committed_are(error, std::move(positions), now);
  } else if (response.groups.size() == 1) {
    const ErrorCode error =
        read_positions(response.groups.front().topics, response.groups.front().error_code, positions);
    committed_are(error, std::move(positions), now);
  }
}

void GroupClient::committed_are(ErrorCode error, std::vector<GroupPosition> found, SimTime now) {
  if (error != ErrorCode::none) {
    // UNSTABLE_OFFSET_COMMIT and COORDINATOR_LOAD_IN_PROGRESS pass; so may whatever else a coordinator says of itself.
    coordinator_is_gone(error) ? look_elsewhere(now) : again_later(now);
    return;
  }
  positions_ = std::move(found);
  task_ = Task::nothing;
  done_ = true;
}

void GroupClient::handle(const OffsetCommitResponse& response, SimTime now) {
  if (task_ != Task::commit) return;
  ErrorCode error = ErrorCode::none;
  for (const auto& topic : response.topics) {
    for (const auto& one : topic.partitions) {
      if (error == ErrorCode::none) error = error_from_wire(one.error_code);
    }
  }
  if (error != ErrorCode::none) {
    coordinator_is_gone(error) ? look_elsewhere(now) : again_later(now);
    return;
  }
  task_ = Task::nothing;
  done_ = true;
}

}  // namespace linger::scenarios
