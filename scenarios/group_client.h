#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/ids.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"
#include "scenarios/consumer.h"

namespace linger::scenarios {

/// What a group has committed for a partition; -1: nothing.
using GroupPosition = std::pair<TopicPartition, std::int64_t>;

/// Asks a group's coordinator for the group's offsets, or gives it new ones: FindCoordinator, OffsetFetch and
/// OffsetCommit over real frames, on connections of its own as Kafka's ConsumerCoordinator has them. One question at a
/// time, asked again until it is answered: where the coordinator moves, loads, or waits for a transaction's end
/// (UNSTABLE_OFFSET_COMMIT), after retry.backoff.ms. No membership: who uses it has been told which partitions are its
/// own.
class GroupClient {
 public:
  GroupClient() = default;
  GroupClient(std::string name, std::string group, std::int32_t brokers, ApiLevel level)
      : name_(std::move(name)), group_(std::move(group)), brokers_(brokers), level_(level) {}

  /// With require_stable: what open transactions are about to change is waited for. Requires: nothing is under way.
  void fetch(std::vector<TopicPartition> partitions, sim::SimTime now);
  /// Outside of any transaction. Requires: nothing is under way.
  void commit(std::vector<GroupPosition> offsets, sim::SimTime now);
  bool busy() const { return task_ != Task::nothing; }
  /// What fetch has found, once; a commit that is done gives what it committed.
  std::optional<std::vector<GroupPosition>> take_result();
  /// Gives up what is under way and closes every connection.
  void stop();

  void on_connected(std::uint64_t handle, sim::SimTime now);
  void on_closed(std::uint64_t handle, sim::SimTime now);
  void on_frame(std::uint64_t handle, const sim::Bytes& frame, sim::SimTime now);
  void on_wake(sim::SimTime now);
  std::vector<ConsumerOutput> take_outputs();

 private:
  enum class Task : std::uint8_t { nothing, fetch, commit };
  enum class Asked : std::uint8_t { nothing, coordinator, offsets, commit };
  struct Connection {
    std::uint64_t handle = 0;
    NodeId broker = no_node;
    bool established = false;
    Asked asked = Asked::nothing;
    std::int32_t correlation = 0;
    sim::SimTime deadline;
  };

  void advance(sim::SimTime now);
  void connect(NodeId broker, sim::SimTime now);
  void drop(sim::SimTime now);
  template <class Request>
  void write(const Request& request, std::int16_t version, Asked asked, sim::SimTime now);
  void again_later(sim::SimTime now) { not_before_ = now + sim::Duration::ms(100); }
  void look_elsewhere(sim::SimTime now);
  void handle(const FindCoordinatorResponse& response, sim::SimTime now);
  void handle(const OffsetFetchResponse& response, sim::SimTime now);
  void handle(const OffsetCommitResponse& response, sim::SimTime now);
  void ask(sim::SimTime now);
  void found(NodeId coordinator, ErrorCode error, sim::SimTime now);
  void committed_are(ErrorCode error, std::vector<GroupPosition> found, sim::SimTime now);

  std::string name_;
  std::string group_;
  std::int32_t brokers_ = 0;
  ApiLevel level_ = ApiLevel::newest;
  std::int32_t next_bootstrap_ = 0;
  std::uint64_t next_handle_ = 1;
  std::int32_t next_correlation_ = 0;
  std::optional<NodeId> coordinator_;
  std::optional<Connection> connection_;  ///< to the coordinator, or to whoever is asked for it
  Task task_ = Task::nothing;
  std::vector<GroupPosition> positions_;
  bool done_ = false;
  sim::SimTime not_before_;
  std::vector<ConsumerOutput> outputs_;
};

}  // namespace linger::scenarios
