#include "ui/cli/perf_floors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/crc32c.h"

namespace linger::cli {
namespace {

constexpr std::size_t header_bytes = 61;
constexpr std::size_t crc_at = 17;
constexpr std::size_t checked_from = 21;

std::byte* put_varint(std::byte* at, std::uint64_t value) {
  value <<= 1;
  while (value >= 0x80) {
    *at++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<std::byte>(value);
  return at;
}

const std::byte* get_varint(const std::byte* at, std::uint64_t& value) {
  value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<std::uint64_t>(*at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  value >>= 1;
  return at;
}

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (value <<= 1; value >= 0x80; value >>= 7) ++size;
  return size;
}

std::uint64_t mix(std::uint64_t state, std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(state ^ a) * (b ^ 0x9e37'79b9'7f4a'7c15ULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

struct Random {
  std::uint64_t state = 0x1234'5678'9abc'def1ULL;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

struct Item {
  std::uint64_t at;
  std::uint64_t what;
};

/// A binary heap of items by time.
class Heap {
 public:
  void push(Item item) {
    items_.push_back(item);
    std::push_heap(items_.begin(), items_.end(), later);
  }
  Item pop() {
    std::pop_heap(items_.begin(), items_.end(), later);
    const Item first = items_.back();
    items_.pop_back();
    return first;
  }
  bool empty() const { return items_.empty(); }

 private:
  static bool later(const Item& a, const Item& b) { return a.at > b.at; }
  std::vector<Item> items_;
};

/// Events in a ring of buckets, about one in each. The horizon is the longest delay.
class Ring {
 public:
  Ring(std::size_t pending, std::uint64_t horizon) {
    std::size_t buckets = 1;
    while (buckets < pending) buckets *= 2;
    while ((horizon >> shift_) + 2 > buckets) ++shift_;
    buckets_.resize(buckets);
  }
  void push(Item item) { buckets_[(item.at >> shift_) & (buckets_.size() - 1)].push_back(item); }
  Item pop() {
    while (buckets_[now_ & (buckets_.size() - 1)].empty()) ++now_;
    auto& bucket = buckets_[now_ & (buckets_.size() - 1)];
    const auto first = std::min_element(bucket.begin(), bucket.end(), [](const Item& a, const Item& b) { return a.at < b.at; });
    const Item item = *first;
    *first = bucket.back();
    bucket.pop_back();
    return item;
  }

 private:
  int shift_ = 0;
  std::uint64_t now_ = 0;
  std::vector<std::vector<Item>> buckets_;
};

bool intact(std::span<const std::byte> batch) {
  std::uint32_t stored = 0;
  std::memcpy(&stored, batch.data() + crc_at, sizeof stored);
  return stored == crc32c(batch.subspan(checked_from));
}

}  // namespace

std::size_t floor_encode(std::vector<std::byte>& out, std::size_t records, std::size_t value_bytes) {
  static const std::array<std::byte, 4096> value{};
  std::byte* at = out.data() + header_bytes;
  for (std::size_t n = 0; n < records; ++n) {
    const std::size_t body = 1 + 1 + varint_size(n) + 1 + varint_size(value_bytes) + value_bytes + 1;
    at = put_varint(at, body);
    *at++ = std::byte{0};
    *at++ = std::byte{0};
    at = put_varint(at, n);
    *at++ = std::byte{1};
    at = put_varint(at, value_bytes);
    std::memcpy(at, value.data(), value_bytes);
    at += value_bytes;
    *at++ = std::byte{0};
  }
  const auto size = static_cast<std::size_t>(at - out.data());
  std::memset(out.data(), 0, header_bytes);
  const auto count = static_cast<std::uint32_t>(records);
  std::memcpy(out.data() + header_bytes - sizeof count, &count, sizeof count);
  const std::uint32_t crc = crc32c(std::span<const std::byte>(out).subspan(checked_from, size - checked_from));
  std::memcpy(out.data() + crc_at, &crc, sizeof crc);
  return size;
}

std::size_t floor_decode(std::span<const std::byte> batch) {
  if (!intact(batch)) return 0;
  const std::byte* at = batch.data() + header_bytes;
  const std::byte* end = batch.data() + batch.size();
  std::size_t records = 0;
  std::uint64_t sum = 0;
  while (at < end) {
    std::uint64_t body = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    at = get_varint(at, body);
    const std::byte* inside = get_varint(at + 2, offset);
    inside = get_varint(inside + 1, length);
    sum += offset + length;
    at += body;
    ++records;
  }
  return sum == 0 ? 0 : records;
}

std::uint64_t floor_event_queue(std::size_t pending, std::size_t operations) {
  constexpr std::uint64_t horizon = 1'000'000;
  Random random;
  std::uint64_t sum = 0;
  if (pending < 8) {
    std::vector<Item> items;
    for (std::size_t n = 0; n < pending; ++n) items.push_back({random.next() % horizon, n});
    for (std::size_t n = 0; n < operations; ++n) {
      auto first = std::min_element(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.at < b.at; });
      sum += first->at;
      first->at += random.next() % horizon;
    }
    return sum;
  }
  static std::vector<std::pair<std::size_t, Ring>> kept;  // filled once: what is measured is the steady state
  auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one.first == pending; });
  if (found == kept.end()) {
    found = kept.insert(kept.end(), {pending, Ring{pending, horizon}});
    for (std::size_t n = 0; n < pending; ++n) found->second.push({random.next() % horizon, n});
  }
  Ring& ring = found->second;
  for (std::size_t n = 0; n < operations; ++n) {
    Item item = ring.pop();
    sum += item.at;
    item.at += random.next() % horizon;
    ring.push(item);
  }
  return sum;
}

std::uint64_t floor_hash(std::size_t events) {
  std::uint64_t state = 1;
  for (std::uint64_t n = 0; n < events; ++n) state = mix(mix(state, n, n + 1), n + 2, n + 3);
  return state;
}

std::uint64_t floor_messages(std::size_t messages) {
  constexpr std::uint64_t hosts = 5;
  Random random;
  Heap heap;
  std::uint64_t state = 1;
  for (std::uint64_t from = 0; from < hosts; ++from) {
    for (std::uint64_t to = from + 1; to < hosts; ++to) heap.push({random.next() % 9'000'000, from * hosts + to});
  }
  for (std::size_t n = 0; n < messages; ++n) {
    Item item = heap.pop();
    std::array<std::uint64_t, 1> bytes{n};
    state = mix(mix(state, item.at, item.what), bytes[0], n);
    const std::uint64_t from = item.what / hosts;
    const std::uint64_t to = item.what % hosts;
    heap.push({item.at + 1'000'000 + random.next() % 9'000'000, to * hosts + from});
  }
  return state;
}

std::uint64_t floor_run(std::size_t batches, std::size_t records_a_batch, std::size_t value_bytes) {
  enum Kind : std::uint64_t { produce, fetch_2, fetch_3, data_2, data_3, answer };
  struct Frame {
    std::size_t size = 0;
    std::array<std::byte, 2048> bytes;
  };
  static std::vector<Frame> frames(8);
  static std::array<std::vector<std::byte>, 3> logs;
  for (auto& log : logs) log.clear();
  std::vector<std::byte> batch(2048);
  Heap heap;
  Random random;
  std::uint64_t state = 1;
  std::uint64_t count = 0;
  std::size_t size = 0;
  std::size_t sent = 0;
  int followers = 0;
  const auto send = [&](Kind kind, std::uint64_t now, const std::byte* bytes, std::size_t bytes_size) {
    Frame& frame = frames[kind];
    std::memcpy(frame.bytes.data(), bytes, bytes_size);
    frame.size = bytes_size;
    heap.push({now + 200'000 + random.next() % 700'000, kind});
  };
  const auto append = [&](std::vector<std::byte>& log, const Frame& frame) {
    if (intact({frame.bytes.data(), frame.size})) log.insert(log.end(), frame.bytes.data(), frame.bytes.data() + frame.size);
  };
  const auto produce_next = [&](std::uint64_t now) {
    size = floor_encode(batch, records_a_batch, value_bytes);
    ++sent;
    send(produce, now, batch.data(), size);
  };
  produce_next(0);
  while (!heap.empty()) {
    const Item item = heap.pop();
    const auto kind = static_cast<Kind>(item.what);
    const Frame& frame = frames[kind];
    ++count;
    state = mix(mix(state, item.at, item.what), frame.size, count);
    switch (kind) {
      case produce:
        append(logs[0], frame);
        followers = 0;
        send(data_2, item.at, logs[0].data() + logs[0].size() - size, size);
        send(data_3, item.at, logs[0].data() + logs[0].size() - size, size);
        break;
      case data_2:
      case data_3:
        append(logs[kind == data_2 ? 1 : 2], frame);
        send(kind == data_2 ? fetch_2 : fetch_3, item.at, frame.bytes.data(), 80);
        break;
      case fetch_2:
      case fetch_3:
        if (++followers == 2) send(answer, item.at, batch.data(), 60);
        break;
      case answer:
        if (sent < batches) produce_next(item.at);
        break;
    }
  }
  // The judgement: all three logs hold the same records, each once.
  std::uint64_t records = 0;
  for (std::size_t at = 0; at + size <= logs[0].size(); at += size) records += floor_decode(std::span<const std::byte>(logs[0]).subspan(at, size));
  if (records != batches * records_a_batch || logs[1] != logs[0] || logs[2] != logs[0]) return 0;
  return count + (state == 0 ? 1 : 0);
}

std::uint64_t floor_bulk(std::size_t batches, std::size_t records_a_batch, std::size_t value_bytes) {
  std::vector<std::byte> batch(records_a_batch * (value_bytes + 16) + 128);
  static std::array<std::vector<std::byte>, 4> logs;
  for (auto& log : logs) log.clear();
  std::uint64_t records = 0;
  for (std::size_t n = 0; n < batches; ++n) {
    const std::size_t size = floor_encode(batch, records_a_batch, value_bytes);
    std::span<const std::byte> bytes{batch.data(), size};
    for (auto& log : logs) {
      if (!intact(bytes)) return 0;
      log.insert(log.end(), bytes.begin(), bytes.end());
      bytes = std::span<const std::byte>(log).subspan(log.size() - size);
    }
    records += floor_decode(bytes);
  }
  return records;
}

std::uint64_t floor_picture(std::size_t items, std::size_t columns) {
  struct Column {
    std::uint64_t first = 0, last = 0, count = 0;
  };
  static std::vector<std::uint64_t> moments;
  if (moments.size() != items) {
    moments.resize(items);
    for (std::size_t i = 0; i < items; ++i) moments[i] = i * 1000 + i % 7;
  }
  std::vector<Column> picture(columns);
  const double scale = static_cast<double>(columns - 1) / static_cast<double>(std::max<std::size_t>(1, items) * 1000 + 7);
  for (const std::uint64_t at : moments) {
    Column& column = picture[static_cast<std::size_t>(static_cast<double>(at) * scale)];
    if (column.count++ == 0) column.first = at;
    column.last = at;
  }
  std::uint64_t sum = 0;
  for (const Column& column : picture) sum += column.first ^ column.last ^ column.count;
  return sum;
}

}  // namespace linger::cli
