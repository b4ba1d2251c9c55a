# linger explain: questions and answers, pictures of a chain, sentences for what cannot be asked.
source "$(dirname "$0")/lib.sh"
loss=$library/acks1-loss-on-leader-crash.json
lost_ack=$library/lost-ack.json

expect 0 explain "$loss" --record 2
says_nothing
prints "Why was r2 lost?"
prints "r2 was acknowledged at offset 2 of orders-0, and no replica has it any more"
grep -qE "2100\.0 ms  f1 +fault +b1 crashes \(fault leader-dies\)" "$folder/out" || fail "the fault, with its moment and its number"
prints "cuts its log of orders-0 back from 5 to 2"
prints "with acks=all this same run loses nothing"
leaves_nothing
# Told twice, it is the same; and what it promises is so.
cp "$folder/out" "$folder/first"
expect 0 explain "$loss" --record 2
cmp -s "$folder/out" "$folder/first" || fail "two explanations of one record differ"
expect 0 run "$loss" --producer-property acks=all --set '/expect={}' --json
prints '"lost": 0'

# Without --record: the one with the worst fate. A record that fared well: one sentence.
expect 0 explain "$loss"
prints "Why was r2 lost?"
expect 0 explain "$loss" --record 0
prints "r0 is in orders-0 at offset 0, once and in its place"
prints "there is nothing to explain"
prints_not "What would have prevented it"
expect 0 explain "$lost_ack" --record 0
prints "Why was r0 acknowledged late?"
expect 0 explain "$lost_ack" --record 0 --producer-property enable.idempotence=false
prints "Why was r0 written twice?"
prints "a batch without a producer id cannot be recognised"
expect 0 explain "$lost_ack" --record 0 --producer-property enable.idempotence=false --why late
prints "Why was r0 acknowledged late?"

expect 0 explain "$loss" --record 2 --json
python3 - "$folder/out" <<'PY' || fail "the JSON says what the words say"
import json, sys
said = json.load(open(sys.argv[1]))
assert said["schema"] == 1 and said["verb"] == "explain" and said["question"] == "lost"
assert said["record"] == {"index": 2, "producer": "p1", "number": 2, "verdict": "acked-lost"}
times = [link["virtual_ns"] for link in said["chain"]]
assert times == sorted(times) and 2 <= len(times) <= 8
assert said["chain"][-1]["event"] == said["paths"][-1][-1]["event"]
assert all(step["by"] in ("cause", "order", "state") for path in said["paths"] for step in path[1:])
assert all(p["concerned"]["before"] == 3 and p["after"]["lost"] == 0 for p in said["preventions"])
PY

for format in svg mermaid; do
  expect 0 explain "$loss" --record 2 --to $format --output "$folder/picture"
  prints_nothing
  expect 0 explain "$loss" --record 2 --to $format --output -
  cmp -s "$folder/out" "$folder/picture" || fail "standard output and file differ"
  grep -q "b1 crashes\|crash" "$folder/picture" || fail "the picture shows the crash"
  expect 0 export "$loss" --to $format --output "$folder/whole"
  [ "$(wc -c <"$folder/picture")" -lt "$(wc -c <"$folder/whole")" ] || fail "the chain is less than the run"
done

expect 2 explain "$loss" --record 7
says "p1 has no record 7; it sent records 0 to 4"
prints_nothing
expect 2 explain "$loss" --record seven
says '--record "seven"; expected the number of a record'
expect 2 explain "$loss" --producer p9
says "no producer is called p9; there is p1"
expect 2 explain "$loss" --why lots
says 'expected one of lost, duplicated'
expect 2 explain "$loss" --record 2 --to pcap --output "$folder/one"
says "explain draws svg or mermaid"
expect 2 explain "$loss" --record 2 --to svg
says "explain --to needs --output PATH"
expect 2 explain "$loss" --output "$folder/one"
says "--output needs --to"
expect 2 explain "$loss" --record 0 --to svg --output "$folder/one"
says "there is nothing to explain"
[ ! -e "$folder/one" ] || fail "no file where there is nothing to draw"
expect 2 explain "$folder/nothing.json"
says "cannot be read"
expect 2 explain
says "linger explain needs a FILE"
done_with explain
