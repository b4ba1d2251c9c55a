#include "protocol/messages/add_offsets_to_txn.h"

LINGER_DEFINE_MESSAGE(linger::AddOffsetsToTxnRequest);
LINGER_DEFINE_MESSAGE(linger::AddOffsetsToTxnResponse);
