#include <cassert>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "perf_scenarios.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/setup.h"
#include "ui/cli/perf_floors.h"
#include "ui/cli/perf_rows.h"

namespace linger::cli {
namespace {

using scenarios::Run;
using scenarios::Setup;
using scenarios::World;

std::shared_ptr<const Setup> setup_of(std::string_view text) {
  auto read = scenarios::read_scenario(text);
  assert(read.ok());
  return scenarios::prepare(std::move(*read.scenario));
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

/// A run with everything but the trace: real bytes, the whole producer, final phase, every checker.
void add_judged_row(std::vector<PerfRow>& rows, const std::string& name, std::string_view text) {
  const auto setup = setup_of(text);
  const Run once = scenarios::run_scenario(setup);
  assert(once.result.violations.empty() && once.result.unmet.empty());
  PerfRow row{name, "frame", 0, 0, 545, 4, {}};
  const std::uint64_t frames = once.result.frames;
  row.ours = median_ns(frames, [&] { keep(scenarios::run_scenario(setup).result.fingerprint); });
  row.floor = median_ns(floor_run(10, 10, 100), [] { keep(floor_run(10, 10, 100)); });
  row.remark = std::to_string(frames) + " frames, " + std::to_string(once.result.events) + " events, " +
               rounded(1e9 / (row.ours * static_cast<double>(frames))) + " runs/s, " +
               rounded(static_cast<double>(once.result.virtual_ns) / 1e6) + " ms of virtual time";
  rows.push_back(std::move(row));
}

void add_bulk_row(std::vector<PerfRow>& rows) {
  const auto setup = setup_of(perf_scenario_bulk);
  constexpr std::size_t records = 20'000;
  constexpr std::size_t records_a_batch = 40;
  sim::Trace trace{sim::Trace::Mode::off};
  PerfRow row{"bulk through three replicas, 40 records a batch, to a consumer", "record", 0, 0, 165, 165 / 55.5, {}};
  std::int64_t requests = 0;
  row.ours = median_ns(records, [&] {
    World world{setup};
    world.start(trace);
    while (world.consumers().front().records_seen() < static_cast<std::int64_t>(records)) {
      assert(world.has_next());
      world.step(trace);
    }
    requests = world.counters().produce_requests;
    keep(world.fingerprint());
  });
  row.floor = median_ns(records, [] { keep(floor_bulk(records / records_a_batch, records_a_batch, 100)); });
  row.remark = std::to_string(requests) + " produce requests";
  rows.push_back(std::move(row));
}

void add_copy_row(std::vector<PerfRow>& rows) {
  const auto setup = setup_of(perf_scenario_lost_ack);
  sim::Trace trace{sim::Trace::Mode::off};
  const std::uint64_t events = scenarios::run_scenario(setup).result.events;
  World world{setup};
  world.start(trace);
  while (world.counters().events < events / 2) world.step(trace);
  // Many copies, so that blocks which were free before do not count.
  constexpr std::size_t copies = 200;
  const std::size_t before = heap_bytes_in_use();
  const std::vector<World> many(copies, world);
  const std::size_t size = (heap_bytes_in_use() - before) / copies;
  auto copy = std::make_unique<World>(world);
  PerfRow row{"copy of the world of lost-ack.json in mid-run", "copy", 0, 0, 5000, 10, {}};
  row.ours = median_ns(100, [&] {
    for (int n = 0; n < 100; ++n) {
      *copy = world;
      keep(copy->fingerprint());
    }
  });
  std::vector<std::byte> from(size);
  std::vector<std::byte> to(size);
  row.floor = median_ns(100, [&] {
    for (int n = 0; n < 100; ++n) {
      std::memcpy(to.data(), from.data(), size);
      from[static_cast<std::size_t>(n)] = to[size - 1];
      keep(static_cast<std::uint64_t>(to[static_cast<std::size_t>(n)]));
    }
  });
  row.remark = std::to_string(size) + " bytes";
  rows.push_back(std::move(row));
}

/// How much heap a thousand runs leave behind, after the free lists have filled.
std::string growth() {
  const auto setup = setup_of(perf_scenario_lost_ack_100);
  for (int n = 0; n < 10; ++n) keep(scenarios::run_scenario(setup).result.fingerprint);
  const std::size_t before = heap_bytes_in_use();
  for (int n = 0; n < 1000; ++n) keep(scenarios::run_scenario(setup).result.fingerprint);
  const std::size_t after = heap_bytes_in_use();
  return std::to_string(after > before ? after - before : 0) + " bytes more heap after 1,000 runs";
}

}  // namespace

void add_run_rows(std::vector<PerfRow>& rows) {
  add_judged_row(rows, "judged frame, perf/lost-ack-100.json", perf_scenario_lost_ack_100);
  rows.back().remark += ", " + growth();
  add_judged_row(rows, "judged frame, library/lost-ack.json", perf_scenario_lost_ack);
  add_bulk_row(rows);
  add_copy_row(rows);
}

}  // namespace linger::cli
