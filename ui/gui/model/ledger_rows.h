#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/ledger.h"
#include "ui/gui/model/strings.h"

namespace linger::scenarios {
struct Run;
}  // namespace linger::scenarios

namespace linger::gui {

/// One record as the ledger tells it: what the application was told beside what the logs hold.
struct LedgerRow {
  scenarios::RecordIndex record = 0;
  std::string name, sent_at, partition, told, truth;
  char verdict = 'A';       ///< letter of its sign
  std::vector<char> flags;  ///< D, O, C, W
};

/// Rows [first, first + count) of the records that the filter lets through, in the order of sending.
std::vector<LedgerRow> ledger_rows(const scenarios::Run& run, const std::vector<scenarios::RecordIndex>& records,
                                   std::size_t first, std::size_t count, Language language);

/// The records with this sign, as verdict or flag; all without one.
std::vector<scenarios::RecordIndex> records_with(const scenarios::Run& run, std::optional<char> sign);

/// The word of a verdict sign.
Str verdict_word(char letter);

}  // namespace linger::gui
