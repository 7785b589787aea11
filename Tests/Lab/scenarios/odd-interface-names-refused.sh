# The kernel accepts nearly any bytes as the name of an interface. pcipass does not overlook such an
# interface.
nic=$(interface 0000:03:00.0)
bridge=$(printf 'br\303\274\033[31m')
ip link add "$bridge" type bridge
ip link set "$nic" master "$bridge"
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused '[host-network]' pcipass plan host.yaml
expect_refused 'brü\u{1b}[31m' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb

# The interface of the NIC itself.
ip link set "$nic" nomaster down
ip link set "$nic" name "$(printf 'lan\033c')"
expect_refused '[unavailable]' pcipass plan host.yaml
expect_refused 'invalid interface name' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
