#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/runner.h"
#include "ui/report/capture.h"

namespace linger::report {

/// A capture file: pcapng (draft-ietf-opsawg-pcapng) with one interface of raw IPv4, times in nanoseconds, the hosts'
/// names and comments on packets. `about` is the comment on the file.
std::string pcapng(std::span<const Packet> packets, std::span<const std::pair<std::uint32_t, std::string>> names,
                   const std::string& about);

/// The traffic of a run that kept its frames.
std::string export_pcap(const scenarios::Run& run);

}  // namespace linger::report
