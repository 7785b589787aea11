# The same scenario on both: each plan, apply, rollback, recover and confirm also runs on a host simulated from a
# snapshot of that moment, with a copy of its state folder, and both must print the same, end with the same status,
# write the same journal and leave the same bindings.
# shellcheck shell=bash

# What no snapshot can tell and the simulated host must know, as changes to the snapshot: how a guest answers an
# unplug, for example, or on which driver libvirt found a function.
twin_knows=.

# twin_knows JQ: `.simulation.unplug.vm = "never"`
twin_knows() {
  { local -; set +x; } 2>/dev/null
  twin_knows="$twin_knows | $1"
}

# twin_forgets: all of that
twin_forgets() {
  { local -; set +x; } 2>/dev/null
  twin_knows=.
}

# pcipass ARGUMENTS…: on this host, and beside it on its twin
pcipass() {
  { local -; set +x; } 2>/dev/null
  case ${1:-} in
    plan | apply | rollback | recover | confirm) ;;
    *)
      command pcipass "$@"
      return
      ;;
  esac
  local status=0 twin=0 folder state
  folder=$(mktemp -d)
  state=$(twin_option --state-dir /var/lib/pcipass "$@")
  twin_monitors "$@" >"$folder/monitors.yaml"
  command pcipass snapshot "$folder/monitors.yaml" | jq "$twin_knows" >"$folder/host.json" ||
    twin_fail 'no snapshot for the twin'
  [ ! -e "$state" ] || cp -a "$state" "$folder/host.json.state"
  # Of an option that is given twice the last one counts: the twin's state and plan are elsewhere.
  local arguments=("$@" --simulate "$folder/host.json" --state-dir "$folder/host.json.state")
  case " $* " in *' --out '*) arguments+=(--out "$folder/plan.json") ;; esac
  # The twin first: a saved plan is still there as it was.
  command pcipass "${arguments[@]}" >"$folder/twin" 2>&1 || twin=$?
  command pcipass "$@" >"$folder/real" 2>&1 || status=$?
  cat "$folder/real"
  [ "$status" = "$twin" ] || { cat "$folder/twin"; twin_fail "the simulated host ends with $twin, this one with $status"; }
  sed -i "s|$folder/host.json.state|$state|g" "$folder/twin"
  twin_same 'the simulated host prints otherwise' without_times "$folder/twin" "$folder/real"
  twin_same 'the simulated host writes another journal' twin_journal "$folder/host.json.state" "$state"
  command pcipass snapshot "$folder/monitors.yaml" >"$folder/after.json"
  twin_same 'the simulated host is left otherwise' twin_bindings "$folder/host.json" "$folder/after.json"
  rm -r "$folder"
  return "$status"
}

# twin_option NAME DEFAULT ARGUMENT…: the value of an option
twin_option() {
  local name=$1 value=$2 argument previous=''
  shift 2
  for argument; do
    [ "$previous" != "$name" ] || value=$argument
    previous=$argument
  done
  echo "$value"
}

# twin_journal FOLDER: what the last journal says, without times
twin_journal() {
  local last
  last=$(find "$1/journal" -type f -printf '%f\n' 2>/dev/null | sort -n | tail -n 1)
  [ -z "$last" ] || command pcipass show "$last" --format json --state-dir "$1" |
    jq 'del(.. | .at?, .took?)' | sed "s|$1|(state)|g"
}

# twin_monitors ARGUMENT…: manifests of the QEMUs without libvirt that the command itself asks, those of its manifests
# or of its plan. Others it knows nothing of.
twin_monitors() {
  local file socket
  printf 'apiVersion: pcipass/v1\nkind: Host\nmetadata: {name: hv01}\nspec: {nics: []}\n'
  for file in $(twin_files "$@"); do
    case $file in
      *.yaml) sed -n 's/.*qemu: {qmp: \([^,}]*\).*/\1/p' "$file" ;;
      *) jq -r '.request.guests[]?.spec.qemu.qmp // empty' "$file" ;;
    esac
  done | sort -u | while read -r socket; do
    printf -- '---\napiVersion: pcipass/v1\nkind: Guest\nmetadata: {name: %s}\n' "$(basename "$socket" .qmp)"
    printf 'spec: {host: hv01, qemu: {qmp: %s}, nics: []}\n' "$socket"
  done
}

# twin_files ARGUMENT…: the files among them, and the manifests in folders
twin_files() {
  local file
  for file; do
    if [ -f "$file" ]; then echo "$file"; elif [ -d "$file" ]; then find "$file" -name '*.yaml'; fi
  done
}

# With a status of its own, so that a command that is expected to fail does not hide it.
twin_fail() {
  echo "$*"
  exit 99
}

twin_same() {
  diff <("$2" "$3") <("$2" "$4") || twin_fail "$1"
}

without_times() {
  sed -E 's/ in [0-9.]+ m?s$//; s/ after [0-9.]+ m?s$//; s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/(time)/' "$1"
}

twin_bindings() {
  jq -c '(.functions[] | select(.class | startswith("02"))
      | [.address, .driver, (if .driverOverride == .driver then null else .driverOverride end),
         (.interfaces // [] | length), .virtualFunction.settings]),
    (.qemu | arrays | .[] | [.name, .run, .freePorts, (.live | (arrays | map([.address, .alias, .bus]) | sort) // null)]),
    (.libvirt | arrays | .[] | [.name, .run, .freePorts, (.persistent, .live | (arrays | map([.address, .managed != false, (.alias | strings | select(startswith("ua-")))]) | sort) // null)])' "$1"
}
