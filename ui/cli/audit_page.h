#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/audit.h"

namespace linger::cli {

/// The smallest plan for something that an audit met, and what would have helped.
struct AuditStory {
  const scenarios::AuditFound* found = nullptr;
  scenarios::Scenario plan;
  std::string file;
  std::optional<scenarios::AuditRemedy> remedy;
};

/// `acks=1, enable.idempotence=false · 3 brokers, replication factor 3, min.insync.replicas=2`
std::string configuration_in_words(const scenarios::AuditQuestion& question);
/// `impossible`, `✗ allowed, found`, `! broken`, `not met`.
std::string cell_in_words(const scenarios::AuditCell& cell);
/// What was enumerated, of what samples were drawn, and how many of each.
std::string searched_in_words(const scenarios::AuditQuestion& question, const scenarios::AuditPart& all);
/// `acked record lost, after 1 fault: allowed by acks=1; acks=all removes it`
std::string story_in_words(const AuditStory& story);

/// One page that needs nothing else: the table, what was searched, and for each story its picture. For screens of any size, and for paper.
std::string audit_page(const scenarios::AuditQuestion& question, const scenarios::AuditPart& all, const std::vector<AuditStory>& stories);

}  // namespace linger::cli
