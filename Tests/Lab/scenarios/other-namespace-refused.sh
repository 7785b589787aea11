# A NIC whose interface is in another network namespace is in use there, and is refused unless the
# manifest allows it.
ip netns add blue
ip link set "$(interface 0000:03:00.0)" netns blue
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused '[host-network]' pcipass plan host.yaml
expect_refused '[host-network]' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb

host 'lan 0000:03:00.0, reserve: true, allow: [host-network], because: the namespace blue is a leftover of a test' >host.yaml
expect_output 'a leftover of a test' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
