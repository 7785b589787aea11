# A NIC may be reserved for another driver than vfio-pci.
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
      reserve: true
      driver: pci-stub
END
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 pci-stub
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

sed -i '/reserve:/d; /driver:/d' host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
