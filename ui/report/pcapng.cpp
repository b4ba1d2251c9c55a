#include "ui/report/pcapng.h"

#include <cstdint>

namespace linger::report {
namespace {

/// Numbers of the capture format in the machine-independent little-endian order.
class File {
 public:
  std::string bytes;

  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void pad() { bytes.resize((bytes.size() + 3) / 4 * 4, '\0'); }
  void option(std::uint16_t code, std::string_view value) {
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    bytes += value;
    pad();
  }
  void end_of_options() { u32(0); }
  void block(std::uint32_t type, const File& body) {
    const auto length = static_cast<std::uint32_t>(body.bytes.size() + 12);
    u32(type);
    u32(length);
    bytes += body.bytes;
    u32(length);
  }

 private:
  void number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  }
};

// Types and option codes of the format.
constexpr std::uint32_t section_header = 0x0a0d0d0a, interface_description = 1, name_resolution = 4,
                        enhanced_packet = 6;
constexpr std::uint16_t comment_option = 1, application_option = 4, interface_name_option = 2,
                        time_resolution_option = 9;
constexpr std::uint16_t ipv4_name_record = 1;
constexpr std::uint16_t raw_ip = 101;
constexpr std::size_t longest_option = 0xfff0;

constexpr std::size_t ip_header = 20;
constexpr std::size_t tcp_header = 20;

void put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>((value >> 8) & 0xff);
  out += static_cast<char>(value & 0xff);
}
void put32(std::string& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

/// The Internet's checksum (RFC 1071): one's complement of the one's complement sum of 16-bit words.
std::uint16_t checksum(std::string_view bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << 8;
    if (i + 1 < bytes.size()) sum += static_cast<unsigned char>(bytes[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

void set16(std::string& out, std::size_t at, std::uint16_t value) {
  out[at] = static_cast<char>(value >> 8);
  out[at + 1] = static_cast<char>(value & 0xff);
}

std::string ip_packet(const Packet& packet, std::uint16_t id) {
  constexpr std::uint32_t tcp = 6;
  constexpr std::uint32_t dont_fragment = 0x4000;
  constexpr std::uint32_t hops = 64;
  constexpr std::uint32_t window = 65535;
  const bool opens = (packet.flags & Packet::syn) != 0;
  const std::size_t options = opens ? 4 : 0;
  const std::size_t segment = tcp_header + options + packet.payload.size();
  std::string out;
  out.reserve(ip_header + segment);
  put16(out, 0x4500);
  put16(out, static_cast<std::uint32_t>(ip_header + segment));
  put16(out, id);
  put16(out, dont_fragment);
  put16(out, hops << 8 | tcp);
  put16(out, 0);
  put32(out, packet.source);
  put32(out, packet.destination);
  set16(out, 10, checksum(out, 0));

  put16(out, packet.source_port);
  put16(out, packet.destination_port);
  put32(out, packet.sequence);
  put32(out, packet.acknowledgement);
  put16(out, static_cast<std::uint32_t>((tcp_header + options) / 4) << 12 | packet.flags);
  put16(out, window);
  put32(out, 0);
  if (opens) put32(out, 0x0204'0000U | static_cast<std::uint32_t>(segment_bytes));
  out.append(reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size());
  const auto half = [](std::uint32_t address) { return (address >> 16) + (address & 0xffff); };
  const std::uint32_t pseudo =
      half(packet.source) + half(packet.destination) + tcp + static_cast<std::uint32_t>(segment);
  set16(out, ip_header + 16, checksum(std::string_view(out).substr(ip_header), pseudo));
  return out;
}

void begin(File& file, const std::string& about, std::span<const std::pair<std::uint32_t, std::string>> names) {
  File section;
  section.u32(0x1a2b3c4d);  // byte order
  section.u16(1);           // version 1.0
  section.u16(0);
  section.u32(0xffff'ffff);  // the section's length is not given
  section.u32(0xffff'ffff);
  section.option(comment_option, std::string_view(about).substr(0, longest_option));
  section.option(application_option, "Linger");
  section.end_of_options();
  file.block(section_header, section);

  File interface;
  interface.u16(raw_ip);
  interface.u16(0);
  interface.u32(0);  // no limit of length
  interface.option(interface_name_option, "simulated network, at each packet's sender");
  interface.option(time_resolution_option, std::string_view("\x09", 1));
  interface.end_of_options();
  file.block(interface_description, interface);

  File resolution;
  for (const auto& [address, name] : names) {
    resolution.u16(ipv4_name_record);
    resolution.u16(static_cast<std::uint16_t>(4 + name.size() + 1));
    put32(resolution.bytes, address);
    resolution.bytes += name;
    resolution.bytes += '\0';
    resolution.pad();
  }
  resolution.u32(0);
  file.block(name_resolution, resolution);
}

}  // namespace

std::string pcapng(std::span<const Packet> packets, std::span<const std::pair<std::uint32_t, std::string>> names,
                   const std::string& about) {
  File file;
  begin(file, about, names);
  std::uint16_t id = 0;
  for (const Packet& packet : packets) {
    const std::string ip = ip_packet(packet, id++);
    const auto time = static_cast<std::uint64_t>(packet.at_ns);
    File body;
    body.u32(0);
    body.u32(static_cast<std::uint32_t>(time >> 32));
    body.u32(static_cast<std::uint32_t>(time));
    body.u32(static_cast<std::uint32_t>(ip.size()));
    body.u32(static_cast<std::uint32_t>(ip.size()));
    body.bytes += ip;
    body.pad();
    if (!packet.comment.empty()) {
      body.option(comment_option, std::string_view(packet.comment).substr(0, longest_option));
      body.end_of_options();
    }
    file.block(enhanced_packet, body);
  }
  return std::move(file.bytes);
}

std::string export_pcap(const scenarios::Run& run) {
  std::vector<std::pair<std::uint32_t, std::string>> names;
  for (std::uint32_t host = 0; host < run.setup->hosts.size(); ++host)
    names.emplace_back(address_of(sim::HostId{host}), run.setup->hosts[host]);
  const std::string about = run.setup->scenario.title + ", seed " + std::to_string(run.result.seed) + ", fingerprint " +
                            scenarios::hex64(run.result.fingerprint) +
                            "; packets are captured where their sender hands them to the network";
  return pcapng(capture_of(run), names, about);
}

}  // namespace linger::report
