#include "protocol/messages/delete_topics.h"

LINGER_DEFINE_MESSAGE(linger::DeleteTopicsRequest);
LINGER_DEFINE_MESSAGE(linger::DeleteTopicsResponse);
