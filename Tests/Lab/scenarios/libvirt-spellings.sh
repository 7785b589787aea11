# render accepts the spellings of a host function that libvirt accepts, and rejects those that
# libvirt refuses.
# limit: 200
libvirt-up
host 'lan 90:e2:ba:00:cd:ee' >host.yaml
guest vm 'net0 lan' >>host.yaml

# Each spelling is 0000:03:00.0 to libvirt; render finds the device and marks it, and libvirt
# accepts the result.
number=0
while read -r attributes; do
  number=$((number + 1))
  domain vm answers 1 "<hostdev type='pci' managed='yes'><source><address $attributes/></source></hostdev>" >vm.xml
  virsh define vm.xml
  expect_same '0000:03:00.0 - yes' defined vm
  expect_exit 0 pcipass render vm host.yaml --xml vm.xml >new.xml
  expect_same 1 grep -c '<hostdev' new.xml
  # XML without a UUID defines a new domain.
  virsh undefine vm
  virsh define new.xml
  expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
  virsh undefine vm
done <<'END'
bus='3'
bus='0x03' slot='0x00'
domain='0' bus='3' slot='0' function='0'
domain='0x0000' bus='0X3' slot='00' function='0x0'
bus=' +03' more='1'
END
[ "$number" = 5 ]

# The spellings that libvirt refuses.
while read -r attributes; do
  domain vm answers 1 "<hostdev type='pci'><source><address $attributes/></source></hostdev>" >vm.xml
  expect_exit 1 virsh define vm.xml
  expect_refused '[xml]' pcipass render vm host.yaml --xml vm.xml
done <<'END'
bus='3 '
bus='-3'
bus='08'
bus=''
bus='256'
bus='3' slot='32'
END

# The alias of the NIC on another device.
alias="<alias name='ua-pcipass-net0'/>"
domain vm answers 1 "<controller type='scsi' index='0'>$alias</controller>" >vm.xml
expect_refused '[alias]' pcipass render vm host.yaml --xml vm.xml
sed "s|</devices>|<hostdev type='pci'><source><address bus='3'/></source>$alias</hostdev></devices>|" vm.xml >both.xml
expect_refused 'non unique alias detected' virsh define both.xml
expect_same '' virsh list --all --name

# Another domain's XML.
domain other answers 1 >other.xml
expect_refused '[other-domain]' pcipass render vm host.yaml --xml other.xml
