#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker_model/metadata_image.h"
#include "scenarios/scenario.h"
#include "sim/bytes.h"
#include "sim/context.h"
#include "sim/event.h"

namespace linger::scenarios {

class World;

/// Carries the plan's faults out on a world: those by time begin and end by Strike events, those by message are judged as the message arrives.
/// A fault that lasts ends by itself or with end_all. Each counts how often its moment came and how often it changed anything.
class Faults {
 public:
  explicit Faults(World& world) : world_(world) {}

  /// Schedules the beginnings of all faults by time.
  void schedule(sim::Context& context);
  /// Schedules the beginning of one of them. Requires a moment that is still to come.
  void schedule(std::uint32_t fault, sim::Context& context);
  void strike(const sim::Strike& strike, sim::Context& context);
  /// Decides about the message, or the connection request, that this event is about to bring. True: the fault has carried the event out, in its own way.
  bool judge(const sim::Event& event, sim::Context& context);
  void end_all(sim::Context& context);
  /// A process ended without a fault's doing: its kernel closes what it had open.
  void process_died(sim::HostId host, sim::Context& context);
  void schedule_restart(sim::HostId host, sim::Context& context);
  bool move_leader(std::int32_t topic, std::int32_t partition, std::int32_t broker, sim::Context& context);

  // An operator's request and its fate.
  void on_admin_connected(std::uint64_t handle, sim::Context& context);
  void on_admin_answer(std::uint64_t handle, const sim::Bytes& frame, sim::Context& context);
  void on_admin_lost(std::uint64_t handle, sim::Context& context);
  void retry_admin(std::uint64_t handle, sim::Context& context);

 private:
  enum Phase : std::uint32_t { begin_phase, end_phase, restart_phase, create_topic_phase };
  /// What an operator asks for without a fault.
  static constexpr std::uint32_t no_fault = 0xffff'ffffU;
  /// Planned events are named by their fault's number; topics that are created later come behind all of them.
  static constexpr std::uint64_t first_topic = std::uint64_t{1} << 32;

  void begin(std::size_t fault, sim::Context& context);
  void end(std::size_t fault, sim::Context& context);
  void hit(std::size_t fault, sim::Context& context, std::int64_t times = 1);
  // faults_messages.cpp: at the arrival of a message or a connection request.
  bool judge_connect(const sim::Event& event, sim::Context& context);
  bool act_on_message(std::size_t fault, const sim::Event& event, sim::Context& context);
  void forge(const Answer& answer, const sim::Event& event, sim::Context& context);

  // What begins at a moment says how much it changed; what lasts and must be undone has a finish of its own.
  // faults_hosts.cpp
  std::int64_t start(const Crash& crash, sim::Context& context);
  std::int64_t start(const Restart& again, sim::Context& context);
  std::int64_t start(const Pause& paused, sim::Context& context);
  std::int64_t start(const Shutdown& shutdown, sim::Context& context);
  std::int64_t start(const ClockChange& change, sim::Context& context);
  std::int64_t start(const SlowRequests& slow, sim::Context& context);
  std::int64_t start(const DiskFault& fault, std::optional<Duration> lasts, sim::Context& context);
  std::int64_t start(const Throttle& throttle, sim::Context& context);
  void finish(const Crash& crash, sim::Context& context) { restart(host(crash.host), context); }
  void finish(const Pause& paused, sim::Context& context) { resume(host(paused.host), context); }
  void finish(const SlowRequests& slow, sim::Context&) { set_slowness(slow, 100); }
  void finish(const DiskFault& fault, sim::Context& context);
  void finish(const Throttle& throttle, sim::Context& context);
  void stop(sim::HostId host, bool power, sim::Context& context);
  void restart(sim::HostId host, sim::Context& context);
  void pause(sim::HostId host, sim::Context& context);
  void resume(sim::HostId host, sim::Context& context);
  void set_slowness(const SlowRequests& slow, std::int64_t percent);

  // faults_links.cpp
  std::int64_t start(const Cut& cut, sim::Context& context);
  std::int64_t start(const SlowLink& slow, sim::Context& context);
  std::int64_t start(const LossyLink& lossy, sim::Context& context);
  std::int64_t start(const LimitBandwidth& limit, sim::Context& context);
  std::int64_t start(const CloseConnections& closing, sim::Context& context);
  void finish(const Cut& cut, sim::Context& context);
  void finish(const SlowLink& slow, sim::Context& context) { restore_links(slow.hosts, context); }
  void finish(const LossyLink& lossy, sim::Context& context) { restore_links(lossy.hosts, context); }
  void finish(const LimitBandwidth& limit, sim::Context& context) { restore_links(limit.hosts, context); }
  template <class Change>
  void change_cut(const Cut& cut, Change change);
  template <class Change>
  void change_links(const std::vector<std::string>& hosts, Change change, sim::Context& context);
  void restore_links(const std::vector<std::string>& hosts, sim::Context& context);
  bool connected(sim::HostId a, sim::HostId b) const;

  // faults_cluster.cpp
  std::int64_t start(const Elect& elect, sim::Context& context);
  std::int64_t start(const ChangeIsr& change, sim::Context& context);
  std::int64_t start(const FailOverController& fail_over, sim::Context& context);
  std::int64_t start(const Reassign& move, sim::Context& context);
  std::int64_t start(const ChangeConfig& config, sim::Context& context);
  std::int64_t start(const ExpireProducerIds& expire, sim::Context& context);
  broker::TopicIdPartition id_of(const std::string& partition) const;
  std::optional<std::uint32_t> active_controller() const;

  // faults_admin.cpp: an operator's requests.
  void ask(std::size_t fault, const Action& action, sim::Context& context);
  void send_admin(std::size_t index, sim::Context& context);

  sim::HostId host(const std::string& name) const;
  bool is_up(sim::HostId host) const;

  World& world_;
};

}  // namespace linger::scenarios
