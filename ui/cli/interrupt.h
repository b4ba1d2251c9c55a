#pragma once

namespace linger::cli {

/// From now on Ctrl-C is only noted; asked for a second time, it ends the program at once.
void note_interrupts();
/// Whether Ctrl-C was pressed since.
bool interrupted();

/// A failed assertion or a forbidden memory access ends the program with ExitStatus::own_defect and a sentence, not
/// with a core file.
void report_own_defects();

}  // namespace linger::cli
