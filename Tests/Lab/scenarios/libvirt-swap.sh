# Two running guests swap their NICs in one apply, and back; a NIC can move from a running guest to
# one that is off.
# limit: 400
libvirt-up
# Each guest has one port, so a device must be removed before another is added.
for name in a b c; do
  domain $name answers 1 >$name.xml
  virsh define $name.xml
done
{ host 'lan 0000:02:00.0' 'wan 0000:03:00.0'; guest a 'net0 lan'; guest b 'net0 wan'; guest c; } >host.yaml
{ host 'lan 0000:02:00.0' 'wan 0000:03:00.0'; guest a 'net0 wan'; guest b 'net0 lan'; guest c; } >swapped.yaml
{ host 'lan 0000:02:00.0' 'wan 0000:03:00.0'; guest a; guest b 'net0 wan'; guest c 'net0 lan'; } >moved.yaml
expect_exit 0 pcipass apply host.yaml --yes
virsh start a
virsh start b

expect_exit 0 pcipass apply swapped.yaml --yes --out swap.plan
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu a
expect_same '0000:02:00.0 ua-pcipass-net0' in_qemu b
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined a
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined b

expect_exit 0 pcipass rollback swap.plan --yes
expect_same '0000:02:00.0 ua-pcipass-net0' in_qemu a
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu b
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined a
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined b

expect_exit 0 pcipass apply moved.yaml --yes
expect_same '' in_qemu a
expect_same '' defined a
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined c
expect_driver 0000:02:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu b
