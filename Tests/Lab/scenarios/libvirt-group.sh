# Two functions of one IOMMU group are assigned to a running guest together, and removed together.
# limit: 400
libvirt-up
domain vm answers 3 >vm.xml
virsh define vm.xml
virsh start vm
{ host 'left 0000:01:00.0' 'right 0000:01:00.1'; guest vm 'net0 left' 'net1 right'; } >host.yaml
{ host 'left 0000:01:00.0' 'right 0000:01:00.1'; guest vm 'net0 left'; } >half.yaml
expect_refused '[iommu-group]' pcipass apply half.yaml --yes
expect_driver 0000:01:00.0 e1000e

expect_exit 0 pcipass apply host.yaml --yes --out there.plan
expect_same $'0000:01:00.0 ua-pcipass-net0\n0000:01:00.1 ua-pcipass-net1' in_qemu vm
expect_same $'0000:01:00.0 ua-pcipass-net0 yes\n0000:01:00.1 ua-pcipass-net1 yes' defined vm

# One alone cannot return to the host, because the guest has the whole group open.
expect_refused '[iommu-group]' pcipass apply half.yaml --yes
expect_driver 0000:01:00.1 vfio-pci
expect_exit 0 pcipass rollback there.plan --yes
expect_same '' in_qemu vm
expect_same '' defined vm
expect_driver 0000:01:00.0 e1000e
expect_driver 0000:01:00.1 e1000e
