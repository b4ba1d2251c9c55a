#include "broker_model/partition_change.h"

#include <algorithm>

namespace linger::broker {
namespace {

Replicas sorted_union(const Replicas& a, const Replicas& b) {
  Replicas all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Replicas without(const Replicas& from, const Replicas& these) {
  Replicas rest;
  for (const std::int32_t node : from) {
    if (!contains(these, node)) rest.push_back(node);
  }
  return rest;
}

struct ElectionResult {
  std::int32_t node = no_leader;
  bool unclean = false;
};

class Builder {
 public:
  Builder(const PartitionRegistration& partition, const TopicIdPartition& id, const PartitionTarget& target,
          const PartitionRules& rules)
      : partition_(partition),
        rules_(rules),
        unclean_shutdown_(target.unclean_shutdown),
        election_(target.election),
        isr_(target.isr.value_or(partition.isr)),
        replicas_(target.replicas.value_or(partition.replicas)),
        removing_(target.removing.value_or(partition.removing)),
        adding_(target.adding.value_or(partition.adding)),
        elr_(partition.elr),
        recovering_(target.recovering.value_or(partition.recovering)) {
    record_.topic_id = id.topic;
    record_.partition_id = id.partition;
  }

  std::optional<PartitionChangeRecord> build() {
    complete_reassignment_if_needed();
    populate_elr();
    try_election();
    // A replica that is dropped must not go on as a follower of the old epoch.
    if (record_.leader == no_leader_change && !without(partition_.replicas, replicas_).empty())
      record_.leader = partition_.leader;
    update_elr();
    if (!record_.isr && (!isr_.empty() || rules_.elr_enabled) && isr_ != partition_.isr) record_.isr = isr_;
    update_last_known_leader();
    if (!replicas_.empty() && replicas_ != partition_.replicas) record_.replicas = replicas_;
    if (removing_ != partition_.removing) record_.removing_replicas = removing_;
    if (adding_ != partition_.adding) record_.adding_replicas = adding_;
    if (recovering_ != partition_.recovering) record_.leader_recovery_state = recovering_ ? 1 : 0;
    if (nothing_changed()) return std::nullopt;
    return record_;
  }

 private:
  bool acceptable(std::int32_t node) const { return (rules_.acceptable_leaders & mask_of(NodeId{node})) != 0; }
  bool valid_new_leader(std::int32_t node) const {
    return (contains(isr_, node) || (isr_.empty() && contains(elr_, node))) && acceptable(node);
  }
  bool can_elect_last_known_leader() const {
    return rules_.elr_enabled && elr_.empty() && isr_.empty() && partition_.last_known_elr.size() == 1 &&
           acceptable(partition_.last_known_elr[0]);
  }

  // All replicas that are being added are in sync and something would be left: the old ones go. Where the set shrinks,
  // those that stay must all be in sync: otherwise the ISR would shrink for nothing.
  void complete_reassignment_if_needed() {
    if (removing_.empty() && adding_.empty()) return;
    const Replicas new_isr = without(isr_, removing_);
    const Replicas new_replicas = without(replicas_, removing_);
    if (new_isr.empty() || new_replicas.empty() || !without(adding_, new_isr).empty()) return;
    if (adding_.size() < removing_.size() && !without(new_replicas, new_isr).empty()) return;
    isr_ = new_isr;
    replicas_ = new_replicas;
    removing_.clear();
    adding_.clear();
  }

  void populate_elr() {
    if (!rules_.elr_enabled) return;
    if (isr_.size() >= rules_.min_isr) {
      elr_.clear();
      return;
    }
    elr_ = without(without(sorted_union(partition_.elr, partition_.isr), isr_), unclean_shutdown_);
  }

  ElectionResult elect() const {
    if (election_ == Election::preferred && valid_new_leader(replicas_[0])) return {replicas_[0], false};
    if (valid_new_leader(partition_.leader)) return {partition_.leader, false};
    for (const std::int32_t node : replicas_) {
      if (valid_new_leader(node)) return {node, false};
    }
    if (can_elect_last_known_leader()) return {partition_.last_known_elr[0], true};
    if (election_ == Election::unclean) {
      for (const std::int32_t node : replicas_) {
        if (acceptable(node)) return {node, true};
      }
    }
    return {};
  }

  void try_election() {
    const ElectionResult elected = elect();
    if (elected.node == partition_.leader) return;
    if (contains(elr_, elected.node)) {
      isr_ = {elected.node};
      elr_ = without(elr_, {elected.node});
    }
    record_.leader = elected.node;
    if (!elected.unclean) return;
    record_.isr = Replicas{elected.node};
    if (!partition_.recovering) record_.leader_recovery_state = 1;
  }

  void update_elr() {
    const bool clean = !record_.isr.has_value();
    if (!clean || !rules_.elr_enabled) elr_.clear();
    if (elr_ != partition_.elr) record_.eligible_leader_replicas = elr_;
  }

  void update_last_known_leader() {
    if (!rules_.elr_enabled) return;
    if (record_.leader == no_leader && partition_.last_known_elr.empty()) {
      record_.last_known_elr = Replicas{partition_.leader};
    } else if (record_.leader >= 0 && !partition_.last_known_elr.empty()) {
      record_.last_known_elr = Replicas{};
    }
  }

  bool nothing_changed() const {
    return !record_.isr && !record_.eligible_leader_replicas && !record_.last_known_elr &&
           record_.leader == no_leader_change && !record_.replicas && !record_.removing_replicas &&
           !record_.adding_replicas && record_.leader_recovery_state < 0;
  }

  const PartitionRegistration& partition_;
  const PartitionRules& rules_;
  const Replicas& unclean_shutdown_;
  Election election_;
  Replicas isr_;
  Replicas replicas_;
  Replicas removing_;
  Replicas adding_;
  Replicas elr_;
  bool recovering_;
  PartitionChangeRecord record_;
};

}  // namespace

std::optional<PartitionChangeRecord> build_partition_change(const PartitionRegistration& partition,
                                                            const TopicIdPartition& id, const PartitionTarget& target,
                                                            const PartitionRules& rules) {
  return Builder{partition, id, target, rules}.build();
}

}  // namespace linger::broker
