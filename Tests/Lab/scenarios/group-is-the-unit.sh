# Two functions share an IOMMU group: one alone is refused with the names of both; together they are
# assigned.
host 'left 0000:01:00.0, reserve: true' >host.yaml
expect_refused '[iommu-group]' pcipass plan host.yaml
expect_refused 0000:01:00.0 pcipass apply host.yaml --yes
expect_refused 0000:01:00.1 pcipass apply host.yaml --yes
expect_driver 0000:01:00.0 e1000e
expect_driver 0000:01:00.1 e1000e

host 'left 0000:01:00.0, reserve: true' 'right 0000:01:00.1, reserve: true' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:01:00.0 vfio-pci
expect_driver 0000:01:00.1 vfio-pci
