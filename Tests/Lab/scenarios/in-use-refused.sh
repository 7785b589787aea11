# A NIC that a running guest holds is not taken from under it.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
guest-up vm answers -device vfio-pci,host=0000:03:00.0,id=nic0,bus=port1

host 'lan 0000:03:00.0' >host.yaml
expect_refused '[in-use]' pcipass plan host.yaml
expect_refused '[in-use]' pcipass apply host.yaml --yes
sleep 2
expect_driver 0000:03:00.0 vfio-pci
guest_has vm nic0
