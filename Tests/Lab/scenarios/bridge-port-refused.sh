# A NIC that is a bridge's port carries other people's traffic.
ip link add br0 type bridge
ip link set "$(interface 0000:03:00.0)" master br0
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
      reserve: true
END
expect_refused '[host-network]' pcipass plan host.yaml
expect_refused br0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_output br0 ip link show master br0
