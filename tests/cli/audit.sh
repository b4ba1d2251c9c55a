# linger audit: the table, a plan for each thing found, a page, and what it says of files it cannot use.
source "$(dirname "$0")/lib.sh"

cat > producer.properties <<'TXT'
bootstrap.servers=localhost:9092
compression.type=none
TXT
printf 'min.insync.replicas=2\n' > topic.properties
cat > server.properties <<'TXT'
min.insync.replicas=2
replica.lag.time.max.ms=10000
log.dirs=kafka-logs
TXT

expect 0 audit producer.properties --producer-property acks=1 --topic-config topic.properties --faults 1 --samples 100 --report report.html
prints "acked record lost                 impossible              allowed, found"
prints "acks=all removes it"
prints "linger run --brief linger-audit/acked-lost-1.json"
causes=$(sed -n "/^acked record lost, after 1 fault/,/linger run --brief/p" "$folder/out" | grep -c " ms  #\| ms  f[0-9]") || true
[ "$causes" -ge 2 ] && [ "$causes" -le 8 ] || fail "a story of $causes lines"
grep -q "<svg" report.html || fail "no picture in the page"
grep -qE "(src|href)=.?https?:" report.html && fail "the page needs something from elsewhere"
cp linger-audit/acked-lost-1.json "$folder/lost.json"
for plan in linger-audit/*.json; do
  expect 0 run "$plan"
done
expect 0 run linger-audit/acked-lost-1.json
prints "acknowledged, and gone"
expect 0 run --brief linger-audit/acked-lost-1.json
prints "lost?"
prints "acknowledged, and gone"
[ "$(grep -c " ms  #\| ms  f[0-9]" "$folder/out")" -le 8 ] || fail "a brief story of more than eight causes"
rm -r linger-audit report.html

expect 0 audit producer.properties --broker-config server.properties --faults 1 --samples 0 --json
says "log.dirs has no effect here"
prints '"complete": true'
prints '"replica.lag.time.max.ms": "10000"'
prints '"min.insync.replicas": "2"'
cp "$folder/out" "$folder/first"
expect 0 audit producer.properties --broker-config server.properties --faults 1 --samples 0 --json --processes 1
cmp -s "$folder/first" "$folder/out" || fail "the number of processes shows in the report"

# What Java refuses, half a file, a report that cannot be written.
printf 'acks=1\nenable.idempotence=true\n' > refused.properties
expect 2 audit refused.properties
prints_nothing
says "idempoten"
expect 2 audit nowhere.properties
says "nowhere.properties cannot be read"
expect 2 audit producer.properties --faults 1 --samples 0 --report nowhere/report.html
says "nowhere/report.html cannot be written"
expect 2 audit producer.properties --brokers 0
says "expected a whole number from 1 to 32"
expect 2 audit producer.properties --latency soon
says "expected a time"
expect 2 audit
done_with audit
