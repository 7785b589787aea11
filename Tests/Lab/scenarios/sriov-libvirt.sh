# VFs are assigned to libvirt guests with the MAC address and VLAN of the manifest, set by the PF or
# by libvirt.
# limit: 600
port=0000:03:00.0
name=$(interface $port)
ip link set "$name" up
# vf NUMBER: prints the settings of the VF at the PF, from ip(8)
vf() { ip -j link show "$name" | jq -c ".[0].vfinfo_list[$1] | [.address, .vlan_list[0].vlan, .vlan_list[0].qos, .trust, .spoofchk, .rate.max_tx]"; }
# interfaces DOMAIN [OPTION]: prints its interfaces of type hostdev
interfaces() { virsh dumpxml "$@" | sed -n "/<interface type='hostdev'/,/<\/interface>/p" | grep -E '<mac|<tag|<alias' | tr -s ' ' | paste -sd' '; }
libvirt-up
domain winxp answers 3 >winxp.xml
virsh define winxp.xml
virsh start winxp
{
  host 'pool 0000:03:00.0, virtualFunctions: {count: 3}'
  guest winxp \
    'dmz pool/0, mac: "52:54:00:6b:3c:58", vlan: {id: 120, qos: 3}, trust: true, spoofCheck: false, rate: {max: 200}' \
    'lan pool/1, as: interface, mac: "52:54:00:6b:3c:59", vlan: 130' 'plain pool/2'
} >host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out pool.plan
expect_same '["52:54:00:6b:3c:58",120,3,true,false,200]' vf 0
expect_same '["52:54:00:6b:3c:59",130,null,false,true,0]' vf 1
expect_same '0000:03:10.0 ua-pcipass-dmz
0000:03:10.2 ua-pcipass-lan
0000:03:10.4 ua-pcipass-plain' in_qemu winxp
interfaces winxp
interfaces winxp --inactive
# A MAC address that is not declared is not random: it is locally administered and the same at each
# boot.
stable=$(vf 2 | jq -r '.[0]')
case $stable in ?[26ae]:*) ;; *) fail "$stable is not locally administered" ;; esac
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# Lost settings are detected, and set again.
ip link set "$name" vf 0 vlan 0
ip link set "$name" vf 0 mac 02:00:00:00:00:01
ip link set "$name" vf 1 vlan 0
expect_output 'VLAN 120 qos 3' pcipass plan host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_same '["52:54:00:6b:3c:58",120,3,true,false,200]' vf 0
expect_same '["52:54:00:6b:3c:59",130,null,false,true,0]' vf 1

# The next guest does not inherit settings.
domain web answers 2 >web.xml
virsh define web.xml
sed -i 's/    - {name: dmz.*//' host.yaml
guest web 'net0 pool/0' >>host.yaml
expect_exit 0 pcipass apply host.yaml --yes --out moved.plan
vf 0
expect_same "$(vf 0 | jq -c '[.[0], null, null, false, true, 0]')" vf 0
expect_same '0000:03:10.0 ua-pcipass-net0 yes' defined web
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass rollback moved.plan --yes
expect_same '["52:54:00:6b:3c:58",120,3,true,false,200]' vf 0

# A setting that the driver does not support is refused in the plan.
sed -i 's/from: pool\/0/from: pool\/0, linkState: enable/' host.yaml
expect_refused '[unsupported]' pcipass plan host.yaml

# One rollback undoes all of it. libvirt restores the former settings of the interface's VF, which
# only libvirt has recorded.
twin_knows '.simulation.interfaceFrom["0000:03:10.2"] = {mac: "00:00:00:00:00:00", vlan: 0}'
expect_exit 0 pcipass rollback pool.plan --yes
expect_same '' in_qemu winxp
expect_same '' defined winxp
expect_same 0 bash -c "ls -d /sys/bus/pci/devices/$port/virtfn* 2>/dev/null | wc -l"
expect_driver $port igb
