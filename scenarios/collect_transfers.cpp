#include "scenarios/collect_transfers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "broker_model/group_log.h"
#include "protocol/record_batch.h"

namespace linger::scenarios {

namespace {

struct Transferring {
  std::uint32_t producer = 0;
  std::uint32_t step = 0;
  const TransferStep* what = nullptr;
};

std::vector<Transferring> transfers_of(const Scenario& plan) {
  std::vector<Transferring> all;
  for (std::uint32_t p = 0; p < plan.producers.size(); ++p) {
    for (const ApplicationThread& thread : plan.producers[p].threads) {
      for (std::uint32_t s = 0; s < thread.steps.size(); ++s) {
        if (const auto* transfer = std::get_if<TransferStep>(&thread.steps[s].what)) all.push_back({p, s, transfer});
      }
    }
  }
  return all;
}

/// Whether two steps read some partition for the same group.
bool same_work(const Scenario& plan, const TransferStep& a, const TransferStep& b) {
  if (a.from != b.from || a.group != b.group) return false;
  const std::vector<std::int32_t> of_b = partitions_of(plan, b);
  const std::vector<std::int32_t> of_a = partitions_of(plan, a);
  return std::any_of(of_a.begin(), of_a.end(),
                     [&](std::int32_t p) { return std::find(of_b.begin(), of_b.end(), p) != of_b.end(); });
}

/// Whether a step of the plan moves the group's offsets by itself.
bool moved_by_others(const Scenario& plan, const TransferStep& transfer) {
  const auto moves = [&](const WorkloadStep& step) {
    const auto* offsets = std::get_if<SendOffsetsStep>(&step.what);
    return offsets != nullptr && offsets->group == transfer.group && offsets->topic == transfer.from;
  };
  return std::any_of(plan.producers.begin(), plan.producers.end(), [&](const ProducerSpec& producer) {
    return std::any_of(producer.threads.begin(), producer.threads.end(), [&](const ApplicationThread& thread) {
      return std::any_of(thread.steps.begin(), thread.steps.end(), moves);
    });
  });
}

/// The offsets that a group has committed for a topic, read from the coordinator's log by what counts for a reader:
/// what stands in no transaction or in a committed one, and the latest of it. False when that log cannot be read.
bool read_group_offsets(const World& world, const broker::MetadataImage& image, const TransferStep& transfer,
                        std::map<std::int32_t, std::int64_t>& offsets) {
  const broker::TopicImage* topic = image.topic(std::string{broker::offsets_topic});
  if (topic == nullptr) return true;  // nobody has ever asked for a group's coordinator
  for (std::size_t number = 0; number < topic->partitions.size(); ++number) {
    const std::int32_t leader = topic->partitions[number].leader;
    if (leader < 1) return false;
    const broker::Partition* partition =
        world.brokers()[static_cast<std::size_t>(leader - 1)].partition({topic->id, static_cast<std::int32_t>(number)});
    if (partition == nullptr || !partition->is_leader()) return false;
    std::vector<LogRecord> records;
    std::vector<LogMarker> markers;
    std::vector<broker::OffsetCommitRecord> says;  // beside `records`
    std::vector<std::byte> bytes;
    linger::Bytes scratch;
    for (const broker::LogEntry& entry : partition->log.entries()) {
      if (entry.last >= partition->log.high_watermark()) break;
      bytes.clear();
      entry.append_to(bytes);
      const std::size_t before = records.size();
      read_log_records(bytes, 0, records, &markers);
      if (records.size() == before) continue;
      BatchCursor cursor{bytes};
      const auto batch = cursor.next();
      RecordCursor inside{*batch, scratch};
      RecordView record;
      while (inside.next(record))
        says.push_back(broker::read_offset_commit(record.key, record.value).value_or(broker::OffsetCommitRecord{}));
    }
    decide(records, markers);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const broker::OffsetCommitRecord& said = says[i];
      if (!records[i].visible() || said.key.group != transfer.group || said.key.topic != transfer.from) continue;
      offsets[said.key.partition] = said.value ? said.value->offset : -1;
    }
  }
  return true;
}

}  // namespace

std::vector<TransferEvidence> collect_transfers(const World& world, const broker::MetadataImage& image) {
  const Scenario& plan = world.setup().scenario;
  const std::vector<Transferring> all = transfers_of(plan);
  std::vector<TransferEvidence> found;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const TransferStep& step = *all[i].what;
    // Several processes that do the same work are judged together, as one.
    const bool told =
        std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), [&](const Transferring& earlier) {
          return same_work(plan, *earlier.what, step) && earlier.what->to == step.to;
        });
    if (told) continue;
    const std::string& id = world.setup().producers[all[i].producer].config.transactional_id;
    TransferEvidence evidence;
    evidence.producer = all[i].producer;
    evidence.from = world.topics().by_name(step.from);
    evidence.to = world.topics().by_name(step.to);
    evidence.from_name = step.from;
    evidence.to_name = step.to;
    evidence.group = step.group;
    // A producer's epoch fences only those with its own transactional.id, and without members a group has no generation
    // that could fence the others.
    evidence.exactly_once = !id.empty() && !world.producer_state_expired() && !world.coordinator_state_lost() &&
                            !moved_by_others(plan, step);
    for (const Transferring& other : all) {
      if (!same_work(plan, *other.what, step)) continue;
      if (world.setup().producers[other.producer].config.transactional_id != id || other.what->to != step.to)
        evidence.exactly_once = false;
      evidence.producers.push_back(other.producer);
      for (const std::int32_t partition : partitions_of(plan, *other.what)) evidence.partitions.push_back(partition);
      for (const LedgerTransferEnd& end : world.ledger().transfer_ends) {
        if (end.producer != other.producer || end.step != other.step) continue;
        evidence.completed = true;
        for (const auto& [partition, position] : end.read_to)
          evidence.read_to[partition] = std::max(evidence.read_to[partition], position);
      }
    }
    std::sort(evidence.partitions.begin(), evidence.partitions.end());
    evidence.partitions.erase(std::unique(evidence.partitions.begin(), evidence.partitions.end()),
                              evidence.partitions.end());
    evidence.offsets_known = read_group_offsets(world, image, step, evidence.committed);
    found.push_back(std::move(evidence));
  }
  return found;
}

}  // namespace linger::scenarios
