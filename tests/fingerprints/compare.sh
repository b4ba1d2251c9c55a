#!/usr/bin/env bash
# usage: compare.sh SOURCE BUILD PROGRAM — builds linger_fingerprint with other compilers and levels below BUILD and compares what they and PROGRAM print.
# The other compiler without its optimiser is the furthest from the main build; LINGER_FINGERPRINTS=all adds those in between.
set -euo pipefail
source=$1 build=$2 program=$3
"$program" "$source/scenarios/library" >"$build.expected"
status=0
variants=("clang++ -O0")
[ "${LINGER_FINGERPRINTS:-}" = all ] && variants+=("g++ -O0" "g++ -O3" "clang++ -O3")
for variant in "${variants[@]}"; do
  read -r compiler level <<<"$variant"
  if ! command -v "$compiler" >/dev/null; then
    echo "left out: $compiler is not installed"
    continue
  fi
  folder="$build-${compiler//+/p}$level"
  cmake -S "$source" -B "$folder" -G Ninja -DLINGER_FINGERPRINT_ONLY=ON -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS="$level" >"$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  cmake --build "$folder" --target linger_fingerprint >"$folder.log" 2>&1 || { tail -40 "$folder.log"; exit 1; }
  if "$folder/tests/fingerprints/linger_fingerprint" "$source/scenarios/library" | diff "$build.expected" -; then
    echo "$variant: $(wc -l <"$build.expected") fingerprints equal"
  else
    echo "$variant: fingerprints differ (< this build, > $variant)"
    status=1
  fi
done
exit $status
