#include "producer/kafka_producer.h"

#include <algorithm>
#include <cassert>

#include "producer/failure.h"
#include "producer/waiting.h"

namespace linger {

namespace {

/// Java's sender spins when a batch is ready that may not be drained. Here such turns are a millisecond apart, the
/// least that any of its clocks can tell.
constexpr int idle_turns_before_rest = 2;

/// Sender and a caller in waitOnMetadata can wake each other without end while every node backs off: each rebootstrap
/// raises the metadata's version, which wakes the caller, who asks again. In Java only the processor's speed limits
/// that; here so many turns at one moment are followed by a rest.
constexpr int turns_before_spinning = 200;

Compression compression_of(const ProducerConfig& config) {
  switch (config.compression_type) {
    case CompressionSetting::gzip:
      return {CompressionType::gzip, config.compression_gzip_level};
    case CompressionSetting::lz4:
      return {CompressionType::lz4, config.compression_lz4_level};
    case CompressionSetting::zstd:
      return {CompressionType::zstd, config.compression_zstd_level};
    case CompressionSetting::snappy:
      return Compression::of(CompressionType::snappy);
    case CompressionSetting::none:
      break;
  }
  return Compression::of(CompressionType::none);
}

RecordAccumulator::Config accumulator_config(const ProducerConfig& config, const ProducerBehaviour& behaviour) {
  RecordAccumulator::Config accumulator;
  accumulator.batch_size = config.batch_size;
  accumulator.compression = compression_of(config);
  accumulator.linger_ms = config.linger_ms;
  accumulator.retry_backoff_ms = config.retry_backoff_ms;
  accumulator.retry_backoff_max_ms = config.retry_backoff_max_ms;
  accumulator.delivery_timeout_ms = config.delivery_timeout_ms;
  accumulator.adaptive_partitioning = config.partitioner_adaptive_partitioning_enable;
  accumulator.partition_availability_timeout_ms = config.partitioner_availability_timeout_ms;
  accumulator.buffer_memory = config.buffer_memory;
  accumulator.behaviour = behaviour;
  accumulator.metrics = metric_config(config);
  return accumulator;
}

Sender::Config sender_config(const ProducerConfig& config, const ProducerBehaviour& behaviour) {
  Sender::Config sender;
  sender.guarantee_message_order = config.max_in_flight_requests_per_connection == 1;
  sender.max_request_size = config.max_request_size;
  sender.acks = config.acks;
  sender.retries = config.retries;
  sender.request_timeout_ms = config.request_timeout_ms;
  sender.retry_backoff_ms = config.retry_backoff_ms;
  sender.behaviour = behaviour;
  sender.metrics = metric_config(config);
  return sender;
}

std::vector<HostAndPort> resolvable_bootstrap_servers(const ProducerConfig& config, const HostResolution& resolution) {
  std::vector<HostAndPort> servers;
  std::copy_if(config.bootstrap_servers.begin(), config.bootstrap_servers.end(), std::back_inserter(servers),
               [&](const HostAndPort& server) { return !resolution.resolve(server.host).empty(); });
  return servers;
}

class PoolReader final : public SlotReader {
 public:
  explicit PoolReader(const BufferPool& pool) : pool_(pool) {}
  BytesView read(const BatchBytes& range) override { return pool_.read(range); }

 private:
  const BufferPool& pool_;
};

}  // namespace

std::optional<KafkaError> KafkaProducer::check_bootstrap_servers(const ProducerConfig& config,
                                                                 const HostResolution& resolution) {
  if (!resolvable_bootstrap_servers(config, resolution).empty()) return std::nullopt;
  return KafkaError{ErrorFamily::kafka, "ConfigException", "No resolvable bootstrap urls given in bootstrap.servers",
                    ErrorCode::unknown_server_error};
}

KafkaProducer::KafkaProducer(const ProducerConfig& config, Instant now, Entropy& entropy,
                             const ProducerBehaviour& behaviour, const HostResolution& resolution)
    : config_(std::make_shared<const ProducerConfig>(config)),
      client_(network_client_config(config), ProducerMetadata(metadata_config(config)), resolution),
      accumulator_(accumulator_config(config, behaviour)),
      sender_(sender_config(config, behaviour)) {
  assert(!check_bootstrap_servers(config, resolution));
  if (config.enable_idempotence) {
    transactions_.emplace(config.transactional_id, config.transaction_timeout_ms, config.retry_backoff_ms, behaviour,
                          config.transaction_two_phase_commit_enable);
  }
  client_.metadata().bootstrap(resolvable_bootstrap_servers(config, resolution), entropy);
  turn_.began_ns = now.mono_ns;
  start_time_ms_ = now.wall_ms;
}

SenderContext KafkaProducer::context(Instant now, Entropy& entropy) {
  return {client_, client_.metadata(), accumulator_, transactions_ ? &*transactions_ : nullptr, entropy, now};
}

std::size_t KafkaProducer::pull(ClientConnectionId connection, std::size_t max_bytes, Bytes& out) {
  PoolReader reader(accumulator_.pool());
  return client_.pull(connection, max_bytes, reader, out);
}

std::optional<std::int64_t> KafkaProducer::poll(Instant now, Entropy& entropy, const ProducerPlugins& plugins) {
  assert(accumulator_.completions().records.empty());
  if (!calls_.empty()) resume_calls(now, entropy, plugins);
  while (alive_ && !blocked_in_callback() && step(now, entropy)) {
    if (!accumulator_.completions().records.empty()) {
      tell_interceptors(plugins);
      // The callbacks come before anything else that this thread does, and before other threads that it woke.
      return 0;
    }
    if (!calls_.empty()) resume_calls(now, entropy, plugins);
  }
  const std::optional<std::int64_t> for_calls = next_call_deadline_ms(now);
  const std::optional<std::int64_t> for_sender = next_step_ms(now);
  if (for_calls && for_sender) return std::min(*for_calls, *for_sender);
  return for_calls ? for_calls : for_sender;
}

bool KafkaProducer::needs_poll() const {
  if (!alive_ || blocked_in_callback()) return false;
  const bool sleeping = blocked_ && blocked_->on == Sender::Blocked::On::sleep;
  return !sleeping && ((wakeup_ && !spinning_) || client_.something_is_ready());
}

bool KafkaProducer::step(Instant now, Entropy& entropy) {
  client_.set_nanoseconds(now.mono_ns);
  const SenderContext sender_context = context(now, entropy);
  if (!blocked_) {
    if (is_resting(now)) return false;
    if (!sender_.wants_another_run(sender_context)) {
      end_thread(now, entropy);
      return true;
    }
    turn_.at_this_instant = turn_.began_ns == now.mono_ns ? turn_.at_this_instant + 1 : 0;
    turn_.began_ns = now.mono_ns;
    turn_.requests_before = client_.requests_made();
    turn_.something_came = false;
    sender_.before_run(sender_context);
    come_to_rest(sender_.begin_run(sender_context), now);
    return true;
  }

  const bool in_client_poll = blocked_->on == Sender::Blocked::On::client_poll;
  std::vector<ClientResponse> responses;
  try {
    if (in_client_poll && !poll_begun_) {
      block_until_ns_ = std::min(block_until_ns_, ns_after(now, client_.begin_poll(now.wall_ms, entropy)));
      poll_begun_ = true;
    }
    if (!block_is_over(now)) return false;
    if (in_client_poll) {
      turn_.something_came = turn_.something_came || wakeup_ || client_.something_is_ready();
      wakeup_ = false;
      responses = client_.poll(now, entropy);
    }
  } catch (const JavaThrow& thrown) {
    sender_.abandon_run(thrown.error());
    come_to_rest(std::nullopt, now);
    return true;
  }
  turn_.something_came = turn_.something_came || !responses.empty();
  come_to_rest(sender_.continue_run(sender_context, responses), now);
  return true;
}

bool KafkaProducer::block_is_over(Instant now) const {
  if (now.mono_ns >= block_until_ns_) return true;
  return blocked_->on == Sender::Blocked::On::client_poll && (wakeup_ || client_.something_is_ready());
}

void KafkaProducer::come_to_rest(std::optional<Sender::Blocked> blocked, Instant now) {
  blocked_ = blocked;
  poll_begun_ = false;
  if (blocked_) {
    block_until_ns_ = ns_after(now, blocked_->timeout_ms);
  } else {
    end_turn(now);
  }
}

void KafkaProducer::end_turn(Instant now) {
  const bool idle = turn_.began_ns == now.mono_ns && turn_.requests_before == client_.requests_made() &&
                    !turn_.something_came && accumulator_.completions().records.empty();
  turn_.idle_in_a_row = idle ? turn_.idle_in_a_row + 1 : 0;
  if (turn_.idle_in_a_row >= idle_turns_before_rest) rest_until_ns_ = ns_after(now, 1);
  spinning_ = turn_.at_this_instant >= turns_before_spinning;
  if (spinning_) {
    turn_.at_this_instant = 0;
    rest_until_ns_ = ns_after(now, 1);
  }
}

bool KafkaProducer::is_resting(Instant now) const {
  return now.mono_ns < rest_until_ns_ && (!wakeup_ || spinning_) && !client_.something_is_ready();
}

void KafkaProducer::end_thread(Instant now, Entropy& entropy) {
  sender_.finish(context(now, entropy));
  client_.close(now.wall_ms);
  alive_ = false;
}

std::optional<std::int64_t> KafkaProducer::next_step_ms(Instant now) const {
  if (!alive_ || blocked_in_callback()) return std::nullopt;
  if (blocked_) return block_is_over(now) ? 0 : ms_until(now, block_until_ns_);
  return is_resting(now) ? ms_until(now, rest_until_ns_) : 0;
}

void KafkaProducer::tell_interceptors(const ProducerPlugins& plugins) {
  const RecordCompletions& completions = accumulator_.completions();
  interceptor_states_.resize(std::max(interceptor_states_.size(), plugins.interceptors.size()));
  for (std::size_t i = 0; i < plugins.interceptors.size(); ++i) {
    for (const RecordCompletion& report : completions.records) {
      const KafkaError* error = report.ok() ? nullptr : &completions.errors[report.error];
      plugins.interceptors[i]->on_acknowledgement(interceptor_states_[i],
                                                  {report, accumulator_.topic_name(report.topic), error});
    }
  }
}

}  // namespace linger
