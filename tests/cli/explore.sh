# linger explore: counts, what they prove, a plan for each outcome, and limits.
source "$(dirname "$0")/lib.sh"

cat > two.json <<'JSON'
{"linger": 1, "title": "Two requests",
 "cluster": {"brokers": 3, "topics": [{"name": "orders", "partitions": 1, "replication.factor": 3, "config": {"min.insync.replicas": 2}}]},
 "producers": [{"name": "p1", "config": {"linger.ms": 0},
                "workload": [{"at": "1s", "send": {"topic": "orders", "count": 1, "value": {"bytes": 10}}},
                             {"at": "1200ms", "send": {"topic": "orders", "count": 1, "value": {"bytes": 10}}}]}]}
JSON

expect 0 explore two.json --faults 1
says_nothing
prints "everything: up to 1 fault, 1 leader change and 1 reordered tie"
prints "for every case up to this size (up to 1 fault, 1 leader change and 1 reordered tie): 0 duplicates, 0 lost, 0 reordered"
expect 0 explore two.json --faults 1 --json
prints '"complete": true'
cp "$folder/out" "$folder/first"
expect 0 explore two.json --faults 1 --json
cmp -s "$folder/first" "$folder/out" || fail "two searches differ"

expect 0 explore two.json --faults 1 --set /producers/0/config/enable.idempotence=false --output outcomes
prints "linger run outcomes/outcome-01.json"
prints "in no case up to this size"
for plan in outcomes/*.json; do expect 0 run "$plan"; done
# A rule of the brokers made wrong is a broken guarantee, with a plan that shows it.
expect 1 explore two.json --faults 1 --leader-changes 0 --ties 0 --behaviour broker.deduplication=false
prints "! broken: duplicated (O2)"

expect 0 explore two.json --seconds 1 --faults 9
prints "stopped at a limit of time or memory"
prints "what it has not met is not impossible"
expect 2 explore two.json --faults many
says '--faults "many"; expected a whole number from 0 to 9'
expect 2 explore two.json --apis PRODUSE
says 'no API "PRODUSE"; did you mean PRODUCE?'
expect 2 explore
done_with explore
