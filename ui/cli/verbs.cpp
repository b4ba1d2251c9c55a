#include "ui/cli/verbs.h"

#include <ostream>
#include <sstream>
#include <variant>

#include "producer/config_def.h"
#include "scenarios/scenario_schema.h"
#include "ui/cli/audit.h"
#include "ui/cli/compare.h"
#include "ui/cli/explore.h"
#include "ui/cli/export.h"
#include "ui/cli/explain.h"
#include "ui/cli/help.h"
#include "ui/cli/perf.h"
#include "ui/cli/run.h"
#include "ui/cli/shrink.h"
#include "ui/cli/sweep.h"
#include "ui/cli/window.h"
#include "ui/cli/zoo.h"

namespace linger::cli {
namespace {

ExitStatus print_config(const Arguments& arguments, const Streams& streams) {
  const std::string reference = config_reference_text();
  if (!arguments.operand) {
    streams.out << reference;
    return ExitStatus::as_expected;
  }
  // One setting a paragraph, its name on the first line.
  bool found = false;
  for (std::size_t at = 0; at < reference.size();) {
    const std::size_t end = std::min(reference.find("\n\n", at), reference.size());
    const std::string paragraph = reference.substr(at, end - at);
    if (paragraph.substr(0, paragraph.find('\n')).find(*arguments.operand) != std::string::npos) {
      streams.out << paragraph << "\n\n";
      found = true;
    }
    at = end + 2;
  }
  if (found) return ExitStatus::as_expected;
  streams.err << "linger: no producer setting has \"" << *arguments.operand << "\" in its name; linger config names them all\n";
  return ExitStatus::bad_input;
}

ExitStatus print_completion(const Arguments& arguments, const Streams& streams) {
  const auto script = completion_script(*arguments.operand);
  if (!script) {
    streams.err << "linger: no completion for \"" << *arguments.operand << "\"; expected bash, zsh or fish\n";
    return ExitStatus::bad_input;
  }
  streams.out << *script;
  return ExitStatus::as_expected;
}

ExitStatus run_verb(const Arguments& arguments, const Streams& streams) {
  const std::string_view verb = arguments.verb->name;
  if (verb == "run") return run_scenario_file(arguments, streams);
  if (verb == "compare") return compare_scenario_file(arguments, streams);
  if (verb == "sweep") return sweep(arguments, streams);
  if (verb == "explore") return explore_scenario_file(arguments, streams);
  if (verb == "explain") return explain_scenario_file(arguments, streams);
  if (verb == "merge") return merge_reports(arguments, streams);
  if (verb == "shrink") return shrink_scenario_file(arguments, streams);
  if (verb == "export") return export_scenario_file(arguments, streams);
  if (verb == "zoo") return show_zoo(arguments, streams);
  if (verb == "audit") return audit_configuration(arguments, streams);
  if (verb == "ui") return open_window(arguments, streams);
  if (verb == "perf") return measure_performance(arguments, streams);
  if (verb == "config") return print_config(arguments, streams);
  if (verb == "completion") return print_completion(arguments, streams);
  streams.out << scenarios::scenario_schema() << "\n";
  return ExitStatus::as_expected;
}

}  // namespace

Look look_of(const Arguments& arguments, const Streams& streams) {
  return Look{streams.out_is_terminal ? streams.width : 0, streams.out_is_terminal && !streams.no_colour, arguments.has("--ascii")};
}

ExitStatus run_command_line(std::span<const std::string> words, const Streams& streams) {
  if (words.empty()) {
    streams.err << help_text();
    return ExitStatus::bad_input;
  }
  const auto parsed = parse_arguments(words);
  if (const auto* sentence = std::get_if<std::string>(&parsed)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::bad_input;
  }
  const Arguments& arguments = std::get<Arguments>(parsed);
  if (arguments.has("--version") && arguments.verb == nullptr) {
    streams.out << version_text();
    return ExitStatus::as_expected;
  }
  if (arguments.has("--help")) {
    streams.out << (arguments.verb == nullptr ? help_text() : help_text(*arguments.verb));
    return ExitStatus::as_expected;
  }
  if (arguments.verb == nullptr) {
    streams.err << "linger: a verb is missing; linger --help names them all\n";
    return ExitStatus::bad_input;
  }
  const std::string_view operand = arguments.verb->operand;
  if (!operand.empty() && !operand.starts_with('[') && !arguments.operand) {
    streams.err << "linger: linger " << arguments.verb->name << " needs a " << operand << "; linger " << arguments.verb->name << " --help says more\n";
    return ExitStatus::bad_input;
  }
  return run_verb(arguments, streams);
}

}  // namespace linger::cli
