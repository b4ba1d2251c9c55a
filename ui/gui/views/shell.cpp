#include "ui/gui/views/shell.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "scenarios/runner.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

using Signs = std::vector<std::vector<Point>>;

/// A button of the bar with a drawn sign instead of a text.
bool sign_button(Frame& frame, const char* id, const Box& box, bool on, const Signs& shapes) {
  const bool clicked = button(frame.canvas, id, box, "", on ? Look::on : Look::plain);
  const Point middle{box.x + box.width / 2, box.y + box.height / 2};
  for (const std::vector<Point>& shape : shapes) {
    std::vector<Point> moved;
    for (const Point& p : shape) moved.push_back({p.x + middle.x, p.y + middle.y});
    frame.canvas.polygon(moved, frame.canvas.colour(on ? Paint::ground : Paint::ink));
  }
  return clicked;
}

std::vector<Point> bar(double x) {
  return {{x, -6}, {x + 3, -6}, {x + 3, 6}, {x, 6}};
}
std::vector<Point> to_left(double x) {
  return {{x, 0}, {x + 9, -6}, {x + 9, 6}};
}
std::vector<Point> to_right(double x) {
  return {{x, -6}, {x + 9, 0}, {x, 6}};
}

struct Next {
  Landmark what;
  Command command;
  Str word;
  const char* key;
  const char* id;
};
constexpr std::array nexts{
    Next{Landmark::retry, Command::next_retry, Str::next_retry, "R", "##next retry"},
    Next{Landmark::election, Command::next_election, Str::next_election, "E", "##next election"},
    Next{Landmark::isr_change, Command::next_isr, Str::next_isr, "I", "##next isr"},
    Next{Landmark::error, Command::next_error, Str::next_error, "X", "##next error"},
    Next{Landmark::verdict, Command::next_verdict, Str::next_verdict, "V", "##next verdict"},
};

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%") ==
                                          std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The speed of playing: ×1, ×4, ×1/2.
void draw_speed(Frame& frame, const Box& box) {
  const double speed = frame.state.speed;
  const std::string words =
      speed >= 1 ? "×" + std::to_string(static_cast<int>(speed)) : "×1/" + std::to_string(static_cast<int>(1 / speed));
  if (button(frame.canvas, "##speed", box, words)) frame.asked.push_back(Command::faster);
  const ImGuiIO& io = ImGui::GetIO();
  if (!contains(box, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)})) return;
  tooltip(frame.canvas, {std::string(frame.say(Str::play_speed))});
  if (ImGui::IsMouseClicked(1)) frame.asked.push_back(Command::slower);
}

/// As few digits as name the number.
std::string fraction(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

std::string words_for_record(const scenarios::Run& run, scenarios::RecordIndex index) {
  const scenarios::LedgerRecord& record = run.ledger.records[index];
  const std::string number = " --record " + std::to_string(record.number);
  return record.producer == 0 ? number : number + " --producer " + quoted(run.result.producers[record.producer].name);
}

}  // namespace

std::string command_of_screen(const Branch& branch, const State& state) {
  std::string out = "linger ui";
  if (branch.parent && branch.saved_as.empty()) return {};
  if (!branch.saved_as.empty()) out += " " + quoted(branch.saved_as);
  for (const std::string& word : branch.session->words()) out += " " + quoted(word);
  out += " --at " + report::milliseconds(state.cursor.at.ns()) + "ms";
  if (state.page != pages().front().id) out += " --view " + state.page;
  if (!state.panel.empty()) out += " --view " + state.panel;
  if (state.page == "lab") out += " --sweep " + lab_choice_words(state.lab);
  if (state.axis.kind != report::AxisKind::folded)
    out += state.axis.kind == report::AxisKind::linear ? " --axis linear" : " --axis event";
  if (state.language == Language::zh) out += " --language zh";
  if (state.theme == Theme::dark) out += " --dark";
  if (state.scale != 1) out += " --scale " + fraction(state.scale);
  if (state.selection.record && *state.selection.record != 0)
    out += words_for_record(branch.session->run(), *state.selection.record);
  return out;
}

void draw_header(Frame& frame) {
  Canvas& canvas = frame.canvas;
  const Box& box = frame.screen.header;
  canvas.fill(box, canvas.colour(Extra::panel));
  canvas.line({box.x, box.height - 0.5}, {box.width, box.height - 0.5}, canvas.colour(Paint::rule));
  const double y = box.y + 30;
  canvas.text({16, y}, "Linger", Paint::ink, 20, Face::semibold);
  double x = 16 + canvas.width("Linger", 20, Face::semibold) + 10;
  canvas.line({x, box.y + 12}, {x, box.y + box.height - 12}, canvas.colour(Paint::rule));
  x += 10;
  // From the right: theme, language, tabs. The title gets what is left.
  double right = box.width - 16;
  const auto from_right = [&](std::string_view words, double least) {
    const double wide = std::max(least, canvas.width(words) + 20);
    right -= wide;
    const Box at{right, box.y + 10, wide, 28};
    right -= 8;
    return at;
  };
  const std::string_view theme = frame.say(frame.state.theme == Theme::light ? Str::theme_dark : Str::theme_light);
  if (button(canvas, "##theme", from_right(theme, 48), theme)) frame.asked.push_back(Command::theme);
  const std::string_view language = frame.say(Str::language_button);
  if (button(canvas, "##language", from_right(language, 48), language)) frame.asked.push_back(Command::language);
  right -= 8;
  for (auto page = pages().rbegin(); page != pages().rend(); ++page) {
    const std::string_view title = frame.say(page->title);
    const bool on = frame.state.page == page->id;
    const double wide = canvas.width(title, 13, on ? Face::semibold : Face::regular) + 22;
    right -= wide;
    const Box at{right, box.y + 8, wide, box.height - 8};
    if (on) {
      canvas.fill(at, canvas.colour(Paint::ground));
      canvas.fill({at.x, at.y, at.width, 3}, canvas.colour(Paint::ink));
    }
    const std::string id = "##tab " + std::string(page->id);
    if (touch(id.c_str(), at).clicked) {
      frame.state.page = page->id;
      frame.state.panel.clear();
    }
    canvas.text({at.x + 11, y - 2}, title, on ? Paint::ink : Paint::dim, 13, on ? Face::semibold : Face::regular);
  }
  const scenarios::Run& run = frame.session.run();
  const scenarios::Scenario& plan = run.setup->scenario;
  const std::string title = plan.title.empty() ? run.result.scenario : plan.title;
  const double room = right - x - 12;
  canvas.text_within({x, y - 2}, title.empty() ? std::string(frame.say(Str::untitled)) : title, room, Paint::ink, 15,
                     Face::semibold);
  x += canvas.width(title, 15, Face::semibold) + 12;
  const std::string about = frame.say(
      Str::about_run, {plan.cluster.profile, std::to_string(plan.cluster.brokers), std::to_string(run.result.seed)});
  if (x + canvas.width(about) < right - 12) canvas.text({x, y - 2}, about, Paint::dim);
}

void draw_transport(Frame& frame) {
  Canvas& canvas = frame.canvas;
  const Box& box = frame.screen.transport;
  canvas.line({box.x, box.y + box.height - 0.5}, {box.width, box.y + box.height - 0.5}, canvas.colour(Paint::rule));
  const bool roomy = box.width >= 1500;
  const bool tight = box.width < 1100;
  const double top = box.y + 8;
  const double y = box.y + 29;
  double x = 16;
  const auto place = [&](double wide) {
    const Box at{x, top, wide, 32};
    x += wide + 4;
    return at;
  };
  const auto ask = [&](bool clicked, Command command) {
    if (clicked) frame.asked.push_back(command);
  };
  ask(sign_button(frame, "##home", place(32), false, {bar(-7), to_left(-4)}), Command::home);
  ask(sign_button(frame, "##back", place(32), false, {to_left(-7), bar(4)}), Command::step_back);
  ask(sign_button(frame, "##play", place(40), true,
                  frame.state.playing ? Signs{bar(-5), bar(2)} : Signs{{{-5, -7}, {7, 0}, {-5, 7}}}),
      Command::play);
  draw_speed(frame, place(44));
  ask(sign_button(frame, "##step", place(32), false, {bar(-7), to_right(-2)}), Command::step);
  const std::string_view ms = frame.say(Str::transport_step_ms);
  ask(button(canvas, "##ms", place(canvas.width(ms) + 20), ms), Command::ms);
  x += 8;
  if (!tight) {
    canvas.text({x, y}, frame.say(Str::transport_next), Paint::dim);
    x += canvas.width(frame.say(Str::transport_next)) + 8;
  }
  for (const Next& next : nexts) {
    const std::string_view word = frame.say(next.word);
    const bool there = frame.session.seek(frame.state.cursor, next.what, 1).has_value();
    const Box at = place(canvas.width(word) + (roomy ? 46 : tight ? 14 : 20));
    ask(button(canvas, next.id, at, word, there ? Look::plain : Look::grey, roomy ? next.key : ""), next.command);
    const ImGuiIO& io = ImGui::GetIO();
    if (!there && contains(at, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
      tooltip(canvas, {std::string(frame.say(Str::no_more_of_it))});
  }
  x += 10;
  const std::string time = report::milliseconds(frame.state.cursor.at.ns()) + " ms";
  canvas.text({x, y + 1}, time, Paint::ink, 15, Face::mono_bold);
  // Room for the longest time of the run: the buttons behind must not wander.
  const std::string longest = report::milliseconds(frame.session.end().ns()) + " ms";
  x += std::max(canvas.width(time, 15, Face::mono_bold), canvas.width(longest, 15, Face::mono_bold)) + 18;
  if (!tight) {
    canvas.text({x, y}, frame.say(Str::transport_axis), Paint::dim);
    x += canvas.width(frame.say(Str::transport_axis)) + 8;
  }
  const auto axis = [&](const char* id, Str word, report::AxisKind kind, Command command) {
    const Box at{x, top, canvas.width(frame.say(word)) + 18, 32};
    if (at.x + at.width > box.width - 8) return;
    x += at.width;
    ask(button(canvas, id, at, frame.say(word), frame.state.axis.kind == kind ? Look::on : Look::plain), command);
  };
  axis("##linear", Str::axis_linear, report::AxisKind::linear, Command::axis_linear);
  axis("##event", Str::axis_event, report::AxisKind::events, Command::axis_event);
  axis("##folded", Str::axis_folded, report::AxisKind::folded, Command::axis_folded);
}

namespace {

/// The command that shows this screen again: whole in a tooltip, and a click copies it. Returns its width.
double draw_command(Frame& frame, const Box& box) {
  Canvas& canvas = frame.canvas;
  const std::string command = command_of_screen(frame.branches[frame.branches.shown()], frame.state);
  const std::string words = command.empty() ? std::string(frame.say(Str::status_not_saved)) : command;
  const double wide = std::min(canvas.width(words, 12, Face::mono), box.width * 0.6);
  const double left = box.x + box.width - 16 - wide;
  canvas.text_within({left, box.y + 17}, words, wide + 1, Paint::dim, 12, Face::mono);
  if (command.empty()) return wide;
  const Touch area = touch("##command", {left, box.y, wide, box.height});
  if (area.hovered) {
    std::vector<std::string> lines = canvas.wrapped(command, 560);
    lines.emplace_back(frame.say(Str::status_copy));
    tooltip(canvas, lines);
  }
  if (area.clicked) {
    ImGui::SetClipboardText(command.c_str());
    frame.state.notice = frame.say(Str::status_copied);
  }
  return wide;
}

}  // namespace

void draw_status(Frame& frame) {
  Canvas& canvas = frame.canvas;
  const Box& box = frame.screen.status;
  canvas.fill(box, canvas.colour(Extra::panel));
  canvas.line({box.x, box.y + 0.5}, {box.x + box.width, box.y + 0.5}, canvas.colour(Paint::rule));
  const double y = box.y + 17;
  const scenarios::RunResult& result = frame.session.run().result;
  const double command_width = draw_command(frame, box);
  double x = 16;
  const double end = box.x + box.width - 32 - command_width;
  const auto add = [&](const std::string& words, Paint paint) {
    const std::string all = x > 16 ? " · " + words : words;
    if (x >= end - 20) return;
    canvas.text_within({x, y}, all, end - x, paint, 12);
    x += canvas.width(all, 12);
  };
  if (!frame.state.notice.empty()) add(frame.state.notice.substr(0, frame.state.notice.find('\n')), Paint::ink);
  for (const scenarios::FaultResult& fault : result.faults) {
    if (fault.hits == 0) add(frame.say(Str::status_fault_missed, {fault.id}), Paint::vermillion_text);
  }
  if (!result.violations.empty())
    add(frame.say(Str::status_violated, {result.violations.front().name}), Paint::vermillion_text);
  const std::string seconds = report::milliseconds(result.virtual_ns / 1000);
  add(frame.say(Str::status_over, {seconds, std::to_string(result.events)}), Paint::dim);
  for (const scenarios::FaultResult& fault : result.faults) {
    if (fault.hits == 1) add(frame.say(Str::status_fault_hit, {fault.id}), Paint::dim);
    if (fault.hits > 1) add(frame.say(Str::status_fault_hits, {fault.id, std::to_string(fault.hits)}), Paint::dim);
  }
}

void draw_key_map(Frame& frame, double width, double height) {
  if (!frame.state.key_map) return;
  Canvas& canvas = frame.canvas;
  const std::span<const KeyHelp> lines = key_help();
  constexpr double line = 22;
  // Two columns where the window is low.
  const bool two = 90 + line * static_cast<double>(lines.size()) > height - 40;
  const std::size_t rows = two ? (lines.size() + 1) / 2 : lines.size();
  const double wide = std::min(width - 40, two ? 760.0 : 400.0);
  const double tall = 76 + line * static_cast<double>(rows);
  const Box box{(width - wide) / 2, std::max(8.0, (height - tall) / 2), wide, tall};
  canvas.fill({0, 0, width, height}, canvas.colour(Paint::ground, 0.6));
  canvas.fill(box, canvas.colour(Extra::panel), 6);
  canvas.frame(box, canvas.colour(Paint::ink), 6);
  canvas.text({box.x + 20, box.y + 32}, frame.say(Str::key_map), Paint::ink, 20, Face::semibold);
  canvas.text_right({box.x + box.width - 20, box.y + 32}, frame.say(Str::key_map_close), Paint::dim);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double x = box.x + 20 + (i >= rows ? wide / 2 : 0);
    const double y = box.y + 64 + line * static_cast<double>(i % rows);
    canvas.text({x, y}, lines[i].keys, Paint::ink, 13, Face::mono_bold);
    canvas.text({x + 90, y}, frame.say(lines[i].meaning), Paint::dim);
  }
}

}  // namespace linger::gui
