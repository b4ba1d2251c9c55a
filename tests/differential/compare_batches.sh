#!/bin/sh
# usage: compare_batches.sh BATCH_TWIN NAME [JAVA_READER...]
# Builds the scripted batches of NAME.jsonl and compares with Java's: NAME.java.built (what is in them, and what the
# builder estimated) and NAME.java.batches (the bytes). Both sides' batches are read by us, and by the command JAVA_READER
# FILE if there is one, and must hold what the script says. All bytes must be equal; with gzip if NAME.zlib, the version of
# the library that Java used, is also ours. Of a codec that another version packs differently (see `free` below) the
# batch's header, the stream's frame and the uncompressed sizes of its blocks must be. Leaves NAME.ours.* behind.
set -eu
twin=$1
name=$2
shift 2

# same WHAT OURS EXPECTED: the first line that differs ends the comparison.
same() {
  cmp -s "$2" "$3" && return
  echo "$1: the first line that differs, ours or what was read, and what was expected:"
  diff "$2" "$3" | grep -m 1 '^<' | cut -c 1-700 || echo '< (ended)'
  diff "$2" "$3" | grep -m 1 '^>' | cut -c 1-700 || echo '> (ended)'
  exit 1
}

"$twin" build "$name.ours.batches" < "$name.jsonl" > "$name.ours.built"
same "what was built" "$name.ours.built" "$name.java.built"
sed 's/,"estimates":.*/}/' "$name.java.built" > "$name.ours.expected"
for side in ours java; do
  "$twin" layout "$name.$side.batches" < "$name.jsonl" > "$name.ours.layout-of-$side"
  "$twin" read "$name.$side.batches" > "$name.ours.read"
  same "our reader, batches of $side" "$name.ours.read" "$name.ours.expected"
  [ $# -eq 0 ] && continue
  "$@" "$name.$side.batches" > "$name.ours.read"
  same "Java's reader, batches of $side" "$name.ours.read" "$name.ours.expected"
done

# Between liblz4 1.9.4 and that of lz4-java 1.10.2 the levels 1 and 2 changed, between libzstd 1.5.4 and that of zstd-jni
# 1.5.6 some from 5 on. Of other versions nothing is known.
libraries=$("$twin" libraries),
free='lz4","level":[12]|zstd","level":([5-9]|[12][0-9])'
case $libraries in *"zlib $(cat "$name.zlib"),"*) ;; *) free="$free|gzip\",\"level\":[-0-9]+" ;; esac
case $libraries in *'snappy 1.1.9,'*) ;; *) free="$free|snappy\",\"level\":0" ;; esac
case $libraries in *'lz4 1.9.4,'*) ;; *) free="$free|lz4\",\"level\":[0-9]+" ;; esac
case $libraries in *'zstd 1.5.4,'*) ;; *) free="$free|zstd\",\"level\":[-0-9]+" ;; esac
for side in ours java; do
  sed -E "/\"codec\":\"($free),/s/,\"packed\":.*/}/" "$name.ours.layout-of-$side" > "$name.ours.fixed-of-$side"
done
same "bytes and blocks" "$name.ours.fixed-of-ours" "$name.ours.fixed-of-java"

counts=
for codec in none gzip snappy lz4 zstd; do
  all=$(grep -c "\"codec\":\"$codec\"" "$name.ours.layout-of-ours" || true)
  differ=$(diff "$name.ours.layout-of-ours" "$name.ours.layout-of-java" | grep -c "^>.*\"codec\":\"$codec\"" || true)
  counts="$counts, $codec $((all - differ)) of $all"
done
echo "$(wc -l < "$name.java.built") batches: headers, blocks, estimates and records equal; the same bytes: ${counts#, }"
