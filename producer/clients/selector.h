#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/clients/connection_id.h"
#include "producer/clients/network_send.h"
#include "producer/clients/selector_metrics.h"
#include "protocol/ids.h"
#include "protocol/time.h"
#include "protocol/wire.h"

namespace linger {

/// How a connection ended, as the client's socket would learn it.
enum class CloseKind : std::uint8_t {
  fin,    ///< the peer will send no more; what it sent before can still be read
  reset,  ///< the same, and writing fails
};

/// Asks the driver to connect. It answers with on_connected or on_connect_failed.
struct ConnectRequest {
  ClientConnectionId connection;
  NodeId node = no_node;
  std::string host;
  std::int32_t port = -1;
};

/// The client's connections with the sockets left out (Kafka: Selector and KafkaChannel for PLAINTEXT). What the driver
/// reports only queues; poll does one round of Java's select: for each connection that something happened to, in the
/// order in which it happened, at most one answer, and at the end at most one idle connection is closed.
class Selector {
 public:
  /// What one round found.
  struct Round {
    std::vector<NodeId> completed_sends;
    std::vector<std::pair<NodeId, Bytes>> completed_receives;  ///< frames without their length
    std::vector<NodeId> disconnected;                          ///< as Java's HashMap lists them
    std::vector<NodeId> connected;
  };

  /// connections.max.idle.ms; negative: never. Without a MetricConfig no metrics are taken.
  explicit Selector(std::int64_t connections_max_idle_ms, const std::optional<MetricConfig>& metrics = MetricConfig{});

  // What the driver reports. A connection that the client has closed meanwhile is ignored.
  void on_connected(ClientConnectionId connection);
  void on_connect_failed(ClientConnectionId connection);
  void on_received(ClientConnectionId connection, BytesView bytes);
  void on_closed(ClientConnectionId connection, CloseKind kind);

  // What the driver takes.
  std::vector<ConnectRequest> take_connects();
  std::vector<ClientConnectionId> take_closes();
  /// Connections with bytes to write, by node.
  std::vector<ClientConnectionId> writable() const;
  bool has_writable() const;
  /// Appends at most max_bytes of the connection's pending frame and returns how many there were.
  std::size_t pull(ClientConnectionId connection, std::size_t max_bytes, SlotReader& slots, Bytes& out);

  // What NetworkClient does.
  /// Requires: no channel to the node.
  ClientConnectionId connect(NodeId node, const std::string& host, std::int32_t port, std::int64_t now_ns);
  void close(NodeId node, std::int64_t now_ms);
  void close_all(std::int64_t now_ms);
  /// Requires: an open channel without a pending frame.
  void send(NodeId node, NetworkSend frame);
  bool is_channel_ready(NodeId node) const { return channels_.contains(node); }
  bool has_no_pending_send(NodeId node) const;
  /// Whether a select would return at once.
  bool something_is_ready() const { return !marked_.empty() && marked_needs_attention(); }
  Round poll(Instant now);

  std::optional<ClientConnectionId> connection_of(NodeId node) const;
  std::optional<NodeId> node_of(ClientConnectionId connection) const;
  /// Null when none are taken.
  SelectorMetrics* metrics() { return metrics_ ? &*metrics_ : nullptr; }
  const SelectorMetrics* metrics() const { return metrics_ ? &*metrics_ : nullptr; }
  /// Connections that stand.
  std::size_t connection_count() const;
  /// The same and those under way (Kafka's metric connection-count).
  std::size_t channel_count() const { return channels_.size(); }

 private:
  struct Channel {
    ClientConnectionId connection;
    bool connected = false;
    bool connect_pending = false;  ///< the connect succeeded and poll has not seen it
    bool connect_failed = false;
    std::optional<CloseKind> closed;
    bool written = false;  ///< bytes left since the last poll
    bool send_completed = false;
    std::optional<NetworkSend> send;
    Bytes input;
    std::size_t input_read = 0;
    std::size_t frame_read = 0;       ///< bytes of the frame at input_read that were read
    std::size_t unrecorded_sent = 0;  ///< bytes left since the last poll
    std::size_t completed_send_size = 0;
    std::int64_t last_active_ns = 0;
    std::uint64_t activity = 0;
  };

  Channel* find(ClientConnectionId connection, NodeId* node = nullptr);
  void mark(NodeId node);
  void touch(Channel& channel, std::int64_t now_ns);
  bool needs_attention(const Channel& channel) const;
  static bool wants_to_write(const Channel& channel);
  bool marked_needs_attention() const;
  void serve(NodeId node, Channel& channel, Round& round);
  static std::size_t unread(const Channel& channel);
  /// Reads as Java's NetworkReceive does: the length, then what is there of the rest, up to the end of one frame. False
  /// when that finds the end of the connection or a length that makes no sense. Requires: something to read, or an end.
  bool read(NodeId node, Channel& channel, Round& round);
  void complete_receive(NodeId node, Channel& channel, Round& round);
  void record_sent(NodeId node, Channel& channel);
  void drop(NodeId node, std::int64_t now_ms);
  void disconnect(NodeId node, Round& round);
  void close_oldest_idle_connection(std::int64_t now_ns, Round& round);

  std::optional<std::int64_t> max_idle_ns_;  ///< nothing: never; wraps for huge settings, as Java's does
  std::optional<std::int64_t> next_idle_close_check_ns_;
  std::map<NodeId, Channel> channels_;
  std::vector<NodeId> marked_;  ///< channels that something happened to, in order
  std::vector<ConnectRequest> connects_;
  std::vector<ClientConnectionId> closes_;
  std::uint64_t next_connection_ = 1;
  std::uint64_t next_activity_ = 1;
  std::int64_t now_ms_ = 0;  ///< wall clock of the last poll
  std::optional<SelectorMetrics> metrics_;
};

}  // namespace linger
