# A saved plan that was applied can be rolled back.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass plan host.yaml --out plan.json
expect_driver 0000:03:00.0 igb
expect_exit 0 pcipass apply plan.json --yes
expect_driver 0000:03:00.0 vfio-pci

expect_exit 0 pcipass rollback plan.json --yes
expect_driver 0000:03:00.0 igb
expect_output 90:e2:ba:00:cd:ee cat "/sys/class/net/$(interface 0000:03:00.0)/address"
expect_output '(null)' cat /sys/bus/pci/devices/0000:03:00.0/driver_override
