# A saved guest starts with its saved devices: plan and status say so until the image is removed.
# limit: 500
libvirt-up
domain msave answers 3 >vm.xml
virsh define vm.xml
virsh start msave
{ host 'lan 0000:03:00.0'; guest msave 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest msave; } >none.yaml
virsh managedsave msave
expect_output 'No changes.' pcipass plan none.yaml --detailed-exitcode

# The definition gets the NIC, and the next start does not.
expect_output '[saved-image]' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined msave
expect_text 2 'virsh managedsave-remove msave' pcipass plan host.yaml --detailed-exitcode
expect_text 2 'hv01: drifted' pcipass plan host.yaml --detailed-exitcode
expect_text 2 'saved image of msave: is absent, should be present as net0' pcipass status host.yaml
expect_exit 0 virsh managedsave-dumpxml msave

# It is as it was said. Once it runs, a plan plugs the NIC in.
virsh start msave
expect_same '' in_qemu msave
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined msave
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu msave
expect_exit 0 pcipass status host.yaml

# With the image removed, the next start has what the definition says.
expect_exit 0 pcipass apply none.yaml --yes
virsh managedsave msave
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 2 pcipass status host.yaml
virsh managedsave-remove msave
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass status host.yaml
virsh start msave
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu msave

# virsh save FILE: a restore brings back the devices of then, a start does not.
expect_exit 0 pcipass apply none.yaml --yes
virsh save msave msave.save
expect_output '[saved-to-file]' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
virsh restore msave.save
expect_same '' in_qemu msave
