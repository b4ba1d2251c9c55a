#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger audit producer.properties`: what this configuration can lose, duplicate or reorder, with the smallest story that shows it.
ExitStatus audit_configuration(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli
