#include <catch2/catch.hpp>
#include <set>

#include "support/sim_stage.h"

namespace linger::sim {
namespace {

TraceRecord record(std::int64_t arg) {
  return TraceRecord{SimTime::at(Duration::us(12'500)), EventNumber{4}, EventNumber{3}, {arg, 0, 1}, HostId{1}, 0,
                     trace_kind(SimTrace::connect)};
}

TEST_CASE("sim trace: off keeps, counts and hashes nothing") {
  Trace on;
  Trace off{Trace::Mode::off};
  for (std::int64_t i = 0; i < 100; ++i) {
    on.add(record(i));
    off.add(record(i));
  }
  CHECK(on.count() == 100);
  CHECK(on.stored() == 100);
  CHECK(on.hash() != off.hash());
  CHECK(off.hash() == Trace{}.hash());
  CHECK(off.count() == 0);
  CHECK(off.stored() == 0);
  CHECK(off.intern("text") == 0);
}

TEST_CASE("sim trace: every field of a record is in the hash, its text apart") {
  const auto hash = [](const TraceRecord& one) {
    Trace trace;
    trace.add(one);
    return trace.hash();
  };
  const TraceRecord base = record(1);
  std::set<std::uint64_t> hashes{hash(base)};
  for (std::size_t i = 0; i < base.args.size(); ++i) {
    TraceRecord changed = base;
    changed.args[i] += 10;
    hashes.insert(hash(changed));
  }
  TraceRecord changed = base;
  changed.at += Duration::ns(1);
  hashes.insert(hash(changed));
  changed = base;
  changed.event = EventNumber{9};
  hashes.insert(hash(changed));
  changed = base;
  changed.cause = EventNumber{9};
  hashes.insert(hash(changed));
  changed = base;
  changed.host = HostId{9};
  hashes.insert(hash(changed));
  changed = base;
  changed.kind = 9;
  hashes.insert(hash(changed));
  CHECK(hashes.size() == 14);
  changed = base;
  changed.text = 9;
  CHECK(hash(changed) == hash(base));
}

TEST_CASE("sim trace: branches share their past and differ in their future") {
  Trace trace;
  for (std::int64_t i = 0; i < 5; ++i) trace.add(record(i));
  Trace other = trace.branch();
  trace.add(record(5));
  other.add(record(50));
  Trace third = other.branch();
  third.add(record(60));
  CHECK(trace.stored() == 6);
  CHECK(third.stored() == 7);
  CHECK(&trace.at(2) == &third.at(2));
  CHECK(trace.at(5).args[0] == 5);
  CHECK(third.at(4).args[0] == 4);
  CHECK(third.at(5).args[0] == 50);
  CHECK(third.at(6).args[0] == 60);
  CHECK(trace.hash() != other.hash());
}

TEST_CASE("sim trace: a record becomes a JSON line and a line for people") {
  const TraceKinds kinds{{sim_trace_layer()}};
  const std::vector<std::string> hosts{"p1", "b\"1"};
  Trace trace;
  CHECK(
      kinds.json_line(record(7), trace, hosts) ==
      R"({"trace":1,"at_ns":12500000,"event":4,"cause":3,"host":"b\"1","layer":"sim","kind":"connect","connection":7,"from":0,"to":1,"ordinal":0})");
  CHECK(kinds.describe(record(7), trace, hosts) == "12.5ms b\"1 connect connection=7 from=0 to=1 ordinal=0");

  TraceRecord changed{
      SimTime{}, EventNumber{1}, no_event, {0, 1}, no_host, trace.intern("slow\n"), trace_kind(SimTrace::link_changed)};
  CHECK(
      kinds.json_line(changed, trace, hosts) ==
      R"({"trace":1,"at_ns":0,"event":1,"cause":0,"layer":"sim","kind":"link_changed","from":0,"to":1,"what":"slow\u000a"})");
  CHECK(trace.intern("slow\n") == changed.text);
}

TEST_CASE("sim trace: the reference page names every kind once, with fields and a sentence") {
  const TraceKinds kinds{{sim_trace_layer()}};
  const std::string page = kinds.markdown();
  std::set<std::string_view> names;
  for (const TraceKindInfo& kind : sim_trace_layer().kinds) {
    CHECK(names.insert(kind.name).second);
    CHECK_FALSE(kind.meaning.empty());
    CHECK(page.find("| " + std::string{kind.name} + " |") != std::string::npos);
  }
  CHECK(names.size() == 21);
  CHECK(kinds.layer_of(trace_kind(SimTrace::resumed)) == "sim");
  CHECK(kinds.info(trace_kind(SimTrace::resumed)).name == "resumed");
}

TEST_CASE("sim trace: a conversation with a fault tells its story, each line with its cause") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, Side::client, "hello");
  stage.on_message = [&](const Event& event, const InFlight&, Context& context) {
    stage.network.lose(event, context);
    return true;
  };
  stage.run_until(Duration::ms(300));
  stage.close(connection, Side::client);
  stage.run();
  const TraceKinds kinds{{sim_trace_layer()}};
  Lines lines;
  for (std::uint64_t i = 0; i < stage.trace.stored(); ++i) {
    lines.push_back(kinds.describe(stage.trace.at(i), stage.trace, stage.network.topology().names()));
  }
  CHECK(lines == Lines{"0ms a connect connection=0 from=0 to=1 ordinal=0", "2ms a connected connection=0 from=0 to=1",
                       "3ms b accepted connection=0 from=0 to=1",
                       "3ms a sent connection=0 direction=0 api=1 ordinal=0 bytes=5 user=0 to=1",
                       "4ms b lost connection=0 direction=0 api=1 ordinal=0 bytes=5 user=0",
                       "203ms a retransmit connection=0 direction=0 attempt=1 next_in_ns=400000000",
                       "300ms a close connection=0 side=0 how=0", "301ms b closed connection=0 side=1 how=1"});
  CHECK(stage.trace.at(4).cause == stage.trace.at(3).event);
}

Event event_with(const EventBody& what) {
  return Event{SimTime::at_ns(5), 0, EventNumber{2}, EventNumber{1}, what};
}

TEST_CASE("sim fingerprint: every field of every event is in it") {
  const auto hash = [](const Event& event) {
    Fingerprint fingerprint;
    fingerprint.add(event);
    return fingerprint.value();
  };
  std::set<std::uint64_t> hashes;
  const std::vector<EventBody> bodies = {Wake{HostId{1}, 0, 0},
                                         Wake{HostId{2}, 0, 0},
                                         Wake{HostId{1}, 1, 0},
                                         Wake{HostId{1}, 0, 1},
                                         Strike{1, 0},
                                         Strike{0, 1},
                                         Deliver{{1, 1}, Direction::to_server, 1, HostId{1}},
                                         Deliver{{2, 1}, Direction::to_server, 1, HostId{1}},
                                         Deliver{{1, 2}, Direction::to_server, 1, HostId{1}},
                                         Deliver{{1, 1}, Direction::to_client, 1, HostId{1}},
                                         Deliver{{1, 1}, Direction::to_server, 2, HostId{1}},
                                         Deliver{{1, 1}, Direction::to_server, 1, HostId{2}},
                                         Handshake{{1, 1}, Handshake::Step::request, false, 0, HostId{1}},
                                         Handshake{{1, 1}, Handshake::Step::answer, false, 0, HostId{1}},
                                         Handshake{{1, 1}, Handshake::Step::answer, true, 0, HostId{1}},
                                         Handshake{{1, 1}, Handshake::Step::answer, true, 1, HostId{1}}};
  for (const EventBody& body : bodies) hashes.insert(hash(event_with(body)));
  CHECK(hashes.size() == bodies.size());
  Event event = event_with(Strike{1, 0});
  event.at += Duration::ns(1);
  hashes.insert(hash(event));
  event = event_with(Strike{1, 0});
  event.number = EventNumber{3};
  hashes.insert(hash(event));
  event = event_with(Strike{1, 0});
  event.cause = EventNumber{3};
  hashes.insert(hash(event));
  event = event_with(Strike{1, 0});
  event.tie_break = 3;
  hashes.insert(hash(event));
  CHECK(hashes.size() == bodies.size() + 4);
}

TEST_CASE("sim fingerprint: order counts, and content of messages of every length, each byte of it") {
  Fingerprint ab;
  ab.add(bytes_of("a").span());
  ab.add(bytes_of("b").span());
  Fingerprint ba;
  ba.add(bytes_of("b").span());
  ba.add(bytes_of("a").span());
  CHECK(ab.value() != ba.value());
  CHECK(ab.count() == 2);

  std::set<std::uint64_t> hashes;
  std::size_t made = 0;
  for (std::size_t size = 0; size <= 200; ++size) {
    std::vector<std::byte> bytes(size);
    hashes.insert(hash_bytes(bytes));
    ++made;
    for (std::size_t i = 0; i < size; ++i, ++made) {
      bytes[i] = std::byte{1};
      hashes.insert(hash_bytes(bytes));
      bytes[i] = std::byte{0};
    }
  }
  CHECK(hashes.size() == made);
}

TEST_CASE("sim fingerprint: it reads as 16 hexadecimal digits") {
  const std::string text = Fingerprint{}.describe();
  CHECK(text.size() == 16);
  CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(std::stoull(text, nullptr, 16) == Fingerprint{}.value());
}

}  // namespace
}  // namespace linger::sim
