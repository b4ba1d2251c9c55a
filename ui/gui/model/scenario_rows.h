#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/scenario_form.h"

namespace linger::gui {

/// Makes the rows of a form from the lists that the file's reader and writer go by. Only the forms include this.
class RowMaker {
 public:
  RowMaker(const ScenarioDraft& draft, const std::set<std::string>& open) : draft(draft), open(open) {}

  void cluster();
  void network();
  void topics();
  void producers();
  void settings(const std::string& producer);
  void workload(const std::string& list);
  void consumers();
  void faults();
  void rest(std::span<const std::string_view> keys);

  const ScenarioDraft& draft;
  const std::set<std::string>& open;
  std::vector<FormRow> rows;
};

/// How many brokers the draft says, within the limits.
std::int64_t brokers_of(const ScenarioDraft& draft);
/// The replicas of a topic that does not say.
std::int64_t most_replicas(const ScenarioDraft& draft);

/// Rows for the keys of a settings object: every one that the table of its meaning has, and what else is written.
enum class SettingTable : std::uint8_t { producer, broker, topic, cluster_behaviour, producer_behaviour };
std::vector<FormRow> setting_rows(SettingTable table, const std::string& pointer, const ScenarioDraft& draft,
                                  std::size_t depth);

}  // namespace linger::gui
