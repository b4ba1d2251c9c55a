#include "ui/cli/options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "producer/nearest_word.h"

namespace linger::cli {
namespace {

constexpr std::array options{
    OptionInfo{"--set", "POINTER=VALUE", "put a value in the place that a JSON Pointer names", Offers::nothing, true},
    OptionInfo{"--producer-property", "KEY=VALUE", "a producer setting, for every producer", Offers::nothing, true},
    OptionInfo{"--producer-config", "FILE", "a Java producer.properties, for every producer", Offers::files},
    OptionInfo{"--input", "FILE", "send the lines of a file as the first producer's records", Offers::files},
    OptionInfo{"--topic", "NAME", "with --input: to this topic"},
    OptionInfo{"--key-separator", "TEXT", "with --input: what stands before it in a line is the key"},
    OptionInfo{"--rate", "N/s", "with --input: so many records a second; all at once without it"},
    OptionInfo{"--behaviour", "NAME=VALUE", "one rule of Kafka in another version; `corrected` sets all of them right",
               Offers::nothing, true},
    OptionInfo{"--seed", "N", "another seed than the file's"},
    OptionInfo{"--seeds", "N", "how many seeds to run (1000 if not given; zoo: at most, for each bug, 20000 if not given)"},
    OptionInfo{"--first", "N", "the first seed (1 if not given)"},
    OptionInfo{"--swarm", "", "draw whole plans: cluster, settings, workload and faults"},
    OptionInfo{"--output", "PATH", "where the result is written: sweep (linger-failures if not given) and explore, a folder; others, a file", Offers::files},
    OptionInfo{"--topic-config", "FILE", "a properties file with settings of the topic", Offers::files},
    OptionInfo{"--broker-config", "FILE", "a server.properties: settings of brokers, and defaults of topics", Offers::files},
    OptionInfo{"--brokers", "N", "so many brokers (3 if not given)"},
    OptionInfo{"--replication-factor", "N", "so many replicas (3 if not given, or as many as there are brokers)"},
    OptionInfo{"--latency", "TIME", "an acknowledgement is late after it (60s if not given)"},
    OptionInfo{"--samples", "N", "so many random runs for each number of faults (2000 if not given)"},
    OptionInfo{"--report", "FILE", "also write the result as one HTML page", Offers::files},
    OptionInfo{"--faults", "N", "so many faults along one run (2 if not given)"},
    OptionInfo{"--leader-changes", "N", "so many orderly changes of leader along one run (1 if not given)"},
    OptionInfo{"--ties", "N", "so many reordered ties along one run (1 if not given)"},
    OptionInfo{"--apis", "LIST", "whose requests and answers have fates, with commas (PRODUCE if not given)"},
    OptionInfo{"--no-merge", "", "go on from each state, also from those met before"},
    OptionInfo{"--seconds", "N", "stop after so long (60 if not given; zoo: for each bug)"},
    OptionInfo{"--memory", "MB", "stop at so much memory (1024 if not given)"},
    OptionInfo{"--for", "NAME", "what the plan is to show still: acked-lost, duplicated, … (the worst if not given)"},
    OptionInfo{"--processes", "N", "so many processes at a time (one a processor if not given); the result does not depend on it"},
    OptionInfo{"--shard", "I/N", "run only the I-th of N parts of the seeds; linger merge joins the reports"},
    OptionInfo{"--journal", "FILE", "write down what is done; started again with it, the sweep goes on where it was", Offers::files},
    OptionInfo{"--junit", "FILE", "also write the result as JUnit XML, for CI systems", Offers::files},
    OptionInfo{"--to", "FORMAT", "what to make of the run: pcap, perfetto, svg, mermaid, jsonl or html"},
    OptionInfo{"--from", "TIME", "pictures: where to begin, as 9s"},
    OptionInfo{"--until", "TIME", "pictures: where to end, as 9500ms"},
    OptionInfo{"--record", "N", "explain: this record of its producer (the one with the worst fate if not given); ui: choose it"},
    OptionInfo{"--producer", "NAME", "explain, ui: whose record it is (the first producer's if not given)"},
    OptionInfo{"--why", "WORD", "explain: what is asked, as lost, duplicated, late (what is worst if not given)"},
    OptionInfo{"--runs", "N", "run at most so many plans (20000 if not given; zoo: to shrink one, 2000 if not given)"},
    OptionInfo{"--screenshot", "FILE", "ui: write a PNG instead of opening a window; needs no display", Offers::files},
    OptionInfo{"--view", "NAME", "ui: what to show: diagram, …"},
    OptionInfo{"--at", "TIME", "ui: where the cursor stands, as 2.5s (the end if not given)"},
    OptionInfo{"--axis", "KIND", "ui: folded, linear or event"},
    OptionInfo{"--compare", "KEY=VALUE", "ui: beside it a run with this producer setting"},
    OptionInfo{"--sweep", "SETTING", "ui: what the lab sweeps, as linger.ms or linger.ms=0..100"},
    OptionInfo{"--size", "WxH", "ui: pixels of the window (1280x720 if not given)"},
    OptionInfo{"--scale", "N", "ui: so many pixels for one, for projectors and dense screens (1 if not given)"},
    OptionInfo{"--language", "CODE", "ui: en or zh"},
    OptionInfo{"--dark", "", "ui: light on dark"},
    OptionInfo{"--strict", "", "known defects, faults that hit nothing and unknown settings count as failures"},
    OptionInfo{"--json", "", "one JSON object instead of the story"},
    OptionInfo{"--metrics", "", "each producer's metrics at the end of the workload"},
    OptionInfo{"--verbose", "", "every event of the trace"},
    OptionInfo{"--brief", "", "instead of the story the causes of the worst that befell a record, at most eight lines"},
    OptionInfo{"--ascii", "", "no signs beyond ASCII"},
    OptionInfo{"--help", "", "this text"},
    OptionInfo{"--version", "", "versions of Linger and of the codecs in it"},
};

const std::vector<VerbInfo>& verbs() {
  static const std::vector<VerbInfo> list{
      {"run", "FILE", "runs a scenario once: the story, the ledger, the verdict",
       {"--set", "--producer-property", "--producer-config", "--input", "--topic", "--key-separator", "--rate", "--behaviour",
        "--seed", "--strict", "--json", "--metrics", "--verbose", "--brief", "--ascii", "--help"},
       Offers::files},
      {"compare", "FILE", "runs a scenario as written and with something changed, and says where they part",
       {"--set", "--producer-property", "--producer-config", "--input", "--topic", "--key-separator", "--rate", "--behaviour",
        "--seed", "--strict", "--json", "--verbose", "--ascii", "--help"},
       Offers::files},
      {"sweep", "[FILE]", "runs many variations of a scenario, or with --swarm many random plans; saves those that fail",
       {"--swarm", "--seeds", "--first", "--processes", "--shard", "--journal", "--junit", "--output", "--set", "--producer-property", "--producer-config", "--input", "--topic",
        "--key-separator", "--rate", "--behaviour", "--strict", "--json", "--ascii", "--help"},
       Offers::files},
      {"merge", "REPORT...", "joins the reports of a sweep's shards", {"--junit", "--json", "--ascii", "--help"}, Offers::files},
      {"shrink", "FILE", "looks for the smallest plan that still fails in the same way",
       {"--for", "--output", "--runs", "--set", "--producer-property", "--producer-config", "--input", "--topic", "--key-separator",
        "--rate", "--behaviour", "--seed", "--json", "--help"},
       Offers::files},
      {"explore", "FILE", "follows every fate of every request and answer, up to a number of faults",
       {"--faults", "--leader-changes", "--ties", "--apis", "--no-merge", "--seconds", "--memory", "--output", "--set", "--producer-property",
        "--producer-config", "--input", "--topic", "--key-separator", "--rate", "--behaviour", "--seed", "--json", "--ascii", "--help"},
       Offers::files},
      {"export", "FILE", "writes one run for other tools: Wireshark, Perfetto, pictures, a page, JSON lines",
       {"--to", "--output", "--from", "--until", "--set", "--producer-property", "--producer-config", "--input", "--topic", "--key-separator", "--rate",
        "--behaviour", "--seed", "--strict", "--help"},
       Offers::files},
      {"explain", "FILE", "says why a record was lost, written twice, late or reordered, and what would have prevented it",
       {"--record", "--producer", "--why", "--to", "--output", "--set", "--producer-property", "--producer-config", "--input", "--topic",
        "--key-separator", "--rate", "--behaviour", "--seed", "--strict", "--json", "--ascii", "--help"},
       Offers::files},
      {"ui", "[FILE]", "opens the window on a run: the time-space diagram, every batch, every record's fate",
       {"--at", "--view", "--axis", "--record", "--producer", "--compare", "--sweep", "--screenshot", "--size", "--scale", "--language", "--dark", "--set", "--producer-property", "--behaviour",
        "--seed", "--help"},
       Offers::files},
      {"zoo", "[ID,…]", "known bugs of Kafka: each found with its switch on, silent with it off",
       {"--seeds", "--seconds", "--runs", "--json", "--ascii", "--help"}},
      {"audit", "FILE", "says what a producer.properties can lose, duplicate or reorder, with the smallest scenario for each",
       {"--topic-config", "--broker-config", "--producer-property", "--brokers", "--replication-factor", "--faults", "--latency", "--samples", "--seconds",
        "--processes", "--output", "--report", "--strict", "--json", "--ascii", "--help"},
       Offers::files},
      {"perf", "", "measures what Linger's parts cost, each beside the least that such a part could cost", {"--json", "--help"}},
      {"schema", "", "prints the JSON Schema of scenario files, for editors", {"--help"}},
      {"config", "[WORD]", "prints the producer's settings, or those whose name holds a word", {"--help"}},
      {"completion", "SHELL", "prints the completion script for bash, zsh or fish", {"--help"}, Offers::words, {"bash", "zsh", "fish"}},
  };
  return list;
}

std::string nearest_sentence(const std::string& written, const std::vector<std::string>& words) {
  const std::string nearest = nearest_word(written, words);
  return nearest.empty() ? std::string() : "; did you mean " + nearest + "?";
}

std::string no_such_option(const std::string& written, const VerbInfo* verb) {
  std::vector<std::string> names;
  if (verb != nullptr) names.assign(verb->options.begin(), verb->options.end());
  else names = {"--help", "--version"};
  const std::string behind = verb == nullptr ? "linger" : "linger " + std::string(verb->name);
  return behind + " has no option " + written + nearest_sentence(written, names);
}

bool takes(const VerbInfo* verb, std::string_view option) {
  if (verb == nullptr) return option == "--help" || option == "--version";
  return std::find(verb->options.begin(), verb->options.end(), option) != verb->options.end();
}

}  // namespace

std::span<const OptionInfo> all_options() { return options; }

const OptionInfo* find_option(std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const OptionInfo& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

std::span<const VerbInfo> all_verbs() { return verbs(); }

const VerbInfo* find_verb(std::string_view name) {
  const auto found = std::find_if(verbs().begin(), verbs().end(), [&](const VerbInfo& v) { return v.name == name; });
  return found == verbs().end() ? nullptr : &*found;
}

const std::string* Arguments::value(std::string_view option) const {
  const auto found = values.find(option);
  return found == values.end() ? nullptr : &found->second.back();
}

const std::vector<std::string>& Arguments::all(std::string_view option) const {
  static const std::vector<std::string> none;
  const auto found = values.find(option);
  return found == values.end() ? none : found->second;
}

std::variant<Arguments, std::string> parse_arguments(std::span<const std::string> words) {
  Arguments arguments;
  arguments.words.assign(words.begin(), words.end());
  bool options_over = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_over || word == "-" || !word.starts_with('-')) {
      if (arguments.verb == nullptr) {
        arguments.verb = find_verb(word);
        if (arguments.verb == nullptr) {
          std::vector<std::string> names;
          for (const VerbInfo& verb : all_verbs()) names.emplace_back(verb.name);
          return "no verb \"" + word + "\"" + nearest_sentence(word, names) + "; linger --help names them all";
        }
      } else if (arguments.verb->operand.empty()) {
        return "linger " + std::string(arguments.verb->name) + " takes no \"" + word + "\"";
      } else if (arguments.operand && !arguments.verb->operand.ends_with("...")) {
        return "linger " + std::string(arguments.verb->name) + " takes one " + std::string(arguments.verb->operand) + ", not also \"" + word + "\"";
      } else {
        if (!arguments.operand) arguments.operand = word;
        arguments.operands.push_back(word);
      }
      continue;
    }
    if (word == "--") {
      options_over = true;
      continue;
    }
    const std::size_t equals = word.find('=');
    std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    const OptionInfo* option = find_option(name);
    if (option == nullptr || !takes(arguments.verb, name)) return no_such_option(name, arguments.verb);
    std::string value;
    if (option->argument.empty()) {
      if (equals != std::string::npos) return name + " is a switch and takes no value";
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return name + " needs a value: " + name + " " + std::string(option->argument);
    }
    std::vector<std::string>& values = arguments.values[name];
    if (!values.empty() && !option->repeats && !option->argument.empty()) return name + " is given twice";
    values.push_back(std::move(value));
  }
  return arguments;
}

std::optional<std::uint64_t> parse_count(std::string_view text, std::uint64_t least) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > (std::uint64_t{1} << 53) - 1) return std::nullopt;
  return value;
}

}  // namespace linger::cli
