#pragma once

#include <optional>
#include <string>

#include "scenarios/audit.h"
#include "ui/cli/audit_task.h"

namespace linger::cli {

/// Enumerates and samples in all the processes of the task; what comes out does not depend on how many they are. Returns the sentence that says why it could not be done.
std::optional<std::string> search_audit(const AuditTask& task, scenarios::AuditPart& all);

}  // namespace linger::cli
