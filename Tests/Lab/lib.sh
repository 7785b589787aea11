# The words scenarios are written with. Each says what went wrong and ends the scenario if it fails.
# shellcheck shell=bash
# A word begins with a line that keeps its inside out of the trace.

fail() {
  { local -; set +x; } 2>/dev/null
  echo "$*"
  exit 1
}

# driver ADDRESS: the driver's name, or none
driver() {
  { local -; set +x; } 2>/dev/null
  if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
    basename "$(readlink "/sys/bus/pci/devices/$1/driver")"
  else
    echo none
  fi
}

# interface ADDRESS: the name of its network interface
interface() {
  { local -; set +x; } 2>/dev/null
  basename "/sys/bus/pci/devices/$1/net/"* | grep -vF '*' || fail "$1 has no interface"
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

# expect_output TEXT COMMAND…: it succeeds and TEXT is in what it prints
expect_output() {
  { local -; set +x; } 2>/dev/null
  expect_text 0 "$@"
}

# expect_refused TEXT COMMAND…: it ends with 1 and TEXT is in what it prints
expect_refused() {
  { local -; set +x; } 2>/dev/null
  expect_text 1 "$@"
}

expect_text() {
  local status=0 wanted=$1 text=$2 output
  shift 2
  output=$("$@" 2>&1) || status=$?
  printf '%s\n' "$output"
  [ "$status" = "$wanted" ] || fail "exit status $status, not $wanted"
  case $output in
    *"$text"*) ;;
    *) fail "nowhere in the output: $text" ;;
  esac
}

# wait_for SECONDS COMMAND…: until it succeeds
wait_for() {
  { local -; set +x; } 2>/dev/null
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "waited in vain for: $*"
    sleep 0.2
  done
}

# manifest [FILE] <<END: writes a manifest into the working directory (host.yaml)
manifest() {
  { local -; set +x; } 2>/dev/null
  tee "${1:-host.yaml}" | sed 's/^/    /'
}

# bind_by_hand ADDRESS DRIVER: by hand, as an administrator would
bind_by_hand() {
  { local -; set +x; } 2>/dev/null
  local device=/sys/bus/pci/devices/$1
  modprobe "$2"
  echo "$2" >"$device/driver_override"
  [ ! -e "$device/driver" ] || echo "$1" >"$device/driver/unbind"
  echo "$1" >/sys/bus/pci/drivers_probe
  expect_driver "$1" "$2"
}

# guest_has GUEST ID: the running guest still holds the device
guest_has() {
  { local -; set +x; } 2>/dev/null
  qmp "$1" qom-list '{"path": "/machine/peripheral"}' | jq -e --arg id "$2" 'any(.[]; .name == $id)' >/dev/null
}

guest_lost() {
  { local -; set +x; } 2>/dev/null
  ! guest_has "$@"
}
