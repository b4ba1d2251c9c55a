# linger sweep: coverage, failing plans that fail again, Ctrl-C, defects of our own.
source "$(dirname "$0")/lib.sh"

expect 0 sweep --swarm --seeds 40
says_nothing
prints "40 runs of random plans, seeds 1 to 40"
prints "with an election"
prints "forged answer"
prints "no guarantee broken"
leaves_nothing

expect 0 sweep "$library/lost-ack.json" --seeds 20
prints "lose"
prints_not "forged answer"
leaves_nothing

expect 0 sweep "$library/lost-ack.json" --seeds 20 --first 5 --json
prints '"done": 20'
prints '"first": 5'
prints '"plans": "variations"'
cp "$folder/out" "$folder/first"
expect 0 sweep "$library/lost-ack.json" --seeds 20 --first 5 --json
cmp -s "$folder/first" "$folder/out" || fail "two sweeps over the same seeds differ"
leaves_nothing

# A rule of the broker switched off is found, and every saved plan fails again without a word about it on the command line.
expect 1 sweep --swarm --seeds 60 --behaviour broker.deduplication=false --output "$folder/found"
prints "duplicated (O2)"
leaves_nothing
for plan in "$folder"/found/*.json; do
  expect 1 run "$plan"
  prints "broken: duplicated"
done
expect 1 sweep --swarm --seeds 60 --behaviour broker.deduplication=false --json
prints '"file": "linger-failures/swarm-'
rm -r linger-failures

expect 0 sweep --swarm --seeds 30 --behaviour corrected
expect 2 sweep
says "sweep needs a FILE, or --swarm"
expect 2 sweep "$library/lost-ack.json" --swarm
says "not both"
expect 2 sweep --swarm --seeds 0
says "at least 1"
expect 2 sweep --swarm --behaviour nonsense=1
says "no such behaviour"
expect 2 sweep --swarm --set /seed=1
says "goes with a FILE"
: >"$folder/blocked"
expect 2 sweep --swarm --seeds 60 --behaviour broker.deduplication=false --output "$folder/blocked/x"
says "cannot be written"

# A signal reaches a sweep that has begun: its first saved plan shows that it has.
interrupt_with() {
  words="sweep, then SIG$1"
  rm -rf "$folder/begun"
  "$linger" sweep --swarm --seeds 10000000 --behaviour broker.deduplication=false --output "$folder/begun" >"$folder/out" 2>"$folder/err" &
  local process=$!
  until ls "$folder"/begun/*.json >"$folder/list" 2>&1 || ! kill -0 "$process" 2>/dev/null; do :; done
  kill -"$1" "$process"
  wait "$process"
  local status=$?
  [ "$status" -eq "$2" ] || fail "exit status $status, expected $2"
}
interrupt_with INT 130
prints "then interrupted"
prints "swarm-"
interrupt_with ABRT 70
says "a defect of Linger's own"
done_with sweep
