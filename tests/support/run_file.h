#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

namespace linger::testing {

inline const std::string library_folder = std::string(LINGER_SOURCE_DIR) + "/scenarios/library/";

/// Runs a file of the library with its trace, and if wanted with its frames.
inline scenarios::Run run_of_library(const std::string& name, bool frames = false,
                                     scenarios::Overrides overrides = {}) {
  scenarios::ReadResult read = scenarios::read_scenario_file(library_folder + name + ".json", overrides);
  REQUIRE(read.ok());
  scenarios::RunOptions options;
  options.keep_trace = true;
  options.keep_frames = frames;
  return scenarios::run_scenario(std::move(*read.scenario), options);
}

/// The names of all files of the library, in order.
inline std::vector<std::string> library_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(library_folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace linger::testing
