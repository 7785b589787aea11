# A host that was set up by hand, as the replaced procedures describe: the import equals its state,
# a plan of the import only marks the devices, and a second plan is empty.
# limit: 400
for id in "02" "03"; do
  cat >$id.xml <<END
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source>
    <address domain='0x0000' bus='0x$id' slot='0x00' function='0x0'/>
  </source>
</hostdev>
END
done

wan=$(interface 0000:02:00.0)

# By libvirt, cold: detached from the host, added to the XML, and the guest started.
libvirt-up
virsh nodedev-detach pci_0000_03_00_0
domain winxp answers 2 "$(cat 03.xml)" >winxp.xml
virsh define winxp.xml
virsh start winxp
# The NIC of a guest that is off stays on the host's driver.
domain web.example answers 1 "$(cat 02.xml)" >web.xml
virsh define web.xml
standing >before
expect_exit 0 command pcipass import --out cold
cat cold/hosts/*.yaml cold/guests/*.yaml
command pcipass validate cold
expect_same 'guests/web.example.yaml guests/winxp.yaml hosts/'"$(uname -n)"'.yaml' \
  bash -c 'cd cold; find . -type f -printf "%P\n" | sort | paste -sd" "'
expect_standing before
plan=$(command pcipass plan cold --format json)
expect_same '["edit"] ["0000:02:00.0","0000:03:00.0"] 0' jq -r '
  [([.steps[].action | keys[]] | unique | tojson), ([.steps[].action[] | .to.address] | unique | tojson),
   (.refusals | length)] | join(" ")' <<<"$plan"
# In a folder of snapshots with a host that is alike: one class, and the same plan.
mkdir snapshots
pcipass snapshot >"snapshots/$(uname -n).json"
jq '.host = "twin"' "snapshots/$(uname -n).json" >snapshots/twin.json
expect_exit 0 command pcipass import --state snapshots --out fleet
cat fleet/classes/*.yaml
expect_same 'guests/intel-82576/web.example.yaml guests/intel-82576/winxp.yaml' \
  bash -c 'cd fleet; find guests -type f | sort | paste -sd" "'
expect_same '["edit","edit","edit","edit"] 0' jq -r '
  [([.plans[].steps[].action | keys[]] | tojson), ([.plans[].refusals[]?] | length)] | join(" ")' \
  <<<"$(command pcipass plan fleet --state snapshots --format json)"
expect_exit 0 pcipass apply cold --yes
expect_same '0000:03:00.0 ua-pcipass-pci-0000-03-00-0 yes' defined winxp
expect_same "0000:02:00.0 ua-pcipass-$wan yes" defined web.example
# Only the definitions have changed.
expect_same '0000:03:00.0 hostdev0' in_qemu winxp
expect_driver 0000:03:00.0 vfio-pci
expect_driver 0000:02:00.0 igb
expect_output 'No changes.' pcipass plan cold --detailed-exitcode
# The fleet may have another name for a NIC that pcipass never saw on its native driver: only the mark differs.
expect_same 'true 0' jq -r '
  [([.steps[].action | keys[]] | unique | inside(["edit"]) | tojson), (.refusals | length)] | join(" ")' \
  <<<"$(command pcipass plan fleet --format json)"
expect_exit 0 command pcipass import --out again
diff -r cold again | grep '^[<>]' | grep -v '# ' && fail 'the second import differs from the first'
expect_exit 0 pcipass rollback --yes
virsh destroy winxp
virsh undefine web.example
virsh undefine winxp
virsh nodedev-reattach pci_0000_03_00_0
expect_driver 0000:03:00.0 igb

# By libvirt, hot: plugged into the running guest only.
domain winxp answers 2 >winxp.xml
virsh define winxp.xml
virsh start winxp
virsh nodedev-detach pci_0000_03_00_0
virsh attach-device winxp 03.xml
# By QEMU, hot, at the same time: the driver by driver_override and bind, the device by the monitor.
modprobe vfio-pci
echo 0000:02:00.0 >/sys/bus/pci/drivers/igb/unbind
echo vfio-pci >/sys/bus/pci/devices/0000:02:00.0/driver_override
echo 0000:02:00.0 >/sys/bus/pci/drivers/vfio-pci/bind
guest-up web answers
qmp web device_add '{"driver": "vfio-pci", "host": "0000:02:00.0", "id": "new_pci_device", "bus": "port1"}'
expect_exit 0 guest_has web new_pci_device
expect_output 'qemu-system-x86' command pcipass import
expect_exit 0 command pcipass import --qmp /tmp/web.qmp --out hot
cat hot/guests/*.yaml
plan=$(command pcipass plan hot --format json)
expect_same '["attach"] ["0000:03:00.0"] ["persistent"] 0' jq -r '
  [([.steps[].action | keys[]] | unique | tojson), ([.steps[].action[] | .hostdev.address] | unique | tojson),
   ([.steps[].action[] | .part] | unique | tojson), (.refusals | length)] | join(" ")' <<<"$plan"
expect_exit 0 pcipass apply hot --yes
expect_output 'No changes.' pcipass plan hot --detailed-exitcode
expect_exit 0 guest_has web new_pci_device
expect_same '0000:03:00.0 hostdev0' in_qemu winxp

# Existing files are kept.
echo '# mine' >hot/guests/winxp.yaml
expect_refused '[exists]' command pcipass import --qmp /tmp/web.qmp --out hot
expect_same '# mine' cat hot/guests/winxp.yaml

# By QEMU, cold: on the command line of a guest that was started by hand.
end_guest web
rm -r hot/guests/web.yaml
guest-up web answers -device vfio-pci,host=0000:02:00.0,id=hostdev7,bus=port1
expect_exit 0 guest_has web hostdev7
sed -i 's/.*/nothing/' hot/guests/winxp.yaml
expect_exit 0 command pcipass import --qmp /tmp/web.qmp --out hot --force
expect_output 'No changes.' pcipass plan hot --detailed-exitcode
expect_exit 0 guest_has web hostdev7
