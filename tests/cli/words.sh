# Help, version, completion, and words that mean nothing.
source "$(dirname "$0")/lib.sh"

expect 0 --help
prints "run "
prints "sweep "
says_nothing
expect 0 run --help
prints "--producer-config FILE"
expect 0 --version
prints "linger 0."
prints "zstd 1."
prints "lz4 1."
prints "snappy 1."

expect 2
says "linger VERB"
prints_nothing
expect 2 runn x.json
says 'no verb "runn"; did you mean run?'
prints_nothing
expect 2 run x.json --strickt
says "linger run has no option --strickt; did you mean --strict?"
expect 2 run x.json --swarm
says "linger run has no option --swarm"
expect 2 run x.json y.json
says 'takes one FILE, not also "y.json"'
expect 2 run x.json --set
says "--set needs a value: --set POINTER=VALUE"
expect 2 run x.json --json=yes
says "--json is a switch and takes no value"
expect 2 run x.json --seed 1 --seed 2
says "--seed is given twice"
expect 2 run
says "needs a FILE"
expect 2 schema x
says 'linger schema takes no "x"'

expect 0 schema
prints '"$schema"'
expect 0 config
prints "max.in.flight.requests.per.connection"
prints "delivery.timeout.ms"
expect 0 config linger
prints "linger.ms"
prints_not "max.block.ms"
expect 2 config no.such.word
says 'no producer setting has "no.such.word" in its name'

for shell in bash zsh fish; do
  expect 0 completion $shell
  prints "producer-property"
  prints "compare"
done
"$linger" completion bash >"$folder/completion.bash"
bash -n "$folder/completion.bash" || fail "the bash completion is no bash"
# What bash would offer behind `linger run --pro`.
offered=$(bash -c 'source "$1"; COMP_WORDS=(linger run --pro); COMP_CWORD=2; _linger; echo "${COMPREPLY[*]}"' - "$folder/completion.bash")
[ "$offered" = "--producer-property --producer-config" ] || fail "bash would offer: $offered"
expect 2 completion tcsh
says "expected bash, zsh or fish"
leaves_nothing
done_with words
