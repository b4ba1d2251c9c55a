#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/api_level.h"
#include "protocol/ids.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/metadata.h"
#include "scenarios/input_record.h"
#include "sim/bytes.h"
#include "sim/time.h"

namespace linger::scenarios {

/// What a consumer wants done since it was last asked, oldest first. `handle` is the consumer's own name for a connection.
struct ConsumerConnect {
  std::uint64_t handle;
  NodeId broker;
};
struct ConsumerWrite {
  std::uint64_t handle;
  sim::Bytes frame;
};
struct ConsumerClose {
  std::uint64_t handle;
};
struct ConsumerWake {
  sim::SimTime at;
};
using ConsumerOutput = std::variant<ConsumerConnect, ConsumerWrite, ConsumerClose, ConsumerWake>;

/// One record as a consumer saw it.
struct SeenRecord {
  std::int64_t offset = 0;
  std::uint64_t identity = 0;
  std::uint64_t holders = 0;  ///< brokers in ISR ∪ ELR when it was read, one bit each
  sim::SimTime at;
};

/// A partition that a consumer is told to read, and where it begins.
struct Assignment {
  std::uint32_t topic = 0;  ///< index into the consumer's topics
  std::int32_t partition = 0;
  std::int64_t position = -1;  ///< the next offset to read; -1: the log start, as auto.offset.reset=earliest has it
};

/// A plain reader of whole topics from the log start: Metadata, ListOffsets and Fetch over real frames, no group. With read_committed it passes
/// over what transactions have aborted, by the answer's own list of them (Kafka: CompletedFetch). It reads
/// on after errors, follows leaders, and notes where a log that it had read was cut off. Modelled after Kafka's Fetcher, not mirrored: one
/// request at a time a broker, no fetch sessions, versions fixed (both sides are this tree's).
class Consumer {
 public:
  struct Topic {
    std::string name;
    std::uint32_t index = 0;  ///< the world's number for it, part of every record's identity
  };

  Consumer() = default;
  Consumer(std::string name, std::vector<Topic> topics, std::int32_t brokers, ApiLevel level, bool read_committed = false);

  void start(sim::SimTime now);

  // For an application that takes the records itself (KafkaConsumer.assign, seek, poll).

  /// Reads only these, and keeps what it reads until poll. Called again it goes on at the new positions; answers that
  /// were asked for at another position are passed over.
  void assign(const std::vector<Assignment>& assignments, sim::SimTime now);
  /// At most so many records, partition by partition in order of number; the position behind them is what the
  /// application has read.
  std::vector<InputRecord> poll(std::int64_t at_most, sim::SimTime now);
  /// Closes every connection and asks for nothing more.
  void stop();

  void on_connected(std::uint64_t handle, sim::SimTime now);
  /// The connection could not be made, or is gone.
  void on_closed(std::uint64_t handle, sim::SimTime now);
  void on_frame(std::uint64_t handle, const sim::Bytes& frame, sim::SimTime now);
  void on_wake(sim::SimTime now);

  std::vector<ConsumerOutput> take_outputs();

  struct Partition {
    std::uint32_t topic = 0;  ///< index into topics
    std::int32_t number = 0;
    std::optional<NodeId> leader;
    std::int32_t leader_epoch = -1;
    std::int32_t last_epoch = -1;  ///< leader epoch of the last record read
    std::int64_t position = -1;    ///< next offset to read; -1: the log start has to be asked for
    std::int64_t high_watermark = -1;
    std::int64_t last_stable_offset = -1;
    std::int64_t asked_at = -2;        ///< the position of the request under way; -2: none that still counts
    std::int64_t polled = -1;          ///< position behind what the application has taken
    std::vector<InputRecord> waiting;  ///< for poll, oldest first
    std::vector<SeenRecord> seen;
    std::size_t noted = 0;         ///< how many of `seen` the world has looked at
    std::int64_t truncations = 0;  ///< how often the log turned out to be shorter than what had been read
  };
  const std::vector<Partition>& partitions() const { return partitions_; }
  /// For the world, which notes who held a record when it was read.
  std::vector<Partition>& mutable_partitions() { return partitions_; }
  const std::vector<Topic>& topics() const { return topics_; }
  const std::string& name() const { return name_; }
  bool read_committed() const { return read_committed_; }
  std::int64_t records_seen() const { return records_seen_; }

 private:
  enum class Asked : std::uint8_t { nothing, metadata, list_offsets, fetch };
  struct Connection {
    std::uint64_t handle = 0;
    NodeId broker = no_node;
    bool established = false;
    Asked asked = Asked::nothing;
    std::int32_t correlation = 0;
    sim::SimTime deadline;
  };

  void advance(sim::SimTime now);
  void ask_metadata(sim::SimTime now);
  void ask_leaders(sim::SimTime now);
  void note_positions(NodeId leader);
  Connection* connection_to(NodeId broker);
  void connect(NodeId broker, sim::SimTime now);
  void close(std::uint64_t handle);
  template <class Request>
  void write(Connection& connection, const Request& request, std::int16_t version, Asked asked, sim::SimTime now);
  void wake_at(sim::SimTime at);
  void want_metadata(sim::SimTime now);
  void handle(const MetadataResponse& response, sim::SimTime now);
  void handle(const ListOffsetsResponse& response, sim::SimTime now);
  void handle(const FetchResponse& response, sim::SimTime now);
  void read_records(Partition& partition, const FetchResponse::PartitionData& data, sim::SimTime now);
  Partition* find(std::uint32_t topic, std::int32_t number);
  std::optional<std::uint32_t> topic_by_id(Uuid id) const;
  std::optional<std::uint32_t> topic_by_name(std::string_view name) const;
  void keep_records(Partition& partition, BytesView batch) const;

  std::string name_;
  std::vector<Topic> topics_;
  std::vector<Uuid> ids_;
  std::vector<Partition> partitions_;
  std::vector<Connection> connections_;
  std::vector<ConsumerOutput> outputs_;
  std::int32_t brokers_ = 0;
  std::int32_t next_bootstrap_ = 0;
  std::uint64_t next_handle_ = 1;
  std::int32_t next_correlation_ = 0;
  std::int64_t records_seen_ = 0;
  ApiLevel level_ = ApiLevel::newest;
  bool read_committed_ = false;
  bool assigned_ = false;  ///< it reads what it was told to, not whole topics
  bool running_ = false;
  bool metadata_wanted_ = true;
  sim::SimTime metadata_not_before_;
  sim::SimTime next_wake_ = sim::SimTime::never();
};

}  // namespace linger::scenarios
