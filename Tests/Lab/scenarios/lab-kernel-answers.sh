# The kernel's results of writes that cannot work.
device=/sys/bus/pci/devices/0000:03:00.0
write() { echo "$1" >"$2"; }

# A probe succeeds also without a driver to bind; only the driver link shows the result.
write no-such-driver $device/driver_override
write 0000:03:00.0 $device/driver/unbind
write 0000:03:00.0 /sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 none
write '' $device/driver_override
write 0000:03:00.0 /sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 igb

# A bind of a bound function is an error.
expect_refused 'Device or resource busy' write 0000:03:00.0 /sys/bus/pci/drivers/igb/bind
