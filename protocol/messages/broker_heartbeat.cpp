#include "protocol/messages/broker_heartbeat.h"

LINGER_DEFINE_MESSAGE(linger::BrokerHeartbeatRequest);
LINGER_DEFINE_MESSAGE(linger::BrokerHeartbeatResponse);
