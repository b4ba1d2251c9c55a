#include "sim/time.h"

#include <array>
#include <string_view>

namespace linger::sim {

namespace {

struct Unit {
  std::uint64_t ns;
  std::string_view name;
};
constexpr std::array<Unit, 4> units = {{{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};

// `ns` in this unit with as many decimals as it takes.
std::string in_unit(std::uint64_t ns, const Unit& unit) {
  std::string text = std::to_string(ns / unit.ns);
  std::uint64_t rest = ns % unit.ns;
  if (rest != 0) {
    text += '.';
    for (std::uint64_t digit = unit.ns / 10; rest != 0; digit /= 10) {
      text += static_cast<char>('0' + rest / digit);
      rest %= digit;
    }
  }
  return text.append(unit.name);
}

}  // namespace

std::string Duration::describe() const {
  if (*this == forever()) return "forever";
  if (ns_ == 0) return "0s";
  const std::uint64_t size = ns_ < 0 ? ~static_cast<std::uint64_t>(ns_) + 1 : static_cast<std::uint64_t>(ns_);
  for (const Unit& unit : units) {
    if (size >= unit.ns) return (ns_ < 0 ? "-" : "") + in_unit(size, unit);
  }
  return {};
}

std::string SimTime::describe() const {
  if (*this == never()) return "never";
  return ns_ == 0 ? "0ms" : (ns_ < 0 ? "-" : "") + in_unit(static_cast<std::uint64_t>(ns_ < 0 ? -ns_ : ns_), units[1]);
}

}  // namespace linger::sim
