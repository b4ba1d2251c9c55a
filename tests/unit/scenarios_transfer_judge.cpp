#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/transfer_judge.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

/// Three payments read from one partition and booked in another, committed and complete; a test then changes one thing.
struct Story {
  Ledger ledger;
  GhostState ghost{3};
  Evidence evidence;

  static constexpr std::int32_t payments = 0;
  static constexpr std::int32_t bookings = 1;
  static std::uint64_t input(std::int64_t offset) { return 100 + static_cast<std::uint64_t>(offset); }
  static std::uint64_t output(std::int64_t offset) { return 200 + static_cast<std::uint64_t>(offset); }

  Story() {
    for (const auto& [topic, name] : {std::pair{payments, "payments-0"}, std::pair{bookings, "bookings-0"}}) {
      PartitionEvidence partition;
      partition.topic = topic;
      partition.name = name;
      partition.leader = 1;
      evidence.partitions.push_back(partition);
    }
    ProducerEvidence bank;
    bank.name = "bank";
    evidence.producers.push_back(bank);
    TransferEvidence transfer;
    transfer.producers = {0};
    transfer.from = payments;
    transfer.to = bookings;
    transfer.from_name = "payments";
    transfer.to_name = "bookings";
    transfer.group = "bank";
    transfer.partitions = {0};
    transfer.exactly_once = true;
    transfer.offsets_known = true;
    transfer.committed[0] = 3;
    evidence.transfers.push_back(transfer);
    evidence.healed = true;
    ghost.partition(bookings, 0).replicas.resize(3);
    for (std::int64_t offset = 0; offset < 3; ++offset) {
      add(payments, offset, input(offset));
      attempt(offset);
      add(bookings, offset, output(offset));
    }
  }

  void add(std::int32_t topic, std::int64_t offset, std::uint64_t identity, Standing standing = Standing::committed) {
    LogRecord record;
    record.offset = offset;
    record.identity = identity;
    record.standing = standing;
    log(topic).push_back(record);
  }
  std::vector<LogRecord>& log(std::int32_t topic) {
    return evidence.partitions[static_cast<std::size_t>(topic)].committed;
  }
  /// The application sent a booking for this payment.
  void attempt(std::int64_t offset) {
    LedgerRecord record;
    record.topic = bookings;
    record.partition = 0;
    record.identity = output(offset);
    record.told = Told::acked;
    record.offset = offset;
    record.holders = broker::mask_of(NodeId{1}) | broker::mask_of(NodeId{2});
    const RecordIndex index = ledger.sent(std::move(record));
    ledger.transfers.push_back({index, payments, 0, offset, input(offset)});
  }
  TransferEvidence& transfer() { return evidence.transfers.front(); }
  std::vector<std::string> violations() const {
    std::vector<std::string> names;
    for (const Violation& violation : judge_transfers(ledger, ghost, evidence).violations)
      names.push_back(violation.name);
    return names;
  }
  TransferResult result() const { return judge_transfers(ledger, ghost, evidence).results.front(); }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a transfer in which each input has one output breaks nothing") {
  const Story story;
  CHECK(story.violations().empty());
  CHECK(story.result().input == 3);
  CHECK(story.result().once == 3);
  CHECK(story.result().missing == 0);
  CHECK(story.result().twice == 0);
}

TEST_CASE("an attempt that was aborted and a second one that was committed are one output") {
  Story story;
  story.log(Story::bookings).clear();
  for (std::int64_t offset = 0; offset < 3; ++offset) {
    story.add(Story::bookings, 2 * offset, Story::output(offset), Standing::aborted);
    story.attempt(offset);
    story.add(Story::bookings, 2 * offset + 1, Story::output(offset));
  }
  CHECK(story.violations().empty());
  CHECK(story.result().once == 3);
}

TEST_CASE("an input with two outputs is transferred twice, in whichever partition the second one stands") {
  Story story;
  SECTION("in the same one") {
    story.add(Story::bookings, 3, Story::output(1));
  }
  SECTION("in another one") {
    PartitionEvidence other = story.evidence.partitions[1];
    other.number = 1;
    other.committed = {other.committed[1]};
    story.evidence.partitions.push_back(other);
  }
  CHECK(story.violations() == Names{"transferred-twice"});
  CHECK(story.result().twice == 1);
  CHECK(story.result().once == 2);
}

TEST_CASE("an input without an output is missed when the group has committed an offset behind it") {
  Story story;
  story.log(Story::bookings).pop_back();
  CHECK(story.violations() == Names{"not-transferred"});
  CHECK(story.result().missing == 1);
  SECTION("also if nothing was ever sent for it") {
    story.ledger.transfers.pop_back();
    CHECK(story.violations() == Names{"not-transferred"});
  }
  SECTION("not if the group would read it next: the application was stopped") {
    story.transfer().committed[0] = 2;
    CHECK(story.violations().empty());
    SECTION("unless the application says that it has read everything") {
      story.transfer().read_to[0] = 3;
      CHECK(story.violations() == Names{"not-transferred"});
    }
  }
  SECTION("not if everybody who held the output lost it to a loss of power") {
    for (GhostReplica& replica : story.ghost.partition(Story::bookings, 0).replicas) {
      replica.destructions.push_back({Destroyed::power_loss, 100, 0, sim::SimTime::at(sim::Duration::ms(5)), false});
    }
    CHECK(story.violations().empty());
  }
  SECTION("not if its transaction aborted it in the input, which nobody reads") {
    story.log(Story::payments).back().standing = Standing::aborted;
    CHECK(story.violations().empty());
  }
}

TEST_CASE("an output whose input the group would read again is reported before it is read again") {
  Story story;
  story.transfer().committed[0] = 2;
  CHECK(story.violations() == Names{"offset-behind"});
  SECTION("a group that has committed nothing begins at the beginning") {
    story.transfer().committed.clear();
    CHECK(story.violations() == Names{"offset-behind", "offset-behind", "offset-behind"});
  }
  SECTION("nothing is said of a group whose log cannot be read") {
    story.transfer().offsets_known = false;
    CHECK(story.violations().empty());
  }
}

TEST_CASE("outputs of one input partition stand in one output partition in the order of their inputs") {
  Story story;
  std::swap(story.log(Story::bookings)[0].identity, story.log(Story::bookings)[1].identity);
  CHECK(story.violations() == Names{"transfer-reordered"});
}

TEST_CASE("nothing is demanded where nothing is promised, or where the input was destroyed") {
  Story story;
  story.add(Story::bookings, 3, Story::output(1));
  story.log(Story::bookings).erase(story.log(Story::bookings).begin() + 2);
  REQUIRE(story.violations() == Names{"transferred-twice", "not-transferred"});
  SECTION("the configuration promises nothing, and the counts stand all the same") {
    story.transfer().exactly_once = false;
    CHECK(story.violations().empty());
    CHECK(story.result().twice == 1);
    CHECK(story.result().missing == 1);
  }
  SECTION("another record stands where one was read") {
    story.log(Story::payments)[1].identity = 999;
    CHECK(story.violations().empty());
  }
  SECTION("the run did not heal") {
    story.evidence.healed = false;
    CHECK(story.violations().empty());
  }
  SECTION("an output partition that cannot be read explains what is missing, not what is there twice") {
    story.evidence.partitions[1].log_start = 1;
    CHECK(story.violations() == Names{"transferred-twice"});
  }
}
