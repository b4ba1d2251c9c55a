#include "protocol/messages/elect_leaders.h"

LINGER_DEFINE_MESSAGE(linger::ElectLeadersRequest);
LINGER_DEFINE_MESSAGE(linger::ElectLeadersResponse);
