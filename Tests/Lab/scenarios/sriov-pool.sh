# A PF is split into VFs: their number is set, changed as a whole, refused while in use, and restored.
# limit: 300
port=0000:03:00.0
vfs() { find "/sys/bus/pci/devices/$port/" -name 'virtfn*' -printf '%f\n' | wc -l; }
autoprobe() { cat "/sys/bus/pci/devices/$port/sriov_drivers_autoprobe"; }
pool() { host "pool $port, expect: {id: '8086:10c9'}, virtualFunctions: {count: $1}" >host.yaml; }
pool 4
# What is not there yet is shown where it will be.
expect_output "$port  create 4 VFs" pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out four.plan
expect_same 4 vfs
# Left to guests: the host's driver has taken none of them, and will not.
expect_driver 0000:03:10.0 none
modprobe igbvf
expect_driver 0000:03:10.0 none
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# Another number is another set: all go, all come.
pool 2
expect_output 'replace the 4 VFs with 2' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out two.plan
expect_same 2 vfs

# Whoever has one of them keeps all of them, and the kernel is not even asked.
bind_by_hand 0000:03:10.0 vfio-pci
guest-up vm deaf -device vfio-pci,host=0000:03:10.0,id=nic0,bus=port1
pool 3
expect_refused '[in-use]' pcipass plan host.yaml
expect_refused 'process' pcipass apply host.yaml --yes
expect_refused '[in-use]' pcipass rollback two.plan --yes
expect_same 2 vfs
guest_has vm nic0
# sriov_numvfs was not written: it can still be read.
expect_same 2 timeout 5 cat "/sys/bus/pci/devices/$port/sriov_numvfs"
end_guest vm

# A PF that has VFs is never handed out whole.
host "pool $port, expect: {id: '8086:10c9'}, reserve: true" >whole.yaml
expect_refused '[virtual-functions]' pcipass plan whole.yaml
expect_same 2 vfs

# Too many, and on a card that has none.
pool 8
expect_refused 'supports at most 7 VFs, not 8' pcipass plan host.yaml
host 'pool 0000:01:00.0, expect: {id: "8086:10d3"}, virtualFunctions: {count: 1}' >none.yaml
expect_refused 'has no SR-IOV capability' pcipass plan none.yaml

# Both plans can be taken back, one after the other.
expect_exit 0 pcipass rollback two.plan --yes
expect_same 4 vfs
expect_same 0 autoprobe
expect_exit 0 pcipass rollback four.plan --yes
expect_same 0 vfs
expect_same 1 autoprobe
expect_driver $port igb

# Or declared away.
pool 2
expect_exit 0 pcipass apply host.yaml --yes
pool 0
expect_exit 0 pcipass apply host.yaml --yes
expect_same 0 vfs
expect_same 1 autoprobe
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
