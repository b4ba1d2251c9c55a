#include "protocol/api_level.h"

#include <algorithm>

namespace linger {

namespace {

struct Known {
  ApiKey api;
  std::int16_t newest;
};

/// Kafka 2.5.0, clients/src/main/resources/common/message: validVersions of what clients send.
constexpr Known known_to_2_5[] = {
    {ApiKey::produce, 8},
    {ApiKey::fetch, 11},
    {ApiKey::list_offsets, 5},
    {ApiKey::metadata, 9},
    {ApiKey::offset_commit, 8},
    {ApiKey::offset_fetch, 7},
    {ApiKey::find_coordinator, 3},
    {ApiKey::create_topics, 5},
    {ApiKey::delete_topics, 4},
    {ApiKey::delete_records, 1},
    {ApiKey::init_producer_id, 3},
    {ApiKey::offset_for_leader_epoch, 3},
    {ApiKey::add_partitions_to_txn, 1},
    {ApiKey::add_offsets_to_txn, 1},
    {ApiKey::end_txn, 1},
    {ApiKey::write_txn_markers, 0},
    {ApiKey::txn_offset_commit, 3},
    {ApiKey::create_partitions, 2},
};

}  // namespace

std::int16_t newest_version(ApiKey api, ApiLevel level) {
  const ApiInfo& info = api_info(api);
  if (level == ApiLevel::newest) return info.latest_stable;
  const auto* found = std::find_if(std::begin(known_to_2_5), std::end(known_to_2_5),
                                   [api](const Known& one) { return one.api == api; });
  if (found == std::end(known_to_2_5)) return info.latest_stable;
  return std::max(info.versions.min, std::min(found->newest, info.latest_stable));
}

}  // namespace linger
