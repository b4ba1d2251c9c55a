#include <catch2/catch.hpp>

#include "support/sim_stage.h"

namespace linger::sim {
namespace {

constexpr Side client = Side::client;
constexpr Side server = Side::server;

TEST_CASE("sim network: a connection is established after a round trip and the server knows half a round trip later") {
  Stage stage;
  stage.connect("a", "b");
  stage.run();
  CHECK(stage.seen == Lines{"2ms a connected", "3ms b accepted"});
}

TEST_CASE("sim network: the draw of a message's latency depends on its name alone, not on what else is sent") {
  const LinkQuality quality{Latency::uniform(Duration::us(100), Duration::ms(5)), 0, {}};
  const auto arrival = [&](bool with_others) {
    Stage stage{3, quality};
    if (with_others) stage.connected("c", "b");
    stage.time = SimTime::at(Duration::ms(50));
    stage.current = no_event;
    const ConnectionId connection = stage.connect("a", "b");
    stage.run_until(Duration::ms(100));
    stage.ordinal = 7;
    stage.seen.clear();
    stage.send(connection, client, "x");
    stage.run();
    return stage.seen;
  };
  CHECK(arrival(false) == arrival(true));
  CHECK(arrival(false).size() == 1);
}

TEST_CASE("sim network: messages keep their order although each draws its own latency") {
  Stage stage{2, {Latency::uniform(Duration::us(100), Duration::ms(50)), 0, {}}};
  const ConnectionId connection = stage.connected("a", "b");
  std::string sent;
  for (char c = 'a'; c <= 'z'; ++c) {
    stage.send(connection, client, std::string(1, c));
    sent += c;
  }
  stage.run();
  std::string received;
  for (const std::string& line : stage.seen) received += line.back();
  CHECK(received == sent);
}

TEST_CASE(
    "sim network: what is sent in the same breath as the connect arrives after the server knows of the connection") {
  Stage stage;
  const ConnectionId connection = stage.connect("a", "b");
  stage.run_until(Duration::ms(2));
  stage.send(connection, client, "hello");
  stage.run();
  CHECK(stage.seen == Lines{"2ms a connected", "3ms b accepted", "3ms b arrived hello"});
}

TEST_CASE("sim network: nobody listens: refused after a round trip, and a crashed process refuses too") {
  Stage stage{3};
  stage.network.set_listening(stage.host("b"), false);
  stage.connect("a", "b");
  stage.crash("c");
  stage.connect("a", "c");
  stage.run();
  CHECK(stage.seen == Lines{"2ms a refused", "2ms a refused"});
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: a host without power answers nothing: the kernel gives up after 127 s, the caller may sooner") {
  Stage stage;
  stage.lose_power("b");
  SECTION("the kernel") {
    stage.connect("a", "b");
    stage.run();
    CHECK(stage.seen == Lines{"127000ms a closed timed_out"});
  }
  SECTION("the caller") {
    const ConnectionId connection = stage.connect("a", "b");
    stage.run_until(Duration::s(10));
    stage.close(connection, client);
    stage.run();
    CHECK(stage.seen.empty());
    CHECK(stage.network.connections().empty());
  }
}

TEST_CASE("sim network: a connect through a cut succeeds by the next repetition after it has healed") {
  Stage stage;
  bool back = false;
  SECTION("cut on the way there") {
    stage.cut("a", "b");
  }
  SECTION("cut on the way back") {
    stage.cut("b", "a");
    back = true;
  }
  stage.connect("a", "b");
  stage.run_until(Duration::ms(2'500));
  back ? stage.heal("b", "a") : stage.heal("a", "b");
  stage.run();
  CHECK(stage.seen == Lines{"3002ms a connected", "3003ms b accepted"});
}

TEST_CASE("sim network: what is under way when a link is cut arrives by retransmission after it has healed, in order") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.run_until(Duration::ms(10));
  stage.send(connection, client, "one");
  stage.cut("a", "b");
  stage.send(connection, client, "two");
  stage.run_until(Duration::ms(500));
  stage.heal("a", "b");
  stage.run();
  // Timers at 200 ms and 600 ms after the first attempt; the second message follows once the first is through.
  CHECK(stage.seen == Lines{"611ms b arrived one", "612ms b arrived two"});
}

TEST_CASE("sim network: a one-way cut lets the other direction pass") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.cut("a", "b");
  stage.send(connection, client, "lost for now");
  stage.send(connection, server, "passes");
  stage.run_until(Duration::ms(100));
  CHECK(stage.seen == Lines{"4ms a arrived passes"});
  CHECK_FALSE(stage.network.reachable(stage.host("a"), stage.host("b")));
  CHECK(stage.network.reachable(stage.host("b"), stage.host("a")));
}

TEST_CASE("sim network: a sender whose bytes are never acknowledged gives up after 924.6 s") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.run_until(Duration::s(1));
  stage.cut("a", "b");
  stage.send(connection, client, "x");
  stage.run();
  CHECK(stage.seen == Lines{"925600ms a closed timed_out"});
  CHECK_FALSE(stage.network.is_open(connection, client));
  // The other side does not know, and hears it when it speaks.
  CHECK(stage.network.is_open(connection, server));
  stage.heal("a", "b");
  stage.send(connection, server, "still there?");
  stage.run();
  CHECK(stage.seen.back() == "925602ms b closed reset");
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: an orderly close comes after all bytes, and the other side is closed with it") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, client, "last words");
  stage.close(connection, client);
  CHECK(stage.send(connection, client, "too late") == SendResult::closed);
  stage.run();
  CHECK(stage.seen == Lines{"4ms b arrived last words", "4ms b closed fin"});
  CHECK(stage.send(connection, server, "answer") == SendResult::closed);
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: an answer on its way to a side that has closed reaches nobody") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, server, "answer");
  stage.close(connection, client);
  stage.run();
  CHECK(stage.seen == Lines{"4ms b closed fin"});
}

TEST_CASE("sim network: a connection that is gone keeps its name to itself: its slot gets a new generation") {
  Stage stage;
  const ConnectionId first = stage.connected("a", "b");
  stage.close(first, client);
  stage.run();
  const ConnectionId second = stage.connected("a", "b");
  CHECK(second.index == first.index);
  CHECK(second != first);
  CHECK(stage.send(first, client, "x") == SendResult::closed);
  CHECK(stage.network.info(second)->ordinal == 1);
  CHECK_FALSE(stage.network.info(first).has_value());
}

TEST_CASE("sim network: a process crash resets its connections, after the bytes that were under way") {
  Stage stage{3};
  const ConnectionId as_server = stage.connected("a", "b");
  const ConnectionId as_client = stage.connected("b", "c");
  stage.run_until(Duration::ms(10));
  stage.send(as_server, server, "answer");
  stage.send(as_server, client, "request");
  stage.crash("b");
  stage.run();
  CHECK(stage.seen == Lines{"11ms a arrived answer", "11ms c closed reset", "11ms a closed reset"});
  CHECK_FALSE(stage.network.is_open(as_client, server));
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: a power loss tells nobody: half-open until the other side speaks to the restarted host") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.run_until(Duration::ms(10));
  stage.send(connection, server, "under way");
  stage.lose_power("b");
  stage.run_until(Duration::s(5));
  CHECK(stage.seen == Lines{"11ms a arrived under way"});
  CHECK(stage.network.is_open(connection, client));
  stage.send(connection, client, "anybody?");
  stage.run_until(Duration::ms(5'100));
  stage.restart("b");
  stage.run();
  CHECK(stage.seen.back() == "5202ms a closed reset");
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: a process that stands still delivers nothing, its kernel takes everything") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.pause("b");
  stage.send(connection, client, "one");
  stage.send(connection, client, "two");
  stage.run_until(Duration::s(1));
  CHECK(stage.seen.empty());
  // It is in the socket by now, so a cut does not hold it up.
  stage.cut("a", "b");
  stage.resume("b");
  stage.run_until(Duration::s(2));
  CHECK(stage.seen == Lines{"1000ms b arrived one", "1000ms b arrived two"});
}

TEST_CASE("sim network: a connect answered while the client stands still is seen when it goes on") {
  Stage stage;
  stage.connect("a", "b");
  stage.pause("a");
  stage.run_until(Duration::ms(50));
  CHECK(stage.seen.empty());
  stage.resume("a");
  stage.run();
  CHECK(stage.seen == Lines{"50ms a connected", "51ms b accepted"});
}

TEST_CASE("sim network: a side that does not read leaves messages in the socket, and the writer sees its room shrink") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.set_reading(connection, server, false);
  stage.send(connection, client, "four");
  stage.send(connection, client, "more");
  stage.run_until(Duration::ms(100));
  CHECK(stage.seen.empty());
  CHECK(stage.network.backlog(connection, client) == 8);
  CHECK(stage.network.room(connection, client) == TcpConstants::buffered_bytes - 8);
  stage.set_reading(connection, server, true);
  stage.step();
  CHECK(stage.seen == Lines{"100ms b arrived four"});
  stage.set_reading(connection, server, false);
  stage.run();
  CHECK(stage.seen.size() == 1);
}

TEST_CASE("sim network: bandwidth makes messages queue, on a link and on a host") {
  SECTION("link") {
    Stage stage{2, {Latency::constant(Duration::ms(1)), 1'000, {}}};
    const ConnectionId connection = stage.connected("a", "b");
    stage.send(connection, client, std::string(100, 'x'));
    stage.send(connection, client, std::string(100, 'y'));
    stage.run();
    CHECK(stage.seen[0].substr(0, 5) == "104ms");
    CHECK(stage.seen[1].substr(0, 5) == "204ms");
  }
  SECTION("host: its two connections share the limit") {
    Stage stage{3};
    const ConnectionId first = stage.connected("a", "b");
    const ConnectionId second = stage.connected("a", "c");
    stage.run_until(Duration::ms(10));
    Context context = stage.now();
    stage.network.set_host_bandwidth(stage.host("a"), 1'000, context);
    stage.send(first, client, std::string(100, 'x'));
    stage.send(second, client, std::string(100, 'y'));
    stage.run();
    CHECK(stage.seen[0].substr(0, 7) == "111ms b");
    CHECK(stage.seen[1].substr(0, 7) == "211ms c");
  }
}

TEST_CASE("sim network: packet loss is delay: multiples of the retransmission timeout, nothing lost, nothing twice") {
  Stage stage{2, {Latency::constant(Duration::ms(1)), 0, Ratio{1, 3}}};
  const ConnectionId connection = stage.connected("a", "b");
  const std::int64_t start = stage.time.ms();
  int late = 0;
  for (int i = 0; i < 60; ++i) {
    stage.seen.clear();
    const SimTime sent = stage.time;
    stage.send(connection, client, "x");
    stage.run();
    REQUIRE(stage.seen.size() == 1);
    const std::int64_t took = (stage.time - sent).ms();
    CHECK((took - 1) % 200 == 0);
    if (took > 1) ++late;
  }
  CHECK(late > 8);
  CHECK(late < 35);
  CHECK(stage.time.ms() > start);
}

TEST_CASE("sim network: fault lose: this message and all later ones of its direction vanish until a side closes") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, client, "first");
  stage.send(connection, client, "second");
  stage.send(connection, client, "third");
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    if (text_of(*message.bytes) != "second") return false;
    stage.network.lose(event, context);
    return true;
  };
  stage.run_until(Duration::ms(500));
  CHECK(stage.seen == Lines{"4ms b arrived first"});
  CHECK(stage.send(connection, client, "fourth") == SendResult::swallowed);
  stage.send(connection, server, "the other direction lives");
  stage.run_until(Duration::s(30));
  CHECK(stage.seen.back() == "501ms a arrived the other direction lives");
  stage.close(connection, client);
  stage.run();
  // The server cannot be given an orderly end: bytes are missing.
  CHECK(stage.seen.back() == "30001ms b closed reset");
  CHECK(stage.seen.size() == 3);
}

TEST_CASE("sim network: fault lose on an answer, then the client closes: the server sees an orderly end") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, server, "answer");
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    CHECK(message.direction == Direction::to_client);
    stage.network.lose(event, context);
    return true;
  };
  stage.run_until(Duration::s(30));
  stage.close(connection, client);
  stage.run();
  CHECK(stage.seen == Lines{"30001ms b closed fin"});
}

TEST_CASE("sim network: fault reset: both sides see it now, the receiver a prefix before") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, client, "prefix and more");
  stage.send(connection, server, "crossing");
  std::size_t prefix = 0;
  SECTION("none") {}
  SECTION("some") {
    prefix = 6;
  }
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    if (message.direction != Direction::to_server) return false;
    stage.see(stage.network.reset(event, prefix, context));
    return true;
  };
  stage.run();
  Lines expected{"4ms b closed reset", "4ms a closed reset"};
  if (prefix > 0) expected.insert(expected.begin(), "4ms b arrived the beginning prefix");
  CHECK(stage.seen == expected);
  CHECK(stage.network.connections().empty());
}

TEST_CASE("sim network: fault hold and delay: the message and all behind it wait, and it is judged once") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, client, "one");
  stage.send(connection, client, "two");
  int judged = 0;
  bool as_delay = false;
  SECTION("hold") {}
  SECTION("delay") {
    as_delay = true;
  }
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    if (text_of(*message.bytes) != "one") return false;
    ++judged;
    as_delay ? stage.network.delay(event, Duration::ms(40), context)
             : stage.network.hold(event, Duration::ms(40), context);
    return true;
  };
  stage.run_until(Duration::ms(10));
  stage.send(connection, client, "three");
  stage.run();
  CHECK(stage.seen == Lines{"44ms b arrived one", "44ms b arrived two", "44ms b arrived three"});
  CHECK(judged == 1);
}

TEST_CASE(
    "sim network: fault late: the client is gone, its bytes overtake nothing on their own connection but come after "
    "those of the next") {
  Stage stage;
  const ConnectionId old_connection = stage.connected("a", "b");
  stage.send(old_connection, client, "old");
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    if (text_of(*message.bytes) != "old") return false;
    stage.see(stage.network.late(event, Duration::ms(100), context));
    return true;
  };
  stage.run_until(Duration::ms(5));
  CHECK(stage.seen == Lines{"4ms a closed reset"});
  CHECK(stage.send(old_connection, client, "x") == SendResult::closed);
  const ConnectionId new_connection = stage.connect("a", "b");
  stage.run_until(Duration::ms(10));
  stage.send(new_connection, client, "new");
  stage.run();
  CHECK(stage.seen == Lines{"4ms a closed reset", "7ms a connected", "8ms b accepted", "11ms b arrived new",
                            "104ms b arrived old", "104ms b closed fin"});
}

TEST_CASE(
    "sim network: fault late on an answer: the client never gets it, the requests behind it still reach the server") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, server, "answer");
  stage.on_message = [&](const Event& event, const InFlight& message, Context& context) {
    if (message.direction != Direction::to_client) return false;
    stage.send(connection, client, "request");
    stage.see(stage.network.late(event, Duration::ms(100), context));
    return true;
  };
  stage.run();
  CHECK(stage.seen == Lines{"4ms a closed reset", "104ms b arrived request", "104ms b closed fin"});
}

TEST_CASE(
    "sim network: fault late on an answer with nothing else under way: the server's end comes late all the same") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, server, "answer");
  stage.on_message = [&](const Event& event, const InFlight&, Context& context) {
    stage.see(stage.network.late(event, Duration::ms(100), context));
    return true;
  };
  stage.run();
  CHECK(stage.seen == Lines{"4ms a closed reset", "104ms b closed fin"});
}

TEST_CASE("sim network: a host without power sends nothing again: what had not got through by then never does") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.cut("a", "b");
  stage.send(connection, client, "one");
  stage.send(connection, client, "two");
  stage.lose_power("a");
  stage.heal("a", "b");
  stage.restart("a");
  stage.run();
  CHECK(stage.seen.empty());
  CHECK(stage.network.backlog(connection, client) == 0);
  CHECK(stage.network.is_open(connection, server));
}

TEST_CASE("sim network: faults without a message: a black hole and a reset of an idle connection") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  Context context = stage.now();
  SECTION("black hole") {
    stage.network.black_hole(connection, Direction::to_client, context);
    CHECK(stage.send(connection, server, "x") == SendResult::swallowed);
    stage.run_until(Duration::s(100));
    CHECK(stage.seen.empty());
  }
  SECTION("reset") {
    stage.see(stage.network.reset_connection(connection, context));
    CHECK(stage.seen == Lines{"3ms b closed reset", "3ms a closed reset"});
    CHECK(stage.network.reset_connection(connection, context).count == 0);
  }
}

TEST_CASE("sim network: a partial cut is not circumvented through a third host, but a switch passes on") {
  SECTION("mesh") {
    Stage stage{3};
    stage.cut("a", "b");
    stage.cut("b", "a");
    CHECK_FALSE(stage.network.reachable(stage.host("a"), stage.host("b")));
    CHECK(stage.network.islands().size() == 1);
    stage.cut("a", "c");
    CHECK(stage.network.islands() == std::vector<std::vector<HostId>>{{HostId{0}}, {HostId{1}, HostId{2}}});
  }
  SECTION("two switches: the shorter way, and round about when it is cut") {
    const LinkQuality near{Latency::constant(Duration::ms(1)), 0, {}};
    const LinkQuality far{Latency::constant(Duration::ms(5)), 0, {}};
    const auto role = NodeSpec::Role::network_switch;
    Stage stage{Topology::make({{"a", NodeSpec::Role::host}, {"b", NodeSpec::Role::host}, {"s", role}, {"t", role}},
                               {{HostId{0}, HostId{2}, near},
                                {HostId{2}, HostId{1}, near},
                                {HostId{0}, HostId{3}, far},
                                {HostId{3}, HostId{1}, far}})};
    const ConnectionId connection = stage.connected("a", "b");
    stage.run_until(Duration::ms(10));
    stage.send(connection, client, "near");
    stage.run_until(Duration::ms(20));
    stage.cut("s", "b");
    stage.send(connection, client, "far");
    stage.run_until(Duration::ms(40));
    CHECK(stage.seen == Lines{"12ms b arrived near", "30ms b arrived far"});
    stage.lose_power("t");
    CHECK_FALSE(stage.network.reachable(stage.host("a"), stage.host("b")));
    CHECK(stage.network.reachable(stage.host("b"), stage.host("a")));
  }
}

TEST_CASE("sim network: cuts count, so that two faults may cut the same link") {
  Stage stage;
  stage.cut("a", "b");
  stage.cut("a", "b");
  stage.heal("a", "b");
  CHECK_FALSE(stage.network.reachable(stage.host("a"), stage.host("b")));
  stage.heal("a", "b");
  CHECK(stage.network.reachable(stage.host("a"), stage.host("b")));
}

TEST_CASE("sim network: a slow link concerns what is sent from then on") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.run_until(Duration::ms(10));
  stage.send(connection, client, "fast");
  Context context = stage.now();
  LinkQuality slow = stage.network.quality(stage.host("a"), stage.host("b"));
  slow.latency = Latency::constant(Duration::ms(80));
  CHECK(stage.network.set_quality(stage.host("a"), stage.host("b"), slow, context));
  stage.send(connection, client, "slow");
  stage.send(connection, server, "back");
  stage.run();
  CHECK(stage.seen == Lines{"11ms b arrived fast", "11ms a arrived back", "90ms b arrived slow"});
}

TEST_CASE("sim network: every message that arrives knows the event that sent it") {
  Stage stage;
  const ConnectionId connection = stage.connected("a", "b");
  stage.send(connection, client, "x");
  const EventNumber sender_event = stage.current;
  const Event event = stage.queue.pop();
  CHECK(event.cause == sender_event);
  CHECK(stage.network.peek(event)->sent_by == sender_event);
}

}  // namespace
}  // namespace linger::sim
