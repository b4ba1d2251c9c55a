#include "scenarios/finding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace linger::scenarios {
namespace {

struct LedgerFinding {
  std::string_view name;
  std::int64_t Counts::*count;
};
constexpr std::array ledger{
    LedgerFinding{"acked-lost", &Counts::lost},           LedgerFinding{"duplicated", &Counts::duplicated},
    LedgerFinding{"duplicated-payload", &Counts::duplicated_payloads},
    LedgerFinding{"reordered", &Counts::reordered},       LedgerFinding{"failed-present", &Counts::failed_present},
    LedgerFinding{"failed", &Counts::failed},             LedgerFinding{"acked-unavailable", &Counts::unavailable},
    LedgerFinding{"wrong-offset", &Counts::wrong_offset}, LedgerFinding{"stuck", &Counts::stuck},
    LedgerFinding{"refused", &Counts::refused},           LedgerFinding{"aborted", &Counts::aborted},
    LedgerFinding{"untold", &Counts::untold}};

}  // namespace

std::string_view standing_name(Standing standing) {
  switch (standing) {
    case Standing::broken: return "broken";
    case Standing::known_defect: return "known defect";
    case Standing::allowed: break;
  }
  return "allowed";
}

std::string describe(const Finding& finding) {
  if (finding.standing == Standing::allowed) return finding.name + ", allowed";
  return finding.name + " (" + finding.source + ")";
}

std::vector<Finding> findings_of(const RunResult& result) {
  std::vector<Finding> all;
  const auto add = [&](Finding finding) {
    if (std::find(all.begin(), all.end(), finding) == all.end()) all.push_back(std::move(finding));
  };
  for (const Violation& violation : result.violations) add({Standing::broken, violation.name, violation.oracle});
  for (const KnownDefect& defect : result.known_defects) add({Standing::known_defect, defect.violation.name, defect.issue});
  for (const LedgerFinding& entry : ledger) {
    const bool judged = std::any_of(all.begin(), all.end(), [&](const Finding& f) { return f.name == entry.name; });
    if (!judged && result.counts.*entry.count > 0) add({Standing::allowed, std::string(entry.name), {}});
  }
  return all;
}

bool shows(const RunResult& result, const Finding& finding) {
  const std::vector<Finding> all = findings_of(result);
  return std::find(all.begin(), all.end(), finding) != all.end();
}

const std::vector<std::string_view>& ledger_findings() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const LedgerFinding& entry : ledger) all.push_back(entry.name);
    return all;
  }();
  return names;
}

}  // namespace linger::scenarios
