# pcipass waits for the slow answer of a guest to an unplug request; after a timeout, the next run
# continues.
# limit: 400
libvirt-up
domain vm slow 1 >vm.xml
virsh define vm.xml
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm; } >none.yaml
expect_exit 0 pcipass apply host.yaml --yes
virsh start vm
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm

# Without a twin: the guest might answer during the comparison.
expect_refused '[unanswered]' command pcipass apply none.yaml --yes --unplug-timeout 1
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
has_nothing() { [ -z "$(in_qemu vm)" ]; }
wait_for 30 has_nothing
expect_output '1/2  remove 0000:03:00.0 (net0) from the definition of vm: done' pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
expect_output 'No changes.' pcipass plan none.yaml --detailed-exitcode

# With a longer timeout the guest behaves as others do.
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' in_qemu vm
expect_same '' defined vm

# A guest that is killed before its answer has released the device, too. Without a twin: its guest
# would not be killed.
expect_exit 0 command pcipass apply host.yaml --yes
command pcipass apply none.yaml --yes >output 2>&1 &
apply=$!
wait_for 30 grep -q 'to remove' output
sleep 2
virsh destroy vm
expect_exit 0 wait "$apply"
cat output
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
