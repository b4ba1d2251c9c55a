#include "scenarios/scenario_reader.h"

#include "scenarios/reading.h"
#include "scenarios/scenario_checks.h"
#include "scenarios/traffic.h"

namespace linger::scenarios {

std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

void Reading::note_unknown(const JsonNode& node, const std::string& pointer, const std::vector<std::string>& names,
                           const std::vector<std::string>& fitting) {
  constexpr std::size_t longest_list = 12;
  for (const auto& [key, value] : node.members) {
    if (enough()) return;
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::string nearest = nearest_word(key, names);
    std::string sentence = "no such key";
    if (!nearest.empty()) {
      sentence += "; did you mean " + nearest + "?";
    } else if (fitting.empty()) {
      sentence += "; nothing is known here";
    } else if (fitting.size() <= longest_list) {
      sentence += "; known are " + join(fitting, ", ");
    }
    mistake(below(pointer, key), std::move(sentence));
  }
}

void Reading::read_root(const JsonNode& root, Scenario& out) {
  if (!root.is_object()) {
    expected("", root, "an object");
    return;
  }
  const JsonNode* version = root.find("linger");
  if (version == nullptr) {
    mistake("", "has no \"linger\": 1, the version of the format");
  } else if (!version->is(JsonNode::Kind::integer) ||
             version->text.find_first_not_of("0123456789") != std::string::npos || version->text == "0") {
    expected("/linger", *version, "1, the version of the format");
  } else if (version->text != "1") {
    mistake("/linger", "the file has version " + version->text + " of the format, this program reads version 1");
    return;
  }
  read(root, "", FieldNote{}, out);
  // Names that the file leaves out.
  for (std::size_t i = 0; i < out.producers.size(); ++i) {
    if (out.producers[i].name.empty()) out.producers[i].name = "p" + std::to_string(i + 1);
  }
  for (std::size_t i = 0; i < out.consumers.size(); ++i) {
    if (out.consumers[i].name.empty()) out.consumers[i].name = "reader" + std::to_string(i + 1);
  }
  for (std::size_t i = 0; i < out.faults.size(); ++i) {
    if (out.faults[i].id.empty()) out.faults[i].id = "f" + std::to_string(i + 1);
  }
  const JsonNode* cluster = root.find("cluster");
  const JsonNode* topics = cluster != nullptr ? cluster->find("topics") : nullptr;
  for (std::size_t i = 0; topics != nullptr && i < std::min(topics->items.size(), out.cluster.topics.size()); ++i) {
    TopicSpec& topic = out.cluster.topics[i];
    if (topics->items[i].find("replication.factor") != nullptr) continue;
    topic.replication_factor =
        topic.replicas.empty() ? std::min(3, out.cluster.brokers) : static_cast<std::int32_t>(topic.replicas[0].size());
  }
}

// ---- Scalars

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote& note, bool& out) {
  if (note.true_word.empty()) {
    if (!node.is(JsonNode::Kind::boolean)) {
      expected(pointer, node, "true or false");
    } else {
      out = node.text == "true";
    }
    return;
  }
  const bool known = node.is_text() && (node.text == note.true_word || node.text == note.false_word);
  if (!known) {
    expected(pointer, node, "one of " + std::string(note.false_word) + ", " + std::string(note.true_word));
  } else {
    out = node.text == note.true_word;
  }
}

bool Reading::read_integer(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::int64_t& out) {
  const bool open_above = note.max == std::numeric_limits<std::int64_t>::max();
  const bool open_below = note.min == std::numeric_limits<std::int64_t>::min();
  std::string range = "a whole number";
  if (!open_below && open_above) range += " of at least " + std::to_string(note.min);
  if (!open_below && !open_above) range += " from " + std::to_string(note.min) + " to " + std::to_string(note.max);
  if (!node.is(JsonNode::Kind::integer)) {
    expected(pointer, node, range);
    return false;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  const bool too_large = error == std::errc::result_out_of_range && node.text.front() != '-';
  if ((too_large || (error == std::errc{} && value > note.max)) && !note.limit_of.empty()) {
    mistake(pointer, node.text + "; the limit is " + std::to_string(note.max) + " " + std::string(note.limit_of));
    return false;
  }
  if (error != std::errc{} || value < note.min || value > note.max) {
    expected(pointer, node, range);
    return false;
  }
  out = value;
  return true;
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::uint64_t& out) {
  const bool whole_width = note.max == std::numeric_limits<std::int64_t>::max();
  const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), out);
  const bool good =
      node.is(JsonNode::Kind::integer) && error == std::errc{} && end == node.text.data() + node.text.size();
  if (good && (whole_width || out <= static_cast<std::uint64_t>(note.max))) return;
  out = 0;
  expected(
      pointer, node,
      "a whole number from 0 to " + (whole_width ? std::string("18446744073709551615") : std::to_string(note.max)));
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote& note, std::string& out) {
  if (!node.is_text()) {
    expected(pointer, node, "text");
    return;
  }
  out = node.text;
  if (note.meaning != Meaning::plain) references.push_back({pointer, note.meaning, node.text});
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote& note, Duration& out) {
  const auto time = node.is_text() ? parse_time(node.text, note.may_be_negative) : std::nullopt;
  if (!time) {
    expected(pointer, node, "a time: a whole number and ns, us, ms, s, m or h, as \"5ms\"");
    return;
  }
  out = *time;
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, Settings& out) {
  if (!node.is_object()) {
    expected(pointer, node, "an object of settings");
    return;
  }
  constexpr std::size_t most_settings = 1000;
  if (node.members.size() > most_settings) {
    mistake(pointer,
            "has " + std::to_string(node.members.size()) + " settings; the limit is " + std::to_string(most_settings));
    return;
  }
  for (const auto& [key, value] : node.members) {
    const bool list = value.is_list() && std::all_of(value.items.begin(), value.items.end(),
                                                     [](const JsonNode& item) { return item.is_text(); });
    if (value.is(JsonNode::Kind::null) || value.is_object() || (value.is_list() && !list)) {
      expected(below(pointer, key), value, "text, a number, true or false");
      continue;
    }
    std::string text = value.text;
    if (list) {
      for (const JsonNode& item : value.items) text += (text.empty() ? "" : ",") + item.text;
    }
    out[key] = text;
  }
}

// ---- What has a form of its own

bool Reading::read_times(const JsonNode& node, const std::string& pointer, Duration& first, Duration& second,
                         const std::string& what) {
  const std::size_t before = mistakes.size();
  if (!node.is_list() || node.items.size() != 2) {
    expected(pointer, node, "two times: " + what);
    return false;
  }
  read(node.items[0], below(pointer, std::size_t{0}), FieldNote{}, first);
  read(node.items[1], below(pointer, std::size_t{1}), FieldNote{}, second);
  return mistakes.size() == before;
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, LatencySpec& out) {
  const std::string forms =
      "a time, or one of {\"constant\": time}, {\"uniform\": [least, largest]}, {\"exponential\": [least, mean beyond "
      "it]}";
  const JsonNode* constant = node.is_text() ? &node : node.find("constant");
  if (node.is_text() || (node.is_object() && node.members.size() == 1 && constant != nullptr)) {
    out.kind = LatencySpec::Kind::constant;
    read(*constant, node.is_text() ? pointer : below(pointer, "constant"), FieldNote{}, out.low);
    out.high = out.low;
    return;
  }
  Duration first;
  Duration second;
  const bool one_member = node.is_object() && node.members.size() == 1;
  if (one_member && node.find("uniform") != nullptr) {
    const std::string place = below(pointer, "uniform");
    if (!read_times(*node.find("uniform"), place, first, second, "the least and the largest")) return;
    if (first > second) {
      mistake(place, "the least, " + time_text(first) + ", is larger than the largest, " + time_text(second));
      return;
    }
    out = {LatencySpec::Kind::uniform, first, second};
  } else if (one_member && node.find("exponential") != nullptr) {
    const std::string place = below(pointer, "exponential");
    if (!read_times(*node.find("exponential"), place, first, second, "the least, and the mean of what comes on top"))
      return;
    out = {LatencySpec::Kind::exponential, first, first + second};
  } else {
    expected(pointer, node, forms);
  }
}

void Reading::read_lines_file(const JsonNode& node, const std::string& pointer, DataSpec& out) {
  out.kind = DataSpec::Kind::lines;
  read(node, pointer, FieldNote{}, out.file);
  if (out.file.empty() || !out.lines.empty()) return;
  const std::string path = out.file.front() == '/' || folder_.empty() ? out.file : folder_ + "/" + out.file;
  const FileText file = read_file(path);
  if (!file.bytes) {
    mistake(pointer, out.file + " " + file.error);
    return;
  }
  out.lines = split_lines(*file.bytes);
  if (out.lines.empty()) mistake(pointer, out.file + " has no lines");
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, DataSpec& out) {
  out = DataSpec{};
  if (node.is(JsonNode::Kind::null)) return;
  if (node.is_text()) {
    out.kind = DataSpec::Kind::text;
    out.text = node.text;
    return;
  }
  const JsonNode* lines = node.find("lines");
  const JsonNode* file = node.find("file");
  const std::size_t wanted = lines != nullptr && file != nullptr ? 2 : 1;
  if (!node.is_object() || node.members.size() != wanted) {
    expected(pointer, node,
             "text, null, or one of {\"bytes\": n}, {\"text\": …}, {\"lines\": […]}, {\"file\": …}, {\"json\": …}");
    return;
  }
  if (lines != nullptr || file != nullptr) {
    out.kind = DataSpec::Kind::lines;
    if (lines != nullptr)
      read(*lines, below(pointer, "lines"), FieldNote{.name = "lines", .about = "", .min = 1}, out.lines);
    if (file != nullptr) read_lines_file(*file, below(pointer, "file"), out);
    return;
  }
  const auto& [key, value] = node.members.front();
  if (key == "bytes") {
    out.kind = DataSpec::Kind::bytes;
    read(value, below(pointer, key),
         FieldNote{.name = "bytes", .about = "", .max = ScenarioLimits::value_bytes, .limit_of = "bytes a value"},
         out.bytes);
  } else if (key == "text") {
    out.kind = DataSpec::Kind::text;
    read(value, below(pointer, key), FieldNote{}, out.text);
  } else if (key == "json") {
    out.kind = DataSpec::Kind::json;
    out.text = value.is_text() ? value.text : dump_compact(value);
  } else {
    note_unknown(node, pointer, {"bytes", "text", "lines", "file", "json"});
  }
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&,
                   std::vector<std::pair<std::string, std::string>>& out) {
  if (node.is_object()) {
    for (const auto& [key, value] : node.members) {
      out.emplace_back(key, std::string());
      read(value, below(pointer, key), FieldNote{}, out.back().second);
    }
    return;
  }
  if (!node.is_list()) {
    expected(pointer, node, "an object, or a list of [name, value] pairs");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const JsonNode& item = node.items[i];
    if (!item.is_list() || item.items.size() != 2 || !item.items[0].is_text() || !item.items[1].is_text()) {
      expected(below(pointer, i), item, "a pair [name, value] of texts");
      continue;
    }
    out.emplace_back(item.items[0].text, item.items[1].text);
  }
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, WorkloadStep& out) {
  const auto keys = form_keys(step_forms, false);
  if (node.is_text()) {
    JsonNode spelled_out = JsonNode::object();
    spelled_out.add(node.text, JsonNode::object());
    const bool short_form =
        node.text == "flush" || node.text == "close" || node.text == "await_all" || node.text == "restart";
    if (short_form) {
      read(spelled_out, pointer, FieldNote{}, out);
    } else {
      expected(pointer, node, "one of flush, close, await_all, restart, or an object");
    }
    return;
  }
  if (!node.is_object()) {
    expected(pointer, node, "a step: an object with one of " + join(keys, ", "));
    return;
  }
  std::vector<std::string> present;
  for (const std::string& key : keys) {
    if (node.find(key) != nullptr) present.push_back(key);
  }
  if (const JsonNode* at = node.find("at")) read(*at, below(pointer, "at"), FieldNote{}, out.at);
  std::vector<std::string> names = keys;
  names.emplace_back("at");
  note_unknown(node, pointer, names);
  if (present.size() != 1) {
    mistake(pointer, present.empty() ? "says nothing to do; expected one of " + join(keys, ", ")
                                     : "says " + join(present, " and ") + "; expected one of them");
    return;
  }
  with_form(step_forms, present.front(), FormStyle::nested,
            [&](const auto& one) { out.what = read_form(node, pointer, one); });
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&,
                   std::vector<ApplicationThread>& out) {
  out.clear();
  if (!node.is_list()) {
    expected(pointer, node, "a list of steps, or a list of such lists, one for each application thread");
    return;
  }
  const auto lists = static_cast<std::size_t>(
      std::count_if(node.items.begin(), node.items.end(), [](const JsonNode& item) { return item.is_list(); }));
  if (lists != 0 && lists != node.items.size()) {
    mistake(pointer,
            "mixes steps and lists of steps; expected a list for each application thread, or one list of steps");
    return;
  }
  const std::size_t threads = lists == 0 ? 1 : lists;
  for (std::size_t i = 0; i < threads; ++i) {
    out.emplace_back();
    FieldNote steps;
    if (lists == 0) {
      if (!node.items.empty()) read(node, pointer, steps, out.back().steps);
    } else {
      read(node.items[i], below(pointer, i), steps, out.back().steps);
    }
  }
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, OnError& out) {
  if (node.is_text() && node.text == "ignore") {
    out = {OnError::Kind::ignore, 0};
  } else if (node.is_text() && node.text == "abort") {
    out = {OnError::Kind::abort, 0};
  } else if (node.is_object() && node.members.size() == 1 && node.find("resend") != nullptr) {
    out.kind = OnError::Kind::resend;
    read(*node.find("resend"), below(pointer, "resend"),
         FieldNote{.name = "resend", .about = "", .min = 1, .max = 1'000'000}, out.times);
  } else {
    expected(pointer, node, "ignore, abort or {\"resend\": n}");
  }
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, Ties& out) {
  const FieldNote seed{.name = "seed", .about = "", .max = ScenarioLimits::seed};
  const bool one_member = node.is_object() && node.members.size() == 1;
  if (node.is_text() && node.text == "fifo") {
    out = Ties{};
  } else if (one_member && node.find("seeded") != nullptr) {
    out.kind = Ties::Kind::seeded;
    read(*node.find("seeded"), below(pointer, "seeded"), seed, out.seed);
  } else if (one_member && node.find("pct") != nullptr) {
    const JsonNode& pct = *node.find("pct");
    const std::string place = below(pointer, "pct");
    out.kind = Ties::Kind::pct;
    if (!pct.is_object()) {
      expected(place, pct, "an object with seed and depth");
      return;
    }
    note_unknown(pct, place, {"seed", "depth"});
    if (const JsonNode* value = pct.find("seed")) read(*value, below(place, "seed"), seed, out.seed);
    if (const JsonNode* value = pct.find("depth"))
      read(*value, below(place, "depth"), FieldNote{.name = "depth", .about = "", .min = 1, .max = 1000}, out.depth);
  } else if (one_member && node.find("recorded") != nullptr) {
    out.kind = Ties::Kind::recorded;
    read(*node.find("recorded"), below(pointer, "recorded"), FieldNote{}, out.recorded);
  } else {
    expected(pointer, node, "fifo, {\"seeded\": n}, {\"pct\": {\"seed\": n, \"depth\": n}} or {\"recorded\": [n, …]}");
  }
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, Matcher& out) {
  if (!node.is_object()) {
    expected(pointer, node, "an object with request or response");
    return;
  }
  const JsonNode* request = node.find("request");
  const JsonNode* response = node.find("response");
  std::vector<std::string> names{"request", "response"};
  collect_names(FieldList<Matcher>::fields, names);
  note_unknown(node, pointer, names);
  if ((request == nullptr) == (response == nullptr)) {
    mistake(pointer, request == nullptr
                         ? "names no message; expected request or response with an API, as \"request\": \"PRODUCE\""
                         : "names a request and a response; expected one of them");
  } else {
    out.response = response != nullptr;
    const FieldNote api{.name = "api", .about = "", .meaning = Meaning::api};
    read(out.response ? *response : *request, below(pointer, out.response ? "response" : "request"), api, out.api);
    if (out.response && out.api == "CONNECT") mistake(below(pointer, "response"), "CONNECT is a request");
  }
  read_fields(node, pointer, FieldList<Matcher>::fields, out);
}

/// What the form of a fault does not say: which actions wait for a message, and for which.
template <class A>
void Reading::check_action(const std::string& pointer, const Fault& fault, const A&) {
  constexpr bool refuses = std::is_same_v<A, Refuse>;
  if (!fault.on || fault.on->api.empty()) return;
  const bool connects = fault.on->api == "CONNECT";
  constexpr bool on_message = std::is_same_v<A, Lose> || std::is_same_v<A, Reset> || std::is_same_v<A, Late> ||
                              std::is_same_v<A, Hold> || std::is_same_v<A, Delay> || std::is_same_v<A, Answer>;
  if (std::is_same_v<A, Answer> && fault.on->response) {
    mistake(below(pointer, "do"), "a forged answer waits for the request that it answers: \"on\": {\"request\": …}");
  }
  const auto api = api_key_from_name(fault.on->api);
  if (std::is_same_v<A, Answer> && api && !can_forge(*api)) {
    mistake(below(pointer, "do"), "answers to " + fault.on->api + " are not forged");
  }
  if (refuses && !connects) mistake(below(pointer, "do"), "refuse goes with \"request\": \"CONNECT\"");
  if (on_message && connects) mistake(below(pointer, "do"), "a connection that is being made can only be refused");
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, Fault& out) {
  if (!node.is_object()) {
    expected(pointer, node, "an object");
    return;
  }
  const auto keys = form_keys(action_forms, false);
  const auto words = form_keys(action_forms, true);
  std::vector<std::string> present;
  std::string word;
  if (const JsonNode* action = node.find("do")) {
    present.emplace_back("do");
    if (!action->is_text() || std::find(words.begin(), words.end(), action->text) == words.end()) {
      const std::string nearest = action->is_text() ? nearest_word(action->text, words) : std::string();
      expected(below(pointer, "do"), *action,
               "one of " + join(words, ", ") + (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    } else {
      word = action->text;
    }
  }
  for (const std::string& key : keys) {
    if (node.find(key) != nullptr) present.push_back(key);
  }

  std::vector<std::string> fitting;
  collect_names(FieldList<Fault>::fields, fitting);
  bool time_is_the_actions = false;
  for (const std::string& key : present) {
    const bool by_word = key == "do";
    with_form(action_forms, by_word ? word : key, by_word ? FormStyle::word : FormStyle::flat, [&](const auto& one) {
      if (one.style != FormStyle::nested) collect_names(one.fields, fitting);
      if (present.size() > 1) return;
      std::vector<std::string> own;
      collect_names(one.fields, own);
      time_is_the_actions = one.style == FormStyle::word && std::find(own.begin(), own.end(), "for") != own.end();
      out.action = read_form(node, pointer, one);
    });
  }
  std::vector<std::string> names = fitting;
  names.emplace_back("do");
  names.insert(names.end(), keys.begin(), keys.end());
  note_unknown(node, pointer, names, fitting);
  read_fields(node, pointer, FieldList<Fault>::fields, out);
  if (time_is_the_actions) out.lasts.reset();

  if (present.empty()) mistake(pointer, "does nothing; expected do, " + join(keys, ", "));
  if (present.size() > 1) mistake(pointer, "does " + join(present, " and ") + "; expected exactly one action");
  const bool by_time = node.find("at") != nullptr;
  const bool by_message = node.find("on") != nullptr;
  const bool lacks_message = !word.empty() && !by_message;
  if (by_time == by_message && !lacks_message) {
    mistake(pointer, by_time ? "has both at and on; expected one of them" : "never strikes; expected at or on");
  }
  if (lacks_message) mistake(below(pointer, "do"), word + " needs a message to wait for: \"on\"");
  std::visit([&](const auto& action) { check_action(pointer, out, action); }, out.action);
}

void Reading::read(const JsonNode& node, const std::string& pointer, const FieldNote&, Expectation& out) {
  if (!node.is_object()) {
    expected(pointer, node, "an object");
    return;
  }
  std::vector<std::string> names = count_names();
  names.emplace_back("violations");
  names.emplace_back("acked_within");
  for (const auto& [key, value] : node.members) {
    if (enough()) return;
    const std::string place = below(pointer, key);
    const bool is_pointer = !key.empty() && key.front() == '/' && split_pointer(key).has_value();
    if (key == "violations") {
      std::vector<std::string> violations;
      read(value, place, FieldNote{}, violations);
      std::sort(violations.begin(), violations.end());
      out.violations = std::move(violations);
    } else if (key == "acked_within") {
      read(value, place, FieldNote{}, out.acked_within);
    } else if (!is_pointer && std::find(names.begin(), names.end(), key) == names.end()) {
      const std::string nearest = nearest_word(key, names);
      mistake(place, "no such count; " +
                         (nearest.empty() ? "known are " + join(names, ", ") + ", and any JSON Pointer into the result"
                                          : "did you mean " + nearest + "?"));
    } else if (value.is(JsonNode::Kind::integer)) {
      std::int64_t number = 0;
      if (read_integer(value, place,
                       FieldNote{.name = "", .about = "", .min = std::numeric_limits<std::int64_t>::min()}, number))
        out.counts[key] = {number, number};
    } else if (value.is_object()) {
      read(value, place, FieldNote{}, out.counts[key]);
      if (value.members.empty()) expected(place, value, "min or max");
    } else if (is_pointer && !value.is_list() && !value.is(JsonNode::Kind::fraction)) {
      out.values[key] = dump_compact(value);
    } else {
      expected(place, value, is_pointer ? "a number, {min, max}, text, true, false or null" : "a number or {min, max}");
    }
  }
}

}  // namespace linger::scenarios
