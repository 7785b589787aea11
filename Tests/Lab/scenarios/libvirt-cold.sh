# The cold procedure: libvirt assigns a NIC to a guest that is off, for its next start.
# limit: 300
libvirt-up
domain winxp answers 1 >winxp.xml
virsh define winxp.xml
{ host 'lan 0000:03:00.0, expect: {id: "8086:10c9"}'; guest winxp 'net0 lan'; } >host.yaml
expect_output 'add 0000:03:00.0 (net0) to the definition of winxp' pcipass plan host.yaml --verbose
expect_driver 0000:03:00.0 igb
expect_exit 0 pcipass apply host.yaml --yes --out first.plan
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# The guest starts, and its QEMU has the NIC. The plan is empty, now and when the guest is off
# again.
virsh start winxp
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
virsh destroy winxp
expect_driver 0000:03:00.0 vfio-pci
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# After a reboot the binding is lost, the definition is not. A guest that starts before an apply has
# its NIC nevertheless.
bind_by_hand 0000:03:00.0 igb
echo >/sys/bus/pci/devices/0000:03:00.0/driver_override
virsh start winxp
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
virsh destroy winxp
expect_driver 0000:03:00.0 igb
expect_output '0000:03:00.0  igb → vfio-pci' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes

# The NIC is removed: first by a rollback of the plan, then by a manifest without the claim.
expect_exit 0 pcipass rollback first.plan --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined winxp
expect_exit 0 pcipass apply host.yaml --yes
{ host 'lan 0000:03:00.0, expect: {id: "8086:10c9"}'; guest winxp; } >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
