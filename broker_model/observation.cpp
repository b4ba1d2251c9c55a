#include "broker_model/observation.h"

#include <array>

namespace linger::broker {
namespace {

constexpr std::array names{"appended",
                           "duplicate",
                           "refused",
                           "truncated",
                           "high_watermark",
                           "became_leader",
                           "became_follower",
                           "isr_proposed",
                           "isr_applied",
                           "isr_rejected",
                           "flushed",
                           "lost_unflushed",
                           "purgatory_enter",
                           "purgatory_complete",
                           "purgatory_expired",
                           "log_start_moved",
                           "snapshot_loaded",
                           "producers_expired",
                           "registered",
                           "fenced",
                           "unfenced",
                           "crashed",
                           "restarted",
                           "controlled_shutdown",
                           "stopped",
                           "leader_elected",
                           "unclean_election",
                           "partition_offline",
                           "isr_committed",
                           "topic_created",
                           "topic_deleted",
                           "controller_elected",
                           "controller_resigned",
                           "metadata_applied",
                           "malformed",
                           "disk_error",
                           "marker_written",
                           "last_stable_offset",
                           "transaction_state",
                           "producer_fenced"};
static_assert(names.size() == static_cast<std::size_t>(Observation::Kind::producer_fenced) + 1);

std::string nodes_text(NodeMask mask) {
  std::string text = "[";
  for (int node = 0; node < 64; ++node) {
    if ((mask >> node & 1U) == 0) continue;
    if (text.size() > 1) text += ',';
    text += std::to_string(node);
  }
  return text + "]";
}

}  // namespace

const char* kind_name(Observation::Kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::string describe(const Observation& o) {
  std::string text = "n" + std::to_string(o.node.value()) + " " + kind_name(o.kind);
  const auto add = [&](const char* name, std::int64_t value, std::int64_t absent) {
    if (value != absent) text += std::string{" "} + name + "=" + std::to_string(value);
  };
  add("partition", o.partition, -1);
  add("other", o.other.value(), -1);
  add("from", o.from, -1);
  add("to", o.to, -1);
  add("pid", o.producer.value(), -1);
  add("pepoch", o.producer_epoch.value(), -1);
  add("first_seq", o.first_seq, -1);
  add("last_seq", o.last_seq, -1);
  add("expected_seq", o.expected_seq, -1);
  add("leader_epoch", o.leader_epoch, -1);
  add("partition_epoch", o.partition_epoch, -1);
  add("coordinator_epoch", o.coordinator_epoch, -1);
  add("bytes", o.bytes, 0);
  add("error", static_cast<std::int64_t>(o.error), 0);
  if (o.nodes != 0) text += " isr=" + nodes_text(o.nodes);
  if (o.elr != 0) text += " elr=" + nodes_text(o.elr);
  return text;
}

}  // namespace linger::broker
