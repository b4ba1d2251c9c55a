#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "producer/config_def.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_writer.h"
#include "tests/unit/gui_drafts.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/scenario_page.h"

using namespace linger;
using namespace linger::gui;

namespace {

using SectionKind = FormSection::Kind;

const FormRow& row_at(const std::vector<FormRow>& rows, const std::string& pointer) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const FormRow& row) {
    return row.pointer == pointer && row.kind != FormRow::Kind::add;
  });
  INFO(pointer);
  REQUIRE(found != rows.end());
  return *found;
}

constexpr const char* acks = "/producers/0/config/acks";
constexpr const char* linger_ms = "/producers/0/config/linger.ms";

struct LostAck {
  Branches branches{session_of("lost-ack.json")};
  ScenarioDraft draft{0, plan_of(branches.session())};
};

}  // namespace

TEST_CASE("a draft that nobody touched is the plan of its branch, and has a row for everything in its file") {
  for (const auto& file : std::filesystem::directory_iterator(std::string(LINGER_SOURCE_DIR) + "/scenarios/library")) {
    if (file.path().extension() != ".json") continue;
    INFO(file.path().filename());
    const scenarios::ReadResult read = scenarios::read_scenario_file(file.path().string());
    REQUIRE(read.ok());
    const ScenarioDraft draft(0, *read.scenario);
    REQUIRE(draft.plan());
    CHECK(*draft.plan() == *read.scenario);
    CHECK_FALSE(draft.touched());
    // What a row says is what stands at its pointer, and writing it there again changes nothing.
    ScenarioDraft other(0, *read.scenario);
    std::set<std::string> pointers;
    for (const FormRow& row : all_rows(draft, all_open(draft))) {
      INFO(row.pointer << " " << row.value);
      if (row.is_field()) {
        CHECK(pointers.insert(row.pointer).second);
        CHECK((draft.at(row.pointer) != nullptr) == row.written());
        if (row.written()) CHECK(other.set(row.pointer, row.value, row.needed));
      }
      CHECK(row.mistakes.empty());
    }
    CHECK(other.tree() == draft.tree());
    CHECK_FALSE(other.touched());
  }
}

TEST_CASE("every leaf of a file is in reach: a row stands for it or for the value around it") {
  for (const std::string name : {"lost-ack.json", "zombie-leader-one-way-cut.json", "exactly-once-transfer.json"}) {
    const auto session = session_of(name);
    const ScenarioDraft draft(0, plan_of(*session));
    std::set<std::string> fields;
    for (const FormRow& row : all_rows(draft, all_open(draft))) {
      if (row.is_field()) fields.insert(row.pointer);
    }
    const std::function<void(const scenarios::JsonNode&, const std::string&)> walk =
        [&](const scenarios::JsonNode& node, const std::string& pointer) {
          if (fields.contains(pointer) || pointer == "/expect" || pointer == "/linger") return;
          for (std::size_t i = 0; i < node.items.size(); ++i) walk(node.items[i], pointer + "/" + std::to_string(i));
          for (const auto& [key, value] : node.members) walk(value, pointer + "/" + scenarios::pointer_token(key));
          INFO(name << " " << pointer);
          // What a fault does is the name of its group, and changed by another fault.
          if (!node.is_object() && !node.is_list() && !pointer.ends_with("/do")) FAIL_CHECK("has no row");
        };
    walk(draft.tree(), "");
  }
}

TEST_CASE("each producer setting has one row, with default, help and values from the producer's own table") {
  const LostAck it;
  const auto rows = rows_of({SectionKind::settings, 0}, it.draft, {});
  for (const ConfigKey& key : producer_config_keys()) {
    INFO(key.name);
    const std::string pointer = "/producers/0/config/" + std::string(key.name);
    CHECK(std::count_if(rows.begin(), rows.end(), [&](const FormRow& row) { return row.pointer == pointer; }) == 1);
    const FormRow& row = row_at(rows, pointer);
    CHECK(row.label == key.name);
    CHECK(row.fallback == (key.default_text == nullptr ? "" : key.default_text));
    CHECK(row.help == key.meaning);
    CHECK(row.written() == (key.name == "enable.idempotence"));
  }
  CHECK(row_at(rows, acks).choices == std::vector<std::string>{"all", "-1", "0", "1"});
  CHECK(row_at(rows, linger_ms).fallback == "5");
}

TEST_CASE("a setting that is written changes that and nothing else, and Run's plan has it") {
  LostAck it;
  REQUIRE(it.draft.set(linger_ms, "20"));
  REQUIRE(it.draft.plan());
  scenarios::Scenario wanted = plan_of(it.branches.session());
  wanted.producers[0].config["linger.ms"] = "20";
  CHECK(*it.draft.plan() == wanted);
  CHECK(it.draft.touched());
  CHECK(it.draft.change().say(Language::en) == "linger.ms = 20");
  CHECK(row_at(rows_of({SectionKind::settings, 0}, it.draft, {}), linger_ms).differs());

  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  CHECK(page.can_save(it.branches));
  CHECK_FALSE(page.can_run());
  page.set(row_at(page.rows(), linger_ms), "20");
  REQUIRE(page.can_run());
  CHECK_FALSE(page.can_save(it.branches));
  std::vector<Request> requests;
  page.run(it.branches, requests);
  REQUIRE(requests.size() == 1);
  REQUIRE(carry_out(requests[0], it.branches, state));
  CHECK(plan_of(it.branches.session()).producers[0].config.at("linger.ms") == "20");
  CHECK(it.branches[1].change.say(Language::en) == "linger.ms = 20");
  // What was run is a branch now, and can be saved as it is.
  CHECK(scenario_page_of(state, it.branches).draft().branch() == 1);
  CHECK(page.can_save(it.branches));
}

TEST_CASE("empty words bring the default back") {
  LostAck it;
  REQUIRE(it.draft.set(linger_ms, "20"));
  REQUIRE(it.draft.set(linger_ms, ""));
  CHECK_FALSE(it.draft.touched());
  CHECK(it.draft.at(linger_ms) == nullptr);
  REQUIRE(it.draft.set("/cluster/brokers", "5"));
  REQUIRE(it.draft.set("/cluster/brokers", ""));
  REQUIRE(it.draft.plan());
  CHECK(it.draft.plan()->cluster.brokers == 3);
  // A matcher whose last member goes is none.
  REQUIRE(it.draft.set("/faults/0/on/from", ""));
  REQUIRE(it.draft.set("/faults/0/on/nth", ""));
  CHECK(it.draft.plan());
  REQUIRE(it.draft.set("/faults/0/on/response", ""));
  CHECK(it.draft.at("/faults/0/on") == nullptr);
}

TEST_CASE("what a field says is one line, and is never cut off by what stands in it") {
  LostAck it;
  for (const std::string& odd : {std::string("a\nb"), std::string("a\0b", 3), std::string("5"), std::string("true")}) {
    REQUIRE(it.draft.set("/title", scenarios::dump_compact(scenarios::JsonNode::of(odd))));
    REQUIRE(it.draft.plan());
    CHECK(it.draft.plan()->title == odd);
    const std::string words = row_at(all_rows(it.draft), "/title").value;
    CHECK(words.front() == '"');
    CHECK(std::none_of(words.begin(), words.end(), [](char c) { return c >= 0 && c < ' '; }));
    const scenarios::JsonNode before = it.draft.tree();
    REQUIRE(it.draft.set("/title", words));
    CHECK(it.draft.tree() == before);
  }
}

TEST_CASE("what is needed stays, and its row says what is missing") {
  LostAck it;
  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  page.show({SectionKind::topics});
  page.fold("/cluster/topics/0");
  const FormRow name = row_at(page.rows(), "/cluster/topics/0/name");
  CHECK(name.needed);
  page.set(name, "");
  CHECK(page.draft().at(name.pointer) != nullptr);
  CHECK_FALSE(row_at(page.rows(), name.pointer).mistakes.empty());
}

TEST_CASE("a mistake stands on the row it is about, and there is no plan to run") {
  LostAck it;
  REQUIRE(it.draft.set(acks, "abc"));
  CHECK_FALSE(it.draft.plan());
  const FormSection settings{SectionKind::settings, 0};
  const auto rows = rows_of(settings, it.draft, {});
  REQUIRE(row_at(rows, acks).mistakes.size() == 1);
  CHECK(row_at(rows, acks).mistakes[0].find("abc") != std::string::npos);
  CHECK(std::count_if(rows.begin(), rows.end(), [](const FormRow& row) { return !row.mistakes.empty(); }) == 1);
  CHECK(mistakes_without_row(settings, it.draft, rows).empty());
  CHECK(mistakes_by_section(sections_of(it.draft), it.draft) == std::vector<std::size_t>{0, 0, 0, 0, 1, 0, 0, 0, 0});

  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  page.set(row_at(page.rows(), acks), "abc");
  CHECK_FALSE(page.can_run());
  CHECK(state_of(page, it.branches, Language::en) == "1 mistake in Producer p1: settings: it cannot be run");
  page.reset(it.branches);
  CHECK(state_of(page, it.branches, Language::en) == "Plan of main · as it was run");
}

TEST_CASE("a mistake within a value is told by the value's row, one within a folded element by the element") {
  LostAck it;
  REQUIRE(it.draft.set("/network/latency", R"({"uniform":["2ms","1ms"]})"));
  CHECK(row_at(all_rows(it.draft), "/network/latency").mistakes.size() == 1);
  REQUIRE(it.draft.set("/network/latency", ""));
  REQUIRE(it.draft.set("/faults/0/on/from", "b9"));
  CHECK(row_at(all_rows(it.draft), "/faults/0").mistakes.size() == 1);
  const auto open = all_rows(it.draft, {"/faults/0"});
  CHECK(row_at(open, "/faults/0").mistakes.empty());
  CHECK(row_at(open, "/faults/0/on/from").mistakes.size() == 1);
}

TEST_CASE("what no row says is listed: mistakes about the file, seen from every section") {
  LostAck it;
  REQUIRE(it.draft.set("/linger", "2"));
  for (const FormSection& section : sections_of(it.draft)) {
    const auto rows = rows_of(section, it.draft, {});
    CHECK(mistakes_without_row(section, it.draft, rows).size() == 1);
  }
}

TEST_CASE("topics, steps, faults, consumers and links are added with what they need, and taken out again") {
  LostAck it;
  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  for (const auto& [list, word] :
       {std::pair{"/cluster/topics", "topic"}, std::pair{"/producers", "producer"},
        std::pair{"/producers/0/workload", "send"}, std::pair{"/producers/0/workload", "flush"},
        std::pair{"/producers/0/workload", "sleep"}, std::pair{"/faults", "crash"}, std::pair{"/faults", "lose"},
        std::pair{"/consumers", "consumer"}, std::pair{"/network/links", "link"},
        std::pair{"/cluster/initial", "initial"}}) {
    INFO(list << " " << word);
    const scenarios::JsonNode* there = page.draft().at(list);
    const std::size_t before = there == nullptr ? 0 : there->items.size();
    page.add(list, word);
    REQUIRE(page.draft().at(list) != nullptr);
    REQUIRE(page.draft().at(list)->items.size() == before + 1);
    CHECK(page.draft().plan());
    CHECK(page.draft().touched());
    page.remove(list + ("/" + std::to_string(before)));
    CHECK_FALSE(page.draft().touched());
  }
}

TEST_CASE("each fault and each step can be added, and is right but for what this cluster does not have") {
  LostAck it;
  const auto rows = all_rows(it.draft);
  for (const FormRow& row : rows) {
    if (row.kind != FormRow::Kind::add) continue;
    CHECK_FALSE(row.choices.empty());
    for (const std::string& word : row.choices) {
      ScenarioDraft draft(0, plan_of(it.branches.session()));
      INFO(row.pointer << " " << word);
      REQUIRE(draft.append(row.pointer, new_element(draft, row.pointer, word)));
      // Transactions need a transactional.id, a transfer a second topic, and there is nothing to start again.
      const std::set<std::string> needs_more{"begin", "commit", "abort", "send_offsets", "transfer"};
      if (needs_more.contains(word)) continue;
      for (const scenarios::Mistake& one : draft.mistakes()) FAIL_CHECK(one.pointer << " " << one.message);
      // All that can be said of it has a row.
      const std::string place = row.pointer + "/" + std::to_string(draft.at(row.pointer)->items.size() - 1);
      const auto open = all_rows(draft, {place});
      CHECK(std::any_of(open.begin(), open.end(),
                        [&](const FormRow& one) { return one.pointer.starts_with(place + "/"); }));
    }
  }
}

TEST_CASE("a fault becomes one of every other kind: it keeps its name, its place, its time, and is right") {
  LostAck it;
  const std::vector<std::string> kinds = [&] {
    for (const FormRow& row : all_rows(it.draft)) {
      if (row.kind == FormRow::Kind::add && row.pointer == "/faults") return row.choices;
    }
    return std::vector<std::string>{};
  }();
  REQUIRE(kinds.size() > 10);
  for (const std::string& from : kinds) {
    for (const std::string& to : kinds) {
      State state;
      ScenarioPage& page = scenario_page_of(state, it.branches);
      page.add("/faults", from);
      const std::string place = "/faults/1";
      const scenarios::JsonNode before = *page.draft().at(place);
      page.turn(place, to);
      const scenarios::JsonNode& after = *page.draft().at(place);
      INFO(from << " to " << to << ": " << scenarios::dump_compact(after));
      CHECK(*after.find("id") == *before.find("id"));
      CHECK(page.draft().plan());
      if (before.find("at") != nullptr && after.find("at") != nullptr) CHECK(*after.find("at") == *before.find("at"));
      if (from == to) CHECK(after == before);
      // The row says which kind it is now.
      page.show({FormSection::Kind::faults});
      const auto& rows = page.rows();
      const auto kind = std::find_if(rows.begin(), rows.end(), [&](const FormRow& row) {
        return row.kind == FormRow::Kind::form && row.pointer == place;
      });
      REQUIRE(kind != rows.end());
      CHECK(kind->value == to);
    }
  }
}

TEST_CASE("a fault that becomes one of another kind keeps host and length where it can") {
  LostAck it;
  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  page.add("/faults", "crash");
  REQUIRE(page.draft().plan());
  const std::string place = "/faults/1";
  page.turn(place, "pause");
  const auto set = [&](const std::string& key, const std::string& words) {
    FormRow row;
    row.pointer = place + key;
    page.set(row, words);
  };
  set("/pause", "b3");
  set("/at", "77ms");
  set("/for", "5s");
  REQUIRE(page.draft().plan());
  for (const char* kind : {"slow_requests", "disk_slow", "pause"}) {
    INFO(kind);
    page.turn(place, kind);
    CHECK(page.draft().plan());
    CHECK(page.draft().at(place + "/at")->text == "77ms");
    CHECK(page.draft().at(place + "/" + kind)->text == "b3");
    REQUIRE(page.draft().at(place + "/for") != nullptr);
    CHECK(page.draft().at(place + "/for")->text == "5s");
  }
  // A producer has no disk.
  set("/pause", "p1");
  page.turn(place, "disk_full");
  CHECK(page.draft().plan());
  page.turn(place, "lose");
  CHECK(page.draft().plan());
  CHECK(page.draft().at(place + "/at") == nullptr);
  page.turn("/faults/9", "crash");
  page.turn("/faults", "crash");
  CHECK(page.draft().plan());
}

TEST_CASE("a producer that is added sends, and has sections of its own") {
  LostAck it;
  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  const std::size_t sections = page.sections().size();
  page.add("/producers", "producer");
  CHECK(page.sections().size() == sections + 2);
  CHECK(page.section() == FormSection{FormSection::Kind::settings, 1});
  REQUIRE(page.can_run());
  std::vector<Request> requests;
  page.run(it.branches, requests);
  for (Request& request : requests) CHECK(carry_out(std::move(request), it.branches, state));
  const scenarios::Run& run = it.branches.session().run();
  const auto of_it = [&](const scenarios::LedgerRecord& record) { return record.producer == 1; };
  CHECK(std::any_of(run.ledger.records.begin(), run.ledger.records.end(), of_it));
  // Where the section of a producer that is taken out was shown, another one is.
  page.show({FormSection::Kind::settings, 1});
  page.remove("/producers/1");
  CHECK(page.sections().size() == sections);
  CHECK(std::find(page.sections().begin(), page.sections().end(), page.section()) != page.sections().end());
}

TEST_CASE("a topic that is taken out leaves mistakes where it is named") {
  LostAck it;
  REQUIRE(it.draft.remove("/cluster/topics/0"));
  CHECK_FALSE(it.draft.plan());
  CHECK_FALSE(row_at(all_rows(it.draft), "/producers/0/workload/0").mistakes.empty());
}

TEST_CASE("places that are gone and odd words do no harm") {
  LostAck it;
  const scenarios::JsonNode before = it.draft.tree();
  for (const char* gone : {"/faults/1/id", "/faults/7", "/faults/-", "/faults/x/id", "", "faults", "/seed/deep/er",
                           "/~2", "/producers/9"}) {
    INFO(gone);
    CHECK_FALSE(it.draft.set(gone, "x"));
    CHECK_FALSE(it.draft.set(gone, ""));
    CHECK_FALSE(it.draft.remove(gone));
    CHECK_FALSE(it.draft.append(gone, scenarios::JsonNode::object()));
  }
  CHECK(it.draft.tree() == before);
  const std::string client = "/producers/0/config/client.id";
  for (const std::string& odd :
       {std::string(200'000, 'x'), std::string("a\0b", 3), std::string("订单"), std::string("\xff\xfe"),
        std::string("{\"a\": ["), std::string("[[[[[[1]]]]]]"), std::string("null"), std::string("\""),
        std::string(5000, '['), std::string("1e999"), std::string("  ")}) {
    INFO(odd.substr(0, 20));
    CHECK(it.draft.set(client, odd));
    for (const FormRow& row : all_rows(it.draft)) {
      if (row.pointer == client) CHECK(row.written());
    }
    CHECK(it.draft.plan().has_value() == it.draft.mistakes().empty());
  }
  CHECK(it.draft.set(client, "订单"));
  REQUIRE(it.draft.plan());
  CHECK(it.draft.plan()->producers[0].config.at("client.id") == "订单");
  CHECK(it.draft.signs() == "订单");
  CHECK(it.draft.set(client, ""));
  CHECK_FALSE(it.draft.touched());
}

TEST_CASE("whole values in the place of others leave forms that can be drawn") {
  LostAck it;
  for (const char* pointer :
       {"/cluster", "/network", "/producers", "/producers/0", "/producers/0/config", "/producers/0/workload",
        "/producers/0/workload/0", "/producers/0/workload/0/send", "/faults", "/faults/0", "/faults/0/on", "/ties"}) {
    for (const char* words : {"7", "[]", "{}", "null", "[[]]", "[{}]", "x"}) {
      ScenarioDraft draft(0, plan_of(it.branches.session()));
      INFO(pointer << " " << words);
      CHECK(draft.set(pointer, words));
      for (const FormSection& section : sections_of(draft)) {
        const auto rows = rows_of(section, draft, {"/faults/0", "/producers/0/workload/0"});
        lay_out_form(rows, "", 700, Language::en);
        mistakes_without_row(section, draft, rows);
        for (const FormRow& row : rows) {
          if (row.kind == FormRow::Kind::add) new_element(draft, row.pointer, row.choices.front());
        }
      }
    }
  }
}

TEST_CASE("a draft follows the branch that is shown until it is touched, and then says whose it is") {
  LostAck it;
  State state;
  ScenarioPage& page = scenario_page_of(state, it.branches);
  scenarios::Scenario other = plan_of(it.branches.session());
  other.seed = 99;
  REQUIRE(it.branches.add(other, {Str::scenario_change_value, {"seed", "99"}}, {}).empty());
  CHECK(scenario_page_of(state, it.branches).draft().branch() == 1);
  page.set(row_at(page.rows(), linger_ms), "20");
  it.branches.show(0);
  CHECK(scenario_page_of(state, it.branches).draft().branch() == 1);
  CHECK(state_of(page, it.branches, Language::en) == "Plan of branch-1, changed; shown is main");
  CHECK_FALSE(page.can_save(it.branches));
  // What is run hangs under the branch whose plan it was.
  std::vector<Request> requests;
  page.run(it.branches, requests);
  for (Request& request : requests) REQUIRE(carry_out(request, it.branches, state));
  CHECK(it.branches[2].parent == 1);
  CHECK(plan_of(it.branches.session()).seed == 99);
  CHECK(scenario_page_of(state, it.branches).draft().branch() == 2);
}

TEST_CASE("a change is named by its one setting, or counted") {
  LostAck it;
  REQUIRE(it.draft.set(acks, "1"));
  REQUIRE(it.draft.set("/producers/0/config/enable.idempotence", ""));
  CHECK(it.draft.change().say(Language::en) == "2 changes");
  REQUIRE(it.draft.set(acks, ""));
  CHECK(it.draft.change().say(Language::en) == "enable.idempotence as by default");
  REQUIRE(it.draft.set("/producers/0/config/enable.idempotence", "true"));
  REQUIRE(it.draft.remove("/faults/0"));
  CHECK(it.draft.change().say(Language::en) == "faults: 0 instead of 1");
}

TEST_CASE("nothing of a form overlaps or is cut off, at any width, in both languages") {
  const auto session = session_of("zombie-leader-one-way-cut.json");
  const ScenarioDraft draft(0, plan_of(*session));
  const std::set<std::string> open = all_open(draft);
  for (const double width : {440.0, 740.0, 1072.0, 1700.0}) {
    for (const Language language : {Language::en, Language::zh}) {
      for (const FormSection& section : sections_of(draft)) {
        const auto rows = rows_of(section, draft, open);
        double below = 0;
        for (const FormPlace& place : lay_out_form(rows, "", width, language).places) {
          INFO(width << " " << rows[place.row].pointer);
          CHECK(place.box.y >= below);
          below = place.box.y + place.box.height;
          std::vector<Box> boxes;
          const auto take = [&](const Box& box) {
            if (box.width > 0) boxes.push_back(box);
          };
          take(place.label);
          take(place.editor);
          take(place.fallback);
          take(place.remove);
          for (const FormButton& one : place.buttons) take(one.box);
          for (const PictureText& text : place.texts) take(text.box());
          for (std::size_t i = 0; i < boxes.size(); ++i) {
            CHECK(boxes[i].x + boxes[i].width <= width);
            CHECK(boxes[i].y >= place.box.y);
            CHECK(boxes[i].y + boxes[i].height <= below);
            for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(boxes[i].overlaps(boxes[j]));
          }
          if (place.fallback.width > 0) CHECK(place.fallback.width > 40);
        }
      }
    }
  }
}

TEST_CASE("the filter finds settings by a part of their name, under the group they stand in") {
  const LostAck it;
  const auto rows = rows_of({SectionKind::settings, 0}, it.draft, {});
  std::vector<std::string> found;
  for (const FormPlace& place : lay_out_form(rows, "LINGER", 900, Language::en).places)
    found.push_back(rows[place.row].pointer);
  CHECK(found == std::vector<std::string>{"/producers/0/config", linger_ms});
  CHECK(lay_out_form(rows, "no such thing", 900, Language::en).places.empty());
}
