# An apply with a libvirt guest rolls back through the libvirt of the apply, even if the hostname
# has changed, as far as the guards allow.
# limit: 300
libvirt-up
# The library's default URI is another libvirt, which has none of the guests.
echo 'uri_default = "test:///default"' >libvirt.conf
mount --bind libvirt.conf /etc/libvirt/libvirt.conf
trap 'umount /etc/libvirt/libvirt.conf' EXIT
expect_output '/default' virsh uri
export LIBVIRT_DEFAULT_URI=qemu:///system
domain vm answers 1 >vm.xml
virsh define vm.xml
virsh start vm
{ host 'lan 0000:03:00.0' 'dmz 0000:02:00.0, reserve: true'; guest vm 'net0 lan'; } >host.yaml
standing >before
# Without a twin: it has no watchdog.
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 10s
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
# DHCP can change the hostname in this way.
hostname dhcp-17
wait_for 60 on igb 0000:03:00.0
let_go
expect_end 1 undone
expect_standing before
hostname hv01

# A rollback without --connect uses the URI that the apply got on its command line.
unset LIBVIRT_DEFAULT_URI
expect_exit 0 command pcipass apply host.yaml --yes --connect qemu:///system
hostname dhcp-17
expect_exit 0 command pcipass rollback --yes
hostname hv01
expect_exit 1 virsh dominfo vm
export LIBVIRT_DEFAULT_URI=qemu:///system
expect_standing before

# A step fails, and the earlier steps are left (--on-failure stop): they wait for confirmation, too.
# The definition cannot be written, because the file is a mount.
domain gone answers 1 >gone.xml
virsh define gone.xml
{ host 'lan 0000:03:00.0' 'dmz 0000:02:00.0'; guest vm 'net0 lan'; guest gone 'net0 dmz'; } >gone.yaml
mount --bind /etc/libvirt/qemu/gone.xml /etc/libvirt/qemu/gone.xml
expect_refused 'rolls back automatically in 8 seconds unless confirmed' \
  command pcipass apply gone.yaml --yes --on-failure stop --confirm-within 8s
expect_text 6 '[unconfirmed]' command pcipass status gone.yaml
umount /etc/libvirt/qemu/gone.xml
virsh undefine gone
wait_for 60 on igb 0000:03:00.0
let_go
expect_end "$(last_journal)" undone
expect_standing before

# One NIC cannot be rolled back, because a guest without libvirt has it; the other one is.
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 5s
guest-up other answers -device vfio-pci,host=0000:02:00.0,id=nic0,bus=port1
wait_for 60 on igb 0000:03:00.0
expect_same '' in_qemu vm
expect_driver 0000:02:00.0 vfio-pci
wait_for 30 grep -q unconfirmed "/var/lib/pcipass/journal/$(last_journal)"
expect_text 5 'not rolled back yet' command pcipass status host.yaml
end_guest other
wait_for 90 on igb 0000:02:00.0
let_go
expect_standing before
