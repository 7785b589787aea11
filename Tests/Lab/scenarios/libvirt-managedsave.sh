# A saved guest starts with its saved devices: plan and status report that until the image is
# removed.
# limit: 500
libvirt-up
domain msave answers 3 >vm.xml
virsh define vm.xml
virsh start msave
{ host 'lan 0000:03:00.0'; guest msave 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest msave; } >none.yaml
virsh managedsave msave
expect_output 'No changes.' pcipass plan none.yaml --detailed-exitcode

# The NIC is added to the definition, but the next start does not have it.
expect_output '[saved-image]' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined msave
expect_text 2 'virsh managedsave-remove msave' pcipass plan host.yaml --detailed-exitcode
expect_text 2 'hv01: drifted' pcipass plan host.yaml --detailed-exitcode
expect_text 2 'saved image of msave: is absent, should be present as net0' pcipass status host.yaml
expect_exit 0 virsh managedsave-dumpxml msave

# The guest starts without the NIC, as reported. Once it runs, an apply hot-plugs the NIC.
virsh start msave
expect_same '' in_qemu msave
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined msave
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu msave
expect_exit 0 pcipass status host.yaml

# Once the image is removed, the next start has the devices of the definition.
expect_exit 0 pcipass apply none.yaml --yes
virsh managedsave msave
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 2 pcipass status host.yaml
virsh managedsave-remove msave
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass status host.yaml
virsh start msave
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu msave

# virsh save FILE: a restore has the saved devices, a start has those of the definition.
expect_exit 0 pcipass apply none.yaml --yes
virsh save msave msave.save
expect_output '[saved-to-file]' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
virsh restore msave.save
expect_same '' in_qemu msave
