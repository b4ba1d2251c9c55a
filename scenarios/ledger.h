#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/ids.h"
#include "sim/ids.h"
#include "sim/time.h"

namespace linger::scenarios {

/// Index of a record in the ledger: the order in which the applications called send.
using RecordIndex = std::uint32_t;
inline constexpr RecordIndex no_record = 0xffff'ffffU;
/// Index of a transaction in the ledger: the order in which the applications began them.
using TransactionIndex = std::uint32_t;
inline constexpr TransactionIndex no_transaction = 0xffff'ffffU;

/// What the application was told about a record.
enum class Told : std::uint8_t {
  nothing,  ///< the answer has not come (yet)
  acked,    ///< success, with an offset
  failed,   ///< the record was accepted, and an error was reported for it later
  refused,  ///< send itself turned it away: thrown, or a future that had failed before the record got into a batch
};

/// One record that an application sent: what it asked and what it was told. Truth is kept elsewhere (GhostState).
struct LedgerRecord {
  std::uint32_t producer = 0;     ///< index of the producer in the scenario
  std::uint32_t incarnation = 0;  ///< 0 for the first process, one more after each restart of the application
  std::uint64_t number = 0;       ///< per producer, from 0: what is shown as r0, r1, …
  std::uint32_t thread = 0;
  std::uint32_t topic = 0;       ///< index into the world's topics
  std::int32_t partition = -1;   ///< -1: not known (yet)
  std::uint64_t identity = 0;    ///< of the bytes: see record_identity
  std::uint32_t value_bytes = 0;
  RecordIndex resend_of = no_record;
  sim::SimTime sent_at;
  sim::SimTime told_at;
  Told told = Told::nothing;
  bool forged = false;    ///< the answer that decided its fate was forged by a fault: the system is not blamed for it
  bool definite = false;  ///< failed: the error says that the record is not in the log (not a timeout, not a broken connection)
  std::int64_t offset = -1;
  std::int64_t timestamp = -1;
  std::uint64_t holders = 0;  ///< acked: the brokers in ISR ∪ ELR at that moment, one bit each as in broker::NodeMask
  std::string error;          ///< failed, refused: Java's exception class
  sim::EventNumber told_by;   ///< the event in which it was told
  TransactionIndex transaction = no_transaction;
};

/// One transaction, as far as its application knows.
struct LedgerTransaction {
  /// Where it stands: begun; commit asked for and not answered; committed; abort asked for and not answered; aborted.
  enum class State : std::uint8_t { open, committing, committed, aborting, aborted };
  std::uint32_t producer = 0;
  std::uint32_t incarnation = 0;
  std::uint64_t number = 0;  ///< per producer, from 0
  State state = State::open;
  sim::SimTime began;
  sim::SimTime ended;
  std::string error;  ///< why its commit or abort failed, the last time
};

/// A record that was sent for the sake of one that was read.
struct LedgerTransfer {
  RecordIndex record = no_record;
  std::uint32_t topic = 0;  ///< of what was read
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t identity = 0;  ///< of what was read
};

/// An application found nothing more to transfer.
struct LedgerTransferEnd {
  std::uint32_t producer = 0;
  std::uint32_t step = 0;
  std::vector<std::pair<std::int32_t, std::int64_t>> read_to;  ///< partition and position
};

/// A flush that has returned: what its thread had sent before must have been answered by then.
struct LedgerFlush {
  std::uint32_t producer = 0;
  std::uint32_t incarnation = 0;
  std::uint32_t thread = 0;
  RecordIndex before = 0;  ///< it was called when this many records had been sent, by anybody
  sim::SimTime returned;
};

/// Everything that the applications of a run asked and heard. Append-only but for the answer.
struct Ledger {
  std::vector<LedgerRecord> records;
  std::vector<LedgerTransaction> transactions;
  std::vector<LedgerTransfer> transfers;  ///< by record
  std::vector<LedgerTransferEnd> transfer_ends;
  std::vector<LedgerFlush> flushes;
  std::uint64_t untold = 0;  ///< records whose answer is still open

  RecordIndex sent(LedgerRecord&& record);
  void acked(RecordIndex index, std::int32_t partition, std::int64_t offset, std::int64_t timestamp, sim::SimTime now,
             sim::EventNumber event, std::uint64_t holders);
  void failed(RecordIndex index, std::string error, bool definite, sim::SimTime now, sim::EventNumber event);
  void refused(RecordIndex index, std::string error, sim::SimTime now, sim::EventNumber event);

 private:
  /// A record whose answer comes now. A transactional producer's send can throw when the record already lies in a batch (KafkaProducer.doSend); its
  /// callback is called all the same, and what that says counts.
  LedgerRecord& to_answer(RecordIndex index);
};

/// Names a record by what a consumer would see of it: topic, key, value and headers. Two records with equal bytes share an identity.
/// `nothing` and `empty` differ.
class IdentityHash {
 public:
  explicit IdentityHash(std::uint32_t topic);
  void add(const std::byte* data, std::int64_t size);  ///< size -1: null
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

}  // namespace linger::scenarios
