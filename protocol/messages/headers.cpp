#include "protocol/messages/headers.h"

LINGER_DEFINE_MESSAGE(linger::RequestHeader);
LINGER_DEFINE_MESSAGE(linger::ResponseHeader);
