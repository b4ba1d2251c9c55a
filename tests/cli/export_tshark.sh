# Captures in the eyes of tshark: Kafka is dissected, nothing is malformed, and every message of the trace that clients
# exchange with brokers is there. Left out (77) where tshark is not installed.
command -v tshark >/dev/null || { echo "left out: tshark is not installed"; exit 77; }
source "$(dirname "$0")/lib.sh"

# frames FILTER: how many frames match; a frame may hold several messages, so messages are counted by their lengths.
shark() { tshark -n -r "$folder/capture" -d tcp.port==9092,kafka "$@" 2>/dev/null; }

check() {
  local file=$1
  shift
  expect 0 export "$file" --to pcap --output "$folder/capture" "$@"
  [ "$(shark | wc -l)" -gt 10 ] || fail "tshark reads no packets"
  local bad
  bad=$(shark -Y _ws.malformed | head -3)
  [ -z "$bad" ] || fail "malformed: $bad"
  bad=$(shark -Y 'kafka && _ws.expert.severity == error' | head -3)
  [ -z "$bad" ] || fail "errors: $bad"
  bad=$(shark -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -Y 'tcp.checksum.status == 0 || ip.checksum.status == 0' | head -3)
  [ -z "$bad" ] || fail "wrong checksums: $bad"
  bad=$(shark -Y 'tcp.analysis.ack_lost_segment || tcp.analysis.lost_segment || tcp.analysis.out_of_order' | head -3)
  [ -z "$bad" ] || fail "gaps: $bad"
  # The same plan's trace: messages between hosts of which one is neither broker nor controller.
  expect 0 export "$file" --to jsonl --output "$folder/trace" "$@" --set /cluster/config/client.api.versions=2.5
  local wanted seen
  wanted=$(python3 - "$folder/trace" <<'PY'
import json, re, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
hosts = lines[0]["hosts"]
inside = lambda name: re.fullmatch(r"[bc]\d+", name) is not None
print(sum(1 for l in lines if l["kind"] == "sent" and not (inside(l["host"]) and inside(hosts[l["to"]]))))
PY
)
  seen=$(shark -T fields -e kafka.len -Y kafka.len | tr ',' '\n' | grep -c .)
  [ "$wanted" -eq "$seen" ] || fail "$wanted messages in the trace, $seen in tshark"
  case $file in *transfer* | *lost-ack*) ;; *) return ;; esac
  [ "$(shark -Y 'kafka.api_key == 0' | wc -l)" -gt 0 ] || fail "no Produce"
}

for file in "$library"/*.json; do check "$file"; done
for codec in gzip snappy lz4 zstd; do check "$library/lost-ack.json" --producer-property compression.type=$codec --set '/expect={}'; done

# Who asks for the newest versions gets the run's own bytes; tshark of Debian 12 knows Produce only up to version 8.
expect 0 export "$library/lost-ack.json" --to pcap --output "$folder/capture" --set /cluster/config/client.api.versions=newest
shark -Y 'kafka.api_key == 0' -T fields -e kafka.api_version | grep -q 13 || fail "no Produce of version 13"
leaves_nothing
done_with export_tshark
