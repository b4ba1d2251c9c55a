#include "protocol/messages/metadata.h"

LINGER_DEFINE_MESSAGE(linger::MetadataRequest);
LINGER_DEFINE_MESSAGE(linger::MetadataResponse);
