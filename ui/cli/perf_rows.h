#pragma once

#include <vector>

#include "ui/cli/perf_measure.h"

namespace linger::cli {

/// Whole runs: judged frames, bulk traffic, the copy of a world, growth over many runs.
void add_run_rows(std::vector<PerfRow>& rows);
/// Searches: random plans, states of an exploration, plans run again while shrinking.
void add_search_rows(std::vector<PerfRow>& rows);
/// Batches and the producer's way from send to the wire and back.
void add_byte_rows(std::vector<PerfRow>& rows);
/// Event queue, message workload, fingerprint.
void add_kernel_rows(std::vector<PerfRow>& rows);
/// What a window lays out anew for a frame.
void add_window_rows(std::vector<PerfRow>& rows);

}  // namespace linger::cli
