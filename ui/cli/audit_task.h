#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "scenarios/audit.h"
#include "ui/cli/options.h"

namespace linger::cli {

/// What `linger audit` was asked, and how long and in how many processes it may search.
struct AuditTask {
  scenarios::AuditQuestion question;
  std::string file;  ///< the producer's
  std::string folder = "linger-audit";
  std::optional<std::string> report;
  std::int64_t seconds = 50;
  std::int64_t processes = 1;
};

/// Reads the command line and the properties files that it names; warnings go to `err`. Returns the sentence that says what is wrong.
std::optional<std::string> read_audit_task(const Arguments& arguments, AuditTask& task, std::ostream& err);

}  // namespace linger::cli
