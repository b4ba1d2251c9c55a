#include "ui/report/capture.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <map>
#include <utility>

#include "sim/clock.h"
#include "sim/trace_kinds.h"
#include "ui/report/messages.h"

namespace linger::report {
namespace {

using sim::SimTime;
using sim::SimTrace;
using sim::TraceRecord;

constexpr std::size_t client = 0;
constexpr std::size_t server = 1;
constexpr std::uint16_t first_client_port = 32768;  // Linux: net.ipv4.ip_local_port_range
constexpr std::uint16_t last_client_port = 60999;

std::uint16_t port_of(scenarios::HostKind from, scenarios::HostKind to) {
  if (to == scenarios::HostKind::controller) return controller_port;
  const bool inside = from == scenarios::HostKind::broker || from == scenarios::HostKind::controller;
  return inside ? broker_port : client_port;
}

/// A message that has been written and not been acknowledged.
struct Unacknowledged {
  std::size_t message = 0;
  std::uint32_t begin = 0;
  sim::Bytes bytes;
};

/// One side of a connection as its kernel sees it.
struct End {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint32_t next = 0;      ///< sequence number of the next byte that it writes
  std::uint32_t received = 0;  ///< what it acknowledges
  bool fin_sent = false;
  bool rst_sent = false;
  bool gone = false;       ///< closed, or told that the connection is gone
  bool swallowed = false;  ///< what it writes is black-holed
  std::deque<Unacknowledged> unacknowledged;
};

struct Conversation {
  std::array<End, 2> ends;
  std::array<sim::HostId, 2> hosts;
  bool established = false;
};

class Capture {
 public:
  explicit Capture(const scenarios::Run& run) : run_(run), traffic_(read_messages(run.trace)) {
    for (const sim::Trace::Frame& frame : run.trace.frames()) frames_.emplace(frame.record, &frame.bytes);
    // What the reader got hangs on a later record of the event in which it arrived.
    for (std::size_t i = 0; i < traffic_.messages.size(); ++i) {
      by_record_.emplace(traffic_.messages[i].sent_record, i);
    }
  }

  std::vector<Packet> packets() {
    for (std::uint64_t i = 0; i < run_.trace.stored(); ++i) take(run_.trace.at(i), i);
    return std::move(packets_);
  }

 private:
  void take(const TraceRecord& record, std::uint64_t index) {
    if (record.kind >= sim::producer_trace_first) return;
    const auto kind = static_cast<SimTrace>(record.kind);
    now_ = record.at;
    if (kind == SimTrace::connect) return begin(record);
    if (kind == SimTrace::crash) return crash(record.host);
    if (kind == SimTrace::power_lost) return power_lost(record.host);
    const auto found = conversations_.find(record.args[0]);
    if (found == conversations_.end()) return;
    Conversation& talk = found->second;
    const auto which = static_cast<std::size_t>(record.args[1]);
    switch (kind) {
      case SimTrace::connected:
        talk.established = true;
        control(talk, server, Packet::syn | Packet::ack);
        ++talk.ends[server].next;
        talk.ends[client].received = talk.ends[server].next;
        control(talk, client, Packet::ack);
        break;
      case SimTrace::refused:
        control(talk, server, Packet::rst | Packet::ack, "nobody listens there");
        break;
      case SimTrace::sent:
        write(talk, which, index);
        break;
      case SimTrace::delivered:
        acknowledge(talk, which);
        break;
      case SimTrace::retransmit:
        repeat(talk, which);
        break;
      case SimTrace::lost:
        talk.ends[which].swallowed = true;
        break;
      case SimTrace::reset:
        if (record.args[4] > 0) {
          talk.ends[1 - which].received += static_cast<std::uint32_t>(record.args[4]);
          control(talk, 1 - which, Packet::ack, "only the beginning of the message got through");
        }
        break;
      case SimTrace::late:
        end(talk, client, Packet::fin | Packet::ack, "the client's side is gone; what it has sent still arrives");
        talk.ends[server].rst_sent = true;  // what the client sees is its own end, nothing of the server's
        break;
      case SimTrace::close:
        if (talk.established) {
          // Behind swallowed bytes there is no orderly end.
          const bool orderly = record.args[2] == 0 && !talk.ends[which].swallowed;
          end(talk, which, orderly ? Packet::fin | Packet::ack : Packet::rst | Packet::ack);
        }
        break;
      case SimTrace::closed:
        told(talk, which, record.args[2]);
        break;
      default:
        break;
    }
  }

  void begin(const TraceRecord& record) {
    Conversation talk;
    const auto from = static_cast<std::uint32_t>(record.args[1]);
    const auto to = static_cast<std::uint32_t>(record.args[2]);
    talk.hosts = {sim::HostId{from}, sim::HostId{to}};
    const auto count = ports_[from]++;
    constexpr std::uint32_t ports = last_client_port - first_client_port + 1;
    const std::uint16_t port = port_of(run_.setup->roles[from].kind, run_.setup->roles[to].kind);
    const auto initial = static_cast<std::uint32_t>(record.args[0]) * 0x9e37'79b1U;
    talk.ends[client] = {address_of(talk.hosts[client]),
                         static_cast<std::uint16_t>(first_client_port + count % ports),
                         initial,
                         0,
                         false,
                         false,
                         false,
                         false,
                         {}};
    talk.ends[server] = {
        address_of(talk.hosts[server]), port, initial ^ 0x5bd1'e995U, 0, false, false, false, false, {}};
    Conversation& kept = conversations_[record.args[0]] = std::move(talk);
    control(kept, client, Packet::syn);
    ++kept.ends[client].next;
    kept.ends[server].received = kept.ends[client].next;
  }

  Packet& emit(const Conversation& talk, std::size_t side, std::uint32_t sequence, std::uint8_t flags,
               std::string comment) {
    const End& from = talk.ends[side];
    const End& to = talk.ends[1 - side];
    Packet packet;
    packet.at_ns = sim::start_epoch_ns + now_.ns();
    packet.source = from.address;
    packet.destination = to.address;
    packet.source_port = from.port;
    packet.destination_port = to.port;
    packet.sequence = sequence;
    packet.acknowledgement = (flags & Packet::ack) != 0 ? from.received : 0;
    packet.flags = flags;
    packet.comment = std::move(comment);
    packets_.push_back(std::move(packet));
    return packets_.back();
  }

  void control(Conversation& talk, std::size_t side, std::uint8_t flags, std::string comment = {}) {
    emit(talk, side, talk.ends[side].next, flags, std::move(comment));
  }

  void segments(Conversation& talk, std::size_t side, std::uint32_t sequence, const sim::Bytes& bytes,
                std::size_t at_most, const std::string& comment) {
    std::size_t size = 0;
    for (std::size_t at = 0; at < std::min(bytes.size(), at_most); at += size) {
      size = std::min(at == 0 ? first_segment(talk) : segment_bytes, bytes.size() - at);
      const bool last = at + size == bytes.size();
      const auto flags = static_cast<std::uint8_t>(last ? Packet::psh | Packet::ack : Packet::ack);
      emit(talk, side, sequence + static_cast<std::uint32_t>(at), flags, at == 0 ? comment : std::string()).payload =
          bytes.slice(at, size);
    }
  }

  /// Inside the cluster the length goes alone. Dissectors that guess by content take a length and a small correlation
  /// id for a protocol of their own (SMPP's does), and call it malformed; of clients' traffic nobody has to guess.
  static std::size_t first_segment(const Conversation& talk) {
    constexpr std::size_t length_prefix = 4;
    return talk.ends[server].port == client_port ? segment_bytes : length_prefix;
  }

  void write(Conversation& talk, std::size_t side, std::uint64_t index) {
    const std::size_t number = by_record_.at(index);
    const Message& message = traffic_.messages[number];
    End& end = talk.ends[side];
    const sim::Bytes bytes = bytes_of(message);
    segments(talk, side, end.next, bytes, bytes.size(), comment_on(message));
    end.unacknowledged.push_back({number, end.next, bytes});
    end.next += static_cast<std::uint32_t>(bytes.size());
  }

  void acknowledge(Conversation& talk, std::size_t way) {
    End& writer = talk.ends[way];
    if (writer.unacknowledged.empty()) return;
    const Unacknowledged& first = writer.unacknowledged.front();
    End& reader = talk.ends[1 - way];
    reader.received = first.begin + static_cast<std::uint32_t>(first.bytes.size());
    writer.unacknowledged.pop_front();
    if (!reader.rst_sent || reader.fin_sent || !reader.gone) control(talk, 1 - way, Packet::ack);
  }

  void repeat(Conversation& talk, std::size_t side) {
    End& end = talk.ends[side];
    if (!end.unacknowledged.empty()) {
      const Unacknowledged& first = end.unacknowledged.front();
      segments(talk, side, first.begin, first.bytes, segment_bytes, "");
    } else if (end.fin_sent) {
      emit(talk, side, end.next - 1, Packet::fin | Packet::ack, "");
    } else {
      control(talk, side, Packet::ack);
    }
  }

  void end(Conversation& talk, std::size_t side, std::uint8_t flags, std::string comment = {}) {
    End& end = talk.ends[side];
    end.gone = true;
    if (end.fin_sent || end.rst_sent) return;
    control(talk, side, flags, std::move(comment));
    if ((flags & Packet::fin) != 0) {
      end.fin_sent = true;
      ++end.next;
    } else {
      end.rst_sent = true;
    }
  }

  /// A side learns that the connection is gone: it answers an orderly end with its own; a reset was sent by the other
  /// side.
  void told(Conversation& talk, std::size_t side, std::int64_t how) {
    constexpr std::int64_t fin = 0;
    constexpr std::int64_t reset = 1;
    const std::size_t other = 1 - side;
    End& here = talk.ends[side];
    if (how == fin && talk.ends[other].fin_sent) {
      here.received = talk.ends[other].next;
      end(talk, side, Packet::fin | Packet::ack);
    } else if (how == reset && talk.established && !talk.ends[other].rst_sent) {
      control(talk, other, Packet::rst | Packet::ack);
      talk.ends[other].rst_sent = true;
    }
    here.gone = true;
  }

  void crash(sim::HostId host) {
    for (auto& [serial, talk] : conversations_) {
      for (const std::size_t side : {client, server}) {
        if (talk.hosts[side] == host && talk.established && !talk.ends[side].gone)
          end(talk, side, Packet::rst | Packet::ack, "the process died");
      }
    }
  }
  void power_lost(sim::HostId host) {
    for (auto& [serial, talk] : conversations_) {
      for (const std::size_t side : {client, server}) {
        if (talk.hosts[side] == host) talk.ends[side].gone = true;
      }
    }
  }

  /// An answer that a fault has replaced is shown as its reader got it.
  sim::Bytes bytes_of(const Message& message) const {
    if (message.answer && message.arrived_record) {
      const auto read = frames_.lower_bound(*message.arrived_record);
      const sim::EventNumber event = run_.trace.at(*message.arrived_record).event;
      if (read != frames_.end() && run_.trace.at(read->first).event == event && is_of_reader(read->first))
        return *read->second;
    }
    return *frames_.at(message.sent_record);
  }
  bool is_of_reader(std::uint64_t record) const { return !by_record_.contains(record); }

  std::string comment_on(const Message& message) const {
    std::string out;
    const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
    if (message.forged) add("a fault has replaced the broker's answer by this one");
    if (message.late) add("arrives after its sender has given the connection up");
    if (message.fate == Fate::lost) add("lost: swallowed on the way");
    if (message.fate == Fate::cut_off) add("never arrived: the connection ended first");
    if (message.fault) add("fault " + run_.setup->scenario.faults[*message.fault].id);
    return out;
  }

  const scenarios::Run& run_;
  Messages traffic_;
  std::map<std::uint64_t, const sim::Bytes*> frames_;   ///< by trace record
  std::map<std::uint64_t, std::size_t> by_record_;      ///< the message that a `sent` record is about
  std::map<std::int64_t, Conversation> conversations_;  ///< by serial number
  std::map<std::uint32_t, std::uint32_t> ports_;        ///< connects so far, by host
  SimTime now_;
  std::vector<Packet> packets_;
};

}  // namespace

std::uint32_t address_of(sim::HostId host) {
  // No host ends in .0 or .255.
  constexpr std::uint32_t in_a_row = 254;
  return 0x0a00'0000U + (host.value() / in_a_row) * 256 + host.value() % in_a_row + 1;
}

std::vector<Packet> capture_of(const scenarios::Run& run) {
  assert(run.trace.keeps_frames());
  return Capture{run}.packets();
}

}  // namespace linger::report
