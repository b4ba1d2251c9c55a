#pragma once

#include <optional>
#include <vector>

#include "ui/gui/model/cluster_facts.h"
#include "ui/gui/model/picture.h"
#include "ui/gui/model/producer_facts.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// What of a producer the partition's panel needs: whom the leader is to remember, and what of its is on the way again.
struct WriterFacts {
  std::int64_t producer_id = -1;
  bool idempotent = true;
  std::optional<std::int32_t> retried_seq;  ///< first sequence of a batch for this partition that is sent once more
};
WriterFacts writer_facts(const ProducerFacts& producer, const std::string& partition);

/// A partition in a column of this width: who leads and who is in sync, every replica's log as a strip of offsets, what
/// the leader remembers of the producer.
PanelPicture partition_panel(const PartitionFacts& facts, const WriterFacts& writer, Language language, double width);

/// All partitions, and the network with its links, cuts and islands, in a page of this width.
PanelPicture cluster_page(const std::vector<PartitionFacts>& partitions, const ProducerFacts* producer,
                          const NetworkFacts& network, Language language, double width);

/// Hosts in a circle with their links.
PanelPicture network_map(const NetworkFacts& network, Language language, double width);

}  // namespace linger::gui
