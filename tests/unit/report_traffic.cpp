// Messages as pictures and captures know them, and the captures.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "protocol/api_level.h"
#include "scenarios/trace_kinds.h"
#include "sim/clock.h"
#include "sim/trace_kinds.h"
#include "support/run_file.h"
#include "ui/report/capture.h"
#include "ui/report/messages.h"
#include "ui/report/pcapng.h"

using namespace linger;
using namespace linger::report;
using linger::testing::library_names;
using linger::testing::run_of_library;

namespace {

std::int64_t count_of(const scenarios::Run& run, sim::SimTrace kind) {
  std::int64_t count = 0;
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) count += run.trace.at(i).kind == sim::trace_kind(kind) ? 1 : 0;
  return count;
}

/// One direction of a connection in a capture.
using Flow = std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t>;
Flow flow_of(const Packet& p) {
  return {p.source, p.source_port, p.destination, p.destination_port};
}
Flow back_of(const Packet& p) {
  return {p.destination, p.destination_port, p.source, p.source_port};
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}
std::uint32_t little_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}
/// One's complement sum of 16-bit words; 0xffff over bytes that hold their own checksum.
std::uint32_t folded_sum(const std::string& bytes, std::size_t at, std::size_t size, std::uint32_t sum) {
  for (std::size_t i = 0; i < size; i += 2)
    sum += big_endian(bytes, at + i, 1) << 8 | (i + 1 < size ? big_endian(bytes, at + i + 1, 1) : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

}  // namespace

TEST_CASE("an answer is lost: the message knows its fault, its fate, and the request that it answers") {
  const scenarios::Run run = run_of_library("lost-ack");
  const Messages traffic = read_messages(run.trace);
  CHECK(static_cast<std::int64_t>(traffic.messages.size()) == count_of(run, sim::SimTrace::sent));
  std::vector<const report::Message*> produce;
  for (const report::Message& one : traffic.messages) {
    if (one.api == ApiKey::produce) produce.push_back(&one);
  }
  REQUIRE(produce.size() == 4);  // request, lost answer, request, answer
  const report::Message& request = *produce[0];
  const report::Message& lost = *produce[1];
  CHECK(request.fate == Fate::arrived);
  REQUIRE(request.batches.size() == 1);
  CHECK(request.batches[0].attempt == 1);
  CHECK(request.batches[0].records == 2);
  CHECK(lost.answer);
  CHECK(lost.fate == Fate::lost);
  CHECK(lost.fault == 0U);
  REQUIRE(lost.about);
  CHECK(&traffic.messages[*lost.about] == &request);
  CHECK(produce[2]->batches[0].attempt == 2);
  CHECK(produce[3]->fate == Fate::arrived);
  CHECK(produce[3]->answers.at(0).base_offset == 0);
  // It waits for request.timeout.ms, not for the answer that never comes.
  CHECK((waits_until(traffic, request) - request.sent_at).ns() / 1'000'000'000 >= 29);
}

TEST_CASE(
    "a leader dies with four requests unread in its socket: they arrived, nobody answered, and the connection's end "
    "ends the wait") {
  const scenarios::Run run = run_of_library("failover-five-in-flight");
  const Messages traffic = read_messages(run.trace);
  int unanswered = 0;
  for (const report::Message& one : traffic.messages) {
    if (one.api != ApiKey::produce || one.answer || one.batches.at(0).attempt != 1) continue;
    CHECK_FALSE(one.answered_by);
    CHECK(waits_until(traffic, one) == traffic.wires[one.wire].ended_at);
    ++unanswered;
  }
  CHECK(unanswered == 5);
}

TEST_CASE("keeping the frames changes nothing of the run, and every message has its bytes") {
  const scenarios::Run with = run_of_library("rolling-restart-under-load", true);
  const scenarios::Run without = run_of_library("rolling-restart-under-load");
  CHECK(with.result.fingerprint == without.result.fingerprint);
  CHECK(with.trace.hash() == without.trace.hash());
  CHECK(without.trace.frames().empty());
  std::map<std::uint64_t, std::size_t> sizes;
  for (const sim::Trace::Frame& frame : with.trace.frames()) sizes[frame.record] = frame.bytes.size();
  for (const report::Message& one : read_messages(with.trace).messages)
    CHECK(static_cast<std::int64_t>(sizes.at(one.sent_record)) == one.size);
}

TEST_CASE(
    "every capture of the library is a possible conversation: sequence numbers without gaps, acknowledgements of what "
    "was sent") {
  for (const std::string& name : library_names()) {
    INFO(name);
    const scenarios::Run run = run_of_library(name, true);
    const std::vector<Packet> packets = capture_of(run);
    std::map<Flow, std::uint32_t> next;
    std::map<Flow, std::uint32_t> acknowledged;
    std::int64_t payload = 0;
    std::int64_t last = 0;
    std::int64_t repeated = 0;
    for (const Packet& p : packets) {
      REQUIRE(p.at_ns >= last);
      REQUIRE(p.payload.size() <= segment_bytes);
      last = p.at_ns;
      const bool opens = (p.flags & Packet::syn) != 0;
      // A port that nobody listens on answers with a reset, without any connection.
      if (opens || !next.contains(flow_of(p))) {
        REQUIRE((opens || (p.flags & Packet::rst) != 0));
        next[flow_of(p)] = p.sequence;
      }
      const auto length =
          static_cast<std::uint32_t>(p.payload.size()) + (opens ? 1 : 0) + ((p.flags & Packet::fin) != 0 ? 1 : 0);
      const bool again = p.sequence != next.at(flow_of(p));
      if (again) {
        // Only what was sent before may be sent again.
        REQUIRE(next.at(flow_of(p)) - p.sequence < 0x8000'0000U);
        ++repeated;
      } else {
        next[flow_of(p)] += length;
        payload += static_cast<std::int64_t>(p.payload.size());
      }
      if ((p.flags & Packet::ack) != 0 && next.contains(back_of(p))) {
        const std::uint32_t sent = next.at(back_of(p));
        REQUIRE(sent - p.acknowledgement < 0x8000'0000U);
        if (acknowledged.contains(flow_of(p)) && !opens && (p.flags & Packet::rst) == 0)
          REQUIRE(p.acknowledgement - acknowledged.at(flow_of(p)) < 0x8000'0000U);
        acknowledged[flow_of(p)] = p.acknowledgement;
      }
    }
    std::int64_t bytes = 0;
    for (const report::Message& one : read_messages(run.trace).messages) bytes += one.size;
    // A forged or throttled answer may have another size than what the broker sent.
    if (name != "kafka-14034-known-defect") CHECK(payload == bytes);
    // Inside the cluster a message's length is a segment of its own.
    CHECK(repeated <= 2 * count_of(run, sim::SimTrace::retransmit));
  }
}

TEST_CASE(
    "what a fault swallows is in the capture, sent again by the kernel, never acknowledged until its connection ends") {
  const scenarios::Run run = run_of_library("lost-ack", true);
  const std::vector<Packet> packets = capture_of(run);
  const auto lost = std::find_if(packets.begin(), packets.end(),
                                 [](const Packet& p) { return p.comment.find("lost") != std::string::npos; });
  REQUIRE(lost != packets.end());
  CHECK(lost->comment == "lost: swallowed on the way; fault lost-ack");
  CHECK(lost->source_port == client_port);
  int again = 0;
  bool ended = false;
  for (auto p = lost + 1; p != packets.end() && !ended; ++p) {
    if (flow_of(*p) == flow_of(*lost) && p->sequence == lost->sequence && !p->payload.empty()) ++again;
    if (flow_of(*p) == back_of(*lost)) {
      CHECK(p->acknowledgement <= lost->sequence);
      ended = (p->flags & (Packet::fin | Packet::rst)) != 0;
    }
  }
  CHECK(again == 7);
  CHECK(ended);
}

TEST_CASE("a forged answer is captured as its reader got it") {
  const scenarios::Run run = run_of_library("not-enough-replicas-after-append", true);
  const Messages traffic = read_messages(run.trace);
  const bool forged = std::any_of(traffic.messages.begin(), traffic.messages.end(),
                                  [](const report::Message& one) { return one.forged; });
  const std::vector<Packet> packets = capture_of(run);
  const bool said = std::any_of(packets.begin(), packets.end(),
                                [](const Packet& p) { return p.comment.find("replaced") != std::string::npos; });
  CHECK(forged == said);
}

TEST_CASE("the capture file: blocks that fit into each other, right checksums, names of hosts, times in nanoseconds") {
  const scenarios::Run run = run_of_library("lost-ack", true);
  const std::string file = export_pcap(run);
  CHECK(file == export_pcap(run));
  CHECK(file.find(std::string("\x0a\x00\x00\x01"
                              "b1\0",
                              7)) != std::string::npos);
  std::size_t packets = 0;
  std::size_t at = 0;
  while (at < file.size()) {
    const std::uint32_t type = little_endian(file, at);
    const std::uint32_t length = little_endian(file, at + 4);
    REQUIRE(length % 4 == 0);
    REQUIRE(at + length <= file.size());
    REQUIRE(little_endian(file, at + length - 4) == length);
    if (type == 6) {
      const std::size_t ip = at + 28;
      const std::size_t size = big_endian(file, ip + 2, 2);
      REQUIRE(little_endian(file, at + 20) == size);
      REQUIRE(folded_sum(file, ip, 20, 0) == 0xffff);
      const std::uint32_t pseudo = folded_sum(file, ip + 12, 8, 6 + static_cast<std::uint32_t>(size) - 20);
      REQUIRE(folded_sum(file, ip + 20, size - 20, pseudo) == 0xffff);
      const std::uint64_t time = std::uint64_t{little_endian(file, at + 12)} << 32 | little_endian(file, at + 16);
      if (packets == 0) CHECK(static_cast<std::int64_t>(time) == sim::start_epoch_ns);
      ++packets;
    }
    at += length;
  }
  CHECK(at == file.size());
  CHECK(packets == capture_of(run).size());
}

TEST_CASE(
    "clients told that the cluster knows Kafka 2.5's versions speak no newer ones, and nothing else becomes of their "
    "records") {
  for (const std::string& name : library_names()) {
    INFO(name);
    scenarios::Overrides overrides;
    overrides.set.emplace_back("/cluster/config/client.api.versions", "\"2.5\"");
    const scenarios::Run run = run_of_library(name, true, overrides);
    CHECK(run.result.violations.empty());
    CHECK(run.result.counts.lost == run_of_library(name).result.counts.lost);
    std::map<std::uint64_t, const sim::Bytes*> frames;
    for (const sim::Trace::Frame& frame : run.trace.frames()) frames[frame.record] = &frame.bytes;
    std::set<ApiKey> seen;
    const Messages traffic = read_messages(run.trace);
    for (const report::Message& one : traffic.messages) {
      const scenarios::HostKind client = run.setup->roles[traffic.wires[one.wire].client.value()].kind;
      const bool inside = client == scenarios::HostKind::broker || client == scenarios::HostKind::controller;
      // A client begins with the newest ApiVersions that it knows (KIP-511).
      if (one.answer || inside || one.api == ApiKey::api_versions) continue;
      const std::byte* bytes = frames.at(one.sent_record)->data();
      const int version = std::to_integer<int>(bytes[6]) << 8 | std::to_integer<int>(bytes[7]);
      CHECK(version <= newest_version(one.api, ApiLevel::kafka_2_5));
      seen.insert(one.api);
    }
    CHECK(seen.contains(ApiKey::produce));
  }
  CHECK(newest_version(ApiKey::produce, ApiLevel::kafka_2_5) == 8);
  CHECK(newest_version(ApiKey::produce, ApiLevel::newest) == 13);
}
