#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace linger {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one word the other
/// (optimal string alignment distance). Case counts.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word nearest to what somebody wrote, if one is near enough to be meant: at most a third of its letters wrong,
/// case aside. Of equally near words the first. Empty if none is.
std::string nearest_word(std::string_view written, const std::vector<std::string>& words);

}  // namespace linger
