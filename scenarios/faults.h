#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
  enum Phase : std::uint32_t { begin_phase, end_phase, restart_phase };

  void begin(std::size_t fault, sim::Context& context);
  void end(std::size_t fault, sim::Context& context);
  void hit(std::size_t fault, sim::Context& context, std::int64_t times = 1);
  bool judge_connect(const sim::Event& event, sim::Context& context);
  bool act_on_message(std::size_t fault, const sim::Event& event, sim::Context& context);
  void forge(std::size_t fault, const Answer& answer, const sim::Event& event, sim::Context& context);

  void stop(sim::HostId host, bool power, sim::Context& context);
  void restart(sim::HostId host, sim::Context& context);
  void pause(sim::HostId host, sim::Context& context);
  void resume(sim::HostId host, sim::Context& context);
  void cut(const Cut& cut, bool heal, sim::Context& context);
  void change_links(const std::vector<std::string>& hosts, const Action& action, bool back, sim::Context& context);
  bool connected(sim::HostId a, sim::HostId b) const;
  std::int64_t close_connections(const std::vector<std::string>& hosts, sim::Context& context);
  void disk(const DiskFault& fault, std::optional<Duration> lasts, bool back, sim::Context& context);
  bool elect(const Elect& elect, sim::Context& context);
  bool change_isr(const ChangeIsr& change, sim::Context& context);
  void ask(std::size_t fault, const Action& action, sim::Context& context);
  void send_admin(std::size_t index, sim::Context& context);

  sim::HostId host(const std::string& name) const;
  std::optional<std::uint32_t> active_controller() const;

  World& world_;
};

/// `orders-0` as the world's topic number and the partition's.
struct NamedPartition {
  std::int32_t topic = -1;
  std::int32_t number = -1;
};

}  // namespace linger::scenarios
