#include "scenarios/checkers.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/log_records.h"

namespace linger::scenarios {
namespace {

constexpr broker::NodeMask b1_and_b2 = broker::mask_of(NodeId{1}) | broker::mask_of(NodeId{2});

/// One producer, one topic of one partition on two brokers, and nothing in it: each test adds what it is about.
struct Case {
  Ledger ledger;
  GhostState ghost{2};
  Evidence evidence;

  Case() {
    PartitionEvidence partition;
    partition.name = "orders-0";
    partition.leader = 1;
    evidence.partitions.push_back(partition);
    ProducerEvidence producer;
    producer.name = "p1";
    producer.idempotent = true;
    evidence.producers.push_back(producer);
    evidence.healed = true;
    ghost.partition(0, 0).replicas.resize(2);
  }

  PartitionEvidence& partition() { return evidence.partitions[0]; }
  ProducerEvidence& producer() { return evidence.producers[0]; }

  LedgerRecord& record(std::uint64_t identity) {
    LedgerRecord record;
    record.number = ledger.records.size();
    record.partition = 0;
    record.identity = identity;
    record.value_bytes = 100;
    record.sent_at = sim::SimTime::at(sim::Duration::ms(1));
    ledger.records.push_back(record);
    return ledger.records.back();
  }
  LedgerRecord& acked(std::uint64_t identity, std::int64_t offset) {
    LedgerRecord& one = record(identity);
    one.told = Told::acked;
    one.offset = offset;
    one.holders = b1_and_b2;
    return one;
  }
  LedgerRecord& failed(std::uint64_t identity, bool definite) {
    LedgerRecord& one = record(identity);
    one.told = Told::failed;
    one.error = "TopicAuthorizationException";
    one.definite = definite;
    return one;
  }
  /// The log from `first` on, one record for each identity.
  void log(std::vector<std::uint64_t> identities, std::int64_t first = 0) {
    for (std::uint64_t identity : identities) {
      LogRecord found;
      found.offset = first++;
      found.identity = identity;
      partition().committed.push_back(found);
    }
    partition().log_end = partition().high_watermark = first;
  }
  void lost(std::size_t replica, Destroyed how) {
    ghost.partition(0, 0).replicas[replica].destructions.push_back(
        {how, 100, 0, sim::SimTime::at(sim::Duration::ms(5)), false});
  }
  Judgement judged() const { return judge(ledger, ghost, evidence); }
  /// `O1 acked-lost, O3 reordered`; empty when nothing is broken.
  std::string broken() const {
    std::string all;
    for (const Violation& v : judged().violations) all += (all.empty() ? "" : ", ") + v.oracle + " " + v.name;
    return all;
  }
};

}  // namespace

TEST_CASE("what stands in the log as it was acknowledged breaks nothing") {
  Case c;
  c.acked(7, 0);
  c.acked(8, 1);
  c.log({7, 8});
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.acked == 2);
  CHECK(c.judged().fates[1].verdict == Verdict::acked_present);
}

TEST_CASE("an acknowledged record that is gone breaks the promise of acks=all, and no other") {
  Case c;
  c.acked(7, 0);
  CHECK(c.broken() == "O1 acked-lost");
  c.producer().acks = 1;
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.lost == 1);
}

TEST_CASE("a loss is excused when each broker that was in sync has lost its copy to power or a wipe") {
  Case c;
  c.acked(7, 0);
  c.lost(0, Destroyed::power_loss);
  CHECK(c.broken() == "O1 acked-lost");
  c.lost(1, Destroyed::wipe);
  CHECK(c.broken().empty());
}

TEST_CASE("a truncation after a clean election is no excuse") {
  Case c;
  c.acked(7, 0);
  c.lost(0, Destroyed::power_loss);
  c.lost(1, Destroyed::truncation);
  CHECK(c.broken() == "O1 acked-lost");
}

TEST_CASE("what DeleteRecords took and what waits above the high watermark is not lost") {
  Case deleted;
  deleted.acked(7, 3);
  deleted.partition().log_start = 4;
  CHECK(deleted.broken().empty());
  CHECK(deleted.judged().fates[0].verdict == Verdict::acked_deleted);

  Case waiting;
  waiting.acked(7, 3);
  waiting.partition().elsewhere.push_back({3, 0, {}, 0, 0, 7, -1, -1});
  CHECK(waiting.broken().empty());
  CHECK(waiting.judged().fates[0].verdict == Verdict::acked_unavailable);
}

TEST_CASE("a second copy breaks the promise of idempotence, unless a fault made brokers forget the producer") {
  Case c;
  c.acked(7, 0);
  c.log({7, 7});
  CHECK(c.broken() == "O2 duplicated");
  c.evidence.producer_state_expired = true;
  CHECK(c.broken().empty());
  c.evidence.producer_state_expired = false;
  c.producer().idempotent = false;
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.duplicated == 1);
}

TEST_CASE("numbers protect nobody whose state was destroyed with its records") {
  Case c;
  c.acked(6, 50);
  c.acked(7, 1);
  c.acked(8, 0);
  c.log({8, 7, 7});
  c.lost(0, Destroyed::wipe);
  CHECK(c.broken() == "O1 acked-lost, O2 duplicated, O3 reordered");
  c.lost(1, Destroyed::wipe);
  CHECK(c.broken().empty());
}

TEST_CASE("a record that is back at the end was lost all the same when a leader began without it") {
  Case c;
  c.acked(7, 5).told_at = sim::SimTime::at(sim::Duration::ms(4));
  c.log({7}, 5);
  auto& leaderships = c.ghost.partition(0, 0).leaderships;
  leaderships.push_back({2, 3, 5, sim::SimTime::at(sim::Duration::ms(9)), false});
  CHECK(c.broken() == "O1 transient-loss");
  SECTION("but not when that leader had it") { leaderships[0].log_end = 6; }
  SECTION("but not when it was acknowledged only afterwards") { leaderships[0].at = c.ledger.records[0].told_at; }
  SECTION("but not when the election was unclean") { leaderships[0].unclean = true; }
  SECTION("but not when that leader had lost its own copy to power and has yet to be let in") { c.lost(1, Destroyed::power_loss); }
  SECTION("but not when the producer asked for less") { c.producer().acks = 1; }
  CHECK(c.broken().empty());
}

TEST_CASE("the order of one thread is promised with idempotence, that of two threads never") {
  Case c;
  c.acked(7, 1);
  c.acked(8, 0);
  c.log({8, 7});
  CHECK(c.broken() == "O3 reordered");
  c.ledger.records[1].thread = 1;
  CHECK(c.broken().empty());
  c.ledger.records[1].thread = 0;
  c.producer().idempotent = false;
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.reordered == 1);
}

TEST_CASE("a record that nobody sent there is a phantom, one with other bytes is corrupted") {
  Case unknown;
  unknown.log({99});
  CHECK(unknown.broken() == "O4 phantom");

  Case foreign;
  foreign.acked(7, 0).partition = 1;
  foreign.partition().number = 0;
  PartitionEvidence second = foreign.partition();
  second.number = 1;
  second.name = "orders-1";
  second.committed.push_back({0, 0, {}, 0, 0, 7, -1, -1});
  foreign.evidence.partitions.push_back(second);
  foreign.log({7});
  CHECK(foreign.broken() == "O4 phantom");
  CHECK(foreign.judged().violations[0].detail.find("another partition") != std::string::npos);

  Case changed;
  changed.failed(7, false);
  changed.log({99});
  changed.partition().committed[0].stated_producer = 0;
  changed.partition().committed[0].stated_number = 0;
  CHECK(changed.broken() == "O4 corrupted");
}

TEST_CASE("replicas that are alive hold the same batches; what one has deleted does not count") {
  Case c;
  c.partition().replicas = {{1, true, 0, 2, 2, {{0, 11}, {1, 12}}}, {2, true, 0, 2, 2, {{0, 11}, {1, 13}}}};
  CHECK(c.broken() == "O5 replicas-differ");
  c.partition().replicas[1].alive = false;
  CHECK(c.broken().empty());
  c.partition().replicas[1] = {2, true, 1, 2, 2, {{1, 12}}};
  CHECK(c.broken().empty());
}

TEST_CASE("what a consumer has read stays where it was") {
  Case c;
  c.acked(7, 0);
  c.log({7});
  SeenEvidence seen;
  seen.consumer = "reader";
  seen.identity = 8;
  seen.holders = b1_and_b2;
  c.evidence.seen.push_back(seen);
  CHECK(c.broken() == "O6 seen-and-gone");
  c.evidence.seen[0].identity = 7;
  CHECK(c.broken().empty());
}

TEST_CASE("the witness must have read all that the log holds, however often it began again") {
  Case c;
  c.acked(7, 0);
  c.acked(8, 1);
  c.log({7, 8});
  c.evidence.witnessed = true;
  SeenEvidence first;
  first.consumer = "witness";
  first.identity = 7;
  c.evidence.witness = {first, first};
  CHECK(c.broken() == "O6 witness-differs");
  SeenEvidence second = first;
  second.identity = 8;
  second.offset = 1;
  c.evidence.witness.push_back(second);
  CHECK(c.broken().empty());
}

TEST_CASE("an acknowledgement names the offset at which the record stands") {
  Case c;
  c.acked(7, 5);
  c.log({7}, 6);
  CHECK(c.broken() == "O8 wrong-offset");
  CHECK(c.judged().counts.wrong_offset == 1);

  // Written twice, which this producer allows; the copy that was acknowledged has been deleted since.
  c.partition().log_start = 6;
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.wrong_offset == 0);
}

TEST_CASE("a record without an answer is stuck when all is healed and its application still lives") {
  Case c;
  c.record(7);
  CHECK(c.broken() == "O9 stuck");
  c.producer().alive = false;
  CHECK(c.broken().empty());
  c.producer().alive = true;
  c.producer().incarnation = 1;
  CHECK(c.broken().empty());
}

TEST_CASE("buffer.memory is whole again when nothing is under way") {
  Case c;
  c.producer().buffer_total = 1000;
  c.producer().buffer_available = 900;
  CHECK(c.broken() == "O10 buffer-leak");
  c.producer().closed = true;
  CHECK(c.broken().empty());
}

TEST_CASE("an error that says for certain that a record was not written is believed, unless a fault forged it") {
  Case c;
  c.failed(7, true);
  c.log({7});
  CHECK(c.broken() == "O11 false-error");
  c.ledger.records[0].forged = true;
  CHECK(c.broken().empty());
  c.ledger.records[0].forged = false;
  c.ledger.records[0].definite = false;
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.failed_present == 1);
}

TEST_CASE("of two records with the same bytes, the one acknowledged at an offset owns what stands there") {
  Case c;
  c.acked(7, 1);
  c.acked(7, 0);
  c.log({7, 7});
  c.producer().idempotent = false;
  CHECK(c.broken().empty());
  CHECK(c.judged().fates[0].offset == 1);
  CHECK(c.judged().fates[1].offset == 0);
  CHECK(c.judged().counts.duplicated == 0);
  CHECK(c.judged().counts.duplicated_payloads == 1);
}

namespace {

using State = LedgerTransaction::State;

/// Two records of one transaction in one partition, both acknowledged.
struct TransactionCase : Case {
  TransactionCase() {
    evidence.transactional = true;
    ledger.transactions.push_back({});
    acked(7, 0).transaction = 0;
    acked(8, 1).transaction = 0;
    log({7, 8});
    stand(Standing::committed, Standing::committed);
  }
  void stand(Standing first, Standing second) {
    partition().committed[0].standing = first;
    partition().committed[1].standing = second;
    partition().last_stable_offset = partition().high_watermark;
  }
  void state(State state) { ledger.transactions[0].state = state; }
};

}  // namespace

TEST_CASE("a committed transaction's records stand for all to see") {
  TransactionCase c;
  c.state(State::committed);
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.acked == 2);
  c.partition().committed.pop_back();
  CHECK(c.broken() == "O1 acked-lost");
}

TEST_CASE("a record of a committed transaction must not stand as aborted, unless its coordinator's log was destroyed") {
  TransactionCase c;
  c.state(State::committed);
  c.stand(Standing::committed, Standing::aborted);
  CHECK(c.broken() == "O7 commit-undone");
  c.stand(Standing::committed, Standing::open);
  CHECK(c.broken() == "O7 commit-undone");
  CHECK(c.judged().counts.lost == 0);
  c.evidence.coordinator_state_lost = true;
  CHECK(c.broken().empty());
}

TEST_CASE("a commit that succeeded left out no record that failed") {
  TransactionCase c;
  c.state(State::committed);
  c.failed(9, false).transaction = 0;
  CHECK(c.broken() == "O8 incomplete-commit");
  // It failed, and was written all the same: the commit was right.
  c.log({7, 8, 9});
  c.partition().last_stable_offset = c.partition().high_watermark;
  c.partition().committed.erase(c.partition().committed.begin(), c.partition().committed.begin() + 2);
  CHECK(c.broken().empty());
  c.partition().committed.pop_back();
  c.state(State::aborted);
  c.stand(Standing::aborted, Standing::aborted);
  CHECK(c.broken().empty());
}

TEST_CASE("what was not committed must not be seen as committed") {
  const State state = GENERATE(State::open, State::aborting, State::aborted);
  TransactionCase c;
  c.state(state);
  c.stand(Standing::aborted, Standing::aborted);
  CHECK(c.broken().empty());
  CHECK(c.judged().counts.aborted == 2);
  CHECK(c.judged().counts.acked == 0);
  c.stand(Standing::aborted, Standing::committed);
  CHECK(c.broken() == "O7 aborted-visible");
  CHECK(c.judged().fates[1].verdict == Verdict::aborted_visible);
}

TEST_CASE("an aborted record may be seen where the marker behind it was permitted to be lost, and not where it was cut off") {
  TransactionCase c;
  c.state(State::aborted);
  GhostPartition& ghost = c.ghost.partition(0, 0);
  const auto leads_with = [&](std::int64_t log_end, bool unclean) {
    ghost.leaderships.assign(1, Leadership{1, 2, log_end, sim::SimTime::at(sim::Duration::ms(9)), unclean});
  };
  const auto loses = [&](Destroyed how, std::int64_t from, std::int64_t to) {
    ghost.replicas[0].destructions.assign(1, Destruction{how, from, to, sim::SimTime::at(sim::Duration::ms(5)), false});
  };
  loses(Destroyed::truncation, 3, 2);
  leads_with(2, false);
  CHECK(c.broken() == "O7 aborted-visible, O7 aborted-visible");
  loses(Destroyed::power_loss, 3, 2);
  CHECK(c.broken().empty());
  leads_with(3, false);  // it had caught up before it led
  CHECK(c.broken() == "O7 aborted-visible, O7 aborted-visible");
  leads_with(2, true);
  CHECK(c.broken().empty());
}

TEST_CASE("a commit that nobody heard of took place as a whole or not at all") {
  TransactionCase c;
  c.state(State::committing);
  CHECK(c.broken().empty());
  c.stand(Standing::aborted, Standing::aborted);
  CHECK(c.broken().empty());
  c.stand(Standing::committed, Standing::aborted);
  CHECK(c.broken() == "O7 half-committed");
}

TEST_CASE("at the end every coordinator has decided what it can") {
  TransactionCase c;
  c.state(State::committed);
  c.evidence.undecided.push_back({"orders-1", "PrepareCommit", false, true});
  CHECK(c.broken() == "O9 undecided-transaction");
  c.evidence.undecided[0].overdue = false;
  CHECK(c.broken().empty());
  c.evidence.undecided[0].overdue = true;
  c.evidence.undecided[0].unreachable = true;
  CHECK(c.broken().empty());
}

TEST_CASE("at the end no transaction holds readers back") {
  TransactionCase c;
  c.state(State::aborted);
  c.stand(Standing::open, Standing::open);
  c.partition().last_stable_offset = 0;
  CHECK(c.broken() == "O9 hanging-transaction");
  c.evidence.coordinator_state_lost = true;
  CHECK(c.broken().empty());
  c.evidence.coordinator_state_lost = false;
  c.evidence.healed = false;
  CHECK(c.broken().empty());
}

TEST_CASE("who reads only what is committed gets that and nothing else") {
  TransactionCase c;
  c.state(State::aborted);
  c.stand(Standing::aborted, Standing::aborted);
  SeenEvidence seen;
  seen.consumer = "careful";
  seen.identity = 7;
  seen.read_committed = true;
  c.evidence.seen.push_back(seen);
  CHECK(c.broken() == "O7 aborted-seen");
  c.evidence.seen[0].read_committed = false;
  CHECK(c.broken().empty());

  c.evidence.witnessed = true;
  SeenEvidence second = seen;
  second.identity = 8;
  second.offset = 1;
  c.evidence.witness = {seen, second};
  for (SeenEvidence& one : c.evidence.witness) one.read_committed = false;
  CHECK(c.broken().empty());
  c.evidence.committed_witness = {seen};
  CHECK(c.broken() == "O7 witness-differs");
}

TEST_CASE("a record belongs to the next marker of its producer") {
  std::vector<LogRecord> records(4);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].offset = static_cast<std::int64_t>(2 * i);
    records[i].producer.id = ProducerId{i == 1 ? 2 : 1};
    records[i].standing = Standing::open;
  }
  records[3].standing = Standing::plain;
  decide(records, {{1, ProducerId{1}, false}, {3, ProducerId{1}, true}, {7, ProducerId{1}, true}});
  CHECK(records[0].standing == Standing::aborted);
  CHECK(records[1].standing == Standing::open);
  CHECK(records[2].standing == Standing::committed);
  CHECK(records[3].standing == Standing::plain);
}

}  // namespace linger::scenarios
