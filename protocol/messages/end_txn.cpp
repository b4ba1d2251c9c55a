#include "protocol/messages/end_txn.h"

LINGER_DEFINE_MESSAGE(linger::EndTxnRequest);
LINGER_DEFINE_MESSAGE(linger::EndTxnResponse);
