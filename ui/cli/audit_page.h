#pragma once

#include <string>
#include <vector>

#include "scenarios/audit.h"
#include "ui/cli/audit_story.h"

namespace linger::cli {

/// One page that needs nothing else: the table, what was searched, and for each story its picture. For screens of any size, and for paper.
std::string audit_page(const scenarios::AuditQuestion& question, const scenarios::AuditPart& all, const std::vector<AuditStory>& stories);

}  // namespace linger::cli
