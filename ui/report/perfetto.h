#pragma once

#include <string>

#include "scenarios/runner.h"

namespace linger::report {

/// The run as Chrome trace events (JSON), which ui.perfetto.dev and chrome://tracing open: one process a host; requests
/// as asynchronous slices from their sending to their answer, with flows between the hosts; faults, elections and
/// crashes as instants; in-flight requests, batches, log ends and high watermarks as counters. Requires a run that kept
/// its trace.
std::string export_perfetto(const scenarios::Run& run);

}  // namespace linger::report
