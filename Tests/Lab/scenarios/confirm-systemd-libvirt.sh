# Where systemd runs, the unit of an apply with a libvirt guest rolls it back, even after the
# watchdog was killed.
# boot: systemd
# limit: 300
# The lab's D-Bus daemon is visible to libvirtd only: systemd and systemd-run would use it, and it
# is not connected to systemd.
mkdir -p /run/dbus
unshare --mount sh -c 'mount -t tmpfs dbus /run/dbus && libvirt-up'
domain vm answers 1 >vm.xml
virsh define vm.xml
virsh start vm
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan'; } >host.yaml
standing >before
watchdogs() { systemctl list-units --plain --no-legend --state=running 'pcipass-confirm-*'; }
no_watchdog() { [ -z "$(watchdogs)" ]; }
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 20s
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm
kill -KILL "$(command pcipass history --format json | jq '.runs[0].confirmation.watchdog')"
wait_for 60 on igb 0000:03:00.0
let_go
expect_end 1 undone
expect_same '' in_qemu vm
expect_standing before
wait_for 30 no_watchdog
