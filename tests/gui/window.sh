#!/usr/bin/env bash
# usage: window.sh LINGER-GUI SCENARIOS — the real window, on a display that nobody sees: some frames, then it ends by
# itself; what it was like is there again at the next start, also after a broken layout file.
set -u
command -v Xvfb >/dev/null && command -v xvfb-run >/dev/null || { echo "xvfb is missing"; exit 77; }
program=$1
file=$2/lost-ack.json
export XDG_CONFIG_HOME LIBGL_ALWAYS_SOFTWARE=1
XDG_CONFIG_HOME=$(mktemp -d)
trap 'rm -r "$XDG_CONFIG_HOME"' EXIT
layout=$XDG_CONFIG_HOME/linger/window.json
status=0
fail() { echo "$*"; status=1; }
window() { xvfb-run -a -s "-screen 0 1280x720x24" "$program" "$@" 2>"$XDG_CONFIG_HOME/err" || fail "linger-gui $*: $(cat "$XDG_CONFIG_HOME/err")"; }
window "$file" --dark --scale 1.25 --size 1000x600 --view plots --frames 30
for part in '"theme": "dark"' '"scale": 1.25' '"width": 1000' '"height": 600' '"page": "plots"' 'lost-ack.json'; do
  grep -qF "$part" "$layout" || fail "the layout file has no $part"
done
cp "$layout" "$XDG_CONFIG_HOME/before"
window --frames 3
cmp "$layout" "$XDG_CONFIG_HOME/before" || fail "a second start changed the layout"
echo '{"width": 1000, "theme": "purple"}' >"$layout"
window --frames 3
grep -q '/theme: "purple"; expected one of light, dark' "$XDG_CONFIG_HOME/err" || fail "a broken layout file: $(cat "$XDG_CONFIG_HOME/err")"
grep -q purple "$layout.broken" || fail "the broken layout file is gone"
grep -qF '"theme": "light"' "$layout" || fail "no new layout file"
exit $status
