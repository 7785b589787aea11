# Two functions share an IOMMU group: one alone is refused, naming both; together they go.
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: left
      select: {address: "0000:01:00.0"}
      reserve: true
END
expect_refused '[iommu-group]' pcipass plan host.yaml
expect_refused 0000:01:00.0 pcipass apply host.yaml --yes
expect_refused 0000:01:00.1 pcipass apply host.yaml --yes
expect_driver 0000:01:00.0 e1000e
expect_driver 0000:01:00.1 e1000e

cat >>host.yaml <<'END'
    - name: right
      select: {address: "0000:01:00.1"}
      reserve: true
END
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:01:00.0 vfio-pci
expect_driver 0000:01:00.1 vfio-pci
