#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "producer/kafka_producer.h"
#include "producer/waiting.h"

namespace linger {

namespace {

/// std::visit with one lambda for each alternative.
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::string_view call_name(TransactionCall call) {
  constexpr std::array<std::string_view, 4> names{"initTransactions", "sendOffsetsToTransaction", "commitTransaction",
                                                  "abortTransaction"};
  return names[static_cast<std::size_t>(call)];
}

}  // namespace

Ticket KafkaProducer::suspend(Caller caller, SuspendedCall::State state) {
  const Ticket ticket{next_ticket_++};
  calls_.push_back(SuspendedCall{ticket, caller, std::move(state)});
  return ticket;
}

CallResult KafkaProducer::flush(Instant now, Caller caller) {
  if (caller == Caller::callback) {
    return Thrown{kafka_exception(
        "KafkaProducer.flush() invocation inside a callback is not permitted because it may lead to deadlock.")};
  }
  accumulator_.begin_flush();
  wake_up();
  const RecordAccumulator::FlushId id = accumulator_.await_flush_completion();
  if (!accumulator_.is_flush_complete(id)) return suspend(caller, SuspendedFlush{id, now.mono_ns});
  accumulator_.end_flush(id);
  return Finished{};
}

CallResult KafkaProducer::close(std::int64_t timeout_ms, Instant now, Caller caller) {
  if (timeout_ms < 0) return Thrown{illegal_argument("The timeout cannot be negative.")};
  if (!alive_) return Finished{};
  wake_up();
  if (timeout_ms == 0 || caller == Caller::callback) {
    sender_.force_close(accumulator_);
    if (caller == Caller::callback) return Finished{};
    return suspend(caller, SuspendedClose{});
  }
  sender_.initiate_close(accumulator_);
  return suspend(caller, SuspendedClose{ns_after(now, timeout_ms)});
}

PartitionsResult KafkaProducer::partitions_for(const std::string& topic, Instant now, Caller caller) {
  SuspendedPartitionsFor call;
  call.wait.topic = topic;
  call.wait.max_wait_ms = config_->max_block_ms;
  WaitResult waited = begin_wait_on_metadata(call.wait, now);
  if (auto* error = std::get_if<KafkaError>(&waited)) return Thrown{std::move(*error)};
  if (std::holds_alternative<HaveMetadata>(waited)) return client_.metadata().fetch().partitions_for_topic(topic);
  return suspend(caller, std::move(call));
}

bool KafkaProducer::some_call_blocks_the_sender() const {
  return std::any_of(calls_.begin(), calls_.end(),
                     [](const SuspendedCall& call) { return call.caller == Caller::callback; });
}

void KafkaProducer::resume_calls(Instant now, Entropy& entropy, const ProducerPlugins& plugins) {
  for (std::size_t i = 0; i < calls_.size();) {
    if (SettledOrNot result = resume(calls_[i], now, entropy, plugins)) {
      settlements_.push_back(Settlement{calls_[i].ticket, std::move(*result)});
      calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

KafkaProducer::SettledOrNot KafkaProducer::resume(SuspendedCall& call, Instant now, Entropy& entropy,
                                                  const ProducerPlugins& plugins) {
  if (auto* partitions = std::get_if<SuspendedPartitionsFor>(&call.state))
    return resume_partitions_for(partitions->wait, now);
  if (const auto* flush = std::get_if<SuspendedFlush>(&call.state)) {
    if (!accumulator_.is_flush_complete(flush->id)) return std::nullopt;
    accumulator_.end_flush(flush->id);
    metrics_.flush_ns += static_cast<double>(now.mono_ns - flush->began_ns);
    return Finished{};
  }
  if (auto* closing = std::get_if<SuspendedClose>(&call.state)) {
    if (!alive_) return Finished{};
    if (closing->deadline_ns && now.mono_ns >= *closing->deadline_ns) {
      closing->deadline_ns.reset();
      sender_.force_close(accumulator_);
      wake_up();
    }
    return std::nullopt;
  }
  if (const auto* transaction = std::get_if<SuspendedTransactionCall>(&call.state)) {
    return resume_transaction_call(*transaction, now);
  }
  return resume_send(call, now, entropy, plugins);
}

KafkaProducer::SettledOrNot KafkaProducer::resume_partitions_for(MetadataWait& wait, Instant now) {
  WaitResult waited = continue_wait_on_metadata(wait, now);
  if (auto* error = std::get_if<KafkaError>(&waited)) return Thrown{std::move(*error)};
  if (std::holds_alternative<StillWaiting>(waited)) return std::nullopt;
  return client_.metadata().fetch().partitions_for_topic(wait.topic);
}

KafkaProducer::SettledOrNot KafkaProducer::resume_send(SuspendedCall& call, Instant now, Entropy& entropy,
                                                       const ProducerPlugins& plugins) {
  std::vector<RecordHeader> headers;
  const auto settled = [](SendResult result) -> SettledOrNot {
    if (auto* sent = std::get_if<Sent>(&result)) return std::move(*sent);
    if (auto* thrown = std::get_if<Thrown>(&result)) return std::move(*thrown);
    return std::nullopt;
  };
  if (auto* in_metadata = std::get_if<SendInMetadata>(&call.state)) {
    WaitResult waited = continue_wait_on_metadata(in_metadata->wait, now);
    if (std::holds_alternative<StillWaiting>(waited)) return std::nullopt;
    const ProducerRecord own = std::move(in_metadata->record);
    const RecordToSend record = own.view(headers);
    if (const auto* error = std::get_if<KafkaError>(&waited)) {
      return settled(send_failed(record, unknown_partition, closed_while_sending(*error), now, plugins));
    }
    const std::int64_t waited_ms = std::get<HaveMetadata>(waited).waited_ms;
    return settled(send_with_metadata(record, waited_ms, now, entropy, plugins, call.caller, &call));
  }

  auto& in_memory = std::get<SendInMemory>(call.state);
  if (!accumulator_.pool().should_resume(in_memory.blocked.waiter, now)) return std::nullopt;
  const RecordToSend record = in_memory.record.view(headers);
  RecordToAppend to_append;
  to_append.record = record.record;
  to_append.topic = record.topic;
  to_append.partition = record.partition.value_or(unknown_partition);
  to_append.timestamp = in_memory.timestamp;
  to_append.key = record.key;
  to_append.value = record.value;
  to_append.headers = record.headers;
  const AppendResult result =
      accumulator_.resume_append(in_memory.blocked, to_append, now, in_memory.snapshot->cluster, entropy);
  if (result.status == AppendResult::Status::would_block) {
    in_memory.blocked = result;
    return std::nullopt;
  }
  return settled(appended(record, result, now, plugins));
}

std::optional<std::int64_t> KafkaProducer::next_call_deadline_ms(Instant now) const {
  std::optional<std::int64_t> next;
  const auto wait_for = [&next](std::int64_t ms) {
    ms = std::max<std::int64_t>(ms, 0);
    next = next ? std::min(*next, ms) : ms;
  };
  for (const SuspendedCall& call : calls_) {
    std::visit(
        Overloaded{
            [&](const SendInMetadata& send) { wait_for(send.wait.deadline_ms - now.wall_ms); },
            [&](const SuspendedPartitionsFor& partitions) { wait_for(partitions.wait.deadline_ms - now.wall_ms); },
            [&](const SendInMemory& send) {
              if (accumulator_.pool().should_resume(send.blocked.waiter, now)) wait_for(0);
              if (const auto at = accumulator_.pool().deadline_ns(send.blocked.waiter)) wait_for(ms_until(now, *at));
            },
            [](const SuspendedFlush&) {},
            [&](const SuspendedClose& close) {
              if (close.deadline_ns) wait_for(ms_until(now, *close.deadline_ns));
            },
            [&](const SuspendedTransactionCall& call) {
              const bool completed = transactions_->result(call.result).completed;
              wait_for(completed ? 0 : ms_until(now, call.deadline_ns));
            },
        },
        call.state);
  }
  return next;
}

std::vector<std::pair<Ticket, std::string>> KafkaProducer::waiting_calls() const {
  std::vector<std::pair<Ticket, std::string>> waiting;
  for (const SuspendedCall& call : calls_) {
    waiting.emplace_back(
        call.ticket,
        std::visit(
            Overloaded{
                [](const SendInMetadata& send) { return "send waits for metadata of topic " + send.wait.topic; },
                [](const SendInMemory&) { return std::string("send waits for memory"); },
                [](const SuspendedPartitionsFor& partitions) {
                  return "partitionsFor waits for metadata of topic " + partitions.wait.topic;
                },
                [](const SuspendedFlush&) { return std::string("flush waits for batches that are not complete"); },
                [](const SuspendedClose&) { return std::string("close waits for the sender to end"); },
                [](const SuspendedTransactionCall& call) {
                  return std::string(call_name(call.call)) + " waits for a coordinator";
                },
            },
            call.state));
  }
  return waiting;
}

}  // namespace linger
