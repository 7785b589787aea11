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
  # Of an option that is given twice the last one counts: the twin's state and plan are elsewhere.
  local arguments=("$@" --simulate "$folder/host.json" --state-dir "$folder/host.json.state")
  case " $* " in *' --out '*) arguments+=(--out "$folder/plan.json") ;; esac
  # The twin first: a saved plan is still there as it was.
  command pcipass "${arguments[@]}" >"$folder/twin" 2>&1 || twin=$?
  command pcipass "$@" >"$folder/real" 2>&1 || status=$?
  cat "$folder/real"
  [ "$status" = "$twin" ] || { cat "$folder/twin"; twin_fail "the simulated host ends with $twin, this one with $status"; }
  # The times that they took are not the same, and neither are the folders.
  sed -i -E "s|$folder/host.json.state|$state|g; s/ in [0-9.]+ m?s\$//; s/ after [0-9.]+ m?s\$//
    s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/(time)/" "$folder/twin" "$folder/real"
  cmp -s "$folder/twin" "$folder/real" ||
    { diff "$folder/twin" "$folder/real" || true; twin_fail 'the simulated host prints otherwise'; }
  if ! diff -rq "$folder/host.json.state/journal" "$state/journal" >/dev/null 2>&1; then
    twin_journal "$folder/host.json.state" >"$folder/twin.json"
    twin_journal "$state" >"$folder/real.json"
    twin_same 'the simulated host writes another journal' 'del(.. | .at?, .uptime?, .took?, .run?, .rest?)' "$folder/twin.json" "$folder/real.json"
  fi
  command pcipass snapshot "$folder/monitors.yaml" >"$folder/after.json"
  twin_same 'the simulated host is left otherwise' "$twin_bindings" "$folder/host.json" "$folder/after.json"
  rm -r "$folder"
  return "$status"
}

# twin_monitors ARGUMENT…: manifests of the QEMUs without libvirt that the command itself asks, those of its manifests
# or of its plan. Others it knows nothing of.
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

# With a status of its own, so that a command that is expected to fail does not hide it.
twin_fail() {
  echo "$*"
  exit 99
}

# twin_same TEXT JQ TWIN REAL: what JQ makes of both files is the same
twin_same() {
  cmp -s "$3" "$4" || jq -en "[inputs | [$2]] | .[0] == .[1]" "$3" "$4" >/dev/null ||
    { diff <(jq "$2" "$3") <(jq "$2" "$4") || true; twin_fail "$1"; }
}

# twin_journal FOLDER: what the last journal in it says
twin_journal() {
  local last
  last=$(last_journal "$1")
  # Each line is a checksum and a record.
  [ "$last" = 0 ] || sed -e 's/^[0-9a-f]* //' -e "s|$1|(state)|g" "$1/journal/$last" | jq --slurp .
}

# What a snapshot says of who has what
# shellcheck disable=SC2016 # it is JQ
twin_bindings='
  (.functions[] | select(.class | startswith("02"))
    | [.address, .driver, (if .driverOverride == .driver then null else .driverOverride end),
       (.interfaces // [] | length), .virtualFunction.settings]),
  (.qemu | arrays | .[] | [.name, .run, .freePorts, (.live | (arrays | map([.address, .alias, .bus]) | sort) // null)]),
  (.libvirt | arrays | .[] | [.name, .run, .freePorts, (.persistent, .live
    | (arrays | map([.address, .managed != false, (.alias | strings | select(startswith("ua-")))]) | sort) // null)])'
