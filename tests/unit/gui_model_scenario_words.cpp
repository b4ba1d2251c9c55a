#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/overrides.h"
#include "scenarios/scenario_reader.h"
#include "tests/unit/gui_drafts.h"
#include "ui/gui/model/scenario_layout.h"
#include "ui/gui/model/scenario_words.h"
#include "ui/gui/model/word_pattern.h"

using namespace linger;
using namespace linger::gui;

namespace {

const std::string source = LINGER_SOURCE_DIR;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source + folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

ScenarioDraft draft_of(const std::string& file) {
  const scenarios::ReadResult read = scenarios::read_scenario_file(file);
  REQUIRE(read.ok());
  return {0, *read.scenario};
}

ScenarioDraft lost_ack() {
  return draft_of(source + "/scenarios/library/lost-ack.json");
}

/// All library scenarios, and one that has every kind of element.
std::vector<ScenarioDraft> drafts() {
  std::vector<ScenarioDraft> all{grown(lost_ack())};
  for (const std::string& file : files_in("/scenarios/library")) all.push_back(draft_of(file));
  return all;
}

std::string without_quoted(const std::string& words) {
  std::string out;
  bool quoted = false;
  for (const char c : words) {
    if (c == '"') quoted = !quoted;
    if (!quoted) out += c;
  }
  return out;
}

/// English words that are neither Kafka's nor a key or a value of the file: where one stands, a sentence is English.
std::vector<std::string> english_in(const std::string& words) {
  static const std::set<std::string> english{
      "the",  "an",    "of",   "is",  "are",  "was",  "has",  "have", "its",      "it",    "that", "which",
      "with", "and",   "not",  "no",  "how",  "what", "when", "who",  "where",    "as",    "by",   "be",
      "does", "least", "such", "did", "you",  "mean", "must", "only", "expected", "whole", "list", "unless",
      "long", "than",  "this", "may", "each", "they", "into", "if",   "there"};
  std::vector<std::string> found;
  std::string word;
  for (const char c : without_quoted(words) + " ") {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-') {
      word += c;
      continue;
    }
    if (english.contains(word)) found.push_back(word);
    word.clear();
  }
  return found;
}

bool has_chinese(std::string_view words) {
  return std::any_of(words.begin(), words.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xe4U && byte <= 0xe9U;
  });
}

/// Every help text of the forms of these drafts, and what can be put into their lists.
std::set<std::string> helps_of(const std::vector<ScenarioDraft>& all) {
  std::set<std::string> helps;
  for (const ScenarioDraft& draft : all) {
    for (const FormRow& row : all_rows(draft, all_open(draft))) {
      if (!row.help.empty()) helps.insert(row.help);
      if (row.kind == FormRow::Kind::add && row.choices.size() == 1) helps.insert(row.choices.front());
    }
  }
  return helps;
}

/// Sentences of readers, and which lines of the table they are made of.
class Sentences {
 public:
  void take(const std::vector<scenarios::Mistake>& mistakes) {
    for (const scenarios::Mistake& one : mistakes) {
      if (seen_.insert(one.message).second) check(one.message);
    }
  }
  void check(const std::string& message) {
    const ChineseMistake chinese = mistake_in_chinese(message);
    INFO(message << " -> " << chinese.words);
    CHECK(chinese.whole);
    CHECK(english_in(chinese.words) == std::vector<std::string>{});
    CHECK(has_chinese(chinese.words));
    used_.insert(chinese.lines.begin(), chinese.lines.end());
  }
  std::size_t count() const { return seen_.size(); }
  const std::set<std::size_t>& used() const { return used_; }

 private:
  std::set<std::string> seen_;
  std::set<std::size_t> used_;
};

void take_corpus(Sentences& sentences) {
  for (const char* folder : {"/tests/corpus/scenarios/bad", "/tests/corpus/scenarios/mistaken"}) {
    for (const std::string& file : files_in(folder)) {
      INFO(file);
      sentences.take(scenarios::read_scenario_file(file).mistakes);
    }
  }
}

constexpr const char* odd_values[]{"-1",   "1.5", "99999999999999999999", "x", "b1", "[]", "[7]", "{\"x\": 1}", "null",
                                   "true", "\"\""};

bool is_setting(const FormRow& row) {
  const std::string object = row.pointer.substr(0, row.pointer.rfind('/'));
  return row.is_field() && (object.ends_with("/config") || object.ends_with("/behaviour"));
}

/// What the reader says of odd values in the rows at this place.
void take_odd_fields(Sentences& sentences, const ScenarioDraft& draft, const std::string& place) {
  for (const FormRow& row : all_rows(draft, all_open(draft))) {
    if (row.kind == FormRow::Kind::add || is_setting(row) || !row.pointer.starts_with(place)) continue;
    for (const char* words : odd_values) {
      INFO(row.pointer << " " << words);
      ScenarioDraft odd = draft;
      odd.set(row.pointer, words);
      sentences.take(odd.mistakes());
    }
  }
}

/// All settings of an object at once: the reader looks at each by itself.
void take_odd_settings(Sentences& sentences, const ScenarioDraft& draft) {
  std::map<std::string, std::vector<std::string>> names;
  for (const FormRow& row : all_rows(draft, all_open(draft))) {
    if (is_setting(row)) names[row.pointer.substr(0, row.pointer.rfind('/'))].push_back(row.label);
  }
  for (const auto& [object, settings] : names) {
    for (const char* words : odd_values) {
      INFO(object << " " << words);
      scenarios::JsonNode odd = scenarios::JsonNode::object();
      for (const std::string& name : settings) odd.add(name, scenarios::override_value(words));
      ScenarioDraft changed = draft;
      CHECK(changed.set(object, scenarios::dump_compact(odd)));
      sentences.take(changed.mistakes());
    }
  }
}

using Edits = std::vector<std::pair<std::string, std::string>>;

constexpr const char* config = "/producers/0/config/";

/// Sentences that take more than one odd value.
const std::vector<Edits>& provocations() {
  static const std::string setting = config;
  static const std::vector<Edits> all{
      {{setting + "acks", "1"}},
      {{setting + "retries", "0"}},
      {{setting + "enable.idempotence", "false"}, {setting + "transactional.id", "t"}},
      {{setting + "transaction.two.phase.commit.enable", "true"}, {setting + "transaction.timeout.ms", "5"}},
      {{setting + "security.protocol", "SASL_SSL"}, {setting + "sasl.mechanism", "\"\""}},
      {{setting + "transactional.id", "\"\""}},
      {{setting + "key.serializer", "org.apache.kafka.common.serialization.Nobody"}},
      {{setting + "key.serializer", "org.apache.kafka.common.serialization.ListSerializer"}},
      {{setting + "key.serializer", "org.apache.kafka.common.serialization.ListSerializer"},
       {setting + "default.list.key.serde.inner", "x"}},
      {{setting + "partitioner.class", "org.apache.kafka.clients.producer.Nobody"}},
      {{setting + "partitioner.class", "org.apache.kafka.clients.producer.internals.DefaultPartitioner"}},
      {{setting + "bootstrap.servers", "b1"}},
      {{setting + "bootstrap.servers", "\"b1:1,,b2:2\""}},
      {{setting + "bootstrap.servers", "\"\""}},
      {{"/cluster/topics/0/config/message.timestamp.type", "Never"}},
      {{"/cluster/topics/0/config/compression.type", "gzip"}},
      {{"/cluster/topics/0/config/unclean.leader.election.enable", "x"}},
      {{"/cluster/config/client.api.versions", "3"}},
      {{"/cluster/brokers", "1"}, {"/cluster/topics/0/replication.factor", "3"}},
      {{"/cluster/topics/0/replicas", "[[1, 2, 3], [1, 2, 3]]"}, {"/cluster/topics/0/partitions", "3"}},
      {{"/cluster/topics/0/replicas", "[[1, 2, 3], [1, 2, 3]]"}, {"/cluster/topics/0/replication.factor", "2"}},
      {{"/cluster/topics/0/replicas", "[[1]]"}, {"/cluster/topics/0/replication.factor", "2"}},
      {{"/cluster/topics", "[{\"name\": \"a\"}, {\"name\": \"a\"}]"}},
      {{"/cluster/initial", "[{\"topic\": \"orders\", \"isr\": [1, 1]}]"}},
      {{"/cluster/initial", "[{\"topic\": \"orders\", \"isr\": [4]}]"}},
      {{"/cluster/brokers", "4"}, {"/cluster/initial", "[{\"topic\": \"orders\", \"isr\": [4]}]"}},
      {{"/cluster/brokers", "1"}, {"/cluster/initial", "[{\"topic\": \"orders\", \"isr\": [4]}]"}},
      {{"/cluster/initial", "[{\"topic\": \"orders\"}]"}, {"/cluster/cold_start", "true"}},
      {{"/cluster/initial", "[{\"topic\": \"orders\"}]"}, {"/cluster/topics/0/created", "5ms"}},
      {{"/producers/0/name", "c1"}},
      {{"/producers/0/name", "b1"}},
      {{"/consumers", "[{\"name\": \"p1\", \"topics\": [\"orders\"]}]"}},
      {{"/producers", "[]"},
       {"/faults", "[{\"at\": \"1ms\", \"throttle\": {\"producer\": \"p1\", \"time\": \"1s\"}}]"}},
      {{"/producers/0/workload/0", "{\"flush\": {}, \"close\": {}, \"begin\": {}}"}},
      {{"/producers/0/workload/0", "{\"send\": {\"topic\": \"orders\", \"value\": {\"file\": \".\"}}}"}},
      {{"/producers/0/workload/0", "{\"send\": {\"topic\": \"orders\", \"value\": {\"file\": \"/nobody/wrote/me\"}}}"}},
      {{"/producers/0/workload/0", "{\"send\": {\"topic\": \"orders\", \"value\": {\"file\": \"/dev/null\"}}}"}},
      {{"/producers/0/workload/0", "{\"send\": {\"topic\": \"orders\", \"value\": {\"file\": \"/dev/null/x\"}}}"}},
      {{"/producers/0/workload/0",
        "{\"send\": {\"topic\": \"orders\", \"value\": {\"file\": \"" + std::string(300, 'x') + "\"}}}"}},
      {{"/producers/0/workload/0", "{\"send\": {\"topic\": \"orders\", \"value\": {\"bytes\": 99999999}}}"}},
      {{"/producers/0/workload/0", "{\"begin\": {}}"}},
      {{"/cluster/topics/0/partitions", "2"}, {"/producers/0/workload/0/send/partition", "2"}},
      {{"/network/latency", "{\"exponential\": 5}"}},
      {{"/ties", "{\"pct\": 5}"}},
      {{"/faults/0", "{\"on\": {\"request\": \"Nothing\"}, \"do\": \"lose\"}"}},
      {{"/faults/0", "{\"on\": {\"response\": \"CONNECT\"}, \"do\": \"lose\"}"}},
      {{"/faults/0", "{\"on\": {\"request\": \"FETCH\"}, \"do\": \"answer\", \"error\": \"Nothing\"}"}},
      {{"/faults/0", "{\"on\": {\"response\": \"PRODUCE\"}, \"do\": \"lose\", \"wipe\": \"b1\", \"crash\": \"b1\"}"}},
      {{"/faults/0",
        "{\"at\": \"1ms\", \"change_config\": {\"topic\": \"orders\", \"host\": \"b1\", \"config\": {}}}"}},
      {{"/faults/0", "{\"on\": {\"request\": \"API_VERSIONS\"}, \"do\": \"answer\", \"error\": \"NOT_CONTROLLER\"}"}},
      {{"/faults/0", "{\"crash\": \"b1\"}"}},
      {{"/producers/0/workload/0", "7"}},
      {{"/expect", "{\"nobody\": 1}"}},
      {{"/expect", "{\"acked\": {}}"}},
      {{"/expect", "{\"/seed\": []}"}},
      {{"/faults/0", "{\"at\": \"1ms\", \"create_topic\": {\"name\": \"a\", \"created\": \"5ms\"}}"}},
      {{"/faults/0", "{\"at\": \"1ms\", \"reassign\": {\"partition\": \"orders-0\", \"replicas\": [\"b1\", \"b1\"]}}"}},
      {{"/faults/0", "{\"at\": \"1ms\", \"fail_over_controller\": {\"x\": 1}}"}},
      {{"/faults/0/on/after_fault", "nobody"}, {"/faults/0/id", "f"}},
  };
  return all;
}

void take_provocations(Sentences& sentences) {
  for (const Edits& edits : provocations()) {
    ScenarioDraft draft = lost_ack();
    for (const auto& [pointer, words] : edits) {
      INFO(pointer << " " << words);
      CHECK(draft.set(pointer, words));
    }
    INFO(edits.front().first << " " << edits.front().second);
    CHECK_FALSE(draft.mistakes().empty());
    sentences.take(draft.mistakes());
  }
}

std::string list_of(std::size_t count, const std::string& element) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (list.empty() ? "" : ",") + element;
  return "[" + list + "]";
}

/// What no single value brings about, and what is beyond limits.
void take_files(Sentences& sentences) {
  const auto read = [&](const std::string& text) { sentences.take(scenarios::read_scenario(text).mistakes); };
  read("{\"title\": 1, \"title\": 2}");
  read(std::string(10'000, '[') + std::string(10'000, ']'));
  read(list_of(5'000'000, "1"));
  read(std::string(65 * 1024 * 1024, ' '));
  read("{\"linger\": 1, \"cluster\": {\"topics\": " + list_of(1025, "{\"name\": \"a\"}") + "}}");
  read("{\"linger\": 1, \"producers\": " + list_of(1001, "{}") + "}");
  read("{\"linger\": 1, \"consumers\": " + list_of(1001, "{\"topics\": [\"a\"]}") + "}");
  read("{\"linger\": 1, \"faults\": " + list_of(10'001, "{\"at\": \"1s\", \"crash\": \"b1\"}") + "}");
  std::string topics;
  for (int i = 0; i < 41; ++i) topics += (i == 0 ? "" : ",") + ("{\"name\": \"t" + std::to_string(i) + "\"}");
  read("{\"linger\": 1, \"cluster\": {\"topics\": [" + topics + "]}, \"consumers\": [{\"topics\": [\"nobody\"]}]}");
  std::string settings;
  for (int i = 0; i < 1001; ++i) settings += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": 1";
  read("{\"linger\": 1, \"producers\": [{\"config\": {" + settings + "}}]}");
}

/// Which values settings take, where that is more than an interval or a list.
void take_valid(Sentences& sentences) {
  for (const FormRow& row : all_rows(lost_ack())) {
    if (!row.valid.empty() && (row.valid.front() != '[' || row.valid.back() != ']')) sentences.check(row.valid);
  }
}

void check_lines(std::span<const InChinese> lines) {
  std::set<std::string_view> seen;
  for (const InChinese& line : lines) {
    INFO(line.english << " -> " << line.chinese);
    CHECK(seen.insert(line.english).second);
    CHECK(english_in(std::string(line.chinese)) == std::vector<std::string>{});
    auto english = WordPattern(line.english).places();
    auto chinese = WordPattern(line.chinese).places();
    const auto by_number = [](const auto& a, const auto& b) { return a.number < b.number; };
    std::sort(english.begin(), english.end(), by_number);
    std::sort(chinese.begin(), chinese.end(), by_number);
    CHECK(english == chinese);
    for (std::size_t i = 0; i < english.size(); ++i) CHECK(english[i].number == i);
  }
}

}  // namespace

TEST_CASE("each help text of a form has its line in Chinese, and each line is the help of something") {
  const std::set<std::string> helps = helps_of(drafts());
  CHECK(helps.size() > 350);
  for (const std::string& help : helps) {
    INFO(help << " -> " << help_in(Language::zh, help));
    CHECK(has_chinese(help_in(Language::zh, help)));
    CHECK(help_in(Language::en, help) == help);
  }
  for (const InChinese& line : help_lines()) {
    INFO(line.english);
    CHECK(helps.contains(std::string(line.english)));
  }
}

TEST_CASE("lines of help and mistakes stand once, have the same places in both languages, and no English in Chinese") {
  check_lines(help_lines());
  check_lines(mistake_lines());
}

TEST_CASE("nothing that a form says in Chinese is English") {
  for (const ScenarioDraft& draft : drafts()) {
    for (const FormSection& section : sections_of(draft)) {
      const auto rows = rows_of(section, draft, all_open(draft));
      for (const FormPlace& place : lay_out_form(rows, "", 700, Language::zh).places) {
        std::string said;
        for (const PictureText& text : place.texts) said += text.words + " ";
        INFO(rows[place.row].pointer << " " << said);
        CHECK(english_in(said) == std::vector<std::string>{});
        const bool silent = rows[place.row].help.empty() && rows[place.row].mistakes.empty();
        CHECK(has_chinese(said) != silent);
      }
    }
  }
}

TEST_CASE("each sentence of the corpus has its Chinese form") {
  Sentences sentences;
  take_corpus(sentences);
  CHECK(sentences.count() > 120);
}

TEST_CASE("the page of a file that cannot be opened says each of its mistakes in Chinese, and where they are") {
  for (const char* folder : {"/tests/corpus/scenarios/bad", "/tests/corpus/scenarios/mistaken"}) {
    for (const std::string& file : files_in(folder)) {
      const auto mistakes = scenarios::read_scenario_file(file).mistakes;
      const std::string english = scenarios::describe_mistakes("my plan: 2.json", mistakes);
      const std::string chinese = mistakes_of_file_in(Language::zh, english);
      INFO(english);
      INFO(chinese);
      CHECK(mistakes_of_file_in(Language::en, english) == english);
      CHECK(std::count(chinese.begin(), chinese.end(), '\n') == std::count(english.begin(), english.end(), '\n'));
      CHECK(chinese.find("my plan: 2.json") != std::string::npos);
      for (const scenarios::Mistake& one : mistakes) {
        const ChineseMistake said = mistake_in_chinese(one.message);
        if (!said.lines.empty()) CHECK(chinese.find(said.words) != std::string::npos);
        CHECK(chinese.find(one.pointer) != std::string::npos);
      }
      if (mistakes.size() > 1) CHECK(chinese.find(std::to_string(mistakes.size()) + " 处错误") != std::string::npos);
    }
  }
}

TEST_CASE("what the reader says of odd values has its Chinese form, and each line of the table is said") {
  Sentences sentences;
  take_corpus(sentences);
  const ScenarioDraft draft = lost_ack();
  take_odd_fields(sentences, draft, "");
  take_odd_settings(sentences, draft);
  for (const FormRow& row : all_rows(draft)) {
    if (row.kind != FormRow::Kind::add) continue;
    for (const std::string& word : row.choices) {
      ScenarioDraft more = draft;
      REQUIRE(more.append(row.pointer, new_element(draft, row.pointer, word)));
      const std::size_t last = more.at(row.pointer)->items.size() - 1;
      take_odd_fields(sentences, more, row.pointer + "/" + std::to_string(last));
    }
  }
  take_provocations(sentences);
  take_files(sentences);
  take_valid(sentences);
  CHECK(sentences.count() > 600);
  for (std::size_t i = 0; i < mistake_lines().size(); ++i) {
    INFO(mistake_lines()[i].english);
    CHECK(sentences.used().contains(i));
  }
}

TEST_CASE("what a plan itself says stays as it is, even where it reads like the reader's own words") {
  const auto chinese = [](const std::string& words) { return mistake_in(Language::zh, words); };
  CHECK(chinese("\"a list; expected text\"; expected a list") == "\"a list; expected text\"；应为列表");
  CHECK(chinese("no host \"hosts are b1\"; hosts are b1 b2") == "没有主机 \"hosts are b1\"；主机有 b1 b2");
  CHECK(chinese("no topic \"a\\\"; topics are b\"; topics are c") == "没有主题 \"a\\\"; topics are b\"；主题有 c");
  CHECK(chinese("\"a\"b\"; expected text") == "\"a\"b\"；应为文本");
  CHECK(chinese("7; 订单 has 2 partitions, counted from 0") == "7；订单 有 2 个分区，从 0 数起");
  CHECK(mistake_in(Language::en, "a list; expected text") == "a list; expected text");
  // Java's own sentences are quoted as Java writes them.
  const std::string java = "Invalid value x for configuration acks: String must be one of: all, -1, 0, 1";
  CHECK(chinese(java) == java);
  CHECK_FALSE(mistake_in_chinese(java).whole);
}

TEST_CASE("sentences within sentences come to an end") {
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += "a; expected ";
  CHECK_FALSE(mistake_in_chinese(words + "text").whole);
  CHECK_FALSE(mistake_in_chinese("").whole);
  CHECK_FALSE(mistake_in_chinese("; expected ").whole);
}

TEST_CASE("a place stands for one sign at least, and numbers and letters keep their distance to Chinese") {
  const WordPattern pattern("{0} of <1>");
  CHECK(pattern.match("a of b") == std::vector<std::string>{"a", "b"});
  CHECK(pattern.match("\" of \" of b") == std::vector<std::string>{"\" of \"", "b"});
  CHECK_FALSE(pattern.match(" of b"));
  CHECK_FALSE(pattern.match("a of "));
  CHECK_FALSE(pattern.match("a"));
  CHECK(WordPattern("<1>的<0>").fill({"列表", "b1"}) == "b1 的列表");
  CHECK(WordPattern("应为<0>").fill({"true"}) == "应为 true");
  CHECK(WordPattern("应为<0>").fill({"文本"}) == "应为文本");
}
