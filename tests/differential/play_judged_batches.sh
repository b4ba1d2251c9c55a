#!/bin/sh
# usage: play_judged_batches.sh BATCH_TWIN FOLDER
# Compares our batches with those that Java built from NAME.jsonl.gz of the folder, and reads Java's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
for script in "$2"/*.jsonl.gz; do
  name=$(basename "$script" .jsonl.gz)
  for part in jsonl java.built java.batches; do gzip -dc "$2/$name.$part.gz" > "$unpacked/$name.$part"; done
  cp "$2/$name.zlib" "$unpacked"
  "$here/compare_batches.sh" "$1" "$unpacked/$name"
done
