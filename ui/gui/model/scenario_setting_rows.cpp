#include <algorithm>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/config_def.h"
#include "producer/producer_behaviour.h"
#include "scenarios/application_behaviour.h"
#include "ui/gui/model/scenario_rows.h"

namespace linger::gui {
namespace {

using Kind = FormRow::Kind;

std::vector<std::string> split(std::string_view words, std::string_view between) {
  std::vector<std::string> out;
  while (!words.empty()) {
    const std::size_t end = words.find(between);
    out.emplace_back(words.substr(0, end));
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + between.size());
  }
  return out;
}

FormRow named(std::string_view name, std::string_view fallback, std::string_view help) {
  FormRow row;
  row.label = name;
  row.fallback = fallback;
  row.help = help;
  return row;
}

FormRow choice(std::string_view name, std::string_view fallback, std::string_view help,
               std::vector<std::string> choices) {
  FormRow row = named(name, fallback, help);
  row.kind = Kind::choice;
  row.choices = std::move(choices);
  return row;
}

FormRow producer_row(const ConfigKey& key) {
  FormRow row = named(key.name, key.default_text == nullptr ? "" : key.default_text, key.meaning);
  row.no_effect = key.use == ConfigUse::no_effect;
  row.valid = describe(key.rule, key.type);
  if (key.type == ConfigType::boolean) {
    row.kind = Kind::flag;
  } else if (key.rule.kind == ConfigRule::Kind::one_of || key.rule.kind == ConfigRule::Kind::one_of_any_case) {
    row.kind = Kind::choice;
    row.choices = split(key.rule.words, ", ");
  } else if (key.type == ConfigType::int16 || key.type == ConfigType::int32 || key.type == ConfigType::int64 ||
             key.type == ConfigType::float64) {
    row.kind = Kind::number;
  }
  return row;
}

FormRow broker_row(const broker::ConfigKey& key) {
  FormRow row = named(key.key, key.default_text, key.about);
  if (key.type == broker::ConfigKey::Type::boolean) row.kind = Kind::flag;
  if (key.type == broker::ConfigKey::Type::number) {
    row.kind = Kind::number;
    row.valid = "[" + std::to_string(key.min) + ",...," + std::to_string(key.max) + "]";
  }
  return row;
}

std::vector<FormRow> rows_in(SettingTable table) {
  std::vector<FormRow> rows;
  switch (table) {
    case SettingTable::producer:
      // What changes nothing here stands behind what does.
      for (const ConfigUse use : {ConfigUse::used, ConfigUse::no_effect}) {
        for (const ConfigKey& key : producer_config_keys()) {
          if (key.use == use) rows.push_back(producer_row(key));
        }
      }
      break;
    case SettingTable::broker:
      for (const broker::ConfigKey& key : broker::broker_config_keys()) rows.push_back(broker_row(key));
      break;
    case SettingTable::topic:
      for (const broker::ConfigKey& key : broker::topic_config_keys()) rows.push_back(broker_row(key));
      break;
    case SettingTable::cluster_behaviour:
      for (const broker::BehaviourField& field : broker::behaviour_fields())
        rows.push_back(choice(field.name, field.in_4_3_1, field.about, split(field.values, "|")));
      break;
    case SettingTable::producer_behaviour:
      for (const ProducerBehaviourField& field : producer_behaviours()) {
        rows.push_back(choice(field.name, field.in_4_3_1 ? field.corrected : field.historical, field.issue,
                              {std::string(field.historical), std::string(field.corrected)}));
      }
      for (const scenarios::ApplicationBehaviourField& field : scenarios::application_behaviours()) {
        rows.push_back(
            choice(field.name, field.right, field.about, {std::string(field.wrong), std::string(field.right)}));
      }
      break;
  }
  return rows;
}

}  // namespace

std::vector<FormRow> setting_rows(SettingTable table, const std::string& pointer, const ScenarioDraft& draft,
                                  std::size_t depth) {
  std::vector<FormRow> rows = rows_in(table);
  const scenarios::JsonNode* settings = draft.at(pointer);
  // A key that no table has is a plug-in's, or a mistake; either way it is in the file.
  for (std::size_t i = 0; settings != nullptr && i < settings->members.size(); ++i) {
    const std::string& key = settings->members[i].first;
    const bool known = std::any_of(rows.begin(), rows.end(), [&](const FormRow& row) { return row.label == key; });
    if (!known) rows.push_back(named(key, {}, {}));
  }
  for (FormRow& row : rows) {
    row.pointer = pointer + "/" + scenarios::pointer_token(row.label);
    row.depth = depth;
    const scenarios::JsonNode* value = settings == nullptr ? nullptr : settings->find(row.label);
    if (value != nullptr) row.value = words_of(*value);
  }
  return rows;
}

}  // namespace linger::gui
