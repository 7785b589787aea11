# The functions of the scenarios. A function that fails prints the reason and ends the scenario.
# shellcheck shell=bash
# The first line of each function excludes its body from the trace.

fail() {
  { local -; set +x; } 2>/dev/null
  echo "$*"
  exit 1
}

# driver ADDRESS: the driver's name, or none
driver() {
  { local -; set +x; } 2>/dev/null
  local link
  link=$(readlink "/sys/bus/pci/devices/$1/driver") || link=none
  echo "${link##*/}"
}

# interface ADDRESS: the name of its network interface
interface() {
  { local -; set +x; } 2>/dev/null
  local names=("/sys/bus/pci/devices/$1/net/"*)
  [ -e "${names[0]}" ] || fail "$1 has no interface"
  echo "${names[0]##*/}"
}

# expect_driver ADDRESS DRIVER
expect_driver() {
  { local -; set +x; } 2>/dev/null
  local is
  is=$(driver "$1")
  [ "$is" = "$2" ] || fail "$1 is on $is, not on $2"
}

# expect_exit STATUS COMMAND…
expect_exit() {
  { local -; set +x; } 2>/dev/null
  local status=0 wanted=$1
  shift
  "$@" || status=$?
  [ "$status" = "$wanted" ] || fail "exit status $status, not $wanted"
}

# expect_output TEXT COMMAND…: the command succeeds and its output contains TEXT
expect_output() {
  { local -; set +x; } 2>/dev/null
  expect_text 0 "$@"
}

# expect_refused TEXT COMMAND…: the command fails, its output contains TEXT, and its exit status is
# the one that docs/usage.md gives for that output
expect_refused() {
  { local -; set +x; } 2>/dev/null
  expect_text printed "$@"
}

# status_of OUTPUT: prints the exit status of a command with this output
status_of() {
  case $1 in
    *Stuck.* | *'could not be undone'* | *'stay in effect'* | *'undo was interrupted'*) echo 5 ;;
    *'error: '*'[interrupted]'* | *'error: '*'[stuck]'* | *'[not-recovered]'* | *'[not-converged]'*) echo 5 ;;
    *'completed steps were undone'*) echo 4 ;;
    *'[locked]'*) echo 75 ;;
    *'refused, for '* | *': blocked'* | *'error: nic/'* | *'error: guest/'*) echo 3 ;;
    *'Nothing was changed.'*'[host-network]'* | *'[host-network]'*'Nothing was changed.'*) echo 3 ;;
    *'error: apply '*'[unconfirmed]'*) echo 6 ;;
    *) echo 1 ;;
  esac
}

expect_text() {
  local status=0 wanted=$1 text=$2 output
  shift 2
  output=$("$@" 2>&1) || status=$?
  printf '%s\n' "$output"
  [ "$wanted" != printed ] || wanted=$(status_of "$output")
  [ "$status" = "$wanted" ] || fail "exit status $status, not $wanted"
  case $output in
    *"$text"*) ;;
    *) fail "not in the output: $text" ;;
  esac
}

# wait_for SECONDS COMMAND…: repeats the command until it succeeds
wait_for() {
  { local -; set +x; } 2>/dev/null
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "timed out waiting for: $*"
    sleep 0.2
  done
}

# host LINE…: prints the manifest of this host. A line `NAME SELECTOR[, KEY: VALUE…]` is a NIC,
# selected by that address or MAC; a line `KEY: VALUE` is part of the spec.
host() {
  { local -; set +x; } 2>/dev/null
  document Host hv01 '' "$@"
}

# guest NAME LINE…: prints the manifest of a guest, after a separator. A line
# `NAME NIC[, KEY: VALUE…]` claims that NIC of the host; a line `KEY: VALUE` is part of the spec.
guest() {
  { local -; set +x; } 2>/dev/null
  echo ---
  document Guest "$1" '  host: hv01'$'\n' "${@:2}"
}

# document KIND NAME SPEC LINE…
document() {
  local kind=$1 name=$2 spec=$3 nics='' line from more
  shift 3
  for line; do
    read -r line from more <<<"$line"
    case $line in
      *:) spec+="  $line $from${more:+ $more}"$'\n'; continue ;;
    esac
    [ "$from" = "${from%,}" ] || more=", $more"
    from=${from%,}
    case $kind-$from in
      Host-????:??:??.?) from="select: {address: \"$from\"}" ;;
      Host-*) from="select: {mac: \"$from\"}" ;;
      *) from="from: $from" ;;
    esac
    nics+=$'\n'"    - {name: $line, $from$more}"
  done
  printf '%s\n' 'apiVersion: pcipass/v1' "kind: $kind" "metadata: {name: $name}" 'spec:' "$spec  nics:${nics:- []}"
}

# bind_by_hand ADDRESS DRIVER: binds the function without pcipass, as an administrator would
bind_by_hand() {
  { local -; set +x; } 2>/dev/null
  local device=/sys/bus/pci/devices/$1
  modprobe "$2"
  echo "$2" >"$device/driver_override"
  [ ! -e "$device/driver" ] || echo "$1" >"$device/driver/unbind"
  echo "$1" >/sys/bus/pci/drivers_probe
  expect_driver "$1" "$2"
}

# guest_has GUEST ID: succeeds if the running guest has the device
guest_has() {
  { local -; set +x; } 2>/dev/null
  [[ $(qmp "$1" qom-list '{"path": "/machine/peripheral"}') = *"\"name\": \"$2\""* ]]
}

guest_lost() {
  { local -; set +x; } 2>/dev/null
  ! guest_has "$@"
}

# end_guest GUEST: ends the QEMU of the guest
end_guest() {
  { local -; set +x; } 2>/dev/null
  local process
  process=$(cat "/tmp/$1.pid")
  kill "$process"
  wait_for 10 test ! -e "/proc/$process"
}

# domain NAME ROM [PORTS] [MORE XML]: prints the XML of a libvirt domain that runs one of the ROMs,
# with PORTS free root ports (default 2)
domain() {
  { local -; set +x; } 2>/dev/null
  local ports
  ports=$(for _ in $(seq "${3:-2}"); do echo "    <controller type='pci' model='pcie-root-port'/>"; done)
  cat <<END
<domain type='qemu'>
  <name>$1</name>
  <memory unit='MiB'>64</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='rom'>/lab/roms/$2.bin</loader>
  </os>
  <features><acpi/></features>
  <devices>
    <controller type='usb' model='none'/>
    <controller type='pci' index='0' model='pcie-root'/>
$ports
    <memballoon model='none'/>
    ${4:-}
  </devices>
</domain>
END
}

# defined DOMAIN: prints the host's functions in its definition, one a line: ADDRESS ALIAS MANAGED
defined() {
  { local -; set +x; } 2>/dev/null
  virsh dumpxml --inactive "$1" | hostdevs
}

# runs DOMAIN: prints the host's functions in its live XML, in the same form
runs() {
  { local -; set +x; } 2>/dev/null
  virsh dumpxml "$1" | hostdevs
}

# hostdevs: reads the XML of virsh line by line with sed, independently of pcipass's XML reader
hostdevs() {
  { local -; set +x; } 2>/dev/null
  sed -nE "
    s/^ *<hostdev mode='subsystem' type='pci' managed='([a-z]+)'>/\1/; T next; h; :more; n
    s/^ *<source>/&/; t source; b alias
    :source; n; s/.*domain='0x([0-9a-f]+)' bus='0x([0-9a-f]+)' slot='0x([0-9a-f]+)' function='0x([0-9a-f]+)'.*/\1:\2:\3.\4/
    H; n; b more
    :alias; s/^ *<alias name='([^']*)'\/>/\1/; t named; s/^ *<\/hostdev>/&/; t end; b more
    :named; H; b more
    :end; x; s/^([a-z]+)\n([^\n]*)\n?(.*)/\2 \3 \1/; s/  / - /; p
    :next" | sort
}

# in_qemu DOMAIN: prints the functions that its QEMU reports, with their ids
in_qemu() {
  { local -; set +x; } 2>/dev/null
  virsh qemu-monitor-command "$1" --hmp 'info qtree' | vfio_devices
}

vfio_devices() {
  awk -F '"' '
    /^ *dev: / { id = /dev: vfio-pci,/ ? $2 : "" }
    /^ *host = / && id != "" { print $2, id }' | sort
}

# expect_same EXPECTED COMMAND…: the output of the command equals EXPECTED
expect_same() {
  { local -; set +x; } 2>/dev/null
  local is wanted=$1
  shift
  is=$("$@") || fail "failed: $*"
  [ "$is" = "$wanted" ] || fail "$*: is '$is', not '$wanted'"
}

# on DRIVER ADDRESS: succeeds if the function is on that driver; for wait_for
on() {
  { local -; set +x; } 2>/dev/null
  [ "$(driver "$2")" = "$1" ]
}

# standing: prints the state of the host for a comparison, read without pcipass: drivers, overrides,
# VFs with their settings, definitions of domains, their live devices and the devices of each QEMU
standing() {
  { local -; set +x; } 2>/dev/null
  local device name value text functions
  for device in /sys/bus/pci/devices/*; do
    read -r value <"$device/class"
    [[ $value = 0x02* ]] || continue
    name=${device##*/}
    functions=("$device"/virtfn*)
    [ -e "${functions[0]}" ] || functions=()
    read -r value <"$device/driver_override"
    text="$name $(driver "$name") $value ${#functions[@]}"
    [ ! -e "$device/sriov_drivers_autoprobe" ] || read -r value <"$device/sriov_drivers_autoprobe"
    echo "$text $value"
    # The name of an interface can change at each bind.
    [ ${#functions[@]} = 0 ] || ip -j link show "$(interface "$name")" | jq -c '.[0].vfinfo_list[]'
  done
  if [ -e /run/libvirt/libvirt-sock ]; then
    while IFS= read -r name; do
      # One virsh runs all commands of a domain, because its start takes longer than its answers.
      printf -v name %q "$name"
      text=$(virsh "dumpxml --inactive $name; domstate $name; dumpxml $name;
        qemu-monitor-command $name --hmp 'info qtree'" 2>/dev/null) || [ -n "$text" ] # what is off has no QEMU
      echo "${text%%</domain>*}"
      text=${text#*</domain>}
      [[ ${text%%<domain*} != *running* ]] || echo "$name runs" "$(hostdevs <<<"$text")" "$(vfio_devices <<<"$text")"
    done < <(virsh list --all --name | grep .)
  fi
  for text in /tmp/*.qmp; do
    name=${text##*/}
    [ ! -S "$text" ] || qmp "${name%.qmp}" qom-list '{"path": "/machine/peripheral"}' |
      jq -r '.[] | select(.type == "child<vfio-pci>").name'
  done
}

# expect_standing FILE: the host has the same state as at `standing >FILE`
expect_standing() {
  { local -; set +x; } 2>/dev/null
  standing >now
  diff "$1" now || fail "the host is not as in $1"
}

# killed_at CALL NUMBER ARGUMENT…: runs pcipass and kills it (SIGKILL) right before the NUMBERth of
# these system calls of its first thread; `killed_at write:/var/lib/pcipass/journal/7 3 apply …`
# counts only calls on that file
killed_at() {
  { local -; set +x; } 2>/dev/null
  local call=${1%%:*} file=${1#*:} number=$2 status=0 of=()
  shift 2
  [ "$call" = "$file" ] || of=(-P "$file")
  # Without -f the processes that pcipass starts are not traced, and continue.
  { strace -qq -o trace "${of[@]}" -e "trace=$call" -e "inject=$call:signal=KILL:when=$number" \
    "$(type -P pcipass)" "$@" >output 2>&1; } 2>/dev/null || status=$?
  [ "$status" = 137 ] || { cat output; fail "pcipass was not killed at $call $number, and ended with $status"; }
  kills=$((${kills:-0} + 1))
}

# traced FILE ARGUMENT…: runs pcipass, and writes the system calls of its first thread to the file
traced() {
  { local -; set +x; } 2>/dev/null
  local file=$1
  shift
  strace -qq -y -s 200 -o "$file" -e trace=write,fsync,sendto,poll,recvfrom "$(type -P pcipass)" "$@"
}

# points FILE: prints the calls at which to kill pcipass, one a line, as in `fsync 5`: the calls on
# its journal, and those that request a kernel write, wait for it and receive its result
points() {
  { local -; set +x; } 2>/dev/null
  awk -F '(' '
    { n[$1]++ }
    /pcipass\/journal\/[0-9]/ { print $1, n[$1] }
    /^sendto.*"\/sys\// { print $1, n[$1]; asked = 2 }
    /^(poll|recvfrom)/ && asked { print $1, n[$1]; asked-- }' "$1"
}

# let_go: waits until the host lock is free; a kernel write in progress keeps it
let_go() {
  { local -; set +x; } 2>/dev/null
  flock --wait 60 /var/lib/pcipass/lock true || fail 'the lock of the host is still held'
}

# recovered WAY CALL NUMBER: kills an apply of host.yaml at a point and recovers it; the files
# `before` and `after` have the state of the host without and with the apply
recovered() {
  { local -; set +x; } 2>/dev/null
  local number outcome
  killed_at "$2" "$3" apply host.yaml --yes
  let_go
  number=$(last_journal)
  outcome=$(command pcipass history --format json | jq -r '.runs[0] | "\(.id) \(.outcome)"')
  echo "killed at $2 $3: $outcome"
  case $outcome in
    "$number done") expect_standing after; command pcipass rollback --yes >output || fail "$(cat output)" ;;
    "$number interrupted")
      expect_output "apply $number of" command pcipass plan host.yaml >output
      grep -q '\[interrupted\]' output
      expect_refused '[interrupted]' command pcipass apply host.yaml --yes >output
      command pcipass recover "--$1" --yes >output 2>&1 || fail "$(cat output)"
      if [ "$1" = forward ]; then
        expect_standing after
        command pcipass rollback --yes >output || fail "$(cat output)"
      fi ;;
    # The journal is empty, so no step was started.
    *) expect_text 2 'to change' command pcipass plan host.yaml --detailed-exitcode >output ;;
  esac
  expect_standing before
}

# last_journal [FOLDER]: prints the number of the last journal in that state folder
last_journal() {
  { local -; set +x; } 2>/dev/null
  local file last=0
  for file in "${1:-/var/lib/pcipass}"/journal/*; do
    file=${file##*/}
    [[ ! $file =~ ^[0-9]+$ ]] || [ "$file" -le "$last" ] || last=$file
  done
  echo "$last"
}

# outcome NUMBER: prints the outcome of a run: done, undone, interrupted …
outcome() {
  { local -; set +x; } 2>/dev/null
  command pcipass history --format json | jq -r --argjson id "$1" '.runs[] | select(.id == $id).outcome'
}

# ended NUMBER OUTCOME: whether the run has this outcome
ended() {
  { local -; set +x; } 2>/dev/null
  [ "$(outcome "$1")" = "$2" ]
}

# expect_end NUMBER OUTCOME: the run has this outcome
expect_end() {
  { local -; set +x; } 2>/dev/null
  ended "$@" || fail "$1 ended as $(outcome "$1"), not as $2"
}

# begun NUMBER STEP: waits until that journal records the start of the step or of its undo
begun() {
  { local -; set +x; } 2>/dev/null
  # Not with grep, whose start would delay the detection.
  local end=$((SECONDS + 60)) text=''
  until [[ $text =~ \"(starting|undoing)\":[^$'\n']*\"$2\" ]]; do
    [ "$SECONDS" -lt "$end" ] || fail "this step was not started: $2"
    sleep 0.02
    { read -r -d '' text <"/var/lib/pcipass/journal/$1"; } 2>/dev/null || true
  done
}

# examine [ARGUMENT…]: runs doctor for the two functions below. It exits with 2, because the lab has
# no KVM.
examine() {
  { local -; set +x; } 2>/dev/null
  expect_exit 2 pcipass doctor --format json "$@" >report.json
}

# said TEXT: the report of doctor contains TEXT
said() {
  { local -; set +x; } 2>/dev/null
  jq -e --arg text "$1" 'any(.checks[]; .message, .details[], .help // "" | contains($text))' report.json >/dev/null ||
    fail "not in the report of doctor: $1
$(jq -c '.checks[]' report.json)"
}

# severity CODE: prints the severities of this check, each once, as in `ok warning`
severity() {
  { local -; set +x; } 2>/dev/null
  jq -r --arg code "$1" '[.checks[] | select(.code == $code).severity] | unique | join(" ")' report.json
}
