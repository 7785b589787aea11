# A new number of VFs or another driver of the PF deletes the VFs: a VF with its interface in a
# container blocks both, also during a rollback.
port=0000:03:00.0
pool() { host "pool $port, virtualFunctions: {count: $1}" >host.yaml; }
pool 1
expect_exit 0 pcipass apply host.yaml --yes
bind_by_hand 0000:03:10.0 igbvf
echo >/sys/bus/pci/devices/0000:03:10.0/driver_override
vf=$(interface 0000:03:10.0)
ip netns add pod1
ip link set "$vf" netns pod1
ip -netns pod1 address add 192.0.2.30/24 dev "$vf"
pool 2
refusal="the host uses the VF 0000:03:10.0, which would be deleted"
expect_refused "$refusal" pcipass plan host.yaml
expect_refused "$vf has the address 192.0.2.30/24 in the network namespace pod1" pcipass apply host.yaml --yes
expect_refused '[host-network]' pcipass rollback 1 --yes
expect_same "1" cat /sys/bus/pci/devices/$port/sriov_numvfs
expect_output "$vf" ip -netns pod1 link show dev "$vf"
# `devices` lists neither as available.
command pcipass devices --free >free
if grep -F 0000:03:10.0 free; then fail 'a VF in a container is listed as available'; fi
ip netns delete pod1
wait_for 10 test -e "/sys/bus/pci/devices/0000:03:10.0/net/$vf"
expect_exit 0 pcipass apply host.yaml --yes
expect_same "2" cat /sys/bus/pci/devices/$port/sriov_numvfs
