# linger shrink: a smaller plan that fails in the same way, and what it says when there is nothing to shrink.
source "$(dirname "$0")/lib.sh"

lost_ack=$library/lost-ack.json
expect 1 sweep --swarm --seeds 60 --behaviour broker.deduplication=false --output found
plan=$(ls found/*.json | head -1)
expect 0 shrink "$plan" --output small.json
says_nothing
prints "duplicated (O2)"
prints "no single change makes it smaller"
prints "linger run small.json"
cp small.json "$folder/first"
expect 1 run small.json
prints "broken: duplicated"
expect 0 shrink "$plan" --output small.json --json
prints '"at_fixed_point": true'
cmp -s small.json "$folder/first" || fail "two searches from one plan end differently"
expect 0 shrink "$plan" --output small.json --runs 3
prints "stopped before the end"

cp "$plan" here.json
expect 0 shrink here.json
[ -f here-shrunk.json ] || fail "no file beside the plan"
rm -r found small.json here.json here-shrunk.json

expect 0 shrink "$lost_ack" --set /producers/0/config/enable.idempotence=false --behaviour corrected --for duplicated --output small.json
prints "duplicated, allowed"
rm small.json
leaves_nothing

expect 2 shrink "$lost_ack" --output small.json
says "breaks no guarantee"
leaves_nothing
expect 2 shrink "$lost_ack" --for duplicated --output small.json
says 'does not show "duplicated"'
leaves_nothing
expect 2 shrink "$lost_ack" --set /producers/0/config/enable.idempotence=false --for duplicated --output nowhere/small.json
says "nowhere/small.json cannot be written: No such file or directory"
expect 2 shrink "$lost_ack" --runs 0
says 'expected a whole number of at least 1'
expect 2 shrink
leaves_nothing
done_with shrink
