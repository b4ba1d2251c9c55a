#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "broker_model/host_io.h"

namespace linger::broker {

/// The listening side of a host (Kafka: SocketServer, KafkaRequestHandlerPool). One request a connection at a time: the
/// next frame stays unread until the answer to the one before has been written. Requests of all connections form one
/// queue, served by a number of handlers.
class RequestServer {
 public:
  /// A request that a handler takes up now.
  struct Ready {
    ConnId conn = 0;
    sim::Bytes frame;  ///< without its length
    EventNumber cause;
    std::size_t handler = 0;
  };

  explicit RequestServer(std::size_t handlers = 8) : busy_until_(handlers) {}

  void accept(ConnId conn);
  /// One whole frame, its length included. Frames of unknown connections are dropped.
  void arrive(ConnId conn, sim::Bytes frame, EventNumber cause);
  /// The other end is gone. What it sent in good order before is still read, as far as answers can be written: a first
  /// write to a closed socket succeeds, the second fails and ends the connection (the answer to the first write is a
  /// RST).
  void closed(ConnId conn, ClosedBy by);
  /// While not open, frames are accepted and left unread (a broker that is starting).
  void set_open(bool open) { open_ = open; }

  /// The next request that can be served: its connection is muted now and must be answered, finished or closed.
  std::optional<Ready> next(SimTime now);
  void occupy(std::size_t handler, SimTime until) { busy_until_[handler] = until; }

  /// An answer that leaves at `at`; afterwards the connection's next frame is read. An empty frame only unmutes
  /// (acks=0).
  void answer(ConnId conn, sim::Bytes frame, FrameSummary what, EventNumber cause, SimTime at);
  /// Writes the answers that are due.
  void depart(SimTime now, std::vector<Output>& out);
  /// Closes a connection from this side.
  void close(ConnId conn, std::vector<Output>& out);
  void close_all(std::vector<Output>& out);

  bool knows(ConnId conn) const;
  SimTime deadline() const;
  void reset(std::size_t handlers);

 private:
  struct Arrived {
    sim::Bytes frame;
    EventNumber cause;
  };
  struct Connection {
    ConnId id = 0;
    bool muted = false;
    bool closed = false;
    std::uint8_t writes_left = 0;  // after it was closed
    std::vector<Arrived> unread;
  };
  struct Departure {
    SimTime at;
    ConnId conn = 0;
    sim::Bytes frame;
    FrameSummary what;
    EventNumber cause;
  };
  Connection* find(ConnId conn);
  void erase(ConnId conn);
  void finish(Connection& connection);
  void write(Departure& departure, std::vector<Output>& out);

  std::vector<Connection> connections_;  // by id
  std::vector<ConnId> waiting_;          // connections with a frame to serve, oldest first
  std::vector<Departure> departures_;    // by time, then as they were decided
  std::vector<SimTime> busy_until_;
  bool open_ = true;
};

}  // namespace linger::broker
