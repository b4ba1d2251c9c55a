#include "scenarios/transfer_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace linger::scenarios {

namespace {

using Place = std::pair<std::int32_t, std::int64_t>;  // partition and offset

class TransferJudge {
 public:
  TransferJudge(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence,
                const TransferEvidence& transfer)
      : ledger_(ledger), ghost_(ghost), evidence_(evidence), transfer_(transfer) {}

  void run(TransferJudgement& out) {
    collect();
    result_.producer = evidence_.producers[transfer_.producer].name;
    result_.from = transfer_.from_name;
    result_.to = transfer_.to_name;
    result_.group = transfer_.group;
    result_.exactly_once = transfer_.exactly_once;
    for (const std::int32_t partition : transfer_.partitions) judge_partition(partition);
    check_order();
    out.results.push_back(std::move(result_));
    for (Violation& violation : violations_) out.violations.push_back(std::move(violation));
  }

 private:
  /// What the ledger says of one input: which record it was, and what was sent for it, whoever sent it.
  struct Sent {
    std::uint64_t input = 0;
    std::vector<RecordIndex> outputs;
  };

  const PartitionEvidence* partition(std::int32_t topic, std::int32_t number) const {
    for (const PartitionEvidence& p : evidence_.partitions) {
      if (p.topic == topic && p.number == number) return &p;
    }
    return nullptr;
  }

  void collect() {
    for (const LedgerTransfer& one : ledger_.transfers) {
      const LedgerRecord& output = ledger_.records[one.record];
      if (static_cast<std::int32_t>(one.topic) != transfer_.from ||
          static_cast<std::int32_t>(output.topic) != transfer_.to)
        continue;
      if (std::find(transfer_.producers.begin(), transfer_.producers.end(), output.producer) ==
          transfer_.producers.end())
        continue;
      Sent& sent = sent_[{one.partition, one.offset}];
      if (!sent.outputs.empty() && sent.input != one.identity) changed_.insert(one.partition);
      sent.input = one.identity;
      sent.outputs.push_back(one.record);
      source_of_[output.identity] = {one.partition, one.offset};
    }
    for (const PartitionEvidence& p : evidence_.partitions) {
      if (p.topic != transfer_.to) continue;
      whole_ = whole_ && !p.deleted && p.leader >= 0 && p.log_start == 0;
      for (const LogRecord& record : p.committed) {
        if (record.visible()) copies_[record.identity].push_back({p.number, record.offset});
      }
    }
  }

  /// Whether the destruction of a log explains that an output is gone.
  bool explained(const Sent& sent) const {
    if (!whole_) return true;
    return std::any_of(sent.outputs.begin(), sent.outputs.end(), [&](RecordIndex r) {
      const LedgerRecord& output = ledger_.records[r];
      return output.told == Told::acked &&
             ghost_.excused(transfer_.to, output.partition, output.offset, output.holders, output.sent_at);
    });
  }

  void judge_partition(std::int32_t number) {
    const PartitionEvidence* input = partition(transfer_.from, number);
    if (input == nullptr || input->deleted || input->leader < 0) return;
    if (!still_there(*input)) changed_.insert(number);
    // Who read what is not there any more has no duty for what came in its place.
    const bool promised = transfer_.exactly_once && evidence_.healed && !changed_.contains(number);
    const auto committed = transfer_.committed.find(number);
    const std::int64_t group_offset = committed == transfer_.committed.end() ? -1 : committed->second;
    const auto end = transfer_.read_to.find(number);
    const std::int64_t read_to = end == transfer_.read_to.end() ? -1 : end->second;
    for (const LogRecord& record : input->committed) {
      if (!record.visible()) continue;
      ++result_.input;
      const auto known = sent_.find({number, record.offset});
      const Sent* sent = known == sent_.end() ? nullptr : &known->second;
      const std::size_t copies = count(sent);
      if (copies == 1) ++result_.once;
      if (copies == 0) ++result_.missing;
      if (copies > 1) ++result_.twice;
      if (!promised) continue;
      const std::string name = input->name + " offset " + std::to_string(record.offset);
      const RecordIndex about = sent == nullptr ? no_record : sent->outputs.back();
      if (copies > 1) {
        violation("transferred-twice", about,
                  name + " was transferred to " + transfer_.to_name + " " + std::to_string(copies) + " times");
      }
      if (copies == 0 && !(sent != nullptr ? explained(*sent) : !whole_)) {
        if (transfer_.offsets_known && record.offset < group_offset) {
          violation("not-transferred", about,
                    transfer_.group + " has committed offset " + std::to_string(group_offset) + " of " + input->name +
                        ", but " + name + " has no output");
        } else if (record.offset < read_to) {
          violation("not-transferred", about,
                    name + " has no output, although the application has found nothing more to transfer");
        }
      }
      if (copies > 0 && transfer_.offsets_known && record.offset >= group_offset) {
        violation("offset-behind", about,
                  name + " is transferred, but " + transfer_.group + " would read on at " +
                      std::to_string(std::max<std::int64_t>(group_offset, 0)));
      }
    }
  }

  std::size_t count(const Sent* sent) const {
    if (sent == nullptr) return 0;
    // Each attempt has the same bytes, because all of them name the same input.
    std::set<std::uint64_t> identities;
    for (const RecordIndex output : sent->outputs) identities.insert(ledger_.records[output].identity);
    std::size_t found = 0;
    for (const std::uint64_t identity : identities) {
      const auto copies = copies_.find(identity);
      if (copies != copies_.end()) found += copies->second.size();
    }
    return found;
  }

  /// Whether all that was sent on from this partition still stands where it was read.
  bool still_there(const PartitionEvidence& input) const {
    // Records that stood there before the run are not among the evidence.
    const std::int64_t first = input.committed.empty() ? input.high_watermark : input.committed.front().offset;
    for (auto it = sent_.lower_bound({input.number, first}); it != sent_.end() && it->first.first == input.number;
         ++it) {
      const auto at =
          std::lower_bound(input.committed.begin(), input.committed.end(), it->first.second,
                           [](const LogRecord& record, std::int64_t offset) { return record.offset < offset; });
      if (at == input.committed.end() || at->offset != it->first.second || at->identity != it->second.input)
        return false;
    }
    return true;
  }

  /// First copies, in the order of each output partition.
  void check_order() {
    if (!transfer_.exactly_once) return;
    std::map<std::pair<std::int32_t, std::int32_t>, std::vector<std::pair<std::int64_t, std::int64_t>>>
        pairs;  // (input, output) partition -> offsets
    for (const auto& [identity, source] : source_of_) {
      const auto copies = copies_.find(identity);
      if (copies == copies_.end() || changed_.contains(source.first)) continue;
      pairs[{source.first, copies->second.front().first}].push_back({copies->second.front().second, source.second});
    }
    for (auto& [partitions, offsets] : pairs) {
      std::sort(offsets.begin(), offsets.end());
      for (std::size_t i = 1; i < offsets.size(); ++i) {
        if (offsets[i].second > offsets[i - 1].second) continue;
        violation("transfer-reordered", no_record,
                  transfer_.from_name + "-" + std::to_string(partitions.first) + " offset " +
                      std::to_string(offsets[i].second) + " stands behind offset " +
                      std::to_string(offsets[i - 1].second) + " in " + transfer_.to_name + "-" +
                      std::to_string(partitions.second));
      }
    }
  }

  void violation(std::string name, RecordIndex record, std::string detail) {
    constexpr std::size_t listed_per_kind = 20;
    const std::string oracle = name == "transfer-reordered" ? "O3" : "O7";
    if (++listed_[name] <= listed_per_kind) violations_.push_back({std::move(name), oracle, record, std::move(detail)});
  }

  const Ledger& ledger_;
  const GhostState& ghost_;
  const Evidence& evidence_;
  const TransferEvidence& transfer_;
  TransferResult result_;
  std::vector<Violation> violations_;
  std::map<std::string, std::size_t> listed_;
  std::map<Place, Sent> sent_;
  std::map<std::uint64_t, Place> source_of_;            ///< identity of an output -> its input
  std::map<std::uint64_t, std::vector<Place>> copies_;  ///< identity -> where it stands visibly in the output topic
  std::set<std::int32_t> changed_;                      ///< input partitions that hold something else than was read
  bool whole_ = true;                                   ///< every output partition can be read from its beginning
};

}  // namespace

TransferJudgement judge_transfers(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence) {
  TransferJudgement out;
  for (const TransferEvidence& transfer : evidence.transfers) TransferJudge{ledger, ghost, evidence, transfer}.run(out);
  return out;
}

}  // namespace linger::scenarios
