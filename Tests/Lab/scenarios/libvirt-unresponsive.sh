# A guest that never answers an unplug request keeps its NIC, bound and defined. Once the guest is
# off, the same manifest is applied.
# limit: 400
libvirt-up
domain vm deaf 1 >vm.xml
virsh define vm.xml
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm; } >none.yaml
expect_exit 0 pcipass apply host.yaml --yes --out there.plan
virsh start vm
twin_knows '.simulation.unplug.vm = "never"'

keeps_it() {
  expect_driver 0000:03:00.0 vfio-pci
  expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
  expect_same '0000:03:00.0 ua-pcipass-net0 yes' runs vm
  expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
}
expect_refused '[unanswered]' pcipass apply none.yaml --yes --unplug-timeout 3
keeps_it
# A second apply fails in the same way, and reports where the NIC is.
expect_refused '0000:03:00.0 is bound to vfio-pci, in the running guest vm, in the definition of vm' \
  pcipass apply none.yaml --yes --unplug-timeout 3 --on-failure stop
keeps_it
# The plan only changed the definition, which a rollback must not change while the guest has the
# NIC.
expect_refused '[in-use]' pcipass rollback there.plan --yes
keeps_it
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

virsh destroy vm
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
