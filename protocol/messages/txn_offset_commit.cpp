#include "protocol/messages/txn_offset_commit.h"

LINGER_DEFINE_MESSAGE(linger::TxnOffsetCommitRequest);
LINGER_DEFINE_MESSAGE(linger::TxnOffsetCommitResponse);
