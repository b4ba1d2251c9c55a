#include "protocol/messages/write_txn_markers.h"

LINGER_DEFINE_MESSAGE(linger::WriteTxnMarkersRequest);
LINGER_DEFINE_MESSAGE(linger::WriteTxnMarkersResponse);
