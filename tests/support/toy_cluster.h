#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker_model/cluster.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"

namespace linger::broker::test {

/// A network of the least kind for tests of the broker model: frames arrive in order on their connection after a delay
/// that the seed decides. One client host speaks to whom the test says. A value: copying it branches the run.
class ToyCluster {
 public:
  struct Answer {
    NodeId from;
    FrameSummary what;
    sim::Bytes frame;
    SimTime at;
  };
  static constexpr NodeId client{-100};

  explicit ToyCluster(const ClusterLayout& layout, std::uint64_t seed = 1)
      : seed_(seed), cluster_(form_cluster(layout)) {
    for (Broker& broker : cluster_.brokers) {
      broker.on_start(now_);
      drain(broker.id());
    }
    for (Controller& controller : cluster_.controllers) {
      controller.on_start(now_);
      drain(controller.id());
    }
  }

  SimTime now() const { return now_; }
  Broker& broker(std::int32_t number) { return cluster_.brokers[static_cast<std::size_t>(number - 1)]; }
  const Broker& broker(std::int32_t number) const { return cluster_.brokers[static_cast<std::size_t>(number - 1)]; }
  Controller& controller(std::int32_t number) { return cluster_.controllers[static_cast<std::size_t>(number - 1)]; }
  Controller* active() {
    for (Controller& c : cluster_.controllers) {
      if (c.active()) return &c;
    }
    return nullptr;
  }
  const std::vector<Broker>& brokers() const { return cluster_.brokers; }
  std::vector<Controller>& controllers() { return cluster_.controllers; }
  TopicIdPartition id(const std::string& topic, std::int32_t partition) const {
    for (const Controller& c : cluster_.controllers) {
      if (const TopicImage* image = c.committed().topic(topic)) return {image->id, partition};
    }
    return {};
  }
  const PartitionRegistration& registration(const std::string& topic, std::int32_t partition) {
    const Controller* best = nullptr;
    for (const Controller& c : cluster_.controllers) {
      if (best == nullptr || c.committed_end() > best->committed_end()) best = &c;
    }
    return *best->committed().partition(id(topic, partition));
  }

  /// Runs until this moment.
  void run_until(SimTime end) {
    while (!events_.empty() && events_.begin()->first.first <= end) {
      const auto [key, event] = *events_.begin();
      events_.erase(events_.begin());
      now_ = key.first;
      handle(event);
    }
    now_ = end;
  }
  void run_for(Duration time) { run_until(now_ + time); }

  /// The client sends a request; its answer will be in answers(). Returns the correlation id.
  template <RequestMessage M>
  std::int32_t send(NodeId to, const M& message, std::int16_t version) {
    const std::int32_t correlation = next_correlation_++;
    Bytes frame;
    const WireError error = encode_request(frame, message, version, CorrelationId{correlation}, std::string{"toy"});
    assert(!error);
    static_cast<void>(error);
    send_frame(to, sim::Bytes::copy_of(frame));
    return correlation;
  }
  void send_frame(NodeId to, const sim::Bytes& frame) {
    Wire& wire = client_wire(to);
    transmit(wire, true, frame);
  }
  /// Closes the client's connection to this node in good order.
  void close_client(NodeId to) {
    for (Wire& wire : wires_) {
      if (!wire.up || wire.a != client || wire.b != to) continue;
      wire.up = false;
      push(later(wire.free_at[0]), Event{Event::Kind::closed, to, wire.b_conn, {}, wire.number, ClosedBy::fin});
    }
  }
  const std::vector<Answer>& answers() const { return answers_; }
  const Answer* answer_to(std::int32_t correlation) const {
    for (const Answer& answer : answers_) {
      if (answer.what.correlation.value() == correlation) return &answer;
    }
    return nullptr;
  }
  /// Sends and runs until the answer is there, at most for `limit`.
  template <RequestMessage M>
  std::optional<typename M::Response> call(NodeId to, const M& message, std::int16_t version,
                                           Duration limit = Duration::s(40)) {
    const std::int32_t correlation = send(to, message, version);
    const SimTime end = now_ + limit;
    while (answer_to(correlation) == nullptr && now_ < end) run_for(Duration::ms(1));
    return response<typename M::Response>(correlation, version);
  }
  template <Message M>
  std::optional<M> response(std::int32_t correlation, std::int16_t version) const {
    const Answer* answer = answer_to(correlation);
    if (answer == nullptr) return std::nullopt;
    auto decoded = decode_response<M>(answer->frame.span().subspan(4), version);
    assert(decoded);
    return std::move(decoded.message);
  }

  /// A produce request with one batch.
  static Bytes batch(std::int32_t records, ProducerIdAndEpoch producer = {}, std::int32_t sequence = no_sequence,
                     const std::string& value = "value", std::int64_t timestamp = sim::start_epoch_ns / 1'000'000) {
    BatchOptions options;
    options.producer = producer;
    options.base_sequence = sequence;
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    for (std::int32_t i = 0; i < records; ++i) {
      builder.append(buffer, timestamp, std::nullopt,
                     BytesView{reinterpret_cast<const std::byte*>(value.data()), value.size()});
    }
    builder.close(buffer);
    const BytesView bytes = builder.records(buffer);
    return Bytes{bytes.begin(), bytes.end()};
  }
  std::int32_t send_produce(NodeId to, const TopicIdPartition& id, const Bytes& records, std::int16_t acks = -1,
                            std::int32_t timeout_ms = 30'000) {
    return send(to, produce_request(id, records, acks, timeout_ms), 13);
  }
  ProduceResponse::PartitionProduceResponse produce(NodeId to, const TopicIdPartition& id, const Bytes& records,
                                                    std::int16_t acks = -1, std::int32_t timeout_ms = 30'000) {
    const auto response = call(to, produce_request(id, records, acks, timeout_ms), 13);
    if (!response) {
      ProduceResponse::PartitionProduceResponse none;
      none.error_code = 13;
      return none;
    }
    return response->responses[0].partition_responses[0];
  }
  static ProduceRequest produce_request(const TopicIdPartition& id, const Bytes& records, std::int16_t acks,
                                        std::int32_t timeout_ms) {
    ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = timeout_ms;
    request.topic_data.resize(1);
    request.topic_data[0].topic_id = id.topic;
    request.topic_data[0].partition_data.resize(1);
    request.topic_data[0].partition_data[0].index = id.partition;
    request.topic_data[0].partition_data[0].records = RecordsView{BytesView{records}};
    return request;
  }

  void crash(std::int32_t number, CrashKind kind) { crash_node(broker_node(number), kind); }
  void crash_node(NodeId node, CrashKind kind) {
    if (is_controller_node(node)) {
      controller(node.value() - 3000).crash(kind, now_);
    } else {
      broker(node.value()).crash(kind, now_);
    }
    // A dead process's kernel resets its connections; a host without power says nothing, and its peers find out by
    // themselves.
    for (Wire& wire : wires_) {
      if (!wire.up || (wire.a != node && wire.b != node)) continue;
      wire.up = false;
      const NodeId other = wire.a == node ? wire.b : wire.a;
      const ConnId conn = wire.a == node ? wire.b_conn : wire.a_conn;
      if (kind == CrashKind::process)
        push(later(now_), Event{Event::Kind::closed, other, conn, {}, wire.number, ClosedBy::reset});
    }
    drain(node);
  }
  void restart(std::int32_t number) {
    broker(number).restart(now_);
    drain(broker_node(number));
  }
  void restart_controller(std::int32_t number) {
    controller(number).restart(now_);
    drain(controller_node(number));
  }
  void shut_down(std::int32_t number) {
    broker(number).controlled_shutdown(now_);
    drain(broker_node(number));
  }
  void move_leader(const TopicIdPartition& partition, std::int32_t to) {
    if (Controller* c = active()) {
      c->move_leader(partition, broker_node(to), now_);
      drain(c->id());
    }
  }
  /// Breaks or mends the link between two nodes: what is sent meanwhile is lost with its connection's rest.
  void cut(NodeId a, NodeId b, bool broken) {
    std::erase_if(cuts_,
                  [&](const auto& c) { return (c.first == a && c.second == b) || (c.first == b && c.second == a); });
    if (broken) {
      cuts_.emplace_back(a, b);
    } else {
      // What was black-holed stays so until a side gives up.
    }
  }
  void drain(NodeId node) {
    std::vector<Output> outputs;
    if (is_controller_node(node)) {
      outputs.swap(controller(node.value() - 3000).outputs());
    } else {
      outputs.swap(broker(node.value()).outputs());
    }
    for (Output& output : outputs) carry_out(node, output);
  }
  const std::vector<Observation>& observations() const { return observations_; }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t fingerprint() const { return fingerprint_; }
  std::size_t count(Observation::Kind kind) const {
    return static_cast<std::size_t>(std::count_if(observations_.begin(), observations_.end(),
                                                  [&](const Observation& o) { return o.kind == kind; }));
  }

 private:
  struct Event {
    enum class Kind : std::uint8_t { wake, frame, connect, connected, failed, closed } kind = Kind::wake;
    NodeId node;
    ConnId conn = 0;
    sim::Bytes frame;
    std::size_t wire = 0;
    ClosedBy by = ClosedBy::fin;
  };
  struct Wire {
    std::size_t number = 0;
    NodeId a;  // who connected
    NodeId b;
    ConnId a_conn = 0;
    ConnId b_conn = 0;
    bool up = false;
    bool black_hole[2] = {false, false};
    SimTime free_at[2];
  };

  Duration delay() { return Duration::us(100 + static_cast<std::int64_t>(mix(seed_, ++draws_) % 800)); }
  SimTime later(SimTime not_before) { return std::max(now_ + delay(), not_before + Duration::ns(1)); }
  void push(SimTime at, Event event) { events_.emplace(std::make_pair(at, ++numbers_), std::move(event)); }
  bool severed(NodeId a, NodeId b) const {
    return std::any_of(cuts_.begin(), cuts_.end(), [&](const auto& c) {
      return (c.first == a && c.second == b) || (c.first == b && c.second == a);
    });
  }
  bool runs(NodeId node) {
    if (node == client) return true;
    if (is_controller_node(node)) return controller(node.value() - 3000).role() != ControllerRole::stopped;
    return broker(node.value()).life() != BrokerLife::stopped;
  }

  Wire& client_wire(NodeId to) {
    for (Wire& wire : wires_) {
      if (wire.up && wire.a == client && wire.b == to) return wire;
    }
    Wire wire;
    wire.number = wires_.size();
    wire.a = client;
    wire.b = to;
    wire.a_conn = own_connection_bit | (1000 + wires_.size());
    wire.b_conn = 1 + wires_.size();
    wire.up = runs(to);
    wires_.push_back(wire);
    if (wire.up) tell(to, [&](auto& host) { host.on_accepted(wire.b_conn, client, now_); });
    return wires_.back();
  }

  void transmit(Wire& wire, bool from_a, const sim::Bytes& frame) {
    const std::size_t direction = from_a ? 0 : 1;
    if (severed(wire.a, wire.b)) wire.black_hole[direction] = true;
    if (!wire.up || wire.black_hole[direction]) return;
    const SimTime at = later(wire.free_at[direction]);
    wire.free_at[direction] = at;
    ++frames_;
    push(at, Event{Event::Kind::frame, from_a ? wire.b : wire.a, from_a ? wire.b_conn : wire.a_conn, frame, wire.number,
                   ClosedBy::fin});
  }

  template <class Work>
  void tell(NodeId node, Work work) {
    if (node == client || !runs(node)) return;
    if (is_controller_node(node)) {
      work(controller(node.value() - 3000));
    } else {
      work(broker(node.value()));
    }
    drain(node);
  }

  void carry_out(NodeId node, Output& output) {
    if (auto* send = std::get_if<Send>(&output)) {
      for (Wire& wire : wires_) {
        if (!wire.up) continue;
        const bool from_a = wire.a == node && wire.a_conn == send->conn;
        if (!from_a && !(wire.b == node && wire.b_conn == send->conn)) continue;
        fingerprint_ = mix(fingerprint_ ^ static_cast<std::uint64_t>(now_.ns()), send->frame.size());
        for (const std::byte b : send->frame.span())
          fingerprint_ = fingerprint_ * 1099511628211ULL + static_cast<std::uint64_t>(b);
        if (!from_a && wire.a == client) pending_[wire.number].push_back(send->what);
        transmit(wire, from_a, send->frame);
        return;
      }
    } else if (auto* connect = std::get_if<Connect>(&output)) {
      Wire wire;
      wire.number = wires_.size();
      wire.a = node;
      wire.b = connect->to;
      wire.a_conn = connect->conn;
      wire.b_conn = 1 + wires_.size();
      wires_.push_back(wire);
      push(later(now_), Event{Event::Kind::connect, connect->to, wire.b_conn, {}, wire.number, ClosedBy::fin});
    } else if (auto* close = std::get_if<Close>(&output)) {
      for (Wire& wire : wires_) {
        const bool a = wire.a == node && wire.a_conn == close->conn;
        if (!wire.up || (!a && !(wire.b == node && wire.b_conn == close->conn))) continue;
        wire.up = false;
        push(later(wire.free_at[a ? 0 : 1]), Event{Event::Kind::closed,
                                                   a ? wire.b : wire.a,
                                                   a ? wire.b_conn : wire.a_conn,
                                                   {},
                                                   wire.number,
                                                   ClosedBy::fin});
      }
    } else if (auto* wake = std::get_if<WakeAt>(&output)) {
      push(wake->at, Event{Event::Kind::wake, node, wake->token, {}, 0, ClosedBy::fin});
    } else {
      observations_.push_back(std::get<Observation>(output));
    }
  }

  void handle(const Event& event) {
    switch (event.kind) {
      case Event::Kind::wake:
        tell(event.node, [&](auto& host) { host.on_timer(event.conn, now_); });
        break;
      case Event::Kind::connect: {
        const Wire& wire = wires_[event.wire];
        if (severed(wire.a, wire.b)) break;
        if (!runs(wire.b)) {
          push(later(now_), Event{Event::Kind::failed, wire.a, wire.a_conn, {}, event.wire, ClosedBy::fin});
          break;
        }
        wires_[event.wire].up = true;
        const NodeId peer = wire.a;
        push(later(now_), Event{Event::Kind::connected, wire.a, wire.a_conn, {}, event.wire, ClosedBy::fin});
        tell(event.node, [&](auto& host) { host.on_accepted(event.conn, peer, now_); });
        break;
      }
      case Event::Kind::connected:
        if (wires_[event.wire].up) tell(event.node, [&](auto& host) { host.on_connected(event.conn, now_); });
        break;
      case Event::Kind::failed:
        tell(event.node, [&](auto& host) { host.on_connect_failed(event.conn, now_); });
        break;
      case Event::Kind::closed:
        tell(event.node, [&](auto& host) { host.on_closed(event.conn, event.by, now_); });
        break;
      case Event::Kind::frame:
        if (event.node == client) {
          std::vector<FrameSummary>& expected = pending_[event.wire];
          answers_.push_back({wires_[event.wire].b, expected.front(), event.frame, now_});
          expected.erase(expected.begin());
        } else {
          tell(event.node, [&](auto& host) { host.on_frame(event.conn, event.frame, sim::no_event, now_); });
        }
        break;
    }
  }

  std::uint64_t seed_;
  std::uint64_t draws_ = 0;
  std::uint64_t numbers_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t fingerprint_ = 0;
  SimTime now_;
  FormedCluster cluster_;
  std::map<std::pair<SimTime, std::uint64_t>, Event> events_;
  std::vector<Wire> wires_;
  std::map<std::size_t, std::vector<FrameSummary>> pending_;
  std::vector<std::pair<NodeId, NodeId>> cuts_;
  std::vector<Answer> answers_;
  std::vector<Observation> observations_;
  std::int32_t next_correlation_ = 0;
};

/// Three brokers, one controller, one topic `orders` with one partition on all three.
inline ClusterLayout small_cluster(std::int32_t brokers = 3, std::int64_t min_isr = 2) {
  ClusterLayout layout;
  layout.brokers = brokers;
  layout.seed = 42;
  TopicLayout topic;
  topic.name = "orders";
  topic.replication_factor = brokers;
  topic.config["min.insync.replicas"] = std::to_string(min_isr);
  layout.topics.push_back(topic);
  return layout;
}

}  // namespace linger::broker::test
