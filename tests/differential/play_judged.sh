#!/bin/sh
# usage: play_judged.sh PRODUCER_TWIN FOLDER
# Plays each NAME.jsonl.gz of the folder and compares with what the Java judge printed for it (NAME.out.gz).
set -eu
twin=$1
folder=$2
answer=$(mktemp)
expected=$(mktemp)
trap 'rm -f "$answer" "$expected"' EXIT
for script in "$folder"/*.jsonl.gz; do
  name=$(basename "$script" .jsonl.gz)
  gzip -dc "$script" | "$twin" > "$answer"
  gzip -dc "$folder/$name.out.gz" > "$expected"
  if ! cmp "$answer" "$expected"; then
    echo "$name: the first line that differs, ours and Java's:"
    diff "$answer" "$expected" | grep -m 1 '^<' || true
    diff "$answer" "$expected" | grep -m 1 '^>' || true
    exit 1
  fi
  echo "$name: $(wc -l < "$expected") lines equal"
done
