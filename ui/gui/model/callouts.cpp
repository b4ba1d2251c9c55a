#include "ui/gui/model/callouts.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/report/messages.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

template <class List, class Wanted>
std::optional<std::size_t> first(const List& list, Wanted wanted) {
  const auto found = std::find_if(list.begin(), list.end(), wanted);
  return found == list.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - list.begin()));
}

}  // namespace

std::vector<Callout> callouts_of(const Session& session, Language language) {
  using report::Arrow;
  using report::ArrowKind;
  using Kind = report::Hit::Kind;
  const report::Diagram& diagram = session.diagram();
  const auto lost = first(diagram.arrows, [](const Arrow& arrow) {
    return arrow.kind == ArrowKind::produce && arrow.answer && arrow.fate == report::Fate::lost;
  });
  if (!lost) return {};
  const sim::SimTime lost_at = diagram.arrows[*lost].sent_at;
  const auto retry = first(diagram.arrows, [&](const Arrow& arrow) {
    return arrow.kind == ArrowKind::produce && !arrow.answer && arrow.attempt > 1 && arrow.sent_at > lost_at;
  });
  const auto duplicate = first(diagram.marks, [&](const report::Mark& mark) {
    return mark.kind == report::MarkKind::duplicate && mark.at > lost_at;
  });
  // The batch whose request the answer belongs to: the last one that was closed before the answer was sent.
  std::optional<std::size_t> batch;
  for (std::size_t i = 0; i < diagram.bars.size(); ++i) {
    if (diagram.bars[i].kind == report::BarKind::batch && diagram.bars[i].until <= lost_at) batch = i;
  }
  if (!retry || !duplicate || !batch) return {};
  const std::string waited = report::length_of_time(diagram.arrows[*retry].sent_at - lost_at);
  const report::Bar& bar = diagram.bars[*batch];
  const std::string held = report::length_of_time(bar.until - bar.from);
  const auto say = [&](Str string) { return std::string(text(language, string)); };
  const std::string& broker = diagram.lanes[diagram.marks[*duplicate].lane].name;
  return {
      {Kind::bar, *batch, say(Str::callout_batch), text(language, Str::callout_batch_text, {held})},
      {Kind::arrow, *lost, say(Str::callout_lost), say(Str::callout_lost_text)},
      {Kind::arrow, *retry, say(Str::callout_retry), text(language, Str::callout_retry_text, {waited})},
      {Kind::mark, *duplicate, say(Str::callout_duplicate), text(language, Str::callout_duplicate_text, {broker})},
  };
}

}  // namespace linger::gui
