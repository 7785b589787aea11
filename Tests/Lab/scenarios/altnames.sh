# The alternative names of an interface are read, and remembered while the NIC has no interface. ip(8)
# and the kernel accept names that cannot be selected; they are left out.
port=0000:03:00.0
nic=$(interface $port)
for name in enp3s0f0 'uplink.of;a-long:name' brücke; do ip link property add dev "$nic" altname "$name"; done
names='["enp3s0f0","uplink.of;a-long:name"]'
of_port() { pcipass snapshot | jq -c ".functions[] | select(.address == \"$port\")$1"; }
expect_same "$names" of_port '.interfaces[0].altnames'

# A plan records the identities of NICs.
host "lan $port, reserve: true" >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver $port vfio-pci
expect_same "$names" of_port '.remembered.altnames'
expect_exit 0 pcipass rollback --yes
expect_driver $port igb
# The kernel does not keep the names of an interface that was removed, and udev does not run here.
expect_same 'null' of_port '.interfaces[0].altnames'

# In another namespace, too.
nic=$(interface $port)
ip netns add pod
ip link property add dev "$nic" altname enp3s0f0
ip link set "$nic" netns pod
expect_same '["pod",["enp3s0f0"]]' of_port '.interfaces[0] | [.namespace, .altnames]'
ip netns del pod
