# The guests answer native PCIe hot-plug as well as ACPI hot-plug.
bind_by_hand 0000:03:00.0 vfio-pci
NATIVE=1 guest-up vm answers
qmp vm device_add '{"driver": "vfio-pci", "host": "0000:03:00.0", "id": "nic0", "bus": "port1"}'
guest_has vm nic0
sleep 1  # the guest switches the slot on
qmp vm device_del '{"id": "nic0"}'
wait_for 20 guest_lost vm nic0
