# A NIC that is selected by its MAC is found also on vfio-pci, where it has no interface.
host 'lan 90:e2:ba:00:cd:ee, reserve: true' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_driver 0000:02:00.0 igb
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

host 'lan 90:e2:ba:00:cd:ee' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
