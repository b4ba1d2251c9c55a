#pragma once

#include <string>

#include "scenarios/audit.h"
#include "ui/cli/audit_story.h"

namespace linger::cli {

/// `acks=1, enable.idempotence=false · 3 brokers, replication factor 3, min.insync.replicas=2`
std::string configuration_in_words(const scenarios::AuditQuestion& question);
/// `impossible`, `✗ allowed, found`, `! broken`, `not met`.
std::string cell_in_words(const scenarios::AuditCell& cell);
/// What was enumerated, of what samples were drawn, and how many of each.
std::string searched_in_words(const scenarios::AuditQuestion& question, const scenarios::AuditPart& all);
/// `acked record lost, after 1 fault: allowed by acks=1; acks=all removes it`
std::string story_in_words(const AuditStory& story);

}  // namespace linger::cli
