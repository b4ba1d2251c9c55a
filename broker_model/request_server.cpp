#include "broker_model/request_server.h"

#include <algorithm>

namespace linger::broker {
namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

RequestServer::Connection* RequestServer::find(ConnId conn) {
  const auto at = std::lower_bound(connections_.begin(), connections_.end(), conn,
                                   [](const Connection& c, ConnId id) { return c.id < id; });
  return at != connections_.end() && at->id == conn ? &*at : nullptr;
}

bool RequestServer::knows(ConnId conn) const {
  return const_cast<RequestServer*>(this)->find(conn) != nullptr;
}

void RequestServer::erase(ConnId conn) {
  std::erase_if(connections_, [&](const Connection& c) { return c.id == conn; });
}

void RequestServer::accept(ConnId conn) {
  const auto at = std::lower_bound(connections_.begin(), connections_.end(), conn,
                                   [](const Connection& c, ConnId id) { return c.id < id; });
  Connection connection;
  connection.id = conn;
  connections_.insert(at, std::move(connection));
}

void RequestServer::arrive(ConnId conn, sim::Bytes frame, EventNumber cause) {
  Connection* connection = find(conn);
  if (connection == nullptr || frame.size() < length_bytes) return;
  connection->unread.push_back({frame.slice(length_bytes, frame.size() - length_bytes), cause});
  if (!connection->muted && connection->unread.size() == 1) waiting_.push_back(conn);
}

void RequestServer::closed(ConnId conn, ClosedBy by) {
  Connection* connection = find(conn);
  if (connection == nullptr) return;
  if (by == ClosedBy::reset || (!connection->muted && connection->unread.empty())) {
    // A muted connection's request is served to its end; what it writes goes nowhere, what was not read is gone.
    erase(conn);
    return;
  }
  connection->closed = true;
  connection->writes_left = 1;
}

std::optional<RequestServer::Ready> RequestServer::next(SimTime now) {
  if (waiting_.empty() || !open_) return std::nullopt;
  const auto idle = std::find_if(busy_until_.begin(), busy_until_.end(), [&](SimTime until) { return until <= now; });
  if (idle == busy_until_.end()) return std::nullopt;
  while (!waiting_.empty()) {
    const ConnId conn = waiting_.front();
    waiting_.erase(waiting_.begin());
    Connection* connection = find(conn);
    if (connection == nullptr || connection->unread.empty()) continue;
    Ready ready;
    ready.conn = conn;
    ready.frame = std::move(connection->unread.front().frame);
    ready.cause = connection->unread.front().cause;
    ready.handler = static_cast<std::size_t>(idle - busy_until_.begin());
    connection->unread.erase(connection->unread.begin());
    connection->muted = true;
    return ready;
  }
  return std::nullopt;
}

void RequestServer::answer(ConnId conn, sim::Bytes frame, FrameSummary what, EventNumber cause, SimTime at) {
  Departure departure{at, conn, std::move(frame), what, cause};
  const auto place = std::upper_bound(departures_.begin(), departures_.end(), at,
                                      [](SimTime t, const Departure& d) { return t < d.at; });
  departures_.insert(place, std::move(departure));
}

void RequestServer::finish(Connection& connection) {
  connection.muted = false;
  if (!connection.unread.empty()) {
    waiting_.push_back(connection.id);
  } else if (connection.closed) {
    erase(connection.id);
  }
}

void RequestServer::write(Departure& departure, std::vector<Output>& out) {
  Connection* connection = find(departure.conn);
  if (connection == nullptr) return;
  if (connection->closed && !departure.frame.empty()) {
    if (connection->writes_left == 0) {
      erase(departure.conn);
      return;
    }
    --connection->writes_left;
  } else if (!departure.frame.empty()) {
    out.push_back(Send{departure.conn, std::move(departure.frame), departure.what, departure.cause});
  }
  finish(*connection);
}

void RequestServer::depart(SimTime now, std::vector<Output>& out) {
  while (!departures_.empty() && departures_.front().at <= now) {
    Departure departure = std::move(departures_.front());
    departures_.erase(departures_.begin());
    write(departure, out);
  }
}

void RequestServer::close(ConnId conn, std::vector<Output>& out) {
  const Connection* connection = find(conn);
  if (connection == nullptr) return;
  out.push_back(Close{conn});
  erase(conn);
}

void RequestServer::close_all(std::vector<Output>& out) {
  for (const Connection& connection : connections_) {
    if (!connection.closed) out.push_back(Close{connection.id});
  }
  connections_.clear();
  waiting_.clear();
  departures_.clear();
}

SimTime RequestServer::deadline() const {
  SimTime at = departures_.empty() ? SimTime::never() : departures_.front().at;
  if (!waiting_.empty() && open_) at = std::min(at, *std::min_element(busy_until_.begin(), busy_until_.end()));
  return at;
}

void RequestServer::reset(std::size_t handlers) {
  connections_.clear();
  waiting_.clear();
  departures_.clear();
  busy_until_.assign(handlers, SimTime{});
}

}  // namespace linger::broker
