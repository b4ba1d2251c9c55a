#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/json_tree.h"

namespace linger::gui {

/// A place where two trees differ; null: nothing stands there. The nodes are parts of the compared trees.
struct Difference {
  std::string pointer;  ///< JSON Pointer; of an element that only one list has: in that list
  const scenarios::JsonNode* before = nullptr;
  const scenarios::JsonNode* after = nullptr;
};

/// What counts as the difference of two lists that have not the same length.
enum class Lists : std::uint8_t {
  whole,     ///< the lists themselves
  elements,  ///< the elements that only one of them has, where the others are the same and in order
};

/// The places in which two trees differ: a value, or the largest part that only one of them has. Lists of values, not
/// of objects, are always one difference.
std::vector<Difference> differences(const scenarios::JsonNode& before, const scenarios::JsonNode& after, Lists lists);

}  // namespace linger::gui
