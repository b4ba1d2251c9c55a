#include "ui/report/reach.h"

#include <map>
#include <set>
#include <string>
#include <tuple>

namespace linger::report {
namespace {

using sim::Duration;
using sim::SimTime;

/// The list that holds what has this key; a new one where there is none.
template <class Key, class List>
List& list_of(std::map<Key, std::size_t>& known, const Key& key, std::vector<List>& lists) {
  const auto [found, is_new] = known.try_emplace(key, lists.size());
  if (is_new) lists.emplace_back();
  return lists[found->second];
}

Duration usual_trip_of(const Diagram& diagram) {
  std::vector<Duration> trips;
  for (const Arrow& arrow : diagram.arrows) {
    if (arrow.fate == Fate::arrived) trips.push_back(arrow.ended_at - arrow.sent_at);
  }
  if (trips.empty()) return Duration::ms(1);
  const auto middle = trips.begin() + static_cast<std::ptrdiff_t>(trips.size() / 2);
  std::nth_element(trips.begin(), middle, trips.end());
  return *middle;
}

bool is_trouble(const Arrow& arrow) {
  return arrow.fate != Fate::arrived || arrow.attempt > 1 || arrow.late || !arrow.why.empty() ||
         arrow.tone == Tone::lost;
}
bool stands_alone(const Mark& mark) {
  return mark.tone == Tone::lost || mark.tone == Tone::again || mark.tone == Tone::leadership ||
         mark.kind == MarkKind::duplicate || mark.kind == MarkKind::host;
}

void add_arrows(const Diagram& diagram, Reach& reach) {
  std::map<std::tuple<std::size_t, std::size_t, ArrowKind, bool>, std::size_t> ways;
  std::set<std::string> faults;
  for (std::size_t i = 0; i < diagram.arrows.size(); ++i) {
    const Arrow& arrow = diagram.arrows[i];
    if (!arrow.why.empty() && faults.insert(arrow.why).second) reach.struck.push_back(i);
    Spans& list =
        is_trouble(arrow) ? reach.trouble : list_of(ways, {arrow.from, arrow.to, arrow.kind, arrow.answer}, reach.ways);
    list.add({arrow.sent_at, drawn_end(arrow, reach.usual_trip), i});
  }
}

void add_marks(const Diagram& diagram, Reach& reach) {
  using Verdict = std::optional<scenarios::Verdict>;
  std::map<std::tuple<std::size_t, MarkKind, Verdict, std::string>, std::size_t> records;
  std::map<std::pair<std::size_t, MarkKind>, std::size_t> alike;
  std::map<std::string, std::size_t> partitions;
  for (std::size_t i = 0; i < diagram.marks.size(); ++i) {
    const Mark& mark = diagram.marks[i];
    const Spans::One one{mark.at, mark.at, i};
    if (mark.number >= 0) {
      Reach::Records& list = list_of(records, {mark.lane, mark.kind, mark.verdict, mark.more}, reach.records);
      list.marks.add(one);
      const std::size_t partition = partitions.try_emplace(mark.partition, partitions.size()).first->second;
      list.records.push_back({mark.number, mark.offset, partition});
    } else {
      (stands_alone(mark) ? reach.alone : list_of(alike, {mark.lane, mark.kind}, reach.alike)).add(one);
    }
  }
}

void add_bars(const Diagram& diagram, Reach& reach) {
  std::map<std::pair<std::size_t, BarKind>, std::size_t> stacks;
  for (std::size_t i = 0; i < diagram.bars.size(); ++i) {
    const Bar& bar = diagram.bars[i];
    const Spans::One one{bar.from, bar.until, i};
    if (bar.kind == BarKind::leads || bar.kind == BarKind::down) {
      reach.bars.add(one);
      continue;
    }
    const bool again = bar.kind == BarKind::queued_again;
    const BarKind kind = again ? BarKind::batch : bar.kind;
    Reach::Stack& stack = list_of(stacks, {bar.lane, kind}, reach.stacks);
    stack.lane = bar.lane;
    stack.kind = kind;
    stack.bars.add(one);
    stack.again.push_back(again);
  }
}

}  // namespace

void Spans::add(const One& one) {
  if (all_.size() % block_size == 0) latest_.push_back(one.until);
  latest_.back() = std::max(latest_.back(), one.until);
  all_.push_back(one);
}

bool is_broken(const Arrow& arrow) {
  return arrow.fate == Fate::lost || arrow.fate == Fate::cut_off;
}

SimTime drawn_end(const Arrow& arrow, Duration usual_trip) {
  const Duration trip = arrow.ended_at - arrow.sent_at;
  return is_broken(arrow) && (trip == Duration{} || trip > usual_trip * 4) ? arrow.sent_at + usual_trip
                                                                           : arrow.ended_at;
}

Reach reach_of(const Diagram& diagram) {
  Reach reach;
  reach.usual_trip = usual_trip_of(diagram);
  add_arrows(diagram, reach);
  add_marks(diagram, reach);
  add_bars(diagram, reach);
  return reach;
}

}  // namespace linger::report
