#include "ui/cli/export.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <variant>

#include "producer/nearest_word.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_reader.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/story.h"
#include "ui/report/formats.h"
#include "ui/report/output_file.h"

namespace linger::cli {
namespace {

using report::Format;
using report::Wanted;

std::string format_names() {
  std::string out;
  for (const Format& format : report::all_formats()) (out += out.empty() ? "" : ", ").append(format.name);
  return out;
}

std::variant<const Format*, std::string> format_of(const Arguments& arguments) {
  const std::string* word = arguments.value("--to");
  if (word == nullptr) return "export needs --to FORMAT: one of " + format_names();
  const Format* format = report::find_format(*word);
  if (format == nullptr) return "--to \"" + *word + "\"; expected one of " + format_names();
  return format;
}

std::variant<Wanted, std::string> wanted_of(const Arguments& arguments, const Format& format) {
  Wanted wanted;
  for (const auto& [option, time] : {std::pair{"--from", &wanted.from}, std::pair{"--until", &wanted.until}}) {
    const std::string* text = arguments.value(option);
    if (text == nullptr) continue;
    if (!format.window)
      return std::string(option) + " chooses what a picture shows; --to " + std::string(format.name) +
             " holds the whole run";
    const auto value = scenarios::parse_time(*text, false);
    if (!value) return std::string(option) + " \"" + *text + "\"; expected a time with its unit, as 9500ms or 1.5s";
    *time = sim::SimTime::at(*value);
  }
  if (wanted.from && wanted.until && *wanted.until <= *wanted.from)
    return std::string("--until must be later than --from");
  return wanted;
}

ExitStatus refuse(const std::string& sentence, const Streams& streams) {
  streams.err << "linger: " << sentence << "\n";
  return ExitStatus::bad_input;
}

}  // namespace

ExitStatus export_scenario_file(const Arguments& arguments, const Streams& streams) {
  const auto chosen = format_of(arguments);
  if (const auto* sentence = std::get_if<std::string>(&chosen)) return refuse(*sentence, streams);
  const Format& format = *std::get<const Format*>(chosen);
  const std::string* path = arguments.value("--output");
  if (path == nullptr || path->empty())
    return refuse("export needs --output PATH, or --output - for standard output", streams);
  auto wanted = wanted_of(arguments, format);
  if (const auto* sentence = std::get_if<std::string>(&wanted)) return refuse(*sentence, streams);
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  auto scenario = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!scenario) return ExitStatus::bad_input;
  const bool other_versions =
      format.old_dialect && scenario->cluster.config.try_emplace("client.api.versions", "2.5").second;
  note_interrupts();
  scenarios::RunOptions options;
  options.keep_trace = true;
  options.keep_frames = format.frames;
  options.interrupted = interrupted;
  const scenarios::Run run = scenarios::run_scenario(std::move(*scenario), options);
  // Half a run is no run: nothing is written.
  if (run.interrupted) return ExitStatus::interrupted;
  std::get<Wanted>(wanted).story =
      story_header(*run.setup, Look{}) + story_body(run, Look{}) + story_verdict(run, Look{});
  if (other_versions) {
    streams.err << "linger: clients speak Kafka 2.5's versions of messages here, which Wireshark 4.0 can read; "
                   "--set /cluster/config/client.api.versions=newest keeps the run as it is\n";
  }
  const std::string bytes = format.write(run, std::get<Wanted>(wanted));
  if (*path == "-") {
    streams.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return ExitStatus::as_expected;
  }
  if (const auto sentence = report::write_file(*path, bytes)) return refuse(*sentence, streams);
  return ExitStatus::as_expected;
}

}  // namespace linger::cli
