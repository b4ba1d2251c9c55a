#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/bytes.h"
#include "sim/draw.h"
#include "sim/ids.h"
#include "sim/time.h"

namespace linger::sim {

/// One kind of record: its name, the names of its whole-number fields in order (unused ones empty), the name of its
/// text (empty: none) and one sentence on what it says. docs/trace.md and the JSON lines come from this.
struct TraceKindInfo {
  std::string_view name;
  std::array<std::string_view, 8> fields;
  std::string_view text;
  std::string_view meaning;
};

/// The kinds of one layer. Kind numbers run from `first`: each layer has a range of 256 of its own (sim 0, protocol and
/// producer 256, broker_model 512, scenarios 768).
struct TraceLayer {
  std::string_view name;
  std::uint16_t first = 0;
  std::span<const TraceKindInfo> kinds;
};
inline constexpr std::uint16_t sim_trace_first = 0;
inline constexpr std::uint16_t producer_trace_first = 256;
inline constexpr std::uint16_t broker_trace_first = 512;
inline constexpr std::uint16_t scenario_trace_first = 768;

/// What happened, as data: fixed width, no pointers. The meaning of `args` is in the kind's TraceKindInfo.
struct TraceRecord {
  SimTime at;
  EventNumber event;  ///< the event during which it happened
  EventNumber cause;  ///< the event that led to it: the one that sent the message, set the timer, …
  std::array<std::int64_t, 8> args{};
  HostId host = no_host;
  std::uint32_t text = 0;  ///< id in the trace's table of texts; 0 is the empty text
  std::uint16_t kind = 0;
  friend constexpr bool operator==(const TraceRecord&, const TraceRecord&) = default;
};

/// The history of a run: records are appended, never changed. Not part of the world: a world that is copied goes on
/// with `branch()`, which shares what happened so far. May be off: then nothing is kept, counted or hashed.
class Trace {
 public:
  /// `with_frames`: the bytes of messages are kept too, beside the records.
  enum class Mode : std::uint8_t { off, on, with_frames };
  explicit Trace(Mode mode = Mode::on) : mode_(mode) {}

  bool on() const { return mode_ != Mode::off; }
  bool keeps_frames() const { return mode_ == Mode::with_frames; }
  /// Appends. The text, if the kind has one, must come from intern() of this trace or one that it is a branch of.
  void add(const TraceRecord& record) {
    if (!on()) return;
    ++count_;
    hash_ = hash_record(record, hash_);
    tail_.push_back(record);
  }
  /// The bytes that the record added last is about: of a `sent`, what was handed to the connection; of any other, what
  /// the reader of the message that arrived in the same event got. Shared, not copied; not hashed, so that a run whose
  /// frames are kept has the same fingerprint. Nothing happens unless keeps_frames().
  void attach(const Bytes& frame) {
    if (keeps_frames() && count_ > 0) frames_.push_back({count_ - 1, frame});
  }
  struct Frame {
    std::uint64_t record = 0;  ///< index of the record
    Bytes bytes;
  };
  /// In the order of their records.
  const std::vector<Frame>& frames() const { return frames_; }
  /// The id of this text. The same text has the same id in a trace and its branches; off, every text has id 0.
  std::uint32_t intern(std::string_view text);
  std::string_view text(std::uint32_t id) const;

  /// Records so far, those before the branch included; 0 if off.
  std::uint64_t count() const { return count_; }
  /// A rolling hash over all records, texts apart.
  std::uint64_t hash() const { return hash_; }
  /// The i-th record, from 0. Requires i < stored().
  const TraceRecord& at(std::uint64_t i) const;
  /// How many records are kept: count().
  std::uint64_t stored() const { return (before_ == nullptr ? 0 : before_->end) + tail_.size(); }

  /// A trace with the same past and a future of its own. The past is shared, not copied.
  Trace branch();

 private:
  // Texts are left out: their ids depend on what was written before.
  static std::uint64_t hash_record(const TraceRecord& record, std::uint64_t hash) {
    const auto word = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    const std::uint64_t where = (std::uint64_t{record.host.value()} << 16) | record.kind;
    const std::uint64_t a =
        detail::fold(word(record.at.ns()) ^ 0xa076'1d64'78bd'642fULL, record.event.value() ^ 0xe703'7ed1'a0b4'28dbULL);
    const std::uint64_t b =
        detail::fold(record.cause.value() ^ 0x8ebc'6af0'9c88'c6e3ULL, where ^ 0x5899'65cc'7537'4cc3ULL);
    const std::uint64_t c =
        detail::fold(word(record.args[0]) ^ 0x1d8e'4e27'c47d'124fULL, word(record.args[1]) ^ 0xeb44'acca'b455'd165ULL);
    const std::uint64_t d =
        detail::fold(word(record.args[2]) ^ 0x9c6e'6877'736c'46e3ULL, word(record.args[3]) ^ 0x6c62'272e'07bb'0142ULL);
    const std::uint64_t e =
        detail::fold(word(record.args[4]) ^ 0x2d35'8dcc'aa6c'78a5ULL, word(record.args[5]) ^ 0x8bb8'4b93'962e'acc9ULL);
    const std::uint64_t f =
        detail::fold(word(record.args[6]) ^ 0x4b33'a62e'd433'd4a3ULL, word(record.args[7]) ^ 0x4d5a'2da5'1de1'aa47ULL);
    const std::uint64_t all =
        a ^ std::rotl(b, 11) ^ std::rotl(c, 22) ^ std::rotl(d, 33) ^ std::rotl(e, 44) ^ std::rotl(f, 55);
    return detail::mix_word(hash, all);
  }

  struct Segment {
    std::shared_ptr<const Segment> before;
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::vector<TraceRecord> records;
  };

  Mode mode_;
  std::shared_ptr<const Segment> before_;
  std::vector<TraceRecord> tail_;
  std::vector<Frame> frames_;
  std::uint64_t count_ = 0;
  std::uint64_t hash_ = 0x1319'8a2e'0370'7344ULL;
  std::vector<std::string> texts_{std::string{}};
  std::map<std::string, std::uint32_t, std::less<>> text_ids_;
};

/// All the kinds that a program knows: the layers it was given. Looking up a kind that no layer has is an assertion.
class TraceKinds {
 public:
  explicit TraceKinds(std::vector<TraceLayer> layers) : layers_(std::move(layers)) {}
  const std::vector<TraceLayer>& layers() const { return layers_; }
  const TraceKindInfo& info(std::uint16_t kind) const;
  std::string_view layer_of(std::uint16_t kind) const;

  /// One JSON object without a line end:
  /// {"trace":1,"at_ns":…,"event":…,"cause":…,"host":"b1","layer":"sim","kind":"sent",fields…}. `host_names` is indexed
  /// by HostId; a record without a host has none.
  std::string json_line(const TraceRecord& record, const Trace& trace, std::span<const std::string> host_names) const;
  /// One line for people: "12.5ms b1 sent connection=3 bytes=120".
  std::string describe(const TraceRecord& record, const Trace& trace, std::span<const std::string> host_names) const;
  /// The reference page: a table of kinds, fields and meanings for each layer.
  std::string markdown() const;

 private:
  std::vector<TraceLayer> layers_;
};

}  // namespace linger::sim
