#!/usr/bin/env bash
# usage: includes.sh SOURCE — the folders may include each other one way only, no clock or chance reaches a decision, and every folder is in the README's table.
set -u
cd "$1" || exit 2
status=0
complain() {
  [ -z "$2" ] && return
  printf '%s\n%s\n' "$1" "$2"
  status=1
}
includes() { grep -rnE "#include \"($2)/" "$1" --include='*.h' --include='*.cpp'; }
complain "sim/ includes nothing of ours:" "$(includes sim 'protocol|producer|broker_model|scenarios|ui')"
complain "protocol/ includes nothing of ours:" "$(includes protocol 'sim|producer|broker_model|scenarios|ui')"
complain "producer/ knows protocol/ only:" "$(includes producer 'sim|broker_model|scenarios|ui')"
complain "broker_model/ knows protocol/ and sim/ only:" "$(includes broker_model 'producer|scenarios|ui')"
complain "scenarios/ does not know ui/:" "$(includes scenarios 'ui')"
complain "ui/report/ knows scenarios/ and below only:" "$(includes ui/report 'ui/(cli|gui|web)')"
complain "ui/gui/ is included by itself only:" "$(grep -rnE '#include "ui/gui/' sim protocol producer broker_model scenarios ui/report ui/cli --include='*.h' --include='*.cpp')"
complain "only ui/gui/ draws with Dear ImGui:" "$(grep -rniE '#include [<"](.*/)?(imgui|imconfig|imstb|backends/imgui)' sim protocol producer broker_model scenarios ui/report ui/cli ui/gui/model --include='*.h' --include='*.cpp')"
complain "clocks and chance from outside:" "$(grep -rnE 'system_clock|steady_clock|random_device|mt19937|uniform_(int|real)_distribution|std::rand\b|\btime\(nullptr\)|std::thread' \
  sim protocol producer broker_model scenarios ui/report ui/gui/model ui/gui/views --include='*.h' --include='*.cpp')"
for folder in */; do
  folder=${folder%/}
  case $folder in build | linger-failures) continue ;; esac
  grep -q "^| \`$folder/\` |" README.md || { echo "README.md says nothing about $folder/"; status=1; }
done
exit $status
