#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "producer/failure.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

inline bool is_blank(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

/// Plays a stream of commands: one JSON object a line in, one line of observable state out. A "config" line begins a
/// new Script. Returns the exit code.
template <class Script>
int play(std::istream& in, std::ostream& out) {
  std::unique_ptr<Script> script;
  std::string line;
  for (std::int64_t line_number = 1; std::getline(in, line); ++line_number) {
    if (is_blank(line) || line.front() == '#') {
      continue;
    }
    Json answer;
    try {
      const Json command = Json::parse(line);
      answer["n"] = line_number;
      answer["op"] = command.at("op");
      if (command.at("op") == "config") {
        script = std::make_unique<Script>(command);
      } else if (!script) {
        throw Unsupported{"The first command must be \"config\"."};
      }
      try {
        script->run(command, answer);
      } catch (const JavaThrow& thrown) {
        answer["error"] = thrown.error().exception;
      }
    } catch (const Unsupported& unsupported) {
      out.flush();
      std::cerr << "line " << line_number << ": " << unsupported.sentence << '\n';
      return 2;
    } catch (const std::exception& error) {
      out.flush();
      std::cerr << "line " << line_number << ": this is no command: " << error.what() << '\n';
      return 2;
    }
    script->show_state(answer);
    out << answer.dump() << '\n';
  }
  return 0;
}

/// Plays the file named by the first argument, else standard input.
template <class Script>
int play_main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  if (argc <= 1) {
    return play<Script>(std::cin, std::cout);
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::cerr << argv[1] << ": cannot be read\n";
    return 2;
  }
  return play<Script>(file, std::cout);
}

}  // namespace linger::differential
