#pragma once

#include "conformance/producer_sender_bench.h"

namespace linger::test {

/// A batch of two records is refused as too large and sent in two. Requires: a producer with the id 123456 and epoch 0
/// that may write to the partition.
void split_batch_and_send(SenderBench& bench, const TopicPartition& partition);

}  // namespace linger::test
