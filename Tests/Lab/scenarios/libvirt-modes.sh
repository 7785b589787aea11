# bind: on-start leaves a NIC to the host until its guest starts; with managed: false only pcipass
# binds the NIC.
# limit: 400
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
{
  host 'lan 0000:03:00.0' 'wan 0000:02:00.0'
  guest vm 'net0 lan, bind: on-start' 'net1 wan, managed: false'
} >host.yaml
sed 's/on-start/now/' host.yaml >now.yaml
sed 's/, managed: false//' host.yaml >managed.yaml

# The start of the guest would remove a NIC that the host uses, without a guard at that time.
lan=$(interface 0000:03:00.0)
ip address add 192.0.2.10/24 dev "$lan"
expect_refused '[host-network]' pcipass apply host.yaml --yes
expect_same '' defined vm
ip address flush dev "$lan"

at_rest() {
  expect_driver 0000:03:00.0 igb
  expect_driver 0000:02:00.0 vfio-pci
  expect_same $'0000:02:00.0 ua-pcipass-net1 no\n0000:03:00.0 ua-pcipass-net0 yes' defined vm
  expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
}
expect_exit 0 pcipass apply host.yaml --yes
at_rest
expect_exit 0 pcipass apply now.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_exit 0 pcipass apply host.yaml --yes
at_rest

started() {
  virsh start vm
  expect_same $'0000:02:00.0 ua-pcipass-net1\n0000:03:00.0 ua-pcipass-net0' in_qemu vm
}
started
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
virsh destroy vm
at_rest

# A QEMU that is killed leaves the same state.
started
kill -KILL "$(cat /run/libvirt/qemu/vm.pid)"
wait_for 30 on igb 0000:03:00.0
at_rest

expect_exit 0 pcipass apply managed.yaml --yes
expect_same $'0000:02:00.0 ua-pcipass-net1 yes\n0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_driver 0000:02:00.0 vfio-pci
expect_driver 0000:03:00.0 igb
