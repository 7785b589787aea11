# libvirt neither loads vfio-pci nor assigns a NIC where /dev/vfio/vfio is not there: the plan loads the module, whoever
# binds the NIC, and is refused where the device is not there all the same.
# limit: 300
lan=0000:03:00.0
libvirt-up
domain vm answers 1 >vm.xml
virsh define vm.xml
{ host "lan $lan"; guest vm 'net0 lan, bind: on-start'; } >host.yaml
{ host "lan $lan"; guest vm; } >none.yaml
steps() { pcipass plan "$1" --format json | jq -r '.steps[].id' | paste -sd' '; }
unloaded() {
  modprobe -r vfio-pci
  expect_exit 1 test -e /sys/bus/pci/drivers/vfio-pci
}

# Into a running guest.
unloaded
virsh start vm
expect_same 'load/vfio-pci attach/vm/net0/persistent attach/vm/net0/live' steps host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_same "$lan ua-pcipass-net0" in_qemu vm
expect_driver $lan vfio-pci
removed() {
  twin_knows ".simulation.managedFrom[\"$lan\"] = \"igb\""
  expect_exit 0 pcipass apply none.yaml --yes
  twin_forgets
  expect_driver $lan igb
  expect_same '' defined vm
}
removed
virsh destroy vm

# Without the device, as where no udev makes it, for the next start of a guest that is off.
unloaded
modprobe -r vfio-iommu-type1
rm -f /dev/vfio/vfio
expect_same 'load/vfio-pci attach/vm/net0/persistent' steps host.yaml
expect_exit 0 pcipass apply host.yaml --yes
virsh start vm
expect_same "$lan ua-pcipass-net0" in_qemu vm
removed
virsh destroy vm

# The kernel makes the device when the module is loaded, and not again afterwards.
rm /dev/vfio/vfio
for state in off running; do
  [ $state = off ] || virsh start vm
  expect_refused '[unsupported]' pcipass apply host.yaml --yes
  expect_same '' defined vm
  expect_driver $lan igb
done
expect_same '' in_qemu vm
