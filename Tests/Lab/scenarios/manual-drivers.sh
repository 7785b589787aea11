# The old procedure for QEMU: a card is reserved on pci-stub, by an override or by new_id, and
# returned.
# limit: 300
host 'driver: pci-stub' 'lan 0000:03:00.0, reserve: true' >host.yaml
host 'driver: pci-stub' 'lan 0000:03:00.0' >free.yaml
ids() { cat /sys/bus/pci/drivers/pci-stub/new_id 2>/dev/null || true; }

# An override does not bind a second card, also one of the same ID without a driver.
echo 0000:02:00.0 >/sys/bus/pci/drivers/igb/unbind
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 pci-stub
expect_driver 0000:02:00.0 none
expect_exit 0 pcipass apply free.yaml --yes
expect_driver 0000:03:00.0 igb

# new_id would bind the second card, so the apply is refused before the ID is written.
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
# The ID is removed again: a second removal fails, and a card that is unbound later stays unbound.
if echo '8086 10c9' >/sys/bus/pci/drivers/pci-stub/remove_id; then fail 'the ID was not removed'; fi
echo 0000:02:00.0 >/sys/bus/pci/drivers/igb/unbind
expect_driver 0000:02:00.0 none
echo 0000:02:00.0 >/sys/bus/pci/drivers_probe
expect_driver 0000:02:00.0 igb
expect_exit 0 pcipass rollback stub.plan --yes
expect_driver 0000:03:00.0 igb

# For a running QEMU the card is bound from pci-stub to vfio-pci, and later back to pci-stub.
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
