#include "protocol/messages/alter_partition.h"

LINGER_DEFINE_MESSAGE(linger::AlterPartitionRequest);
LINGER_DEFINE_MESSAGE(linger::AlterPartitionResponse);
