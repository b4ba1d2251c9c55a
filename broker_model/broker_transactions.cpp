#include <cassert>

#include "broker_model/broker.h"
#include "broker_model/group_log.h"
#include "broker_model/transaction_log.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"

namespace linger::broker {
namespace {

constexpr std::int8_t group_key = 0;
constexpr std::int8_t transaction_key = 1;

/// Clients before the error was made know another one.
ErrorCode for_client(ErrorCode error, std::int16_t version, std::int16_t first_to_know) {
  return error == ErrorCode::producer_fenced && version < first_to_know ? ErrorCode::invalid_producer_epoch : error;
}

AddPartitionsToTxnResponse::AddPartitionsToTxnResult same_for_all(
    const std::string& transactional_id, const std::vector<AddPartitionsToTxnRequest::AddPartitionsToTxnTopic>& topics,
    ErrorCode error) {
  AddPartitionsToTxnResponse::AddPartitionsToTxnResult result;
  result.transactional_id = transactional_id;
  for (const auto& topic : topics) {
    auto& answered = result.topic_results.emplace_back();
    answered.name = topic.name;
    for (const std::int32_t partition : topic.partitions)
      answered.results_by_partition.push_back({partition, wire_code(error)});
  }
  return result;
}

sim::Bytes record_batch(std::int64_t timestamp_ms, const Bytes& key, const OptionalBytes& value) {
  MemoryRecordsBuilder builder{BatchOptions{}};
  Bytes buffer;
  builder.append(buffer, timestamp_ms, BytesView{key}, value);
  builder.close(buffer);
  return sim::Bytes::copy_of(builder.records(buffer));
}

}  // namespace

TransactionCoordinator::Context Broker::transaction_context(const TransactionCoordinator::ProducerIds& ids) const {
  return {wall_ms(),
          transaction_log_partitions(),
          config_.transaction_max_timeout_ms,
          config_.transactional_id_expiration_ms,
          image_->transaction_version(),
          ids,
          spec_.behaviour.bump_epoch_on_timeout_abort,
          spec_.behaviour.epoch_bump_per_txn};
}

std::int32_t Broker::transaction_log_partitions() const {
  const TopicImage* topic = image_->topic(transaction_state_topic);
  return topic == nullptr ? static_cast<std::int32_t>(config_.transaction_log_partitions)
                          : static_cast<std::int32_t>(topic->partitions.size());
}

// ---------------------------------------------------------------- FindCoordinator

FindCoordinatorResponse::Coordinator Broker::find_coordinator(std::int8_t type, const std::string& key) {
  FindCoordinatorResponse::Coordinator found;
  found.key = key;
  found.node_id = -1;
  found.port = -1;
  if (type != group_key && type != transaction_key) {
    found.error_code = wire_code(ErrorCode::invalid_request);
    return found;
  }
  const std::string_view name = type == transaction_key ? transaction_state_topic : offsets_topic;
  found.error_code = wire_code(ErrorCode::coordinator_not_available);
  const TopicImage* topic = image_->topic(name);
  if (topic == nullptr) {
    create_internal_topic(name);
    return found;
  }
  const std::int32_t part = coordinator_partition(key, static_cast<std::int32_t>(topic->partitions.size()));
  const NodeId leader{topic->partitions[static_cast<std::size_t>(part)].leader};
  const BrokerRegistration* broker = image_->broker(leader);
  if (broker == nullptr || broker->fenced) return found;
  found.error_code = wire_code(ErrorCode::none);
  found.node_id = leader.value();
  found.host = broker->host;
  found.port = broker->port;
  return found;
}

void Broker::handle_find_coordinator(Request request, Reader& reader) {
  const auto asked = body<FindCoordinatorRequest>(reader, request);
  if (!asked) return;
  FindCoordinatorResponse response;
  if (request.version >= 4) {
    for (const std::string& key : asked->coordinator_keys)
      response.coordinators.push_back(find_coordinator(asked->key_type, key));
  } else {
    const auto found = find_coordinator(asked->key_type, asked->key);
    const ErrorCode error = error_from_wire(found.error_code);
    response.error_code = found.error_code;
    response.error_message = std::string{error == ErrorCode::none ? "NONE" : error_message(error)};
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
  }
  answer(request, response);
}

/// What a coordinator's topic is created with. Compaction is not modelled: instead nothing is ever deleted.
CreateTopicsRequest Broker::internal_topic_request() const {
  const bool transactions = topic_creating_ == transaction_state_topic;
  CreateTopicsRequest request;
  request.timeout_ms = static_cast<std::int32_t>(config_.request_timeout_ms);
  auto& topic = request.topics.emplace_back();
  topic.name = topic_creating_;
  topic.num_partitions =
      static_cast<std::int32_t>(transactions ? config_.transaction_log_partitions : config_.offsets_topic_partitions);
  topic.replication_factor = static_cast<std::int16_t>(transactions ? config_.transaction_log_replication_factor
                                                                    : config_.offsets_topic_replication_factor);
  const auto set = [&](const char* key, std::string value) { topic.configs.push_back({key, std::move(value)}); };
  set("retention.ms", "-1");
  set("segment.bytes",
      std::to_string(transactions ? config_.transaction_log_segment_bytes : config_.offsets_topic_segment_bytes));
  if (transactions) {
    set("unclean.leader.election.enable", "false");
    set("min.insync.replicas", std::to_string(config_.transaction_log_min_isr));
  }
  return request;
}

void Broker::create_internal_topic(std::string_view name) {
  if (topic_creating_ == name || std::find(topics_wanted_.begin(), topics_wanted_.end(), name) != topics_wanted_.end())
    return;
  topics_wanted_.emplace_back(name);
}

// ---------------------------------------------------------------- requests

void Broker::handle_init_transactional(Request request, const InitProducerIdRequest& asked) {
  const ProducerIdAndEpoch named{ProducerId{asked.producer_id}, ProducerEpoch{asked.producer_epoch}};
  const bool has_id = named.id != no_producer_id;
  if (has_id != (named.epoch != no_producer_epoch)) {
    answer_transaction({request, 0, {}, {}, named}, {ErrorCode::invalid_request, {}});
    return;
  }
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  carry_out(coordinator_.init_producer_id(*asked.transactional_id, asked.transaction_timeout_ms,
                                          has_id ? std::optional{named} : std::nullopt, transaction_context(ids)),
            TransactionWaiter{request, 0, *asked.transactional_id, {}, named});
}

void Broker::handle_add_partitions_to_txn(Request request, Reader& reader) {
  auto asked = body<AddPartitionsToTxnRequest>(reader, request);
  if (!asked) return;
  const bool from_client = request.version < 4;
  if (from_client) {
    asked->transactions.assign(1, {asked->v3_and_below_transactional_id, asked->v3_and_below_producer_id,
                                   asked->v3_and_below_producer_epoch, false, asked->v3_and_below_topics});
  }
  if (asked->transactions.empty()) {
    answer(request, AddPartitionsToTxnResponse{});
    return;
  }
  const std::uint64_t number = ++waiters_;
  add_partitions_.push_back({number, request, {}, asked->transactions.size()});
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  const auto context = transaction_context(ids);
  for (const auto& transaction : asked->transactions) {
    PartitionSet partitions;
    bool any_wrong = false;
    auto result = same_for_all(transaction.transactional_id, transaction.topics, ErrorCode::operation_not_attempted);
    for (auto& topic : result.topic_results) {
      const TopicImage* image = image_->topic(topic.name);
      for (auto& data : topic.results_by_partition) {
        const bool exists = image != nullptr && image_->partition({image->id, data.partition_index}) != nullptr;
        const bool denied = from_client && is_internal_topic(topic.name);
        insert(partitions, {topic.name, data.partition_index});
        if (exists && !denied) continue;
        any_wrong = true;
        data.partition_error_code =
            wire_code(denied ? ErrorCode::topic_authorization_failed : ErrorCode::unknown_topic_or_partition);
      }
    }
    const ProducerIdAndEpoch producer{ProducerId{transaction.producer_id}, ProducerEpoch{transaction.producer_epoch}};
    if (any_wrong) {
      add_partitions_done(number, std::move(result));
    } else if (transaction.verify_only) {
      const auto errors = coordinator_.verify_partitions(transaction.transactional_id, producer, partitions, context);
      for (auto& topic : result.topic_results) {
        for (auto& data : topic.results_by_partition) {
          const auto at =
              std::lower_bound(partitions.begin(), partitions.end(), TopicPartition{topic.name, data.partition_index});
          data.partition_error_code = wire_code(errors[static_cast<std::size_t>(at - partitions.begin())]);
        }
      }
      add_partitions_done(number, std::move(result));
    } else {
      carry_out(coordinator_.add_partitions(transaction.transactional_id, producer, partitions,
                                            from_client ? std::int16_t{0} : transaction_version_2, context),
                TransactionWaiter{request, number, transaction.transactional_id, transaction.topics, producer});
    }
  }
}

void Broker::add_partitions_done(std::uint64_t number, AddPartitionsToTxnResponse::AddPartitionsToTxnResult result) {
  const auto batch = std::find_if(add_partitions_.begin(), add_partitions_.end(),
                                  [&](const AddPartitionsBatch& b) { return b.number == number; });
  assert(batch != add_partitions_.end());
  if (batch->request.version < 4) {
    batch->response.results_by_topic_v3_and_below = std::move(result.topic_results);
  } else {
    batch->response.results_by_transaction.push_back(std::move(result));
  }
  if (--batch->left > 0) return;
  answer(batch->request, batch->response);
  add_partitions_.erase(batch);
}

void Broker::handle_add_offsets_to_txn(Request request, Reader& reader) {
  const auto asked = body<AddOffsetsToTxnRequest>(reader, request);
  if (!asked) return;
  const PartitionSet partitions{{std::string{offsets_topic}, offsets_partition(asked->group_id)}};
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  const ProducerIdAndEpoch producer{ProducerId{asked->producer_id}, ProducerEpoch{asked->producer_epoch}};
  carry_out(coordinator_.add_partitions(asked->transactional_id, producer, partitions, 0, transaction_context(ids)),
            TransactionWaiter{request, 0, asked->transactional_id, {}, producer});
}

void Broker::handle_end_txn(Request request, Reader& reader) {
  const auto asked = body<EndTxnRequest>(reader, request);
  if (!asked) return;
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  const ProducerIdAndEpoch producer{ProducerId{asked->producer_id}, ProducerEpoch{asked->producer_epoch}};
  const std::int16_t version_of_client = request.version > 4 ? transaction_version_2 : std::int16_t{0};
  carry_out(coordinator_.end_transaction(asked->transactional_id, producer, asked->committed, version_of_client,
                                         transaction_context(ids)),
            TransactionWaiter{request, 0, asked->transactional_id, {}, producer});
}

void Broker::answer_transaction(const TransactionWaiter& waiter, const CoordinatorAnswer& result) {
  const Request& request = waiter.request;
  if (result.error == ErrorCode::producer_fenced) {
    Observation fenced;
    fenced.kind = Observation::Kind::producer_fenced;
    fenced.error = result.error;
    fenced.producer = waiter.producer.id;
    fenced.producer_epoch = waiter.producer.epoch;
    fenced.conn = request.conn;
    observe(fenced);
  }
  switch (request.api) {
    case ApiKey::init_producer_id: {
      InitProducerIdResponse response;
      response.error_code = wire_code(for_client(result.error, request.version, 4));
      response.producer_id = result.producer.id.value();
      response.producer_epoch = result.producer.epoch.value();
      answer(request, response);
      return;
    }
    case ApiKey::end_txn: {
      EndTxnResponse response;
      response.error_code = wire_code(for_client(result.error, request.version, 2));
      response.producer_id = result.producer.id.value();
      response.producer_epoch = result.producer.epoch.value();
      answer(request, response);
      return;
    }
    case ApiKey::add_offsets_to_txn: {
      AddOffsetsToTxnResponse response;
      response.error_code = wire_code(for_client(result.error, request.version, 2));
      answer(request, response);
      return;
    }
    default:
      assert(request.api == ApiKey::add_partitions_to_txn);
      add_partitions_done(waiter.batch, same_for_all(waiter.transactional_id, waiter.topics,
                                                     for_client(result.error, request.version, 2)));
      return;
  }
}

// ---------------------------------------------------------------- the transaction log

void Broker::carry_out(CoordinatorDecision decision, const std::optional<TransactionWaiter>& waiter) {
  if (auto* append = std::get_if<TransactionAppend>(&decision)) {
    write_transaction_log(std::move(*append), waiter);
  } else if (waiter) {
    answer_transaction(*waiter, std::get<CoordinatorAnswer>(decision));
  }
}

void Broker::write_transaction_log(TransactionAppend append, const std::optional<TransactionWaiter>& waiter) {
  if (const ErrorCode error = coordinator_.check_append(append); error != ErrorCode::none) {
    if (waiter) answer_transaction(*waiter, {error, {}});
    return;
  }
  const TopicImage* topic = image_->topic(transaction_state_topic);
  const TopicIdPartition id{topic == nullptr ? Uuid{} : topic->id, append.partition};
  const Bytes key = transaction_log_key(append.transactional_id);
  const bool tombstone = append.purpose == TransactionAppend::Purpose::expire;
  const Bytes value = tombstone ? Bytes{} : transaction_log_value(append.next, image_->transaction_version());
  const Duration timeout = Duration::ms(tombstone ? config_.request_timeout_ms : append.next.timeout_ms);
  AppendOrigin origin;
  origin.coordinator = true;
  append_own(id, record_batch(wall_ms(), key, tombstone ? OptionalBytes{} : OptionalBytes{BytesView{value}}), origin,
             timeout, TransactionLogWrite{std::move(append), waiter});
}

void Broker::finished(const TransactionLogWrite& write, ErrorCode error) {
  const TransactionAppend& append = write.append;
  const TransactionMetadata* metadata =
      coordinator_.find(append.transactional_id, append.partition, append.coordinator_epoch);
  const auto before = metadata == nullptr ? TransactionState::dead : metadata->state;
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  auto result = coordinator_.appended(append, error, transaction_context(ids));
  if (result.transitioned) {
    Observation changed;
    changed.kind = Observation::Kind::transaction_state;
    if (const TopicImage* topic = image_->topic(transaction_state_topic)) changed.topic = topic->id;
    changed.partition = append.partition;
    changed.from = static_cast<std::int64_t>(before);
    changed.to = static_cast<std::int64_t>(append.next.state);
    changed.producer = append.next.producer;
    changed.producer_epoch = append.next.epoch;
    changed.coordinator_epoch = append.coordinator_epoch;
    observe(changed);
  }
  if (write.waiter) answer_transaction(*write.waiter, result.answer);
  if (result.markers) write_markers(*result.markers);
  if (result.retry) {
    completions_.push_back(append);
    // Kafka's sender thread looks again whenever it wakes up, at the latest when a request would time out.
    completions_at_ = std::min(completions_at_, now_ + Duration::ms(config_.request_timeout_ms));
  }
}

/// What happens when an append of this broker's own is through may lead to the next one.
void Broker::finish_own_appends() {
  while (!finished_.empty() && life_ != BrokerLife::stopped) {
    std::vector<FinishedAppend> through;
    through.swap(finished_);
    for (const FinishedAppend& append : through) {
      const EventNumber before = cause_;
      cause_ = append.cause;
      handling_ = true;
      handler_done_ = std::max(now_, append.done);
      std::visit([&](const auto& then) { finished(then, append.error); }, append.then);
      handling_ = false;
      cause_ = before;
      if (life_ == BrokerLife::stopped) return;
    }
  }
}

// ---------------------------------------------------------------- coming to coordinate, and ceasing to

/// This broker began to lead a partition. Parts of a coordinator's log are read first, as long as that takes; until
/// then their ids are answered COORDINATOR_LOAD_IN_PROGRESS. The coordinator's epoch is the leader's.
void Broker::became_coordinator(const Partition& partition) {
  const TopicImage* topic = image_->topic(partition.id.topic);
  if (topic == nullptr || !is_internal_topic(topic->name)) return;
  if (topic->name == transaction_state_topic) {
    markers_.forget(partition.id.partition);
    coordinator_.begin_loading(partition.id.partition, partition.leader_epoch);
  } else {
    groups_.begin_loading(partition.id.partition, partition.leader_epoch);
  }
  const std::int64_t bytes = partition.log.bytes_between(partition.log.log_start(), partition.log.log_end());
  const Duration cost = scaled(spec_.cost.request + spec_.cost.for_bytes(static_cast<std::size_t>(bytes)));
  loads_.push_back({now_ + cost, partition.id, partition.leader_epoch});
}

void Broker::resigned_coordinator(const TopicIdPartition& id) {
  const auto is = [&](std::string_view name) {
    const TopicImage* topic = image_->topic(name);
    return topic != nullptr && topic->id == id.topic;
  };
  if (is(transaction_state_topic)) {
    coordinator_.resign(id.partition);
    markers_.forget(id.partition);
  } else if (is(offsets_topic)) {
    groups_.resign(id.partition);
  }
}

void Broker::load(const LogLoad& load) {
  const Partition* partition = find(load.id);
  if (partition == nullptr || !partition->is_leader() || partition->leader_epoch != load.epoch) return;
  const TopicImage* topic = image_->topic(load.id.topic);
  if (topic == nullptr) return;
  if (topic->name == transaction_state_topic) {
    load_transactions(*partition);
  } else {
    groups_.loaded(load.id.partition, load.epoch);
  }
}

void Broker::load_transactions(const Partition& partition) {
  std::map<std::string, TransactionMetadata> transactions;
  std::vector<std::byte> bytes;
  Bytes scratch;
  for (const LogEntry& entry : partition.log.entries()) {
    bytes.clear();
    entry.append_to(bytes);
    const RecordBatchView batch{BytesView{bytes}};
    RecordCursor records{batch, scratch};
    RecordView record;
    while (records.next(record)) {
      auto read = read_transaction_log(record.key, record.value);
      if (!read) continue;
      if (read->metadata) {
        transactions[read->transactional_id] = std::move(*read->metadata);
      } else {
        transactions.erase(read->transactional_id);
      }
    }
  }
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  for (const MarkersToWrite& verdict : coordinator_.loaded(partition.id.partition, partition.leader_epoch,
                                                           std::move(transactions), transaction_context(ids)))
    write_markers(verdict);
}

void Broker::do_transaction_work() {
  for (std::size_t i = 0; i < loads_.size();) {
    if (loads_[i].at > now_) {
      ++i;
      continue;
    }
    const LogLoad due = loads_[i];
    loads_.erase(loads_.begin() + static_cast<std::ptrdiff_t>(i));
    load(due);
  }
  std::erase_if(delayed_appends_, [&](DelayedAppend& delayed) {
    if (delayed.deadline > now_) return false;
    finished_.push_back({std::move(delayed.then), ErrorCode::request_timed_out, delayed.cause, now_});
    return true;
  });
  if (completions_at_ <= now_) {
    completions_at_ = SimTime::never();
    complete_transactions(std::exchange(completions_, {}));
  }
  // The task's beat goes on from the start of the process, whether there is anything to do or not.
  const auto beats = [&](SimTime& at, std::int64_t every_ms) {
    if (at > now_) return false;
    while (at <= now_) at = at + Duration::ms(every_ms);
    return coordinator_.active();
  };
  const TransactionCoordinator::ProducerIds ids = [this] { return next_producer_id(); };
  if (beats(transaction_abort_at_, config_.transaction_abort_interval_ms)) {
    for (TransactionAppend& abort : coordinator_.abort_timed_out(transaction_context(ids)))
      write_transaction_log(std::move(abort), std::nullopt);
  }
  if (beats(transaction_expiry_at_, config_.transaction_expiry_interval_ms)) {
    for (TransactionAppend& tombstone : coordinator_.expire_ids(transaction_context(ids)))
      write_transaction_log(std::move(tombstone), std::nullopt);
  }
}

}  // namespace linger::broker
