#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger export FILE --to FORMAT --output PATH`: one run for other tools. It ends with 0 when the file is written,
/// whatever became of the records.
ExitStatus export_scenario_file(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli
