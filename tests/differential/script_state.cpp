#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "producer/clients/request_encoding.h"
#include "tests/differential/script.h"

namespace linger::differential {

void Script::show_new_requests() {
  for (const ClientRequest& request : client_->requests()) {
    const auto* produce = std::get_if<ProduceRequestBuilder>(&request.builder);
    if (produce == nullptr || shown_.contains(request.correlation_id.value())) {
      continue;
    }
    std::vector<ShownBatch>& shown = shown_[request.correlation_id.value()];
    for (const ProduceRequestBatch& part : produce->batches) {
      const BytesView bytes = accumulator_->pool().read(part.records);
      const RecordBatchHeader header = load_batch_header(bytes);
      ShownBatch batch;
      batch.records = header.record_count;
      batch.json["tp"] = part.partition.describe();
      batch.json["pid"] = header.producer.id.value();
      batch.json["ep"] = header.producer.epoch.value();
      batch.json["seq"] = header.base_sequence;
      batch.json["n"] = header.record_count;
      for (const BatchId id : sender_->in_flight_batches(part.partition)) {
        const ProducerBatch& in_flight = accumulator_->batches()[id];
        if (in_flight.buffer() == BufferRef{part.records.slot, part.records.generation}) {
          batch.json["att"] = in_flight.attempts();
        }
      }
      if (wire_) {
        batch.json["bytes"] = bytes.size();
        batch.json["crc"] = header.crc;
      }
      if (hex_) {
        std::string hex;
        for (const std::byte byte : bytes) {
          char digits[3];
          std::snprintf(digits, sizeof digits, "%02x", std::to_integer<unsigned>(byte));
          hex += digits;
        }
        batch.json["hex"] = hex;
      }
      shown.push_back(std::move(batch));
    }
  }
}

Json Script::show(const ClientRequest& request) const {
  Json shown;
  shown["id"] = request.correlation_id.value();
  shown["api"] = std::string(api_name(request.api_key));
  shown["node"] = request.destination.value();
  shown["at"] = request.created_time_ms - start_ms_;
  if (const auto* produce = std::get_if<ProduceRequestBuilder>(&request.builder)) {
    shown["v"] = produce->latest_allowed_version;
    shown["acks"] = produce->acks;
    if (produce->transactional_id) {
      shown["txn"] = *produce->transactional_id;
    }
    Json& batches = shown["b"] = Json::array();
    for (const ShownBatch& batch : shown_.at(request.correlation_id.value())) {
      batches.push_back(batch.json);
    }
    return shown;
  }
  const AnyRequestBuilder any =
      std::visit([](const auto& builder) { return AnyRequestBuilder(builder); }, request.builder);
  shown["v"] = built_version(any, allowed_versions(any).max);
  if (const auto* init = std::get_if<InitProducerIdRequest>(&request.builder)) {
    shown["txn"] = init->transactional_id ? Json(*init->transactional_id) : Json(nullptr);
    shown["pid"] = init->producer_id;
    shown["ep"] = init->producer_epoch;
  } else if (const auto* end = std::get_if<EndTxnRequestBuilder>(&request.builder)) {
    shown["pid"] = end->request.producer_id;
    shown["ep"] = end->request.producer_epoch;
    shown["commit"] = end->request.committed;
  } else if (const auto* add = std::get_if<AddPartitionsToTxnRequest>(&request.builder)) {
    std::set<std::string> partitions;
    for (const auto& topic : add->v3_and_below_topics) {
      for (const std::int32_t partition : topic.partitions) {
        partitions.insert(TopicPartition{topic.name, partition}.describe());
      }
    }
    shown["tps"] = partitions;
  } else if (const auto* offsets = std::get_if<AddOffsetsToTxnRequest>(&request.builder)) {
    shown["group"] = offsets->group_id;
    shown["pid"] = offsets->producer_id;
    shown["ep"] = offsets->producer_epoch;
  } else if (const auto* commit = std::get_if<TxnOffsetCommitRequestBuilder>(&request.builder)) {
    shown["group"] = commit->request.group_id;
    shown["pid"] = commit->request.producer_id;
    shown["ep"] = commit->request.producer_epoch;
    Json& committed = shown["offsets"] = Json::object();
    for (const auto& topic : commit->request.topics) {
      for (const auto& partition : topic.partitions) {
        committed[TopicPartition{topic.name, partition.partition_index}.describe()] = partition.committed_offset;
      }
    }
  }
  return shown;
}

void Script::show_metrics(Json& out) {
  MetricList list(metric_config_, clock_ms_, client_id_);
  accumulator_->list_metrics(list);
  sender_->list_metrics(list, *accumulator_, *client_, *metadata_, now());
  Json& shown = out["metrics"] = Json::object();
  for (const Metric& metric : list.take()) shown[metric.full_name()] = describe(metric.value);
}

void Script::show_results(Json& out) {
  std::erase_if(waiting_, [&](const auto& entry) {
    const auto& [call, id] = entry;
    const TransactionalRequestResult result = transactions_->result(id);
    if (!result.completed) {
      return false;
    }
    out["result_" + call] = result.successful() ? "ok" : result.error->exception;
    if (call == "init" && result.successful()) {
      transactions_->maybe_update_transaction_v2_enabled(client_->api_versions(), true);
    }
    transactions_->acknowledge(id);
    return true;
  });
}

Json Script::show_batches(const std::vector<BatchId>& ids, const BatchTable& batches, std::int64_t start_ms) {
  Json shown = Json::array();
  for (const BatchId id : ids) {
    const ProducerBatch& batch = batches[id];
    shown.push_back(
        Json::array({batch.record_count(), batch.base_sequence(), batch.attempts(), batch.created_ms() - start_ms}));
  }
  return shown;
}

Json Script::show_partition(const TopicPartition& partition) {
  Json shown = Json::object();
  const BatchTable& batches = accumulator_->batches();
  const std::vector<BatchId>* queue = accumulator_->deque(partition);
  if (queue != nullptr && !queue->empty()) {
    shown["q"] = show_batches(*queue, batches, start_ms_);
  }
  if (const std::vector<BatchId>& in_flight = sender_->in_flight_batches(partition); !in_flight.empty()) {
    shown["f"] = show_batches(in_flight, batches, start_ms_);
  }
  if (transactions_) {
    if (const TxnPartitionEntry* entry = transactions_->txn_partition_map().find(partition)) {
      shown["next"] = entry->next_sequence();
      shown["ack"] = entry->last_acked_sequence().value_or(-1);
      shown["aoff"] = entry->last_acked_offset().value_or(-1);
      const std::int32_t first = transactions_->first_in_flight_sequence(partition, batches);
      if (first >= 0) {
        shown["first"] = first;
      }
      const ProducerIdAndEpoch& identity = transactions_->producer_id_and_epoch(partition);
      shown["pe"] = Json::array({identity.id.value(), identity.epoch.value()});
      if (transactions_->has_unresolved_sequence(partition)) {
        shown["unres"] = true;
      }
    }
  }
  if (accumulator_->is_muted(partition)) {
    shown["muted"] = true;
  }
  return shown;
}

void Script::show_state(Json& out) {
  out["t"] = clock_ms_ - start_ms_;
  if (!polls_.empty()) {
    out["polls"] = polls_;
    polls_.clear();
  }
  Json& in_flight = out["inflight"] = Json::array();
  for (const ClientRequest& request : client_->requests()) {
    in_flight.push_back(show(request));
  }
  std::erase_if(shown_, [this](const auto& entry) {
    return std::none_of(client_->requests().begin(), client_->requests().end(), [&entry](const ClientRequest& request) {
      return request.correlation_id.value() == entry.first;
    });
  });
  std::vector<Json> done;
  for (const RecordCompletion& completion : accumulator_->completions().records) {
    Json entry;
    entry["r"] = completion.record;
    entry["tp"] = TopicPartition{accumulator_->topic_name(completion.topic), completion.partition}.describe();
    if (completion.ok()) {
      entry["off"] = completion.offset;
    } else {
      entry["err"] = error_json(accumulator_->completions().errors[completion.error]);
    }
    done.push_back(std::move(entry));
  }
  accumulator_->completions().clear();
  if (!done.empty()) {
    if (sort_done_) {
      std::stable_sort(done.begin(), done.end(), [](const Json& a, const Json& b) { return a.at("tp") < b.at("tp"); });
    }
    out["done"] = done;
  }
  if (transactions_) {
    out["txn"] = std::string(state_name(transactions_->current_state()));
    out["pid"] = transactions_->producer_id_and_epoch().id.value();
    out["ep"] = transactions_->producer_id_and_epoch().epoch.value();
    if (transactions_->last_error()) {
      out["lastError"] = transactions_->last_error()->exception;
    }
    if (transactions_->has_unresolved_sequences()) {
      out["unresolved"] = true;
    }
  }
  show_results(out);
  Json& parts = out["parts"] = Json::object();
  for (const auto& [name, partitions] : topics_) {
    for (std::size_t index = 0; index < partitions.size(); ++index) {
      const TopicPartition partition{name, static_cast<std::int32_t>(index)};
      Json shown = show_partition(partition);
      if (!shown.empty()) {
        parts[partition.describe()] = std::move(shown);
      }
    }
  }
  out["free"] = accumulator_->pool().available_memory();
  out["incomplete"] = accumulator_->has_incomplete();
  if (metadata_->update_requested()) {
    out["metadata_wanted"] = true;
  }
}

}  // namespace linger::differential
