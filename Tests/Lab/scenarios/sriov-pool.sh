# A PF is split into VFs: their number is set, changed as a whole, refused while in use, and
# restored.
# limit: 300
port=0000:03:00.0
vfs() { find "/sys/bus/pci/devices/$port/" -name 'virtfn*' -printf '%f\n' | wc -l; }
autoprobe() { cat "/sys/bus/pci/devices/$port/sriov_drivers_autoprobe"; }
pool() { host "pool $port, expect: {id: '8086:10c9'}, virtualFunctions: {count: $1}" >host.yaml; }
pool 4
# The plan shows VFs that do not exist yet.
expect_output "$port  create 4 VFs" pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out four.plan
expect_same 4 vfs
# The VFs are left to guests: the native driver binds none of them, now or when it is loaded.
expect_driver 0000:03:10.0 none
modprobe igbvf
expect_driver 0000:03:10.0 none
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# Another number deletes all VFs and creates new ones.
pool 2
expect_output 'replace the 4 VFs with 2' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out two.plan
expect_same 2 vfs

# A VF in use keeps all VFs, and the kernel is not asked to change them.
bind_by_hand 0000:03:10.0 vfio-pci
guest-up vm deaf -device vfio-pci,host=0000:03:10.0,id=nic0,bus=port1
pool 3
expect_refused '[in-use]' pcipass plan host.yaml
expect_refused 'process' pcipass apply host.yaml --yes
expect_refused '[in-use]' pcipass rollback two.plan --yes
expect_same 2 vfs
guest_has vm nic0
# sriov_numvfs can still be read, so it was not written.
expect_same 2 timeout 5 cat "/sys/bus/pci/devices/$port/sriov_numvfs"
end_guest vm

# A PF with VFs is never assigned as a whole.
host "pool $port, expect: {id: '8086:10c9'}, reserve: true" >whole.yaml
expect_refused '[virtual-functions]' pcipass plan whole.yaml
expect_same 2 vfs

# Too many VFs, and VFs on a card without SR-IOV, are refused.
pool 8
expect_refused 'supports at most 7 VFs, not 8' pcipass plan host.yaml
host 'pool 0000:01:00.0, expect: {id: "8086:10d3"}, virtualFunctions: {count: 1}' >none.yaml
expect_refused 'has no SR-IOV capability' pcipass plan none.yaml

# Both plans can be rolled back, one after the other.
expect_exit 0 pcipass rollback two.plan --yes
expect_same 4 vfs
expect_same 0 autoprobe
expect_exit 0 pcipass rollback four.plan --yes
expect_same 0 vfs
expect_same 1 autoprobe
expect_driver $port igb

# The VFs can also be deleted by a manifest with count 0.
pool 2
expect_exit 0 pcipass apply host.yaml --yes
pool 0
expect_exit 0 pcipass apply host.yaml --yes
expect_same 0 vfs
expect_same 1 autoprobe
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
