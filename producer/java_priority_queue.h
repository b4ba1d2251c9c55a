#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace linger {

/// java.util.PriorityQueue: a binary heap in an array with Java's sift rules, because ties leave it in heap order and
/// not in order of arrival. Before(a, b) says that a comes strictly before b.
template <class T, class Before>
class JavaPriorityQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  void clear() { heap_.clear(); }

  void add(T value) {
    heap_.push_back(std::move(value));
    sift_up(heap_.size() - 1);
  }

  /// Requires: not empty.
  const T& peek() const { return heap_.front(); }

  /// Requires: not empty.
  T poll() {
    T first = std::move(heap_.front());
    T last = std::move(heap_.back());
    heap_.pop_back();
    if (!heap_.empty()) {
      heap_.front() = std::move(last);
      sift_down(0);
    }
    return first;
  }

  /// Removes the first element of the array that matches, as remove(Object) does; false when there is none.
  template <class Match>
  bool remove_first(Match match) {
    const auto found = std::find_if(heap_.begin(), heap_.end(), match);
    if (found == heap_.end()) {
      return false;
    }
    const auto at = static_cast<std::size_t>(found - heap_.begin());
    T last = std::move(heap_.back());
    heap_.pop_back();
    if (at == heap_.size()) {
      return true;
    }
    heap_[at] = std::move(last);
    if (sift_down(at) == at) {
      sift_up(at);
    }
    return true;
  }

  /// The heap's array, which is the order in which Java iterates.
  const std::vector<T>& array() const { return heap_; }
  std::vector<T>& array() { return heap_; }

 private:
  void sift_up(std::size_t at) {
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (!Before{}(heap_[at], heap_[parent])) {
        break;
      }
      std::swap(heap_[at], heap_[parent]);
      at = parent;
    }
  }

  std::size_t sift_down(std::size_t at) {
    const std::size_t half = heap_.size() / 2;
    while (at < half) {
      std::size_t child = 2 * at + 1;
      if (child + 1 < heap_.size() && Before{}(heap_[child + 1], heap_[child])) {
        ++child;
      }
      if (!Before{}(heap_[child], heap_[at])) {
        break;
      }
      std::swap(heap_[at], heap_[child]);
      at = child;
    }
    return at;
  }

  std::vector<T> heap_;
};

}  // namespace linger
