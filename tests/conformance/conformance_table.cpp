// Writes docs/conformance.md from java_cases.txt, from what the programs of these cases say about each of them, and
// from their sources. `conformance_table PROGRAM... --write` writes it; `--check` fails when it is not current.

#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path folder = LINGER_SOURCE_DIR "/tests/conformance";
const fs::path page = LINGER_SOURCE_DIR "/docs/conformance.md";

[[noreturn]] void fail(const std::string& sentence) {
  std::cerr << sentence << "\n";
  std::exit(1);
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return {};
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(' ');
  return from == text.npos ? "" : std::string(text.substr(from, text.find_last_not_of(' ') - from + 1));
}

/// Begins a line of java_cases.txt about a class of which no case is here.
constexpr std::string_view absent_class_mark = "class ";

/// One line of java_cases.txt.
struct JavaCase {
  std::string java_class;
  std::string method;
  int assertions = 0;
  std::optional<int> ported;
  std::string absent;  ///< "not yet" or "not applicable"
  std::string reason;
};

std::vector<JavaCase> read_cases() {
  std::vector<JavaCase> cases;
  std::istringstream lines(read(folder / "java_cases.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#' || line.starts_with(absent_class_mark)) {
      continue;
    }
    JavaCase one;
    const std::size_t bar = std::min(line.find('|'), line.size());
    std::istringstream words(line.substr(0, bar));
    if (!(words >> one.java_class >> one.method >> one.assertions)) {
      fail("java_cases.txt: a line without class, method and number: " + line);
    }
    if (bar < line.size()) {
      const std::size_t second = std::min(line.find('|', bar + 1), line.size());
      const std::string state = trim(line.substr(bar + 1, second - bar - 1));
      if (second < line.size()) {
        one.reason = trim(line.substr(second + 1));
      }
      if (state.starts_with("ported ")) {
        one.ported = std::stoi(state.substr(7));
      } else {
        one.absent = state;
      }
      const bool known = one.ported || state == "not yet" || state == "not applicable";
      const bool explained = !one.reason.empty() || (one.ported && *one.ported == one.assertions);
      if (!known || !explained || one.ported.value_or(0) > one.assertions) {
        fail("java_cases.txt: an unknown state, or no reason: " + line);
      }
    }
    cases.push_back(one);
  }
  return cases;
}

/// A Java test class of the producer's neighbourhood without any case here, and why: "class NAME | reason".
struct AbsentClass {
  std::string java_class;
  std::string reason;
};

std::vector<AbsentClass> read_absent_classes() {
  std::vector<AbsentClass> absent;
  std::istringstream lines(read(folder / "java_cases.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(absent_class_mark)) continue;
    const std::size_t bar = line.find('|');
    if (bar == line.npos || trim(line.substr(bar + 1)).empty()) {
      fail("java_cases.txt: a class that is left out without a reason: " + line);
    }
    absent.push_back(
        {trim(line.substr(absent_class_mark.size(), bar - absent_class_mark.size())), trim(line.substr(bar + 1))});
  }
  return absent;
}

/// Runs the program and adds for each of its cases whether it passed.
void run_cases(const std::string& program, std::map<std::string, bool>& passed) {
  FILE* pipe = popen(("'" + program + "' --reporter xml").c_str(), "r");
  if (pipe == nullptr) {
    fail("cannot run " + program);
  }
  std::string xml;
  char block[65536];
  for (std::size_t got = 0; (got = std::fread(block, 1, sizeof block, pipe)) > 0;) {
    xml.append(block, got);
  }
  const int status = pclose(pipe);
  if (!WIFEXITED(status)) {
    fail(program + " broke off");
  }
  const std::string_view opening = "<TestCase name=\"";
  for (std::size_t at = xml.find(opening); at != xml.npos;) {
    const std::size_t name = at + opening.size();
    const std::size_t next = xml.find(opening, name);
    const std::string_view part = std::string_view(xml).substr(name, next == xml.npos ? xml.npos : next - name);
    passed[std::string(part.substr(0, part.find('"')))] = part.find("<OverallResult success=\"true\"") != part.npos;
    at = next;
  }
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// A source without comments, and without what stands in quotes except in the line of a TEST_CASE.
std::string without_comments(const std::string& source) {
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.compare(i, 2, "//") == 0) {
      i = std::min(source.find('\n', i), source.size()) - 1;
    } else if (source[i] == '"') {
      const bool title = out.ends_with("TEST_CASE(");
      out += '"';
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') {
          ++i;
        } else if (title) {
          out += source[i];
        }
      }
      out += '"';
    } else if (source[i] == '\'' && i > 0 && !is_word(source[i - 1])) {
      for (++i; i < source.size() && source[i] != '\''; ++i) {
        i += source[i] == '\\' ? 1 : 0;
      }
    } else {
      out += source[i];
    }
  }
  return out;
}

std::size_t closing(const std::string& text, std::size_t open) {
  const char up = text[open];
  const char down = up == '(' ? ')' : '}';
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    depth += text[i] == up ? 1 : text[i] == down ? -1 : 0;
    if (depth == 0) {
      return i;
    }
  }
  return text.size() - 1;
}

using Bodies = std::multimap<std::string, std::string>;

struct Source {
  std::string file;
  std::map<std::string, std::string> cases;
  Bodies helpers;
};

/// Finds the bodies of cases, functions and constructors.
Source read_source(const fs::path& path) {
  static const std::set<std::string> no_functions = {"if", "for", "while", "switch", "catch"};
  Source source;
  source.file = path.filename().string();
  const std::string text = without_comments(read(path));
  for (std::size_t open = text.find('('); open != text.npos; open = text.find('(', open + 1)) {
    std::size_t begin = open;
    while (begin > 0 && is_word(text[begin - 1])) {
      --begin;
    }
    const std::string name = text.substr(begin, open - begin);
    if (name.empty() || no_functions.contains(name)) {
      continue;
    }
    const std::size_t close = closing(text, open);
    const std::size_t brace = text.find_first_of("{;}=,", close + 1);
    if (brace == text.npos || text[brace] != '{') {
      continue;
    }
    const std::string between = trim(text.substr(close + 1, brace - close - 1));
    if (!(between.empty() || between == "const" || between[0] == ':')) {
      continue;
    }
    const std::string body = text.substr(brace, closing(text, brace) - brace + 1);
    if (name == "TEST_CASE") {
      const std::size_t quote = text.find('"', open);
      source.cases[text.substr(quote + 1, text.find('"', quote + 1) - quote - 1)] = body;
    } else {
      source.helpers.emplace(name, body);
    }
  }
  return source;
}

int count_checks(const std::string& body, const std::vector<const Bodies*>& helpers, std::set<std::string>& seen) {
  int count = 0;
  std::set<std::string> words;
  for (std::size_t i = 0; i < body.size();) {
    std::size_t end = i;
    while (end < body.size() && is_word(body[end])) {
      ++end;
    }
    if (end > i) {
      const std::string word = body.substr(i, end - i);
      count += word.starts_with("CHECK") || word.starts_with("REQUIRE") ? 1 : 0;
      words.insert(word);
    }
    i = std::max(end, i + 1);
  }
  for (const std::string& word : words) {
    for (const Bodies* some : helpers) {
      const auto [from, to] = some->equal_range(word);
      if (from == to || !seen.insert(word).second) {
        continue;
      }
      for (auto helper = from; helper != to; ++helper) {
        count += count_checks(helper->second, helpers, seen);
      }
    }
  }
  return count;
}

struct Found {
  std::string file;
  int checks = 0;
};

std::map<std::string, Found> count_all() {
  std::vector<Source> sources;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if ((name.starts_with("producer_") || name.starts_with("protocol_") || name.starts_with("broker_model_")) &&
        (name.ends_with(".cpp") || name.ends_with(".h"))) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    sources.push_back(read_source(path));
  }
  std::map<std::string, Found> found;
  for (const Source& source : sources) {
    std::vector<const Bodies*> helpers = {&source.helpers};
    for (const Source& other : sources) {
      if (other.cases.empty()) {
        helpers.push_back(&other.helpers);
      }
    }
    for (const auto& [name, body] : source.cases) {
      std::set<std::string> seen;
      found[name] = Found{source.file, count_checks(body, helpers, seen)};
    }
  }
  return found;
}

struct Totals {
  int cases = 0;
  int passed = 0;
  int failed = 0;
  int not_yet = 0;
  int not_applicable = 0;
  int ported = 0;
  int assertions = 0;
};

std::string make_page(const std::vector<std::string>& programs) {
  const std::vector<JavaCase> cases = read_cases();
  std::map<std::string, bool> results;
  for (const std::string& program : programs) run_cases(program, results);
  const std::map<std::string, Found> sources = count_all();
  std::vector<std::string> classes;
  std::map<std::string, Totals> totals;
  std::map<std::string, std::string> tables;
  std::set<std::string> listed;
  for (const JavaCase& one : cases) {
    if (std::find(classes.begin(), classes.end(), one.java_class) == classes.end()) {
      classes.push_back(one.java_class);
    }
    const std::string name = one.java_class + "." + one.method;
    listed.insert(name);
    const auto result = results.find(name);
    const auto source = sources.find(name);
    const bool here = result != results.end();
    if (here && (one.absent == "not applicable" || source == sources.end())) {
      fail(name + " is in the program, but java_cases.txt or the sources say otherwise");
    }
    if (!here && one.ported) {
      fail(name + " is said to be ported, but is not in the program");
    }
    Totals& total = totals[one.java_class];
    std::string state;
    int ported = 0;
    if (here) {
      ported = one.ported.value_or(std::min(one.assertions, source->second.checks));
      if (one.assertions > 0 && source->second.checks == 0) {
        fail(name + " checks nothing");
      }
      state = result->second ? "passed" : "FAILED";
      ++(result->second ? total.passed : total.failed);
      if (one.ported && !one.reason.empty()) {
        state += "; " + one.reason;
      }
    } else {
      const bool never = one.absent == "not applicable";
      state = (one.absent.empty() ? "not yet" : one.absent) + ": " + (one.reason.empty() ? "not ported" : one.reason);
      ++(never ? total.not_applicable : total.not_yet);
    }
    ++total.cases;
    if (one.absent != "not applicable") {
      total.assertions += one.assertions;
      total.ported += ported;
    }
    tables[one.java_class] += "| " + (here ? source->second.file : std::string("–")) + " | " + one.method + " | " +
                              std::to_string(ported) + " of " + std::to_string(one.assertions) + " | " + state + " |\n";
  }
  for (const auto& [name, passed] : results) {
    const std::string java_class = name.substr(0, name.find('.'));
    if (totals.contains(java_class) && !listed.contains(name)) {
      fail(name + " has the name of a Java case that java_cases.txt does not know");
    }
  }

  std::ostringstream out;
  out << "# Kafka's own producer tests, ported\n\n"
         "Generated by `conformance_table` (target `conformance_doc`); a test fails when this page is not current.\n\n"
         "The cases are those of kafka-clients 4.3.1, packages `org.apache.kafka.clients`, `.producer`, "
         "`.producer.internals` and\n"
         "`org.apache.kafka.common` (`.record.internal`, `.requests`, `.utils`). A case here is called Class.method "
         "after the Java method\n"
         "and asserts what its body asserts, on the same values. It stands in the named file of `tests/conformance/`; "
         "files that begin\n"
         "with `producer_` run in the program `conformance_producer`, those with `protocol_` in "
         "`conformance_protocol`, those with\n"
         "`broker_model_` in `conformance_broker_model`: `conformance_producer RecordAccumulatorTest.testFull`.\n"
         "Threads became callers that take turns, futures and callbacks became delivery reports, mocks became "
         "values.\n\n"
         "\"10 of 11\": of the 11 assertions in the Java body 10 are asserted here. An assertion in a helper method "
         "counts once. Where\n"
         "nobody went through a case assertion by assertion, its checks are counted by machine, which gives less when "
         "a loop or a\n"
         "function stands for several assertions of Java. Cases that are not applicable are left out of the sums.\n\n"
         "| Class | Cases | Passed | Failed | Not yet | Not applicable | Assertions |\n"
         "|---|---|---|---|---|---|---|\n";
  for (const std::string& java_class : classes) {
    const Totals& total = totals[java_class];
    out << "| " << java_class << " | " << total.cases << " | " << total.passed << " | " << total.failed << " | "
        << total.not_yet << " | " << total.not_applicable << " | " << total.ported << " of " << total.assertions
        << " |\n";
  }
  for (const std::string& java_class : classes) {
    out << "\n## " << java_class << "\n\n| Our test in | Java method | Assertions | State |\n|---|---|---|---|\n"
        << tables[java_class];
  }
  out << "\n## Classes without a case here\n\nThe other test classes of these packages that a producer's requests, "
         "records or settings come near.\n\n| Class | Why |\n|---|---|\n";
  for (const AbsentClass& absent : read_absent_classes()) {
    if (totals.contains(absent.java_class)) fail(absent.java_class + " has cases and is said to have none");
    out << "| " << absent.java_class << " | " << absent.reason << " |\n";
  }
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2 || (arguments.back() != "--write" && arguments.back() != "--check")) {
    fail("usage: conformance_table PATHS_OF_PROGRAMS --write|--check");
  }
  const std::string made = make_page({arguments.begin(), arguments.end() - 1});
  if (arguments.back() == "--write") {
    std::ofstream(page, std::ios::binary) << made;
    return 0;
  }
  if (made != read(page)) {
    fail("docs/conformance.md is not current: build the target conformance_doc");
  }
  return 0;
}
