#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linger::gui {

/// A sentence with places for what differs: {0}, {1}, … stand for names and numbers, <0>, <1>, … for phrases that may
/// be patterns of their own.
class WordPattern {
 public:
  explicit WordPattern(std::string_view pattern);

  /// What stands at the places, by their numbers, if the words are this sentence. What is quoted in them is never taken
  /// for a part of it, and at each place stands one sign at least.
  std::optional<std::vector<std::string>> match(std::string_view words) const;

  /// The sentence with its places filled in. Between a Chinese sign and a letter or digit comes a space.
  std::string fill(const std::vector<std::string>& values) const;

  struct Place {
    std::size_t number = 0;
    bool phrase = false;
    friend bool operator==(const Place&, const Place&) = default;
  };
  const std::vector<Place>& places() const { return places_; }

 private:
  std::vector<std::string> words_;  ///< around the places: one more than there are of them
  std::vector<Place> places_;
};

}  // namespace linger::gui
