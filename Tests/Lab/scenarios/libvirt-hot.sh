# The hot procedure: libvirt hot-plugs a NIC into a running guest and hot-unplugs it.
# limit: 300
libvirt-up
domain winxp answers 1 >winxp.xml
virsh define winxp.xml
virsh start winxp
{ host 'lan 0000:03:00.0'; guest winxp 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest winxp; } >none.yaml
expect_exit 0 pcipass apply host.yaml --yes --out there.plan
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined winxp
expect_same '0000:03:00.0 ua-pcipass-net0 yes' runs winxp
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# A paused guest cannot release a device, so the plan is refused before an unplug request.
virsh suspend winxp
expect_refused '[guest-paused]' pcipass apply none.yaml --yes
virsh resume winxp
expect_exit 0 pcipass apply none.yaml --yes --out gone.plan
expect_driver 0000:03:00.0 igb
expect_same '' defined winxp
expect_same '' runs winxp
expect_same '' in_qemu winxp
expect_output 'No changes.' pcipass plan none.yaml --detailed-exitcode

# Each plan can be rolled back while the guest runs.
expect_exit 0 pcipass rollback gone.plan --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu winxp
expect_exit 0 pcipass rollback there.plan --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined winxp
expect_same '' in_qemu winxp
