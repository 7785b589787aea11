# boot: no-iommu
# The other boot has no IOMMU: no groups, and vfio-pci has nothing to work with.
expect_output 'intel_iommu=off' cat /proc/cmdline
expect_exit 1 test -e /sys/bus/pci/devices/0000:03:00.0/iommu_group
[ -z "$(ls /sys/kernel/iommu_groups)" ]
