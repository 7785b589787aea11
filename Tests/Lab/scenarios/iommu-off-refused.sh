# boot: no-iommu
# Without an IOMMU every assignment is refused; the help names the parameter that enables it.
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused '[iommu-off]' pcipass plan host.yaml
expect_refused intel_iommu=on pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
