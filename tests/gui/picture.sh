#!/usr/bin/env bash
# usage: picture.sh LINGER SCENARIOS — pictures without a display: two runs give the same bytes, another moment gives others, bad words give a sentence.
set -u
linger=$1
file=$2/lost-ack.json
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
unset DISPLAY WAYLAND_DISPLAY
status=0
fail() { echo "$*"; status=1; }
shoot() { "$linger" ui "$file" --screenshot "$dir/$1.png" "${@:2}" 2>"$dir/err" || fail "no picture $1: $(cat "$dir/err")"; }
shoot a --view diagram --at 5ms
shoot b --view diagram --at 5ms
shoot later --view diagram --at 30s
shoot zh --view diagram --at 5ms --language zh --dark --size 1920x1080 --scale 2
cmp "$dir/a.png" "$dir/b.png" || fail "two pictures of one moment differ"
cmp -s "$dir/a.png" "$dir/later.png" && fail "pictures of two moments are the same"
[ "$(od -An -tx1 -j16 -N8 "$dir/zh.png" | tr -d ' \n')" = 0000078000000438 ] || fail "the large picture is not 1920 by 1080"
"$linger" ui "$file" --view nothing --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'expected one of diagram' "$dir/err" || fail "an unknown view: $(cat "$dir/err")"
shoot r1 --at 5ms --record 1
cmp -s "$dir/a.png" "$dir/r1.png" && fail "another record that was chosen does not show"
"$linger" ui "$file" --record 9 --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'record 9: .*records 0 to 1' "$dir/err" || fail "a record that is not there: $(cat "$dir/err")"
"$linger" ui "$file" --record 0 --producer nobody --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'nobody sent no record' "$dir/err" || fail "a producer that is not there: $(cat "$dir/err")"
"$linger" ui "$file" --producer p1 --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'needs --record' "$dir/err" || fail "a producer without a record: $(cat "$dir/err")"
shoot sweep --sweep linger.ms
"$linger" ui "$file" --sweep nothing --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'linger.ms' "$dir/err" || fail "a sweep of nothing: $(cat "$dir/err")"
# What linger perf asks for.
"$linger"-gui "$file" --frame-times >"$dir/times" || fail "no times of frames"
grep -q '^{"events":[0-9]*,"still":[0-9.]*,"playing":[0-9.]*,"scrubbing":[0-9.]*,"panning":[0-9.]*}$' "$dir/times" || fail "times of frames: $(cat "$dir/times")"
shoot both --compare enable.idempotence=false
cmp -s "$dir/a.png" "$dir/both.png" && fail "two runs compared look like one"
for wrong in acks acks=many no.such.setting=1; do
  "$linger" ui "$file" --compare "$wrong" --screenshot "$dir/x.png" 2>"$dir/err"
  [ $? -eq 2 ] && grep -q "${wrong%%=*}" "$dir/err" || fail "--compare $wrong: $(cat "$dir/err")"
done
"$linger" ui "$dir/none.json" --screenshot "$dir/x.png" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'none.json' "$dir/err" || fail "a missing file: $(cat "$dir/err")"
"$linger" ui "$file" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'no display' "$dir/err" || fail "no display: $(cat "$dir/err")"
exit $status
