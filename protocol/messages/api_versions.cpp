#include "protocol/messages/api_versions.h"

LINGER_DEFINE_MESSAGE(linger::ApiVersionsRequest);
LINGER_DEFINE_MESSAGE(linger::ApiVersionsResponse);
