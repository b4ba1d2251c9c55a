#include <string>
#include <string_view>
#include <utility>

#include "producer/failure.h"
#include "producer/kafka_producer.h"
#include "producer/waiting.h"

namespace linger {

namespace {

/// What Java's TimeoutException says had to come in time.
std::string_view awaited(TransactionCall call) {
  switch (call) {
    case TransactionCall::init_transactions:
      return "InitTransactions timed out - did not complete coordinator discovery or receive the InitProducerId "
             "response within max.block.ms.";
    case TransactionCall::send_offsets_to_transaction:
      return "SendOffsetsToTransaction timed out - did not reach the coordinator or receive the "
             "TxnOffsetCommit/AddOffsetsToTxn response within max.block.ms";
    case TransactionCall::commit_transaction:
      return "CommitTransaction timed out - did not complete EndTxn with the transaction coordinator within "
             "max.block.ms";
    case TransactionCall::abort_transaction:
      return "AbortTransaction timed out - did not complete EndTxn(abort) with the transaction coordinator within "
             "max.block.ms";
  }
  return {};
}

/// A member of a group has a name (Kafka: KafkaProducer.throwIfInvalidGroupMetadata).
bool is_valid(const ConsumerGroupMetadata& group) {
  return group.generation_id <= 0 || !group.member_id.empty();
}

}  // namespace

std::optional<KafkaError> KafkaProducer::cannot_use_transactions() const {
  if (!transactions_) {
    return illegal_state("Transactions need a transactional.id in the producer's settings");
  }
  if (!sender_.is_running()) return illegal_state("Cannot perform operation after producer has been closed");
  return std::nullopt;
}

template <class Begin>
CallResult KafkaProducer::begin_transaction_call(TransactionCall call, Instant now, Caller caller, Begin begin) {
  if (auto error = cannot_use_transactions()) return Thrown{std::move(*error)};
  SuspendedTransactionCall suspended;
  suspended.call = call;
  suspended.began_ns = now.mono_ns;
  suspended.deadline_ns = ns_after(now, config_->max_block_ms);
  {
    const OnSenderThread in_callback(&*transactions_, caller == Caller::callback);
    try {
      suspended.result = begin();
    } catch (const JavaThrow& thrown) {
      return Thrown{thrown.error()};
    }
  }
  wake_up();
  if (const SettledOrNot settled = resume_transaction_call(suspended, now)) {
    if (const auto* thrown = std::get_if<Thrown>(&*settled)) return *thrown;
    return Finished{};
  }
  return suspend(caller, suspended);
}

void KafkaProducer::record_transaction_call(const SuspendedTransactionCall& call, Instant now) {
  const auto took_ns = static_cast<double>(now.mono_ns - call.began_ns);
  switch (call.call) {
    case TransactionCall::init_transactions:
      metrics_.txn_init_ns += took_ns;
      return;
    case TransactionCall::send_offsets_to_transaction:
      metrics_.txn_send_offsets_ns += took_ns;
      return;
    case TransactionCall::commit_transaction:
      metrics_.txn_commit_ns += took_ns;
      return;
    case TransactionCall::abort_transaction:
      metrics_.txn_abort_ns += took_ns;
      return;
  }
}

KafkaProducer::SettledOrNot KafkaProducer::resume_transaction_call(const SuspendedTransactionCall& call, Instant now) {
  const TransactionalRequestResult& result = transactions_->result(call.result);
  if (!result.completed) {
    if (now.mono_ns < call.deadline_ns) return std::nullopt;
    transactions_->give_up(call.result);
    return Thrown{api_error(ErrorCode::request_timed_out,
                            "Timeout expired after " + std::to_string(config_->max_block_ms) + "ms while awaiting " +
                                std::string(result.operation) + ". " + std::string(awaited(call.call)))};
  }
  const std::optional<KafkaError> error = result.error;
  transactions_->acknowledge(call.result);
  if (error) return Thrown{*error};
  record_transaction_call(call, now);
  if (call.call == TransactionCall::init_transactions) {
    transactions_->maybe_update_transaction_v2_enabled(client_.api_versions(), true);
  }
  return Finished{};
}

CallResult KafkaProducer::init_transactions(Instant now, Caller caller) {
  return begin_transaction_call(TransactionCall::init_transactions, now, caller,
                                [this] { return transactions_->initialize_transactions(); });
}

CallResult KafkaProducer::begin_transaction(Caller caller) {
  if (auto error = cannot_use_transactions()) return Thrown{std::move(*error)};
  const OnSenderThread in_callback(&*transactions_, caller == Caller::callback);
  try {
    transactions_->begin_transaction();
  } catch (const JavaThrow& thrown) {
    return Thrown{thrown.error()};
  }
  return Finished{};
}

CallResult KafkaProducer::send_offsets_to_transaction(const OffsetsToCommit& offsets,
                                                      const ConsumerGroupMetadata& group, Instant now, Caller caller) {
  if (!is_valid(group)) {
    return Thrown{illegal_argument("The group metadata has generation " + std::to_string(group.generation_id) +
                                   " and no member id")};
  }
  if (auto error = cannot_use_transactions()) return Thrown{std::move(*error)};
  if (offsets.empty()) return Finished{};
  return begin_transaction_call(TransactionCall::send_offsets_to_transaction, now, caller,
                                [&] { return transactions_->send_offsets_to_transaction(offsets, group); });
}

CallResult KafkaProducer::commit_transaction(Instant now, Caller caller) {
  return begin_transaction_call(TransactionCall::commit_transaction, now, caller,
                                [this] { return transactions_->begin_commit(client_.api_versions()); });
}

CallResult KafkaProducer::abort_transaction(Instant now, Caller caller) {
  return begin_transaction_call(TransactionCall::abort_transaction, now, caller,
                                [this] { return transactions_->begin_abort(client_.api_versions()); });
}

}  // namespace linger
