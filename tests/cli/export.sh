# linger export: six formats, whole files or none, sentences for what cannot be.
source "$(dirname "$0")/lib.sh"
lost_ack=$library/lost-ack.json

for format in pcap perfetto svg mermaid jsonl html; do
  expect 0 export "$lost_ack" --to $format --output "$folder/one"
  prints_nothing
  [ -s "$folder/one" ] || fail "nothing was written"
  cp "$folder/one" "$folder/first"
  expect 0 export "$lost_ack" --to $format --output "$folder/one"
  cmp -s "$folder/one" "$folder/first" || fail "two exports of one plan differ"
  expect 0 export "$lost_ack" --to $format --output -
  cmp -s "$folder/out" "$folder/first" || fail "standard output and file differ"
  [ "$(find "$folder" -name '*.part' | wc -l)" -eq 0 ] || fail "a temporary file is left"
done

# The run is the same as that of linger run, but for what Wireshark cannot read: that is said.
expect 0 export "$lost_ack" --to jsonl --output "$folder/trace"
says_nothing
hash=$(sed -n '1s/.*"hash":"\([0-9a-f]*\)".*/\1/p' "$folder/trace")
expect 0 run "$lost_ack" --json
prints "\"hash\": \"$hash\""
expect 0 export "$lost_ack" --to pcap --output "$folder/one"
says "client.api.versions=newest keeps the run as it is"
expect 0 export "$lost_ack" --to pcap --output "$folder/newest" --set /cluster/config/client.api.versions=newest
says_nothing
grep -qa "$hash" "$folder/newest" || fail "the capture does not name the run's fingerprint"
cmp -s "$folder/one" "$folder/newest" && fail "versions of messages make no difference"

# What run takes, export takes; a broken guarantee is shown, not judged.
expect 0 export "$lost_ack" --to mermaid --output - --set '/expect={}' --behaviour broker.deduplication=false --seed 9
prints "seed 9"
expect 0 export "$lost_ack" --to mermaid --output - --from 30s
prints "attempt 2"
prints_not "sends r0"
expect 0 export "$lost_ack" --to svg --output - --until 200ms
prints "what happened after 200.0 ms"

expect 2 export "$lost_ack" --to gif --output "$folder/none"
says '--to "gif"; expected one of pcap, perfetto, svg, mermaid, jsonl, html'
expect 2 export "$lost_ack" --output "$folder/none"
says "--to FORMAT"
expect 2 export "$lost_ack" --to svg
says "--output PATH"
expect 2 export "$lost_ack" --to svg --output "$folder/no/such/folder/x.svg"
says "cannot be written: No such file or directory"
expect 2 export "$lost_ack" --to svg --output "$folder"
says "it is a folder"
expect 2 export "$lost_ack" --to pcap --output "$folder/none" --from 1s
says "--to pcap holds the whole run"
expect 2 export "$lost_ack" --to svg --output "$folder/none" --from soon
says "expected a time with its unit"
expect 2 export "$lost_ack" --to svg --output "$folder/none" --from 2s --until 1s
says "--until must be later than --from"
expect 2 export "$folder/nothing.json" --to svg --output "$folder/none"
[ -e "$folder/none" ] && fail "a file was written after bad input"

# A file that is there stays whole when the new one cannot be written; a link keeps pointing at its file.
if [ -e /dev/full ]; then
  expect 2 export "$lost_ack" --to svg --output /dev/full
  says "cannot be written: No space left on device"
fi
echo old >"$folder/target"
ln -s target "$folder/link"
expect 0 export "$lost_ack" --to mermaid --output "$folder/link"
[ -L "$folder/link" ] || fail "the link was replaced"
grep -q sequenceDiagram "$folder/target" || fail "the link's file was not written"
leaves_nothing
done_with export
