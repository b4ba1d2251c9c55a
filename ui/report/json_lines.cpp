#include "ui/report/json_lines.h"

#include <nlohmann/json.hpp>

#include "scenarios/trace_kinds.h"

namespace linger::report {

std::string export_json_lines(const scenarios::Run& run) {
  nlohmann::ordered_json header;
  header["trace"] = 1;
  header["kind"] = "run";
  header["scenario"] = run.result.scenario;
  header["seed"] = run.result.seed;
  header["hash"] = scenarios::hex64(run.result.fingerprint);
  header["virtual_ns"] = run.result.virtual_ns;
  header["hosts"] = run.setup->hosts;
  std::string out = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const sim::TraceKinds& kinds = scenarios::trace_kinds();
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i)
    out += kinds.json_line(run.trace.at(i), run.trace, run.setup->hosts) += '\n';
  return out;
}

}  // namespace linger::report
