// Logs, leaders, replicas in sync, hosts that come and go.
#include <algorithm>

#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

namespace linger::cli {

using broker::NodeMask;
using sim::TraceRecord;
using Kind = broker::Observation::Kind;

void StoryTeller::tell_log(const TraceRecord& record) {
  const std::string who = host(record.host);
  const std::string where = text(record);
  const std::string of_partition = partitions_.size() > 1 ? " of " + where : "";
  const auto kind = static_cast<Kind>(record.kind - sim::broker_trace_first);
  if (kind == Kind::became_leader) partition(where).leaders.insert(record.host.value());
  if (kind == Kind::became_follower) partition(where).leaders.erase(record.host.value());
  if (final_ && kind != Kind::truncated && kind != Kind::unclean_election) return;
  // What coordinators write into logs of their own is told by what it means: transaction_state.
  if (where.starts_with("__") && kind != Kind::transaction_state) return;
  switch (kind) {
    case Kind::transaction_state:
      add(record, who,
          "the transaction of " + producer_in_words(record.args[2]) + " is in " +
              scenarios::transaction_state_name(record.args[1]),
          std::string("was in ") + scenarios::transaction_state_name(record.args[0]), Weight::telling);
      break;
    case Kind::marker_written:
      if (!partition(where).leaders.contains(record.host.value())) break;
      add(record, who,
          std::string("writes the ") + (record.args[4] != 0 ? "COMMIT" : "ABORT") + " of " +
              producer_in_words(record.args[1]) + " at " + std::to_string(record.args[0]) + of_partition,
          {}, Weight::telling);
      break;
    case Kind::appended: {
      Partition& p = partition(where);
      if (!p.leaders.contains(record.host.value())) {
        p.held[record.host.value()] = record.args[1];
        break;
      }
      const std::string in_partition = partitions_.size() > 1 ? " in " + where : "";
      add(record, who, "appends at " + range(record.args[0], record.args[1]) + in_partition,
          record.args[5] > 0 ? "leader epoch " + std::to_string(record.args[5]) : "")
          .batches = 1;
      break;
    }
    case Kind::duplicate:
      add(record, who,
          "knows seq " + range(record.args[4], (record.args[4] + record.args[1] - record.args[0]) & 0x7fffffff) +
              " of pid " + std::to_string(record.args[2]) + of_partition + ": appends nothing",
          "duplicate of offset " + range(record.args[0], record.args[1]), Weight::telling, Tone::duplicate);
      break;
    case Kind::refused: {
      std::string why;
      const auto error = static_cast<ErrorCode>(record.args[0]);
      if (error == ErrorCode::not_leader_or_follower) why = "it does not lead";
      if (error == ErrorCode::not_enough_replicas) why = "fewer replicas in sync than min.insync.replicas";
      if (record.args[4] >= 0)
        why = "seq " + std::to_string(record.args[3]) + ", but it expects " + std::to_string(record.args[4]);
      add(record, who, "refuses the batch" + of_partition + ": " + error_word(record.args[0]), why, Weight::telling,
          Tone::failed);
      break;
    }
    case Kind::high_watermark:
      high_watermark(record);
      break;
    case Kind::truncated:
      if (record.args[0] == record.args[1]) break;
      add(record, who,
          "cuts its log of " + where + " back from " + std::to_string(record.args[0]) + " to " +
              std::to_string(record.args[1]),
          "its new leader has no such records", Weight::telling, Tone::lost);
      break;
    case Kind::lost_unflushed:
      if (record.args[0] == record.args[1]) break;
      add(record, who,
          "has lost " + where + " from offset " + std::to_string(record.args[1]) + " to " +
              std::to_string(record.args[0] - 1),
          "it was in the page cache, not on disk", Weight::telling, Tone::lost);
      break;
    case Kind::log_start_moved:
      add(record, who, "begins its log of " + where + " at " + std::to_string(record.args[1]) + " now", {},
          Weight::telling);
      break;
    case Kind::producers_expired:
      add(record, who, "forgets " + counted(record.args[0], "producer") + " of " + where, {}, Weight::telling);
      break;
    case Kind::purgatory_expired:
      add(record, who, "has waited long enough for the followers of " + where, "request.timeout.ms", Weight::telling,
          Tone::failed)
          .waited_for = who + " waits for followers";
      break;
    case Kind::disk_error:
      add(record, who, "cannot use its disk any more for " + where, {}, Weight::telling, Tone::failed);
      break;
    default:
      tell_cluster(record);
      break;
  }
}

/// What followers hold is told when it changes something: with the high watermark.
void StoryTeller::high_watermark(const TraceRecord& record) {
  const std::string where = text(record);
  Partition& p = partition(where);
  if (!p.leaders.contains(record.host.value())) return;
  std::vector<std::string> holders;
  const std::int64_t last = record.args[1] - 1;
  for (const auto& [follower, held] : p.held) {
    if (held >= last) holders.push_back(setup_.hosts[follower]);
  }
  std::erase_if(p.held, [&](const auto& one) { return one.second <= last; });
  const std::string mark = "the high watermark" + (partitions_.size() > 1 ? " of " + where : std::string()) +
                           " moves to " + std::to_string(record.args[1]);
  if (!holders.empty()) {
    add(record, listed(holders, 6),
        (holders.size() == 1 ? "holds " : "hold ") + range(record.args[0], last) + "; " + mark);
  } else if (p.isr != broker::mask_of(NodeId{static_cast<std::int32_t>(record.host.value()) + 1})) {
    add(record, host(record.host), mark);
  }
}

void StoryTeller::leader_elected(const TraceRecord& record, bool unclean) {
  const std::string where = text(record);
  if (!elected_.insert(where + "/" + std::to_string(record.args[1])).second) return;
  const std::string leader = "b" + std::to_string(record.args[0]);
  const auto isr = static_cast<NodeMask>(record.args[2]);
  partition(where).isr = isr;
  add_merged(record,
             {host(record.host), leader + " is to lead ", unclean ? ", though it may lack records" : "",
              "epoch " + std::to_string(record.args[1]) + ", in sync: " + brokers_of(isr),
              unclean ? Tone::lost : Tone::leadership},
             where);
  lines_.back().waited_for = "the controller waits for heartbeats";
}

void StoryTeller::isr_committed(const TraceRecord& record) {
  const std::string where = text(record);
  const auto isr = static_cast<NodeMask>(record.args[0]);
  Partition& p = partition(where);
  const NodeMask before = std::exchange(p.isr, isr);
  if (before == isr) return;
  const NodeMask gone = before & ~isr;
  const NodeMask back = isr & ~before;
  const std::string why = gone != 0 && back == 0   ? brokers_of(gone) + " fell behind or is gone"
                          : back != 0 && gone == 0 ? brokers_of(back) + " has caught up"
                                                   : "";
  if (isr == 0) {
    add_merged(record, {host(record.host), "nobody is in sync any more for ", "", "", Tone::leadership}, where);
    return;
  }
  add_merged(record, {host(record.host), "in sync are now " + brokers_of(isr) + " for ", "", why, Tone::leadership},
             where);
  lines_.back().waited_for = gone != 0 ? "the leader waits for replica.lag.time.max.ms" : "a replica catches up";
}

void StoryTeller::tell_cluster(const TraceRecord& record) {
  const std::string who = host(record.host);
  const std::string where = text(record);
  switch (static_cast<Kind>(record.kind - sim::broker_trace_first)) {
    case Kind::leader_elected:
      leader_elected(record, false);
      break;
    case Kind::unclean_election:
      leader_elected(record, true);
      break;
    case Kind::isr_committed:
      isr_committed(record);
      break;
    case Kind::partition_offline:
      if (partition(where).offline == record.args[0] + 1) break;
      partition(where).offline = record.args[0] + 1;
      add_merged(
          record,
          {who, "nobody can lead ", "", "in sync: " + brokers_of(static_cast<NodeMask>(record.args[0])), Tone::failed},
          where);
      break;
    case Kind::became_leader:
      add_merged(record, {who, "begins to lead ", "", "epoch " + std::to_string(record.args[0]), Tone::leadership},
                 where);
      break;
    case Kind::isr_rejected:
      add(record, who, "may not change the ISR of " + where + ": " + error_word(record.args[0]), {}, Weight::telling,
          Tone::leadership);
      break;
    case Kind::fenced:
      if (role(record.host).kind != scenarios::HostKind::controller) break;
      add_merged(record, {who, "fences ", "", "no heartbeat for broker.session.timeout.ms", Tone::failed},
                 "b" + std::to_string(record.args[0]));
      lines_.back().waited_for = "the controller waits for heartbeats";
      break;
    case Kind::unfenced:
      if (role(record.host).kind != scenarios::HostKind::controller) break;
      add_merged(record, {who, "takes ", " back into the cluster", "", Tone::leadership},
                 "b" + std::to_string(record.args[0]));
      break;
    case Kind::crashed:
      if (crash_event_ == record.event) break;
      add(record, who, record.args[0] != 0 ? "loses its power" : "crashes", {}, Weight::telling, Tone::lost);
      break;
    case Kind::restarted:
      add(record, who, "starts again", {}, Weight::telling).waited_for = who + " is down";
      break;
    case Kind::controlled_shutdown:
      add(record, who, "asks to leave the cluster", "controlled shutdown", Weight::telling);
      break;
    case Kind::stopped:
      add(record, who, "has left in good order", {}, Weight::telling);
      break;
    case Kind::controller_elected:
      if (record.at == sim::SimTime{}) break;
      add(record, who, "is the active controller now", "controller epoch " + std::to_string(record.args[0]),
          Weight::telling, Tone::leadership);
      break;
    case Kind::controller_resigned:
      add(record, who, "is no longer the active controller", {}, Weight::telling, Tone::leadership);
      break;
    case Kind::topic_created:
      add(record, who, "topic " + where + " exists", {}, Weight::telling);
      break;
    case Kind::topic_deleted:
      add(record, who, "topic " + where + " is gone", {}, Weight::telling);
      break;
    case Kind::malformed:
      add(record, who, "cannot read a frame and closes the connection", {}, Weight::telling, Tone::failed);
      break;
    default:
      break;
  }
}

}  // namespace linger::cli
