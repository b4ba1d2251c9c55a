#include "protocol/messages/offset_commit.h"

LINGER_DEFINE_MESSAGE(linger::OffsetCommitRequest);
LINGER_DEFINE_MESSAGE(linger::OffsetCommitResponse);
