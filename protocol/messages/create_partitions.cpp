#include "protocol/messages/create_partitions.h"

LINGER_DEFINE_MESSAGE(linger::CreatePartitionsRequest);
LINGER_DEFINE_MESSAGE(linger::CreatePartitionsResponse);
