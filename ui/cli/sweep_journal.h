#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace linger::cli {

/// What a sweep has done so far, on disk: a line for each finished piece. A sweep that was killed and is started again with the same question goes on behind them. A line
/// that was being written when it was killed is dropped.
class SweepJournal {
 public:
  /// `question`: one line; a journal that answers another question is not touched. `take` gets the lines that there are. The sentence that says why it cannot be used, or nothing.
  std::optional<std::string> open(const std::string& path, const std::string& question, const std::function<bool(const std::string& line)>& take);
  bool is_open() const { return file_ != nullptr; }
  /// Writes a line down and has it on disk when it returns. Requires an open journal and a text without line ends.
  std::optional<std::string> add(const std::string& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace linger::cli
