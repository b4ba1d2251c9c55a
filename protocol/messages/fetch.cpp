#include "protocol/messages/fetch.h"

LINGER_DEFINE_MESSAGE(linger::FetchRequest);
LINGER_DEFINE_MESSAGE(linger::FetchResponse);
