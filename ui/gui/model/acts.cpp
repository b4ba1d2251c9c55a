#include "ui/gui/model/acts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "ui/gui/model/cluster_facts.h"
#include "ui/gui/model/focus.h"
#include "ui/gui/model/state.h"
#include "ui/gui/model/traffic.h"

namespace linger::gui {
namespace {

using namespace scenarios;

constexpr Duration back_after = Duration::s(10);

/// A name that no fault of the plan has.
std::string free_id(const Scenario& plan, const std::string& wanted) {
  const auto taken = [&](const std::string& id) {
    return std::any_of(plan.faults.begin(), plan.faults.end(), [&](const Fault& fault) { return fault.id == id; });
  };
  std::string id = wanted;
  for (int n = 2; taken(id); ++n) id = wanted + "-" + std::to_string(n);
  return id;
}

class Menu {
 public:
  Menu(Session& session, const State& state)
      : session_(session),
        state_(state),
        setup_(*session.run().setup),
        plan_(setup_.scenario),
        now_(state.cursor.at + sim::Duration::ns(1)) {}

  std::vector<Act> take() { return std::move(acts_); }

  void on_host(sim::HostId host) {
    const std::string& name = name_of_host(host);
    const HostKind kind = setup_.roles[host.value()].kind;
    if (kind != HostKind::broker && kind != HostKind::controller && kind != HostKind::producer) return;
    const NetworkFacts network = network_facts(session_, state_.cursor);
    const auto facts = std::find_if(network.hosts.begin(), network.hosts.end(),
                                    [&](const HostFacts& one) { return one.name == name; });
    if (facts != network.hosts.end() && facts->down)
      return add("restart-" + name, {Str::act_restart, {name}}, Restart{name});
    const std::string later = time_text(back_after);
    add("crash-" + name, {Str::act_crash, {name}}, Crash{name, false, std::nullopt});
    add("crash-" + name, {Str::act_crash_back, {name, later}}, Crash{name, false, back_after});
    if (kind != HostKind::producer) {
      add("power-" + name, {Str::act_power, {name}}, Crash{name, true, std::nullopt});
      add("power-" + name, {Str::act_power_back, {name, later}}, Crash{name, true, back_after});
    }
    if (kind == HostKind::broker) add("shutdown-" + name, {Str::act_shutdown, {name}}, Shutdown{name, std::nullopt});
    if (facts == network.hosts.end() || !facts->paused)
      add("pause-" + name, {Str::act_pause, {name, later}}, Pause{name}, back_after);
    std::vector<std::string> others;
    for (std::size_t h = 0; h < setup_.hosts.size(); ++h) {
      const HostKind other = setup_.roles[h].kind;
      if (h != host.value() &&
          (other == HostKind::broker || other == HostKind::controller || other == HostKind::producer))
        others.push_back(setup_.hosts[h]);
    }
    if (!others.empty())
      add("alone-" + name, {Str::act_isolate, {name, later}}, Cut{{{name}, others}, false}, back_after);
    if (kind == HostKind::broker) elect(host);
  }

  void on_link(sim::HostId one, sim::HostId other) {
    const std::string& a = name_of_host(one);
    const std::string& b = name_of_host(other);
    if (one == other) return;
    const std::string later = time_text(back_after);
    add("cut-" + a + "-" + b, {Str::act_cut, {a, b}}, Cut{{{a}, {b}}, false});
    add("cut-" + a + "-" + b, {Str::act_cut_for, {a, b, later}}, Cut{{{a}, {b}}, false}, back_after);
    add("cut-" + a + "-to-" + b, {Str::act_cut_one_way, {a, b}}, Cut{{{a}, {b}}, true});
    add("cut-" + b + "-to-" + a, {Str::act_cut_one_way, {b, a}}, Cut{{{b}, {a}}, true});
    // Both change connections that are open.
    if (!connected(one, other)) return;
    add("slow-" + a + "-" + b, {Str::act_slow_link, {a, b}}, SlowLink{{a, b}, 10});
    add("close-" + a + "-" + b, {Str::act_close_connections, {a, b}}, CloseConnections{{a, b}});
  }

  void on_message(std::size_t index) {
    const Traffic& traffic = session_.traffic();
    if (index >= traffic.messages().size()) return;
    const report::Message& message = traffic.messages()[index];
    if (message.fault) return on_fault(*message.fault);
    const auto nth = traffic.number_of(index);
    if (!nth) return;
    Matcher on;
    on.api = std::string(api_name(message.api));
    on.response = message.answer;
    on.from = name_of_host(message.from);
    on.to = name_of_host(message.to);
    on.nth = *nth;
    const std::string what = on.api + (message.answer ? " answer" : "");
    const std::string kind = (message.answer ? "answer-" : "request-") + std::to_string(*nth);
    const auto at_message = [&](const std::string& verb, Change change, Action action) {
      Fault fault;
      fault.id = free_id(plan_, verb + "-" + kind);
      fault.on = on;
      fault.action = std::move(action);
      acts_.push_back({std::move(change), std::move(fault), std::nullopt, message.sent_at});
    };
    at_message("lose", {Str::act_lose, {what}}, Lose{});
    at_message("delay", {Str::act_delay, {what, "100ms"}}, Delay{Duration::ms(100)});
    const Duration patience = patience_of(message);
    at_message("delay", {Str::act_delay, {what, time_text(patience)}}, Delay{patience});
    at_message("reset", {Str::act_reset, {what}}, Reset{});
    if (!message.answer) {
      for (const std::string_view error : errors_of(message.api))
        at_message("error", {Str::act_answer, {std::string(error)}}, Answer{std::string(error), false});
      if (message.api == ApiKey::produce)
        at_message("error", {Str::act_answer_after, {"NOT_ENOUGH_REPLICAS_AFTER_APPEND"}},
                   Answer{"NOT_ENOUGH_REPLICAS_AFTER_APPEND", true});
    }
    const sim::HostId server = message.answer ? message.from : message.to;
    const std::string& host = name_of_host(server);
    if (setup_.roles[server.value()].kind == HostKind::broker) {
      at_message("crash", {message.answer ? Str::act_crash_behind : Str::act_crash_before, {host}},
                 Crash{host, false, std::nullopt});
      at_message("power", {message.answer ? Str::act_power_behind : Str::act_power_before, {host}},
                 Crash{host, true, std::nullopt});
    }
  }

  void on_fault(std::size_t fault) {
    if (fault >= plan_.faults.size()) return;
    const Fault& planned = plan_.faults[fault];
    // Where another fault waits for it, the plan would make no sense without it.
    const bool needed = std::any_of(plan_.faults.begin(), plan_.faults.end(), [&](const Fault& other) {
      return other.on && other.on->after_fault == planned.id;
    });
    if (needed) return;
    const sim::SimTime from = planned.at ? sim::SimTime::at(*planned.at) : sim::SimTime{};
    acts_.push_back({{Str::act_without, {planned.id}}, std::nullopt, fault, from});
  }

 private:
  const std::string& name_of_host(sim::HostId host) const { return setup_.hosts.at(host.value()); }

  bool connected(sim::HostId one, sim::HostId other) const {
    const NetworkFacts network = network_facts(session_, state_.cursor);
    return std::any_of(network.links.begin(), network.links.end(), [&](const LinkFacts& link) {
      const HostFacts& a = network.hosts[link.a];
      const HostFacts& b = network.hosts[link.b];
      return link.connections > 0 && !a.down && !b.down &&
             ((a.host == one && b.host == other) || (a.host == other && b.host == one));
    });
  }

  void add(const std::string& id, Change change, Action action, std::optional<Duration> lasts = std::nullopt) {
    Fault fault;
    fault.id = free_id(plan_, id);
    fault.at = now_ - sim::SimTime{};
    fault.action = std::move(action);
    fault.lasts = lasts;
    acts_.push_back({std::move(change), std::move(fault), std::nullopt, state_.cursor.at});
  }

  /// This broker as leader of the partition that is looked at, if it is a replica and does not lead.
  void elect(sim::HostId host) {
    const auto focus = focus_of(session_, state_.selection);
    if (!focus) return;
    const auto facts = partition_facts(session_, state_.cursor, setup_.topics.at(focus->topic), focus->partition);
    if (!facts) return;
    const auto node = static_cast<std::int32_t>(setup_.roles[host.value()].index) + 1;
    const bool replica = std::any_of(facts->replicas.begin(), facts->replicas.end(),
                                     [&](const ReplicaFacts& one) { return one.node == node; });
    if (!replica || facts->leader == node) return;
    const std::string& name = name_of_host(host);
    const bool in_sync = std::find(facts->isr.begin(), facts->isr.end(), node) != facts->isr.end();
    add("elect-" + name, {in_sync ? Str::act_elect : Str::act_elect_unclean, {name, facts->name}},
        Elect{facts->name, name, !in_sync});
  }

  Duration patience_of(const report::Message& message) const {
    const sim::HostId client = message.answer ? message.to : message.from;
    const HostRole role = setup_.roles[client.value()];
    const std::int64_t ms =
        role.kind == HostKind::producer ? setup_.producers[role.index].config.request_timeout_ms : 30'000;
    return Duration::ms(ms) + Duration::s(1);
  }

  static std::vector<std::string_view> errors_of(ApiKey api) {
    switch (api) {
      case ApiKey::produce:
        return {"NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS", "REQUEST_TIMED_OUT", "INVALID_RECORD"};
      case ApiKey::init_producer_id:
      case ApiKey::add_partitions_to_txn:
      case ApiKey::add_offsets_to_txn:
      case ApiKey::end_txn:
      case ApiKey::txn_offset_commit:
        return {"NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS"};
      default:
        return {};
    }
  }

  Session& session_;
  const State& state_;
  const Setup& setup_;
  const Scenario& plan_;
  sim::SimTime now_;
  std::vector<Act> acts_;
};

}  // namespace

std::vector<Act> acts_on(const Target& target, Session& session, const State& state) {
  Menu menu{session, state};
  switch (target.kind) {
    case Target::Kind::host:
      menu.on_host(target.host);
      break;
    case Target::Kind::link:
      menu.on_link(target.host, target.other);
      break;
    case Target::Kind::message:
      menu.on_message(target.index);
      break;
    case Target::Kind::fault:
      menu.on_fault(target.index);
      break;
  }
  return menu.take();
}

Change name_of(const Target& target, const Session& session) {
  const Setup& setup = *session.run().setup;
  switch (target.kind) {
    case Target::Kind::host:
      return {Str::target_host, {setup.hosts.at(target.host.value())}};
    case Target::Kind::link:
      return {Str::target_link, {setup.hosts.at(target.host.value()), setup.hosts.at(target.other.value())}};
    case Target::Kind::message: {
      for (const report::Arrow& arrow : session.diagram().arrows) {
        if (arrow.message != target.index) continue;
        return {arrow.answer ? Str::target_answer : Str::target_request,
                {session.diagram().lanes[arrow.from].name, session.diagram().lanes[arrow.to].name}};
      }
      return {Str::target_request, {}};
    }
    case Target::Kind::fault:
      return {Str::target_fault, {setup.scenario.faults.at(target.index).id}};
  }
  return {};
}

Scenario plan_with(const Scenario& plan, const Act& act) {
  Scenario out = plan;
  if (act.without) out.faults.erase(out.faults.begin() + static_cast<std::ptrdiff_t>(*act.without));
  if (act.fault) out.faults.push_back(*act.fault);
  return out;
}

}  // namespace linger::gui
