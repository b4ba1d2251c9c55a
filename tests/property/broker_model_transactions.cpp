#include <catch2/catch.hpp>

#include <rapidcheck.h>
#include <map>

#include "support/transaction_client.h"

using namespace linger;
using namespace linger::broker;
using namespace linger::broker::test;

namespace {

/// What the application asked for and what it was told.
enum class Fate : std::uint8_t { open, committed, aborted, unknown };
struct Transaction {
  Fate fate = Fate::open;
  std::vector<std::string> acked;      ///< writes that were acknowledged
  std::vector<std::string> attempted;  ///< all writes
};

struct Finding {
  std::string wrong;
  std::size_t committed = 0;
  std::size_t aborted = 0;
  std::size_t unknown = 0;
  std::size_t deaths = 0;
};

/// A producer that writes transactions one after the other, each write once. What it is not sure of it gives up: it
/// aborts, or starts anew as if its process had ended.
class Application {
 public:
  Application(ToyCluster& world, std::string id, bool modern) : client_{world, std::move(id), modern} {
    client_.patience = Duration::s(4);
    client_.timeout_ms = 8'000;
  }
  bool start() {
    open_ = false;
    if (client_.init() != ErrorCode::none) return false;
    sequences_.clear();
    added_.clear();
    return started_ = true;
  }
  void write(const TopicPartition& to, const std::string& value) {
    if (!started_ && !start()) return;
    if (!open_) {
      open_ = true;
      transactions_.emplace_back();
    }
    Transaction& txn = transactions_.back();
    if (!client_.modern && std::find(added_.begin(), added_.end(), to) == added_.end()) {
      if (!retried([&] { return client_.add(to); })) return give_up();
      added_.push_back(to);
    }
    txn.attempted.push_back(value);
    std::int32_t& sequence = sequences_[to];
    for (int attempt = 0; attempt < 10; ++attempt) {
      const ErrorCode error = client_.write(to, sequence, value);
      if (error == ErrorCode::none) {
        ++sequence;
        txn.acked.push_back(value);
        return;
      }
      if (!retriable(error)) break;
      client_.world.run_for(Duration::ms(100));
    }
    give_up();
  }
  void end(bool commit) {
    if (!open_) return;
    Transaction& txn = transactions_.back();
    open_ = false;
    for (int attempt = 0; attempt < 10; ++attempt) {
      const ProducerIdAndEpoch before = client_.producer;
      const ErrorCode error = client_.end(commit);
      if (error == ErrorCode::none) {
        txn.fate = commit ? Fate::committed : Fate::aborted;
        added_.clear();
        if (client_.producer != before) sequences_.clear();
        return;
      }
      if (commit) txn.fate = Fate::unknown;
      if (!retriable(error)) break;
      client_.world.run_for(Duration::ms(100));
    }
    if (!commit) txn.fate = Fate::aborted;
    started_ = false;
  }
  void give_up() {
    transactions_.back().fate = Fate::aborted;
    open_ = started_ = false;
  }
  /// The process ends at once; the coordinator finds out by itself.
  void die() {
    if (open_) give_up();
    started_ = false;
  }
  const std::vector<Transaction>& transactions() const { return transactions_; }

 private:
  static bool retriable(ErrorCode error) {
    switch (error) {
      case ErrorCode::network_exception:
      case ErrorCode::not_leader_or_follower:
      case ErrorCode::not_enough_replicas:
      case ErrorCode::not_enough_replicas_after_append:
      case ErrorCode::request_timed_out:
      case ErrorCode::coordinator_load_in_progress:
      case ErrorCode::coordinator_not_available:
      case ErrorCode::not_coordinator:
      case ErrorCode::concurrent_transactions:
        return true;
      default:
        return false;
    }
  }
  template <class Call>
  bool retried(Call call) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      const ErrorCode error = call();
      if (error == ErrorCode::none) return true;
      if (!retriable(error)) return false;
      client_.world.run_for(Duration::ms(100));
    }
    return false;
  }

  TransactionClient client_;
  bool started_ = false;
  bool open_ = false;
  std::map<TopicPartition, std::int32_t> sequences_;
  std::vector<TopicPartition> added_;
  std::vector<Transaction> transactions_;
};

std::string judge(ToyCluster& world, const std::vector<const Application*>& applications) {
  std::vector<std::string> seen;
  for (std::int32_t p = 0; p < 2; ++p) {
    const auto read = fetch(world, {"orders", p}, true);
    if (read.error != ErrorCode::none) return "partition " + std::to_string(p) + " cannot be read";
    seen.insert(seen.end(), read.committed.begin(), read.committed.end());
  }
  const auto times = [&](const std::string& value) { return std::count(seen.begin(), seen.end(), value); };
  for (const Application* application : applications) {
    for (const Transaction& txn : application->transactions()) {
      std::ptrdiff_t present = 0;
      for (const std::string& value : txn.attempted) {
        if (times(value) > 1) return value + " is there twice";
        present += times(value);
      }
      const auto acked = static_cast<std::ptrdiff_t>(txn.acked.size());
      if (txn.fate == Fate::committed && present != acked) return "a committed transaction is torn: " + txn.acked[0];
      if (txn.fate == Fate::aborted && present != 0) return "an aborted transaction is seen: " + txn.attempted[0];
      if (txn.fate == Fate::unknown && present != 0 && present != acked)
        return "a transaction of unknown fate is torn: " + txn.acked[0];
    }
  }
  for (const Broker& broker : world.brokers()) {
    for (const Partition& partition : broker.partitions()) {
      if (!partition.log.producers().ongoing().empty()) return "a transaction is left open";
      if (partition.log.last_stable_offset() > partition.log.high_watermark()) return "stable beyond replicated";
      if (partition.is_leader() && partition.log.last_stable_offset() != partition.log.log_end())
        return "the last stable offset stands still";
      for (const Broker& other : world.brokers()) {
        const Partition* twin = other.partition(partition.id);
        if (twin == nullptr) continue;
        if (twin->log.transaction_index().entries() != partition.log.transaction_index().entries())
          return "replicas differ in what was aborted";
        if (twin->log.producers().entries().size() != partition.log.producers().entries().size())
          return "replicas know different producers";
      }
    }
  }
  return {};
}

/// Two applications write transactions while brokers' processes die and come back and leaders move. Then all is healed.
Finding random_run(std::uint64_t seed, bool modern) {
  ClusterLayout layout = transaction_layout(modern ? 2 : 1);
  layout.seed = seed;
  layout.config.replica_lag_time_max_ms = 4'000;
  layout.config.session_timeout_ms = 3'000;
  layout.config.heartbeat_interval_ms = 500;
  layout.config.transaction_abort_interval_ms = 2'000;
  ToyCluster world{layout, seed};
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t below) { return mix(seed * 37 + 11, ++draws) % below; };
  Application applications[] = {{world, "first", modern}, {world, "second", modern}};
  Finding finding;
  std::int32_t dead = 0;
  std::int32_t value = 0;
  for (int turn = 0; turn < 60; ++turn) {
    Application& application = applications[draw(2)];
    const std::uint64_t what = draw(20);
    if (what < 10) {
      application.write({"orders", static_cast<std::int32_t>(draw(2))}, "v" + std::to_string(value++));
    } else if (what < 14) {
      application.end(draw(3) != 0);
    } else if (what < 15) {
      application.die();
    } else if (what < 18) {
      const bool log = draw(2) == 0;
      const std::string topic =
          log && world.active() != nullptr && world.active()->committed().topic("__transaction_state") != nullptr
              ? "__transaction_state"
              : "orders";
      world.move_leader(world.id(topic, static_cast<std::int32_t>(draw(2))), static_cast<std::int32_t>(1 + draw(3)));
      world.run_for(Duration::us(static_cast<std::int64_t>(draw(3'000))));
    } else if (dead == 0) {
      dead = static_cast<std::int32_t>(1 + draw(3));
      ++finding.deaths;
      world.crash(dead, CrashKind::process);
      world.run_for(Duration::ms(static_cast<std::int64_t>(draw(6'000))));
    } else {
      world.restart(dead);
      dead = 0;
      world.run_for(Duration::ms(static_cast<std::int64_t>(draw(6'000))));
    }
  }
  if (dead != 0) world.restart(dead);
  for (Application& application : applications) application.die();
  world.run_for(Duration::s(40));
  finding.wrong = judge(world, {&applications[0], &applications[1]});
  for (const Application& application : applications) {
    for (const Transaction& txn : application.transactions()) {
      finding.committed += txn.fate == Fate::committed ? 1 : 0;
      finding.aborted += txn.fate == Fate::aborted ? 1 : 0;
      finding.unknown += txn.fate == Fate::unknown ? 1 : 0;
    }
  }
  return finding;
}

}  // namespace

TEST_CASE("transactions are all or nothing while brokers die, come back and leaders move") {
  std::size_t committed = 0;
  std::size_t aborted = 0;
  std::size_t deaths = 0;
  REQUIRE(rc::check("in both transaction versions", [&] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const bool modern = *rc::gen::arbitrary<bool>();
    const Finding finding = random_run(seed, modern);
    committed += finding.committed;
    aborted += finding.aborted;
    deaths += finding.deaths;
    RC_LOG() << "seed " << seed << (modern ? " version 2: " : " version 1: ") << finding.wrong;
    RC_ASSERT(finding.wrong.empty());
  }));
  // A run in which nothing happened proves nothing.
  CHECK(committed > 100);
  CHECK(aborted > 100);
  CHECK(deaths > 50);
}
