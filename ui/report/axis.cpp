#include "ui/report/axis.h"

#include <algorithm>
#include <map>
#include <set>

#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::Duration;
using sim::SimTime;

double ms(Duration time) {
  return static_cast<double>(time.ns()) / 1e6;
}

/// A stretch in which something happens all the time.
struct Burst {
  SimTime from, until;
  bool ordinary = true;  ///< nothing goes wrong in it
  bool acknowledges = false;
};

std::vector<SimTime> moments_of(const Diagram& diagram) {
  std::vector<SimTime> all;
  for (const Arrow& arrow : diagram.arrows) {
    all.push_back(arrow.sent_at);
    all.push_back(arrow.ended_at);
  }
  for (const Mark& mark : diagram.marks) all.push_back(mark.at);
  for (const Bar& bar : diagram.bars) {
    if (bar.kind == BarKind::leads) continue;
    all.push_back(bar.from);
    all.push_back(bar.until);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// The time that a message usually takes.
Duration usual_trip(const Diagram& diagram) {
  std::vector<Duration> trips;
  for (const Arrow& arrow : diagram.arrows) {
    if (arrow.fate == Fate::arrived && arrow.ended_at > arrow.sent_at) trips.push_back(arrow.ended_at - arrow.sent_at);
  }
  if (trips.empty()) return Duration::ms(1);
  std::sort(trips.begin(), trips.end());
  return trips[trips.size() / 2];
}

/// From here on a stretch without any event is idle: twenty times the usual distance of two events. A few events that
/// were picked out of a run have none: then ten times the trip of a message.
Duration idle_from(const Diagram& diagram, const std::vector<SimTime>& moments) {
  constexpr Duration least = Duration::ms(4);
  constexpr std::size_t few = 40;
  if (moments.size() < few) return std::max(least, usual_trip(diagram) * 10);
  std::vector<Duration> gaps;
  for (std::size_t i = 1; i < moments.size(); ++i) gaps.push_back(moments[i] - moments[i - 1]);
  if (gaps.empty()) return least;
  std::sort(gaps.begin(), gaps.end());
  return std::max(least, gaps[gaps.size() / 2] * 20);
}

bool ordinary(const Mark& mark) {
  const bool fine = !mark.verdict || *mark.verdict == scenarios::Verdict::acked_present;
  return fine && (mark.tone == Tone::plain || mark.tone == Tone::quiet || mark.tone == Tone::produce ||
                  mark.kind == MarkKind::acked ||
                  (mark.kind == MarkKind::note && (mark.tone == Tone::good || mark.tone == Tone::leadership)));
}
bool ordinary(const Arrow& arrow) {
  return arrow.fate == Fate::arrived && arrow.attempt == 1 && !arrow.late && arrow.why.empty() &&
         arrow.tone != Tone::lost;
}
bool ordinary(const Bar& bar) {
  return bar.kind == BarKind::batch || bar.kind == BarKind::in_flight || bar.kind == BarKind::leads;
}

std::vector<Burst> bursts_of(const Diagram& diagram, const std::vector<SimTime>& moments, Duration idle) {
  std::vector<Burst> bursts;
  for (const SimTime at : moments) {
    if (bursts.empty() || at - bursts.back().until > idle)
      bursts.push_back({at, at});
    else
      bursts.back().until = at;
  }
  const auto at = [&bursts](SimTime time) -> Burst& {
    const auto next = std::upper_bound(bursts.begin(), bursts.end(), time,
                                       [](SimTime t, const Burst& burst) { return t < burst.from; });
    return *std::prev(next);
  };
  for (const Mark& mark : diagram.marks) {
    if (!ordinary(mark)) at(mark.at).ordinary = false;
    if (mark.kind == MarkKind::acked) at(mark.at).acknowledges = true;
  }
  for (const Arrow& arrow : diagram.arrows) {
    if (ordinary(arrow)) continue;
    at(arrow.sent_at).ordinary = false;
    at(arrow.ended_at).ordinary = false;
  }
  for (const Bar& bar : diagram.bars) {
    if (ordinary(bar)) continue;
    at(bar.from).ordinary = false;
    at(bar.until).ordinary = false;
  }
  return bursts;
}

/// Of many bursts the ordinary ones go, but for those up to the first acknowledgement or the first trouble, and the
/// last.
void fold_ordinary(std::vector<Burst>& bursts, std::size_t at_most) {
  if (bursts.size() <= at_most) return;
  std::vector<Burst> kept;
  bool heard = false;
  for (std::size_t i = 0; i < bursts.size(); ++i) {
    const bool last = i + 1 == bursts.size();
    if (!bursts[i].ordinary || !heard || last) kept.push_back(bursts[i]);
    heard = heard || bursts[i].acknowledges || !bursts[i].ordinary;
  }
  bursts = std::move(kept);
}

/// Takes what lies strictly inside the folds and behind the end out of the diagram. Bars that reach over stay.
void drop_hidden(Diagram& diagram, const Axis& axis) {
  const auto gone = [&axis](SimTime at) { return at > axis.pieces.back().until || axis.in_fold(at); };
  std::erase_if(diagram.arrows, [&](const Arrow& arrow) { return gone(arrow.sent_at); });
  std::erase_if(diagram.marks, [&](const Mark& mark) { return gone(mark.at); });
  std::erase_if(diagram.bars, [&](const Bar& bar) {
    const bool short_lived =
        bar.kind == BarKind::batch || bar.kind == BarKind::in_flight || bar.kind == BarKind::queued_again;
    return bar.from > axis.pieces.back().until || (short_lived && gone(bar.from) && gone(bar.until));
  });
}

/// The elements strictly between two moments. Requires them in the order of that time.
template <class List, class TimeOf>
auto between(const List& list, SimTime from, SimTime until, TimeOf time_of) {
  const auto first =
      std::upper_bound(list.begin(), list.end(), from, [&](SimTime at, const auto& one) { return at < time_of(one); });
  const auto last =
      std::lower_bound(first, list.end(), until, [&](const auto& one, SimTime at) { return time_of(one) < at; });
  return std::pair{first, std::max(first, last)};
}

}  // namespace

std::vector<std::string> hidden_in(const Diagram& diagram, SimTime from, SimTime until) {
  std::map<std::string, std::int64_t> idle;
  const auto [first_idle, last_idle] = between(diagram.idle, from, until, [](const Idle& one) { return one.at; });
  for (auto one = first_idle; one != last_idle; ++one) ++idle[one->what];
  const auto [first_arrow, last_arrow] =
      between(diagram.arrows, from, until, [](const Arrow& one) { return one.sent_at; });
  const std::int64_t requests = std::count_if(
      first_arrow, last_arrow, [](const Arrow& one) { return one.kind == ArrowKind::produce && !one.answer; });
  const auto [first_mark, last_mark] = between(diagram.marks, from, until, [](const Mark& one) { return one.at; });
  const std::int64_t acked =
      std::count_if(first_mark, last_mark, [](const Mark& one) { return one.kind == MarkKind::acked; });
  std::vector<std::string> words;
  if (requests > 0) words.push_back(counted(requests, "request"));
  if (acked > 0) words.push_back(counted(acked, "record") + " acked");
  for (const auto& [what, count] : idle) words.push_back(counted(count, what));
  return words;
}

const Piece* Axis::piece(SimTime at) const {
  const auto found = std::lower_bound(pieces.begin(), pieces.end(), at,
                                      [](const Piece& piece, SimTime time) { return piece.until < time; });
  return found == pieces.end() ? nullptr : &*found;
}

double Axis::x(SimTime at) const {
  if (pieces.empty()) return 0;
  if (at <= pieces.front().from) return pieces.front().left;
  const Piece* found = piece(at);
  if (found == nullptr) return pieces.back().right;
  if (found->until == found->from) return found->left;
  // Open pieces have their margins outside of what happens in them.
  return found->left + (found->right - found->left) * (ms(at - found->from) / ms(found->until - found->from));
}

SimTime Axis::at(double x) const {
  if (pieces.empty()) return {};
  const auto found =
      std::lower_bound(pieces.begin(), pieces.end(), x, [](const Piece& piece, double at) { return piece.right < at; });
  if (found == pieces.end()) return pieces.back().until;
  if (x <= found->left || found->right <= found->left) return found->from;
  const double part = (x - found->left) / (found->right - found->left);
  return found->from +
         Duration::ns(static_cast<std::int64_t>(static_cast<double>((found->until - found->from).ns()) * part));
}

bool Axis::in_fold(SimTime at) const {
  const Piece* found = piece(at);
  return found != nullptr && found->folded && at > found->from && at < found->until;
}

Axis make_axis(Diagram& diagram, const AxisLimits& limits) {
  Axis axis;
  const std::vector<SimTime> moments = moments_of(diagram);
  if (moments.empty()) {
    axis.pieces.push_back({diagram.from, diagram.from, limits.margin, limits.margin, false, {}});
    axis.width = limits.wanted;
    return axis;
  }
  std::vector<Burst> bursts = bursts_of(diagram, moments, idle_from(diagram, moments));
  fold_ordinary(bursts, limits.bursts);
  double open = 0;
  for (const Burst& burst : bursts) open += ms(burst.until - burst.from);
  // A message must have room to be an arrow, a good deal if there is enough for all of them.
  constexpr double most_per_ms = 70;
  const double trip = std::max(0.02, ms(usual_trip(diagram)));
  const double between = (limits.fold + 2 * limits.margin) * static_cast<double>(bursts.size());
  const double fits = std::max(0.0, limits.most - between) / std::max(open, 0.1);
  const double good = std::min(26 / trip, std::max(11 / trip, fits));
  axis.per_ms = std::clamp(limits.wanted / std::max(open, 0.1), std::min(good, most_per_ms), most_per_ms);

  double at = limits.margin;
  std::size_t shown = 0;
  for (const Burst& burst : bursts) {
    if (at > limits.most) break;
    if (shown > 0) {
      const double begin = at + limits.margin;
      axis.pieces.push_back(
          {bursts[shown - 1].until, burst.from, begin - limits.margin, begin + limits.fold + limits.margin, true, {}});
      at = begin + limits.fold + limits.margin;
    }
    // A long burst is cut where the picture ends.
    const double room = std::max(200.0, limits.most - at);
    SimTime until = burst.until;
    double length = ms(until - burst.from) * axis.per_ms;
    if (length > room) {
      const auto cut = burst.from + Duration::ns(static_cast<std::int64_t>(room / axis.per_ms * 1e6));
      until = *std::prev(std::upper_bound(moments.begin(), moments.end(), cut));
      length = ms(until - burst.from) * axis.per_ms;
    }
    axis.pieces.push_back({burst.from, until, at, at + length, false, {}});
    at += length;
    ++shown;
    if (until < burst.until) break;
  }
  axis.width = at + limits.margin;
  for (Piece& piece : axis.pieces) {
    if (piece.folded) piece.words = hidden_in(diagram, piece.from, piece.until);
  }
  const SimTime last = axis.pieces.back().until;
  const auto later = std::count_if(diagram.arrows.begin(), diagram.arrows.end(),
                                   [last](const Arrow& arrow) { return arrow.sent_at > last; });
  if (last < moments.back()) {
    diagram.left_out.push_back("everything after " + milliseconds(last.ns()) + " ms, with " +
                               counted(later, "message") + ": --from and --until choose another part");
  }
  drop_hidden(diagram, axis);
  return axis;
}

AxisPlan plan_axis(const Diagram& diagram) {
  AxisPlan plan;
  plan.moments = moments_of(diagram);
  if (plan.moments.empty()) return plan;
  for (const Burst& burst : bursts_of(diagram, plan.moments, idle_from(diagram, plan.moments)))
    plan.bursts.push_back({burst.from, burst.until});
  return plan;
}

namespace {

void lay_folded(const AxisPlan& plan, const AxisWindow& window, Axis& axis) {
  const std::vector<AxisPlan::Burst>& bursts = plan.bursts;
  const auto opened = [&](std::size_t before) { return window.unfolded.contains(bursts[before].until.ns()); };
  double open = 0;
  double folds = 0;
  for (std::size_t i = 0; i < bursts.size(); ++i) {
    open += ms(bursts[i].until - bursts[i].from);
    if (i + 1 == bursts.size()) break;
    if (opened(i))
      open += ms(bursts[i + 1].from - bursts[i].until);
    else
      ++folds;
  }
  // Folds take at most half of what is there at zoom 1, and grow with the zoom up to their full width.
  const double room = std::max(1.0, window.width - window.margin - window.after);
  const double whole = window.fold + 2 * window.margin;
  const double at_one = folds > 0 ? std::min(whole, room / 2 / folds) : whole;
  const double fold = std::min(whole, at_one * window.zoom);
  constexpr double most_per_ms = 70;  // at zoom 1 a short run does not fill the window
  axis.per_ms = std::min(most_per_ms, (room - folds * at_one) / std::max(open, 0.1)) * window.zoom;
  double at = window.margin;
  const auto add = [&](SimTime from, SimTime until, bool folded) -> Piece& {
    const double length = folded ? fold : ms(until - from) * axis.per_ms;
    axis.pieces.push_back({from, until, at, at + length, folded, {}});
    at += length;
    return axis.pieces.back();
  };
  for (std::size_t i = 0; i < bursts.size(); ++i) {
    if (i > 0) add(bursts[i - 1].until, bursts[i].from, !opened(i - 1)).opened = opened(i - 1);
    add(bursts[i].from, bursts[i].until, false);
  }
  axis.width = at + window.after;
}

void lay_linear(const AxisPlan& plan, const AxisWindow& window, Axis& axis) {
  const SimTime from = plan.moments.front();
  const SimTime until = plan.moments.back();
  const double room = std::max(1.0, window.width - window.margin - window.after) * window.zoom;
  axis.per_ms = room / std::max(ms(until - from), 0.1);
  axis.pieces.push_back({from, until, window.margin, window.margin + ms(until - from) * axis.per_ms, false, {}});
  axis.width = axis.pieces.back().right + window.after;
}

void lay_events(const AxisPlan& plan, const AxisWindow& window, Axis& axis) {
  const double room = std::max(1.0, window.width - window.margin - window.after) * window.zoom;
  const double steps = static_cast<double>(std::max<std::size_t>(1, plan.moments.size() - 1));
  axis.per_ms = 0;
  axis.pieces.reserve(plan.moments.size());
  for (std::size_t i = 0; i + 1 < plan.moments.size(); ++i) {
    const double left = window.margin + room * static_cast<double>(i) / steps;
    axis.pieces.push_back({plan.moments[i], plan.moments[i + 1], left, left + room / steps, false, {}});
  }
  if (axis.pieces.empty())
    axis.pieces.push_back({plan.moments.front(), plan.moments.front(), window.margin, window.margin, false, {}});
  axis.width = axis.pieces.back().right + window.after;
}

}  // namespace

Axis window_axis(const AxisPlan& plan, const AxisWindow& window) {
  Axis axis;
  if (plan.moments.empty()) {
    axis.pieces.push_back({{}, {}, window.margin, window.margin, false, {}});
    axis.width = window.width;
    return axis;
  }
  switch (window.kind) {
    case AxisKind::folded:
      lay_folded(plan, window, axis);
      break;
    case AxisKind::linear:
      lay_linear(plan, window, axis);
      break;
    case AxisKind::events:
      lay_events(plan, window, axis);
      break;
  }
  return axis;
}

}  // namespace linger::report
