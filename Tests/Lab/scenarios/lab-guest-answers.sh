# A guest that answers an unplug releases the NIC, and the host can use it again.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up vm answers -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1
guest_has vm nic0
expect_output '0000:03:00.0' qmp vm qom-get '{"path": "/machine/peripheral/nic0", "property": "host"}'

qmp vm device_del '{"id": "nic0"}'
wait_for 10 guest_lost vm nic0
bind_by_hand 0000:03:00.0 igb
