#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/audit.h"
#include "ui/cli/audit_task.h"

namespace linger::cli {

/// The smallest plan for something that an audit met, what happens in it, and what would have helped.
struct AuditStory {
  const scenarios::AuditFound* found = nullptr;
  scenarios::Scenario plan;
  std::string file;
  scenarios::AuditRemedy remedy;
  std::string told;  ///< why a record fared so, in lines of at most eight causes; empty where no record stands for it
};

/// For everything in the table: shrinks it, writes it into the task's folder, explains it, and asks what would have helped. Returns the sentence that says
/// why a file could not be written.
std::optional<std::string> tell_stories(const AuditTask& task, const scenarios::AuditPart& all, std::vector<AuditStory>& stories);

}  // namespace linger::cli
