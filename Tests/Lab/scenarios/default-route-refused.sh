# The NIC of the default route of the host is refused.
lan=$(interface 0000:03:00.0)
ip address add 192.0.2.10/24 dev "$lan"
ip link set "$lan" up
ip route add default via 192.0.2.1 dev "$lan"
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused '[host-network]' pcipass plan host.yaml
expect_refused '[host-network]' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_output "dev $lan" ip route show default
