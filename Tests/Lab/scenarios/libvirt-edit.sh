# Realistic definitions: the device is marked in place, by one define with one edited element, and a
# rollback edits it again. All else stays equal byte by byte, also passwords.
# limit: 500
libvirt-up
modprobe vfio-pci

# device BUS CHILDREN…: a hostdev of 0000:BUS:00.0
device() {
  echo "<hostdev mode='subsystem' type='pci' managed='yes'>
    <source><address domain='0x0000' bus='0x$1' slot='0x00' function='0x0'/></source>${*:2}</hostdev>"
}

# xml DOMAIN: prints its definition, with the parts that libvirt shows only to root
xml() { virsh dumpxml --inactive --security-info "$1"; }

# unmarked FILE: prints the definition without pcipass's marks
unmarked() { grep -v "<alias name='ua-pcipass-" "$1"; }

# there_and_back DOMAIN [SED]: import, apply and rollback; SED restores what the apply may change
there_and_back() {
  xml "$1" >"$1.before"
  rm -rf manifests
  expect_exit 0 command pcipass import --out manifests
  cat manifests/guests/*.yaml
  expect_exit 0 command pcipass apply manifests --yes
  xml "$1" >"$1.marked"
  diff "$1.before" "$1.marked" && fail "$1 has no mark"
  unmarked "$1.marked" | sed "${2:-}" | diff "$1.before" - || fail "$1 has more changes than a mark"
  expect_output 'No changes.' command pcipass plan manifests --detailed-exitcode
  grep -r 's3cr3t-x' /var/lib/pcipass && fail 'a password is in the state folder'
  expect_exit 0 command pcipass rollback --yes
  xml "$1" | diff "$1.before" - || fail "$1 is not as it was"
}

# only DOMAIN: defines this domain from its XML in the input, and no other
only() {
  for name in $(virsh list --all --name); do virsh undefine "$name"; done
  cat >"$1.xml"
  virsh define "$1.xml"
}

# The guest boots from the NIC, and has a console with a password.
domain pxe answers 2 "$(device 03 "<boot order='1'/><rom bar='off'/>")
  <graphics type='vnc' port='-1' passwd='s3cr3t-x'/>" | only pxe
there_and_back pxe
grep -q "passwd='s3cr3t-x'" pxe.before || fail 'there was no password'
grep -q "<boot order='1'/>" pxe.marked || fail 'the boot order is gone'

# The same device is removed and added again. In between, libvirt has added its own boot order.
pcipass apply manifests --yes
sed -i '/^  nics:/,$d' manifests/guests/pxe.yaml
echo '  nics: []' >>manifests/guests/pxe.yaml
xml pxe >pxe.marked
expect_exit 0 command pcipass apply manifests --yes
xml pxe | grep "<boot dev='hd'/>" || fail 'libvirt has added no boot order'
expect_exit 0 command pcipass rollback --yes
xml pxe | diff pxe.marked - || fail 'pxe is not as it was'

# The device is hidden from the guest.
domain unassigned answers 2 "$(device 03 "<address type='unassigned'/>")" | only unassigned
there_and_back unassigned

# Two devices, and the definition refers to the second by its generated alias.
domain override answers 3 "$(device 03)$(device 02)" | sed "
  s#^<domain type='qemu'>#<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>#
  s#^</domain>#<qemu:override><qemu:device alias='hostdev1'><qemu:frontend><qemu:property \
    name='x-pci-sub-device-id' type='unsigned' value='4660'/></qemu:frontend></qemu:device></qemu:override></domain>#" |
  only override
there_and_back override "s/qemu:device alias='ua-pcipass-[^']*'/qemu:device alias='hostdev1'/"
named=$(sed -n "s/.*<qemu:device alias='\([^']*\)'.*/\1/p" override.marked)
sed -n "/bus='0x02'/,/<alias/p" override.marked | grep "'$named'" || fail "the override names $named, another device"

# A teaming partner that takes over while the NIC is detached.
domain teaming answers 2 "<interface type='user'><mac address='52:54:00:00:00:11'/><model type='virtio'/>
  <teaming type='persistent'/><alias name='ua-backup0'/></interface>
  $(device 03 "<teaming type='transient' persistent='ua-backup0'/>")" | only teaming
there_and_back teaming

# A QEMU argument: libvirt does not evaluate it, so only pcipass refuses the NIC to another guest.
domain cmdline answers 2 | sed "
  s#^<domain type='qemu'>#<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>#
  s#^</domain>#<qemu:commandline><qemu:arg value='-device'/>\
    <qemu:arg value='vfio-pci,host=03:00.0,bus=pcie.0,addr=0x10'/></qemu:commandline></domain>#" | only cmdline
domain other answers 2 | virsh define /dev/stdin
expect_output '  0000:03:00.0: left out' command pcipass import
{ host 'lan 0000:03:00.0'; guest other 'lan lan'; } >other.yaml
expect_refused '[ownership]' pcipass plan other.yaml
{ host 'lan 0000:03:00.0'; guest cmdline 'lan lan'; } >own.yaml
expect_refused '[ownership]' pcipass plan own.yaml
command pcipass devices | grep '0000:03:00.0.*cmdline' || fail 'devices does not name the guest'

# The alias of another tool.
virsh undefine cmdline
virsh undefine other
domain tool answers 2 "$(device 03 "<alias name='ua-tool-net0'/>")" | virsh define /dev/stdin
{ host 'lan 0000:03:00.0'; guest tool 'lan lan'; } >tool.yaml
expect_refused 'ua-tool-net0' pcipass plan tool.yaml
{ host 'lan 0000:03:00.0, allow: [ownership], because: agreed'; guest tool 'lan lan'; } >allowed.yaml
expect_output 'alias ua-tool-net0 → ua-pcipass-lan' pcipass apply allowed.yaml --yes
expect_exit 0 pcipass rollback --yes
expect_same '0000:03:00.0 ua-tool-net0 yes' defined tool
