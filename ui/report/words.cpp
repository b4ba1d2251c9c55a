#include "ui/report/words.h"

#include <array>
#include <utility>
#include <variant>

#include "protocol/error_code.h"
#include "scenarios/result.h"
#include "scenarios/scenario_reader.h"

namespace linger::report {
namespace {

using namespace scenarios;

std::string two_digits(std::int64_t value, std::size_t digits) {
  std::string text = std::to_string(value);
  return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

/// A length in a unit, with up to three digits behind the point and no zeros at the end.
std::string in_unit(std::int64_t ns, std::int64_t unit, std::int64_t finest, std::string_view name) {
  const std::int64_t steps = (ns + finest / 2) / finest;
  const std::int64_t per_unit = unit / finest;
  std::string text = std::to_string(steps / per_unit);
  std::string behind = two_digits(steps % per_unit, std::to_string(per_unit).size() - 1);
  while (!behind.empty() && behind.back() == '0') behind.pop_back();
  return text + (behind.empty() ? "" : "." + behind) + " " + std::string(name);
}

std::string hosts(const std::vector<std::string>& names) {
  return listed(names, 6, " ");
}

struct ActionWords {
  std::string operator()(const Lose&) const { return "the message is lost"; }
  std::string operator()(const Reset&) const { return "the connection is reset"; }
  std::string operator()(const Late& a) const {
    return "the connection closes, its bytes arrive " + time_text(a.time) + " later";
  }
  std::string operator()(const Hold& a) const { return "the connection stands still for " + time_text(a.time); }
  std::string operator()(const Delay& a) const { return "the message takes " + time_text(a.time) + " longer"; }
  std::string operator()(const Refuse&) const { return "the connection is refused"; }
  std::string operator()(const Answer& a) const { return "the answer is forged: " + a.error; }
  std::string operator()(const Crash& a) const { return a.host + (a.power ? " loses its power" : " crashes"); }
  std::string operator()(const Restart& a) const { return a.host + " starts again"; }
  std::string operator()(const Pause& a) const { return a.host + " stands still"; }
  std::string operator()(const Shutdown& a) const { return a.host + " is told to shut down"; }
  std::string operator()(const ClockChange& a) const {
    return "the clock of " + a.host + " jumps by " + time_text(a.offset);
  }
  std::string operator()(const SlowRequests& a) const {
    return a.host + " works " + std::to_string(a.factor) + " times slower";
  }
  std::string operator()(const DiskFault& a) const {
    switch (a.kind) {
      case DiskFault::Kind::slow:
        return "the disk of " + a.host + " is " + std::to_string(a.factor) + " times slower";
      case DiskFault::Kind::full:
        return "the disk of " + a.host + " is full";
      case DiskFault::Kind::append_error:
        return "appending fails on the disk of " + a.host;
      case DiskFault::Kind::flush_error:
        return "flushing fails on the disk of " + a.host;
      case DiskFault::Kind::wipe:
        return "the disk of " + a.host + " is wiped";
    }
    return {};
  }
  std::string operator()(const Cut& a) const {
    std::string groups;
    for (const auto& group : a.groups) groups += (groups.empty() ? "" : a.one_way ? " → " : " | ") + hosts(group);
    return "the network is cut: " + groups;
  }
  std::string operator()(const SlowLink& a) const {
    return "links are " + std::to_string(a.factor) + " times slower: " + hosts(a.hosts);
  }
  std::string operator()(const LossyLink& a) const { return "links lose packets: " + hosts(a.hosts); }
  std::string operator()(const LimitBandwidth& a) const {
    return "links carry " + std::to_string(a.bytes_per_second) + " B/s: " + hosts(a.hosts);
  }
  std::string operator()(const CloseConnections& a) const { return "connections close: " + hosts(a.hosts); }
  std::string operator()(const Elect& a) const {
    return std::string(a.unclean ? "an unclean election" : "an election") + " of " + a.partition +
           (a.leader ? " for " + *a.leader : "");
  }
  std::string operator()(const ChangeIsr& a) const {
    return "the ISR of " + a.partition + " is set to " + (a.isr.empty() ? "nobody" : hosts(a.isr));
  }
  std::string operator()(const FailOverController&) const { return "the active controller gives way"; }
  std::string operator()(const Reassign& a) const { return a.partition + " is moved to " + hosts(a.replicas); }
  std::string operator()(const AddPartitions& a) const {
    return a.topic + " grows to " + std::to_string(a.partitions) + " partitions";
  }
  std::string operator()(const CreateTopic& a) const { return "topic " + a.topic.name + " is created"; }
  std::string operator()(const DeleteTopic& a) const { return "topic " + a.topic + " is deleted"; }
  std::string operator()(const DeleteRecords& a) const {
    return "records at the beginning of " + a.partition + " are deleted";
  }
  std::string operator()(const ExpireProducerIds&) const { return "brokers forget the producers they know"; }
  std::string operator()(const Throttle& a) const { return a.producer + " is throttled by " + time_text(a.time); }
  std::string operator()(const ChangeConfig& a) const {
    std::string changes;
    for (const auto& [key, value] : a.config) changes += (changes.empty() ? "" : ", ") + key + "=" + value;
    return (a.topic ? "topic " + *a.topic : a.host.value_or("every broker")) + " gets " + changes;
  }
};

}  // namespace

std::string milliseconds(std::int64_t ns) {
  const std::int64_t tenths = (ns + 50'000) / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string length_of_time(sim::Duration time) {
  const std::int64_t ns = time.ns();
  if (ns >= 1'000'000'000) return in_unit(ns, 1'000'000'000, 1'000'000, "s");
  if (ns >= 1'000'000) return in_unit(ns, 1'000'000, 100'000, "ms");
  return in_unit(ns, 1'000, 1'000, "us");
}

std::string range(std::int64_t from, std::int64_t to) {
  return from == to ? std::to_string(from) : std::to_string(from) + ".." + std::to_string(to);
}

std::string counted(std::int64_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : one.ends_with("ch") ? "es" : "s");
}

std::string listed(const std::vector<std::string>& words, std::size_t most, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) (out += i == 0 ? "" : between) += words[i];
  if (words.size() > most) out += " and " + std::to_string(words.size() - most) + " more";
  return out;
}

std::string brokers_of(broker::NodeMask mask) {
  std::vector<std::string> names;
  for (std::int32_t node = 0; node < 64; ++node) {
    if ((mask & broker::mask_of(NodeId{node})) != 0) names.push_back("b" + std::to_string(node));
  }
  return names.empty() ? "nobody" : listed(names, 32, " ");
}

std::string error_word(std::int64_t error) {
  return error == 0 ? "ok" : std::string(error_name(static_cast<ErrorCode>(error)));
}

std::string action_in_words(const Fault& fault) {
  return std::visit(ActionWords{}, fault.action);
}

bool lasts(const Fault& fault) {
  const auto is = [&](auto... kinds) { return (std::holds_alternative<decltype(kinds)>(fault.action) || ...); };
  return is(Pause{}, SlowRequests{}, DiskFault{}, Cut{}, SlowLink{}, LossyLink{}, LimitBandwidth{}, Throttle{});
}

std::string fingerprint_in_words(std::uint64_t value) {
  std::string text = hex64(value);
  for (const std::size_t at : {12U, 8U, 4U}) text.insert(at, "-");
  return text;
}

std::string as_ascii(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> signs{{{"→", "->"},
                                                                                       {"✗", "x"},
                                                                                       {"◆", "#"},
                                                                                       {"↕", "~"},
                                                                                       {"✓", "ok:"},
                                                                                       {"…", "..."},
                                                                                       {"·", "-"},
                                                                                       {"–", "-"},
                                                                                       {"×", "x"}}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    bool replaced = false;
    for (const auto& [sign, plain] : signs) {
      if (text.substr(i, sign.size()) != sign) continue;
      out += plain;
      i += sign.size();
      replaced = true;
      break;
    }
    if (!replaced) out += text[i++];
  }
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return count;
}

}  // namespace linger::report
