// What the story says of an application that transfers records: a reader who knows nothing of transactions must be able
// to follow.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/runner.h"
#include "support/transfer_plan.h"
#include "ui/cli/story.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

using namespace linger;
using namespace linger::cli;

namespace {

scenarios::Run run_of(bool transactions) {
  scenarios::Scenario plan = scenarios::test::transfer_plan(3);
  if (!transactions) plan.producers[1].config.erase("transactional.id");
  scenarios::Fault fault = scenarios::test::processor_dies(sim::Duration::s(0));
  fault.at.reset();
  fault.on = scenarios::Matcher{};
  fault.on->api = "PRODUCE";
  fault.on->response = true;
  fault.on->to = "bank";
  fault.on->after = sim::Duration::s(1);
  plan.faults.push_back(fault);
  scenarios::RunOptions options;
  options.keep_trace = true;
  return scenarios::run_scenario(std::move(plan), options);
}

/// Checks that the lines come in this order, whatever stands between them; each is part of "who: what (why)".
void check_in_order(const scenarios::Run& run, const std::vector<std::string>& wanted) {
  const std::vector<StoryLine> lines = StoryTeller(run.trace, *run.setup).tell();
  std::size_t next = 0;
  for (const StoryLine& line : lines) {
    if (next < wanted.size() &&
        (line.who + ": " + line.what + " (" + line.why + ")").find(wanted[next]) != std::string::npos)
      ++next;
  }
  INFO((next < wanted.size() ? "not told: " + wanted[next] : std::string()));
  CHECK(next == wanted.size());
}

}  // namespace

TEST_CASE("a death in a transaction is told from what was read to where the next process goes on") {
  const scenarios::Run run = run_of(true);
  check_in_order(
      run,
      {"app bank: asks where its group bank goes on",
       "app bank: begins to read at the beginning of payments-0, payments-1 (the group has committed nothing there",
       "app bank: takes payments-", "app bank: begins transaction 0",
       "app bank: puts into the transaction that bank goes on at", "the transaction of bank-1 is in PrepareCommit",
       "app bank: hears that transaction 0 is committed", "fault: bank crashes",
       "the transaction of bank-1 is in PrepareAbort", "writes the ABORT of bank-1",
       "app bank: asks where its group bank goes on", "app bank: goes on reading payments-",
       "app bank: has transferred all of payments"});
  const std::string verdict = story_verdict(run, Look{});
  CHECK(verdict.find("12 of 12 records transferred once\n") != std::string::npos);
  CHECK(verdict.find("as the configuration promises") != std::string::npos);
  // Not "Without idempotence?": Kafka refuses that of a producer with a transactional.id.
  CHECK(story_suggestion(run, "FILE") ==
        "With transaction.version 1?  linger compare FILE --set /cluster/config/transaction.version=1");
}

TEST_CASE(
    "the same death without transactions ends with records that are there twice, and the story says that nobody "
    "promised more") {
  const scenarios::Run run = run_of(false);
  check_in_order(run,
                 {"app bank: takes payments-", "app bank: commits that its group goes on at", "(in no transaction)",
                  "app bank: hears that the offsets of bank are committed", "fault: bank crashes",
                  "app bank: goes on reading payments-", "app bank: has transferred all of payments"});
  const std::string verdict = story_verdict(run, Look{});
  CHECK(verdict.find("more than once") != std::string::npos);
  CHECK(verdict.find("does not promise exactly once") != std::string::npos);
  CHECK(verdict.find("allowed: this configuration promises no more") != std::string::npos);
  CHECK(story_suggestion(run, "FILE") ==
        "With transactions?  linger compare FILE --set /producers/1/config/transactional.id=bank");
}
