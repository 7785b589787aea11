# A kernel write that never returns, and a libvirt that hangs: the step times out, is recorded as
# started, and is recovered in both directions once the write has finished, not earlier.
# limit: 600
port=0000:03:00.0
host "lan $port, reserve: true" >host.yaml
host "lan $port" >free.yaml
expect_exit 0 pcipass apply host.yaml --yes
standing >reserved

# stuck: a deaf guest has the NIC, and its process is hidden from pcipass; the write into `unbind`
# ends when the guest ends
stuck() {
  guest-up vm deaf -device vfio-pci,host=$port,id=nic0,bus=port1
  process=$(cat /tmp/vm.pid)
  mount -t tmpfs hidden "/proc/$process"
  number=$(($(last_journal) + 1))
  # Without a twin: it has no such guest.
  expect_refused 'Stuck.' command pcipass apply free.yaml --yes --step-timeout 2
  expect_end "$number" stuck
  umount "/proc/$process"
  # The kernel has already unbound the driver, and still waits.
  expect_driver $port none
}
for way in back forward; do
  stuck
  expect_refused 'left a step stuck' command pcipass plan free.yaml
  expect_refused '[interrupted]' command pcipass apply free.yaml --yes
  writer=$(pgrep -x pcipass)
  expect_refused "process $writer is still executing bind/$port: the step may take effect at any time" command pcipass recover --$way --yes
  expect_refused "$writer" command pcipass recover --$way --yes
  end_guest vm
  wait_for 20 test ! -e "/proc/$writer"
  expect_exit 0 pcipass recover --$way --yes
  if [ $way = back ]; then
    expect_standing reserved
    expect_end "$number" undone
  fi
done
expect_driver $port igb
expect_output 'No changes.' pcipass plan free.yaml --detailed-exitcode
expect_exit 0 pcipass rollback --yes
expect_standing reserved

# With recover --leave the next plan starts from the current state.
stuck
expect_exit 0 command pcipass recover --leave --yes
end_guest vm
wait_for 20 eval '! pgrep -x pcipass'
expect_end "$number" left
expect_exit 0 pcipass apply free.yaml --yes
expect_driver $port igb

# libvirt hangs after the start of the step, which strace delays here.
libvirt-up
domain vm answers 1 >vm.xml
virsh define vm.xml
virsh start vm
{ host "lan $port"; guest vm 'net0 lan'; } >host.yaml
standing >free
daemon() { kill "-$1" "$(pgrep -x libvirtd)"; }
for way in back forward; do
  number=$(($(last_journal) + 1))
  # The fourth record is the start of the second step.
  strace -qq -o trace -P "/var/lib/pcipass/journal/$number" -e trace=fsync -e inject=fsync:delay_exit=3s:when=4 \
    "$(type -P pcipass)" apply host.yaml --yes --step-timeout 5 >output 2>&1 &
  apply=$!
  begun "$number" attach/vm/net0/persistent
  daemon STOP
  expect_exit 5 wait $apply
  cat output
  expect_end "$number" stuck
  expect_refused 'libvirt did not answer' command pcipass recover --$way --yes --step-timeout 5
  daemon CONT
  expect_exit 0 command pcipass recover --$way --yes --step-timeout 5
  if [ $way = back ]; then
    sleep 2
    expect_standing free
  fi
done
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_output 'No changes.' command pcipass plan host.yaml --detailed-exitcode
expect_exit 0 command pcipass rollback --yes
expect_standing free
