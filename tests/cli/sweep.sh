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
says "cannot be made"

# However many processes and shards: the same report, to the byte.
bug="--behaviour broker.deduplication=false --seeds 200 --output plans --json"
expect 1 sweep --swarm $bug --processes 1
cp "$folder/out" "$folder/whole"
expect 1 sweep --swarm $bug --processes 3
cmp -s "$folder/whole" "$folder/out" || fail "the number of processes shows in the report"
for i in 1 2 3; do
  expect 1 sweep --swarm $bug --shard $i/3
  cp "$folder/out" "$folder/part$i.json"
done
expect 1 merge "$folder/part1.json" "$folder/part2.json" "$folder/part3.json" --json --junit "$folder/junit.xml"
cmp -s "$folder/whole" "$folder/out" || fail "the shards together differ from the whole"
grep -q '<testsuite name="linger sweep: random plans"' "$folder/junit.xml" || fail "no test suite in the JUnit file"
grep -q '<failure message="duplicated (O2)' "$folder/junit.xml" || fail "no failure in the JUnit file"
expect 1 merge "$folder/part2.json" "$folder/part1.json"
says "2 of 3 shards"
prints "not all of them"
expect 2 merge "$folder/part1.json" "$folder/part1.json"
says "is shard 1, and so is"
expect 2 sweep --swarm --seeds 10 --shard 5/3
says 'expected the number of the shard and how many there are'
expect 0 sweep --swarm --seeds 10 --json
cp "$folder/out" "$folder/other.json"
expect 2 merge "$folder/part1.json" "$folder/other.json"
says "is of another sweep than"
expect 2 merge "$library/lost-ack.json"
says "is no report of a sweep"
expect 2 merge
rm -r plans

# Killed, and started again: it goes on where it was, and ends as if nothing had happened.
expect 0 sweep --swarm --seeds 400 --json
cp "$folder/out" "$folder/whole"
"$linger" sweep --swarm --seeds 400 --json --journal "$folder/journal" >/dev/null 2>&1 &
process=$!
until [ "$(wc -l 2>/dev/null <"$folder/journal")" -ge 3 ] || ! kill -0 "$process" 2>/dev/null; do :; done 2>/dev/null
kill -KILL "$process" 2>/dev/null
wait "$process" 2>/dev/null
lines=$(wc -l <"$folder/journal")
printf '{"piece": 12, "ru' >>"$folder/journal"
expect 0 sweep --swarm --seeds 400 --json --journal "$folder/journal"
cmp -s "$folder/whole" "$folder/out" || fail "a sweep that went on differs from one in one go"
[ "$(wc -l <"$folder/journal")" -ge "$lines" ] || fail "the journal has become shorter"
expect 2 sweep --swarm --seeds 401 --journal "$folder/journal"
says "is the journal of another sweep"
printf 'nonsense\n' >>"$folder/journal"
expect 2 sweep --swarm --seeds 400 --journal "$folder/journal"
says "is no line of a journal"
leaves_nothing

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
