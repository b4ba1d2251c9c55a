# Files that are no scenario: exit 2, a sentence with the place, nothing on standard output, nothing left behind.
source "$(dirname "$0")/lib.sh"

# refused TEXT FILE: every verb that reads a scenario turns it away, with these words.
refused() {
  for verb in run sweep; do
    expect 2 $verb "$2"
    says "$1"
    prints_nothing
    leaves_nothing
  done
  expect 2 compare "$2" --producer-property acks=1
  says "$1"
  prints_nothing
  [ "$(wc -l <"$folder/err")" -lt 1100 ] || fail "more lines than a person would read"
}
change() { sed "$1" "$library/lost-ack.json" >"$folder/changed.json"; }

printf '{"linger": 1, "cluster": ' >"$folder/malformed.json"
refused "line 1" "$folder/malformed.json"

change 's/"brokers": 3/"brokers": "three"/'
refused "/cluster/brokers" "$folder/changed.json"

change 's/"seed": 7/"seeed": 7/'
refused "did you mean seed?" "$folder/changed.json"

change 's/"enable.idempotence": true/"enable.idempotance": "maybe", "acks": "some"/'
refused "/producers/0/config" "$folder/changed.json"

change 's/"seed": 7/"seed": 7, "seed": 8/'
refused "/seed" "$folder/changed.json"

change 's/"send": {"topic": "orders"/"send": {"topic": "order"/'
refused "order" "$folder/changed.json"
refused "/producers/0/workload/0/send/topic" "$folder/changed.json"

change 's/"brokers": 3/"brokers": 1000000/'
refused "32" "$folder/changed.json"

change 's/"from": "b1"/"from": "b9"/'
refused "b9" "$folder/changed.json"

change 's/"linger": 1,/"linger": 2,/'
refused "2" "$folder/changed.json"

: >"$folder/empty.json"
refused "empty.json" "$folder/empty.json"

mkdir "$folder/directory.json"
refused "is a directory" "$folder/directory.json"

head -c 65536 "$linger" >"$folder/binary.json"
refused "binary.json" "$folder/binary.json"

refused "cannot be read" "$folder/not-there.json"
refused "cannot be read" "$folder/empty.json/below.json"
if [ "$(id -u)" -ne 0 ]; then
  change 's/x/x/'
  chmod 000 "$folder/changed.json"
  refused "cannot be read" "$folder/changed.json"
fi

head -c 100000 /dev/zero | tr '\0' '[' >"$folder/nested.json"
refused "nested.json" "$folder/nested.json"
head -c 100000 /dev/zero | tr '\0' '[' | sed 's/^/{"linger": 1, "cluster": /' >"$folder/nested-within.json"
refused "nested-within.json" "$folder/nested-within.json"

# All mistakes at once.
change 's/"brokers": 3/"brokers": -1/; s/"seed": 7/"seed": -7/; s/"do": "lose"/"do": "loose"/'
refused "3 mistakes" "$folder/changed.json"

# An input or a properties file that cannot be one.
expect 2 run "$library/lost-ack.json" --input "$folder/directory.json"
says "is a directory"
prints_nothing
expect 2 run "$library/lost-ack.json" --input "$folder/empty.json"
says "no lines"
printf 'acks=\\uZZZZ\n' >"$folder/broken.properties"
expect 2 run "$library/lost-ack.json" --producer-config "$folder/broken.properties"
says "line 1"
prints_nothing
leaves_nothing
done_with bad_input
