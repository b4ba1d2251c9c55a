// The network client driven by the scripts of the Java judge, byte for byte what the real Java classes answer.

#include "tests/differential/network_script.h"
#include "tests/differential/playback.h"

int main(int argc, char** argv) {
  return linger::differential::play_main<linger::differential::NetworkScript>(argc, argv);
}
