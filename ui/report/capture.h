#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "sim/bytes.h"

namespace linger::report {

/// One IP packet of a capture.
struct Packet {
  enum Flag : std::uint8_t { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16 };
  std::int64_t at_ns = 0;                     ///< nanoseconds since 1970
  std::uint32_t source = 0, destination = 0;  ///< IPv4 addresses
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::uint8_t flags = 0;
  sim::Bytes payload;
  std::string comment;
};

/// The ports of three listeners, as clusters usually have them: brokers listen for clients, controllers for brokers and
/// each other, brokers for brokers. Apart, because dissectors know the versions that clients speak long before those of
/// a cluster's inside.
inline constexpr std::uint16_t client_port = 9092;
inline constexpr std::uint16_t controller_port = 9093;
inline constexpr std::uint16_t broker_port = 9094;
/// Most bytes of a message in one packet: Ethernet's 1500 without the IP and TCP headers.
inline constexpr std::size_t segment_bytes = 1460;

/// 10.0.0.1 for the first host of the run, 10.0.0.2 for the second, …
std::uint32_t address_of(sim::HostId host);

/// The traffic of a run as a TCP capture, in the order of time. Each packet is captured where and when its sender hands
/// it to the network: what a fault swallows is there, and nobody acknowledges it. Messages are shown when they were
/// written to the connection; retransmissions are those that the simulated kernel made. Requires a run that kept its
/// frames.
std::vector<Packet> capture_of(const scenarios::Run& run);

}  // namespace linger::report
