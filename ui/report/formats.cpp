#include "ui/report/formats.h"

#include <algorithm>
#include <array>

#include "ui/report/json_lines.h"
#include "ui/report/mermaid.h"
#include "ui/report/page.h"
#include "ui/report/pcapng.h"
#include "ui/report/perfetto.h"
#include "ui/report/svg.h"

namespace linger::report {
namespace {

using scenarios::Run;

constexpr std::array formats{
    Format{"pcap", "every message in its bytes, for Wireshark and tshark", true, true, false,
           [](const Run& run, const Wanted&) { return export_pcap(run); }},
    Format{"perfetto", "a timeline for ui.perfetto.dev and chrome://tracing", false, false, false,
           [](const Run& run, const Wanted&) { return export_perfetto(run); }},
    Format{"svg", "the time-space diagram as a picture", false, false, true, export_svg},
    Format{"mermaid", "a sequence diagram as text", false, false, true, export_mermaid},
    Format{"jsonl", "the trace, one JSON object a line", false, false, false,
           [](const Run& run, const Wanted&) { return export_json_lines(run); }},
    Format{"html", "one page with story, picture, ledger and trace", false, false, true, export_html},
};

}  // namespace

std::span<const Format> all_formats() {
  return formats;
}

const Format* find_format(std::string_view name) {
  const auto found = std::find_if(formats.begin(), formats.end(), [&](const Format& one) { return one.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace linger::report
