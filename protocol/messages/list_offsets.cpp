#include "protocol/messages/list_offsets.h"

LINGER_DEFINE_MESSAGE(linger::ListOffsetsRequest);
LINGER_DEFINE_MESSAGE(linger::ListOffsetsResponse);
