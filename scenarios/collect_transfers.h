#pragma once

#include <vector>

#include "broker_model/metadata_image.h"
#include "scenarios/evidence.h"
#include "scenarios/world.h"

namespace linger::scenarios {

/// What the plan's transfers promise and how far their groups have come, by the logs of __consumer_offsets.
std::vector<TransferEvidence> collect_transfers(const World& world, const broker::MetadataImage& image);

}  // namespace linger::scenarios
