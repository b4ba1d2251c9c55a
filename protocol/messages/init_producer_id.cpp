#include "protocol/messages/init_producer_id.h"

LINGER_DEFINE_MESSAGE(linger::InitProducerIdRequest);
LINGER_DEFINE_MESSAGE(linger::InitProducerIdResponse);
