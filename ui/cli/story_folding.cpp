#include "ui/cli/story_folding.h"

#include <algorithm>
#include <utility>

#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

/// From here on a pause is worth a line.
constexpr sim::Duration quiet = sim::Duration::ms(100);

StoryLine fold_of(const std::vector<StoryLine>& lines, std::size_t begin, std::size_t end) {
  StoryLine fold;
  fold.timed = false;
  fold.tone = Tone::quiet;
  fold.at = lines[begin].at;
  fold.record = lines[begin].record;
  for (std::size_t i = begin; i < end; ++i) {
    fold.batches += lines[i].batches;
    fold.acknowledged += lines[i].acknowledged;
  }
  const std::string from = milliseconds(lines[begin].at.ns());
  const std::string to = milliseconds(lines[end - 1].at.ns());
  fold.what = from == to ? "… " : "… " + from + " to " + to + " ms: ";
  if (fold.batches > 0) {
    fold.what += std::to_string(fold.batches) + " more batch" + (fold.batches == 1 ? "" : "es") + " like this";
    if (fold.acknowledged > 0) fold.what += ", " + counted(fold.acknowledged, "record") + " acknowledged";
  } else if (fold.acknowledged > 0) {
    fold.what += counted(fold.acknowledged, "record") + " acknowledged";
  } else {
    fold.what += std::to_string(end - begin) + " more lines like this";
  }
  fold.what += " …";
  return fold;
}

/// Keeps `head` lines at the beginning and `tail` lines at the end of each stretch of ordinary lines.
std::vector<StoryLine> fold_stretches(const std::vector<StoryLine>& lines, std::size_t head, std::size_t tail) {
  std::vector<StoryLine> out;
  bool first = true;
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i].weight == Weight::telling) {
      out.push_back(lines[i++]);
      continue;
    }
    std::size_t end = i;
    while (end < lines.size() && lines[end].weight == Weight::ordinary) ++end;
    // The first stretch shows a whole round, from send to acknowledgement.
    std::size_t keep = head;
    if (first) {
      std::size_t heard = i;
      while (heard < end && lines[heard].acknowledged == 0) ++heard;
      keep = std::max(head, std::min<std::size_t>(heard + 1 - i, 10));
    }
    first = false;
    if (end - i > keep + tail + 2) {
      out.insert(out.end(), lines.begin() + static_cast<std::ptrdiff_t>(i),
                 lines.begin() + static_cast<std::ptrdiff_t>(i + keep));
      out.push_back(fold_of(lines, i + keep, end - tail));
      out.insert(out.end(), lines.begin() + static_cast<std::ptrdiff_t>(end - tail),
                 lines.begin() + static_cast<std::ptrdiff_t>(end));
    } else {
      out.insert(out.end(), lines.begin() + static_cast<std::ptrdiff_t>(i),
                 lines.begin() + static_cast<std::ptrdiff_t>(end));
    }
    i = end;
  }
  return out;
}

/// One line for what happens several times at one moment in the same words, as the expiry of all batches of a queue.
std::vector<StoryLine> without_repeats(std::vector<StoryLine> lines) {
  std::vector<StoryLine> out;
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i + 1;
    while (end < lines.size() && lines[end].at == lines[i].at && lines[end].who == lines[i].who &&
           lines[end].what == lines[i].what && lines[end].why == lines[i].why) {
      lines[i].batches += lines[end].batches;
      lines[i].acknowledged += lines[end].acknowledged;
      ++end;
    }
    if (end - i > 1) lines[i].what += ", " + std::to_string(end - i) + " times";
    out.push_back(std::move(lines[i]));
    i = end;
  }
  return out;
}

}  // namespace

std::vector<StoryLine> with_quiet_stretches(std::vector<StoryLine> lines) {
  std::vector<StoryLine> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool after_fold = i > 0 && !lines[i - 1].timed;
    const sim::SimTime before = i == 0 ? sim::SimTime{} : lines[i - 1].at;
    if (!after_fold && lines[i].timed && lines[i].at - before >= quiet) {
      StoryLine pause;
      pause.timed = false;
      pause.at = before;
      pause.record = lines[i].record;
      pause.tone = Tone::quiet;
      pause.weight = lines[i].weight;
      pause.what = "… " + length_of_time(lines[i].at - before) + ": " +
                   (lines[i].waited_for.empty() ? "nothing but polls and heartbeats" : lines[i].waited_for) + " …";
      out.push_back(std::move(pause));
    }
    out.push_back(std::move(lines[i]));
  }
  return out;
}

std::vector<StoryLine> folded(std::vector<StoryLine> lines, std::size_t most) {
  std::stable_sort(lines.begin(), lines.end(), [](const StoryLine& a, const StoryLine& b) { return a.at < b.at; });
  lines = without_repeats(std::move(lines));
  static constexpr std::pair<std::size_t, std::size_t> steps[] = {{6, 4}, {3, 2}, {1, 1}, {0, 0}};
  for (const auto& [head, tail] : steps) {
    if (lines.size() <= most) return lines;
    std::vector<StoryLine> shorter = fold_stretches(lines, head, tail);
    if (shorter.size() <= most || (head == 0 && tail == 0)) return shorter;
  }
  return lines;
}

}  // namespace linger::cli
