#include "protocol/messages/find_coordinator.h"

LINGER_DEFINE_MESSAGE(linger::FindCoordinatorRequest);
LINGER_DEFINE_MESSAGE(linger::FindCoordinatorResponse);
