# boot: no-iommu
# The boot no-iommu has no IOMMU and no IOMMU groups, which vfio-pci requires.
expect_output 'intel_iommu=off' cat /proc/cmdline
expect_exit 1 test -e /sys/bus/pci/devices/0000:03:00.0/iommu_group
[ -z "$(ls /sys/kernel/iommu_groups)" ]
