#include "protocol/messages/offset_for_leader_epoch.h"

LINGER_DEFINE_MESSAGE(linger::OffsetForLeaderEpochRequest);
LINGER_DEFINE_MESSAGE(linger::OffsetForLeaderEpochResponse);
