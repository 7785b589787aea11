# Each plan, apply, rollback, recover and confirm of a scenario also runs on a twin: a host that is
# simulated from a snapshot of that moment, with a copy of the state folder. Both must have the same
# output, exit status, journal and bindings.
# shellcheck shell=bash

# Facts that the simulated host needs and that are not recorded in the snapshot, as JQ changes to
# it: how a guest answers an unplug request, for example, or on which driver libvirt found a
# function.
twin_knows=.

# twin_knows JQ: adds such a change, as in `.simulation.unplug.vm = "never"`
twin_knows() {
  { local -; set +x; } 2>/dev/null
  twin_knows="$twin_knows | $1"
}

# twin_forgets: removes all of these changes
twin_forgets() {
  { local -; set +x; } 2>/dev/null
  twin_knows=.
}

# pcipass ARGUMENTS…: runs pcipass on this host and on its twin, and compares both
pcipass() {
  { local -; set +x; } 2>/dev/null
  case ${1:-} in
    plan | apply | rollback | recover | confirm) ;;
    *)
      command pcipass "$@"
      return
      ;;
  esac
  local status=0 twin=0 folder=/tmp/twin.$BASHPID state=/var/lib/pcipass
  [[ ! " $* " =~ .*\ --state-dir\ ([^ ]+) ]] || state=${BASH_REMATCH[1]}
  mkdir "$folder"
  twin_monitors "$@" >"$folder/monitors.yaml"
  command pcipass snapshot "$folder/monitors.yaml" >"$folder/host.json" || twin_fail 'no snapshot for the twin'
  if [ "$twin_knows" != . ]; then
    jq "$twin_knows" "$folder/host.json" >"$folder/known.json" || twin_fail "not JQ: $twin_knows"
    mv "$folder/known.json" "$folder/host.json"
  fi
  [ ! -e "$state" ] || cp -a "$state" "$folder/host.json.state"
  # The last one of a repeated option counts: the twin has its own state folder and plan file.
  local arguments=("$@" --simulate "$folder/host.json" --state-dir "$folder/host.json.state")
  case " $* " in *' --out '*) arguments+=(--out "$folder/plan.json") ;; esac
  # The twin runs first, while a saved plan is still unchanged.
  command pcipass "${arguments[@]}" >"$folder/twin" 2>&1 || twin=$?
  command pcipass "$@" >"$folder/real" 2>&1 || status=$?
  cat "$folder/real"
  [ "$status" = "$twin" ] || { cat "$folder/twin"; twin_fail "exit statuses differ: $twin of the simulated host, $status of this host"; }
  # Durations, times and folders may differ.
  sed -i -E "s|$folder/host.json.state|$state|g; s/ in [0-9.]+ m?s\$//; s/ after [0-9.]+ m?s\$//
    s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/(time)/" "$folder/twin" "$folder/real"
  cmp -s "$folder/twin" "$folder/real" ||
    { diff "$folder/twin" "$folder/real" || true; twin_fail 'the outputs differ'; }
  if ! diff -rq "$folder/host.json.state/journal" "$state/journal" >/dev/null 2>&1; then
    twin_journal "$folder/host.json.state" >"$folder/twin.json"
    twin_journal "$state" >"$folder/real.json"
    twin_same 'the journals differ' 'del(.. | .at?, .uptime?, .took?, .run?, .rest?)' "$folder/twin.json" "$folder/real.json"
  fi
  command pcipass snapshot "$folder/monitors.yaml" >"$folder/after.json"
  twin_same 'the final states differ' "$twin_bindings" "$folder/host.json" "$folder/after.json"
  rm -r "$folder"
  return "$status"
}

# twin_monitors ARGUMENT…: prints manifests of the QEMUs without libvirt that the command queries:
# those of its manifests or of its plan. The twin has no other QEMUs.
twin_monitors() {
  local file line text socket name
  local -A sockets=()
  printf 'apiVersion: pcipass/v1\nkind: Host\nmetadata: {name: hv01}\nspec: {nics: []}\n'
  shopt -s globstar nullglob
  for file; do
    [ ! -d "$file" ] || set -- "$@" "$file"/**/*.yaml
  done
  shopt -u globstar nullglob
  for file; do
    [ -f "$file" ] || continue
    read -r -d '' text <"$file" || true
    case $file in
      *.yaml)
        while [[ $text =~ qemu:\ \{qmp:\ ([^,}]*)(.*) ]]; do
          sockets[${BASH_REMATCH[1]}]=1 text=${BASH_REMATCH[2]}
        done ;;
      *)
        [[ $text = *'"qmp"'* ]] || continue
        while read -r line; do sockets[$line]=1; done < <(jq -r '.request.guests[]?.spec.qemu.qmp // empty' "$file") ;;
    esac
  done
  for socket in "${!sockets[@]}"; do
    name=${socket##*/}
    printf -- '---\napiVersion: pcipass/v1\nkind: Guest\nmetadata: {name: %s}\n' "${name%.qmp}"
    printf 'spec: {host: hv01, qemu: {qmp: %s}, nics: []}\n' "$socket"
  done
}

# twin_fail has its own exit status, so that a command that is expected to fail does not hide it.
twin_fail() {
  echo "$*"
  exit 99
}

# twin_same TEXT JQ TWIN REAL: fails with TEXT unless the results of JQ on both files are equal
twin_same() {
  cmp -s "$3" "$4" || jq -en "[inputs | [$2]] | .[0] == .[1]" "$3" "$4" >/dev/null ||
    { diff <(jq "$2" "$3") <(jq "$2" "$4") || true; twin_fail "$1"; }
}

# twin_journal FOLDER: prints the records of its last journal
twin_journal() {
  local last
  last=$(last_journal "$1")
  # Each line is a checksum and a record.
  [ "$last" = 0 ] || sed -e 's/^[0-9a-f]* //' -e "s|$1|(state)|g" "$1/journal/$last" | jq --slurp .
}

# The drivers, settings and devices in a snapshot
# shellcheck disable=SC2016 # it is JQ
twin_bindings='
  (.functions[] | select(.class | startswith("02"))
    | [.address, .driver, (if .driverOverride == .driver then null else .driverOverride end),
       (.interfaces // [] | length), .virtualFunction.settings]),
  (.qemu | arrays | .[] | [.name, .run, .freePorts, (.live | (arrays | map([.address, .alias, .bus]) | sort) // null)]),
  (.libvirt | arrays | .[] | [.name, .run, .freePorts, (.persistent, .live
    | (arrays | map([.address, .managed != false, (.alias | strings | select(startswith("ua-")))]) | sort) // null)])'
