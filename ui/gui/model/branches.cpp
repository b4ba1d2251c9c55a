#include "ui/gui/model/branches.h"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <utility>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "ui/report/output_file.h"

namespace linger::gui {

Branches::Branches(std::unique_ptr<Session> first) {
  assert(first != nullptr);
  Branch branch;
  branch.name = "main";
  branch.saved_as = first->file();
  branch.session = std::move(first);
  branches_.push_back(std::move(branch));
}

void Branches::show(std::size_t index) {
  assert(index < branches_.size());
  shown_ = index;
}

std::string Branches::add(scenarios::Scenario plan, Change change, sim::SimTime from) {
  plan.expect = {};
  if (const auto mistakes = scenarios::check_scenario(plan); !mistakes.empty())
    return scenarios::describe_mistakes(change.say(Language::en), mistakes);
  // A plan says more than its file where the command line has changed it; what is run is what a saved file gives.
  scenarios::ReadResult read = scenarios::read_scenario(scenarios::write_scenario(plan));
  if (!read.ok()) return scenarios::describe_mistakes(change.say(Language::en), read.mistakes);
  Branch branch;
  const auto taken = [&](const std::string& name) {
    return std::any_of(branches_.begin(), branches_.end(), [&](const Branch& other) { return other.name == name; });
  };
  std::size_t number = branches_.size();
  // Longer than "b1", which is a broker.
  do {
    branch.name = "branch-" + std::to_string(number++);
  } while (taken(branch.name));
  branch.parent = shown_;
  branch.change = std::move(change);
  branch.from = from;
  branch.session = std::make_unique<Session>(std::move(*read.scenario), std::string());
  branches_.push_back(std::move(branch));
  shown_ = branches_.size() - 1;
  return {};
}

bool Branches::rename(std::size_t index, const std::string& name) {
  if (name.empty()) return false;
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    if (i != index && branches_[i].name == name) return false;
  }
  branches_.at(index).name = name;
  return true;
}

std::string Branches::file_name(std::size_t index) const {
  const std::filesystem::path opened =
      branches_.front().saved_as.empty() ? "lost-ack.json" : branches_.front().saved_as;
  std::string name;
  for (const char c : branches_.at(index).name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += plain ? c : '-';
  }
  return opened.stem().string() + "-" + name + ".json";
}

std::string Branches::save(std::size_t index, const std::string& file) {
  Branch& branch = branches_.at(index);
  std::error_code ignored;
  if (file.empty()) return "a file needs a name";
  const bool own = branch.ours && file == branch.saved_as;
  if (!own && std::filesystem::exists(file, ignored)) return file + " is there already; choose another name";
  if (auto sentence = report::write_file(file, scenarios::write_scenario(branch.session->run().setup->scenario)))
    return *sentence;
  branch.saved_as = file;
  branch.ours = true;
  return {};
}

void Branches::add_rows(std::size_t parent, std::size_t depth, std::vector<Row>& rows) const {
  rows.push_back({parent, depth});
  for (std::size_t i = 0; i < branches_.size(); ++i) {
    if (branches_[i].parent == parent) add_rows(i, depth + 1, rows);
  }
}

std::vector<Branches::Row> Branches::rows() const {
  std::vector<Row> rows;
  add_rows(0, 0, rows);
  return rows;
}

}  // namespace linger::gui
