# While the libvirt daemon hangs, plan and apply with --part host configure the host without it. The guest gets
# its NICs later.
# limit: 240
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
fleet() {  # prints the manifests with this number of VFs
  host 'lan 0000:03:00.0' "pool 0000:02:00.0, virtualFunctions: {count: $1}"
  guest vm 'net0 lan' 'net1 pool/1, mac: "52:54:00:00:00:01"'
}
fleet 2 >host.yaml
fleet 3 >more.yaml
daemon() { kill "-$1" "$(pgrep -x libvirtd)"; }
is_on() { [ "$(driver "$1")" = "$2" ]; }
vfs() { find /sys/bus/pci/devices/0000:02:00.0/ -name 'virtfn*' -printf '%f\n' | wc -l; }
expect_output '[not-looked-at]' pcipass plan host.yaml --part host

# Without a twin while the daemon hangs: no snapshot can be taken.
daemon STOP
SECONDS=0
expect_exit 2 command pcipass plan host.yaml --part host --detailed-exitcode --out host.plan
# The library of libvirt is not even loaded.
binary=$(type -P pcipass)
LD_DEBUG=files "$binary" plan host.yaml --part host >loaded 2>&1
grep -q "file=" loaded
expect_exit 1 grep 'libvirt\.so' loaded

# The undo of an apply that is not confirmed does not need the daemon either.
expect_exit 0 command pcipass apply host.plan --yes --confirm-within 5s
expect_driver 0000:03:00.0 vfio-pci
wait_for 20 is_on 0000:03:00.0 igb
wait_for 5 expect_same 0 vfs
wait_for 5 command pcipass plan host.yaml --part host

expect_exit 0 command pcipass apply host.yaml --part host --yes
expect_driver 0000:03:00.0 vfio-pci
expect_driver 0000:02:10.2 vfio-pci
expect_driver 0000:02:10.0 none
expect_output '52:54:00:00:00:01' ip link show dev "$(interface 0000:02:00.0)"
expect_output "No changes to the host's half." command pcipass plan host.yaml --part host --detailed-exitcode
expect_refused '[unavailable]' command pcipass apply more.yaml --part host --yes
expect_same 2 vfs
[ "$SECONDS" -le 25 ]

daemon CONT
expect_same '' defined vm
expect_output 'add to definition' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_same '0000:02:10.2 ua-pcipass-net1 yes
0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
# The guest has the NICs, so the first part stays until they are removed.
expect_refused '[in-use]' pcipass rollback 2 --yes
expect_exit 0 pcipass rollback --yes
expect_exit 0 pcipass rollback --yes
expect_driver 0000:03:00.0 igb
expect_same 0 vfs
