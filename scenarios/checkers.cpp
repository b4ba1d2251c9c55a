#include "scenarios/checkers.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/transfer_judge.h"

namespace linger::scenarios {

namespace {

/// Violations of one kind beyond this many are counted, not listed one by one.
constexpr std::size_t listed_per_kind = 20;

struct Copy {
  const PartitionEvidence* partition;
  const LogRecord* record;
};

class Judge {
 public:
  Judge(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence) : ledger_(ledger), ghost_(ghost), evidence_(evidence) {}

  Judgement run() {
    out_.fates.resize(ledger_.records.size());
    index_ledger();
    for (const PartitionEvidence& partition : evidence_.partitions) match(partition, partition.committed);
    if (twins_) {
      for (std::vector<Copy>& copies : copies_) {
        std::stable_sort(copies.begin(), copies.end(), [](const Copy& a, const Copy& b) { return a.partition == b.partition && a.record->offset < b.record->offset; });
      }
    }
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) settle(r);
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) check_copies(r);
    for (const PartitionEvidence& partition : evidence_.partitions) check_order(partition);
    check_overtaken();
    check_flushes();
    for (const PartitionEvidence& partition : evidence_.partitions) check_replicas(partition);
    if (evidence_.transactional && !evidence_.coordinator_state_lost) check_transactions();
    check_seen(evidence_.seen, false);
    if (evidence_.witnessed) check_witness();
    check_producers();
    TransferJudgement transfers = judge_transfers(ledger_, ghost_, evidence_);
    out_.transfers = std::move(transfers.results);
    for (Violation& violation : transfers.violations) out_.violations.push_back(std::move(violation));
    count();
    return std::move(out_);
  }

 private:
  const ProducerEvidence& producer_of(const LedgerRecord& record) const { return evidence_.producers[record.producer]; }

  std::string name_of(RecordIndex r) const {
    const LedgerRecord& record = ledger_.records[r];
    return producer_of(record).name + " r" + std::to_string(record.number);
  }

  void violation(std::string name, std::string oracle, RecordIndex record, std::string detail) {
    std::size_t& listed = listed_[name];
    if (++listed <= listed_per_kind) out_.violations.push_back(Violation{std::move(name), std::move(oracle), record, std::move(detail)});
  }

  void index_ledger() {
    by_identity_.reserve(ledger_.records.size());
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) {
      if (ledger_.records[r].told != Told::refused) by_identity_.push_back({ledger_.records[r].identity, r});
    }
    // Among byte-equal twins an acked one is matched first, so that the number of losses is right whichever of them it
    // was; one whose transaction was not committed last, because what is visible is rather the next attempt's.
    const auto rank = [&](RecordIndex r) {
      return not_committed(ledger_.records[r]) ? 2 : ledger_.records[r].told == Told::acked ? 0 : 1;
    };
    std::sort(by_identity_.begin(), by_identity_.end(),
              [&](const auto& a, const auto& b) { return std::tuple(a.first, rank(a.second), a.second) < std::tuple(b.first, rank(b.second), b.second); });
    copies_.resize(ledger_.records.size());
    twins_ = std::adjacent_find(by_identity_.begin(), by_identity_.end(), [](const auto& a, const auto& b) { return a.first == b.first; }) != by_identity_.end();
  }

  auto first_of(std::uint64_t identity) const {
    return std::lower_bound(by_identity_.begin(), by_identity_.end(), std::pair{identity, RecordIndex{0}}, [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  bool belongs(const LedgerRecord& record, const PartitionEvidence& partition) const {
    return static_cast<std::int32_t>(record.topic) == partition.topic && (record.partition < 0 || record.partition == partition.number);
  }

  /// Of byte-equal twins, the one that was acknowledged at this very offset.
  RecordIndex told_owner(const PartitionEvidence& partition, const LogRecord& found) const {
    for (auto it = first_of(found.identity); it != by_identity_.end() && it->first == found.identity; ++it) {
      const LedgerRecord& record = ledger_.records[it->second];
      if (record.told == Told::acked && record.offset == found.offset && belongs(record, partition) && copies_[it->second].empty()) return it->second;
    }
    return no_record;
  }

  /// Gives each record of the log to the ledger record that it is a copy of.
  void match(const PartitionEvidence& partition, const std::vector<LogRecord>& log) {
    std::vector<bool> taken(twins_ ? log.size() : 0);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const RecordIndex owner = log[i].visible() ? told_owner(partition, log[i]) : no_record;
      if (owner == no_record) continue;
      copies_[owner].push_back(Copy{&partition, &log[i]});
      taken[i] = true;
    }
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (twins_ && taken[i]) continue;
      const LogRecord& found = log[i];
      const auto first = first_of(found.identity);
      RecordIndex owner = no_record;
      RecordIndex last_twin = no_record;
      bool elsewhere = false;
      for (auto it = first; it != by_identity_.end() && it->first == found.identity; ++it) {
        const LedgerRecord& record = ledger_.records[it->second];
        if (!belongs(record, partition)) {
          elsewhere = true;
          continue;
        }
        last_twin = it->second;
        if (owner == no_record && copies_[it->second].empty()) owner = it->second;
      }
      if (owner == no_record) owner = last_twin;
      if (owner != no_record) {
        if (found.visible()) copies_[owner].push_back(Copy{&partition, &found});
        continue;
      }
      report_phantom(partition, found, elsewhere);
    }
  }

  void report_phantom(const PartitionEvidence& partition, const LogRecord& found, bool elsewhere) {
    const std::string where = partition.name + " offset " + std::to_string(found.offset);
    if (elsewhere) {
      violation("phantom", "O4", no_record, where + " holds a record that was sent to another partition");
      return;
    }
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) {
      const LedgerRecord& record = ledger_.records[r];
      if (record.producer == found.stated_producer && static_cast<std::int64_t>(record.number) == found.stated_number && record.value_bytes >= generated_prefix_bytes) {
        if (!belongs(record, partition)) {
          violation("phantom", "O4", r, where + " holds " + name_of(r) + ", which was sent to another partition");
          return;
        }
        out_.fates[r].corrupted = true;
        violation("corrupted", "O4", r, where + " holds " + name_of(r) + " with other bytes than were sent");
        return;
      }
    }
    violation("phantom", "O4", no_record, where + " holds a record that nobody sent");
  }

  const PartitionEvidence* partition_of(const LedgerRecord& record) const {
    for (const PartitionEvidence& p : evidence_.partitions) {
      if (p.topic == static_cast<std::int32_t>(record.topic) && p.number == record.partition) return &p;
    }
    return nullptr;
  }

  /// Nobody told its application, which still lives, what became of the record, although everything has healed.
  bool stuck(const LedgerRecord& record) const {
    return record.told == Told::nothing && evidence_.healed && producer_of(record).alive && record.incarnation == producer_of(record).incarnation;
  }

  void settle(RecordIndex r) {
    const LedgerRecord& record = ledger_.records[r];
    RecordFate& fate = out_.fates[r];
    const std::vector<Copy>& copies = copies_[r];
    const bool present = !copies.empty();
    fate.partition = present ? copies.front().partition->number : record.partition;
    fate.offset = present ? copies.front().record->offset : -1;
    fate.extra_copies = present ? static_cast<std::int32_t>(copies.size() - 1) : 0;
    if (not_committed(record) && record.told != Told::refused && !stuck(record)) {
      settle_not_committed(r, present);
      return;
    }
    switch (record.told) {
      case Told::acked: settle_acked(r, present); break;
      case Told::failed: settle_failed(r, present); break;
      case Told::refused: fate.verdict = Verdict::refused; break;
      case Told::nothing:
        if (stuck(record)) {
          fate.verdict = Verdict::stuck;
          violation("stuck", "O9", r, name_of(r) + " was never answered: " + producer_of(record).waits_for);
        } else {
          fate.verdict = present ? Verdict::untold_present : Verdict::untold_absent;
        }
        break;
    }
    if (fate.verdict == Verdict::failed_present && record.definite && !record.forged) {
      violation("false-error", "O11", r, name_of(r) + " was reported as " + record.error + ", but stands at offset " + std::to_string(fate.offset));
    }
  }

  /// Whether brokers could keep this producer's batches apart by their numbers: it is idempotent, and what the brokers knew of it was not destroyed.
  bool numbers_hold(const LedgerRecord& record, const PartitionEvidence& partition) const {
    return producer_of(record).idempotent && !evidence_.producer_state_expired && !forgotten_.contains({record.producer, &partition});
  }

  void check_copies(RecordIndex r) {
    if (out_.fates[r].extra_copies == 0) return;
    const PartitionEvidence& partition = *copies_[r].front().partition;
    if (!numbers_hold(ledger_.records[r], partition)) return;
    violation("duplicated", "O2", r, name_of(r) + " stands " + std::to_string(copies_[r].size()) + " times in " + partition.name);
  }

  /// Its transaction was certainly not committed: the application never asked for it, or asked for the abort.
  bool not_committed(const LedgerRecord& record) const {
    if (record.transaction == no_transaction) return false;
    const LedgerTransaction::State state = ledger_.transactions[record.transaction].state;
    return state == LedgerTransaction::State::open || state == LedgerTransaction::State::aborting || state == LedgerTransaction::State::aborted;
  }

  bool maybe_committed(const LedgerRecord& record) const {
    return record.transaction != no_transaction && ledger_.transactions[record.transaction].state == LedgerTransaction::State::committing;
  }

  bool committed(const LedgerRecord& record) const {
    return record.transaction != no_transaction && ledger_.transactions[record.transaction].state == LedgerTransaction::State::committed;
  }

  /// The record is in the log, but as part of a transaction that was aborted there, or that nobody has decided.
  static bool stands_undone(const PartitionEvidence& partition, const LedgerRecord& record) {
    return std::any_of(partition.committed.begin(), partition.committed.end(),
                       [&](const LogRecord& found) { return found.offset == record.offset && found.identity == record.identity && !found.visible(); });
  }

  std::string transaction_of(const LedgerRecord& record) const {
    return producer_of(record).name + " transaction " + std::to_string(ledger_.transactions[record.transaction].number);
  }

  /// What said that the record is aborted stood behind it, and may have been lost alone where loss is permitted: somebody began to lead after an unclean
  /// election, or without what it had lost with its power or disk. The producer's next commit then covers the record as well.
  bool marker_may_be_gone(const LedgerRecord& record, std::int64_t offset) const {
    const GhostPartition* ghost = ghost_.find(static_cast<std::int32_t>(record.topic), record.partition);
    if (ghost == nullptr) return false;
    return std::any_of(ghost->leaderships.begin(), ghost->leaderships.end(), [&](const Leadership& leadership) {
      if (leadership.at < record.sent_at || leadership.leader < 1) return false;
      if (leadership.unclean) return true;
      const auto& destructions = ghost->replicas[static_cast<std::size_t>(leadership.leader - 1)].destructions;
      return std::any_of(destructions.begin(), destructions.end(), [&](const Destruction& lost) {
        return lost.how != Destroyed::truncation && lost.at >= record.sent_at && lost.at <= leadership.at && lost.from > offset + 1 && leadership.log_end < lost.from;
      });
    });
  }

  void settle_not_committed(RecordIndex r, bool present) {
    const LedgerRecord& record = ledger_.records[r];
    RecordFate& fate = out_.fates[r];
    fate.verdict = present ? Verdict::aborted_visible : Verdict::aborted_absent;
    if (present && !marker_may_be_gone(record, fate.offset)) violation("aborted-visible", "O7", r, name_of(r) + " stands committed at offset " + std::to_string(fate.offset) + ", but " + transaction_of(record) + " was not committed");
  }

  /// A commit whose answer nobody heard took place or did not, as a whole; and at the end every transaction is decided.
  void check_transactions() {
    struct Whole {
      std::int64_t visible = 0;
      RecordIndex missing = no_record;
    };
    std::vector<Whole> wholes(ledger_.transactions.size());
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) {
      const LedgerRecord& record = ledger_.records[r];
      if (!maybe_committed(record) || record.told == Told::refused) continue;
      Whole& whole = wholes[record.transaction];
      const PartitionEvidence* partition = partition_of(record);
      const bool unknowable = partition == nullptr || partition->deleted || partition->leader < 0 || excused(record) || (record.offset >= 0 && record.offset < partition->log_start);
      if (!copies_[r].empty()) {
        ++whole.visible;
      } else if (!unknowable && whole.missing == no_record) {
        whole.missing = r;
      }
    }
    for (const Whole& whole : wholes) {
      if (whole.visible == 0 || whole.missing == no_record) continue;
      violation("half-committed", "O7", whole.missing, name_of(whole.missing) + " is missing from " + transaction_of(ledger_.records[whole.missing]) + ", of which other records are committed");
    }
    if (!evidence_.healed) return;
    for (const UndecidedEvidence& undecided : evidence_.undecided) {
      if (undecided.unreachable || !undecided.overdue) continue;
      violation("undecided-transaction", "O9", no_record, "the transaction of " + undecided.transactional_id + " is still in " + undecided.state + ", long after its time ran out");
    }
    for (const PartitionEvidence& partition : evidence_.partitions) {
      if (partition.deleted || partition.leader < 0 || partition.last_stable_offset >= partition.high_watermark) continue;
      violation("hanging-transaction", "O9", no_record,
                "readers of committed records are stopped at offset " + std::to_string(partition.last_stable_offset) + " of " + partition.name + ", whose high watermark is " +
                    std::to_string(partition.high_watermark));
    }
  }

  /// A commit that succeeds says that each record of the transaction is there: one that failed has to fail it.
  void settle_failed(RecordIndex r, bool present) {
    const LedgerRecord& record = ledger_.records[r];
    out_.fates[r].verdict = present ? Verdict::failed_present : Verdict::failed_absent;
    if (present || !committed(record)) return;
    violation("incomplete-commit", "O8", r, name_of(r) + " was reported as " + record.error + " and is not in the log, but " + transaction_of(record) + " was committed");
  }

  void settle_acked(RecordIndex r, bool present) {
    const LedgerRecord& record = ledger_.records[r];
    RecordFate& fate = out_.fates[r];
    if (present) {
      fate.verdict = Verdict::acked_present;
      const bool there = std::any_of(copies_[r].begin(), copies_[r].end(), [&](const Copy& c) { return c.record->offset == record.offset; });
      // Where the beginning of the log was deleted, the acknowledged copy may be gone and only a surplus one be left.
      const bool deleted = record.offset < copies_[r].front().partition->log_start;
      fate.wrong_offset = record.offset >= 0 && !there && !deleted;
      if (fate.wrong_offset && producer_of(record).acks == -1 && !excused(record)) {
        violation("wrong-offset", "O8", r, name_of(r) + " was acknowledged at offset " + std::to_string(record.offset) + ", but stands at " + std::to_string(fate.offset));
      }
      if (record.offset >= 0) check_leaders(r);
      return;
    }
    if (maybe_committed(record)) {
      fate.verdict = Verdict::aborted_absent;
      return;
    }
    const PartitionEvidence* partition = partition_of(record);
    if (partition != nullptr && committed(record) && stands_undone(*partition, record)) {
      fate.verdict = Verdict::aborted_absent;
      if (evidence_.coordinator_state_lost) return;
      violation("commit-undone", "O7", r,
                name_of(r) + " was acknowledged at offset " + std::to_string(record.offset) + " and " + transaction_of(record) + " was committed, but the record stands there as aborted or undecided");
      return;
    }
    if (partition != nullptr && (partition->deleted || (record.offset >= 0 && record.offset < partition->log_start))) {
      fate.verdict = Verdict::acked_deleted;
      return;
    }
    if (partition != nullptr) {
      const bool held = std::any_of(partition->elsewhere.begin(), partition->elsewhere.end(),
                                    [&](const LogRecord& found) { return found.identity == record.identity; });
      if (held) {
        fate.verdict = Verdict::acked_unavailable;
        return;
      }
    }
    fate.verdict = Verdict::acked_lost;
    if (excused(record)) {
      // With the record went what the brokers knew of its producer.
      if (partition != nullptr) forgotten_.insert({record.producer, partition});
    } else if (producer_of(record).acks == -1) {
      violation("acked-lost", "O1", r, name_of(r) + " was acknowledged at offset " + std::to_string(record.offset) + " and is not in the log");
    }
  }

  /// A record that is there again at the end may have been gone in between: after its acknowledgement a leader began without it.
  void check_leaders(RecordIndex r) {
    const LedgerRecord& record = ledger_.records[r];
    if (producer_of(record).acks != -1) return;
    const GhostPartition* ghost = ghost_.find(static_cast<std::int32_t>(record.topic), record.partition);
    if (ghost == nullptr || excused(record)) return;
    for (const Leadership& leadership : ghost->leaderships) {
      if (leadership.at <= record.told_at || leadership.log_end > record.offset || leadership.unclean) continue;
      // A broker that comes back without its data still believes for a while that it leads, before anybody is let in.
      const broker::NodeMask itself = broker::mask_of(NodeId{leadership.leader});
      if (ghost_.excused(static_cast<std::int32_t>(record.topic), record.partition, record.offset, itself, record.sent_at)) continue;
      violation("transient-loss", "O1", r,
                name_of(r) + " was acknowledged at offset " + std::to_string(record.offset) + ", but b" + std::to_string(leadership.leader) + " began to lead with only " +
                    std::to_string(leadership.log_end) + " records");
      return;
    }
  }

  bool excused(const LedgerRecord& record) const {
    return ghost_.excused(static_cast<std::int32_t>(record.topic), record.partition, record.offset, record.holders, record.sent_at);
  }

  /// Adjacent inversions per producer over first copies, in the order of the log.
  void check_order(const PartitionEvidence& partition) {
    std::vector<std::pair<std::int64_t, RecordIndex>> firsts;
    firsts.reserve(partition.committed.size());
    for (RecordIndex r = 0; r < copies_.size(); ++r) {
      if (!copies_[r].empty() && copies_[r].front().partition == &partition) firsts.push_back({copies_[r].front().record->offset, r});
    }
    std::sort(firsts.begin(), firsts.end());
    // Two threads of one producer promise each other nothing.
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, RecordIndex> last;
    for (const auto& [offset, r] : firsts) {
      const LedgerRecord& record = ledger_.records[r];
      RecordIndex& previous = last.try_emplace(std::tuple(record.producer, record.incarnation, record.thread), no_record).first->second;
      if (previous != no_record && previous > r) {
        out_.fates[r].reordered = true;
        ++out_.counts.reordered;
        if (numbers_hold(record, partition) || one_after_the_other(r, previous)) {
          violation("reordered", "O3", r, name_of(r) + " stands behind " + name_of(previous) + " in " + partition.name);
        }
      }
      previous = r;
    }
  }

  /// With one request in flight a partition's next batch waits for the answer to the one before, whichever broker it
  /// went to. What was not acknowledged may still come from an old connection.
  bool one_after_the_other(RecordIndex a, RecordIndex b) const {
    const auto kept = [&](RecordIndex r) {
      const LedgerRecord& record = ledger_.records[r];
      return record.told == Told::acked && !record.forged && !excused(record);
    };
    const ProducerEvidence& producer = producer_of(ledger_.records[a]);
    return producer.one_in_flight && producer.acks == -1 && kept(a) && kept(b);
  }

  /// A sequence number is taken only when the one before it is in the log. So nothing that an idempotent producer sent
  /// later is acknowledged while an earlier record is under way that never arrives: that one has failed before.
  /// A broker that knows nothing of the producer takes any number, unless the log was empty (Kafka 4.5, KAFKA-15591):
  /// that is looked at only where the log begins with the later record, or holds an earlier one of the producer.
  void check_overtaken() {
    using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::int32_t>;
    const auto key_of = [](const LedgerRecord& record) {
      return Key{record.producer, record.incarnation, record.thread, record.topic, record.partition};
    };
    const auto acknowledged = [&](RecordIndex r) {
      return out_.fates[r].verdict == Verdict::acked_present && !ledger_.records[r].forged && !out_.fates[r].wrong_offset;
    };
    std::map<Key, RecordIndex> first_present;
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) {
      if (!copies_[r].empty()) first_present.try_emplace(key_of(ledger_.records[r]), r);
    }
    std::map<Key, RecordIndex> soonest;  // of the records behind the one that is looked at
    for (auto r = static_cast<RecordIndex>(ledger_.records.size()); r-- > 0;) {
      const LedgerRecord& record = ledger_.records[r];
      if (record.transaction != no_transaction) continue;
      if (acknowledged(r)) {
        RecordIndex& known = soonest.try_emplace(key_of(record), r).first->second;
        if (record.told_at <= ledger_.records[known].told_at) known = r;
        continue;
      }
      if (out_.fates[r].verdict != Verdict::failed_absent || record.forged) continue;
      const auto later = soonest.find(key_of(record));
      const PartitionEvidence* partition = partition_of(record);
      if (later == soonest.end() || partition == nullptr || partition->log_start > 0 || !numbers_hold(record, *partition)) continue;
      const LedgerRecord& other = ledger_.records[later->second];
      const bool known_before = first_present.at(key_of(record)) < r;
      if (other.told_at >= record.told_at || (other.offset != 0 && !known_before)) continue;
      violation("overtaken", "O3", r,
                name_of(later->second) + " was acknowledged while " + name_of(r) + ", sent before it, was still under way; that one failed with " + record.error + " and is missing from " + partition->name);
    }
  }

  /// KafkaProducer.flush returns when everything is answered that was sent before it was called.
  void check_flushes() {
    for (const LedgerFlush& flush : ledger_.flushes) {
      for (RecordIndex r = 0; r < flush.before; ++r) {
        const LedgerRecord& record = ledger_.records[r];
        if (record.producer != flush.producer || record.incarnation != flush.incarnation || record.thread != flush.thread) continue;
        if (record.told != Told::nothing && record.told_at <= flush.returned) continue;
        violation("flush-returned-early", "O8", r, "flush returned, but " + name_of(r) + ", sent before, was not answered yet");
      }
    }
  }

  /// Two logs may differ in what is not yet committed; after everything has healed, nowhere.
  void check_replicas(const PartitionEvidence& partition) {
    for (std::size_t i = 0; i < partition.replicas.size(); ++i) {
      for (std::size_t j = i + 1; j < partition.replicas.size(); ++j) {
        const ReplicaEvidence& a = partition.replicas[i];
        const ReplicaEvidence& b = partition.replicas[j];
        if (!a.alive || !b.alive) continue;
        const std::int64_t start = std::max(a.log_start, b.log_start);
        const std::int64_t end = evidence_.healed ? std::min(a.log_end, b.log_end) : std::min(a.high_watermark, b.high_watermark);
        const auto inside = [&](const ReplicaEvidence& replica) {
          std::vector<std::pair<std::int64_t, std::uint32_t>> part;
          for (const auto& batch : replica.batches) {
            if (batch.first >= start && batch.first < end) part.push_back(batch);
          }
          return part;
        };
        const auto in_a = inside(a);
        const auto in_b = inside(b);
        if (in_a == in_b) continue;
        const auto differs = std::mismatch(in_a.begin(), in_a.end(), in_b.begin(), in_b.end());
        const std::int64_t offset = differs.first != in_a.end() ? differs.first->first : differs.second->first;
        violation("replicas-differ", "O5", no_record,
                  partition.name + ": b" + std::to_string(a.broker) + " and b" + std::to_string(b.broker) + " hold different batches at offset " + std::to_string(offset));
      }
    }
  }

  const PartitionEvidence* partition_of(const SeenEvidence& seen) const {
    for (const PartitionEvidence& p : evidence_.partitions) {
      if (p.topic == seen.topic && p.number == seen.partition) return &p;
    }
    return nullptr;
  }

  static bool held_elsewhere(const PartitionEvidence& partition, const SeenEvidence& seen) {
    return std::any_of(partition.elsewhere.begin(), partition.elsewhere.end(),
                       [&](const LogRecord& found) { return found.offset == seen.offset && found.identity == seen.identity; });
  }

  /// What a consumer saw must still be at its offset.
  void check_seen(const std::vector<SeenEvidence>& all, bool witness) {
    for (const SeenEvidence& seen : all) {
      const PartitionEvidence* partition = partition_of(seen);
      if (partition == nullptr || partition->deleted || partition->leader < 0 || seen.offset < partition->log_start || held_elsewhere(*partition, seen)) continue;
      const auto at = std::lower_bound(partition->committed.begin(), partition->committed.end(), seen.offset,
                                       [](const LogRecord& record, std::int64_t offset) { return record.offset < offset; });
      const bool same = at != partition->committed.end() && at->offset == seen.offset && at->identity == seen.identity;
      if (same && seen.read_committed && !at->visible()) {
        violation("aborted-seen", "O7", no_record,
                  seen.consumer + " reads only what is committed, and yet read offset " + std::to_string(seen.offset) + " of " + partition->name + ", which is not");
        continue;
      }
      if (same || ghost_.excused(seen.topic, seen.partition, seen.offset, seen.holders, sim::SimTime{})) continue;
      violation(witness ? "witness-differs" : "seen-and-gone", "O6", no_record,
                seen.consumer + " read offset " + std::to_string(seen.offset) + " of " + partition->name + ", where another record or none stands at the end");
    }
  }

  /// The consumer that reads everything at the end must see just what the logs hold.
  void check_witness() {
    check_seen(evidence_.witness, true);
    for (const PartitionEvidence& partition : evidence_.partitions) {
      if (partition.deleted || partition.leader < 0) continue;
      // A witness that had to begin again reads the same offsets twice.
      std::vector<std::int64_t> offsets;
      for (const SeenEvidence& s : evidence_.witness) {
        if (s.topic == partition.topic && s.partition == partition.number && s.offset >= partition.log_start)
          offsets.push_back(s.offset);
      }
      std::sort(offsets.begin(), offsets.end());
      const auto seen = static_cast<std::size_t>(std::unique(offsets.begin(), offsets.end()) - offsets.begin());
      if (seen != partition.committed.size()) {
        violation("witness-differs", "O6", no_record,
                  "a consumer read " + std::to_string(seen) + " records of " + partition.name + ", which holds " + std::to_string(partition.committed.size()));
      }
      if (evidence_.transactional) check_committed_witness(partition);
    }
  }

  /// Who reads only what is committed must see just that, as far as everything is decided.
  void check_committed_witness(const PartitionEvidence& partition) {
    std::set<std::int64_t> seen;
    for (const SeenEvidence& s : evidence_.committed_witness) {
      if (s.topic == partition.topic && s.partition == partition.number && s.offset >= partition.log_start) seen.insert(s.offset);
    }
    std::set<std::int64_t> visible;
    for (const LogRecord& record : partition.committed) {
      if (record.visible() && record.offset < partition.last_stable_offset) visible.insert(record.offset);
    }
    if (seen == visible) return;
    violation("witness-differs", "O7", no_record,
              "a consumer that reads only what is committed read " + std::to_string(seen.size()) + " records of " + partition.name + ", where " + std::to_string(visible.size()) + " are");
  }

  void check_producers() {
    if (!evidence_.healed) return;
    for (const ProducerEvidence& producer : evidence_.producers) {
      if (producer.alive && !producer.closed && producer.buffer_available != producer.buffer_total) {
        violation("buffer-leak", "O10", no_record,
                  producer.name + " has " + std::to_string(producer.buffer_available) + " of " + std::to_string(producer.buffer_total) + " bytes of buffer.memory although nothing is under way");
      }
    }
  }

  void count() {
    Counts& c = out_.counts;
    c.sent = static_cast<std::int64_t>(ledger_.records.size());
    for (RecordIndex r = 0; r < ledger_.records.size(); ++r) {
      const RecordFate& fate = out_.fates[r];
      switch (fate.verdict) {
        case Verdict::acked_present: ++c.acked; break;
        case Verdict::acked_lost: ++c.acked, ++c.lost; break;
        case Verdict::acked_deleted: ++c.acked, ++c.deleted; break;
        case Verdict::acked_unavailable: ++c.acked, ++c.unavailable; break;
        case Verdict::failed_absent: ++c.failed; break;
        case Verdict::failed_present: ++c.failed, ++c.failed_present; break;
        case Verdict::refused: ++c.refused; break;
        case Verdict::stuck: ++c.stuck; break;
        case Verdict::untold_present:
        case Verdict::untold_absent: ++c.untold; break;
        case Verdict::aborted_absent:
        case Verdict::aborted_visible: ++c.aborted; break;
      }
      c.duplicated += fate.extra_copies;
      c.corrupted += fate.corrupted ? 1 : 0;
      c.wrong_offset += fate.wrong_offset ? 1 : 0;
    }
    // Copies of a payload beyond the first, whoever caused them: re-sends by the application count here too.
    // A refused record has no copies.
    for (auto first = by_identity_.begin(); first != by_identity_.end();) {
      std::int64_t copies = 0;
      auto next = first;
      for (; next != by_identity_.end() && next->first == first->first; ++next) copies += static_cast<std::int64_t>(copies_[next->second].size());
      c.duplicated_payloads += copies > 1 ? copies - 1 : 0;
      first = next;
    }
  }

  const Ledger& ledger_;
  const GhostState& ghost_;
  const Evidence& evidence_;
  Judgement out_;
  std::vector<std::pair<std::uint64_t, RecordIndex>> by_identity_;
  bool twins_ = false;  ///< some records cannot be told apart by their bytes
  std::vector<std::vector<Copy>> copies_;
  std::set<std::pair<std::uint32_t, const PartitionEvidence*>> forgotten_;  ///< producers whose numbers a partition's brokers lost with their records
  std::map<std::string, std::size_t> listed_;
};

}  // namespace

Judgement judge(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence) {
  return Judge{ledger, ghost, evidence}.run();
}

}  // namespace linger::scenarios
