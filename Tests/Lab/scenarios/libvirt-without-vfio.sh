# libvirt neither loads vfio-pci nor assigns a NIC where /dev/vfio/vfio is missing: the plan always
# loads the module, and the apply is refused where the device is still missing.
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

# For a running guest.
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

# Without the device, as on a host without udev, for the next start of a guest that is off.
unloaded
modprobe -r vfio-iommu-type1
rm -f /dev/vfio/vfio
expect_same 'load/vfio-pci attach/vm/net0/persistent' steps host.yaml
expect_exit 0 pcipass apply host.yaml --yes
virsh start vm
expect_same "$lan ua-pcipass-net0" in_qemu vm
removed
virsh destroy vm

# The kernel creates the device when the module is loaded, and not again later.
rm /dev/vfio/vfio
for state in off running; do
  [ $state = off ] || virsh start vm
  expect_refused '[unsupported]' pcipass apply host.yaml --yes
  expect_same '' defined vm
  expect_driver $lan igb
done
expect_same '' in_qemu vm
