#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ui/report/diagram.h"

namespace linger::report {

/// Things of a run with a beginning and an end, in the order of their beginning. Those that a stretch of time touches
/// are found without a look at each of the others.
class Spans {
 public:
  struct One {
    sim::SimTime from, until;
    std::size_t index = 0;  ///< in the diagram
  };
  /// Not before the last one that was added.
  void add(const One& one);
  std::size_t size() const { return all_.size(); }
  const One& operator[](std::size_t place) const { return all_[place]; }
  std::vector<One>::const_iterator begin() const { return all_.begin(); }
  std::vector<One>::const_iterator end() const { return all_.end(); }

  /// Calls `visit` with the place of each that begins before the stretch is over and ends after it began, in order.
  template <class Visit>
  void touching(sim::SimTime from, sim::SimTime until, const Visit& visit) const {
    const auto behind = std::upper_bound(all_.begin(), all_.end(), until,
                                         [](sim::SimTime at, const One& one) { return at < one.from; });
    const auto end = static_cast<std::size_t>(behind - all_.begin());
    for (std::size_t block = 0; block * block_size < end; ++block) {
      if (latest_[block] < from) continue;
      const std::size_t last = std::min(end, (block + 1) * block_size);
      for (std::size_t i = block * block_size; i < last; ++i) {
        if (all_[i].until >= from) visit(i);
      }
    }
  }

 private:
  static constexpr std::size_t block_size = 64;
  std::vector<One> all_;
  std::vector<sim::SimTime> latest_;  ///< by block: until when any of it reaches
};

/// What the frames of a window ask of a diagram, found once a run: what is alike stands together and without its
/// words, so that a picture of a hundred thousand things is a walk over their times.
struct Reach {
  /// Arrows of one kind and direction between the same lanes in which nothing goes wrong: neighbours may be drawn as
  /// one.
  std::vector<Spans> ways;
  Spans trouble;                    ///< all other arrows: each is drawn by itself, up to where it would have arrived
  std::vector<std::size_t> struck;  ///< by fault of the plan that changed messages' fates: the first of them, in order
  sim::Duration usual_trip = sim::Duration::ms(1);

  /// Marks of records with one verdict, on one lane: neighbours are drawn as one, with their numbers.
  struct Records {
    Spans marks;
    struct Record {
      std::int64_t number = 0, offset = 0;
      std::size_t partition = 0;  ///< equal for equal partitions
    };
    std::vector<Record> records;  ///< by place in `marks`
  };
  std::vector<Records> records;
  std::vector<Spans> alike;  ///< ordinary marks by lane and kind: neighbours may be drawn as one
  Spans alone;               ///< all other marks: each is drawn by itself

  /// Bars that share the rows of a lane.
  struct Stack {
    std::size_t lane = 0;
    BarKind kind = BarKind::batch;  ///< whose neighbours may be drawn as one, but for faults
    Spans bars;
    std::vector<bool> again;  ///< by place in `bars`: a batch that is back in its queue, drawn by itself
  };
  std::vector<Stack> stacks;
  Spans bars;  ///< all other bars
};
Reach reach_of(const Diagram& diagram);

/// Where an arrow ends in a picture: what never arrived ends where it would have.
sim::SimTime drawn_end(const Arrow& arrow, sim::Duration usual_trip);
/// Whether it never arrived.
bool is_broken(const Arrow& arrow);

}  // namespace linger::report
