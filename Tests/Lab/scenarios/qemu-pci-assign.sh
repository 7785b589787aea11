# A QEMU that has only pci-assign: the card stays on pci-stub and is assigned from there.
# limit: 200
{
  host 'driver: pci-stub' 'lan 0000:03:00.0'
  guest winxp 'qemu: {qmp: /tmp/winxp.qmp}' 'new_pci_device lan'
} >host.yaml
{ host 'driver: pci-stub' 'lan 0000:03:00.0'; guest winxp 'qemu: {qmp: /tmp/winxp.qmp}'; } >none.yaml
old-qemu winxp &
wait_for 5 test -S /tmp/winxp.qmp
expect_output 'as pci-assign, on pci.0' pcipass plan host.yaml --verbose
expect_exit 0 pcipass apply host.yaml --yes --out stub.plan
expect_driver 0000:03:00.0 pci-stub
expect_same 'pcipass-new_pci_device 0000:03:00.0' cat /tmp/winxp.devices
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass apply none.yaml --yes --out gone.plan
expect_same '' cat /tmp/winxp.devices
expect_driver 0000:03:00.0 igb
expect_exit 0 pcipass rollback gone.plan --yes
expect_same 'pcipass-new_pci_device 0000:03:00.0' cat /tmp/winxp.devices
expect_exit 0 pcipass rollback stub.plan --yes
expect_driver 0000:03:00.0 igb
expect_same '-device pci-assign,id=pcipass-new_pci_device,host=0000:03:00.0' pcipass render winxp host.yaml --qemu --model pci-assign
