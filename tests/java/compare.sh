#!/bin/sh
# usage: compare.sh TWIN BUILD_FOLDER idempotent[-metrics]|transactional[-metrics]|network[-metrics]|batches FIRST_SEED|fresh COUNT
# Plays random scripts with our producer (or its network client) and with Java's and compares line by line; or builds and
# reads random record batches with both. "fresh" takes a seed that was never used and prints it; what differs is kept in
# BUILD_FOLDER. Exit code 77: there is no Java here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
twin=$1
folder=$2
kind=$3
seed=$4
count=$5
command -v python3 >/dev/null || { echo "left out: python3 is not installed" >&2; exit 77; }
[ "$seed" = fresh ] && seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
mkdir -p "$folder"
name=$folder/$kind-$seed
case $kind in
  network) set -- random_network_scripts.py "$seed" "$count" ;;
  network-metrics) set -- random_network_scripts.py metrics "$seed" "$count" ;;
  batches) set -- random_batches.py "$seed" "$count" ;;
  *) set -- random_scripts.py "$kind" "$seed" "$count" ;;
esac
echo "seed $seed: tests/java/$*"
(cd "$here" && python3 "./$@") > "$name.jsonl"
if [ "$kind" = batches ]; then
  "$here/judge.sh" "$folder/judge" batches build "$name.java.batches" < "$name.jsonl" > "$name.java.built" ||
    { code=$?; rm -f "$name".*; exit $code; }
  # Debian's JVM takes zlib from the system, as we do; others bring their own.
  if ldd "$(dirname "$(readlink -f "$(command -v java)")")/../lib/libzip.so" 2>/dev/null | grep -q 'libz\.so'; then
    "$twin" libraries | sed 's/zlib \([^,]*\),.*/\1/' > "$name.zlib"
  else
    echo "the JVM's own" > "$name.zlib"
  fi
  "$here/../differential/compare_batches.sh" "$twin" "$name" "$here/judge.sh" "$folder/judge" batches read
  rm -f "$name".*
  exit 0
fi
"$here/judge.sh" "$folder/judge" "$kind" < "$name.jsonl" > "$name.java" || { code=$?; rm -f "$name".*; exit $code; }
"$twin" < "$name.jsonl" > "$name.ours" || true
if cmp -s "$name.ours" "$name.java"; then
  echo "$count scripts, $(wc -l < "$name.java") lines equal"
  rm -f "$name".*
else
  echo "$(diff "$name.ours" "$name.java" | grep -c '^>') of $(wc -l < "$name.java") lines differ; the first, ours and Java's:"
  diff "$name.ours" "$name.java" | grep -m 1 '^<' || echo '< (ours ended)'
  diff "$name.ours" "$name.java" | grep -m 1 '^>'
  exit 1
fi
