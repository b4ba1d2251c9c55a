#include "protocol/messages/control_records.h"

LINGER_DEFINE_MESSAGE(linger::EndTxnMarker);
LINGER_DEFINE_MESSAGE(linger::LeaderChangeMessage);
