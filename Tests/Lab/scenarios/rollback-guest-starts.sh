# A rollback after which a guest would not start is refused: it would return a part of an IOMMU
# group to the host while the guest needs the group, or a NIC that libvirt does not bind itself. The
# guest starts afterwards.
# limit: 300
left=0000:01:00.0 right=0000:01:00.1 lan=0000:03:00.0
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
{ host "left $left" "right $right"; guest vm 'net0 left' 'net1 right'; } >both.yaml
{ host "left $left, reserve: true" "right $right, reserve: true"; guest vm; } >reserved.yaml
{ host "left $left, reserve: true" "right $right, reserve: true"; guest vm 'net0 left'; } >one.yaml

# The rollback of a part of an apply.
expect_exit 0 pcipass apply both.yaml --yes
standing >before
expect_refused '[iommu-group]' pcipass rollback 1 --target nic/left --yes
expect_refused '[iommu-group]' pcipass rollback 1 --target nic/right --yes
expect_standing before
expect_driver $left vfio-pci
expect_driver $right vfio-pci
virsh start vm
expect_same "$left ua-pcipass-net0
$right ua-pcipass-net1" in_qemu vm
virsh destroy vm
expect_exit 0 pcipass rollback 1 --yes
expect_driver $left e1000e
expect_driver $right e1000e
expect_same '' defined vm

# The rollback of a whole apply, where a later apply assigned a member of the group to the guest.
expect_exit 0 pcipass apply reserved.yaml --yes
reserved=$(last_journal)
expect_exit 0 pcipass apply one.yaml --yes
standing >before
expect_refused '[iommu-group]' pcipass rollback "$reserved" --yes
expect_standing before
expect_driver $left vfio-pci
expect_driver $right vfio-pci
expect_same "$left ua-pcipass-net0 yes" defined vm
virsh start vm
expect_same "$left ua-pcipass-net0" in_qemu vm
virsh destroy vm

# A NIC that libvirt does not bind.
{ host "lan $lan, reserve: true"; guest other; } >reserved.yaml
{ host "lan $lan, reserve: true"; guest other 'net0 lan, managed: false'; } >unmanaged.yaml
domain other answers 1 >other.xml
virsh define other.xml
expect_exit 0 pcipass apply reserved.yaml --yes
reserved=$(last_journal)
expect_exit 0 pcipass apply unmanaged.yaml --yes
expect_refused '[in-use]' pcipass rollback "$reserved" --yes
expect_driver $lan vfio-pci
expect_same "$lan ua-pcipass-net0 no" defined other
virsh start other
expect_same "$lan ua-pcipass-net0" in_qemu other
