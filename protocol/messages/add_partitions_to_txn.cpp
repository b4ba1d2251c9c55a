#include "protocol/messages/add_partitions_to_txn.h"

LINGER_DEFINE_MESSAGE(linger::AddPartitionsToTxnRequest);
LINGER_DEFINE_MESSAGE(linger::AddPartitionsToTxnResponse);
