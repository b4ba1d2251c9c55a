#include "ui/cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <initializer_list>

#include "ui/cli/exit_status.h"

namespace linger::cli {
namespace {

volatile std::sig_atomic_t interrupts = 0;

extern "C" void linger_on_interrupt(int) {
  interrupts = interrupts + 1;
  if (interrupts > 1) _exit(static_cast<int>(ExitStatus::interrupted));
}

extern "C" void linger_on_own_defect(int) {
  static constexpr char sentence[] =
      "linger: this is a defect of Linger's own, not of what it was given. Please report the command and the line "
      "above.\n";
  const ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
  static_cast<void>(written);
  _exit(static_cast<int>(ExitStatus::own_defect));
}

}  // namespace

void note_interrupts() {
  std::signal(SIGINT, linger_on_interrupt);
}

bool interrupted() {
  return interrupts > 0;
}

void report_own_defects() {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    // A sanitizer that is linked in has handlers of its own, and says more.
    struct sigaction before {};
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
      std::signal(signal, linger_on_own_defect);
  }
}

}  // namespace linger::cli
