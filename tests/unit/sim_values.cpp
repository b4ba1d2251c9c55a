#include <array>
#include <catch2/catch.hpp>
#include <limits>

#include "sim/clock.h"
#include "sim/disk.h"
#include "support/sim_stage.h"

namespace linger::sim {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

TEST_CASE("sim time: durations saturate instead of wrapping, and milliseconds truncate") {
  CHECK(Duration::ms(largest) == Duration::forever());
  CHECK(Duration::forever() + Duration::ns(1) == Duration::forever());
  CHECK(SimTime::at_ns(5) + Duration::forever() == SimTime::never());
  CHECK((Duration::ns(-largest) - Duration::ns(5)).ns() == std::numeric_limits<std::int64_t>::min());
  CHECK((Duration::s(-1) * largest).ns() == std::numeric_limits<std::int64_t>::min());
  CHECK(Duration::us(1'999).ms() == 1);
  CHECK(SimTime::at_ns(1'999'999).ms() == 1);
  CHECK(SimTime::at(Duration::ms(7)) - SimTime::at(Duration::ms(9)) == Duration::ms(-2));
}

TEST_CASE("sim time: a time reads as a person would write it") {
  CHECK(Duration::us(1'500).describe() == "1.5ms");
  CHECK(Duration::ns(1'000'000'001).describe() == "1.000000001s");
  CHECK(Duration::us(-250).describe() == "-250us");
  CHECK(Duration::forever().describe() == "forever");
  CHECK(SimTime::at(Duration::s(30)).describe() == "30000ms");
  CHECK(SimTime::at_ns(5'000'250).describe() == "5.00025ms");
}

TEST_CASE("sim time: bytes at a rate take their time, rounded up; no rate, no time") {
  CHECK(time_for(100, 1'000) == Duration::ms(100));
  CHECK(time_for(1, 3) == Duration::ns(333'333'334));
  CHECK(time_for(1'000'000, 0) == Duration{});
  CHECK(time_for(largest, 1) == Duration::forever());
}

TEST_CASE("sim bytes: copies and slices share, content compares, blocks are used again") {
  const Bytes whole = bytes_of("hello world");
  const Bytes world = whole.slice(6, 5);
  CHECK(text_of(world) == "world");
  CHECK(world.data() == whole.data() + 6);
  CHECK(world == bytes_of("world"));
  CHECK(text_of(world.slice(1, 3)) == "orl");
  CHECK_FALSE(world == whole);
  CHECK(whole.slice(11, 0) == Bytes{});
  Bytes copy = whole;
  copy = world;
  CHECK(text_of(whole) == "hello world");
  CHECK(text_of(copy) == "world");
  CHECK(text_of(Bytes::adopt(std::vector<std::byte>(3, std::byte{'x'}))) == "xxx");

  const std::uint64_t before = bytes_blocks_allocated();
  for (std::size_t size : {1U, 100U, 5'000U, 1'000'000U}) Bytes::copy_of(std::vector<std::byte>(size));
  const std::uint64_t after = bytes_blocks_allocated();
  CHECK(after - before <= 4);
  for (int i = 0; i < 1'000; ++i) {
    for (std::size_t size : {1U, 100U, 5'000U, 1'000'000U}) Bytes::copy_of(std::vector<std::byte>(size));
  }
  CHECK(bytes_blocks_allocated() == after);
}

TEST_CASE("sim clock: both clocks follow virtual time; a jump moves the wall clock alone") {
  Clock clock;
  const SimTime at = SimTime::at(Duration::s(10));
  CHECK(clock.wall_ns(at) == start_epoch_ns + 10'000'000'000);
  CHECK(clock.wall_ms(SimTime::at_ns(1'999'999)) == start_epoch_ns / 1'000'000 + 1);
  clock.jump(Duration::s(-3'600), at);
  CHECK(clock.wall_ns(at) == start_epoch_ns - 3'590'000'000'000);
  CHECK(clock.mono_ns(at) == start_mono_ns + 10'000'000'000);
}

TEST_CASE("sim clock: a drift changes the rate from now on, without a step") {
  Clock clock;
  const SimTime at = SimTime::at(Duration::s(10));
  clock.set_drift(1'000, at);
  CHECK(clock.wall_ns(at) == start_epoch_ns + 10'000'000'000);
  CHECK(clock.wall_ns(SimTime::at(Duration::s(20))) == start_epoch_ns + 20'010'000'000);
  CHECK(clock.mono_ns(SimTime::at(Duration::s(20))) == start_mono_ns + 20'010'000'000);
}

TEST_CASE("sim clock: a suspended machine's monotonic clock stands still") {
  Clock clock;
  clock.suspend(SimTime::at(Duration::s(1)));
  CHECK(clock.when_mono_ns(start_mono_ns + 5'000'000'000, SimTime::at(Duration::s(2))) == SimTime::never());
  clock.resume(SimTime::at(Duration::s(4)));
  CHECK(clock.mono_ns(SimTime::at(Duration::s(5))) == start_mono_ns + 2'000'000'000);
  CHECK(clock.wall_ns(SimTime::at(Duration::s(5))) == start_epoch_ns + 5'000'000'000);
}

TEST_CASE("sim clock: a deadline beyond all time is never, one that has passed is now") {
  Clock clock;
  CHECK(clock.when_wall_ms(largest, SimTime{}) == SimTime::never());
  CHECK(clock.when_wall_ms(0, SimTime::at_ns(5)) == SimTime::at_ns(5));
  CHECK(clock.when_wall_ms(start_epoch_ns / 1'000'000 + 7, SimTime::at_ns(5)) == SimTime::at(Duration::ms(7)));
}

constexpr FileId log{2};

TEST_CASE("sim disk: a power loss takes what was not flushed, a process crash nothing") {
  Disk disk;
  CHECK(disk.append(log, 100, SimTime{}).error == DiskError::none);
  CHECK(disk.flush(log, SimTime{}).error == DiskError::none);
  disk.append(log, 50, SimTime{});
  CHECK(disk.appended_end(log) == 150);
  CHECK(disk.flushed_end(log) == 100);
  disk.lose_power();
  CHECK(disk.appended_end(log) == 100);
  CHECK(disk.used() == 100);
  disk.wipe();
  CHECK(disk.appended_end(log) == 0);
}

TEST_CASE("sim disk: truncation cuts the flushed part too, and never lengthens") {
  Disk disk;
  disk.append(log, 100, SimTime{});
  disk.flush(log, SimTime{});
  disk.truncate(log, 200);
  CHECK(disk.appended_end(log) == 100);
  disk.truncate(log, 40);
  CHECK(disk.flushed_end(log) == 40);
  disk.append(log, 10, SimTime{});
  disk.lose_power();
  CHECK(disk.appended_end(log) == 40);
}

TEST_CASE(
    "sim disk: appends cost the page cache, flushes wait for the device one after the other, slowness multiplies "
    "both") {
  Disk disk{DiskSpeed{Duration::us(5), Duration::ms(2), 1'000}};
  CHECK(disk.append(log, 100, SimTime{}).done == SimTime::at(Duration::us(5)));
  CHECK(disk.flush(log, SimTime{}).done == SimTime::at(Duration::ms(102)));
  CHECK(disk.flush(log, SimTime{}).done == SimTime::at(Duration::ms(104)));
  disk.set_slowness(1'000);
  CHECK(disk.append(log, 1, SimTime{}).done == SimTime::at(Duration::us(50)));
  CHECK(disk.flush(log, SimTime::at(Duration::s(1))).done == SimTime::at(Duration::ms(1'030)));
}

TEST_CASE(
    "sim disk: full, failing on the n-th append, failing for a time, failing flushes: nothing is added, nothing "
    "becomes durable") {
  Disk disk;
  disk.set_capacity(150);
  CHECK(disk.append(log, 100, SimTime{}).error == DiskError::none);
  CHECK(disk.append(log, 51, SimTime{}).error == DiskError::full);
  CHECK(disk.append(log, 50, SimTime{}).error == DiskError::none);
  disk.set_capacity(std::nullopt);

  disk.fail_append(2);
  CHECK(disk.append(log, 1, SimTime{}).error == DiskError::none);
  CHECK(disk.append(log, 1, SimTime{}).error == DiskError::io);
  CHECK(disk.append(log, 1, SimTime{}).error == DiskError::none);
  CHECK(disk.appended_end(log) == 152);

  disk.fail_flushes_until(SimTime::at_ns(10));
  CHECK(disk.append(log, 1, SimTime::at_ns(9)).error == DiskError::none);
  CHECK(disk.flush(log, SimTime::at_ns(9)).error == DiskError::io);
  CHECK(disk.flushed_end(log) == 0);
  disk.fail_until(SimTime::at_ns(20));
  CHECK(disk.append(log, 1, SimTime::at_ns(19)).error == DiskError::io);
  CHECK(disk.flush(log, SimTime::at_ns(20)).error == DiskError::none);
  CHECK(disk.flushed_end(log) == 153);
}

}  // namespace
}  // namespace linger::sim
