# A NIC that is the port of a bridge is refused.
ip link add br0 type bridge
ip link set "$(interface 0000:03:00.0)" master br0
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused '[host-network]' pcipass plan host.yaml
expect_refused br0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_output br0 ip link show master br0
