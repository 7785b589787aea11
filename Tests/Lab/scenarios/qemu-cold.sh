# The cold procedure without libvirt: the host releases the NIC, and the guest starts with the
# arguments that render prints.
# limit: 300
{
  host 'lan 0000:03:00.0' 'dmz 0000:02:00.0'
  guest winxp 'qemu: {qmp: /tmp/winxp.qmp}' 'net0 lan' 'net1 dmz'
} >host.yaml
expect_same '-device vfio-pci,id=pcipass-net0,host=0000:03:00.0
-device vfio-pci,id=pcipass-net1,host=0000:02:00.0' pcipass render winxp host.yaml --qemu
expect_exit 0 pcipass apply host.yaml --yes --out ready.plan
expect_driver 0000:03:00.0 vfio-pci
expect_driver 0000:02:00.0 vfio-pci
# The shell splits the output into words.
# shellcheck disable=SC2046
guest-up winxp answers $(pcipass render winxp host.yaml --qemu --root-ports)
guest_has winxp pcipass-net0
guest_has winxp pcipass-net1
# The devices have pcipass's mark, and can be unplugged.
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
{
  host 'lan 0000:03:00.0' 'dmz 0000:02:00.0'
  guest winxp 'qemu: {qmp: /tmp/winxp.qmp}' 'net0 lan'
} >one.yaml
expect_exit 0 pcipass apply one.yaml --yes
guest_lost winxp pcipass-net1
expect_driver 0000:02:00.0 igb
guest_has winxp pcipass-net0
end_guest winxp

# The same devices in a file for -readconfig.
pcipass render winxp one.yaml --qemu --readconfig >devices.cfg
cat devices.cfg
guest-up winxp answers -readconfig devices.cfg
guest_has winxp pcipass-net0
# A device on the root complex cannot be unplugged while the guest runs, so the apply is refused
# before any change.
{ host 'lan 0000:03:00.0' 'dmz 0000:02:00.0'; guest winxp 'qemu: {qmp: /tmp/winxp.qmp}'; } >none.yaml
expect_refused '[no-port]' pcipass apply none.yaml --yes
guest_has winxp pcipass-net0
end_guest winxp
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
