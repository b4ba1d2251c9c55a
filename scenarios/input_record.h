#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace linger::scenarios {

/// One record as a consuming application gets it from poll.
struct InputRecord {
  std::uint32_t topic = 0;  ///< the world's number
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t identity = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;  ///< a null value is read as an empty one
};

}  // namespace linger::scenarios
