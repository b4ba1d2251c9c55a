# linger run: the story, the JSON, changes from the command line, exit codes.
source "$(dirname "$0")/lib.sh"
lost_ack=$library/lost-ack.json

expect 0 run "$lost_ack"
says_nothing
prints "One lost acknowledgement · seed 7"
prints "Produce orders-0  pid 0 epoch 0 seq 0..1  attempt 1"
prints 'the answer "ok, offset 0" is lost'
prints "p1 waits for request.timeout.ms"
prints "attempt 2"
prints "knows seq 0..1 of pid 0: appends nothing"
prints "hears r0 at 0, r1 at 1"
prints "sent 2   acked 2   lost 0   duplicated 0   reordered 0"
prints "fault lost-ack: hit 1 time"
prints "fingerprint "
prints "Again:  linger run "

expect 0 run "$lost_ack" --json
says_nothing
prints '"acked": 2'
prints '"duplicated": 0'
prints '"log_end": 2'
prints '"met": true'
cp "$folder/out" "$folder/first"
expect 0 run "$lost_ack" --json
cmp -s "$folder/first" "$folder/out" || fail "two runs of one plan differ"

# Metrics under Java's names, as they were when the workload was over: both records of the batch were sent twice.
prints '"producer-metrics:record-retry-total:client-id=p1": 2.0'
prints '"producer-metrics:produce-throttle-time-max:client-id=p1": 0.0'
expect 0 run "$lost_ack" --metrics
prints "Metrics of p1, when the workload was over"
prints "producer-topic-metrics:record-send-total:client-id=p1,topic=orders"
expect 0 run "$lost_ack" --set '/expect={"/producers/p1/metrics/producer-metrics:record-retry-total:client-id=p1": 2}'
expect 1 run "$lost_ack" --set '/expect={"/producers/p1/metrics/producer-metrics:record-retry-total:client-id=p1": 1}'

# Allowed, but not what the file expects.
expect 1 run "$lost_ack" --json --set /producers/0/config/enable.idempotence=false
prints '"log_end": 4'
prints '"duplicated": 2'
prints '"violations": []'
prints '"met": false'
expect 1 run "$lost_ack" --producer-property enable.idempotence=false
prints "r0 r1: in the log more than once"
prints "not as expected: duplicated is 2, expected 0"
prints "allowed"

# A rule of the broker switched off: a guarantee is broken, and said so by name.
expect 1 run "$lost_ack" --set '/expect={}' --behaviour broker.deduplication=false
prints "broken: duplicated"
prints "O2"

expect 0 run "$lost_ack" --verbose
prints "produce_sent"
expect 0 run "$lost_ack" --ascii
LC_ALL=C grep -q '[^ -~]' "$folder/out" && fail "--ascii prints signs beyond ASCII"
expect 0 run "$lost_ack" --seed 8
prints "seed 8"

# A fault that hits nothing: must_hit, or any with --strict.
expect 1 run "$lost_ack" --set /faults/0/on/nth=9 --set '/expect={}'
prints "fault lost-ack must hit and never did"
expect 0 run "$lost_ack" --set /faults/0/on/nth=9 --set /faults/0/must_hit=false
expect 1 run "$lost_ack" --set /faults/0/on/nth=9 --set /faults/0/must_hit=false --strict

# Real input: Java's properties file, and lines as records.
printf 'acks = all\nlinger.ms: 20\n# a remark\nssl.protocol=TLSv1.3\nno.such.setting=1\n' >"$folder/producer.properties"
printf 'k1|one\nk2|two\nk3|three\n' >"$folder/records.txt"
expect 0 run "$lost_ack" --producer-config "$folder/producer.properties" --input "$folder/records.txt" --key-separator '|' --rate 500/s \
  --set '/expect={"acked": 3}' --json
prints '"sent": 3'
says "no.such.setting"
expect 2 run "$lost_ack" --producer-config "$folder/producer.properties" --strict
says "no.such.setting"
prints_nothing
expect 0 run "$lost_ack" --set '/faults=[]' --set '/expect={}' --input "$folder/records.txt" --topic orders
prints "3 records in the log"

# Values and places that cannot be.
expect 2 run "$lost_ack" --producer-property acks=7
says "acks"
expect 2 run "$lost_ack" --producer-property acks=1 --producer-property enable.idempotence=true
expect 2 run "$lost_ack" --set acks=1
says "expected a JSON Pointer and a value"
expect 2 run "$lost_ack" --behaviour broker.deduplicaton=false
says "did you mean broker.deduplication?"
expect 2 run "$lost_ack" --seed many
says "--seed \"many\""
expect 2 run "$lost_ack" --rate 5
says "--rate goes with --input FILE"
expect 2 run "$lost_ack" --input "$folder/nothing.txt"
says "cannot be read"
leaves_nothing
done_with run
