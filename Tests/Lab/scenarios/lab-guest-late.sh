# A slow guest answers an unplug request after eight seconds.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up vm slow -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1
qmp vm device_del '{"id": "nic0"}'
sleep 3
guest_has vm nic0
wait_for 30 guest_lost vm nic0
