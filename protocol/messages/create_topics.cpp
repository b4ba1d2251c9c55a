#include "protocol/messages/create_topics.h"

LINGER_DEFINE_MESSAGE(linger::CreateTopicsRequest);
LINGER_DEFINE_MESSAGE(linger::CreateTopicsResponse);
