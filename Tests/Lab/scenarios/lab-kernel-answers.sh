# What the kernel answers to writes that cannot work.
device=/sys/bus/pci/devices/0000:03:00.0
write() { echo "$1" >"$2"; }

# A probe succeeds even when there is nothing to bind to: only the link tells.
write no-such-driver $device/driver_override
write 0000:03:00.0 $device/driver/unbind
write 0000:03:00.0 /sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 none
write '' $device/driver_override
write 0000:03:00.0 /sys/bus/pci/drivers_probe
expect_driver 0000:03:00.0 igb

# Binding what is bound already is an error.
expect_refused 'Device or resource busy' write 0000:03:00.0 /sys/bus/pci/drivers/igb/bind
