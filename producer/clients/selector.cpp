#include "producer/clients/selector.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "producer/java_hash_map.h"
#include "protocol/frame.h"

namespace linger {

namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;

constexpr std::size_t length_bytes = 4;

// Wrap where Java's do.
std::int64_t wrapping_product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

Selector::Selector(std::int64_t connections_max_idle_ms, const std::optional<MetricConfig>& metrics) {
  if (connections_max_idle_ms >= 0) max_idle_ns_ = wrapping_product(connections_max_idle_ms, ns_per_ms);
  if (metrics) metrics_.emplace(*metrics);
}

Selector::Channel* Selector::find(ClientConnectionId connection, NodeId* node) {
  for (auto& [id, channel] : channels_) {
    if (channel.connection != connection) continue;
    if (node != nullptr) *node = id;
    return &channel;
  }
  return nullptr;
}

void Selector::mark(NodeId node) {
  if (std::find(marked_.begin(), marked_.end(), node) == marked_.end()) marked_.push_back(node);
}

void Selector::on_connected(ClientConnectionId connection) {
  NodeId node;
  Channel* channel = find(connection, &node);
  if (channel == nullptr) return;
  channel->connect_pending = true;
  mark(node);
}

void Selector::on_connect_failed(ClientConnectionId connection) {
  NodeId node;
  Channel* channel = find(connection, &node);
  if (channel == nullptr) return;
  channel->connect_failed = true;
  mark(node);
}

void Selector::on_received(ClientConnectionId connection, BytesView bytes) {
  NodeId node;
  Channel* channel = find(connection, &node);
  if (channel == nullptr || channel->closed) return;
  channel->input.insert(channel->input.end(), bytes.begin(), bytes.end());
  mark(node);
}

void Selector::on_closed(ClientConnectionId connection, CloseKind kind) {
  NodeId node;
  Channel* channel = find(connection, &node);
  if (channel == nullptr) return;
  channel->closed = kind;
  mark(node);
}

std::vector<ConnectRequest> Selector::take_connects() {
  return std::exchange(connects_, {});
}

std::vector<ClientConnectionId> Selector::take_closes() {
  return std::exchange(closes_, {});
}

bool Selector::wants_to_write(const Channel& channel) {
  return channel.connected && channel.send && !channel.closed;
}

std::vector<ClientConnectionId> Selector::writable() const {
  std::vector<ClientConnectionId> connections;
  for (const auto& [node, channel] : channels_) {
    if (wants_to_write(channel)) connections.push_back(channel.connection);
  }
  return connections;
}

bool Selector::has_writable() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const auto& entry) { return wants_to_write(entry.second); });
}

std::size_t Selector::pull(ClientConnectionId connection, std::size_t max_bytes, SlotReader& slots, Bytes& out) {
  NodeId node;
  Channel* channel = find(connection, &node);
  if (channel == nullptr || !channel->connected || !channel->send || channel->closed) return 0;
  const std::size_t pulled = channel->send->pull(max_bytes, slots, out);
  if (pulled == 0) return 0;
  channel->unrecorded_sent += pulled;
  channel->written = true;
  if (channel->send->completed()) {
    channel->completed_send_size = channel->send->size();
    channel->send.reset();
    channel->send_completed = true;
  }
  mark(node);
  return pulled;
}

ClientConnectionId Selector::connect(NodeId node, const std::string& host, std::int32_t port, std::int64_t now_ns) {
  assert(!channels_.contains(node));
  Channel& channel = channels_[node];
  channel.connection = ClientConnectionId{next_connection_++};
  touch(channel, now_ns);
  connects_.push_back(ConnectRequest{channel.connection, node, host, port});
  return channel.connection;
}

void Selector::close(NodeId node, std::int64_t now_ms) {
  if (channels_.contains(node)) drop(node, now_ms);
}

void Selector::close_all(std::int64_t now_ms) {
  while (!channels_.empty()) drop(channels_.begin()->first, now_ms);
}

void Selector::drop(NodeId node, std::int64_t now_ms) {
  const auto found = channels_.find(node);
  const ClientConnectionId connection = found->second.connection;
  const auto asked = std::find_if(connects_.begin(), connects_.end(), [connection](const ConnectRequest& request) {
    return request.connection == connection;
  });
  // A connect that the driver has not seen yet is taken back instead.
  if (asked != connects_.end()) {
    connects_.erase(asked);
  } else if (!found->second.connect_failed) {
    closes_.push_back(connection);
  }
  if (metrics_) metrics_->record_connection_closed(now_ms);
  channels_.erase(found);
  std::erase(marked_, node);
}

void Selector::send(NodeId node, NetworkSend frame) {
  Channel& channel = channels_.at(node);
  assert(!channel.send);
  channel.send = std::move(frame);
  if (channel.closed) mark(node);
}

bool Selector::has_no_pending_send(NodeId node) const {
  const auto found = channels_.find(node);
  return found == channels_.end() || !found->second.send;
}

bool Selector::needs_attention(const Channel& channel) const {
  if (channel.connect_pending || channel.connect_failed || channel.closed || channel.written) return true;
  return channel.connected && unread(channel) > 0;
}

bool Selector::marked_needs_attention() const {
  return std::any_of(marked_.begin(), marked_.end(),
                     [this](NodeId node) { return needs_attention(channels_.at(node)); });
}

void Selector::touch(Channel& channel, std::int64_t now_ns) {
  channel.last_active_ns = now_ns;
  channel.activity = next_activity_++;
  if (!next_idle_close_check_ns_ && max_idle_ns_) next_idle_close_check_ns_ = wrapping_sum(now_ns, *max_idle_ns_);
}

Selector::Round Selector::poll(Instant now) {
  const std::int64_t now_ns = now.mono_ns;
  now_ms_ = now.wall_ms;
  Round round;
  for (const NodeId node : std::exchange(marked_, {})) {
    Channel& channel = channels_.at(node);
    touch(channel, now_ns);
    serve(node, channel, round);
  }
  close_oldest_idle_connection(now_ns, round);
  if (round.disconnected.size() > 1) {
    JavaHashSet<NodeId> disconnected;
    for (const NodeId node : round.disconnected) disconnected.add(node);
    round.disconnected = disconnected.keys();
  }
  return round;
}

std::size_t Selector::unread(const Channel& channel) {
  return channel.input.size() - channel.input_read - channel.frame_read;
}

bool Selector::read(NodeId node, Channel& channel, Round& round) {
  const std::size_t read_before = channel.frame_read;
  if (channel.frame_read < length_bytes) {
    if (unread(channel) == 0) return false;
    channel.frame_read += std::min(length_bytes - channel.frame_read, unread(channel));
  }
  bool complete = false;
  if (channel.frame_read >= length_bytes) {
    const std::int32_t size = *peek_frame_size(BytesView(channel.input).subspan(channel.input_read));
    if (size < 0) return false;
    const std::size_t left = length_bytes + static_cast<std::size_t>(size) - channel.frame_read;
    if (left > 0 && unread(channel) == 0 && channel.closed) return false;
    channel.frame_read += std::min(left, unread(channel));
    complete = channel.frame_read == length_bytes + static_cast<std::size_t>(size);
  }
  if (metrics_ && channel.frame_read > read_before)
    metrics_->record_bytes_received(node, channel.frame_read - read_before, now_ms_);
  if (complete) complete_receive(node, channel, round);
  return true;
}

void Selector::complete_receive(NodeId node, Channel& channel, Round& round) {
  if (metrics_) metrics_->record_completed_receive(node, now_ms_);
  const auto begin = channel.input.begin() + static_cast<std::ptrdiff_t>(channel.input_read);
  const auto end = begin + static_cast<std::ptrdiff_t>(channel.frame_read);
  round.completed_receives.emplace_back(node, Bytes(begin + static_cast<std::ptrdiff_t>(length_bytes), end));
  channel.input_read += std::exchange(channel.frame_read, 0);
  if (2 * channel.input_read < channel.input.size()) return;
  channel.input.erase(channel.input.begin(), end);
  channel.input_read = 0;
}

void Selector::record_sent(NodeId node, Channel& channel) {
  if (channel.unrecorded_sent > 0) metrics_->record_bytes_sent(node, channel.unrecorded_sent, now_ms_);
  channel.unrecorded_sent = 0;
  if (channel.send_completed) metrics_->record_completed_send(node, channel.completed_send_size, now_ms_);
}

void Selector::serve(NodeId node, Channel& channel, Round& round) {
  if (metrics_) metrics_->register_node(node);
  if (channel.connect_failed) return disconnect(node, round);
  if (channel.connect_pending) {
    // A reset before the client knows that the connection stands looks like a refusal.
    if (channel.closed == CloseKind::reset) return disconnect(node, round);
    channel.connect_pending = false;
    channel.connected = true;
    if (metrics_) metrics_->record_connection_created(now_ms_);
    round.connected.push_back(node);
    // Its key was selected for nothing else.
    if (needs_attention(channel)) mark(node);
    return;
  }
  const bool end_found = (unread(channel) > 0 || channel.closed) && !read(node, channel, round);
  if (metrics_) record_sent(node, channel);
  if (channel.send_completed) round.completed_sends.push_back(node);
  channel.send_completed = false;
  channel.written = false;
  // Writing to a reset connection fails and takes unread answers with it; otherwise they are read before the end is
  // noticed.
  const bool write_fails = channel.closed == CloseKind::reset && channel.send.has_value();
  if (end_found || write_fails) return disconnect(node, round);
  if (needs_attention(channel)) mark(node);
}

void Selector::disconnect(NodeId node, Round& round) {
  std::erase(round.connected, node);
  round.disconnected.push_back(node);
  drop(node, now_ms_);
}

void Selector::close_oldest_idle_connection(std::int64_t now_ns, Round& round) {
  if (!max_idle_ns_ || !next_idle_close_check_ns_ || now_ns <= *next_idle_close_check_ns_) return;
  if (channels_.empty()) {
    next_idle_close_check_ns_ = wrapping_sum(now_ns, *max_idle_ns_);
    return;
  }
  const auto oldest = std::min_element(channels_.begin(), channels_.end(), [](const auto& a, const auto& b) {
    return a.second.activity < b.second.activity;
  });
  next_idle_close_check_ns_ = wrapping_sum(oldest->second.last_active_ns, *max_idle_ns_);
  if (now_ns > *next_idle_close_check_ns_) disconnect(oldest->first, round);
}

std::optional<ClientConnectionId> Selector::connection_of(NodeId node) const {
  const auto found = channels_.find(node);
  return found == channels_.end() ? std::nullopt : std::optional(found->second.connection);
}

std::optional<NodeId> Selector::node_of(ClientConnectionId connection) const {
  for (const auto& [node, channel] : channels_) {
    if (channel.connection == connection) return node;
  }
  return std::nullopt;
}

std::size_t Selector::connection_count() const {
  return static_cast<std::size_t>(
      std::count_if(channels_.begin(), channels_.end(), [](const auto& entry) { return entry.second.connected; }));
}

}  // namespace linger
