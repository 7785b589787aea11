# A running guest without a free port is refused before any change, unless the NIC can wait for its
# next start. An i440fx machine has a bus instead of ports.
# limit: 400
libvirt-up
domain vm answers 0 >vm.xml
domain old answers 0 | sed "s/q35/pc/; /pcie-root/d" >old.xml
virsh define vm.xml
virsh define old.xml
virsh start vm
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan, hotplug: false'; } >patient.yaml
{ host 'lan 0000:03:00.0'; guest vm; } >none.yaml
{ host 'lan 0000:03:00.0'; guest old 'net0 lan'; } >old.yaml
{ host 'lan 0000:03:00.0'; guest old; } >old-none.yaml

expect_refused '[no-port]' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
expect_same '' in_qemu vm

expect_output 'its next start' pcipass apply patient.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '' in_qemu vm
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
virsh destroy vm

virsh start old
expect_exit 0 pcipass apply old.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined old
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu old
expect_exit 0 pcipass apply old-none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined old
expect_same '' in_qemu old
