#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>

#include <filesystem>
#include <set>
#include <string>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/acts.h"
#include "ui/gui/model/branches.h"
#include "ui/gui/model/requests.h"
#include "ui/report/messages.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// How many records the traces have in common from the beginning, and whether the first that differs is behind `from`.
bool same_before(const Session& one, const Session& other, sim::SimTime from) {
  const sim::Trace& a = one.run().trace;
  const sim::Trace& b = other.run().trace;
  for (std::uint64_t i = 0; i < a.stored() && a.at(i).at < from; ++i) {
    if (i >= b.stored()) return false;
    if (a.at(i).at != b.at(i).at || a.at(i).host != b.at(i).host || a.at(i).kind != b.at(i).kind ||
        a.at(i).args != b.at(i).args || a.at(i).event != b.at(i).event)
      return false;
  }
  return true;
}

/// A file of a test's own, gone with it.
struct ScratchFile {
  explicit ScratchFile(const std::string& stem)
      : path((std::filesystem::temp_directory_path() / (stem + "-" + std::to_string(getpid()) + ".json")).string()) {
    std::filesystem::remove(path);
  }
  ~ScratchFile() { std::filesystem::remove(path); }
  std::string path;
};

/// Takes an act and says what must hold of each: its fault strikes, what was before stays, and its file gives the same
/// run.
void check_act(Branches& branches, const Act& act, const std::string& what) {
  INFO(what << ": " << act.change.say(Language::en));
  State state;
  const std::size_t parent = branches.shown();
  REQUIRE(carry_out(NewBranch{plan_with(branches.session().run().setup->scenario, act), act.change, act.from}, branches,
                    state));
  const Session& made = branches.session();
  CHECK(same_before(branches.session(parent), made, act.from));
  if (act.fault) {
    const auto& faults = made.run().result.faults;
    const auto fault = std::find_if(faults.begin(), faults.end(),
                                    [&](const scenarios::FaultResult& one) { return one.id == act.fault->id; });
    REQUIRE(fault != faults.end());
    CHECK(fault->hits > 0);
  }
  const ScratchFile file{"linger-act"};
  REQUIRE(branches.save(branches.shown(), file.path).empty());
  const scenarios::ReadResult read = scenarios::read_scenario_file(file.path);
  REQUIRE(read.ok());
  CHECK(scenarios::run_scenario(*read.scenario).result.fingerprint == made.run().result.fingerprint);
  branches.show(parent);
}

}  // namespace

TEST_CASE(
    "every act on every host and link, at two moments: it strikes, the past stays, the saved file is the branch") {
  std::set<Str> kinds;
  for (const char* name : {"lost-ack.json", "failover-five-in-flight.json"}) {
    Branches branches{session_of(name)};
    Session& session = branches.session();
    const auto& setup = *session.run().setup;
    for (const std::size_t part : {1U, 3U}) {
      State state;
      const std::size_t step = session.last().steps * part / 4;
      state.cursor = {session.run().events[step - 1].at, step};
      state.selection.record = 0;
      for (std::uint32_t h = 0; h < setup.hosts.size(); ++h) {
        Target host;
        host.host = sim::HostId{h};
        if (setup.roles[h].kind == scenarios::HostKind::broker && h > 1) continue;
        for (const Act& act : acts_on(host, session, state)) {
          kinds.insert(act.change.words);
          check_act(branches, act, std::string(name) + " " + std::to_string(part) + " " + setup.hosts[h]);
        }
      }
      Target link;
      link.kind = Target::Kind::link;
      link.host = setup.broker_host(0);
      link.other = setup.producer_host(0);
      for (const Act& act : acts_on(link, session, state)) {
        kinds.insert(act.change.words);
        check_act(branches, act, name);
      }
    }
  }
  for (const Str wanted : {Str::act_crash, Str::act_crash_back, Str::act_power, Str::act_power_back, Str::act_restart,
                           Str::act_shutdown, Str::act_pause, Str::act_isolate, Str::act_elect, Str::act_cut,
                           Str::act_cut_for, Str::act_cut_one_way, Str::act_slow_link, Str::act_close_connections}) {
    INFO(string_name(wanted));
    CHECK(kinds.contains(wanted));
  }
}

TEST_CASE("an act on an arrow strikes that very message, whichever it is") {
  for (const char* name : {"lost-ack.json", "failover-five-in-flight.json", "late-request-old-connection.json"}) {
    Branches branches{session_of(name)};
    Session& session = branches.session();
    const report::Messages traffic = report::read_messages(session.run().trace);
    std::size_t done = 0;
    for (const report::Arrow& arrow : session.diagram().arrows) {
      const report::Message& message = traffic.messages[arrow.message];
      if (message.fault || (message.api != ApiKey::produce && arrow.message % 7 != 0)) continue;
      Target target;
      target.kind = Target::Kind::message;
      target.index = arrow.message;
      State state;
      state.cursor = session.last();
      const std::vector<Act> acts = acts_on(target, session, state);
      if (acts.empty()) continue;
      INFO(name << " message " << arrow.message);
      REQUIRE(acts.front().change.words == Str::act_lose);
      check_act(branches, acts.front(), name);
      const report::Messages now = report::read_messages(branches.session(branches.size() - 1).run().trace);
      const auto struck = std::find_if(now.messages.begin(), now.messages.end(), [&](const report::Message& other) {
        return other.fault && branches.session(branches.size() - 1).run().setup->scenario.faults[*other.fault].id ==
                                  acts.front().fault->id;
      });
      REQUIRE(struck != now.messages.end());
      CHECK(struck->event == message.event);
      CHECK(struck->sent_at == message.sent_at);
      CHECK(struck->fate == report::Fate::lost);
      if (++done == 12) break;
    }
    CHECK(done > 3);
  }
}

TEST_CASE("each act that a Produce request and its answer have: it strikes, and the saved file is the branch") {
  Branches branches{session_of("failover-five-in-flight.json")};
  Session& session = branches.session();
  const report::Messages traffic = report::read_messages(session.run().trace);
  for (const bool answer : {false, true}) {
    const auto message =
        std::find_if(traffic.messages.begin(), traffic.messages.end(), [&](const report::Message& one) {
          return one.api == ApiKey::produce && one.answer == answer && one.fate == report::Fate::arrived && !one.fault;
        });
    REQUIRE(message != traffic.messages.end());
    Target target;
    target.kind = Target::Kind::message;
    target.index = static_cast<std::size_t>(message - traffic.messages.begin());
    State state;
    state.cursor = session.last();
    const std::vector<Act> acts = acts_on(target, session, state);
    CHECK(acts.size() == (answer ? 6U : 11U));
    for (const Act& act : acts) check_act(branches, act, answer ? "answer" : "request");
  }
}

TEST_CASE("a message that a fault struck offers to be without it, and then it arrives") {
  Branches branches{session_of("lost-ack.json")};
  Session& session = branches.session();
  const report::Messages traffic = report::read_messages(session.run().trace);
  const auto lost = std::find_if(traffic.messages.begin(), traffic.messages.end(),
                                 [](const report::Message& one) { return one.fault.has_value(); });
  REQUIRE(lost != traffic.messages.end());
  Target target;
  target.kind = Target::Kind::message;
  target.index = static_cast<std::size_t>(lost - traffic.messages.begin());
  const State state;
  const std::vector<Act> acts = acts_on(target, session, state);
  REQUIRE(acts.size() == 1);
  CHECK(acts.front().change.words == Str::act_without);
  check_act(branches, acts.front(), "lost-ack");
  branches.show(1);
  CHECK(branches.session().run().setup->scenario.faults.empty());
  CHECK_FALSE(branches.session().seek(branches.session().first(), Landmark::retry, 1));
}

TEST_CASE("branches of branches make a tree in which each stands under its parent") {
  Branches branches{session_of("lost-ack.json")};
  State state;
  const auto act = [&] {
    Target host;
    host.host = branches.session().run().setup->broker_host(1);
    const Act first = acts_on(host, branches.session(), state).front();
    REQUIRE(carry_out(NewBranch{plan_with(branches.session().run().setup->scenario, first), first.change, first.from},
                      branches, state));
  };
  act();
  state.cursor = branches.session().at(sim::SimTime::at(sim::Duration::ms(40)));
  branches.show(0);
  act();
  branches.show(1);
  state.cursor = branches.session().at(sim::SimTime{});
  const auto rows = branches.rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].branch == 1);
  CHECK(rows[1].depth == 1);
  CHECK(rows[2].branch == 2);
  CHECK(branches[2].parent == std::optional<std::size_t>(0));
  CHECK_FALSE(branches.rename(2, "main"));
  CHECK(branches.rename(2, "no-b2"));
  CHECK(branches.file_name(2) == "lost-ack-no-b2.json");
}

TEST_CASE("a branch is not written over a file that somebody else made, nor into a folder that is not there") {
  Branches branches{session_of("lost-ack.json")};
  const ScratchFile file{"linger-save"};
  REQUIRE(branches.save(0, file.path).empty());
  CHECK(branches.save(0, file.path).empty());
  Branches others{session_of("lost-request.json")};
  CHECK(others.save(0, file.path).find("is there already") != std::string::npos);
  CHECK(others.save(0, file.path + ".d/x.json").find("cannot be written") != std::string::npos);
  CHECK(others.save(0, "") == "a file needs a name");
}

TEST_CASE("finding a record selects it and goes to where it was sent; one that is not there is named") {
  Branches branches{session_of("failover-five-in-flight.json")};
  State state;
  CHECK(carry_out(FindRecord{"r3"}, branches, state));
  CHECK(state.selection.record == std::optional<scenarios::RecordIndex>(3));
  CHECK(state.cursor.at == branches.session().run().ledger.records[3].sent_at);
  for (const char* wrong : {"r99999", "", "r", "-1", "3x"}) {
    state.notice.clear();
    CHECK_FALSE(carry_out(FindRecord{wrong}, branches, state));
    CHECK_FALSE(state.notice.empty());
  }
}
