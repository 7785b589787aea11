# The old procedure for QEMU: pci-stub keeps a card, by an override or by new_id; and the way back.
# limit: 300
host 'driver: pci-stub' 'lan 0000:03:00.0, reserve: true' >host.yaml
host 'driver: pci-stub' 'lan 0000:03:00.0' >free.yaml
ids() { cat /sys/bus/pci/drivers/pci-stub/new_id 2>/dev/null || true; }

# By an override no second card is taken, also one of the same kind that has no driver.
echo 0000:02:00.0 >/sys/bus/pci/drivers/igb/unbind
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 pci-stub
expect_driver 0000:02:00.0 none
expect_exit 0 pcipass apply free.yaml --yes
expect_driver 0000:03:00.0 igb

# By new_id it would be taken: refused before the id is there.
expect_refused '0000:02:00.0 has the same id' pcipass apply host.yaml --yes --legacy-new-id
expect_driver 0000:03:00.0 igb
expect_driver 0000:02:00.0 none
echo 0000:02:00.0 >/sys/bus/pci/drivers_probe
expect_driver 0000:02:00.0 igb

# new_id, unbind, bind, remove_id.
expect_exit 0 pcipass apply host.yaml --yes --legacy-new-id --out stub.plan
expect_driver 0000:03:00.0 pci-stub
expect_same '(null)' cat /sys/bus/pci/devices/0000:03:00.0/driver_override
expect_output 'No changes.' pcipass plan host.yaml --legacy-new-id --detailed-exitcode
# The id is gone again: taking it away once more fails, and a card that comes free is not grabbed.
if echo '8086 10c9' >/sys/bus/pci/drivers/pci-stub/remove_id; then fail 'the id was left behind'; fi
echo 0000:02:00.0 >/sys/bus/pci/drivers/igb/unbind
expect_driver 0000:02:00.0 none
echo 0000:02:00.0 >/sys/bus/pci/drivers_probe
expect_driver 0000:02:00.0 igb
expect_exit 0 pcipass rollback stub.plan --yes
expect_driver 0000:03:00.0 igb

# A running QEMU takes it from pci-stub by way of vfio-pci, and it goes back to pci-stub.
expect_exit 0 pcipass apply host.yaml --yes
{ cat host.yaml; guest winxp 'qemu: {qmp: /tmp/winxp.qmp}' 'new_pci_device lan'; } >guest.yaml
{ cat host.yaml; guest winxp 'qemu: {qmp: /tmp/winxp.qmp}'; } >none.yaml
guest-up winxp answers
expect_exit 0 pcipass apply guest.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
guest_has winxp pcipass-new_pci_device
expect_exit 0 pcipass apply none.yaml --yes
guest_lost winxp pcipass-new_pci_device
expect_driver 0000:03:00.0 pci-stub
