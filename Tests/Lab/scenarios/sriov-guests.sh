# Two VFs of one port are assigned to a libvirt domain and a QEMU guest without libvirt. Lost VFs
# are created again. One rollback restores the initial state.
# limit: 900
port=0000:03:00.0
name=$(interface $port)
vf() { ip -j link show "$name" | jq -c ".[0].vfinfo_list[$1] | [.address, .vlan_list[0].vlan]"; }
vfs() { find "/sys/bus/pci/devices/$port/" -name 'virtfn*' | wc -l; }
libvirt-up
domain winxp answers 2 >winxp.xml
virsh define winxp.xml
virsh start winxp
guest-up vm answers
{
  host 'pool 0000:03:00.0, virtualFunctions: {count: 2}'
  guest winxp 'dmz pool/0, mac: "52:54:00:6b:3c:58", vlan: 120'
  guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'dmz pool/1, mac: "52:54:00:6b:3c:59", vlan: 130'
} >host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out pool.plan
expect_same '["52:54:00:6b:3c:58",120]' vf 0
expect_same '["52:54:00:6b:3c:59",130]' vf 1
expect_same '0000:03:10.0 ua-pcipass-dmz' in_qemu winxp
expect_same '"0000:03:10.2"' qmp vm qom-get '{"path": "/machine/peripheral/pcipass-dmz", "property": "host"}'
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# Another number of VFs is refused while the guests have theirs, with the names of both guests.
sed 's/count: 2/count: 4/' host.yaml >four.yaml
expect_refused 'winxp, live: 0000:03:10.0 as ua-pcipass-dmz' pcipass apply four.yaml --yes
expect_refused '/tmp/vm.qmp, live: 0000:03:10.2 as pcipass-dmz' pcipass plan four.yaml
expect_same 2 vfs

# One rollback undoes all of it while both guests run.
expect_exit 0 pcipass rollback pool.plan --yes
expect_same 0 vfs
expect_same '' in_qemu winxp
guest_lost vm pcipass-dmz
expect_same '' defined winxp
expect_driver $port igb

# The PF is rebound while both guests are off: the VFs are lost, and created again.
expect_exit 0 pcipass apply host.yaml --yes
virsh destroy winxp
end_guest vm
echo $port >/sys/bus/pci/drivers/igb/unbind
echo $port >/sys/bus/pci/drivers_probe
name=$(interface $port)
expect_same 0 vfs
expect_exit 0 pcipass apply host.yaml --yes
expect_same '["52:54:00:6b:3c:58",120]' vf 0
expect_same '["52:54:00:6b:3c:59",130]' vf 1
virsh start winxp
# shellcheck disable=SC2046
guest-up vm answers $(pcipass render vm host.yaml --qemu --root-ports)
expect_same '0000:03:10.0 ua-pcipass-dmz' in_qemu winxp
guest_has vm pcipass-dmz
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# Claims and VFs are removed in one apply: the devices are detached from the guests first.
{
  host 'pool 0000:03:00.0, virtualFunctions: {count: 0}'
  guest winxp
  guest vm 'qemu: {qmp: /tmp/vm.qmp}'
} >none.yaml
expect_exit 0 pcipass apply none.yaml --yes
expect_same 0 vfs
expect_same '' in_qemu winxp
guest_lost vm pcipass-dmz
