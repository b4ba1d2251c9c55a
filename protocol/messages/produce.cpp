#include "protocol/messages/produce.h"

LINGER_DEFINE_MESSAGE(linger::ProduceRequest);
LINGER_DEFINE_MESSAGE(linger::ProduceResponse);
