#include "ui/gui/model/tree_differences.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace linger::gui {
namespace {

using scenarios::JsonNode;

bool holds_objects(const JsonNode& list) {
  return std::all_of(list.items.begin(), list.items.end(), [](const JsonNode& item) { return item.is_object(); });
}

class Search {
 public:
  explicit Search(Lists lists) : lists_(lists) {}

  void compare(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object())
      members(pointer, before, after);
    else if (before.is_list() && after.is_list() && holds_objects(before) && holds_objects(after))
      items(pointer, before, after);
    else
      found.push_back({pointer, &before, &after});
  }

  std::vector<Difference> found;

 private:
  void members(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    for (const auto& [key, value] : before.members) {
      const std::string place = pointer + "/" + scenarios::pointer_token(key);
      if (const JsonNode* other = after.find(key))
        compare(place, value, *other);
      else
        lone(place, key, &value, nullptr);
    }
    for (const auto& [key, value] : after.members) {
      if (before.find(key) == nullptr) lone(pointer + "/" + scenarios::pointer_token(key), key, nullptr, &value);
    }
  }

  /// A member that only one of two objects has.
  void lone(const std::string& pointer, const std::string& key, const JsonNode* before, const JsonNode* after) {
    static const JsonNode nothing = JsonNode::object();
    static const JsonNode empty = JsonNode::list();
    // These are not written while they are empty: what differs is what stands in them.
    const bool holder = key == "config" || key == "behaviour" || key == "network" || key == "cluster";
    const JsonNode& there = before == nullptr ? *after : *before;
    if (holder)
      compare(pointer, before == nullptr ? nothing : *before, after == nullptr ? nothing : *after);
    else if (lists_ == Lists::elements && there.is_list() && holds_objects(there))
      items(pointer, before == nullptr ? empty : *before, after == nullptr ? empty : *after);
    else
      found.push_back({pointer, before, after});
  }

  void items(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    const auto place = [&](std::size_t i) { return pointer + "/" + std::to_string(i); };
    const std::vector<JsonNode>& one = before.items;
    const std::vector<JsonNode>& other = after.items;
    if (one.size() == other.size()) {
      for (std::size_t i = 0; i < one.size(); ++i) compare(place(i), one[i], other[i]);
      return;
    }
    const std::vector<JsonNode>& shorter = one.size() < other.size() ? one : other;
    const std::vector<JsonNode>& longer = one.size() < other.size() ? other : one;
    const auto parts = std::mismatch(shorter.begin(), shorter.end(), longer.begin()).second;
    const auto first = static_cast<std::size_t>(parts - longer.begin());
    const std::size_t end = first + longer.size() - shorter.size();
    const bool same_rest = std::equal(parts + static_cast<std::ptrdiff_t>(end - first), longer.end(),
                                      shorter.begin() + static_cast<std::ptrdiff_t>(first));
    if (lists_ == Lists::whole || !same_rest) {
      found.push_back({pointer, &before, &after});
      return;
    }
    for (std::size_t i = first; i < end; ++i) {
      if (&longer == &one)
        found.push_back({place(i), &one[i], nullptr});
      else
        found.push_back({place(i), nullptr, &other[i]});
    }
  }

  Lists lists_;
};

}  // namespace

std::vector<Difference> differences(const JsonNode& before, const JsonNode& after, Lists lists) {
  Search search{lists};
  search.compare({}, before, after);
  return std::move(search.found);
}

}  // namespace linger::gui
