#include "ui/cli/help.h"

#include <lz4.h>
#include <snappy-stubs-public.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace linger::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

/// "producer setting, for every producer" without what a shell's quotes or brackets would trip over.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\'' && c != '`' && c != '[' && c != ']' && c != ':') out += c;
  }
  return out;
}

std::string words_of(const std::vector<std::string_view>& list) {
  std::string out;
  for (const std::string_view one : list) (out += out.empty() ? "" : " ").append(one);
  return out;
}

std::string bash_script() {
  std::string verbs;
  std::string cases;
  std::string files;
  for (const VerbInfo& verb : all_verbs()) {
    (verbs += verbs.empty() ? "" : " ").append(verb.name);
    cases += "    " + std::string(verb.name) + ") words=\"" + words_of(verb.options) +
             (verb.words.empty() ? "" : " " + words_of(verb.words)) + "\" ;;\n";
    if (verb.offers == Offers::files) (files += files.empty() ? "" : "|").append(verb.name);
  }
  std::string file_options;
  std::string value_options;
  for (const OptionInfo& option : all_options()) {
    if (option.argument.empty()) continue;
    std::string& list = option.offers == Offers::nothing ? value_options : file_options;
    (list += list.empty() ? "" : "|").append(option.name);
  }
  return "# bash completion for linger: source this file\n"
         "_linger() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" words\n"
         "  case \"$before\" in\n"
         "    " +
         file_options +
         ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
         "    " +
         value_options +
         ") COMPREPLY=(); return ;;\n"
         "  esac\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"" +
         verbs +
         " --help --version\" -- \"$word\")); return; fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  case \"${COMP_WORDS[1]}\" in\n"
         "    " +
         files +
         ") [[ \"$word\" == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _linger linger\n";
}

std::string zsh_script() {
  std::string verbs;
  std::string cases;
  for (const VerbInfo& verb : all_verbs()) {
    verbs += "    '" + std::string(verb.name) + ":" + bare(verb.summary) + "'\n";
    cases += "    " + std::string(verb.name) + ")\n      _arguments";
    for (const std::string_view name : verb.options) {
      const OptionInfo& option = *find_option(name);
      cases += " \\\n        '" + std::string(option.repeats ? "*" : "") + std::string(name) + "[" +
               bare(option.meaning) + "]";
      if (!option.argument.empty()) {
        cases += ":" + bare(option.argument) + ":";
        if (option.offers == Offers::files) cases += "_files";
        if (option.offers == Offers::folders) cases += "_files -/";
      }
      cases += "'";
    }
    if (verb.offers == Offers::files) cases += " \\\n        '*:file:_files'";
    if (verb.offers == Offers::words) cases += " \\\n        '1:word:(" + words_of(verb.words) + ")'";
    cases += " ;;\n";
  }
  return "#compdef linger\n"
         "_linger() {\n"
         "  local -a verbs\n"
         "  verbs=(\n" +
         verbs +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
         "  local verb=$words[2]\n"
         "  shift words; (( CURRENT-- ))\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_linger \"$@\"\n";
}

std::string fish_script() {
  std::string out = "# fish completion for linger\ncomplete -c linger -f\n";
  for (const VerbInfo& verb : all_verbs()) {
    const std::string name{verb.name};
    const std::string here = "complete -c linger -n '__fish_seen_subcommand_from " + name + "'";
    out += "complete -c linger -n __fish_use_subcommand -a " + name + " -d '" + bare(verb.summary) + "'\n";
    if (verb.offers == Offers::files) out += here + " -F\n";
    if (verb.offers == Offers::words) out += here + " -a '" + words_of(verb.words) + "'\n";
    for (const std::string_view option_name : verb.options) {
      const OptionInfo& option = *find_option(option_name);
      out += here + " -l " + std::string(option_name.substr(2)) + (option.argument.empty() ? "" : " -r") +
             (option.offers == Offers::files || option.offers == Offers::folders ? " -F" : "") + " -d '" +
             bare(option.meaning) + "'\n";
    }
  }
  return out;
}

}  // namespace

std::string help_text() {
  std::string out =
      "linger runs Kafka's producer against a simulated cluster, strikes it with planned faults,\n"
      "and says what became of every record.\n\n"
      "  linger VERB …\n\n";
  for (const VerbInfo& verb : all_verbs())
    out += "  " + padded(std::string(verb.name), 13) + std::string(verb.summary) + "\n";
  out += "\n  " + padded("--version", 13) + std::string(find_option("--version")->meaning) + "\n";
  out +=
      "\nlinger VERB --help says more about one of them. A first run:\n\n  linger run "
      "scenarios/library/lost-ack.json\n\n";
  out +=
      "It ends with 0 if everything went as expected and allowed, 1 if a guarantee was broken or an expectation not "
      "met,\n"
      "2 after bad input, 70 after a defect of Linger's own, 130 after Ctrl-C with the result so far.\n";
  return out;
}

std::string help_text(const VerbInfo& verb) {
  std::string out = "linger " + std::string(verb.name) + (verb.operand.empty() ? "" : " " + std::string(verb.operand)) +
                    "  " + std::string(verb.summary) + "\n\n";
  for (const std::string_view name : verb.options) {
    const OptionInfo& option = *find_option(name);
    const std::string left = std::string(name) + (option.argument.empty() ? "" : " " + std::string(option.argument));
    out += "  " + padded(left, 32) + std::string(option.meaning) + "\n";
  }
  return out;
}

std::string version_text() {
  const auto part = [](int number) { return std::to_string(number); };
  return "linger " LINGER_VERSION "\nzlib " + std::string(zlibVersion()) + ", snappy " + part(SNAPPY_MAJOR) + "." +
         part(SNAPPY_MINOR) + "." + part(SNAPPY_PATCHLEVEL) + ", lz4 " + LZ4_versionString() + ", zstd " +
         ZSTD_versionString() + "\n";
}

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return std::nullopt;
}

}  // namespace linger::cli
