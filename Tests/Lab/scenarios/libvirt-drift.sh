# A change by hand is adopted, corrected, left alone or refused, and nothing else of the guest is
# changed.
# limit: 400
libvirt-up
domain vm answers 3 >vm.xml
domain other answers 1 >other.xml
virsh define vm.xml
virsh define other.xml
virsh start vm
# by_hand BUS MANAGED [MORE XML]: prints a hostdev without a mark
by_hand() {
  echo "<hostdev mode='subsystem' type='pci' managed='$2'>"
  echo "<source><address domain='0x0000' bus='0x$1' slot='0x00' function='0x0'/></source>${3:-}</hostdev>"
}
by_hand 02 yes >wan.xml
by_hand 03 yes "<rom bar='off'/>" >lan.xml
by_hand 03 no >unmanaged.xml
without_hostdevs() { virsh dumpxml --inactive "$1" | sed '/<hostdev /,/<\/hostdev>/d'; }
without_hostdevs vm >vm.before
without_hostdevs other >other.before
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm 'net0 lan'; guest other; } >host.yaml
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm 'net0 lan'; guest other 'net0 wan'; } >both.yaml

# A claimed device that the guest already has is marked in the definition, with all of its XML kept.
# The running guest is not changed.
virsh attach-device vm lan.xml --live --config
twin_knows '.simulation.managedFrom["0000:03:00.0"] = "igb"'
virsh dumpxml --inactive vm >unmarked
expect_exit 0 pcipass apply host.yaml --yes --out adopt.plan
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '0000:03:00.0 hostdev0' in_qemu vm
virsh dumpxml --inactive vm | sed '/ua-pcipass-net0/d' | diff unmarked -
expect_exit 0 grep -q "rom bar='off'" unmarked
expect_exit 0 pcipass rollback adopt.plan --yes
virsh dumpxml --inactive vm | diff unmarked -
expect_exit 0 pcipass apply host.yaml --yes

# Detached from the running guest only, the device is hot-plugged again.
virsh detach-device-alias vm hostdev0 --live
wait_for 30 on igb 0000:03:00.0
twin_forgets
virsh dumpxml --inactive vm >defined
expect_output '2/2  hot-plug 0000:03:00.0 (net0) into the running guest vm: done' pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
virsh dumpxml --inactive vm | diff defined -

# Removed from the definition only, the device is added to the definition again.
virsh detach-device-alias vm ua-pcipass-net0 --config
expect_same '' defined vm
expect_output '1/1  add 0000:03:00.0 (net0) to the definition of vm: done' pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm

# The same NIC is in the definition of another guest, as is common where two guests share one NIC in
# turn.
virsh attach-device other unmanaged.xml --config
expect_refused '[ownership]' pcipass apply host.yaml --yes
virsh detach-device other unmanaged.xml --config

# An unclaimed device stays with its guest, and is not assigned to another, whether it is live or
# only defined.
virsh attach-device vm wan.xml --live --config
expect_output '[foreign]' pcipass plan host.yaml --detailed-exitcode
expect_refused '[ownership]' pcipass apply both.yaml --yes
expect_same $'0000:02:00.0 - yes\n0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same $'0000:02:00.0 hostdev0\n0000:03:00.0 ua-pcipass-net0' in_qemu vm
virsh detach-device vm wan.xml --live
wait_for 30 on igb 0000:02:00.0
expect_refused '[ownership]' pcipass apply both.yaml --yes
expect_same $'0000:02:00.0 - yes\n0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_driver 0000:02:00.0 igb

# The manifest allows it.
{
  host 'lan 0000:03:00.0' 'wan 0000:02:00.0, allow: [ownership], because: it was a trial'
  guest vm 'net0 lan'
  guest other 'net0 wan'
} >both.yaml
expect_exit 0 pcipass apply both.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined other
without_hostdevs vm | diff vm.before -
without_hostdevs other | diff other.before -
