# Two NICs that are functions of one slot in the guest: libvirt hot-unplugs neither, QEMU
# hot-unplugs both.
# limit: 400
both=('lan 0000:03:00.0' 'wan 0000:02:00.0')
for address in 0000:03:00.0 0000:02:00.0; do bind_by_hand $address vfio-pci; done

# By libvirt.
libvirt-up
function_() {  # function_ BUS FUNCTION ATTRIBUTES: a hostdev of 0000:BUS:00.0 at that function of the slot 01:00
  echo "<hostdev mode='subsystem' type='pci' managed='yes'>
    <source><address domain='0x0000' bus='0x$1' slot='0x00' function='0x0'/></source>
    <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x$2' ${3:-}/></hostdev>"
}
domain multi answers 2 "$(function_ 03 0 "multifunction='on'")$(function_ 02 1)" >multi.xml
virsh define multi.xml
virsh dumpxml --inactive multi >before.xml
{ host "${both[@]}"; guest multi 'lan lan' 'wan wan'; } >both.yaml
{ host "${both[@]}"; guest multi 'wan wan'; } >wan.yaml
{ host "${both[@]}"; guest multi 'lan lan'; } >lan.yaml
expect_exit 0 pcipass apply both.yaml --yes
virsh dumpxml --inactive multi | grep -v 'ua-pcipass-' | diff before.xml - || fail 'more than marks has changed'
# The removal would leave a slot without function 0.
expect_refused '[guest-slot]' pcipass plan wan.yaml
expect_output 'remove 0000:02:00.0' pcipass plan lan.yaml --verbose
virsh start multi
expect_refused '[guest-slot]' pcipass apply wan.yaml --yes
expect_refused '[guest-slot]' pcipass apply lan.yaml --yes
expect_refused 'multifunction' virsh detach-device-alias multi ua-pcipass-wan --live
expect_same '0000:02:00.0 ua-pcipass-wan
0000:03:00.0 ua-pcipass-lan' in_qemu multi
virsh destroy multi
expect_exit 0 pcipass rollback --yes
virsh dumpxml --inactive multi | diff before.xml - || fail 'the definition is not as it was'
virsh undefine multi

# By QEMU alone.
guest-up q answers -device vfio-pci,host=0000:03:00.0,id=pcipass-lan,bus=port1,addr=0.0,multifunction=on \
  -device vfio-pci,host=0000:02:00.0,id=pcipass-wan,bus=port1,addr=0.1
{ host "${both[@]}"; guest q 'qemu: {qmp: /tmp/q.qmp}' 'wan wan'; } >q.yaml
expect_refused '[guest-slot]' pcipass apply q.yaml --yes
guest_has q pcipass-lan
# The reason: QEMU removes the other function of the slot, too.
qmp q device_del '{"id": "pcipass-lan"}'
wait_for 10 guest_lost q pcipass-lan
expect_exit 0 guest_lost q pcipass-wan
