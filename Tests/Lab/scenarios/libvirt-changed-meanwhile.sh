# virsh detached the NIC before, a claim of a running guest is renamed, pcipass is killed, another
# QEMU has the NIC.
# limit: 400
libvirt-up
domain vm answers 3 >vm.xml
virsh define vm.xml
virsh start vm
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm; } >none.yaml
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm 'nic0 lan'; } >renamed.yaml
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm 'nic0 lan' 'net0 wan'; } >crossed.yaml
expect_output 'No changes.' pcipass apply none.yaml  # pcipass remembers the NIC's interface now
virsh nodedev-detach pci_0000_03_00_0
expect_driver 0000:03:00.0 vfio-pci
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm

# A device of a running guest keeps its alias, so no other device can have it meanwhile.
expect_refused 'has the name ua-pcipass-net0' pcipass apply crossed.yaml --yes
expect_driver 0000:02:00.0 igb
expect_exit 0 pcipass apply renamed.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-nic0 yes' defined vm
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm

# Without a twin: it cannot be killed at the same moment.
"$(type -P pcipass)" apply none.yaml --yes >output 2>&1 &
apply=$!
wait_for 60 grep -q ' 1/.*done' output
kill -KILL $apply
let_go
expect_refused '[interrupted]' pcipass apply none.yaml --yes
expect_exit 0 command pcipass recover --forward --yes
expect_same '' in_qemu vm
expect_same '' defined vm
expect_driver 0000:03:00.0 igb

# Another QEMU has the NIC, which is on vfio-pci: libvirt would notice that only at the attach.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up another answers -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1
expect_refused '[in-use]' pcipass apply host.yaml --yes
guest_has another nic0
expect_same '' defined vm
expect_same '' in_qemu vm
