#include "protocol/messages/delete_records.h"

LINGER_DEFINE_MESSAGE(linger::DeleteRecordsRequest);
LINGER_DEFINE_MESSAGE(linger::DeleteRecordsResponse);
