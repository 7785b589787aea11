# A NIC can be reserved on a driver other than vfio-pci.
host 'lan 0000:03:00.0, reserve: true, driver: pci-stub' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 pci-stub
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

host 'lan 0000:03:00.0' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
