# usage: slurm.sh LINGER PROJECT
# Runs docs/cluster/sweep.sbatch for real: a cluster of one machine, with its own keys and state in a temporary folder and on the loopback only, and a job array of three tasks. Their reports
# together must be the report of the whole sweep.
set -u
linger=$1
project=$2
for tool in munged slurmctld slurmd sbatch squeue sinfo; do
  command -v "$tool" >/dev/null || { echo "left out: $tool is not installed (apt-get install slurm-wlm)"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "left out: slurmd wants to be root"; exit 77; }

folder=$(mktemp -d)
chmod 755 "$folder"
processes=()
job=
end() {
  # A task outlives slurmd: it is ended while there is somebody to ask.
  if [ -n "$job" ]; then
    scancel --full "$job" 2>/dev/null
    for _ in $(seq 60); do
      [ -n "$(squeue --noheader --job="$job" 2>/dev/null)" ] || break
      scancel --full --signal=KILL "$job" 2>/dev/null
      read -rt 0.5 <> <(:) || true
    done
  fi
  for process in "${processes[@]}"; do kill "$process" 2>/dev/null; done
  for process in "${processes[@]}"; do wait "$process" 2>/dev/null; done
  rm -rf "$folder"
}
trap end EXIT
fail() {
  echo "FAILED: $1"
  tail -n 20 "$folder"/*.log 2>/dev/null
  exit 1
}
# wait_for SENTENCE COMMAND...: asks until it is so, at most four minutes: the machine may have other work.
wait_for() {
  local what=$1
  shift
  local end=$((SECONDS + 240))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what"
  done
}

umask 077
dd if=/dev/urandom bs=1024 count=1 of="$folder/munge.key" 2>/dev/null
umask 022
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --log-file="$folder/munged.log" --pid-file="$folder/munged.pid" \
  --seed-file="$folder/munge.seed" >"$folder/munged.out.log" 2>&1 &
processes+=($!)
wait_for "munged does not answer" munge --no-input --socket="$folder/munge.socket"

name=$(hostname -s)
port=$((20000 + $$ % 20000))
cat >"$folder/slurm.conf" <<CONF
ClusterName=linger
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
ReturnToService=2
NodeName=$name NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$name Default=YES MaxTime=INFINITE State=UP
CONF
mkdir "$folder/state" "$folder/spool"
export SLURM_CONF=$folder/slurm.conf
slurmctld -D >"$folder/slurmctld.out.log" 2>&1 &
processes+=($!)
slurmd -D >"$folder/slurmd.out.log" 2>&1 &
processes+=($!)
idle() { sinfo --noheader --format=%T | grep -q idle; }
wait_for "the node does not become idle" idle

sweep="--swarm --seeds 300 --behaviour broker.deduplication=false"
cd "$folder" || exit 1
job=$(LINGER=$linger LINGER_REPORTS=$folder/reports sbatch --parsable --array=1-3 --output="$folder/task-%a.log" "$project/docs/cluster/sweep.sbatch" $sweep) ||
  fail "sbatch refuses the script"
over() { [ -z "$(squeue --noheader --job="$job")" ] && [ -f "$folder/reports/shard-1.json" ] && [ -f "$folder/reports/shard-2.json" ] && [ -f "$folder/reports/shard-3.json" ]; }
wait_for "the three tasks do not end with a report each" over

"$linger" sweep $sweep --output "$folder/reports/plans" --json >"$folder/whole.json"
"$linger" merge "$folder"/reports/shard-*.json --json >"$folder/joined.json"
cmp "$folder/whole.json" "$folder/joined.json" || fail "the reports of three tasks differ from that of one sweep"
echo "slurm: three tasks of a job array, joined, are the whole sweep"
