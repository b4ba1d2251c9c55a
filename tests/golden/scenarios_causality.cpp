#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

/// The least one-way delay of every file in the library; slow links only add to it.
constexpr sim::Duration least_delay = sim::Duration::us(200);

/// The event that a step handled: where it took place and when.
struct Handled {
  sim::HostId host = sim::no_host;  ///< no_host: the plan acts, not a host
  sim::SimTime at;
};

sim::HostId place_of(const sim::Event& event) {
  if (const auto* wake = std::get_if<sim::Wake>(&event.what)) return wake->host;
  if (const auto* handshake = std::get_if<sim::Handshake>(&event.what)) return handshake->host;
  if (const auto* deliver = std::get_if<sim::Deliver>(&event.what)) return deliver->host;
  return sim::no_host;
}

bool is(const sim::TraceRecord& record, sim::SimTrace kind) {
  return record.kind == sim::trace_kind(kind);
}

bool is(const sim::TraceRecord& record, AppTrace kind) {
  return record.kind == trace_kind(kind);
}

/// A run in which every event and every record is looked at.
class Watcher {
 public:
  explicit Watcher(Scenario scenario) : runner_(prepare(std::move(scenario)), sim::Trace::Mode::on), admin_(runner_.world().setup().admin_host()) {}

  void run() {
    while (true) {
      const std::vector<sim::Event> pending = runner_.world().queue().pending();
      const std::uint64_t before = runner_.world().counters().events;
      const std::uint64_t records = runner_.trace().stored();
      if (!runner_.step()) break;
      if (runner_.world().counters().events == before) {
        look_at_plan(records);
        continue;
      }
      REQUIRE(!pending.empty());
      look_at_event(pending.front());
      look_at_records(pending.front(), records);
    }
  }

  std::int64_t crossings = 0;  ///< events at one host that another host's event led to
  std::int64_t deliveries = 0;

 private:
  /// What an event at one host leads to at another comes by the network: as a handshake or a delivery, and no sooner than the network's least delay.
  void look_at_event(const sim::Event& event) {
    const sim::HostId here = place_of(event);
    handled_[event.number.value()] = Handled{here, event.at};
    const auto cause = handled_.find(event.cause.value());
    if (cause == handled_.end()) {
      CHECK(event.cause == sim::no_event);
      return;
    }
    const Handled& before = cause->second;
    CHECK(before.at <= event.at);
    if (here == sim::no_host || before.host == sim::no_host || before.host == here) return;
    if (of_the_plan_.contains(event.cause.value()) || before.host == admin_ || here == admin_) return;
    ++crossings;
    INFO("event " << event.number.value() << " at " << name(here) << " comes from event " << event.cause.value() << " at " << name(before.host));
    CHECK(!std::holds_alternative<sim::Wake>(event.what));
    CHECK(event.at - before.at >= least_delay);
  }

  /// A step of the final phase is no event: the run itself asks the controller for something.
  void look_at_plan(std::uint64_t first) {
    for (std::uint64_t i = first; i < runner_.trace().stored(); ++i) {
      const sim::TraceRecord& record = runner_.trace().at(i);
      CHECK(runner_.in_final_phase());
      of_the_plan_.insert(record.event.value());
      note_sending(record);
    }
  }

  void note_sending(const sim::TraceRecord& record) {
    if (is(record, sim::SimTrace::sent)) sent_[{record.args[0], record.args[1], record.args[2], record.args[3]}] = Handled{record.host, record.at};
  }

  /// What is recorded during an event takes place at that event's host.
  void look_at_records(const sim::Event& event, std::uint64_t first) {
    const sim::HostId here = place_of(event);
    bool plan = here == sim::no_host || here == admin_;
    for (std::uint64_t i = first; i < runner_.trace().stored(); ++i) {
      const sim::TraceRecord& record = runner_.trace().at(i);
      plan = plan || is(record, AppTrace::fault_strikes) || is(record, AppTrace::fault_ends) || is(record, AppTrace::fault_hits);
    }
    if (plan) of_the_plan_.insert(event.number.value());
    for (std::uint64_t i = first; i < runner_.trace().stored(); ++i) {
      const sim::TraceRecord& record = runner_.trace().at(i);
      INFO(trace_kinds().describe(record, runner_.trace(), runner_.world().setup().hosts));
      CHECK(record.at == event.at);
      if (is(record, sim::SimTrace::retransmit)) {
        // A delivery that is due and finds the way closed is the sending kernel's timer, and nothing else happens then.
        CHECK(std::holds_alternative<sim::Deliver>(event.what));
        CHECK(runner_.trace().stored() == first + 1);
        handled_[event.number.value()].host = record.host;
        continue;
      }
      if (record.event != event.number) look_at_origin(record);
      if (!plan && record.host != sim::no_host) CHECK(name(record.host) == name(here));
      note_sending(record);
      if (is(record, sim::SimTrace::delivered)) look_at_delivery(record);
    }
  }

  /// An answer leaves its host later than it was decided on: then the record names the event that decided, at the same host.
  void look_at_origin(const sim::TraceRecord& record) {
    const auto origin = handled_.find(record.event.value());
    REQUIRE(origin != handled_.end());
    CHECK(origin->second.at < record.at);
    if (origin->second.host == sim::no_host || of_the_plan_.contains(record.event.value())) return;
    CHECK(name(origin->second.host) == name(record.host));
  }

  /// A message arrives after it was sent, by the host that the record names, and at another one.
  void look_at_delivery(const sim::TraceRecord& record) {
    ++deliveries;
    const auto sent = sent_.find({record.args[0], record.args[1], record.args[2], record.args[3]});
    REQUIRE(sent != sent_.end());
    CHECK(sent->second.host.value() == static_cast<std::uint32_t>(record.args[6]));
    CHECK(sent->second.host != record.host);
    CHECK(record.at - sent->second.at >= least_delay);
    const auto cause = handled_.find(record.cause.value());
    REQUIRE(cause != handled_.end());
    CHECK(cause->second.at <= sent->second.at);
    if (cause->second.host != sim::no_host && cause->second.host != admin_) CHECK(name(cause->second.host) == name(sent->second.host));
  }

  std::string name(sim::HostId host) const {
    return host == sim::no_host ? "the plan" : runner_.world().setup().hosts[host.value()];
  }

  Runner runner_;
  sim::HostId admin_;
  std::map<std::uint64_t, Handled> handled_;
  std::set<std::uint64_t> of_the_plan_;  ///< events during which a planned fault acted: it may touch any host
  std::map<std::vector<std::int64_t>, Handled> sent_;
};

}  // namespace

TEST_CASE("nothing happens at a host because of another one, except by a message that took its time") {
  const std::filesystem::path library = std::filesystem::path(LINGER_SOURCE_DIR) / "scenarios" / "library";
  for (const auto& entry : std::filesystem::directory_iterator(library)) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path().filename().string());
    ReadResult read = read_scenario_file(entry.path().string());
    REQUIRE(read.ok());
    REQUIRE(read.scenario->network.latency.low == least_delay);
    REQUIRE(read.scenario->network.links.empty());
    Watcher watcher(*std::move(read.scenario));
    watcher.run();
    CHECK(watcher.crossings > 0);
    CHECK(watcher.deliveries > 100);
  }
}
