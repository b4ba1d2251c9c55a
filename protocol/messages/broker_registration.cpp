#include "protocol/messages/broker_registration.h"

LINGER_DEFINE_MESSAGE(linger::BrokerRegistrationRequest);
LINGER_DEFINE_MESSAGE(linger::BrokerRegistrationResponse);
