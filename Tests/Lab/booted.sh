# Functions of the scenarios that restart a host with systemd.
# shellcheck shell=bash
# shellcheck disable=SC2034
part=$(cat /disk/part 2>/dev/null || echo 1)
pool=0000:02:00.0

# claims MORE…: the manifests of vm1 and vm2, which have two VFs each; vm2 has more
claims() {
  guest vm1 'a pool/0, mac: "52:54:00:00:00:0a", vlan: 110' \
    'b pool/1, as: interface, mac: "52:54:00:00:00:0b", vlan: 120'
  guest vm2 'c pool/2, mac: "52:54:00:00:00:0c", vlan: 130' 'd pool/3, mac: "52:54:00:00:00:0d", vlan: 140' "$@"
}
# Each VF of vm1 and vm2 with its VLAN.
# shellcheck disable=SC2034
all_set='[["52:54:00:00:00:0a",110],["52:54:00:00:00:0b",120],["52:54:00:00:00:0c",130],["52:54:00:00:00:0d",140]]'

# vfs: the MAC address and the VLAN of each VF of the pool
vfs() { ip -j link show "$(interface $pool)" | jq -c '[.[0].vfinfo_list[]? | [.address, .vlan_list[0].vlan]]'; }

define_guests() {
  local vm
  # A plan requires it for VFs that are interfaces; after a restart, the boot sets it up.
  ip link set "$(interface $pool)" up
  for vm in vm1 vm2; do
    domain $vm answers 4 >$vm.xml
    virsh define $vm.xml
    virsh autostart $vm
    virsh start $vm
  done
}

# restart PART: goes on with that part after a restart of the machine
restart() {
  echo "$1" >/disk/part
  sync -f /disk
  systemctl reboot
  sleep 200
}

running() { virsh list --name | sort | xargs; }

# await_both: waits until both guests run
await_both() {
  { local -; set +x; } 2>/dev/null
  for _ in $(seq 180); do
    [ "$(running)" != 'vm1 vm2' ] || return 0
    sleep 0.5
  done
  virsh list --all
  journalctl -b -o cat -u libvirtd.service -u virtqemud.service -u pcipass-boot-guests.service | tail -n 30
  fail 'the guests were not started'
}

# unit UNIT PROPERTY
unit() { systemctl show --value -p "$2" "$1"; }

# booted_with STATUS: the exit status of the boot unit, after what it printed
booted_with() {
  { local -; set +x; } 2>/dev/null
  boot_said ''
  expect_same "$1" unit pcipass-boot.service ExecMainStatus
}

# boot_said TEXT [UNIT]: the boot unit printed it
boot_said() {
  local said
  said=$(journalctl -b -o cat -u "${2:-pcipass-boot.service}")
  printf '%s\n' "$said"
  case $said in *"$1"*) ;; *) fail "not said: $1" ;; esac
}

# before_others UNIT…: the boot unit had ended before these were started
before_others() {
  local ended started other
  ended=$(unit pcipass-boot.service ExecMainExitTimestampMonotonic)
  for other; do
    started=$(unit "$other" ExecMainStartTimestampMonotonic)
    [ "$started" -gt 0 ] || fail "$other was not started"
    [ "$ended" -le "$started" ] || fail "$other was earlier"
  done
}

# untouched MANAGER NAMES MAC…: there is no interface with these addresses, and the manager has never seen one with
# these names
untouched() {
  local manager=$1 names=$2 mac
  for mac in "${@:3}"; do
    ip -j link | jq -e --arg mac "$mac" '[.[] | select(.address == $mac)] == []'
  done
  journalctl -b -o cat -u "$manager" >managed
  ! grep -E "$names" managed || fail "$manager has seen a NIC of a guest"
}

metrics() {
  command pcipass status host.yaml --metrics metrics >/dev/null || true
  cat metrics
}
