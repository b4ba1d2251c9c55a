#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker_model/observation.h"
#include "scenarios/scenario.h"
#include "sim/time.h"

namespace linger::report {

/// "30105.2": milliseconds with one digit behind the point, rounded.
std::string milliseconds(std::int64_t ns);
/// "29.999 s", "104.4 ms", "250 us": for lengths of time in sentences.
std::string length_of_time(sim::Duration time);
/// "0..4", or "3" if both are equal.
std::string range(std::int64_t from, std::int64_t to);
/// "1 record", "2 records".
std::string counted(std::int64_t count, std::string_view one);
/// "a, b, c"; of more than `most` the first ones and "and 7 more".
std::string listed(const std::vector<std::string>& words, std::size_t most = 4, std::string_view between = ", ");
/// "b1, b3" for a mask of broker numbers; "nobody" for none.
std::string brokers_of(broker::NodeMask mask);
/// Kafka's name of an error number, "ok" for 0.
std::string error_word(std::int64_t error);
/// What a planned fault does, as a sentence without its end: "b1 loses its power".
std::string action_in_words(const scenarios::Fault& fault);
/// Whether the fault's end is a change of its own: a cut heals, but a crash is over at once.
bool lasts(const scenarios::Fault& fault);
/// "5f1c-90b2-77d4-e01a"
std::string fingerprint_in_words(std::uint64_t value);
/// Signs beyond ASCII replaced by what stands for them there.
std::string as_ascii(std::string_view text);
/// How many columns a text takes: its code points.
std::size_t columns(std::string_view text);

}  // namespace linger::report
