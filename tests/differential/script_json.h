#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace linger::differential {

using Json = nlohmann::ordered_json;

/// The generator that both sides of a comparison draw from (Steele, Lea and Flood 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

inline std::int64_t number(const Json& command, const char* key, std::int64_t otherwise) {
  const auto found = command.find(key);
  return found == command.end() || found->is_null() ? otherwise : found->get<std::int64_t>();
}

inline std::string text(const Json& command, const char* key, const std::string& otherwise) {
  const auto found = command.find(key);
  if (found == command.end() || found->is_null()) {
    return otherwise;
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

inline bool flag(const Json& command, const char* key, bool otherwise) {
  const auto found = command.find(key);
  return found == command.end() ? otherwise : found->get<bool>();
}

/// A script asks for something that is no part of this program.
struct Unsupported {
  std::string sentence;
};

}  // namespace linger::differential
