#!/usr/bin/env bash
# usage: window.sh LINGER SCENARIOS — the real window, on a display that nobody sees: some frames, then it ends by itself.
set -u
command -v Xvfb >/dev/null && command -v xvfb-run >/dev/null || { echo "xvfb is missing"; exit 77; }
LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a -s "-screen 0 1280x720x24" "$1" "$2/lost-ack.json" --frames 30
