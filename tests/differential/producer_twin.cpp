// The producer's core driven by the scripts of the Java judge, byte for byte what the real Java classes answer.

#include "tests/differential/playback.h"
#include "tests/differential/script.h"

int main(int argc, char** argv) {
  return linger::differential::play_main<linger::differential::Script>(argc, argv);
}
