# Sourced by the scripts beside it, which are called with the program and the project's folder.
# Each works in an empty folder of its own, so that a file left behind is seen.
set -u
linger=$1
project=$2
library=$project/scenarios/library
folder=$(mktemp -d)
work=$folder/work
mkdir "$work"
cd "$work" || exit 1
trap 'rm -rf "$folder"' EXIT
failures=0
[ -x "$linger" ] || { echo "no program at $linger"; exit 1; }

fail() {
  failures=$((failures + 1))
  echo "FAILED: linger $words"
  echo "  $1"
  echo "  standard output: $(head -c 400 "$folder/out")"
  echo "  standard error:  $(head -c 800 "$folder/err")"
}

# expect STATUS WORDS...: runs linger with these words and checks how it ends.
expect() {
  local wanted=$1
  shift
  words="$*"
  "$linger" "$@" >"$folder/out" 2>"$folder/err" </dev/null
  local status=$?
  [ "$status" -eq "$wanted" ] || fail "exit status $status, expected $wanted"
}

# What the last run wrote.
prints() { grep -qF -- "$1" "$folder/out" || fail "standard output lacks: $1"; }
prints_not() { ! grep -qF -- "$1" "$folder/out" || fail "standard output has: $1"; }
says() { grep -qF -- "$1" "$folder/err" || fail "standard error lacks: $1"; }
prints_nothing() { [ ! -s "$folder/out" ] || fail "standard output is not empty"; }
says_nothing() { [ ! -s "$folder/err" ] || fail "standard error is not empty"; }
leaves_nothing() { [ -z "$(ls -A "$work")" ] || fail "left behind: $(ls -A "$work")"; }

done_with() {
  [ "$failures" -eq 0 ] || exit 1
  echo "$1: all as expected"
}
