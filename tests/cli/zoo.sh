# linger zoo: the table, its exit codes, and the canary that proves that a sweep can fail.
source "$(dirname "$0")/lib.sh"

expect 0 zoo P02 --seeds 100 --runs 60
says_nothing
prints "KAFKA-5494"
prints "after"
prints "silent"
prints "O2 duplicated"
prints "1 of 1 bug found by both"
leaves_nothing

# What a search does not find is said, and is a failure.
expect 1 zoo R04,P02 --seeds 1
prints "not in 1 seeds"
prints "0 of 2 bugs found by both"

expect 0 zoo P02 --seeds 100 --runs 60 --json
prints '"verb": "zoo"'
prints '"behaviour": "broker.dedup_cache_batches"'
prints '"silent_without": true'
expect 2 zoo P99
says 'no bug "P99" in the zoo'
expect 2 zoo P02 --seconds 0
says "at least 1"

# One run in a hundred is broken on purpose: a sweep that does not notice is worth nothing.
expect 1 sweep --swarm --seeds 300 --behaviour broker.canary=one_run_in_a_hundred --output "$folder/canary"
prints "acked-lost (O1)"
expect 0 sweep --swarm --seeds 300 --behaviour broker.canary=off
prints "no guarantee broken"
leaves_nothing
done_with zoo
