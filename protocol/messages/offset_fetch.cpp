#include "protocol/messages/offset_fetch.h"

LINGER_DEFINE_MESSAGE(linger::OffsetFetchRequest);
LINGER_DEFINE_MESSAGE(linger::OffsetFetchResponse);
