# The kernel interface that pcipass uses: driver_override, unbind and drivers_probe bind a NIC to
# another driver and back.
device=/sys/bus/pci/devices/0000:03:00.0
expect_driver 0000:03:00.0 igb

modprobe vfio-pci
echo vfio-pci >$device/driver_override
echo 0000:03:00.0 >$device/driver/unbind
expect_driver 0000:03:00.0 none
echo 0000:03:00.0 >/sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 vfio-pci

echo >$device/driver_override
expect_output '(null)' cat $device/driver_override
echo 0000:03:00.0 >$device/driver/unbind
echo 0000:03:00.0 >/sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 igb
expect_output 90:e2:ba:00:cd:ee cat $device/net/*/address
