# The power fails during an apply, twice. Afterwards the started step and the reboot are known, and
# recovery goes back or forward. The scenario starts from scratch at each boot; only /disk remains.
# boot: disk
# limit: 300
port=0000:03:00.0
start=$(cat /disk/start 2>/dev/null || echo 1)
{ host "lan $port"; guest vm 'net0 lan'; } >host.yaml
libvirt-up
if [ "$start" = 1 ]; then
  domain vm answers 1 >vm.xml
  virsh define vm.xml
fi

# cut CALL WHERE NUMBER STEP: the power fails before or after that call of the apply on its journal
cut() {
  local number=$(($(last_journal) + 1))
  # This sync is before the apply, so that it does not write anything of pcipass to the disk.
  echo $((start + 1)) >/disk/start
  sync -f /disk
  strace -qq -o trace -P "/var/lib/pcipass/journal/$number" -e "trace=$1" -e "inject=$1:$2=100s:when=$3" \
    "$(type -P pcipass)" apply host.yaml --yes >output 2>&1 &
  begun $number "$4"
  sleep 2
  cat output
  # libvirt does not sync the rename of the new definition, so the kernel may write it later.
  sync /etc/libvirt/qemu
  echo b >/proc/sysrq-trigger
  sleep 100
}
is_interrupted() {
  expect_output "$1" pcipass plan host.yaml
  expect_output 'the host was rebooted since' pcipass plan host.yaml
  expect_refused '[interrupted]' pcipass apply host.yaml --yes
  expect_driver $port igb
}
case $start in
  1)
    # Started, not done: the sixth record on the disk is the start of the definition's step.
    cut fsync delay_exit 6 attach/vm/net0/persistent
    ;;
  2)
    expect_same '' defined vm
    is_interrupted 'step 3 of 3, add 0000:03:00.0 (net0) to the definition of vm'
    expect_exit 0 pcipass recover --yes
    expect_same '' defined vm
    expect_driver $port igb
    # The same, but the step is done and only its record is missing.
    cut write delay_enter 7 attach/vm/net0/persistent
    ;;
  3)
    expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
    is_interrupted 'attach/vm/net0/persistent: in effect'
    expect_exit 0 pcipass recover --forward --yes
    expect_driver $port vfio-pci
    expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
    # The continued apply is still one apply.
    expect_exit 0 pcipass rollback --yes
    expect_same '' defined vm
    expect_driver $port igb
    ;;
esac
