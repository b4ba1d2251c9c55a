# linger compare: both sides, where they part, which side expectations are about.
source "$(dirname "$0")/lib.sh"
lost_ack=$library/lost-ack.json

expect 0 compare "$lost_ack" --set /producers/0/config/enable.idempotence=false
says_nothing
prints "One lost acknowledgement"
prints "as written"
prints "enable.idempotence=false"
grep -qE "sent / acked +2 / 2 +2 / 2" "$folder/out" || fail "both ledgers, side by side"
grep -qE "in the log +2 +4" "$folder/out" || fail "the log's ends, side by side"
grep -qE "duplicated +0 +2   ◆ r0 r1" "$folder/out" || fail "which records stand twice"
grep -qE "first different outcome .*appends nothing.*appends at 2\.\.3" "$folder/out" || fail "where the outcomes part"
grep -qE "why .*remembers.*cannot be recognised" "$folder/out" || fail "why they part"
prints "first different message"
leaves_nothing

expect 0 compare "$lost_ack" --producer-property enable.idempotence=false --json
prints '"verb": "compare"'
prints '"first_different_outcome": {'
prints '"log_end": 2'
prints '"log_end": 4'

# `expect` is about the unchanged side: a wrong one there counts.
sed 's/"acked": 2/"acked": 3/' "$lost_ack" >"$folder/wrong.json"
expect 1 compare "$folder/wrong.json" --producer-property linger.ms=0
prints "not as expected: acked is 2, expected 3"

# Nothing differs.
expect 0 compare "$lost_ack" --producer-property linger.ms=5
grep -qE "first different outcome +none" "$folder/out" || fail "equal runs part nowhere"
grep -qE "first different message +none" "$folder/out" || fail "equal runs send the same"

# A file of settings and the records of a file are what both sides begin with; alone, the settings are the change.
printf 'enable.idempotence=false\nacks=1\n' >"$folder/producer.properties"
printf 'one\ntwo\nthree\n' >"$folder/records.txt"
expect 0 compare "$lost_ack" --producer-config "$folder/producer.properties"
grep -qE "in the log +2 +4" "$folder/out" || fail "settings alone are the change"
prints "producer.properties"
expect 1 compare "$lost_ack" --producer-config "$folder/producer.properties" --input "$folder/records.txt" --producer-property enable.idempotence=true --producer-property acks=all
grep -qE "in the log +6 +3" "$folder/out" || fail "both sides send the records of the file"

expect 2 compare "$lost_ack"
says "compare needs something to change"
prints_nothing
expect 2 compare "$folder/nothing.json" --producer-property acks=1
says "cannot be read"
done_with compare
