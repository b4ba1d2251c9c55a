#include "scenarios/consumer.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "protocol/error_code.h"
#include "protocol/frame.h"
#include "protocol/record_batch.h"
#include "scenarios/log_records.h"

namespace linger::scenarios {

namespace {

using sim::Duration;
using sim::SimTime;

// Before these a topic has no id in that message, and a fetch does not say which epoch it goes on from.
constexpr std::int16_t fetch_by_id = 13;
constexpr std::int16_t fetch_with_epoch = 12;

/// The versions that this consumer speaks: fetches between brokers and from clients are one version behind the newest.
std::int16_t metadata_version(ApiLevel level) { return newest_version(ApiKey::metadata, level); }
std::int16_t list_offsets_version(ApiLevel level) { return level == ApiLevel::newest ? std::int16_t{10} : newest_version(ApiKey::list_offsets, level); }
std::int16_t fetch_version(ApiLevel level) { return level == ApiLevel::newest ? std::int16_t{17} : newest_version(ApiKey::fetch, level); }

// Kafka's consumer defaults: fetch.max.wait.ms, fetch.min.bytes, fetch.max.bytes, max.partition.fetch.bytes, request.timeout.ms, retry.backoff.ms.
constexpr std::int32_t fetch_max_wait_ms = 500;
constexpr std::int32_t fetch_min_bytes = 1;
constexpr std::int32_t fetch_max_bytes = 50 * 1024 * 1024;
constexpr std::int32_t partition_fetch_bytes = 1024 * 1024;
constexpr Duration request_timeout = Duration::s(30);
constexpr Duration backoff = Duration::ms(100);
constexpr std::int64_t earliest_timestamp = -2;

}  // namespace

Consumer::Consumer(std::string name, std::vector<Topic> topics, std::int32_t brokers, ApiLevel level, bool read_committed)
    : name_(std::move(name)), topics_(std::move(topics)), ids_(topics_.size()), brokers_(brokers), level_(level), read_committed_(read_committed) {}

std::vector<ConsumerOutput> Consumer::take_outputs() {
  return std::exchange(outputs_, {});
}

void Consumer::start(SimTime now) {
  running_ = true;
  advance(now);
}

void Consumer::assign(const std::vector<Assignment>& assignments, SimTime now) {
  assigned_ = true;
  running_ = true;
  for (const Assignment& one : assignments) {
    Partition* partition = find(one.topic, one.partition);
    if (partition == nullptr) {
      partitions_.push_back(Partition{});
      partition = &partitions_.back();
      partition->topic = one.topic;
      partition->number = one.partition;
    }
    partition->position = partition->polled = one.position;
    partition->last_epoch = -1;
    partition->asked_at = -2;
    partition->waiting.clear();
  }
  advance(now);
}

std::vector<InputRecord> Consumer::poll(std::int64_t at_most, SimTime now) {
  std::vector<InputRecord> taken;
  for (Partition& partition : partitions_) {
    const auto room = static_cast<std::size_t>(at_most) - taken.size();
    const std::size_t count = std::min(room, partition.waiting.size());
    const auto end = partition.waiting.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(partition.waiting.begin(), end, std::back_inserter(taken));
    partition.waiting.erase(partition.waiting.begin(), end);
    if (count > 0) partition.polled = taken.back().offset + 1;
    // Behind the last record may stand markers and what was aborted.
    if (partition.waiting.empty()) partition.polled = partition.position;
  }
  advance(now);
  return taken;
}

void Consumer::stop() {
  running_ = false;
  for (const Connection& c : connections_) outputs_.push_back(ConsumerClose{c.handle});
  connections_.clear();
}

Consumer::Connection* Consumer::connection_to(NodeId broker) {
  const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& c) { return c.broker == broker; });
  return found == connections_.end() ? nullptr : &*found;
}

void Consumer::connect(NodeId broker, SimTime now) {
  Connection connection;
  connection.handle = next_handle_++;
  connection.broker = broker;
  connection.deadline = now + Duration::s(10);  // socket.connection.setup.timeout.ms
  outputs_.push_back(ConsumerConnect{connection.handle, broker});
  connections_.push_back(connection);
  wake_at(connection.deadline);
}

void Consumer::close(std::uint64_t handle) {
  outputs_.push_back(ConsumerClose{handle});
  std::erase_if(connections_, [&](const Connection& c) { return c.handle == handle; });
}

void Consumer::on_connected(std::uint64_t handle, SimTime now) {
  for (Connection& c : connections_) {
    if (c.handle == handle) c.established = true;
  }
  advance(now);
}

void Consumer::on_closed(std::uint64_t handle, SimTime now) {
  if (std::erase_if(connections_, [&](const Connection& c) { return c.handle == handle; }) > 0) want_metadata(now);
  advance(now);
}

void Consumer::on_wake(SimTime now) {
  if (now >= next_wake_) next_wake_ = SimTime::never();
  std::vector<std::uint64_t> late;
  for (const Connection& c : connections_) {
    if ((!c.established || c.asked != Asked::nothing) && now >= c.deadline) late.push_back(c.handle);
  }
  for (std::uint64_t handle : late) close(handle);
  if (!late.empty()) want_metadata(now);
  advance(now);
}

void Consumer::wake_at(SimTime at) {
  if (at >= next_wake_) return;
  next_wake_ = at;
  outputs_.push_back(ConsumerWake{at});
}

void Consumer::want_metadata(SimTime now) {
  if (metadata_wanted_) return;
  metadata_wanted_ = true;
  metadata_not_before_ = std::max(metadata_not_before_, now + backoff);
}

void Consumer::advance(SimTime now) {
  if (!running_) return;
  if (metadata_wanted_) ask_metadata(now);
  ask_leaders(now);
  for (const Connection& c : connections_) {
    if (!c.established || c.asked != Asked::nothing) wake_at(c.deadline);
  }
  if (metadata_wanted_ && now < metadata_not_before_) wake_at(metadata_not_before_);
}

void Consumer::ask_metadata(SimTime now) {
  if (now < metadata_not_before_) return;
  bool under_way = false;
  Connection* idle = nullptr;
  for (Connection& c : connections_) {
    under_way = under_way || !c.established || c.asked == Asked::metadata;
    if (c.established && c.asked == Asked::nothing && idle == nullptr) idle = &c;
  }
  for (const Connection& c : connections_) {
    if (c.asked == Asked::metadata) return;
  }
  if (idle != nullptr) {
    MetadataRequest request;
    for (const Topic& topic : topics_) request.topics->push_back({Uuid{}, topic.name});
    request.allow_auto_topic_creation = false;
    write(*idle, request, metadata_version(level_), Asked::metadata, now);
    return;
  }
  if (under_way) return;
  // Every broker in turn that it has no connection to; a busy connection becomes free by itself.
  for (std::int32_t tried = 0; tried < brokers_; ++tried) {
    next_bootstrap_ = next_bootstrap_ % brokers_ + 1;
    if (connection_to(NodeId{next_bootstrap_}) != nullptr) continue;
    metadata_not_before_ = now + backoff;
    connect(NodeId{next_bootstrap_}, now);
    return;
  }
}

void Consumer::note_positions(NodeId leader) {
  for (Partition& p : partitions_) {
    if (p.leader == leader) p.asked_at = p.position;
  }
}

void Consumer::ask_leaders(SimTime now) {
  std::vector<NodeId> leaders;
  for (const Partition& p : partitions_) {
    if (p.leader && std::find(leaders.begin(), leaders.end(), *p.leader) == leaders.end()) leaders.push_back(*p.leader);
  }
  std::sort(leaders.begin(), leaders.end());
  for (NodeId leader : leaders) {
    Connection* connection = connection_to(leader);
    if (connection == nullptr) {
      if (!metadata_wanted_) connect(leader, now);
      continue;
    }
    if (!connection->established || connection->asked != Asked::nothing) continue;
    ListOffsetsRequest offsets;
    offsets.replica_id = -1;
    FetchRequest fetch;
    fetch.max_wait_ms = fetch_max_wait_ms;
    fetch.min_bytes = fetch_min_bytes;
    fetch.max_bytes = fetch_max_bytes;
    fetch.isolation_level = offsets.isolation_level = read_committed_ ? 1 : 0;
    for (std::uint32_t t = 0; t < topics_.size(); ++t) {
      ListOffsetsRequest::ListOffsetsTopic offsets_topic{topics_[t].name, {}};
      FetchRequest::FetchTopic fetch_topic;
      if (fetch_version(level_) >= fetch_by_id) fetch_topic.topic_id = ids_[t];
      else fetch_topic.topic = topics_[t].name;
      for (const Partition& p : partitions_) {
        if (p.topic != t || p.leader != leader) continue;
        if (p.position < 0) {
          ListOffsetsRequest::ListOffsetsPartition ask;
          ask.partition_index = p.number;
          ask.current_leader_epoch = p.leader_epoch;
          ask.timestamp = earliest_timestamp;
          offsets_topic.partitions.push_back(ask);
        } else if (p.waiting.empty()) {
          FetchRequest::FetchPartition ask;
          ask.partition = p.number;
          ask.current_leader_epoch = p.leader_epoch;
          ask.fetch_offset = p.position;
          if (fetch_version(level_) >= fetch_with_epoch) ask.last_fetched_epoch = p.last_epoch;
          ask.partition_max_bytes = partition_fetch_bytes;
          fetch_topic.partitions.push_back(ask);
        }
      }
      if (!offsets_topic.partitions.empty()) offsets.topics.push_back(std::move(offsets_topic));
      if (!fetch_topic.partitions.empty()) fetch.topics.push_back(std::move(fetch_topic));
    }
    if (!offsets.topics.empty()) {
      note_positions(leader);
      write(*connection, offsets, list_offsets_version(level_), Asked::list_offsets, now);
    } else if (!fetch.topics.empty()) {
      note_positions(leader);
      write(*connection, fetch, fetch_version(level_), Asked::fetch, now);
    }
  }
}

template <class Request>
void Consumer::write(Connection& connection, const Request& request, std::int16_t version, Asked asked, SimTime now) {
  linger::Bytes frame;
  connection.correlation = next_correlation_++;
  connection.asked = asked;
  connection.deadline = now + request_timeout;
  const WireError error = encode_request(frame, request, version, CorrelationId{connection.correlation}, name_);
  assert(!error);
  static_cast<void>(error);
  outputs_.push_back(ConsumerWrite{connection.handle, sim::Bytes::copy_of(frame)});
}

void Consumer::on_frame(std::uint64_t handle, const sim::Bytes& frame, SimTime now) {
  const auto connection = std::find_if(connections_.begin(), connections_.end(), [&](const Connection& c) { return c.handle == handle; });
  if (connection == connections_.end() || frame.size() < 8) return;
  const Asked asked = std::exchange(connection->asked, Asked::nothing);
  const BytesView body = frame.span().subspan(4);
  bool understood = false;
  const auto read = [&](auto decoded) {
    understood = static_cast<bool>(decoded) && decoded.correlation.value() == connection->correlation;
    if (understood) this->handle(decoded.message, now);
  };
  switch (asked) {
    case Asked::metadata: read(decode_response<MetadataResponse>(body, metadata_version(level_))); break;
    case Asked::list_offsets: read(decode_response<ListOffsetsResponse>(body, list_offsets_version(level_))); break;
    case Asked::fetch: read(decode_response<FetchResponse>(body, fetch_version(level_))); break;
    case Asked::nothing: break;
  }
  if (!understood) {
    close(handle);
    want_metadata(now);
  }
  advance(now);
}

Consumer::Partition* Consumer::find(std::uint32_t topic, std::int32_t number) {
  for (Partition& p : partitions_) {
    if (p.topic == topic && p.number == number) return &p;
  }
  return nullptr;
}

std::optional<std::uint32_t> Consumer::topic_by_id(Uuid id) const {
  for (std::uint32_t t = 0; t < ids_.size(); ++t) {
    if (ids_[t] == id && !id.is_zero()) return t;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Consumer::topic_by_name(std::string_view name) const {
  for (std::uint32_t t = 0; t < topics_.size(); ++t) {
    if (topics_[t].name == name) return t;
  }
  return std::nullopt;
}

void Consumer::handle(const MetadataResponse& response, SimTime now) {
  metadata_wanted_ = false;
  bool incomplete = response.error_code != 0;
  for (const auto& answered : response.topics) {
    const auto topic = std::find_if(topics_.begin(), topics_.end(), [&](const Topic& t) { return answered.name == t.name; });
    if (topic == topics_.end()) continue;
    const auto t = static_cast<std::uint32_t>(topic - topics_.begin());
    if (answered.error_code != 0) {
      incomplete = true;
      continue;
    }
    ids_[t] = answered.topic_id;
    for (const auto& described : answered.partitions) {
      Partition* known = find(t, described.partition_index);
      if (known == nullptr) {
        if (assigned_) continue;
        partitions_.push_back(Partition{});
        known = &partitions_.back();
        known->topic = t;
        known->number = described.partition_index;
      }
      if (described.leader_epoch < known->leader_epoch) continue;
      known->leader_epoch = described.leader_epoch;
      known->leader = described.leader_id >= 0 ? std::optional{NodeId{described.leader_id}} : std::nullopt;
    }
  }
  std::sort(partitions_.begin(), partitions_.end(),
            [](const Partition& a, const Partition& b) { return std::pair(a.topic, a.number) < std::pair(b.topic, b.number); });
  // A broker that has not heard the latest may leave a partition without a leader here: ask again.
  incomplete = incomplete || partitions_.empty() || std::any_of(partitions_.begin(), partitions_.end(), [](const Partition& p) { return !p.leader; });
  if (incomplete) want_metadata(now);
}

void Consumer::handle(const ListOffsetsResponse& response, SimTime now) {
  for (const auto& answered : response.topics) {
    const auto topic = std::find_if(topics_.begin(), topics_.end(), [&](const Topic& t) { return answered.name == t.name; });
    if (topic == topics_.end()) continue;
    for (const auto& described : answered.partitions) {
      Partition* partition = find(static_cast<std::uint32_t>(topic - topics_.begin()), described.partition_index);
      if (partition == nullptr || (assigned_ && partition->position != partition->asked_at)) continue;
      if (described.error_code == 0) {
        partition->position = partition->polled = described.offset;
      } else {
        want_metadata(now);
        partition->leader.reset();
      }
    }
  }
}

void Consumer::handle(const FetchResponse& response, SimTime now) {
  if (response.error_code != 0) want_metadata(now);
  for (const auto& answered : response.responses) {
    const auto topic = fetch_version(level_) >= fetch_by_id ? topic_by_id(answered.topic_id) : topic_by_name(answered.topic);
    if (!topic) continue;
    for (const auto& data : answered.partitions) {
      Partition* partition = find(*topic, data.partition_index);
      // Somebody has gone elsewhere since it was asked (Kafka: CompletedFetch whose offset is no longer the position).
      if (partition == nullptr || (assigned_ && partition->position != partition->asked_at)) continue;
      const auto error = static_cast<ErrorCode>(data.error_code);
      if (error == ErrorCode::offset_out_of_range) {
        // Below the log start, or beyond the end of a log that was cut: begin where the log begins, or where it ends now.
        ++partition->truncations;
        partition->position = -1;
      } else if (error != ErrorCode::none) {
        partition->leader.reset();
        want_metadata(now);
      } else if (data.diverging_epoch.end_offset >= 0) {
        ++partition->truncations;
        partition->position = std::min(partition->position, data.diverging_epoch.end_offset);
        partition->last_epoch = data.diverging_epoch.epoch;
      } else {
        partition->high_watermark = data.high_watermark;
        partition->last_stable_offset = data.last_stable_offset;
        read_records(*partition, data, now);
      }
    }
  }
}

void Consumer::read_records(Partition& partition, const FetchResponse::PartitionData& data, SimTime now) {
  if (data.records.is_null() || data.records.size() == 0) return;
  // By offset: which producers' transactions are among the aborted ones from there on.
  auto aborted = data.aborted_transactions.value_or(std::vector<FetchResponse::AbortedTransaction>{});
  std::sort(aborted.begin(), aborted.end(), [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  std::size_t next_aborted = 0;
  std::vector<std::int64_t> aborting;
  std::vector<LogRecord> records;
  std::vector<LogMarker> markers;
  BatchCursor cursor{data.records.bytes()};
  while (const auto batch = cursor.next()) {
    const RecordBatchHeader header = batch->header();
    for (; next_aborted < aborted.size() && aborted[next_aborted].first_offset <= header.last_offset().value(); ++next_aborted) {
      aborting.push_back(aborted[next_aborted].producer_id);
    }
    records.clear();
    markers.clear();
    if (!read_log_records(batch->bytes(), topics_[partition.topic].index, records, &markers)) return;
    for (const LogMarker& marker : markers) {
      if (!marker.commit) std::erase(aborting, marker.producer.value());
    }
    const bool passed_over = read_committed_ && header.transactional &&
                             std::find(aborting.begin(), aborting.end(), header.producer.id.value()) != aborting.end();
    if (assigned_ && !passed_over) keep_records(partition, batch->bytes());
    for (const LogRecord& record : records) {
      if (passed_over || record.offset < partition.position) continue;  // the broker answers with whole batches
      partition.seen.push_back(SeenRecord{record.offset, record.identity, 0, now});
      ++records_seen_;
    }
    if (header.last_offset().value() < partition.position) continue;
    partition.position = header.last_offset().value() + 1;
    partition.last_epoch = header.partition_leader_epoch.value();
  }
}

/// The records of one batch for poll, with what is in them. Identities come from the same bytes as a log's.
void Consumer::keep_records(Partition& partition, BytesView bytes) const {
  std::vector<LogRecord> identified;
  BatchCursor cursor{bytes};
  const auto batch = cursor.next();
  if (!batch || batch->header().control || !read_log_records(bytes, topics_[partition.topic].index, identified)) return;
  const auto text = [](const OptionalBytes& from) -> std::optional<std::string> {
    if (!from) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(from->data()), from->size());
  };
  linger::Bytes scratch;
  RecordCursor records{*batch, scratch};
  RecordView record;
  for (std::size_t i = 0; i < identified.size() && records.next(record); ++i) {
    if (record.offset < partition.position) continue;
    InputRecord input;
    input.topic = topics_[partition.topic].index;
    input.partition = partition.number;
    input.offset = record.offset;
    input.identity = identified[i].identity;
    input.key = text(record.key);
    input.value = text(record.value);
    for (const RecordHeader& header : record.headers())
      input.headers.emplace_back(header.key, text(header.value).value_or(""));
    partition.waiting.push_back(std::move(input));
  }
}

}  // namespace linger::scenarios
