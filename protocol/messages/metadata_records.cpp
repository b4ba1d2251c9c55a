#include "protocol/messages/metadata_records.h"

LINGER_DEFINE_MESSAGE(linger::RegisterBrokerRecord);
LINGER_DEFINE_MESSAGE(linger::UnregisterBrokerRecord);
LINGER_DEFINE_MESSAGE(linger::TopicRecord);
LINGER_DEFINE_MESSAGE(linger::PartitionRecord);
LINGER_DEFINE_MESSAGE(linger::PartitionChangeRecord);
LINGER_DEFINE_MESSAGE(linger::FenceBrokerRecord);
LINGER_DEFINE_MESSAGE(linger::UnfenceBrokerRecord);
LINGER_DEFINE_MESSAGE(linger::BrokerRegistrationChangeRecord);
LINGER_DEFINE_MESSAGE(linger::ProducerIdsRecord);
LINGER_DEFINE_MESSAGE(linger::RemoveTopicRecord);
LINGER_DEFINE_MESSAGE(linger::ConfigRecord);
LINGER_DEFINE_MESSAGE(linger::FeatureLevelRecord);
LINGER_DEFINE_MESSAGE(linger::NoOpRecord);
