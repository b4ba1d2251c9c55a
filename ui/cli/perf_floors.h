#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace linger::cli {

/// Floor programs: the least work that gives the same kind of result, written by hand, with nothing around it. Each row of `linger perf` is
/// read as a ratio to one of them, taken in the same process.

/// A batch of `records` values of `value_bytes` bytes: header, varints, memcpy, CRC32C. Returns its size. Requires room in `out`.
std::size_t floor_encode(std::vector<std::byte>& out, std::size_t records, std::size_t value_bytes);
/// Checks the checksum of a batch of floor_encode and walks its records; returns how many there are, or 0 if it is damaged.
std::size_t floor_decode(std::span<const std::byte> batch);

/// Pops the first and pushes another, `operations` times, with `pending` events waiting: a small array that is searched up to 8, else a ring
/// of buckets as wide as the gap between two events.
std::uint64_t floor_event_queue(std::size_t pending, std::size_t operations);

/// A rolling hash over events of 32 bytes: one multiplication of 64 by 64 bits for two words.
std::uint64_t floor_hash(std::size_t events);

/// Five hosts that send numbers to each other over links of 1 to 10 ms; a heap of events and the hash above.
std::uint64_t floor_messages(std::size_t messages);

/// What a run of three brokers does at the least: each batch goes to the leader, to both followers as their fetches come, and is answered;
/// real bytes, every hop checks the checksum, everything is hashed. Returns the frames.
std::uint64_t floor_run(std::size_t batches, std::size_t records_a_batch, std::size_t value_bytes);

/// Bulk: encode, leader, two followers, consumer; each copies and checks, the consumer walks the records.
std::uint64_t floor_bulk(std::size_t batches, std::size_t records_a_batch, std::size_t value_bytes);

/// A picture of `items` moments in `columns` columns of pixels: each is placed, each column keeps first, last and count.
std::uint64_t floor_picture(std::size_t items, std::size_t columns);

}  // namespace linger::cli
