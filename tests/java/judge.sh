#!/bin/sh
# usage: judge.sh BUILD_FOLDER [network|network-metrics] < script
#        judge.sh BUILD_FOLDER batches build|read FILE_OF_BATCHES [< script]
# Plays a script with the Java classes: the producer's core, or the network client; or builds or reads record batches.
# The first time it fetches kafka-clients 4.3.1 with Maven and compiles the driver, both into BUILD_FOLDER. Exit code 77
# and a sentence: there is no Java here, or no way to fetch it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
kind=${2:-producer}
case $kind in
  batches) judge=org.apache.kafka.common.record.internal.BatchJudge; shift 2 ;;
  network | network-metrics) judge=org.apache.kafka.clients.NetworkJudge ;;
  *) judge=org.apache.kafka.clients.producer.internals.ProducerJudge ;;
esac
[ "$kind" = batches ] || set --
for tool in java javac mvn; do
  command -v "$tool" >/dev/null || { echo "left out: $tool is not installed (Debian: default-jdk-headless, maven)" >&2; exit 77; }
done
jars=$folder/jars
classes=$folder/classes
if [ ! -f "$jars/complete" ]; then
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$jars" >"$folder.log" 2>&1 ||
    { echo "left out: Maven could not fetch kafka-clients (see $folder.log)" >&2; exit 77; }
  touch "$jars/complete"
fi
source=$here/src
if [ ! -f "$classes/complete" ] || [ -n "$(find "$source" -newer "$classes/complete" -name '*.java')" ]; then
  mkdir -p "$classes"
  find "$source" -name '*.java' -exec javac -nowarn -XDsuppressNotes -Xlint:-removal -cp "$jars/*" -d "$classes" {} +
  touch "$classes/complete"
fi
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -cp "$jars/*:$classes" "$judge" "$@"
