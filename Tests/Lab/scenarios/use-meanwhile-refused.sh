# A NIC that the host starts to use during an earlier step of the same run is not assigned, and the
# finished steps are undone.
wan=0000:02:00.0 lan=0000:03:00.0
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
nics=("wan $wan" "lan $lan")
{ host "${nics[@]}"; guest vm 'net0 wan' 'net1 lan'; } >host.yaml
{ host "${nics[@]}"; guest vm; } >none.yaml

# The first step, which loads the module, takes until the file `go` exists.
mkdir /run/modprobe.d
cat >/run/modprobe.d/slow.conf <<END
install vfio-pci touch $PWD/loading; until [ -e $PWD/go ]; do sleep 0.1; done; modprobe --ignore-install vfio-pci
END
# The index shows whether an interface was removed and added again. The flags are left out: they
# have the link state, which changes with a delay.
network() {
  cat "/sys/class/net/$1/ifindex"
  ip -4 -oneline address show dev "$1"
  ip -json route show dev "$1" | jq -c '.[] | del(.flags)'
}
# used_meanwhile NIC OTHER ARGUMENT…: the host starts to use the NIC while the module is loaded; the
# run assigns the other one first. Without a twin: it does not see events during a run.
used_meanwhile() {
  local nic=$1 other=$2 name run number
  shift 2
  # The module may still be loaded.
  modprobe -r vfio-pci
  rm -f loading go
  name=$(interface "$nic")
  standing >before
  virsh dumpxml --inactive vm >vm.before
  number=$(($(last_journal) + 1))
  command pcipass "$@" --yes >output 2>&1 &
  run=$!
  wait_for 30 test -e loading
  ip address add 192.0.2.10/24 dev "$name"
  ip link set "$name" up
  ip route add default via 192.0.2.1 dev "$name"
  network "$name" >network.before
  grep '"default"' network.before
  touch go
  expect_exit 4 wait "$run"
  cat output
  # The run has bound the other NIC, and fails at this one.
  grep "bind $other: igb → vfio-pci: done" output
  grep "bind $nic: igb → vfio-pci: FAILED" output
  grep "the host uses $nic: $name has the default route .*; $name has the address 192.0.2.10/24 \[host-network\]" output
  command pcipass show "$number" | grep -F '192.0.2.10/24 [host-network]'
  expect_same 'refused host-network' jq -r '.steps[].failure | values | "\(.kind) \(.code)"' \
    <(command pcipass show "$number" --format json)
  grep -F 'allow: [host-network]' output
  grep "undo   bind $other: vfio-pci → igb: done" output
  expect_end "$number" undone
  expect_driver "$nic" igb
  expect_driver "$other" igb
  network "$name" | diff network.before -
  virsh dumpxml --inactive vm | diff vm.before -
  expect_same '' defined vm
  expect_standing before
  ip address flush dev "$name"
  ip link set "$name" down
}

used_meanwhile $lan $wan apply host.yaml
# The same without a use by the host.
expect_exit 0 pcipass apply host.yaml --yes
expect_driver $lan vfio-pci
expect_exit 0 pcipass apply none.yaml --yes
# A rollback has the opposite order.
used_meanwhile $wan $lan rollback
expect_exit 0 pcipass rollback "$(($(last_journal) - 1))" --yes
expect_driver $wan vfio-pci
expect_same "$wan ua-pcipass-net0 yes
$lan ua-pcipass-net1 yes" defined vm
