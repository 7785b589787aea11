# A NIC that is reserved by its address is bound to vfio-pci and stays there. Without the
# reservation it returns to its native driver, with its interface.
host 'lan 0000:03:00.0, expect: {id: "8086:10c9"}, reserve: true' >host.yaml
expect_exit 0 pcipass validate host.yaml
expect_exit 2 pcipass plan host.yaml --detailed-exitcode
expect_driver 0000:03:00.0 igb

expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_driver 0000:02:00.0 igb
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

host 'lan 0000:03:00.0, expect: {id: "8086:10c9"}' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_output 90:e2:ba:00:cd:ee cat "/sys/class/net/$(interface 0000:03:00.0)/address"
expect_output '(null)' cat /sys/bus/pci/devices/0000:03:00.0/driver_override
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
