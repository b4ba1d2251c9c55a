#include "sim/connection.h"

#include <cassert>

namespace linger::sim {

namespace {

std::string connection_text(ConnectionId id) {
  return "connection " + std::to_string(id.index) + "." + std::to_string(id.generation);
}

std::string describe_one(const Nothing&) {
  return "nothing";
}
std::string describe_one(const Connected& seen) {
  return "connected " + connection_text(seen.connection);
}
std::string describe_one(const Accepted& seen) {
  return "accepted " + connection_text(seen.connection);
}
std::string describe_one(const Refused& seen) {
  return "refused " + connection_text(seen.connection);
}
std::string describe_one(const Arrived& seen) {
  return "arrived " + connection_text(seen.connection) + (seen.side == Side::client ? " client " : " server ") +
         std::to_string(seen.bytes.size()) + (seen.whole ? " bytes" : " bytes of more") + " api " +
         std::to_string(seen.tag.api) + " ordinal " + std::to_string(seen.tag.ordinal);
}
std::string describe_one(const Closed& seen) {
  return "closed " + connection_text(seen.connection) + (seen.side == Side::client ? " client " : " server ") +
         describe(seen.how);
}

}  // namespace

const char* describe(CloseKind how) {
  switch (how) {
    case CloseKind::fin:
      return "fin";
    case CloseKind::reset:
      return "reset";
    case CloseKind::timed_out:
      return "timed_out";
  }
  assert(false);
  return "";
}

std::string describe(const Outcome& outcome) {
  return std::visit([](const auto& seen) { return describe_one(seen); }, outcome);
}

}  // namespace linger::sim
