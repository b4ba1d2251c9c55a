#include "ui/gui/model/startup.h"

#include <algorithm>
#include <charconv>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::gui {
namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "1280x720" within what a renderer can do.
bool read_size(std::string_view text, Startup& startup) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  const auto width = number<int>(text.substr(0, cross));
  const auto height = number<int>(text.substr(cross + 1));
  constexpr int most = 8192;
  if (!width || !height || *width < 16 || *height < 16 || *width > most || *height > most) return false;
  startup.size = PixelSize{*width, *height};
  return true;
}

/// 105.2ms as the status line writes it, or what scenario files take: 5ms, 2s.
std::optional<sim::SimTime> read_time(const std::string& text) {
  const std::size_t point = text.find('.');
  if (point == std::string::npos) {
    const auto time = scenarios::parse_time(text);
    return time ? std::optional(sim::SimTime::at(*time)) : std::nullopt;
  }
  const std::size_t unit = text.find_first_not_of("0123456789.");
  if (unit == std::string::npos) return std::nullopt;
  const auto value = number<double>(text.substr(0, unit));
  const auto one = scenarios::parse_time("1" + text.substr(unit));
  if (!value || !one || *value * static_cast<double>(one->ns()) > 9e18) return std::nullopt;
  return sim::SimTime::at_ns(static_cast<std::int64_t>(*value * static_cast<double>(one->ns()) + 0.5));
}

/// Empty, or what is wrong with the value of an option.
std::string read_option(const std::string& option, const std::string& value, Startup& startup) {
  const auto wrong = [&](const char* expected) { return option + " \"" + value + "\"; expected " + expected; };
  if (option == "--screenshot") {
    startup.screenshot = value;
  } else if (option == "--view") {
    startup.view = value;
  } else if (option == "--compare") {
    startup.compare = scenarios::split_assignment(value);
    if (!startup.compare || startup.compare->first.empty()) return wrong("a producer setting and its value, as acks=1");
  } else if (option == "--at") {
    startup.at = read_time(value);
    if (!startup.at) return wrong("a time, as 2500ms or 2.5s");
  } else if (option == "--size") {
    if (!read_size(value, startup)) return wrong("pixels, as 1280x720, each from 16 to 8192");
  } else if (option == "--scale") {
    const auto scale = number<double>(value);
    if (!scale || !(*scale >= 0.5 && *scale <= 4)) return wrong("a number from 0.5 to 4");
    startup.scale = *scale;
  } else if (option == "--frames") {
    const auto frames = number<int>(value);
    if (!frames || *frames < 0) return wrong("a whole number");
    startup.frames = *frames;
  } else if (option == "--record") {
    startup.record = number<std::int64_t>(value);
    if (!startup.record || *startup.record < 0) return wrong("the number of a record, as 7");
  } else if (option == "--sweep") {
    startup.sweep = parse_lab_choice(value);
    if (!startup.sweep)
      return wrong("a setting of the lab, as linger.ms, or with two of its values, as linger.ms=0..100");
    if (startup.view.empty()) startup.view = "lab";
  } else if (option == "--producer") {
    startup.producer = value;
  } else if (option == "--axis") {
    if (value == "folded")
      startup.axis = report::AxisKind::folded;
    else if (value == "linear")
      startup.axis = report::AxisKind::linear;
    else if (value == "event")
      startup.axis = report::AxisKind::events;
    else
      return wrong("folded, linear or event");
  } else if (option == "--language") {
    if (value != "en" && value != "zh") return wrong("en or zh");
    startup.language = value == "zh" ? Language::zh : Language::en;
  } else if (option == "--seed") {
    startup.overrides.seed = number<std::uint64_t>(value);
    if (!startup.overrides.seed) return wrong("a whole number");
  } else if (option == "--set") {
    auto assignment = scenarios::split_assignment(value);
    if (!assignment || !assignment->first.starts_with('/'))
      return wrong("a JSON Pointer and a value, as /producers/0/config/acks=1");
    startup.overrides.set.push_back(std::move(*assignment));
  } else if (option == "--producer-property") {
    auto assignment = scenarios::split_assignment(value);
    if (!assignment || assignment->first.empty()) return wrong("a setting and its value, as acks=all");
    startup.overrides.producer_properties[assignment->first] = assignment->second;
  } else if (option == "--behaviour") {
    startup.overrides.behaviours.push_back(value);
  } else {
    return "linger ui has no option " + option;
  }
  if (option == "--seed" || option == "--set" || option == "--producer-property" || option == "--behaviour") {
    startup.changes.push_back(option);
    startup.changes.push_back(value);
  }
  return {};
}

bool is_of(const scenarios::Run& run, const scenarios::LedgerRecord& record, const std::string& producer) {
  return producer.empty() ? record.producer == 0 : run.result.producers[record.producer].name == producer;
}

std::optional<scenarios::RecordIndex> find_record(const scenarios::Run& run, const std::string& producer,
                                                  std::int64_t number) {
  const auto& records = run.ledger.records;
  const auto found = std::find_if(records.begin(), records.end(), [&](const scenarios::LedgerRecord& record) {
    return record.number == static_cast<std::uint64_t>(number) && is_of(run, record, producer);
  });
  if (found == records.end()) return std::nullopt;
  return static_cast<scenarios::RecordIndex>(found - records.begin());
}

/// What can be asked for instead of a record that is not there.
std::string records_there(const scenarios::Run& run, const std::string& producer) {
  std::int64_t most = -1;
  for (const scenarios::LedgerRecord& record : run.ledger.records) {
    if (is_of(run, record, producer)) most = std::max(most, static_cast<std::int64_t>(record.number));
  }
  const std::string who = producer.empty() ? "the first producer" : producer;
  if (most < 0) return who + " sent no record";
  return who + " sent the records 0 to " + std::to_string(most);
}

}  // namespace

std::variant<Startup, std::string> parse_startup(const std::vector<std::string>& words) {
  Startup startup;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (!word.starts_with("--")) {
      if (!startup.file.empty()) return "linger ui opens one file, not also " + word;
      startup.file = word;
      continue;
    }
    if (word == "--dark") {
      startup.theme = Theme::dark;
      continue;
    }
    if (word == "--frame-times") {
      startup.frame_times = true;
      continue;
    }
    std::string value;
    if (const std::size_t equals = word.find('='); equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return word + " needs a value";
    }
    if (const std::string sentence = read_option(word, value, startup); !sentence.empty()) return sentence;
  }
  if (!startup.producer.empty() && !startup.record)
    return "--producer says whose record --record chooses; it needs --record N";
  return startup;
}

std::string start_with(const Startup& startup, const Session* session, State& state) {
  if (startup.scale) state.scale = *startup.scale;
  if (startup.language) state.language = *startup.language;
  if (startup.theme) state.theme = *startup.theme;
  if (startup.axis) state.axis.kind = *startup.axis;
  if (startup.sweep) state.lab = *startup.sweep;
  if (session == nullptr) return {};
  if (startup.at) state.cursor = session->at(std::min(*startup.at, session->end()));
  if (!startup.record) return {};
  const auto record = find_record(session->run(), startup.producer, *startup.record);
  if (!record)
    return "--record " + std::to_string(*startup.record) + ": " + records_there(session->run(), startup.producer);
  state.selection = {record, std::nullopt, std::nullopt};
  return {};
}

}  // namespace linger::gui
