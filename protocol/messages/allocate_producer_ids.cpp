#include "protocol/messages/allocate_producer_ids.h"

LINGER_DEFINE_MESSAGE(linger::AllocateProducerIdsRequest);
LINGER_DEFINE_MESSAGE(linger::AllocateProducerIdsResponse);
