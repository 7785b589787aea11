# A guest that never answers keeps the NIC, although QEMU accepted the unplug request.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up vm deaf -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1
expect_output '{}' qmp vm device_del '{"id": "nic0"}'
sleep 5
guest_has vm nic0
expect_driver 0000:03:00.0 vfio-pci
