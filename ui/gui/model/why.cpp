#include "ui/gui/model/why.h"

#include <algorithm>

#include "scenarios/event_graph.h"
#include "scenarios/explanation.h"
#include "scenarios/telling.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"
#include "ui/gui/model/causes.h"
#include "ui/gui/model/focus.h"
#include "ui/gui/model/producer_panel.h"
#include "ui/gui/model/say.h"
#include "ui/gui/model/sheet.h"
#include "ui/gui/model/translate.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

using scenarios::AppTrace;
using scenarios::Run;
using sim::SimTrace;
using sim::TraceRecord;
using BrokerKind = broker::Observation::Kind;

std::string number(std::int64_t value) {
  return std::to_string(value);
}

/// What a trace record tells, shortly.
class Teller {
 public:
  Teller(const Run& run, Language language) : run_(run), say_{language}, language_(language) {}

  WhyLine line(std::uint64_t index, sim::EventNumber event) const {
    const TraceRecord& record = run_.trace.at(index);
    WhyLine out;
    out.at = record.at;
    out.event = event;
    out.who = record.host == sim::no_host ? std::string() : run_.setup->hosts[record.host.value()];
    if (record.kind < sim::producer_trace_first)
      network(record, out);
    else if (record.kind < sim::broker_trace_first)
      producer(record, out);
    else if (record.kind < sim::scenario_trace_first)
      broker(record, out);
    else
      application(record, out);
    if (out.what.empty()) {
      const std::string where{run_.trace.text(record.text)};
      out.what = std::string(scenarios::trace_kinds().info(record.kind).name) + (where.empty() ? "" : " " + where);
      std::replace(out.what.begin(), out.what.end(), '_', ' ');
    }
    return out;
  }

 private:
  void set(WhyLine& out, Paint paint, std::string what) const {
    out.paint = paint;
    out.what = std::move(what);
  }

  void network(const TraceRecord& record, WhyLine& out) const {
    const auto kind = static_cast<SimTrace>(record.kind);
    if (kind == SimTrace::close || kind == SimTrace::closed)
      set(out, Paint::vermillion, say_(Str::y_loses_connection));
    else if (kind == SimTrace::refused)
      set(out, Paint::vermillion, say_(Str::y_refused_connect));
    else if (kind == SimTrace::delivered)
      set(out, Paint::mid, say_(Str::y_answer, {std::string(api_name(static_cast<ApiKey>(record.args[2] / 2)))}));
  }

  void producer(const TraceRecord& record, WhyLine& out) const {
    switch (static_cast<ProducerEvent>(record.kind - sim::producer_trace_first)) {
      case ProducerEvent::batch_expired:
        return set(out, Paint::vermillion, say_(Str::y_expired, {number(record.args[0])}));
      case ProducerEvent::batch_failed:
        return set(out, Paint::vermillion,
                   say_(Str::y_failed, {number(record.args[0]), report::error_word(record.args[2])}));
      case ProducerEvent::batch_retried:
        return set(out, Paint::orange, say_(Str::y_back, {number(record.args[0]), report::error_word(record.args[2])}));
      case ProducerEvent::sequences_reset:
        return set(out, Paint::orange, say_(Str::y_renumbered, {number(record.args[0]), number(record.args[3])}));
      case ProducerEvent::epoch_bumped:
        return set(out, Paint::purple, say_(Str::y_new_epoch, {number(record.args[1])}));
      case ProducerEvent::buffer_wait:
        return set(out, Paint::vermillion, say_(Str::y_waits_memory));
      default:
        return;
    }
  }

  void broker(const TraceRecord& record, WhyLine& out) const {
    const auto& args = record.args;
    const std::string where{run_.trace.text(record.text)};
    switch (static_cast<BrokerKind>(record.kind - sim::broker_trace_first)) {
      case BrokerKind::appended:
        return set(out, Paint::blue, say_(Str::y_appends, {seq_range(args[0], args[1])}));
      case BrokerKind::duplicate:
        return set(out, Paint::green, say_(Str::y_knows, {number(args[4]), number(args[0])}));
      case BrokerKind::refused:
        return set(out, Paint::vermillion, say_(Str::y_refuses, {report::error_word(args[0])}));
      case BrokerKind::truncated:
        return set(out, Paint::vermillion, say_(Str::y_cuts, {number(args[0]), number(args[1])}));
      case BrokerKind::lost_unflushed:
        return set(out, Paint::vermillion, say_(Str::y_unflushed, {number(args[1]), number(args[0])}));
      case BrokerKind::leader_elected:
      case BrokerKind::became_leader: {
        const bool elected = record.kind == scenarios::trace_kind(BrokerKind::leader_elected);
        if (!elected) return set(out, Paint::purple, say_(Str::y_begins_to_lead, {number(args[0])}));
        return set(out, Paint::purple, say_(Str::y_elects, {"b" + number(args[0]), number(args[1])}));
      }
      case BrokerKind::unclean_election:
        return set(out, Paint::vermillion, say_(Str::y_elects_unclean, {"b" + number(args[0]), number(args[1])}));
      case BrokerKind::became_follower:
        return set(out, Paint::mid, say_(Str::y_follows, {"b" + number(args[1])}));
      case BrokerKind::partition_offline:
        return set(out, Paint::vermillion, say_(Str::y_offline, {where}));
      case BrokerKind::fenced:
        return set(out, Paint::vermillion, say_(Str::y_fences, {"b" + number(args[0])}));
      case BrokerKind::isr_committed:
        if (args[0] == 0) return set(out, Paint::purple, say_(Str::y_isr_nobody));
        return set(out, Paint::purple, say_(Str::y_isr, {report::brokers_of(static_cast<broker::NodeMask>(args[0]))}));
      case BrokerKind::restarted:
        return set(out, Paint::mid, say_(Str::y_restarts));
      case BrokerKind::marker_written:
        return set(out, Paint::ink, say_(Str::y_marker, {args[4] != 0 ? "COMMIT" : "ABORT", number(args[0])}));
      case BrokerKind::transaction_state:
        return set(out, Paint::purple, say_(Str::y_txn_state, {scenarios::transaction_state_name(args[1])}));
      default:
        return;
    }
  }

  void application(const TraceRecord& record, WhyLine& out) const {
    const auto& args = record.args;
    const std::string where{run_.trace.text(record.text)};
    switch (static_cast<AppTrace>(record.kind - sim::scenario_trace_first)) {
      case AppTrace::fault_hits:
      case AppTrace::fault_strikes: {
        const scenarios::Fault& fault = run_.setup->scenario.faults[static_cast<std::size_t>(args[0])];
        out.who = fault.id.empty() ? say_(Str::y_fault) : fault.id;
        return set(out, Paint::vermillion, translate(language_, report::action_in_words(fault)));
      }
      case AppTrace::app_send:
        return set(out, Paint::blue, say_(Str::y_sends, {number(args[1])}));
      case AppTrace::app_acked:
        return set(out, Paint::green,
                   args[2] < 0 ? say_(Str::y_acked_somewhere, {number(args[1])})
                               : say_(Str::y_acked, {number(args[1]), number(args[2])}));
      case AppTrace::app_failed:
      case AppTrace::app_refused:
        return set(out, Paint::vermillion, say_(Str::y_hears, {where.substr(where.rfind('.') + 1), number(args[1])}));
      case AppTrace::app_restarted:
        return set(out, Paint::vermillion, say_(Str::y_app_restarts));
      case AppTrace::app_commit:
        return set(out, Paint::purple, say_(Str::y_commit));
      case AppTrace::app_abort:
      case AppTrace::app_aborted:
        return set(out, Paint::purple, say_(Str::y_abort));
      case AppTrace::produce_sent: {
        const bool again = args[7] > 1;
        const std::string range = args[6] < 0 ? number(args[2]) : seq_range(args[6], args[6] + args[2] - 1);
        const Str words = args[6] < 0 ? (again ? Str::y_produce_again_plain : Str::y_produce_plain)
                                      : (again ? Str::y_produce_again : Str::y_produce);
        return set(out, again ? Paint::orange : Paint::blue,
                   again ? say_(words, {number(args[7]), range}) : say_(words, {range}));
      }
      case AppTrace::answer_arrived:
        return set(out, args[2] == 0 ? Paint::green : Paint::vermillion,
                   say_(Str::y_answer, {args[2] == 0 ? std::string("NONE") : report::error_word(args[2])}));
      default:
        return;
    }
  }

  const Run& run_;
  Say say_;
  Language language_;
};

std::string record_name(const Run& run, scenarios::RecordIndex record) {
  return "r" + number(static_cast<std::int64_t>(run.ledger.records[record].number));
}

Str question_words(scenarios::Question question) {
  using scenarios::Question;
  switch (question) {
    case Question::lost:
      return Str::y_q_lost;
    case Question::duplicated:
    case Question::sent_again:
      return Str::y_q_duplicated;
    case Question::reordered:
      return Str::y_q_reordered;
    case Question::failed_present:
    case Question::failed:
    case Question::refused:
      return Str::y_q_failed;
    case Question::stuck:
    case Question::untold:
      return Str::y_q_untold;
    case Question::aborted:
      return Str::y_q_aborted;
    case Question::deleted:
    case Question::unavailable:
      return Str::y_q_unavailable;
    case Question::late:
      return Str::y_q_late;
    case Question::nothing:
      return Str::y_q_nothing;
  }
  return Str::y_q_nothing;
}

/// Causes of an event that the diagram shows, and the event, each with what it tells.
std::vector<WhyLine> chain_of(const Session& session, sim::EventNumber event, const Focus* focus,
                              const Teller& teller) {
  const Run& run = session.run();
  const scenarios::Telling telling{run, focus == nullptr ? std::string() : focus->name,
                                   focus == nullptr ? sim::no_host : run.setup->producer_host(focus->producer)};
  std::vector<WhyLine> out;
  for (std::optional<sim::EventNumber> at = event; at && out.size() < scenarios::links_at_most;
       at = cause_of(session, *at)) {
    const auto step = session.step_of(*at);
    if (!step) break;
    const auto records = session.graph().records_of(static_cast<scenarios::EventIndex>(*step));
    auto best = telling.best_of(records);
    // The event that was asked for is told in any case.
    if (!best && at == event && records.first < records.end) best = records.first;
    if (best) out.push_back(teller.line(*best, *at));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

Why why_of(const Session& session, const Selection& selection, Language language) {
  const Run& run = session.run();
  const Teller teller{run, language};
  const Say say{language};
  Why out;
  const auto focus = focus_of(session, selection);
  if (selection.record && *selection.record < run.ledger.records.size()) {
    const auto explanation = session.explanation(*selection.record);
    out.about = record_name(run, *selection.record);
    out.question = say(question_words(explanation->question), {out.about});
    for (const scenarios::Link& link : explanation->links)
      out.lines.push_back(teller.line(link.record, run.events[link.event].number));
    if (!out.lines.empty()) return out;
  }
  const auto event = selected_event(session, selection);
  if (!event) return {};
  if (out.question.empty()) out.question = say(Str::y_q_event);
  out.lines = chain_of(session, *event, focus ? &*focus : nullptr, teller);
  if (out.lines.empty()) return {};
  return out;
}

PanelPicture why_panel(const Why& why, const Selection& selection, Language language, double width) {
  const Say say{language};
  Sheet sheet{width};
  sheet.title(why.question.empty() ? say(Str::y_title) : why.question, why.lines.empty() ? "" : say(Str::y_click));
  if (why.lines.empty()) {
    sheet.words(say(Str::y_nothing_selected));
    return std::move(sheet).done();
  }
  PanelPicture& out = sheet.picture();
  double times = 0;
  for (const WhyLine& line : why.lines)
    times = std::max(times, words_width(report::milliseconds(line.at.ns()), 12, Face::mono));
  std::optional<double> before;
  for (const WhyLine& line : why.lines) {
    const double x = sheet.left() + 5;
    const double text = sheet.left() + 18;
    const double room = sheet.inner() - 18 - times - 10;
    const double who = std::min(words_width(line.who, 13, Face::semibold), room);
    // Short words stand beside who it is, longer ones below.
    const bool beside = who + 8 + words_width(line.what) <= room;
    const auto rest = beside ? std::vector<std::string>{} : wrapped_words(line.what, room);
    const double height = 22 + 17 * static_cast<double>(rest.size());
    const Box box{2, sheet.y(), width - 4, height};
    if (selection.event == line.event) out.marked.push_back(box);
    if (before) out.line({x, *before + 5}, {x, sheet.y() + 6}, Paint::rule, 2);
    before = sheet.y() + 11;
    report::Shape dot;
    dot.kind = report::Shape::Kind::disc;
    dot.points = {{x, *before}, {4.5, 0}};
    dot.fill = line.paint;
    out.shapes.push_back(std::move(dot));
    out.text({text, sheet.y() + 15}, who, line.who, Paint::ink, Face::semibold);
    if (beside) out.text({text + who + 8, sheet.y() + 15}, room - who - 8, line.what, Paint::dim);
    for (std::size_t i = 0; i < rest.size(); ++i)
      out.text({text, sheet.y() + 32 + 17 * static_cast<double>(i)}, room, rest[i], Paint::dim);
    out.text({sheet.left() + sheet.inner() - times, sheet.y() + 15}, times, report::milliseconds(line.at.ns()),
             Paint::ink, Face::mono, Align::right, 12);
    Selection selects = selection;
    selects.event = line.event;
    // A record stays picked while its chain is walked.
    out.touches.push_back({box, {}, std::move(selects), line.event});
    sheet.advance(height + 2);
  }
  return std::move(sheet).done();
}

}  // namespace linger::gui
