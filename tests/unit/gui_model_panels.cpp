#include <catch2/catch.hpp>
#include <string>

#include "scenarios/explanation.h"
#include "scenarios/runner.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/cluster_facts.h"
#include "ui/gui/model/partition_panel.h"
#include "ui/gui/model/producer_facts.h"
#include "ui/gui/model/producer_panel.h"
#include "ui/gui/model/why.h"

using namespace linger;
using namespace linger::gui;

namespace {

Cursor at_ms(const Session& session, std::int64_t ms) {
  return session.at(sim::SimTime::at(sim::Duration::ms(ms)));
}

/// Every text has room, and no two cover each other.
void check_texts(const PanelPicture& picture, const std::string& what) {
  INFO(what);
  for (std::size_t i = 0; i < picture.texts.size(); ++i) {
    const PictureText& text = picture.texts[i];
    INFO(text.words);
    CHECK(text.fits());
    CHECK(text.at.x >= 0);
    CHECK(text.at.x + text.room <= picture.width + 0.5);
    CHECK(text.at.y <= picture.height);
    for (std::size_t j = i + 1; j < picture.texts.size(); ++j) {
      INFO(picture.texts[j].words);
      CHECK_FALSE(text.box().overlaps(picture.texts[j].box()));
    }
  }
}

}  // namespace

TEST_CASE("while the retry of a lost acknowledgement is under way, one cell is taken, and the leader remembers it") {
  const auto session = session_of("lost-ack.json");
  const auto sent = session->seek(session->first(), Landmark::retry, 1);
  REQUIRE(sent);
  const auto focus = focus_of(*session, {});
  REQUIRE(focus);
  CHECK(focus->name == "orders-0");

  // Step by step until the batch is in flight again.
  Cursor cursor = *sent;
  ProducerFacts facts;
  while (cursor.steps < session->last().steps) {
    facts = producer_facts(*session, cursor, focus->producer, 0);
    if (writer_facts(facts, focus->name).retried_seq) break;
    cursor = session->step(cursor, 1);
  }
  REQUIRE(facts.batches.size() == 1);
  CHECK(facts.batches[0].records == 2);
  CHECK(facts.batches[0].attempts == 2);
  CHECK(facts.batches[0].in_flight);
  CHECK(facts.batches[0].holds_selected);
  CHECK(facts.batches[0].linger_left_ms == 0);
  // Of 120 s the first 30 are gone.
  CHECK(facts.batches[0].deadline_left_ms < 90'000);
  CHECK(facts.batches[0].deadline_left_ms > 89'000);
  REQUIRE(facts.sequences.size() == 1);
  CHECK(facts.sequences[0].next == 2);
  CHECK_FALSE(facts.sequences[0].last_acked);
  std::size_t produce = 0;
  for (const ConnectionFacts& connection : facts.connections) {
    for (const RequestFacts& request : connection.in_flight) {
      if (!request.produce) continue;
      ++produce;
      CHECK(request.first_seq == 0);
      CHECK(request.last_seq == 1);
      CHECK(request.attempt == 2);
    }
  }
  CHECK(produce == 1);

  const auto partition = partition_facts(*session, cursor, "orders", 0);
  REQUIRE(partition);
  REQUIRE(partition->remembered.size() == 1);
  REQUIRE(partition->remembered[0].batches.size() == 1);
  CHECK(partition->remembered[0].batches[0].first_seq == *writer_facts(facts, focus->name).retried_seq);
  CHECK(partition->remembered[0].batches[0].offset == 0);
}

TEST_CASE("at the end of a lost acknowledgement nothing is in flight, and every log holds the batch once") {
  const auto session = session_of("lost-ack.json");
  const ProducerFacts facts = producer_facts(*session, session->last(), 0);
  CHECK(facts.batches.empty());
  CHECK(facts.memory_used == 0);
  REQUIRE(facts.sequences.size() == 1);
  CHECK(facts.sequences[0].last_acked == 1);
  const auto partition = partition_facts(*session, session->last(), "orders", 0);
  REQUIRE(partition);
  CHECK(partition->isr.size() == 3);
  for (const ReplicaFacts& replica : partition->replicas) {
    REQUIRE(replica.pieces.size() == 1);
    CHECK(replica.pieces[0].first == 0);
    CHECK(replica.pieces[0].last == 1);
    CHECK_FALSE(replica.pieces[0].again);
    CHECK(replica.log_end == 2);
  }
}

TEST_CASE("a leader that crashes is shown as down, and the new one leads in a newer epoch") {
  const auto session = session_of("failover-five-in-flight.json");
  const auto partition = partition_facts(*session, at_ms(*session, 9300), "orders", 0);
  REQUIRE(partition);
  CHECK(partition->leader == 2);
  CHECK(partition->leader_epoch == 1);
  for (const ReplicaFacts& replica : partition->replicas) {
    CHECK(replica.down == (replica.node == 1));
    CHECK(replica.leads == (replica.node == 2));
    CHECK(replica.in_sync == (replica.node != 1));
  }
}

TEST_CASE("words of the panels have room and do not cover each other, in both languages and widths") {
  for (const char* file : {"lost-ack.json", "failover-five-in-flight.json", "reorder-without-idempotence.json",
                           "commit-answer-lost.json", "zombie-leader-one-way-cut.json"}) {
    const auto session = session_of(file);
    for (const Language language : {Language::en, Language::zh}) {
      for (const double width : {312.0, 376.0}) {
        for (const std::int64_t part : {1, 2, 3, 4}) {
          const Cursor cursor = session->at(sim::SimTime::at_ns(session->end().ns() / 4 * part));
          const auto focus = focus_of(*session, {});
          REQUIRE(focus);
          const ProducerFacts producer = producer_facts(*session, cursor, focus->producer);
          const std::string what = std::string(file) + " " + std::to_string(part) + " " + std::to_string(width);
          check_texts(producer_panel(producer, *focus, leader_of(*session, cursor, *focus),
                                     std::to_string(cursor.at.ms()) + ".0 ms", language, width),
                      "producer, " + what);
          const auto partition =
              partition_facts(*session, cursor, session->run().setup->topics[focus->topic], focus->partition);
          if (partition)
            check_texts(partition_panel(*partition, writer_facts(producer, focus->name), language, width),
                        "partition, " + what);
        }
      }
    }
  }
}

TEST_CASE("why a lost acknowledgement took so long: the fault that lost it comes first, the answer in the end") {
  const auto session = session_of("lost-ack.json");
  Selection selection;
  selection.record = 0;
  const Why why = why_of(*session, selection, Language::en);
  REQUIRE(why.lines.size() >= 3);
  CHECK(why.lines.size() <= scenarios::links_at_most);
  bool fault = false;
  for (std::size_t i = 0; i < why.lines.size(); ++i) {
    if (i > 0) CHECK(why.lines[i - 1].at <= why.lines[i].at);
    fault = fault || why.lines[i].who == "lost-ack";
    CHECK_FALSE(why.lines[i].what.empty());
  }
  CHECK(fault);
  const PanelPicture picture = why_panel(why, selection, Language::en, 312);
  // Every line is a place to click that goes to its event.
  REQUIRE(picture.touches.size() == why.lines.size());
  for (std::size_t i = 0; i < why.lines.size(); ++i) CHECK(picture.touches[i].goes == why.lines[i].event);
  check_texts(picture, "why");
  CHECK(why_of(*session, {}, Language::en).lines.empty());
}
