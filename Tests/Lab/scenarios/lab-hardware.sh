# The machine has the hardware that the README describes.
expect_output '8086:10d3' lspci -D -nn -s 0000:01:00.0
expect_output '8086:10d3' lspci -D -nn -s 0000:01:00.1
expect_output '8086:10c9' lspci -D -nn -s 0000:02:00.0
expect_output '8086:10c9' lspci -D -nn -s 0000:03:00.0
expect_output '6.12.' uname -r
expect_output hv01 hostname

group() { basename "$(readlink "/sys/bus/pci/devices/$1/iommu_group")"; }
[ "$(group 0000:01:00.0)" = "$(group 0000:01:00.1)" ]
[ "$(group 0000:02:00.0)" != "$(group 0000:03:00.0)" ]

# Nothing is left of another scenario.
expect_exit 1 grep -q vfio /proc/modules
[ -z "$(find /tmp/work /var/lib/pcipass /etc/pcipass -mindepth 1)" ]
